/*
 * POSIX message queues: mq_overview(7). A queue is a file of the file system "mqueue"; a descriptor of it
 * is what mq_open(2) returns. All may sleep; -errno as the manual pages say, -EBADF for a
 * file that is no queue.
 */
#ifndef IPC_MQUEUE_H
#define IPC_MQUEUE_H

#include <types.h>
#include <uapi/ipc.h>
#include <uapi/signal.h>

struct file;
struct message;

/* Bounds of what /proc/sys/fs/mqueue takes. */
#define MQ_MSG_HARD	     65536
#define MQ_MSGSIZE_HARD	     (16 << 20)
#define MQ_MSGSIZE_MAX_LEAST 128

/* mode with the umask taken off; attr NULL: defaults. ERR_PTR. */
struct file *mq_open_file(const char *name, int flags, u32 mode, const struct mq_attr *attr);
int mq_unlink_name(const char *name);
/* deadline: of the real-time clock; WAIT_FOREVER. -ERESTARTSYS for a signal. */
int mq_send(struct file *f, struct message *m, u64 deadline); /* 0: m is the queue's now */
struct message *mq_receive(struct file *f, size_t max,
			   u64 deadline); /* the caller's now; ERR_PTR */
/* 0, or why a message of n bytes can't be sent: -EBADF, -EMSGSIZE. */
int mq_may_send(struct file *f, size_t n);
/*
 * mq_notify(3); ev NULL: no more. Of SIGEV_THREAD the cookie is sent to the netlink socket sock, whose
 * reference passes if it works, the last byte saying what happened. 0, -EBUSY, -EBADF.
 */
#define MQ_COOKIE_LEN 32
struct socket;
int mq_notify_set(struct file *f, const sigevent_t *ev, struct socket *sock, const u8 *cookie);
/* set NULL: only asks. */
int mq_attributes(struct file *f, const struct mq_attr *set, struct mq_attr *old);
#endif
