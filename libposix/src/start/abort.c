/* abort.c - abort(3): SIGABRT, whatever the program thinks of it. */
#include "../internal/syscall.h"
#include "../internal/thread.h"

#include <signal.h>
#include <stdlib.h>

_Noreturn void abort(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t set = 1ul << (SIGABRT - 1), all = -1ul;

	raise(SIGABRT);
	/* A handler returned, or the signal is ignored or blocked: insist. */
	SC(__NR_rt_sigprocmask, SIG_BLOCK, &all, NULL, 8);
	SC(__NR_rt_sigaction, SIGABRT, &dfl, NULL, 8);
	SC(__NR_tkill, __self()->tid, SIGABRT);
	SC(__NR_rt_sigprocmask, SIG_UNBLOCK, &set, NULL, 8);
	for (;;)
		__builtin_trap();
}
