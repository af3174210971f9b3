/*
 * match.c - expressions with back-references, by trying: greedy choices first, every
 * other one remembered on a stack of our own. The longest match wins, among equal ones
 * the first found. Time may grow exponentially with the text, as it must.
 */
#include "regex_impl.h"

#include <stdlib.h>
#include <string.h>

/* Either a choice to come back to (slot < 0), or a value to restore on the way. */
struct entry {
	int slot;
	int pc;
	size_t at;
};

struct trial {
	const struct text *t;
	size_t *slots; /* begin and end of each group, then where each loop began its round */
	int count;
	struct entry *stack;
	size_t depth, room;
};

#define UNSET ((size_t)-1)

static int push(struct trial *tr, int slot, int pc, size_t at)
{
	if (tr->depth == tr->room) {
		size_t room = tr->room ? 2 * tr->room : 64;
		struct entry *p = realloc(tr->stack, room * sizeof(*p));

		if (!p)
			return -1;
		tr->stack = p;
		tr->room = room;
	}
	tr->stack[tr->depth++] = (struct entry){ slot, pc, at };
	return 0;
}

static int set_slot(struct trial *tr, int slot, size_t value)
{
	if (push(tr, slot, 0, tr->slots[slot]))
		return -1;
	tr->slots[slot] = value;
	return 0;
}

/* Back to the last choice; 0 when there is none. */
static int back(struct trial *tr, int *pc, size_t *at)
{
	while (tr->depth) {
		struct entry *e = &tr->stack[--tr->depth];

		if (e->slot < 0) {
			*pc = e->pc;
			*at = e->at;
			return 1;
		}
		tr->slots[e->slot] = e->at;
	}
	return 0;
}

static int same_text(const struct text *t, size_t a, size_t b, size_t n)
{
	while (n && b < t->len) {
		size_t an, bn;
		uint32_t x = __re_next(t, a, &an), y = __re_next(t, b, &bn);

		if (x != y && (!(t->re->flags & REG_ICASE) || towlower(x) != towlower(y)))
			return 0;
		if (an - a > n || an - a != bn - b)
			return 0;
		n -= an - a;
		a = an;
		b = bn;
	}
	return !n;
}

/* One instruction: 1 go on, 0 this way is blocked, -1 no memory. */
static int run(struct trial *tr, const struct inst *i, int *pc, size_t *at)
{
	const struct text *t = tr->t;
	int first_loop = 2 * (t->re->groups + 1);
	size_t next, begin, end;

	switch (i->op) {
	case I_SPLIT:
		if (push(tr, -1, i->y, *at))
			return -1;
		*pc = i->x;
		return 1;
	case I_JUMP:
		*pc = i->x;
		return 1;
	case I_SAVE:
		++*pc;
		return set_slot(tr, i->x, *at) ? -1 : 1;
	case I_LOOP:
		/* A round that took nothing is followed by none. */
		if (tr->slots[first_loop + i->x] == *at)
			return 0;
		++*pc;
		return set_slot(tr, first_loop + i->x, *at) ? -1 : 1;
	case I_ASSERT:
		++*pc;
		return __re_assert(t, (enum where)i->x, *at);
	case I_BACKREF:
		++*pc;
		begin = tr->slots[2 * i->x];
		end = tr->slots[2 * i->x + 1];
		if (begin == UNSET || end == UNSET || end < begin || end - begin > t->len - *at ||
		    !same_text(t, begin, *at, end - begin))
			return 0;
		*at += end - begin;
		return 1;
	default:
		++*pc;
		if (*at >= t->len || !__re_takes(t->re, i, __re_next(t, *at, &next)))
			return 0;
		*at = next;
		return 1;
	}
}

/* All ways from `from`; the longest end, its slots in `best`, or UNSET. */
static size_t attempt(struct trial *tr, size_t from, size_t *best, int *err)
{
	const struct regex *re = tr->t->re;
	size_t longest = UNSET, at = from;
	int pc = 0;

	for (int i = 0; i < tr->count; i++)
		tr->slots[i] = UNSET;
	tr->depth = 0;
	for (;;) {
		int go;

		if (pc == re->length) {
			if (longest == UNSET || at > longest) {
				longest = at;
				memcpy(best, tr->slots, (size_t)tr->count * sizeof(*best));
			}
			if (at == tr->t->len)
				return longest;
			go = 0;
		} else {
			go = run(tr, &re->prog[0][pc], &pc, &at);
		}
		if (go < 0) {
			*err = REG_ESPACE;
			return UNSET;
		}
		if (!go && !back(tr, &pc, &at))
			return longest;
	}
}

int __re_match(const struct text *t, size_t from, size_t n, regmatch_t *match)
{
	const struct regex *re = t->re;
	struct trial tr = { .t = t, .count = 2 * (re->groups + 1) + re->loops };
	int err = REG_NOMATCH;
	size_t *best;

	tr.slots = calloc(2 * (size_t)tr.count, sizeof(*tr.slots));
	if (!tr.slots)
		return REG_ESPACE;
	best = tr.slots + tr.count;
	for (size_t at = from; at <= t->len && err == REG_NOMATCH;) {
		size_t end, next = at + 1;

		end = attempt(&tr, at, best, &err);
		if (end != UNSET) {
			best[0] = at;
			best[1] = end;
			for (size_t i = 0; i < n && i <= (size_t)re->groups; i++) {
				if (best[2 * i] == UNSET || best[2 * i + 1] == UNSET)
					continue;
				match[i].rm_so = (regoff_t)best[2 * i];
				match[i].rm_eo = (regoff_t)best[2 * i + 1];
			}
			err = 0;
		}
		if (at < t->len)
			__re_next(t, at, &next);
		at = next;
	}
	free(tr.slots);
	free(tr.stack);
	return err;
}
