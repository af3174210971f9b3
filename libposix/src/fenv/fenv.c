/*
 * fenv.c - rounding and exceptions (C11 7.6): fcsr holds five exception flags and, above
 * them, the rounding mode. Nothing traps.
 */
#include <fenv.h>

static unsigned int flags(void)
{
	unsigned int f;

	__asm__ volatile("frflags %0" : "=r"(f));
	return f;
}

int feclearexcept(int which)
{
	__asm__ volatile("csrc fflags, %0" : : "r"(which & FE_ALL_EXCEPT));
	return 0;
}

int feraiseexcept(int which)
{
	__asm__ volatile("csrs fflags, %0" : : "r"(which & FE_ALL_EXCEPT));
	return 0;
}

int fetestexcept(int which)
{
	return (int)flags() & which & FE_ALL_EXCEPT;
}

int fegetexceptflag(fexcept_t *out, int which)
{
	*out = flags() & (unsigned int)which & FE_ALL_EXCEPT;
	return 0;
}

int fesetexceptflag(const fexcept_t *in, int which)
{
	feclearexcept(which);
	return feraiseexcept((int)*in & which);
}

int fegetround(void)
{
	int mode;

	__asm__ volatile("frrm %0" : "=r"(mode));
	return mode;
}

int fesetround(int mode)
{
	if (mode < FE_TONEAREST || mode > FE_UPWARD)
		return -1;
	__asm__ volatile("fsrm %0" : : "r"(mode));
	return 0;
}

int fegetenv(fenv_t *env)
{
	__asm__ volatile("frcsr %0" : "=r"(*env));
	return 0;
}

int fesetenv(const fenv_t *env)
{
	unsigned int value = env == FE_DFL_ENV ? 0 : *env;

	__asm__ volatile("fscsr %0" : : "r"(value));
	return 0;
}

int feholdexcept(fenv_t *env)
{
	fegetenv(env);
	return feclearexcept(FE_ALL_EXCEPT);
}

int feupdateenv(const fenv_t *env)
{
	int raised = (int)flags();

	fesetenv(env);
	return feraiseexcept(raised);
}
