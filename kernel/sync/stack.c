/*
 * Stacks by frame pointers, and the names of functions (sync/stack.h). The table of
 * names is made by sync/symbols.py from a first link and lies at the end of the
 * read-only data. Used in panics, so nothing found in memory is believed: a frame must
 * lie on the stack of the frame before it.
 */
#include "sync/stack.h"

#include <compiler.h>
#include "arch/riscv/memlayout.h"
#include "arch/riscv/thread.h"
#include "arch/riscv/trap.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "sync/log.h"

#define MAX_FRAMES 48

extern const char __kernel_start[], __text_end[];
/* The count, then two words a function: its offset from __kernel_start, that of its name. */
extern const u32 __symbols_start[];

bool is_kernel_text(u64 addr)
{
	return addr >= (u64)__kernel_start && addr < (u64)__text_end;
}

/* Index of the function that holds addr, or -1. */
static int symbol_index(u64 addr)
{
	u32 low = 0, high, offset = (u32)(addr - (u64)__kernel_start);

	if (!is_kernel_text(addr))
		return -1;
	high = __symbols_start[0];
	while (low < high) {
		u32 mid = (low + high) / 2;

		if (__symbols_start[1 + 2 * mid] <= offset)
			low = mid + 1;
		else
			high = mid;
	}
	return (int)low - 1;
}

const char *symbol_name(u64 addr, bool caller, char *buf, size_t n)
{
	int i = symbol_index(addr - caller);
	const u32 *t = __symbols_start, *entry = t + 1 + 2 * i;

	if (i < 0)
		scnprintf(buf, n, "%016lx", addr);
	else
		scnprintf(buf, n, "%s+%#lx", (const char *)(t + 1 + 2 * t[0]) + entry[1],
			  addr - (u64)__kernel_start - entry[0]);
	return buf;
}

/* Is there room for a frame's two words below fp, and is fp within a stack's size above sp? */
static bool on_stack(u64 fp, u64 sp)
{
	return fp % 8 == 0 && fp - 16 >= sp && fp > 16 && fp - sp <= KSTACK_SIZE &&
	       fp >= DIRECT_BASE;
}

static u64 word_at(u64 addr)
{
	return *(const u64 *)addr;
}

/*
 * Who called the code at tf->pc. Its frame may not be set up yet or be gone again, and a function
 * that calls nothing saves no return address: then ra tells, and names another function than pc.
 * Returns the frame pointer to go on from; 0: the end.
 */
static u64 caller_of_trap(const struct trapframe *tf, stack_fn fn, void *arg)
{
	u64 fp = tf->s0;

	if (!on_stack(fp, tf->sp)) {
		if (is_kernel_text(tf->ra))
			fn(tf->ra, NULL, arg);
		return 0;
	}
	if (!is_kernel_text(word_at(fp - 8))) {
		fn(tf->ra, NULL, arg);
		return word_at(fp - 8); /* a leaf: its caller's frame pointer lies here */
	}
	if (tf->ra != word_at(fp - 8) && symbol_index(tf->ra) != symbol_index(tf->pc))
		fn(tf->ra, NULL, arg);
	return fp;
}

static void walk(u64 fp, u64 sp, stack_fn fn, void *arg)
{
	for (unsigned i = 0; i < MAX_FRAMES && on_stack(fp, sp); i++) {
		u64 ra = word_at(fp - 8), next = word_at(fp - 16);

		if (ra >= (u64)trap_vector && ra < (u64)context_switch) {
			/* The trap code calls C with sp at the frame of registers. */
			const struct trapframe *tf = (const struct trapframe *)fp;

			fn(tf->pc, tf, arg);
			if (frame_is_user(tf))
				return;
			sp = tf->sp;
			fp = caller_of_trap(tf, fn, arg);
			continue;
		}
		fn(ra, NULL, arg);
		sp = fp;
		fp = next;
	}
}

void stack_walk(u64 fp, stack_fn fn, void *arg)
{
	walk(fp, fp - 16, fn, arg);
}

void stack_walk_trap(const struct trapframe *tf, stack_fn fn, void *arg)
{
	fn(tf->pc, tf, arg);
	if (!frame_is_user(tf))
		walk(caller_of_trap(tf, fn, arg), tf->sp, fn, arg);
}

static void print_frame(u64 pc, const struct trapframe *tf, void *arg)
{
	unsigned *n = arg;
	char name[SYMBOL_MAX];

	if (!tf)
		printk(LOG_EMERG, "  #%u %s", *n, symbol_name(pc, true, name, sizeof(name)));
	else if (!frame_is_user(tf))
		printk(LOG_EMERG, "  #%u %s: %s", *n, symbol_name(pc, false, name, sizeof(name)),
		       trap_cause_name(tf->cause));
	else if (tf->cause == EXC_ECALL_U || (s64)tf->cause == -1)
		printk(LOG_EMERG, "  #%u user code at %lx: system call %ld", *n, pc, (long)tf->a7);
	else
		printk(LOG_EMERG, "  #%u user code at %lx: %s", *n, pc, trap_cause_name(tf->cause));
	++*n;
}

void stack_print(const struct trapframe *tf, u64 fp)
{
	unsigned n = 0;

	if (tf)
		stack_walk_trap(tf, print_frame, &n);
	else
		stack_walk(fp, print_frame, &n);
}
