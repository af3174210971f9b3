/*
 * fenv.h - rounding and exceptions of the floating-point unit (C11 7.6): the fcsr
 * register of the F extension.
 */
#ifndef _FENV_H
#define _FENV_H

#include <features.h>

#define FE_INEXACT    1
#define FE_UNDERFLOW  2
#define FE_OVERFLOW   4
#define FE_DIVBYZERO  8
#define FE_INVALID    16
#define FE_ALL_EXCEPT 31

#define FE_TONEAREST  0
#define FE_TOWARDZERO 1
#define FE_DOWNWARD   2
#define FE_UPWARD     3

typedef unsigned int fexcept_t;
typedef unsigned int fenv_t;

#define FE_DFL_ENV ((const fenv_t *)-1)

__BEGIN_DECLS

int feclearexcept(int __which);
int fegetexceptflag(fexcept_t *__flags, int __which);
int feraiseexcept(int __which);
int fesetexceptflag(const fexcept_t *__flags, int __which);
int fetestexcept(int __which);
int fegetround(void);
int fesetround(int __mode);
int fegetenv(fenv_t *__env);
int feholdexcept(fenv_t *__env);
int fesetenv(const fenv_t *__env);
int feupdateenv(const fenv_t *__env);

__END_DECLS

#endif
