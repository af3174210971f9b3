/*
 * Trees of made-up files: what /proc and /sys are built of. A file is a row of
 * a table (struct node); its inode says which row and about which process. Text
 * is made anew when a read begins at offset 0, so no state is kept between
 * files and nothing here needs a lock but the text of an open file, which has
 * its own mutex.
 *
 * Whatever a function of a node is given (struct subject) is referenced for
 * the time of the call; it may sleep.
 */
#ifndef FS_TREE_TREE_H
#define FS_TREE_TREE_H

#include <types.h>
#include <compiler.h>
#include "core/task.h"
#include "fs/fs.h"
#include "fs/tree/text.h"

struct node;

/* Whom and what a file is about. */
struct subject {
	const struct node *node;
	struct task *task; /* of files of a process, else NULL; its proc is not NULL */
	bool thread; /* under task/TID: of the thread alone, not of its process */
	u64 arg; /* of names that no table holds: a descriptor, a hart */
	struct mm *mm; /* for show of a node with `space`: that one; NULL when it is gone */
	struct pid_ns *pidns; /* whose numbers are shown: that of who mounted it */
	struct super *sb; /* borrowed */
	struct ns *
		net; /* of NODE_OF_NET: the process's network, or what it was at open; NULL: it has none any more */
	const struct cred *opener; /* of a text; for show and store */
	/* Of NODE_MOUNTS: what the process had at open; then there may be no task any more. */
	struct ns *mounts;
	const struct path *root;
};

/* Where such a name leads to. */
struct place {
	const struct node *node;
	struct pid_ns *pidns; /* the tree's */
	struct pid *pid; /* the process or thread, or NULL */
	bool thread;
	u64 arg;
	u32 mode; /* in place of the node's, when not 0 */
	u32 kind; /* NODE_KINDS; what place it had from the folders above, 0: a tree's of another sort */
};

#define NODE_GROUP  (1u << 1) /* a process always gets at its own */
#define NODE_SYSCTL (1u << 2) /* the rights of /proc/sys: no capability overrides the mode */

#define NODE_PROCESS \
	(1u << 3) /* the folder of a process, which stands for it as a pidfd, or of a thread */

#define NODE_NETWORK \
	(1u << 7) /* of /proc/sys: who administers the network has its owner's rights */
#define NODE_ONCE    (1u << 4) /* written by one call, at the beginning */

#define NODE_NOMOUNT (1u << 5) /* nothing may be mounted there */
/* Of the mounts that the process has at open, from its root (follow); poll(2) tells of changes. */
#define NODE_MOUNTS (1u << 6)

/*
 * Of folders: what the files below are, unless a nearer folder or the file says otherwise. Linux's /proc has
 * them made in several ways, and descriptors tell (view.c).
 */
#define NODE_MACHINE (1u << 8)
#define NODE_OF_TASK (1u << 9)
#define NODE_OF_NET  (1u << 10)
#define NODE_KINDS   (NODE_MACHINE | NODE_OF_TASK | NODE_OF_NET)
/* A text of a task that is sought in and written to as a file without length, not as a sequence. */
#define NODE_SEEKS_END (1u << 11)

#define NODE_EMPTY     (1u << 12) /* of /proc/sys: a write of nothing is one too */
#define NODE_COUNTED   (1u << 13) /* a folder: its length is what `count` says, not its links */
#define NODE_ONE_TEXT  (1u << 14) /* of the network: the write is refused (EACCES), not the open */
/* Of /proc/sys: CAP_SYS_RESOURCE in current's user namespace has the rights of its owner; nobody else. */
#define NODE_USERS	 (1u << 15)

#define NAME_DYNAMIC_MAX 24 /* bytes of a name that `next` makes, NUL included */

struct node {
	const char *name;
	u32 mode; /* type and permissions */
	u32 flags; /* NODE_* */
	/* Asked at open, readlink and follow: else -EACCES. NULL: the mode says it all. */
	bool (*may)(const struct subject *s);
	/*
	 * In its place for texts about the memory: the space, held (mm_hold) while the file is open,
	 * so that none is seen which execve(2) made since; NULL when there is none, or ERR_PTR.
	 */
	struct mm *(*space)(const struct subject *s);
	/* Regular files: the text, or its next part (text.h). 0 or -errno. */
	int (*show)(struct text *out, const struct subject *s);
	/*
	 * A write of n bytes, with a NUL behind them. 0 (all taken), how many were taken, or -errno. NULL:
	 * files are not written.
	 */
	int (*store)(const struct subject *s, char *text, size_t n);
	/* Symbolic links: the target into buf; a pointer into buf, or ERR_PTR. */
	const char *(*link)(const struct subject *s, char *buf, size_t n);
	/* Links that jump: the place, referenced. 0 or -errno. */
	int (*follow)(const struct subject *s, struct path *out);
	/*
	 * Directories: a table that ends with a row without name, and the names that it does not
	 * hold.
	 */
	const struct node *sub;
	/*
	 * How many rows of sub, from its first, are there now. NULL, ~0: all. A folder that has not
	 * all is listed without "." and "..", as Linux does.
	 */
	unsigned (*rows)(const struct subject *s);
	/*
	 * Asked before the mode, for MAY_* and (mask 0) for the attributes: 0, or -errno for who is
	 * kept from it. NULL: nobody.
	 */
	int (*guard)(const struct subject *s, int mask);
	/* 0 with *to filled (to->pid: a reference that passes to the caller), or -ENOENT. */
	int (*lookup)(const struct subject *s, const char *name, struct place *to);
	/*
	 * The first such name whose key is *key or larger: *key moves there, name is written.
	 * False: no more.
	 */
	bool (*next)(const struct subject *s, u64 *key, char *name, struct place *to);
	/* How many folders are among those names now, for the link count (NODE_COUNTED: how many names). NULL: not told. */
	u32 (*count)(const struct subject *s);
	/* Files that are not text. They find their subject with tree_subject. */
	const struct file_ops *fops;
	void (*truncate)(void); /* open(2) with O_TRUNC, truncate(2). NULL: nothing happens */
	/* Texts about the memory (space): ioctl(2). */
	long (*ioctl)(struct mm *mm, unsigned cmd, void __user *arg);
	const void *data; /* of the row, for functions that serve several */
};

#define NODE_DIR(nm, table)                                          \
	{                                                            \
		.name = (nm), .mode = S_IFDIR | 0555, .sub = (table) \
	}
#define NODE_FILE(nm, fn)                                          \
	{                                                          \
		.name = (nm), .mode = S_IFREG | 0444, .show = (fn) \
	}

/* What a super has of options: `priv` of tree_mount is kfree'd when it goes. */
struct tree_options {
	int (*show)(const void *priv, char *buf, size_t n); /* as super_ops.show_options */
	int (*remount)(void *priv, const char *data); /* 0 or -errno; one at a time */
};

/*
 * A super whose root is a directory node, for the processes of pidns. Private to mount functions. ERR_PTR.
 * options: NULL: it takes any, and they say nothing; priv is the super's, but on failure.
 */
struct super *tree_mount(const struct file_system *fs, const struct node *root, u32 magic,
			 struct pid_ns *pidns, const struct tree_options *options, void *priv);
void *tree_priv(const struct super *sb);

/*
 * The subject of an inode: 0 (give it back with subject_put), or -ESRCH when the process is gone.
 */
int tree_subject(const struct inode *i, struct subject *s);
void subject_put(struct subject *s);
/* Sets in f->mode what is not done with such a file; for `open` of a node's fops. */
void tree_file_opened(const struct inode *i, struct file *f);
/* The process whose folder f is, borrowed; NULL: f is none. */
struct pid *tree_process(const struct file *f);

/* A number without sign or leading zero, at most max: -1 if name is not one. */
s64 name_to_number(const char *name, u64 max);

/* show and store of whole numbers. data points at the struct. */
struct number {
	int *word; /* the number; NULL: get and set */
	void *(*of)(const void *word); /* where current's is, that has its own; NULL: there is one */
	s64 (*get)(void);
	int (*set)(s64 v); /* 0 or -errno */
	s64 min, max; /* -EINVAL beyond */
	bool full; /* get and set speak of a u64; max says nothing */
	u64 *wide; /* such a number, in place of get and set; `full` goes with it */
	bool rest; /* what is written behind the number is taken too */
};
/*
 * What is written to /proc/sys, up to `end`: *p goes behind the next number. 1; 0: there is none;
 * -EINVAL: that is none, or more than 64 bits with its sign.
 */
int sysctl_scan(const char **p, const char *end, bool *negative, u64 *v);
/* How much of the text of n bytes is taken when its numbers were read up to p. */
int sysctl_taken(const char *text, size_t n, const char *p);
/* Numbers into words, as many as are given: a `store` for files of several. */
int sysctl_store_ints(int *const *words, unsigned count, const char *text, size_t n);
/* The one number of a write to a file of a process, of at most `room` bytes, blanks around it: 0, -EINVAL, -ERANGE. */
int text_number(char *text, size_t room, unsigned base, s64 *v);
int number_show(struct text *out, const struct subject *s);
int number_store(const struct subject *s, char *text, size_t n);
/* data is the text itself. */
int constant_show(struct text *out, const struct subject *s);
#endif
