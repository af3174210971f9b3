/*
 * sys/ipc.h - what System V's queues, semaphores and shared memory have in common.
 */
#ifndef _SYS_IPC_H
#define _SYS_IPC_H

#include <features.h>
#include <sys/types.h>
#include <uapi/ipc.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ipc_perm {
	key_t __key;
	uid_t uid;
	gid_t gid;
	uid_t cuid;
	gid_t cgid;
	mode_t mode;
	unsigned short __seq, __pad2;
	unsigned long __unused1, __unused2;
};

key_t ftok(const char *path, int id);

#ifdef __cplusplus
}
#endif

#endif
