/*
 * A shared object that glibc.c opens with dlopen(3): a constructor, a destructor, thread-local
 * storage of its own, a symbol it takes from the program, and data that is relocated.
 */
#include <stdio.h>

extern int host_value(int);

_Thread_local int plugin_tls = 100;
static const char *const names[] = { "zero", "one", "two", "three" };
static int constructed;

__attribute__((constructor)) static void up(void)
{
	constructed = 1;
}

__attribute__((destructor)) static void down(void)
{
	puts("plugin: closed");
}

int plugin_run(int n)
{
	plugin_tls += n;
	printf("plugin: constructed %d, host says %d, names[%d] %s\n", constructed, host_value(n),
	       n & 3, names[n & 3]);
	return plugin_tls;
}
