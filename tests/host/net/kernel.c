/*
 * The little kernel under the host's networks: memory that is counted, locks whose ranks are
 * checked, waiting that runs the simulation, grace periods that end between two steps of it.
 */
#include "sim_impl.h"
#include "waitq.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/cred.h"
#include "core/mutex.h"
#include "core/random.h"
#include "core/rcu.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/work.h"
#include "fs/async.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/iter.h"
#include "debug/tracepoint.h"
#include "mm/usercopy.h"
#include "net/inet.h"
#include "net/packet.h"
#include "sync/log.h"

/* Of libc. */
int printf(const char *fmt, ...) __printf(1, 2);
void *malloc(size_t n);
void *aligned_alloc(size_t align, size_t n);
void free(void *p);
void abort(void) __noreturn;

#define PAGES 65536u /* 256 MiB, touched as they are used */

long sim_fail_after = -1;
bool sim_capable = true;
unsigned nr_harts = 1;
long live; /* allocations and pages */

static struct cred cred;
static struct task task = { .cred = &cred };
struct task *shim_current = &task;

/* --- memory --- */

static bool fails(void)
{
	return sim_fail_after >= 0 && sim_fail_after-- == 0;
}

void *kmalloc(size_t n, unsigned flags __unused)
{
	void *p = fails() ? NULL : malloc(n ? n : 1);

	if (!p)
		return NULL;
	live++;
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
	void *copy = kmalloc(n, 0);

	return copy ? memcpy(copy, p, n) : NULL;
}

void kfree(void *p)
{
	live -= p != NULL;
	free(p);
}

struct slab_cache {
	size_t size;
};

struct slab_cache *slab_create(const char *name __unused, size_t size, size_t align __unused)
{
	struct slab_cache *c = malloc(sizeof(*c));

	c->size = size;
	return c;
}

void *slab_alloc(struct slab_cache *c)
{
	return kmalloc(c->size, 0);
}

void *slab_zalloc(struct slab_cache *c)
{
	return kzalloc(c->size, 0);
}

void slab_free(struct slab_cache *c __unused, void *p)
{
	kfree(p);
}

void __asan_poison_memory_region(void const volatile *p, size_t n);
void __asan_unpoison_memory_region(void const volatile *p, size_t n);

struct page *page_array;
u64 page_origin;
paddr_t ram_base;
u64 ram_pages;
static struct page *free_pages;
static u32 fresh_page;

static void pages_init(void)
{
	u8 *ram = aligned_alloc(PAGE_SIZE, PAGES * PAGE_SIZE);

	page_array = malloc(PAGES * sizeof(struct page));
	ram_base = (paddr_t)ram;
	ram_pages = PAGES;
	page_origin = (u64)page_array - (ram_base >> PAGE_SHIFT) * sizeof(struct page);
	__asan_poison_memory_region(ram, PAGES * PAGE_SIZE);
}

struct page *page_alloc(unsigned order, unsigned flags)
{
	struct page *p;

	if (order || fails())
		return NULL;
	if (!page_array)
		pages_init();
	p = free_pages;
	if (p)
		free_pages = p->next;
	else if (fresh_page < PAGES)
		p = &page_array[fresh_page++];
	else
		return NULL;
	memset(p, 0, sizeof(*p));
	atomic_set(&p->refs, 1);
	__asan_unpoison_memory_region(page_to_virt(p), PAGE_SIZE);
	if (flags & PA_ZERO)
		memset(page_to_virt(p), 0, PAGE_SIZE);
	live++;
	return p;
}

void page_put(struct page *p)
{
	if (!atomic_dec_and_test(&p->refs))
		return;
	__asan_poison_memory_region(page_to_virt(p), PAGE_SIZE);
	p->next = free_pages;
	free_pages = p;
	live--;
}

u64 page_total(void)
{
	return PAGES;
}

/* --- user memory is the test's --- */

int copy_from_user(void *dst, const void __user *src, size_t n)
{
	memcpy(dst, src, n);
	return 0;
}

int copy_to_user(void __user *dst, const void *src, size_t n)
{
	memcpy(dst, src, n);
	return 0;
}

int get_user_u8(u8 *v, const u8 __user *p)
{
	return copy_from_user(v, p, sizeof(*v));
}

int get_user_u32(u32 *v, const u32 __user *p)
{
	return copy_from_user(v, p, sizeof(*v));
}

int put_user_u32(u32 v, u32 __user *p)
{
	return copy_to_user(p, &v, sizeof(v));
}

void *memdup_user(const void __user *src, size_t n)
{
	void *p = kmemdup(src, n);

	return p ? p : ERR_PTR(-ENOMEM);
}

void iter_advance(struct iter *it, size_t n)
{
	it->count -= n;
	while (n) {
		size_t k = min(n, it->iov->iov_len - it->seg_off);

		it->seg_off += k;
		n -= k;
		if (it->seg_off == it->iov->iov_len && it->nr_segs > 1) {
			it->iov++;
			it->nr_segs--;
			it->seg_off = 0;
		}
	}
}

static size_t iter_move(struct iter *it, void *p, size_t n, bool out)
{
	size_t done = 0;

	n = min(n, it->count);
	while (done < n) {
		u8 *at = (u8 *)it->iov->iov_base + it->seg_off;
		size_t k = min(n - done, it->iov->iov_len - it->seg_off);

		if (out)
			memcpy(at, (u8 *)p + done, k);
		else
			memcpy((u8 *)p + done, at, k);
		done += k;
		iter_advance(it, k);
	}
	return n;
}

size_t iter_copy_to(struct iter *it, const void *src, size_t n)
{
	return iter_move(it, (void *)(uintptr_t)src, n, true);
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

bool iter_pin(struct iter *it __unused, size_t most __unused, struct page_piece *piece __unused)
{
	return false;
}

size_t iter_give(struct iter *it, struct page *page, size_t off, size_t n)
{
	return iter_copy_to(it, (u8 *)page_to_virt(page) + off, n);
}

size_t iter_copy_from(struct iter *it, void *dst, size_t n)
{
	return iter_move(it, dst, n, false);
}

/* --- locks: taken in the order of their ranks, and let go --- */

static spinlock_t *held[16];
static unsigned nr_held;

unsigned sim_locks_held(void)
{
	return nr_held;
}

void spin_init(spinlock_t *l, enum lock_rank rank, const char *name)
{
	*l = (spinlock_t){ .rank = (u16)rank, .name = name };
}

static void take(spinlock_t *l, bool nested)
{
	const spinlock_t *top = nr_held ? held[nr_held - 1] : NULL;

	if (l->word++)
		panic("a spinlock taken twice: %s", l->name);
	if (top && (nested ? l->rank < top->rank : l->rank <= top->rank))
		panic("lock order: %s inside %s", l->name, top->name);
	held[nr_held++] = l;
}

void spin_lock(spinlock_t *l)
{
	take(l, false);
}

void spin_lock_nested(spinlock_t *l)
{
	take(l, true);
}

bool spin_trylock(spinlock_t *l)
{
	if (l->word)
		return false;
	take(l, true);
	return true;
}

void spin_unlock(spinlock_t *l)
{
	unsigned i = nr_held;

	if (--l->word)
		panic("a spinlock not held: %s", l->name);
	while (held[i - 1] != l)
		i--;
	memmove(&held[i - 1], &held[i], (nr_held - i) * sizeof(held[0]));
	nr_held--;
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

void assert_held(const spinlock_t *l)
{
	if (!l->word)
		panic("%s is not held", l->name);
}

void assert_no_spinlock(const char *where)
{
	if (nr_held)
		panic("%s with %s held", where, held[nr_held - 1]->name);
}

void mutex_init(struct mutex *m)
{
	memset(m, 0, sizeof(*m));
}

void mutex_lock(struct mutex *m)
{
	assert_no_spinlock("mutex_lock");
	if (atomic_inc_return(&m->state) != 1)
		panic("a mutex taken twice");
}

bool mutex_trylock(struct mutex *m)
{
	if (atomic_read(&m->state))
		return false;
	mutex_lock(m);
	return true;
}

int mutex_lock_interruptible(struct mutex *m)
{
	mutex_lock(m);
	return 0;
}

void mutex_unlock(struct mutex *m)
{
	if (atomic_dec_return(&m->state))
		panic("a mutex not held");
}

/* --- waiting --- */

int wait_sleep(u64 deadline)
{
	assert_no_spinlock("wait_sleep");
	while (!waitq_woken) {
		if (sim_now() >= deadline)
			return -ETIMEDOUT;
		if (!sim_step_until(deadline))
			panic("somebody waits, and nothing will happen any more");
	}
	return 0;
}

int wait_until(struct waitq *q, bool (*cond)(void *arg), void *arg, int state, u64 deadline)
{
	struct waiter w;
	int err = 0;

	waiter_init(&w);
	while (!cond(arg) && !err) {
		wait_prepare(q, &w, state);
		err = wait_sleep(deadline);
	}
	wait_finish(q, &w);
	return err;
}

/* What dev/netcontext.c has for threads; none is started here. */
bool wake_task(struct task *t __unused, u32 states __unused)
{
	return false;
}

struct task *kthread_start(void (*fn)(void *) __unused, void *arg __unused,
			   const char *fmt __unused, ...)
{
	return ERR_PTR(-ENOMEM);
}

void cond_resched(void)
{
}

int sched_set_affinity(struct task *t __unused, u64 mask __unused)
{
	return 0;
}

/* netdevice(7): the tests call what is behind it. */
long inet_ioctl(struct socket *sk __unused, unsigned cmd __unused, unsigned long arg __unused)
{
	return -ENOTTY;
}

/* --- grace periods: all is over between two steps --- */

static struct rcu_head *callbacks, **callbacks_end = &callbacks;

void call_rcu(struct rcu_head *h, void (*fn)(struct rcu_head *))
{
	h->fn = fn;
	h->next = NULL;
	*callbacks_end = h;
	callbacks_end = &h->next;
}

void sim_grace_period(void)
{
	while (callbacks) {
		struct rcu_head *h = callbacks;

		callbacks = h->next;
		if (!callbacks)
			callbacks_end = &callbacks;
		h->fn(h);
	}
}

void synchronize_rcu(void)
{
	sim_grace_period();
}

/* --- work that may sleep: between two steps, too --- */

static LIST_HEAD(works);

void work_init(struct work *w, void (*fn)(struct work *))
{
	list_init(&w->link);
	w->fn = fn;
}

bool work_queue(struct work *w)
{
	if (!list_empty(&w->link))
		return false;
	list_add_tail(&w->link, &works);
	return true;
}

void work_flush(void)
{
	while (!list_empty(&works)) {
		struct work *w = list_first_entry(&works, struct work, link);

		list_del_init(&w->link);
		w->fn(w);
	}
}

void not_called(void);
void not_called(void)
{
	panic("what a simulation has not was called");
}

/* --- packet sockets: there are none, sim_tap sees what passes --- */

int packet_net_init(struct net *net __unused)
{
	return 0;
}

void packet_net_destroy(struct net *net __unused)
{
}

void packet_device_event(struct netdev *d __unused, enum netdev_event e __unused)
{
}

void net_tap(struct netdev *d __unused, struct packet *p __unused, bool outgoing __unused)
{
}

/* --- the rest; there are no signals --- */

ssize_t strncpy_from_user(char *dst, const char __user *src, size_t max)
{
	size_t n = strnlen(src, max);

	memcpy(dst, src, min(n + 1, max));
	return n < max ? (ssize_t)n : -ENAMETOOLONG;
}

int sleep_until(u64 mono_ns, int state __unused)
{
	waitq_woken = false;
	return wait_sleep(mono_ns) == -ETIMEDOUT ? 0 : -EINTR;
}

void async_tell(struct list_head *list __unused, int code __unused)
{
}

void async_urgent(struct file *f __unused)
{
}

void siginfo_user(siginfo_t *si, int signo __unused, int code __unused)
{
	memset(si, 0, sizeof(*si));
}

int signal_send_task(struct task *to __unused, const siginfo_t *si __unused)
{
	return 0;
}

bool capable(int cap __unused)
{
	return sim_capable;
}

bool ns_capable(const struct user_ns *u __unused, int cap __unused)
{
	return sim_capable;
}

void ns_put(struct ns *n)
{
	atomic_dec(&n->refs);
}

struct ns first_ns[NS_TYPES];

void random_bytes(void *p, size_t n)
{
	u8 *to = p;

	for (size_t i = 0; i < n; i++)
		to[i] = (u8)sim_random();
}

u64 random_u64(void)
{
	return sim_random();
}

void printk(int level __unused, const char *fmt __unused, ...)
{
}

void panic(const char *fmt, ...)
{
	char words[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	printf("panic: %s\n", words);
	abort();
}

/* Nobody is restricted (fs/landlock.h). */
int landlock_may_port(u64 access, u16 port);
int landlock_may_port(u64 access __unused, u16 port __unused)
{
	return 0;
}

/* Nothing is traced here. */
bool tracepoints_on;
void tracepoint_record(enum tracepoint_type type __unused, u64 a __unused, u64 b __unused)
{
}
