/*
 * sh.h - the shell: POSIX.1-2024 XCU chapter 2.
 *
 * input.c gives characters, lex.c tokens and words, parse.c trees of struct node, which eval.c runs.
 * expand.c turns words into fields; arith.c is $(( )). var.c holds variables, jobs.c children, trap.c
 * signals, edit.c lines typed at a terminal. An error that ends a command jumps to the innermost handler.
 */
#ifndef USER_SH_H
#define USER_SH_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/* ---- memory (mem.c) ---------------------------------------------------------------------- */

void *must(void *p); /* ends the shell when p is NULL */
void *grow(void *p, size_t n); /* realloc that succeeds */
char *copy(const char *s); /* strdup that succeeds */
char *copy_n(const char *s, size_t n); /* strndup that succeeds */

/* Memory that goes all at once; a tree and all its words live in one. */
struct arena;
struct arena *arena_new(void);
void arena_hold(struct arena *a);
void arena_drop(struct arena *a);
void *arena_get(struct arena *a, size_t n); /* zeroed */
char *arena_copy(struct arena *a, const char *s, size_t n);

/* What one command needs while it runs; a mark gives back all that came after it. */
struct arena *temp_mark(void);
void temp_release(struct arena *before);
void *temp_get(size_t n);
char *temp_copy(const char *s);

/* A string that grows. */
struct str {
	char *s;
	size_t n, room;
};
void str_add(struct str *b, char c);
void str_put(struct str *b, const char *s);
void str_end(struct str *b); /* the NUL, not counted */

/* ---- trees (parse.c) --------------------------------------------------------------------- */

enum part_kind { PART_TEXT, PART_PARAM, PART_COMMAND, PART_ARITH };

/*
 * One piece of a word. A parameter's op is 0 or one of - = ? + (the rest of `${x:-word}`), # and H
 * (prefixes, short and long), % and P (suffixes), L (length), S (substring offset:length).
 */
struct part {
	struct part *next;
	unsigned char kind;
	bool quoted, colon;
	char op;
	char *text; /* the literal, or the parameter's name */
	struct part *inner; /* the operator's word, or the arithmetic */
	struct node *body; /* the command to substitute */
};

struct word {
	struct word *next;
	struct part *parts;
};

enum redir_kind { RE_IN, RE_OUT, RE_CLOBBER, RE_APPEND, RE_RW, RE_DUP_IN, RE_DUP_OUT, RE_HERE };

struct redir {
	struct redir *next;
	int kind, fd;
	struct word *target;
	struct part *here; /* the body, once read */
	struct redir *pending; /* the next whose body is not read yet */
	bool raw, strip;
};

enum node_kind {
	N_SIMPLE,
	N_PIPE,
	N_AND,
	N_OR,
	N_LIST,
	N_SUBSHELL,
	N_BRACE,
	N_IF,
	N_WHILE,
	N_UNTIL,
	N_FOR,
	N_CASE,
	N_FUNC
};

struct case_item {
	struct case_item *next;
	struct word *patterns;
	struct node *body;
	bool falls;
};

struct node {
	unsigned char kind;
	bool bang, background, has_in;
	int line;
	struct node *a, *b, *c; /* condition/left, then/right, else */
	struct node *next; /* in a pipe or a list */
	struct word *assigns, *words;
	struct redir *redirs;
	struct case_item *items;
	char *name; /* of a function, of a for's variable */
	char *text; /* of a pipe, as it was written */
	struct arena *home; /* of a function's definition */
};

extern struct arena *parse_arena; /* what is parsed goes here */
struct node *parse_line(void); /* a complete command, NULL at the end or for an empty line */
bool parse_at_end(void); /* whether the last parse_line met the end of input */
struct node *parse_substitution(void); /* up to and with ')' */
_Noreturn void syntax_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- words (word.c) ---------------------------------------------------------------------- */

struct part *read_word(void); /* up to what ends it, which is left unread */
int get_joined(void); /* the next character; a backslash before a newline takes both away */

/* ---- tokens (lex.c) ---------------------------------------------------------------------- */

enum {
	T_EOF = 256,
	T_NEWLINE,
	T_WORD,
	T_IO,
	T_AND_IF,
	T_OR_IF,
	T_DSEMI,
	T_SEMI_AND,
	T_DLESS,
	T_DLESSDASH,
	T_DGREAT,
	T_LESSAND,
	T_GREATAND,
	T_LESSGREAT,
	T_CLOBBER
};

struct token {
	int type;
	int fd; /* of T_IO */
	int line;
	size_t start; /* in the record */
	bool after_alias;
	struct word *word;
};

extern struct token tok;
int tok_peek(void);
/* where these two words are reserved, so that no alias of their name counts; NULLs for none */
int tok_peek_before(const char *one, const char *two);
void tok_take(void);
bool tok_expand_alias(void); /* puts the value of the alias that the word is before what is unread */
const char *tok_text(void); /* for messages */
const char *
plain_word(const struct word *w); /* the text of a word without quotes or expansions, or NULL */
void here_expect(struct redir *r); /* its body follows the next newline */
struct part *parse_text(const char *text,
			bool here); /* as between double quotes: prompts, here-documents */

struct lex_state {
	struct token tok;
	bool peeked;
	struct redir *here;
};
void lex_save(struct lex_state *s);
void lex_restore(const struct lex_state *s);
void lex_reset(void);

struct alias;

/* ---- input (input.c) --------------------------------------------------------------------- */

#define END_OF_INPUT (-1)
int in_get(void);
void in_unget(int c);
void in_push_string(const char *s, struct alias *alias);
int in_push_file(int fd); /* returns the depth to come back to */
int in_push_text(const char *s);
void in_pop_to(int depth);
int in_depth(void);
/* A token begins here; whether an alias that ends in a blank came before. */
bool in_settle_aliases(void);
void in_give_back(void); /* the unread rest of standard input, for the command that runs now */
int in_line(void);
void in_set_line(int line);
void in_prompt_reset(void); /* the next line is a new command's */
size_t in_record(void); /* a place in what was read */
char *in_recorded(size_t from, size_t to); /* what was read between, in parse_arena */

struct alias {
	struct alias *next;
	char *name, *value;
	bool in_use, ending; /* ending: read to its end, in use until the next token */
};
struct alias *alias_find(const char *name);
int builtin_alias(int argc, char **argv);
int builtin_unalias(int argc, char **argv);

/* ---- variables (var.c) ------------------------------------------------------------------- */

enum { VAR_EXPORT = 1, VAR_READONLY = 2, VAR_SET = 4 };

struct var {
	struct var *next;
	char *name, *value;
	int flags;
};

void var_init(char **envp);
struct var *var_find(const char *name);
const char *var_get(const char *name); /* NULL when unset */
bool var_set(const char *name, const char *value,
	     int flags); /* false and a message when read-only */
bool var_unset(const char *name);
char **var_environ(void); /* for exec, in temporary memory */
void var_print(const char *prefix, int flags);
bool is_name(const char *s, size_t n);
size_t name_length(const char *s);
/* What a function's `local`, or an assignment before a command, will give back. */
struct saved_var;
extern struct saved_var *local_vars;
void var_save(struct saved_var **list, const char *name);
void var_restore(struct saved_var **list);
void print_quoted(FILE *f, const char *s);

/* Positional parameters. */
struct params {
	char **v;
	int n;
};
extern struct params params;
extern char *arg0;
void params_set(int n, char **v);
void params_free(struct params *p);

/* ---- expansion (expand.c, arith.c) ------------------------------------------------------- */

/* Fields in temporary memory. */
struct fields {
	char **v;
	int n, room;
};
void expand_word(const struct word *w, struct fields *out); /* with splitting and globbing */
char *expand_single(const struct part *parts); /* neither */
char *expand_pattern(const struct part *parts); /* quoted characters behind backslashes */
char *expand_assignment(const struct part *parts); /* tildes after colons, too */
void fields_add(struct fields *f, char *s);
long arith(const char *expr);
char *expand_prompt(const char *name, const char *fallback);

/* ---- running (eval.c) -------------------------------------------------------------------- */

enum { EV_EXIT = 1 }; /* the shell ends after it: no fork is needed */
void eval(const struct node *n, int flags);
int eval_string(const char *text, int flags);
int eval_file(int fd); /* what is sourced */
char *command_output(const struct node *body); /* in temporary memory */

enum skip { SKIP_NONE, SKIP_BREAK, SKIP_CONTINUE, SKIP_RETURN };
extern enum skip skipping;
extern int skip_count, loop_depth, function_depth, dot_depth;
extern int status; /* $? */
extern int subst_status; /* of the last command substitution, or -1 */
extern int tested; /* > 0: somebody looks at the status, and -e does not end the shell */
extern int trap_status; /* what exit and return give while a trap runs, or -1 */
extern int run_line; /* of the command that runs, 0 while parsing */

struct function {
	struct function *next;
	char *name;
	struct node *body;
	struct arena *home;
};
struct function *function_find(const char *name);
bool function_unset(const char *name);
void function_define(const struct node *n);
void function_call(const struct function *f, int argc, char **argv); /* argv[0] is its name */
char *find_program(const char *name, const char *path); /* in temporary memory, or NULL */
void hash_clear(void);
void hash_list(void);
bool hash_add(const char *name);
_Noreturn void exec_program(char **argv, const char *path);
int run_command_builtin(int argc, char **argv);

/* ---- errors and ends (main.c) ------------------------------------------------------------ */

/* if (handler_push(&h), !sigsetjmp(h.jump, 0)) { ...; handler_pop(&h); } else handler_caught(&h); */
struct handler {
	struct handler *outer;
	sigjmp_buf jump;
	int tested, loop_depth, function_depth, dot_depth, inputs;
	struct arena *parse, *temp;
};
extern struct handler *handler;
void handler_push(struct handler *h);
void handler_pop(struct handler *h);
void handler_caught(struct handler *h);
struct arena *temp_top(void);
_Noreturn void raise_error(int st); /* to the handler: the command is over */
_Noreturn void fail(int st, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void leave(int st); /* runs the EXIT trap */
bool command_loop(int flags); /* whether there was a command */
void redirections_undo(void); /* all that are in force for a command, after an error */

enum option {
	O_ALLEXPORT,
	O_ERREXIT,
	O_NOGLOB,
	O_HASHALL,
	O_INTERACTIVE,
	O_MONITOR,
	O_NOEXEC,
	O_STDIN,
	O_NOUNSET,
	O_VERBOSE,
	O_XTRACE,
	O_NOCLOBBER,
	O_NOTIFY,
	O_IGNOREEOF,
	O_VI,
	O_EMACS,
	O_NOLOG,
	O_PIPEFAIL,
	O_COUNT
};
extern bool options[O_COUNT];
extern const struct option_name {
	char letter;
	const char *name;
} option_names[O_COUNT];
int set_options(int argc, char **argv, bool start); /* the index behind them */
int builtin_set(int argc, char **argv);
extern pid_t shell_pid;
extern bool in_subshell;

/* ---- jobs (jobs.c) ----------------------------------------------------------------------- */

struct job;
void jobs_init(void);
void job_control(bool on);
struct job *job_new(const char *text, int procs);
pid_t job_fork(struct job *j, bool background); /* in the child, signals and groups are set up */
int job_wait(struct job *j);
void job_background(struct job *j);
void jobs_notify(bool all);
void jobs_forget(void); /* in a subshell */
extern pid_t last_background;
bool jobs_stopped(void);
int builtin_jobs(int argc, char **argv);
int builtin_fg(int argc, char **argv);
int builtin_wait(int argc, char **argv);
int builtin_kill(int argc, char **argv);

/* ---- signals (trap.c) -------------------------------------------------------------------- */

extern volatile bool trap_pending;
extern volatile int got_interrupt;
void trap_run(void);
int trap_run_exit(int st); /* the status to end with: st, or that of an error in the action */
bool trap_any(void);
void traps_subshell(void);
void signals_interactive(bool on);
void signals_background(void);
int builtin_trap(int argc, char **argv);
int trap_signal_pending(void); /* a trapped signal's number, or 0 */

/* ---- builtins ---------------------------------------------------------------------------- */

enum { BI_SPECIAL = 1, BI_DECLARES = 2 };
struct builtin {
	const char *name;
	int (*run)(int argc, char **argv);
	int flags;
};
const struct builtin *builtin_find(const char *name);
extern const struct builtin builtins[];
int builtin_read(int argc, char **argv);
int builtin_getopts(int argc, char **argv);
int builtin_ulimit(int argc, char **argv);
int builtin_umask(int argc, char **argv);
int builtin_printf(int argc, char **argv);
void getopts_reset(void);

/* Options of a builtin: the next letter, 0 at the end, '?' after a message. */
struct opts {
	int at;
	char *next, *arg;
};
int opt_next(struct opts *o, int argc, char **argv, const char *letters);

/* ---- lines typed at a terminal (edit.c, complete.c) -------------------------------------- */

char *edit_line(const char *prompt); /* with its newline, NULL at the end; free() it */
void history_add(const char *line);
void history_load(void);
void history_save(void);
int builtin_history(int argc, char **argv);
int builtin_fc(int argc, char **argv);
/* All that the word before `at` may become; the count, and where the word begins. */
int complete(const char *line, size_t at, size_t *start, char ***out);

#endif
