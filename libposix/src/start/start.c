/*
 * start.c - from the kernel's initial stack to main(): environment, auxiliary
 * vector, thread-local storage, constructors. Runs once, on one thread.
 */
#include "../internal/libc.h"
#include "../internal/syscall.h"
#include "../internal/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

typedef int main_fn(int argc, char **argv, char **envp);

_Noreturn void __libc_start(long *stack, main_fn *main);

struct libc __libc = { .page_size = 4096 };
char **__environ;
extern char **environ __attribute__((weak, alias("__environ")));
char *program_invocation_name = (char *)"";
char *program_invocation_short_name = (char *)"";
extern uintptr_t __stack_chk_guard;
uintptr_t __stack_chk_guard;
struct thread *__threads;

/* Whoever runs with more rights than his caller gets descriptors 0 to 2 from here if need be. */
static void open_standard(void)
{
	struct pollfd fds[3] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };
	struct timespec now = { 0 };

	if (SC(__NR_ppoll, fds, 3, &now, NULL, 8) < 0)
		return;
	for (int i = 0; i < 3; i++)
		if (fds[i].revents & POLLNVAL)
			SC(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR, 0);
}

/* And whom he starts does not obey the caller's words for the loader either. */
static void forget_loader_words(void)
{
	char **to = environ;

	for (char **from = environ; *from; from++)
		if (strncmp(*from, "LD_", 3))
			*to++ = *from;
	*to = NULL;
}

static void read_auxv(void)
{
	const unsigned char *random = NULL;

	for (const uint64_t *av = __libc.auxv; av[0] != AT_NULL; av += 2) {
		if (av[0] == AT_PAGESZ)
			__libc.page_size = av[1];
		else if (av[0] == AT_SECURE)
			__libc.secure = av[1] != 0;
		else if (av[0] == AT_RANDOM)
			random = (const unsigned char *)av[1];
	}
	if (random)
		memcpy(&__stack_chk_guard, random, sizeof(__stack_chk_guard));
	__stack_chk_guard &= ~0xfful; /* a string that runs over ends here */
	if (__libc.secure) {
		open_standard();
		forget_loader_words();
	}
}

void __libc_prepare(long *stack)
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
	read_auxv();
	if (argc > 0 && argv[0]) {
		char *slash = strrchr(argv[0], '/');

		program_invocation_name = argv[0];
		program_invocation_short_name = slash ? slash + 1 : argv[0];
	}
}

/* When there is a dynamic loader, it has prepared all before the program's _start runs. */
_Noreturn void __libc_start(long *stack, main_fn *main)
{
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);

	if (!__libc.auxv)
		__libc_prepare(stack);
	__run_init(argc, argv, argv + argc + 1);
	exit(main(argc, argv, argv + argc + 1));
}
