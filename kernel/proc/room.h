/*
 * What the files of proc/ share among themselves and nobody else needs.
 */
#ifndef PROC_ROOM_H
#define PROC_ROOM_H

#include <types.h>
#include <atomic.h>
#include <uapi/fcntl.h>
#include <uapi/eventfd.h>
#include <uapi/resource.h>

struct file;
struct sighand;
struct task;

#define PIDFD_THREAD O_EXCL /* pidfd_open(2): the thread, not the process */

extern atomic_t nr_user_tasks; /* [a] tasks that clone made and that are not reaped */

/* Limits of pid 1, as Linux has them. */
void rlimits_init(struct rlimit *r);
/* Handlers become SIG_DFL, flags and masks go; what is ignored stays ignored (execve(2), CLONE_CLEAR_SIGHAND). Private or [lock]. */
void sighand_reset(struct sighand *sh);
/* Takes over mm's hooks for the program file of a space. */
void exec_init(void);
/* Descriptors of processes. */
void pidfd_init(void);
#endif
