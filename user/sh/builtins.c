/*
 * builtins.c - the shell's own commands, and the table of all of them.
 */
#include "common/common.h"
#include "common/words.h"
#include "sh.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/times.h>
#include <unistd.h>

int opt_next(struct opts *o, int argc, char **argv, const char *letters)
{
	const char *found;
	int c;

	if (!o->at)
		o->at = 1;
	if (!o->next || !*o->next) {
		if (o->at >= argc || argv[o->at][0] != '-' || !argv[o->at][1])
			return 0;
		o->next = argv[o->at++] + 1;
		if (!strcmp(o->next, "-"))
			return 0;
	}
	c = (unsigned char)*o->next++;
	found = strchr(letters, c);
	if (!found || c == ':') {
		complain("%s: Illegal option -%c", argv[0], c);
		return '?';
	}
	if (found[1] == ':') {
		if (*o->next) {
			o->arg = o->next;
		} else if (o->at < argc) {
			o->arg = argv[o->at++];
		} else {
			complain("%s: No arg for -%c option", argv[0], c);
			return '?';
		}
		o->next = NULL;
	}
	return c;
}

static int number(const char *what, const char *s)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(s, &end, 10);
	if (*end || end == s || errno || n < 0 || n > 0x7fffffff)
		fail(2, "%s: Illegal number: %s", what, s);
	return (int)n;
}

static int builtin_true(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static int builtin_false(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 1;
}

static int builtin_break(int argc, char **argv)
{
	int n = argc > 1 ? number(argv[0], argv[1]) : 1;

	if (n < 1)
		fail(2, "%s: Illegal number: %s", argv[0], argv[1]);
	if (!loop_depth)
		return 0;
	skip_count = n > loop_depth ? loop_depth : n;
	skipping = argv[0][0] == 'b' ? SKIP_BREAK : SKIP_CONTINUE;
	return 0;
}

static int builtin_return(int argc, char **argv)
{
	int st = argc > 1 ? number(argv[0], argv[1]) : trap_status >= 0 ? trap_status : status;

	skipping = SKIP_RETURN;
	return st;
}

static int builtin_exit(int argc, char **argv)
{
	leave(argc > 1 ? number(argv[0], argv[1]) : trap_status >= 0 ? trap_status : status);
}

static int builtin_eval(int argc, char **argv)
{
	struct str text = { 0 };
	int i = argc > 1 && !strcmp(argv[1], "--") ? 2 : 1;
	char *s;

	for (; i < argc; i++) {
		str_put(&text, argv[i]);
		if (i + 1 < argc)
			str_add(&text, ' ');
	}
	str_end(&text);
	s = temp_copy(text.s);
	free(text.s);
	if (!s[strspn(s, " \t\n")])
		return 0;
	return eval_string(s, 0);
}

static char *dot_path(const char *name)
{
	const char *path = var_get("PATH");
	size_t n;
	char *full;

	if (strchr(name, '/') || !path)
		return temp_copy(name);
	for (;; path += n + 1) {
		n = strcspn(path, ":");
		full = temp_get(n + strlen(name) + 2);
		memcpy(full, path, n);
		if (n)
			full[n] = '/';
		strcat(full, name);
		if (!access(full, R_OK))
			return full;
		if (!path[n])
			break;
	}
	fail(2, ".: %s: not found", name);
}

static int builtin_dot(int argc, char **argv)
{
	int i = argc > 1 && !strcmp(argv[1], "--") ? 2 : 1, fd, high, loops = loop_depth;
	struct params outer = params;
	char *path;

	if (i >= argc)
		fail(2, ".: a file name is needed");
	path = dot_path(argv[i]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail(2, ".: cannot open %s: %s", argv[i], strerror(errno));
	high = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	if (high >= 0) {
		close(fd);
		fd = high;
	}
	if (i + 1 < argc) {
		params = (struct params){ 0 };
		params_set(argc - i - 1, argv + i + 1);
	}
	dot_depth++;
	loop_depth = 0;
	eval_file(fd);
	loop_depth = loops;
	dot_depth--;
	if (i + 1 < argc) {
		params_free(&params);
		params = outer;
	}
	if (skipping == SKIP_RETURN)
		skipping = SKIP_NONE;
	return status;
}

static int builtin_exec(int argc, char **argv)
{
	int i = argc > 1 && !strcmp(argv[1], "--") ? 2 : 1;

	if (i >= argc)
		return 0;
	/* what would be lost with an error is lost anyhow */
	signals_interactive(false);
	job_control(false);
	exec_program(argv + i, NULL);
}

static int builtin_export(int argc, char **argv)
{
	int flag = argv[0][0] == 'e' ? VAR_EXPORT : VAR_READONLY, c, st = 0;
	struct opts o = { 0 };
	bool print = false;
	char prefix[16];

	while ((c = opt_next(&o, argc, argv, "p"))) {
		if (c == '?')
			return 2;
		print = true;
	}
	if (print || o.at >= argc) {
		snprintf(prefix, sizeof(prefix), "%s ", argv[0]);
		var_print(prefix, flag);
		return 0;
	}
	for (int i = o.at; i < argc; i++) {
		size_t n = name_length(argv[i]);
		char *eq = argv[i] + n;

		if (!n || (*eq && *eq != '='))
			fail(2, "%s: %s: bad variable name", argv[0], argv[i]);
		if (!*eq) {
			var_set(argv[i], NULL, flag);
			continue;
		}
		*eq = 0;
		if (!var_set(argv[i], eq + 1, flag))
			raise_error(2);
		*eq = '=';
	}
	return st;
}

static int builtin_local(int argc, char **argv)
{
	if (!function_depth)
		fail(2, "local: not in a function");
	for (int i = 1; i < argc; i++) {
		size_t n = name_length(argv[i]);
		char *eq = argv[i] + n;

		if (!strcmp(argv[i], "-"))
			continue;
		if (!n || (*eq && *eq != '='))
			fail(2, "local: %s: bad variable name", argv[i]);
		if (!*eq) {
			var_save(&local_vars, argv[i]);
			continue;
		}
		*eq = 0;
		var_save(&local_vars, argv[i]);
		if (!var_set(argv[i], eq + 1, 0))
			raise_error(2);
		*eq = '=';
	}
	return 0;
}

static int builtin_unset(int argc, char **argv)
{
	struct opts o = { 0 };
	int c, which = 0;

	while ((c = opt_next(&o, argc, argv, "fv"))) {
		if (c == '?')
			return 2;
		which = c;
	}
	for (int i = o.at; i < argc; i++) {
		if (which == 'f') {
			function_unset(argv[i]);
			continue;
		}
		if (!is_name(argv[i], strlen(argv[i])))
			fail(2, "unset: %s: bad variable name", argv[i]);
		if (!which && !var_find(argv[i]))
			function_unset(argv[i]);
		else if (!var_unset(argv[i]))
			raise_error(2);
	}
	return 0;
}

static int builtin_shift(int argc, char **argv)
{
	int n = argc > 1 ? number(argv[0], argv[1]) : 1;

	if (n > params.n)
		fail(2, "shift: can't shift that many");
	for (int i = 0; i < n; i++)
		free(params.v[i]);
	memmove(params.v, params.v + n, (size_t)(params.n - n) * sizeof(*params.v));
	params.n -= n;
	return 0;
}

static int builtin_times(int argc, char **argv)
{
	long tick = sysconf(_SC_CLK_TCK);
	struct tms t;
	clock_t v[4];

	(void)argc;
	(void)argv;
	times(&t);
	v[0] = t.tms_utime;
	v[1] = t.tms_stime;
	v[2] = t.tms_cutime;
	v[3] = t.tms_cstime;
	for (int i = 0; i < 4; i++)
		printf("%ldm%ld.%06lds%c", (long)v[i] / tick / 60, (long)v[i] / tick % 60,
		       (long)v[i] % tick * 1000000 / tick, i & 1 ? '\n' : ' ');
	return 0;
}

/* ---- folders ----------------------------------------------------------------------------- */

/* Take "." and ".." out of an absolute path by its letters; NULL when what ".." leaves is no folder. */
static char *tidy(const char *path)
{
	char *out = temp_get(strlen(path) + 2);
	struct stat st;
	size_t n = 0;

	while (*path) {
		size_t len;

		while (*path == '/')
			path++;
		len = strcspn(path, "/");
		if (len == 2 && !strncmp(path, "..", 2)) {
			out[n] = 0;
			if (n && (stat(out, &st) || !S_ISDIR(st.st_mode)))
				return NULL;
			while (n && out[n - 1] != '/')
				n--;
			n -= n > 0;
		} else if (len && !(len == 1 && *path == '.')) {
			out[n++] = '/';
			memcpy(out + n, path, len);
			n += len;
		}
		path += len;
	}
	if (!n)
		out[n++] = '/';
	out[n] = 0;
	return out;
}

static char *join(const char *folder, size_t n, const char *name)
{
	char *full = temp_get(n + strlen(name) + 2);

	memcpy(full, folder, n);
	if (n && folder[n - 1] != '/')
		full[n] = '/';
	return strcat(full, name);
}

static bool try_folder(const char *path, bool physical, bool print)
{
	const char *pwd = var_get("PWD");
	char *full = temp_copy(path), *cwd;

	if (!physical) {
		if (*path != '/' && pwd && *pwd == '/')
			full = join(pwd, strlen(pwd), path);
		if (*full == '/')
			full = tidy(full);
		if (!full)
			return false;
	}
	if (chdir(full) && (*path == '/' || chdir(path)))
		return false;
	var_set("OLDPWD", pwd ? pwd : "", 0);
	if (physical || *full != '/') {
		cwd = getcwd(NULL, 0);
		var_set("PWD", cwd ? cwd : full, 0);
		free(cwd);
	} else {
		var_set("PWD", full, 0);
	}
	if (print)
		puts(var_get("PWD"));
	return true;
}

static int builtin_cd(int argc, char **argv)
{
	struct opts o = { 0 };
	bool physical = false, print = false;
	const char *to, *path;
	struct stat st;
	int c;

	while ((c = opt_next(&o, argc, argv, "LPe"))) {
		if (c == '?')
			return 2;
		if (c != 'e')
			physical = c == 'P';
	}
	to = o.at < argc ? argv[o.at] : var_get("HOME");
	if (!to)
		fail(2, "cd: HOME not set");
	if (!strcmp(to, "-")) {
		to = var_get("OLDPWD");
		if (!to)
			fail(2, "cd: OLDPWD not set");
		print = true;
	}
	if (!*to) {
		if (o.at < argc)
			fail(2, "cd: an empty folder name");
		return 0;
	}
	path = var_get("CDPATH");
	if (path && *to != '/' && strncmp(to, "./", 2) && strncmp(to, "../", 3) &&
	    strcmp(to, ".") && strcmp(to, "..")) {
		for (size_t n; *path; path += n + (path[n] == ':')) {
			char *full;

			n = strcspn(path, ":");
			full = n ? join(path, n, to) : temp_copy(to);
			if (!stat(full, &st) && S_ISDIR(st.st_mode) &&
			    try_folder(full, physical, n > 0))
				return 0;
		}
	}
	if (try_folder(to, physical, print))
		return 0;
	complain("cd: can't cd to %s", to);
	return 2;
}

static int builtin_pwd(int argc, char **argv)
{
	struct opts o = { 0 };
	const char *pwd = var_get("PWD");
	struct stat here, there;
	bool physical = false;
	char *cwd;
	int c;

	while ((c = opt_next(&o, argc, argv, "LP"))) {
		if (c == '?')
			return 2;
		physical = c == 'P';
	}
	if (!physical && pwd && !stat(".", &here) && !stat(pwd, &there) &&
	    here.st_ino == there.st_ino && here.st_dev == there.st_dev) {
		puts(pwd);
		return 0;
	}
	cwd = getcwd(NULL, 0);
	if (!cwd)
		fail(1, "pwd: %s", strerror(errno));
	puts(cwd);
	free(cwd);
	return 0;
}

/* ---- what a name means ------------------------------------------------------------------- */

static int describe(const char *name, bool verbose, const char *path)
{
	static const char *const reserved[] = { "!",	"{",	"}",	 "case", "do",	"done",
						"elif", "else", "esac",	 "fi",	 "for", "if",
						"in",	"then", "until", "while" };
	const struct builtin *b = builtin_find(name);
	struct alias *a = alias_find(name);
	char *full;

	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (strcmp(name, reserved[i]))
			continue;
		printf(verbose ? "%s is a shell keyword\n" : "%s\n", name);
		return 0;
	}
	if (a) {
		if (verbose) {
			printf("%s is an alias for %s\n", name, a->value);
		} else {
			printf("alias %s=", name);
			print_quoted(stdout, a->value);
			putchar('\n');
		}
	} else if (b && b->flags & BI_SPECIAL) {
		printf(verbose ? "%s is a special shell builtin\n" : "%s\n", name);
	} else if (function_find(name)) {
		printf(verbose ? "%s is a shell function\n" : "%s\n", name);
	} else if (b) {
		printf(verbose ? "%s is a shell builtin\n" : "%s\n", name);
	} else {
		full = find_program(name, path);
		if (!full) {
			if (verbose)
				printf("%s: not found\n", name);
			return 127;
		}
		if (verbose)
			printf("%s is %s\n", name, full);
		else
			puts(full);
	}
	return 0;
}

static int builtin_command(int argc, char **argv)
{
	struct opts o = { 0 };
	const char *path = NULL;
	int c, how = 0, st = 0;

	while ((c = opt_next(&o, argc, argv, "pvV"))) {
		if (c == '?')
			return 2;
		if (c == 'p')
			path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
		else
			how = c;
	}
	for (int i = o.at; how && i < argc; i++) {
		int r = describe(argv[i], how == 'V', path);

		st = r ? r : st;
	}
	return st;
}

static int builtin_type(int argc, char **argv)
{
	int st = 0;

	for (int i = 1; i < argc; i++)
		st |= describe(argv[i], true, NULL);
	return st;
}

static int builtin_hash(int argc, char **argv)
{
	struct opts o = { 0 };
	int c, st = 0;

	while ((c = opt_next(&o, argc, argv, "r"))) {
		if (c == '?')
			return 2;
		hash_clear();
		return 0;
	}
	if (argc == 1)
		hash_list();
	for (int i = o.at; i < argc; i++) {
		if (!hash_add(argv[i])) {
			complain("hash: %s: not found", argv[i]);
			st = 1;
		}
	}
	return st;
}

static int builtin_echo(int argc, char **argv)
{
	return echo_words(argc, argv, true);
}

const struct builtin builtins[] = {
	{ ".", builtin_dot, BI_SPECIAL },
	{ ":", builtin_true, BI_SPECIAL },
	{ "[", test_words, 0 },
	{ "alias", builtin_alias, BI_DECLARES },
	{ "bg", builtin_fg, 0 },
	{ "break", builtin_break, BI_SPECIAL },
	{ "cd", builtin_cd, 0 },
	{ "command", builtin_command, 0 },
	{ "continue", builtin_break, BI_SPECIAL },
	{ "echo", builtin_echo, 0 },
	{ "eval", builtin_eval, BI_SPECIAL },
	{ "exec", builtin_exec, BI_SPECIAL },
	{ "exit", builtin_exit, BI_SPECIAL },
	{ "export", builtin_export, BI_SPECIAL | BI_DECLARES },
	{ "false", builtin_false, 0 },
	{ "fc", builtin_fc, 0 },
	{ "fg", builtin_fg, 0 },
	{ "getopts", builtin_getopts, 0 },
	{ "hash", builtin_hash, 0 },
	{ "history", builtin_history, 0 },
	{ "jobs", builtin_jobs, 0 },
	{ "kill", builtin_kill, 0 },
	{ "local", builtin_local, BI_DECLARES },
	{ "printf", printf_words, 0 },
	{ "pwd", builtin_pwd, 0 },
	{ "read", builtin_read, 0 },
	{ "readonly", builtin_export, BI_SPECIAL | BI_DECLARES },
	{ "return", builtin_return, BI_SPECIAL },
	{ "set", builtin_set, BI_SPECIAL },
	{ "shift", builtin_shift, BI_SPECIAL },
	{ "test", test_words, 0 },
	{ "times", builtin_times, BI_SPECIAL },
	{ "trap", builtin_trap, BI_SPECIAL },
	{ "true", builtin_true, 0 },
	{ "type", builtin_type, 0 },
	{ "ulimit", builtin_ulimit, 0 },
	{ "umask", builtin_umask, 0 },
	{ "unalias", builtin_unalias, 0 },
	{ "unset", builtin_unset, BI_SPECIAL },
	{ "wait", builtin_wait, 0 },
	{ NULL, NULL, 0 },
};

const struct builtin *builtin_find(const char *name)
{
	for (const struct builtin *b = builtins; b->name; b++)
		if (!strcmp(b->name, name))
			return b;
	return NULL;
}
