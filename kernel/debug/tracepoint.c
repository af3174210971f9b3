/*
 * The trace rings (tracepoint.h): one for each hart, written by it alone with interrupts off and
 * read by others without a lock. A reader that was overtaken sees so by the ring's head and counts
 * what it lost.
 *
 * With the port org.tarn.trace a task of ours empties the rings every few milliseconds; without it
 * they hold the last records, for a panic or a debugger.
 */
#include "debug/tracepoint.h"

#include <atomic.h>
#include <err.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/thread.h"
#include "core/mutex.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/time.h"
#include "debug/trace_port.h"
#include "debug/trace_words.h"
#include "lib/string.h"
#include "sync/cmdline.h"
#include "sync/log.h"

#define RECORDS	     16384 /* of a hart, unless trace=N says otherwise */
#define RECORDS_MAX  65536
#define BATCH	     256
#define DRAIN_PERIOD (5 * NSEC_PER_MSEC)
#define MAGIC	     0x4352544eu /* "NTRC" */

struct record {
	u64 time; /* now_mono() */
	u32 task; /* trace_task_number() */
	u32 type;
	u64 a, b;
};

static struct {
	struct record *records;
	u64 head; /* [that hart] written so far; the slot is head modulo ring_size */
	u64 tail; /* [drain_lock] */
	u32 behind; /* [that hart] the task that the drainer runs instead of */
	u64 behind_state; /* [that hart] */
} rings[MAX_HARTS];

/* Before every batch on the port. */
struct batch_head {
	u32 magic, hart, count;
	u32 lost; /* records of this hart that were overwritten before this batch */
	u64 check; /* the records, as u64 words added up */
};

bool tracepoints_on;
static u64 ring_size;
static struct mutex drain_lock = MUTEX_INIT(drain_lock);

/* The drainer is not told of: what happens while it runs counts for the task that it came after. */
static const struct task *drain_task; /* [boot] */

static u32 who(void)
{
	return current == drain_task ? rings[hart_id()].behind : trace_task_number(current);
}

static void put(enum tracepoint_type type, u32 task, u64 a, u64 b)
{
	unsigned long irq = irq_save();
	unsigned hart = hart_id();
	u64 head = rings[hart].head;
	struct record *r = &rings[hart].records[head % ring_size];

	*r = (struct record){ .time = now_mono(), .task = task, .type = type, .a = a, .b = b };
	smp_store_release(&rings[hart].head, head + 1);
	irq_restore(irq);
}

void tracepoint_record(enum tracepoint_type type, u64 a, u64 b)
{
	put(type, who(), a, b);
}

void tracepoint_record_task(enum tracepoint_type type, const struct task *t, u64 b)
{
	u32 number = trace_task_number(t);
	u64 name[2];

	if (t == drain_task) {
		if (type == TP_SWITCH) {
			rings[hart_id()].behind = trace_task_number(current);
			rings[hart_id()].behind_state = b;
		}
	} else if (type == TP_NAME) {
		memcpy(name, t->comm, sizeof(name));
		put(TP_NAME, number, name[0], name[1]);
	} else if (type != TP_SWITCH || current != drain_task) {
		tracepoint_record(type, number, b);
	} else if (number != rings[hart_id()].behind) {
		tracepoint_record(type, number, rings[hart_id()].behind_state);
	}
}

/* --- to the host --- */

/* Copies up to BATCH records of a ring behind its tail; how many. *lost: those that were overwritten. */
static unsigned take(unsigned hart, struct record *to, u32 *lost)
{
	u64 head = smp_load_acquire(&rings[hart].head), first = rings[hart].tail, n, skip;

	*lost = 0;
	if (head - first > ring_size) {
		*lost = (u32)(head - ring_size - first);
		first = head - ring_size;
	}
	n = min(head - first, (u64)BATCH);
	for (u64 i = 0; i < n; i++)
		to[i] = rings[hart].records[(first + i) % ring_size];
	smp_rmb();
	/* The slot at head may be half written: what it held before is lost too. */
	head = READ_ONCE(rings[hart].head) + 1;
	skip = head > first + ring_size ? min(head - ring_size - first, n) : 0;
	memmove(to, to + skip, (n - skip) * sizeof(*to));
	*lost += (u32)skip;
	rings[hart].tail = first + n;
	return (unsigned)(n - skip);
}

static u64 sum(const struct record *r, unsigned n)
{
	const u64 *words = (const u64 *)r;
	u64 all = 0;

	for (size_t i = 0; i < n * sizeof(*r) / sizeof(*words); i++)
		all += words[i];
	return all;
}

static struct batch {
	struct batch_head head;
	struct record records[BATCH];
} * batch; /* [boot]; [drain_lock] what it points to */

static void drain(void)
{
	mutex_lock(&drain_lock);
	for (unsigned hart = 0; hart < nr_harts; hart++) {
		/* What comes meanwhile, our own sending above all, is for the next time. */
		u64 end = smp_load_acquire(&rings[hart].head);

		while (rings[hart].tail < end) {
			batch->head = (struct batch_head){ .magic = MAGIC, .hart = hart };
			batch->head.count = take(hart, batch->records, &batch->head.lost);
			batch->head.check = sum(batch->records, batch->head.count);
			trace_port_write(&trace_events, batch,
					 sizeof(batch->head) +
						 batch->head.count * sizeof(struct record));
		}
	}
	mutex_unlock(&drain_lock);
}

static void drainer(void *arg __unused)
{
	while (trace_port_wait(&trace_events)) {
		sleep_until(now_mono() + DRAIN_PERIOD, TASK_INTERRUPTIBLE);
		drain();
	}
}

void tracepoint_finish(void)
{
	if (tracepoints_on && trace_port_wait(&trace_events))
		drain();
	trace_ports_drain();
}

/* --- for panic --- */

void tracepoint_dump(unsigned n)
{
	char whose[48], words[96];

	if (!tracepoints_on)
		return;
	for (unsigned hart = 0; hart < nr_harts; hart++) {
		u64 head = READ_ONCE(rings[hart].head);
		u64 i = head - min(min((u64)n, head), ring_size);

		printk(LOG_EMERG, "hart %u, last trace records:", hart);
		for (; i < head; i++) {
			const struct record *r = &rings[hart].records[i % ring_size];

			printk(LOG_EMERG, "  %5lu.%06lu %s: %s", r->time / NSEC_PER_SEC,
			       r->time % NSEC_PER_SEC / NSEC_PER_USEC,
			       trace_task_words(whose, sizeof(whose), r->task),
			       trace_record_words(words, sizeof(words), r->type, r->a, r->b));
		}
	}
}

/* --- boot --- */

static bool rings_make(u64 records)
{
	unsigned order = 0;

	ring_size = BATCH;
	while (ring_size < min(records, (u64)RECORDS_MAX))
		ring_size *= 2;
	while (PAGE_SIZE << order < ring_size * sizeof(struct record))
		order++;
	for (unsigned hart = 0; hart < nr_harts; hart++) {
		struct page *p = page_alloc(order, PA_ZERO);

		if (!p)
			return false;
		rings[hart].records = page_to_virt(p);
	}
	return true;
}

/* Tasks that were there before: nobody else tells their names. */
static void name_all(void)
{
	unsigned long flags = spin_lock_irqsave(&proc_tree_lock);
	struct task *t;

	list_for_each_entry(t, &all_tasks, all_link)
		tracepoint_task(TP_NAME, t, 0);
	spin_unlock_irqrestore(&proc_tree_lock, flags);
}

void tracepoint_init(void)
{
	u64 records = cmdline_u64("trace", cmdline_flag("trace") ? RECORDS : 0);

	strace_on = cmdline_flag("strace");
	if (strace_on || records)
		trace_ports_claim();
	if (!records)
		return;
	batch = kmalloc(sizeof(*batch), 0);
	if (!batch || !rings_make(records)) {
		pr_warn("trace: no memory for rings of %lu records", records);
		return;
	}
	drain_task = kthread_start(drainer, NULL, "trace");
	if (IS_ERR(drain_task))
		pr_warn("trace: no memory for a task");
	tracepoints_on = true;
	name_all();
}
