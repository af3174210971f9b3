/*
 * SECCOMP_RET_USER_NOTIF: the listener of a filter (seccomp_unotify(2)). The file refers to the
 * filter; a request lies on the stack of the task that waits for its answer. All of it is guarded
 * by the filter's listener_mutex, but for the two counts, which poll reads at any time. filter->wait
 * wakes who reads the listener, request->wait the task that asks, added->wait who adds a descriptor.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/epoll.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "core/pidns.h"
#include "core/random.h"
#include "core/signal.h"
#include "fs/files.h"
#include "fs/poll.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "proc/seccomp.h"

#define IOC_SIZE(cmd)	 ((cmd) >> 16 & 0x3fff)
#define IOC_SIZE_MASK	 (0x3fffU << 16)
#define ID_VALID_OLD_CMD 0x80082102U /* as the ABI first had it: the direction was wrong */
#define ADDFD_KNOWN	 (SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND)

enum state { ASKED, SENT, REPLIED };

struct seccomp_listener {
	struct list_head requests; /* in order */
	u64 next_id;
	u32 nr_asked, nr_sent; /* requests in these states; poll reads them */
};

struct request {
	struct list_head link;
	struct list_head added; /* of struct added: descriptors to take before going on */
	u64 id;
	int pid;
	const struct seccomp_data *data;
	enum state state;
	s64 val;
	s32 error;
	u32 flags;
	struct waitq wait;
};

struct added {
	struct list_head link;
	const struct seccomp_notif_addfd *how;
	struct file *file; /* referenced by who adds it */
	bool done;
	long ret;
	struct waitq wait;
};

static void set_state(struct seccomp_listener *l, struct request *r, enum state to)
{
	if (l && r->state == ASKED)
		WRITE_ONCE(l->nr_asked, l->nr_asked - 1);
	if (l && r->state == SENT)
		WRITE_ONCE(l->nr_sent, l->nr_sent - 1);
	r->state = to;
	if (l && to == ASKED)
		WRITE_ONCE(l->nr_asked, l->nr_asked + 1);
	if (l && to == SENT)
		WRITE_ONCE(l->nr_sent, l->nr_sent + 1);
}

static struct request *request_find(struct seccomp_listener *l, u64 id)
{
	struct request *r;

	list_for_each_entry(r, &l->requests, link)
		if (r->id == id)
			return r;
	return NULL;
}

/* --- the task that asks ------------------------------------------------------------------------ */

static void added_finish(struct added *a, long ret)
{
	list_del_init(&a->link);
	a->ret = ret;
	a->done = true;
	wake_up_all(&a->wait);
}

static void take_added(struct seccomp_filter *f, struct request *r)
{
	struct added *a = list_first_entry(&r->added, struct added, link);
	const struct seccomp_notif_addfd *how = a->how;
	long fd;

	if (how->flags & SECCOMP_ADDFD_FLAG_SETFD)
		fd = fd_replace(a->file, (int)how->newfd, how->newfd_flags);
	else
		fd = fd_open_file(file_get(a->file), how->newfd_flags);
	if (how->flags & SECCOMP_ADDFD_FLAG_SEND) {
		/* It was the answer too; without it the request is open again. */
		if (fd < 0)
			set_state(f->listener, r, SENT);
		else
			r->val = fd;
	}
	added_finish(a, fd);
}

/* Sleeps with the mutex dropped. 0, or -ERESTARTSYS: a signal that may end the wait. */
static int request_sleep(struct seccomp_filter *f, struct request *r)
{
	bool killable = f->wait_killable && r->state == SENT;
	struct waiter w;
	int err;

	waiter_init(&w);
	wait_prepare(&r->wait, &w, killable ? TASK_KILLABLE : TASK_INTERRUPTIBLE);
	mutex_unlock(&f->listener_mutex);
	err = wait_sleep(WAIT_FOREVER);
	wait_finish(&r->wait, &w);
	mutex_lock(&f->listener_mutex);
	/* Taken up meanwhile: from here on only death ends it. */
	if (err && !killable && f->wait_killable && r->state == SENT)
		return 0;
	return err;
}

bool seccomp_ask(struct seccomp_filter *f, struct trapframe *tf, const struct seccomp_data *sd)
{
	struct request r = { .pid = task_tid(current), .data = sd, .state = REPLIED };
	int err = -ENOSYS;

	list_init(&r.added);
	waitq_init(&r.wait);
	mutex_lock(&f->listener_mutex);
	if (f->listener) {
		err = 0;
		r.id = f->listener->next_id++;
		list_add_tail(&r.link, &f->listener->requests);
		set_state(f->listener, &r, ASKED);
		wake_up_key(&f->wait, EPOLLIN | EPOLLRDNORM);
		while (!err && (r.state != REPLIED || !list_empty(&r.added))) {
			if (!list_empty(&r.added))
				take_added(f, &r);
			else
				err = request_sleep(f, &r);
		}
		while (!list_empty(&r.added))
			added_finish(list_first_entry(&r.added, struct added, link), -ESRCH);
		set_state(f->listener, &r, REPLIED);
		list_del_init(&r.link);
	}
	mutex_unlock(&f->listener_mutex);
	if (!err && (r.flags & SECCOMP_USER_NOTIF_FLAG_CONTINUE))
		return true;
	if (!err)
		err = r.error;
	tf->a0 = err ? (u64)(s64)err : (u64)r.val;
	return false;
}

/* --- the listener ------------------------------------------------------------------------------- */

static struct request *request_asked(struct seccomp_filter *f)
{
	struct request *r;

	list_for_each_entry(r, &f->listener->requests, link)
		if (r->state == ASKED)
			return r;
	return NULL;
}

/* With the mutex held, and at an error too. -ENOENT: nobody is left who could ask. */
static int wait_asked(struct seccomp_filter *f, struct request **r)
{
	int err = 0;

	while (!(*r = request_asked(f)) && !err) {
		struct waiter w;

		waiter_init(&w);
		wait_prepare(&f->wait, &w, TASK_INTERRUPTIBLE);
		if (!atomic_read(&f->users)) {
			wait_finish(&f->wait, &w);
			return -ENOENT;
		}
		mutex_unlock(&f->listener_mutex);
		err = wait_sleep(WAIT_FOREVER);
		wait_finish(&f->wait, &w);
		mutex_lock(&f->listener_mutex);
	}
	return *r ? 0 : err;
}

static long notif_recv(struct seccomp_filter *f, void __user *buf)
{
	struct seccomp_notif n;
	struct request *r;
	int err;

	if (copy_from_user(&n, buf, sizeof(n)))
		return -EFAULT;
	if (memchr_inv(&n, 0, sizeof(n)))
		return -EINVAL;
	mutex_lock(&f->listener_mutex);
	err = wait_asked(f, &r);
	if (!err) {
		n.id = r->id;
		n.pid = (u32)nr_here(r->pid);
		n.data = *r->data;
		set_state(f->listener, r, SENT);
	}
	mutex_unlock(&f->listener_mutex);
	if (err)
		return err;
	wake_up_key(&f->wait, EPOLLOUT | EPOLLWRNORM);
	if (!copy_to_user(buf, &n, sizeof(n)))
		return 0;
	/* Nobody has heard of it: it is to be had again. */
	mutex_lock(&f->listener_mutex);
	r = request_find(f->listener, n.id);
	if (r && r->state == SENT) {
		set_state(f->listener, r, ASKED);
		wake_up_key(&f->wait, EPOLLIN | EPOLLRDNORM);
	}
	mutex_unlock(&f->listener_mutex);
	return -EFAULT;
}

static long notif_send(struct seccomp_filter *f, const void __user *buf)
{
	struct seccomp_notif_resp resp;
	struct request *r;
	long err = 0;

	if (copy_from_user(&resp, buf, sizeof(resp)))
		return -EFAULT;
	if (resp.flags & ~(u32)SECCOMP_USER_NOTIF_FLAG_CONTINUE)
		return -EINVAL;
	if ((resp.flags & SECCOMP_USER_NOTIF_FLAG_CONTINUE) && (resp.error || resp.val))
		return -EINVAL;
	mutex_lock(&f->listener_mutex);
	r = request_find(f->listener, resp.id);
	if (!r) {
		err = -ENOENT;
	} else if (r->state != SENT) {
		err = -EINPROGRESS;
	} else {
		set_state(f->listener, r, REPLIED);
		r->error = resp.error;
		r->val = resp.val;
		r->flags = resp.flags;
		wake_up_all(&r->wait);
	}
	mutex_unlock(&f->listener_mutex);
	return err;
}

static long notif_id_valid(struct seccomp_filter *f, const void __user *buf)
{
	struct request *r;
	u64 id;
	long err;

	if (copy_from_user(&id, buf, sizeof(id)))
		return -EFAULT;
	mutex_lock(&f->listener_mutex);
	r = request_find(f->listener, id);
	err = r && r->state == SENT ? 0 : -ENOENT;
	mutex_unlock(&f->listener_mutex);
	return err;
}

static bool added_done(void *a)
{
	return READ_ONCE(((struct added *)a)->done);
}

static long add_to_request(struct seccomp_filter *f, struct added *a)
{
	struct request *r;
	long err = 0;

	mutex_lock(&f->listener_mutex);
	r = request_find(f->listener, a->how->id);
	if (!r)
		err = -ENOENT;
	else if (r->state != SENT)
		err = -EINPROGRESS;
	else if ((a->how->flags & SECCOMP_ADDFD_FLAG_SEND) && !list_empty(&r->added))
		err = -EBUSY;
	if (!err) {
		if (a->how->flags & SECCOMP_ADDFD_FLAG_SEND)
			set_state(f->listener, r, REPLIED);
		list_add_tail(&a->link, &r->added);
		wake_up_all(&r->wait);
	}
	mutex_unlock(&f->listener_mutex);
	if (err)
		return err;
	err = wait_until(&a->wait, added_done, a, TASK_INTERRUPTIBLE, WAIT_FOREVER);
	/* Whoever takes it up holds the mutex: after this a is nobody's but ours. */
	mutex_lock(&f->listener_mutex);
	if (a->done)
		err = a->ret;
	else
		list_del_init(&a->link);
	mutex_unlock(&f->listener_mutex);
	return err;
}

static long notif_addfd(struct seccomp_filter *f, const void __user *buf, size_t n)
{
	struct seccomp_notif_addfd how;
	struct added a = { .how = &how };
	long ret;

	if (n < sizeof(how) || n >= PAGE_SIZE)
		return -EINVAL;
	ret = copy_struct_from_user(&how, sizeof(how), buf, n);
	if (ret)
		return ret;
	if ((how.newfd_flags & ~(u32)O_CLOEXEC) || (how.flags & ~(u32)ADDFD_KNOWN))
		return -EINVAL;
	if (how.newfd && !(how.flags & SECCOMP_ADDFD_FLAG_SETFD))
		return -EINVAL;
	a.file = fd_get((int)how.srcfd);
	if (!a.file)
		return -EBADF;
	waitq_init(&a.wait);
	ret = add_to_request(f, &a);
	file_put(a.file);
	return ret;
}

static long notif_set_flags(u64 flags)
{
	return flags & ~SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP ? -EINVAL : 0;
}

static long listener_ioctl(struct file *file, unsigned cmd, unsigned long arg)
{
	struct seccomp_filter *f = file->priv;
	void __user *buf = (void __user *)arg;

	switch (cmd) {
	case SECCOMP_IOCTL_NOTIF_RECV:
		return notif_recv(f, buf);
	case SECCOMP_IOCTL_NOTIF_SEND:
		return notif_send(f, buf);
	case SECCOMP_IOCTL_NOTIF_ID_VALID:
	case ID_VALID_OLD_CMD:
		return notif_id_valid(f, buf);
	case SECCOMP_IOCTL_NOTIF_SET_FLAGS:
		return notif_set_flags(arg);
	}
	/* Its argument may grow, and the command with it. */
	if ((cmd & ~IOC_SIZE_MASK) == (SECCOMP_IOCTL_NOTIF_ADDFD & ~IOC_SIZE_MASK))
		return notif_addfd(f, buf, IOC_SIZE(cmd));
	return -EINVAL;
}

static u32 listener_poll(struct file *file, struct poll_table *pt)
{
	struct seccomp_filter *f = file->priv;
	u32 events = 0;

	poll_wait(file, &f->wait, pt);
	if (READ_ONCE(f->listener->nr_asked))
		events |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(f->listener->nr_sent))
		events |= EPOLLOUT | EPOLLWRNORM;
	return atomic_read(&f->users) ? events : events | EPOLLHUP;
}

/* Nobody will answer: ENOSYS. */
static void listener_release(struct file *file)
{
	struct seccomp_filter *f = file->priv;
	struct seccomp_listener *l = f->listener;
	struct request *r, *next;

	mutex_lock(&f->listener_mutex);
	list_for_each_entry_safe(r, next, &l->requests, link) {
		if (r->state != REPLIED) {
			r->error = -ENOSYS;
			r->val = 0;
			r->flags = 0;
			r->state = REPLIED;
			wake_up_all(&r->wait);
		}
		list_del_init(&r->link);
	}
	f->listener = NULL;
	mutex_unlock(&f->listener_mutex);
	kfree(l);
	seccomp_filter_put(f);
}

static const struct file_ops listener_ops = {
	.poll = listener_poll,
	.ioctl = listener_ioctl,
	.release = listener_release,
};

int seccomp_listener_prepare(struct seccomp_filter *f, struct file **file)
{
	struct seccomp_listener *l = kzalloc(sizeof(*l), 0);
	int fd;

	if (!l)
		return -ENOMEM;
	list_init(&l->requests);
	l->next_id = random_u64();
	fd = fd_reserve(0, O_CLOEXEC);
	if (fd < 0) {
		kfree(l);
		return fd;
	}
	*file = anon_file("anon_inode:seccomp notify", &listener_ops, f, O_RDWR);
	if (IS_ERR(*file)) {
		fd_unreserve(fd);
		kfree(l);
		return (int)PTR_ERR(*file);
	}
	f->listener = l;
	atomic_inc(&f->refs);
	return fd;
}
