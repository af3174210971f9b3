/*
 * The trace rings (tracepoint.h): one for each hart, written by it alone with interrupts off and
 * read by others without a lock. A reader that was overtaken sees so by the ring's head and counts
 * what it lost.
 *
 * With the port org.tarn.trace a task of ours empties the rings every few milliseconds; without it
 * they hold the last records, for a panic or a debugger. tracefs (tracefs.c) reads them beside, and
 * makes them when its first event is wanted.
 *
 * Lock: [setup_lock] what is recorded.
 */
#include "debug/tracepoint.h"

#include <atomic.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/thread.h"
#include "arch/riscv/trap.h"
#include "core/mutex.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/time.h"
#include "debug/trace_port.h"
#include "debug/trace_ring.h"
#include "debug/trace_words.h"
#include "dev/block.h"
#include "lib/string.h"
#include "proc/proc.h"
#include "sync/cmdline.h"
#include "sync/log.h"

#define BATCH	     256
#define DRAIN_PERIOD (5 * NSEC_PER_MSEC)
#define MAGIC	     0x4352544eu /* "NTRC" */

static struct {
	struct trace_record *records; /* [setup_lock] once */
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
static u64 ring_size; /* [setup_lock] once, before the rings */
static u32 wanted; /* [setup_lock] bits of the types that are recorded; all harts read it */
static struct mutex drain_lock = MUTEX_INIT(drain_lock), setup_lock = MUTEX_INIT(setup_lock);

/* The names that tasks had when they were last seen; slots are a task's number modulo their count. */
static struct {
	u32 task;
	char comm[TASK_COMM_LEN];
} * names; /* [setup_lock] once; written by any hart, and may be torn */
#define NAMES 512

/* The drainer is not told of: what happens while it runs counts for the task that it came after. */
static const struct task *drain_task; /* [boot] */

static u32 who(void)
{
	return current == drain_task ? rings[hart_id()].behind : trace_task_number(current);
}

static void note_name(u32 number, const struct task *t)
{
	unsigned slot = number % NAMES;

	memcpy(names[slot].comm, t->comm, TASK_COMM_LEN);
	WRITE_ONCE(names[slot].task, number);
}

/* A record, and n more of TP_MORE: seen by readers at once. */
static void put(enum tracepoint_type type, u32 task, u64 a, u64 b, const u64 *more, unsigned n)
{
	unsigned long irq = irq_save();
	unsigned hart = hart_id();
	u64 head = rings[hart].head, now = now_mono();
	struct trace_record *r = rings[hart].records;

	r[head++ % ring_size] =
		(struct trace_record){ .time = now, .task = task, .type = type, .a = a, .b = b };
	for (; n; n--, more += 2)
		r[head++ % ring_size] = (struct trace_record){
			.time = now, .task = task, .type = TP_MORE, .a = more[0], .b = more[1]
		};
	if (names[task % NAMES].task != task && current != drain_task)
		note_name(task, current);
	smp_store_release(&rings[hart].head, head);
	irq_restore(irq);
}

static bool wants(enum tracepoint_type type)
{
	return READ_ONCE(wanted) & 1u << type;
}

static u64 block_bytes(const struct block_request *rq)
{
	u64 n = 0;

	for (unsigned i = 0; i < rq->nr_segs; i++)
		n += rq->segs[i].len;
	return n;
}

void tracepoint_record(enum tracepoint_type type, u64 a, u64 b)
{
	const struct block_request *rq = (const void *)b;
	u64 more[4];
	unsigned n = 0;

	if (!wants(type))
		return;
	if (wants(TP_MORE) && type == TP_FAULT) {
		more[n++] = task_frame(current)->pc;
		more[n++] = 0;
	} else if (wants(TP_MORE) && type == TP_EXIT) {
		more[n++] = (u64)task_prio(current);
		more[n++] = 0;
	} else if (wants(TP_MORE) && (type == TP_BLOCK || type == TP_BLOCK_END)) {
		more[n++] = rq->dev;
		more[n++] = block_bytes(rq);
		more[n++] = rq->op == BLOCK_FLUSH ? 0 : rq->sector;
		more[n++] = rq->op;
	}
	put(type, who(), a, b, more, n / 2);
}

void tracepoint_record_call(u64 nr, const u64 *args)
{
	u64 more[6] = { args[1], args[2], args[3], args[4], args[5] };

	if (wants(TP_CALL))
		put(TP_CALL, who(), nr, args[0], more, wants(TP_MORE) ? 3 : 0);
}

/* With the names and priorities of both sides, for who reads it may find neither any more. */
static void put_task(enum tracepoint_type type, const struct task *t, u32 number, u64 b)
{
	u64 more[6] = { (u64)task_prio(t), (u64)task_prio(current) };

	memcpy(more + 2, t->comm, TASK_COMM_LEN);
	memcpy(more + 4, current->comm, TASK_COMM_LEN);
	put(type, who(), number, b, more, wants(TP_MORE) ? 3 : 0);
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
		note_name(number, t);
		if (wants(TP_NAME))
			put(TP_NAME, number, name[0], name[1], NULL, 0);
	} else if (!wants(type)) {
		return;
	} else if (type != TP_SWITCH || current != drain_task) {
		put_task(type, t, number, b);
	} else if (number != rings[hart_id()].behind) {
		put_task(type, t, number, rings[hart_id()].behind_state);
	}
}

/* --- for tracefs --- */

u64 trace_ring_head(unsigned hart)
{
	return smp_load_acquire(&rings[hart].head);
}

u64 trace_ring_size(void)
{
	return READ_ONCE(ring_size);
}

bool trace_ring_read(unsigned hart, u64 *at, struct trace_record *to)
{
	u64 head = trace_ring_head(hart);

	do {
		if (*at == head)
			return false;
		/* What may be half overwritten is lost. */
		if (head - *at >= ring_size)
			*at = head - ring_size + 1;
		*to = rings[hart].records[*at % ring_size];
		smp_rmb();
		head = READ_ONCE(rings[hart].head);
	} while (head - *at >= ring_size);
	return true;
}

const char *trace_comm(u32 task)
{
	return READ_ONCE(names[task % NAMES].task) == task ? names[task % NAMES].comm : "<...>";
}

/* --- to the host --- */

/* Copies up to BATCH records of a ring behind its tail; how many. *lost: those that were overwritten. */
static unsigned take(unsigned hart, struct trace_record *to, u32 *lost)
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

static u64 sum(const struct trace_record *r, unsigned n)
{
	const u64 *words = (const u64 *)r;
	u64 all = 0;

	for (size_t i = 0; i < n * sizeof(*r) / sizeof(*words); i++)
		all += words[i];
	return all;
}

static struct batch {
	struct batch_head head;
	struct trace_record records[BATCH];
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
						 batch->head.count * sizeof(struct trace_record));
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
			const struct trace_record *r = &rings[hart].records[i % ring_size];

			printk(LOG_EMERG, "  %5lu.%06lu %s: %s", r->time / NSEC_PER_SEC,
			       r->time % NSEC_PER_SEC / NSEC_PER_USEC,
			       trace_task_words(whose, sizeof(whose), r->task),
			       trace_record_words(words, sizeof(words), r->type, r->a, r->b));
		}
	}
}

/* --- on and off --- */

/* setup_lock held, or boot. 0 or -ENOMEM. */
static int rings_make(u64 records)
{
	struct page *pages[MAX_HARTS];
	unsigned order = 0, hart;
	u64 size = BATCH;

	while (size < min(records, (u64)TRACE_RECORDS_MAX))
		size *= 2;
	while (PAGE_SIZE << order < size * sizeof(struct trace_record))
		order++;
	names = names ? names : kzalloc(NAMES * sizeof(*names), 0);
	for (hart = 0; names && hart < nr_harts; hart++) {
		pages[hart] = page_alloc(order, PA_ZERO);
		if (!pages[hart])
			break;
	}
	if (hart < nr_harts) {
		while (hart-- > 0)
			page_free(pages[hart], order);
		return -ENOMEM;
	}
	ring_size = size;
	for (hart = 0; hart < nr_harts; hart++)
		rings[hart].records = page_to_virt(pages[hart]);
	return 0;
}

/* Tasks that were there before: nobody else tells their names. Every one bears the mark of calls, or none. */
static void meet_all(bool calls)
{
	unsigned long flags;
	struct task *t;

	flags = spin_lock_irqsave(&proc_tree_lock);
	birth_work = strace_on || calls ? WORK_TRACE : 0;
	list_for_each_entry(t, &all_tasks, all_link) {
		tracepoint_task(TP_NAME, t, 0);
		if (calls)
			__atomic_fetch_or(&t->thread.work, WORK_TRACE, __ATOMIC_RELAXED);
		else if (!strace_on)
			__atomic_fetch_and(&t->thread.work, ~WORK_TRACE, __ATOMIC_RELAXED);
	}
	spin_unlock_irqrestore(&proc_tree_lock, flags);
}

#define FOR_HOST ((1u << TP_MORE) - 1)
#define OF_CALLS (1u << TP_CALL | 1u << TP_RETURN)

int trace_want(u32 types, u64 records)
{
	int err = 0;

	mutex_lock(&setup_lock);
	if (types && !ring_size)
		err = rings_make(records);
	if (!err) {
		types |= drain_task ? FOR_HOST : 0;
		types |= types ? 1u << TP_MORE : 0;
		WRITE_ONCE(wanted, types);
		smp_store_release(&tracepoints_on, types != 0);
		meet_all(types & OF_CALLS);
	}
	mutex_unlock(&setup_lock);
	return err;
}

void tracepoint_init(void)
{
	u64 records = cmdline_u64("trace", cmdline_flag("trace") ? TRACE_RECORDS : 0);

	strace_on = cmdline_flag("strace");
	if (strace_on || records)
		trace_ports_claim();
	if (!records)
		return;
	batch = kmalloc(sizeof(*batch), 0);
	if (!batch || rings_make(records)) {
		pr_warn("trace: no memory for rings of %lu records", records);
		return;
	}
	drain_task = kthread_start(drainer, NULL, "trace");
	if (IS_ERR(drain_task)) {
		pr_warn("trace: no memory for a task");
		drain_task = NULL;
	}
	wanted = FOR_HOST;
	tracepoints_on = true;
	meet_all(true);
}
