/*
 * tarfs-ls: what the kernel makes of TAR archives. Compiled from the kernel's own
 * tarfs sources, so a list here is the tree that tarfs mounts, and an archive
 * refused here is refused there with the same words.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "file_source.h"
#include "fs/tarfs/tree.h"

static const char usage[] =
	"usage: tarfs-ls [-cdq] ARCHIVE...\n"
	"Lists the files that Tarn's kernel finds in TAR archives; a later archive is laid\n"
	"over the earlier ones, as an initrd is laid over the disk.\n"
	"  -c, --check    read all data too, print a summary only\n"
	"  -d, --digest   a line for programs: times to the nanosecond, links, the CRC-32 of\n"
	"                 the data, extended attributes; other bytes as \\ooo\n"
	"  -q, --quiet    say nothing of members left out\n"
	"  -h, --help     this text\n"
	"Exit status: 0 all archives are good, 1 one was refused, 2 usage.\n";

enum mode { LIST, CHECK, DIGEST };

static bool quiet;

static u32 crc_table[256];

static void crc_init(void)
{
	for (u32 i = 0; i < 256; i++) {
		u32 c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0xedb88320u : c >> 1;
		crc_table[i] = c;
	}
}

static u32 crc_add(u32 crc, const u8 *p, size_t n)
{
	while (n--)
		crc = crc >> 8 ^ crc_table[(crc ^ *p++) & 0xff];
	return crc;
}

/* The CRC-32 of a file's data (holes too); 0 or a negative errno. */
static int data_crc(const struct tar_node *n, u32 *out)
{
	static u8 buf[1 << 16];
	u32 crc = ~0u;

	for (u64 pos = 0; pos < n->size;) {
		size_t part = n->size - pos < sizeof(buf) ? (size_t)(n->size - pos) : sizeof(buf);
		int err = tar_read(n, pos, buf, part);

		if (err)
			return err;
		crc = crc_add(crc, buf, part);
		pos += part;
	}
	*out = ~crc;
	return 0;
}

static void put_escaped(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		u8 c = (u8)s[i];

		if (c <= ' ' || c >= 0x7f || c == '\\' || c == '=')
			printf("\\%03o", c);
		else
			putchar(c);
	}
}

static char type_letter(const struct tar_node *n)
{
	switch (n->type) {
	case TAR_DIR:
		return 'd';
	case TAR_SYMLINK:
		return 'l';
	case TAR_CHAR:
		return 'c';
	case TAR_BLOCKDEV:
		return 'b';
	case TAR_FIFO:
		return 'p';
	default:
		return '-';
	}
}

static void list(const struct tar_node *n, const char *path)
{
	static const char bits[] = "rwxrwxrwx";
	time_t mtime = (time_t)n->mtime;
	char when[32] = "?", owner[32], size[32];
	char mode[] = "----------";
	struct tm tm;

	mode[0] = type_letter(n);
	for (int i = 0; i < 9; i++) {
		if (n->mode >> (8 - i) & 1)
			mode[i + 1] = bits[i];
	}
	if (n->mode & 04000)
		mode[3] = n->mode & 0100 ? 's' : 'S';
	if (n->mode & 02000)
		mode[6] = n->mode & 0010 ? 's' : 'S';
	if (n->mode & 01000)
		mode[9] = n->mode & 0001 ? 't' : 'T';
	if (gmtime_r(&mtime, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(owner, sizeof(owner), "%u/%u", n->uid, n->gid);
	if (n->type == TAR_CHAR || n->type == TAR_BLOCKDEV)
		snprintf(size, sizeof(size), "%u,%u", n->dev.major, n->dev.minor);
	else
		snprintf(size, sizeof(size), "%lu", n->size);
	printf("%s %3u %11s %12s %s ", mode, n->nlink, owner, size, when);
	put_escaped(path, strlen(path));
	if (n->type == TAR_SYMLINK) {
		printf(" -> ");
		put_escaped(n->target, n->size);
	}
	putchar('\n');
}

static int digest(const struct tar_node *n, const char *path)
{
	u32 crc = 0;

	put_escaped(path, strlen(path));
	printf(" type=%c mode=%o uid=%u gid=%u size=%lu ino=%lu nlink=%u", type_letter(n), n->mode,
	       n->uid, n->gid, n->size, n->ino, n->nlink);
	printf(" mtime=%ld.%09u atime=%ld.%09u ctime=%ld.%09u", n->mtime, n->mtime_nsec, n->atime,
	       n->atime_nsec, n->ctime, n->ctime_nsec);
	if (n->type == TAR_CHAR || n->type == TAR_BLOCKDEV)
		printf(" rdev=%u,%u", n->dev.major, n->dev.minor);
	if (n->type == TAR_SYMLINK) {
		printf(" target=");
		put_escaped(n->target, n->size);
	}
	if (n->type == TAR_FILE) {
		int err = data_crc(n, &crc);

		if (err)
			return err;
		printf(" crc=%08x", crc);
	}
	for (struct tar_xattr *x = n->xattrs; x; x = x->next) {
		printf(" xattr:");
		put_escaped(x->name, x->name_len);
		putchar('=');
		put_escaped(tar_xattr_value(x), x->value_len);
	}
	putchar('\n');
	return 0;
}

static int visit(const struct tar_node *n, const char *path, enum mode mode)
{
	u32 crc;

	switch (mode) {
	case LIST:
		list(n, path);
		return 0;
	case DIGEST:
		return digest(n, path);
	default:
		return n->type == TAR_FILE ? data_crc(n, &crc) : 0;
	}
}

/* Where the walk stands in a directory: the next cookie, and the length of its path. */
struct level {
	const struct tar_node *dir;
	u64 cookie;
	size_t path_len;
};

static void *must(void *p)
{
	if (!p) {
		fprintf(stderr, "tarfs-ls: out of memory\n");
		exit(1);
	}
	return p;
}

/* All nodes, parents first, in readdir's order; not by recursion, trees may be deep. */
static int walk(const struct tar_tree *t, enum mode mode)
{
	size_t cap = 16, depth = 1, path_cap = 4096;
	struct level *stack = must(malloc(cap * sizeof(*stack)));
	char *path = must(malloc(path_cap));
	int err = visit(t->root, "/", mode);

	stack[0] = (struct level){ .dir = t->root };
	while (depth && !err) {
		struct level *l = &stack[depth - 1];
		const struct tar_name *e = tar_seek(l->dir, l->cookie);
		size_t len;

		if (!e) {
			depth--;
			continue;
		}
		l->cookie = e->cookie + 1;
		len = l->path_len + 1 + e->len;
		if (len + 1 > path_cap) {
			path_cap = 2 * (len + 1);
			path = must(realloc(path, path_cap));
		}
		path[l->path_len] = '/';
		memcpy(path + l->path_len + 1, e->name, e->len + 1u);
		err = visit(e->node, path, mode);
		if (e->node->type != TAR_DIR)
			continue;
		if (depth == cap) {
			cap *= 2;
			stack = must(realloc(stack, cap * sizeof(*stack)));
		}
		stack[depth++] = (struct level){ .dir = e->node, .path_len = len };
	}
	free(stack);
	free(path);
	return err;
}

static void left_out(struct tar_tree *t, u64 offset, const char *name, const char *why)
{
	if (!quiet)
		fprintf(stderr, "%s: offset %lu: %s: left out: %s\n", (const char *)t->owner,
			offset, name, why);
}

static int show(char **paths, int n, enum mode mode)
{
	struct file_source *files = must(calloc((size_t)n, sizeof(*files)));
	struct tar_tree t;
	int opened = 0;
	int err = tar_tree_init(&t);

	if (err) {
		free(files);
		return err;
	}
	t.warn = left_out;
	for (int i = 0; i < n; i++) {
		t.owner = paths[i];
		err = file_source_open(&files[i], paths[i]);
		if (err) {
			fprintf(stderr, "%s: %s\n", paths[i], strerror(-err));
			break;
		}
		opened++;
		err = tar_tree_add(&t, &files[i].src);
		if (err) {
			fprintf(stderr, "%s: offset %lu: %s (%s)\n", paths[i], t.err.offset,
				t.err.why ? t.err.why : "refused", strerror(-err));
			break;
		}
	}
	if (!err) {
		err = walk(&t, mode);
		if (err)
			fprintf(stderr, "tarfs-ls: reading data: %s\n", strerror(-err));
	}
	if (!err && mode == CHECK)
		printf("good: %lu members, %lu files, %lu left out, %lu bytes\n", t.members,
		       t.nodes, t.skipped, t.bytes);
	tar_tree_free(&t);
	while (opened--)
		file_source_close(&files[opened]);
	free(files);
	return err;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "check", no_argument, NULL, 'c' },
		{ "digest", no_argument, NULL, 'd' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	enum mode mode = LIST;
	int c;

	while ((c = getopt_long(argc, argv, "cdqh", options, NULL)) != -1) {
		switch (c) {
		case 'c':
			mode = CHECK;
			break;
		case 'd':
			mode = DIGEST;
			break;
		case 'q':
			quiet = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind == argc) {
		fputs(usage, stderr);
		return 2;
	}
	crc_init();
	return show(argv + optind, argc - optind, mode) ? 1 : 0;
}
