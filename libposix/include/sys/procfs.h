/*
 * sys/procfs.h - registers as debuggers name them.
 */
#ifndef _SYS_PROCFS_H
#define _SYS_PROCFS_H

#include <sys/user.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long elf_greg_t;
typedef elf_greg_t elf_gregset_t[32];
typedef union __riscv_fp_state elf_fpregset_t;

#ifdef __cplusplus
}
#endif

#endif
