/*
 * find - files of trees that an expression chooses (XCU find).
 */
#include "common/common.h"
#include "common/mode.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: find [-H | -L | -P] [PATH...] [EXPRESSION]\n"
	"Walk the trees and do with each file what the expression says (-print).\n"
	"  -name -iname -path -ipath GLOB, -type bcdpfls, -size N[ckMGb], -empty, -links N, -inum N\n"
	"  -mtime -atime -ctime -mmin -amin -cmin N, -newer FILE, -perm [-/]MODE, -user -group NAME, -nouser -nogroup\n"
	"  -samefile FILE, -lname GLOB, -readable -writable -executable, -true -false\n"
	"  -maxdepth -mindepth N, -depth, -xdev, -prune, -quit\n"
	"  -print -print0 -ls -printf FORMAT -delete, -exec -ok COMMAND ;, -exec COMMAND {} +, -execdir\n"
	"  ! E, -not E, E E, E -a E, E -o E, E , E, ( E );  numbers may be +N, -N, N\n";

struct node {
	int op; /* '!' '&' '|' ',' or a primary's index behind 256 */
	struct node *a, *b;
	const char *text;
	long long n;
	int compare; /* 1 more, -1 less, 0 equal; of -perm '-' '/' 0 */
	struct stat st;
	char **argv;
	int argc;
	bool plus;
	char **pending;
	size_t pending_count, pending_size;
};

enum {
	P_NAME = 256,
	P_INAME,
	P_PATH,
	P_IPATH,
	P_LNAME,
	P_TYPE,
	P_SIZE,
	P_EMPTY,
	P_LINKS,
	P_INUM,
	P_MTIME,
	P_ATIME,
	P_CTIME,
	P_MMIN,
	P_AMIN,
	P_CMIN,
	P_NEWER,
	P_PERM,
	P_USER,
	P_GROUP,
	P_NOUSER,
	P_NOGROUP,
	P_SAMEFILE,
	P_READABLE,
	P_WRITABLE,
	P_EXECUTABLE,
	P_TRUE,
	P_FALSE,
	P_MAXDEPTH,
	P_MINDEPTH,
	P_DEPTH,
	P_XDEV,
	P_PRUNE,
	P_QUIT,
	P_PRINT,
	P_PRINT0,
	P_LS,
	P_PRINTF,
	P_DELETE,
	P_EXEC,
	P_OK,
	P_EXECDIR
};

static const struct {
	const char *name;
	int op;
	bool takes;
} primaries[] = {
	{ "-name", P_NAME, true },
	{ "-iname", P_INAME, true },
	{ "-path", P_PATH, true },
	{ "-ipath", P_IPATH, true },
	{ "-wholename", P_PATH, true },
	{ "-lname", P_LNAME, true },
	{ "-type", P_TYPE, true },
	{ "-size", P_SIZE, true },
	{ "-empty", P_EMPTY, false },
	{ "-links", P_LINKS, true },
	{ "-inum", P_INUM, true },
	{ "-mtime", P_MTIME, true },
	{ "-atime", P_ATIME, true },
	{ "-ctime", P_CTIME, true },
	{ "-mmin", P_MMIN, true },
	{ "-amin", P_AMIN, true },
	{ "-cmin", P_CMIN, true },
	{ "-newer", P_NEWER, true },
	{ "-perm", P_PERM, true },
	{ "-user", P_USER, true },
	{ "-group", P_GROUP, true },
	{ "-nouser", P_NOUSER, false },
	{ "-nogroup", P_NOGROUP, false },
	{ "-samefile", P_SAMEFILE, true },
	{ "-readable", P_READABLE, false },
	{ "-writable", P_WRITABLE, false },
	{ "-executable", P_EXECUTABLE, false },
	{ "-true", P_TRUE, false },
	{ "-false", P_FALSE, false },
	{ "-maxdepth", P_MAXDEPTH, true },
	{ "-mindepth", P_MINDEPTH, true },
	{ "-depth", P_DEPTH, false },
	{ "-d", P_DEPTH, false },
	{ "-xdev", P_XDEV, false },
	{ "-mount", P_XDEV, false },
	{ "-prune", P_PRUNE, false },
	{ "-quit", P_QUIT, false },
	{ "-print", P_PRINT, false },
	{ "-print0", P_PRINT0, false },
	{ "-ls", P_LS, false },
	{ "-printf", P_PRINTF, true },
	{ "-delete", P_DELETE, false },
	{ "-exec", P_EXEC, false },
	{ "-ok", P_OK, false },
	{ "-execdir", P_EXECDIR, false },
};

static char **word;
static long max_depth = 1l << 30, min_depth;
static bool depth_first, acts;
static int flags, status;
static time_t now;
static const char *root;

/* ---- parsing ----------------------------------------------------------------------------- */

static struct node *sequence(void);

static struct node *new_node(int op, struct node *a, struct node *b)
{
	struct node *n = need(calloc(1, sizeof(*n)));

	n->op = op;
	n->a = a;
	n->b = b;
	return n;
}

static bool is(const char *s)
{
	return *word && !strcmp(*word, s);
}

static void number(struct node *n, const char *s)
{
	char *end;

	n->compare = *s == '+' ? 1 : *s == '-' ? -1 : 0;
	s += n->compare != 0;
	n->n = strtoll(s, &end, 10);
	if (end == s)
		errx(1, "%s: no number", s);
	n->text = end;
}

static void command(struct node *n, const char *name)
{
	n->argv = word;
	while (*word && strcmp(*word, ";")) {
		if (!strcmp(*word, "+") && n->argc && !strcmp(word[-1], "{}")) {
			n->plus = true;
			break;
		}
		word++;
		n->argc++;
	}
	if (!*word || !n->argc)
		errx(1, "missing argument to '%s'", name);
	*word++ = NULL;
	if (n->plus)
		n->argc--;
	acts = true;
}

static void prepare(struct node *n, const char *arg)
{
	const char *s = arg;
	mode_t mode;

	switch (n->op) {
	case P_SIZE:
	case P_LINKS:
	case P_INUM:
	case P_MTIME:
	case P_ATIME:
	case P_CTIME:
	case P_MMIN:
	case P_AMIN:
	case P_CMIN:
		number(n, arg);
		break;
	case P_NEWER:
	case P_SAMEFILE:
		if (stat(arg, &n->st))
			err(1, "%s", arg);
		break;
	case P_PERM:
		n->compare = *s == '-' || *s == '/' ? *s++ : 0;
		if (!mode_parse(s, 0, false, 0, &mode))
			errx(1, "invalid mode '%s'", arg);
		n->n = mode;
		break;
	case P_USER:
		if (!user_id(arg, &n->st.st_uid))
			errx(1, "'%s' is not the name of a known user", arg);
		break;
	case P_GROUP:
		if (!group_id(arg, &n->st.st_gid))
			errx(1, "'%s' is not the name of an existing group", arg);
		break;
	case P_MAXDEPTH:
		max_depth = (long)number_arg(arg, 0, 1 << 30, false);
		break;
	case P_MINDEPTH:
		min_depth = (long)number_arg(arg, 0, 1 << 30, false);
		break;
	case P_DEPTH:
		depth_first = true;
		break;
	case P_XDEV:
		flags |= WALK_ONE_DEVICE;
		break;
	case P_DELETE:
		depth_first = acts = true;
		break;
	case P_PRINT:
	case P_PRINT0:
	case P_LS:
	case P_PRINTF:
		acts = true;
		break;
	case P_EXEC:
	case P_OK:
	case P_EXECDIR:
		command(n, arg);
		break;
	default:
		break;
	}
}

static struct node *primary(void)
{
	struct node *n;

	if (!*word)
		errx(1, "an expression is missing");
	if (is("!") || is("-not")) {
		word++;
		return new_node('!', primary(), NULL);
	}
	if (is("(")) {
		word++;
		n = sequence();
		if (!is(")"))
			errx(1, "a ) is missing");
		word++;
		return n;
	}
	for (size_t i = 0; i < sizeof(primaries) / sizeof(primaries[0]); i++) {
		const char *name = *word;

		if (strcmp(name, primaries[i].name))
			continue;
		word++;
		n = new_node(primaries[i].op, NULL, NULL);
		if (primaries[i].takes) {
			if (!*word)
				errx(1, "missing argument to '%s'", name);
			n->text = *word++;
		}
		prepare(n, primaries[i].takes ? n->text : name);
		return n;
	}
	errx(1, "unknown predicate '%s'", *word);
}

static struct node *both(void)
{
	struct node *n = primary();

	while (*word && !is(")") && !is("-o") && !is("-or") && !is(",")) {
		if (is("-a") || is("-and"))
			word++;
		n = new_node('&', n, primary());
	}
	return n;
}

static struct node *either(void)
{
	struct node *n = both();

	while (is("-o") || is("-or")) {
		word++;
		n = new_node('|', n, both());
	}
	return n;
}

static struct node *sequence(void)
{
	struct node *n = either();

	while (is(",")) {
		word++;
		n = new_node(',', n, either());
	}
	return n;
}

/* ---- actions ----------------------------------------------------------------------------- */

static bool run(char **argv, const char *folder)
{
	pid_t pid;
	int st;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		if (folder && chdir(folder))
			err(1, "%s", folder);
		execvp(argv[0], argv);
		warn("%s", argv[0]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	while (waitpid(pid, &st, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(st) && !WEXITSTATUS(st);
}

static void run_pending(struct node *n)
{
	char **argv;

	if (!n->pending_count)
		return;
	argv = need(calloc((size_t)n->argc + n->pending_count + 1, sizeof(*argv)));
	memcpy(argv, n->argv, (size_t)n->argc * sizeof(*argv));
	memcpy(argv + n->argc, n->pending, n->pending_count * sizeof(*argv));
	if (!run(argv, NULL))
		status = 1;
	free(argv);
	for (size_t i = 0; i < n->pending_count; i++)
		free(n->pending[i]);
	n->pending_count = n->pending_size = 0;
}

static char *replaced(const char *s, const char *path)
{
	size_t n = strlen(path);
	char *out = need(malloc(strlen(s) / 2 * n + strlen(s) + 1)), *p = out;

	while (*s) {
		if (s[0] == '{' && s[1] == '}') {
			p = stpcpy(p, path);
			s += 2;
		} else {
			*p++ = *s++;
		}
	}
	*p = 0;
	return out;
}

static bool execute(struct node *n, struct walk *w)
{
	const char *path = w->path;
	char **argv, *folder = NULL, *local = NULL;
	bool ok = true;

	if (n->plus) {
		if (n->pending_size + strlen(path) > 100000)
			run_pending(n);
		n->pending =
			need(realloc(n->pending, (n->pending_count + 1) * sizeof(*n->pending)));
		n->pending[n->pending_count++] = need(strdup(path));
		n->pending_size += strlen(path) + 1;
		return true;
	}
	if (n->op == P_EXECDIR) {
		size_t len = (size_t)(w->name - w->path);

		folder = len ? need(strndup(w->path, len)) : need(strdup("."));
		local = path_join(".", w->name);
		path = local;
	}
	argv = need(calloc((size_t)n->argc + 1, sizeof(*argv)));
	for (int i = 0; i < n->argc; i++)
		argv[i] = replaced(n->argv[i], path);
	if (n->op == P_OK)
		ok = confirm("< %s ... %s > ? ", argv[0], path);
	if (ok)
		ok = run(argv, folder);
	for (int i = 0; i < n->argc; i++)
		free(argv[i]);
	free(argv);
	free(folder);
	free(local);
	return ok;
}

static void list(const struct walk *w)
{
	char mode[11], when[32], target[4096];
	struct tm tm;
	ssize_t n;

	mode_string(w->st.st_mode, mode);
	localtime_r(&w->st.st_mtim.tv_sec, &tm);
	strftime(when, sizeof(when),
		 now - w->st.st_mtim.tv_sec > 15778476 ? "%b %e  %Y" : "%b %e %H:%M", &tm);
	printf("%9llu %6lld %s %3lu %-8s %-8s %8lld %s %s", (unsigned long long)w->st.st_ino,
	       (long long)(w->st.st_blocks + 1) / 2, mode, (unsigned long)w->st.st_nlink,
	       user_name(w->st.st_uid), group_name(w->st.st_gid), (long long)w->st.st_size, when,
	       w->path);
	if (S_ISLNK(w->st.st_mode) && (n = readlink(w->path, target, sizeof(target))) >= 0)
		printf(" -> %.*s", (int)n, target);
	putchar('\n');
}

static char type_letter(mode_t m)
{
	char mode[11];

	mode_string(m, mode);
	return mode[0] == '-' ? 'f' : mode[0];
}

static void put_format(const char *f, const struct walk *w)
{
	static const char letters[] = "abfnrtv0\\", codes[] = "\a\b\f\n\r\t\v\0\\";
	char mode[11], target[4096];
	ssize_t n;

	for (; *f; f++) {
		if (*f == '\\' && f[1]) {
			const char *found = strchr(letters, *++f);

			putchar(found ? codes[found - letters] : *f);
			continue;
		}
		if (*f != '%' || !f[1]) {
			putchar(*f);
			continue;
		}
		switch (*++f) {
		case 'p':
			fputs(w->path, stdout);
			break;
		case 'f':
			fputs(w->name, stdout);
			break;
		case 'h':
			printf("%.*s", w->name > w->path + 1 ? (int)(w->name - w->path - 1) : 1,
			       w->name > w->path + 1 ? w->path : ".");
			break;
		case 'P': {
			const char *s = w->path + strlen(root);

			fputs(s + strspn(s, "/"), stdout);
			break;
		}
		case 'H':
			fputs(root, stdout);
			break;
		case 's':
			printf("%lld", (long long)w->st.st_size);
			break;
		case 'm':
			printf("%o", w->st.st_mode & 07777);
			break;
		case 'M':
			mode_string(w->st.st_mode, mode);
			fputs(mode, stdout);
			break;
		case 'y':
			putchar(type_letter(w->st.st_mode));
			break;
		case 'd':
			printf("%d", w->depth);
			break;
		case 'i':
			printf("%llu", (unsigned long long)w->st.st_ino);
			break;
		case 'n':
			printf("%lu", (unsigned long)w->st.st_nlink);
			break;
		case 'u':
			fputs(user_name(w->st.st_uid), stdout);
			break;
		case 'U':
			printf("%u", w->st.st_uid);
			break;
		case 'g':
			fputs(group_name(w->st.st_gid), stdout);
			break;
		case 'G':
			printf("%u", w->st.st_gid);
			break;
		case 'k':
			printf("%lld", (long long)(w->st.st_blocks + 1) / 2);
			break;
		case 'b':
			printf("%lld", (long long)w->st.st_blocks);
			break;
		case 'l':
			if (S_ISLNK(w->st.st_mode) &&
			    (n = readlink(w->path, target, sizeof(target))) >= 0)
				printf("%.*s", (int)n, target);
			break;
		case 'T':
			if (f[1] == '@') {
				f++;
				printf("%lld.%09ld0", (long long)w->st.st_mtim.tv_sec,
				       w->st.st_mtim.tv_nsec);
			}
			break;
		default:
			putchar(*f);
			break;
		}
	}
}

/* ---- the expression ---------------------------------------------------------------------- */

static bool compared(const struct node *n, long long v)
{
	return n->compare > 0 ? v > n->n : n->compare < 0 ? v < n->n : v == n->n;
}

static bool size_is(const struct node *n, const struct walk *w)
{
	long long unit = 512;

	switch (*n->text) {
	case 'c':
		unit = 1;
		break;
	case 'w':
		unit = 2;
		break;
	case 'k':
		unit = 1024;
		break;
	case 'M':
		unit = 1048576;
		break;
	case 'G':
		unit = 1073741824;
		break;
	default:
		break;
	}
	return compared(n, ((long long)w->st.st_size + unit - 1) / unit);
}

static bool is_empty(const struct walk *w)
{
	struct dirent *d;
	bool any = false;
	DIR *dir;

	if (S_ISREG(w->st.st_mode))
		return !w->st.st_size;
	if (!S_ISDIR(w->st.st_mode) || !(dir = opendir(w->path)))
		return false;
	while ((d = readdir(dir)))
		any |= strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
	closedir(dir);
	return !any;
}

static long long age(const struct node *n, const struct walk *w)
{
	const struct stat *st = &w->st;
	time_t t = n->op == P_MTIME || n->op == P_MMIN ? st->st_mtim.tv_sec :
		   n->op == P_ATIME || n->op == P_AMIN ? st->st_atim.tv_sec :
							 st->st_ctim.tv_sec;
	long long seconds = now - t;

	if (n->op >= P_MMIN)
		return n->compare > 0 ? seconds / 60 : (seconds + 59) / 60;
	return seconds / 86400;
}

static bool matched(const char *glob, const char *text, bool fold)
{
	return !fnmatch(glob, text, fold ? FNM_CASEFOLD : 0);
}

static bool evaluate(struct node *n, struct walk *w)
{
	char target[4096];
	ssize_t len;

	switch (n->op) {
	case '!':
		return !evaluate(n->a, w);
	case '&':
		return evaluate(n->a, w) && evaluate(n->b, w);
	case '|':
		return evaluate(n->a, w) || evaluate(n->b, w);
	case ',':
		evaluate(n->a, w);
		return evaluate(n->b, w);
	case P_NAME:
	case P_INAME:
		return matched(n->text, w->name, n->op == P_INAME);
	case P_PATH:
	case P_IPATH:
		return matched(n->text, w->path, n->op == P_IPATH);
	case P_LNAME:
		len = S_ISLNK(w->st.st_mode) ? readlink(w->path, target, sizeof(target) - 1) : -1;
		if (len < 0)
			return false;
		target[len] = 0;
		return matched(n->text, target, false);
	case P_TYPE:
		return strchr(n->text, type_letter(w->st.st_mode)) != NULL;
	case P_SIZE:
		return size_is(n, w);
	case P_EMPTY:
		return is_empty(w);
	case P_LINKS:
		return compared(n, (long long)w->st.st_nlink);
	case P_INUM:
		return compared(n, (long long)w->st.st_ino);
	case P_MTIME:
	case P_ATIME:
	case P_CTIME:
	case P_MMIN:
	case P_AMIN:
	case P_CMIN:
		return compared(n, age(n, w));
	case P_NEWER:
		return w->st.st_mtim.tv_sec > n->st.st_mtim.tv_sec ||
		       (w->st.st_mtim.tv_sec == n->st.st_mtim.tv_sec &&
			w->st.st_mtim.tv_nsec > n->st.st_mtim.tv_nsec);
	case P_PERM:
		if (n->compare == '-')
			return (w->st.st_mode & n->n) == n->n;
		if (n->compare == '/')
			return !n->n || w->st.st_mode & n->n;
		return (w->st.st_mode & 07777) == n->n;
	case P_USER:
		return w->st.st_uid == n->st.st_uid;
	case P_GROUP:
		return w->st.st_gid == n->st.st_gid;
	case P_NOUSER:
		return isdigit((unsigned char)user_name(w->st.st_uid)[0]);
	case P_NOGROUP:
		return isdigit((unsigned char)group_name(w->st.st_gid)[0]);
	case P_SAMEFILE:
		return w->st.st_ino == n->st.st_ino && w->st.st_dev == n->st.st_dev;
	case P_READABLE:
		return !access(w->path, R_OK);
	case P_WRITABLE:
		return !access(w->path, W_OK);
	case P_EXECUTABLE:
		return !access(w->path, X_OK);
	case P_FALSE:
		return false;
	case P_PRUNE:
		w->skip = true;
		return true;
	case P_QUIT:
		exit(finish(status));
	case P_PRINT:
		puts(w->path);
		return true;
	case P_PRINT0:
		fputs(w->path, stdout);
		putchar(0);
		return true;
	case P_LS:
		list(w);
		return true;
	case P_PRINTF:
		put_format(n->text, w);
		return true;
	case P_DELETE:
		if (!strcmp(w->path, "."))
			return true;
		if (S_ISDIR(w->st.st_mode) ? rmdir(w->path) : unlink(w->path)) {
			warn("cannot delete '%s'", w->path);
			status = 1;
			return false;
		}
		return true;
	case P_EXEC:
	case P_OK:
	case P_EXECDIR:
		return execute(n, w);
	default:
		return true;
	}
}

static void visit(struct walk *w, enum walk_event event)
{
	if (event == WALK_ERROR) {
		warn("'%s'", w->path);
		status = 1;
		return;
	}
	if (event != (depth_first && S_ISDIR(w->st.st_mode) ? WALK_LEFT : WALK_FOLDER) &&
	    event != WALK_FILE) {
		if (event == WALK_FOLDER)
			w->skip = w->depth >= max_depth;
		return;
	}
	if (w->depth >= min_depth && w->depth <= max_depth)
		evaluate(w->arg, w);
	if (event == WALK_FOLDER && w->depth >= max_depth)
		w->skip = true;
}

static void finish_commands(struct node *n)
{
	if (!n)
		return;
	if (n->plus)
		run_pending(n);
	finish_commands(n->a);
	finish_commands(n->b);
}

int main(int argc, char **argv)
{
	static char *here[] = { (char *)"." };
	char **paths;
	struct node *expression;
	int n = 0;

	help_option(argc, argv, help);
	now = time(NULL);
	for (word = argv + 1; is("-H") || is("-L") || is("-P"); word++)
		flags = is("-L") ? WALK_FOLLOW : is("-H") ? WALK_FOLLOW_FIRST : 0;
	paths = word;
	while (*word && **word != '-' && !is("!") && !is("(")) {
		word++;
		n++;
	}
	expression = *word ? sequence() : new_node(P_TRUE, NULL, NULL);
	if (*word)
		errx(1, "unexpected '%s'", *word);
	if (!acts)
		expression = new_node('&', expression, new_node(P_PRINT, NULL, NULL));
	if (!n) {
		paths = here;
		n = 1;
	}
	for (int i = 0; i < n; i++) {
		root = paths[i];
		walk(paths[i], flags, visit, expression);
	}
	finish_commands(expression);
	return finish(status);
}
