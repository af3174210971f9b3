/*
 * history.c - lines typed before, kept in a file from one shell to the next; fc (XCU fc, sh).
 *
 * Lines are numbered from 1 as they come; HISTSIZE (1000) of them are kept.
 */
#include "edit.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HISTORY_MAX 1000

static char **history;
static size_t history_count, history_saved;
static size_t dropped; /* lines that were the oldest, and are gone */

size_t history_size(void)
{
	return history_count;
}

const char *history_line(size_t i)
{
	return history[i];
}

long history_find(size_t number)
{
	return number > dropped && number - dropped <= history_count ?
		       (long)(number - dropped - 1) :
		       -1;
}

static size_t history_most(void)
{
	const char *size = var_get("HISTSIZE");
	long n = size && isdigit((unsigned char)*size) ? atol(size) : HISTORY_MAX;

	return n < 1 ? 1 : (size_t)n;
}

void history_add(const char *line)
{
	size_t n = strlen(line), most = history_most();

	while (n && (line[n - 1] == '\n' || line[n - 1] == ' '))
		n--;
	if (!n || (history_count && strlen(history[history_count - 1]) == n &&
		   !strncmp(history[history_count - 1], line, n)))
		return;
	while (history_count >= most) {
		free(history[0]);
		memmove(history, history + 1, --history_count * sizeof(*history));
		history_saved -= history_saved > 0;
		dropped++;
	}
	history = grow(history, (history_count + 1) * sizeof(*history));
	history[history_count++] = copy_n(line, n);
}

static void history_drop_last(void)
{
	if (!history_count)
		return;
	free(history[--history_count]);
	if (history_saved > history_count)
		history_saved = history_count;
}

static FILE *history_file(const char *mode)
{
	const char *name = var_get("HISTFILE"), *home = var_get("HOME");
	char path[1024];

	if (name)
		return *name ? fopen(name, mode) : NULL;
	if (!home || snprintf(path, sizeof(path), "%s/.sh_history", home) >= (int)sizeof(path))
		return NULL;
	return fopen(path, mode);
}

void history_load(void)
{
	FILE *f = history_file("re");
	char *line = NULL;
	size_t room = 0;

	if (!f)
		return;
	while (getline(&line, &room, f) > 0)
		history_add(line);
	free(line);
	fclose(f);
	history_saved = history_count;
}

void history_save(void)
{
	FILE *f = history_saved < history_count ? history_file("ae") : NULL;

	if (!f)
		return;
	for (size_t i = history_saved; i < history_count; i++)
		fprintf(f, "%s\n", history[i]);
	fclose(f);
	history_saved = history_count;
}

int builtin_history(int argc, char **argv)
{
	size_t n = argc > 1 ? (size_t)atoi(argv[1]) : history_count;

	for (size_t i = n < history_count ? history_count - n : 0; i < history_count; i++)
		printf("%5zu  %s\n", dropped + i + 1, history[i]);
	return 0;
}

/* ---- fc ---------------------------------------------------------------------------------- */

/* A line by number, by one from the end, or by how it begins; the last line is the fc itself. */
static size_t history_index(const char *word, size_t fallback)
{
	size_t digits;
	long n;

	if (!word)
		return fallback;
	digits = strspn(word + (*word == '-' || *word == '+'), "0123456789");
	n = strtol(word, NULL, 10);
	if (digits && !word[digits + (*word == '-' || *word == '+')]) {
		if (n <= 0)
			return (size_t)-n >= history_count ? 0 : history_count - 1 - (size_t)-n;
		if ((size_t)n <= dropped)
			return 0;
		n = history_find((size_t)n);
		return n < 0 ? history_count - 1 : (size_t)n;
	}
	for (size_t i = history_count - 1; i-- > 0;)
		if (!strncmp(history[i], word, strlen(word)))
			return i;
	fail(1, "fc: no such line: %s", word);
}

/* Lines from one to another, which may be before it; downwards changes the order. */
static void write_lines(FILE *f, size_t from, size_t to, bool reversed, bool numbers, bool tabs)
{
	size_t first = reversed ? to : from, last = reversed ? from : to;

	for (size_t i = first;; i += first <= last ? 1 : -1ul) {
		if (numbers)
			fprintf(f, "%zu", dropped + i + 1);
		fprintf(f, tabs ? "\t%s\n" : "%s\n", history[i]);
		if (i == last)
			return;
	}
}

/* Commands become lines of the history, are shown and run. */
static int run_again(const char *text)
{
	char *lines = temp_copy(text), *rest = lines;

	fputs(text, stderr);
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
		history_add(line);
	return eval_string(text, 0);
}

/* The editor, whatever it makes of its end; its status. */
static int run_editor(const char *editor, const char *path)
{
	char *command = temp_get(strlen(editor) + strlen(path) + 2);
	struct handler h;
	int st;

	sprintf(command, "%s %s", editor, path);
	handler_push(&h);
	st = sigsetjmp(h.jump, 0);
	if (!st) {
		st = eval_string(command, 0);
		handler_pop(&h);
		return st;
	}
	handler_caught(&h);
	redirections_undo();
	return st;
}

static char *read_text(int fd)
{
	struct str text = { 0 };
	char buf[4096], *s;
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (buf[i])
				str_add(&text, buf[i]);
	if (text.n && text.s[text.n - 1] != '\n')
		str_add(&text, '\n');
	str_end(&text);
	s = temp_copy(text.s);
	free(text.s);
	return s;
}

static int fc_edit(const char *editor, size_t from, size_t to, bool reversed)
{
	const char *folder = var_get("TMPDIR");
	char path[1024], *text = NULL;
	int fd, st;
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/sh.XXXXXX", folder && *folder ? folder : "/tmp") >=
	    (int)sizeof(path))
		fail(2, "fc: the path of TMPDIR is too long");
	fd = mkostemp(path, O_CLOEXEC);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		fail(2, "fc: cannot create %s", path);
	write_lines(f, from, to, reversed, false, false);
	fclose(f);
	history_drop_last();
	if (!editor)
		editor = var_get("FCEDIT");
	st = run_editor(editor && *editor ? editor : "ed", path);
	/* an editor may have put another file in its place */
	fd = st ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		text = read_text(fd);
		close(fd);
	}
	unlink(path);
	return text ? run_again(text) : st ? st : 1;
}

/* Run a line again, with the first OLD in it become NEW when there is a "OLD=NEW". */
static int fc_again(const char *change, const char *which)
{
	const char *line, *eq = change ? strchr(change, '=') : NULL, *hit = NULL;
	struct str text = { 0 };
	char *old, *again;

	line = history[history_index(which, history_count - 2)];
	if (eq) {
		old = temp_copy(change);
		old[eq - change] = 0;
		hit = strstr(line, old);
	}
	if (hit) {
		again = copy_n(line, (size_t)(hit - line));
		str_put(&text, again);
		free(again);
		str_put(&text, eq + 1);
		str_put(&text, hit + (eq - change));
	} else {
		str_put(&text, line);
	}
	str_add(&text, '\n');
	str_end(&text);
	again = temp_copy(text.s);
	free(text.s);
	history_drop_last();
	return run_again(again);
}

int builtin_fc(int argc, char **argv)
{
	bool show = false, again = false, numbers = true, reversed = false;
	const char *editor = NULL, *first, *last;
	struct opts o = { .at = 1 };
	size_t from, to;
	int c;

	/* -N is a line, no option */
	while (((o.next && *o.next) || o.at >= argc || argv[o.at][0] != '-' ||
		!isdigit((unsigned char)argv[o.at][1])) &&
	       (c = opt_next(&o, argc, argv, "lnrse:"))) {
		switch (c) {
		case 'l':
			show = true;
			break;
		case 'n':
			numbers = false;
			break;
		case 'r':
			reversed = true;
			break;
		case 's':
			again = true;
			break;
		case 'e':
			editor = o.arg;
			again |= !strcmp(o.arg, "-");
			break;
		default:
			return 2;
		}
	}
	first = o.at < argc ? argv[o.at] : NULL;
	last = o.at + 1 < argc ? argv[o.at + 1] : NULL;
	if (history_count < 2)
		return show ? 0 : 1;
	if (again && first && strchr(first, '='))
		return fc_again(first, last);
	if (again)
		return fc_again(NULL, first);
	if (show) {
		from = history_index(first, history_count > 17 ? history_count - 17 : 0);
		to = history_index(last, history_count - 2);
		write_lines(stdout, from, to, reversed, numbers, true);
		return 0;
	}
	from = history_index(first, history_count - 2);
	to = history_index(last, from);
	return fc_edit(editor, from, to, reversed);
}
