/*
 * Path walk, the dentry cache, mounts and the verbs on names, over tmpfs: path_resolution(7) and the
 * ERRORS of the manual pages. The kernel around them is test_namei_kernel.c.
 *
 * Every test ends with nothing held: no lock, and after unmounting and a grace period no allocation more
 * than before.
 */
#include "test_namei.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/mount.h>

#include "fs/files.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "fs/mount.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "t.h"

#define HERE AT_FDCWD

static long base_allocations, base_objects;

/* A fresh tmpfs as root, with this: /d/e/f a file, /d700, /etc, /x a file. */
static void begin(void)
{
	struct mount *m;

	base_allocations = live_allocations;
	base_objects = live_pages_objects;
	become(0, ~0UL);
	m = mount_kernel("tmpfs");
	CHECK(!IS_ERR(m));
	mounts_lock();
	first_mnt_ns.root = m;
	mnt_ns_add(&first_mnt_ns, m); /* a place that things may be mounted on */
	mounts_unlock();
	init_root = (struct path){ m, m->root };
	m->root->inode->mode = S_IFDIR | 0755;
	current->fs = fs_ctx_create(&init_root);
	current->files = files_create();
	current->fs->umask = 0;
	CHECK_EQ(vfs_mkdir(HERE, "/d", 0755), 0);
	CHECK_EQ(vfs_mkdir(HERE, "/d/e", 0755), 0);
	CHECK_EQ(vfs_mknod(HERE, "/d/e/f", S_IFREG | 0644, 0), 0);
	CHECK_EQ(vfs_mkdir(HERE, "/d700", 0700), 0);
	CHECK_EQ(vfs_mkdir(HERE, "/etc", 0755), 0);
	CHECK_EQ(vfs_mknod(HERE, "/x", S_IFREG | 0644, 0), 0);
}

static void end(void)
{
	struct mount *m = init_root.mnt;

	fail_after = -1;
	become(0, ~0UL);
	files_put(current->files);
	fs_ctx_put(current->fs);
	current->fs = NULL;
	current->files = NULL;
	rcu_run();
	CHECK_EQ(atomic_read(&m->refs), 1);
	mounts_lock();
	mnt_ns_del(m);
	mounts_unlock();
	mount_put(m);
	rcu_run();
	CHECK_EQ(locks_held(), 0);
	CHECK_EQ(live_allocations, base_allocations);
	CHECK_EQ(live_pages_objects, base_objects);
}

/* 0 or -errno of a look-up; *ino gets who it is. */
static int look_from(int dfd, const char *name, unsigned flags, u64 *ino)
{
	struct path p;
	int err = path_lookup(dfd, name, flags, &p);

	if (ino)
		*ino = 0;
	if (err)
		return err;
	if (ino)
		*ino = p.dentry->inode->ino;
	path_put(&p);
	return 0;
}

static int look(const char *name)
{
	return look_from(HERE, name, LOOKUP_FOLLOW, NULL);
}

static u64 ino_of(const char *name)
{
	u64 ino;

	look_from(HERE, name, LOOKUP_FOLLOW, &ino);
	return ino;
}

static bool same(const char *a, const char *b)
{
	u64 ino = ino_of(a);

	return ino && ino == ino_of(b);
}

static void enter(const char *name, struct path *which)
{
	struct path p;

	CHECK_EQ(path_lookup(HERE, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p), 0);
	fs_ctx_set(which, &p);
}

static void plain_paths(void)
{
	char longest[NAME_MAX + 3];

	begin();
	CHECK_EQ(look("/"), 0);
	CHECK_EQ(look("/d/e/f"), 0);
	CHECK(same("/d/e/f", "//d///e/./f"));
	CHECK(same("/d/e", "/d/e/"));
	CHECK(same("/d/e", "/d/e/."));
	CHECK(same("/d", "/d/e/.."));
	CHECK(same("/d/e/f", "/d/../d/e/../e/f"));
	CHECK_EQ(look(""), -ENOENT);
	CHECK_EQ(look("/no"), -ENOENT);
	CHECK_EQ(look("/no/no"), -ENOENT);
	CHECK_EQ(look("/x/"), -ENOTDIR);
	CHECK_EQ(look("/x/."), -ENOTDIR);
	CHECK_EQ(look("/x/.."), -ENOTDIR);
	CHECK_EQ(look("/x/y"), -ENOTDIR);
	CHECK_EQ(look("/no/.."), -ENOENT);
	CHECK_EQ(look_from(HERE, "/x", LOOKUP_DIRECTORY, NULL), -ENOTDIR);
	memset(longest, 'n', sizeof(longest));
	longest[0] = '/';
	longest[NAME_MAX + 2] = '\0';
	CHECK_EQ(look(longest), -ENAMETOOLONG);
	CHECK_EQ(vfs_mkdir(HERE, longest, 0755), -ENAMETOOLONG);
	longest[NAME_MAX + 1] = '\0';
	CHECK_EQ(look(longest), -ENOENT);
	CHECK_EQ(vfs_mkdir(HERE, longest, 0755), 0);
	CHECK_EQ(look(longest), 0);
	end();
}

static void relative_paths(void)
{
	struct file *f;
	int fd;

	begin();
	enter("/d", &current->fs->cwd);
	CHECK(same("e/f", "/d/e/f"));
	CHECK(same(".", "/d"));
	CHECK(same("..", "/"));
	CHECK(same("../../..", "/"));
	f = file_open(HERE, "/d/e", O_RDONLY | O_DIRECTORY, 0);
	CHECK(!IS_ERR(f));
	fd = fd_open_file(f, 0);
	CHECK_EQ(look_from(fd, "f", 0, NULL), 0);
	CHECK_EQ(look_from(fd, "/x", 0, NULL), 0);
	CHECK_EQ(look_from(fd, "..", 0, NULL), 0);
	CHECK_EQ(look_from(fd, "", 0, NULL), -ENOENT);
	CHECK_EQ(look_from(fd, "", LOOKUP_EMPTY, NULL), 0);
	CHECK_EQ(look_from(fd + 1, "f", 0, NULL), -EBADF);
	CHECK_EQ(look_from(-1, "f", 0, NULL), -EBADF);
	CHECK_EQ(look_from(-1, "/x", 0, NULL), 0);
	fd_close(fd);
	f = file_open(HERE, "/x", O_PATH, 0);
	fd = fd_open_file(f, 0);
	CHECK_EQ(look_from(fd, "f", 0, NULL), -ENOTDIR);
	CHECK_EQ(look_from(fd, "", LOOKUP_EMPTY, NULL), 0);
	fd_close(fd);
	end();
}

static void root_of_the_task(void)
{
	begin();
	enter("/d", &current->fs->root);
	CHECK_EQ(look("/e/f"), 0);
	CHECK_EQ(look("/x"), -ENOENT);
	CHECK(same("/..", "/"));
	CHECK(same("/e/../../..", "/"));
	/* The working directory was left outside: from there the whole tree is in reach. */
	CHECK_EQ(look("x"), 0);
	enter("/e", &current->fs->cwd);
	CHECK(same("../..", "/"));
	CHECK_EQ(vfs_symlink("/e/f", HERE, "/abs"), 0);
	CHECK(same("/abs", "/e/f"));
	end();
}

static void symlinks(void)
{
	char name[16], target[16];

	begin();
	CHECK_EQ(vfs_symlink("d/e", HERE, "/rel"), 0);
	CHECK_EQ(vfs_symlink("/d/e/", HERE, "/abs"), 0);
	CHECK_EQ(vfs_symlink("../../x", HERE, "/d/e/up"), 0);
	CHECK_EQ(vfs_symlink("nowhere", HERE, "/dang"), 0);
	CHECK_EQ(vfs_symlink("self", HERE, "/self"), 0);
	CHECK_EQ(vfs_symlink("x", HERE, "/tofile"), 0);
	CHECK_EQ(vfs_symlink(".", HERE, "/dot"), 0);
	CHECK_EQ(vfs_symlink("rel/f", HERE, "/two"), 0);
	CHECK(same("/rel/f", "/d/e/f"));
	CHECK(same("/abs/f", "/d/e/f"));
	CHECK(same("/rel/up", "/x"));
	CHECK(same("/rel/..", "/d"));
	CHECK(same("/dot/dot/./dot/x", "/x"));
	CHECK(same("/two", "/d/e/f"));
	CHECK_EQ(look("/dang"), -ENOENT);
	CHECK_EQ(look("/dang/x"), -ENOENT);
	CHECK_EQ(look_from(HERE, "/dang", 0, NULL), 0);
	CHECK_EQ(look_from(HERE, "/rel/", 0, NULL), 0);
	CHECK_EQ(look_from(HERE, "/rel", LOOKUP_DIRECTORY, NULL), -ENOTDIR);
	CHECK_EQ(look_from(HERE, "/tofile/", 0, NULL), -ENOTDIR);
	CHECK_EQ(look("/self"), -ELOOP);
	CHECK_EQ(look("/self/x"), -ELOOP);
	CHECK_EQ(look_from(HERE, "/self", 0, NULL), 0);
	/* l0 -> x, l1 -> l0 ...: 40 links are followed, 41 not. */
	CHECK_EQ(vfs_symlink("x", HERE, "/l0"), 0);
	for (int i = 1; i <= 40; i++) {
		snprintf(name, sizeof(name), "/l%d", i);
		snprintf(target, sizeof(target), "l%d", i - 1);
		CHECK_EQ(vfs_symlink(target, HERE, name), 0);
	}
	CHECK_EQ(look("/l39"), 0);
	CHECK_EQ(look("/l40"), -ELOOP);
	CHECK_EQ(look_from(HERE, "/l40", 0, NULL), 0);
	end();
}

static void permissions(void)
{
	begin();
	CHECK_EQ(vfs_mknod(HERE, "/d700/f", S_IFREG | 0666, 0), 0);
	CHECK_EQ(vfs_mkdir(HERE, "/run", 0711), 0);
	CHECK_EQ(vfs_mknod(HERE, "/run/f", S_IFREG | 0600, 0), 0);
	CHECK_EQ(vfs_mkdir(HERE, "/read", 0744), 0);
	CHECK_EQ(vfs_mkdir(HERE, "/tmp", 01777), 0);
	CHECK_EQ(vfs_mknod(HERE, "/tmp/root", S_IFREG | 0666, 0), 0);
	become(1000, 0);
	CHECK_EQ(look("/d700"), 0);
	CHECK_EQ(look("/d700/f"), -EACCES);
	CHECK_EQ(look("/d700/."), -EACCES);
	CHECK_EQ(look("/d700/no"), -EACCES);
	CHECK_EQ(look("/run/f"), 0);
	CHECK_EQ(look("/read/no"), -EACCES);
	CHECK_EQ(vfs_mkdir(HERE, "/mine", 0755), -EACCES);
	CHECK_EQ(vfs_mkdir(HERE, "/etc", 0755), -EEXIST);
	CHECK_EQ(vfs_unlink(HERE, "/x"), -EACCES);
	CHECK_EQ(vfs_mknod(HERE, "/tmp/mine", S_IFREG | 0600, 0), 0);
	CHECK_EQ(vfs_mknod(HERE, "/tmp/chr", S_IFCHR | 0600, MKDEV(1, 3)), -EPERM);
	CHECK_EQ(vfs_unlink(HERE, "/tmp/root"), -EPERM);
	CHECK_EQ(vfs_rename(HERE, "/tmp/mine", HERE, "/tmp/root", 0), -EPERM);
	CHECK_EQ(vfs_rename(HERE, "/tmp/mine", HERE, "/tmp/mine2", 0), 0);
	CHECK_EQ(vfs_unlink(HERE, "/tmp/mine2"), 0);
	CHECK_EQ(PTR_ERR(file_open(HERE, "/run/f", O_RDONLY, 0)), -EACCES);
	CHECK_EQ(PTR_ERR(file_open(HERE, "/new", O_CREAT | O_WRONLY, 0644)), -EACCES);
	become(1000, 1UL << CAP_DAC_READ_SEARCH);
	CHECK_EQ(look("/d700/f"), 0);
	CHECK_EQ(vfs_unlink(HERE, "/d700/f"), -EACCES);
	become(1000, 1UL << CAP_DAC_OVERRIDE);
	CHECK_EQ(vfs_unlink(HERE, "/d700/f"), 0);
	end();
}

static int mount_on(const char *where, u64 flags)
{
	struct path p;
	int err = path_lookup(HERE, where, LOOKUP_FOLLOW, &p);

	if (err)
		return err;
	err = vfs_mount("none", &p, "tmpfs", flags, NULL);
	path_put(&p);
	return err;
}

static int umount_from(const char *where, int flags)
{
	struct path p;
	int err = path_lookup(HERE, where, LOOKUP_FOLLOW, &p);

	if (err)
		return err;
	return vfs_umount(&p, flags);
}

static void mounts(void)
{
	u64 under = 0, over;
	struct file *f;

	begin();
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
	end();
}

/* Mounts over mounts on one place: the top is what is seen, and the place is known from all. */
static void stacks(void)
{
	struct path low, top, p;
	char buf[100];
	bool away;

	begin();
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
	end();
}

static int resolve(const char *name, u32 how)
{
	struct path p;
	int err = path_lookup_resolve(HERE, name, LOOKUP_FOLLOW, how, &p);

	if (!err)
		path_put(&p);
	return err;
}

static void openat2_rules(void)
{
	begin();
	CHECK_EQ(vfs_symlink("e", HERE, "/d/ln"), 0);
	CHECK_EQ(vfs_symlink("/x", HERE, "/d/abs"), 0);
	CHECK_EQ(vfs_symlink("../x", HERE, "/d/up"), 0);
	CHECK_EQ(vfs_mknod(HERE, "/d/x", S_IFREG | 0644, 0), 0);
	CHECK_EQ(mount_on("/etc", 0), 0);
	enter("/d", &current->fs->cwd);
	CHECK_EQ(resolve("e/f", RESOLVE_BENEATH), 0);
	CHECK_EQ(resolve("e/../e/f", RESOLVE_BENEATH), 0);
	CHECK_EQ(resolve("..", RESOLVE_BENEATH), -EXDEV);
	CHECK_EQ(resolve("e/../../d/e", RESOLVE_BENEATH), -EXDEV);
	CHECK_EQ(resolve("/d/e", RESOLVE_BENEATH), -EXDEV);
	CHECK_EQ(resolve("abs", RESOLVE_BENEATH), -EXDEV);
	CHECK_EQ(resolve("up", RESOLVE_BENEATH), -EXDEV);
	CHECK_EQ(resolve("ln/f", RESOLVE_BENEATH), 0);
	CHECK_EQ(resolve("/e/f", RESOLVE_IN_ROOT), 0);
	CHECK_EQ(resolve("../../e/f", RESOLVE_IN_ROOT), 0);
	CHECK_EQ(resolve("abs", RESOLVE_IN_ROOT), 0);
	CHECK_EQ(resolve("up", RESOLVE_IN_ROOT), 0);
	CHECK_EQ(resolve("ln", RESOLVE_NO_SYMLINKS), -ELOOP);
	CHECK_EQ(resolve("ln/f", RESOLVE_NO_SYMLINKS), -ELOOP);
	CHECK_EQ(resolve("/etc", RESOLVE_NO_XDEV), -EXDEV);
	CHECK_EQ(resolve("/etc/.", RESOLVE_NO_XDEV), -EXDEV);
	CHECK_EQ(resolve("/d/e", RESOLVE_NO_XDEV), 0);
	enter("/etc", &current->fs->cwd);
	CHECK_EQ(resolve("..", RESOLVE_NO_XDEV), -EXDEV);
	enter("/", &current->fs->cwd);
	CHECK_EQ(umount_from("/etc", 0), 0);
	end();
}

static void making_and_removing(void)
{
	begin();
	CHECK_EQ(vfs_mkdir(HERE, "/d", 0755), -EEXIST);
	CHECK_EQ(vfs_mkdir(HERE, "/x", 0755), -EEXIST);
	CHECK_EQ(vfs_mkdir(HERE, "/", 0755), -EEXIST);
	CHECK_EQ(vfs_mkdir(HERE, "/d/.", 0755), -EEXIST);
	CHECK_EQ(vfs_mkdir(HERE, "/no/a", 0755), -ENOENT);
	CHECK_EQ(vfs_mkdir(HERE, "/x/a", 0755), -ENOTDIR);
	CHECK_EQ(vfs_mkdir(HERE, "", 0755), -ENOENT);
	CHECK_EQ(vfs_mkdir(HERE, "/new//", 0755), 0);
	CHECK_EQ(vfs_mknod(HERE, "/file/", S_IFREG, 0), -ENOENT);
	CHECK_EQ(vfs_mknod(HERE, "/n", S_IFDIR, 0), -EPERM);
	CHECK_EQ(vfs_unlink(HERE, "/d"), -EISDIR);
	CHECK_EQ(vfs_unlink(HERE, "/x/"), -ENOTDIR);
	CHECK_EQ(vfs_unlink(HERE, "/new/"), -EISDIR);
	CHECK_EQ(vfs_unlink(HERE, "/no"), -ENOENT);
	CHECK_EQ(vfs_rmdir(HERE, "/d"), -ENOTEMPTY);
	CHECK_EQ(vfs_rmdir(HERE, "/x"), -ENOTDIR);
	CHECK_EQ(vfs_rmdir(HERE, "/new/."), -EINVAL);
	CHECK_EQ(vfs_rmdir(HERE, "/new/.."), -ENOTEMPTY);
	CHECK_EQ(vfs_rmdir(HERE, "/"), -EBUSY);
	/* A removed directory that somebody stands in has no room for anything. */
	enter("/new", &current->fs->cwd);
	CHECK_EQ(vfs_rmdir(HERE, "/new/"), 0);
	CHECK_EQ(look("."), 0);
	CHECK_EQ(look("a"), -ENOENT);
	CHECK_EQ(vfs_mkdir(HERE, "a", 0755), -ENOENT);
	CHECK_EQ(PTR_ERR(file_open(HERE, "a", O_CREAT | O_RDWR, 0644)), -ENOENT);
	CHECK(same("..", "/"));
	enter("/", &current->fs->cwd);
	/* Negative dentries give way. */
	CHECK_EQ(look("/later"), -ENOENT);
	CHECK_EQ(vfs_mknod(HERE, "/later", S_IFREG | 0644, 0), 0);
	CHECK_EQ(look("/later"), 0);
	CHECK_EQ(vfs_unlink(HERE, "/later"), 0);
	CHECK_EQ(look("/later"), -ENOENT);
	end();
}

static void renaming(void)
{
	begin();
	CHECK_EQ(vfs_rename(HERE, "/no", HERE, "/a", 0), -ENOENT);
	CHECK_EQ(vfs_rename(HERE, "/x", HERE, "/no/a", 0), -ENOENT);
	CHECK_EQ(vfs_rename(HERE, "/d", HERE, "/d/e/d", 0), -EINVAL);
	CHECK_EQ(vfs_rename(HERE, "/d/e", HERE, "/d", 0), -ENOTEMPTY);
	CHECK_EQ(vfs_rename(HERE, "/etc", HERE, "/d", 0), -ENOTEMPTY);
	CHECK_EQ(vfs_rename(HERE, "/x", HERE, "/etc", 0), -EISDIR);
	CHECK_EQ(vfs_rename(HERE, "/etc", HERE, "/x", 0), -ENOTDIR);
	CHECK_EQ(vfs_rename(HERE, "/x", HERE, "/y/", 0), -ENOTDIR);
	CHECK_EQ(vfs_rename(HERE, "/d/.", HERE, "/y", 0), -EBUSY);
	CHECK_EQ(vfs_rename(HERE, "/", HERE, "/y", 0), -EBUSY);
	CHECK_EQ(vfs_rename(HERE, "/x", HERE, "/d/e/f", RENAME_NOREPLACE), -EEXIST);
	CHECK_EQ(vfs_rename(HERE, "/x", HERE, "/n", RENAME_NOREPLACE), 0);
	CHECK_EQ(vfs_rename(HERE, "/n", HERE, "/x", 0), 0);
	/* A directory takes its contents, cached names too, with it. */
	CHECK_EQ(look("/d/e/f"), 0);
	CHECK_EQ(vfs_rename(HERE, "/d/e", HERE,
			    "/etc/a_name_that_does_not_fit_into_the_dentry_itself", 0),
		 0);
	CHECK_EQ(look("/d/e/f"), -ENOENT);
	CHECK_EQ(look("/d/e"), -ENOENT);
	CHECK_EQ(look("/etc/a_name_that_does_not_fit_into_the_dentry_itself/f"), 0);
	CHECK(same("/etc/a_name_that_does_not_fit_into_the_dentry_itself/..", "/etc"));
	CHECK_EQ(vfs_rename(HERE, "/etc/a_name_that_does_not_fit_into_the_dentry_itself", HERE,
			    "/d/e", 0),
		 0);
	CHECK_EQ(look("/d/e/f"), 0);
	/* Over an empty directory, over a file. */
	CHECK_EQ(vfs_rename(HERE, "/d", HERE, "/etc", 0), 0);
	CHECK_EQ(look("/etc/e/f"), 0);
	CHECK_EQ(vfs_rename(HERE, "/x", HERE, "/etc/e/f", 0), 0);
	CHECK_EQ(look("/x"), -ENOENT);
	/* Two names of one file: nothing happens. */
	CHECK_EQ(vfs_link(HERE, "/etc/e/f", HERE, "/g", 0), 0);
	CHECK_EQ(vfs_rename(HERE, "/g", HERE, "/etc/e/f", 0), 0);
	CHECK(same("/g", "/etc/e/f"));
	/* Exchange: a file against a directory. */
	CHECK_EQ(vfs_rename(HERE, "/g", HERE, "/etc", RENAME_EXCHANGE), 0);
	CHECK(same("/etc", "/g/e/f"));
	CHECK_EQ(vfs_rename(HERE, "/g", HERE, "/g/e", RENAME_EXCHANGE), -EINVAL);
	CHECK_EQ(vfs_rename(HERE, "/g", HERE, "/no", RENAME_EXCHANGE), -ENOENT);
	CHECK_EQ(vfs_rename(HERE, "/g", HERE, "/h", RENAME_WHITEOUT | RENAME_EXCHANGE), -EINVAL);
	/* A whiteout stays where it was. */
	CHECK_EQ(vfs_rename(HERE, "/g", HERE, "/h", RENAME_WHITEOUT), 0);
	CHECK(same("/etc", "/h/e/f"));
	CHECK_EQ(look("/g"), 0);
	end();
}

static void opening(void)
{
	struct file *f;

	begin();
	CHECK_EQ(vfs_symlink("made", HERE, "/dang"), 0);
	CHECK_EQ(vfs_symlink("x", HERE, "/ln"), 0);
	CHECK_EQ(PTR_ERR(file_open(HERE, "/ln", O_RDONLY | O_NOFOLLOW, 0)), -ELOOP);
	CHECK_EQ(PTR_ERR(file_open(HERE, "/ln", O_CREAT | O_EXCL | O_RDWR, 0)), -EEXIST);
	CHECK_EQ(PTR_ERR(file_open(HERE, "/d", O_WRONLY, 0)), -EISDIR);
	CHECK_EQ(PTR_ERR(file_open(HERE, "/d", O_CREAT | O_RDONLY, 0)), -EISDIR);
	CHECK_EQ(PTR_ERR(file_open(HERE, "/d/", O_CREAT | O_RDWR, 0)), -EISDIR);
	CHECK_EQ(PTR_ERR(file_open(HERE, "/new/", O_CREAT | O_RDWR, 0)), -EISDIR);
	CHECK_EQ(PTR_ERR(file_open(HERE, "/x", O_RDONLY | O_DIRECTORY, 0)), -ENOTDIR);
	CHECK_EQ(PTR_ERR(file_open(HERE, "/x/a", O_CREAT | O_RDWR, 0)), -ENOTDIR);
	CHECK_EQ(PTR_ERR(file_open(HERE, "/no/a", O_CREAT | O_RDWR, 0)), -ENOENT);
	f = file_open(HERE, "/dang", O_CREAT | O_RDWR, 0644);
	CHECK(!IS_ERR(f) && (f->mode & FMODE_CREATED));
	file_put(f);
	CHECK_EQ(look("/made"), 0);
	f = file_open(HERE, "/made", O_CREAT | O_RDWR, 0644);
	CHECK(!IS_ERR(f) && !(f->mode & FMODE_CREATED));
	/* ETXTBSY both ways. */
	CHECK_EQ(inode_deny_write(f->inode), -ETXTBSY);
	file_put(f);
	f = file_open(HERE, "/made", O_RDONLY, 0);
	CHECK_EQ(inode_deny_write(f->inode), 0);
	CHECK_EQ(PTR_ERR(file_open(HERE, "/made", O_WRONLY, 0)), -ETXTBSY);
	inode_allow_write(f->inode);
	/* Unlinked, it stays until it is closed. */
	CHECK_EQ(vfs_unlink(HERE, "/made"), 0);
	CHECK_EQ(f->inode->nlink, 0);
	file_put(f);
	f = file_open(HERE, "/d", O_TMPFILE | O_RDWR, 0600);
	CHECK(!IS_ERR(f) && f->inode->nlink == 0);
	file_put(f);
	end();
}

static void names_of_places(void)
{
	char buf[256];
	struct path p, root;
	bool out;

	begin();
	fs_ctx_root(&root);
	CHECK_EQ(path_lookup(HERE, "/d/e/f", 0, &p), 0);
	CHECK_STR(d_path(&p, &root, buf, sizeof(buf), &out), "/d/e/f");
	CHECK(!out);
	CHECK_EQ(PTR_ERR(d_path(&p, &root, buf, 6, &out)), -ENAMETOOLONG);
	CHECK_EQ(vfs_rename(HERE, "/d", HERE, "/dd", 0), 0);
	CHECK_STR(d_path(&p, &root, buf, sizeof(buf), &out), "/dd/e/f");
	CHECK_EQ(vfs_unlink(HERE, "/dd/e/f"), 0);
	CHECK_STR(d_path(&p, &root, buf, sizeof(buf), &out), "/dd/e/f (deleted)");
	path_put(&p);
	CHECK_STR(d_path(&root, &root, buf, sizeof(buf), &out), "/");
	CHECK_EQ(mount_on("/etc", 0), 0);
	CHECK_EQ(vfs_mkdir(HERE, "/etc/a", 0755), 0);
	CHECK_EQ(path_lookup(HERE, "/etc/a", 0, &p), 0);
	CHECK_STR(d_path(&p, &root, buf, sizeof(buf), &out), "/etc/a");
	path_put(&root);
	CHECK_EQ(path_lookup(HERE, "/dd", 0, &root), 0);
	CHECK_STR(d_path(&p, &root, buf, sizeof(buf), &out), "/etc/a");
	CHECK(out);
	path_put(&p);
	path_put(&root);
	CHECK_EQ(umount_from("/etc", 0), 0);
	end();
}

/* --- random trees --- */

static const char *const words[] = {
	"a", "b", "c", "dd", ".", "..", "a_rather_long_name_of_more_than_forty_bytes_in_all"
};

static const char *random_path(char *buf, size_t size)
{
	int n = 1 + (int)t_below(1 + t_below(4));

	buf[0] = '\0';
	if (t_below(4))
		strlcat(buf, "/", size);
	for (int i = 0; i < n; i++) {
		if (i)
			strlcat(buf, t_below(8) ? "/" : "//", size);
		strlcat(buf, words[t_below(t_below(3) ? 4 : ARRAY_SIZE(words))], size);
	}
	if (!t_below(8))
		strlcat(buf, "/", size);
	return buf;
}

static int random_change(void)
{
	char a[300], b[300];
	struct file *f;

	random_path(a, sizeof(a));
	random_path(b, sizeof(b));
	switch (t_below(12)) {
	case 0 ... 3:
		return vfs_mkdir(HERE, a, 0755);
	case 4:
	case 5:
		f = file_open(HERE, a, O_CREAT | O_RDWR, 0644);
		if (IS_ERR(f))
			return (int)PTR_ERR(f);
		file_put(f);
		return 0;
	case 6:
		return vfs_unlink(HERE, a);
	case 7:
		return vfs_rmdir(HERE, a);
	case 8:
		return vfs_symlink(b, HERE, a);
	case 9:
		return vfs_link(HERE, a, HERE, b, 0);
	case 10:
		return vfs_rename(HERE, a, HERE, b, t_below(4) ? 0 : RENAME_EXCHANGE);
	default: {
		struct path p;
		int err = path_lookup(HERE, a, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

		if (!err)
			fs_ctx_set(&current->fs->cwd, &p);
		return err;
	}
	}
}

/* What the cache says is what the file system says when the cache is empty. */
static void warm_is_cold(void)
{
	char paths[8][300];
	u64 warm[8], cold;
	int err[8];

	for (int round = 0; round < 20 && !t.failed; round++) {
		begin();
		for (int step = 0; step < 200 && !t.failed; step++) {
			random_change();
			CHECK_EQ(locks_held(), 0);
			for (int i = 0; i < 8; i++) {
				random_path(paths[i], sizeof(paths[i]));
				err[i] = look_from(HERE, paths[i], i & 1 ? LOOKUP_FOLLOW : 0,
						   &warm[i]);
			}
			if (!t_below(3))
				dcache_shrink(~0UL);
			rcu_run();
			for (int i = 0; i < 8; i++) {
				int again =
					look_from(HERE, paths[i], i & 1 ? LOOKUP_FOLLOW : 0, &cold);

				if (again != err[i] || cold != warm[i])
					FAIL("%s was %d, inode %lu; then %d, inode %lu", paths[i],
					     err[i], (unsigned long)warm[i], again,
					     (unsigned long)cold);
			}
		}
		end();
	}
}

/* Memory runs out at some allocation of each change: it fails with ENOMEM (or works), and nothing leaks. */
static void out_of_memory(void)
{
	for (int round = 0; round < 10 && !t.failed; round++) {
		begin();
		for (int step = 0; step < 300 && !t.failed; step++) {
			fail_after = (long)t_below(6);
			random_change();
			fail_after = -1;
			CHECK_EQ(locks_held(), 0);
			rcu_run();
		}
		CHECK_EQ(look("/"), 0);
		end();
	}
}

int main(void)
{
	kernel_start();
	RUN(plain_paths);
	RUN(relative_paths);
	RUN(root_of_the_task);
	RUN(symlinks);
	RUN(permissions);
	RUN(mounts);
	RUN(stacks);
	RUN(openat2_rules);
	RUN(making_and_removing);
	RUN(renaming);
	RUN(opening);
	RUN(names_of_places);
	RUN(warm_is_cold);
	RUN(out_of_memory);
	return t_done();
}
