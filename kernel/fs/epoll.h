/* Event polling: epoll(7). */
#ifndef FS_EPOLL_H
#define FS_EPOLL_H

#include "fs/fs.h"
#include <uapi/epoll.h>

/* What the epoll files that a user made may watch, all together: proc(5), fs.epoll.max_user_watches; any time. */
extern u64 epoll_max_watches;

struct file *epoll_create_file(void); /* ERR_PTR */
/*
 * epoll_ctl(2) on referenced files; fd is the number the entry goes by. -EINVAL if ep is no epoll
 * file.
 */
int epoll_control(struct file *ep, int op, int fd, struct file *f, const struct epoll_event *ev);
/*
 * The nth of the files that ep watches by that number: to be compared, it is not referenced.
 * ERR_PTR(-EINVAL | -ENOENT).
 */
const struct file *epoll_target(struct file *ep, int fd, unsigned nth);
/*
 * epoll_wait(2): events stored, 0 at the deadline (0: do not wait), -EINVAL, -EFAULT or
 * -ERESTARTSYS.
 */
int epoll_wait_file(struct file *ep, void __user *events, int max, u64 deadline);
void epoll_init(void);
#endif
