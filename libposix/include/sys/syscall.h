/*
 * sys/syscall.h - the numbers of system calls, __NR_* and SYS_*, from the kernel's own table.
 */
#ifndef _SYS_SYSCALL_H
#define _SYS_SYSCALL_H

#include <syscall_names.h>
#include <syscall_numbers.h>

#endif
