/*
 * Files as block devices: loop(4). /dev/loop-control makes /dev/loopN when one is asked for; there are none
 * before, and none goes again. One that is bound to a file has a thread, which does the requests one after
 * the other through the file's page cache; a flush is an fsync of the file.
 *
 * A file is let go when nobody has the device open or mounted any more: at once after LOOP_CLR_FD, and
 * if it was bound with LO_FLAGS_AUTOCLEAR (mount -o loop).
 *
 * Locks: loop_mutex guards the table, and what each is bound to; a loop's lock its queue.
 */
#include "fs/loop.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/loop.h>

#include "alloc/slab.h"
#include "core/mutex.h"
#include "core/sched.h"
#include "core/wait.h"
#include "dev/block.h"
#include "dev/chardev.h"
#include "fs/blockfile.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/usercopy.h"

#define LOOP_MAJOR 7
#define LOOP_MAX   256

#define CONFIGURE_FLAGS \
	(LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN | LO_FLAGS_DIRECT_IO)

/* [m] loop_mutex; [r] carrying, inside it; [q] lock */
struct loop {
	struct block_device bd; /* sectors and readonly: [m] */
	unsigned number; /* [I] */
	struct file *file; /* [m] referenced; NULL: it is free. The thread has it for its life */
	struct loop_info64 info; /* [m] what was asked for; lo_offset: written with [r] too */
	struct mutex carrying; /* [r] one request is under way, or none: lo_offset stays */
	spinlock_t lock;
	bool bound; /* [q] requests are taken */
	struct list_head queue; /* [q] */
	struct waitq wake; /* the thread, and who waits for its end */
	bool thread; /* [q] it is there */
};

static struct mutex loop_mutex = MUTEX_INIT(loop_mutex);
static struct loop *loops[LOOP_MAX]; /* [m] */

/* --- requests --- */

/* One piece of the file; behind its end there are zeros. 0 or -EIO. */
static int transfer(struct loop *lo, enum block_op op, u64 pos, void *mem, size_t n)
{
	while (n) {
		struct iter it;
		ssize_t done;

		iter_kernel(&it, mem, n);
		it.rwf = op == BLOCK_WRITE ? RWF_NOAPPEND : 0;
		done = op == BLOCK_WRITE ? file_write(lo->file, &it, &pos) :
					   file_read(lo->file, &it, &pos);
		if (done < 0 || (!done && op == BLOCK_WRITE))
			return done == -ENOSPC ? -ENOSPC : -EIO;
		if (!done) {
			memset(mem, 0, n);
			break;
		}
		mem = (u8 *)mem + done;
		n -= (size_t)done;
	}
	return 0;
}

static int carry_out(struct loop *lo, struct block_request *rq)
{
	u64 pos = lo->info.lo_offset + rq->sector * SECTOR_SIZE;
	int err = 0;

	if (rq->op == BLOCK_FLUSH) {
		err = file_fsync(lo->file, 0, S64_MAX, true);
		return err && err != -EINVAL ? -EIO : 0;
	}
	for (unsigned i = 0; i < rq->nr_segs && !err; i++) {
		err = transfer(lo, rq->op, pos, rq->segs[i].addr, rq->segs[i].len);
		pos += rq->segs[i].len;
	}
	return err;
}

/* [q] */
static bool has_news(void *arg)
{
	struct loop *lo = arg;
	bool news;

	spin_lock(&lo->lock);
	news = !list_empty(&lo->queue) || !lo->bound;
	spin_unlock(&lo->lock);
	return news;
}

static void serve(void *arg)
{
	struct loop *lo = arg;

	for (;;) {
		struct block_request *rq = NULL;
		bool done = false;

		wait_until(&lo->wake, has_news, lo, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
		spin_lock(&lo->lock);
		if (!list_empty(&lo->queue)) {
			rq = list_first_entry(&lo->queue, struct block_request, link);
			list_del_init(&rq->link);
		} else if (!lo->bound) {
			lo->thread = false;
			done = true;
		}
		spin_unlock(&lo->lock);
		if (done)
			break;
		if (rq) {
			mutex_lock(&lo->carrying);
			rq->status = carry_out(lo, rq);
			mutex_unlock(&lo->carrying);
			rq->done(rq);
		}
	}
	wake_up_all(&lo->wake);
}

static void loop_submit(struct block_device *bd, struct block_request *rq)
{
	struct loop *lo = bd->private;
	bool bound;

	block_account(bd, rq);
	spin_lock(&lo->lock);
	bound = lo->bound;
	if (bound)
		list_add_tail(&rq->link, &lo->queue);
	spin_unlock(&lo->lock);
	if (bound) {
		wake_up_all(&lo->wake);
	} else {
		rq->status = -EIO;
		rq->done(rq);
	}
}

/* --- binding, [m] --- */

static bool has_ended(void *arg)
{
	struct loop *lo = arg;

	return !__atomic_load_n(&lo->thread, __ATOMIC_ACQUIRE);
}

/* The device is as large as its part of the file. */
static void set_capacity(struct loop *lo)
{
	u64 size = S_ISBLK(lo->file->inode->mode) ? blockfile_size(lo->file) :
						    inode_size(lo->file->inode);

	size -= min(size, lo->info.lo_offset);
	if (lo->info.lo_sizelimit)
		size = min(size, lo->info.lo_sizelimit);
	blockfile_resize(&lo->bd, size / SECTOR_SIZE);
}

/* Is what the file lies on, through other loops, lo itself? 0; -EBADF; -EINVAL: none can lie on it. */
static int check_file(const struct loop *lo, const struct file *f)
{
	while (S_ISBLK(f->inode->mode) && DEV_MAJOR(f->inode->rdev) == LOOP_MAJOR) {
		const struct loop *below = loops[DEV_MINOR(f->inode->rdev)];

		if (below == lo)
			return -EBADF;
		if (!below->file)
			return -EINVAL;
		f = below->file;
	}
	return S_ISREG(f->inode->mode) || S_ISBLK(f->inode->mode) ? 0 : -EINVAL;
}

static int check_info(const struct loop_info64 *info)
{
	if (info->lo_encrypt_key_size > LO_KEY_SIZE || info->lo_encrypt_type)
		return -EINVAL;
	return (s64)info->lo_offset < 0 || (s64)info->lo_sizelimit < 0 ? -EOVERFLOW : 0;
}

static void take_info(struct loop *lo, const struct loop_info64 *info, u32 flags)
{
	lo->info = *info;
	lo->info.lo_flags = flags;
	lo->info.lo_file_name[LO_NAME_SIZE - 1] = '\0';
}

/* f: of the device, by which it is asked for; file: referenced, and taken. */
static int bind(struct loop *lo, const struct file *f, struct file *file,
		const struct loop_config *config)
{
	u32 flags = config->info.lo_flags;
	struct task *t;
	int err;

	if (lo->file)
		return -EBUSY;
	err = check_file(lo, file);
	if (!err && ((flags & ~(u32)CONFIGURE_FLAGS) ||
		     (config->block_size && config->block_size != SECTOR_SIZE)))
		err = -EINVAL;
	if (!err)
		err = check_info(&config->info);
	if (err)
		return err;
	if (!(file->mode & f->mode & FMODE_WRITE) || !file->ops->write)
		flags |= LO_FLAGS_READ_ONLY;
	lo->file = file;
	lo->bound = lo->thread = true;
	t = kthread_start(serve, lo, "loop%u", lo->number);
	if (IS_ERR(t)) {
		lo->file = NULL;
		lo->bound = lo->thread = false;
		return (int)PTR_ERR(t);
	}
	take_info(lo, &config->info, flags & ~(u32)LO_FLAGS_DIRECT_IO);
	lo->bd.readonly = flags & LO_FLAGS_READ_ONLY;
	set_capacity(lo);
	return 0;
}

/* Nobody uses the device: its file goes, if it is to. */
static void loop_idle(struct block_device *bd)
{
	struct loop *lo = bd->private;
	struct file *file = NULL;

	mutex_lock(&loop_mutex);
	if (lo->file && (lo->info.lo_flags & LO_FLAGS_AUTOCLEAR) && !atomic_read(&bd->users)) {
		spin_lock(&lo->lock);
		lo->bound = false;
		spin_unlock(&lo->lock);
		wake_up_all(&lo->wake);
		wait_until(&lo->wake, has_ended, lo, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
		file = lo->file;
		lo->file = NULL;
		blockfile_resize(bd, 0);
		bd->readonly = false;
	}
	mutex_unlock(&loop_mutex);
	if (file)
		file_put(file);
}

/* --- ioctl --- */

static int configure(struct loop *lo, struct file *f, const struct loop_config *config)
{
	struct file *file = fd_get((int)config->fd);
	int err;

	if (!file)
		return -EBADF;
	mutex_lock(&loop_mutex);
	err = bind(lo, f, file, config);
	mutex_unlock(&loop_mutex);
	if (err)
		file_put(file);
	return err;
}

static int set_status(struct loop *lo, const struct loop_info64 *info)
{
	const u32 settable = LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN;
	u32 flags = lo->info.lo_flags;
	int err = check_info(info);

	if (err)
		return err;
	flags = (flags & ~(u32)LO_FLAGS_AUTOCLEAR) | (info->lo_flags & settable);
	/*
	 * What was written goes to where it was meant for; what was read until the offset changes is of
	 * the other part.
	 */
	blockfile_reload(&lo->bd);
	mutex_lock(&lo->carrying);
	take_info(lo, info, flags);
	mutex_unlock(&lo->carrying);
	blockfile_reload(&lo->bd);
	set_capacity(lo);
	return 0;
}

static void get_status(const struct loop *lo, struct loop_info64 *info)
{
	const struct inode *i = lo->file->inode;

	*info = lo->info;
	info->lo_number = lo->number;
	info->lo_device = dev_encode(i->sb->dev);
	info->lo_inode = i->ino;
	info->lo_rdevice = dev_encode(S_ISBLK(i->mode) ? i->rdev : i->sb->dev);
	memset(info->lo_encrypt_key, 0, sizeof(info->lo_encrypt_key));
}

/* The older form of what a device is told; -EFAULT. */
static int get_old_info(struct loop_info64 *info, const void __user *uarg)
{
	struct loop_info old;

	if (copy_from_user(&old, uarg, sizeof(old)))
		return -EFAULT;
	*info = (struct loop_info64){ .lo_offset = (u64)(s64)old.lo_offset,
				      .lo_flags = (u32)old.lo_flags };
	memcpy(info->lo_file_name, old.lo_name, LO_NAME_SIZE);
	return 0;
}

/* -EOVERFLOW: it has not room for all there is to tell. */
static int put_old_info(const struct loop_info64 *info, void __user *uarg)
{
	struct loop_info old = { .lo_number = (int)info->lo_number,
				 .lo_device = (u32)info->lo_device,
				 .lo_inode = info->lo_inode,
				 .lo_rdevice = (u32)info->lo_rdevice,
				 .lo_offset = (int)info->lo_offset,
				 .lo_flags = (int)info->lo_flags };

	memcpy(old.lo_name, info->lo_file_name, LO_NAME_SIZE);
	if (old.lo_device != info->lo_device || old.lo_rdevice != info->lo_rdevice ||
	    (u64)(s64)old.lo_offset != info->lo_offset)
		return -EOVERFLOW;
	return copy_to_user(uarg, &old, sizeof(old)) ? -EFAULT : 0;
}

/* [m] What needs a file. */
static int change(struct loop *lo, unsigned cmd, unsigned long arg, struct loop_info64 *info)
{
	switch (cmd) {
	case LOOP_CLR_FD:
		lo->info.lo_flags |= LO_FLAGS_AUTOCLEAR;
		return 0;
	case LOOP_SET_STATUS:
	case LOOP_SET_STATUS64:
		return set_status(lo, info);
	case LOOP_GET_STATUS:
	case LOOP_GET_STATUS64:
		get_status(lo, info);
		return 0;
	case LOOP_SET_CAPACITY:
		set_capacity(lo);
		return 0;
	case LOOP_SET_DIRECT_IO: /* everything goes through the page cache */
		return arg ? -EINVAL : 0;
	case LOOP_SET_BLOCK_SIZE:
		return arg == SECTOR_SIZE ? 0 : -EINVAL;
	default: /* LOOP_CHANGE_FD: the one beneath is none to be exchanged */
		return -EINVAL;
	}
}

static long loop_ioctl(struct block_device *bd, struct file *f, unsigned cmd, unsigned long arg)
{
	struct loop *lo = bd->private;
	struct loop_config config = { .fd = (u32)arg };
	void __user *uarg = (void __user *)arg;
	bool get = cmd == LOOP_GET_STATUS || cmd == LOOP_GET_STATUS64;
	int err;

	if (cmd == LOOP_SET_FD)
		return configure(lo, f, &config);
	if (cmd == LOOP_CONFIGURE)
		return copy_from_user(&config, uarg, sizeof(config)) ? -EFAULT :
								       configure(lo, f, &config);
	if (cmd < LOOP_SET_FD || cmd > LOOP_CONFIGURE)
		return -ENOTTY;
	if (cmd != LOOP_CLR_FD && !get && cmd != LOOP_CHANGE_FD && !(f->mode & FMODE_WRITE) &&
	    !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (cmd == LOOP_SET_STATUS64 && copy_from_user(&config.info, uarg, sizeof(config.info)))
		return -EFAULT;
	if (cmd == LOOP_SET_STATUS && get_old_info(&config.info, uarg))
		return -EFAULT;
	if (get && !arg)
		return -EINVAL;
	mutex_lock(&loop_mutex);
	err = lo->file ? change(lo, cmd, arg, &config.info) : -ENXIO;
	mutex_unlock(&loop_mutex);
	if (!err && cmd == LOOP_GET_STATUS)
		err = put_old_info(&config.info, uarg);
	if (!err && cmd == LOOP_GET_STATUS64 &&
	    copy_to_user(uarg, &config.info, sizeof(config.info)))
		err = -EFAULT;
	return err;
}

static const struct block_ops loop_ops = {
	.submit = loop_submit,
	.ioctl = loop_ioctl,
	.idle = loop_idle,
};

bool loop_bound(const struct block_device *bd)
{
	const struct loop *lo = bd->private;

	return bd->ops == &loop_ops && READ_ONCE(lo->file);
}

int loop_status(struct block_device *bd, struct loop_info64 *info)
{
	struct loop *lo = bd->private;
	int err = -ENXIO;

	if (bd->ops != &loop_ops)
		return err;
	mutex_lock(&loop_mutex);
	if (lo->file) {
		get_status(lo, info);
		err = 0;
	}
	mutex_unlock(&loop_mutex);
	return err;
}

const char *loop_backing_name(struct block_device *bd, char *buf, size_t n)
{
	struct loop *lo = bd->private;
	const char *name = NULL;
	struct path root;
	bool unreachable;

	if (bd->ops != &loop_ops)
		return NULL;
	fs_ctx_root(&root);
	mutex_lock(&loop_mutex);
	if (lo->file)
		name = d_path(&lo->file->path, &root, buf, n, &unreachable);
	mutex_unlock(&loop_mutex);
	path_put(&root);
	return IS_ERR(name) ? NULL : name;
}

/* --- /dev/loop-control, [m] --- */

/* n, or the first that there is not. Its number or -errno. */
static long add(long n)
{
	struct loop *lo;

	if (n < 0)
		for (n = 0; n < LOOP_MAX && loops[n];)
			n++;
	if (n >= LOOP_MAX)
		return -ENOSPC;
	if (loops[n])
		return -EEXIST;
	lo = kzalloc(sizeof(*lo), 0);
	if (!lo)
		return -ENOMEM;
	lo->number = (unsigned)n;
	spin_init(&lo->lock, RANK_FS, "loop");
	list_init(&lo->queue);
	mutex_init(&lo->carrying);
	waitq_init(&lo->wake);
	snprintf(lo->bd.name, sizeof(lo->bd.name), "loop%u", lo->number);
	lo->bd.max_segs = 64;
	lo->bd.dev = MKDEV(LOOP_MAJOR, n);
	lo->bd.ops = &loop_ops;
	lo->bd.private = lo;
	loops[n] = lo;
	block_register(&lo->bd);
	return n;
}

static long control_ioctl(struct file *f __unused, unsigned cmd, unsigned long arg)
{
	long n = -1;

	mutex_lock(&loop_mutex);
	switch (cmd) {
	case LOOP_CTL_ADD:
		n = add((int)arg);
		break;
	case LOOP_CTL_GET_FREE:
		for (n = 0; n < LOOP_MAX && loops[n] && loops[n]->file;)
			n++;
		if (n == LOOP_MAX || !loops[n])
			n = add(-1);
		break;
	case LOOP_CTL_REMOVE: /* what is there stays */
		n = (int)arg < 0 ? -EINVAL : -EBUSY;
		if (n == -EBUSY && (arg >= LOOP_MAX || !loops[arg]))
			n = -ENODEV;
		break;
	default:
		n = -ENOSYS;
		break;
	}
	mutex_unlock(&loop_mutex);
	return n;
}

static const struct file_ops control_fops = { .llseek = noop_llseek, .ioctl = control_ioctl };

static struct chardev control = {
	.name = "loop-control",
	.dev = MKDEV(10, 237),
	.mode = 0660,
	.ops = &control_fops,
};

void loop_init(void)
{
	chardev_register(&control);
}
