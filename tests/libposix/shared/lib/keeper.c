/* Opens and closes others while it starts and stops. */
#include <dlfcn.h>
#include <stdio.h>

static void *inner;

__attribute__((constructor)) static void start(void)
{
	int (*side)(void);

	inner = dlopen("left.so", RTLD_NOW);
	side = inner ? (int (*)(void))dlsym(inner, "side") : NULL;
	printf("keeper starts: %c\n", side ? side() : '?');
}

__attribute__((destructor)) static void stop(void)
{
	printf("keeper stops: %d\n", inner ? dlclose(inner) : -1);
}
