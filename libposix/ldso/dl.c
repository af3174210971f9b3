/*
 * dl.c - shared objects at run time: dlopen(3), dlsym(3), dlclose(3), dlinfo(3), dlerror(3).
 *
 * An object stays while it has handles, or one that stays needs it or found a symbol in it. The
 * others are taken away together when a handle is closed: their destructors run, newest first.
 */
#include "object.h"

#include "../src/internal/thread.h"
#include "../src/stdlib/malloc.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

static int collecting, again; /* [L] */

static struct object *next_of(const struct object *o)
{
	return (struct object *)o->map.l_next;
}

static struct object *caller_at(const void *addr)
{
	struct object *o;

	__dl_lock(&__dl_list);
	o = __dl_object_at((uintptr_t)addr);
	__dl_unlock(&__dl_list);
	return o ? o : __dl_first;
}

/* It and all that it needs, breadth first, each once. NULL: no memory. */
static struct group *make_family(struct object *root)
{
	struct group *g;
	size_t n = 2, at = 0;

	for (struct object *o = __dl_first; o; o = next_of(o)) {
		o->seen = 0;
		n++;
	}
	g = __dl_alloc(sizeof(*g) + n * sizeof(struct object *));
	if (!g)
		return NULL;
	n = 0;
	g->objects[n++] = root;
	root->seen = 1;
	for (; at < n; at++) {
		for (struct object **dep = g->objects[at]->needs; dep && *dep; dep++) {
			if (!(*dep)->seen)
				g->objects[n++] = *dep;
			(*dep)->seen = 1;
		}
	}
	g->users = 1;
	return g;
}

/* Those that are gone leave the list, and no other names them any more. */
static void remove_gone(void)
{
	struct object *all = NULL, *o, *next;

	__dl_debug(RT_DELETE);
	__dl_lock(&__dl_list);
	for (o = __dl_first; o; o = next) {
		next = next_of(o);
		if (!o->gone)
			continue;
		__dl_remove(o);
		__dl_tls_remove(o);
		o->older = all;
		all = o;
	}
	for (o = __dl_first; o; o = next_of(o)) {
		struct object **from = o->scope ? o->scope->objects : NULL, **to = from;

		for (; from && *from; from++)
			if (!(*from)->gone)
				*to++ = *from;
		if (to)
			*to = NULL;
	}
	__dl_unlock(&__dl_list);
	for (o = all; o; o = next) {
		next = o->older;
		__dl_unmap(o);
	}
	__dl_debug(RT_CONSISTENT);
}

static void keep_alive(struct object *o)
{
	if (o->used)
		return;
	o->used = 1;
	for (struct object **at = o->needs; at && *at; at++)
		keep_alive(*at);
	for (int i = 0; i < BOUND && o->bound[i]; i++)
		keep_alive(o->bound[i]);
}

static void mark_used(void)
{
	for (struct object *o = __dl_first; o; o = next_of(o))
		o->used = 0;
	for (struct object *o = __dl_first; o; o = next_of(o))
		if (o->startup || o->keep || o->opens)
			keep_alive(o);
}

/* A destructor may close more, which the outermost call then does, or open what is about to go. */
static void collect(void)
{
	again = 1;
	if (collecting)
		return;
	collecting = 1;
	while (again) {
		again = 0;
		mark_used();
		__dl_fini_unused();
		if (again)
			continue;
		mark_used();
		for (struct object *o = __dl_first; o; o = next_of(o))
			o->gone = !o->used;
		remove_gone();
	}
	collecting = 0;
}

int __dl_add_new(struct object *from, int mode)
{
	struct object *o, *end = from;

	for (o = from; o; o = next_of(o)) {
		__dl_lock(&__dl_list);
		if (__dl_tls_add(o)) {
			__dl_unlock(&__dl_list);
			return -1;
		}
		__dl_unlock(&__dl_list);
		if (mode & RTLD_NOW)
			o->now = 1;
		o->deep = (mode & RTLD_DEEPBIND) != 0;
		end = o;
	}
	for (o = end;; o = (struct object *)o->map.l_prev) {
		if (__dl_relocate(o))
			return -1;
		if (o == from)
			return 0;
	}
}

/* What was just loaded for `root`, from `new` to the end of the list, looks for symbols in root's family. */
static int join_family(struct object *root, struct object *new)
{
	struct group *family = root->family;

	if (!family)
		family = make_family(root);
	if (!family)
		return -1;
	__dl_lock(&__dl_list);
	root->family = family;
	for (; new; new = next_of(new)) {
		new->scope = family;
		family->users++;
	}
	__dl_unlock(&__dl_list);
	return 0;
}

static struct object *open_object(const char *path, int mode, struct object *by)
{
	struct object *before = __dl_first, *o, *new;

	while (next_of(before))
		before = next_of(before);
	o = __dl_load_object(path, by, mode & RTLD_NOLOAD);
	new = next_of(before);
	if (!o)
		return NULL;
	if (new)
		__dl_debug(RT_ADD);
	if (__dl_load_needed(o) || join_family(o, next_of(before)) ||
	    (new &&__dl_add_new(new, mode))) {
		for (o = next_of(before); o; o = next_of(o))
			o->gone = 1;
		remove_gone();
		return NULL;
	}
	o->opens++;
	__dl_lock(&__dl_list);
	if (mode & RTLD_NODELETE)
		o->keep = 1;
	for (struct object **at = o->family->objects; mode & RTLD_GLOBAL && *at; at++)
		(*at)->global = 1;
	__dl_unlock(&__dl_list);
	if (new)
		__dl_debug(RT_CONSISTENT);
	__dl_init(o, new);
	return o;
}

static void *open_for(const char *path, int mode, struct object *by)
{
	struct object *o;
	int saved = errno;

	if (!(mode & (RTLD_LAZY | RTLD_NOW))) {
		__dl_fail("dlopen: neither RTLD_LAZY nor RTLD_NOW");
		return NULL;
	}
	if (!path || !*path)
		return __dl_first;
	__dl_lock(&__dl_load);
	o = open_object(path, mode, by);
	__dl_unlock(&__dl_load);
	if (o) {
		errno = saved;
		__dl_error(); /* of files that were passed over */
	}
	return o;
}

void *dlopen(const char *path, int mode)
{
	return open_for(path, mode, caller_at(__builtin_return_address(0)));
}

void *dlmopen(Lmid_t list, const char *path, int mode)
{
	if (list == LM_ID_BASE)
		return open_for(path, mode, caller_at(__builtin_return_address(0)));
	if (list == LM_ID_NEWLM)
		__dl_fail("dlmopen: there is one list of objects only");
	else
		__dl_fail("dlmopen: no such list of objects: %ld", list);
	return NULL;
}

/* Whether somebody opened it; with one of the locks. */
static struct object *of_handle(void *handle)
{
	for (struct object *o = __dl_first; o; o = next_of(o))
		if (o == handle && (o->opens || o == __dl_first))
			return o;
	__dl_fail("not a handle of dlopen: %p", handle);
	return NULL;
}

int dlclose(void *handle)
{
	struct object *o;

	__dl_lock(&__dl_load);
	o = of_handle(handle);
	if (o && o != __dl_first && !--o->opens && !o->startup && !o->keep)
		collect();
	__dl_unlock(&__dl_load);
	return o ? 0 : -1;
}

/* RTLD_NEXT: after `from`, of those that it can see. */
static struct definition find_next(struct object *from, const char *name)
{
	struct definition def = { NULL, NULL };
	struct object **in;

	for (struct object *o = next_of(from); o && !def.symbol; o = next_of(o)) {
		for (in = from->scope ? from->scope->objects : NULL; in && *in && *in != o;)
			in++;
		if (o->global || (in && *in))
			def = __dl_find_in(o, name);
	}
	return def;
}

static struct definition find_for(void *handle, const char *name, struct object *by)
{
	struct definition def = { NULL, NULL };
	struct object *o;

	if (handle == RTLD_DEFAULT)
		return __dl_find(by, name, 0);
	if (handle == RTLD_NEXT)
		return find_next(by, name);
	o = of_handle(handle);
	if (o == __dl_first)
		return __dl_find(o, name, 0);
	for (struct object **at = o ? o->family->objects : NULL; at && *at && !def.symbol; at++)
		def = __dl_find_in(*at, name);
	return def;
}

static void *find_value(void *handle, const char *name, const void *caller)
{
	struct object *by = caller_at(caller);
	struct definition def;
	void *value = NULL;

	__dl_error();
	__dl_lock(&__dl_list);
	def = find_for(handle, name, by);
	__dl_unlock(&__dl_list);
	if (!def.symbol) {
		if (!__dl_failed())
			__dl_fail("symbol not found: %s", name);
	} else if (ELF64_ST_TYPE(def.symbol->st_info) == STT_TLS) {
		value = __tls_get_addr(&(struct tls_index){ def.object->tls_id,
							    def.symbol->st_value - DTV_OFFSET });
	} else {
		value = (void *)__dl_value(def);
	}
	return value;
}

void *dlsym(void *__restrict handle, const char *__restrict name)
{
	return find_value(handle, name, __builtin_return_address(0));
}

void *dlvsym(void *__restrict handle, const char *__restrict name, const char *__restrict version)
{
	(void)version;
	return find_value(handle, name, __builtin_return_address(0));
}

char *dlerror(void)
{
	return (char *)__dl_error();
}

int dlinfo(void *handle, int what, void *out)
{
	struct object *o;
	int err = -1;

	__dl_lock(&__dl_load);
	o = of_handle(handle);
	if (o)
		err = 0;
	if (o && what == RTLD_DI_LMID)
		*(Lmid_t *)out = LM_ID_BASE;
	else if (o && what == RTLD_DI_LINKMAP)
		*(struct link_map **)out = &o->map;
	else if (o && what == RTLD_DI_ORIGIN)
		strcpy(out, __dl_origin(o) ? __dl_origin(o) : "");
	else if (o && what == RTLD_DI_TLS_MODID)
		*(size_t *)out = o->tls_id;
	else if (o && what == RTLD_DI_TLS_DATA)
		*(void **)out = __dl_tls_block(o);
	else if (o)
		err = __dl_fail("dlinfo: a request that I don't know: %d", what);
	__dl_unlock(&__dl_load);
	return err;
}

/* A thread will run a destructor that is in the object where `in` lies. */
void __dl_keep(const void *in)
{
	struct object *o;

	__dl_lock(&__dl_list);
	o = __dl_object_at((uintptr_t)in);
	if (o)
		o->keep = 1;
	__dl_unlock(&__dl_list);
}
