/*
 * What the two files of POSIX queues share: the queue, and what the file system does with it.
 *
 * Locks: [q] the queue's lock (RANK_IPC) for all that changes.
 */
#ifndef IPC_MQUEUE_ROOM_H
#define IPC_MQUEUE_ROOM_H

#include "ipc/mqueue.h"
#include "core/wait.h"
#include "fs/fs.h"
#include "lib/list.h"
#include "lib/rbtree.h"

struct mq_queue { /* inode->priv */
	spinlock_t lock;
	struct rb_root_cached messages; /* [q] struct message, as they are to be received */
	long maxmsg, msgsize; /* [I] */
	long curmsgs; /* [q] */
	u64 bytes; /* [q] in all messages */
	struct list_head senders, receivers; /* [q] the most urgent first */
	struct waitq poll_wait;
	struct { /* [q] mq_notify(3) */
		struct pid *owner; /* the process, referenced; NULL: nobody asked */
		int kind, signo;
		sigval_t value;
		struct socket *sock; /* SIGEV_THREAD: referenced, else NULL */
		u8 cookie[MQ_COOKIE_LEN];
	} notify;
	u32 uid; /* [I] whose RLIMIT_MSGQUEUE it counts against */
	u64 charge; /* [I] bytes of it */
};

extern const struct file_ops mq_fops;
void mq_queue_init(struct mq_queue *q);
void mq_queue_free(struct mq_queue *q); /* with its messages; nobody else has it */
#endif
