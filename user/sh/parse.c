/*
 * parse.c - the grammar of XCU 2.10, by recursive descent, into trees of struct node.
 */
#include "sh.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct arena *parse_arena;
static bool at_end;

static struct node *list(void);
static struct node *command(void);

void syntax_error(const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fail(2, "Syntax error: %s", text);
}

static _Noreturn void unexpected(const char *wanted)
{
	const char *what = tok_text();
	bool quoted = tok.type != T_EOF && tok.type != T_NEWLINE &&
		      !(tok.type == T_WORD && !plain_word(tok.word));
	const char *q = quoted ? "\"" : "";

	if (tok.type == T_EOF)
		what = "end of file";
	if (wanted)
		syntax_error("%s%s%s unexpected (expecting \"%s\")", q, what, q, wanted);
	syntax_error("%s%s%s unexpected", q, what, q);
}

static struct node *new_node(enum node_kind kind)
{
	struct node *n = arena_get(parse_arena, sizeof(*n));

	n->kind = (unsigned char)kind;
	n->line = tok.line;
	return n;
}

static bool is_word(const char *text)
{
	const char *w;

	if (tok_peek() != T_WORD)
		return false;
	w = plain_word(tok.word);
	return w && !strcmp(w, text);
}

static bool accept_word(const char *text)
{
	if (!is_word(text))
		return false;
	tok_take();
	return true;
}

static void expect_word(const char *text)
{
	if (!accept_word(text))
		unexpected(text);
}

static void skip_newlines(void)
{
	while (tok_peek() == T_NEWLINE)
		tok_take();
}

/* To the next token but newlines; `in`, and `other`, are reserved here and no aliases. */
static void skip_to_in(const char *other)
{
	while (tok_peek_before("in", other) == T_NEWLINE)
		tok_take();
}

static bool is_reserved(const char *w)
{
	static const char *const words[] = { "!",    "{",    "}",     "case", "do",  "done",
					     "elif", "else", "esac",  "fi",   "for", "if",
					     "in",   "then", "until", "while" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i], w))
			return true;
	return false;
}

static bool expand_alias(void)
{
	const char *w = tok_peek() == T_WORD ? plain_word(tok.word) : NULL;

	if (!w || is_reserved(w) || !tok_expand_alias())
		return false;
	tok_take();
	return true;
}

/* A command may begin here: aliases count. */
static void at_command(void)
{
	while (expand_alias())
		continue;
}

static void at_command_line(void)
{
	for (;;) {
		skip_newlines();
		if (!expand_alias())
			return;
	}
}

/* ---- redirections ------------------------------------------------------------------------ */

static struct redir *redirection(void)
{
	static const struct {
		int token, kind, fd;
	} table[] = {
		{ '<', RE_IN, 0 },
		{ '>', RE_OUT, 1 },
		{ T_CLOBBER, RE_CLOBBER, 1 },
		{ T_DGREAT, RE_APPEND, 1 },
		{ T_LESSGREAT, RE_RW, 0 },
		{ T_LESSAND, RE_DUP_IN, 0 },
		{ T_GREATAND, RE_DUP_OUT, 1 },
		{ T_DLESS, RE_HERE, 0 },
		{ T_DLESSDASH, RE_HERE, 0 },
	};
	int type = tok_peek(), fd = -1;
	struct redir *r;

	if (type == T_IO) {
		fd = tok.fd;
		tok_take();
		type = tok_peek();
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].token != type)
			continue;
		tok_take();
		r = arena_get(parse_arena, sizeof(*r));
		r->kind = table[i].kind;
		r->fd = fd < 0 ? table[i].fd : fd;
		if (tok_peek() == T_IO)
			tok.type = T_WORD;
		if (tok_peek() != T_WORD)
			unexpected(NULL);
		r->target = tok.word;
		if (r->kind == RE_HERE) {
			r->strip = type == T_DLESSDASH;
			for (struct part *p = tok.word->parts; p; p = p->next)
				r->raw |= p->quoted;
			here_expect(r);
		}
		tok_take();
		return r;
	}
	return NULL;
}

static bool redirections(struct redir **at)
{
	bool any = false;

	while (*at)
		at = &(*at)->next;
	for (;;) {
		struct redir *r = redirection();

		if (!r)
			return any;
		any = true;
		*at = r;
		at = &r->next;
	}
}

/* ---- commands ---------------------------------------------------------------------------- */

static bool is_assignment(const struct word *w)
{
	const struct part *p = w->parts;
	size_t n;

	if (!p || p->kind != PART_TEXT || p->quoted)
		return false;
	n = name_length(p->text);
	return n && p->text[n] == '=';
}

static struct node *function(char *name)
{
	struct node *n = new_node(N_FUNC);

	tok_take();
	if (tok_peek() != ')')
		unexpected(")");
	tok_take();
	at_command_line();
	n->name = name;
	n->home = parse_arena;
	n->a = command();
	if (n->a->kind == N_SIMPLE)
		unexpected("{");
	return n;
}

static struct node *simple(void)
{
	struct node *n = new_node(N_SIMPLE);
	struct word **assigns = &n->assigns, **words = &n->words;
	bool first = true;

	for (;; first = false) {
		if (redirections(&n->redirs))
			first = false;
		if (tok_peek() != T_WORD)
			break;
		if (!n->words && !first)
			at_command();
		if (tok_peek() != T_WORD)
			continue;
		if (!n->words && is_assignment(tok.word)) {
			*assigns = tok.word;
			assigns = &tok.word->next;
			tok_take();
			continue;
		}
		*words = tok.word;
		words = &tok.word->next;
		tok_take();
		if (n->words->next || n->assigns || n->redirs)
			continue;
		if (tok_peek() == '(') {
			const char *name = plain_word(n->words);

			if (!name)
				unexpected(NULL);
			return function((char *)name);
		}
	}
	if (tok.type == '(' || (!n->words && !n->assigns && !n->redirs))
		unexpected(NULL);
	return n;
}

/* A list that must hold something. */
static struct node *body(void)
{
	struct node *n = list();

	if (!n)
		unexpected(NULL);
	return n;
}

static struct node *if_rest(void)
{
	struct node *n = new_node(N_IF);

	n->a = body();
	expect_word("then");
	n->b = body();
	if (accept_word("elif")) {
		n->c = if_rest();
		return n;
	}
	if (accept_word("else"))
		n->c = body();
	expect_word("fi");
	return n;
}

static struct node *loop(enum node_kind kind)
{
	struct node *n = new_node(kind);

	n->a = body();
	expect_word("do");
	n->b = body();
	expect_word("done");
	return n;
}

static struct node *for_loop(void)
{
	struct node *n = new_node(N_FOR);
	struct word **at = &n->words;
	const char *name;

	if (tok_peek() != T_WORD || !(name = plain_word(tok.word)) || !is_name(name, strlen(name)))
		syntax_error("Bad for loop variable");
	n->name = (char *)name;
	tok_take();
	if (tok_peek_before("in", "do") == ';') {
		tok_take();
		skip_newlines();
	} else {
		skip_to_in("do");
		if (accept_word("in")) {
			n->has_in = true;
			for (; tok_peek() == T_WORD; at = &(*at)->next) {
				*at = tok.word;
				tok_take();
			}
			if (tok.type != ';' && tok.type != T_NEWLINE)
				unexpected(NULL);
			tok_take();
			skip_newlines();
		}
	}
	at_command_line();
	if (accept_word("{")) {
		n->a = body();
		expect_word("}");
		return n;
	}
	expect_word("do");
	n->a = body();
	expect_word("done");
	return n;
}

static struct node *case_of(void)
{
	struct node *n = new_node(N_CASE);
	struct case_item **at = &n->items;

	if (tok_peek() != T_WORD)
		unexpected(NULL);
	n->words = tok.word;
	tok_take();
	skip_to_in("in");
	expect_word("in");
	for (;;) {
		struct case_item *item;
		struct word **pattern;

		skip_newlines();
		if (accept_word("esac"))
			return n;
		item = arena_get(parse_arena, sizeof(*item));
		pattern = &item->patterns;
		if (tok_peek() == '(')
			tok_take();
		for (;;) {
			if (tok_peek() != T_WORD)
				unexpected(NULL);
			*pattern = tok.word;
			pattern = &tok.word->next;
			tok_take();
			if (tok_peek() != '|')
				break;
			tok_take();
		}
		if (tok.type != ')')
			unexpected(")");
		tok_take();
		item->body = list();
		*at = item;
		at = &item->next;
		if (tok_peek() == T_DSEMI || tok.type == T_SEMI_AND) {
			item->falls = tok.type == T_SEMI_AND;
			tok_take();
		} else {
			skip_newlines();
			expect_word("esac");
			return n;
		}
	}
}

static struct node *subshell(void)
{
	struct node *n = new_node(N_SUBSHELL);

	n->a = body();
	if (tok_peek() != ')')
		unexpected(")");
	tok_take();
	return n;
}

static struct node *group(void)
{
	struct node *n = new_node(N_BRACE);

	n->a = body();
	expect_word("}");
	return n;
}

static struct node *command(void)
{
	static const char *const closing[] = { "then", "else", "elif", "fi", "do",
					       "done", "esac", "}",    "!" };
	struct node *n = NULL;
	int line;

	tok_peek();
	line = tok.line;
	if (tok.type == '(') {
		tok_take();
		n = subshell();
	} else if (accept_word("{")) {
		n = group();
	} else if (accept_word("if")) {
		n = if_rest();
	} else if (accept_word("while")) {
		n = loop(N_WHILE);
	} else if (accept_word("until")) {
		n = loop(N_UNTIL);
	} else if (accept_word("for")) {
		n = for_loop();
	} else if (accept_word("case")) {
		n = case_of();
	} else {
		for (size_t i = 0; i < sizeof(closing) / sizeof(closing[0]); i++)
			if (is_word(closing[i]))
				unexpected(NULL);
		return simple();
	}
	n->line = line;
	redirections(&n->redirs);
	return n;
}

static struct node *pipeline(void)
{
	struct node *n, **at;
	bool bang = false;

	at_command();
	n = new_node(N_PIPE);
	while (accept_word("!")) {
		bang = !bang;
		at_command();
	}
	n->bang = bang;
	for (at = &n->a;; at = &(*at)->next) {
		*at = command();
		if (tok_peek() != '|')
			break;
		tok_take();
		at_command_line();
	}
	return n;
}

/* What was read of a command, less the token behind it, for `jobs`. */
static char *text_of(size_t from)
{
	char *s = in_recorded(from, tok.start);
	size_t n = strlen(s);

	while (n && strchr(" \t\n;&)", s[n - 1]))
		n--;
	s[n] = 0;
	return s;
}

static struct node *and_or(void)
{
	struct node *left, *n;

	left = pipeline();
	while (tok_peek() == T_AND_IF || tok.type == T_OR_IF) {
		n = new_node(tok.type == T_AND_IF ? N_AND : N_OR);
		tok_take();
		at_command_line();
		n->a = left;
		n->b = pipeline();
		left = n;
	}
	return left;
}

static bool ends_list(void)
{
	static const char *const closing[] = { "then", "else", "elif", "fi",
					       "do",   "done", "esac", "}" };

	if (tok_peek() != T_WORD)
		return tok.type == T_EOF || tok.type == ')' || tok.type == T_DSEMI ||
		       tok.type == T_SEMI_AND;
	for (size_t i = 0; i < sizeof(closing) / sizeof(closing[0]); i++)
		if (is_word(closing[i]))
			return true;
	return false;
}

/* Commands up to `ends` says so; with `one`, up to the end of the line. */
static struct node *commands(bool one)
{
	struct node *n = NULL, **at = NULL;

	for (;;) {
		struct node *item;
		size_t from;

		if (one)
			at_command();
		else
			at_command_line();
		if (one ? tok_peek() == T_NEWLINE || tok.type == T_EOF : ends_list())
			break;
		from = tok.start;
		item = and_or();
		tok_peek();
		if (!n) {
			n = new_node(N_LIST);
			at = &n->a;
		}
		if (item->kind != N_PIPE || item->next) {
			struct node *wrap = new_node(N_PIPE);

			wrap->a = item;
			item = wrap;
		}
		item->text = text_of(from);
		*at = item;
		at = &item->next;
		tok_peek();
		if (tok.type == '&' || tok.type == ';') {
			item->background = tok.type == '&';
			tok_take();
			if (one && tok_peek() != T_NEWLINE && tok.type != T_EOF && ends_list())
				unexpected(NULL);
			continue;
		}
		if (tok.type != T_NEWLINE || one)
			break;
	}
	return n;
}

static struct node *list(void)
{
	return commands(false);
}

struct node *parse_line(void)
{
	struct node *n;

	lex_reset();
	run_line = 0;
	at_end = false;
	n = commands(true);
	if (tok_peek() == T_EOF)
		at_end = true;
	else if (tok.type != T_NEWLINE)
		unexpected(NULL);
	tok_take();
	return n;
}

bool parse_at_end(void)
{
	return at_end;
}

struct node *parse_substitution(void)
{
	struct node *n;

	n = list();
	if (tok_peek() != ')')
		unexpected(")");
	tok_take();
	return n;
}
