/*
 * ptrace.c - ptrace(2). What is peeked at is the answer, so that -1 may be a value: errno tells.
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/ptrace.h>
#include <sys/types.h>

long ptrace(int request, ...)
{
	unsigned long word;
	void *addr, *data;
	va_list ap;
	pid_t pid;
	long raw;

	va_start(ap, request);
	pid = va_arg(ap, pid_t);
	addr = va_arg(ap, void *);
	data = va_arg(ap, void *);
	va_end(ap);
	if (request >= PTRACE_PEEKTEXT && request <= PTRACE_PEEKUSR)
		data = &word;
	raw = RET(SC(__NR_ptrace, request, pid, addr, data));
	if (raw < 0 || request < PTRACE_PEEKTEXT || request > PTRACE_PEEKUSR)
		return raw;
	errno = 0;
	return (long)word;
}
