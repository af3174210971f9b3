/*
 * sys/select.h - waiting for descriptors in sets: select(2).
 */
#ifndef _SYS_SELECT_H
#define _SYS_SELECT_H

#include <features.h>
#include <sys/types.h>
#include <uapi/signal.h>
#include <uapi/time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FD_SETSIZE 1024
#define __NFDBITS  64
#if __MISC_VISIBLE
#define NFDBITS __NFDBITS

typedef unsigned long fd_mask;
#endif
typedef struct {
	unsigned long fds_bits[FD_SETSIZE / __NFDBITS];
} fd_set;

#define FD_ZERO(set)	  ((void)__builtin_memset(set, 0, sizeof(fd_set)))
#define FD_SET(fd, set)	  ((void)((set)->fds_bits[(fd) / __NFDBITS] |= 1ul << ((fd) % __NFDBITS)))
#define FD_CLR(fd, set)	  ((void)((set)->fds_bits[(fd) / __NFDBITS] &= ~(1ul << ((fd) % __NFDBITS))))
#define FD_ISSET(fd, set) ((int)((set)->fds_bits[(fd) / __NFDBITS] >> ((fd) % __NFDBITS) & 1))

int select(int count, fd_set *__restrict in, fd_set *__restrict out, fd_set *__restrict except,
	   struct timeval *__restrict timeout);
int pselect(int count, fd_set *__restrict in, fd_set *__restrict out, fd_set *__restrict except,
	    const struct timespec *__restrict timeout, const sigset_t *__restrict mask);

#ifdef __cplusplus
}
#endif

#endif
