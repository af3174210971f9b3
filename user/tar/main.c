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
	"usage: tar c|r|x|t[vzjJaphOkm] [-f ARCHIVE] [-C FOLDER] [--exclude=GLOB] [--strip-components=N] [FILE...]\n"
	"Make an archive of the files (c), put them behind those in one (r), unpack one (x), list it (t); standard input or output without -f.\n"
	"  -v  names;  -z  through gzip;  -j, -J, -I PROGRAM  through bzip2, xz, that program;  -a  by its name;  -C  in that folder\n"
	"  -p  modes without regard of the umask;  -k  keep files that are there;  -m  with the time of now;  -O  to\n"
	"      standard output;  -h  what links lead to;  -T FILE  names from that file;  -X FILE  patterns\n"
	"      to leave out\n"
	"  --numeric-owner, --no-same-owner, --no-recursion\n";

FILE *archive;
bool verbose, keep, now_time, out_stdout, follow, numeric, same_owner, recurse = true;
int strip, status;
mode_t mask;
static bool gzip;
/* A program that packs, and unpacks with -d; NULL: gzip, which is in here. */
static const char *packer;
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

/* ---- gzip or another packer between us and the archive, in a child ------------------------------------------ */

static pid_t child;

/* The packer's words are between blanks: -I 'gzip -9'. */
static _Noreturn void run_packer(bool writing)
{
	char *words = need(strdup(packer)),
	     **argv = need(calloc(strlen(words) / 2 + 3, sizeof(*argv)));
	int n = 0;

	for (char *w = strtok(words, " \t\n"); w; w = strtok(NULL, " \t\n"))
		argv[n++] = w;
	if (!n)
		errx(2, "-I: which program?");
	if (!writing)
		argv[n] = (char *)"-d";
	execvp(argv[0], argv);
	err(2, "%s", argv[0]);
}

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
		if (packer) {
			if (dup2(ends[!writing], !writing) < 0 ||
			    dup2(fileno(archive), writing) < 0)
				err(2, "dup2");
			run_packer(writing);
		}
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

static void exclude(char *glob)
{
	excludes = need(realloc(excludes, (size_t)(exclude_count + 1) * sizeof(*excludes)));
	excludes[exclude_count++] = glob;
}

static void exclude_from(const char *path)
{
	static char *none[] = { NULL };

	for (char **all = names_from(path, none); *all; all++)
		exclude(*all);
}

/* -a: how to pack, by the archive's name. */
static void pack_by_name(const char *file)
{
	static const struct {
		const char *end, *program;
	} kinds[] = { { "gz", NULL }, { "tgz", NULL }, { "bz2", "bzip2" }, { "tbz", "bzip2" },
		      { "xz", "xz" }, { "txz", "xz" }, { "zst", "zstd" } };
	const char *dot = strrchr(file, '.');

	for (size_t i = 0; dot && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(dot + 1, kinds[i].end)) {
			gzip = !kinds[i].program;
			packer = kinds[i].program;
		}
}

/* Packed or not, the first bytes say. Of what can't be looked at again only gzip is seen. */
static void look_at_start(void)
{
	unsigned char b[4] = { 0 };

	if (pread(fileno(archive), b, 4, 0) >= 0) {
		packer = !memcmp(b, "BZh", 3) ? "bzip2" :
			 !memcmp(b,
				 "\xfd"
				 "7zX",
				 4) ?
						"xz" :
			 !memcmp(b, "\x28\xb5\x2f\xfd", 4) ? "zstd" :
							     NULL;
		gzip = b[0] == 0x1f;
	} else {
		int c = getc(archive);

		ungetc(c, archive);
		gzip = c == 0x1f;
	}
}

/* -r: to where the zeros at its end are. */
static void go_to_end(void)
{
	struct member m;
	off_t at;

	for (at = ftello(archive); next(&m); at = ftello(archive)) {
		data_to(&m, -1);
		free(m.name);
		free(m.link);
	}
	if (fseeko(archive, at, SEEK_SET))
		err(2, "the archive");
	written = (unsigned long long)at;
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
		{ "gunzip", no_argument, NULL, 'z' },
		{ "bzip2", no_argument, NULL, 'j' },
		{ "xz", no_argument, NULL, 'J' },
		{ "zstd", no_argument, NULL, 7 },
		{ "use-compress-program", required_argument, NULL, 'I' },
		{ "auto-compress", no_argument, NULL, 'a' },
		{ "append", no_argument, NULL, 'r' },
		{ "get", no_argument, NULL, 'x' },
		{ "exclude-from", required_argument, NULL, 'X' },
		{ "keep-old-files", no_argument, NULL, 'k' },
		{ "touch", no_argument, NULL, 'm' },
		{ "preserve-permissions", no_argument, NULL, 'p' },
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
	bool given_mask = false, by_name = false;
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
	while ((opt = getopt_long(argc, argv, "cxtrvzaf:C:pkmOhoT:X:I:jJb:", longs, NULL)) != -1) {
		switch (opt) {
		case 'c':
		case 'x':
		case 't':
		case 'r':
			if (what && what != opt)
				errx(2, "only one of -c, -r, -x, -t");
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
			exclude(optarg);
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
		case 7:
			packer = opt == 'j' ? "bzip2" : opt == 'J' ? "xz" : "zstd";
			break;
		case 'I':
			packer = optarg;
			break;
		case 'a':
			by_name = true;
			break;
		case 'X':
			exclude_from(optarg);
			break;
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
	if (by_name && what == 'c')
		pack_by_name(file);
	if (what == 'r' && (gzip || packer || !strcmp(file, "-")))
		errx(2, "cannot update compressed archives or standard output");
	if (what == 'c')
		archive = strcmp(file, "-") ? fopen(file, "w") : stdout;
	else if (what == 'r')
		archive = fopen(file, access(file, F_OK) ? "w+" : "r+");
	else
		archive = strcmp(file, "-") ? fopen(file, "r") : stdin;
	if (!archive)
		err(2, "%s", file);
	if (what == 'r')
		look_at_start();
	if (what == 'r' && (gzip || packer))
		errx(2, "cannot update compressed archives");
	if (what == 'r')
		go_to_end();
	if (what != 'c' && what != 'r' && !gzip && !packer)
		look_at_start();
	if (gzip || packer)
		through_gzip(what == 'c');
	if (folder && chdir(folder))
		err(2, "%s", folder);
	files = from ? names_from(from, argv + optind) : argv + optind;
	if (what == 'c' && !*files)
		errx(2, "cowardly refusing to create an empty archive");
	if (what == 'c' || what == 'r')
		make(files);
	else
		read_all(what == 't', files);
	if (gzip || packer)
		end_gzip();
	free(first);
	return finish(status);
}
