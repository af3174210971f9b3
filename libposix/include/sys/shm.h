/*
 * sys/shm.h - System V shared memory.
 */
#ifndef _SYS_SHM_H
#define _SYS_SHM_H

#include <features.h>
#include <sys/ipc.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SHMLBA 4096

typedef unsigned long shmatt_t;

struct shmid_ds {
	struct ipc_perm shm_perm;
	size_t shm_segsz;
	time_t shm_atime, shm_dtime, shm_ctime;
	pid_t shm_cpid, shm_lpid;
	shmatt_t shm_nattch;
	unsigned long __unused4, __unused5;
};

#if __MISC_VISIBLE
struct shminfo {
	unsigned long shmmax, shmmin, shmmni, shmseg, shmall;
	unsigned long __unused1, __unused2, __unused3, __unused4;
};
#endif

void *shmat(int id, const void *addr, int flags);
int shmctl(int id, int cmd, struct shmid_ds *buf);
int shmdt(const void *addr);
int shmget(key_t key, size_t size, int flags);

#ifdef __cplusplus
}
#endif

#endif
