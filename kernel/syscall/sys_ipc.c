/*
 * System V shared memory, semaphores and message queues: argument checking and copying. The work is
 * in ipc/.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/ipc.h>

#include "alloc/slab.h"
#include "core/wait.h"
#include "ipc/message.h"
#include "ipc/msg.h"
#include "ipc/sem.h"
#include "ipc/shm.h"
#include "mm/usercopy.h"
#include "syscall/timespec.h"

/* What an *_STAT or *_INFO found, to the program; ret is the call's result unless that fails. */
static long give(void __user *to, const void *from, size_t n, long ret)
{
	return ret >= 0 && copy_to_user(to, from, n) ? -EFAULT : ret;
}

/* ---- shared memory ---- */

long sys_shmget(int key, size_t size, unsigned long flags)
{
	return shm_get(key, size, (int)flags);
}

long sys_shmat(int id, void __user *addr, unsigned long flags)
{
	return shm_attach(id, (__force u64)addr, (int)flags);
}

long sys_shmdt(void __user *addr)
{
	return shm_detach((__force u64)addr);
}

static long shm_ask(int id, int cmd, void __user *buf)
{
	struct shmid64_ds ds;
	long ret = shm_stat(id, cmd, &ds);

	return give(buf, &ds, sizeof(ds), ret);
}

static long shm_change(int id, void __user *buf)
{
	struct shmid64_ds ds;

	return copy_from_user(&ds, buf, sizeof(ds)) ? -EFAULT : shm_set(id, &ds);
}

static long shm_tell_limits(void __user *buf)
{
	struct shminfo64 info;
	long max = shm_limits(&info);

	return give(buf, &info, sizeof(info), max);
}

static long shm_tell_usage(void __user *buf)
{
	struct shm_info info;
	long max = shm_usage(&info);

	return give(buf, &info, sizeof(info), max);
}

long sys_shmctl(int id, int cmd, void __user *buf)
{
	if (id < 0 || cmd < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
		return shm_tell_limits(buf);
	case SHM_INFO:
		return shm_tell_usage(buf);
	case IPC_STAT:
	case SHM_STAT:
	case SHM_STAT_ANY:
		return shm_ask(id, cmd, buf);
	case IPC_SET:
		return shm_change(id, buf);
	case IPC_RMID:
		return shm_remove(id);
	case SHM_LOCK:
	case SHM_UNLOCK:
		return shm_lock(id, cmd == SHM_LOCK);
	default:
		return -EINVAL;
	}
}

/* ---- semaphores ---- */

long sys_semget(int key, int nsems, unsigned long flags)
{
	return sem_get(key, nsems, (int)flags);
}

/* timeout: NULL for none. */
static long do_semop(int id, const void __user *uops, unsigned n, const struct timespec *timeout)
{
	struct sembuf few[SEMOP_FEW], *ops = few;
	u64 ns;
	long ret;

	if (n > (unsigned)READ_ONCE(ipc_ns()->sem_opm))
		return -E2BIG;
	if (n < 1)
		return -EINVAL;
	if (n <= SEMOP_FEW) {
		if (copy_from_user(few, uops, n * sizeof(*ops)))
			return -EFAULT;
	} else {
		ops = memdup_user(uops, n * sizeof(*ops));
		if (IS_ERR(ops))
			return PTR_ERR(ops);
	}
	if (id < 0 || (timeout && timespec_ns(&ns, timeout)))
		ret = -EINVAL;
	else
		ret = sem_op(id, ops, n, timeout ? deadline_after(ns) : WAIT_FOREVER);
	if (ops != few)
		kfree(ops);
	return ret;
}

long sys_semop(int id, void __user *uops, size_t n)
{
	return do_semop(id, uops, (unsigned)n, NULL);
}

long sys_semtimedop(int id, void __user *uops, size_t n, const void __user *utimeout)
{
	struct timespec ts;

	if (utimeout && copy_from_user(&ts, utimeout, sizeof(ts)))
		return -EFAULT;
	return do_semop(id, uops, (unsigned)n, utimeout ? &ts : NULL);
}

/* GETALL, SETALL. */
static long sem_all(int id, bool set, void __user *buf)
{
	int n = sem_count(id, set ? IPC_WRITE : IPC_READ);
	u16 *values;
	long ret;

	if (n < 0)
		return n;
	values = kcalloc((size_t)n, sizeof(*values));
	if (!values)
		return -ENOMEM;
	if (!set)
		ret = give(buf, values, (size_t)n * sizeof(*values),
			   sem_get_all(id, values, (unsigned)n));
	else if (copy_from_user(values, buf, (size_t)n * sizeof(*values)))
		ret = -EFAULT;
	else
		ret = sem_set_all(id, values, (unsigned)n);
	kfree(values);
	return ret;
}

long sys_semctl(int id, int num, int cmd, unsigned long arg)
{
	void __user *buf = (void __user *)arg;
	struct semid64_ds ds;
	struct seminfo info;
	long ret;

	if (id < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case SEM_INFO:
		ret = sem_info(cmd, &info);
		return give(buf, &info, sizeof(info), ret);
	case IPC_STAT:
	case SEM_STAT:
	case SEM_STAT_ANY:
		ret = sem_stat(id, cmd, &ds);
		return give(buf, &ds, sizeof(ds), ret);
	case GETVAL:
	case GETPID:
	case GETNCNT:
	case GETZCNT:
		return sem_ask(id, num, cmd);
	case GETALL:
	case SETALL:
		return sem_all(id, cmd == SETALL, buf);
	case SETVAL:
		return sem_set_value(id, num, (int)arg);
	case IPC_SET:
		return copy_from_user(&ds, buf, sizeof(ds)) ? -EFAULT : sem_set(id, &ds);
	case IPC_RMID:
		return sem_remove(id);
	default:
		return -EINVAL;
	}
}

/* ---- message queues ---- */

long sys_msgget(int key, unsigned long flags)
{
	return msg_get(key, (int)flags);
}

long sys_msgsnd(int id, void __user *umsg, size_t size, unsigned long flags)
{
	struct message *m;
	u64 type;
	long ret;

	if (get_user_u64(&type, umsg))
		return -EFAULT;
	if (size > (size_t)READ_ONCE(ipc_ns()->msg_max) || id < 0 || (long)type < 1)
		return -EINVAL;
	m = message_load((const u8 __user *)umsg + sizeof(type), size);
	if (IS_ERR(m))
		return PTR_ERR(m);
	m->type = (long)type;
	ret = msg_send(id, m, (int)flags);
	if (ret)
		message_free(m);
	return ret;
}

long sys_msgrcv(int id, void __user *umsg, size_t size, long type, unsigned long flags)
{
	struct message *m;
	size_t n;
	long ret;

	if (id < 0 || (long)size < 0)
		return -EINVAL;
	m = msg_receive(id, size, type, (int)flags);
	if (IS_ERR(m))
		return PTR_ERR(m);
	n = min(size, m->size);
	ret = (long)n;
	if (put_user_u64((u64)m->type, umsg) ||
	    message_store(m, (u8 __user *)umsg + sizeof(u64), n))
		ret = -EFAULT;
	message_free(m);
	return ret;
}

long sys_msgctl(int id, int cmd, void __user *buf)
{
	struct msqid64_ds ds;
	struct msginfo info;
	long ret;

	if (id < 0 || cmd < 0)
		return -EINVAL;
	switch (cmd) {
	case IPC_INFO:
	case MSG_INFO:
		ret = msg_info(cmd, &info);
		return give(buf, &info, sizeof(info), ret);
	case IPC_STAT:
	case MSG_STAT:
	case MSG_STAT_ANY:
		ret = msg_stat(id, cmd, &ds);
		return give(buf, &ds, sizeof(ds), ret);
	case IPC_SET:
		return copy_from_user(&ds, buf, sizeof(ds)) ? -EFAULT : msg_set(id, &ds);
	case IPC_RMID:
		return msg_remove(id);
	default:
		return -EINVAL;
	}
}
