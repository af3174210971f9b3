/*
 * fmtmsg.c - fmtmsg(3): LABEL: SEVERITY: TEXT, and beneath it TO FIX: ACTION  TAG. MSGVERB names
 * which of these go to stderr; the console has all.
 */
#include <errno.h>
#include <fcntl.h>
#include <fmtmsg.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LABEL = 1, SEVERITY = 2, TEXT = 4, ACTION = 8, TAG = 16, ALL = 31 };

static const char *const severities[] = { NULL, "HALT", "ERROR", "WARNING", "INFO" };

/* What MSGVERB asks for; a word that is none of ours, or no word, and it counts as not set. */
static int wanted(void)
{
	static const char *const words[] = { "label", "severity", "text", "action", "tag" };
	const char *p = getenv("MSGVERB"), *end;
	int all = 0;

	if (!p || !*p)
		return ALL;
	for (;; p = end + 1) {
		int one = 0;

		end = strchrnul(p, ':');
		for (int i = 0; i < 5; i++)
			if (strlen(words[i]) == (size_t)(end - p) &&
			    !memcmp(words[i], p, (size_t)(end - p)))
				one = 1 << i;
		if (!one)
			return ALL;
		all |= one;
		if (!*end || !end[1])
			return all;
	}
}

struct message {
	const char *part[5]; /* label, severity, text, action, tag */
};

/* The parts of one line, from `from` until before `to`, with what stands between two of them. */
static int print_line(FILE *f, const struct message *m, int from, int to, const char *between)
{
	const char *before = "";
	int n = 0;

	for (int i = from; i < to; i++) {
		if (!m->part[i])
			continue;
		if (fprintf(f, "%s%s%s", before, 1 << i == ACTION ? "TO FIX: " : "", m->part[i]) <
		    0)
			return -1;
		before = between;
		n++;
	}
	return n;
}

/* A label or severity with nothing but an action behind it has its colon all the same. */
static int print(FILE *f, int parts, struct message m)
{
	int first, second = 0, bad;

	for (int i = 0; i < 5; i++) {
		if (!(parts & 1 << i))
			m.part[i] = NULL;
		second |= i >= 3 && m.part[i];
	}
	flockfile(f);
	first = print_line(f, &m, 0, 3, ": ");
	bad = first < 0 || (first && second && fputs(m.part[2] ? "\n" : ": ", f) < 0) ||
	      print_line(f, &m, 3, 5, "  ") < 0 || putc('\n', f) < 0;
	funlockfile(f);
	return bad ? -1 : 0;
}

/* Is it up to ten characters, a colon, and up to fourteen? */
static int label_good(const char *label)
{
	const char *colon = strchr(label, ':');

	return colon && colon - label <= 10 && strlen(colon + 1) <= 14;
}

int fmtmsg(long class, const char *label, int severity, const char *text, const char *action,
	   const char *tag)
{
	struct message m = { { label, NULL, text, action, tag } };
	int failed = 0, state;

	if (severity < 0 || severity > MM_INFO || (label && !label_good(label)))
		return MM_NOTOK;
	m.part[1] = severities[severity];
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	if ((class & MM_PRINT) && print(stderr, wanted(), m) < 0)
		failed |= MM_NOMSG;
	if (class & MM_CONSOLE) {
		int fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
		FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
		int bad = !f || print(f, ALL, m) < 0;

		if ((f ? fclose(f) : fd < 0 ? 0 : close(fd)) || bad)
			failed |= MM_NOCON;
	}
	pthread_setcancelstate(state, NULL);
	return failed == (MM_NOMSG | MM_NOCON) ? MM_NOTOK : failed;
}
