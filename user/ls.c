/*
 * ls - list files and folders (XCU ls).
 */
#include "common/common.h"
#include "common/mode.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: ls [-aAlndiRrtSuchFp1CxmsLHgoUXvkqQbBf] [-w COLUMNS] [-I GLOB] [--color[=WHEN]] [--full-time]\n"
	"          [--time-style=STYLE] [--group-directories-first] [FILE...]\n"
	"List the files, and what is in the folders among them (the current one without any).\n"
	"  -a, -A     also names that begin with a dot; without . and ..\n"
	"  -l, -n     mode, links, owner, group, size, time and link target; owners as numbers\n"
	"  -g, -o     likewise without the owner, without the group\n"
	"  -d         folders themselves, not what is in them;  -R  and all below\n"
	"  -i, -s     inode numbers; sizes in blocks of 1 KiB;  -h  sizes for people\n"
	"  -t, -S, -X, -v, -U  newest, largest first, by suffix, by version, as they come;  -r  the other way round\n"
	"  -u, -c     the time of access, of the inode's change\n"
	"  -F, -p     a sign behind the name for its kind; only for folders\n"
	"  -1, -C, -x, -m  one a line; in columns, down or across; with commas;  -w  so wide\n"
	"  -Q, -b, -q  names in quotes, with escapes, with ? for what does not print\n"
	"  -I, -B     leave out names of that pattern, those that end in ~\n"
	"  -L, -H     what links lead to; those named\n";
static const char names[] =
	"all=a almost-all=A human-readable=h directory=d recursive=R reverse=r inode=i size=s "
	"numeric-uid-gid=n no-group=G dereference=L dereference-command-line=H "
	"hide-control-chars=q literal=N quote-name=Q escape=b ignore=I ignore-backups=B "
	"width=w kibibytes=k classify=F color=\1:: full-time=\2 time-style=\3: sort=\4: "
	"group-directories-first=\5 time=\6:";

struct file {
	char *name, *path, *shown; /* shown: with quotes or escapes; the name itself without */
	struct stat st;
	bool bad;
};

static struct {
	bool all, almost, details, numbers, no_owner, no_group, itself, below, inodes, blocks,
		human, reverse, classify, slash, one, columns, across, follow, follow_named, color,
		folders_first, quote, commas, no_backups;
	char sort; /* n t S U X v */
	char time; /* m a c */
	char quoting; /* 0, Q in double quotes, b with backslashes */
	const char *style; /* of times: a format for strftime, %N too; NULL: by their age */
} o = { .sort = 'n', .time = 'm' };
static struct globs left_out; /* names that are not listed */
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

	if (o.folders_first && S_ISDIR(x->st.st_mode) != S_ISDIR(y->st.st_mode))
		return S_ISDIR(x->st.st_mode) ? -1 : 1;
	if (o.sort == 't') {
		const struct timespec *s = time_of(&x->st), *t = time_of(&y->st);

		c = (s->tv_sec < t->tv_sec) - (s->tv_sec > t->tv_sec);
		if (!c)
			c = (s->tv_nsec < t->tv_nsec) - (s->tv_nsec > t->tv_nsec);
	} else if (o.sort == 'S') {
		c = (x->st.st_size < y->st.st_size) - (x->st.st_size > y->st.st_size);
	} else if (o.sort == 'X') {
		const char *s = strrchr(x->name, '.'), *t = strrchr(y->name, '.');

		c = strcoll(s ? s : "", t ? t : "");
	} else if (o.sort == 'v') {
		c = strverscmp(x->name, y->name);
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

/* The name as -Q and -b have it: a C string with or without its quotes. */
static char *display(const char *name)
{
	static const char letters[] = "abtnvfr";
	char *out = need(malloc(4 * strlen(name) + 3)), *p = out;

	if (o.quoting == 'Q')
		*p++ = '"';
	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if (c >= 7 && c <= 13)
			p += sprintf(p, "\\%c", letters[c - 7]);
		else if (c < 32 || c >= 127)
			p += sprintf(p, "\\%03o", c);
		else if (c == '\\' || c == (o.quoting == 'Q' ? '"' : ' '))
			p += sprintf(p, "\\%c", c);
		else
			*p++ = (char)c;
	}
	if (o.quoting == 'Q')
		*p++ = '"';
	*p = 0;
	return out;
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
	if (o.style) {
		char format[128], *p = format;

		for (const char *s = o.style; *s && p < format + 100; s++) {
			if (s[0] == '%' && s[1] == 'N') {
				p += sprintf(p, "%09ld", t->tv_nsec);
				s++;
			} else {
				*p++ = *s;
				if (*s == '%' && s[1])
					*p++ = *++s;
			}
		}
		*p = 0;
		if (!strftime(out, 64, format, &tm))
			out[0] = 0;
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
	if (o.quoting) {
		char *shown = display(target);

		fputs(shown, stdout);
		free(shown);
		return;
	}
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
		put_name(list[i].shown, st->st_mode, !S_ISLNK(st->st_mode));
		if (S_ISLNK(st->st_mode))
			put_target(&list[i]);
		putchar('\n');
	}
}

static int cell(const struct file *f, bool out, int inode, int block)
{
	char text[32];
	int w = width_of(f->shown);

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
	put_name(f->shown, f->st.st_mode, true);
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
		if (!width || sum - 2 <= width - 1) {
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

/* -m: one behind the other, as many as a line takes. */
static void list_commas(const struct file *list, size_t n)
{
	int inode = 0, block = 0, at = 0;

	for (size_t i = 0; i < n; i++) {
		int w = cell(&list[i], false, inode, block);

		if (i && width && at + 2 + w >= width) {
			puts(",");
			at = 0;
		} else if (i) {
			fputs(", ", stdout);
			at += 2;
		}
		at += cell(&list[i], true, inode, block);
	}
	putchar('\n');
}

static void show(struct file *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		list[i].shown = o.quoting ? display(list[i].name) : list[i].name;
	if (n && o.sort != 'U')
		qsort(list, n, sizeof(*list), compare);
	if (o.details)
		list_details(list, n);
	else if (n && o.commas)
		list_commas(list, n);
	else if (n)
		list_short(list, n);
	for (size_t i = 0; i < n && o.quoting; i++)
		free(list[i].shown);
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

static bool unwanted(const char *name)
{
	size_t n = strlen(name);

	return globs_match(&left_out, name, FNM_PERIOD) ||
	       (o.no_backups && n && name[n - 1] == '~');
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
		if (unwanted(name))
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

/* The format of a --time-style; NULL: the usual one. */
static const char *time_style(const char *word)
{
	if (!strcmp(word, "full-iso"))
		return "%Y-%m-%d %H:%M:%S.%N %z";
	if (!strcmp(word, "long-iso"))
		return "%Y-%m-%d %H:%M";
	if (*word == '+')
		return word + 1;
	if (strcmp(word, "locale") != 0)
		errx(2, "invalid argument '%s' for '--time-style'", word);
	return NULL;
}

/* The letter of a word that is an option's argument. */
static char word_of(const char *arg, const char *words, const char *letters, const char *name)
{
	size_t n = strlen(arg);

	for (const char *s = words; *s; letters++) {
		size_t len = strcspn(s, " ");

		if (n == len && !strncmp(s, arg, n))
			return *letters;
		s += len + (s[len] == ' ');
	}
	errx(2, "invalid argument '%s' for '%s'", arg, name);
}

int main(int argc, char **argv)
{
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
	while ((opt = option(argc, argv, "aAlndiRrtSuchFp1CxsLHgoUkqfNGXvmQbBI:w:", names)) != -1) {
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
		case 'X':
		case 'v':
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
			o.commas = false;
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
			o.details = true;
			o.style = "full-iso";
			break;
		case 3:
			o.style = optarg;
			break;
		case 4:
			o.sort = word_of(optarg, "name none size time extension version", "nUStXv",
					 "--sort");
			break;
		case 5:
			o.folders_first = true;
			break;
		case 6:
			o.time = word_of(optarg, "atime access use ctime status mtime", "aaaccm",
					 "--time");
			break;
		case 'm':
			o.commas = true;
			o.columns = o.details = false;
			break;
		case 'Q':
		case 'b':
			o.quoting = (char)opt;
			o.quote = false;
			break;
		case 'B':
			o.no_backups = true;
			break;
		case 'I':
			globs_add(&left_out, optarg);
			break;
		case 'w':
			width = (int)number_arg(optarg, 0, 1 << 20, false);
			break;
		default:
			usage(help, 2);
		}
	}
	if (o.details && o.style)
		o.style = time_style(o.style);
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
