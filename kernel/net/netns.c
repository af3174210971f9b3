/*
 * Namespaces of networks: network_namespaces(7). Each has a struct net of its own (net/net.h); what its
 * end takes is done by a thread, for the last to let go may be a packet's destructor.
 *
 * A net that nobody holds has no task and no socket. Its devices go first, so that nothing comes in;
 * then what a timer would end. What is on the way by then, in a hart's network context, in the work
 * queue, or waiting for a grace period, is let run dry before the memory goes.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "core/mutex.h"
#include "core/rcu.h"
#include "core/sched.h"
#include "core/wait.h"
#include "core/work.h"
#include "fs/files.h"
#include "fs/nsfs.h"
#include "lib/printf.h"
#include "net/net.h"
#include "net/netid.h"
#include "net/netlink.h"
#include "net/rtnetlink.h"
#include "net/tcp.h"

struct turn { /* of one hart's context */
	struct net_work work;
	struct task *task; /* [i] */
	bool done; /* [a] stored with release by that hart, last */
};

static spinlock_t ended_lock = SPINLOCK_INIT(RANK_WORK, "ended networks");
static LIST_HEAD(ended_nets); /* [ended_lock] by end_link */
static struct mutex thread_mutex = MUTEX_INIT(thread_mutex);
static struct task *thread; /* [thread_mutex] to set; since the first was made */

/* The sleeper's stack may be gone once done is stored; its task is not. */
static void turn_done(struct net_work *w)
{
	struct turn *t = container_of(w, struct turn, work);
	struct task *task = t->task;

	smp_store_release(&t->done, true);
	wake_task(task, TASK_UNINTERRUPTIBLE);
}

/* All that is in the harts' network contexts now is done; and what that adds there, once more. */
static void contexts_run_dry(void)
{
	for (unsigned i = 0; i < 2 * nr_harts; i++) {
		struct turn t = { .task = current };

		net_work_init(&t.work, turn_done);
		net_work_queue_on(&t.work, i % nr_harts);
		for (;;) {
			WRITE_ONCE(current->state, TASK_UNINTERRUPTIBLE);
			smp_mb();
			if (smp_load_acquire(&t.done))
				break;
			wait_sleep(WAIT_FOREVER);
		}
		WRITE_ONCE(current->state, TASK_RUNNING);
	}
}

/* Those that were made for it go with it, and their other ends; what is there by itself goes home. */
static void devices_leave(struct net *net)
{
	struct netdev *d, *next, *now;
	char name[IFNAMSIZ];
	const char *why;

	netdev_links_lock();
restart:
	list_for_each_entry_safe(d, next, &net->devices, link) {
		if (d->ops->remove) {
			d->ops->remove(d);
			goto restart; /* its peer may have been the next one */
		}
		snprintf(name, sizeof(name), "dev%d", d->ifindex);
		if (!(d->flags & IFF_LOOPBACK) && netdev_move(d, &init_net, name, 0, &now, &why))
			netdev_move(d, &init_net, "dev%d", 0, &now, &why);
	}
	netdev_links_unlock();
}

static void dismantle(struct net *net)
{
	net_ids_forget(net);
	/* Who found it without a reference, in /proc, is done with it. */
	synchronize_rcu();
	devices_leave(net);
	net_stop(net);
	contexts_run_dry();
	work_flush();
	rcu_barrier();
	net_finish(net);
	netlink_net_destroy(net);
	rcu_barrier();
	kfree(net);
}

static struct net *next_ended(void)
{
	unsigned long irq = spin_lock_irqsave(&ended_lock);
	struct net *net = list_first_entry_or_null(&ended_nets, struct net, end_link);

	if (net)
		list_del(&net->end_link);
	spin_unlock_irqrestore(&ended_lock, irq);
	return net;
}

static void net_ends(void *arg __unused)
{
	struct net *net;

	for (;;) {
		WRITE_ONCE(current->state, TASK_INTERRUPTIBLE);
		smp_mb();
		net = next_ended();
		if (!net) {
			wait_sleep(WAIT_FOREVER);
			continue;
		}
		WRITE_ONCE(current->state, TASK_RUNNING);
		dismantle(net);
	}
}

static void net_ns_free(struct ns *n)
{
	unsigned long irq = spin_lock_irqsave(&ended_lock);

	list_add_tail(&net_of_ns(n)->end_link, &ended_nets);
	spin_unlock_irqrestore(&ended_lock, irq);
	wake_task(thread, TASK_INTERRUPTIBLE);
}

/* Who takes them apart is there: 0 or -ENOMEM. */
static int start_thread(void)
{
	int err = 0;

	mutex_lock(&thread_mutex);
	if (!thread) {
		struct task *t = kthread_start(net_ends, NULL, "netns");

		if (IS_ERR(t))
			err = (int)PTR_ERR(t);
		else
			thread = t;
	}
	mutex_unlock(&thread_mutex);
	return err;
}

struct ns *net_unshare(struct user_ns *owner)
{
	struct net *net = kmalloc(sizeof(*net), 0);
	int err = net ? start_thread() : -ENOMEM;

	if (!err)
		err = net_create(net);
	if (!err) {
		err = tcp_conf_own(net);
		if (!err)
			err = netlink_net_init(net);
		if (err)
			net_destroy(net);
	}
	if (err) {
		kfree(net);
		return ERR_PTR(err);
	}
	net->news = &rtnetlink_news;
	ns_init(&net->ns, NS_NET, owner, net_ns_free);
	return &net->ns;
}

struct net *net_by_pid_get(int nr)
{
	struct task *t = pid_task_get(pid_find(nr));
	struct ns *n = t ? ns_of_get(t, NS_NET) : NULL;
	struct net *net = n ? net_get(net_of_ns(n)) : ERR_PTR(-ESRCH);

	if (n)
		ns_put(n);
	if (t)
		task_put(t);
	return net;
}

struct net *net_by_fd_get(int fd)
{
	struct file *f = fd_get(fd);
	struct ns *n = f ? file_ns(f) : NULL;
	struct net *net = n && n->type == NS_NET ? net_get(net_of_ns(n)) :
						   ERR_PTR(f ? -EINVAL : -EBADF);

	if (f)
		file_put(f);
	return net;
}
