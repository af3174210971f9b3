/*
 * sys/shm.h - System V shared memory.
 */
#ifndef _SYS_SHM_H
#define _SYS_SHM_H

#include <sys/ipc.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SHMLBA	 4096
#define shmid_ds shmid64_ds
#define shminfo	 shminfo64

typedef unsigned long shmatt_t;

void *shmat(int id, const void *addr, int flags);
int shmctl(int id, int cmd, struct shmid_ds *buf);
int shmdt(const void *addr);
int shmget(key_t key, size_t size, int flags);

#ifdef __cplusplus
}
#endif

#endif
