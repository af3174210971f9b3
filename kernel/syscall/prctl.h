/*
 * The two files of prctl(2): sys_prctl.c decodes the option, sys_prctl_mm.c has those about memory.
 * All act on current, return what prctl(2) does, and may sleep.
 */
#ifndef SYSCALL_PRCTL_H
#define SYSCALL_PRCTL_H

#include <types.h>
#include <compiler.h>

long prctl_set_mm(u64 opt, u64 addr, u64 arg4, u64 arg5);
long prctl_get_auxv(void __user *to, u64 size);
long prctl_set_vma(u64 opt, u64 addr, u64 size, const char __user *uname);
long prctl_mm_flag(u32 flag, bool on); /* MM_* of mm->flags */
long prctl_get_mdwe(void);
long prctl_set_mdwe(u64 bits);
#endif
