/*
 * bits/tls.h - thread-local blocks for those who make threads with clone(2)
 * themselves (not POSIX: pthread_create does it with these two).
 */
#ifndef _BITS_TLS_H
#define _BITS_TLS_H

#include <stddef.h>

/* Bytes that one thread's block takes: its control block, its variables, alignment. */
size_t __tls_size(void);

/* Fill `mem` (of __tls_size() bytes) and return the thread pointer for CLONE_SETTLS. */
void *__tls_make(void *mem);

#endif
