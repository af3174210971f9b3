/*
 * The little kernel of tcp_world.h: memory, locks that notice misuse, time, grace periods, network
 * context; user memory is kernel memory.
 */
#include "tcp_world.h"

#include <err.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/cred.h"
#include "core/random.h"
#include "core/sched.h"
#include "core/task.h"
#include "dev/netdev.h"
#include "fs/async.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "sync/log.h"

int vprintf(const char *fmt, va_list ap);

u64 world_now, world_epoch;
long world_allocations, world_fail_in = -1;
static struct cred the_cred;
static struct task the_task = { .cred = &the_cred };
struct task *shim_current = &the_task;
static u64 random_state;

static bool allocation_fails(void)
{
	return world_fail_in >= 0 && world_fail_in-- == 0;
}

/* --- memory --- */

void *kmalloc(size_t n, unsigned flags __unused)
{
	void *p = allocation_fails() ? NULL : malloc(n ? n : 1);

	if (!p)
		return NULL;
	world_allocations++;
	return memset(p, 0x5a, n);
}

void *kzalloc(size_t n, unsigned flags)
{
	void *p = kmalloc(n, flags);

	return p ? memset(p, 0, n) : NULL;
}

void *kcalloc(size_t n, size_t size)
{
	return kzalloc(n * size, 0);
}

void *kmemdup(const void *p, size_t n)
{
	void *q = kmalloc(n, 0);

	return q ? memcpy(q, p, n) : NULL;
}

void kfree(void *p)
{
	if (p)
		world_allocations--;
	free(p);
}

struct slab_cache {
	size_t size;
};

struct slab_cache *slab_create(const char *name __unused, size_t size, size_t align __unused)
{
	static struct slab_cache caches[16];
	static unsigned n;

	if (n == ARRAY_SIZE(caches))
		panic("too many caches");
	caches[n].size = size;
	return &caches[n++];
}

void *slab_alloc(struct slab_cache *c)
{
	return kmalloc(c->size, 0);
}

void *slab_zalloc(struct slab_cache *c)
{
	return kzalloc(c->size, 0);
}

void slab_free(struct slab_cache *c, void *p)
{
	if (p)
		memset(p, 0x6b, c->size);
	kfree(p);
}

/* Pages come from one piece, so that their numbers and places follow from each other. */
#define NR_PAGES 16384UL
void *aligned_alloc(size_t align, size_t n);
static u8 *ram;
struct page *page_array;
u64 page_origin;
static struct page *free_pages;

static void pages_init(void)
{
	ram = aligned_alloc(PAGE_SIZE, NR_PAGES * PAGE_SIZE);
	page_array = calloc(NR_PAGES, sizeof(*page_array));
	page_origin = (u64)page_array - ((u64)ram >> PAGE_SHIFT) * sizeof(struct page);
	for (u64 i = 0; i < NR_PAGES; i++) {
		page_array[i].next = free_pages;
		free_pages = &page_array[i];
	}
}

struct page *page_alloc(unsigned order, unsigned flags __unused)
{
	struct page *p;

	if (!ram)
		pages_init();
	p = free_pages;
	if (order || !p || allocation_fails())
		return NULL;
	free_pages = p->next;
	atomic_set(&p->refs, 1);
	world_allocations++;
	return p;
}

void page_put(struct page *p)
{
	int left = atomic_dec_return(&p->refs);

	if (left < 0)
		panic("a page is freed twice");
	if (left)
		return;
	memset(page_to_virt(p), 0x6b, PAGE_SIZE);
	p->next = free_pages;
	free_pages = p;
	world_allocations--;
}

u64 page_total(void)
{
	return NR_PAGES * 8;
}

/* --- locks: one thread, so whoever waits would wait for ever --- */

static int spins;

void spin_init(spinlock_t *l, enum lock_rank rank, const char *name)
{
	*l = (spinlock_t){ .rank = (u16)rank, .name = name };
}

void spin_lock(spinlock_t *l)
{
	if (l->word++)
		panic("a spinlock taken twice: %s", l->name);
	spins++;
}

void spin_lock_nested(spinlock_t *l)
{
	spin_lock(l);
}

void spin_unlock(spinlock_t *l)
{
	if (--l->word)
		panic("a spinlock not held: %s", l->name);
	spins--;
}

unsigned long spin_lock_irqsave(spinlock_t *l)
{
	spin_lock(l);
	return 0;
}

void spin_unlock_irqrestore(spinlock_t *l, unsigned long flags __unused)
{
	spin_unlock(l);
}

void mutex_init(struct mutex *m)
{
	atomic_set(&m->state, 0);
}

void mutex_lock(struct mutex *m)
{
	if (spins)
		panic("sleeps with a spinlock held");
	if (atomic_inc_return(&m->state) != 1)
		panic("a mutex taken twice");
}

void mutex_unlock(struct mutex *m)
{
	if (atomic_dec_return(&m->state))
		panic("a mutex not held");
}

int wait_until(struct waitq *q __unused, bool (*cond)(void *arg), void *arg, int state __unused,
	       u64 deadline __unused)
{
	return cond(arg) ? 0 : -EAGAIN;
}

int sleep_until(u64 at __unused, int state __unused)
{
	return 0;
}

/* --- chance --- */

void world_seed(u64 seed)
{
	random_state = seed * 0x9e3779b97f4a7c15UL + 1;
}

u64 random_u64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * 0x2545f4914f6cdd1dUL;
}

void random_bytes(void *p, size_t n)
{
	for (u8 *b = p; n; n--)
		*b++ = (u8)(random_u64() >> 32);
}

u32 world_random(u32 below)
{
	return below ? (u32)((random_u64() >> 32) % below) : 0;
}

bool world_chance(u32 per_10000)
{
	return per_10000 && world_random(10000) < per_10000;
}

/* --- time, grace periods, network context --- */

u64 now_mono(void)
{
	return world_now;
}

u64 now_real(void)
{
	return world_now + world_epoch;
}

static LIST_HEAD(timers); /* of net_timer.work.link, by expires */
static struct rcu_head *graves;

void net_timer_init(struct net_timer *t, void (*fn)(struct net_timer *))
{
	list_init(&t->work.link);
	t->fn = fn;
}

bool net_timer_cancel(struct net_timer *t)
{
	bool was = !list_empty(&t->work.link);

	list_del_init(&t->work.link);
	return was;
}

bool net_timer_start(struct net_timer *t, u64 expires)
{
	bool was = net_timer_cancel(t);
	struct net_timer *o;

	t->timer.expires = expires;
	list_for_each_entry_reverse(o, &timers, work.link)
		if (o->timer.expires <= expires)
			break;
	list_add(&t->work.link, &o->work.link);
	return was;
}

u64 world_next_timer(void)
{
	return list_empty(&timers) ?
		       ~0UL :
		       list_first_entry(&timers, struct net_timer, work.link)->timer.expires;
}

void world_ring(void)
{
	struct net_timer *t = list_first_entry(&timers, struct net_timer, work.link);

	list_del_init(&t->work.link);
	t->fn(t);
	if (spins)
		panic("a timer leaves a spinlock held");
}

void call_rcu(struct rcu_head *h, void (*fn)(struct rcu_head *))
{
	h->fn = fn;
	h->next = graves;
	graves = h;
}

void world_grace(void)
{
	if (spins)
		panic("a call leaves a spinlock held");
	while (graves) {
		struct rcu_head *h = graves;

		graves = h->next;
		h->fn(h);
	}
}

/* --- user memory, iterators --- */

static bool faults(const void __user *p, size_t n)
{
	return n && (unsigned long)p < PAGE_SIZE;
}

int copy_from_user(void *dst, const void __user *src, size_t n)
{
	if (faults(src, n))
		return -EFAULT;
	memcpy(dst, (__force const void *)src, n);
	return 0;
}

int copy_to_user(void __user *dst, const void *src, size_t n)
{
	if (faults(dst, n))
		return -EFAULT;
	memcpy((__force void *)dst, src, n);
	return 0;
}

int get_user_u32(u32 *v, const u32 __user *p)
{
	return copy_from_user(v, p, sizeof(*v));
}

int put_user_u32(u32 v, u32 __user *p)
{
	return copy_to_user(p, &v, sizeof(v));
}

ssize_t strncpy_from_user(char *dst, const char __user *src, size_t max)
{
	size_t n = strnlen((__force const char *)src, max);

	memcpy(dst, (__force const char *)src, n + (n < max));
	return n < max ? (ssize_t)n : -ENAMETOOLONG;
}

static size_t move(struct iter *it, void *p, size_t n, bool out)
{
	size_t done = 0;

	while (done < n && it->count) {
		size_t room = it->iov->iov_len - it->seg_off,
		       part = min(min(room, n - done), it->count);
		u8 *at = (__force u8 *)it->iov->iov_base + it->seg_off;

		if (faults(it->iov->iov_base, part))
			break;
		if (out)
			memcpy(at, (u8 *)p + done, part);
		else
			memcpy((u8 *)p + done, at, part);
		done += part;
		it->count -= part;
		it->seg_off += part;
		if (it->seg_off == it->iov->iov_len) {
			it->iov++;
			it->seg_off = 0;
		}
	}
	return done;
}

size_t iter_copy_to(struct iter *it, const void *src, size_t n)
{
	return move(it, (__force void *)(unsigned long)src, n, true);
}

/* A page of its own stands in for the program's. */
bool iter_pin(struct iter *it, size_t most, struct page_piece *piece)
{
	size_t n;

	while (it->count && it->seg_off == it->iov->iov_len) {
		it->iov++;
		it->seg_off = 0;
	}
	n = min(min(most, it->count), min(it->iov->iov_len - it->seg_off, (size_t)PAGE_SIZE));
	piece->page = page_alloc(0, 0);
	if (!piece->page)
		return false;
	piece->off = 0;
	piece->len = (u32)move(it, page_to_virt(piece->page), n, false);
	if (piece->len)
		return true;
	page_put(piece->page);
	return false;
}

size_t iter_give(struct iter *it, struct page *page, size_t off, size_t n)
{
	return iter_copy_to(it, (u8 *)page_to_virt(page) + off, n);
}

size_t iter_copy_from(struct iter *it, void *dst, size_t n)
{
	return move(it, dst, n, false);
}

void iter_advance(struct iter *it, size_t n)
{
	it->seg_off += n;
	it->count -= n;
}

/* --- the rest --- */

void printk(int level __unused, const char *fmt __unused, ...)
{
}

void panic(const char *fmt, ...)
{
	char line[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	printf("panic: %s\n", line);
	abort();
}

u64 rlimit_get(int what __unused)
{
	return U64_MAX;
}

u64 user_charge_n(u32 uid __unused, enum user_count what __unused, u64 n, u64 limit __unused)
{
	return n;
}

void user_uncharge_n(u32 uid __unused, enum user_count what __unused, u64 n __unused)
{
}

void siginfo_user(siginfo_t *si, int signo, int code __unused)
{
	si->si_signo = signo;
}

int signal_send_task(struct task *t __unused, const siginfo_t *si __unused)
{
	return 0;
}

void async_tell(struct list_head *list __unused, int code __unused)
{
}

void async_urgent(struct file *f __unused)
{
}

void netdev_put(struct netdev *d __unused)
{
}

bool capable(int cap __unused)
{
	return true;
}

bool ns_capable(const struct user_ns *u __unused, int cap __unused)
{
	return true;
}

void ns_put(struct ns *n)
{
	atomic_dec(&n->refs);
}

struct ns first_ns[NS_TYPES];
struct net init_net;
