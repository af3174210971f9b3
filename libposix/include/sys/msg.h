/*
 * sys/msg.h - System V message queues.
 */
#ifndef _SYS_MSG_H
#define _SYS_MSG_H

#include <features.h>
#include <sys/ipc.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef unsigned long msgqnum_t;
typedef unsigned long msglen_t;

struct msqid_ds {
	struct ipc_perm msg_perm;
	time_t msg_stime, msg_rtime, msg_ctime;
	unsigned long __msg_cbytes;
	msgqnum_t msg_qnum;
	msglen_t msg_qbytes;
	pid_t msg_lspid, msg_lrpid;
	unsigned long __unused4, __unused5;
};

#if __MISC_VISIBLE
struct msgbuf {
	long mtype;
	char mtext[1];
};
#endif

int msgctl(int id, int cmd, struct msqid_ds *buf);
int msgget(key_t key, int flags);
ssize_t msgrcv(int id, void *msg, size_t size, long type, int flags);
int msgsnd(int id, const void *msg, size_t size, int flags);

#ifdef __cplusplus
}
#endif

#endif
