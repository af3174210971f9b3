/*
 * System V message queues: msgget(2), msgop(2), msgctl(2). All may sleep; -errno as the
 * manual pages say. Interrupted waits return -ERESTARTNOHAND.
 */
#ifndef IPC_MSG_H
#define IPC_MSG_H

#include <types.h>
#include <uapi/ipc.h>
#include "ipc/ids.h"

struct message;

long msg_get(int key, int flags);
int msg_send(int id, struct message *m, int flags); /* 0: m is the queue's now */
/* The message, which is the caller's now. ERR_PTR. */
struct message *msg_receive(int id, size_t max, long type, int flags);
/* cmd IPC_STAT, MSG_STAT or MSG_STAT_ANY: 0 or the identifier. */
long msg_stat(int id, int cmd, struct msqid64_ds *ds);
int msg_set(int id, const struct msqid64_ds *ds); /* IPC_SET */
int msg_remove(int id); /* IPC_RMID */
int msg_info(int cmd, struct msginfo *info); /* IPC_INFO, MSG_INFO: the highest index */
/* The first queue at *index or above, for /proc: its identifier, and *index; -1: none. */
int msg_next(u64 *index, struct msqid64_ds *ds);
#endif
