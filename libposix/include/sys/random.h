/*
 * sys/random.h - random bytes from the kernel.
 */
#ifndef _SYS_RANDOM_H
#define _SYS_RANDOM_H

#include <features.h>
#include <sys/types.h>
#include <uapi/random.h>

#ifdef __cplusplus
extern "C" {
#endif

ssize_t getrandom(void *dst, size_t n, unsigned int flags);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int getentropy(void *dst, size_t n);
#endif

#ifdef __cplusplus
}
#endif

#endif
