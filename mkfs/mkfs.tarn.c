/*
 * mkfs.tarn: makes a TAR image from a folder, an archive, or nothing. mkfs.tarn.8 says
 * more.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "check.h"
#include "host_tree.h"
#include "write_tree.h"

#define SLACK (256UL << 20) /* at least, unless told otherwise */

static const char usage[] =
	"usage: mkfs.tarn [-fnqr] [-s SIZE | -S SLACK] IMAGE [SOURCE]\n"
	"Makes a TAR image that Tarn can write to, of a folder's files, of a tar archive, or\n"
	"with an empty root.\n"
	"  -s, --size SIZE    the size of the image, as 512M or 2G\n"
	"  -S, --slack SIZE   the room behind the archive instead (default: the archive's size,\n"
	"                     at least 256M; it uses no space before it is written)\n"
	"  -f, --force        overwrite an image that is there\n"
	"  -n, --no-index     leave out the index that makes mounting fast\n"
	"  -r, --root-owned   all files belong to root\n"
	"  -q, --quiet        say nothing when all goes well\n"
	"  -h, --help         this text\n"
	"Exit status: 0 done, 1 not done, 2 usage.\n";

static struct options {
	u64 size, slack;
	bool force, no_index, root_owned, quiet;
	const char *path, *source;
} opt;

static void fault(struct check *c, u64 offset, const char *what)
{
	(void)c;
	complain("%s: offset %lu: %s", opt.source, offset, what);
}

/* The image's size for members that end at `end`; 0: told otherwise, and too small. */
static u64 image_size(u64 end, u64 device)
{
	u64 least = end + (2 + STORE_JOURNAL_MIN + 1) * STORE_SECTOR;
	u64 slack = opt.slack ? opt.slack : end > SLACK ? end : SLACK;
	u64 size = device ? device : opt.size ? opt.size : end + slack;

	size = size / STORE_SECTOR * STORE_SECTOR;
	if (size < least && !opt.size && !device)
		size = least;
	if (size >= least)
		return size;
	complain("%s: %lu bytes are too few: members and journal need %lu", opt.path, size, least);
	return 0;
}

static int rewrite(struct tar_image *out, struct tar_image *in, u64 *end)
{
	struct tar_tree t;
	int err = tar_tree_init(&t);

	if (!err)
		err = tar_tree_add(&t, &in->src);
	if (!err)
		err = write_tree(&t, out, end);
	tar_tree_free(&t);
	return err;
}

/* An archive's bytes, as they are: 0 or a negative errno, complained of. */
static int copy_archive(struct tar_image *out, u64 *end)
{
	struct tar_image in;
	struct check c = { .fault = fault };
	struct store_super sb;
	u64 sector;
	int err = image_open(&in, opt.source, O_RDONLY);

	if (err)
		return complain_errno(err, "%s", opt.source);
	c.src = &in.src;
	c.limit = in.src.size;
	err = super_find(&in, &sb, &sector);
	if (err == SUPER_GOOD || err == SUPER_INSIDE) {
		complain("%s: an image already (tarn-compact writes another one of it)",
			 opt.source);
		err = -EINVAL;
	} else if (err >= 0) {
		err = check_members(&c);
		if (err)
			complain_errno(err, "%s", opt.source);
		else if (c.faults)
			err = -EINVAL;
	}
	if (!err) {
		*end = c.end;
		/* What a global header says of members stays with them: they are written anew. */
		err = c.global ? rewrite(out, &in, end) : image_copy(out, 0, &in, 0, c.end);
		if (err)
			complain_errno(err, "%s", opt.path);
	}
	image_close(&in);
	return err;
}

/* A folder's files, or a root alone. */
static int write_files(struct tar_image *out, u64 *end)
{
	struct tar_tree t;
	int err = tar_tree_init(&t);

	if (err)
		return complain_errno(err, "%s", opt.path);
	if (opt.source)
		err = host_tree_add(&t, opt.source, opt.root_owned, out->fd);
	if (!err) {
		err = write_tree(&t, out, end);
		if (err)
			complain_errno(err, "%s", opt.path);
	}
	tar_tree_free(&t);
	host_tree_free();
	return err;
}

static int make(struct tar_image *m, u64 device)
{
	static const u8 zeros[2 * STORE_SECTOR];
	struct stat st;
	u64 end = 0, size;
	int err;

	if (!opt.source || (!stat(opt.source, &st) && S_ISDIR(st.st_mode)))
		err = write_files(m, &end);
	else
		err = copy_archive(m, &end);
	if (err)
		return err;
	size = image_size(end, device);
	if (!size)
		return -ENOSPC;
	if (!device)
		err = image_resize(m, size);
	m->src.size = m->disk.size = size;
	if (!err)
		err = image_write(m, end, zeros, sizeof(zeros));
	if (!err)
		err = finish_image(m, end, !opt.no_index);
	if (err)
		return complain_errno(err, "%s", opt.path);
	if (!opt.quiet)
		printf("%s: %lu bytes, %lu of members\n", opt.path, size, end);
	return 0;
}

static int run(void)
{
	struct tar_image m;
	struct stat st;
	bool there = !stat(opt.path, &st), device = there && S_ISBLK(st.st_mode);
	struct stat source;
	int err;

	if (there && opt.source && !stat(opt.source, &source) && source.st_dev == st.st_dev &&
	    source.st_ino == st.st_ino) {
		complain("%s: is the source itself", opt.path);
		return EXIT_BAD;
	}
	if (there && !opt.force) {
		complain("%s: is there already (-f overwrites it)", opt.path);
		return EXIT_BAD;
	}
	err = image_open(&m, opt.path, O_RDWR | O_CREAT);
	if (!err && !device)
		err = image_resize(&m, 0);
	if (err) {
		complain_errno(err, "%s", opt.path);
		return EXIT_BAD;
	}
	err = make(&m, device ? m.src.size : 0);
	image_close(&m);
	if (err && !there)
		unlink(opt.path);
	return err ? EXIT_BAD : EXIT_GOOD;
}

static bool take_size(const char *text, u64 *out)
{
	if (parse_size(text, out) && *out)
		return true;
	complain("%s: not a size, as 512M or 2G", text);
	return false;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "size", required_argument, NULL, 's' }, { "slack", required_argument, NULL, 'S' },
		{ "force", no_argument, NULL, 'f' },	  { "no-index", no_argument, NULL, 'n' },
		{ "root-owned", no_argument, NULL, 'r' }, { "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },	  { NULL, 0, NULL, 0 },
	};
	int c;

	program_name = "mkfs.tarn";
	while ((c = getopt_long(argc, argv, "fhnqrs:S:", options, NULL)) != -1) {
		switch (c) {
		case 's':
			if (!take_size(optarg, &opt.size))
				return EXIT_USAGE;
			break;
		case 'S':
			if (!take_size(optarg, &opt.slack))
				return EXIT_USAGE;
			break;
		case 'f':
			opt.force = true;
			break;
		case 'n':
			opt.no_index = true;
			break;
		case 'r':
			opt.root_owned = true;
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
	if (optind == argc || argc - optind > 2 || (opt.size && opt.slack)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	opt.path = argv[optind];
	opt.source = argv[optind + 1];
	return run();
}
