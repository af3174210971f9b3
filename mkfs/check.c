/*
 * The checker: walks the members with the kernel's reader, and looks at each
 * header in between itself. Interface in check.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "check.h"
#include "fs/tarfs/tar_impl.h"

static void fault(struct check *c, u64 offset, const char *what)
{
	c->faults++;
	c->fault(c, offset, what);
}

static void note(struct check *c, u64 offset, const char *what, const char *name)
{
	c->notes++;
	if (c->note)
		c->note(c, offset, what, name);
}

static bool is_dot(const char *name)
{
	return !strcmp(name, "./") || !strcmp(name, ".");
}

/* Global headers between two members: free space at rest, each one `comment` that fills it. */
static int check_rest(struct check *c, u64 from, u64 to)
{
	struct tar_header h;
	char want[32], begin[32];
	u64 size, last;
	unsigned n = 0;

	for (u64 at = from; at < to; at += TAR_BLOCK + (size + 511) / 512 * 512) {
		int err = c->src->read(c->src, at, &h, sizeof(h));

		if (err)
			return err;
		if (tar_num_size(h.size, sizeof(h.size), &size))
			return -EINVAL;
		if (++n + 4 > CHECK_SPECIAL_MAX)
			fault(c, at, "more than 28 stretches of free space in a row");
		if (h.typeflag != 'g' || size % TAR_BLOCK)
			continue;
		if (size > CHECK_PAD_MAX)
			fault(c, at, "free space of more than 1 MiB: bsdtar refuses it");
		snprintf(want, sizeof(want), "%lu comment=", size);
		last = at + size;
		err = size ? c->src->read(c->src, at + TAR_BLOCK, begin, sizeof(begin)) : 0;
		if (err)
			return err;
		if (size && strncmp(begin, want, strlen(want)))
			continue;
		err = c->src->read(c->src, last, &h, sizeof(h));
		if (err)
			return err;
		if (size && ((const u8 *)&h)[TAR_BLOCK - 1] != '\n')
			fault(c, at, "free space whose comment has no end");
		c->pads++;
		c->free_sectors += 1 + size / TAR_BLOCK;
	}
	return 0;
}

/* The headers that stand before a member's own: free space, when they say nothing of it. */
static int check_special(struct check *c, const struct tar_member *m)
{
	bool link = m->type == TAR_HARDLINK || m->type == TAR_SYMLINK;
	bool pad_here = false;
	unsigned in_a_row = 0, pads = 0;
	struct tar_header h;
	u64 size;

	for (u64 at = m->first; at < m->header;) {
		int err = c->src->read(c->src, at, &h, sizeof(h));

		if (err)
			return err;
		if (tar_num_size(h.size, sizeof(h.size), &size))
			return -EINVAL;
		if (++in_a_row > CHECK_SPECIAL_MAX)
			fault(c, at, "more than 32 extended headers in a row: bsdtar gives up");
		if (h.typeflag == 'K' && !link) {
			pad_here = true;
			pads++;
			c->pads++;
			c->free_sectors += 1 + (size + 511) / 512;
			if (size > CHECK_PAD_MAX)
				fault(c, at, "free space of more than 1 MiB: bsdtar refuses it");
			else if (size > CHECK_PAD_BUSYBOX && !c->busybox_noted++)
				note(c, at, "free space that some busybox refuse to read", m->name);
			if (size % TAR_BLOCK)
				fault(c, at, "free space that is no number of sectors");
			if (pads == CHECK_PADS_MAX + 1)
				fault(c, at,
				      "more than 30 stretches of free space without a \"./\"");
		}
		at += TAR_BLOCK + (size + 511) / 512 * 512;
	}
	if (pad_here && !(m->type == TAR_DIR && is_dot(m->name)))
		fault(c, m->first, "free space that does not end with a \"./\"");
	return 0;
}

static bool all_zero(const u8 *p, size_t n)
{
	while (n && !*p) {
		p++;
		n--;
	}
	return n == 0;
}

/* The end of the archive: two sectors of zeros, or the end of the file. */
static int check_end(struct check *c)
{
	u8 buf[4096];
	u64 at = c->end;
	int err;

	if (at > c->limit)
		fault(c, at, "members reach into the journal");
	if (at == c->src->size)
		return 0;
	if (at + 2 * TAR_BLOCK > c->limit) {
		fault(c, at, "no room for the two sectors of zeros that end the archive");
		return 0;
	}
	err = c->src->read(c->src, at, buf, 2 * TAR_BLOCK);
	if (err || all_zero(buf, 2 * TAR_BLOCK))
		return err;
	fault(c, at, "one sector of zeros alone: busybox and Python stop or fail here");
	return 0;
}

int check_members(struct check *c)
{
	struct tar_reader *r = tar_open(c->src);
	struct tar_member *m;
	bool last_is_root = false;
	u64 behind = 0;
	int got;

	if (!r)
		return -ENOMEM;
	while ((got = tar_next(r, &m)) > 0) {
		c->members++;
		got = check_rest(c, behind, m->first);
		if (!got)
			got = check_special(c, m);
		if (got)
			break;
		behind = m->end;
		last_is_root = m->type == TAR_DIR && is_dot(m->name);
		if (r->pos > c->limit) {
			fault(c, m->header, "a member that reaches into the journal");
			break;
		}
	}
	c->end = r->pos;
	if (got < 0 && tar_reader_error(r)->why) {
		fault(c, tar_reader_error(r)->offset, tar_reader_error(r)->why);
		got = got == -EIO || got == -ENOMEM ? got : 0;
	} else if (!got) {
		got = check_end(c);
	}
	if (!got && !c->faults && c->limit != c->src->size && !last_is_root)
		note(c, c->end, "the last member is not the root's", "./");
	c->global = tar_reader_global(r);
	tar_close(r);
	return got;
}

static void left_out(struct tar_tree *t, u64 offset, const char *name, const char *why)
{
	struct check *c = t->owner;

	note(c, offset, why, name);
}

int check_tree(struct check *c, struct tar_tree *t)
{
	int err = tar_tree_init(t);

	if (err)
		return err;
	t->owner = c;
	t->warn = left_out;
	err = tar_tree_add(t, c->src);
	if (err)
		fault(c, t->err.offset, t->err.why ? t->err.why : "refused");
	return err;
}
