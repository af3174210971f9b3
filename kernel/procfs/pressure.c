/*
 * /proc/pressure: how long tasks wait for what (core/psi.h), and triggers that poll(2) tells of.
 */
#include "procfs/procfs.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "core/cred.h"
#include "core/psi.h"
#include "fs/poll.h"
#include "lib/printf.h"

#define COMMAND_MAX 32 /* bytes of a trigger's text that are looked at, the last of them not */

struct pressure {
	enum psi_resource what; /* [I] */
	struct mutex lock;
	struct psi_trigger *trigger; /* [lock] written once; read at any time */
	size_t len; /* [lock] */
	char text[256]; /* [lock] made by a read from the beginning */
};

static int pressure_open(struct inode *i, struct file *f)
{
	struct pressure *p;
	struct subject s;
	int err = tree_subject(i, &s);

	if (err)
		return err;
	tree_file_opened(i, f);
	f->mode |= FMODE_NO_PWRITE;
	p = kzalloc(sizeof(*p), 0);
	if (p) {
		p->what = *(const enum psi_resource *)s.node->data;
		mutex_init(&p->lock);
	}
	subject_put(&s);
	f->priv = p;
	return p ? 0 : -ENOMEM;
}

static void pressure_release(struct file *f)
{
	struct pressure *p = f->priv;

	if (p->trigger)
		psi_trigger_free(p->trigger);
	kfree(p);
}

static void make_text(struct pressure *p)
{
	static const char *const names[] = { "some", "full" };
	struct psi_line lines[2];

	psi_read(p->what, lines);
	p->len = 0;
	for (unsigned i = 0; i < 2; i++) {
		const struct psi_line *l = &lines[i];
		const u32 *a = l->avg;

		p->len += (size_t)snprintf(
			p->text + p->len, sizeof(p->text) - p->len,
			"%s avg10=%u.%02u avg60=%u.%02u avg300=%u.%02u total=%lu\n", names[i],
			a[0] / 100, a[0] % 100, a[1] / 100, a[1] % 100, a[2] / 100, a[2] % 100,
			l->total_us);
	}
}

static ssize_t pressure_read(struct file *f, struct iter *it, u64 *pos)
{
	struct pressure *p = f->priv;
	size_t n = 0, done = 0;

	mutex_lock(&p->lock);
	if (*pos == 0 || !p->len)
		make_text(p);
	if (*pos < p->len) {
		n = min(it->count, p->len - *pos);
		done = iter_copy_to(it, p->text + *pos, n);
	}
	mutex_unlock(&p->lock);
	*pos += done;
	return n && !done ? -EFAULT : (ssize_t)done;
}

/* One trigger a file: -EBUSY. */
static ssize_t pressure_write(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct pressure *p = f->priv;
	size_t n = it->count, taken = min(n, (size_t)COMMAND_MAX);
	bool privileged = f->cred->cap_effective >> CAP_SYS_RESOURCE & 1;
	struct psi_trigger *t = NULL;
	char text[COMMAND_MAX];
	int err = 0;

	if (!n)
		return -EINVAL;
	if (iter_copy_from(it, text, taken) != taken)
		return -EFAULT;
	text[taken - 1] = '\0';
	mutex_lock(&p->lock);
	if (p->trigger)
		err = -EBUSY;
	else
		t = psi_trigger_new(p->what, text, privileged);
	if (IS_ERR(t))
		err = (int)PTR_ERR(t);
	else if (!err)
		smp_store_release(&p->trigger, t);
	mutex_unlock(&p->lock);
	return err ? err : (ssize_t)n;
}

static u32 pressure_poll(struct file *f, struct poll_table *pt)
{
	struct pressure *p = f->priv;
	struct psi_trigger *t = smp_load_acquire(&p->trigger);
	u32 events = EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM;

	if (!t)
		return events | EPOLLERR | EPOLLPRI;
	poll_wait(f, psi_trigger_wait(t), pt);
	return events | (psi_trigger_taken(t) ? EPOLLPRI : 0);
}

static s64 pressure_llseek(struct file *f, s64 off, int whence)
{
	return whence == SEEK_SET || whence == SEEK_CUR ? generic_llseek(f, off, whence) : -EINVAL;
}

static const struct file_ops pressure_fops = {
	.open = pressure_open,
	.read = pressure_read,
	.write = pressure_write,
	.poll = pressure_poll,
	.llseek = pressure_llseek,
	.release = pressure_release,
};

#define PRESSURE(nm, resource)                                                \
	{                                                                     \
		.name = (nm), .mode = S_IFREG | 0666, .fops = &pressure_fops, \
		.data = &(const enum psi_resource)                            \
		{                                                             \
			resource                                              \
		}                                                             \
	}

const struct node proc_pressure_table[] = {
	PRESSURE("cpu", PSI_CPU),
	PRESSURE("io", PSI_IO),
	PRESSURE("memory", PSI_MEMORY),
	{ .name = NULL },
};
