/*
 * tar - archives: made, listed, unpacked (XCU pax: ustar and pax headers; GNU's long names are read).
 */
#include "tar.h"

#include "common/deflate.h"

#include <err.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help[] =
	"usage: tar c|x|t[vzphOkm] [-f ARCHIVE] [-C FOLDER] [--exclude=GLOB] [--strip-components=N] [FILE...]\n"
	"Make an archive of the files (c), unpack one (x), list it (t); standard input or output without -f.\n"
	"  -v  names;  -z  through gzip;  -C  in that folder\n"
	"  -p  modes without regard of the umask;  -k  keep files that are there;  -m  with the time of now;  -O  to\n"
	"      standard output;  -h  what links lead to;  -T FILE  names from that file\n"
	"  --numeric-owner, --no-same-owner, --no-recursion\n";

FILE *archive;
bool verbose, keep, now_time, out_stdout, follow, numeric, same_owner, recurse = true;
int strip, status;
mode_t mask;
static bool gzip;
static char **excludes;
static int exclude_count;

bool excluded(const char *name)
{
	for (int i = 0; i < exclude_count; i++)
		for (const char *s = name; s; s = strchr(s, '/') ? strchr(s, '/') + 1 : NULL)
			if (!fnmatch(excludes[i], s, FNM_LEADING_DIR))
				return true;
	return false;
}

/* ---- gzip between us and the archive, in a child ------------------------------------------ */

static pid_t child;

static void through_gzip(bool writing)
{
	int ends[2];

	if (pipe(ends))
		err(2, "pipe");
	child = fork();
	if (child < 0)
		err(2, "fork");
	if (!child) {
		FILE *pipe_end = fdopen(ends[!writing], writing ? "r" : "w");
		const char *bad = NULL;

		close(ends[writing]);
		signal(SIGPIPE, SIG_IGN);
		if (writing)
			bad = gzip_write(pipe_end, archive, 6, NULL, 0) ?
				      "the archive can't be written" :
				      NULL;
		else
			bad = gzip_read(archive, pipe_end);
		if (bad && strcmp(bad, "trailing garbage ignored") &&
		    strcmp(bad, "the output can't be written"))
			warnx("gzip: %s", bad);
		if (writing ? fflush(archive) : fflush(pipe_end))
			_exit(writing);
		_exit(bad && strcmp(bad, "the output can't be written"));
	}
	if (archive != stdin && archive != stdout)
		fclose(archive);
	archive = fdopen(ends[writing], writing ? "w" : "r");
	close(ends[!writing]);
}

static void end_gzip(void)
{
	int st;

	fclose(archive);
	if (waitpid(child, &st, 0) == child && (!WIFEXITED(st) || WEXITSTATUS(st)))
		status = 2;
}

static char **names_from(const char *path, char **files)
{
	FILE *f = open_input(path);
	char **all = NULL, *line = NULL;
	size_t n = 0, room = 0;
	ssize_t got;

	if (!f)
		exit(2);
	for (; *files; files++) {
		all = need(realloc(all, (n + 2) * sizeof(*all)));
		all[n++] = *files;
	}
	while ((got = getline(&line, &room, f)) > 0) {
		line[strcspn(line, "\n")] = 0;
		all = need(realloc(all, (n + 2) * sizeof(*all)));
		all[n++] = need(strdup(line));
	}
	if (!all)
		all = need(calloc(1, sizeof(*all)));
	all[n] = NULL;
	return all;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "exclude", required_argument, NULL, 1 },
		{ "strip-components", required_argument, NULL, 2 },
		{ "numeric-owner", no_argument, NULL, 3 },
		{ "no-same-owner", no_argument, NULL, 'o' },
		{ "same-owner", no_argument, NULL, 5 },
		{ "no-recursion", no_argument, NULL, 4 },
		{ "gzip", no_argument, NULL, 'z' },
		{ "file", required_argument, NULL, 'f' },
		{ "directory", required_argument, NULL, 'C' },
		{ "create", no_argument, NULL, 'c' },
		{ "extract", no_argument, NULL, 'x' },
		{ "list", no_argument, NULL, 't' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "to-stdout", no_argument, NULL, 'O' },
		{ "dereference", no_argument, NULL, 'h' },
		{ "format", required_argument, NULL, 6 },
		{ "files-from", required_argument, NULL, 'T' },
		{ NULL, 0, NULL, 0 },
	};
	const char *file = "-", *folder = NULL, *from = NULL;
	int opt, what = 0;
	bool given_mask = false;
	char *first = NULL, **files;

	help_option(argc, argv, help);
	same_owner = !geteuid();
	/* the old form: letters without a dash, whose arguments follow in order */
	if (argc > 1 && argv[1][0] != '-') {
		first = need(malloc(strlen(argv[1]) + 2));
		first[0] = '-';
		strcpy(first + 1, argv[1]);
		if (strchr(first, 'f')) {
			char *f = strchr(first, 'f');

			/* f is to be the last */
			memmove(f, f + 1, strlen(f));
			strcat(first, "f");
		}
		argv[1] = first;
	}
	while ((opt = getopt_long(argc, argv, "cxtvzf:C:pkmOhoT:jJb:", longs, NULL)) != -1) {
		switch (opt) {
		case 'c':
		case 'x':
		case 't':
			if (what && what != opt)
				errx(2, "only one of -c, -x, -t");
			what = opt;
			break;
		case 'v':
			verbose = true;
			break;
		case 'z':
			gzip = true;
			break;
		case 'f':
			file = optarg;
			break;
		case 'C':
			folder = optarg;
			break;
		case 'p':
			given_mask = true;
			break;
		case 'k':
			keep = true;
			break;
		case 'm':
			now_time = true;
			break;
		case 'O':
			out_stdout = true;
			break;
		case 'h':
			follow = true;
			break;
		case 'o':
			same_owner = false;
			break;
		case 'T':
			from = optarg;
			break;
		case 1:
			excludes = need(
				realloc(excludes, (size_t)(exclude_count + 1) * sizeof(*excludes)));
			excludes[exclude_count++] = optarg;
			break;
		case 2:
			strip = (int)number_arg(optarg, 0, 1000, false);
			break;
		case 3:
			numeric = true;
			break;
		case 4:
			recurse = false;
			break;
		case 5:
			same_owner = true;
			break;
		case 6:
		case 'b':
			break;
		case 'j':
		case 'J':
			errx(2, "only gzip's compression is known");
		default:
			usage(help, 2);
		}
	}
	if (!what)
		usage(help, 2);
	mask = umask(0);
	umask(mask);
	if (given_mask || !geteuid())
		mask = 0;
	if (what == 'c')
		archive = strcmp(file, "-") ? fopen(file, "w") : stdout;
	else
		archive = strcmp(file, "-") ? fopen(file, "r") : stdin;
	if (!archive)
		err(2, "%s", file);
	/* compressed or not, the first bytes say */
	if (what != 'c' && !gzip) {
		int c = getc(archive);

		ungetc(c, archive);
		gzip = c == 0x1f;
	}
	if (gzip)
		through_gzip(what == 'c');
	if (folder && chdir(folder))
		err(2, "%s", folder);
	files = from ? names_from(from, argv + optind) : argv + optind;
	if (what == 'c' && !*files)
		errx(2, "cowardly refusing to create an empty archive");
	if (what == 'c')
		make(files);
	else
		read_all(what == 't', files);
	if (gzip)
		end_gzip();
	free(first);
	return finish(status);
}
