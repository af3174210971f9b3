/*
 * sys/msg.h - System V message queues.
 */
#ifndef _SYS_MSG_H
#define _SYS_MSG_H

#include <sys/ipc.h>

#ifdef __cplusplus
extern "C" {
#endif

#define msqid_ds msqid64_ds

typedef unsigned long msgqnum_t;
typedef unsigned long msglen_t;

struct msgbuf {
	long mtype;
	char mtext[1];
};

int msgctl(int id, int cmd, struct msqid_ds *buf);
int msgget(key_t key, int flags);
ssize_t msgrcv(int id, void *msg, size_t size, long type, int flags);
int msgsnd(int id, const void *msg, size_t size, int flags);

#ifdef __cplusplus
}
#endif

#endif
