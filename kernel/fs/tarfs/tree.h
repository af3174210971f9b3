/*
 * The tree that an archive's members make: nodes (files) and names (directory
 * entries). tar_tree.c builds and changes it, tar_add.c fills it from archives,
 * tarfs.c shows it to the VFS; mkfs/ and the tests use it as it is.
 *
 * Locking: none here; the owner serialises. tarfs: a directory's names under its
 * inode's rwsem, counters and node->inode under the super's lock.
 */
#ifndef TARFS_TREE_H
#define TARFS_TREE_H

#include <types.h>
#include "fs/tarfs/tar.h"
#include "lib/list.h"
#include "lib/rbtree.h"

#define TAR_NAME_MAX  255u /* of one component, as NAME_MAX */
#define TAR_LINKS_MAX 40u /* symbolic links followed inside one member's path */
#define TAR_HOLE      (~(u64)0)

/*
 * A name knows where its member lies: [first, first + headers) are the headers, the data of its
 * node follows when it is the node's first name (node->names), else it is a hard link.
 */
struct tar_name {
	union {
		struct rb_node by_hash; /* in dir.names: by hash, length, bytes */
		struct list_head grave; /* store's, of a name that is in no directory any more */
	};
	struct rb_node by_cookie; /* in dir.order */
	struct tar_node *node;
	struct tar_node *dir; /* that it is an entry of */
	struct tar_name *next, *prev; /* the node's other names: a ring */
	struct tar_name *dirty; /* store's list of what must be written; NULL: not on it */
	u64 cookie; /* grows with each entry of the directory: readdir's order */
	u64 first : 40; /* sector of the member's first header */
	u64 headers : 24; /* sectors; 0: no member yet */
	u32 hash;
	u16 len;
	u8 marks; /* store's */
	char name[]; /* NUL-terminated; no '/', not "." or ".." */
};

/* A file of any type. Small, because a large archive has many. */
struct tar_node {
	u64 ino;
	u32 nlink;
	u32 uid, gid;
	u16 mode; /* permission bits */
	u8 type; /* enum tar_type, never TAR_HARDLINK */
	u8 archive; /* which tar_tree_add() made it, from 1; 0: none */
	u32 extents; /* of file.map */
	u32 mtime_nsec, atime_nsec, ctime_nsec;
	s64 mtime, atime, ctime;
	u64 size; /* of a file; of a symbolic link its target's length */
	union {
		struct {
			struct tar_source *src; /* NULL: nothing of it lies in an archive */
			u64 data; /* offset in src, where map is NULL */
			u64 data_size; /* bytes behind it read as zeros */
			struct tar_extent *map; /* owned; NULL: one extent */
			u64 used; /* sectors of data behind the headers; store's */
			struct store_file *rw; /* store's: what a file that is written has */
		} file;
		struct {
			struct rb_root names, order;
			u64 next_cookie;
			struct tar_node *parent; /* the root's is the root */
		} dir;
		char *target; /* owned */
		struct {
			u32 major, minor;
		} dev;
	};
	struct tar_xattr *xattrs; /* owned */
	struct tar_name *names; /* the first of a ring, which has the data; NULL: none */
	void *inode; /* tarfs.c's: the inode that stands for it now, or NULL */
	u32 users; /* tarfs.c's: inodes that point here */
	bool resized; /* store's: the map on the disk tells another size */
	u8 flags; /* of chattr(1): TAR_FLAGS */
};

struct tar_tree {
	struct tar_node *root;
	u64 next_ino;
	u64 nodes; /* alive */
	u64 bytes; /* sum of the archives' sizes */
	u64 members; /* read in all */
	u64 skipped; /* members left out, as tar -x would have */
	unsigned archives;
	u64 end; /* of the archive read last: offset of its first zero block */
	bool global; /* an archive's global header says something of all members behind it */
	struct tar_error err; /* of the tar_tree_add() that failed */
	struct store *store; /* that writes the archive; or NULL */
	/* Nothing of that archive (node->archive) is written, nor what was made in its directories; 0: none. */
	u8 overlay;
	/*
	 * A directory of no name, of the names that the overlay has taken the places of: they are on the disk still, and know
	 * their own directories. NULL: there are none.
	 */
	struct tar_node *hidden;
	/*
	 * Both for the store, else NULL. A member has been added: e is the name it became, NULL: none (left out; or
	 * the root, m->type is TAR_DIR then and m->name means it). plain: its name and its
	 * link's are what the tree would say.
	 */
	int (*placed)(struct tar_tree *t, const struct tar_member *m, struct tar_name *e, bool root,
		      bool plain);
	/* A later member takes e away. */
	int (*replaced)(struct tar_tree *t, struct tar_name *e);
	/* Told of each member left out; may be NULL. */
	void (*warn)(struct tar_tree *t, u64 offset, const char *name, const char *why);
	/* Called now and then, with no lock held, by what takes long, so that others get the hart; may be NULL. */
	void (*breathe)(struct tar_tree *t);
	void *owner; /* the caller's */
};

/* --- tar_tree.c --- */

/* An empty tree: a root directory, mode 0755. 0 or -ENOMEM. */
int tar_tree_init(struct tar_tree *t);
/* Frees all of it; no node->inode may be left. */
void tar_tree_free(struct tar_tree *t);
/* Frees all but the root. */
void tar_tree_clear(struct tar_tree *t);

/* A node without names (nlink 0; a directory's parent is set when it is named). NULL: no memory. */
struct tar_node *tar_node_new(struct tar_tree *t, enum tar_type type);
/* Frees a node that has no names and is not referred to by an inode. */
void tar_node_free(struct tar_tree *t, struct tar_node *n);

struct tar_name *tar_find(const struct tar_node *dir, const char *name, size_t len);
/* The first entry with a cookie >= the given one; NULL behind the last. */
struct tar_name *tar_seek(const struct tar_node *dir, u64 cookie);
/* Names a node, which must not exist there: -ENOMEM, -ENAMETOOLONG. Counts links, parents too. */
int tar_link(struct tar_node *dir, const char *name, size_t len, struct tar_node *n);
/* Takes a name away, which is freed, and answers its node; nlink of a directory becomes 0. */
struct tar_node *tar_unlink(struct tar_node *dir, struct tar_name *name);
/* The same, but the name stays the caller's to free; it keeps node, dir and its place. */
struct tar_node *tar_take(struct tar_node *dir, struct tar_name *name);
/* A name goes to t->hidden, with all that it has: 0 or -ENOMEM. */
int tar_hide(struct tar_tree *t, struct tar_node *dir, struct tar_name *name);
/* Makes a name mean another node, links counted; answers the node that it meant. */
struct tar_node *tar_retarget(struct tar_node *dir, struct tar_name *name, struct tar_node *n);
static inline bool tar_dir_empty(const struct tar_node *dir)
{
	return rb_empty(&dir->dir.names);
}

/*
 * The run of a file's data that begins at pos (< size): how many bytes belong
 * together, and where they lie in file.src, or *at = TAR_HOLE for zeros.
 */
u64 tar_map(const struct tar_node *n, u64 pos, u64 *at);
/* Reads len bytes at pos, all of them before size. Sleeps as the source does. */
int tar_read(const struct tar_node *n, u64 pos, void *buf, size_t len);

/* --- tar_add.c --- */

/*
 * Adds an archive's members; src must outlive the tree. A negative errno refuses
 * the archive: t->err says where and why, and the tree holds what came before.
 *
 * The result is what GNU tar's plain extraction of one archive after the other
 * gives. The later of two members wins: it replaces a file, gives a directory its
 * own mode, owner and times, but does not replace a directory that is not empty
 * (left out). Missing parents are made (0755, root, the member's time). Names
 * are taken from the root: leading '/', "." and empty components count for
 * nothing; members with a ".." component are left out; of a hard link's target
 * all up to the last ".." is. Symbolic links on the way to a member are followed
 * inside the tree. One difference: a directory of a later archive does not
 * replace an earlier archive's symbolic link to a directory (as tar
 * --keep-directory-symlink), so that an overlay may say lib/ where lib is a link.
 */
int tar_tree_add(struct tar_tree *t, struct tar_source *src);

#endif
