/*
 * F_NOTIFY of fcntl(2): a signal when something of a directory's files changes. Each open file that a
 * descriptor table asks for it by is a group with one mark; nothing is queued.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/signal.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "fs/async.h"
#include "fs/notify.h"

struct dnotify {
	struct notify_group group;
	struct file *file; /* [I] not referenced: its descriptor's close ends this */
	const void *owner; /* [I] the table of descriptors */
	int fd; /* [N] */
	bool again; /* [N] DN_MULTISHOT */
};

int notify_dnotify = 1;

static struct dnotify *dnotify_of(struct notify_group *g)
{
	return container_of(g, struct dnotify, group);
}

static void dnotify_hear(struct notify_group *g, const struct notify_event *e)
{
	struct dnotify *dn = dnotify_of(g);

	if ((e->mask & FAN_RENAME) && e->move->from != e->move->to)
		return; /* DN_RENAME is inside the directory */
	for (unsigned by = HIT_PARENT; by < NOTIFY_HITS; by++) {
		struct notify_mark *m = g->hit[by];

		if (!m || !(e->mask & m->mask & ~(u32)IN_ISDIR))
			continue;
		async_signal(dn->file, dn->fd, POLL_MSG);
		if (!dn->again)
			notify_mark_out(m, e->dead);
		return;
	}
}

static void dnotify_free(struct notify_group *g)
{
	kfree(dnotify_of(g));
}

static const struct notify_ops dnotify_ops = { .hear = dnotify_hear, .free = dnotify_free };

static u32 events_of(u32 arg)
{
	u32 mask = FAN_EVENT_ON_CHILD;

	mask |= arg & DN_ACCESS ? IN_ACCESS : 0;
	mask |= arg & DN_MODIFY ? IN_MODIFY : 0;
	mask |= arg & DN_CREATE ? IN_CREATE | IN_MOVED_TO : 0;
	mask |= arg & DN_DELETE ? IN_DELETE | IN_MOVED_FROM : 0;
	mask |= arg & DN_RENAME ? FAN_RENAME : 0;
	return mask | (arg & DN_ATTRIB ? IN_ATTRIB : 0);
}

/* What file and owner (NULL: anybody) have asked for; NULL. [N] */
static struct notify_mark *find(const struct file *f, const void *owner)
{
	struct watched *w = f->inode->watches;
	struct notify_mark *m;

	if (!w)
		return NULL;
	list_for_each_entry(m, &w->marks, object_link) {
		const struct dnotify *dn = dnotify_of(m->group);

		if (m->group->ops == &dnotify_ops && dn->file == f &&
		    (!owner || dn->owner == owner))
			return m;
	}
	return NULL;
}

void dnotify_close_slow(struct file *f, const void *owner)
{
	struct notify_mark *m;
	LIST_HEAD(dead);

	spin_lock(&notify_lock);
	while ((m = find(f, owner)))
		notify_mark_out(m, &dead);
	spin_unlock(&notify_lock);
	notify_bury(&dead);
}

static int new_dnotify(struct file *f, int fd, u32 arg)
{
	struct dnotify *dn = kzalloc(sizeof(*dn), 0);
	struct notify_mark *m = kzalloc(sizeof(*m), 0);
	int err = -ENOMEM;

	if (!dn || !m)
		goto out;
	notify_group_init(&dn->group, &dnotify_ops, 0);
	dn->file = f;
	dn->owner = current->files;
	dn->fd = fd;
	dn->again = arg & DN_MULTISHOT;
	m->group = &dn->group;
	m->mask = events_of(arg);
	m->charge = -1;
	err = async_claim(f);
	if (!err)
		err = notify_mark_add(m, WATCHED_INODE, f->inode);
	if (!err) {
		notify_group_put(&dn->group); /* the mark has it */
		return 0;
	}
out:
	kfree(m);
	kfree(dn);
	return err;
}

int dnotify_set(struct file *f, int fd, u32 arg)
{
	struct notify_mark *m;

	if (!READ_ONCE(notify_dnotify))
		return -EINVAL;
	if (!(arg & ~DN_MULTISHOT)) {
		dnotify_close(f, current->files);
		return 0;
	}
	if (!S_ISDIR(f->inode->mode))
		return -ENOTDIR;
	spin_lock(&notify_lock);
	m = find(f, current->files);
	if (m) {
		struct dnotify *dn = dnotify_of(m->group);

		m->mask |= events_of(arg);
		dn->again |= arg & DN_MULTISHOT ? true : false;
		dn->fd = fd;
		notify_mark_changed(m);
	}
	spin_unlock(&notify_lock);
	return m ? 0 : new_dnotify(f, fd, arg);
}
