/*
 * What virtio-net's tests have of the kernel besides test_virtio_kernel.c: pages that can run out,
 * network context, one device.
 */
#include "test_virtio_net.h"

#include <byteorder.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/random.h"
#include "core/rcu.h"
#include "core/time.h"
#include "dev/gro.h"
#include "lib/string.h"
#include "mm/iter.h"
#include "net/net.h"

#include "t.h"

#define POOL 2048

static u8 *pool;
struct page *page_array;
u64 page_origin;
unsigned shim_hart;
unsigned long shim_irqs_off;
unsigned nr_harts = 1;
unsigned pages_live, packets_live;
bool no_pages;
static unsigned next_page;

struct netdev device;
struct netdev_stats stats;
struct net init_net;
bool registered;
struct packet *got[512];
unsigned nr_got;
void (*on_got)(void);
static struct net_work *works[64];
static unsigned nr_works;
unsigned device_events[8];

/* --- memory --- */

void pool_init(void)
{
	u8 *raw = malloc((POOL + 1) * PAGE_SIZE);

	pool = (u8 *)ALIGN_UP((u64)raw, PAGE_SIZE);
	page_array = calloc(POOL, sizeof(*page_array));
	page_origin = (u64)page_array - ((u64)pool >> PAGE_SHIFT) * sizeof(struct page);
}

struct page *page_alloc(unsigned order __unused, unsigned flags __unused)
{
	for (unsigned i = 0; !no_pages && i < POOL; i++) {
		struct page *p = &page_array[next_page++ % POOL];

		if (p->refs.v)
			continue;
		p->refs.v = 1;
		pages_live++;
		return p;
	}
	return NULL;
}

void page_put(struct page *p)
{
	CHECK(p->refs.v > 0);
	if (!--p->refs.v)
		pages_live--;
}

struct slab_cache *slab_create(const char *name __unused, size_t size, size_t align __unused)
{
	return (struct slab_cache *)size;
}

void *slab_alloc(struct slab_cache *c)
{
	void *p = kmalloc((size_t)c, 0);

	packets_live += p != NULL;
	return p;
}

void slab_free(struct slab_cache *c __unused, void *p)
{
	packets_live--;
	kfree(p);
}

/* --- the rest of the kernel --- */

void spin_lock(spinlock_t *l)
{
	spin_lock_irqsave(l);
}

void spin_unlock(spinlock_t *l)
{
	spin_unlock_irqrestore(l, 0);
}

void random_bytes(void *p, size_t n)
{
	memset(p, 0x33, n);
}

void synchronize_rcu(void)
{
}

int sleep_until(u64 when, int state __unused)
{
	pass_time(when - now_mono());
	return 0;
}

void net_work_init(struct net_work *w, void (*fn)(struct net_work *))
{
	w->fn = fn;
	w->queued = 0;
}

void net_work_queue_on(struct net_work *w, unsigned hart)
{
	CHECK(hart < nr_harts);
	if (!w->queued)
		works[nr_works++] = w;
	w->queued = 1;
}

void net_run(void)
{
	while (nr_works) {
		struct net_work *w = works[--nr_works];

		w->queued = 0;
		w->fn(w);
		CHECK(locks_free());
	}
}

static void timer_due(struct timer *timer)
{
	struct net_timer *n = container_of(timer, struct net_timer, timer);

	n->fn(n);
}

void net_timer_init(struct net_timer *n, void (*fn)(struct net_timer *))
{
	timer_init(&n->timer, timer_due);
	n->fn = fn;
}

bool net_timer_start(struct net_timer *n, u64 expires)
{
	timer_start(&n->timer, expires);
	return false;
}

bool net_timer_cancel(struct net_timer *n __unused)
{
	return true;
}

struct netdev *netdev_alloc(const char *name __unused, u16 type __unused,
			    const struct netdev_ops *ops, void *priv)
{
	if (fail_after >= 0 && fail_after-- == 0)
		return NULL;
	memset(&device, 0, sizeof(device));
	memset(&stats, 0, sizeof(stats));
	device.ops = ops;
	device.priv = priv;
	device.txqlen = 1000;
	device.min_mtu = 68;
	atomic_set(&device.refs, 1);
	list_init(&device.multicast);
	return &device;
}

int netdev_register(struct net *net __unused, struct netdev *d)
{
	if (fail_after >= 0 && fail_after-- == 0)
		return -ENOMEM;
	registered = true;
	netdev_get(d);
	return 0;
}

void netdev_put(struct netdev *d)
{
	atomic_dec(&d->refs);
}

void netdev_lock(struct netdev *d __unused)
{
}

void netdev_unlock(struct netdev *d __unused)
{
}

void netdev_links_lock(void)
{
}

void netdev_links_unlock(void)
{
}

void netdev_set_carrier(struct netdev *d, bool on)
{
	d->carrier = on;
}

struct netdev_stats *netdev_stats(struct netdev *d __unused)
{
	return &stats;
}

void netdev_count_sent(struct netdev *d __unused, u32 bytes)
{
	stats.tx_packets++;
	stats.tx_bytes += bytes;
}

void net_device_event(struct netdev *d __unused, enum netdev_event e)
{
	device_events[e]++;
}

bool netdev_count_received(struct packet *p __unused)
{
	stats.rx_packets++;
	return true;
}

void netdev_deliver(struct packet *p)
{
	CHECK(nr_got < ARRAY_SIZE(got));
	got[nr_got++] = p;
	if (on_got)
		on_got();
}

void net_model_reset(void)
{
	nr_works = nr_got = pages_live = packets_live = 0;
	for (unsigned i = 0; i < POOL; i++)
		page_array[i].refs.v = 0;
	memset(device_events, 0, sizeof(device_events));
	registered = false;
}

void net_model_forget_work(void)
{
	nr_works = 0;
}
