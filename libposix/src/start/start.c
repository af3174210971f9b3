/*
 * start.c - from the kernel's initial stack to main(): environment, auxiliary
 * vector, thread-local storage, constructors. Runs once, on one thread.
 */
#include "../internal/libc.h"

#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

typedef int main_fn(int argc, char **argv, char **envp);

extern void (*const __preinit_array_start[])(void), (*const __preinit_array_end[])(void);
extern void (*const __init_array_start[])(void), (*const __init_array_end[])(void);

_Noreturn void __libc_start(long *stack, main_fn *main);

struct libc __libc = { .page_size = 4096 };
char **environ;
char *program_invocation_name = (char *)"";

_Noreturn void __libc_start(long *stack, main_fn *main)
{
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);
	char **envp = argv + argc + 1;
	char **end = envp;

	while (*end)
		end++;
	environ = envp;
	__libc.auxv = (const uint64_t *)(end + 1);
	__tls_init();
	__libc.page_size = getauxval(AT_PAGESZ);
	if (argc > 0)
		program_invocation_name = argv[0];

	for (void (*const *fn)(void) = __preinit_array_start; fn < __preinit_array_end; fn++)
		(*fn)();
	for (void (*const *fn)(void) = __init_array_start; fn < __init_array_end; fn++)
		(*fn)();
	exit(main(argc, argv, envp));
}
