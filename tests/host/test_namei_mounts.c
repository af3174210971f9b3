/* Path walk over mounts, and mounts over mounts: part of test_namei. */
#include "test_namei.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/mount.h>

#include "fs/files.h"
#include "fs/internal.h"
#include "fs/mount.h"
#include "lib/string.h"
#include "t.h"

int mount_on(const char *where, u64 flags)
{
	struct path p;
	int err = path_lookup(HERE, where, LOOKUP_FOLLOW, &p);

	if (err)
		return err;
	err = vfs_mount("none", &p, "tmpfs", flags, NULL);
	path_put(&p);
	return err;
}

int umount_from(const char *where, int flags)
{
	struct path p;
	int err = path_lookup(HERE, where, LOOKUP_FOLLOW, &p);

	if (err)
		return err;
	return vfs_umount(&p, flags);
}

void mounts(void)
{
	u64 under = 0, over;
	struct file *f;

	tree_begin();
	under = ino_of("/d/e");
	CHECK_EQ(mount_on("/d/e", 0), 0);
	over = ino_of("/d/e");
	CHECK(over && (over != under || look("/d/e/f") == -ENOENT));
	CHECK_EQ(look("/d/e/f"), -ENOENT);
	CHECK(same("/d/e/..", "/d"));
	CHECK_EQ(vfs_mkdir(HERE, "/d/e/in", 0755), 0);
	CHECK(same("/d/e/in/../../e/in", "/d/e/in"));
	CHECK_EQ(vfs_rmdir(HERE, "/d/e"), -EBUSY);
	CHECK_EQ(vfs_rename(HERE, "/d/e", HERE, "/moved", 0), -EBUSY);
	CHECK_EQ(vfs_rename(HERE, "/x", HERE, "/d/e/x", 0), -EXDEV);
	CHECK_EQ(vfs_link(HERE, "/x", HERE, "/d/e/x", 0), -EXDEV);
	CHECK_EQ(mount_on("/d/e", 0), 0); /* a second on top */
	CHECK_EQ(look("/d/e/in"), -ENOENT);
	CHECK(same("/d/e/..", "/d"));
	CHECK_EQ(umount_from("/d/e", 0), 0);
	CHECK_EQ(look("/d/e/in"), 0);
	CHECK_EQ(umount_from("/d/e/in", 0), -EINVAL);
	f = file_open(HERE, "/d/e/in", O_RDONLY, 0);
	CHECK_EQ(umount_from("/d/e", 0), -EBUSY);
	file_put(f);
	CHECK_EQ(umount_from("/d/e", MNT_EXPIRE), -EAGAIN);
	CHECK_EQ(look("/d/e/in"), 0); /* used: begins again */
	CHECK_EQ(umount_from("/d/e", MNT_EXPIRE), -EAGAIN);
	CHECK_EQ(umount_from("/d/e", MNT_EXPIRE), 0);
	CHECK_EQ(look("/d/e/f"), 0);
	CHECK_EQ(umount_from("/d/e", 0), -EINVAL);
	CHECK_EQ(umount_from("/", MNT_DETACH), -EINVAL);
	CHECK_EQ(mount_on("/etc", MS_RDONLY), 0);
	CHECK_EQ(vfs_mkdir(HERE, "/etc/no", 0755), -EROFS);
	CHECK_EQ(PTR_ERR(file_open(HERE, "/etc/no", O_CREAT | O_RDWR, 0644)), -EROFS);
	f = file_open(HERE, "/etc", O_RDONLY, 0);
	CHECK(!IS_ERR(f));
	CHECK_EQ(umount_from("/etc", MNT_DETACH), 0);
	CHECK_EQ(look("/etc"), 0);
	file_put(f);
	tree_end();
}

/* Mounts over mounts on one place: the top is what is seen, and the place is known from all. */
void stacks(void)
{
	struct path low, top, p;
	char buf[100];
	bool away;

	tree_begin();
	CHECK_EQ(vfs_mkdir(HERE, "/s", 0755), 0);
	CHECK_EQ(mount_on("/s", 0), 0);
	CHECK_EQ(path_lookup(HERE, "/s", 0, &low), 0);
	for (int i = 0; i < 5; i++) {
		CHECK_EQ(mount_on("/s", 0), 0);
		CHECK_EQ(vfs_mkdir(HERE, i & 1 ? "/s/odd" : "/s/even", 0755), 0);
	}
	CHECK_EQ(mount_on("/s/even", 0), 0);
	CHECK_EQ(vfs_mkdir(HERE, "/s/even/in", 0755), 0);
	CHECK_EQ(path_lookup(HERE, "/s", 0, &top), 0);
	CHECK(top.mnt != low.mnt && top.mnt->base == low.mnt && low.mnt->top == top.mnt);
	CHECK(str_equal(d_path(&top, &init_root, buf, sizeof(buf), &away), "/s") && !away);
	CHECK(str_equal(d_path(&low, &init_root, buf, sizeof(buf), &away), "/s") && !away);
	CHECK(str_equal(d_path(&top, &low, buf, sizeof(buf), &away), "/") && !away);
	CHECK_EQ(path_lookup(HERE, "/s/even/in", 0, &p), 0);
	CHECK(str_equal(d_path(&p, &init_root, buf, sizeof(buf), &away), "/s/even/in"));
	path_put(&p);
	CHECK(same("/s/even/in/../../..", "/"));
	/* Who is in one that is covered comes out on top. */
	p = low;
	path_get(&p);
	path_cross(&p);
	CHECK(p.mnt == top.mnt && p.dentry == top.dentry);
	path_put(&p);
	/* Onto one that is covered meanwhile: it goes on top all the same. */
	CHECK_EQ(vfs_mount("t", &low, "tmpfs", 0, NULL), 0);
	CHECK_EQ(look("/s/even"), -ENOENT);
	CHECK_EQ(umount_from("/s", 0), 0);
	path_put(&top);
	CHECK_EQ(umount_from("/s", 0), -EBUSY);
	CHECK_EQ(umount_from("/s/even", 0), 0);
	for (int i = 4; i >= 0; i--) {
		CHECK_EQ(look(i & 1 ? "/s/odd" : "/s/even"), 0);
		CHECK_EQ(umount_from("/s", 0), 0);
	}
	CHECK_EQ(umount_from("/s", 0), -EBUSY);
	path_put(&low);
	CHECK_EQ(umount_from("/s", 0), 0);
	CHECK_EQ(vfs_rmdir(HERE, "/s"), 0);
	/* All at once, with what hangs below. */
	CHECK_EQ(vfs_mkdir(HERE, "/s", 0755), 0);
	for (int i = 0; i < 4; i++) {
		CHECK_EQ(mount_on("/s", 0), 0);
		CHECK_EQ(vfs_mkdir(HERE, "/s/a", 0755), 0);
		CHECK_EQ(mount_on("/s/a", 0), 0);
	}
	CHECK_EQ(umount_from("/s", MNT_DETACH), 0);
	CHECK_EQ(look("/s/a"), 0);
	CHECK_EQ(umount_from("/s", MNT_DETACH), 0);
	CHECK_EQ(path_lookup(HERE, "/s", 0, &top), 0);
	low = (struct path){ top.mnt->base, top.mnt->base->root };
	path_get(&low);
	CHECK_EQ(vfs_umount(&low, MNT_DETACH), 0);
	path_put(&top);
	CHECK_EQ(look("/s/a"), -ENOENT);
	CHECK_EQ(vfs_rmdir(HERE, "/s"), 0);
	tree_end();
}
