/*
 * gzip, gunzip, zcat - smaller files, and back.
 */
#include "common/common.h"
#include "common/deflate.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: gzip [-cdfklnqtrv1..9] [-S SUFFIX] [FILE...], gunzip, zcat\n"
	"Put FILE.gz in the place of each file; or (-d, gunzip) the file in the place of FILE.gz.\n"
	"  -c  to standard output, the files stay (zcat);  -k  they stay\n"
	"  -f  over files that are there, and links;  -t  only try;  -l  list sizes;  -r  all in folders\n"
	"  -n  without name and time;  -1 .. -9  faster .. smaller (6);  -v  say what is done\n";
static const char names[] =
	"stdout=c to-stdout=c decompress=d uncompress=d force=f keep=k list=l no-name=n "
	"quiet=q recursive=r suffix=S test=t verbose=v fast=1 best=9";

static bool to_stdout, unpack, force, keep, test, bare, verbose, list, quiet, recursive;
static int level = 6;
static const char *suffix = ".gz";

/* Whether it begins as gzip's files do; nothing is taken from it. Only a file can be asked. */
static bool is_packed(FILE *in)
{
	unsigned char magic[2];
	ssize_t n = pread(fileno(in), magic, 2, 0);

	return n < 0 || (n == 2 && magic[0] == 0x1f && magic[1] == 0x8b);
}

static int run(FILE *in, FILE *out, const char *name, const struct stat *st)
{
	const char *bad;

	if (!unpack) {
		const char *base = bare || !st ? NULL : base_name(name);

		if (!gzip_write(in, out, level, base, base ? (uint32_t)st->st_mtim.tv_sec : 0))
			return 0;
		warn("%s", name);
		return 1;
	}
	if (force && to_stdout && !is_packed(in)) {
		bool wrote;

		if (!copy_fd(fileno(in), fileno(out), &wrote))
			return 0;
		warn("%s", name);
		return 1;
	}
	bad = gzip_read(in, out);
	if (!bad)
		return 0;
	if (!quiet || strcmp(bad, "trailing garbage ignored"))
		warnx("%s: %s", name, bad);
	return strcmp(bad, "trailing garbage ignored") ? 1 : 2;
}

static int show_list(FILE *in, const char *name, const struct stat *st)
{
	unsigned char tail[4], flags[10];
	unsigned long size;
	long head = 18; /* with what is behind the data */

	if (!fseek(in, 0, SEEK_SET) && fread(flags, 1, 10, in) == 10 && flags[3] & 8)
		for (head++; getc(in) > 0;)
			head++;
	if (fseek(in, -4, SEEK_END) || fread(tail, 1, 4, in) != 4) {
		warnx("%s: unexpected end of file", name);
		return 1;
	}
	size = tail[0] | (unsigned long)tail[1] << 8 | (unsigned long)tail[2] << 16 |
	       (unsigned long)tail[3] << 24;
	printf("%19lld %19lu %5.1f%% %.*s\n", (long long)st->st_size, size,
	       size ? 100.0 - 100.0 * (double)(st->st_size - head) / (double)size : 0.0,
	       (int)(strlen(name) - 3), name);
	return 0;
}

/* -l of standard input, which has to be read to its end. */
static int list_input(void)
{
	FILE *copy = tmpfile();
	struct stat st;
	bool wrote;
	int bad;

	if (!copy || copy_fd(0, fileno(copy), &wrote) || fstat(fileno(copy), &st)) {
		warn("stdin");
		return 1;
	}
	bad = show_list(copy, "stdout.gz", &st);
	fclose(copy);
	return bad;
}

/* The other file's name in new memory, NULL when the suffix is not right. */
static char *other_name(const char *name)
{
	size_t n = strlen(name), s = strlen(suffix);
	char *out = need(malloc(n + s + 5));

	if (!unpack) {
		strcpy(stpcpy(out, name), suffix);
		return out;
	}
	if (n > s && !strcmp(name + n - s, suffix)) {
		memcpy(out, name, n - s);
		out[n - s] = 0;
	} else if (n > 4 && !strcmp(name + n - 4, ".tgz")) {
		memcpy(out, name, n - 4);
		strcpy(out + n - 4, ".tar");
	} else {
		free(out);
		return NULL;
	}
	return out;
}

static int file(const char *name)
{
	char *other = NULL, *with = NULL;
	struct timespec times[2];
	struct stat st, there;
	FILE *in, *out = NULL;
	int bad;

	if (lstat(name, &st) && unpack) {
		with = need(malloc(strlen(name) + strlen(suffix) + 1));
		strcpy(stpcpy(with, name), suffix);
		if (!lstat(with, &st))
			name = with;
	}
	in = open_input(name);
	if (!in)
		return 1;
	fstat(fileno(in), &st);
	if (!S_ISREG(st.st_mode) && !to_stdout && !test) {
		warnx("%s is not a directory or a regular file - ignored", name);
		close_input(in);
		return 2;
	}
	if (list) {
		bad = show_list(in, name, &st);
		close_input(in);
		return bad;
	}
	if (to_stdout || test) {
		if (test)
			out = fopen("/dev/null", "w");
		bad = run(in, test ? out : stdout, name, &st);
		close_input(in);
		if (out)
			fclose(out);
		free(with);
		return bad;
	}
	other = other_name(name);
	if (!other) {
		warnx("%s: unknown suffix -- ignored", name);
		close_input(in);
		return 2;
	}
	if (!unpack && !force && strlen(name) > 3 &&
	    !strcmp(name + strlen(name) - strlen(suffix), suffix)) {
		warnx("%s already has %s suffix -- unchanged", name, suffix);
		close_input(in);
		return 0;
	}
	if (!force && !lstat(other, &there) &&
	    (!isatty(0) || !confirm("gzip: %s already exists; overwrite (y or n)? ", other))) {
		if (!isatty(0))
			warnx("%s already exists; not overwritten", other);
		close_input(in);
		return 2;
	}
	unlink(other);
	out = fopen(other, "w");
	if (!out)
		err(1, "%s", other);
	bad = run(in, out, name, &st);
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	fflush(out);
	fchmod(fileno(out), st.st_mode & 07777);
	if (fchown(fileno(out), st.st_uid, st.st_gid))
		fchmod(fileno(out), st.st_mode & 0777);
	futimens(fileno(out), times);
	if (fclose(out) && !bad) {
		warn("%s", other);
		bad = 1;
	}
	close_input(in);
	if (bad == 1)
		unlink(other);
	else if (!keep)
		unlink(name);
	if (verbose && !bad)
		fprintf(stderr, "%s:\treplaced with %s\n", name, other);
	free(other);
	free(with);
	return bad;
}

static int standard(void)
{
	FILE *out = test ? fopen("/dev/null", "w") : stdout;
	int bad = out ? run(stdin, out, "stdin", NULL) : 1;

	if (test && out)
		fclose(out);
	return bad;
}

static void add_status(int *status, int bad)
{
	*status = *status == 1 ? 1 : bad ? bad : *status;
}

/* -r: all files of a tree. */
static void visit(struct walk *w, enum walk_event event)
{
	if (event == WALK_ERROR) {
		warn("%s", w->path);
		*(int *)w->arg = 1;
	} else if (event == WALK_FILE) {
		add_status(w->arg, file(w->path));
	}
}

int main(int argc, char **argv)
{
	const char *called = base_name(argv[0]);
	int opt, status = 0;

	help_option(argc, argv, help);
	unpack = !strcmp(called, "gunzip") || !strcmp(called, "zcat");
	to_stdout = !strcmp(called, "zcat");
	while ((opt = option(argc, argv, "cdfklnqtrvS:123456789", names)) != -1) {
		switch (opt) {
		case 'c':
			to_stdout = true;
			break;
		case 'd':
			unpack = true;
			break;
		case 'f':
			force = true;
			break;
		case 'k':
			keep = true;
			break;
		case 'l':
			list = unpack = true;
			break;
		case 'n':
			bare = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 't':
			test = unpack = true;
			break;
		case 'v':
			verbose = true;
			break;
		case 'S':
			suffix = optarg;
			break;
		case 'r':
			recursive = true;
			break;
		default:
			if (opt == '?')
				usage(help, 1);
			level = opt - '0';
			break;
		}
	}
	if (list)
		printf("%19s %19s %6s %s\n", "compressed", "uncompressed", "ratio",
		       "uncompressed_name");
	if (optind == argc && list)
		return finish(list_input());
	if (optind == argc) {
		if (!unpack && isatty(1) && !force)
			errx(1, "compressed data not written to a terminal");
		return finish(standard());
	}
	for (int i = optind; i < argc; i++) {
		if (recursive && strcmp(argv[i], "-"))
			walk(argv[i], WALK_FOLLOW_FIRST, visit, &status);
		else
			add_status(&status, !strcmp(argv[i], "-") ? standard() : file(argv[i]));
	}
	return finish(status);
}
