/*
 * The little kernel and the scripted device of test_virtio.h.
 */
#include "test_virtio.h"

#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "alloc/vmap.h"
#include "core/irq.h"
#include "core/random.h"
#include "core/time.h"
#include "core/work.h"
#include "dev/chardev.h"
#include "dev/driver.h"
#include "dev/mmio.h"
#include "dev/uart.h"
#include "core/task.h"
#include "fs/pty.h"
#include "fs/tty_core.h"
#include "lib/string.h"
#include "sync/cmdline.h"
#include "sync/log.h"

/* Of libc. */
int printf(const char *fmt, ...) __printf(1, 2);
void *malloc(size_t n);
void free(void *p);
void abort(void) __noreturn;

long live_allocations, fail_after = -1;
struct block_device *the_disk;
struct port *the_port;
unsigned nr_ports_added, nr_chardevs, random_bits;
struct model model;
struct task *shim_current;

/* What fs/tty_lines.c needs to come up; the rest of it is not_called (host.mk). */
spinlock_t proc_tree_lock;
void (*uart_rx)(const u8 *p, size_t n);
void (*uart_tx_space)(void);

/* Nothing is traced here. */
bool tracepoints_on;
void tracepoint_record(enum tracepoint_type type __unused, u64 a __unused, u64 b __unused)
{
}

void not_called(void)
{
	abort();
}

void tty_init(struct tty *tty __unused, const struct tty_line *line __unused, void *driver __unused)
{
}

void tty_register(struct tty *tty __unused, const char *name __unused, u64 dev __unused,
		  u32 mode __unused)
{
}

/* --- memory: new, it is full of what was there before; kernel_reset takes all back --- */

static void *allocations[4096];

static void *allocate(size_t n)
{
	unsigned i = 0;

	if (fail_after >= 0 && fail_after-- == 0)
		return NULL;
	while (i < ARRAY_SIZE(allocations) && allocations[i])
		i++;
	if (i == ARRAY_SIZE(allocations))
		panic("more than 4096 allocations");
	allocations[i] = malloc(n ? n : 1);
	live_allocations++;
	return memset(allocations[i], 0x5a, n);
}

void *kmalloc(size_t n, unsigned flags __unused)
{
	return allocate(n);
}

void *kzalloc(size_t n, unsigned flags __unused)
{
	void *p = allocate(n);

	return p ? memset(p, 0, n) : NULL;
}

void *kcalloc(size_t n, size_t size)
{
	return kzalloc(n * size, 0);
}

void kfree(void *p)
{
	for (unsigned i = 0; p && i < ARRAY_SIZE(allocations); i++) {
		if (allocations[i] != p)
			continue;
		allocations[i] = NULL;
		live_allocations--;
		free(p);
		return;
	}
	if (p)
		panic("freed what was not allocated");
}

void *ioremap(paddr_t pa, size_t size __unused)
{
	return (void *)pa;
}

/* --- locks --- */

static int spins;

bool locks_free(void)
{
	return spins == 0;
}

void spin_init(spinlock_t *l, enum lock_rank rank, const char *name)
{
	*l = (spinlock_t){ .rank = (u16)rank, .name = name };
}

unsigned long spin_lock_irqsave(spinlock_t *l)
{
	if (l->word++)
		panic("a spinlock taken twice: %s", l->name);
	spins++;
	return 0;
}

void spin_unlock_irqrestore(spinlock_t *l, unsigned long flags __unused)
{
	if (--l->word)
		panic("a spinlock not held: %s", l->name);
	spins--;
}

/* --- waiting, work, time --- */

static LIST_HEAD(works);
static struct timer *timers[4];
static u64 now;

void waitq_init(struct waitq *q)
{
	list_init(&q->waiters);
}

void wake_up_all(struct waitq *q __unused)
{
}

void wake_up_key(struct waitq *q __unused, u32 key __unused)
{
}

void work_init(struct work *w, void (*fn)(struct work *))
{
	list_init(&w->link);
	w->fn = fn;
}

bool work_queue(struct work *w)
{
	bool fresh = list_empty(&w->link);

	if (fresh)
		list_add_tail(&w->link, &works);
	return fresh;
}

void run_work(void)
{
	while (!list_empty(&works)) {
		struct work *w = list_first_entry(&works, struct work, link);

		list_del_init(&w->link);
		w->fn(w);
	}
}

u64 now_mono(void)
{
	return now;
}

void timer_init(struct timer *t, void (*fn)(struct timer *))
{
	*t = (struct timer){ .fn = fn, .hart = -1 };
}

void timer_start(struct timer *t, u64 expires)
{
	unsigned at = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(timers); i++)
		if (timers[i] == t || (!timers[i] && timers[at] != t))
			at = i;
	timers[at] = t;
	t->expires = expires;
}

bool pass_time(u64 ns)
{
	bool any = false;

	now += ns;
	for (unsigned i = 0; i < ARRAY_SIZE(timers); i++) {
		struct timer *t = timers[i];

		if (!t || t->expires > now)
			continue;
		timers[i] = NULL;
		t->fn(t);
		any = true;
	}
	return any;
}

/* --- the rest --- */

void printk(int level __unused, const char *fmt __unused, ...)
{
}

void panic(const char *fmt, ...)
{
	printf("panic: %s\n", fmt);
	abort();
}

u64 cmdline_u64(const char *key __unused, u64 dflt)
{
	return dflt;
}

int block_register(struct block_device *bd)
{
	the_disk = bd;
	return 0;
}

void devpts_init(void)
{
}

void chardev_register(struct chardev *cd __unused)
{
	nr_chardevs++;
}

void random_add(const void *p __unused, size_t n __unused, unsigned entropy_bits)
{
	random_bits += entropy_bits;
}

bool random_ready(void)
{
	return random_bits >= 256;
}

/* --- how the device is found --- */

static irq_handler handler;
static void *handler_arg;

bool dt_reg(const struct dt_node *n __unused, unsigned i __unused, u64 *addr, u64 *size)
{
	*addr = 0x10001000;
	*size = 0x1000;
	return true;
}

bool dt_irq(const struct dt_node *n __unused, unsigned i __unused, u32 *irq)
{
	*irq = 1;
	return true;
}

int irq_request(unsigned irq __unused, irq_handler fn, void *arg, const char *name __unused)
{
	handler = fn;
	handler_arg = arg;
	return 0;
}

void kernel_reset(void)
{
	if (!locks_free())
		panic("a lock is held at the end of a test");
	for (unsigned i = 0; i < ARRAY_SIZE(allocations); i++)
		kfree(allocations[i]);
	fail_after = -1;
	the_disk = NULL;
	the_port = NULL;
	nr_ports_added = nr_chardevs = random_bits = 0;
	list_init(&works);
	memset(timers, 0, sizeof(timers));
	memset(&model, 0, sizeof(model));
	model.features = VIRTIO_F_VERSION_1;
	model.queue_max = 8;
	model.nr_queues = MODEL_QUEUES;
}

extern const struct driver __start_drivers[];

int model_probe(void)
{
	return __start_drivers[0].probe(NULL);
}

/* --- the device's registers (virtio 1.2, 4.2.2) --- */

static unsigned offset(const volatile void *reg)
{
	return (unsigned)((u64)reg - 0x10001000);
}

u8 mmio_read8(const volatile void *reg)
{
	unsigned at = offset(reg) - 0x100;

	return at < sizeof(model.config) ? model.config[at] : 0xff;
}

u32 mmio_read32(const volatile void *reg)
{
	struct model_queue *q = model.sel < model.nr_queues ? &model.q[model.sel] : NULL;

	switch (offset(reg)) {
	case 0x000:
		return 0x74726976;
	case 0x004:
		return 2;
	case 0x008:
		return model.id;
	case 0x010:
		return (u32)(model.features_sel ? model.features >> 32 : model.features);
	case 0x034:
		return q ? model.queue_max : 0;
	case 0x044:
		return q ? q->ready : 0;
	case 0x060:
		return model.irq_status;
	case 0x070:
		return model.status;
	default:
		return 0;
	}
}

static void queue_ready(struct model_queue *q)
{
	/* desc, driver and device area: the host's own addresses */
	q->desc = (void *)((u64)model.addr[1] << 32 | model.addr[0]);
	q->avail = (void *)((u64)model.addr[3] << 32 | model.addr[2]);
	q->used = (void *)((u64)model.addr[5] << 32 | model.addr[4]);
	q->ready = true;
}

void mmio_write32(volatile void *reg, u32 v)
{
	struct model_queue *q = model.sel < model.nr_queues ? &model.q[model.sel] : NULL;
	unsigned at = offset(reg);

	switch (at) {
	case 0x014:
	case 0x024:
		model.features_sel = v;
		break;
	case 0x020:
		if (model.features_sel)
			model.accepted = (u64)v << 32 | (u32)model.accepted;
		else
			model.accepted = model.accepted >> 32 << 32 | v;
		break;
	case 0x030:
		model.sel = v;
		break;
	case 0x038:
		if (q)
			q->num = v;
		break;
	case 0x044:
		if (q && v)
			queue_ready(q);
		break;
	case 0x050:
		if (v < MODEL_QUEUES)
			model.q[v].notified++;
		break;
	case 0x064:
		model.irq_status &= ~v;
		break;
	case 0x070:
		if (v) {
			model.status = model.wont_agree ? v & ~8u : v;
			break;
		}
		model.resets++;
		if (model.wont_reset)
			break;
		model.status = 0;
		memset(model.q, 0, sizeof(model.q)); /* it touches no memory any more */
		break;
	case 0x080:
	case 0x084:
	case 0x090:
	case 0x094:
	case 0x0a0:
	case 0x0a4:
		model.addr[(at - 0x080) / 16 * 2 + (at & 4) / 4] = v;
		break;
	default:
		break;
	}
}

/* --- what the device does --- */

static void add_segs(struct chain *c, const struct vring_desc *t, u32 max, u16 at)
{
	for (u32 n = 0;; n++) {
		if (n >= max || at >= max || c->out + c->in == ARRAY_SIZE(c->segs))
			panic("the driver made a chain without an end");
		c->segs[c->out + c->in] = (struct vq_seg){ t[at].addr, t[at].len };
		if (t[at].flags & 2)
			c->in++;
		else
			c->out++;
		if (!(t[at].flags & 1))
			return;
		at = t[at].next;
	}
}

bool model_next(unsigned index, struct chain *c)
{
	struct model_queue *q = &model.q[index];
	u16 head;

	if (!q->ready || q->taken == q->avail[1])
		return false;
	head = q->avail[2 + q->taken % q->num];
	q->taken++;
	c->head = head;
	c->out = c->in = 0;
	if (q->desc[head].flags & 4)
		add_segs(c, (void *)q->desc[head].addr, q->desc[head].len / 16, 0);
	else
		add_segs(c, q->desc, q->num, head);
	return true;
}

void model_use(unsigned index, u32 id, u32 len)
{
	struct model_queue *q = &model.q[index];
	volatile u32 *elem = (volatile u32 *)(q->used + 2) + 2 * (q->used[1] % q->num);

	elem[0] = id;
	elem[1] = len;
	q->used[1]++;
}

void model_interrupt(void)
{
	model.irq_status |= 1;
	handler(handler_arg);
}

u8 *seg_data(const struct chain *c, unsigned i)
{
	return (u8 *)c->segs[i].phys;
}
