/* Rounding modes and exceptions of the floating-point unit (C11 7.6), in this thread, another, and a handler. */
#include <fenv.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static const int modes[] = { FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD };
static volatile double one = 1, three = 3, zero, huge = 1e308, tiny = 1e-308;
static volatile float single = 1.0f;

static const char *flags(void)
{
	static char text[6];
	int f = fetestexcept(FE_ALL_EXCEPT);

	text[0] = f & FE_INVALID ? 'v' : '-';
	text[1] = f & FE_DIVBYZERO ? 'z' : '-';
	text[2] = f & FE_OVERFLOW ? 'o' : '-';
	text[3] = f & FE_UNDERFLOW ? 'u' : '-';
	text[4] = f & FE_INEXACT ? 'x' : '-';
	return text;
}

static void *thread(void *arg)
{
	(void)arg;
	printf("thread: %d %s\n", fegetround(), flags());
	fesetround(FE_TOWARDZERO);
	feraiseexcept(FE_OVERFLOW);
	return NULL;
}

static void handler(int sig)
{
	(void)sig;
	printf("handler: %d %s\n", fegetround(), flags());
	fesetround(FE_TONEAREST);
	feclearexcept(FE_ALL_EXCEPT);
}

static void arithmetic(void)
{
	for (int i = 0; i < 4; i++) {
		printf("set %d", fesetround(modes[i]));
		feclearexcept(FE_ALL_EXCEPT);
		printf(" get %d: %a %a", fegetround() == modes[i], one / three, -one / three);
		printf(" %a %d %ld", (double)(single / 3), (int)lrint(2.5 * one),
		       lrint(-1.5 * one));
		printf(" %.3f %.0f %s\n", 2.0005 * one, 2.5 * one, flags());
	}
	fesetround(FE_TONEAREST);
	printf("%d %d\n", fesetround(4) != 0, fesetround(-1) != 0);
}

#define RAISES(e)                                \
	do {                                     \
		volatile double result;          \
		feclearexcept(FE_ALL_EXCEPT);    \
		result = (e);                    \
		printf("%s: %s\n", #e, flags()); \
		(void)result;                    \
	} while (0)

int main(void)
{
	fexcept_t kept;
	fenv_t env;
	pthread_t t;
	jmp_buf place;

	arithmetic();
	RAISES(one / zero);
	RAISES(zero / zero);
	RAISES(huge * huge);
	RAISES(tiny * tiny);
	RAISES(one / three);
	RAISES(one + one);
	RAISES((float)huge);
	RAISES((int)huge);
	RAISES((double)(long)(one / three));
	RAISES(one < NAN);
	RAISES(isless(one, NAN));

	feclearexcept(FE_ALL_EXCEPT);
	printf("%d %s\n", feraiseexcept(FE_INVALID | FE_INEXACT), flags());
	printf("%d %d\n", fetestexcept(FE_INVALID | FE_OVERFLOW) == FE_INVALID,
	       fegetexceptflag(&kept, FE_ALL_EXCEPT));
	feclearexcept(FE_INVALID);
	printf("%s\n", flags());
	feraiseexcept(FE_OVERFLOW);
	printf("%d %s\n", fesetexceptflag(&kept, FE_INVALID | FE_OVERFLOW), flags());
	printf("%d %d %s\n", feraiseexcept(0), feclearexcept(0), flags());

	fesetround(FE_UPWARD);
	feclearexcept(FE_ALL_EXCEPT);
	feraiseexcept(FE_DIVBYZERO);
	printf("%d", feholdexcept(&env));
	printf(" %d %s", fegetround() == FE_UPWARD, flags());
	fesetround(FE_DOWNWARD);
	feraiseexcept(FE_UNDERFLOW);
	printf(" %d", feupdateenv(&env));
	printf(" %d %s\n", fegetround() == FE_UPWARD, flags());
	fegetenv(&env);
	printf("%d", fesetenv(FE_DFL_ENV));
	printf(" %d %s", fegetround() == FE_TONEAREST, flags());
	printf(" %d", fesetenv(&env));
	printf(" %d %s\n", fegetround() == FE_UPWARD, flags());

	/* A new thread takes both along, and gives nothing back; a handler begins with what was interrupted. */
	fflush(stdout);
	pthread_create(&t, NULL, thread, NULL);
	pthread_join(t, NULL);
	printf("after: %d %s\n", fegetround() == FE_UPWARD, flags());
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	printf("after: %d %s\n", fegetround() == FE_UPWARD, flags());
	/* longjmp gives back neither. */
	if (!setjmp(place)) {
		fesetround(FE_TOWARDZERO);
		longjmp(place, 1);
	}
	printf("jumped: %d\n", fegetround() == FE_TOWARDZERO);
	return 0;
}
