/*
 * sigjmp.c - the signal mask of sigsetjmp and siglongjmp, called by setjmp.S.
 */
#include <stddef.h>
#include <setjmp.h>
#include <signal.h>

#define MASK 27 /* its place in the buffer */

void __sigjmp_save(unsigned long *env);
void __sigjmp_restore(const unsigned long *env);

void __sigjmp_save(unsigned long *env)
{
	sigprocmask(SIG_SETMASK, NULL, &env[MASK]);
}

void __sigjmp_restore(const unsigned long *env)
{
	sigprocmask(SIG_SETMASK, &env[MASK], NULL);
}
