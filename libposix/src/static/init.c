/*
 * init.c - constructors and destructors of a static program: the linker's script names where their tables are.
 */
#include "../internal/libc.h"

typedef void init_fn(int argc, char **argv, char **envp);
typedef void fini_fn(void);

extern init_fn *const __preinit_array_start[], *const __preinit_array_end[];
extern init_fn *const __init_array_start[], *const __init_array_end[];
extern fini_fn *const __fini_array_start[], *const __fini_array_end[];
void _init(void) __attribute__((weak));
void _fini(void) __attribute__((weak));

void __run_init(int argc, char **argv, char **envp)
{
	for (init_fn *const *fn = __preinit_array_start; fn < __preinit_array_end; fn++)
		(*fn)(argc, argv, envp);
	if (_init)
		_init();
	for (init_fn *const *fn = __init_array_start; fn < __init_array_end; fn++)
		(*fn)(argc, argv, envp);
}

void __run_fini(void)
{
	for (fini_fn *const *fn = __fini_array_end; fn > __fini_array_start;)
		(*--fn)();
	if (_fini)
		_fini();
}
