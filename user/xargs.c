/*
 * xargs - words of standard input as arguments of a command (XCU xargs).
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help[] =
	"usage: xargs [-0] [-d CHARACTER] [-a FILE] [-n WORDS] [-L LINES] [-s SIZE] [-I TEXT] [-P JOBS] [-E END] [-rptx] [COMMAND [ARGUMENT...]]\n"
	"Run the command (echo) with words from standard input behind its arguments, as often as needed.\n"
	"  -0, -d    words end with NUL, with that character; without quotes and backslashes\n"
	"  -a FILE   read FILE\n"
	"  -n, -L, -s  at most so many words, lines, bytes a run\n"
	"  -I TEXT   a run for each line, which takes the place of TEXT in the arguments\n"
	"  -P JOBS   so many runs at a time\n"
	"  -r        no run without words\n"
	"  -t, -p    say what is run; ask first\n";
static const char names[] =
	"null=0 delimiter=d arg-file=a max-args=n max-lines=l max-chars=s replace=i "
	"max-procs=P eof=e interactive=p no-run-if-empty=r verbose=t exit=x";

#define SIZE_MOST 131072

static FILE *in;
static int delimiter = -1;
static bool replace, verbose, ask, no_empty, strict;
static long most_words, most_lines, jobs = 1, most_size = SIZE_MOST;
static const char *marker, *end_word;
static char **fixed, **words;
static int fixed_count, running;
static size_t word_count, size;
static int result;

static void reap(void)
{
	int st;

	if (wait(&st) < 0)
		return;
	running--;
	if (WIFSIGNALED(st))
		errx(125, "%s: terminated by signal %d", fixed[0], WTERMSIG(st));
	switch (WEXITSTATUS(st)) {
	case 0:
		return;
	case 255:
		errx(124, "%s: exited with status 255; aborting", fixed[0]);
	case 126:
	case 127:
		exit(WEXITSTATUS(st));
	default:
		result = 123;
	}
}

static void run(char **argv)
{
	pid_t pid;

	if (verbose || ask) {
		for (char **w = argv; *w; w++)
			fprintf(stderr, "%s%s", w > argv ? " " : "", *w);
		if (!ask)
			fputc('\n', stderr);
	}
	if (ask) {
		FILE *tty = fopen("/dev/tty", "r");
		int c;

		fputs("?...", stderr);
		c = tty ? getc(tty) : EOF;
		if (tty)
			fclose(tty);
		if (c != 'y' && c != 'Y')
			return;
	}
	fflush(stdout);
	while (running >= jobs)
		reap();
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		int null = open("/dev/null", O_RDONLY);

		if (null >= 0 && in == stdin)
			dup2(null, 0);
		execvp(argv[0], argv);
		warn("%s", argv[0]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	running++;
	if (jobs == 1)
		reap();
}

static void run_words(void)
{
	char **argv = need(calloc((size_t)fixed_count + word_count + 1, sizeof(*argv)));

	memcpy(argv, fixed, (size_t)fixed_count * sizeof(*argv));
	if (word_count)
		memcpy(argv + fixed_count, words, word_count * sizeof(*argv));
	run(argv);
	free(argv);
	for (size_t i = 0; i < word_count; i++)
		free(words[i]);
	word_count = 0;
	size = 0;
}

/* Each marker in the arguments becomes the line. */
static void run_replaced(const char *line)
{
	char **argv = need(calloc((size_t)fixed_count + 1, sizeof(*argv)));
	size_t m = strlen(marker), n = strlen(line);

	for (int i = 0; i < fixed_count; i++) {
		const char *s = fixed[i], *hit;
		char *out = need(malloc(1)), *p;
		size_t used = 0;

		while ((hit = strstr(s, marker)) && m) {
			out = need(realloc(out, used + (size_t)(hit - s) + n + 1));
			p = out + used;
			memcpy(p, s, (size_t)(hit - s));
			memcpy(p + (hit - s), line, n);
			used += (size_t)(hit - s) + n;
			s = hit + m;
		}
		out = need(realloc(out, used + strlen(s) + 1));
		strcpy(out + used, s);
		argv[i] = out;
	}
	run(argv);
	for (int i = 0; i < fixed_count; i++)
		free(argv[i]);
	free(argv);
}

/* The next word in new memory, NULL at the end; `line_over`: a newline came behind it. */
static char *next_word(bool *line_over)
{
	char *w = need(malloc(64));
	size_t n = 0, room = 64;
	int c, quote = 0;
	bool any = false;

	*line_over = false;
	while ((c = getc(in)) != EOF) {
		if (delimiter >= 0) {
			if (c == delimiter) {
				any = true;
				break;
			}
		} else if (quote) {
			if (c == quote) {
				quote = 0;
				continue;
			}
			if (c == '\n')
				errx(1, "unmatched %s quote", quote == '"' ? "double" : "single");
		} else if (c == '\\') {
			c = getc(in);
			if (c == EOF)
				break;
		} else if (c == '"' || c == '\'') {
			quote = c;
			any = true;
			continue;
		} else if (replace ? c == '\n' : isspace(c)) {
			if (!any && !n) {
				continue;
			}
			*line_over = c == '\n';
			/* a blank at the end of a line joins the next */
			if (c != '\n') {
				int d;

				while ((d = getc(in)) == ' ' || d == '\t')
					continue;
				ungetc(d, in);
				if (d == '\n' && !most_lines) {
					getc(in);
				}
			}
			any = true;
			break;
		} else if (replace && !n && isspace(c)) {
			continue;
		}
		if (n + 2 > room)
			w = need(realloc(w, room *= 2));
		w[n++] = (char)c;
		any = true;
	}
	if (quote)
		errx(1, "unmatched %s quote", quote == '"' ? "double" : "single");
	w[n] = 0;
	if (!any && c == EOF) {
		free(w);
		return NULL;
	}
	if (end_word && !strcmp(w, end_word)) {
		free(w);
		return NULL;
	}
	return w;
}

int main(int argc, char **argv)
{
	static char *echo[] = { (char *)"echo", NULL };
	bool ever = false, line_over;
	long lines = 0, base = 0;
	char *w;
	int opt;

	help_option(argc, argv, help);
	in = stdin;
	while ((opt = option(argc, argv, "+0d:a:n:L:l:s:I:iP:E:e:rptx", names)) != -1) {
		switch (opt) {
		case '0':
			delimiter = 0;
			break;
		case 'd':
			delimiter = *optarg == '\\' ? (optarg[1] == 'n' ? '\n' :
						       optarg[1] == 't' ? '\t' :
						       optarg[1] == '0' ? 0 :
									  '\\') :
						      (unsigned char)*optarg;
			break;
		case 'a':
			in = fopen(optarg, "re");
			if (!in)
				err(1, "%s", optarg);
			break;
		case 'n':
			most_words = (long)number_arg(optarg, 1, 1 << 30, false);
			break;
		case 'L':
		case 'l':
			most_lines = (long)number_arg(optarg, 1, 1 << 30, false);
			break;
		case 's':
			most_size = (long)number_arg(optarg, 1, 1 << 30, false);
			break;
		case 'I':
		case 'i':
			replace = true;
			marker = optarg ? optarg : "{}";
			break;
		case 'P':
			jobs = (long)number_arg(optarg, 0, 10000, false);
			jobs = jobs ? jobs : 10000;
			break;
		case 'E':
		case 'e':
			end_word = *optarg ? optarg : NULL;
			break;
		case 'r':
			no_empty = true;
			break;
		case 'p':
			ask = true;
			break;
		case 't':
			verbose = true;
			break;
		case 'x':
			strict = true;
			break;
		default:
			usage(help, 1);
		}
	}
	fixed = optind < argc ? argv + optind : echo;
	fixed_count = optind < argc ? argc - optind : 1;
	for (int i = 0; i < fixed_count; i++)
		base += (long)strlen(fixed[i]) + 1;
	while ((w = next_word(&line_over))) {
		size_t n = strlen(w) + 1;

		if (replace) {
			run_replaced(w);
			free(w);
			ever = true;
			continue;
		}
		if (word_count && base + (long)(size + n) > most_size) {
			if (strict && (most_words || most_lines))
				errx(1, "argument list too long");
			run_words();
			lines = 0;
		}
		words = need(realloc(words, (word_count + 1) * sizeof(*words)));
		words[word_count++] = w;
		size += n;
		lines += line_over;
		ever = true;
		if ((most_words && (long)word_count >= most_words) ||
		    (most_lines && lines >= most_lines)) {
			run_words();
			lines = 0;
		}
	}
	if (word_count || (!ever && !no_empty && !replace))
		run_words();
	while (running)
		reap();
	free(words);
	return result;
}
