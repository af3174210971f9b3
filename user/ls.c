/*
 * ls - list files and folders (XCU ls).
 */
#include "common/common.h"
#include "common/mode.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: ls [-aAlndiRrtSuchFp1CxsLHgoUkqf] [--color[=WHEN]] [--full-time] [FILE...]\n"
	"List the files, and what is in the folders among them (the current one without any).\n"
	"  -a, -A     also names that begin with a dot; without . and ..\n"
	"  -l, -n     mode, links, owner, group, size, time and link target; owners as numbers\n"
	"  -g, -o     likewise without the owner, without the group\n"
	"  -d         folders themselves, not what is in them;  -R  and all below\n"
	"  -i, -s     inode numbers; sizes in blocks of 1 KiB;  -h  sizes for people\n"
	"  -t, -S, -U  newest first, largest first, as they come;  -r  the other way round\n"
	"  -u, -c     the time of access, of the inode's change\n"
	"  -F, -p     a sign behind the name for its kind; only for folders\n"
	"  -1, -C, -x  one a line; in columns, down or across\n"
	"  -L, -H     what links lead to; those named\n";

struct file {
	char *name, *path;
	struct stat st;
	bool bad;
};

static struct {
	bool all, almost, details, numbers, no_owner, no_group, itself, below, inodes, blocks,
		human, reverse, classify, slash, one, columns, across, follow, follow_named, color,
		full_time, quote;
	char sort; /* n t S U */
	char time; /* m a c */
} o = { .sort = 'n', .time = 'm' };
static int status, width = 80;
static time_t now;
static bool printed;

static const struct timespec *time_of(const struct stat *st)
{
	return o.time == 'a' ? &st->st_atim : o.time == 'c' ? &st->st_ctim : &st->st_mtim;
}

static int compare(const void *a, const void *b)
{
	const struct file *x = a, *y = b;
	int c = 0;

	if (o.sort == 't') {
		const struct timespec *s = time_of(&x->st), *t = time_of(&y->st);

		c = (s->tv_sec < t->tv_sec) - (s->tv_sec > t->tv_sec);
		if (!c)
			c = (s->tv_nsec < t->tv_nsec) - (s->tv_nsec > t->tv_nsec);
	} else if (o.sort == 'S') {
		c = (x->st.st_size < y->st.st_size) - (x->st.st_size > y->st.st_size);
	}
	if (!c)
		c = strcoll(x->name, y->name);
	return o.reverse ? -c : c;
}

static char sign_of(mode_t m)
{
	if (S_ISDIR(m))
		return '/';
	if (!o.classify)
		return 0;
	return S_ISLNK(m)	      ? '@' :
	       S_ISFIFO(m)	      ? '|' :
	       S_ISSOCK(m)	      ? '=' :
	       S_ISREG(m) && m & 0111 ? '*' :
					0;
}

static const char *color_of(mode_t m)
{
	if (S_ISDIR(m))
		return m & S_ISVTX && m & 2 ? "30;42" : "1;34";
	if (S_ISLNK(m))
		return "1;36";
	if (S_ISFIFO(m))
		return "33";
	if (S_ISSOCK(m))
		return "1;35";
	if (S_ISCHR(m) || S_ISBLK(m))
		return "1;33";
	if (m & S_ISUID)
		return "37;41";
	return m & 0111 ? "1;32" : NULL;
}

/* The columns of a name. */
static int width_of(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static void put_name(const char *name, mode_t mode, bool sign)
{
	const char *color = o.color ? color_of(mode) : NULL;
	char c = o.classify || o.slash ? sign_of(mode) : 0;

	if (color)
		printf("\033[%sm", color);
	for (const char *s = name; *s; s++)
		putchar(o.quote && iscntrl((unsigned char)*s) ? '?' : *s);
	if (color)
		fputs("\033[0m", stdout);
	if (c && sign)
		putchar(c);
}

static const char *size_text(const struct stat *st, char *out)
{
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		snprintf(out, 32, "%u, %3u", major(st->st_rdev), minor(st->st_rdev));
	else if (o.human)
		human_size((unsigned long long)st->st_size, out);
	else
		snprintf(out, 32, "%lld", (long long)st->st_size);
	return out;
}

static const char *time_text(const struct stat *st, char *out)
{
	const struct timespec *t = time_of(st);
	struct tm tm;

	out[0] = '?';
	out[1] = 0;
	if (!localtime_r(&t->tv_sec, &tm))
		return out;
	if (o.full_time) {
		size_t n = strftime(out, 64, "%Y-%m-%d %H:%M:%S.", &tm);

		n += (size_t)snprintf(out + n, 64 - n, "%09ld", t->tv_nsec);
		strftime(out + n, 64 - n, " %z", &tm);
	} else if (t->tv_sec > now || t->tv_sec < now - 31556952 / 2) {
		strftime(out, 64, "%b %e  %Y", &tm);
	} else {
		strftime(out, 64, "%b %e %H:%M", &tm);
	}
	return out;
}

static const char *owner(uid_t uid)
{
	static char text[16];

	if (!o.numbers)
		return user_name(uid);
	snprintf(text, sizeof(text), "%u", uid);
	return text;
}

static const char *group(gid_t gid)
{
	static char text[16];

	if (!o.numbers)
		return group_name(gid);
	snprintf(text, sizeof(text), "%u", gid);
	return text;
}

static void at_least(int *w, int n)
{
	if (n > *w)
		*w = n;
}

static const char *blocks_text(const struct stat *st, char *out)
{
	if (o.human)
		human_size((unsigned long long)st->st_blocks * 512, out);
	else
		snprintf(out, 32, "%lld", (long long)(st->st_blocks + 1) / 2);
	return out;
}

static void put_target(const struct file *f)
{
	char target[4096];
	ssize_t n = readlink(f->path, target, sizeof(target) - 1);
	struct stat st;

	if (n < 0)
		return;
	target[n] = 0;
	fputs(" -> ", stdout);
	put_name(target, o.classify || o.color ? (stat(f->path, &st) ? 0 : st.st_mode) : 0, true);
}

static void list_details(struct file *list, size_t n)
{
	int inode = 0, block = 0, links = 0, user = 0, grp = 0, size = 0, when = 0;
	char text[64], mode[11];

	for (size_t i = 0; i < n; i++) {
		const struct stat *st = &list[i].st;

		at_least(&inode,
			 snprintf(text, sizeof(text), "%llu", (unsigned long long)st->st_ino));
		at_least(&block, (int)strlen(blocks_text(st, text)));
		at_least(&links, snprintf(text, sizeof(text), "%lu", (unsigned long)st->st_nlink));
		at_least(&user, (int)strlen(owner(st->st_uid)));
		at_least(&grp, (int)strlen(group(st->st_gid)));
		at_least(&size, (int)strlen(size_text(st, text)));
		at_least(&when, (int)strlen(time_text(st, text)));
	}
	for (size_t i = 0; i < n; i++) {
		const struct stat *st = &list[i].st;

		if (o.inodes)
			printf("%*llu ", inode, (unsigned long long)st->st_ino);
		if (o.blocks)
			printf("%*s ", block, blocks_text(st, text));
		mode_string(st->st_mode, mode);
		printf("%s %*lu ", mode, links, (unsigned long)st->st_nlink);
		if (!o.no_owner)
			printf("%-*s ", user, owner(st->st_uid));
		if (!o.no_group)
			printf("%-*s ", grp, group(st->st_gid));
		printf("%*s ", size, size_text(st, text));
		printf("%*s ", when, time_text(st, text));
		put_name(list[i].name, st->st_mode, !S_ISLNK(st->st_mode));
		if (S_ISLNK(st->st_mode))
			put_target(&list[i]);
		putchar('\n');
	}
}

static int cell(const struct file *f, bool out, int inode, int block)
{
	char text[32];
	int w = width_of(f->name);

	if (o.inodes)
		w += inode + 1;
	if (o.blocks)
		w += block + 1;
	if ((o.classify || o.slash) && sign_of(f->st.st_mode))
		w++;
	if (!out)
		return w;
	if (o.inodes)
		printf("%*llu ", inode, (unsigned long long)f->st.st_ino);
	if (o.blocks)
		printf("%*s ", block, blocks_text(&f->st, text));
	put_name(f->name, f->st.st_mode, true);
	return w;
}

/* As many columns as fit, each as wide as its widest. */
static void list_short(const struct file *list, size_t n)
{
	size_t columns = 1, rows = n;
	int inode = 0, block = 0, *wide = need(calloc(n + 1, sizeof(*wide)));
	char text[32];

	for (size_t i = 0; i < n; i++) {
		at_least(&inode, snprintf(text, sizeof(text), "%llu",
					  (unsigned long long)list[i].st.st_ino));
		at_least(&block, (int)strlen(blocks_text(&list[i].st, text)));
	}
	for (size_t c = o.columns && n ? n : 1; c > 1; c--) {
		size_t r = (n + c - 1) / c;
		int sum = 0;

		if (!o.across && (n + r - 1) / r != c)
			continue;
		memset(wide, 0, c * sizeof(*wide));
		for (size_t i = 0; i < n; i++)
			at_least(&wide[o.across ? i % c : i / r],
				 cell(&list[i], false, inode, block));
		for (size_t i = 0; i < c; i++)
			sum += wide[i] + 2;
		if (sum - 2 <= width - 1) {
			columns = c;
			rows = r;
			break;
		}
	}
	for (size_t r = 0; r < rows; r++) {
		for (size_t c = 0; c < columns; c++) {
			size_t i = o.across ? r * columns + c : c * rows + r;
			size_t next = o.across ? i + 1 : i + rows;
			int w;

			if (i >= n)
				break;
			w = cell(&list[i], true, inode, block);
			if (c + 1 < columns && next < n)
				printf("%*s", wide[c] + 2 - w, "");
		}
		putchar('\n');
	}
	free(wide);
}

static void show(struct file *list, size_t n)
{
	if (n && o.sort != 'U')
		qsort(list, n, sizeof(*list), compare);
	if (o.details)
		list_details(list, n);
	else if (n)
		list_short(list, n);
	printed |= n > 0;
}

static bool look(struct file *f, bool named)
{
	bool follow = o.follow ||
		      (named && (o.follow_named || (!o.details && !o.itself && !o.classify)));

	if (follow ? stat(f->path, &f->st) && lstat(f->path, &f->st) : lstat(f->path, &f->st)) {
		warn("%s", f->path);
		f->bad = true;
		status = named ? 2 : 1;
		return false;
	}
	return true;
}

static void list_folder(const char *path, bool title)
{
	struct file *list = NULL;
	size_t n = 0, room = 0;
	unsigned long long blocks = 0;
	struct dirent *d;
	char text[32];
	DIR *dir = opendir(path);

	if (!dir) {
		warn("%s", path);
		status = status ? status : 1;
		return;
	}
	while ((d = readdir(dir))) {
		const char *name = d->d_name;

		if (name[0] == '.' && !o.all &&
		    (!o.almost || !name[1] || (name[1] == '.' && !name[2])))
			continue;
		if (n == room)
			list = need(realloc(list, (room = room * 2 + 32) * sizeof(*list)));
		memset(&list[n], 0, sizeof(*list));
		list[n].name = need(strdup(name));
		list[n].path = path_join(path, name);
		if (look(&list[n], false))
			blocks += (unsigned long long)list[n].st.st_blocks;
		n++;
	}
	closedir(dir);
	if (title)
		printf("%s%s:\n", printed ? "\n" : "", path);
	printed = true;
	if (o.details || o.blocks)
		printf("total %s\n",
		       o.human ? human_size(blocks * 512, text) :
				 (snprintf(text, sizeof(text), "%llu", (blocks + 1) / 2), text));
	show(list, n);
	for (size_t i = 0; i < n; i++) {
		if (o.below && S_ISDIR(list[i].st.st_mode) && strcmp(list[i].name, ".") &&
		    strcmp(list[i].name, ".."))
			list_folder(list[i].path, true);
		free(list[i].name);
		free(list[i].path);
	}
	free(list);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = { { "color", optional_argument, NULL, 1 },
					       { "full-time", no_argument, NULL, 2 },
					       { "all", no_argument, NULL, 'a' },
					       { "almost-all", no_argument, NULL, 'A' },
					       { "human-readable", no_argument, NULL, 'h' },
					       { "directory", no_argument, NULL, 'd' },
					       { "recursive", no_argument, NULL, 'R' },
					       { "reverse", no_argument, NULL, 'r' },
					       { NULL, 0, NULL, 0 } };
	struct file *files, *folders;
	size_t nfiles = 0, nfolders = 0;
	struct winsize size;
	int opt, named;

	help_option(argc, argv, help);
	now = time(NULL);
	o.columns = o.quote = isatty(1);
	if (o.columns && !ioctl(1, TIOCGWINSZ, &size) && size.ws_col)
		width = size.ws_col;
	else if (getenv("COLUMNS"))
		width = atoi(getenv("COLUMNS"));
	while ((opt = getopt_long(argc, argv, "aAlndiRrtSuchFp1CxsLHgoUkqfNG", longs, NULL)) !=
	       -1) {
		switch (opt) {
		case 'a':
			o.all = true;
			break;
		case 'A':
			o.almost = true;
			break;
		case 'l':
		case 'n':
		case 'g':
		case 'o':
			o.details = true;
			o.numbers |= opt == 'n';
			o.no_owner |= opt == 'g';
			o.no_group |= opt == 'o';
			break;
		case 'G':
			o.no_group = true;
			break;
		case 'd':
			o.itself = true;
			break;
		case 'i':
			o.inodes = true;
			break;
		case 'R':
			o.below = true;
			break;
		case 'r':
			o.reverse = true;
			break;
		case 't':
		case 'S':
		case 'U':
			o.sort = (char)opt;
			break;
		case 'f':
			o.sort = 'U';
			o.all = true;
			break;
		case 'u':
		case 'c':
			o.time = opt == 'u' ? 'a' : 'c';
			break;
		case 'h':
			o.human = true;
			break;
		case 'F':
			o.classify = true;
			break;
		case 'p':
			o.slash = true;
			break;
		case '1':
			o.columns = false;
			break;
		case 'C':
		case 'x':
			o.columns = true;
			o.across = opt == 'x';
			o.details = false;
			break;
		case 's':
			o.blocks = true;
			break;
		case 'L':
			o.follow = true;
			break;
		case 'H':
			o.follow_named = true;
			break;
		case 'q':
		case 'N':
			o.quote = opt == 'q';
			break;
		case 'k':
			break;
		case 1:
			o.color = !optarg || !strcmp(optarg, "always") ||
				  (!strcmp(optarg, "auto") && isatty(1));
			break;
		case 2:
			o.details = o.full_time = true;
			break;
		default:
			usage(help, 2);
		}
	}
	if (optind == argc)
		argv[--optind] = (char *)".";
	named = argc - optind;
	files = need(calloc((size_t)named, sizeof(*files)));
	folders = need(calloc((size_t)named, sizeof(*folders)));
	for (int i = optind; i < argc; i++) {
		struct file f = { .name = argv[i], .path = argv[i] };

		if (!look(&f, true))
			continue;
		if (S_ISDIR(f.st.st_mode) && !o.itself)
			folders[nfolders++] = f;
		else
			files[nfiles++] = f;
	}
	show(files, nfiles);
	if (nfolders && o.sort != 'U')
		qsort(folders, nfolders, sizeof(*folders), compare);
	for (size_t i = 0; i < nfolders; i++)
		list_folder(folders[i].path, named > 1 || o.below);
	free(files);
	free(folders);
	return finish(status);
}
