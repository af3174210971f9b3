/*
 * arith.c - $(( )): C's integer expressions in signed longs (XCU 2.6.4). Names are variables, whose values
 * are expressions again.
 */
#include "sh.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct calc {
	const char *at;
	const char *whole;
	int depth;
	int skip; /* > 0: only parsed, for the sides that && || ?: leave out */
};

static long assignment(struct calc *c);
static long comma(struct calc *c);

static _Noreturn void bad(const struct calc *c, const char *what)
{
	fail(2, "arithmetic expression: %s: \"%s\"", what, c->whole);
}

static void blanks(struct calc *c)
{
	while (isspace((unsigned char)*c->at))
		c->at++;
}

static long value_of(const char *text, int depth, const char *whole)
{
	struct calc c = { .at = text, .whole = whole, .depth = depth };
	long v;

	blanks(&c);
	if (!*c.at)
		return 0;
	if (depth > 60)
		bad(&c, "too deep");
	v = comma(&c);
	if (*c.at)
		bad(&c, "expecting EOF");
	return v;
}

static long variable(struct calc *c, const char *name)
{
	const char *value = var_get(name);

	if (!value) {
		if (options[O_NOUNSET] && !c->skip)
			fail(2, "%s: parameter not set", name);
		return 0;
	}
	return c->skip ? 0 : value_of(value, c->depth + 1, c->whole);
}

static void store(struct calc *c, const char *name, long value)
{
	char text[24];

	if (c->skip)
		return;
	snprintf(text, sizeof(text), "%ld", value);
	if (!var_set(name, text, 0))
		raise_error(2);
}

/* A name at this place, in temporary memory, or NULL. */
static char *name_here(struct calc *c)
{
	size_t n = name_length(c->at);
	char *name;

	if (!n)
		return NULL;
	name = temp_get(n + 1);
	memcpy(name, c->at, n);
	c->at += n;
	return name;
}

static long primary(struct calc *c)
{
	char *name, *end;
	long v;

	blanks(c);
	name = name_here(c);
	if (name) {
		blanks(c);
		v = variable(c, name);
		if ((c->at[0] == '+' && c->at[1] == '+') || (c->at[0] == '-' && c->at[1] == '-')) {
			long step = c->at[0] == '+' ? 1 : -1;
			const char *p = c->at + 2;

			/* a + +b is something else */
			while (isspace((unsigned char)*p))
				p++;
			if (!isalnum((unsigned char)*p) && *p != '_' && *p != '(') {
				c->at += 2;
				store(c, name, v + step);
			}
		}
		return v;
	}
	if (*c->at == '(') {
		c->at++;
		v = comma(c);
		if (*c->at != ')')
			bad(c, "expecting ')'");
		c->at++;
		blanks(c);
		return v;
	}
	if (!isdigit((unsigned char)*c->at))
		bad(c, "expecting primary");
	errno = 0;
	v = strtol(c->at, &end, 0);
	if (errno == ERANGE)
		v = LONG_MAX;
	if (isalnum((unsigned char)*end) || *end == '_' || *end == '.')
		bad(c, "not a number");
	c->at = end;
	blanks(c);
	return v;
}

static long unary(struct calc *c)
{
	char op;
	long v;

	blanks(c);
	op = *c->at;
	if ((op == '+' || op == '-') && c->at[1] == op) {
		const char *from = c->at;
		char *name;

		c->at += 2;
		blanks(c);
		name = name_here(c);
		if (name) {
			v = (long)((unsigned long)variable(c, name) + (op == '+' ? 1 : -1ul));
			store(c, name, v);
			blanks(c);
			return v;
		}
		c->at = from;
	}
	if (!op || !strchr("+-!~", op))
		return primary(c);
	c->at++;
	v = unary(c);
	switch (op) {
	case '-':
		return (long)-(unsigned long)v;
	case '!':
		return !v;
	case '~':
		return ~v;
	default:
		return v;
	}
}

static const struct op {
	char text[3];
	int level;
} ops[] = {
	{ "||", 1 }, { "&&", 2 }, { "==", 6 }, { "!=", 6 }, { "<=", 7 }, { ">=", 7 },
	{ "<<", 8 }, { ">>", 8 }, { "|", 3 },  { "^", 4 },  { "&", 5 },	 { "<", 7 },
	{ ">", 7 },  { "+", 9 },  { "-", 9 },  { "*", 10 }, { "/", 10 }, { "%", 10 },
};

static const struct op *operator(const struct calc *c)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		size_t n = strlen(ops[i].text);

		if (strncmp(c->at, ops[i].text, n))
			continue;
		/* an assignment */
		if (c->at[n] == '=' && ops[i].level > 2 && ops[i].level != 6 &&
		    !(ops[i].level == 7 && n == 1))
			return NULL;
		return &ops[i];
	}
	return NULL;
}

static long apply(struct calc *c, const char *op, long a, long b)
{
	unsigned long x = (unsigned long)a, y = (unsigned long)b;

	if (!strcmp(op, "/") || !strcmp(op, "%")) {
		if (c->skip)
			return 0;
		if (!b)
			bad(c, "division by zero");
		if (b == -1)
			return *op == '/' ? (long)-x : 0;
		return *op == '/' ? a / b : a % b;
	}
	switch (op[0]) {
	case '=':
		return a == b;
	case '!':
		return a != b;
	case '<':
		return op[1] == '=' ? a <= b : op[1] ? (long)(x << (y & 63)) : a < b;
	case '>':
		return op[1] == '=' ? a >= b : op[1] ? a >> (y & 63) : a > b;
	case '|':
		return a | b;
	case '^':
		return a ^ b;
	case '&':
		return a & b;
	case '+':
		return (long)(x + y);
	case '-':
		return (long)(x - y);
	default:
		return (long)(x * y);
	}
}

static long binary(struct calc *c, int level)
{
	long v = unary(c);

	for (;;) {
		const struct op *op = (blanks(c), operator(c));
		bool settled;
		long right;

		if (!op || op->level < level)
			return v;
		c->at += strlen(op->text);
		settled = (op->level == 1 && v) || (op->level == 2 && !v);
		c->skip += settled;
		right = binary(c, op->level + 1);
		c->skip -= settled;
		if (op->level == 1)
			v = v || right;
		else if (op->level == 2)
			v = v && right;
		else
			v = apply(c, op->text, v, right);
	}
}

static long conditional(struct calc *c)
{
	long v = binary(c, 1), yes, no;

	blanks(c);
	if (*c->at != '?')
		return v;
	c->at++;
	c->skip += !v;
	yes = comma(c);
	c->skip -= !v;
	if (*c->at != ':')
		bad(c, "expecting ':'");
	c->at++;
	c->skip += v != 0;
	no = assignment(c);
	c->skip -= v != 0;
	return v ? yes : no;
}

static long assignment(struct calc *c)
{
	static const char *const forms[] = { "<<=", ">>=", "+=", "-=", "*=", "/=",
					     "%=",  "&=",  "^=", "|=", "=" };
	const char *from;
	char *name;

	blanks(c);
	from = c->at;
	name = name_here(c);
	blanks(c);
	for (size_t i = 0; name && i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t n = strlen(forms[i]);
		char op[3] = "";
		long v;

		if (strncmp(c->at, forms[i], n) || (n == 1 && c->at[1] == '='))
			continue;
		c->at += n;
		v = assignment(c);
		memcpy(op, forms[i], n - 1);
		if (n > 1)
			v = apply(c, op, variable(c, name), v);
		store(c, name, v);
		return v;
	}
	c->at = from;
	return conditional(c);
}

static long comma(struct calc *c)
{
	long v = assignment(c);

	for (;;) {
		blanks(c);
		if (*c->at != ',')
			return v;
		c->at++;
		v = assignment(c);
	}
}

long arith(const char *expr)
{
	return value_of(expr, 0, expr);
}
