/*
 * A network's counters (net/mib.h).
 */
#include "net/mib.h"

#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"

int mib_net_init(struct net *net)
{
	net->mib = kcalloc(nr_harts, sizeof(*net->mib));
	return net->mib ? 0 : -ENOMEM;
}

void mib_net_destroy(struct net *net)
{
	kfree(net->mib);
	net->mib = NULL;
}

void mib_add(struct net *net, enum mib m, u64 n)
{
	net->mib[hart_id()].n[m] += n;
}

void mib_count_icmp(struct net *net, bool out, u8 type)
{
	mib_add(net, out ? ICMP_OUT_MSGS : ICMP_IN_MSGS, 1);
	if (type < ICMP_MIB_TYPES)
		net->mib[hart_id()].icmp_type[out][type]++;
}

u64 mib_get(const struct net *net, enum mib m)
{
	u64 sum = 0;

	for (unsigned h = 0; h < nr_harts; h++)
		sum += READ_ONCE(net->mib[h].n[m]);
	return sum;
}

u64 mib_get_icmp(const struct net *net, bool out, u8 type)
{
	u64 sum = 0;

	for (unsigned h = 0; h < nr_harts; h++)
		sum += READ_ONCE(net->mib[h].icmp_type[out][type]);
	return sum;
}
