/*
 * What goes from device to device within the machine (net/backlog.h): the loopback, veth.
 *
 * Locks: none. Each hart has a list of its own, which only tasks touch.
 */
#include "net/backlog.h"

#include <compiler.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"

#define BATCH 64 /* packets before other work has its turn */

static void receive(struct net_work *w)
{
	struct backlog *b = container_of(w, struct backlog, work);

	for (unsigned i = 0; b->n; i++) {
		struct packet *p = list_first_entry(&b->packets, struct packet, link);

		if (i == BATCH) {
			net_work_queue_run(w);
			return;
		}
		list_del_init(&p->link);
		b->n--;
		netdev_receive(p);
	}
}

struct backlog *backlogs_alloc(void)
{
	struct backlog *b = kcalloc(nr_harts, sizeof(*b));

	for (unsigned h = 0; b && h < nr_harts; h++) {
		net_work_init(&b[h].work, receive);
		list_init(&b[h].packets);
	}
	return b;
}

void backlogs_free(struct backlog *b)
{
	for (unsigned h = 0; b && h < nr_harts; h++)
		packet_free_list(&b[h].packets);
	kfree(b);
}

bool backlog_add(struct backlog *b, struct netdev *d, struct packet *p)
{
	b += hart_id();
	if (p->uncharge)
		p->uncharge(p);
	p->uncharge = NULL;
	p->sk = NULL;
	p->stamp = 0; /* when it is received is another time */
	if (b->n >= READ_ONCE(netdev_max_backlog) || !packet_own(p)) {
		netdev_stats(d)->rx_dropped++;
		packet_free(p);
		return false;
	}
	if (p->dev != d)
		packet_set_dev(p, d);
	list_add_tail(&p->link, &b->packets);
	b->n++;
	net_work_queue_run(&b->work);
	return true;
}
