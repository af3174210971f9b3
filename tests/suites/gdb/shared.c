/* What tests/suites/debugger.py has Debian's gdb look at: a program that is linked with libposix's libc.so, needs an
 * object, opens another while it runs, and closes it. */
#include <dlfcn.h>
#include <stdio.h>

int near_sum(int a, int b);

static int open_and_call(int n)
{
	void *handle = dlopen("/opened.so", RTLD_LAZY);
	int (*square)(int);
	int result = -1;

	if (!handle) {
		puts(dlerror());
		return -1;
	}
	square = (int (*)(int))dlsym(handle, "opened_square");
	if (square)
		result = square(n);
	dlclose(handle);
	return result;
}

int main(void)
{
	int sum = near_sum(3, 4);
	int got = open_and_call(sum);

	printf("%d\n", got);
	return got != 49;
}
