/*
 * userfaultfd(2) as a file: messages are read, pages are filled by ioctl(2). What happens to areas and
 * pages is mm/uffd.c's.
 */
#include "fs/userfaultfd.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "dev/chardev.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "fs/poll.h"
#include "lib/printf.h"
#include "mm/uffd.h"
#include "mm/usercopy.h"

#define FEATURES                                                                       \
	(UFFD_FEATURE_MISSING_SHMEM | UFFD_FEATURE_SIGBUS | UFFD_FEATURE_THREAD_ID |   \
	 UFFD_FEATURE_MINOR_SHMEM | UFFD_FEATURE_EXACT_ADDRESS | UFFD_FEATURE_POISON | \
	 UFFD_FEATURE_MOVE | UFFD_FEATURE_EVENT_FORK | UFFD_FEATURE_EVENT_REMAP |      \
	 UFFD_FEATURE_EVENT_REMOVE | UFFD_FEATURE_EVENT_UNMAP)
#define CALLS (1UL << _UFFDIO_REGISTER | 1UL << _UFFDIO_UNREGISTER | 1UL << _UFFDIO_API)
#define RANGE_CALLS                                                            \
	(1UL << _UFFDIO_WAKE | 1UL << _UFFDIO_COPY | 1UL << _UFFDIO_ZEROPAGE | \
	 1UL << _UFFDIO_MOVE | 1UL << _UFFDIO_POISON)
#define DONTWAKE 1UL /* the same bit in the modes of all */

int userfaultfd_unprivileged;

static struct file *context_file(struct uffd *u);

static int wait_news(struct uffd *u)
{
	struct waiter w;
	int err = 0;

	waiter_init(&w);
	for (;;) {
		wait_prepare(&u->readers, &w, TASK_INTERRUPTIBLE);
		if (uffd_has_news(u))
			break;
		err = wait_sleep(WAIT_FOREVER);
		if (err)
			break;
	}
	wait_finish(&u->readers, &w);
	return err;
}

/* The descriptor of a child's context, whose reference it takes over; -errno: it does not. */
static int child_descriptor(struct uffd *child)
{
	int fd = fd_reserve(0, child->flags & O_CLOEXEC);
	struct file *f;

	if (fd < 0)
		return fd;
	f = context_file(child);
	if (IS_ERR(f)) {
		fd_unreserve(fd);
		return (int)PTR_ERR(f);
	}
	fd_install(fd, f);
	return fd;
}

/* 1: a message; 0: there is none; -errno of a child's descriptor. */
static int next_message(struct uffd *u, struct uffd_msg *msg)
{
	struct uffd *child;
	struct uffd_event *ev;
	int fd = 0;

	if (uffd_take(u, msg))
		return 1;
	ev = uffd_event_take(u, msg, &child);
	if (!ev)
		return 0;
	if (child) {
		fd = child_descriptor(child);
		msg->arg.fork.ufd = (u32)fd;
	}
	uffd_event_told(u, ev, fd >= 0);
	return fd < 0 ? fd : 1;
}

static ssize_t uffd_read(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct uffd *u = f->priv;
	struct uffd_msg msg;
	ssize_t done = 0;
	int err;

	if (!(u->features & UFFD_READY))
		return -EINVAL;
	if (it->count < sizeof(msg))
		return -EINVAL;
	while (it->count >= sizeof(msg)) {
		err = next_message(u, &msg);
		if (err < 0)
			return done ? done : err;
		if (!err) {
			if (done)
				break;
			err = f->flags & O_NONBLOCK ? -EAGAIN : wait_news(u);
			if (err)
				return err;
			continue;
		}
		if (iter_copy_to(it, &msg, sizeof(msg)) != sizeof(msg))
			return done ? done : -EFAULT;
		done += (ssize_t)sizeof(msg);
	}
	return done;
}

/* Polling is for descriptors that do not block: a message seen may be another's at the read. */
static u32 uffd_poll(struct file *f, struct poll_table *pt)
{
	struct uffd *u = f->priv;

	poll_wait(f, &u->readers, pt);
	if (!(u->features & UFFD_READY) || !(f->flags & O_NONBLOCK))
		return EPOLLERR;
	return uffd_has_news(u) ? EPOLLIN : 0;
}

static void uffd_release(struct file *f)
{
	uffd_close(f->priv);
}

/* --- ioctl_userfaultfd(2) --- */

static long handshake(struct uffd *u, char __user *arg)
{
	struct uffdio_api api;
	u64 wanted, unset = 0;
	long err = -EINVAL;

	if (copy_from_user(&api, arg, sizeof(api)))
		return -EFAULT;
	wanted = api.features;
	if (api.api != UFFD_API)
		goto out;
	if ((wanted & UFFD_FEATURE_EVENT_FORK) && !capable(CAP_SYS_PTRACE)) {
		err = -EPERM;
		goto out;
	}
	if (wanted & ~(u64)FEATURES)
		goto out;
	api.features = FEATURES;
	api.ioctls = CALLS;
	if (copy_to_user(arg, &api, sizeof(api)))
		return -EFAULT;
	if (__atomic_compare_exchange_n(&u->features, &unset, wanted | UFFD_READY, false,
					__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return 0;
out:
	return clear_user_partial(arg, sizeof(api)) == sizeof(api) ? err : -EFAULT;
}

static int check_range(u64 start, u64 len)
{
	if ((start | len) & (PAGE_SIZE - 1) || !len || start < READ_ONCE(vm_min_addr) ||
	    start >= USER_TOP || len > USER_TOP - start)
		return -EINVAL;
	return 0;
}

static long do_register(struct uffd *u, char __user *arg)
{
	struct uffdio_register r;
	int err;

	if (copy_from_user(&r, arg, offsetof(struct uffdio_register, ioctls)))
		return -EFAULT;
	if (!r.mode || (r.mode & ~(UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_MINOR)))
		return -EINVAL;
	err = check_range(r.range.start, r.range.len);
	if (!err)
		err = uffd_register(u, r.range.start, r.range.len, r.mode);
	if (err)
		return err;
	r.ioctls = RANGE_CALLS |
		   (r.mode & UFFDIO_REGISTER_MODE_MINOR ? 1UL << _UFFDIO_CONTINUE : 0);
	return put_user_u64(r.ioctls,
			    (void __user *)(arg + offsetof(struct uffdio_register, ioctls))) ?
		       -EFAULT :
		       0;
}

/* Tells what was done, but for a space that is gone, and wakes who waits for it. */
static long filled(struct uffd *u, u64 start, u64 len, s64 done, u64 mode, void __user *where)
{
	if (done == -ESRCH)
		return done;
	if (put_user_u64((u64)done, where))
		return -EFAULT;
	if (done < 0)
		return done;
	if (!(mode & DONTWAKE))
		uffd_wake(u, start, (u64)done);
	return (u64)done == len ? 0 : -EAGAIN;
}

static long do_copy(struct uffd *u, char __user *arg)
{
	struct uffdio_copy c;

	if (copy_from_user(&c, arg, offsetof(struct uffdio_copy, copy)))
		return -EFAULT;
	if (check_range(c.dst, c.len) || c.src + c.len <= c.src ||
	    (c.mode & ~UFFDIO_COPY_MODE_DONTWAKE))
		return -EINVAL;
	return filled(u, c.dst, c.len, uffd_fill(u, UFFD_COPY, c.dst, c.src, c.len), c.mode,
		      arg + offsetof(struct uffdio_copy, copy));
}

/* Those that take a range and a mode. */
static long do_range(struct uffd *u, enum uffd_fill what, char __user *arg)
{
	struct uffdio_zeropage z;

	if (copy_from_user(&z, arg, offsetof(struct uffdio_zeropage, zeropage)))
		return -EFAULT;
	if (check_range(z.range.start, z.range.len) || (z.mode & ~DONTWAKE))
		return -EINVAL;
	return filled(u, z.range.start, z.range.len,
		      uffd_fill(u, what, z.range.start, 0, z.range.len), z.mode,
		      arg + offsetof(struct uffdio_zeropage, zeropage));
}

static long do_move(struct uffd *u, char __user *arg)
{
	struct uffdio_move m;

	if (copy_from_user(&m, arg, offsetof(struct uffdio_move, move)))
		return -EFAULT;
	if (check_range(m.dst, m.len) || check_range(m.src, m.len) ||
	    (m.mode & ~(DONTWAKE | UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES)))
		return -EINVAL;
	return filled(u, m.dst, m.len,
		      uffd_move(u, m.dst, m.src, m.len, m.mode & UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES),
		      m.mode, arg + offsetof(struct uffdio_move, move));
}

static long do_unregister_or_wake(struct uffd *u, bool wake, char __user *arg)
{
	struct uffdio_range r;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	if (check_range(r.start, r.len))
		return -EINVAL;
	if (!wake)
		return uffd_unregister(u, r.start, r.len);
	uffd_wake(u, r.start, r.len);
	return 0;
}

/* Where an ioctl that fills pages has its result; 0: it is none of those. */
static size_t result_at(unsigned cmd)
{
	switch (cmd) {
	case UFFDIO_COPY:
		return offsetof(struct uffdio_copy, copy);
	case UFFDIO_ZEROPAGE:
	case UFFDIO_CONTINUE:
	case UFFDIO_POISON:
		return offsetof(struct uffdio_zeropage, zeropage);
	case UFFDIO_MOVE:
		return offsetof(struct uffdio_move, move);
	}
	return 0;
}

static long uffd_ioctl(struct file *f, unsigned cmd, unsigned long uarg)
{
	char __user *arg = (char __user *)uarg;
	struct uffd *u = f->priv;

	if (cmd != UFFDIO_API && !(u->features & UFFD_READY))
		return -EINVAL;
	if (result_at(cmd) && atomic_read(&u->changing))
		return put_user_u64((u64)-EAGAIN, (void __user *)(arg + result_at(cmd))) ? -EFAULT :
											   -EAGAIN;
	switch (cmd) {
	case UFFDIO_API:
		return handshake(u, arg);
	case UFFDIO_REGISTER:
		return do_register(u, arg);
	case UFFDIO_UNREGISTER:
		return do_unregister_or_wake(u, false, arg);
	case UFFDIO_WAKE:
		return do_unregister_or_wake(u, true, arg);
	case UFFDIO_COPY:
		return do_copy(u, arg);
	case UFFDIO_ZEROPAGE:
		return do_range(u, UFFD_ZERO, arg);
	case UFFDIO_CONTINUE:
		return do_range(u, UFFD_CONTINUE, arg);
	case UFFDIO_POISON:
		return do_range(u, UFFD_POISON, arg);
	case UFFDIO_MOVE:
		return do_move(u, arg);
	default:
		return -EINVAL;
	}
}

static const struct file_ops uffd_fops = {
	.read = uffd_read,
	.poll = uffd_poll,
	.ioctl = uffd_ioctl,
	.llseek = noop_llseek,
	.release = uffd_release,
};

static struct file *context_file(struct uffd *u)
{
	struct file *f = anon_file("anon_inode:[userfaultfd]", &uffd_fops, u,
				   O_RDONLY | (int)(u->flags & O_NONBLOCK));

	if (!IS_ERR(f))
		f->mode |= FMODE_STREAM;
	return f;
}

struct file *userfaultfd_file(unsigned flags)
{
	struct uffd *u = uffd_alloc(current->mm, flags);
	struct file *f;

	if (!u)
		return ERR_PTR(-ENOMEM);
	f = context_file(u);
	if (IS_ERR(f))
		uffd_close(u);
	return f;
}

bool userfaultfd_allowed(unsigned flags)
{
	return (flags & UFFD_USER_MODE_ONLY) || READ_ONCE(userfaultfd_unprivileged) ||
	       capable(CAP_SYS_PTRACE);
}

/* --- /dev/userfaultfd: who may open it needs no capability --- */

static long dev_ioctl(struct file *f __unused, unsigned cmd, unsigned long flags)
{
	struct file *made;

	if (cmd != USERFAULTFD_IOC_NEW)
		return -EINVAL;
	if (flags & ~(unsigned long)(O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY))
		return -EINVAL;
	made = userfaultfd_file((unsigned)flags);
	return IS_ERR(made) ? PTR_ERR(made) : fd_open_file(made, (u32)flags & O_CLOEXEC);
}

static const struct file_ops dev_fops = { .ioctl = dev_ioctl, .llseek = noop_llseek };
static struct chardev userfaultfd_cd = {
	.name = "userfaultfd", .dev = MKDEV(10, 126), .mode = 0600, .ops = &dev_fops
};

void userfaultfd_init(void)
{
	chardev_register(&userfaultfd_cd);
}
