/* Shared by the parts of test_namei, and what they know of the stand-ins for the kernel. */
#ifndef TESTS_HOST_TEST_NAMEI_H
#define TESTS_HOST_TEST_NAMEI_H

#include <types.h>
#include <uapi/fcntl.h>
#include "fs/fs.h"

#define HERE AT_FDCWD

/* --- test_namei_kernel.c --- */

extern long live_allocations; /* kmalloc and slab objects not freed */
extern long fail_after; /* this many allocations succeed, then one fails; < 0: none does */
extern long live_pages_objects; /* vmobjects set up and not destroyed */

void kernel_start(void); /* a task, its credentials; vfs_init */
void become(u32 uid, u64 caps); /* current's ids and capabilities */
void rcu_run(void); /* a grace period passes */
int locks_held(void);

/* --- test_namei.c --- */

/* A fresh tmpfs as root, with this: /d/e/f a file, /d700, /etc, /x a file. */
void tree_begin(void);
/* It goes; nothing may be left. */
void tree_end(void);
/* 0 or -errno of a look-up; *ino gets who it is. */
int look_from(int dfd, const char *name, unsigned flags, u64 *ino);
int look(const char *name);
/* The inode number of a path; 0: there is none. */
u64 ino_of(const char *name);
bool same(const char *a, const char *b);
/* The task's root or working directory (`which`) becomes this. */
void enter(const char *name, struct path *which);

/* --- test_namei_mounts.c --- */

int mount_on(const char *where, u64 flags);
int umount_from(const char *where, int flags);
void mounts(void);
void stacks(void);

/* --- test_namei_random.c --- */

void warm_is_cold(void);
void out_of_memory(void);

#endif
