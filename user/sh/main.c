/*
 * main.c - the shell's start, its options, its main loop and its end (XCU sh, set).
 */
#include "common/common.h"
#include "sh.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: sh [-abCefhimnuvx] [-o OPTION]... [FILE [ARGUMENT...]]\n"
	"       sh -c [OPTION]... COMMANDS [NAME [ARGUMENT...]]\n"
	"       sh -s [OPTION]... [ARGUMENT...]\n"
	"The shell command language of POSIX: runs FILE, COMMANDS, or what standard input says.\n"
	"On a terminal it edits lines, remembers them and controls jobs.\n";

bool options[O_COUNT];
const struct option_name option_names[O_COUNT] = {
	[O_ALLEXPORT] = { 'a', "allexport" },
	[O_ERREXIT] = { 'e', "errexit" },
	[O_NOGLOB] = { 'f', "noglob" },
	[O_HASHALL] = { 'h', "hashall" },
	[O_INTERACTIVE] = { 'i', "interactive" },
	[O_MONITOR] = { 'm', "monitor" },
	[O_NOEXEC] = { 'n', "noexec" },
	[O_STDIN] = { 's', "stdin" },
	[O_NOUNSET] = { 'u', "nounset" },
	[O_VERBOSE] = { 'v', "verbose" },
	[O_XTRACE] = { 'x', "xtrace" },
	[O_NOCLOBBER] = { 'C', "noclobber" },
	[O_NOTIFY] = { 'b', "notify" },
	[O_IGNOREEOF] = { 0, "ignoreeof" },
	[O_VI] = { 0, "vi" },
	[O_EMACS] = { 0, "emacs" },
	[O_NOLOG] = { 0, "nolog" },
	[O_PIPEFAIL] = { 0, "pipefail" },
};

struct handler *handler;
pid_t shell_pid;
bool in_subshell;
static const char *command_text;

/* ---- errors ------------------------------------------------------------------------------ */

void handler_push(struct handler *h)
{
	h->outer = handler;
	h->tested = tested;
	h->loop_depth = loop_depth;
	h->function_depth = function_depth;
	h->dot_depth = dot_depth;
	h->inputs = in_depth();
	h->parse = parse_arena;
	h->temp = temp_top();
	handler = h;
}

void handler_pop(struct handler *h)
{
	handler = h->outer;
}

void handler_caught(struct handler *h)
{
	handler = h->outer;
	tested = h->tested;
	loop_depth = h->loop_depth;
	function_depth = h->function_depth;
	dot_depth = h->dot_depth;
	in_pop_to(h->inputs);
	parse_arena = h->parse;
	temp_release(h->temp);
}

void raise_error(int st)
{
	if (!handler)
		leave(st);
	siglongjmp(handler->jump, st ? st : 1);
}

static void say(const char *fmt, va_list ap)
{
	fflush(stdout);
	fprintf(stderr, "%s: %d: ", arg0, run_line ? run_line : in_line());
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void fail(int st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	raise_error(st);
}

void leave(int st)
{
	status = st;
	handler = NULL;
	status = trap_run_exit(st);
	fflush(stdout);
	if (!in_subshell) {
		if (options[O_INTERACTIVE])
			history_save();
		job_control(false);
	}
	_exit(status & 255);
}

/* ---- options ----------------------------------------------------------------------------- */

static void option_set(int which, bool on)
{
	bool before = options[which];

	if (before == on)
		return;
	options[which] = on;
	if (which == O_MONITOR)
		job_control(on);
	else if (which == O_VI && on)
		options[O_EMACS] = false;
	else if (which == O_EMACS && on)
		options[O_VI] = false;
}

static int by_letter(int c)
{
	for (int i = 0; i < O_COUNT; i++)
		if (c && option_names[i].letter == c)
			return i;
	return -1;
}

static int by_name(const char *name)
{
	for (int i = 0; i < O_COUNT; i++)
		if (!strcmp(option_names[i].name, name))
			return i;
	return -1;
}

static void show_options(bool commands)
{
	if (!commands)
		puts("Current option settings");
	for (int i = 0; i < O_COUNT; i++) {
		if (commands)
			printf("set %co %s\n", options[i] ? '-' : '+', option_names[i].name);
		else
			printf("%-16s%s\n", option_names[i].name, options[i] ? "on" : "off");
	}
}

int set_options(int argc, char **argv, bool start)
{
	int i = 1;

	for (; i < argc; i++) {
		const char *w = argv[i];
		bool on = *w == '-';

		if ((*w != '-' && *w != '+') || !w[1]) {
			/* "-" alone: no more options, and no tracing */
			if (!strcmp(w, "-")) {
				i++;
				if (!start)
					options[O_XTRACE] = options[O_VERBOSE] = false;
			}
			break;
		}
		if (!strcmp(w, "--"))
			return i + 1;
		while (*++w) {
			int which;

			if (*w == 'c' && start) {
				command_text = "";
				continue;
			}
			if (*w == 'l' && start)
				continue;
			if (*w == 'o') {
				if (i + 1 >= argc) {
					show_options(!on);
					continue;
				}
				which = by_name(argv[++i]);
				if (which < 0)
					fail(2, "set: Illegal option -o %s", argv[i]);
			} else {
				which = by_letter(*w);
				if (which < 0)
					fail(2, "%sIllegal option %c%c",
					     start ? "" : "set: ", on ? '-' : '+', *w);
			}
			option_set(which, on);
		}
	}
	return i;
}

int builtin_set(int argc, char **argv)
{
	int i;

	if (argc == 1) {
		var_print("", VAR_SET);
		return 0;
	}
	i = set_options(argc, argv, false);
	if (i < argc || (i > 1 && i == argc && !strcmp(argv[i - 1], "--")))
		params_set(argc - i, argv + i);
	return 0;
}

/* ---- the loop ---------------------------------------------------------------------------- */

static bool at_terminal(void)
{
	return options[O_INTERACTIVE] && in_depth() == 1;
}

static bool may_end(void)
{
	static bool warned;

	if (!at_terminal())
		return true;
	if (options[O_IGNOREEOF]) {
		fputs("Use \"exit\" to leave shell.\n", stderr);
		return false;
	}
	if (jobs_stopped() && !warned) {
		fputs("You have stopped jobs.\n", stderr);
		warned = true;
		return false;
	}
	return true;
}

bool command_loop(int flags)
{
	struct arena *outer = parse_arena, *mark = temp_mark();
	bool any = false;
	int nothing = 0;

	for (;;) {
		struct node *n;
		bool over;

		parse_arena = arena_new();
		in_prompt_reset();
		n = parse_line();
		over = parse_at_end();
		if (n) {
			nothing = 0;
			any = true;
			eval(n, over ? flags : 0);
		} else if (over) {
			if (nothing++ < 20 && !may_end()) {
				arena_drop(parse_arena);
				continue;
			}
		}
		arena_drop(parse_arena);
		if (over && (!at_terminal() || nothing))
			break;
		if (skipping)
			break;
	}
	parse_arena = outer;
	temp_release(mark);
	return any;
}

/* The outermost loop: an error ends a script, and a person's line. */
static void main_loop(void)
{
	struct handler h;
	int st;

	for (;;) {
		handler_push(&h);
		st = sigsetjmp(h.jump, 0);
		if (!st) {
			skipping = SKIP_NONE;
			if (command_text)
				eval_string(command_text, EV_EXIT);
			else
				command_loop(0);
			handler_pop(&h);
			return;
		}
		handler_caught(&h);
		redirections_undo();
		status = st;
		if (!options[O_INTERACTIVE] || command_text)
			leave(st);
		if (st == 130)
			fputc('\n', stderr);
	}
}

/* ---- the start --------------------------------------------------------------------------- */

static void source_if_there(const char *path)
{
	struct handler h;
	int fd = path && *path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	handler_push(&h);
	if (!sigsetjmp(h.jump, 0)) {
		dot_depth++;
		eval_file(fd);
		dot_depth--;
		skipping = SKIP_NONE;
		handler_pop(&h);
	} else {
		handler_caught(&h);
	}
}

static void read_start_files(bool login)
{
	const char *home;
	char *path;
	struct arena *mark = temp_mark();

	parse_arena = arena_new();
	if (login) {
		source_if_there("/etc/profile");
		home = var_get("HOME");
		if (home) {
			path = temp_get(strlen(home) + 12);
			strcpy(stpcpy(path, home), "/.profile");
			source_if_there(path);
		}
	}
	if (options[O_INTERACTIVE] && var_get("ENV") && geteuid() == getuid())
		source_if_there(expand_single(parse_text(var_get("ENV"), false)));
	arena_drop(parse_arena);
	parse_arena = NULL;
	temp_release(mark);
	in_set_line(1);
}

static void open_script(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), high;

	if (fd < 0) {
		fprintf(stderr, "%s: 0: cannot open %s: %s\n", arg0, path, strerror(errno));
		exit(errno == ENOENT ? 127 : 126);
	}
	high = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	if (high >= 0) {
		close(fd);
		fd = high;
	}
	in_push_file(fd);
	arg0 = (char *)path;
}

int main(int argc, char **argv)
{
	extern char **environ;
	bool login = argv[0] && argv[0][0] == '-', script = false;
	int i;

	help_option(argc, argv, help);
	setlocale(LC_ALL, "");
	shell_pid = getpid();
	arg0 = argv[0] ? argv[0] : (char *)"sh";
	for (int k = 1; k < argc && (argv[k][0] == '-' || argv[k][0] == '+'); k++)
		login |= argv[k][0] == '-' && argv[k][1] != '-' && argv[k][1] != 'o' &&
			 strchr(argv[k], 'l');
	temp_mark();
	var_init(environ);
	options[O_EMACS] = true;
	i = set_options(argc, argv, true);
	if (command_text) {
		if (i == argc)
			fail(2, "-c requires an argument");
		command_text = argv[i++];
		if (i < argc)
			arg0 = argv[i++];
	} else if (i < argc && !options[O_STDIN]) {
		script = true;
		open_script(argv[i++]);
	} else {
		options[O_STDIN] = true;
	}
	params_set(argc - i, argv + i);
	if (!script && !command_text && i == argc && isatty(0) && isatty(2))
		options[O_INTERACTIVE] = true;
	signals_interactive(false);
	if (options[O_INTERACTIVE]) {
		bool monitor = true;

		signals_interactive(true);
		for (int k = 1; k < argc; k++)
			monitor &= strcmp(argv[k], "+m") != 0;
		option_set(O_MONITOR, monitor);
		history_load();
	}
	read_start_files(login);
	if (!script && !command_text)
		in_push_file(0);
	in_set_line(1);
	main_loop();
	if (options[O_INTERACTIVE] && !command_text)
		fputs("\n", stderr);
	leave(status);
}
