/*
 * sys/mman.h - mapping memory, and POSIX shared memory.
 */
#ifndef _SYS_MMAN_H
#define _SYS_MMAN_H

#include <features.h>
#include <stddef.h>
#include <sys/types.h>
#include <uapi/mman.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MAP_FAILED ((void *)-1)
#if __MISC_VISIBLE
#define MAP_ANON MAP_ANONYMOUS
#endif

#define POSIX_MADV_NORMAL     0
#define POSIX_MADV_RANDOM     1
#define POSIX_MADV_SEQUENTIAL 2
#define POSIX_MADV_WILLNEED   3
#define POSIX_MADV_DONTNEED   4

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset);
int munmap(void *addr, size_t len);
int mprotect(void *addr, size_t len, int prot);
#if __MISC_VISIBLE
void *mremap(void *addr, size_t old, size_t len, int flags, ...);
int madvise(void *addr, size_t len, int advice);
#endif
int posix_madvise(void *addr, size_t len, int advice);
int msync(void *addr, size_t len, int flags);
int mlock(const void *addr, size_t len);
#if __MISC_VISIBLE
int mlock2(const void *addr, size_t len, unsigned int flags);
#endif
int munlock(const void *addr, size_t len);
int mlockall(int flags);
int munlockall(void);
#if __MISC_VISIBLE
int mincore(void *addr, size_t len, unsigned char *pages);
int remap_file_pages(void *addr, size_t len, int prot, size_t page, int flags);
#endif
int shm_open(const char *name, int flags, mode_t mode);
int shm_unlink(const char *name);
#if __MISC_VISIBLE
int memfd_create(const char *name, unsigned int flags);
int pkey_alloc(unsigned int flags, unsigned int rights);
int pkey_free(int key);
int pkey_mprotect(void *addr, size_t len, int prot, int key);

#define mmap64 mmap
#endif

#ifdef __cplusplus
}
#endif

#endif
