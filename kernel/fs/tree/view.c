/*
 * The open text files of trees (tree.h). A text is made by the node's `show`, part by part, when it is read,
 * and anew when it is read from its beginning.
 */
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "core/signal.h"
#include "fs/internal.h"
#include "fs/mount.h"
#include "fs/poll.h"
#include "fs/tree/internal.h"
#include "mm/vm.h"

#define STORE_MAX 65536 /* bytes that one write may have */

#define TEXT_KEEP (128UL << 10)

struct view {
	struct mutex lock;
	struct text text; /* [lock] the part in hand; text.next: the one after it */
	u64 start; /* [lock] its position in the file */
	struct mm *mm; /* [i] held; NULL: none, or none is asked for */
	bool made; /* [lock] */
	struct ns *mounts; /* [I] of NODE_MOUNTS: referenced, else NULL */
	struct path root; /* [I] the same */
	struct ns *net; /* [I] of NODE_OF_NET: the same */
	u64 seen; /* [w] its count of changes when poll(2) last told of one */
};

/* What NODE_MOUNTS tells of. 0; -EINVAL: the process has none any more. */
static int hold_mounts(struct view *v, const struct subject *s)
{
	v->mounts = ns_of_get(s->task, NS_MNT);
	if (!v->mounts)
		return -EINVAL;
	if (s->node->follow(s, &v->root)) {
		ns_put(v->mounts);
		return -EINVAL;
	}
	v->seen = READ_ONCE(mnt_ns_of(v->mounts)->event);
	return 0;
}

void tree_file_opened(const struct inode *i, struct file *f)
{
	const struct place *p = place_of(i);
	u32 flags = p->node->flags;

	if (!p->kind)
		return;
	if (flags & NODE_SYSCTL)
		return;
	f->mode |= FMODE_NO_SPLICE_OUT | (p->kind == NODE_OF_TASK ? 0 : FMODE_NO_MAP);
	if (!p->node->show || (p->kind != NODE_MACHINE && !(flags & NODE_MOUNTS)))
		f->mode |= FMODE_NO_SPLICE;
	if (p->node->show && !(flags & NODE_SEEKS_END))
		f->mode |= FMODE_NO_PWRITE;
}

static int text_open(struct inode *i, struct file *f)
{
	struct subject s;
	struct view *v;
	int err = tree_subject_checked(i, &s);

	if (err)
		return err;
	if ((f->mode & FMODE_WRITE) && !s.node->store &&
	    ((place_of(i)->kind == NODE_OF_NET && !(s.node->flags & NODE_ONE_TEXT)) ||
	     (i->sb->fs->flags & FS_ATTR_FILES))) {
		subject_put(&s);
		return -EACCES;
	}
	tree_file_opened(i, f);
	v = kzalloc(sizeof(*v), 0);
	if (!v)
		err = -ENOMEM;
	else if (s.node->space)
		v->mm = s.node->space(&s);
	else if (s.node->flags & NODE_MOUNTS)
		err = hold_mounts(v, &s);
	if (!err) {
		v->net = s.net;
		s.net = NULL;
	}
	subject_put(&s);
	if (!err && IS_ERR(v->mm))
		err = (int)PTR_ERR(v->mm);
	if (err) {
		if (v && v->net)
			ns_put(v->net);
		kfree(v);
		return err;
	}
	mutex_init(&v->lock);
	f->priv = v;
	return 0;
}

static void text_release(struct file *f)
{
	struct view *v = f->priv;

	text_free(&v->text);
	if (v->mm)
		mm_drop(v->mm);
	if (v->mounts)
		ns_put(v->mounts);
	if (v->net)
		ns_put(v->net);
	path_put(&v->root);
	kfree(v);
}

/* proc(5), /proc/PID/mounts: EPOLLPRI and EPOLLERR once for what changed since it was asked. */
static u32 mounts_poll(struct file *f, struct poll_table *pt)
{
	struct view *v = f->priv;
	struct mnt_ns *ns = mnt_ns_of(v->mounts);
	u64 event;
	bool news;

	poll_wait(f, &ns->wait, pt);
	event = READ_ONCE(ns->event);
	news = v->seen != event;
	v->seen = event;
	return EPOLLIN | EPOLLRDNORM | (news ? EPOLLERR | EPOLLPRI : 0);
}

/* The next part, or the first. v->lock held. */
static int make_part(struct file *f, struct view *v, bool first)
{
	struct subject s = { .node = place_of(f->inode)->node, .pidns = place_of(f->inode)->pidns };
	bool held = v->mounts || v->net; /* then the process is asked no more */
	int err = held ? 0 : tree_subject(f->inode, &s);

	v->made = false;
	if (err)
		return err;
	v->start = first ? 0 : v->start + v->text.len;
	v->text.next = first ? 0 : v->text.next;
	v->text.len = 0;
	v->text.failed = false;
	if (v->mm && mm_get_live(v->mm))
		s.mm = v->mm;
	s.opener = f->cred;
	s.mounts = v->mounts;
	s.root = &v->root;
	if (held) {
		s.net = v->net;
		s.arg = place_of(f->inode)->arg;
	}
	err = s.node->show(&v->text, &s);
	if (s.mm)
		mm_put(s.mm);
	if (!held)
		subject_put(&s);
	if (!err && v->text.failed)
		err = -ENOMEM;
	v->made = !err;
	return err;
}

/* Has the part in hand what is at pos? v->lock held. */
static bool part_has(const struct view *v, u64 pos)
{
	return v->made && pos >= v->start && (pos < v->start + v->text.len || !v->text.next);
}

static ssize_t text_read(struct file *f, struct iter *it, u64 *pos)
{
	const struct place *p = place_of(f->inode);
	struct view *v = f->priv;
	size_t n, done, end;
	int err = 0;

	if (!p->node->show)
		return p->kind == NODE_MACHINE ? -EIO : -EINVAL;
	mutex_lock(&v->lock);
	if (*pos == 0 || !v->made || *pos < v->start)
		err = make_part(f, v, true);
	while (!err && !part_has(v, *pos)) {
		err = fatal_signal_pending(current) ? -EINTR : make_part(f, v, false);
		cond_resched();
	}
	if (err) {
		mutex_unlock(&v->lock);
		return err;
	}
	end = v->start + v->text.len;
	n = *pos < end ? min(it->count, end - *pos) : 0;
	done = n ? iter_copy_to(it, v->text.buf + (*pos - v->start), n) : 0;
	/*
	 * A long one is made again for each read: an open file must not pin megabytes of the
	 * kernel's memory.
	 */
	if (v->text.size > TEXT_KEEP) {
		text_free(&v->text);
		v->made = false;
	}
	mutex_unlock(&v->lock);
	*pos += done;
	return n && !done ? -EFAULT : (ssize_t)done;
}

static ssize_t text_write(struct file *f, struct iter *it, u64 *pos)
{
	const struct place *p = place_of(f->inode);
	const struct node *node = p->node;
	size_t n = it->count;
	struct subject s;
	char *buf;
	int err;

	if (!node->store && !(node->flags & NODE_SYSCTL) &&
	    (p->kind & (NODE_OF_NET | NODE_MACHINE)))
		return p->kind == NODE_OF_NET ? -EACCES : -EIO;
	if (!node->store)
		return node->flags & NODE_SYSCTL || p->pid ? -EINVAL : -EIO;
	if (n == 0 && !p->pid && !(node->flags & NODE_EMPTY))
		return 0;
	if (n > STORE_MAX || ((node->flags & NODE_ONCE) && (*pos || n >= PAGE_SIZE)))
		return -EINVAL;
	buf = kmalloc(n + 1, 0);
	if (!buf)
		return -ENOMEM;
	err = iter_copy_from(it, buf, n) == n ? 0 : -EFAULT;
	/* What is written behind the start of a sysctl is not looked at (sysctl_writes_strict). */
	if (!err && (node->flags & NODE_SYSCTL) && *pos)
		goto out;
	if (!err)
		err = tree_subject(f->inode, &s);
	if (!err) {
		buf[n] = '\0';
		s.opener = f->cred;
		err = node->store(&s, buf, n);
		subject_put(&s);
	}
out:
	kfree(buf);
	if (err < 0)
		return err;
	n = err ? min((size_t)err, n) : n;
	*pos += n;
	return (ssize_t)n;
}

static long text_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	const struct node *node = place_of(f->inode)->node;
	struct view *v = f->priv;
	long ret;

	if (!node->ioctl)
		return -ENOTTY;
	if (!v->mm || !mm_get_live(v->mm))
		return -ESRCH;
	ret = node->ioctl(v->mm, cmd, (void __user *)arg);
	mm_put(v->mm);
	return ret;
}

/*
 * As Linux's files do that are made in these ways: a setting has the length 0 and an end, a text that is
 * made piece by piece has none, and what is only written does not move.
 */
static s64 text_llseek(struct file *f, s64 off, int whence)
{
	const struct place *p = place_of(f->inode);
	u32 flags = p->node->flags;

	if (!p->kind)
		return dir_llseek(f, off, whence);
	if (flags & NODE_SYSCTL)
		return generic_llseek(f, off, whence);
	if (!p->node->show)
		return noop_llseek(f, off, whence);
	return flags & NODE_SEEKS_END ? generic_llseek(f, off, whence) : dir_llseek(f, off, whence);
}

const struct file_ops tree_mounts_fops = {
	.open = text_open,
	.read = text_read,
	.write = text_write,
	.poll = mounts_poll,
	.llseek = dir_llseek,
	.release = text_release,
};

const struct file_ops tree_text_fops = {
	.open = text_open,
	.read = text_read,
	.write = text_write,
	.ioctl = text_ioctl,
	.llseek = text_llseek,
	.release = text_release,
};
