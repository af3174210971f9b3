/*
 * What free space looks like inside an archive, so that no reader sees it. A segment is
 * a chain of GNU tar's 'K' headers ("long link name of the next member"), whose data may be
 * anything, ended by a lone "./" directory: a long link name before a member that is no
 * link means nothing to any reader, and "./" may be named any number of times (the last one
 * counts, and that is the root's own). bsdtar wants such data below 1 MiB and at most
 * 32 of these headers in a row. So the heads of a segment are:
 *
 *	its first sector, each multiple of 2048 (1 MiB), the sector before each multiple of
 *	32768 (there a "./" breaks the chain), and its last sector (a "./")
 *
 * Debian's busybox reads no such data of 4096 bytes or more: store_finish() therefore leaves
 * the fine form behind, with a head at each multiple of 8 and a "./" before each of 128,
 * and the first change afterwards makes the coarse one of it again.
 *
 * Where they lie depends on nothing but the segment's ends, and a change of one end touches
 * only the heads next to it. Each function keeps the images right: of every head that comes, goes,
 * or changes. Interface in store_impl.h. Locking: T.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include "fs/tarfs/store_impl.h"

#define PIECE	   2048u /* sectors */
#define CHAIN	   (16 * PIECE)
#define FINE	   8u
#define FINE_CHAIN (16 * FINE)

static bool is_border(u64 s)
{
	return s % PIECE == 0 || s % CHAIN == CHAIN - 1;
}

static u64 next_border(u64 s)
{
	u64 next = (s / PIECE + 1) * PIECE;

	return next % CHAIN == 0 && next - 1 > s ? next - 1 : next;
}

u64 seg_next_head(u64 a __unused, u64 b, u64 s)
{
	u64 next = next_border(s);

	if (s + 1 >= b)
		return b;
	return next < b - 1 ? next : b - 1;
}

bool seg_is_head(u64 a, u64 b, u64 s)
{
	return s == a || s == b - 1 || is_border(s);
}

/* The last head of [a, b) before s, which lies behind a. */
static u64 prev_head(u64 a, u64 s)
{
	u64 at = (s - 1) / PIECE * PIECE;

	if ((s - 1) % CHAIN == CHAIN - 1)
		at = s - 1;
	return at > a ? at : a;
}

u64 seg_next_fine(u64 b, u64 s)
{
	u64 next = (s / FINE + 1) * FINE;

	if (next % FINE_CHAIN == 0 && next - 1 > s)
		next--;
	if (s + 1 >= b)
		return b;
	return next < b - 1 ? next : b - 1;
}

int seg_write_head(struct store *st, u64 s, u64 next, bool old)
{
	u8 block[STORE_SECTOR];

	if (next > s + 1) {
		member_header(block, 'K', "././@LongLink", 13, (next - s - 1) * STORE_SECTOR);
	} else {
		member_header(block, '5', "./", 2, 0);
	}
	member_sum(block);
	return image_set(st, s, old, true, block);
}

static int write_head(struct store *st, u64 a, u64 b, u64 s, bool old)
{
	return seg_write_head(st, s, seg_next_head(a, b, s), old);
}

int seg_lay(struct store *st, u64 a, u64 b)
{
	int err = images_gone(st, a, b);

	for (u64 s = a; s < b && !err; s = seg_next_head(a, b, s))
		err = write_head(st, a, b, s, false);
	return err;
}

int seg_take(struct store *st, u64 a, u64 b, u64 n)
{
	u64 m = a + n;
	int err = 0;

	/* Heads of O are remembered before images of N go. */
	for (u64 s = a; s < m && !err; s = seg_next_head(a, b, s))
		err = image_gone(st, s, true);
	if (!err && m < b && !seg_is_head(a, b, m))
		err = write_head(st, m, b, m, false);
	return err;
}

int seg_split(struct store *st, u64 a, u64 b, u64 m)
{
	int err = write_head(st, a, m, m - 1, seg_is_head(a, b, m - 1));

	if (!err && m - 1 > a)
		err = write_head(st, a, m, prev_head(a, m - 1), true);
	if (!err && !seg_is_head(a, b, m))
		err = write_head(st, m, b, m, false);
	return err;
}

int seg_merge(struct store *st, u64 a, u64 b, u64 c)
{
	int err = 0;

	if (b - 1 > a) {
		u64 s = prev_head(a, b - 1);

		err = write_head(st, a, c, s, true);
	}
	if (!err && seg_is_head(a, c, b - 1))
		err = write_head(st, a, c, b - 1, true);
	else if (!err)
		err = image_gone(st, b - 1, true);
	if (!err && !seg_is_head(a, c, b))
		err = image_gone(st, b, true);
	else if (!err)
		err = write_head(st, a, c, b, true);
	return err;
}

int seg_refine(struct store *st, u64 a, u64 b)
{
	int err = 0;

	for (u64 s = a; s < b && !err; s = seg_next_fine(b, s))
		err = seg_write_head(st, s, seg_next_fine(b, s), seg_is_head(a, b, s));
	return err;
}

int seg_coarsen(struct store *st, u64 a, u64 b)
{
	int err = 0;

	for (u64 s = a; s < b && !err; s = seg_next_fine(b, s))
		err = seg_is_head(a, b, s) ? write_head(st, a, b, s, true) :
					     image_gone(st, s, true);
	return err;
}

u64 seg_member_start(const struct store *st, u64 s, u64 headers)
{
	for (u64 at = s + 1; headers > 2 && at < s + headers - 1; at++) {
		const struct image *i = image_from(st, at);

		if (!is_border(at) &&
		    (!i || i->sector != at || !(i->old || i->mid_head || i->head)))
			continue;
		s = at;
	}
	return s;
}
