/*
 * vm.c - another process' memory: process_vm_readv(2).
 */
#include "../internal/syscall.h"

#include <sys/uio.h>

ssize_t process_vm_readv(pid_t pid, const struct iovec *local, unsigned long locals,
			 const struct iovec *remote, unsigned long remotes, unsigned long flags)
{
	return RET(SC(__NR_process_vm_readv, pid, local, locals, remote, remotes, flags));
}

ssize_t process_vm_writev(pid_t pid, const struct iovec *local, unsigned long locals,
			  const struct iovec *remote, unsigned long remotes, unsigned long flags)
{
	return RET(SC(__NR_process_vm_writev, pid, local, locals, remote, remotes, flags));
}
