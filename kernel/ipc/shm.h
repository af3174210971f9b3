/*
 * System V shared memory: shmget(2), shmop(2), shmctl(2). All may sleep; -errno as the manual
 * pages say.
 */
#ifndef IPC_SHM_H
#define IPC_SHM_H

#include <types.h>
#include <uapi/ipc.h>
#include "ipc/ids.h"

struct area;
struct task;

long shm_get(int key, u64 size, int flags);
long shm_attach(int id, u64 addr, int flags); /* the address */
int shm_detach(u64 addr);
/* cmd IPC_STAT, SHM_STAT or SHM_STAT_ANY: 0 or the identifier. */
long shm_stat(int id, int cmd, struct shmid64_ds *ds);
int shm_set(int id, const struct shmid64_ds *ds); /* IPC_SET */
int shm_remove(int id); /* IPC_RMID: at once, or with the last detachment */
int shm_lock(int id, bool lock); /* SHM_LOCK, SHM_UNLOCK */
int shm_limits(struct shminfo64 *info); /* IPC_INFO: the highest index */
int shm_usage(struct shm_info *info); /* SHM_INFO: likewise */
/* The first segment at *index or above, for /proc: its identifier, and *index; -1: none. */
int shm_next(u64 *index, struct shmid64_ds *ds, u64 *rss);
/* proc(5), shm_rmid_forced: what nobody is attached to goes with its creator. */
void shm_force_rmid(bool on);
void shm_exit(struct task *t); /* t ends, its memory is unmapped */
int area_shm_id(const struct area *a); /* for /proc/PID/maps: -1 when it is none */
#endif
