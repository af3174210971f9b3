/*
 * Anonymous files in memory and their seals: memfd_create(2), fcntl(2) "File Sealing".
 * Seals are in inode->seals, guarded by inode->rwsem; the memfd_may_* are asked with it held
 * (for mmap: without; a seal set at the same time counts writable mappings after).
 */
#ifndef FS_MEMFD_H
#define FS_MEMFD_H

#include "fs/fs.h"

/* vm.memfd_noexec: without MFD_EXEC no execution (1), none with it either (2, enforced). */
#define MEMFD_NOEXEC_ENFORCED 2
extern int memfd_noexec;
struct file *memfd_create_file(const char *name, unsigned flags); /* MFD_*, checked; ERR_PTR */
struct file *memfd_secret_file(void); /* fs/secretmem.c; ERR_PTR */
extern struct mount *memfd_mount;
struct inode *memfd_inode(u32 mode); /* a new file of it, without a name; ERR_PTR */
long memfd_get_seals(struct file *f); /* F_SEAL_*, or -EINVAL: no file of tmpfs */
long memfd_add_seals(struct file *f, unsigned seals); /* 0, -EPERM, -EINVAL, -EBUSY */

int memfd_may_write(const struct inode *i, u64 pos, size_t count); /* 0 or -EPERM */
int memfd_may_map(const struct inode *i,
		  struct file_map *m); /* may take VM_MAYWRITE away; -EPERM */
int memfd_may_change(const struct inode *i, const struct attrs *a); /* size, mode: 0 or -EPERM */
int memfd_may_allocate(const struct inode *i, int mode, u64 end); /* fallocate(2): 0 or -EPERM */
void memfd_init(void);
#endif
