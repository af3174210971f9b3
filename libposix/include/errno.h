/*
 * errno.h - the error numbers (the kernel's own list) and errno, one a thread.
 */
#ifndef _ERRNO_H
#define _ERRNO_H

#include <features.h>
#include <uapi/errno.h>

#ifndef ENOTSUP
#define ENOTSUP EOPNOTSUPP
#endif

__BEGIN_DECLS
int *__errno_location(void) __attribute__((const));
__END_DECLS
#define errno (*__errno_location())

extern char *program_invocation_name, *program_invocation_short_name;

#endif
