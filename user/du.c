/*
 * du - how much room trees take (XCU du).
 */
#include "common/common.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: du [-ashckmbxlLHS0] [-d DEPTH] [-t SIZE] [-B UNIT] [--exclude=GLOB] [FILE...]\n"
	"Print the room that each folder takes, in KiB.\n"
	"  -a, -s   also files; only what is named;  -d  only so many levels below\n"
	"  -h, -m   for people; in MiB;  -b  the bytes of what is in files;  -c  the sum of all, too\n"
	"  -x       stay on one file system;  -l  count each name of a file;  -L  follow links\n"
	"  -S       folders without those below;  -t  only sizes from there on, or (-N) up to there;  -0  NUL ends lines\n";
static const char names[] =
	"max-depth=d apparent-size=\1 summarize=s human-readable=h all=a total=c bytes=b "
	"count-links=l dereference=L dereference-args=D one-file-system=x separate-dirs=S "
	"null=0 threshold=t exclude=\2: block-size=B";

static bool all, human, bytes, every_name, total;
static long deepest = 1l << 30;
static unsigned long long unit = 1024;
static unsigned long long *sums; /* by depth */
static int depths, status;
static bool separate; /* a folder's sum is without those below */
static char line_end = '\n';
static struct globs left_out; /* names that do not count */
static long long least; /* sizes below are not shown; negative: above */
static struct seen {
	dev_t dev;
	ino_t ino;
} * seen;
static size_t seen_count;

static bool counted(const struct stat *st)
{
	if (every_name || st->st_nlink < 2 || S_ISDIR(st->st_mode))
		return false;
	for (size_t i = 0; i < seen_count; i++)
		if (seen[i].dev == st->st_dev && seen[i].ino == st->st_ino)
			return true;
	if (!(seen_count & (seen_count - 1)))
		seen = need(realloc(seen, (seen_count * 2 + 1) * sizeof(*seen)));
	seen[seen_count++] = (struct seen){ st->st_dev, st->st_ino };
	return false;
}

static void show(unsigned long long n, const char *path)
{
	char text[8];

	if (least >= 0 ? n < (unsigned long long)least : n > (unsigned long long)-least)
		return;
	if (human)
		printf("%s\t%s%c", human_size(n, text), path, line_end);
	else
		printf("%llu\t%s%c", (n + unit - 1) / unit, path, line_end);
}

static void visit(struct walk *w, enum walk_event event)
{
	unsigned long long n;

	if (event == WALK_ERROR) {
		warn("cannot access '%s'", w->path);
		status = 1;
		return;
	}
	if (globs_match(&left_out, w->name, 0)) {
		w->skip = true;
		return;
	}
	if (w->depth + 1 >= depths) {
		sums = need(realloc(sums, (size_t)(depths + 64) * sizeof(*sums)));
		memset(sums + depths, 0, 64 * sizeof(*sums));
		depths += 64;
	}
	n = bytes ? (S_ISDIR(w->st.st_mode) || S_ISREG(w->st.st_mode) || S_ISLNK(w->st.st_mode) ?
			     (unsigned long long)w->st.st_size :
			     0) :
		    (unsigned long long)w->st.st_blocks * 512;
	if (event == WALK_FOLDER) {
		sums[w->depth + 1] = n;
		return;
	}
	if (event == WALK_LEFT) {
		n = sums[w->depth + 1];
		if (w->depth <= deepest)
			show(n, w->path);
	} else {
		if (counted(&w->st))
			return;
		if ((all && w->depth <= deepest) || !w->depth)
			show(n, w->path);
	}
	if (!separate || event != WALK_LEFT)
		sums[w->depth] += n;
}

int main(int argc, char **argv)
{
	int opt, flags = 0;
	unsigned long long sum;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "ashckmbxlLHDS0d:t:B:", names)) != -1) {
		switch (opt) {
		case 'a':
			all = true;
			break;
		case 's':
			deepest = 0;
			break;
		case 'h':
			human = true;
			break;
		case 'c':
			total = true;
			break;
		case 'k':
		case 'm':
			unit = opt == 'k' ? 1024 : 1048576;
			break;
		case 'b':
			bytes = true;
			unit = 1;
			break;
		case 1:
			bytes = true;
			break;
		case 'x':
			flags |= WALK_ONE_DEVICE;
			break;
		case 'l':
			every_name = true;
			break;
		case 'L':
			flags |= WALK_FOLLOW;
			break;
		case 'S':
			separate = true;
			break;
		case '0':
			line_end = 0;
			break;
		case 't':
			least = number_arg(optarg + (*optarg == '-'), 0, 1ll << 60, true);
			least = *optarg == '-' ? -least : least;
			break;
		case 'B':
			unit = (unsigned long long)number_arg(optarg, 1, 1ll << 60, true);
			break;
		case 2:
			globs_add(&left_out, optarg);
			break;
		case 'H':
		case 'D':
			flags |= WALK_FOLLOW_FIRST;
			break;
		case 'd':
			deepest = (long)number_arg(optarg, 0, 1 << 30, false);
			break;
		default:
			usage(help, 1);
		}
	}
	if (optind == argc)
		argv[--optind] = (char *)".";
	for (int i = optind; i < argc; i++)
		walk(argv[i], flags, visit, NULL);
	sum = sums ? sums[0] : 0;
	if (total)
		show(sum, "total");
	free(sums);
	free(seen);
	return finish(status);
}
