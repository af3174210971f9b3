/*
 * parse.c - basic and extended regular expressions into a tree (POSIX 9.3, 9.4), with
 * what GNU adds: \+ \? \| in basic ones, \< \> \b \B \w \W \s \S \` \' in both, and
 * back-references in extended ones.
 */
#include "regex_impl.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define NODES_MAX 60000 /* repetitions are copies */
#define DEPTH_MAX 250

struct parser {
	struct regex *re;
	const char *p;
	int extended, icase, newline;
	int error;
	int nodes;
	int depth;
	unsigned int closed; /* groups 1 to 9 that back-references may name */
};

void *__re_alloc(struct regex *re, size_t n)
{
	struct chunk *c = re->memory;

	n = (n + 15) & ~(size_t)15;
	if (!c || c->size - c->used < n) {
		size_t size = n > 2000 ? n : 2000;

		c = malloc(sizeof(*c) + size);
		if (!c)
			return NULL;
		*c = (struct chunk){ .next = re->memory, .size = size };
		re->memory = c;
	}
	c->used += n;
	return memset(c->mem + c->used - n, 0, n);
}

static struct node *fail(struct parser *ps, int error)
{
	if (!ps->error)
		ps->error = error;
	return NULL;
}

static struct node *new_node(struct parser *ps, enum node_kind kind, int chr)
{
	struct node *n;

	if (++ps->nodes > NODES_MAX)
		return fail(ps, REG_ESPACE);
	n = __re_alloc(ps->re, sizeof(*n));
	if (!n)
		return fail(ps, REG_ESPACE);
	n->kind = kind;
	n->chr = chr;
	n->nullable = kind == N_EMPTY || kind == N_ASSERT || kind == N_STAR || kind == N_OPT ||
		      kind == N_BACKREF;
	return n;
}

/* Append a child; the array doubles at each power of two. */
static int add_kid(struct parser *ps, struct node *n, struct node *kid)
{
	if (!kid)
		return -1;
	if (!(n->count & (n->count - 1))) {
		size_t room = n->count ? 2 * (size_t)n->count : 1;
		struct node **kids = __re_alloc(ps->re, room * sizeof(*kids));

		if (!kids) {
			fail(ps, REG_ESPACE);
			return -1;
		}
		if (n->count)
			memcpy(kids, n->kids, (size_t)n->count * sizeof(*kids));
		n->kids = kids;
	}
	n->kids[n->count++] = kid;
	n->groups += kid->groups;
	return 0;
}

static struct node *with_kid(struct parser *ps, enum node_kind kind, int chr, struct node *kid)
{
	struct node *n = new_node(ps, kind, chr);

	if (!n || add_kid(ps, n, kid))
		return NULL;
	if (kind == N_GROUP) {
		n->groups++;
		n->nullable = kid->nullable;
	}
	return n;
}

/* One character of the pattern, *p behind it. */
static uint32_t take_char(struct parser *ps)
{
	struct text t = { .re = ps->re, .s = (const unsigned char *)ps->p };
	size_t next;
	uint32_t c;

	t.len = strnlen(ps->p, 4);
	c = __re_next(&t, 0, &next);
	ps->p += next;
	if (c >> 31 && ps->re->utf8)
		fail(ps, REG_BADPAT);
	return c;
}

/* ---- sets ---------------------------------------------------------------------------- */

static int add_item(struct parser *ps, struct set **set, uint32_t first, uint32_t last,
		    wctype_t class)
{
	struct set *s = *set;

	if (!(s->count & (s->count + 1)) || s->count == 0) {
		size_t room = 2 * (size_t)s->count + 2;
		struct set *bigger = __re_alloc(ps->re, sizeof(*s) + room * sizeof(s->item[0]));

		if (!bigger) {
			fail(ps, REG_ESPACE);
			return -1;
		}
		memcpy(bigger, s, sizeof(*s) + (size_t)s->count * sizeof(s->item[0]));
		*set = s = bigger;
	}
	s->item[s->count++] = (struct set_item){ first, last, class };
	return 0;
}

static int item_has(const struct set_item *i, uint32_t c)
{
	if (i->class)
		return iswctype((wint_t)c, i->class);
	return c >= i->first && c <= i->last;
}

static int listed(const struct set *s, uint32_t c)
{
	for (int i = 0; i < s->count; i++)
		if (item_has(&s->item[i], c))
			return 1;
	return 0;
}

static int slow_has(const struct set *s, uint32_t c)
{
	int has = listed(s, c);

	if (!has && s->icase)
		has = listed(s, towlower(c)) || listed(s, towupper(c));
	return has;
}

int __re_set_has(const struct set *s, uint32_t c)
{
	if (c < 256)
		return (int)(s->low[c / 32] >> (c % 32) & 1);
	return slow_has(s, c) != s->negated;
}

static struct node *finish_set(struct parser *ps, struct set *s)
{
	struct node *n = new_node(ps, N_SET, 0);

	if (!n)
		return NULL;
	s->icase = ps->icase;
	for (uint32_t c = 0; c < 256; c++) {
		int has = slow_has(s, c) != s->negated;

		if (c == '\n' && s->negated && ps->newline)
			has = 0;
		s->low[c / 32] |= (uint32_t)has << (c % 32);
	}
	n->set = s;
	return n;
}

/* [:class:] [=x=] [.x.], p behind the first [ and its sign. *one: a single character. */
static int bracket_name(struct parser *ps, struct set **s, uint32_t *one)
{
	char sign = *ps->p++;
	char name[16], end[3] = { sign, ']', 0 };
	const char *close = strstr(ps->p, end);
	size_t n = close ? (size_t)(close - ps->p) : 0;
	wctype_t class;

	if (!close) {
		fail(ps, REG_EBRACK);
		return -1;
	}
	if (sign != ':') {
		const char *begin = ps->p;

		*one = n ? take_char(ps) : 0;
		if (!n || ps->p != begin + n) {
			fail(ps, REG_ECOLLATE);
			return -1;
		}
		ps->p = close + 2;
		return 1;
	}
	if (n < sizeof(name)) {
		memcpy(name, ps->p, n);
		name[n] = 0;
	}
	class = n < sizeof(name) ? wctype(name) : 0;
	if (!class) {
		fail(ps, REG_ECTYPE);
		return -1;
	}
	ps->p = close + 2;
	return add_item(ps, s, 0, 0, class);
}

/* A member of a set: 1 with its character, 0 when it was a class, -1 an error. */
static int set_member(struct parser *ps, struct set **s, uint32_t *c)
{
	if (ps->p[0] == '[' && (ps->p[1] == ':' || ps->p[1] == '=' || ps->p[1] == '.')) {
		ps->p++;
		return bracket_name(ps, s, c);
	}
	if (!*ps->p) {
		fail(ps, REG_EBRACK);
		return -1;
	}
	*c = take_char(ps);
	return 1;
}

/* p is behind the [. */
static struct node *parse_set(struct parser *ps)
{
	struct set *s = __re_alloc(ps->re, sizeof(*s));
	const char *begin;

	if (!s)
		return fail(ps, REG_ESPACE);
	if (*ps->p == '^') {
		s->negated = 1;
		ps->p++;
	}
	for (begin = ps->p; *ps->p != ']' || ps->p == begin;) {
		uint32_t c, last;
		int single = set_member(ps, &s, &c);

		if (single < 0)
			return NULL;
		if (!single) {
			if (ps->p[0] == '-' && ps->p[1] != ']')
				return fail(ps, REG_ERANGE);
			continue;
		}
		last = c;
		if (ps->p[0] == '-' && ps->p[1] != ']') {
			ps->p++;
			single = set_member(ps, &s, &last);
			if (single < 0)
				return NULL;
			if (!single || last < c)
				return fail(ps, REG_ERANGE);
		}
		if (add_item(ps, &s, c, last, 0))
			return NULL;
	}
	ps->p++;
	return finish_set(ps, s);
}

/* \w \W \s \S */
static struct node *class_set(struct parser *ps, char letter)
{
	struct set *s = __re_alloc(ps->re, sizeof(*s));

	if (!s)
		return fail(ps, REG_ESPACE);
	if ((letter | 32) == 'w') {
		if (add_item(ps, &s, 0, 0, wctype("alnum")) || add_item(ps, &s, '_', '_', 0))
			return NULL;
	} else if (add_item(ps, &s, 0, 0, wctype("space"))) {
		return NULL;
	}
	s->negated = letter < 'a';
	return finish_set(ps, s);
}

/* ---- what repeats -------------------------------------------------------------------- */

static struct node *copy(struct parser *ps, const struct node *from)
{
	struct node *n = new_node(ps, from->kind, from->chr);

	if (!n)
		return NULL;
	n->set = from->set;
	n->nullable = from->nullable;
	for (int i = 0; i < from->count; i++)
		if (add_kid(ps, n, copy(ps, from->kids[i])))
			return NULL;
	n->groups = from->groups;
	return n;
}

/* low copies, and up to high - low more, each inside the one before; high -1: any number. */
static struct node *repeat(struct parser *ps, struct node *what, int low, int high)
{
	struct node *cat, *tail = NULL;

	if (low == 0 && high == -1)
		return with_kid(ps, N_STAR, 0, what);
	if (low == 0 && high == 1)
		return with_kid(ps, N_OPT, 0, what);
	if (low == 1 && high == 1)
		return what;
	cat = new_node(ps, N_CAT, 0);
	if (!cat)
		return NULL;
	if (!high) {
		/* Nothing at all, but its groups exist. */
		cat->nullable = 1;
		cat->groups = what->groups;
		return cat;
	}
	for (int i = 0; i < low; i++)
		if (add_kid(ps, cat, i ? copy(ps, what) : what))
			return NULL;
	if (high == -1) {
		tail = with_kid(ps, N_STAR, 0, copy(ps, what));
		if (!tail)
			return NULL;
	}
	for (int i = low; i < high; i++) {
		struct node *inner = new_node(ps, N_CAT, 0);

		if (!inner || add_kid(ps, inner, copy(ps, what)) ||
		    (tail && add_kid(ps, inner, tail)))
			return NULL;
		inner->nullable = what->nullable;
		tail = with_kid(ps, N_OPT, 0, inner);
		if (!tail)
			return NULL;
	}
	if (tail && add_kid(ps, cat, tail))
		return NULL;
	cat->nullable = !low || what->nullable;
	return cat;
}

static int bound(struct parser *ps)
{
	int n = 0;

	if (*ps->p < '0' || *ps->p > '9')
		return -1;
	while (*ps->p >= '0' && *ps->p <= '9' && n <= RE_DUP_MAX)
		n = n * 10 + *ps->p++ - '0';
	return n;
}

/* p is behind the brace. */
static struct node *interval(struct parser *ps, struct node *what)
{
	int low = bound(ps), high = low;

	if (*ps->p == ',') {
		ps->p++;
		high = bound(ps);
		if (low < 0)
			low = 0;
	} else if (low < 0) {
		return fail(ps, *ps->p ? REG_BADBR : REG_EBRACE);
	}
	if (!*ps->p)
		return fail(ps, REG_EBRACE);
	if (!ps->extended && *ps->p++ != '\\')
		return fail(ps, REG_BADBR);
	if (*ps->p++ != '}')
		return fail(ps, REG_BADBR);
	if (low > RE_DUP_MAX || high > RE_DUP_MAX || (high >= 0 && low > high))
		return fail(ps, REG_BADBR);
	return repeat(ps, what, low, high);
}

/* The sign of repetition at p, past which p goes; 0 for none. '{' for an interval. */
static int repetition(struct parser *ps)
{
	const char *p = ps->p;

	if (*p == '*') {
		ps->p++;
		return '*';
	}
	if (ps->extended ? *p && strchr("+?{", *p) : p[0] == '\\' && p[1] && strchr("+?{", p[1])) {
		ps->p += ps->extended ? 1 : 2;
		return ps->p[-1];
	}
	return 0;
}

/* ---- the grammar --------------------------------------------------------------------- */

static struct node *parse_alternatives(struct parser *ps);

static int at_bar(const struct parser *ps)
{
	return ps->extended ? ps->p[0] == '|' : ps->p[0] == '\\' && ps->p[1] == '|';
}

static int at_close(const struct parser *ps)
{
	if (!ps->depth)
		return 0;
	return ps->extended ? ps->p[0] == ')' : ps->p[0] == '\\' && ps->p[1] == ')';
}

/* p is behind the opening parenthesis. */
static struct node *parse_group(struct parser *ps)
{
	int number = ++ps->re->groups;
	struct node *n;

	if (++ps->depth > DEPTH_MAX)
		return fail(ps, REG_ESPACE);
	n = parse_alternatives(ps);
	if (!n)
		return NULL;
	if (!at_close(ps))
		return fail(ps, REG_EPAREN);
	ps->p += ps->extended ? 1 : 2;
	ps->depth--;
	if (number < 10)
		ps->closed |= 1u << number;
	return with_kid(ps, N_GROUP, number, n);
}

static struct node *parse_escape(struct parser *ps)
{
	static const char letters[] = "bB<>`'";
	static const unsigned char wheres[] = { AT_WORD,     AT_NO_WORD, AT_WORD_BEGIN,
						AT_WORD_END, AT_BEGIN,	 AT_END };
	const char *found;
	char c = *ps->p;

	if (!c)
		return fail(ps, REG_EESCAPE);
	if (c >= '1' && c <= '9') {
		ps->p++;
		if (!(ps->closed & 1u << (c - '0')))
			return fail(ps, REG_ESUBREG);
		ps->re->backrefs = 1;
		return new_node(ps, N_BACKREF, c - '0');
	}
	if (strchr("wWsS", c)) {
		ps->p++;
		return class_set(ps, c);
	}
	found = strchr(letters, c);
	if (found) {
		ps->p++;
		return new_node(ps, N_ASSERT, wheres[found - letters]);
	}
	if (!ps->extended && c == ')')
		return fail(ps, REG_EPAREN);
	if (!ps->extended && c == '}')
		return fail(ps, REG_EBRACE);
	return new_node(ps, N_CHAR, (int)take_char(ps));
}

/* Is the $ at p an anchor of a basic expression? */
static int ends_here(const struct parser *ps)
{
	const char *p = ps->p + 1;

	return !*p || (p[0] == '\\' && (p[1] == ')' || p[1] == '|'));
}

/* One thing that may be repeated. `first`: it begins a branch. */
static struct node *parse_atom(struct parser *ps, int first)
{
	switch (*ps->p) {
	case '.':
		ps->p++;
		return new_node(ps, N_ANY, 0);
	case '[':
		ps->p++;
		return parse_set(ps);
	case '^':
		if (!ps->extended && !first)
			break;
		ps->p++;
		return new_node(ps, N_ASSERT, AT_BOL);
	case '$':
		if (!ps->extended && !ends_here(ps))
			break;
		ps->p++;
		return new_node(ps, N_ASSERT, AT_EOL);
	case '(':
		if (!ps->extended)
			break;
		ps->p++;
		return parse_group(ps);
	case '*':
	case '+':
	case '?':
	case '{':
		if (ps->extended)
			return fail(ps, REG_BADRPT);
		break;
	case '\\':
		ps->p++;
		if (!ps->extended && *ps->p == '(') {
			ps->p++;
			return parse_group(ps);
		}
		if (!ps->extended && *ps->p == '{' && first)
			return fail(ps, REG_BADRPT);
		return parse_escape(ps);
	default:
		break;
	}
	return new_node(ps, N_CHAR, (int)take_char(ps));
}

static struct node *parse_branch(struct parser *ps)
{
	struct node *cat = new_node(ps, N_CAT, 0);
	int first = 1;

	if (!cat)
		return NULL;
	cat->nullable = 1;
	while (*ps->p && !ps->error && !at_bar(ps) && !at_close(ps)) {
		int anchor = !ps->extended && *ps->p == '^';
		struct node *n = parse_atom(ps, first);
		int sign;

		/* After an anchor a star of a basic expression is just a star. */
		first = n && anchor && n->kind == N_ASSERT;
		while (n && !first && (sign = repetition(ps))) {
			if (sign == '*')
				n = repeat(ps, n, 0, -1);
			else if (sign == '+')
				n = repeat(ps, n, 1, -1);
			else if (sign == '?')
				n = repeat(ps, n, 0, 1);
			else
				n = interval(ps, n);
		}
		if (!n || add_kid(ps, cat, n))
			return NULL;
		cat->nullable &= n->nullable;
	}
	return cat;
}

static struct node *parse_alternatives(struct parser *ps)
{
	struct node *n = parse_branch(ps), *alt;

	if (!n || !at_bar(ps))
		return n;
	alt = new_node(ps, N_ALT, 0);
	if (!alt || add_kid(ps, alt, n))
		return NULL;
	alt->nullable = n->nullable;
	while (at_bar(ps)) {
		ps->p += ps->extended ? 1 : 2;
		n = parse_branch(ps);
		if (!n || add_kid(ps, alt, n))
			return NULL;
		alt->nullable |= n->nullable;
	}
	return alt;
}

int __re_parse(struct regex *re, const char *pattern, int flags)
{
	struct parser ps = { .re = re,
			     .p = pattern,
			     .extended = flags & REG_EXTENDED,
			     .icase = flags & REG_ICASE,
			     .newline = flags & REG_NEWLINE };

	re->tree = parse_alternatives(&ps);
	if (!ps.error && *ps.p)
		fail(&ps, REG_EPAREN);
	return ps.error;
}
