/*
 * A folder as a tree. Interface in host_tree.h. Files of several names are told by
 * device and inode number, holes by SEEK_DATA.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "host_tree.h"
#include "image.h"

/* A file that data comes from, opened while it is read: one at a time. */
struct host_file {
	struct tar_source src; /* first */
	struct host_file *next;
	char *path;
};

static struct host_file *files, *opened;
static int opened_fd = -1;

struct linked {
	dev_t dev;
	ino_t ino;
	struct tar_node *node;
};

struct adding {
	struct tar_tree *t;
	bool root_owned;
	struct stat skip; /* the image itself, when it lies in the folder */
	void *linked; /* tsearch(3)'s: files of several names */
	struct todo *todo;
};

/* Folders whose entries have not been read yet. */
struct todo {
	struct todo *next;
	struct tar_node *dir;
	char path[];
};

static int host_read(struct tar_source *src, u64 off, void *buf, size_t n)
{
	struct host_file *f = (struct host_file *)src;
	char *to = buf;

	if (opened != f) {
		if (opened_fd >= 0)
			close(opened_fd);
		opened_fd = open(f->path, O_RDONLY | O_CLOEXEC);
		opened = f;
		if (opened_fd < 0)
			return complain_errno(-errno, "%s", f->path);
	}
	while (n) {
		ssize_t got = pread(opened_fd, to, n, (off_t)off);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return complain_errno(got ? -errno : -EIO, "%s%s", f->path,
					      got ? "" : ": changed while it was read");
		to += got;
		off += (u64)got;
		n -= (size_t)got;
	}
	return 0;
}

static int linked_order(const void *a, const void *b)
{
	const struct linked *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

static void set_time(const struct timespec *ts, s64 *sec, u32 *nsec)
{
	*sec = ts->tv_sec;
	*nsec = (u32)ts->tv_nsec;
}

static int take_xattrs(struct tar_node *n, const char *path)
{
	static char names[65536], value[65536];
	ssize_t len = llistxattr(path, names, sizeof(names));

	for (char *name = names; len > 0 && name < names + len; name += strlen(name) + 1) {
		ssize_t got = lgetxattr(path, name, value, sizeof(value));
		struct tar_xattr *x;

		if (got < 0)
			continue;
		x = tar_xattr_new(name, strlen(name), value, (size_t)got);
		if (!x)
			return -ENOMEM;
		x->next = n->xattrs;
		n->xattrs = x;
	}
	return 0;
}

/* Where the data of a file with holes lies. */
static int take_holes(struct tar_node *n, const char *path, u64 size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t from = 0, to;
	int err = fd < 0 ? -errno : 0;
	u32 cap = 0;

	while (!err && (u64)from < size && (from = lseek(fd, from, SEEK_DATA)) >= 0) {
		to = lseek(fd, from, SEEK_HOLE);
		if (to < 0 || (u64)to > size)
			to = (off_t)size;
		if (n->extents == cap) {
			struct tar_extent *more;

			cap = cap ? 2 * cap : 8;
			more = realloc(n->file.map, cap * sizeof(*more));
			if (!more) {
				err = -ENOMEM;
				break;
			}
			n->file.map = more;
		}
		n->file.map[n->extents++] = (struct tar_extent){ .off = (u64)from,
								 .len = (u64)(to - from),
								 .at = (u64)from };
		from = to;
	}
	if (fd >= 0)
		close(fd);
	if (!err && n->extents == 1 && n->file.map[0].len == size) {
		free(n->file.map);
		n->file.map = NULL;
		n->extents = 0;
	}
	if (!err && !n->extents && !n->file.map && from < 0)
		n->file.src = NULL; /* nothing but a hole */
	return err;
}

static int take_file(struct tar_node *n, const char *path, const struct stat *st)
{
	struct host_file *f = calloc(1, sizeof(*f));

	if (!f || !(f->path = strdup(path))) {
		free(f);
		return -ENOMEM;
	}
	f->src = (struct tar_source){ .read = host_read, .size = (u64)st->st_size };
	f->next = files;
	files = f;
	n->size = n->file.data_size = (u64)st->st_size;
	n->file.src = &f->src;
	return (u64)st->st_blocks * 512 < n->size ? take_holes(n, path, n->size) : 0;
}

static int take_target(struct tar_node *n, const char *path)
{
	static char target[TAR_PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target));

	if (len < 0)
		return -errno;
	if (len == 0 || len == sizeof(target))
		return -ENAMETOOLONG;
	n->target = malloc((size_t)len + 1);
	if (!n->target)
		return -ENOMEM;
	memcpy(n->target, target, (size_t)len);
	n->target[len] = '\0';
	n->size = (u64)len;
	return 0;
}

static void take_attributes(struct adding *a, struct tar_node *n, const struct stat *st)
{
	n->mode = (u16)(st->st_mode & 07777);
	n->uid = a->root_owned ? 0 : st->st_uid;
	n->gid = a->root_owned ? 0 : st->st_gid;
	n->archive = 1;
	set_time(&st->st_mtim, &n->mtime, &n->mtime_nsec);
	set_time(&st->st_atim, &n->atime, &n->atime_nsec);
	set_time(&st->st_ctim, &n->ctime, &n->ctime_nsec);
}

static int remember_dir(struct adding *a, struct tar_node *dir, const char *path)
{
	struct todo *t = malloc(sizeof(*t) + strlen(path) + 1);

	if (!t)
		return -ENOMEM;
	t->dir = dir;
	strcpy(t->path, path);
	t->next = a->todo;
	a->todo = t;
	return 0;
}

static int type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return TAR_FILE;
	case S_IFDIR:
		return TAR_DIR;
	case S_IFLNK:
		return TAR_SYMLINK;
	case S_IFCHR:
		return TAR_CHAR;
	case S_IFBLK:
		return TAR_BLOCKDEV;
	case S_IFIFO:
		return TAR_FIFO;
	default:
		return -1;
	}
}

/* The node of what stands at path; NULL in *out for what an archive can't hold. */
static int make_node(struct adding *a, const char *path, const struct stat *st,
		     struct tar_node **out)
{
	int type = type_of(st->st_mode), err = 0;
	struct tar_node *n;

	*out = NULL;
	if (type < 0) {
		complain("%s: a socket, left out", path);
		return 0;
	}
	n = tar_node_new(a->t, (enum tar_type)type);
	if (!n)
		return -ENOMEM;
	take_attributes(a, n, st);
	switch (type) {
	case TAR_FILE:
		err = take_file(n, path, st);
		break;
	case TAR_SYMLINK:
		err = take_target(n, path);
		break;
	case TAR_CHAR:
	case TAR_BLOCKDEV:
		n->dev.major = major(st->st_rdev);
		n->dev.minor = minor(st->st_rdev);
		break;
	case TAR_DIR:
		err = remember_dir(a, n, path);
		break;
	default:
		break;
	}
	if (!err)
		err = take_xattrs(n, path);
	if (err)
		tar_node_free(a->t, n);
	else
		*out = n;
	return err;
}

static int add_entry(struct adding *a, struct tar_node *dir, const char *path, const char *name)
{
	struct linked *key = NULL, **found;
	struct tar_node *n = NULL;
	struct stat st;
	int err;

	if (lstat(path, &st))
		return -errno;
	if (st.st_dev == a->skip.st_dev && st.st_ino == a->skip.st_ino)
		return 0;
	if (!S_ISDIR(st.st_mode) && st.st_nlink > 1) {
		key = malloc(sizeof(*key));
		if (!key)
			return -ENOMEM;
		*key = (struct linked){ .dev = st.st_dev, .ino = st.st_ino };
		found = tsearch(key, &a->linked, linked_order);
		if (!found) {
			free(key);
			return -ENOMEM;
		}
		if (*found != key)
			free(key);
		key = *found;
		n = key->node;
	}
	if (!n) {
		err = make_node(a, path, &st, &n);
		if (err || !n)
			return err;
		if (key)
			key->node = n;
	}
	err = tar_link(dir, name, strlen(name), n);
	if (err && !n->nlink && !key)
		tar_node_free(a->t, n);
	return err;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* One folder's entries, in the order of their names, so that the same input gives the same image. */
static int add_dir(struct adding *a, const struct todo *d)
{
	struct dirent **list;
	int n = scandir(d->path, &list, NULL, by_name);
	int err = 0;

	if (n < 0)
		return complain_errno(-errno, "%s", d->path);
	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;
		char *path;

		if (!err && strcmp(name, ".") && strcmp(name, "..")) {
			err = asprintf(&path, "%s/%s", d->path, name) < 0 ? -ENOMEM : 0;
			if (!err) {
				err = add_entry(a, d->dir, path, name);
				if (err)
					complain_errno(err, "%s", path);
				free(path);
			}
		}
		free(list[i]);
	}
	free(list);
	return err;
}

int host_tree_add(struct tar_tree *t, const char *path, bool root_owned, int not_this)
{
	struct adding a = { .t = t, .root_owned = root_owned };
	struct stat st;
	int err;

	if (fstat(not_this, &a.skip) || stat(path, &st))
		return complain_errno(-errno, "%s", path);
	t->archives = 1;
	take_attributes(&a, t->root, &st);
	err = take_xattrs(t->root, path);
	if (!err)
		err = remember_dir(&a, t->root, path);
	while (a.todo) {
		struct todo *d = a.todo;

		a.todo = d->next;
		if (!err)
			err = add_dir(&a, d);
		free(d);
	}
	tdestroy(a.linked, free);
	return err;
}

void host_tree_free(void)
{
	while (files) {
		struct host_file *f = files;

		files = f->next;
		free(f->path);
		free(f);
	}
	if (opened_fd >= 0)
		close(opened_fd);
	opened_fd = -1;
	opened = NULL;
}
