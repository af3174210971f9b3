/*
 * tls.c - thread-local storage of programs with shared objects (psABI, TLS variant I). The blocks of objects that
 * are there from the start lie one behind the other from tp on, the program's first; behind
 * them is a little room for objects that come later and insist on such a place (the initial-exec model).
 * Others get a block in each thread when it first asks for one of their variables: __tls_get_addr finds it
 * in the thread's table (dtv), whose slots are numbered as the objects are. A number may be another
 * object's later: the serial number then differs.
 *
 * The slow way takes no lock and no memory of malloc's, for a signal handler may go it.
 */
#include "object.h"

#include "../src/internal/libc.h"
#include "../src/internal/syscall.h"
#include "../src/internal/thread.h"
#include "../src/stdlib/malloc.h"

#include <bits/tls.h>
#include <string.h>
#include <sys/mman.h>

#define LATE_ROOM 1024

struct module {
	struct object *object; /* NULL: the number is free */
	unsigned long serial;
};

struct slot {
	char *block; /* NULL: none yet */
	unsigned long serial;
	size_t mapped; /* bytes that are its own; 0: it lies behind tp */
};

struct dtv {
	size_t count, mapped;
	struct slot slots[];
};

/* [l] numbers from 1. It grows by a new table: the old one stays for those who are reading it. */
static struct module *modules; /* [a] */
static size_t module_count, module_room;
static unsigned long serials;

/* Set when the places are known. Before that libc.so alone has variables, at tp. */
static size_t used, block_size, block_align = 64;
static int settled;

static char early[sizeof(struct thread) + 1024] __attribute__((aligned(64)));

size_t __tls_size(void)
{
	return sizeof(struct thread) + block_size + block_align;
}

static void copy_image(const struct object *o, uintptr_t tp)
{
	memcpy((char *)tp + o->tls_offset, o->tls_image, o->tls_image_size);
}

void *__tls_make(void *mem)
{
	uintptr_t tp = ((uintptr_t)mem + sizeof(struct thread) + block_align - 1) & -block_align;

	memset((struct thread *)tp - 1, 0, sizeof(struct thread) + block_size);
	__dl_lock(&__dl_list);
	for (size_t i = 1; i <= module_count; i++)
		if (modules[i].object && modules[i].object->tls_static)
			copy_image(modules[i].object, tp);
	__dl_unlock(&__dl_list);
	return (void *)tp;
}

static void become(void *tp)
{
	struct thread *self = (struct thread *)tp - 1;

	self->next = self->prev = self;
	self->robust.list.next = &self->robust.list;
	__threads = self;
	__asm__ volatile("mv tp, %0" : : "r"(tp) : "memory");
	self->tid = (int)SC(__NR_set_tid_address, &self->tid);
}

/* With libc.so alone, so that there are errno and locale while the program is put together. */
void __tls_init(void)
{
	struct thread *self = (struct thread *)early;

	if (__dl_self.tls_size > sizeof(early) - sizeof(*self))
		__builtin_trap();
	memcpy(self + 1, __dl_self.tls_image, __dl_self.tls_image_size);
	become(self + 1);
}

/* The next place for a block: its address has to be to its alignment as in the file. */
static size_t place(const struct object *o)
{
	return used + ((o->tls_vaddr - used) & (o->tls_align - 1));
}

int __dl_tls_add(struct object *o)
{
	struct module *wider;
	size_t id = 1;

	if (!o->tls_size)
		return 0;
	while (id <= module_count && modules[id].object)
		id++;
	if (id >= module_room) {
		wider = __dl_alloc((2 * module_room + 16) * sizeof(*wider));
		if (!wider)
			return -1;
		if (modules)
			memcpy(wider, modules, module_room * sizeof(*wider));
		module_room = 2 * module_room + 16;
		__atomic_store_n(&modules, wider, __ATOMIC_RELEASE);
	}
	if (id > module_count)
		module_count = id;
	modules[id] = (struct module){ o, ++serials };
	o->tls_id = id;
	if (settled)
		return 0;
	/* The program's own are at tp, whatever its alignment: it is linked so. */
	o->tls_offset = o == __dl_first ? 0 : place(o);
	o->tls_static = 1;
	used = o->tls_offset + o->tls_size;
	if (o->tls_align > block_align)
		block_align = o->tls_align;
	return 0;
}

void __dl_tls_remove(struct object *o)
{
	if (o->tls_id)
		modules[o->tls_id].object = NULL;
}

/* An object that is relocated has the last word on what its variables begin with: pointers among them are right. */
void __dl_tls_fill(const struct object *o)
{
	struct thread *t;

	__threads_lock();
	t = __threads;
	do {
		copy_image(o, (uintptr_t)(t + 1));
		t = t->next;
	} while (t != __threads);
	__threads_unlock();
}

/* A place for an object that comes late; it and what takes it stay for ever. */
int __dl_tls_place(struct object *o)
{
	size_t at = place(o);

	if (o->initialised)
		return __dl_fail("%s: its thread-local variables are in use elsewhere",
				 __dl_name(o));
	if (o->tls_align > block_align || at + o->tls_size > block_size)
		return __dl_fail("%s: no room for its thread-local variables", __dl_name(o));
	__dl_lock(&__dl_list);
	o->tls_offset = at;
	used = at + o->tls_size;
	o->keep = 1;
	o->tls_static = 1;
	if (o->relocated)
		__dl_tls_fill(o);
	__dl_unlock(&__dl_list);
	return 0;
}

void __dl_tls_late(struct thread *t)
{
	for (size_t i = 1; i <= module_count; i++)
		if (modules[i].object && modules[i].object->tls_static &&
		    !modules[i].object->startup)
			copy_image(modules[i].object, (uintptr_t)(t + 1));
}

void __dl_tls_settle(void)
{
	struct thread was = *__self();
	void *mem, *tp;

	settled = 1;
	block_size = used + LATE_ROOM;
	mem = mmap(NULL, __tls_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		__builtin_trap();
	tp = __tls_make(mem);
	((struct thread *)tp)[-1] = was;
	become(tp);
}

static void *get_pages(size_t size)
{
	long at =
		SC(__NR_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static const char text[] = "no memory for thread-local variables\n";

	if ((unsigned long)at > -4096ul) {
		SC(__NR_write, 2, text, sizeof(text) - 1);
		__builtin_trap();
	}
	return (void *)at;
}

/* This thread's slot of that number; signals are blocked. */
static struct slot *slot_of(size_t id)
{
	struct thread *self = __self();
	struct dtv *old = self->dtv, *new;
	size_t mapped = (sizeof(*new) + (id + 1) * sizeof(struct slot) + 4095) & -4096ul;

	if (!old || id >= old->count) {
		new = get_pages(mapped);
		if (old)
			memcpy(new, old, sizeof(*old) + old->count * sizeof(struct slot));
		new->mapped = mapped;
		new->count = (mapped - sizeof(*new)) / sizeof(struct slot);
		self->dtv = new;
		if (old)
			SC(__NR_munmap, old, old->mapped);
	}
	return &self->dtv->slots[id];
}

static void free_block(struct slot *s)
{
	if (s->mapped)
		SC(__NR_munmap, (uintptr_t)s->block & -4096ul, s->mapped);
}

/* A new block. It begins in the first page of what is mapped for it. */
static void make_block(struct slot *s, const struct module *m)
{
	const struct object *o = m->object;
	size_t skip = o->tls_vaddr & (o->tls_align - 1), extra = 0, cut;
	char *at;

	free_block(s);
	if (o->tls_static) {
		*s = (struct slot){ (char *)(__self() + 1) + o->tls_offset, m->serial, 0 };
		return;
	}
	if (o->tls_align > 4096)
		extra = o->tls_align - 4096;
	s->mapped = (skip % 4096 + o->tls_size + 4095) & -4096ul;
	at = get_pages(s->mapped + skip / 4096 * 4096 + extra);
	cut = -((uintptr_t)at) & (extra ? o->tls_align - 1 : 0);
	cut += skip / 4096 * 4096;
	if (cut)
		SC(__NR_munmap, at, cut);
	at += cut;
	cut = extra + skip / 4096 * 4096 - cut;
	if (cut)
		SC(__NR_munmap, at + s->mapped, cut);
	s->block = at + skip % 4096;
	s->serial = m->serial;
	memcpy(s->block, o->tls_image, o->tls_image_size);
}

static char *find_block(size_t id)
{
	const struct module *m = &__atomic_load_n(&modules, __ATOMIC_ACQUIRE)[id];
	struct slot *s;
	sigset_t old;

	__signals_block(&old);
	s = slot_of(id);
	if (!s->block || s->serial != m->serial)
		make_block(s, m);
	__signals_restore(&old);
	return s->block;
}

void *__tls_get_addr(const struct tls_index *ti)
{
	const struct dtv *dtv = __self()->dtv;
	size_t id = ti->module;

	if (__builtin_expect(dtv && id < dtv->count && dtv->slots[id].block &&
				     dtv->slots[id].serial == modules[id].serial,
			     1))
		return dtv->slots[id].block + ti->offset + DTV_OFFSET;
	return find_block(id) + ti->offset + DTV_OFFSET;
}

void *__dl_tls_block(const struct object *o)
{
	const struct dtv *dtv = __self()->dtv;

	if (o->tls_static)
		return (char *)(__self() + 1) + o->tls_offset;
	if (!o->tls_id || !dtv || o->tls_id >= dtv->count ||
	    dtv->slots[o->tls_id].serial != modules[o->tls_id].serial)
		return NULL;
	return dtv->slots[o->tls_id].block;
}

/* A thread's end: signals are blocked, and it asks for no more. */
void __dl_thread_exit(void)
{
	struct thread *self = __self();
	struct dtv *dtv = self->dtv;

	if (!dtv)
		return;
	self->dtv = NULL;
	for (size_t i = 0; i < dtv->count; i++)
		free_block(&dtv->slots[i]);
	SC(__NR_munmap, dtv, dtv->mapped);
}
