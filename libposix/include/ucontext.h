/*
 * ucontext.h - contexts that are kept and gone to: getcontext(3), makecontext(3).
 */
#ifndef _UCONTEXT_H
#define _UCONTEXT_H

#include <signal.h>

#ifdef __cplusplus
extern "C" {
#endif

int getcontext(ucontext_t *uc) __attribute__((returns_twice));
int setcontext(const ucontext_t *uc);
int swapcontext(ucontext_t *__restrict old, const ucontext_t *__restrict uc);
void makecontext(ucontext_t *uc, void (*fn)(void), int argc, ...);

#ifdef __cplusplus
}
#endif

#endif
