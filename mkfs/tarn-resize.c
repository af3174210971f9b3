/*
 * tarn-resize: makes a TAR image larger or smaller, its journal moving along; gives an
 * archive that has none room and a journal. tarn-resize.8 says more.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "check.h"
#include "image.h"

static const char usage[] =
	"usage: tarn-resize [-mq] IMAGE [SIZE]\n"
	"Changes the size of a TAR image: SIZE as 512M or 2G, +SIZE more, -SIZE less. Without\n"
	"it the image takes the room that its file or device has. A plain archive is given a\n"
	"journal, so that Tarn can write to it.\n"
	"  -m, --minimum  as small as the members and a journal allow\n"
	"  -q, --quiet    say nothing when all goes well\n"
	"  -h, --help     this text\n"
	"Exit status: 0 done, 1 not done, 2 usage.\n";

static struct options {
	bool minimum, quiet;
	const char *path, *size;
} opt;

static void fault(struct check *c, u64 offset, const char *what)
{
	(void)c;
	complain("%s: offset %lu: %s (fsck.tarn tells more)", opt.path, offset, what);
}

/* The size that is asked for, in whole sectors; 0: can't be. */
static u64 wanted(const struct tar_image *m, u64 least)
{
	u64 size, now = m->src.size;
	const char *s = opt.size;

	if (opt.minimum)
		return least;
	if (!s)
		return now / STORE_SECTOR * STORE_SECTOR;
	if (!parse_size(s + (*s == '+' || *s == '-'), &size))
		return 0;
	if (*s == '+')
		size = now + size;
	else if (*s == '-')
		size = size < now ? now - size : 0;
	return size / STORE_SECTOR * STORE_SECTOR;
}

/* Whatever waits in the journal goes to its place; then where the members end. */
static int settle(struct tar_image *m, u64 *end)
{
	struct store_record rec;
	struct store_super sb;
	const char *why = NULL;
	u64 sector, size = m->disk.size;
	int found = super_find(m, &sb, &sector);
	struct check c = { .src = &m->src, .fault = fault, .limit = m->src.size };
	int err = 0;

	if (found < 0)
		return complain_errno(found, "%s", opt.path);
	if (found == SUPER_BAD) {
		complain("%s: offset %lu: the superblock is damaged", opt.path,
			 sector * STORE_SECTOR);
		return -EINVAL;
	}
	if (found != SUPER_NONE) {
		c.limit = sb.journal * STORE_SECTOR;
		/* The journal is found from its superblock, wherever the file ends now. */
		m->disk.size = (sector + 1) * STORE_SECTOR;
		err = store_replay(&m->disk, &why);
		/* A journal without a whole record has nothing to say: it is made anew. */
		if (err == -EINVAL && super_newest(m, &sb, &rec) == 0)
			err = 0;
		m->disk.size = size;
	}
	if (err < 0)
		return complain_errno(err, "%s: replay: %s", opt.path, why ? why : "failed");
	err = check_members(&c);
	if (err)
		return complain_errno(err, "%s", opt.path);
	*end = c.end;
	if (c.global && found == SUPER_NONE) {
		complain(
			"%s: a global extended header speaks of all members (tarn-compact writes it "
			"anew, or tar)",
			opt.path);
		return -EINVAL;
	}
	return c.faults ? -EINVAL : 0;
}

static int resize(struct tar_image *m)
{
	u64 end = 0, size, least, old = m->src.size;
	bool device;
	struct stat st;
	int err = settle(m, &end);

	if (err)
		return err;
	least = end + (2 + STORE_JOURNAL_MIN + 1) * STORE_SECTOR;
	size = wanted(m, least);
	if (size < least) {
		complain("%s: %lu bytes are too few: members and journal need %lu", opt.path, size,
			 least);
		return -EINVAL;
	}
	device = !fstat(m->fd, &st) && S_ISBLK(st.st_mode);
	if (device && size != old / STORE_SECTOR * STORE_SECTOR) {
		complain("%s: an image fills its device, which has %lu bytes", opt.path, old);
		return -EINVAL;
	}
	/* Larger: the room first. Smaller: the new journal first; until the file is cut the old one counts. */
	if (size > old)
		err = image_resize(m, size);
	m->src.size = m->disk.size = size;
	if (!err)
		err = super_make(m, end / STORE_SECTOR);
	if (!err && size < old)
		err = image_resize(m, size);
	if (err)
		return complain_errno(err, "%s", opt.path);
	if (!opt.quiet)
		printf("%s: %lu bytes, %lu of members\n", opt.path, size, end);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "minimum", no_argument, NULL, 'm' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct tar_image m;
	u64 size;
	int c, err;

	program_name = "tarn-resize";
	/* "-64M" is a size. */
	while ((c = getopt_long(argc, argv, "+hmq", options, NULL)) != -1) {
		switch (c) {
		case 'm':
			opt.minimum = true;
			break;
		case 'q':
			opt.quiet = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_GOOD;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (optind == argc || argc - optind > 2 || (argc - optind == 2 && opt.minimum)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	opt.path = argv[optind];
	opt.size = argv[optind + 1];
	if (opt.size && !parse_size(opt.size + (*opt.size == '+' || *opt.size == '-'), &size)) {
		complain("%s: not a size, as 512M or +1G", opt.size);
		return EXIT_USAGE;
	}
	err = image_open(&m, opt.path, O_RDWR);
	if (err) {
		complain_errno(err, "%s", opt.path);
		return EXIT_BAD;
	}
	err = resize(&m);
	image_close(&m);
	return err ? EXIT_BAD : EXIT_GOOD;
}
