/*
 * uapi/ipc.h - System V shared memory, semaphores and message queues; POSIX
 * message queues: shmctl(2), semctl(2), msgctl(2), mq_overview(7).
 */
#ifndef UAPI_IPC_H
#define UAPI_IPC_H

#include <uapi/types.h>

#define IPC_PRIVATE    0

#define IPC_CREAT      01000
#define IPC_EXCL       02000
#define IPC_NOWAIT     04000

#define IPC_RMID       0
#define IPC_SET	       1
#define IPC_STAT       2
#define IPC_INFO       3

#define SHM_R	       0400
#define SHM_W	       0200
#define SHM_HUGETLB    04000
#define SHM_NORESERVE  010000
#define SHM_HUGE_SHIFT 26
#define SHM_HUGE_MASK  0x3f
#define SHM_RDONLY     010000
#define SHM_RND	       020000
#define SHM_REMAP      040000
#define SHM_EXEC       0100000
#define SHM_DEST       01000 /* in shm_perm.mode */
#define SHM_LOCKED     02000
#define SHM_LOCK       11
#define SHM_UNLOCK     12
#define SHM_STAT       13
#define SHM_INFO       14
#define SHM_STAT_ANY   15

#define SEM_UNDO       0x1000
#define GETPID	       11
#define GETVAL	       12
#define GETALL	       13
#define GETNCNT	       14
#define GETZCNT	       15
#define SETVAL	       16
#define SETALL	       17
#define SEM_STAT       18
#define SEM_INFO       19
#define SEM_STAT_ANY   20

#define MSG_NOERROR    010000
#define MSG_EXCEPT     020000
#define MSG_COPY       040000
#define MSG_STAT       11
#define MSG_INFO       12
#define MSG_STAT_ANY   13

#if UAPI_KERNEL
struct ipc64_perm {
	int key;
	unsigned uid, gid, cuid, cgid;
	unsigned mode;
	unsigned short seq, __pad2;
	unsigned long __unused1, __unused2;
};

struct shmid64_ds {
	struct ipc64_perm shm_perm;
	unsigned long shm_segsz;
	long shm_atime, shm_dtime, shm_ctime;
	int shm_cpid, shm_lpid;
	unsigned long shm_nattch;
	unsigned long __unused4, __unused5;
};

struct shminfo64 {
	unsigned long shmmax, shmmin, shmmni, shmseg, shmall;
	unsigned long __unused1, __unused2, __unused3, __unused4;
};

#endif

struct shm_info {
	int used_ids;
	unsigned long shm_tot, shm_rss, shm_swp;
	unsigned long swap_attempts, swap_successes;
};

#if UAPI_KERNEL
struct semid64_ds {
	struct ipc64_perm sem_perm;
	long sem_otime, sem_ctime;
	unsigned long sem_nsems;
	unsigned long __unused3, __unused4;
};

#endif

struct sembuf {
	unsigned short sem_num;
	short sem_op;
	short sem_flg;
};

struct seminfo {
	int semmap, semmni, semmns, semmnu, semmsl, semopm, semume, semusz, semvmx, semaem;
};

#if UAPI_KERNEL
struct msqid64_ds {
	struct ipc64_perm msg_perm;
	long msg_stime, msg_rtime, msg_ctime;
	unsigned long msg_cbytes, msg_qnum, msg_qbytes;
	int msg_lspid, msg_lrpid;
	unsigned long __unused4, __unused5;
};

#endif

struct msginfo {
	int msgpool, msgmap, msgmax, msgmnb, msgmni, msgssz, msgtql;
	unsigned short msgseg;
};

#define MQ_PRIO_MAX 32768

struct mq_attr {
	long mq_flags; /* O_NONBLOCK */
	long mq_maxmsg, mq_msgsize, mq_curmsgs;
	long __reserved[4];
};

#if UAPI_KERNEL
UAPI_SIZE(struct ipc64_perm, 48);
UAPI_SIZE(struct shmid64_ds, 112);
UAPI_SIZE(struct shminfo64, 72);
UAPI_SIZE(struct semid64_ds, 88);
UAPI_SIZE(struct msqid64_ds, 120);
#endif
UAPI_SIZE(struct shm_info, 48);
UAPI_SIZE(struct sembuf, 6);
UAPI_SIZE(struct seminfo, 40);
UAPI_SIZE(struct msginfo, 32);
UAPI_SIZE(struct mq_attr, 64);

#endif
