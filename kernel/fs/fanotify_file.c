/*
 * The descriptor of fanotify(7): reading events, answering those that ask, closing. An event that
 * asks belongs to who asks, unless that one has given up; while it is read nobody else frees it.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>

#include "alloc/slab.h"
#include "core/pidns.h"
#include "core/task.h"
#include "fs/fanotify.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/usercopy.h"

int (*notify_pidfd)(struct pid *pid, unsigned flags, struct file **out);

/* --- sizes --- */

#define HANDLE_HEAD (2 * sizeof(u32)) /* struct file_handle before f_handle */

static size_t fid_size(const struct fid *fid, size_t name)
{
	return ALIGN_UP(sizeof(struct fanotify_event_info_header) + sizeof(__kernel_fsid_t) +
				HANDLE_HEAD + fid->bytes + name,
			4UL);
}

/* An event on a directory itself, of a group that wants names, has the name "." */
static bool has_dot(const struct fanotify *fan, const struct fan_item *n)
{
	return !n->dir.bytes && !n->to.bytes && (fan->flags & FAN_REPORT_NAME) &&
	       (n->mask & FAN_ONDIR);
}

static size_t event_size(const struct fanotify *fan, const struct fan_item *n)
{
	size_t size = sizeof(struct fanotify_event_metadata);

	if (n->dir.bytes)
		size += fid_size(&n->dir, n->len);
	if (n->to.bytes)
		size += fid_size(&n->to, n->to_len);
	if (n->object.bytes)
		size += fid_size(&n->object, has_dot(fan, n) ? 2 : 0);
	if (fan->flags & FAN_REPORT_PIDFD)
		size += sizeof(struct fanotify_event_info_pidfd);
	return size;
}

/* --- writing an event --- */

static bool put_fid(struct iter *it, u8 type, const struct fan_item *n, const struct fid *fid,
		    const char *name, size_t len)
{
	struct {
		struct fanotify_event_info_header head;
		__kernel_fsid_t fsid;
		u32 handle_bytes;
		s32 handle_type;
		u32 data[FID_WORDS];
	} info = { .head = { .info_type = type, .len = (u16)fid_size(fid, len) },
		   .fsid = n->fsid,
		   .handle_bytes = fid->bytes,
		   .handle_type = fid->type };
	size_t head = offsetof(__typeof__(info), data) + fid->bytes;
	size_t pad = info.head.len - head - len;

	memcpy(info.data, fid->data, fid->bytes);
	return iter_copy_to(it, &info, head) == head && iter_copy_to(it, name, len) == len &&
	       iter_zero(it, pad) == pad;
}

static u8 object_type(const struct fanotify *fan, const struct fan_item *n)
{
	if ((fan->flags & FAN_FID_BITS) == FAN_REPORT_FID || n->dir.bytes || n->to.bytes)
		return FAN_EVENT_INFO_TYPE_FID;
	if (has_dot(fan, n))
		return FAN_EVENT_INFO_TYPE_DFID_NAME;
	if (n->mask & (NOTIFY_DIRENT | FAN_ONDIR))
		return FAN_EVENT_INFO_TYPE_DFID;
	return FAN_EVENT_INFO_TYPE_FID;
}

static bool put_infos(struct iter *it, const struct fanotify *fan, const struct fan_item *n)
{
	u8 dir_type = n->mask & FAN_RENAME ? FAN_EVENT_INFO_TYPE_OLD_DFID_NAME :
		      n->len		   ? FAN_EVENT_INFO_TYPE_DFID_NAME :
					     FAN_EVENT_INFO_TYPE_DFID;

	if (n->dir.bytes && !put_fid(it, dir_type, n, &n->dir, n->names, n->len))
		return false;
	if (n->to.bytes && !put_fid(it, FAN_EVENT_INFO_TYPE_NEW_DFID_NAME, n, &n->to,
				    n->names + n->len, n->to_len))
		return false;
	return !n->object.bytes ||
	       put_fid(it, object_type(fan, n), n, &n->object, ".", has_dot(fan, n) ? 2 : 0);
}

/* The descriptor by which the event's file is shown: reserved, *file to be installed. */
static int open_file(const struct fanotify *fan, const struct fan_item *n, struct file **file)
{
	struct file *f;
	int fd;

	if (!n->path.mnt)
		return FAN_NOFD;
	fd = fd_reserve(0, fan->event_flags & O_CLOEXEC);
	if (fd < 0)
		return fd;
	f = file_open_unnoticed(&n->path, (int)fan->event_flags);
	if (IS_ERR(f)) {
		fd_unreserve(fd);
		return (int)PTR_ERR(f);
	}
	*file = f;
	return fd;
}

static int seen_pid(const struct fanotify *fan, const struct fan_item *n)
{
	if (!n->pid || (fan->unprivileged && n->pid != current->proc->pid))
		return 0;
	return pid_here(n->pid);
}

static int open_pidfd(const struct fanotify *fan, const struct fan_item *n, struct file **out)
{
	int fd;

	if (!n->pid || !READ_ONCE(n->pid->proc) || !seen_pid(fan, n))
		return FAN_NOPIDFD;
	fd = notify_pidfd(n->pid, 0, out);
	return fd >= 0 ? fd : FAN_EPIDFD;
}

/* Writes n: its size or -errno. */
static ssize_t put_event(struct iter *it, const struct fanotify *fan, struct fan_item *n)
{
	struct fanotify_event_metadata e = { .event_len = (u32)event_size(fan, n),
					     .vers = FANOTIFY_METADATA_VERSION,
					     .metadata_len = sizeof(e),
					     .mask = n->mask,
					     .pid = seen_pid(fan, n) };
	struct fanotify_event_info_pidfd p = { .hdr = { .info_type = FAN_EVENT_INFO_TYPE_PIDFD,
							.len = sizeof(p) },
					       .pidfd = FAN_NOPIDFD };
	struct file *f = NULL, *pf = NULL;

	e.fd = open_file(fan, n, &f);
	if (e.fd < 0 && e.fd != FAN_NOFD)
		return e.fd;
	if (fan->flags & FAN_REPORT_PIDFD)
		p.pidfd = open_pidfd(fan, n, &pf);
	if (iter_copy_to(it, &e, sizeof(e)) != sizeof(e) || !put_infos(it, fan, n) ||
	    ((fan->flags & FAN_REPORT_PIDFD) && iter_copy_to(it, &p, sizeof(p)) != sizeof(p))) {
		if (f) {
			file_put(f);
			fd_unreserve(e.fd);
		}
		if (pf) {
			file_put(pf);
			fd_unreserve(p.pidfd);
		}
		return -EFAULT;
	}
	n->fd = e.fd;
	if (f)
		fd_install(e.fd, f);
	if (pf)
		fd_install(p.pidfd, pf);
	return e.event_len;
}

/* --- the file --- */

static struct fan_item *take(struct fanotify *fan, size_t room)
{
	struct notify_group *g = &fan->group;
	struct fan_item *n = NULL;

	spin_lock(&notify_lock);
	if (!list_empty(&g->queue)) {
		n = container_of(list_first_entry(&g->queue, struct notify_item, link),
				 struct fan_item, item);
		if (event_size(fan, n) > room)
			n = ERR_PTR(-EINVAL);
		else
			notify_unqueue(g, &n->item);
	}
	spin_unlock(&notify_lock);
	return n;
}

/* n, taken off the queue, has been read, or could not be. */
static void settle(struct fanotify *fan, struct fan_item *n, bool was_read)
{
	bool mine = n != &fan->overflow;

	if (fan_asks(n)) {
		spin_lock(&notify_lock);
		mine = n->state == FAN_GIVEN_UP;
		if (mine) {
			/* nobody waits for it any more */
		} else if (was_read && !fan->group.closed) {
			n->state = FAN_SHOWN;
			list_add_tail(&n->ask_link, &fan->shown);
		} else {
			fan_answer(n, was_read ? FAN_ALLOW : FAN_DENY);
		}
		spin_unlock(&notify_lock);
	}
	if (mine)
		fan_item_free(n);
}

static ssize_t fanotify_read(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct fanotify *fan = f->priv;
	ssize_t done = 0, size;

	for (;;) {
		struct fan_item *n = take(fan, it->count);

		if (!n && !done) {
			size = notify_wait(&fan->group, f);
			if (size)
				return size;
			continue;
		}
		if (IS_ERR_OR_NULL(n))
			return done ? done : PTR_ERR(n);
		size = put_event(it, fan, n);
		settle(fan, n, size >= 0);
		if (size < 0)
			return done && size != -EFAULT ? done : size;
		done += size;
	}
}

/* An answer: fanotify(7), "Dealing with permission events". */
static ssize_t fanotify_write(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct fanotify *fan = f->priv;
	struct fanotify_response r;
	struct fan_item *n, *found = NULL;
	bool given_up = false;

	if (it->count < sizeof(r))
		return -EINVAL;
	if (iter_copy_from(it, &r, sizeof(r)) != sizeof(r))
		return -EFAULT;
	if ((r.response & ~(u32)(FAN_ALLOW | FAN_DENY | FAN_AUDIT)) || r.fd < 0 ||
	    ((r.response & FAN_AUDIT) && !(fan->flags & FAN_ENABLE_AUDIT)) ||
	    ((r.response & FAN_ALLOW) != 0) == ((r.response & FAN_DENY) != 0))
		return -EINVAL;
	spin_lock(&notify_lock);
	list_for_each_entry(n, &fan->shown, ask_link) {
		if (n->fd == r.fd) {
			found = n;
			break;
		}
	}
	if (found) {
		given_up = found->state == FAN_GIVEN_UP;
		if (given_up)
			list_del_init(&found->ask_link);
		else
			fan_answer(found, r.response);
	}
	spin_unlock(&notify_lock);
	if (given_up)
		fan_item_free(found);
	return found ? (ssize_t)sizeof(r) : -ENOENT;
}

static long fanotify_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct fanotify *fan = f->priv;
	struct fan_item *n;
	int bytes = 0;

	if (cmd != FIONREAD)
		return -ENOTTY;
	spin_lock(&notify_lock);
	list_for_each_entry(n, &fan->group.queue, item.link)
		bytes += (int)sizeof(struct fanotify_event_metadata);
	spin_unlock(&notify_lock);
	return copy_to_user((int __user *)arg, &bytes, sizeof(bytes)) ? -EFAULT : 0;
}

/* Who waits for an answer may go on. True: there is more. */
static bool answer_one(struct fanotify *fan)
{
	struct fan_item *n, *mine = NULL;
	bool more = true;

	spin_lock(&notify_lock);
	if (!list_empty(&fan->shown)) {
		n = list_first_entry(&fan->shown, struct fan_item, ask_link);
		if (n->state == FAN_GIVEN_UP) {
			list_del_init(&n->ask_link);
			mine = n;
		} else {
			fan_answer(n, FAN_ALLOW);
		}
	} else if (!list_empty(&fan->group.queue)) {
		n = container_of(list_first_entry(&fan->group.queue, struct notify_item, link),
				 struct fan_item, item);
		notify_unqueue(&fan->group, &n->item);
		if (fan_asks(n))
			fan_answer(n, FAN_ALLOW);
		else if (n != &fan->overflow)
			mine = n;
	} else {
		more = false;
	}
	spin_unlock(&notify_lock);
	if (mine)
		fan_item_free(mine);
	return more;
}

static void fanotify_release(struct file *f)
{
	struct fanotify *fan = f->priv;

	notify_group_close(&fan->group);
	while (answer_one(fan))
		;
	notify_group_put(&fan->group);
}

static int fanotify_fdinfo(struct file *f, char *buf, size_t n)
{
	struct fanotify *fan = f->priv;
	const struct notify_mark *m;
	size_t len = (size_t)scnprintf(buf, n, "fanotify flags:%x event-flags:%x\n", fan->flags,
				       fan->event_flags);

	spin_lock(&notify_lock);
	list_for_each_entry(m, &fan->group.marks, group_link) {
		u32 flags = (m->flags & MARK_SURVIVES ? FAN_MARK_IGNORED_SURV_MODIFY : 0) |
			    (m->flags & MARK_EVICTABLE ? FAN_MARK_EVICTABLE : 0) |
			    (m->flags & MARK_IGNORE ? FAN_MARK_IGNORE : 0);
		struct inode *i = m->on->object;
		const struct mount *mnt = m->on->object;
		const struct super *sb = m->on->object;

		if (m->on->kind == WATCHED_INODE)
			len += (size_t)scnprintf(buf + len, n - len, "fanotify ino:%lx sdev:%x ",
						 i->ino, notify_sdev(i->sb));
		else if (m->on->kind == WATCHED_MOUNT)
			len += (size_t)scnprintf(buf + len, n - len, "fanotify mnt_id:%x ",
						 (u32)mount_id(mnt));
		else
			len += (size_t)scnprintf(buf + len, n - len, "fanotify sdev:%x ",
						 notify_sdev(sb));
		len += (size_t)scnprintf(buf + len, n - len, "mflags:%x mask:%x ignored_mask:%x%s",
					 flags, m->mask, m->ignore,
					 m->on->kind == WATCHED_INODE ? " " : "\n");
		if (m->on->kind != WATCHED_INODE)
			continue;
		len += (size_t)notify_put_fid(i, buf + len, n - len);
		len += (size_t)scnprintf(buf + len, n - len, "\n");
	}
	spin_unlock(&notify_lock);
	return (int)len;
}

const struct file_ops fanotify_fops = {
	.read = fanotify_read,
	.write = fanotify_write,
	.poll = notify_poll,
	.ioctl = fanotify_ioctl,
	.llseek = noop_llseek,
	.release = fanotify_release,
	.show_fdinfo = fanotify_fdinfo,
	.asyncs = notify_asyncs,
};
