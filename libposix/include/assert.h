/*
 * assert.h - stop the program where a condition that must hold does not (C11 7.2).
 */
#undef assert
#ifdef NDEBUG
#define assert(cond) ((void)0)
#else
#define assert(cond) ((cond) ? (void)0 : __assert_fail(#cond, __FILE__, __LINE__, __func__))
#endif

#ifndef _ASSERT_H
#define _ASSERT_H

#include <features.h>

#if !defined(__cplusplus) && __ISO_C_VISIBLE >= 2011
#define static_assert _Static_assert
#endif

__BEGIN_DECLS

__NORETURN void __assert_fail(const char *__cond, const char *__file, int __line,
			      const char *__func);

__END_DECLS

#endif
