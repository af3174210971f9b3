/*
 * fsck.tarn: checks a TAR image, replays its journal, mends what is safe to mend.
 * fsck.tarn.8 says what it does; the checks are check.c's, replay is the kernel's.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "check.h"
#include "err.h"
#include "fs/tarfs/index.h"
#include "image.h"
#include "write_tree.h"

static const char usage[] =
	"usage: fsck.tarn [-fnpqvy] [--replay] IMAGE\n"
	"Checks a TAR archive or an image that Tarn writes to: its members, free space,\n"
	"journal and index. Replays the journal, and mends what can be mended safely.\n"
	"  -n, --dry-run  change nothing: check what replaying would give\n"
	"  -r, --replay   replay the journal only, then check\n"
	"  -p, -y, -a     for fsck(8): what is safe is mended without asking anyway\n"
	"  -f             for fsck(8): all is checked anyway\n"
	"  -q, --quiet    say nothing when all is good\n"
	"  -v, --verbose  say what is odd but harmless too\n"
	"  -h, --help     this text\n"
	"Exit status: 0 good, 1 mended, 4 faults are left, 8 trouble, 16 usage.\n";

static struct options {
	bool dry, replay_only, quiet, verbose;
	const char *path;
} opt;

struct state {
	struct tar_image m;
	struct store_super super;
	struct store_record record;
	enum super_state found;
	struct tar_source *overlay; /* -n, and a transaction waits */
	struct check c;
	unsigned mended, left;
};

static void say(u64 offset, const char *fmt, ...)
{
	va_list args;

	printf("%s: offset %lu: ", opt.path, offset);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
}

static void fault(struct check *c, u64 offset, const char *what)
{
	struct state *s = c->owner;

	s->left++;
	say(offset, "%s", what);
}

static void odd(struct check *c, u64 offset, const char *what, const char *name)
{
	(void)c;
	if (opt.verbose)
		say(offset, "%s: %s", name, what);
}

/* The superblock, and the journal behind it: 0 or a negative errno. */
static int check_journal(struct state *s)
{
	u64 sector;
	const char *why = NULL;
	int got = super_find(&s->m, &s->super, &sector);

	if (got < 0)
		return got;
	s->found = (enum super_state)got;
	s->c.limit = s->m.src.size;
	switch (s->found) {
	case SUPER_NONE:
		if (opt.replay_only)
			say(s->m.src.size, "no journal: a plain archive");
		return 0;
	case SUPER_BAD:
		s->left++;
		say(sector * STORE_SECTOR, "the superblock is damaged, the journal can't be found");
		return 0;
	case SUPER_INSIDE:
		say(sector * STORE_SECTOR,
		    "the superblock stands before the end: the device was made "
		    "larger, and tarn-resize moves it");
		s->c.limit = s->super.journal * STORE_SECTOR;
		return 0;
	default:
		break;
	}
	s->c.limit = s->super.journal * STORE_SECTOR;
	got = super_newest(&s->m, &s->super, &s->record);
	if (got < 0)
		return got;
	if (!got) {
		memset(&s->record, 0, sizeof(s->record));
		s->left++;
		say(s->super.journal * STORE_SECTOR,
		    "no record of the journal is whole (tarn-resize "
		    "makes it anew)");
		return 0;
	}
	if (!s->record.count && !s->record.chain)
		return 0;
	if (opt.dry) {
		say(s->super.journal * STORE_SECTOR,
		    "transaction %lu waits in the journal (%u sectors)", s->record.seq,
		    s->record.count);
		s->overlay = store_overlay(&s->m.disk);
		if (IS_ERR(s->overlay)) {
			got = (int)PTR_ERR(s->overlay);
			s->overlay = NULL;
			return got;
		}
		s->c.src = s->overlay;
		return 0;
	}
	got = store_replay(&s->m.disk, &why);
	if (got < 0)
		return complain_errno(got, "%s: replay: %s", opt.path, why ? why : "failed");
	if (got) {
		s->mended++;
		if (!opt.quiet)
			say(s->super.journal * STORE_SECTOR,
			    "transaction %lu replayed (%u sectors)", s->record.seq,
			    s->record.count);
	}
	/* What it left says so: nothing waits now. */
	got = super_newest(&s->m, &s->super, &s->record);
	return got < 0 ? got : 0;
}

/* An index that claims to be of this archive must be; else it is dropped. */
static int check_index(struct state *s, const struct tar_tree *t)
{
	const char *why = NULL;
	u64 at = s->super.index * STORE_SECTOR;
	int got;

	if (s->found != SUPER_GOOD || !s->super.index || s->overlay)
		return 0;
	got = tar_index_compare(&s->m.src, &s->super, s->record.seq, t, &why);
	if (got < 0)
		return got;
	if (got == 0) {
		if (opt.verbose)
			say(at, "the index is of an earlier state, and not used");
		return 0;
	}
	if (!why)
		return 0;
	if (opt.dry || opt.replay_only) {
		s->left++;
		say(at, "index: %s", why);
		return 0;
	}
	say(at, "index: %s; dropped", why);
	s->super.index = s->super.index_sectors = 0;
	got = super_write(&s->m, &s->super);
	if (!got)
		got = image_flush(&s->m);
	if (!got)
		s->mended++;
	return got;
}

/* Replayed, or cut off before it was unmounted: free space is in pieces that busybox does not bear. */
static bool wants_settling(const struct state *s)
{
	return !opt.dry && !s->left && s->found == SUPER_GOOD && s->record.seq &&
	       (s->mended || s->c.busybox_noted);
}

/* What is known of the journal and the members, after they were changed. */
static int check_again(struct state *s)
{
	u64 sector;
	int got = super_find(&s->m, &s->super, &sector);

	if (got >= 0)
		got = super_newest(&s->m, &s->super, &s->record);
	s->c.members = s->c.pads = s->c.free_sectors = 0;
	return got < 0 ? got : check_members(&s->c);
}

static int check_all(struct state *s)
{
	struct tar_tree t;
	int err = check_journal(s);

	if (err)
		return err;
	err = check_members(&s->c);
	if (!err && wants_settling(s)) {
		err = settle_image(&s->m, true);
		if (!err) {
			s->mended++;
			err = check_again(s);
		}
	}
	if (err)
		return err;
	if (s->left)
		return 0;
	err = check_tree(&s->c, &t);
	if (err == -ENOMEM || err == -EIO)
		return err;
	if (!err)
		err = check_index(s, &t);
	else
		err = 0;
	if (!err && !opt.quiet && !s->left)
		printf("%s: %s: %lu members, %lu files, %lu bytes of members, %lu free among them\n",
		       opt.path, s->mended ? "mended" : "good", s->c.members, t.nodes, s->c.end,
		       s->c.free_sectors * STORE_SECTOR);
	tar_tree_free(&t);
	return err;
}

static int run(void)
{
	struct state s = { .c = { .fault = fault, .note = odd } };
	int err = image_open(&s.m, opt.path, opt.dry ? O_RDONLY : O_RDWR);

	if (err) {
		complain_errno(err, "%s", opt.path);
		return FSCK_TROUBLE;
	}
	s.c.owner = &s;
	s.c.src = &s.m.src;
	err = check_all(&s);
	if (s.overlay)
		store_overlay_free(s.overlay);
	image_close(&s.m);
	if (err) {
		complain_errno(err, "%s", opt.path);
		return FSCK_TROUBLE;
	}
	return (s.left ? FSCK_LEFT : 0) | (s.mended ? FSCK_MENDED : 0);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dry-run", no_argument, NULL, 'n' }, { "replay", no_argument, NULL, 'r' },
		{ "quiet", no_argument, NULL, 'q' },   { "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },    { NULL, 0, NULL, 0 },
	};
	int c;

	program_name = "fsck.tarn";
	while ((c = getopt_long(argc, argv, "afhnpqrvy", options, NULL)) != -1) {
		switch (c) {
		case 'a':
		case 'f':
		case 'p':
		case 'y':
			break;
		case 'n':
			opt.dry = true;
			break;
		case 'r':
			opt.replay_only = true;
			break;
		case 'q':
			opt.quiet = true;
			break;
		case 'v':
			opt.verbose = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return FSCK_USAGE;
		}
	}
	if (optind != argc - 1) {
		fputs(usage, stderr);
		return FSCK_USAGE;
	}
	opt.path = argv[optind];
	return run();
}
