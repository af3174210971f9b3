/*
 * regex_impl.h - regular expressions from inside.
 *
 * An expression is parsed into a tree (parse.c), which is compiled twice into programs of
 * a nondeterministic automaton, one that reads forwards and one that reads backwards
 * (compile.c). exec.c runs a program over a text, all states at once, in time linear in
 * the text. submatch.c then finds which part of the match belongs to which subexpression.
 * What refers back to a subexpression is no regular language: match.c tries every way.
 */
#ifndef LIBPOSIX_REGEX_IMPL_H
#define LIBPOSIX_REGEX_IMPL_H

#include <regex.h>
#include <stddef.h>
#include <stdint.h>
#include <wctype.h>

enum node_kind {
	N_EMPTY,
	N_CHAR, /* chr */
	N_ANY,
	N_SET, /* set */
	N_ASSERT, /* chr: an enum where */
	N_CAT, /* kids */
	N_ALT, /* kids */
	N_STAR, /* the kid, any number of times */
	N_OPT, /* the kid or nothing */
	N_GROUP, /* the kid; chr: its number */
	N_BACKREF, /* chr */
};

enum where { AT_BOL, AT_EOL, AT_WORD, AT_NO_WORD, AT_WORD_BEGIN, AT_WORD_END, AT_BEGIN, AT_END };

struct set_item {
	uint32_t first, last; /* or, when class isn't 0, that class */
	wctype_t class;
};

struct set {
	uint32_t low[8]; /* bits of the characters below 256, all things considered */
	int negated, icase;
	int count;
	struct set_item item[]; /* for those above */
};

struct node {
	enum node_kind kind;
	int chr;
	struct set *set;
	struct node **kids;
	int count;
	int groups; /* subexpressions inside, this one too */
	int nullable;
	int at[2][2]; /* begin and end in the program forwards and in the one backwards */
};

enum op { I_CHAR, I_ANY, I_SET, I_ASSERT, I_SPLIT, I_JUMP, I_SAVE, I_BACKREF, I_LOOP };

struct inst {
	enum op op;
	int x, y; /* where to, or the character */
	const struct set *set;
};

/* What regcomp makes. */
struct regex {
	struct node *tree;
	struct inst *prog[2]; /* forwards, backwards; the end is one behind the last */
	int length;
	int flags;
	int groups;
	int backrefs;
	int loops; /* places that I_LOOP of match.c needs */
	int utf8;
	uint32_t first[8]; /* bytes a match may begin with */
	int first_any; /* or it may begin with nothing */
	struct chunk *memory; /* all of it but the programs */
};

/* A text being searched. Positions are offsets of bytes. */
struct text {
	const struct regex *re;
	const unsigned char *s;
	size_t len;
	int eflags;
};

struct chunk {
	struct chunk *next;
	size_t used, size;
	unsigned char mem[] __attribute__((aligned(16)));
};

/* Memory that lives as long as the expression; NULL: ENOMEM. */
void *__re_alloc(struct regex *re, size_t n);

/* A REG_ code, 0: *re has its tree. */
int __re_parse(struct regex *re, const char *pattern, int flags);
int __re_compile(struct regex *re);

int __re_set_has(const struct set *set, uint32_t c);
int __re_assert(const struct text *t, enum where where, size_t at);

/* The character at `at`, or before it; *next: behind (before) it. Bytes that are no
 * character of UTF-8 stand for themselves, above all others. */
uint32_t __re_next(const struct text *t, size_t at, size_t *next);
uint32_t __re_prev(const struct text *t, size_t at, size_t *next);

/* Does the instruction, I_CHAR to I_SET, take c? */
int __re_takes(const struct regex *re, const struct inst *i, uint32_t c);

/* The leftmost of the longest matches from `from` on: 0, REG_NOMATCH, REG_ESPACE. */
int __re_search(const struct text *t, size_t from, size_t *begin, size_t *end);

/*
 * Run the node's program forwards or backwards between low and high, from each place
 * whose bit is set in `seeds`; sets the bits of places where it can end in `ends`. Bits
 * count from low. Returns 0 or REG_ESPACE.
 */
int __re_reach(const struct text *t, const struct node *n, int backwards, size_t low, size_t high,
	       const uint64_t *seeds, uint64_t *ends);

/* For each place of a span the states of a node's program from which it can end well, the node's end among them. */
struct live {
	uint64_t *bits;
	size_t low, high, words; /* words of one place */
	int first;
};

#define LIVE(v, at, pc)                                                                  \
	((v)->bits[((at) - (v)->low) * (v)->words + (size_t)((pc) - (v)->first) / 64] >> \
		 (((pc) - (v)->first) % 64) &                                            \
	 1)

static inline void __re_set_live(const struct live *v, size_t at, int pc)
{
	v->bits[(at - v->low) * v->words + (size_t)(pc - v->first) / 64] |=
		1ul << ((pc - v->first) % 64);
}

/*
 * The node's rounds, one after another from low, each as far as it can to a place of `good`: where that begins which
 * ends at high; (size_t)-1: none does. Each character is read twice, however many rounds there are. 0 or REG_ESPACE.
 */
int __re_last_round(const struct text *t, const struct node *n, size_t low, size_t high,
		    const uint64_t *good, size_t *begin);

/* match[0] is known; fill the rest. */
int __re_submatch(const struct text *t, size_t n, regmatch_t *match);

/* For expressions with back-references: search and submatches at once. */
int __re_match(const struct text *t, size_t from, size_t n, regmatch_t *match);

#endif
