/*
 * /proc/PID/mounts, mountinfo and mountstats: proc(5). Mounts are shown as the
 * process sees them from its root; those it can't reach are left out.
 */
#include "procfs/procfs.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/mount.h>

#include "alloc/slab.h"
#include "fs/mount.h"

#define ESCAPED " \t\n#"

struct walker {
	struct text *out;
	struct mnt_ns *ns; /* the process's */
	struct path root; /* and its own */
	char *buf; /* PATH_MAX */
};

/* Where m hangs, as seen from the root; NULL: nowhere there. */
static const char *mount_place(struct walker *w, struct mount *m)
{
	struct path p = { m, m->root };
	bool unreachable;
	char *s = d_path(&p, &w->root, w->buf, PATH_MAX, &unreachable);

	return IS_ERR(s) || unreachable ? NULL : s;
}

/* Is the part full, so that the text goes on with m? */
static bool enough(struct walker *w, const struct mount *m)
{
	if (!text_enough(w->out))
		return false;
	w->out->next = m->id;
	return true;
}

static void put_source(struct text *out, const struct mount *m)
{
	const char *name = m->devname && *m->devname ? m->devname : "none";

	if (!(m->sb->fs->flags & FS_NODEV) && name[0] != '/')
		text_puts(out, "/dev/");
	text_escape(out, name, ESCAPED);
}

static void put_mount_flags(struct text *out, u64 flags)
{
	static const struct {
		u64 flag;
		const char *text;
	} names[] = {
		{ MS_NOSUID, ",nosuid" },	    { MS_NODEV, ",nodev" },
		{ MS_NOEXEC, ",noexec" },	    { MS_NOATIME, ",noatime" },
		{ MS_NODIRATIME, ",nodiratime" },   { MS_RELATIME, ",relatime" },
		{ MS_NOSYMFOLLOW, ",nosymfollow" },
	};

	text_puts(out, flags & MS_RDONLY ? "ro" : "rw");
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			text_puts(out, names[i].text);
}

static void put_super_flags(struct text *out, const struct super *sb)
{
	static const struct {
		u64 flag;
		const char *text;
	} names[] = {
		{ MS_SYNCHRONOUS, ",sync" },
		{ MS_DIRSYNC, ",dirsync" },
		{ MS_MANDLOCK, ",mand" },
		{ MS_LAZYTIME, ",lazytime" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (sb->flags & names[i].flag)
			text_puts(out, names[i].text);
}

/* The file system's own options, each with a comma before it. */
static void put_fs_options(struct text *out, struct super *sb)
{
	char *room = sb->ops->show_options ? text_room(out, PAGE_SIZE) : NULL;
	int n;

	if (!room)
		return;
	n = sb->ops->show_options(sb, room, PAGE_SIZE);
	if (n > 0)
		out->len += min((size_t)n, PAGE_SIZE - 1);
}

static bool mounts_row(struct mount *m, void *arg)
{
	struct walker *w = arg;
	const char *place = enough(w, m) ? NULL : mount_place(w, m);

	if (!place)
		return !w->out->next;
	put_source(w->out, m);
	text_puts(w->out, " ");
	text_escape(w->out, place, ESCAPED);
	text_printf(w->out, " %s ", m->sb->fs->name);
	put_mount_flags(w->out, m->flags | (m->sb->flags & MS_RDONLY));
	put_super_flags(w->out, m->sb);
	put_fs_options(w->out, m->sb);
	text_puts(w->out, " 0 0\n");
	return true;
}

/* The optional fields: mount_namespaces(7). */
static void put_propagation(struct walker *w, struct mount *m)
{
	int from;

	if (m->group)
		text_printf(w->out, " shared:%d", m->group);
	if (m->master) {
		text_printf(w->out, " master:%d", m->master->group);
		from = mount_dominator(m, w->ns, &w->root);
		if (from && from != m->master->group)
			text_printf(w->out, " propagate_from:%d", from);
	}
	if (m->unbindable)
		text_puts(w->out, " unbindable");
}

static bool mountinfo_row(struct mount *m, void *arg)
{
	struct walker *w = arg;
	const char *place = enough(w, m) ? NULL : mount_place(w, m);

	if (!place)
		return !w->out->next;
	text_printf(w->out, "%d %d %u:%u ", mount_id(m), mount_id(m->parent), DEV_MAJOR(m->sb->dev),
		    DEV_MINOR(m->sb->dev));
	mount_put_root(w->out, m, w->buf);
	text_puts(w->out, " ");
	place = mount_place(w, m);
	text_escape(w->out, place ? place : "", ESCAPED);
	text_puts(w->out, " ");
	put_mount_flags(w->out, m->flags);
	put_propagation(w, m);
	text_printf(w->out, " - %s ", m->sb->fs->name);
	put_source(w->out, m);
	text_puts(w->out, m->sb->flags & MS_RDONLY ? " ro" : " rw");
	put_super_flags(w->out, m->sb);
	put_fs_options(w->out, m->sb);
	text_puts(w->out, "\n");
	return true;
}

static bool mountstats_row(struct mount *m, void *arg)
{
	struct walker *w = arg;
	const char *place = enough(w, m) ? NULL : mount_place(w, m);

	if (!place)
		return !w->out->next;
	text_puts(w->out, "device ");
	put_source(w->out, m);
	text_puts(w->out, " mounted on ");
	text_escape(w->out, place, ESCAPED);
	text_printf(w->out, " with fstype %s\n", m->sb->fs->name);
	return true;
}

static int show(struct text *out, const struct subject *s, bool (*row)(struct mount *, void *))
{
	struct walker w = { .out = out, .ns = mnt_ns_of(s->mounts), .root = *s->root };

	w.buf = kmalloc(PATH_MAX, 0);
	if (!w.buf)
		return -ENOMEM;
	mounts_for_each(w.ns, text_begin(out), row, &w);
	kfree(w.buf);
	return 0;
}

int pid_mounts_show(struct text *out, const struct subject *s)
{
	return show(out, s, mounts_row);
}

int pid_mountinfo_show(struct text *out, const struct subject *s)
{
	return show(out, s, mountinfo_row);
}

int pid_mountstats_show(struct text *out, const struct subject *s)
{
	return show(out, s, mountstats_row);
}
