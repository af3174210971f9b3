/*
 * function.c - functions: kept by name, and called (XCU 2.9.5).
 */
#include "sh.h"

#include <stdlib.h>
#include <string.h>

static struct function *functions;

struct function *function_find(const char *name)
{
	struct function *f = functions;

	while (f && strcmp(f->name, name))
		f = f->next;
	return f;
}

bool function_unset(const char *name)
{
	for (struct function **at = &functions; *at; at = &(*at)->next) {
		struct function *f = *at;

		if (strcmp(f->name, name))
			continue;
		*at = f->next;
		arena_drop(f->home);
		free(f->name);
		free(f);
		return true;
	}
	return false;
}

/* set -h: the programs that a body calls are looked for when it is defined. */
static void hash_commands(const struct node *n)
{
	for (; n; n = n->next) {
		const char *name = n->kind == N_SIMPLE ? plain_word(n->words) : NULL;

		if (name && !strchr(name, '/'))
			hash_add(name);
		if (n->kind == N_FUNC)
			continue;
		for (const struct case_item *item = n->items; item; item = item->next)
			hash_commands(item->body);
		hash_commands(n->a);
		hash_commands(n->b);
		hash_commands(n->c);
	}
}

void function_define(const struct node *n)
{
	struct function *f;

	function_unset(n->name);
	f = must(calloc(1, sizeof(*f)));
	f->name = copy(n->name);
	f->body = n->a;
	f->home = n->home;
	arena_hold(f->home);
	f->next = functions;
	functions = f;
	if (options[O_HASHALL])
		hash_commands(f->body);
	status = 0;
}

void function_call(const struct function *f, int argc, char **argv)
{
	struct params outer = params;
	struct saved_var *outer_locals = local_vars;
	struct arena *home = f->home;
	struct node *body = f->body;
	struct handler h;
	int st, loops = loop_depth;

	params = (struct params){ 0 };
	params_set(argc - 1, argv + 1);
	local_vars = NULL;
	arena_hold(home);
	handler_push(&h);
	st = sigsetjmp(h.jump, 0);
	if (!st) {
		loop_depth = 0;
		function_depth++;
		if (function_depth > 1000)
			fail(2, "%s: functions nest too deep", argv[0]);
		eval(body, 0);
		function_depth--;
		handler_pop(&h);
	} else {
		handler_caught(&h);
	}
	loop_depth = loops;
	if (skipping == SKIP_RETURN)
		skipping = SKIP_NONE;
	var_restore(&local_vars);
	local_vars = outer_locals;
	params_free(&params);
	params = outer;
	arena_drop(home);
	if (st)
		raise_error(st);
}
