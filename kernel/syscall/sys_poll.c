/* poll, select, epoll, eventfd and signalfd: argument checking. The work is in fs/. */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/eventfd.h>
#include <uapi/fcntl.h>
#include <uapi/personality.h>
#include <uapi/poll.h>
#include <uapi/time.h>

#include "alloc/slab.h"
#include "core/signal.h"
#include "core/task.h"
#include "fs/epoll.h"
#include "fs/eventfd.h"
#include "fs/files.h"
#include "fs/poll.h"
#include "fs/signalfd.h"
#include "lib/bitmap.h"
#include "mm/usercopy.h"
#include "syscall/sigmask.h"
#include "syscall/timespec.h"

/* ppoll and pselect6 write the time left back; a failure to do so is not told. */
static void put_remaining(void __user *uts, u64 deadline)
{
	struct timespec ts = { 0 };
	u64 now = now_mono();

	/* personality(2): some systems leave the timeout as it was. */
	if (!uts || deadline == WAIT_FOREVER || (current->proc->personality & STICKY_TIMEOUTS))
		return;
	if (deadline > now) {
		ts.tv_sec = (long)((deadline - now) / NSEC_PER_SEC);
		ts.tv_nsec = (long)((deadline - now) % NSEC_PER_SEC);
	}
	(void)!copy_to_user(uts, &ts, sizeof(ts));
}

int use_mask(const void __user *umask, size_t size)
{
	ksigset_t mask;

	if (!umask)
		return 0;
	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, umask, sizeof(mask)))
		return -EFAULT;
	current->saved_mask = current->blocked;
	current->restore_mask = true;
	signal_set_mask(mask & ~SIG_UNBLOCKABLE);
	return 0;
}

void restore_mask(long ret)
{
	if (!current->restore_mask || ret == -EINTR || ret == -ERESTARTNOHAND)
		return;
	current->restore_mask = false;
	signal_set_mask(current->saved_mask);
}

long sys_ppoll(void __user *ufds, unsigned int nfds, const void __user *utimeout,
	       const void __user *sigmask, size_t sigsetsize)
{
	struct pollfd few[16], *fds = few;
	size_t bytes = (size_t)nfds * sizeof(*fds);
	u64 deadline;
	long ret;

	ret = deadline_from_user(utimeout, &deadline);
	if (ret)
		return ret;
	ret = use_mask(sigmask, sigsetsize);
	if (ret)
		return ret;
	ret = -EINVAL;
	if (nfds > rlimit_get(RLIMIT_NOFILE))
		goto out;
	if (nfds > ARRAY_SIZE(few)) {
		ret = -ENOMEM;
		fds = kmalloc(bytes, 0);
		if (!fds)
			goto out;
	}
	ret = -EFAULT;
	if (copy_from_user(fds, ufds, bytes))
		goto out_free;
	ret = do_poll(fds, nfds, deadline);
	if (ret >= 0) {
		struct pollfd __user *to = ufds;

		for (unsigned i = 0; i < nfds; i++) {
			if (copy_to_user(&to[i].revents, &fds[i].revents, sizeof(fds[i].revents))) {
				ret = -EFAULT;
				break;
			}
		}
	}
	if (ret == -ERESTARTSYS)
		ret = -ERESTARTNOHAND;
	put_remaining((void __user *)utimeout, deadline);
out_free:
	if (fds != few)
		kfree(fds);
out:
	restore_mask(ret);
	return ret;
}

#define SEL_IN	(EPOLLRDNORM | EPOLLRDBAND | EPOLLIN | EPOLLHUP | EPOLLERR)
#define SEL_OUT (EPOLLWRBAND | EPOLLWRNORM | EPOLLOUT | EPOLLERR)
#define SEL_EX	EPOLLPRI

/*
 * select(2) by way of poll: the sets become pollfds, and back. bits: three in-sets, then three
 * out-sets.
 */
static long select_by_poll(unsigned long *bits, size_t words, int nfds, u64 deadline)
{
	unsigned long *in = bits, *out = bits + words, *ex = bits + 2 * words,
		      *res = bits + 3 * words;
	struct pollfd *fds;
	unsigned n = 0;
	long ret, count = 0;

	fds = kmalloc((size_t)(nfds ? nfds : 1) * sizeof(*fds), 0);
	if (!fds)
		return -ENOMEM;
	for (int fd = 0; fd < nfds; fd++) {
		u32 ev = 0;

		if (test_bit(fd, in))
			ev |= SEL_IN;
		if (test_bit(fd, out))
			ev |= SEL_OUT;
		if (test_bit(fd, ex))
			ev |= SEL_EX;
		if (ev) {
			struct fdref r = fd_borrow(fd);

			if (!r.file) {
				kfree(fds);
				return -EBADF;
			}
			fd_drop(r);
			fds[n++] = (struct pollfd){ .fd = fd, .events = (short)ev };
		}
	}
	ret = do_poll(fds, n, deadline);
	for (unsigned i = 0; ret > 0 && i < n; i++) {
		unsigned fd = (unsigned)fds[i].fd;
		u32 ev = (u16)fds[i].revents;

		if ((ev & SEL_IN) && test_bit(fd, in) && ++count)
			res[fd / 64] |= 1UL << (fd % 64);
		if ((ev & SEL_OUT) && test_bit(fd, out) && ++count)
			res[words + fd / 64] |= 1UL << (fd % 64);
		if ((ev & SEL_EX) && test_bit(fd, ex) && ++count)
			res[2 * words + fd / 64] |= 1UL << (fd % 64);
	}
	kfree(fds);
	return ret < 0 ? ret : count;
}

static long do_select(int nfds, void __user *usets[3], u64 deadline)
{
	size_t words, bytes;
	unsigned long *bits;
	long ret = 0;

	if (nfds < 0)
		return -EINVAL;
	nfds = (int)min((u64)nfds, max(rlimit_get(RLIMIT_NOFILE), (u64)1024));
	words = ((size_t)nfds + 63) / 64;
	bytes = words * sizeof(long);
	bits = kcalloc(6 * (words ? words : 1), sizeof(long));
	if (!bits)
		return -ENOMEM;
	for (int i = 0; i < 3 && !ret; i++)
		if (usets[i] && copy_from_user(bits + (size_t)i * words, usets[i], bytes))
			ret = -EFAULT;
	if (!ret)
		ret = select_by_poll(bits, words, nfds, deadline);
	for (int i = 0; i < 3 && ret >= 0; i++)
		if (usets[i] && copy_to_user(usets[i], bits + (size_t)(3 + i) * words, bytes))
			ret = -EFAULT;
	kfree(bits);
	return ret;
}

long sys_pselect6(int nfds, void __user *rd, void __user *wr, void __user *ex,
		  const void __user *utimeout, void __user *usig)
{
	struct {
		const void __user *mask;
		size_t size;
	} sig = { 0 };
	void __user *sets[3] = { rd, wr, ex };
	u64 deadline;
	long ret;

	if (usig && copy_from_user(&sig, usig, sizeof(sig)))
		return -EFAULT;
	ret = deadline_from_user(utimeout, &deadline);
	if (!ret)
		ret = use_mask(sig.mask, sig.size);
	if (ret)
		return ret;
	ret = do_select(nfds, sets, deadline);
	if (ret == -ERESTARTSYS)
		ret = -ERESTARTNOHAND;
	put_remaining((void __user *)utimeout, deadline);
	restore_mask(ret);
	return ret;
}

long sys_epoll_create1(int flags)
{
	struct file *f;

	if (flags & ~EPOLL_CLOEXEC)
		return -EINVAL;
	f = epoll_create_file();
	return IS_ERR(f) ? PTR_ERR(f) : fd_open_file(f, flags & EPOLL_CLOEXEC ? O_CLOEXEC : 0);
}

long sys_epoll_ctl(int epfd, int op, int fd, void __user *uevent)
{
	struct epoll_event ev = { 0 };
	struct file *ep, *f;
	long ret;

	if (op != EPOLL_CTL_DEL && copy_from_user(&ev, uevent, sizeof(ev)))
		return -EFAULT;
	ep = fd_get(epfd);
	if (!ep)
		return -EBADF;
	f = fd_get(fd);
	if (!f) {
		file_put(ep);
		return -EBADF;
	}
	ret = epoll_control(ep, op, fd, f, &ev);
	file_put(f);
	file_put(ep);
	return ret;
}

static long epoll_wait_common(int epfd, void __user *events, int maxevents, u64 deadline,
			      const void __user *sigmask, size_t size)
{
	struct file *ep;
	long ret;

	if (maxevents <= 0 || maxevents > (int)(0x7fffffff / sizeof(struct epoll_event)))
		return -EINVAL;
	if (!user_range_ok(events, (size_t)maxevents * sizeof(struct epoll_event)))
		return -EFAULT;
	ep = fd_get(epfd);
	if (!ep)
		return -EBADF;
	ret = use_mask(sigmask, size);
	if (!ret)
		ret = epoll_wait_file(ep, events, maxevents, deadline);
	file_put(ep);
	if (ret == -ERESTARTSYS)
		ret = -EINTR; /* signal(7): never restarted */
	restore_mask(ret);
	return ret;
}

long sys_epoll_pwait(int epfd, void __user *events, int maxevents, int timeout,
		     const void __user *sigmask, size_t size)
{
	u64 deadline = timeout < 0 ? WAIT_FOREVER :
		       timeout	   ? now_mono() + (u64)timeout * NSEC_PER_MSEC :
				     0;

	return epoll_wait_common(epfd, events, maxevents, deadline, sigmask, size);
}

long sys_epoll_pwait2(int epfd, void __user *events, int maxevents, const void __user *timeout,
		      const void __user *sigmask, size_t size)
{
	u64 deadline;
	int err = deadline_from_user(timeout, &deadline);

	return err ? err : epoll_wait_common(epfd, events, maxevents, deadline, sigmask, size);
}

long sys_eventfd2(unsigned int count, int flags)
{
	struct file *f;

	if (flags & ~(EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK))
		return -EINVAL;
	f = eventfd_create(count, flags);
	return IS_ERR(f) ? PTR_ERR(f) : fd_open_file(f, flags & EFD_CLOEXEC ? O_CLOEXEC : 0);
}

long sys_signalfd4(int fd, const void __user *umask, size_t size, int flags)
{
	ksigset_t mask;
	struct file *f;
	long ret;

	if (size != sizeof(mask))
		return -EINVAL;
	if (copy_from_user(&mask, umask, sizeof(mask)))
		return -EFAULT;
	if (flags & ~(SFD_CLOEXEC | SFD_NONBLOCK))
		return -EINVAL;
	if (fd == -1) {
		f = signalfd_create(mask, flags);
		return IS_ERR(f) ? PTR_ERR(f) :
				   fd_open_file(f, flags & SFD_CLOEXEC ? O_CLOEXEC : 0);
	}
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	ret = signalfd_set_mask(f, mask);
	file_put(f);
	return ret ? ret : fd;
}
