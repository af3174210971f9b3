/*
 * input.c - where the characters come from: strings, files, a terminal, aliases, one above the other.
 */
#include "sh.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER 4096

struct source {
	struct source *below;
	bool part; /* an alias or text put back: its end goes on with what is below */
	int fd; /* -1: a string */
	char *bytes; /* freed at the end */
	size_t at, n;
	int line; /* of the source below, once this ends */
	struct alias *alias; /* that this is the value of */
	bool ended;
	int back[4], backs; /* characters put back */
};

static struct source *top;
static int line_number = 1;
static bool fresh = true; /* the next line begins a command */
static struct str record;
static struct alias *aliases;
static bool blank_alias_ended;

static struct source *push(int fd, const char *s)
{
	struct source *in = must(calloc(1, sizeof(*in)));

	in->below = top;
	in->fd = fd;
	in->line = line_number;
	if (s) {
		in->bytes = copy(s);
		in->n = strlen(s);
	} else {
		in->bytes = must(malloc(BUFFER));
	}
	top = in;
	return in;
}

void in_push_string(const char *s, struct alias *alias)
{
	struct source *in = push(-1, s);

	in->part = true;
	in->alias = alias;
	if (alias)
		alias->in_use = true;
}

int in_depth(void)
{
	int n = 0;

	for (struct source *s = top; s; s = s->below)
		n++;
	return n;
}

int in_push_file(int fd)
{
	int depth = in_depth();

	push(fd, NULL);
	line_number = 1;
	return depth;
}

int in_push_text(const char *s)
{
	int depth = in_depth();

	push(-1, s);
	return depth;
}

static void pop(void)
{
	struct source *in = top;

	top = in->below;
	if (in->alias) {
		size_t n = strlen(in->alias->value);

		in->alias->ending = true;
		blank_alias_ended = n && strchr(" \t", in->alias->value[n - 1]);
	}
	if (!in->part)
		line_number = in->line;
	if (in->fd > 2)
		close(in->fd);
	free(in->bytes);
	free(in);
}

void in_pop_to(int depth)
{
	while (in_depth() > depth)
		pop();
}

/* Standard input is shared with the commands: what can't be given back is read byte by byte. */
static size_t wanted(const struct source *in)
{
	return in->fd == 0 && lseek(0, 0, SEEK_CUR) < 0 ? 1 : BUFFER;
}

static bool refill_terminal(struct source *in)
{
	const char *name = fresh ? "PS1" : "PS2";
	char *line;

	jobs_notify(false);
	line = edit_line(expand_prompt(name, fresh ? (geteuid() ? "$ " : "# ") : "> "));
	fresh = false;
	if (!line)
		return false;
	free(in->bytes);
	in->bytes = line;
	in->at = 0;
	in->n = strlen(line);
	return in->n != 0;
}

static bool refill(struct source *in)
{
	ssize_t n;

	if (in->fd < 0 || in->ended)
		return false;
	if (in->fd == 0 && options[O_INTERACTIVE] && !in->below) {
		in->ended = !refill_terminal(in);
		if (in->ended)
			return false;
	} else {
		do
			n = read(in->fd, in->bytes, wanted(in));
		while (n < 0 && errno == EINTR && !got_interrupt);
		in->at = 0;
		in->n = n > 0 ? (size_t)n : 0;
		if (!in->n)
			return false;
	}
	if (options[O_VERBOSE])
		fwrite(in->bytes, 1, in->n, stderr);
	return true;
}

int in_get(void)
{
	int c;

	for (;;) {
		struct source *in = top;

		if (!in)
			return END_OF_INPUT;
		if (in->backs) {
			c = in->back[--in->backs];
			break;
		}
		if (in->at < in->n || refill(in)) {
			c = (unsigned char)in->bytes[in->at++];
			if (!c)
				continue;
			break;
		}
		if (!in->part)
			return END_OF_INPUT;
		pop();
	}
	if (c == '\n')
		line_number++;
	str_add(&record, (char)c);
	return c;
}

/* Up to four characters, in the reverse of their order. */
void in_unget(int c)
{
	if (c == END_OF_INPUT)
		return;
	if (c == '\n')
		line_number--;
	if (record.n)
		record.n--;
	if (top->backs == 4 || (top->fd < 0 && !top->backs && top->at &&
				(unsigned char)top->bytes[top->at - 1] == c)) {
		top->at--;
		return;
	}
	top->back[top->backs++] = c;
}

void in_give_back(void)
{
	struct source *in = top;

	while (in && in->part)
		in = in->below;
	if (!in || in->fd || in->below || options[O_INTERACTIVE])
		return;
	if (in->at < in->n && lseek(0, -(off_t)(in->n - in->at), SEEK_CUR) >= 0)
		in->at = in->n = 0;
}

bool in_settle_aliases(void)
{
	bool blank = blank_alias_ended;

	blank_alias_ended = false;
	for (struct alias *a = aliases; a; a = a->next) {
		if (a->ending)
			a->in_use = a->ending = false;
	}
	return blank;
}

int in_line(void)
{
	return line_number;
}

void in_set_line(int line)
{
	line_number = line;
}

void in_prompt_reset(void)
{
	fresh = true;
	record.n = 0;
}

size_t in_record(void)
{
	return record.n;
}

char *in_recorded(size_t from, size_t to)
{
	to = to > record.n ? record.n : to;
	return from >= to ? arena_copy(parse_arena, "", 0) :
			    arena_copy(parse_arena, record.s + from, to - from);
}

/* ---- aliases ----------------------------------------------------------------------------- */

struct alias *alias_find(const char *name)
{
	struct alias *a = aliases;

	while (a && strcmp(a->name, name))
		a = a->next;
	return a;
}

static void alias_set(const char *name, size_t n, const char *value)
{
	struct alias **at = &aliases, *a;
	char *key = copy_n(name, n);

	while (*at && strcmp((*at)->name, key) < 0)
		at = &(*at)->next;
	if (*at && !strcmp((*at)->name, key)) {
		free(key);
		free((*at)->value);
		(*at)->value = copy(value);
		return;
	}
	a = must(calloc(1, sizeof(*a)));
	a->name = key;
	a->value = copy(value);
	a->next = *at;
	*at = a;
}

static void alias_print(const struct alias *a)
{
	printf("%s=", a->name);
	print_quoted(stdout, a->value);
	putchar('\n');
}

int builtin_alias(int argc, char **argv)
{
	int st = 0, first = argc > 1 && !strcmp(argv[1], "--") ? 2 : 1;

	if (argc == first)
		for (struct alias *a = aliases; a; a = a->next)
			alias_print(a);
	for (int i = first; i < argc; i++) {
		char *eq = strchr(argv[i], '=');
		struct alias *a;

		if (eq && eq != argv[i]) {
			alias_set(argv[i], (size_t)(eq - argv[i]), eq + 1);
			continue;
		}
		a = alias_find(argv[i]);
		if (a) {
			alias_print(a);
		} else {
			complain("alias: %s not found", argv[i]);
			st = 1;
		}
	}
	return st;
}

static void alias_remove(struct alias **at)
{
	struct alias *a = *at;

	*at = a->next;
	/* one that is being read now stays in memory: the source marks it unused later */
	if (a->in_use)
		return;
	free(a->name);
	free(a->value);
	free(a);
}

int builtin_unalias(int argc, char **argv)
{
	struct opts o = { 0 };
	int st = 0, c;

	while ((c = opt_next(&o, argc, argv, "a"))) {
		if (c == '?')
			return 2;
		while (aliases)
			alias_remove(&aliases);
	}
	for (int i = o.at; i < argc; i++) {
		struct alias **at = &aliases;

		while (*at && strcmp((*at)->name, argv[i]))
			at = &(*at)->next;
		if (*at) {
			alias_remove(at);
		} else {
			complain("unalias: %s not found", argv[i]);
			st = 1;
		}
	}
	return st;
}
