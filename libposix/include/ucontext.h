/*
 * ucontext.h - contexts that are kept and gone to: getcontext(3), makecontext(3).
 */
#ifndef _UCONTEXT_H
#define _UCONTEXT_H

#include <signal.h>

#ifdef __cplusplus
extern "C" {
#endif

#if __MISC_VISIBLE
/* Where in uc_mcontext.__gregs. */
#define REG_PC	  0
#define REG_RA	  1
#define REG_SP	  2
#define REG_TP	  4
#define REG_S0	  8
#define REG_S1	  9
#define REG_A0	  10
#define REG_S2	  18
#define REG_NARGS 8
#endif

#if __POSIX_VISIBLE
int getcontext(ucontext_t *uc) __attribute__((returns_twice));
int setcontext(const ucontext_t *uc);
int swapcontext(ucontext_t *__restrict old, const ucontext_t *__restrict uc);
void makecontext(ucontext_t *uc, void (*fn)(void), int argc, ...);
#endif

#ifdef __cplusplus
}
#endif

#endif
