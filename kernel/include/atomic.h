/*
 * atomic.h - atomic integers and ordered accesses.
 *
 * Read-modify-write operations that return a value are fully ordered; those that
 * return nothing (inc, dec, add, sub, and, or), atomic_read and atomic_set are
 * not ordered at all, as in the C11 relaxed model.  A failed cmpxchg or
 * inc_not_zero orders nothing that a caller may rely on.
 * atomic_t counts in int, atomic64_t (also spelled atomic_long_t) in s64; both
 * wrap.
 */
#ifndef TARN_ATOMIC_H
#define TARN_ATOMIC_H

#include <compiler.h>
#include <types.h>

typedef struct {
	int v;
} atomic_t;

typedef struct {
	s64 v;
} atomic64_t;

#define ATOMIC_INIT(n) \
	{              \
		(n)    \
	}

/* Any int- or long-sized object. cmpxchg returns what it found: equal to old on success. */
#define xchg(p, val) __atomic_exchange_n(p, val, __ATOMIC_SEQ_CST)
#define cmpxchg(p, old, new)                                                          \
	__extension__({                                                               \
		__typeof__(*(p)) found_ = (old);                                      \
		__atomic_compare_exchange_n(p, &found_, new, false, __ATOMIC_SEQ_CST, \
					    __ATOMIC_RELAXED);                        \
		found_;                                                               \
	})
#define smp_load_acquire(p)	  __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, val) __atomic_store_n(p, val, __ATOMIC_RELEASE)
#define smp_mb()		  __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()		  __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()		  __atomic_thread_fence(__ATOMIC_RELEASE)

#define DEFINE_ATOMIC(P, T, I)                                                               \
	static inline I P##_read(const T *a)                                                 \
	{                                                                                    \
		return __atomic_load_n(&a->v, __ATOMIC_RELAXED);                             \
	}                                                                                    \
	static inline I P##_read_acquire(const T *a)                                         \
	{                                                                                    \
		return __atomic_load_n(&a->v, __ATOMIC_ACQUIRE);                             \
	}                                                                                    \
	static inline void P##_set(T *a, I n)                                                \
	{                                                                                    \
		__atomic_store_n(&a->v, n, __ATOMIC_RELAXED);                                \
	}                                                                                    \
	static inline void P##_set_release(T *a, I n)                                        \
	{                                                                                    \
		__atomic_store_n(&a->v, n, __ATOMIC_RELEASE);                                \
	}                                                                                    \
	static inline void P##_add(T *a, I n)                                                \
	{                                                                                    \
		__atomic_fetch_add(&a->v, n, __ATOMIC_RELAXED);                              \
	}                                                                                    \
	static inline void P##_sub(T *a, I n)                                                \
	{                                                                                    \
		__atomic_fetch_sub(&a->v, n, __ATOMIC_RELAXED);                              \
	}                                                                                    \
	static inline void P##_inc(T *a)                                                     \
	{                                                                                    \
		P##_add(a, 1);                                                               \
	}                                                                                    \
	static inline void P##_dec(T *a)                                                     \
	{                                                                                    \
		P##_sub(a, 1);                                                               \
	}                                                                                    \
	static inline void P##_or(T *a, I n)                                                 \
	{                                                                                    \
		__atomic_fetch_or(&a->v, n, __ATOMIC_RELAXED);                               \
	}                                                                                    \
	static inline void P##_and(T *a, I n)                                                \
	{                                                                                    \
		__atomic_fetch_and(&a->v, n, __ATOMIC_RELAXED);                              \
	}                                                                                    \
	static inline I P##_fetch_add(T *a, I n)                                             \
	{                                                                                    \
		return __atomic_fetch_add(&a->v, n, __ATOMIC_SEQ_CST);                       \
	}                                                                                    \
	static inline I P##_fetch_sub(T *a, I n)                                             \
	{                                                                                    \
		return __atomic_fetch_sub(&a->v, n, __ATOMIC_SEQ_CST);                       \
	}                                                                                    \
	static inline I P##_fetch_or(T *a, I n)                                              \
	{                                                                                    \
		return __atomic_fetch_or(&a->v, n, __ATOMIC_SEQ_CST);                        \
	}                                                                                    \
	static inline I P##_fetch_and(T *a, I n)                                             \
	{                                                                                    \
		return __atomic_fetch_and(&a->v, n, __ATOMIC_SEQ_CST);                       \
	}                                                                                    \
	static inline I P##_fetch_xor(T *a, I n)                                             \
	{                                                                                    \
		return __atomic_fetch_xor(&a->v, n, __ATOMIC_SEQ_CST);                       \
	}                                                                                    \
	static inline I P##_add_return(T *a, I n)                                            \
	{                                                                                    \
		return __atomic_add_fetch(&a->v, n, __ATOMIC_SEQ_CST);                       \
	}                                                                                    \
	static inline I P##_sub_return(T *a, I n)                                            \
	{                                                                                    \
		return __atomic_sub_fetch(&a->v, n, __ATOMIC_SEQ_CST);                       \
	}                                                                                    \
	static inline I P##_inc_return(T *a)                                                 \
	{                                                                                    \
		return P##_add_return(a, 1);                                                 \
	}                                                                                    \
	static inline I P##_dec_return(T *a)                                                 \
	{                                                                                    \
		return P##_sub_return(a, 1);                                                 \
	}                                                                                    \
	/* True when the result is zero. */                                                  \
	static inline bool P##_sub_and_test(T *a, I n)                                       \
	{                                                                                    \
		return P##_sub_return(a, n) == 0;                                            \
	}                                                                                    \
	static inline bool P##_dec_and_test(T *a)                                            \
	{                                                                                    \
		return P##_sub_return(a, 1) == 0;                                            \
	}                                                                                    \
	static inline bool P##_inc_and_test(T *a)                                            \
	{                                                                                    \
		return P##_add_return(a, 1) == 0;                                            \
	}                                                                                    \
	static inline I P##_xchg(T *a, I n)                                                  \
	{                                                                                    \
		return xchg(&a->v, n);                                                       \
	}                                                                                    \
	/* Returns the value found: equal to old when new was stored. */                     \
	static inline I P##_cmpxchg(T *a, I old, I new)                                      \
	{                                                                                    \
		return cmpxchg(&a->v, old, new);                                             \
	}                                                                                    \
	/* As cmpxchg, but true or false; on false *old is the value found. */               \
	static inline bool P##_try_cmpxchg(T *a, I *old, I new)                              \
	{                                                                                    \
		return __atomic_compare_exchange_n(&a->v, old, new, false, __ATOMIC_SEQ_CST, \
						   __ATOMIC_RELAXED);                        \
	}                                                                                    \
	/* Adds n unless the value is u; true when it added. */                              \
	static inline bool P##_add_unless(T *a, I n, I u)                                    \
	{                                                                                    \
		I old = P##_read(a);                                                         \
                                                                                             \
		do {                                                                         \
			if (old == u)                                                        \
				return false;                                                \
		} while (!P##_try_cmpxchg(a, &old, old + n));                                \
		return true;                                                                 \
	}                                                                                    \
	static inline bool P##_inc_not_zero(T *a)                                            \
	{                                                                                    \
		return P##_add_unless(a, 1, 0);                                              \
	}

DEFINE_ATOMIC(atomic, atomic_t, int)
DEFINE_ATOMIC(atomic64, atomic64_t, s64)
typedef atomic64_t atomic_long_t;
DEFINE_ATOMIC(atomic_long, atomic_long_t, s64)
#undef DEFINE_ATOMIC

#endif
