/*
 * fanotify(7): groups, their marks, and what they make of events. Marks are of inodes, mounts and
 * supers; an event names its file by an open descriptor or by handles. A group of the content classes
 * can be asked first: who wants to open or read waits for its answer.
 */
#include "fs/fanotify.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "core/userns.h"
#include "fs/files.h"
#include "fs/internal.h"
#include "lib/string.h"

#define MERGE_MAX 128 /* events that are looked at for one that a new one can join */
#define INIT_FLAGS                                                                              \
	(FAN_CLOEXEC | FAN_NONBLOCK | FAN_CLASSES | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | \
	 FAN_ENABLE_AUDIT | FAN_REPORT_PIDFD | FAN_REPORT_TID | FAN_FID_BITS)
#define ADMIN_FLAGS                                                              \
	(FAN_CLASSES | FAN_REPORT_TID | FAN_REPORT_PIDFD | FAN_UNLIMITED_QUEUE | \
	 FAN_UNLIMITED_MARKS)
#define EVENT_F_FLAGS                                                                       \
	(O_ACCMODE | O_APPEND | O_NONBLOCK | __O_SYNC | O_DSYNC | O_CLOEXEC | O_LARGEFILE | \
	 O_NOATIME)
#define MARK_COMMANDS (FAN_MARK_ADD | FAN_MARK_REMOVE | FAN_MARK_FLUSH)
#define MARK_TYPES    (FAN_MARK_INODE | FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM)
#define IGNORE_BITS   (FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORE)
#define MARK_FLAGS                                                              \
	(MARK_TYPES | MARK_COMMANDS | FAN_MARK_DONT_FOLLOW | FAN_MARK_ONLYDIR | \
	 FAN_MARK_IGNORED_SURV_MODIFY | FAN_MARK_EVICTABLE | IGNORE_BITS)
#define MARK_FLAGS_OF_EVENTS (FAN_EVENT_ON_CHILD | FAN_ONDIR)
/* Events that come with an open file, so that a descriptor can tell which. */
#define FD_EVENTS      (FAN_ACCESS | FAN_MODIFY | FAN_CLOSE | FAN_OPEN | FAN_OPEN_EXEC | NOTIFY_PERM)
#define MARK_EVENTS    (IN_ALL_EVENTS | FAN_OPEN_EXEC | FAN_RENAME | FAN_FS_ERROR | NOTIFY_PERM)
#define DIRECTORY_BITS (NOTIFY_DIRENT | MARK_FLAGS_OF_EVENTS)

int fanotify_max_queued = 16384;

/* --- which events --- */

static bool applies(u32 mask, bool is_dir, enum notify_hit by)
{
	return !(is_dir && !(mask & FAN_ONDIR)) &&
	       !(by == HIT_PARENT && !(mask & FAN_EVENT_ON_CHILD));
}

/* What m does not want to hear, of an event that came by `by`. */
static u32 ignores(const struct notify_mark *m, bool is_dir, enum notify_hit by)
{
	u32 ignore = m->ignore;

	if (!ignore)
		return 0;
	if (!(m->flags &
	      MARK_IGNORE)) /* the old kind: of directories always, of children as mask */
		ignore = (ignore & ~(u32)FAN_EVENT_ON_CHILD) | FAN_ONDIR |
			 (m->mask & FAN_EVENT_ON_CHILD);
	return applies(ignore, is_dir, by) ? ignore : 0;
}

/* The bits of e that f's group hears; *hits: by which marks. */
static u32 heard(const struct fanotify *f, const struct notify_event *e, unsigned *hits)
{
	bool is_dir = e->mask & IN_ISDIR;
	u32 mask = 0, ignore = 0;

	*hits = 0;
	if (!(f->flags & FAN_FID_BITS)) {
		if (!e->path || !(S_ISREG(e->inode->mode) || S_ISDIR(e->inode->mode)))
			return 0;
	} else if (!(f->flags & FAN_REPORT_FID) && !e->dir && !S_ISDIR(e->inode->mode)) {
		return 0;
	}
	for (unsigned by = 0; by < NOTIFY_HITS; by++) {
		struct notify_mark *m = f->group.hit[by];

		if (!m)
			continue;
		if ((e->mask & IN_MODIFY) && m->ignore && !(m->flags & MARK_SURVIVES)) {
			m->ignore = 0;
			notify_mark_changed(m);
		}
		ignore |= ignores(m, is_dir, by);
		if (applies(m->mask, is_dir, by)) {
			mask |= m->mask;
			*hits |= 1U << by;
		}
	}
	mask &= e->mask & ~ignore & FAN_OUTGOING;
	if (!(mask & ~(u32)FAN_ONDIR))
		return 0;
	return f->flags & FAN_FID_BITS ? mask : mask & ~(u32)FAN_ONDIR;
}

/* --- events --- */

static bool fid_equal(const struct fid *a, const struct fid *b)
{
	return a->type == b->type && a->bytes == b->bytes && !memcmp(a->data, b->data, a->bytes);
}

static bool can_join(const struct fan_item *o, const struct fan_item *n)
{
	return !fan_asks(o) && o->pid == n->pid &&
	       !((o->mask ^ n->mask) & (FAN_ONDIR | FAN_RENAME)) && o->path.mnt == n->path.mnt &&
	       o->path.dentry == n->path.dentry && fid_equal(&o->object, &n->object) &&
	       fid_equal(&o->dir, &n->dir) && fid_equal(&o->to, &n->to) && o->len == n->len &&
	       o->to_len == n->to_len && !memcmp(&o->fsid, &n->fsid, sizeof(o->fsid)) &&
	       !memcmp(o->names, n->names, n->len + n->to_len);
}

/* Does one that waits already come to tell of n too? */
static bool join(struct notify_group *g, const struct fan_item *n)
{
	unsigned seen = 0;

	for (struct list_head *p = g->queue.prev; p != &g->queue && seen++ < MERGE_MAX;
	     p = p->prev) {
		struct fan_item *o = container_of(p, struct fan_item, item.link);

		if (&o->item != g->overflow && can_join(o, n)) {
			o->mask |= n->mask;
			return true;
		}
	}
	return false;
}

static struct fan_item *new_item(const char *name, size_t len, const char *to, size_t to_len)
{
	struct fan_item *n = kzalloc(sizeof(*n) + len + to_len + 2, 0);

	if (!n)
		return NULL;
	list_init(&n->item.link);
	list_init(&n->ask_link);
	n->len = len ? (u32)len + 1 : 0;
	n->to_len = to_len ? (u32)to_len + 1 : 0;
	memcpy(n->names, name, len);
	memcpy(n->names + n->len, to, to_len);
	return n;
}

void fan_item_free(struct fan_item *n)
{
	if (n->path.mnt)
		path_put(&n->path);
	pid_put(n->pid);
	if (n->fan)
		notify_group_put(&n->fan->group);
	kfree(n);
}

static void tell_fid(struct fid *to, struct inode *i)
{
	if (inode_fid(i, to))
		to->bytes = 0;
}

/* FAN_RENAME: the old place, the new one or both, as they are watched. */
static struct fan_item *rename_item(const struct notify_event *e, unsigned hits)
{
	const struct notify_move *m = e->move;
	bool from = hits & (1U << HIT_SUPER | 1U << HIT_SELF);
	bool to = hits & (1U << HIT_SUPER | 1U << HIT_TO);
	struct fan_item *n =
		new_item(m->old_name, from ? m->old_len : 0, m->new_name, to ? m->new_len : 0);

	if (n && from)
		tell_fid(&n->dir, m->from);
	if (n && to)
		tell_fid(&n->to, m->to);
	return n;
}

/* An event of a group that wants handles: what it tells depends on what the group asked for. */
static struct fan_item *fid_item(const struct fanotify *f, const struct notify_event *e, u32 mask,
				 unsigned hits)
{
	bool entry = mask & NOTIFY_DIRENT, on_dir = mask & FAN_ONDIR;
	struct inode *dir = entry ? e->dir : S_ISDIR(e->inode->mode) ? e->inode : e->dir;
	struct inode *object = e->inode, *parent = NULL;
	bool named = false;
	struct fan_item *n;

	if (entry && !(f->flags & FAN_REPORT_TARGET_FID))
		object = e->dir;
	if ((f->flags & FAN_REPORT_DIR_FID) && dir) {
		bool child = entry ? f->flags & FAN_REPORT_TARGET_FID :
				     (f->flags & FAN_REPORT_FID) && !on_dir;

		child = child && object != dir;
		named = (f->flags & FAN_REPORT_NAME) && e->name && (entry || !on_dir);
		if (child || named)
			parent = dir;
		if (!child)
			object = named ? NULL : dir;
	}
	if (mask & FAN_RENAME)
		n = rename_item(e, hits);
	else
		n = new_item(e->name, named ? e->len : 0, NULL, 0);
	if (!n)
		return NULL;
	if (parent && !(mask & FAN_RENAME))
		tell_fid(&n->dir, parent);
	if (object)
		tell_fid(&n->object, object);
	for (unsigned k = 0; k < NOTIFY_HITS; k++)
		if (hits & 1U << k)
			n->fsid = f->group.hit[k]->fsid;
	return n;
}

static void fanotify_hear(struct notify_group *g, const struct notify_event *e)
{
	struct fanotify *f = fanotify_of(g);
	struct fan_item *n;
	unsigned hits;
	u32 mask = heard(f, e, &hits);
	bool asks = mask & NOTIFY_PERM;

	if (!mask || g->closed)
		return;
	n = f->flags & FAN_FID_BITS ? fid_item(f, e, mask, hits) : new_item(NULL, 0, NULL, 0);
	if (!n) {
		notify_queue(g, NULL);
		return;
	}
	n->mask = mask;
	n->pid = pid_get(f->flags & FAN_REPORT_TID ? current->pid : current->proc->pid);
	if (!(f->flags & FAN_FID_BITS)) {
		n->path = *e->path;
		path_get(&n->path);
	}
	if (asks) {
		n->fan = f;
		notify_group_get(g);
		list_add_tail(&n->ask_link, e->asks);
	} else if (join(g, n) || !notify_queue(g, &n->item)) {
		list_add_tail(&n->ask_link, e->spare);
	}
}

void fan_answer(struct fan_item *n, u32 answer)
{
	list_del_init(&n->ask_link);
	n->answer = answer;
	n->state = FAN_ANSWERED;
	wake_up_all(&n->fan->answers);
}

static bool is_answered(void *arg)
{
	return READ_ONCE(((struct fan_item *)arg)->state) == FAN_ANSWERED;
}

/* Asks one group, and waits: 0, -EPERM, -ERESTARTSYS. n goes, now or with its answer. */
static int ask(struct fan_item *n)
{
	struct fanotify *f = n->fan;
	bool queued, mine = true;
	int err = 0;

	spin_lock(&notify_lock);
	queued = notify_queue(&f->group, &n->item);
	spin_unlock(&notify_lock);
	if (queued) {
		err = wait_until(&f->answers, is_answered, n, TASK_KILLABLE, WAIT_FOREVER);
		spin_lock(&notify_lock);
		if (n->state == FAN_ANSWERED) {
			err = n->answer & FAN_ALLOW ? 0 : -EPERM;
		} else if (!list_empty(&n->item.link)) {
			notify_unqueue(&f->group, &n->item);
		} else {
			n->state = FAN_GIVEN_UP; /* who has read it frees it */
			mine = false;
		}
		spin_unlock(&notify_lock);
	}
	if (mine)
		fan_item_free(n);
	return err;
}

int fanotify_answers(struct list_head *asks)
{
	int err = 0;

	while (!list_empty(asks)) {
		struct fan_item *n = list_first_entry(asks, struct fan_item, ask_link);

		list_del_init(&n->ask_link);
		if (err)
			fan_item_free(n);
		else
			err = ask(n);
	}
	return err;
}

void fanotify_spare(struct list_head *spare)
{
	struct fan_item *n, *next;

	list_for_each_entry_safe(n, next, spare, ask_link)
		fan_item_free(n);
}

static void fanotify_free(struct notify_group *g)
{
	user_ns_uncharge(g->user, g->uid, USER_FANOTIFY_GROUPS);
	user_ns_put(g->user);
	kfree(fanotify_of(g));
}

static const struct notify_ops fanotify_ops = { .hear = fanotify_hear, .free = fanotify_free };

/* --- fanotify_init(2) --- */

static int check_init(unsigned flags, unsigned event_flags)
{
	unsigned class = flags & FAN_CLASSES, fid = flags & FAN_FID_BITS;

	if (!capable(CAP_SYS_ADMIN) && ((flags & ADMIN_FLAGS) || !fid))
		return -EPERM;
	if ((flags & ~INIT_FLAGS) || ((flags & FAN_REPORT_PIDFD) && (flags & FAN_REPORT_TID)))
		return -EINVAL;
	if ((event_flags & ~(unsigned)EVENT_F_FLAGS) || (event_flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	if ((fid && class) || ((flags & FAN_REPORT_NAME) && !(flags & FAN_REPORT_DIR_FID)))
		return -EINVAL;
	if ((flags & FAN_REPORT_TARGET_FID) &&
	    (!(flags & FAN_REPORT_NAME) || !(flags & FAN_REPORT_FID)))
		return -EINVAL;
	return 0;
}

struct file *fanotify_create(unsigned flags, unsigned event_flags)
{
	int err = check_init(flags, event_flags);
	struct fanotify *fan;
	struct file *f;

	if (err)
		return ERR_PTR(err);
	fan = kzalloc(sizeof(*fan), 0);
	if (!fan)
		return ERR_PTR(-ENOMEM);
	notify_group_init(&fan->group, &fanotify_ops,
			  flags & FAN_UNLIMITED_QUEUE ? ~0U : (unsigned)fanotify_max_queued);
	fan->flags = flags;
	fan->event_flags = event_flags | O_LARGEFILE;
	fan->unprivileged = !capable(CAP_SYS_ADMIN);
	fan->group.rank = (int)(flags & FAN_CLASSES);
	list_init(&fan->shown);
	waitq_init(&fan->answers);
	list_init(&fan->overflow.item.link);
	fan->overflow.mask = FAN_Q_OVERFLOW;
	fan->group.overflow = &fan->overflow.item;
	if (!user_ns_charge(fan->group.user, fan->group.uid, USER_FANOTIFY_GROUPS)) {
		user_ns_put(fan->group.user);
		kfree(fan);
		return ERR_PTR(-EMFILE);
	}
	if ((flags & FAN_CLASSES) == FAN_CLASSES)
		f = ERR_PTR(-EINVAL);
	else if ((flags & FAN_ENABLE_AUDIT) && !capable(CAP_AUDIT_WRITE))
		f = ERR_PTR(-EPERM);
	else
		f = anon_file("anon_inode:[fanotify]", &fanotify_fops, fan,
			      O_RDWR | (flags & FAN_NONBLOCK ? O_NONBLOCK : 0));
	if (IS_ERR(f))
		notify_group_put(&fan->group);
	else
		f->mode |= FMODE_STREAM;
	return f;
}

/* --- fanotify_mark(2) --- */

static int check_mark(const struct fanotify *fan, unsigned flags, u64 mask)
{
	unsigned fid = fan->flags & FAN_FID_BITS, type = flags & MARK_TYPES;

	if ((!capable(CAP_SYS_ADMIN) || fan->unprivileged) && type != FAN_MARK_INODE)
		return -EPERM;
	if ((mask & NOTIFY_PERM) && !(fan->flags & FAN_CLASSES))
		return -EINVAL;
	if ((mask & FAN_FS_ERROR) && type != FAN_MARK_FILESYSTEM)
		return -EINVAL;
	if ((flags & FAN_MARK_EVICTABLE) && type != FAN_MARK_INODE)
		return -EINVAL;
	if ((mask & ~(u64)(FD_EVENTS | MARK_FLAGS_OF_EVENTS)) && (!fid || type == FAN_MARK_MOUNT))
		return -EINVAL;
	if ((mask & FAN_RENAME) && !(fid & FAN_REPORT_NAME))
		return -EINVAL;
	return 0;
}

/* The place of a mark: 0 or -errno. */
static int find_place(int dfd, const char *name, unsigned flags, struct path *out)
{
	unsigned look = (flags & FAN_MARK_DONT_FOLLOW ? 0 : LOOKUP_FOLLOW) |
			(flags & FAN_MARK_ONLYDIR ? LOOKUP_DIRECTORY : 0);
	int err;

	if (!name) {
		struct file *f = fd_get_raw(dfd);

		if (!f)
			return -EBADF;
		*out = f->path;
		path_get(out);
		err = (flags & FAN_MARK_ONLYDIR) && !S_ISDIR(f->inode->mode) ? -ENOTDIR : 0;
		file_put(f);
	} else {
		err = path_lookup(dfd, name, look, out);
		if (err)
			return err;
	}
	if (!err)
		err = inode_permission(out->mnt, out->dentry->inode, MAY_READ);
	if (err)
		path_put(out);
	return err;
}

/* May there be such a mark on this place? */
static int check_place(const struct fanotify *fan, const struct path *p, unsigned flags, u64 mask)
{
	bool strict = (fan->flags & FAN_REPORT_TARGET_FID) || (mask & FAN_RENAME) ||
		      (flags & FAN_MARK_IGNORE);
	unsigned type = flags & MARK_TYPES;
	bool is_dir = S_ISDIR(p->dentry->inode->mode);

	if ((mask & NOTIFY_PERM) && p->mnt->sb->fs->flags & FS_NO_PERM_EVENTS)
		return -EINVAL;
	if (type != FAN_MARK_INODE && p->dentry->parent == p->dentry &&
	    (p->dentry->flags & D_NOCACHE)) /* pipes, anonymous files */
		return -EINVAL;
	if (strict && type == FAN_MARK_INODE && !is_dir && (mask & DIRECTORY_BITS))
		return -ENOTDIR;
	if ((flags & FAN_MARK_ADD) && (flags & IGNORE_BITS) == FAN_MARK_IGNORE &&
	    (type != FAN_MARK_INODE || is_dir) && !(flags & FAN_MARK_IGNORED_SURV_MODIFY))
		return type != FAN_MARK_INODE ? -EINVAL : -EISDIR;
	return 0;
}

/* What a mark that is there already does not become. [N] */
static int check_update(const struct notify_mark *m, unsigned flags)
{
	if ((flags & FAN_MARK_EVICTABLE) && !(m->flags & MARK_EVICTABLE))
		return -EEXIST;
	if ((flags & FAN_MARK_IGNORED_MASK) && (m->flags & MARK_IGNORE))
		return -EEXIST;
	if ((flags & FAN_MARK_IGNORE) && !(flags & FAN_MARK_IGNORED_SURV_MODIFY) &&
	    (m->flags & MARK_SURVIVES))
		return -EEXIST;
	return 0;
}

/* Adds to m what flags and mask say. [N] */
static void widen(struct notify_mark *m, unsigned flags, u32 mask)
{
	if (flags & IGNORE_BITS) {
		if (flags & FAN_MARK_IGNORE)
			m->flags |= MARK_IGNORE;
		if (flags & FAN_MARK_IGNORED_SURV_MODIFY)
			m->flags |= MARK_SURVIVES;
		m->ignore |= mask;
	} else {
		m->mask |= mask;
	}
}

static int update_mark(struct notify_mark *m, unsigned flags, u32 mask)
{
	int err = check_update(m, flags);

	if (err)
		return err;
	widen(m, flags, mask);
	if ((m->flags & MARK_EVICTABLE) && !(flags & FAN_MARK_EVICTABLE)) {
		m->flags &= ~MARK_EVICTABLE;
		m->inode = m->on->object;
		inode_get(m->inode);
	}
	notify_mark_changed(m);
	return 0;
}

static int new_mark(struct fanotify *fan, enum watched_kind kind, void *object, unsigned flags,
		    u32 mask, const __kernel_fsid_t *fsid)
{
	struct notify_mark *m = kzalloc(sizeof(*m), 0);
	int err;

	if (!m)
		return -ENOMEM;
	m->group = &fan->group;
	m->fsid = *fsid;
	m->flags = flags & FAN_MARK_EVICTABLE ? MARK_EVICTABLE : 0;
	m->charge = -1;
	widen(m, flags, mask);
	if (!(fan->flags & FAN_UNLIMITED_MARKS)) {
		m->charge = USER_FANOTIFY_MARKS;
		if (!user_ns_charge(fan->group.user, fan->group.uid, USER_FANOTIFY_MARKS)) {
			kfree(m);
			return -ENOSPC;
		}
	}
	err = notify_mark_add(m, kind, object);
	if (err) {
		if (m->charge >= 0)
			user_ns_uncharge(fan->group.user, fan->group.uid, USER_FANOTIFY_MARKS);
		kfree(m);
	}
	return err;
}

static int add_mark(struct fanotify *fan, enum watched_kind kind, void *object, unsigned flags,
		    u32 mask, const __kernel_fsid_t *fsid)
{
	struct notify_mark *m;
	int err;

	/* What is open for writing will be modified: ignoring it would end at once. */
	if (kind == WATCHED_INODE && (flags & IGNORE_BITS) &&
	    !(flags & FAN_MARK_IGNORED_SURV_MODIFY) &&
	    atomic_read(&((struct inode *)object)->writers) > 0)
		return 0;
	do {
		spin_lock(&notify_lock);
		m = notify_find(&fan->group, kind, object);
		err = m ? update_mark(m, flags, mask) : 0;
		spin_unlock(&notify_lock);
		if (m)
			return err;
		err = new_mark(fan, kind, object, flags, mask, fsid);
	} while (err == -EEXIST);
	return err;
}

static int remove_mark(struct fanotify *fan, enum watched_kind kind, void *object, unsigned flags,
		       u32 mask, u32 kept)
{
	struct notify_mark *m;
	LIST_HEAD(dead);

	spin_lock(&notify_lock);
	m = notify_find(&fan->group, kind, object);
	if (m) {
		if (flags & IGNORE_BITS)
			m->ignore &= ~mask;
		else
			m->mask &= ~mask;
		if (!((m->mask | m->ignore) & ~kept))
			notify_mark_out(m, &dead);
		else
			notify_mark_changed(m);
	}
	spin_unlock(&notify_lock);
	notify_bury(&dead);
	return m ? 0 : -ENOENT;
}

/* All marks of a kind go. */
static void flush(struct fanotify *fan, enum watched_kind kind)
{
	struct notify_mark *m, *n;
	LIST_HEAD(dead);

	spin_lock(&notify_lock);
	list_for_each_entry_safe(m, n, &fan->group.marks, group_link)
		if (m->on->kind == kind)
			notify_mark_out(m, &dead);
	spin_unlock(&notify_lock);
	notify_bury(&dead);
}

static int change_at(struct fanotify *fan, const struct path *p, unsigned flags, u32 mask)
{
	struct inode *i = p->dentry->inode;
	enum watched_kind kind = WATCHED_INODE;
	void *object = i;
	u32 kept = 0;
	struct statfs st;
	int err = check_place(fan, p, flags, mask);

	if (!err && (fan->flags & FAN_FID_BITS)) {
		err = vfs_statfs(p, &st);
		if (!err && !st.f_fsid.val[0] && !st.f_fsid.val[1])
			err = -ENODEV;
	} else {
		memset(&st.f_fsid, 0, sizeof(st.f_fsid));
	}
	if (err)
		return err;
	if (flags & FAN_MARK_MOUNT) {
		kind = WATCHED_MOUNT;
		object = p->mnt;
	} else if (flags & FAN_MARK_FILESYSTEM) {
		kind = WATCHED_SUPER;
		object = p->mnt->sb;
	}
	if (kind != WATCHED_INODE || !S_ISDIR(i->mode)) {
		mask &= ~(u32)FAN_EVENT_ON_CHILD;
		kept = FAN_EVENT_ON_CHILD;
		/* So that events come with their directory and name. */
		if ((fan->flags & FAN_REPORT_DIR_FID) && (flags & FAN_MARK_ADD) &&
		    !(flags & IGNORE_BITS))
			mask |= FAN_EVENT_ON_CHILD;
	}
	return flags & FAN_MARK_ADD ? add_mark(fan, kind, object, flags, mask, &st.f_fsid) :
				      remove_mark(fan, kind, object, flags, mask, kept);
}

/* What can be said without the group. */
int fanotify_check(unsigned flags, u64 mask)
{
	unsigned command = flags & MARK_COMMANDS;

	if (mask >> 32 || (flags & ~(unsigned)MARK_FLAGS) || (flags & MARK_TYPES) == MARK_TYPES)
		return -EINVAL;
	if (command == FAN_MARK_FLUSH) {
		if (flags & ~(unsigned)(MARK_TYPES | FAN_MARK_FLUSH))
			return -EINVAL;
	} else if ((command != FAN_MARK_ADD && command != FAN_MARK_REMOVE) || !mask) {
		return -EINVAL;
	}
	if ((mask & ~(u64)(MARK_EVENTS | MARK_FLAGS_OF_EVENTS)) ||
	    (flags & IGNORE_BITS) == IGNORE_BITS)
		return -EINVAL;
	return 0;
}

int fanotify_change(struct file *f, unsigned flags, u64 mask, int dfd, const char *name)
{
	struct fanotify *fan = f->priv;
	struct path p;
	int err;

	if (f->ops != &fanotify_fops)
		return -EINVAL;
	if ((flags & IGNORE_BITS) == FAN_MARK_IGNORED_MASK)
		mask &= ~(u64)MARK_FLAGS_OF_EVENTS;
	err = check_mark(fan, flags, mask);
	if (err)
		return err;
	if (flags & FAN_MARK_FLUSH) {
		flush(fan, flags & FAN_MARK_MOUNT      ? WATCHED_MOUNT :
			   flags & FAN_MARK_FILESYSTEM ? WATCHED_SUPER :
							 WATCHED_INODE);
		return 0;
	}
	err = find_place(dfd, name, flags, &p);
	if (err)
		return err;
	err = change_at(fan, &p, flags, (u32)mask);
	path_put(&p);
	return err;
}
