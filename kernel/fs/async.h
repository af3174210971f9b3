/*
 * Signals when a descriptor becomes ready: O_ASYNC, F_SETOWN, F_SETSIG of fcntl(2).
 * What can tell of readiness has a list that such files are on, and names it by
 * file_ops.asyncs.
 */
#ifndef FS_ASYNC_H
#define FS_ASYNC_H

#include <uapi/fcntl.h>
#include "fs/fs.h"

int async_set_owner(struct file *f, int type, int nr); /* F_OWNER_*; 0, -ESRCH, -ENOMEM */
void async_get_owner(struct file *f, struct f_owner_ex *o); /* pid 0: nobody, or gone */
/* User and effective user of who named the owner; 0, 0 where nobody did: F_GETOWNER_UIDS. */
void async_get_uids(struct file *f, u32 uids[2]);
int async_set_signal(struct file *f, int signo); /* 0: SIGIO without more */
int async_get_signal(struct file *f);
/* O_ASYNC on or off, by descriptor fd: 0, -ENOMEM, -ENOTTY when f's kind has no such thing. */
int async_turn(struct file *f, int fd, bool on);
void async_forget(struct file *f); /* f, which has one (async), goes */
/*
 * Something of the list became ready: POLL_IN for those that may read, POLL_OUT for those that may
 * write. Any context; no lock held of a rank above RANK_ASYNC.
 */
void async_tell(struct list_head *list, int code);
/* f has an owner from now on: current's process, if it had none. 0, -ENOMEM. */
int async_claim(struct file *f);
void async_disown(struct file *f); /* neither owner nor F_SETSIG any more */
/* One signal to f's owner, as of descriptor fd. Any context. */
void async_signal(struct file *f, int fd, int code);
/* Urgent data came: SIGURG to f's owner. f: no reference needed, but RCU. */
void async_urgent(struct file *f);
#endif
