/*
 * Names of kernel functions, and walks up a kernel stack by its frame pointers:
 * for panics. Reads only; no lock; any context.
 */
#ifndef SYNC_STACK_H
#define SYNC_STACK_H

#include <types.h>

struct trapframe;

bool is_kernel_text(u64 addr);
/*
 * "name+0x1c" of the function that holds addr, or the bare address where it is none of ours.
 * caller: addr is a return address, behind the call. buf is returned.
 */
const char *symbol_name(u64 addr, bool caller, char *buf, size_t n);
#define SYMBOL_MAX 64

/* Called for each frame, innermost first. tf: a trap on the way, then pc is where it came. */
typedef void (*stack_fn)(u64 pc, const struct trapframe *tf, void *arg);
/*
 * Walks up from the frame pointer fp (first the return address there). Goes through the frames of
 * traps, and ends at one from user mode.
 */
void stack_walk(u64 fp, stack_fn fn, void *arg);
/* The same from where a trap came. */
void stack_walk_trap(const struct trapframe *tf, stack_fn fn, void *arg);
/* To the log, a line a frame. tf NULL: from fp. */
void stack_print(const struct trapframe *tf, u64 fp);
#endif
