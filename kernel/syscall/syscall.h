/*
 * System-call dispatch: from the trap vector to the handler in the table.
 */
#ifndef SYSCALL_SYSCALL_H
#define SYSCALL_SYSCALL_H

#include <types.h>
#include <syscall_numbers.h>

typedef long (*syscall_fn)(const u64 *args);
extern const syscall_fn syscall_table[NR_SYSCALLS]; /* NULL: ENOSYS */

/* Boot, behind tracepoint_init. */
void syscall_init(void);
void hwprobe_publish(void); /* sys_misc.c */
#endif
