/*
 * Listing folders of overlay (overlay.h): the names of all layers are read when a listing begins, and
 * it goes on with those, in the order of the layers. A whiteout hides the name below and isn't told.
 *
 * Locks: the list belongs to its file, under the pos_mutex.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/dirent.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "fs/overlay/overlay.h"
#include "lib/string.h"

struct overlay_entry {
	struct rb_node node;
	struct list_head link;
	u64 ino;
	unsigned type;
	bool whiteout;
	size_t len;
	char name[];
};

/* file->priv of a folder */
struct overlay_list {
	struct dir_context dc;
	struct rb_root names;
	struct list_head entries; /* in the order they are told */
	struct overlay_entry *at; /* the entry at position `pos` */
	u64 pos;
	int err;
};

static bool add_entry(struct dir_context *dc, const char *name, size_t len, u64 ino, unsigned type,
		      u64 next_pos)
{
	struct overlay_list *l = container_of(dc, struct overlay_list, dc);
	struct rb_node **link = &l->names.node, *parent = NULL;
	struct overlay_entry *e;

	dc->pos = next_pos;
	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		return true;
	while (*link) {
		int c;

		parent = *link;
		e = rb_entry(parent, struct overlay_entry, node);
		c = memcmp(name, e->name, min(len, e->len));
		if (!c)
			c = len < e->len ? -1 : len > e->len;
		if (!c)
			return true; /* a higher layer has it */
		link = c < 0 ? &parent->left : &parent->right;
	}
	e = kzalloc(sizeof(*e) + len + 1, 0);
	if (!e) {
		l->err = -ENOMEM;
		return false;
	}
	e->ino = ino;
	e->type = type;
	e->len = len;
	memcpy(e->name, name, len);
	rb_insert(&l->names, &e->node, parent, link, NULL);
	list_add_tail(&e->link, &l->entries);
	return true;
}

/* What the entry's real inode says of it: is it a whiteout, and has it the number of what it is a copy of? */
static int look_closer(struct overlay *o, struct dentry *dir, struct overlay_entry *e, bool upper)
{
	struct dentry *d = dir_lookup(dir, e->name, e->len);
	unsigned layer;
	u64 ino;

	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	if (d->inode) {
		e->whiteout = overlay_is_whiteout(o, d->inode);
		if (upper && overlay_origin(o, d->inode, &ino, &layer))
			e->ino = ino;
	}
	d_put(d);
	return 0;
}

/* Adds what one layer has. */
static int read_layer(struct overlay *o, struct overlay_at at, bool numbers, struct overlay_list *l)
{
	struct list_head *before = l->entries.prev;
	struct inode *real = at.dentry->inode;
	struct overlay_entry *e;
	struct file *f;
	int may = overlay_may(o, real, MAY_READ);
	bool files;

	if (may)
		return may;
	files = overlay_has_file_whiteouts(o, real);
	f = overlay_open_real(o, at, O_RDONLY | O_DIRECTORY | O_NOATIME);
	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	l->dc.pos = 0;
	rwsem_read_lock(&real->rwsem);
	if (!(at.dentry->flags & D_DEAD) && f->ops->readdir) {
		int err = f->ops->readdir(f, &l->dc);

		if (!l->err)
			l->err = err;
	}
	rwsem_read_unlock(&real->rwsem);
	file_put(f);
	for (struct list_head *p = before->next; !l->err && p != &l->entries; p = p->next) {
		e = list_entry(p, struct overlay_entry, link);
		if (numbers || e->type == DT_CHR || e->type == DT_UNKNOWN ||
		    (files && e->type == DT_REG))
			l->err = look_closer(o, at.dentry, e, numbers);
		cond_resched();
	}
	return l->err;
}

static void free_list(struct overlay_list *l)
{
	struct overlay_entry *e, *next;

	if (!l)
		return;
	list_for_each_entry_safe(e, next, &l->entries, link)
		kfree(e);
	kfree(l);
}

/* All names of a folder, whiteouts too. ERR_PTR. */
static struct overlay_list *read_layers(struct inode *dir)
{
	struct overlay *o = overlay_of(dir->sb);
	struct overlay_inode *n = overlay_node(dir);
	struct dentry *up = overlay_upper(dir);
	struct overlay_list *l = kzalloc(sizeof(*l), 0);
	int err = 0;
	char mark;

	if (!l)
		return ERR_PTR(-ENOMEM);
	l->dc.emit = add_entry;
	list_init(&l->entries);
	if (up)
		err = read_layer(o, (struct overlay_at){ up, 0 },
				 overlay_mark_get(o, up->inode, "impure", &mark, 1) == 1, l);
	for (unsigned k = 0; !err && k < n->nr_lower; k++)
		err = read_layer(o, n->lower[k], false, l);
	if (err) {
		free_list(l);
		return ERR_PTR(err);
	}
	return l;
}

/* The first entry that shows, from e on. */
static struct overlay_entry *shown(struct overlay_list *l, struct list_head *p)
{
	for (; p != &l->entries; p = p->next) {
		struct overlay_entry *e = list_entry(p, struct overlay_entry, link);

		if (!e->whiteout)
			return e;
	}
	return NULL;
}

static void seek_entry(struct overlay_list *l, u64 pos)
{
	if (l->pos > pos || l->pos < 2) {
		l->pos = 2;
		l->at = shown(l, l->entries.next);
	}
	while (l->at && l->pos < pos) {
		l->at = shown(l, l->at->link.next);
		l->pos++;
	}
}

static int overlay_readdir(struct file *f, struct dir_context *dc)
{
	struct overlay_list *l = f->priv;

	if (!l || !dc->pos) {
		l = read_layers(f->inode);
		if (IS_ERR(l))
			return (int)PTR_ERR(l);
		free_list(f->priv);
		f->priv = l;
	}
	if (!dir_emit_dots(f, dc))
		return 0;
	seek_entry(l, dc->pos);
	while (l->at) {
		const struct overlay_entry *e = l->at;

		if (!dc->emit(dc, e->name, e->len, e->ino, e->type, l->pos + 1))
			return 0;
		l->at = shown(l, l->at->link.next);
		dc->pos = ++l->pos;
	}
	return 0;
}

static void overlay_dir_release(struct file *f)
{
	free_list(f->priv);
}

static int overlay_dir_fsync(struct file *f, u64 start, u64 end, bool datasync)
{
	struct dentry *up = overlay_upper(f->inode);
	struct file *real;
	int err;

	if (!up || overlay_of(f->inode->sb)->unsynced)
		return 0;
	real = overlay_open_real(overlay_of(f->inode->sb), (struct overlay_at){ up, 0 },
				 O_RDONLY | O_DIRECTORY);
	if (IS_ERR(real))
		return (int)PTR_ERR(real);
	err = real->ops->fsync ? real->ops->fsync(real, start, end, datasync) : 0;
	file_put(real);
	return err;
}

int overlay_dir_empty(struct inode *dir)
{
	struct overlay_list *l = read_layers(dir);
	int empty;

	if (IS_ERR(l))
		return (int)PTR_ERR(l);
	empty = !shown(l, l->entries.next);
	free_list(l);
	return empty;
}

int overlay_dir_clear(struct inode *dir)
{
	struct overlay *o = overlay_of(dir->sb);
	struct dentry *up = overlay_upper(dir);
	struct overlay_list *l = read_layers(dir);
	struct overlay_entry *e;
	int err = 0;

	if (IS_ERR(l))
		return (int)PTR_ERR(l);
	if (overlay_node(dir)->nr_lower && !list_empty(&l->entries))
		err = overlay_set_opaque(o, up->inode);
	list_for_each_entry(e, &l->entries, link) {
		if (err)
			break;
		err = overlay_real_remove(up, e->name);
	}
	free_list(l);
	return err;
}

/* A folder's entries of one layer, whatever they are. ERR_PTR. */
static struct overlay_list *read_one(struct overlay *o, struct dentry *dir)
{
	struct overlay_list *l = kzalloc(sizeof(*l), 0);
	int err;

	if (!l)
		return ERR_PTR(-ENOMEM);
	l->dc.emit = add_entry;
	list_init(&l->entries);
	err = read_layer(o, (struct overlay_at){ dir, 0 }, false, l);
	if (!err)
		return l;
	free_list(l);
	return ERR_PTR(err);
}

int overlay_real_empty(struct overlay *o, struct dentry *dir)
{
	struct overlay_list *l = read_one(o, dir);
	int empty = PTR_ERR_OR_ZERO(l);

	if (empty)
		return empty;
	empty = list_empty(&l->entries);
	free_list(l);
	return empty;
}

/* Things in the work folder are one folder deep: a folder with whiteouts. */
int overlay_clear_work(struct overlay *o, struct dentry *work)
{
	struct overlay_list *l = read_one(o, work), *in;
	struct overlay_entry *e, *below;
	int err = PTR_ERR_OR_ZERO(l);

	if (err)
		return err;
	list_for_each_entry(e, &l->entries, link) {
		struct dentry *d = dir_lookup(work, e->name, e->len);

		if (IS_ERR(d))
			continue;
		if (d->inode && S_ISDIR(d->inode->mode)) {
			in = read_one(o, d);
			if (!IS_ERR(in)) {
				list_for_each_entry(below, &in->entries, link)
					overlay_real_remove(d, below->name);
				free_list(in);
			}
		}
		d_put(d);
		err = overlay_real_remove(work, e->name);
		if (err)
			break;
	}
	free_list(l);
	return err;
}

const struct file_ops overlay_dir_fops = {
	.readdir = overlay_readdir,
	.llseek = dir_llseek,
	.fsync = overlay_dir_fsync,
	.release = overlay_dir_release,
};
