/*
 * What the ABI programs of memory share: touching a place and saying which signal came of it.
 */
#ifndef ABI_FAULTS_H
#define ABI_FAULTS_H

#include "abi.h"
#include <setjmp.h>

static sigjmp_buf jump;
static volatile int code, signo;

static inline void on_fault(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	signo = sig;
	code = si->si_code;
	siglongjmp(jump, 1);
}

/* "ok", or the signal of reading or writing there. */
static inline const char *touch(volatile char *p, int write)
{
	static char text[64];

	if (sigsetjmp(jump, 1)) {
		snprintf(text, sizeof(text), "%s code %d", sname(signo), code);
		return text;
	}
	if (write)
		*p = 1;
	else
		(void)*p;
	return "ok";
}

/* Before the first touch(). */
static inline void catch_faults(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
}

#endif
