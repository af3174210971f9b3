/*
 * syscall.h - the system call instruction of riscv64 Linux: number in a7,
 * arguments in a0..a5, result in a0, -4095..-1 being a negated errno. Every
 * other register is kept by the kernel.
 *
 * SC(number, arguments...) gives the raw result; RET(raw) turns it into what
 * POSIX promises, -1 and errno. RET is the one place that knows the range.
 */
#ifndef LIBPOSIX_SYSCALL_H
#define LIBPOSIX_SYSCALL_H

#include <sys/syscall.h>

static inline long __sc0(long n)
{
	register long a7 __asm__("a7") = n;
	register long a0 __asm__("a0");

	__asm__ volatile("ecall" : "=r"(a0) : "r"(a7) : "memory");
	return a0;
}

static inline long __sc1(long n, long a)
{
	register long a7 __asm__("a7") = n;
	register long a0 __asm__("a0") = a;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
	return a0;
}

static inline long __sc2(long n, long a, long b)
{
	register long a7 __asm__("a7") = n;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1) : "memory");
	return a0;
}

static inline long __sc3(long n, long a, long b, long c)
{
	register long a7 __asm__("a7") = n;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
	return a0;
}

static inline long __sc4(long n, long a, long b, long c, long d)
{
	register long a7 __asm__("a7") = n;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2), "r"(a3) : "memory");
	return a0;
}

static inline long __sc5(long n, long a, long b, long c, long d, long e)
{
	register long a7 __asm__("a7") = n;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;

	__asm__ volatile("ecall"
			 : "+r"(a0)
			 : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4)
			 : "memory");
	return a0;
}

static inline long __sc6(long n, long a, long b, long c, long d, long e, long f)
{
	register long a7 __asm__("a7") = n;
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;
	register long a5 __asm__("a5") = f;

	__asm__ volatile("ecall"
			 : "+r"(a0)
			 : "r"(a7), "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5)
			 : "memory");
	return a0;
}

#define __L(x)					   ((long)(x))
#define __SC0(n)				   __sc0(n)
#define __SC1(n, a)				   __sc1(n, __L(a))
#define __SC2(n, a, b)				   __sc2(n, __L(a), __L(b))
#define __SC3(n, a, b, c)			   __sc3(n, __L(a), __L(b), __L(c))
#define __SC4(n, a, b, c, d)			   __sc4(n, __L(a), __L(b), __L(c), __L(d))
#define __SC5(n, a, b, c, d, e)			   __sc5(n, __L(a), __L(b), __L(c), __L(d), __L(e))
#define __SC6(n, a, b, c, d, e, f)		   __sc6(n, __L(a), __L(b), __L(c), __L(d), __L(e), __L(f))
#define __SC_PICK(n, a, b, c, d, e, f, which, ...) which
#define SC(...) \
	__SC_PICK(__VA_ARGS__, __SC6, __SC5, __SC4, __SC3, __SC2, __SC1, __SC0, )(__VA_ARGS__)

/*
 * SCC: the same as a cancellation point. Without pthread_cancel in the program
 * nobody can ask for the end of a thread, and it is SC.
 */
long __cancel_call(long n, long a, long b, long c, long d, long e, long f);
#define __SCC0(n)		    __cancel_call(n, 0, 0, 0, 0, 0, 0)
#define __SCC1(n, a)		    __cancel_call(n, __L(a), 0, 0, 0, 0, 0)
#define __SCC2(n, a, b)		    __cancel_call(n, __L(a), __L(b), 0, 0, 0, 0)
#define __SCC3(n, a, b, c)	    __cancel_call(n, __L(a), __L(b), __L(c), 0, 0, 0)
#define __SCC4(n, a, b, c, d)	    __cancel_call(n, __L(a), __L(b), __L(c), __L(d), 0, 0)
#define __SCC5(n, a, b, c, d, e)    __cancel_call(n, __L(a), __L(b), __L(c), __L(d), __L(e), 0)
#define __SCC6(n, a, b, c, d, e, f) __cancel_call(n, __L(a), __L(b), __L(c), __L(d), __L(e), __L(f))
#define SCC(...)                                                                         \
	__SC_PICK(__VA_ARGS__, __SCC6, __SCC5, __SCC4, __SCC3, __SCC2, __SCC1, __SCC0, ) \
	(__VA_ARGS__)

/* The value, or errno set and -1. */
long __syscall_ret(long raw);
#define RET(raw) __syscall_ret(raw)

#endif
