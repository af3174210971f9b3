/*
 * files.c - what ed reads and writes: files, and commands of the shell.
 */
#include "common/common.h"
#include "ed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

char *file_name;
const char *shell_command;
bool silent, warned;

/* A command for the shell: % is the file's name, a ! at the beginning the last command. */
void shell_text(void)
{
	char *out = need(malloc(1));
	const char *old = shell_command;
	size_t n = 0, end = strcspn(at, "\n");
	bool expanded = false;
	const char *s = at;

	if (in_global && end && at[end] == '\n' && at[end + 1] && at[end - 1] == '\\')
		end--;
	for (size_t i = 0; i < end; i++) {
		const char *word = s + i;
		size_t k = 1;

		if (*word == '\\' && i + 1 < end && word[1] == '%') {
			word++;
			i++;
		} else if (*word == '%' || (*word == '!' && !i)) {
			word = *word == '%' ? file_name : old;
			if (!word)
				fail(s[i] == '%' ? "No current filename" : "No previous command");
			k = strlen(word);
			expanded = true;
		}
		out = need(realloc(out, n + k + 1));
		memcpy(out + n, word, k);
		n += k;
	}
	out[n] = 0;
	at += end;
	line_end();
	if (expanded && !silent)
		puts(out);
	free((char *)old);
	shell_command = out;
}

/* The name behind a file command, to be kept if there was none (or always). NULL: a shell command. */
const char *name_given(bool keep)
{
	size_t n;
	char *name;

	if (*at && *at != '\n' && *at != ' ' && *at != '\t' && (*at != '\\' || at[1] != '\n'))
		fail("Unexpected command suffix");
	blanks();
	if (*at == '!') {
		at++;
		shell_text();
		return NULL;
	}
	if (line_end()) {
		if (!file_name)
			fail("No current filename");
		return file_name;
	}
	n = strcspn(at, "\n");
	if (in_global && at[n] == '\n' && at[n + 1] && at[n - 1] == '\\')
		n--;
	name = need(strndup(at, n));
	at += n;
	line_end();
	if (keep || !file_name) {
		free(file_name);
		return file_name = name;
	}
	return name;
}

static FILE *open_file(const char *name, const char *mode)
{
	FILE *f;

	fflush(stdout);
	f = name ? fopen(name, mode) : popen(shell_command, mode);
	if (!f) {
		fprintf(stderr, "%s: %s\n", name ? name : shell_command, strerror(errno));
		fail(*mode == 'r' ? "Cannot open input file" : "Cannot open output file");
	}
	return f;
}

static void close_file(const char *name, FILE *f, const char *why)
{
	bool bad = ferror(f);

	bad |= name ? fclose(f) : pclose(f) == -1;
	if (bad)
		fail(why);
}

void read_file(const char *name, long after)
{
	FILE *f = open_file(name, "r");
	char *line = NULL;
	size_t room = 0, bytes = 0;
	ssize_t n;

	while ((n = getline(&line, &room, f)) > 0) {
		bool whole = line[n - 1] == '\n';

		bytes += (size_t)n + !whole;
		buffer_insert(after++, line_new(line, (size_t)n - whole));
		if (!whole && !silent)
			puts("Newline appended");
		check_interrupt();
	}
	free(line);
	dot = after;
	close_file(name, f, "Cannot read input file");
	if (!silent)
		printf("%zu\n", bytes);
}

static void write_file(const char *name, const char *mode)
{
	FILE *f = open_file(name, mode);
	size_t bytes = 0;

	for (long i = first; first && i <= second; i++) {
		const struct line *l = line_at(i);

		fwrite(l->text, 1, l->n, f);
		putc('\n', f);
		bytes += l->n + 1;
	}
	close_file(name, f, "Cannot write output file");
	if (!silent)
		printf("%zu\n", bytes);
	if (name && first <= 1 && second == last)
		changed = false;
}

/* Before what would lose changes: a warning, once. */
void warn_changed(void)
{
	if (changed && !warned) {
		warned = true;
		fail("Warning: buffer modified");
	}
}

void do_e(bool force)
{
	const char *name;

	no_address();
	if (!force)
		warn_changed();
	name = name_given(true);
	if (last)
		buffer_delete(1, last);
	read_file(name, 0);
	changed = false;
}

void do_w(bool append)
{
	const char *name;
	bool quit = *at == 'q' && !append;

	at += quit;
	name = name_given(false);
	if (last || addresses)
		lines_given(1, last);
	else
		first = second = 0;
	write_file(name, append ? "a" : "w");
	if (quit) {
		warn_changed();
		exit(finish(0));
	}
}
