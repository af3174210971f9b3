/*
 * A message of either kind of queue: its bytes in the kernel. A short one is a single
 * allocation; a long one goes on in pieces of a page, so that none needs contiguous
 * pages. A message has one owner at a time, who needs no lock to read it.
 */
#ifndef IPC_MESSAGE_H
#define IPC_MESSAGE_H

#include <types.h>
#include <compiler.h>
#include "lib/list.h"
#include "lib/rbtree.h"

struct piece {
	struct piece *next;
	u8 data[];
};

struct message {
	union {
		struct list_head link; /* System V: in order of arrival */
		struct rb_node node; /* POSIX: by priority, then arrival */
	};
	long type; /* System V: its type; POSIX: its priority */
	size_t size; /* bytes */
	struct piece *more;
	u8 data[];
};

/* From user memory; ERR_PTR(-EFAULT, -ENOMEM). */
struct message *message_load(const void __user *from, size_t n);
/* Its first n bytes to user memory: 0 or -EFAULT. */
int message_store(const struct message *m, void __user *to, size_t n);
struct message *message_copy(const struct message *m); /* for MSG_COPY; ERR_PTR(-ENOMEM) */
void message_free(struct message *m); /* NULL allowed */
#endif
