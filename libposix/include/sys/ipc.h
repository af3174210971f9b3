/*
 * sys/ipc.h - what System V's queues, semaphores and shared memory have in common.
 */
#ifndef _SYS_IPC_H
#define _SYS_IPC_H

#include <sys/types.h>
#include <uapi/ipc.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ipc_perm ipc64_perm

key_t ftok(const char *path, int id);

#ifdef __cplusplus
}
#endif

#endif
