/*
 * submatch.c - which part of a match belongs to which subexpression: of all ways to
 * match, the one where each part, from left to right, is as long as it can be (POSIX
 * 9.1, "matched").
 *
 * A node and the span it matches are known. For a sequence the automaton is run backwards
 * from the end of the span, part by part, which marks the places where each part can
 * begin such that all that follows still fits; forwards then each part in turn takes the
 * farthest of these places that it reaches. Repetitions go the same way.
 */
#include "regex_impl.h"

#include <stdlib.h>
#include <string.h>

struct split {
	const struct text *t;
	size_t n;
	regmatch_t *match;
	int error;
};

#define BIT(set, i) ((set)[(i) / 64] >> ((i) % 64) & 1)

static void divide(struct split *s, const struct node *n, size_t low, size_t high);

static size_t words(size_t low, size_t high)
{
	return (high - low) / 64 + 1;
}

/* Sets of the places low..high. */
static uint64_t *places(struct split *s, size_t low, size_t high, size_t sets)
{
	uint64_t *p = calloc(words(low, high) * sets, sizeof(*p));

	if (!p)
		s->error = REG_ESPACE;
	return p;
}

static void mark(uint64_t *set, size_t i)
{
	set[i / 64] |= 1ul << (i % 64);
}

/* The farthest place that n reaches from `at` and `good` has; (size_t)-1: none. */
static size_t farthest(struct split *s, const struct node *n, size_t at, size_t high,
		       const uint64_t *good, size_t low)
{
	uint64_t *seeds = places(s, at, high, 2), *ends;
	size_t best = (size_t)-1;

	if (!seeds)
		return best;
	ends = seeds + words(at, high);
	mark(seeds, 0);
	s->error = __re_reach(s->t, n, 0, at, high, seeds, ends);
	for (size_t k = high; !s->error; k--) {
		if (BIT(ends, k - at) && BIT(good, k - low)) {
			best = k;
			break;
		}
		if (k == at)
			break;
	}
	free(seeds);
	return best;
}

static void divide_sequence(struct split *s, const struct node *n, size_t low, size_t high)
{
	size_t w = words(low, high), at = low;
	uint64_t *begin = places(s, low, high, (size_t)n->count + 1);

	if (!begin)
		return;
	/* begin + i * w: where part i may begin. */
	mark(begin + (size_t)n->count * w, high - low);
	for (int i = n->count - 1; i > 0 && !s->error; i--)
		s->error = __re_reach(s->t, n->kids[i], 1, low, high, begin + ((size_t)i + 1) * w,
				      begin + (size_t)i * w);
	for (int i = 0; i < n->count && !s->error; i++) {
		size_t end = farthest(s, n->kids[i], at, high, begin + ((size_t)i + 1) * w, low);

		if (end == (size_t)-1)
			break;
		divide(s, n->kids[i], at, end);
		at = end;
	}
	free(begin);
}

/* Has a subexpression of n a match from an earlier round? */
static int has_match(const struct split *s, const struct node *n)
{
	if (n->kind == N_GROUP)
		return (size_t)n->chr < s->n && s->match[n->chr].rm_so >= 0;
	for (int i = 0; i < n->count; i++)
		if (n->kids[i]->groups && has_match(s, n->kids[i]))
			return 1;
	return 0;
}

/* Only what the last round matched is kept, but each round must leave a way to the end. */
static void divide_star(struct split *s, const struct node *n, size_t low, size_t high)
{
	const struct node *kid = n->kids[0];
	uint64_t *good;
	size_t begin;

	if (low == high) {
		/* A round that takes nothing counts only if there is no other. */
		if (kid->nullable && !has_match(s, kid))
			divide(s, kid, low, high);
		return;
	}
	good = places(s, low, high, 2);
	if (!good)
		return;
	mark(good + words(low, high), high - low);
	s->error = __re_reach(s->t, n, 1, low, high, good + words(low, high), good);
	if (!s->error)
		s->error = __re_last_round(s->t, kid, low, high, good, &begin);
	if (!s->error && begin != (size_t)-1)
		divide(s, kid, begin, high);
	free(good);
}

static int matches(struct split *s, const struct node *n, size_t low, size_t high)
{
	uint64_t *seeds = places(s, low, high, 2);
	int is;

	if (!seeds)
		return 0;
	mark(seeds, 0);
	s->error = __re_reach(s->t, n, 0, low, high, seeds, seeds + words(low, high));
	is = (int)BIT(seeds + words(low, high), high - low);
	free(seeds);
	return is;
}

/* What an earlier round of a repetition left is not of this one. */
static void forget(struct split *s, const struct node *n)
{
	if (!n->groups)
		return;
	if (n->kind == N_GROUP && (size_t)n->chr < s->n)
		s->match[n->chr].rm_so = s->match[n->chr].rm_eo = -1;
	for (int i = 0; i < n->count; i++)
		forget(s, n->kids[i]);
}

static void divide(struct split *s, const struct node *n, size_t low, size_t high)
{
	if (!n->groups || s->error)
		return;
	switch (n->kind) {
	case N_CAT:
		divide_sequence(s, n, low, high);
		break;
	case N_ALT:
		for (int i = 0; i < n->count; i++) {
			if (matches(s, n->kids[i], low, high)) {
				divide(s, n->kids[i], low, high);
				return;
			}
		}
		break;
	case N_STAR:
		divide_star(s, n, low, high);
		break;
	case N_OPT:
		if (low < high || (n->kids[0]->nullable && !has_match(s, n->kids[0])))
			divide(s, n->kids[0], low, high);
		break;
	case N_GROUP:
		forget(s, n);
		if ((size_t)n->chr < s->n)
			s->match[n->chr] = (regmatch_t){ (regoff_t)low, (regoff_t)high };
		divide(s, n->kids[0], low, high);
		break;
	default:
		break;
	}
}

int __re_submatch(const struct text *t, size_t n, regmatch_t *match)
{
	struct split s = { .t = t, .n = n, .match = match };

	divide(&s, t->re->tree, (size_t)match[0].rm_so, (size_t)match[0].rm_eo);
	return s.error;
}
