/*
 * tarn-compact: writes an image's members anew, without free space between them.
 * tarn-compact.8 says more.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "err.h"
#include "write_tree.h"

static const char usage[] =
	"usage: tarn-compact [-nqt] [-o OUT] IMAGE\n"
	"Writes the members of a TAR image one behind the other into a new file, which takes\n"
	"the old one's place; what waits in the journal comes along.\n"
	"  -o, --output OUT   leave IMAGE alone and write to OUT\n"
	"  -t, --trim         a plain archive, without room and journal behind its end\n"
	"  -n, --no-index     leave out the index that makes mounting fast\n"
	"  -q, --quiet        say nothing when all goes well\n"
	"  -h, --help         this text\n"
	"Exit status: 0 done, 1 not done, 2 usage.\n";

static struct options {
	bool trim, no_index, quiet;
	const char *path, *out;
} opt;

static void left_out(struct tar_tree *t, u64 offset, const char *name, const char *why)
{
	(void)t;
	complain("%s: offset %lu: %s: left out: %s", opt.path, offset, name, why);
}

static int write_out(struct tar_image *in, struct tar_tree *t, struct tar_image *out, bool journal)
{
	u64 end, size = in->src.size / STORE_SECTOR * STORE_SECTOR;
	int err = write_tree(t, out, &end);

	if (err || opt.trim || !journal)
		return err ? err : image_flush(out);
	if (size < end + (2 + STORE_JOURNAL_MIN + 1) * STORE_SECTOR)
		size = end + (2 + STORE_JOURNAL_MIN + 1) * STORE_SECTOR;
	err = image_resize(out, size);
	if (!err)
		err = finish_image(out, end, !opt.no_index);
	if (!err && !opt.quiet)
		printf("%s: members %lu bytes, were %lu\n", opt.path, end, t->end);
	return err;
}

/* The tree of the image with what its journal holds, to a new file at `path`. */
static int compact(struct tar_image *in, const char *path)
{
	struct tar_source *overlay = NULL, *src = &in->src;
	struct store_super sb;
	struct tar_image out;
	struct tar_tree t;
	u64 sector;
	int found = super_find(in, &sb, &sector), err;

	if (found < 0)
		return complain_errno(found, "%s", opt.path);
	if (found == SUPER_GOOD) {
		overlay = store_overlay(&in->disk);
		if (IS_ERR(overlay))
			return complain_errno((int)PTR_ERR(overlay), "%s", opt.path);
		src = overlay;
	} else if (found != SUPER_NONE) {
		complain("%s: the superblock is not in order: fsck.tarn, tarn-resize", opt.path);
		return -EINVAL;
	}
	err = tar_tree_init(&t);
	if (!err) {
		t.warn = left_out;
		err = tar_tree_add(&t, src);
		if (err)
			complain("%s: offset %lu: %s", opt.path, t.err.offset,
				 t.err.why ? t.err.why : "refused");
	}
	if (!err) {
		err = image_open(&out, path, O_RDWR | O_CREAT | O_TRUNC);
		if (!err) {
			err = write_out(in, &t, &out, found == SUPER_GOOD);
			image_close(&out);
		}
		if (err)
			complain_errno(err, "%s", path);
	}
	tar_tree_free(&t);
	if (overlay)
		store_overlay_free(overlay);
	return err;
}

static int run(void)
{
	struct tar_image in;
	char *path = NULL;
	struct stat st;
	int err = image_open(&in, opt.path, opt.out ? O_RDONLY : O_RDWR);

	if (err) {
		complain_errno(err, "%s", opt.path);
		return EXIT_BAD;
	}
	if (!opt.out && (fstat(in.fd, &st) || !S_ISREG(st.st_mode))) {
		complain("%s: not a file; -o writes to another place", opt.path);
		image_close(&in);
		return EXIT_BAD;
	}
	if (!opt.out && asprintf(&path, "%s.new", opt.path) < 0)
		path = NULL;
	err = opt.out || path ? compact(&in, opt.out ? opt.out : path) : -ENOMEM;
	if (!err && path && (chmod(path, st.st_mode & 07777) || rename(path, opt.path)))
		err = complain_errno(-errno, "%s", path);
	if (err && path)
		unlink(path);
	free(path);
	image_close(&in);
	return err ? EXIT_BAD : EXIT_GOOD;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' }, { "trim", no_argument, NULL, 't' },
		{ "no-index", no_argument, NULL, 'n' },	    { "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },	    { NULL, 0, NULL, 0 },
	};
	int c;

	program_name = "tarn-compact";
	while ((c = getopt_long(argc, argv, "hno:qt", options, NULL)) != -1) {
		switch (c) {
		case 'o':
			opt.out = optarg;
			break;
		case 't':
			opt.trim = true;
			break;
		case 'n':
			opt.no_index = true;
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
	if (optind != argc - 1) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	opt.path = argv[optind];
	return run();
}
