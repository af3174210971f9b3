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

static long base_allocations, base_objects;

void tree_begin(void)
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

void tree_end(void)
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

int look_from(int dfd, const char *name, unsigned flags, u64 *ino)
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

int look(const char *name)
{
	return look_from(HERE, name, LOOKUP_FOLLOW, NULL);
}

u64 ino_of(const char *name)
{
	u64 ino;

	look_from(HERE, name, LOOKUP_FOLLOW, &ino);
	return ino;
}

bool same(const char *a, const char *b)
{
	u64 ino = ino_of(a);

	return ino && ino == ino_of(b);
}

void enter(const char *name, struct path *which)
{
	struct path p;

	CHECK_EQ(path_lookup(HERE, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p), 0);
	fs_ctx_set(which, &p);
}

static void plain_paths(void)
{
	char longest[NAME_MAX + 3];

	tree_begin();
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
	tree_end();
}

static void relative_paths(void)
{
	struct file *f;
	int fd;

	tree_begin();
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
	tree_end();
}

static void root_of_the_task(void)
{
	tree_begin();
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
	tree_end();
}

static void symlinks(void)
{
	char name[16], target[16];

	tree_begin();
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
	tree_end();
}

static void permissions(void)
{
	tree_begin();
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
	tree_end();
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
	tree_begin();
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
	tree_end();
}

static void making_and_removing(void)
{
	tree_begin();
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
	tree_end();
}

static void renaming(void)
{
	tree_begin();
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
	tree_end();
}

static void opening(void)
{
	struct file *f;

	tree_begin();
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
	tree_end();
}

static void names_of_places(void)
{
	char buf[256];
	struct path p, root;
	bool out;

	tree_begin();
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
	tree_end();
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
