/*
 * test.c - test and [ (XCU test): what up to four words mean is fixed; more are an expression with
 * ! ( ) -a -o.
 */
#include "words.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct expr {
	char **w;
	int n, at;
	jmp_buf bad;
	const char *name;
};

static _Noreturn void complain_of(struct expr *e, const char *word, const char *what)
{
	fprintf(stderr, "%s: %s%s%s\n", e->name, word ? word : "", word ? ": " : "", what);
	longjmp(e->bad, 1);
}

static long number(struct expr *e, const char *s)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(s, &end, 10);
	while (*end == ' ' || *end == '\t')
		end++;
	if (end == s || *end || errno)
		complain_of(e, s, "not a number");
	return v;
}

static bool is_unary(const char *s)
{
	return s[0] == '-' && s[1] && !s[2] && strchr("bcdefghGkLnNOprsStuwxz", s[1]);
}

static bool unary(struct expr *e, char op, const char *s)
{
	struct stat st;

	switch (op) {
	case 'n':
		return *s;
	case 'z':
		return !*s;
	case 't':
		return isatty((int)number(e, s));
	case 'h':
	case 'L':
		return !lstat(s, &st) && S_ISLNK(st.st_mode);
	case 'r':
		return !access(s, R_OK);
	case 'w':
		return !access(s, W_OK);
	case 'x':
		return !access(s, X_OK);
	default:
		break;
	}
	if (stat(s, &st))
		return false;
	switch (op) {
	case 'b':
		return S_ISBLK(st.st_mode);
	case 'c':
		return S_ISCHR(st.st_mode);
	case 'd':
		return S_ISDIR(st.st_mode);
	case 'f':
		return S_ISREG(st.st_mode);
	case 'p':
		return S_ISFIFO(st.st_mode);
	case 'S':
		return S_ISSOCK(st.st_mode);
	case 's':
		return st.st_size > 0;
	case 'g':
		return st.st_mode & S_ISGID;
	case 'u':
		return st.st_mode & S_ISUID;
	case 'k':
		return st.st_mode & S_ISVTX;
	case 'O':
		return st.st_uid == geteuid();
	case 'G':
		return st.st_gid == getegid();
	case 'N':
		return st.st_mtim.tv_sec > st.st_atim.tv_sec;
	default:
		return true;
	}
}

static const char *const binaries[] = { "=",   "==",  "!=",  "<",   ">",   "-eq", "-ne",
					"-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef" };

static int binary_of(const char *s)
{
	for (int i = 0; i < (int)(sizeof(binaries) / sizeof(binaries[0])); i++)
		if (!strcmp(binaries[i], s))
			return i;
	return -1;
}

static int newer(const struct stat *a, const struct stat *b)
{
	if (a->st_mtim.tv_sec != b->st_mtim.tv_sec)
		return a->st_mtim.tv_sec > b->st_mtim.tv_sec ? 1 : -1;
	return (a->st_mtim.tv_nsec > b->st_mtim.tv_nsec) -
	       (a->st_mtim.tv_nsec < b->st_mtim.tv_nsec);
}

static bool binary(struct expr *e, const char *a, int op, const char *b)
{
	struct stat x, y;
	bool left, right;

	switch (op) {
	case 0:
	case 1:
		return !strcmp(a, b);
	case 2:
		return strcmp(a, b) != 0;
	case 3:
		return strcmp(a, b) < 0;
	case 4:
		return strcmp(a, b) > 0;
	case 5:
		return number(e, a) == number(e, b);
	case 6:
		return number(e, a) != number(e, b);
	case 7:
		return number(e, a) < number(e, b);
	case 8:
		return number(e, a) <= number(e, b);
	case 9:
		return number(e, a) > number(e, b);
	case 10:
		return number(e, a) >= number(e, b);
	default:
		break;
	}
	left = !stat(a, &x);
	right = !stat(b, &y);
	if (op == 13)
		return left && right && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
	if (op == 11)
		return left && (!right || newer(&x, &y) > 0);
	return right && (!left || newer(&x, &y) < 0);
}

static bool either(struct expr *e);

static bool primary(struct expr *e)
{
	char **w = e->w + e->at;
	int left = e->n - e->at;
	bool v;

	if (!left)
		complain_of(e, NULL, "argument expected");
	if (left >= 3 && binary_of(w[1]) >= 0) {
		e->at += 3;
		return binary(e, w[0], binary_of(w[1]), w[2]);
	}
	if (!strcmp(w[0], "!") && left > 1) {
		e->at++;
		return !primary(e);
	}
	if (!strcmp(w[0], "(") && left > 1) {
		e->at++;
		v = either(e);
		if (e->at == e->n || strcmp(e->w[e->at], ")"))
			complain_of(e, NULL, "closing paren expected");
		e->at++;
		return v;
	}
	if (is_unary(w[0]) && left > 1) {
		e->at += 2;
		return unary(e, w[0][1], w[1]);
	}
	e->at++;
	return *w[0];
}

static bool both(struct expr *e)
{
	bool v = primary(e);

	while (e->at < e->n && !strcmp(e->w[e->at], "-a")) {
		e->at++;
		v &= primary(e);
	}
	return v;
}

static bool either(struct expr *e)
{
	bool v = both(e);

	while (e->at < e->n && !strcmp(e->w[e->at], "-o")) {
		e->at++;
		v |= both(e);
	}
	return v;
}

/* The fixed meanings, by the number of words. */
static bool evaluate(struct expr *e)
{
	char **w = e->w;
	bool v;

	switch (e->n) {
	case 0:
		return false;
	case 1:
		return *w[0];
	case 2:
		if (!strcmp(w[0], "!"))
			return !*w[1];
		if (is_unary(w[0]))
			return unary(e, w[0][1], w[1]);
		complain_of(e, w[0], "unexpected operator");
	case 3:
		if (binary_of(w[1]) >= 0)
			return binary(e, w[0], binary_of(w[1]), w[2]);
		if (!strcmp(w[1], "-a"))
			return *w[0] && *w[2];
		if (!strcmp(w[1], "-o"))
			return *w[0] || *w[2];
		if (!strcmp(w[0], "!") || (!strcmp(w[0], "(") && !strcmp(w[2], ")"))) {
			struct expr inner = { .w = w + 1,
					      .n = *w[0] == '!' ? 2 : 1,
					      .name = e->name };

			if (setjmp(inner.bad))
				longjmp(e->bad, 1);
			return evaluate(&inner) == (*w[0] == '(');
		}
		complain_of(e, w[1], "unexpected operator");
	case 4:
		if (!strcmp(w[0], "!")) {
			struct expr inner = { .w = w + 1, .n = 3, .name = e->name };

			if (setjmp(inner.bad))
				longjmp(e->bad, 1);
			return !evaluate(&inner);
		}
		break;
	default:
		break;
	}
	v = either(e);
	if (e->at < e->n)
		complain_of(e, e->w[e->at], "unexpected operator");
	return v;
}

int test_words(int argc, char **argv)
{
	struct expr e = { .w = argv + 1, .n = argc - 1, .name = argv[0] };

	if (!strcmp(argv[0], "[")) {
		if (argc < 2 || strcmp(argv[argc - 1], "]")) {
			fprintf(stderr, "[: missing ]\n");
			return 2;
		}
		e.n--;
	}
	if (setjmp(e.bad))
		return 2;
	return !evaluate(&e);
}
