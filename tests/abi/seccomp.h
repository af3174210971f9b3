/* What the programs of seccomp(2) share: filters, and one that looks at getppid alone. */
#ifndef ABI_SECCOMP_H
#define ABI_SECCOMP_H

#include "abi.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#define LEN(p) (sizeof(p) / sizeof((p)[0]))
#define LOAD_NR BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr))
#define RET(v) BPF_STMT(BPF_RET | BPF_K, v)

static inline long seccomp(unsigned op, unsigned flags, void *args)
{
	return syscall(SYS_seccomp, op, flags, args);
}

static inline long install(struct sock_filter *f, unsigned n, unsigned flags)
{
	struct sock_fprog prog = { .len = n, .filter = f };

	return seccomp(SECCOMP_SET_MODE_FILTER, flags, &prog);
}

/* getppid answers with this verdict, everything else is allowed */
static inline long on_getppid(unsigned verdict, unsigned flags)
{
	struct sock_filter f[] = {
		LOAD_NR,
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		RET(verdict),
		RET(SECCOMP_RET_ALLOW),
	};

	return install(f, LEN(f), flags);
}

static inline void nnp(void)
{
	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

#endif
