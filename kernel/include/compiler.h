/*
 * compiler.h - attributes, checks and small typed macros.
 *
 * min, max and clamp evaluate each argument once and refuse operands of
 * different signedness (a non-negative constant goes with either).
 * READ_ONCE and WRITE_ONCE are for words that another hart may change: one
 * access, of the word's own size, neither torn, repeated nor invented.
 */
#ifndef TARN_COMPILER_H
#define TARN_COMPILER_H

#include <types.h>

#ifdef __CHECKER__
#define __user	      __attribute__((noderef, address_space(1)))
#define __iomem	      __attribute__((noderef, address_space(2)))
#define __force	      __attribute__((force))
#define __acquires(x) __attribute__((context(x, 0, 1)))
#define __releases(x) __attribute__((context(x, 1, 0)))
#else
#define __user
#define __iomem
#define __force
#define __acquires(x)
#define __releases(x)
#endif

#define __unused       __attribute__((unused))
#define __used	       __attribute__((used))
#define __packed       __attribute__((packed))
#define __aligned(n)   __attribute__((aligned(n)))
#define __section(s)   __attribute__((section(s)))
#define __noreturn     __attribute__((noreturn))
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define __must_check   __attribute__((warn_unused_result))
#define __cold	       __attribute__((cold))
#define noinline       __attribute__((noinline))
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define fallthrough   __attribute__((fallthrough))
#define unreachable() __builtin_unreachable()

/* For memcpy, memset and their like: their loops must not become calls of themselves. */
#if defined(__GNUC__) && !defined(__clang__) && !defined(__CHECKER__)
#define __no_loop_calls __attribute__((optimize("no-tree-loop-distribute-patterns")))
#else
#define __no_loop_calls
#endif

/* For loads that go beyond an object but not beyond its aligned word. */
#define __no_sanitize_address __attribute__((no_sanitize("address")))

#define likely(x)	      __builtin_expect(!!(x), 1)
#define unlikely(x)	      __builtin_expect(!!(x), 0)

#ifndef static_assert
#define static_assert _Static_assert
#endif

#define barrier()	 __asm__ volatile("" ::: "memory")

#define READ_ONCE(x)	 (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

/* A pointer in the place of the array does not compile: the size of a char[-1]. */
#define must_be_array_(a) \
	(0 * sizeof(char[1 - 2 * __builtin_types_compatible_p(__typeof__(a), __typeof__(&(a)[0]))]))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]) + must_be_array_(a))

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr)-offsetof(type, member) + 0 * sizeof((ptr) == &((type *)0)->member)))

#define sizeof_field(type, member) sizeof(((type *)0)->member)

#define BIT(n)			   (1UL << (n))
#define ALIGN_DOWN(x, a)	   ((x) & ~((__typeof__(x))(a)-1))
#define ALIGN_UP(x, a)		   (((x) + ((__typeof__(x))(a)-1)) & ~((__typeof__(x))(a)-1))
#define DIV_ROUND_UP(n, d)	   (((n) + (d)-1) / (d))
#define is_power_of_2(n)	   ((n) != 0 && ((n) & ((n)-1)) == 0)

#define PASTE_(a, b)		   a##b
#define PASTE(a, b)		   PASTE_(a, b)
#define STRINGIFY_(x)		   #x
#define STRINGIFY(x)		   STRINGIFY_(x)
#define UNIQUE(prefix)		   PASTE(prefix, __COUNTER__)

#define is_signed_(x)		   ((__typeof__(x))-1 < (__typeof__(x))1)
#define constant_of_(x)		   __builtin_choose_expr(__builtin_constant_p(x), (x), -1)
#define same_sign_(a, b) \
	(is_signed_(a) == is_signed_(b) || constant_of_(a) >= 0 || constant_of_(b) >= 0)

#ifdef __CHECKER__
#define assert_same_sign_(a, b)
#else
#define assert_same_sign_(a, b) static_assert(same_sign_(a, b), "operands differ in signedness");
#endif

#define pick_(op, a, b, x, y)                                              \
	__extension__({                                                    \
		assert_same_sign_(a, b) __typeof__(1 ? (a) : (b)) x = (a); \
		__typeof__(1 ? (a) : (b)) y = (b);                         \
		x op y ? x : y;                                            \
	})
#define min(a, b)	 pick_(<, a, b, UNIQUE(x_), UNIQUE(y_))
#define max(a, b)	 pick_(>, a, b, UNIQUE(x_), UNIQUE(y_))
#define min_t(t, a, b)	 min((t)(a), (t)(b))
#define max_t(t, a, b)	 max((t)(a), (t)(b))
#define clamp(v, lo, hi) min(max(v, lo), hi)

/* For constant expressions, such as array sizes: may evaluate an argument twice. */
#ifndef MIN
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#endif

#define swap(a, b)                             \
	do {                                   \
		__typeof__(a) swap_tmp_ = (a); \
		(a) = (b);                     \
		(b) = swap_tmp_;               \
	} while (0)

/* True when the operation does not fit; *r then holds the wrapped result. */
#define check_add_overflow(a, b, r) __builtin_add_overflow(a, b, r)
#define check_mul_overflow(a, b, r) __builtin_mul_overflow(a, b, r)

#endif
