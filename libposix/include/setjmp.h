/*
 * setjmp.h - jumps out of functions (C11 7.13). The sig forms also bring the
 * signal mask back.
 */
#ifndef _SETJMP_H
#define _SETJMP_H

#ifdef __cplusplus
extern "C" {
#endif

/* ra, sp, s0..s11, fs0..fs11, then whether a mask is kept, and the mask. */
typedef unsigned long jmp_buf[28];
typedef unsigned long sigjmp_buf[28];

int setjmp(jmp_buf env) __attribute__((returns_twice));
int _setjmp(jmp_buf env) __attribute__((returns_twice));
int sigsetjmp(sigjmp_buf env, int save_mask) __attribute__((returns_twice));
void longjmp(jmp_buf env, int value) __attribute__((noreturn));
void _longjmp(jmp_buf env, int value) __attribute__((noreturn));
void siglongjmp(sigjmp_buf env, int value) __attribute__((noreturn));
#define setjmp(env) setjmp(env)

#ifdef __cplusplus
}
#endif

#endif
