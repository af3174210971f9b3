/*
 * match.c - patterns of ed, and what s puts in the place of a match.
 */
#include "common/common.h"
#include "ed.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS 10

static const regex_t *used, *held; /* the last pattern; that of the last s */

static void drop(const regex_t *re)
{
	if (re && re != used && re != held) {
		regfree((regex_t *)re);
		free((void *)re);
	}
}

void pattern_hold(const regex_t *re)
{
	const regex_t *old = held;

	held = re;
	drop(old);
}

/* The end of a bracket expression that begins behind s. */
static const char *bracket_end(const char *s)
{
	if (*s == '^')
		s++;
	if (*s == ']')
		s++;
	for (; *s && *s != '\n' && *s != ']'; s++) {
		if (*s == '[' && strchr(".:=", s[1]) && s[1]) {
			char kind = s[1];

			for (s += 2; *s && *s != '\n' && (*s != kind || s[1] != ']'); s++)
				continue;
			if (*s != kind)
				break;
			s++;
		}
	}
	if (*s != ']')
		fail("Unbalanced brackets ([])");
	return s;
}

const regex_t *pattern_read(void)
{
	static char why[128];
	const char *s = at + 1, *start = s;
	char delimiter = *at, *text;
	const regex_t *old;
	regex_t *re;
	size_t n = 0;
	int code;

	if (delimiter == ' ' || delimiter == '\n' || !delimiter)
		fail("Invalid pattern delimiter");
	text = need(malloc(strlen(s) + 1));
	for (; *s && *s != '\n' && *s != delimiter; s++) {
		if (*s == '[') {
			const char *end = bracket_end(s + 1);

			memcpy(text + n, s, (size_t)(end - s));
			n += (size_t)(end - s);
			s = end;
		} else if (*s == '\\' && s[1] && s[1] != '\n') {
			s++;
			if (*s != delimiter)
				text[n++] = '\\';
		}
		text[n++] = *s;
	}
	text[n] = 0;
	at = s + (*s == delimiter);
	if (s == start) {
		free(text);
		if (!used)
			fail("No previous pattern");
		return used;
	}
	re = need(malloc(sizeof(*re)));
	code = regcomp(re, text, 0);
	free(text);
	if (code) {
		regerror(code, re, why, sizeof(why));
		free(re);
		fail(why);
	}
	old = used;
	used = re;
	drop(old);
	return re;
}

/* From byte `from` of the line on, which may hold NULs. */
static bool match(const regex_t *re, const struct line *l, size_t from, regmatch_t *m)
{
	m[0].rm_so = (regoff_t)from;
	m[0].rm_eo = (regoff_t)l->n;
	return !regexec(re, l->text, GROUPS, m, REG_STARTEND | (from ? REG_NOTBOL : 0));
}

bool pattern_match(const regex_t *re, const struct line *l)
{
	regmatch_t m[GROUPS];

	return match(re, l, 0, m);
}

/* ---- s ----------------------------------------------------------------------------------- */

struct out {
	char *s;
	size_t n, room;
};

static void put(struct out *o, const char *s, size_t n)
{
	if (o->n + n > o->room)
		o->s = need(realloc(o->s, o->room = (o->n + n) * 2));
	if (n)
		memcpy(o->s + o->n, s, n);
	o->n += n;
}

static void put_replacement(struct out *o, const char *r, const char *s, const regmatch_t *m)
{
	for (; *r; r++) {
		int group = *r == '&' ? 0 : -1;

		if (*r == '\\' && r[1]) {
			r++;
			if (isdigit((unsigned char)*r))
				group = *r - '0';
		}
		if (group < 0)
			put(o, r, 1);
		else if (m[group].rm_so >= 0)
			put(o, s + m[group].rm_so, (size_t)(m[group].rm_eo - m[group].rm_so));
	}
}

char *substitute(const struct replacement *r, const struct line *l, size_t *n)
{
	struct out o = { 0 };
	regmatch_t m[GROUPS];
	size_t from = 0;
	long count = 0;
	bool done = false, matched = false;

	/* A match of nothing right behind another is none. */
	while (!done && from <= l->n && match(r->re, l, from, m)) {
		size_t so = (size_t)m[0].rm_so, eo = (size_t)m[0].rm_eo;

		if (so == eo && matched && so == from) {
			if (from == l->n)
				break;
			put(&o, l->text + from++, 1);
			matched = false;
			continue;
		}
		put(&o, l->text + from, so - from);
		if (++count >= r->nth) {
			put_replacement(&o, r->text, l->text, m);
			done = !r->all;
		} else {
			put(&o, l->text + so, eo - so);
		}
		from = eo;
		matched = true;
		if (so == eo && from < l->n && !done) {
			put(&o, l->text + from++, 1);
			matched = false;
		} else if (so == eo) {
			break;
		}
	}
	if (count < r->nth) {
		free(o.s);
		return NULL;
	}
	put(&o, l->text + from, l->n - from);
	*n = o.n;
	return need(o.s ? o.s : malloc(1));
}
