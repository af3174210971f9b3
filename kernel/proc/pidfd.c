/*
 * Descriptors of processes (pidfd_open(2)): a file of "pidfs" that refers to a
 * struct pid, whose inode number it has. It polls readable once the process (or, with PIDFD_THREAD, the
 * thread) has ended. The pid is fixed at creation: no locks.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/eventfd.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>

#include "alloc/slab.h"
#include "core/pidns.h"
#include "core/task.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "fs/notify.h"
#include "fs/nsfs.h"
#include "fs/poll.h"
#include "lib/printf.h"
#include "proc/proc.h"
#include "proc/room.h"
#include "sync/log.h"

struct pidfd {
	struct pid *pid; /* [i] referenced */
	bool thread; /* [i] PIDFD_THREAD */
};

static u32 pidfd_poll(struct file *f, struct poll_table *pt)
{
	const struct pidfd *pf = f->priv;
	struct proc *p;
	struct task *t;
	bool ended;

	poll_wait(f, &pf->pid->pidfd_wait, pt);
	t = READ_ONCE(pf->pid->task);
	if (pf->thread) {
		if (!t)
			return EPOLLIN | EPOLLRDNORM | EPOLLHUP;
		/* Other threads may still be there after the first, and one of them become the first. */
		ended = t->proc->leader == t ? READ_ONCE(t->proc->zombie) : READ_ONCE(t->pt.zombie);
		return ended ? EPOLLIN | EPOLLRDNORM : 0;
	}
	p = READ_ONCE(pf->pid->proc);
	if (!p)
		return EPOLLIN | EPOLLRDNORM | EPOLLHUP;
	return READ_ONCE(p->zombie) ? EPOLLIN | EPOLLRDNORM : 0;
}

static void pidfd_release(struct file *f)
{
	struct pidfd *pf = f->priv;

	pid_put(pf->pid);
	kfree(pf);
}

static int pidfd_show_fdinfo(struct file *f, char *buf, size_t n)
{
	const struct pidfd *pf = f->priv;
	const struct pid *p = pf->pid;
	bool gone = !READ_ONCE(p->task) && !READ_ONCE(p->proc);
	const struct pid_ns *ns = current_pid_ns();
	int nr = gone ? -1 : pid_here(p), levels = p->ns ? p->ns->level : 0;
	int len = scnprintf(buf, n, "Pid:\t%d\nNSpid:\t%d", nr, nr);

	for (int i = ns ? ns->level : 0; nr > 0 && i < levels; i++)
		len += scnprintf(buf + len, n - (size_t)len, "\t%d", p->nrs[i]);
	return len + scnprintf(buf + len, n - (size_t)len, "\n");
}

/* PIDFD_GET_*_NAMESPACE, ioctl_pidfd(2): a descriptor of one that the process is in. */
static long pidfd_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	static const enum ns_type types[] = {
		NS_IPC,	 NS_MNT,	   NS_NET,  NS_PID, NS_PID_CHILDREN,
		NS_TIME, NS_TIME_CHILDREN, NS_USER, NS_UTS,
	};
	unsigned which = cmd - PIDFD_GET_IPC_NAMESPACE;
	struct task *t;
	struct ns *n;
	long ret;

	if (arg)
		return -EINVAL;
	t = pid_task_get(((const struct pidfd *)f->priv)->pid);
	if (!t)
		return -ESRCH;
	if (!ptrace_may_access(t, false)) {
		ret = -EACCES;
	} else if (which >= ARRAY_SIZE(types)) {
		ret = -ENOTTY;
	} else {
		n = ns_of_get(t, types[which]);
		ret = n ? ns_fd(n) : -ESRCH;
	}
	task_put(t);
	return ret;
}

static const struct file_ops pidfd_ops = {
	.poll = pidfd_poll,
	.ioctl = pidfd_ioctl,
	.release = pidfd_release,
	.show_fdinfo = pidfd_show_fdinfo,
};

static struct pidfd *pidfd_alloc(struct pid *pid, bool thread)
{
	struct pidfd *pf = kmalloc(sizeof(*pf), 0);

	if (pf)
		*pf = (struct pidfd){ .pid = pid_get(pid), .thread = thread };
	return pf;
}

/* Again, through /proc/PID/fd: the process is the inode's. */
static int pidfd_open_again(struct inode *i, struct file *f)
{
	f->priv = pidfd_alloc(i->priv, false);
	if (!f->priv)
		return -ENOMEM;
	f->ops = &pidfd_ops;
	return 0;
}

static const struct file_ops pidfd_again_ops = { .open = pidfd_open_again };

static void pidfd_evict(struct inode *i)
{
	pid_put(i->priv);
}

static const struct super_ops pidfd_super_ops = { .evict_inode = pidfd_evict,
						  .statfs = pseudo_statfs };

/* Of what is not refused because the inode is immutable: ftruncate(2). */
static int pidfd_setattr(struct inode *i __unused, const struct attrs *a __unused)
{
	return -EOPNOTSUPP;
}

/* It is a regular file, and of no kind when asked. */
static int pidfd_getattr(struct inode *i, struct stat *st)
{
	int err = generic_getattr(i, st);

	st->st_mode &= ~(u32)S_IFMT;
	return err;
}

static const struct inode_ops pidfd_inode_ops = {
	.setattr = pidfd_setattr,
	.getattr = pidfd_getattr,
};
static const struct file_system pidfs = { .name = "pidfs", .flags = FS_NODEV };
static struct mount *pidfd_mount;

void pidfd_init(void)
{
	if (pseudo_mount(&pidfs, 0x50494446, &pidfd_mount))
		panic("pidfs: out of memory at boot");
	pidfd_mount->sb->ops = &pidfd_super_ops;
	notify_pidfd = pidfd_prepare;
}

int pidfd_prepare(struct pid *pid, unsigned flags, struct file **out)
{
	struct pidfd *pf = pidfd_alloc(pid, flags & PIDFD_THREAD);
	struct file *f;
	int fd;

	if (!pf)
		return -ENOMEM;
	f = pseudo_file(pidfd_mount, "anon_inode:[pidfd]", 0700, &pidfd_ops, pf,
			(int)(O_RDWR | (flags & PIDFD_NONBLOCK)));
	if (IS_ERR(f)) {
		pid_put(pid);
		kfree(pf);
		return (int)PTR_ERR(f);
	}
	f->inode->priv = pid_get(pid);
	f->inode->ops = &pidfd_inode_ops;
	f->inode->fops = &pidfd_again_ops;
	f->inode->mode |= S_IFREG;
	f->inode->attr |= FS_IMMUTABLE_FL;
	f->inode->ino = pid->ino;
	f->inode->uid = f->inode->gid = 0;
	fd = fd_reserve(0, O_CLOEXEC);
	if (fd < 0) {
		file_put(f);
		return fd;
	}
	*out = f;
	return fd;
}

struct pid *pidfd_pid(struct file *f)
{
	return f->ops == &pidfd_ops ? ((const struct pidfd *)f->priv)->pid : ERR_PTR(-EBADF);
}

bool pidfd_is_thread(struct file *f)
{
	return ((const struct pidfd *)f->priv)->thread;
}
