/*
 * compile.c - the tree of an expression into the programs of an automaton; regcomp,
 * regfree, regerror.
 */
#include "regex_impl.h"
#include "../locale/locale.h"

#include <stdlib.h>
#include <string.h>

/* How many instructions the node becomes. */
static int size_of(const struct node *n)
{
	int size = 0;

	for (int i = 0; i < n->count; i++)
		size += size_of(n->kids[i]);
	switch (n->kind) {
	case N_EMPTY:
	case N_CAT:
		return size;
	case N_ALT:
		return size + 2 * (n->count - 1);
	case N_STAR:
		return size + 3;
	case N_OPT:
		return size + 1;
	case N_GROUP:
		return size + 2;
	default:
		return 1;
	}
}

static struct inst *put(struct regex *re, int back, int *at, enum op op, int x, int y)
{
	struct inst *i = &re->prog[back][(*at)++];

	*i = (struct inst){ .op = op, .x = x, .y = y };
	return i;
}

static void emit(struct regex *re, struct node *n, int back, int *at)
{
	int begin = *at, split;

	switch (n->kind) {
	case N_EMPTY:
		break;
	case N_CHAR:
		put(re, back, at, I_CHAR, n->chr, 0);
		break;
	case N_ANY:
		put(re, back, at, I_ANY, 0, 0);
		break;
	case N_SET:
		put(re, back, at, I_SET, 0, 0)->set = n->set;
		break;
	case N_ASSERT:
		put(re, back, at, I_ASSERT, n->chr, 0);
		break;
	case N_BACKREF:
		put(re, back, at, I_BACKREF, n->chr, 0);
		break;
	case N_CAT:
		for (int i = 0; i < n->count; i++)
			emit(re, n->kids[back ? n->count - 1 - i : i], back, at);
		break;
	case N_ALT: {
		int end = begin + size_of(n);

		for (int i = 0; i < n->count; i++) {
			int last = i == n->count - 1;

			split = *at;
			if (!last)
				put(re, back, at, I_SPLIT, split + 1, 0);
			emit(re, n->kids[i], back, at);
			if (!last) {
				put(re, back, at, I_JUMP, end, 0);
				re->prog[back][split].y = *at;
			}
		}
		break;
	}
	case N_STAR:
		/* split body,end; body; loop (a round that took nothing ends); jump split */
		put(re, back, at, I_SPLIT, begin + 1, begin + size_of(n));
		put(re, back, at, I_LOOP, back ? 0 : re->loops++, 0);
		emit(re, n->kids[0], back, at);
		put(re, back, at, I_JUMP, begin, 0);
		break;
	case N_OPT:
		put(re, back, at, I_SPLIT, begin + 1, begin + size_of(n));
		emit(re, n->kids[0], back, at);
		break;
	case N_GROUP:
		put(re, back, at, I_SAVE, 2 * n->chr + back, 0);
		emit(re, n->kids[0], back, at);
		put(re, back, at, I_SAVE, 2 * n->chr + !back, 0);
		break;
	}
	n->at[back][0] = begin;
	n->at[back][1] = *at;
}

/* The bytes of which one must come first, unless a match may be empty. */
static void first_bytes(struct regex *re, const struct node *n)
{
	switch (n->kind) {
	case N_CHAR:
		if ((unsigned int)n->chr < 128 && !(re->flags & REG_ICASE)) {
			re->first[n->chr / 32] |= 1u << (n->chr % 32);
			return;
		}
		for (uint32_t c = 0; c < 256; c++)
			if (c >= 128 || towlower(c) == towlower((wint_t)n->chr))
				re->first[c / 32] |= 1u << (c % 32);
		return;
	case N_SET:
		for (uint32_t c = 0; c < 256; c++)
			if (c >= 128 || __re_set_has(n->set, c))
				re->first[c / 32] |= 1u << (c % 32);
		return;
	case N_ANY:
		memset(re->first, 0xff, sizeof(re->first));
		return;
	case N_CAT:
		for (int i = 0; i < n->count; i++) {
			first_bytes(re, n->kids[i]);
			if (!n->kids[i]->nullable)
				return;
		}
		return;
	default:
		for (int i = 0; i < n->count; i++)
			first_bytes(re, n->kids[i]);
	}
}

int __re_compile(struct regex *re)
{
	re->length = size_of(re->tree);
	for (int back = 0; back < 2; back++) {
		int at = 0;

		re->prog[back] = calloc((size_t)re->length + 1, sizeof(struct inst));
		if (!re->prog[back])
			return REG_ESPACE;
		emit(re, re->tree, back, &at);
	}
	first_bytes(re, re->tree);
	re->first_any = re->tree->nullable;
	return 0;
}

static void destroy(struct regex *re)
{
	struct chunk *c = re->memory;

	while (c) {
		struct chunk *next = c->next;

		free(c);
		c = next;
	}
	free(re->prog[0]);
	free(re->prog[1]);
	free(re);
}

int regcomp(regex_t *restrict out, const char *restrict pattern, int flags)
{
	struct regex *re = calloc(1, sizeof(*re));
	int err;

	out->__prog = NULL;
	if (!re)
		return REG_ESPACE;
	re->flags = flags;
	re->utf8 = __utf8();
	err = __re_parse(re, pattern, flags);
	if (!err)
		err = __re_compile(re);
	if (err) {
		destroy(re);
		return err;
	}
	out->re_nsub = (size_t)re->groups;
	out->__prog = re;
	return 0;
}

void regfree(regex_t *re)
{
	if (re->__prog)
		destroy(re->__prog);
	re->__prog = NULL;
}

size_t regerror(int err, const regex_t *restrict re, char *restrict buf, size_t size)
{
	static const char *const words[] = {
		[REG_OK] = "Success",
		[REG_NOMATCH] = "No match",
		[REG_BADPAT] = "Invalid regular expression",
		[REG_ECOLLATE] = "Invalid collation character",
		[REG_ECTYPE] = "Invalid character class name",
		[REG_EESCAPE] = "Trailing backslash",
		[REG_ESUBREG] = "Invalid back reference",
		[REG_EBRACK] = "Unmatched [, [^, [:, [., or [=",
		[REG_EPAREN] = "Unmatched ( or \\(",
		[REG_EBRACE] = "Unmatched { or \\{",
		[REG_BADBR] = "Invalid content of \\{\\}",
		[REG_ERANGE] = "Invalid range end",
		[REG_ESPACE] = "Memory exhausted",
		[REG_BADRPT] = "Invalid preceding regular expression",
	};
	const char *w = "Unknown error";

	(void)re;
	if (err >= 0 && err < (int)(sizeof(words) / sizeof(*words)))
		w = words[err];
	return strlcpy(buf, w, size) + 1;
}
