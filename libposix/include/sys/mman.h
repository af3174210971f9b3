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

#define MAP_FAILED	      ((void *)-1)
#define MAP_ANON	      MAP_ANONYMOUS

#define POSIX_MADV_NORMAL     0
#define POSIX_MADV_RANDOM     1
#define POSIX_MADV_SEQUENTIAL 2
#define POSIX_MADV_WILLNEED   3
#define POSIX_MADV_DONTNEED   4

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset);
int munmap(void *addr, size_t len);
int mprotect(void *addr, size_t len, int prot);
void *mremap(void *addr, size_t old, size_t len, int flags, ...);
int madvise(void *addr, size_t len, int advice);
int posix_madvise(void *addr, size_t len, int advice);
int msync(void *addr, size_t len, int flags);
int mlock(const void *addr, size_t len);
int mlock2(const void *addr, size_t len, unsigned int flags);
int munlock(const void *addr, size_t len);
int mlockall(int flags);
int munlockall(void);
int mincore(void *addr, size_t len, unsigned char *pages);
int remap_file_pages(void *addr, size_t len, int prot, size_t page, int flags);
int shm_open(const char *name, int flags, mode_t mode);
int shm_unlink(const char *name);
int memfd_create(const char *name, unsigned int flags);
int pkey_alloc(unsigned int flags, unsigned int rights);
int pkey_free(int key);
int pkey_mprotect(void *addr, size_t len, int prot, int key);

#define mmap64 mmap

#ifdef __cplusplus
}
#endif

#endif
