/*
 * Namespaces of System V and POSIX IPC (ipc/ids.h): their life. A segment that is attached holds the
 * one it belongs to.
 */
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "ipc/ids.h"
#include "sync/log.h"

struct ipc_ns first_ipc;

static int set_up(struct ipc_ns *n)
{
	shm_ns_init(n);
	sem_ns_init(n);
	msg_ns_init(n);
	return mq_ns_init(n);
}

void ipc_init(void)
{
	int err = set_up(&first_ipc);

	if (err)
		panic("ipc: no file system of queues (error %d)", -err);
}

static void ipc_ns_free(struct ns *ns)
{
	struct ipc_ns *n = container_of(ns, struct ipc_ns, ns);

	mq_ns_exit(n);
	msg_ns_exit(n);
	sem_ns_exit(n);
	shm_ns_exit(n);
	kfree(n);
}

struct ns *ipc_unshare(struct user_ns *owner)
{
	struct ipc_ns *n = kzalloc(sizeof(*n), 0);

	if (!n)
		return ERR_PTR(-ENOMEM);
	if (set_up(n)) {
		kfree(n);
		return ERR_PTR(-ENOMEM);
	}
	ns_init(&n->ns, NS_IPC, owner, ipc_ns_free);
	return &n->ns;
}
