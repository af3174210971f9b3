/*
 * The memory devices: null(4), zero(4), full(4), random(4), and the kernel
 * log as /dev/kmsg.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>
#include <uapi/uio.h>

#include "core/random.h"
#include "core/sched.h"
#include "dev/chardev.h"
#include "fs/devfs/kmsg.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "fs/poll.h"
#include "lib/string.h"
#include "mm/usercopy.h"

static ssize_t read_nothing(struct file *f __unused, struct iter *it __unused, u64 *pos __unused)
{
	return 0;
}

static ssize_t write_all(struct file *f __unused, struct iter *it, u64 *pos __unused)
{
	size_t n = it->count;

	iter_advance(it, n);
	return (ssize_t)n;
}

static ssize_t read_zeros(struct file *f __unused, struct iter *it, u64 *pos __unused)
{
	size_t done = 0;

	while (it->count) {
		size_t want = min(it->count, (size_t)1 << 20);
		size_t n = iter_zero(it, want);

		done += n;
		if (n < want)
			return done ? (ssize_t)done : -EFAULT;
		if (!it->count || fatal_signal_pending(current))
			break;
		cond_resched();
	}
	return (ssize_t)done;
}

static ssize_t write_full(struct file *f __unused, struct iter *it, u64 *pos __unused)
{
	return it->count ? -ENOSPC : 0;
}

/* lseek(2) on these succeeds and means nothing. */
static s64 seek_nowhere(struct file *f, s64 off __unused, int whence __unused)
{
	f->pos = 0;
	return 0;
}

static int map_zeros(struct file *f __unused, struct file_map *m)
{
	if (m->vm_flags & VM_SHARED) {
		m->obj = vmobject_create_anon(m->len);
		return m->obj ? 0 : -ENOMEM;
	}
	m->obj = NULL;
	m->ops = &zero_area_ops;
	return 0;
}

static ssize_t read_random(struct file *f, struct iter *it, u64 *pos __unused)
{
	size_t done = 0;
	u8 buf[256];

	if (f->priv && !random_ready()) { /* /dev/random: blocks until seeded */
		int err = (f->flags & O_NONBLOCK) || (it->rwf & RWF_NOWAIT) ? -EAGAIN :
									      random_wait_ready();

		if (err)
			return err;
	}
	while (it->count) {
		size_t want = min(it->count, sizeof(buf)), n;

		random_bytes(buf, want);
		n = iter_copy_to(it, buf, want);
		done += n;
		if (n < want)
			return done ? (ssize_t)done : -EFAULT;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	memzero_explicit(buf, sizeof(buf));
	return (ssize_t)done;
}

static ssize_t write_random(struct file *f __unused, struct iter *it, u64 *pos __unused)
{
	size_t done = 0;
	u8 buf[256];

	while (it->count) {
		size_t want = min(it->count, sizeof(buf));
		size_t n = iter_copy_from(it, buf, want);

		random_add(buf, n, 0); /* stirred in, credited with nothing: random(4) */
		done += n;
		if (n < want)
			return done ? (ssize_t)done : -EFAULT;
	}
	return (ssize_t)done;
}

static long add_entropy(struct file *f, const u32 __user *arg)
{
	struct iter it;
	u32 bits, len;

	if (get_user_u32(&bits, arg))
		return -EFAULT;
	if ((int)bits < 0)
		return -EINVAL;
	if (get_user_u32(&len, arg + 1))
		return -EFAULT;
	len = min(len, (u32)S32_MAX);
	iter_user(&it, arg + 2, len);
	if (write_random(f, &it, NULL) != (ssize_t)len)
		return -EFAULT;
	random_add(NULL, 0, bits);
	return 0;
}

/* random(4), "ioctl". There is no pool to empty. */
static long ioctl_random(struct file *f, unsigned cmd, unsigned long arg)
{
	u32 __user *uarg = (u32 __user *)arg;
	u32 bits;

	if (cmd == RNDGETENTCNT)
		return put_user_u32(random_entropy(), uarg) ? -EFAULT : 0;
	switch (cmd) {
	case RNDADDTOENTCNT:
	case RNDADDENTROPY:
	case RNDZAPENTCNT:
	case RNDCLEARPOOL:
	case RNDRESEEDCRNG:
		break;
	default:
		return -EINVAL;
	}
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	switch (cmd) {
	case RNDADDENTROPY:
		return add_entropy(f, uarg);
	case RNDADDTOENTCNT:
		if (get_user_u32(&bits, uarg))
			return -EFAULT;
		if ((int)bits < 0)
			return -EINVAL;
		random_add(NULL, 0, bits);
		return 0;
	case RNDRESEEDCRNG:
		if (!random_ready())
			return -ENODATA;
		random_add(NULL, 0, 0);
		return 0;
	default:
		return 0;
	}
}

static int open_nowait(struct inode *i __unused, struct file *f)
{
	f->mode |= FMODE_NOWAIT;
	return 0;
}

static const struct file_ops null_fops = {
	.open = open_nowait,
	.read = read_nothing,
	.write = write_all,
	.llseek = seek_nowhere,
};
static const struct file_ops zero_fops = {
	.open = open_nowait,
	.read = read_zeros,
	.write = write_all,
	.llseek = seek_nowhere,
	.mmap = map_zeros,
};
static const struct file_ops full_fops = {
	.read = read_zeros,
	.write = write_full,
	.llseek = seek_nowhere,
};
static const struct file_ops random_fops = {
	.open = open_nowait,
	.read = read_random,
	.write = write_random,
	.llseek = seek_nowhere,
	.ioctl = ioctl_random,
};

/* Numbers: Linux's devices.txt, major 1. */
static struct chardev devices[] = {
	{ .name = "null", .dev = MKDEV(1, 3), .mode = 0666, .ops = &null_fops },
	{ .name = "zero", .dev = MKDEV(1, 5), .mode = 0666, .ops = &zero_fops },
	{ .name = "full", .dev = MKDEV(1, 7), .mode = 0666, .ops = &full_fops },
	{ .name = "random",
	  .dev = MKDEV(1, 8),
	  .mode = 0666,
	  .ops = &random_fops,
	  .private = &devices },
	{ .name = "urandom", .dev = MKDEV(1, 9), .mode = 0666, .ops = &random_fops },
	{ .name = "kmsg", .dev = MKDEV(1, 11), .mode = 0644, .ops = &kmsg_fops },
};

void memdev_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		chardev_register(&devices[i]);
}
