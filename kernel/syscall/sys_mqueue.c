/* POSIX message queues: argument checking and copying. The work is in ipc/mqueue.c. */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/ipc.h>
#include <uapi/signal.h>

#include "core/wait.h"
#include "fs/files.h"
#include "ipc/message.h"
#include "ipc/mqueue.h"
#include "mm/usercopy.h"
#include "net/netlink_post.h"
#include "syscall/timespec.h"

long sys_mq_open(const char __user *uname, int flags, u32 mode, void __user *uattr)
{
	struct mq_attr attr;
	struct file *f;
	char *name;

	if (uattr && copy_from_user(&attr, uattr, sizeof(attr)))
		return -EFAULT;
	name = getname(uname, false);
	if (IS_ERR(name))
		return PTR_ERR(name);
	f = mq_open_file(name, flags, mode & ~current->fs->umask & 07777, uattr ? &attr : NULL);
	putname(name);
	return IS_ERR(f) ? PTR_ERR(f) : fd_open_file(f, O_CLOEXEC);
}

long sys_mq_unlink(const char __user *uname)
{
	char *name = getname(uname, false);
	long ret;

	if (IS_ERR(name))
		return PTR_ERR(name);
	ret = mq_unlink_name(name);
	putname(name);
	return ret;
}

/* A deadline of the real-time clock: -EFAULT, -EINVAL. */
static int get_deadline(const void __user *utimeout, u64 *deadline)
{
	*deadline = WAIT_FOREVER;
	return utimeout ? get_timespec(deadline, utimeout) : 0;
}

static long send(struct file *f, const void __user *umsg, size_t size, unsigned prio, u64 deadline)
{
	struct message *m;
	long ret = mq_may_send(f, size);

	if (ret)
		return ret;
	m = message_load(umsg, size);
	if (IS_ERR(m))
		return PTR_ERR(m);
	m->type = prio;
	ret = mq_send(f, m, deadline);
	if (ret)
		message_free(m);
	return ret;
}

long sys_mq_timedsend(int fd, const void __user *umsg, size_t size, unsigned int prio,
		      const void __user *utimeout)
{
	struct fdref r;
	u64 deadline;
	long ret = get_deadline(utimeout, &deadline);

	if (ret)
		return ret;
	if (prio >= MQ_PRIO_MAX)
		return -EINVAL;
	r = fd_borrow(fd);
	if (!r.file)
		return -EBADF;
	ret = send(r.file, umsg, size, prio, deadline);
	fd_drop(r);
	return ret;
}

long sys_mq_timedreceive(int fd, void __user *umsg, size_t size, void __user *uprio,
			 const void __user *utimeout)
{
	struct message *m;
	struct fdref r;
	u64 deadline;
	long ret = get_deadline(utimeout, &deadline);

	if (ret)
		return ret;
	r = fd_borrow(fd);
	if (!r.file)
		return -EBADF;
	m = mq_receive(r.file, size, deadline);
	fd_drop(r);
	if (IS_ERR(m))
		return PTR_ERR(m);
	ret = (long)m->size;
	if ((uprio && put_user_u32((u32)m->type, uprio)) || message_store(m, umsg, m->size))
		ret = -EFAULT;
	message_free(m);
	return ret;
}

/* SIGEV_THREAD: the netlink socket that sigev_signo names, referenced, and the cookie for it. ERR_PTR. */
static struct socket *thread_socket(const sigevent_t *ev, u8 cookie[MQ_COOKIE_LEN])
{
	struct socket *sk;
	struct fdref r;

	if (copy_from_user(cookie, (const void __user *)ev->sigev_value.sival_ptr, MQ_COOKIE_LEN))
		return ERR_PTR(-EFAULT);
	r = fd_borrow(ev->sigev_signo);
	if (!r.file)
		return ERR_PTR(-EBADF);
	sk = netlink_of_file(r.file);
	fd_drop(r);
	return sk;
}

static int check_event(const sigevent_t *ev)
{
	switch (ev->sigev_notify) {
	case SIGEV_NONE:
	case SIGEV_THREAD:
		return 0;
	case SIGEV_SIGNAL:
		return ev->sigev_signo < 0 || ev->sigev_signo > _NSIG ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

long sys_mq_notify(int fd, void __user *uev)
{
	u8 cookie[MQ_COOKIE_LEN];
	struct socket *sk = NULL;
	sigevent_t ev;
	struct fdref r;
	long ret = 0;

	if (uev && copy_from_user(&ev, uev, sizeof(ev)))
		return -EFAULT;
	if (uev)
		ret = check_event(&ev);
	if (ret)
		return ret;
	if (uev && ev.sigev_notify == SIGEV_THREAD) {
		sk = thread_socket(&ev, cookie);
		if (IS_ERR(sk))
			return PTR_ERR(sk);
	}
	r = fd_borrow(fd);
	ret = r.file ? mq_notify_set(r.file, uev ? &ev : NULL, sk, cookie) : -EBADF;
	if (r.file)
		fd_drop(r);
	if (ret && sk)
		netlink_put(sk);
	return ret;
}

long sys_mq_getsetattr(int fd, void __user *unew, void __user *uold)
{
	struct mq_attr set, old;
	struct fdref r;
	long ret;

	if (unew && copy_from_user(&set, unew, sizeof(set)))
		return -EFAULT;
	if (unew && (set.mq_flags & ~(long)O_NONBLOCK))
		return -EINVAL;
	r = fd_borrow(fd);
	if (!r.file)
		return -EBADF;
	ret = mq_attributes(r.file, unew ? &set : NULL, &old);
	fd_drop(r);
	if (!ret && uold && copy_to_user(uold, &old, sizeof(old)))
		ret = -EFAULT;
	return ret;
}
