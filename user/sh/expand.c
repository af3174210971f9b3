/*
 * expand.c - from words to fields (XCU 2.6): tilde, parameters, commands, arithmetic, splitting, path names.
 *
 * An expansion is a row of characters, each with what it came from; splitting and globbing look at that
 * and quoting needs no removal.
 */
#include "sh.h"

#include <ctype.h>
#include <fnmatch.h>
#include <glob.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	F_QUOTED = 1,
	F_SPLIT = 2, /* came out of an unquoted expansion */
	F_BREAK = 4, /* no character: a field ends ("$@") */
	F_EMPTY = 8, /* no character: a field is here though nothing stands in it */
};

struct row {
	char *s;
	unsigned char *f;
	size_t n, room;
};

enum { X_SPLIT = 1, X_ASSIGN = 2, X_PATTERN = 4, X_INNER = 8 };

static void expand_parts(struct row *r, const struct part *p, int how);

static void put(struct row *r, char c, int flags)
{
	if (r->n == r->room) {
		char *s;
		unsigned char *f;

		r->room = r->room * 2 + 64;
		s = temp_get(r->room);
		f = temp_get(r->room);
		if (r->n) {
			memcpy(s, r->s, r->n);
			memcpy(f, r->f, r->n);
		}
		r->s = s;
		r->f = f;
	}
	r->s[r->n] = c;
	r->f[r->n++] = (unsigned char)flags;
}

static void put_text(struct row *r, const char *s, int flags)
{
	while (*s)
		put(r, *s++, flags);
}

static char *text_of_row(const struct row *r)
{
	char *s = temp_get(r->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (!(r->f[i] & (F_BREAK | F_EMPTY)))
			s[n++] = r->s[i];
	return s;
}

static char *pattern_of(const struct row *r, size_t from, size_t to)
{
	char *s = temp_get((to - from) * 2 + 1);
	size_t n = 0;

	for (size_t i = from; i < to; i++) {
		if (r->f[i] & (F_BREAK | F_EMPTY))
			continue;
		if (r->f[i] & F_QUOTED && strchr("*?[]\\!-^", r->s[i]))
			s[n++] = '\\';
		s[n++] = r->s[i];
	}
	return s;
}

/* ---- tilde ------------------------------------------------------------------------------- */

/* The characters of a tilde prefix that were replaced; 0 when it stays. */
static size_t tilde(struct row *r, const char *s, bool last, bool colons)
{
	size_t n = strcspn(s, colons ? "/:" : "/");
	const char *home;
	char name[64];

	if (!s[n] && !last)
		return 0;
	if (n == 1) {
		home = var_get("HOME");
	} else {
		struct passwd *pw;

		if (n >= sizeof(name))
			return 0;
		memcpy(name, s + 1, n - 1);
		name[n - 1] = 0;
		pw = getpwnam(name);
		home = pw ? pw->pw_dir : NULL;
	}
	if (!home)
		return 0;
	if (!*home)
		put(r, 0, F_EMPTY);
	/* "//" is not what "~/" with a home of "/" means */
	if (!strcmp(home, "/") && s[n] == '/')
		return n;
	put_text(r, home, F_QUOTED);
	return n;
}

static void put_literal(struct row *r, const struct part *p, bool first, int how)
{
	const char *s = p->text;
	bool start = first, equals = how & X_INNER;

	if (p->quoted) {
		put(r, 0, F_EMPTY);
		put_text(r, s, F_QUOTED);
		return;
	}
	while (*s) {
		if (*s == '~' && start) {
			size_t n = tilde(r, s, !p->next, how & X_ASSIGN);

			if (n) {
				s += n;
				start = false;
				continue;
			}
		}
		start = how & X_ASSIGN && (*s == ':' || (*s == '=' && first && !equals));
		equals |= *s == '=';
		put(r, *s++, how & X_INNER ? F_SPLIT : 0);
	}
}

/* ---- parameters -------------------------------------------------------------------------- */

static char option_letters[O_COUNT + 1];

static const char *special(char c)
{
	static char number[24];
	int n = 0;

	switch (c) {
	case '?':
		snprintf(number, sizeof(number), "%d", status);
		return number;
	case '$':
		snprintf(number, sizeof(number), "%d", (int)shell_pid);
		return number;
	case '!':
		if (!last_background)
			return NULL;
		snprintf(number, sizeof(number), "%d", (int)last_background);
		return number;
	case '#':
		snprintf(number, sizeof(number), "%d", params.n);
		return number;
	case '-':
		for (int i = 0; i < O_COUNT; i++)
			if (options[i] && option_names[i].letter)
				option_letters[n++] = option_names[i].letter;
		option_letters[n] = 0;
		return option_letters;
	default:
		return NULL;
	}
}

static const char *value_of(const char *name)
{
	char *end;
	long n;

	if (isdigit((unsigned char)*name)) {
		n = strtol(name, &end, 10);
		if (!n)
			return arg0;
		return n <= params.n ? params.v[n - 1] : NULL;
	}
	if (isalpha((unsigned char)*name) || *name == '_')
		return var_get(name);
	return special(*name);
}

static bool utf8(void)
{
	return MB_CUR_MAX > 1;
}

static size_t length_of(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += !utf8() || ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* Where the n-th character begins. */
static const char *nth(const char *s, long n)
{
	while (n > 0 && *s) {
		s++;
		while (utf8() && ((unsigned char)*s & 0xc0) == 0x80)
			s++;
		n--;
	}
	return s;
}

static char *substring(const char *value, const struct part *inner)
{
	char *spec = expand_single(inner), *colon;
	long from, count, length = (long)length_of(value);
	int depth = 0;
	const char *start, *end;
	char *out;

	for (colon = spec; *colon && (*colon != ':' || depth); colon++)
		depth += (*colon == '?') - (*colon == ':');
	count = length;
	if (*colon) {
		*colon = 0;
		count = arith(colon + 1);
	}
	from = arith(spec);
	if (from < 0)
		from = from + length < 0 ? length : from + length;
	if (from > length)
		from = length;
	if (count < 0)
		count = length + count - from < 0 ? 0 : length + count - from;
	start = nth(value, from);
	end = nth(start, count);
	out = temp_get((size_t)(end - start) + 1);
	memcpy(out, start, (size_t)(end - start));
	return out;
}

/* Remove the prefix or suffix that the pattern matches. */
static char *trim(const char *value, const char *pattern, char op)
{
	size_t n = strlen(value), best = (size_t)-1;
	char *s = temp_copy(value);
	bool longest = op == 'H' || op == 'P';

	if (op == '#' || op == 'H') {
		for (size_t i = 0; i <= n; i++) {
			char c = s[i];
			bool hit;

			s[i] = 0;
			hit = !fnmatch(pattern, s, 0);
			s[i] = c;
			if (hit) {
				best = i;
				if (!longest)
					break;
			}
		}
		return best == (size_t)-1 ? s : s + best;
	}
	for (size_t i = n + 1; i-- > 0;) {
		if (!fnmatch(pattern, s + i, 0)) {
			best = i;
			if (!longest)
				break;
		}
	}
	if (best != (size_t)-1)
		s[best] = 0;
	return s;
}

static char ifs_first(void)
{
	const char *ifs = var_get("IFS");

	return ifs ? *ifs : ' ';
}

/* One value, changed by the operator if that works on values. */
static const char *altered(const struct part *p, const char *value, const char *pattern)
{
	if (p->op == 'S')
		return substring(value, p->inner);
	return pattern ? trim(value, pattern, p->op) : value;
}

static void put_list(struct row *r, const struct part *p, int how, const char *pattern)
{
	bool at = p->text[0] == '@', separate = how & X_SPLIT && (at || !p->quoted);
	int flags = p->quoted ? F_QUOTED : F_SPLIT;
	char glue = at && p->quoted ? ' ' : ifs_first();

	if (at && !(how & X_SPLIT))
		glue = ' ';
	if (!at && p->quoted)
		put(r, 0, F_EMPTY);
	for (int i = 0; i < params.n; i++) {
		if (i && separate)
			put(r, 0, F_BREAK);
		else if (i && glue)
			put(r, glue, flags);
		if (p->quoted && separate)
			put(r, 0, F_EMPTY);
		put_text(r, altered(p, params.v[i], pattern), flags);
	}
}

static void put_param(struct row *r, const struct part *p, int how)
{
	bool list = p->text[0] == '@' || p->text[0] == '*';
	const char *value = list ? (params.n ? params.v[0] : NULL) : value_of(p->text);
	char *pattern = NULL;
	bool null = p->colon && (!value || (!*value && (!list || params.n < 2)));
	char number[24];

	switch (p->op) {
	case '+':
		if (p->quoted && (!value || null || !p->inner))
			put(r, 0, F_EMPTY);
		else if (value && !null)
			expand_parts(r, p->inner, how | X_INNER);
		return;
	case '-':
	case '=':
	case '?':
		if (value && !null)
			break;
		if (p->op == '-') {
			if (p->quoted)
				put(r, 0, F_EMPTY);
			expand_parts(r, p->inner, how | X_INNER);
			return;
		}
		if (p->op == '?') {
			char *text = expand_single(p->inner);

			fail(2, "%s: %s", p->text,
			     *text    ? text :
			     p->colon ? "parameter not set or null" :
					"parameter not set");
		}
		if (!is_name(p->text, strlen(p->text)))
			fail(2, "%s: bad variable name", p->text);
		value = expand_single(p->inner);
		if (!var_set(p->text, value, 0))
			raise_error(2);
		break;
	case '#':
	case 'H':
	case '%':
	case 'P':
		pattern = expand_pattern(p->inner);
		break;
	default:
		break;
	}
	if (!value && !list && options[O_NOUNSET] && (!p->op || strchr("LS#H%P", p->op)))
		fail(2, "%s: parameter not set", p->text);
	if (p->op == 'L') {
		snprintf(number, sizeof(number), "%zu",
			 list  ? (size_t)params.n :
			 value ? length_of(value) :
				 0);
		put_text(r, number, p->quoted ? F_QUOTED : F_SPLIT);
		return;
	}
	if (list) {
		put_list(r, p, how, pattern);
		return;
	}
	if (p->quoted)
		put(r, 0, F_EMPTY);
	if (value)
		put_text(r, altered(p, value, pattern), p->quoted ? F_QUOTED : F_SPLIT);
}

static void expand_parts(struct row *r, const struct part *first, int how)
{
	char number[24];

	for (const struct part *p = first; p; p = p->next) {
		int flags = p->quoted ? F_QUOTED : F_SPLIT;

		switch (p->kind) {
		case PART_TEXT:
			put_literal(r, p, p == first, how);
			break;
		case PART_PARAM:
			put_param(r, p, how);
			break;
		case PART_COMMAND:
			if (p->quoted)
				put(r, 0, F_EMPTY);
			put_text(r, command_output(p->body), flags);
			break;
		default:
			snprintf(number, sizeof(number), "%ld", arith(expand_single(p->inner)));
			put_text(r, number, flags);
			break;
		}
	}
}

/* ---- fields ------------------------------------------------------------------------------ */

void fields_add(struct fields *f, char *s)
{
	if (f->n + 1 >= f->room) {
		char **v;

		f->room = f->room * 2 + 8;
		v = temp_get((size_t)f->room * sizeof(*v));
		if (f->n)
			memcpy(v, f->v, (size_t)f->n * sizeof(*v));
		f->v = v;
	}
	f->v[f->n++] = s;
	f->v[f->n] = NULL;
}

static bool has_magic(const struct row *r, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (!r->f[i] || r->f[i] == F_SPLIT)
			if (r->s[i] && strchr("*?[", r->s[i]))
				return true;
	return false;
}

static void finish_field(const struct row *r, size_t from, size_t to, struct fields *out)
{
	struct row piece = { .s = r->s + from, .f = r->f + from, .n = to - from };
	glob_t g;

	if (!options[O_NOGLOB] && has_magic(r, from, to)) {
		if (!glob(pattern_of(r, from, to), 0, NULL, &g)) {
			for (size_t i = 0; i < g.gl_pathc; i++)
				fields_add(out, temp_copy(g.gl_pathv[i]));
			globfree(&g);
			return;
		}
	}
	fields_add(out, text_of_row(&piece));
}

static void split(const struct row *r, struct fields *out)
{
	const char *ifs = var_get("IFS");
	bool have = false, blank_ended = false;
	size_t from = 0;

	if (!ifs)
		ifs = " \t\n";
	for (size_t i = 0; i < r->n; i++) {
		char c = r->s[i];
		int f = r->f[i];

		if (f & F_BREAK) {
			if (have)
				finish_field(r, from, i, out);
			from = i + 1;
			have = blank_ended = false;
		} else if (f & F_EMPTY) {
			have = true;
		} else if (f & F_SPLIT && strchr(ifs, c)) {
			bool blank = c == ' ' || c == '\t' || c == '\n';

			if (have)
				finish_field(r, from, i, out);
			else if (!blank && !blank_ended)
				finish_field(r, from, i, out);
			blank_ended = blank && (have || blank_ended);
			have = false;
			from = i + 1;
		} else {
			have = true;
		}
	}
	if (have)
		finish_field(r, from, r->n, out);
}

void expand_word(const struct word *w, struct fields *out)
{
	struct row r = { 0 };

	expand_parts(&r, w->parts, X_SPLIT);
	split(&r, out);
}

char *expand_single(const struct part *parts)
{
	struct row r = { 0 };

	expand_parts(&r, parts, 0);
	return text_of_row(&r);
}

char *expand_pattern(const struct part *parts)
{
	struct row r = { 0 };

	expand_parts(&r, parts, X_PATTERN);
	return pattern_of(&r, 0, r.n);
}

char *expand_assignment(const struct part *parts)
{
	struct row r = { 0 };

	expand_parts(&r, parts, X_ASSIGN);
	return text_of_row(&r);
}

/* ---- prompts ----------------------------------------------------------------------------- */

static void put_folder(struct str *out, bool last)
{
	const char *pwd = var_get("PWD"), *home = var_get("HOME");
	size_t n = home ? strlen(home) : 0;

	if (!pwd)
		pwd = "?";
	if (n > 1 && !strncmp(pwd, home, n) && (pwd[n] == '/' || !pwd[n])) {
		if (!last || !pwd[n])
			str_add(out, '~');
		pwd += n;
	}
	if (last && strrchr(pwd, '/') && pwd[1])
		pwd = strrchr(pwd, '/') + 1;
	str_put(out, pwd);
}

/* The escapes that people's prompts have: \u \h \w \W \$ \n \e \a \\ \[ \]. */
static char *prompt_escapes(const char *s)
{
	struct str out = { 0 };
	char host[65], *text;
	struct passwd *pw;

	for (; *s; s++) {
		if (*s != '\\' || !s[1]) {
			str_add(&out, *s);
			continue;
		}
		switch (*++s) {
		case 'u':
			pw = getpwuid(geteuid());
			str_put(&out, pw ? pw->pw_name : "?");
			break;
		case 'h':
			if (gethostname(host, sizeof(host)))
				strcpy(host, "?");
			host[sizeof(host) - 1] = 0;
			host[strcspn(host, ".")] = 0;
			str_put(&out, host);
			break;
		case 'w':
		case 'W':
			put_folder(&out, *s == 'W');
			break;
		case '$':
			str_put(&out, geteuid() ? "\\$" : "#");
			break;
		case 'n':
			str_add(&out, '\n');
			break;
		case 'e':
			str_add(&out, '\033');
			break;
		case 'a':
			str_add(&out, '\a');
			break;
		case '[':
		case ']':
			break;
		default:
			str_add(&out, '\\');
			str_add(&out, *s);
			break;
		}
	}
	str_end(&out);
	text = temp_copy(out.s);
	free(out.s);
	return text;
}

char *expand_prompt(const char *name, const char *fallback)
{
	const char *value = var_get(name);
	int saved = status;
	struct part *parts;
	char *text;

	if (!value)
		return temp_copy(fallback);
	text = !strcmp(name, "PS4") ? temp_copy(value) : prompt_escapes(value);
	if (!strpbrk(text, "$`\\"))
		return text;
	parts = parse_text(text, false);
	text = expand_single(parts);
	status = saved;
	return text;
}
