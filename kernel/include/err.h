/*
 * err.h - errors carried by pointers, and the errno values that stay inside.
 *
 * A function that returns a pointer returns ERR_PTR(-E...) on failure; the top
 * 4095 addresses are never valid.  The ERESTART values never reach user space:
 * signal delivery turns them into EINTR or into a restart of the call.
 */
#ifndef TARN_ERR_H
#define TARN_ERR_H

#include <compiler.h>
#include <types.h>

#define MAX_ERRNO	      4095

#define ERESTARTSYS	      512 /* restart when the handler has SA_RESTART, or none ran */
#define ERESTARTNOINTR	      513 /* always restart */
#define ERESTARTNOHAND	      514 /* restart only when no handler ran */
#define ENOIOCTLCMD	      515 /* this layer does not know the ioctl: ask the next */
#define ERESTART_RESTARTBLOCK 516 /* restart through restart_syscall, else EINTR */

static inline void *ERR_PTR(long err)
{
	return (void *)err;
}

static inline long PTR_ERR(const void *p)
{
	return (long)p;
}

static inline bool IS_ERR(const void *p)
{
	return unlikely((unsigned long)p >= (unsigned long)-MAX_ERRNO);
}

static inline bool IS_ERR_OR_NULL(const void *p)
{
	return !p || IS_ERR(p);
}

static inline void *ERR_CAST(const void *p)
{
	return (void *)(unsigned long)p;
}

/* 0 when p is a pointer, else its error. */
static inline int PTR_ERR_OR_ZERO(const void *p)
{
	return IS_ERR(p) ? (int)PTR_ERR(p) : 0;
}

#endif
