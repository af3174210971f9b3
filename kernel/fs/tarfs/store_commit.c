/*
 * Commits and checkpoints. A commit goes through the marked names until none is left, with T
 * held at that moment: then the images say exactly what the tree says. Those that changed since the last
 * commit are copied into a log, which goes to the journal between two flushes. A checkpoint writes all
 * that was logged to its place, in three phases with a flush behind each:
 *
 *	1. what is no head on the disk: hidden in free space, or in data that dies
 *	2. what is a head before and after: each such sector by itself switches a region over
 *	3. what was a head and is data now
 *
 * Any prefix of this, with any part of the phase under way, is an archive that readers parse.
 *
 * Interface in store.h and store_impl.h, with the locking.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"
#include "lib/string.h"

#define SETTLE_MOST 4096u /* images that take free space to rest in one commit */
#define BREATHE	    64u /* names, files or pieces of free space in one hold of T */

/* T held: others may have it for a moment, and the hart. */
static void give_way(struct store *st)
{
	store_unlock(st);
	if (st->tree->breathe)
		st->tree->breathe(st->tree);
	store_lock(st);
}

/* --- from marks to images --- */

/* A dead name's sectors become free space; the name goes. */
static int bury(struct store *st, struct tar_name *e)
{
	struct tar_node *n = e->node;
	u64 from = 0, sectors = 0;
	bool hold = n && n->names == e;
	int err = 0;

	if (e->headers)
		err = spare_fill(st, spare_for(e->headers + e->cookie));
	if (e->headers && !err)
		err = space_bury(st, e, e->cookie, hold, &from, &sectors);
	if (err)
		return err;
	if (hold && sectors) {
		e->marks = MARK_HELD;
		e->first = from & ((1ULL << 40) - 1);
		e->cookie = sectors;
		e->hash = st->gen;
		list_add_tail(&e->grave, &st->graves);
		return 0;
	}
	if (hold)
		n->names = NULL;
	kfree(e);
	return 0;
}

/* The paths of all beneath a directory changed. */
static void mark_children(struct store *st, struct tar_node *dir)
{
	for (struct tar_name *e = tar_seek(dir, 0); e;
	     e = rb_entry_safe(rb_next(&e->by_cookie), struct tar_name, by_cookie))
		name_mark_whole(st, e);
}

/* Another place for a member without data, not before min. */
static int move_headers(struct store *st, struct tar_name *e, u64 headers, u64 min, bool optional)
{
	u64 first, from, n;
	int err = space_place(st, e->node, headers, headers, min, optional, &first);

	if (!err && e->headers)
		err = space_bury(st, e, 0, false, &from, &n);
	if (err)
		return err;
	e->first = first & ((1ULL << 40) - 1);
	e->headers = headers & ((1u << 24) - 1);
	e->marks = (u8)((e->marks & ~MARK_PLACE) | MARK_FRESH);
	return 0;
}

static int write_name(struct store *st, struct tar_name *e, unsigned marks);

/* The member of n's first name, whatever else is on the list. */
static int write_home(struct store *st, struct tar_node *n)
{
	int err;

	n->names->marks &= (u8)~MARK_DIRTY;
	err = write_name(st, n->names, MARK_WHOLE);
	if (err && err != -ENOENT)
		name_mark(st, n->names, MARK_WHOLE);
	return err;
}

/* Writes e's member, T held; lets go of it where data must move. */
static int write_name(struct store *st, struct tar_name *e, unsigned marks)
{
	struct tar_node *n = e->node;
	bool file = is_file_home(e);
	u64 need = file ? data_sectors(n) : 0, min = 0;
	struct member m;
	int err;

	/* No archive holds sockets; what was laid over the disk's archive stays in memory. */
	if (n->type == TAR_SOCKET || (n->archive && n->archive == st->tree->overlay))
		return 0;
	if (marks & MARK_WHOLE && n->type == TAR_DIR && e != st->root)
		mark_children(st, n);
	if (is_home(e) && st->ops && st->ops->refresh)
		st->ops->refresh(st, n);
	err = member_make(st, e, e->headers, &m);
	if (err)
		return err;
	err = spare_fill(st, spare_for(e->headers + (file ? n->file.used : 0)) + 2 * m.headers);
	if (err) {
		member_free(&m);
		return err;
	}
	if (!is_home(e)) {
		/* A link stands behind what it names: that one first. */
		if (!n->names->headers || n->names->marks & MARK_WHOLE) {
			member_free(&m);
			name_mark(st, e, marks & MARK_DIRTY);
			return write_home(st, n);
		}
		min = n->names->first;
	}
	if (!member_stays(e, &m, marks) || e->first < min ||
	    (file && (!n->file.src || n->resized))) {
		bool optional = e->headers && (marks & (MARK_DIRTY | MARK_OURS)) == STORE_ATTR;
		u64 headers = m.headers;

		member_free(&m);
		if (e == st->root)
			return space_grow(st, 0);
		if (file)
			err = data_move(st, n, headers > 3 ? headers : 3, need, optional);
		else
			err = move_headers(st, e, headers, min, optional);
		/* A full disk: a name can go, though a foreign member's times can't be told. */
		if (err == -ENOSPC && optional)
			return 0;
		if (file || err)
			return err;
		for (struct tar_name *l = e->next; is_home(e) && l != e; l = l->next)
			name_mark(st, l, MARK_WHOLE);
		err = member_make(st, e, headers, &m);
		if (err)
			return err;
	} else if (file) {
		err = data_trim(st, e, need);
	}
	if (!err)
		err = member_put(st, e, &m, marks);
	member_free(&m);
	return err;
}

/* T held, and let go now and then. All marks become images. */
static int prepare(struct store *st)
{
	int err = 0;

	/* What mounting found to be put right goes along. */
	names_wake(st);
	st->unlogged = true;
	if (!st->root->headers)
		err = space_grow(st, 0);
	for (u32 seen = 1; st->dirty != LIST_END && !err; seen++) {
		struct tar_name *e = st->dirty;
		unsigned marks = e->marks;

		/* Others wait for T: what they mark goes along, as what comes while data is copied. */
		if (seen % BREATHE == 0) {
			give_way(st);
			continue;
		}
		st->dirty = e->dirty;
		st->dirty_count--;
		e->dirty = NULL;
		e->marks &= (u8)~MARK_DIRTY;
		if (marks & MARK_DEAD) {
			err = bury(st, e);
			if (err)
				name_mark(st, e, MARK_DEAD);
			continue;
		}
		if (!(marks & MARK_DIRTY))
			continue;
		st->hand = e;
		err = write_name(st, e, marks);
		st->hand = NULL;
		if (err == -ENOENT)
			err = 0;
		else if (err)
			name_mark(st, e, marks & MARK_DIRTY);
	}
	if (err)
		return err;
	st->burden = 0;
	/* Who asked since the last commit may be about to do it. */
	return space_promises_kept(st, false);
}

int store_broken(struct store *st, int err, const char *why)
{
	if (!st->error) {
		st->error = err;
		if (st->ops && st->ops->broken)
			st->ops->broken(st, err, why);
	}
	return err;
}

static int flush(struct store *st)
{
	int err;

	st->wrote = false;
	err = st->disk->flush(st->disk);
	return err ? store_broken(st, err, "flushing the device failed") : 0;
}

/*
 * T held. The next log, with what is marked or without; NULL: there is nothing to log; -EAGAIN: a checkpoint must
 * come first.
 */
static struct store_log *next_log(struct store *st, bool marks)
{
	struct store_log *log;
	bool thaw = st->thaw == THAW_ALL || (st->thaw && store_dirty(st));
	int err = thaw ? space_thaw(st, st->journal_sectors / 8) : 0;
	u64 sectors;

	if (!err && marks && store_dirty(st))
		err = prepare(st);
	if (err || !st->unlogged)
		return ERR_PTR(err);
	if (st->error)
		return ERR_PTR(-EROFS);
	sectors = images_sectors(st);
	if (st->logged && !journal_room(st, sectors))
		return ERR_PTR(-EAGAIN);
	if (!journal_room(st, sectors) && !journal_fits(st, sectors, true))
		return ERR_PTR(store_broken(st, -ENOSPC, "a transaction larger than the journal"));
	log = images_log(st);
	st->unlogged = IS_ERR(log);
	return log;
}

static int checkpoint_once(struct store *st);

static int commit_some(struct store *st, bool marks)
{
	struct store_log *log;
	int err = 0, tries = 0;

	do {
		if (st->error)
			return -EROFS;
		if (err)
			err = checkpoint_once(st);
		tries++;
		if (err)
			return err;
		store_lock(st);
		log = next_log(st, marks);
		spare_trim(st);
		store_unlock(st);
		err = IS_ERR(log) ? (int)PTR_ERR(log) : 0;
		/* What waits for the last commit's checkpoint may be what is missing. */
		if (err == -ENOSPC && st->logged && tries == 1)
			err = -EAGAIN;
	} while (err == -EAGAIN);
	if (!err && st->wrote)
		err = flush(st);
	if (IS_ERR_OR_NULL(log))
		return err;
	st->logged = true;
	if (!err)
		err = journal_write(st, log);
	log_free(log);
	if (err)
		return err;
	/* A record in the slack stands where data may be written soon. */
	return st->spilled ? checkpoint_once(st) : 0;
}

int store_commit(struct store *st)
{
	return commit_some(st, true);
}

/* --- checkpoint --- */

/* Writes one phase's images, neighbours together. 1: there were some. */
static int write_phase(struct store *st, u32 phase)
{
	u64 at = 0, first;
	int any = 0;

	while (at != ~0ULL) {
		int err = 0;
		u32 n;

		store_lock(st);
		n = images_committed(st, phase, &at, &first, st->buffer);
		store_unlock(st);
		if (n)
			err = st->disk->write(st->disk, first * STORE_SECTOR, st->buffer,
					      (size_t)n * STORE_SECTOR);
		if (err)
			return store_broken(st, err, "writing the archive failed");
		any |= n != 0;
	}
	return any;
}

/* All of commit gen is in its place: what waited for that goes. */
static int checkpointed(struct store *st, u32 gen, bool logged)
{
	u64 at = 0;
	int err;

	store_lock(st);
	if (logged)
		images_done(st, gen);
	while (logged && (at = images_drop(st, gen, at)) != ~0ULL)
		give_way(st);
	while ((err = space_waited(st, gen, BREATHE)) > 0)
		give_way(st);
	store_unlock(st);
	return err;
}

static int checkpoint_once(struct store *st)
{
	bool logged = st->logged;
	int err = 0;

	if (st->error)
		return -EROFS;
	for (u32 phase = STORE_HIDDEN; logged && phase <= STORE_COVER; phase++) {
		err = write_phase(st, phase);
		if (err > 0)
			err = flush(st);
		if (err)
			return err;
	}
	/* From here on the old records must not be replayed: their sectors may be used again. */
	if (logged)
		err = journal_write(st, NULL);
	if (err)
		return err;
	err = checkpointed(st, st->gen - 1, logged);
	st->logged = false;
	return err;
}

int store_checkpoint(struct store *st)
{
	int err = checkpoint_once(st);

	/* Somebody found no room: all that is at rest is to serve, as much at once as the journal holds. */
	while (!err && st->thaw == THAW_ALL && st->rest_sectors) {
		err = commit_some(st, false);
		if (!err)
			err = checkpoint_once(st);
	}
	if (err)
		return err;
	store_lock(st);
	while ((err = data_settle(st, false, BREATHE)) > 0)
		give_way(st);
	store_unlock(st);
	return err;
}

int store_sync(struct store *st)
{
	int err = store_commit(st);

	return err ? err : store_checkpoint(st);
}

/* The same, and neighbours that a checkpoint joined are one on the disk too. */
static int sync_whole(struct store *st)
{
	int err;

	do {
		store_lock(st);
		st->unlogged = st->unlogged || st->image_count;
		store_unlock(st);
		err = store_sync(st);
	} while (!err && st->image_count);
	return err;
}

/* Nothing is kept for anybody any more. T held. */
static int let_all_go(struct store *st)
{
	int err = data_settle(st, true, ~0u);

	st->thaw = THAW_NOT;
	if (!err)
		err = space_promises_kept(st, true);
	if (!err)
		err = names_release(st);
	if (!err)
		err = space_waited(st, st->gen - 1, ~0u);
	return err ? err : space_thaw_end(st);
}

/*
 * T held, all that was committed is in its place. Some of what is free goes to rest: 1; 0: nothing is left to do. Who has
 * files without names open closes them meanwhile.
 */
static int settle_some(struct store *st)
{
	int err = names_release(st);

	if (!err)
		err = space_waited(st, st->gen - 1, ~0u);
	if (!err)
		err = space_settle(st, min(st->journal_sectors / 4, (u64)SETTLE_MOST));
	return err ? err : !list_empty(&st->waiting);
}

int store_finish(struct store *st)
{
	int err = store_sync(st);

	if (err)
		return err;
	store_lock(st);
	err = let_all_go(st);
	store_unlock(st);
	if (err >= 0)
		err = sync_whole(st);
	if (err)
		return err;
	store_lock(st);
	err = space_trim(st);
	store_unlock(st);
	if (err)
		return err;
	do {
		err = sync_whole(st);
		if (err)
			return err;
		store_lock(st);
		err = settle_some(st);
		store_unlock(st);
	} while (err > 0);
	return err;
}

bool store_wants_checkpoint(const struct store *st)
{
	return st->logged && (!journal_fits(st, 2ULL * st->image_count, false) ||
			      st->waiting_sectors > st->free_sectors);
}

bool store_pressed(const struct store *st)
{
	/* One more change may free all that there is. */
	u64 heads = min(st->limit / STORE_HEADS, st->journal_sectors / 4);

	return !journal_fits(st,
			     st->image_count + NAME_IMAGES * (u64)st->dirty_count + st->burden +
				     max(heads, 64UL),
			     false);
}

int store_error(const struct store *st)
{
	return st->error;
}
