/*
 * sys/procfs.h - registers as debuggers name them, and the notes of a core file: core(5).
 */
#ifndef _SYS_PROCFS_H
#define _SYS_PROCFS_H

#include <signal.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/user.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long elf_greg_t;
typedef elf_greg_t elf_gregset_t[32];
typedef union __riscv_mc_fp_state elf_fpregset_t;

#define ELF_NGREG   32
#define ELF_PRARGSZ 80

struct elf_siginfo {
	int si_signo;
	int si_code;
	int si_errno;
};

struct elf_prstatus {
	struct elf_siginfo pr_info;
	short pr_cursig;
	unsigned long pr_sigpend, pr_sighold;
	pid_t pr_pid, pr_ppid, pr_pgrp, pr_sid;
	struct timeval pr_utime, pr_stime, pr_cutime, pr_cstime;
	elf_gregset_t pr_reg;
	int pr_fpvalid;
};

struct elf_prpsinfo {
	char pr_state, pr_sname, pr_zomb, pr_nice;
	unsigned long pr_flag;
	uid_t pr_uid;
	gid_t pr_gid;
	int pr_pid, pr_ppid, pr_pgrp, pr_sid;
	char pr_fname[16];
	char pr_psargs[ELF_PRARGSZ];
};

typedef struct elf_prstatus prstatus_t;
typedef struct elf_prpsinfo prpsinfo_t;

#ifdef __cplusplus
}
#endif

#endif
