/*
 * lex.c - tokens and here-documents (XCU 2.3, 2.7.4); word.c reads the words.
 */
#include "sh.h"

#include <stdlib.h>
#include <string.h>

struct token tok;
static bool peeked;
static struct redir *here_list;

/* ---- here-documents ---------------------------------------------------------------------- */

void here_expect(struct redir *r)
{
	struct redir **at = &here_list;

	while (*at)
		at = &(*at)->pending;
	*at = r;
}

/* One line without its newline; false at the end of input. Joined where a backslash ends it. */
static bool here_line(const struct redir *r, struct str *line)
{
	bool start = true;
	int c;

	line->n = 0;
	for (;;) {
		c = in_get();
		if (start && r->strip && c == '\t')
			continue;
		start = false;
		if (c == END_OF_INPUT) {
			str_end(line);
			return line->n != 0;
		}
		if (c == '\\' && !r->raw) {
			str_add(line, '\\');
			c = in_get();
			if (c == END_OF_INPUT)
				continue;
			if (c == '\n') {
				line->n--;
				start = true;
				continue;
			}
		} else if (c == '\n') {
			str_end(line);
			return true;
		}
		str_add(line, (char)c);
	}
}

static void here_read(struct redir *r)
{
	struct str line = { 0 }, body = { 0 };
	char *end = expand_single(r->target->parts);

	while (here_line(r, &line) && strcmp(line.s, end)) {
		str_put(&body, line.s);
		str_add(&body, '\n');
	}
	str_end(&body);
	if (r->raw) {
		r->here = arena_get(parse_arena, sizeof(*r->here));
		r->here->quoted = true;
		r->here->text = arena_copy(parse_arena, body.s, body.n);
	} else {
		r->here = parse_text(body.s, true);
	}
	free(line.s);
	free(body.s);
}

static void here_read_all(void)
{
	while (here_list) {
		struct redir *r = here_list;

		here_list = r->pending;
		here_read(r);
	}
}

/* ---- tokens ------------------------------------------------------------------------------ */

const char *plain_word(const struct word *w)
{
	const struct part *p = w ? w->parts : NULL;

	return p && !p->next && p->kind == PART_TEXT && !p->quoted ? p->text : NULL;
}

static int operator(int c)
{
	static const struct {
		char text[3];
		int type;
	} table[] = {
		{ "&&", T_AND_IF },   { "||", T_OR_IF },    { ";;", T_DSEMI },
		{ ";&", T_SEMI_AND }, { "<<", T_DLESS },    { ">>", T_DGREAT },
		{ "<&", T_LESSAND },  { ">&", T_GREATAND }, { "<>", T_LESSGREAT },
		{ ">|", T_CLOBBER },
	};
	int d = get_joined();

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].text[0] != c || table[i].text[1] != d)
			continue;
		if (table[i].type != T_DLESS)
			return table[i].type;
		d = get_joined();
		if (d == '-')
			return T_DLESSDASH;
		in_unget(d);
		return T_DLESS;
	}
	in_unget(d);
	return c;
}

static bool all_digits(const char *s)
{
	return *s && s[strspn(s, "0123456789")] == 0;
}

static void read_token(void)
{
	const char *text;
	int c;

	tok = (struct token){ 0 };
	do
		c = get_joined();
	while (c == ' ' || c == '\t');
	tok.after_alias = in_settle_aliases();
	if (c == '#') {
		while (c != '\n' && c != END_OF_INPUT)
			c = in_get();
	}
	tok.line = in_line();
	tok.start = in_record() - (c != END_OF_INPUT);
	switch (c) {
	case END_OF_INPUT:
		here_read_all();
		tok.type = T_EOF;
		return;
	case '\n':
		tok.line--;
		here_read_all();
		tok.type = T_NEWLINE;
		return;
	case '&':
	case '|':
	case ';':
	case '<':
	case '>':
		tok.type = operator(c);
		return;
	case '(':
	case ')':
		tok.type = c;
		return;
	default:
		break;
	}
	in_unget(c);
	tok.type = T_WORD;
	tok.word = arena_get(parse_arena, sizeof(*tok.word));
	tok.word->parts = read_word();
	text = plain_word(tok.word);
	if (!text || !all_digits(text) || strlen(text) > 4)
		return;
	c = in_get();
	in_unget(c);
	if (c == '<' || c == '>') {
		tok.type = T_IO;
		tok.fd = atoi(text);
	}
}

bool tok_expand_alias(void)
{
	const char *w = plain_word(tok.word);
	struct alias *a = w ? alias_find(w) : NULL;

	if (!a || a->in_use)
		return false;
	in_push_string(a->value, a);
	return true;
}

int tok_peek_before(const char *one, const char *two)
{
	if (!peeked) {
		bool check;

		read_token();
		/* the word behind an alias that ends in a blank, wherever it stands */
		for (check = tok.after_alias; check && tok.type == T_WORD;) {
			const char *w = plain_word(tok.word);

			if (w && one && (!strcmp(w, one) || !strcmp(w, two)))
				break;
			if (!tok_expand_alias())
				break;
			read_token();
		}
	}
	peeked = true;
	return tok.type;
}

int tok_peek(void)
{
	return tok_peek_before(NULL, NULL);
}

void tok_take(void)
{
	tok_peek();
	peeked = false;
}

const char *tok_text(void)
{
	static char one[2];
	static const char *const names[] = {
		"end of file", "newline", "word", "redirection", "&&", "||", ";;", ";&",
		"<<",	       "<<-",	  ">>",	  "<&",		 ">&", "<>", ">|"
	};

	if (tok.type == T_WORD && plain_word(tok.word))
		return plain_word(tok.word);
	if (tok.type >= T_EOF)
		return names[tok.type - T_EOF];
	one[0] = (char)tok.type;
	return one;
}

void lex_save(struct lex_state *s)
{
	s->tok = tok;
	s->peeked = peeked;
	s->here = here_list;
	peeked = false;
	here_list = NULL;
}

void lex_restore(const struct lex_state *s)
{
	tok = s->tok;
	peeked = s->peeked;
	here_list = s->here;
}

void lex_reset(void)
{
	peeked = false;
	here_list = NULL;
}
