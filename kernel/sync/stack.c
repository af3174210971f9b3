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
#include "sync/log.h"

#define MAX_FRAMES 48

extern const char __kernel_start[], __text_end[], __text_sched_start[], __text_sched_end[];
/* The count, then two words a function: its offset from __kernel_start, that of its name. */
extern const u32 __symbols_start[];

static bool is_kernel_text(u64 addr)
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

const char *stack_symbol(u64 pc, u64 *offset, u64 *size)
{
	int i = symbol_index(pc);
	const u32 *t = __symbols_start, *entry = t + 1 + 2 * i;

	if (i < 0)
		return NULL;
	*offset = pc - (u64)__kernel_start - entry[0];
	*size = ((u32)i + 1 < t[0] ? entry[2] : (u32)(__text_end - __kernel_start)) - entry[0];
	return (const char *)(t + 1 + 2 * t[0]) + entry[1];
}

const char *stack_symbol_at(u32 i, u64 *addr)
{
	const u32 *t = __symbols_start, *entry = t + 1 + 2 * i;

	if (i >= t[0])
		return NULL;
	*addr = (u64)__kernel_start + entry[0];
	return (const char *)(t + 1 + 2 * t[0]) + entry[1];
}

bool stack_in_scheduler(u64 pc)
{
	return pc >= (u64)__text_sched_start && pc < (u64)__text_sched_end;
}

/*
 * Prints "name+0x1c" of the function that holds pc, or the bare address where it is none of ours.
 * A return address lies behind the call, which may be the last instruction of its function.
 */
static void print_frame(unsigned *n, u64 pc, const struct trapframe *tf)
{
	const char *why = tf ? trap_cause_name(tf->cause) : NULL;
	u64 offset, size;
	const char *symbol = stack_symbol(tf ? pc : pc - 1, &offset, &size);
	char name[64];

	if (tf && frame_is_user(tf)) {
		if (tf->cause == EXC_ECALL_U || (s64)tf->cause == -1)
			printk(LOG_EMERG, "  #%u user code at %lx: system call %lu", *n, pc,
			       tf->a7);
		else
			printk(LOG_EMERG, "  #%u user code at %lx: %s", *n, pc, why);
	} else {
		if (symbol)
			scnprintf(name, sizeof(name), "%s+%#lx", symbol, offset + !tf);
		else
			scnprintf(name, sizeof(name), "%016lx", pc);
		printk(LOG_EMERG, "  #%u %s%s%s", *n, name, why ? ": " : "", why ? why : "");
	}
	++*n;
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
static u64 caller_of_trap(unsigned *n, const struct trapframe *tf)
{
	u64 fp = tf->s0;

	if (!on_stack(fp, tf->sp)) {
		if (is_kernel_text(tf->ra))
			print_frame(n, tf->ra, NULL);
		return 0;
	}
	if (!is_kernel_text(word_at(fp - 8))) {
		print_frame(n, tf->ra, NULL);
		return word_at(fp - 8); /* a leaf: its caller's frame pointer lies here */
	}
	if (tf->ra != word_at(fp - 8) && symbol_index(tf->ra) != symbol_index(tf->pc))
		print_frame(n, tf->ra, NULL);
	return fp;
}

static void walk(unsigned *n, u64 fp, u64 sp)
{
	for (unsigned i = 0; i < MAX_FRAMES && on_stack(fp, sp); i++) {
		u64 ra = word_at(fp - 8), next = word_at(fp - 16);

		if (ra >= (u64)trap_vector && ra < (u64)context_switch) {
			/* The trap code calls C with sp at the frame of registers. */
			const struct trapframe *tf = (const struct trapframe *)fp;

			print_frame(n, tf->pc, tf);
			if (frame_is_user(tf))
				return;
			sp = tf->sp;
			fp = caller_of_trap(n, tf);
			continue;
		}
		print_frame(n, ra, NULL);
		sp = fp;
		fp = next;
	}
}

void stack_print(const struct trapframe *tf, u64 fp)
{
	unsigned n = 0;

	if (!tf) {
		walk(&n, fp, fp - 16);
		return;
	}
	print_frame(&n, tf->pc, tf);
	if (!frame_is_user(tf))
		walk(&n, caller_of_trap(&n, tf), tf->sp);
}

unsigned stack_keep(u64 fp, u64 top, u64 *pcs, unsigned max)
{
	u64 sp = fp - 16;
	unsigned n = 0;

	while (n < max && on_stack(fp, sp) && fp <= top) {
		const struct trapframe *tf = (const struct trapframe *)fp;
		u64 ra = word_at(fp - 8);

		sp = fp;
		fp = word_at(fp - 16);
		if (ra >= (u64)trap_vector && ra < (u64)context_switch && sp + sizeof(*tf) <= top) {
			ra = tf->pc;
			sp = tf->sp;
			fp = frame_is_user(tf) ? 0 : tf->s0;
		}
		pcs[n++] = ra;
	}
	return n;
}

void stack_print_kept(const u64 *pcs, unsigned n)
{
	for (unsigned i = 0; i < n;)
		print_frame(&i, pcs[i], NULL);
}
