/*
 * word.c - words, read straight into their parts (XCU 2.2, 2.6); $( ) calls the parser, so that nothing is scanned
 * twice.
 */
#include "sh.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Where parsing of a word stands. */
enum mode { M_WORD, M_QUOTES, M_BRACE, M_BRACE_QUOTES, M_ARITH, M_HERE };

struct builder {
	struct part *first, **end;
	struct str text;
	bool quoted, any; /* of the text so far */
};

static void read_parts(struct builder *b, enum mode mode);

static struct part *new_part(struct builder *b, enum part_kind kind, bool quoted)
{
	struct part *p = arena_get(parse_arena, sizeof(*p));

	p->kind = (unsigned char)kind;
	p->quoted = quoted;
	if (!b->end)
		b->end = &b->first;
	*b->end = p;
	b->end = &p->next;
	return p;
}

static void flush(struct builder *b)
{
	if (b->any) {
		struct part *p = new_part(b, PART_TEXT, b->quoted);

		p->text = arena_copy(parse_arena, b->text.n ? b->text.s : "", b->text.n);
	}
	b->text.n = 0;
	b->any = false;
}

static void add(struct builder *b, int c, bool quoted)
{
	if (b->any && b->quoted != quoted)
		flush(b);
	b->quoted = quoted;
	b->any = true;
	if (c)
		str_add(&b->text, (char)c);
}

static struct part *finish(struct builder *b)
{
	flush(b);
	free(b->text.s);
	b->text = (struct str){ 0 };
	return b->first;
}

static struct part *inner_parts(enum mode mode)
{
	struct builder b = { 0 };

	read_parts(&b, mode);
	return finish(&b);
}

int get_joined(void)
{
	int c = in_get();

	while (c == '\\') {
		int d = in_get();

		if (d != '\n') {
			in_unget(d);
			return c;
		}
		c = in_get();
	}
	return c;
}

static bool is_special(int c)
{
	return c > 0 && strchr("@*#?-$!", c);
}

static void read_name(struct str *name, int c)
{
	while (c == '_' || (c > 0 && isalnum(c))) {
		str_add(name, (char)c);
		c = get_joined();
	}
	in_unget(c);
}

static char *take_name(struct str *name)
{
	char *s = arena_copy(parse_arena, name->n ? name->s : "", name->n);

	free(name->s);
	*name = (struct str){ 0 };
	return s;
}

/* ${: a name or special parameter, then an operator, then its word. */
static void read_brace(struct builder *b, bool quoted)
{
	struct part *p;
	struct str name = { 0 };
	bool length = false;
	int c = get_joined(), d;

	if (c == '#') {
		d = get_joined();
		if (d == '_' || isalnum(d)) {
			length = true;
			c = d;
		} else if (is_special(d)) {
			int e = get_joined();

			in_unget(e);
			if (e == '}') {
				length = true;
				c = d;
			} else {
				in_unget(d);
			}
		} else {
			in_unget(d);
		}
	}
	if (c > 0 && isdigit(c)) {
		for (; c > 0 && isdigit(c); c = get_joined())
			str_add(&name, (char)c);
		in_unget(c);
	} else if (c == '_' || (c > 0 && isalpha(c))) {
		read_name(&name, c);
	} else if (is_special(c)) {
		str_add(&name, (char)c);
	} else {
		free(name.s);
		syntax_error("Bad substitution");
	}
	flush(b);
	p = new_part(b, PART_PARAM, quoted);
	p->text = take_name(&name);
	c = get_joined();
	if (length) {
		p->op = 'L';
		if (c != '}')
			syntax_error("Bad substitution");
		return;
	}
	if (c == '}')
		return;
	if (c == ':') {
		c = get_joined();
		if (c == '-' || c == '=' || c == '?' || c == '+') {
			p->colon = true;
		} else {
			in_unget(c);
			c = 'S';
		}
	}
	if (c == '%' || c == '#') {
		d = get_joined();
		if (d == c)
			c = c == '%' ? 'P' : 'H';
		else
			in_unget(d);
	} else if (!strchr("-=?+S", c)) {
		syntax_error("Bad substitution");
	}
	p->op = (char)c;
	p->inner = inner_parts(quoted && strchr("-=?+", c) ? M_BRACE_QUOTES : M_BRACE);
	if (in_get() != '}')
		syntax_error("Missing '}'");
}

/* `command`: the text between, less some backslashes, is read as a script of its own. */
static void read_backquote(struct builder *b, bool quoted)
{
	struct lex_state saved;
	struct str text = { 0 };
	struct part *p;
	int c, depth, line = in_line();

	while ((c = in_get()) != '`') {
		if (c == '\\') {
			c = in_get();
			if (c == '\n')
				continue;
			if (c != '`' && c != '\\' && c != '$' && !(quoted && c == '"'))
				str_add(&text, '\\');
		}
		if (c == END_OF_INPUT) {
			free(text.s);
			syntax_error("EOF in backquote substitution");
		}
		str_add(&text, (char)c);
	}
	str_put(&text, "\n)");
	str_end(&text);
	flush(b);
	p = new_part(b, PART_COMMAND, quoted);
	lex_save(&saved);
	depth = in_push_text(text.s);
	free(text.s);
	in_set_line(line);
	p->body = parse_substitution();
	in_pop_to(depth);
	lex_restore(&saved);
}

static void read_command(struct builder *b, bool quoted)
{
	struct lex_state saved;
	struct part *p;

	flush(b);
	p = new_part(b, PART_COMMAND, quoted);
	lex_save(&saved);
	p->body = parse_substitution();
	lex_restore(&saved);
}

/* $((: when it does not end in )) it was $( (...) ) and is read again. */
static void read_arith(struct builder *b, bool quoted)
{
	struct builder inner = { 0 };
	size_t from = in_record();
	struct part *p;
	int c;

	read_parts(&inner, M_ARITH);
	get_joined();
	c = get_joined();
	if (c != ')') {
		char *again;
		struct str text = { 0 };

		in_unget(c);
		again = in_recorded(from, in_record());
		finish(&inner);
		str_add(&text, '(');
		str_put(&text, again);
		str_end(&text);
		in_push_string(text.s, NULL);
		free(text.s);
		read_command(b, quoted);
		return;
	}
	flush(b);
	p = new_part(b, PART_ARITH, quoted);
	p->inner = finish(&inner);
}

static int hex_digits(int most)
{
	int value = 0, n = 0, c;

	for (; n < most; n++) {
		c = in_get();
		if (c < 0 || !isxdigit(c)) {
			in_unget(c);
			break;
		}
		value = value * 16 + (isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
	}
	return value;
}

/* $'...' (XCU 2.2.4) */
static void read_dollar_quote(struct builder *b)
{
	static const char from[] = "abefnrtv\\'\"?", to[] = "\a\b\033\f\n\r\t\v\\'\"?";
	bool cut = false; /* behind a NUL */
	int c;

	add(b, 0, true);
	while ((c = in_get()) != '\'') {
		if (c == END_OF_INPUT)
			syntax_error("Unterminated quoted string");
		if (c == '\\') {
			const char *found;

			c = in_get();
			found = c > 0 ? strchr(from, c) : NULL;
			if (found) {
				c = to[found - from];
			} else if (c == 'x') {
				c = hex_digits(2);
			} else if (c == 'c') {
				c = in_get();
				c = c == '?' ? 127 : c & 31;
			} else if (c >= '0' && c <= '7') {
				int value = c - '0';

				for (int n = 1; n < 3; n++) {
					c = in_get();
					if (c < '0' || c > '7') {
						in_unget(c);
						break;
					}
					value = value * 8 + c - '0';
				}
				c = value & 255;
			} else {
				add(b, '\\', true);
			}
		}
		cut |= !c;
		if (!cut)
			add(b, c, true);
	}
}

/* After a $. */
static void read_dollar(struct builder *b, bool quoted, bool quotes_too)
{
	struct str name = { 0 };
	int c = get_joined();

	if (c == '(') {
		int d = get_joined();

		if (d == '(') {
			read_arith(b, quoted);
		} else {
			in_unget(d);
			read_command(b, quoted);
		}
	} else if (c == '{') {
		read_brace(b, quoted);
	} else if (c == '\'' && quotes_too) {
		read_dollar_quote(b);
	} else if (c == '_' || (c > 0 && isalnum(c)) || is_special(c)) {
		struct part *p;

		flush(b);
		p = new_part(b, PART_PARAM, quoted);
		if (c == '_' || isalpha(c))
			read_name(&name, c);
		else
			str_add(&name, (char)c);
		p->text = take_name(&name);
	} else {
		in_unget(c);
		add(b, '$', quoted);
	}
}

static void read_single(struct builder *b)
{
	int c;

	add(b, 0, true);
	while ((c = in_get()) != '\'') {
		if (c == END_OF_INPUT)
			syntax_error("Unterminated quoted string");
		add(b, c, true);
	}
}

/* "...": what stands in it only decides whether the word is empty when nothing else does. */
static void read_double(struct builder *b)
{
	int c = in_get();

	if (c == '"') {
		add(b, 0, true);
		return;
	}
	in_unget(c);
	read_parts(b, M_QUOTES);
	if (in_get() != '"')
		syntax_error("Unterminated quoted string");
}

static bool escapes(enum mode mode, int c)
{
	if (c == '$' || c == '`' || c == '\\')
		return true;
	if (mode == M_BRACE_QUOTES)
		return c == '"' || c == '}';
	return c == '"' && mode == M_QUOTES;
}

/* Characters up to the end that the mode has; that one is left unread. */
static void read_parts(struct builder *b, enum mode mode)
{
	bool quoted = mode == M_QUOTES || mode == M_BRACE_QUOTES || mode == M_ARITH ||
		      mode == M_HERE;
	int depth = 0, c;

	for (;;) {
		c = in_get();
		if (c == END_OF_INPUT) {
			if (mode == M_BRACE || mode == M_BRACE_QUOTES)
				syntax_error("Missing '}'");
			if (mode == M_ARITH)
				syntax_error("Missing '))'");
			return;
		}
		switch (c) {
		case '\\':
			c = in_get();
			if (c == '\n')
				continue;
			if (c == END_OF_INPUT) {
				add(b, '\\', true);
			} else if (!quoted) {
				add(b, c, true);
			} else if (escapes(mode, c)) {
				add(b, c, true);
			} else {
				add(b, '\\', true);
				add(b, c, true);
			}
			continue;
		case '$':
			read_dollar(b, quoted, !quoted);
			continue;
		case '`':
			read_backquote(b, quoted);
			continue;
		case '\'':
			if (quoted)
				break;
			read_single(b);
			continue;
		case '"':
			if (mode == M_HERE)
				break;
			if (mode == M_QUOTES) {
				in_unget(c);
				return;
			}
			if (!quoted)
				read_double(b);
			continue;
		case '}':
			if (mode != M_BRACE && mode != M_BRACE_QUOTES)
				break;
			in_unget(c);
			return;
		case '(':
			depth += mode == M_ARITH;
			if (mode == M_WORD) {
				in_unget(c);
				return;
			}
			break;
		case ')':
			if (mode == M_ARITH && !depth--) {
				in_unget(c);
				return;
			}
			if (mode == M_WORD) {
				in_unget(c);
				return;
			}
			break;
		case ' ':
		case '\t':
		case '\n':
		case '&':
		case '|':
		case ';':
		case '<':
		case '>':
			if (mode == M_WORD) {
				in_unget(c);
				return;
			}
			break;
		default:
			break;
		}
		add(b, c, quoted);
	}
}

struct part *parse_text(const char *text, bool here)
{
	struct builder b = { 0 };
	struct lex_state saved;
	int depth, line = in_line();

	lex_save(&saved);
	depth = in_push_text(text);
	in_set_line(line);
	read_parts(&b, M_HERE);
	in_pop_to(depth);
	lex_restore(&saved);
	(void)here;
	return finish(&b);
}

struct part *read_word(void)
{
	return inner_parts(M_WORD);
}
