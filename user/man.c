/*
 * man - manual pages: the few words of man(7) that ours have, for a terminal or a pipe.
 */
#include "common/common.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help[] =
	"usage: man [SECTION] NAME...\n"
	"       man -k WORD\n"
	"Show the manual page of that name, from $MANPATH (/usr/share/man); on a terminal a screen at a time.\n"
	"-k lists the pages whose name or first line has the word.\n";

static int width = 78, indent = 7;
static bool bold_on;
static char line[1024];
static int column; /* of what is in the line, without escapes */
static size_t used;
static bool terminal;

static void put_raw(const char *s)
{
	size_t n = strlen(s);

	if (used + n < sizeof(line)) {
		memcpy(line + used, s, n);
		used += n;
	}
}

static void end_line(void)
{
	if (used)
		printf("%.*s\n", (int)used, line);
	used = 0;
	column = 0;
}

static void bold(bool on)
{
	if (terminal && on != bold_on)
		put_raw(on ? "\033[1m" : "\033[0m");
	bold_on = on;
}

/* A word's letters, its escapes done: \fB \fI \fR \fP \- \& \e \(xx. */
static int decode(const char *s, char *out, size_t size)
{
	size_t n = 0;
	int shown = 0;

	while (*s && n + 8 < size) {
		if (*s != '\\' || !s[1]) {
			shown += ((unsigned char)*s & 0xc0) != 0x80;
			out[n++] = *s++;
			continue;
		}
		s++;
		if (*s == 'f' && s[1]) {
			if (terminal)
				n += (size_t)sprintf(out + n, s[1] == 'B' ? "\033[1m" :
							      s[1] == 'I' ? "\033[4m" :
									    "\033[0m");
			s += 2;
		} else if (*s == '&') {
			s++;
		} else if (*s == '(' && s[1] && s[2]) {
			out[n++] = !strncmp(s + 1, "aq", 2) ? '\'' :
				   !strncmp(s + 1, "dq", 2) ? '"' :
							      '-';
			shown++;
			s += 3;
		} else {
			out[n++] = *s == 'e' ? '\\' : *s;
			shown++;
			s++;
		}
	}
	out[n] = 0;
	return shown;
}

static void put_word(const char *word)
{
	char text[1024];
	int n = decode(word, text, sizeof(text));

	if (column > indent && column + 1 + n > width)
		end_line();
	while (column < indent) {
		put_raw(" ");
		column++;
	}
	if (column > indent) {
		put_raw(" ");
		column++;
	}
	put_raw(text);
	column += n;
}

static void put_text(char *s)
{
	for (char *w = strtok(s, " \t"); w; w = strtok(NULL, " \t"))
		put_word(w);
}

/* The arguments of a request without their quotes, up to 9. */
static int arguments(char *s, char **v)
{
	int n = 0;

	while (n < 9) {
		s += strspn(s, " \t");
		if (!*s)
			break;
		if (*s == '"') {
			v[n++] = ++s;
			s += strcspn(s, "\"");
		} else {
			v[n++] = s;
			s += strcspn(s, " \t");
		}
		if (*s)
			*s++ = 0;
	}
	return n;
}

static void request(char *s, bool *literal, bool *tag)
{
	char name[4] = { s[1], s[1] && s[2] != ' ' ? s[2] : 0, 0, 0 }, *v[9], all[1024] = "";
	int n = arguments(s + 1 + strlen(name), v);

	for (int i = 0; i < n; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s",
			 i && (!strcmp(name, "B") || !strcmp(name, "I")) ? " " : "", v[i]);
	if (!strcmp(name, "TH")) {
		char left[64], right[64];

		snprintf(left, sizeof(left), "%s(%s)", n ? v[0] : "", n > 1 ? v[1] : "");
		snprintf(right, sizeof(right), "%s", left);
		printf("%s%*s\n\n", left, width - (int)strlen(left), right);
	} else if (!strcmp(name, "SH") || !strcmp(name, "SS")) {
		int keep = indent;

		end_line();
		puts("");
		indent = name[1] == 'S' ? 3 : 0;
		bold(true);
		for (int i = 0; i < n; i++)
			put_word(v[i]);
		bold(false);
		end_line();
		indent = 7;
		(void)keep;
		*literal = false;
	} else if (!strcmp(name, "PP") || !strcmp(name, "P") || !strcmp(name, "LP")) {
		end_line();
		puts("");
		indent = 7;
	} else if (!strcmp(name, "TP")) {
		end_line();
		puts("");
		indent = 7;
		*tag = true;
	} else if (!strcmp(name, "nf") || !strcmp(name, "fi")) {
		end_line();
		*literal = name[0] == 'n';
	} else if (!strcmp(name, "br")) {
		end_line();
	} else if (!strcmp(name, "RS")) {
		end_line();
		indent += 7;
	} else if (!strcmp(name, "RE")) {
		end_line();
		indent -= indent > 7 ? 7 : 0;
	} else if (name[0] == 'B' || name[0] == 'I') {
		char text[1100];

		snprintf(text, sizeof(text), "\\f%c%s\\fR", name[0], all);
		if (*tag) {
			put_word(text);
			end_line();
			indent = 14;
			*tag = false;
		} else {
			put_word(text);
		}
	}
}

static void render(FILE *f)
{
	bool literal = false, tag = false;
	char *text = NULL;
	size_t room = 0;

	while (getline(&text, &room, f) > 0) {
		char decoded[2048];

		text[strcspn(text, "\n")] = 0;
		if (text[0] == '.' || text[0] == '\'') {
			if (text[1] != '\\')
				request(text, &literal, &tag);
			continue;
		}
		if (literal) {
			decode(text, decoded, sizeof(decoded));
			printf("%*s%s\n", *decoded ? indent : 0, "", decoded);
		} else if (tag) {
			put_text(text);
			end_line();
			indent = 14;
			tag = false;
		} else if (!*text) {
			end_line();
			puts("");
		} else {
			put_text(text);
		}
	}
	end_line();
	free(text);
}

/* Lines a screen at a time; q ends. */
static void page(FILE *in)
{
	struct winsize size = { .ws_row = 24 };
	FILE *keys = fopen("/dev/tty", "r");
	char *text = NULL;
	size_t room = 0;
	int shown = 0;

	ioctl(1, TIOCGWINSZ, &size);
	while (getline(&text, &room, in) > 0) {
		fputs(text, stdout);
		if (++shown + 1 < size.ws_row || !keys || size.ws_row < 3)
			continue;
		fputs("\033[7m-- more: enter, or q --\033[0m", stdout);
		fflush(stdout);
		if (getc(keys) == 'q')
			break;
		fputs("\r\033[K", stdout);
		shown = 0;
	}
	free(text);
	if (keys)
		fclose(keys);
}

static FILE *find(const char *section, const char *name)
{
	const char *path = getenv("MANPATH");
	char full[1024];

	for (path = path ? path : "/usr/share/man"; *path;
	     path += strcspn(path, ":"), path += *path == ':') {
		for (int s = 1; s <= 9; s++) {
			FILE *f;

			if (section && atoi(section) != s)
				continue;
			snprintf(full, sizeof(full), "%.*s/man%d/%s.%d", (int)strcspn(path, ":"),
				 path, s, name, s);
			f = fopen(full, "re");
			if (f)
				return f;
		}
	}
	return NULL;
}

static int search(const char *word)
{
	const char *folder = "/usr/share/man/man1";
	struct dirent **list;
	int n = scandir(folder, &list, NULL, alphasort), found = 0;

	for (int i = 0; i < n; i++) {
		char path[1024], text[1024] = "", name[1024] = "";
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", folder, list[i]->d_name);
		f = list[i]->d_name[0] == '.' ? NULL : fopen(path, "re");
		while (f && fgets(text, sizeof(text), f)) {
			if (strncmp(text, ".SH NAME", 8))
				continue;
			if (fgets(text, sizeof(text), f))
				decode(text, name, sizeof(name));
			break;
		}
		if (f)
			fclose(f);
		if (strcasestr(name, word)) {
			fputs(name, stdout);
			found = 1;
		}
	}
	return finish(!found);
}

static int show(const char *section, const char *name)
{
	FILE *f = find(section, name);
	int ends[2], st;
	pid_t pid;

	if (!f) {
		warnx("no manual page for %s", name);
		return 16;
	}
	if (!terminal) {
		render(f);
		fclose(f);
		return 0;
	}
	fflush(stdout);
	if (pipe(ends))
		err(1, "pipe");
	pid = fork();
	if (!pid) {
		dup2(ends[1], 1);
		close(ends[0]);
		render(f);
		_exit(finish(0));
	}
	close(ends[1]);
	page(fdopen(ends[0], "r"));
	close(ends[0]);
	waitpid(pid, &st, 0);
	fclose(f);
	return 0;
}

int main(int argc, char **argv)
{
	const char *section = NULL;
	struct winsize size;
	int i, status = 0;

	help_option(argc, argv, help);
	if (argc == 3 && !strcmp(argv[1], "-k"))
		return search(argv[2]);
	i = no_options(argc, argv, help, 1);
	terminal = isatty(1);
	if (terminal && !ioctl(1, TIOCGWINSZ, &size) && size.ws_col > 20)
		width = size.ws_col > 100 ? 98 : size.ws_col - 2;
	if (argc > i + 1 && isdigit((unsigned char)argv[i][0]) && !argv[i][1])
		section = argv[i++];
	if (i >= argc)
		usage(help, 1);
	for (; i < argc; i++) {
		int bad = show(section, argv[i]);

		status = bad ? bad : status;
	}
	return finish(status);
}
