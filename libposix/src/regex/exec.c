/*
 * exec.c - the automaton of a regular expression over a text: all states it can be in
 * are kept at once, each with the earliest place its match began at, so that the time is
 * linear in the text; regexec.
 */
#include "regex_impl.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define NO_CHAR 0x80000000u /* and a byte: one that is no character */

uint32_t __re_next(const struct text *t, size_t at, size_t *next)
{
	unsigned char b = t->s[at];
	mbstate_t st = { 0 };
	wchar_t wc;
	size_t k;

	*next = at + 1;
	if (b < 128)
		return b;
	if (!t->re->utf8)
		return NO_CHAR | b;
	k = mbrtowc(&wc, (const char *)t->s + at, t->len - at < 4 ? t->len - at : 4, &st);
	if (k >= (size_t)-2 || k == 0)
		return NO_CHAR | b;
	*next = at + k;
	return (uint32_t)wc;
}

uint32_t __re_prev(const struct text *t, size_t at, size_t *next)
{
	unsigned char b = t->s[at - 1];

	if (b >= 128 && t->re->utf8) {
		for (size_t k = 2; k <= 4 && k <= at; k++) {
			size_t end;
			uint32_t c;

			if ((t->s[at - k] & 0xc0) == 0x80)
				continue;
			c = __re_next(t, at - k, &end);
			if (end == at) {
				*next = at - k;
				return c;
			}
			break;
		}
	}
	*next = at - 1;
	return b < 128 ? b : NO_CHAR | b;
}

static int word_char(uint32_t c)
{
	return c == '_' || iswalnum(c);
}

int __re_assert(const struct text *t, enum where where, size_t at)
{
	int newline = t->re->flags & REG_NEWLINE;
	size_t next;
	int before, after;

	switch (where) {
	case AT_BOL:
		return (at == 0 && !(t->eflags & REG_NOTBOL)) ||
		       (newline && at && t->s[at - 1] == '\n');
	case AT_EOL:
		return (at == t->len && !(t->eflags & REG_NOTEOL)) ||
		       (newline && at < t->len && t->s[at] == '\n');
	case AT_BEGIN:
		return at == 0;
	case AT_END:
		return at == t->len;
	default:
		break;
	}
	before = at && word_char(__re_prev(t, at, &next));
	after = at < t->len && word_char(__re_next(t, at, &next));
	switch (where) {
	case AT_WORD:
		return before != after;
	case AT_NO_WORD:
		return before == after;
	case AT_WORD_BEGIN:
		return !before && after;
	default:
		return before && !after;
	}
}

int __re_takes(const struct regex *re, const struct inst *i, uint32_t c)
{
	switch (i->op) {
	case I_CHAR:
		if ((uint32_t)i->x == c)
			return 1;
		return re->flags & REG_ICASE && !(c & NO_CHAR) &&
		       (towlower(c) == towlower((wint_t)i->x) ||
			towupper(c) == towupper((wint_t)i->x));
	case I_ANY:
		return !(c == '\n' && re->flags & REG_NEWLINE);
	case I_SET:
		/* Bytes of the C locale have no class, but they are in what excludes others. */
		if (c & NO_CHAR && !re->utf8)
			return __re_set_has(i->set, c);
		return !(c & NO_CHAR) && __re_set_has(i->set, c);
	default:
		return 0;
	}
}

/* States in the order they were reached; `seen` says which are there. */
struct states {
	int *pc;
	size_t *from;
	int count;
	int *place; /* of a pc in the list, when that says so too */
};

struct run {
	const struct text *t;
	const struct inst *prog;
	int end;
	const struct live *live; /* states that are not in it are left out; NULL: all count */
	struct states now, next;
	int *stack;
	void *memory;
};

static int start(struct run *r, const struct text *t, int back)
{
	size_t n = (size_t)t->re->length + 1;
	char *m = malloc(n * (2 * sizeof(size_t) + 6 * sizeof(int)));

	if (!m)
		return REG_ESPACE;
	*r = (struct run){ .t = t, .prog = t->re->prog[back], .memory = m };
	r->now.from = (size_t *)(void *)m;
	r->next.from = r->now.from + n;
	r->now.pc = (int *)(r->next.from + n);
	r->next.pc = r->now.pc + n;
	r->now.place = r->next.pc + n;
	r->next.place = r->now.place + n;
	r->stack = r->next.place + n; /* each state is pushed twice at most */
	memset(r->now.place, 0, 2 * n * sizeof(int));
	return 0;
}

static int have(const struct states *s, int pc)
{
	int k = s->place[pc];

	return k < s->count && s->pc[k] == pc;
}

/* Add pc and what follows from it without reading, all with the match's begin. */
static void add(struct run *r, struct states *s, int pc, size_t from, size_t at)
{
	int depth = 0;

	r->stack[depth++] = pc;
	while (depth) {
		const struct inst *i;

		pc = r->stack[--depth];
		/* Earlier begins are added first, so what is there is never worse. */
		if (have(s, pc) || (r->live && !LIVE(r->live, at, pc)))
			continue;
		s->place[pc] = s->count;
		s->pc[s->count] = pc;
		s->from[s->count++] = from;
		if (pc == r->end)
			continue;
		i = &r->prog[pc];
		switch (i->op) {
		case I_SPLIT:
			r->stack[depth++] = i->y;
			r->stack[depth++] = i->x;
			break;
		case I_JUMP:
			r->stack[depth++] = i->x;
			break;
		case I_SAVE:
		case I_LOOP:
			r->stack[depth++] = pc + 1;
			break;
		case I_ASSERT:
			if (__re_assert(r->t, (enum where)i->x, at))
				r->stack[depth++] = pc + 1;
			break;
		default:
			break;
		}
	}
}

static void swap(struct run *r)
{
	struct states s = r->now;

	r->now = r->next;
	r->next = s;
	r->next.count = 0;
}

/* Read c: the states after it, in `now`. Those that began after `limit` are dropped. */
static void step(struct run *r, uint32_t c, size_t next, size_t limit)
{
	for (int k = 0; k < r->now.count; k++) {
		int pc = r->now.pc[k];

		if (pc == r->end || r->now.from[k] > limit)
			continue;
		if (__re_takes(r->t->re, &r->prog[pc], c))
			add(r, &r->next, pc + 1, r->now.from[k], next);
	}
	swap(r);
}

/* Where a match may begin, from `at` on. */
static size_t skip(const struct text *t, size_t at)
{
	const struct regex *re = t->re;

	if (!re->first_any)
		while (at < t->len && !(re->first[t->s[at] / 32] >> (t->s[at] % 32) & 1))
			at++;
	return at;
}

int __re_search(const struct text *t, size_t from, size_t *begin, size_t *end)
{
	size_t best = (size_t)-1, best_end = 0;
	struct run r;

	if (start(&r, t, 0))
		return REG_ESPACE;
	r.end = t->re->length;
	for (size_t at = from, next;; at = next) {
		if (!r.now.count && best == (size_t)-1)
			at = skip(t, at);
		if (best == (size_t)-1)
			add(&r, &r.now, 0, at, at);
		if (have(&r.now, r.end)) {
			size_t b = r.now.from[r.now.place[r.end]];

			if (b <= best) {
				best = b;
				best_end = at;
			}
		}
		if (at >= t->len || (!r.now.count && best != (size_t)-1))
			break;
		step(&r, __re_next(t, at, &next), next, best);
	}
	free(r.memory);
	if (best == (size_t)-1)
		return REG_NOMATCH;
	*begin = best;
	*end = best_end;
	return 0;
}

#define BIT(set, i) ((set)[(i) / 64] >> ((i) % 64) & 1)

int __re_reach(const struct text *t, const struct node *n, int back, size_t low, size_t high,
	       const uint64_t *seeds, uint64_t *ends)
{
	size_t at = back ? high : low, next;
	struct run r;

	if (start(&r, t, back))
		return REG_ESPACE;
	r.end = n->at[back][1];
	for (;; at = next) {
		if (BIT(seeds, at - low))
			add(&r, &r.now, n->at[back][0], 0, at);
		if (have(&r.now, r.end))
			ends[(at - low) / 64] |= 1ul << ((at - low) % 64);
		if (at == (back ? low : high))
			break;
		if (back)
			step(&r, __re_prev(t, at, &next), next, 0);
		else
			step(&r, __re_next(t, at, &next), next, 0);
		/* A character across the border belongs to nobody. */
		if (next < low || next > high)
			break;
	}
	free(r.memory);
	return 0;
}

/* Which states at `at` lead on: those of the same place are asked until nothing changes. */
static void live_at(const struct live *v, const struct text *t, const struct node *n, size_t at)
{
	int first = n->at[0][0], end = n->at[0][1], changed = 1;
	size_t next = v->high + 1;
	uint32_t c = 0;

	if (at < v->high)
		c = __re_next(t, at, &next);
	while (changed) {
		changed = 0;
		for (int pc = end - 1; pc >= first; pc--) {
			const struct inst *i = &t->re->prog[0][pc];
			int is;

			if (LIVE(v, at, pc))
				continue;
			if (i->op == I_SPLIT)
				is = LIVE(v, at, i->x) || LIVE(v, at, i->y);
			else if (i->op == I_JUMP)
				is = LIVE(v, at, i->x);
			else if (i->op == I_SAVE || i->op == I_LOOP)
				is = LIVE(v, at, pc + 1);
			else if (i->op == I_ASSERT)
				is = LIVE(v, at, pc + 1) && __re_assert(t, (enum where)i->x, at);
			else
				is = next <= v->high && LIVE(v, next, pc + 1) &&
				     __re_takes(t->re, i, c);
			if (is) {
				__re_set_live(v, at, pc);
				changed = 1;
			}
		}
	}
}

int __re_last_round(const struct text *t, const struct node *n, size_t low, size_t high,
		    const uint64_t *good, size_t *begin)
{
	struct live v = { .low = low, .high = high, .first = n->at[0][0] };
	struct run r;

	*begin = (size_t)-1;
	v.words = (size_t)(n->at[0][1] - v.first) / 64 + 1;
	v.bits = calloc((high - low + 1) * v.words, sizeof(*v.bits));
	if (!v.bits)
		return REG_ESPACE;
	if (start(&r, t, 0)) {
		free(v.bits);
		return REG_ESPACE;
	}
	for (size_t at = high, next;; at = next) {
		if (BIT(good, at - low))
			__re_set_live(&v, at, n->at[0][1]);
		live_at(&v, t, n, at);
		if (at == low)
			break;
		__re_prev(t, at, &next);
		if (next < low)
			break;
	}
	r.end = n->at[0][1];
	r.live = &v;
	for (size_t at = low, end, next; at < high; at = end) {
		end = at;
		r.now.count = 0;
		add(&r, &r.now, n->at[0][0], 0, at);
		/* a state that is there leads on, so no step is in vain */
		for (size_t here = at; r.now.count && here < high; here = next) {
			step(&r, __re_next(t, here, &next), next, 0);
			if (have(&r.now, r.end))
				end = next;
		}
		if (end == at)
			break;
		if (end == high)
			*begin = at;
	}
	free(r.memory);
	free(v.bits);
	return 0;
}

int regexec(const regex_t *restrict preg, const char *restrict s, size_t n,
	    regmatch_t *restrict match, int flags)
{
	const struct regex *re = preg->__prog;
	struct text t = { .re = re, .s = (const unsigned char *)s, .eflags = flags };
	regmatch_t whole;
	size_t begin, end, from = 0;
	int err;

	if (re->flags & REG_NOSUB)
		n = 0;
	if (flags & REG_STARTEND) {
		from = (size_t)match[0].rm_so;
		t.len = (size_t)match[0].rm_eo;
		/* Offsets stay those of s, but the text begins there. */
		t.s += from;
		t.len -= from;
	} else {
		t.len = strlen(s);
	}
	for (size_t i = 0; i < n; i++)
		match[i].rm_so = match[i].rm_eo = -1;
	if (re->backrefs) {
		err = __re_match(&t, 0, n, match);
	} else {
		err = __re_search(&t, 0, &begin, &end);
		if (!err && n) {
			whole = (regmatch_t){ (regoff_t)begin, (regoff_t)end };
			match[0] = whole;
			if (n > 1 && re->groups)
				err = __re_submatch(&t, n, match);
		}
	}
	for (size_t i = 0; !err && from && i < n; i++) {
		if (match[i].rm_so >= 0) {
			match[i].rm_so += (regoff_t)from;
			match[i].rm_eo += (regoff_t)from;
		}
	}
	return err;
}
