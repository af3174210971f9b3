/*
 * setjmp.h - jumps out of functions (C11 7.13). The sig forms also bring the
 * signal mask back.
 */
#ifndef _SETJMP_H
#define _SETJMP_H

/* ra, sp, s0..s11, fs0..fs11, then whether a mask is kept, and the mask. */
typedef unsigned long jmp_buf[28];
typedef jmp_buf sigjmp_buf;

int setjmp(jmp_buf env) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf env, int value);
int sigsetjmp(sigjmp_buf env, int save_mask) __attribute__((returns_twice));
_Noreturn void siglongjmp(sigjmp_buf env, int value);

#endif
