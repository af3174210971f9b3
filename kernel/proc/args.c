/*
 * The strings and the tables at the top of a new program's stack (execve(2),
 * "Limits on size of arguments and environment"; psABI, "Process
 * initialization"). From the top down: the file name, the environment, the
 * arguments; AT_RANDOM's bytes; the auxiliary vector, envp, argv, argc at sp.
 * The stack belongs to a space nobody else sees yet: no locks.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/limits.h>
#include <uapi/resource.h>

#include "alloc/slab.h"
#include "core/random.h"
#include "core/sched.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "proc/exec.h"

#define STACK_DEFAULT	   (8UL << 20)
#define STACK_EXPAND	   (128UL << 10) /* mapped below the strings from the start */
#define TABLE_ROOM	   PAGE_SIZE /* auxv, AT_RANDOM, alignment */
#define STACK_RANDOM_PAGES 0x3ffffUL

static u64 word_at(const struct strings *s, unsigned i, int *err)
{
	u64 p = 0;

	*err = 0;
	if (s->kernel)
		return (u64)s->kernel[i];
	if (s->user)
		*err = get_user_u64(&p, (const u64 __user *)s->user + i);
	return p;
}

/* Pointers before the NULL; -EFAULT, -E2BIG, -EINTR when killed. */
static long count(const struct strings *s)
{
	int err;

	for (unsigned n = 0; n < MAX_ARG_STRINGS; n++) {
		u64 p = word_at(s, n, &err);

		if (err)
			return err;
		if (!p)
			return n;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return -E2BIG;
}

/* What strings and pointers may take together: a quarter of the stack, within 128 KiB .. 6 MiB. */
static u64 size_limit(void)
{
	u64 limit = STACK_DEFAULT / 4 * 3;

	limit = min(limit, rlimit_get(RLIMIT_STACK) / 4);
	return max(limit, (u64)ARG_MAX);
}

static int map_stack(struct exec *x, u64 limit)
{
	u64 len = ALIGN_UP(limit + TABLE_ROOM + STACK_EXPAND, PAGE_SIZE);
	u32 flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_GROWSDOWN |
		    VM_STACK;
	long at;

	x->stack_top = USER_TOP - PAGE_SIZE;
	if (x->randomize)
		x->stack_top -= (random_u64() & STACK_RANDOM_PAGES) << PAGE_SHIFT;
	x->stack_base = x->stack_top - len;
	x->mm->stack_top = x->stack_top;
	at = vm_map(x->mm, x->stack_base, len, flags, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL,
		    0, NULL, NULL, "[stack]");
	return at < 0 ? (int)at : 0;
}

static int push_bytes(struct exec *x, const void *s, u64 len)
{
	if (x->sp - x->sp_limit < len)
		return -E2BIG;
	if (mm_copy_to(x->mm, x->sp - len, s, len, false) != len)
		return -ENOMEM;
	x->sp -= len;
	return 0;
}

int args_push(struct exec *x, const char *s)
{
	return push_bytes(x, s, strlen(s) + 1);
}

/* Copies one user string, its NUL written by us: the text may change under our hands. */
static int push_user(struct exec *x, const char __user *s, char *page)
{
	ssize_t len = strnlen_user(s, MAX_ARG_STRLEN);
	u64 done = 0, at;

	if (len < 0)
		return -EFAULT;
	if (len > MAX_ARG_STRLEN || x->sp - x->sp_limit < (u64)len)
		return -E2BIG;
	at = x->sp - (u64)len;
	while (done < (u64)len) {
		u64 n = min((u64)len - done, PAGE_SIZE);

		if (copy_from_user(page, s + done, n))
			return -EFAULT;
		if (done + n == (u64)len)
			page[n - 1] = 0;
		if (mm_copy_to(x->mm, at + done, page, n, false) != n)
			return -ENOMEM;
		done += n;
	}
	x->sp = at;
	return 0;
}

/* The last string first, so that they lie in order. */
static int push_all(struct exec *x, const struct strings *s, unsigned n, char *page)
{
	while (n--) {
		int err;
		u64 p = word_at(s, n, &err);

		if (!err)
			err = s->kernel ? args_push(x, (const char *)p) :
					  push_user(x, (const char __user *)p, page);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

int args_copy(struct exec *x, const struct strings *argv, const struct strings *envp)
{
	u64 limit = size_limit(), pointers;
	long argc = count(argv), envc;
	char *page;
	int err;

	if (argc < 0)
		return (int)argc;
	envc = count(envp);
	if (envc < 0)
		return (int)envc;
	x->argc = (unsigned)argc;
	x->envc = (unsigned)envc;
	pointers = ((u64)max(argc, 1L) + (u64)envc) * sizeof(u64);
	if (limit <= pointers)
		return -E2BIG;
	err = map_stack(x, limit);
	if (err)
		return err;
	/* The word at the very top stays zero. */
	x->sp = x->stack_top - sizeof(u64);
	x->sp_limit = x->sp - (limit - pointers);

	err = args_push(x, x->filename);
	if (err)
		return err;
	x->execfn = x->sp;
	page = kmalloc(PAGE_SIZE, 0);
	if (!page)
		return -ENOMEM;
	err = push_all(x, envp, x->envc, page);
	if (!err)
		err = push_all(x, argv, x->argc, page);
	/* A program may count on an argv[0]. */
	if (!err && x->argc == 0) {
		err = args_push(x, "");
		x->argc = 1;
	}
	kfree(page);
	return err;
}

int args_drop_first(struct exec *x)
{
	char c;

	if (!x->argc)
		return 0;
	do {
		if (mm_copy_from(x->mm, &c, x->sp, 1, false) != 1)
			return -EFAULT;
		x->sp++;
	} while (c);
	x->argc--;
	return 0;
}

u64 args_place_random(struct exec *x)
{
	u8 bytes[16];
	u64 at = (x->sp & ~15UL) - sizeof(bytes);

	random_bytes(bytes, sizeof(bytes));
	return copy_to_user((void __user *)at, bytes, sizeof(bytes)) ? 0 : at;
}

/* --- the tables ----------------------------------------------------------------------------------- */

struct reader { /* walks the strings */
	u64 pos; /* next byte */
	u64 start; /* of what buf holds */
	u64 have;
	char buf[512];
};

struct writer { /* stores words in order */
	u64 pos;
	unsigned n;
	u64 buf[64];
};

static int skip_string(struct reader *r, u64 end)
{
	for (;;) {
		if (r->pos < r->start || r->pos >= r->start + r->have) {
			if (r->pos >= end)
				return -EFAULT;
			r->start = r->pos;
			r->have = min(end - r->pos, sizeof(r->buf));
			if (copy_from_user(r->buf, (const void __user *)r->start, r->have))
				return -EFAULT;
		}
		u64 off = r->pos - r->start;
		char *nul = memchr(r->buf + off, 0, r->have - off);

		if (nul) {
			r->pos = r->start + (u64)(nul - r->buf) + 1;
			return 0;
		}
		r->pos = r->start + r->have;
	}
}

static int flush_words(struct writer *w)
{
	u64 len = w->n * sizeof(u64);

	if (copy_to_user((void __user *)w->pos, w->buf, len))
		return -EFAULT;
	w->pos += len;
	w->n = 0;
	return 0;
}

static int put_word(struct writer *w, u64 v)
{
	w->buf[w->n++] = v;
	return w->n == ARRAY_SIZE(w->buf) ? flush_words(w) : 0;
}

/* Pointers to n strings, and the NULL. */
static int put_pointers(struct writer *w, struct reader *r, unsigned n, u64 end)
{
	int err;

	for (unsigned i = 0; i < n; i++) {
		err = put_word(w, r->pos);
		if (!err)
			err = skip_string(r, end);
		if (err)
			return err;
	}
	return put_word(w, 0);
}

/* The stack keeps STACK_EXPAND below sp mapped; what was there for the strings' sake goes. */
static int trim_stack(struct exec *x, u64 sp)
{
	u64 base = ALIGN_DOWN(sp, PAGE_SIZE);
	u64 limit = rlimit_get(RLIMIT_STACK) & PAGE_MASK, used = x->stack_top - base;
	u64 room = limit > used ? min(STACK_EXPAND, limit - used) : 0;

	base = base - x->stack_base > room ? base - room : x->stack_base;
	if (base == x->stack_base)
		return 0;
	return vm_unmap(x->mm, x->stack_base, base - x->stack_base);
}

static int write_tables(struct exec *x, struct reader *r, struct writer *w, const u64 *auxv,
			unsigned n)
{
	struct mm *mm = x->mm;
	u64 end = x->stack_top;
	int err = put_word(w, x->argc);

	mm->arg_start = r->pos;
	if (!err)
		err = put_pointers(w, r, x->argc, end);
	mm->arg_end = mm->env_start = r->pos;
	if (!err)
		err = put_pointers(w, r, x->envc, end);
	mm->env_end = r->pos;
	for (unsigned i = 0; i < n && !err; i++)
		err = put_word(w, auxv[i]);
	return err ? err : flush_words(w);
}

s64 args_finish(struct exec *x, u64 random_addr, const u64 *auxv, unsigned n)
{
	u64 words = 1 + x->argc + 1 + x->envc + 1 + n;
	u64 sp = (random_addr - words * sizeof(u64)) & ~15UL;
	struct {
		struct reader r;
		struct writer w;
	} *io = kzalloc(sizeof(*io), 0);
	int err;

	if (!io)
		return -ENOMEM;
	io->r.pos = x->sp;
	io->w.pos = sp;
	err = write_tables(x, &io->r, &io->w, auxv, n);
	kfree(io);
	if (!err)
		err = trim_stack(x, sp);
	return err ? err : (s64)sp;
}
