/*
 * eval.c - runs trees (XCU 2.9).
 */
#include "sh.h"
#include "redir.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum skip skipping;
int skip_count, loop_depth, function_depth, dot_depth;
int status, subst_status, tested, run_line, trap_status = -1;

/* ---- simple commands --------------------------------------------------------------------- */

static void trace(const struct fields *assigns, const struct fields *argv)
{
	fputs(expand_prompt("PS4", "+ "), stderr);
	for (int i = 0; i < assigns->n; i++)
		fprintf(stderr, "%s%s", i ? " " : "", assigns->v[i]);
	for (int i = 0; i < argv->n; i++)
		fprintf(stderr, "%s%s", i || assigns->n ? " " : "", argv->v[i]);
	fputc('\n', stderr);
}

static void check_errexit(void)
{
	if (status && options[O_ERREXIT] && !tested)
		leave(status);
}

/* NAME=value of each assignment, expanded, in temporary memory. */
static void expand_assigns(const struct node *n, struct fields *out)
{
	for (const struct word *w = n->assigns; w; w = w->next)
		fields_add(out, expand_assignment(w->parts));
}

/* Make them; with a list, what they were is kept there and they go to the environment. */
static bool assign_all(const struct fields *assigns, struct saved_var **list)
{
	for (int i = 0; i < assigns->n; i++) {
		char *eq = strchr(assigns->v[i], '=');
		bool ok;

		*eq = 0;
		if (list)
			var_save(list, assigns->v[i]);
		ok = var_set(assigns->v[i], eq + 1, list ? VAR_EXPORT : 0);
		*eq = '=';
		if (!ok)
			return false;
	}
	return true;
}

static bool declares(const struct fields *argv)
{
	const struct builtin *b;
	int i = 0;

	while (i < argv->n && !strcmp(argv->v[i], "command"))
		i++;
	b = i < argv->n && !function_find(argv->v[i]) ? builtin_find(argv->v[i]) : NULL;
	return b && b->flags & BI_DECLARES;
}

static void expand_words(const struct node *n, struct fields *argv)
{
	for (const struct word *w = n->words; w; w = w->next) {
		const struct part *p = w->parts;

		if (argv->n && p && p->kind == PART_TEXT && !p->quoted && name_length(p->text) &&
		    p->text[name_length(p->text)] == '=' && declares(argv))
			fields_add(argv, expand_assignment(p));
		else
			expand_word(w, argv);
	}
}

static void flush_output(const char *name)
{
	if (!fflush(stdout) && !ferror(stdout))
		return;
	complain("%s: I/O error", name);
	clearerr(stdout);
	if (!status)
		status = 1;
}

static void run_builtin(const struct builtin *b, const struct fields *argv, const struct node *n,
			bool special, bool contained)
{
	struct saved_fd *mark = redirect_mark();
	struct saved_var *kept = NULL;
	struct fields assigns = { 0 };
	bool is_exec = !strcmp(b->name, "exec"), ok;
	struct handler h;
	int st;

	ok = redirect(n->redirs, false);
	if (!ok) {
		redirect_undo(mark);
		status = 2;
		if (special)
			raise_error(2);
		return;
	}
	handler_push(&h);
	st = sigsetjmp(h.jump, 0);
	if (!st) {
		expand_assigns(n, &assigns);
		if (!assign_all(&assigns, special ? NULL : &kept))
			raise_error(2);
		/* a program in its place has no way back, and keeps what was done */
		if (is_exec)
			redirect_keep(mark);
		status = b->run(argv->n, argv->v);
		flush_output(b->name);
		handler_pop(&h);
	} else {
		handler_caught(&h);
		status = st;
	}
	redirect_undo(mark);
	var_restore(&kept);
	if (st && !contained)
		raise_error(st);
}

static void run_function(const struct function *f, const struct fields *argv, const struct node *n)
{
	struct saved_fd *mark = redirect_mark();
	struct saved_var *kept = NULL;
	struct fields assigns = { 0 };
	struct handler h;
	int st;

	if (!redirect(n->redirs, false)) {
		redirect_undo(mark);
		status = 2;
		return;
	}
	handler_push(&h);
	st = sigsetjmp(h.jump, 0);
	if (!st) {
		expand_assigns(n, &assigns);
		if (!assign_all(&assigns, &kept))
			raise_error(2);
		function_call(f, argv->n, argv->v);
		handler_pop(&h);
	} else {
		handler_caught(&h);
	}
	redirect_undo(mark);
	var_restore(&kept);
	if (st)
		raise_error(st);
}

/* In the child, or in the shell that ends with it. */
static _Noreturn void become(const struct fields *argv, const struct node *n, const char *path)
{
	struct fields assigns = { 0 };
	struct saved_var *kept = NULL;

	if (!redirect(n->redirs, true))
		leave(2);
	expand_assigns(n, &assigns);
	if (!assign_all(&assigns, &kept))
		leave(2);
	exec_program(argv->v, path);
}

static void run_program(const struct fields *argv, const struct node *n, const char *path,
			int flags)
{
	struct job *j;

	for (const struct word *w = n->assigns; w; w = w->next) {
		const char *text = w->parts->text;
		char *name = temp_copy(text);
		struct var *v;

		name[name_length(text)] = 0;
		v = var_find(name);
		if (v && v->flags & VAR_READONLY)
			fail(2, "%s: is read only", name);
	}
	if (flags & EV_EXIT && !trap_any())
		become(argv, n, path);
	in_give_back();
	j = job_new(n->text ? n->text : argv->v[0], 1);
	if (!job_fork(j, false))
		become(argv, n, path);
	status = job_wait(j);
}

static void assign_only(const struct node *n)
{
	struct saved_fd *mark = redirect_mark();
	struct fields assigns = { 0 }, none = { 0 };

	if (!redirect(n->redirs, false)) {
		redirect_undo(mark);
		status = 2;
		return;
	}
	/* one by one: the next may use it */
	for (const struct word *w = n->assigns; w; w = w->next) {
		struct fields one = { 0 };
		char *text = expand_assignment(w->parts);

		fields_add(&one, text);
		fields_add(&assigns, temp_copy(text));
		if (!assign_all(&one, NULL)) {
			redirect_undo(mark);
			raise_error(2);
		}
	}
	redirect_undo(mark);
	if (options[O_XTRACE] && assigns.n)
		trace(&assigns, &none);
	status = subst_status >= 0 ? subst_status : 0;
}

static void eval_simple(const struct node *n, int flags)
{
	struct fields argv = { 0 }, none = { 0 };
	const struct builtin *b;
	const struct function *f;
	const char *path = NULL;
	bool by_command = false;

	subst_status = -1;
	expand_words(n, &argv);
	if (!argv.n) {
		assign_only(n);
		return;
	}
	if (options[O_XTRACE]) {
		struct fields assigns = { 0 };

		expand_assigns(n, &assigns);
		trace(n->assigns ? &assigns : &none, &argv);
	}
	f = function_find(argv.v[0]);
	b = builtin_find(argv.v[0]);
	/* special ones come before functions */
	if (b && b->flags & BI_SPECIAL)
		f = NULL;
	while (!f && b && !strcmp(b->name, "command") && argv.n > 1) {
		int i = 1;

		if (!strcmp(argv.v[i], "-p")) {
			path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
			i++;
		}
		if (i < argv.n && !strcmp(argv.v[i], "--"))
			i++;
		if (i == argv.n || argv.v[i][0] == '-')
			break;
		argv.v += i;
		argv.n -= i;
		by_command = true;
		b = builtin_find(argv.v[0]);
	}
	if (f)
		run_function(f, &argv, n);
	else if (b)
		run_builtin(b, &argv, n, !by_command && b->flags & BI_SPECIAL, by_command);
	else
		run_program(&argv, n, path, flags);
}

/* ---- compound commands ------------------------------------------------------------------- */

/* After a loop's body; whether the loop is over. */
static bool loop_over(void)
{
	if (skipping == SKIP_NONE)
		return false;
	if (skipping == SKIP_RETURN)
		return true;
	if (--skip_count > 0)
		return true;
	if (skipping == SKIP_BREAK) {
		skipping = SKIP_NONE;
		return true;
	}
	skipping = SKIP_NONE;
	return false;
}

static void eval_while(const struct node *n)
{
	int st = 0;

	loop_depth++;
	for (;;) {
		tested++;
		eval(n->a, 0);
		tested--;
		if (skipping) {
			if (loop_over())
				break;
			continue;
		}
		if ((status == 0) != (n->kind == N_WHILE))
			break;
		eval(n->b, 0);
		st = status;
		if (loop_over())
			break;
	}
	loop_depth--;
	if (!skipping || skipping != SKIP_RETURN)
		status = st;
}

static void eval_for(const struct node *n)
{
	struct fields list = { 0 };

	subst_status = -1;
	if (n->has_in)
		for (const struct word *w = n->words; w; w = w->next)
			expand_word(w, &list);
	else
		for (int i = 0; i < params.n; i++)
			fields_add(&list, temp_copy(params.v[i]));
	status = 0;
	loop_depth++;
	for (int i = 0; i < list.n; i++) {
		if (!var_set(n->name, list.v[i], 0))
			raise_error(2);
		eval(n->a, 0);
		if (loop_over())
			break;
	}
	loop_depth--;
}

static void eval_case(const struct node *n, int flags)
{
	char *subject;
	const struct case_item *item;

	subst_status = -1;
	subject = expand_single(n->words->parts);
	status = 0;
	for (item = n->items; item; item = item->next)
		for (const struct word *w = item->patterns; w; w = w->next)
			if (!fnmatch(expand_pattern(w->parts), subject, 0))
				goto found;
	return;
found:
	while (item) {
		if (item->body)
			eval(item->body, item->falls ? 0 : flags);
		if (skipping || !item->falls)
			return;
		item = item->next;
	}
}

static void eval_subshell(const struct node *n, int flags)
{
	struct job *j;

	if (!(flags & EV_EXIT) || trap_any()) {
		in_give_back();
		j = job_new(n->text ? n->text : "(...)", 1);
		if (job_fork(j, false)) {
			status = job_wait(j);
			return;
		}
	} else {
		traps_subshell();
		jobs_forget();
	}
	if (!redirect(n->redirs, true))
		leave(2);
	eval(n->a, EV_EXIT);
	leave(status);
}

/* ---- pipes and lists --------------------------------------------------------------------- */

static _Noreturn void run_in_child(const struct node *n)
{
	eval(n, EV_EXIT);
	leave(status);
}

static void start_pipe(struct job *j, const struct node *n, bool background)
{
	int in = -1, ends[2];

	for (const struct node *c = n->a; c; c = c->next) {
		if (c->next && pipe(ends))
			fail(2, "pipe: %s", strerror(errno));
		if (!job_fork(j, background)) {
			if (in >= 0) {
				dup2(in, 0);
				close(in);
			}
			if (c->next) {
				close(ends[0]);
				if (ends[1] != 1) {
					dup2(ends[1], 1);
					close(ends[1]);
				}
			}
			run_in_child(c);
		}
		if (in >= 0)
			close(in);
		if (c->next) {
			close(ends[1]);
			in = ends[0];
		}
	}
}

static void eval_pipe(const struct node *n, int flags)
{
	int procs = 0;
	struct job *j;

	for (const struct node *c = n->a; c; c = c->next)
		procs++;
	if (n->background) {
		in_give_back();
		j = job_new(n->text ? n->text : "", procs);
		start_pipe(j, n, true);
		job_background(j);
		status = 0;
		return;
	}
	if (procs > 1) {
		in_give_back();
		j = job_new(n->text ? n->text : "", procs);
		start_pipe(j, n, false);
		status = job_wait(j);
		if (n->bang)
			status = !status;
		else
			check_errexit();
		return;
	}
	if (n->a->kind == N_SIMPLE || n->a->kind == N_SUBSHELL)
		n->a->text = n->text;
	if (!n->bang) {
		eval(n->a, flags);
		return;
	}
	tested++;
	eval(n->a, 0);
	tested--;
	if (!skipping)
		status = !status;
}

static void eval_body(const struct node *n, int flags)
{
	switch (n->kind) {
	case N_SIMPLE:
		eval_simple(n, flags);
		check_errexit();
		break;
	case N_PIPE:
		eval_pipe(n, flags);
		break;
	case N_AND:
	case N_OR:
		tested++;
		eval(n->a, 0);
		tested--;
		if (!skipping && (status == 0) == (n->kind == N_AND))
			eval(n->b, flags);
		break;
	case N_LIST:
		for (const struct node *c = n->a; c && !skipping; c = c->next)
			eval(c, c->next ? 0 : flags);
		break;
	case N_SUBSHELL:
		eval_subshell(n, flags);
		check_errexit();
		break;
	case N_BRACE:
		eval(n->a, flags);
		break;
	case N_IF:
		tested++;
		eval(n->a, 0);
		tested--;
		if (skipping)
			break;
		if (!status)
			eval(n->b, flags);
		else if (n->c)
			eval(n->c, flags);
		else
			status = 0;
		break;
	case N_WHILE:
	case N_UNTIL:
		eval_while(n);
		break;
	case N_FOR:
		eval_for(n);
		break;
	case N_CASE:
		eval_case(n, flags);
		break;
	default:
		function_define(n);
		break;
	}
}

void eval(const struct node *n, int flags)
{
	struct arena *mark;
	struct saved_fd *fds;

	if (!n) {
		status = 0;
		return;
	}
	if (options[O_NOEXEC] && !options[O_INTERACTIVE])
		return;
	if (n->line)
		run_line = n->line;
	mark = temp_mark();
	if (n->redirs && n->kind != N_SIMPLE && n->kind != N_SUBSHELL && n->kind != N_FUNC) {
		fds = redirect_mark();
		if (redirect(n->redirs, false)) {
			struct handler h;
			int st;

			handler_push(&h);
			st = sigsetjmp(h.jump, 0);
			if (!st) {
				eval_body(n, 0);
				handler_pop(&h);
			} else {
				handler_caught(&h);
			}
			redirect_undo(fds);
			if (st)
				raise_error(st);
		} else {
			redirect_undo(fds);
			status = 2;
			check_errexit();
		}
	} else {
		eval_body(n, flags);
	}
	temp_release(mark);
	if (trap_pending)
		trap_run();
	if (got_interrupt && options[O_INTERACTIVE] && !in_subshell) {
		got_interrupt = 0;
		raise_error(130);
	}
}

/* ---- text and files ---------------------------------------------------------------------- */

int eval_string(const char *text, int flags)
{
	int depth = in_push_text(text), line = in_line();
	struct lex_state saved;

	lex_save(&saved);
	if (!command_loop(flags))
		status = 0;
	lex_restore(&saved);
	in_pop_to(depth);
	in_set_line(line);
	return status;
}

int eval_file(int fd)
{
	int depth = in_push_file(fd);
	struct lex_state saved;

	lex_save(&saved);
	if (!command_loop(0))
		status = 0;
	lex_restore(&saved);
	in_pop_to(depth);
	return status;
}

char *command_output(const struct node *body)
{
	struct str out = { 0 };
	int ends[2], st;
	char buf[4096], *text;
	struct job *j;
	ssize_t n;

	if (!body) {
		subst_status = 0;
		return temp_copy("");
	}
	if (pipe(ends))
		fail(2, "pipe: %s", strerror(errno));
	in_give_back();
	fflush(stdout);
	j = job_new(NULL, 1);
	if (!job_fork(j, false)) {
		close(ends[0]);
		if (ends[1] != 1) {
			dup2(ends[1], 1);
			close(ends[1]);
		}
		run_in_child(body);
	}
	close(ends[1]);
	for (;;) {
		n = read(ends[0], buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++)
			if (buf[i])
				str_add(&out, buf[i]);
	}
	close(ends[0]);
	st = job_wait(j);
	subst_status = st;
	status = st;
	while (out.n && out.s[out.n - 1] == '\n')
		out.n--;
	str_end(&out);
	text = temp_copy(out.s);
	free(out.s);
	return text;
}
