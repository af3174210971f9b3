/*
 * Walks up a kernel stack by its frame pointers and names the functions: for panics. Reads only;
 * no lock; any context.
 */
#ifndef SYNC_STACK_H
#define SYNC_STACK_H

#include <types.h>

struct trapframe;

/*
 * To the log, a line a frame, innermost first: from where the trap tf came, or (tf NULL) from the
 * frame pointer fp, then beginning with the return address there. Goes through the frames of
 * traps, and ends at one from user mode.
 */
void stack_print(const struct trapframe *tf, u64 fp);

/*
 * The same in two steps: the addresses from the frame pointer fp on, at most max of them, to pcs;
 * how many. Of another task, which may wake up meanwhile: nothing at or above top is read. And
 * printing them.
 */
unsigned stack_keep(u64 fp, u64 top, u64 *pcs, unsigned max);
void stack_print_kept(const u64 *pcs, unsigned n);
/* The function that holds pc, and where in it that is; NULL: none of the kernel's. */
const char *stack_symbol(u64 pc, u64 *offset, u64 *size);
const char *stack_symbol_at(u32 i, u64 *addr); /* the i-th function, by address; NULL: no more */
bool stack_in_scheduler(u64 pc); /* in what others sleep by: no answer to where one sleeps */
#endif
