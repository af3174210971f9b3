/*
 * Descriptors of processes (pidfd_open(2)): a file of "pidfs" that refers to a
 * struct pid, whose inode number it has. It polls readable once the process (or, with PIDFD_THREAD, the
 * thread) has ended. The pid is fixed at creation: no locks.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "core/pidns.h"
#include "core/task.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "fs/notify.h"
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

static const struct file_ops pidfd_ops = {
	.poll = pidfd_poll,
	.release = pidfd_release,
	.show_fdinfo = pidfd_show_fdinfo,
};

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
	notify_pidfd = pidfd_prepare;
}

int pidfd_prepare(struct pid *pid, unsigned flags, struct file **out)
{
	struct pidfd *pf = kmalloc(sizeof(*pf), 0);
	struct file *f;
	int fd;

	if (!pf)
		return -ENOMEM;
	pf->pid = pid_get(pid);
	pf->thread = flags & PIDFD_THREAD;
	f = pseudo_file(pidfd_mount, "anon_inode:[pidfd]", 0700, &pidfd_ops, pf,
			(int)(O_RDWR | (flags & PIDFD_NONBLOCK)));
	if (IS_ERR(f)) {
		pid_put(pid);
		kfree(pf);
		return (int)PTR_ERR(f);
	}
	f->inode->ops = &pidfd_inode_ops;
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
