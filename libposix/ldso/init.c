/*
 * init.c - constructors and destructors of all objects: an object's run after those of what it needs, and its
 * destructors before. Where objects need each other in a circle, the one that was loaded last begins.
 */
#include "object.h"

#include "../src/internal/libc.h"

typedef void init_fn(int argc, char **argv, char **envp);
typedef void fini_fn(void);

static struct object *newest; /* [L] initialised, by `older` */
static struct {
	int argc;
	char **argv, **envp;
} args;

static void call_all(const struct table *t)
{
	init_fn *const *fn = (init_fn *const *)t->at;

	for (size_t n = t->size / sizeof(*fn); n; n--)
		(*fn++)(args.argc, args.argv, args.envp);
}

static void init_object(struct object *o)
{
	if (o->initialised || !o->relocated)
		return;
	o->initialised = 1;
	for (struct object **at = o->needs; at && *at; at++)
		init_object(*at);
	o->older = newest;
	newest = o;
	if (o->init_fn)
		((init_fn *)o->init_fn)(args.argc, args.argv, args.envp);
	call_all(&o->init);
}

void __dl_init(struct object *root, struct object *from)
{
	struct object *o = from;

	while (o && o->map.l_next)
		o = (struct object *)o->map.l_next;
	for (; o && o != from; o = (struct object *)o->map.l_prev)
		init_object(o);
	init_object(root);
}

void __run_init(int argc, char **argv, char **envp)
{
	args.argc = argc;
	args.argv = argv;
	args.envp = envp;
	__dl_lock(&__dl_load);
	call_all(&__dl_first->preinit);
	__dl_init(__dl_first, __dl_first);
	__dl_unlock(&__dl_load);
}

static void fini_object(const struct object *o)
{
	fini_fn *const *start = (fini_fn *const *)o->fini.at;
	fini_fn *const *fn = start + o->fini.size / sizeof(*fn);

	while (fn > start)
		(*--fn)();
	if (o->fini_fn)
		((fini_fn *)o->fini_fn)();
}

void __dl_fini_marked(void)
{
	struct object **at = &newest, *o;

	while ((o = *at)) {
		if (o->mark) {
			at = &o->older;
			continue;
		}
		*at = o->older;
		fini_object(o);
		at = &newest; /* a destructor may have loaded something */
	}
}

/* At exit: all, the newest first. The lock is free meanwhile, for a destructor may wait for a thread. */
void __run_fini(void)
{
	struct object *o;

	for (;;) {
		__dl_lock(&__dl_load);
		o = newest;
		if (o)
			newest = o->older;
		__dl_unlock(&__dl_load);
		if (!o)
			return;
		fini_object(o);
	}
}
