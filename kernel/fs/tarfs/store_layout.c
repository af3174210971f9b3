/*
 * What free space looks like inside an archive, so that no reader sees it. There are two forms.
 *
 * While a file system is in use a segment is GNU tar's 'K' headers ("long link name of the next
 * member"), whose data may be anything, each behind its data followed by a lone "./" directory: a long
 * link name before a member that is no link means nothing to any reader, and "./" may be named
 * any number of times (the last one counts, and that is the root's own). bsdtar wants such data below
 * 1 MiB. So the heads of a segment are:
 *
 *	its first sector (a 'K'), each multiple of 2048 (1 MiB, a 'K') and the sector
 *	before (a "./"), and its last sector (a "./")
 *
 * Where they lie depends on nothing but the segment's ends, and a change of one end touches
 * only the heads next to it.
 *
 * At rest, where store_finish() leaves it, each 'K' and its "./" are one pax global header ("g") that holds
 * one `comment` record: listings don't show it, and Debian's busybox reads it, which takes no 'K' of 4096
 * bytes or more. But its record must begin and end right, so nothing may be written there: the
 * first form comes first (seg_thaw), and its checkpoint. The newline that ends the
 * record is the last byte of the "./": so either form becomes the other by one header's flip.
 *
 * Each function keeps the images right: of every head that comes, goes, or changes.
 * Interface in store_impl.h. Locking: T.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include "fs/tarfs/store_impl.h"
#include "lib/printf.h"
#include "lib/string.h"

static bool is_border(u64 s)
{
	return s % SEG_PIECE == 0 || s % SEG_PIECE == SEG_PIECE - 1;
}

static u64 next_border(u64 s)
{
	u64 next = (s / SEG_PIECE + 1) * SEG_PIECE;

	return next - 1 > s ? next - 1 : next;
}

u64 seg_next_head(u64 a __unused, u64 b, u64 s)
{
	u64 next = next_border(s);

	if (s + 1 >= b)
		return b;
	return next < b - 1 ? next : b - 1;
}

static bool seg_is_head(u64 a, u64 b, u64 s)
{
	return s == a || s == b - 1 || is_border(s);
}

/* The last head of [a, b) before s, which lies behind a. */
static u64 prev_head(u64 a, u64 s)
{
	u64 at = is_border(s - 1) ? s - 1 : (s - 1) / SEG_PIECE * SEG_PIECE;

	return at > a ? at : a;
}

int seg_write_head(struct store *st, u64 s, u64 next, bool old)
{
	u8 block[STORE_SECTOR];

	if (next > s + 1) {
		member_header(block, 'K', "././@LongLink", 13, (next - s - 1) * STORE_SECTOR);
	} else {
		member_header(block, '5', "./", 2, 0);
		block[STORE_SECTOR - 1] = '\n';
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

u64 seg_piece(u64 a, u64 b, u64 s)
{
	u64 next = seg_next_head(a, b, s);

	return next > s + 1 ? next + 1 : next;
}

/* The `comment` record of so many bytes begins in this sector, and ends there if it is the only one. block: a sector. */
static int write_comment(struct store *st, char *block, u64 s, u64 bytes, bool first, bool last)
{
	memset(block, ' ', STORE_SECTOR);
	if (first)
		block[snprintf(block, STORE_SECTOR, "%lu comment=", bytes)] = ' ';
	if (last)
		block[STORE_SECTOR - 1] = '\n';
	return image_set(st, s, false, false, block);
}

int seg_rest(struct store *st, u64 a, u64 b, bool dot)
{
	u64 end = dot ? b - 1 : b, bytes = (end - a - 1) * STORE_SECTOR;
	u8 block[STORE_SECTOR];
	int err;

	member_header(block, 'g', "././@PaxHeader", 14, bytes);
	member_sum(block);
	err = image_set(st, a, true, true, block);
	if (!err && bytes)
		err = write_comment(st, (char *)block, a + 1, bytes, true, end == a + 2);
	if (!err && dot && end > a + 2)
		err = write_comment(st, (char *)block, end - 1, bytes, false, true);
	/* It ends with what was the "./". */
	return err || dot || !bytes ? err : image_gone(st, b - 1, true);
}

bool seg_can_thaw(u64 a, u64 b)
{
	return b == a + 1 || (b >= a + 3 && next_border(a) >= b - 1);
}

int seg_thaw(struct store *st, u64 a, u64 b)
{
	int err = image_gone(st, a, true);

	return err ? err : seg_lay(st, a, b);
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
