/*
 * See trace_text.h. A line is "TASK-PID [HART] FLAGS TIME: EVENT: FIELDS"; fields are as Linux's events print
 * them. What a line needs beyond a record's two words follows it as TP_MORE, in the same ring.
 */
#include "debug/trace_text.h"

#include "arch/riscv/cpu.h"
#include "core/irq.h"
#include "core/sched.h"
#include "core/task.h"
#include "debug/trace_ring.h"
#include "dev/block.h"
#include "dev/netdev.h"
#include "fs/fs.h"
#include "net/net.h"

#define MORE_MAX 3

/* A record with what follows it. */
struct event {
	struct trace_record r;
	u64 more[2 * MORE_MAX];
	unsigned hart;
};

/* Kernel threads have no number of Linux's kind: one behind the largest that a process may have. */
static u32 shown_pid(u32 task)
{
	return task >> 31 ? 1u << 22 | (task & ((1u << 22) - 1)) : task;
}

static const char *comm_of(const void *words, u32 task)
{
	return task ? words : "swapper";
}

struct irq_name {
	u64 irq;
	const char *name;
};

static void match_irq(unsigned irq, const char *name, const u64 *counts __unused, void *arg)
{
	struct irq_name *want = arg;

	if (irq == want->irq)
		want->name = name;
}

static void switch_words(struct text *out, const struct event *e)
{
	static const char states[] = "SDTtI";
	char state = e->r.b == TASK_DEAD ? 'X' : 'R';

	for (unsigned i = 0; i < ARRAY_SIZE(states) - 1; i++) {
		static const u64 bits[] = { TASK_INTERRUPTIBLE,
					    TASK_UNINTERRUPTIBLE | TASK_KILLABLE, TASK_STOPPED,
					    TASK_TRACED, TASK_IDLE };

		if (e->r.b & bits[i])
			state = states[i];
	}
	text_printf(out,
		    "sched_switch: prev_comm=%.16s prev_pid=%u prev_prio=%lu prev_state=%c ==> "
		    "next_comm=%.16s next_pid=%u next_prio=%lu",
		    comm_of(&e->more[4], e->r.task), shown_pid(e->r.task), e->more[1], state,
		    comm_of(&e->more[2], (u32)e->r.a), shown_pid((u32)e->r.a), e->more[0]);
}

static void block_words(struct text *out, const struct event *e)
{
	static const char *const ops[] = { "R", "W", "FF" };
	const char *op = e->more[3] < ARRAY_SIZE(ops) ? ops[e->more[3]] : "?";

	text_printf(out, "block_rq_%s: %u,%u %s ", e->r.type == TP_BLOCK ? "issue" : "complete",
		    DEV_MAJOR(e->more[0]), DEV_MINOR(e->more[0]), op);
	if (e->r.type == TP_BLOCK)
		text_printf(out, "%lu ", e->more[1]);
	text_printf(out, "() %lu + %lu none,0,0 [", e->more[2], e->more[1] / SECTOR_SIZE);
	if (e->r.type == TP_BLOCK)
		text_printf(out, "%.16s]", trace_comm(e->r.task));
	else
		text_printf(out, "%ld]", (s64)e->r.a);
}

static void net_words(struct text *out, const struct event *e)
{
	const struct netdev *d = netdev_by_index(&init_net, (int)(u32)e->r.a);

	text_printf(out, "%s: dev=%s skbaddr=%lx len=%lu%s",
		    e->r.type == TP_NET_RX ? "netif_receive_skb" : "net_dev_xmit",
		    d ? d->name : "?", e->r.b, e->r.a >> 32, e->r.type == TP_NET_RX ? "" : " rc=0");
}

/* The event's name and fields. */
static void event_words(struct text *out, const struct event *e)
{
	const struct trace_record *r = &e->r;
	struct irq_name irq = { r->a, "?" };

	switch (r->type) {
	case TP_SWITCH:
		switch_words(out, e);
		break;
	case TP_WAKE:
		text_printf(out, "sched_wakeup: comm=%.16s pid=%u prio=%lu target_cpu=%03lu",
			    comm_of(&e->more[2], (u32)r->a), shown_pid((u32)r->a), e->more[0],
			    r->b);
		break;
	case TP_EXIT:
		text_printf(out, "sched_process_exit: comm=%.16s pid=%u prio=%lu",
			    trace_comm(r->task), shown_pid(r->task), e->more[0]);
		break;
	case TP_CALL:
		text_printf(out, "sys_enter: NR %ld (%lx, %lx, %lx, %lx, %lx, %lx)", (s64)r->a,
			    r->b, e->more[0], e->more[1], e->more[2], e->more[3], e->more[4]);
		break;
	case TP_RETURN:
		text_printf(out, "sys_exit: NR %ld = %ld", (s64)r->a, (s64)r->b);
		break;
	case TP_FAULT:
		text_printf(out, "page_fault_user: address=0x%lx ip=0x%lx error_code=0x%lx", r->a,
			    e->more[0], r->b);
		break;
	case TP_IRQ_LINE:
		irq_for_each(match_irq, &irq);
		text_printf(out, "irq_handler_entry: irq=%lu name=%s", r->a, irq.name);
		break;
	case TP_IRQ_LINE_END:
		text_printf(out, "irq_handler_exit: irq=%lu ret=handled", r->a);
		break;
	case TP_BLOCK:
	case TP_BLOCK_END:
		block_words(out, e);
		break;
	default:
		net_words(out, e);
	}
	text_puts(out, "\n");
}

static bool has_words(const struct trace_record *r)
{
	const u32 types = 1u << TP_SWITCH | 1u << TP_WAKE | 1u << TP_EXIT | 1u << TP_CALL |
			  1u << TP_RETURN | 1u << TP_FAULT | 1u << TP_IRQ_LINE |
			  1u << TP_IRQ_LINE_END | 1u << TP_BLOCK | 1u << TP_BLOCK_END |
			  1u << TP_NET_RX | 1u << TP_NET_TX;

	return types & 1u << r->type;
}

static void line(struct text *out, const struct event *e)
{
	const struct trace_record *r = &e->r;
	size_t start = out->len;

	text_printf(out, "%16.16s-%-7u [%03u] ..... %5lu.%06lu: ",
		    r->task ? trace_comm(r->task) : "<idle>", shown_pid(r->task), e->hart,
		    r->time / NSEC_PER_SEC, r->time % NSEC_PER_SEC / NSEC_PER_USEC);
	event_words(out, e);
	if (out->failed)
		out->len = start;
}

/* The oldest record that the reader has not seen, with what follows it; it is seen then. */
static bool next_event(struct trace_reader *r, const u64 *end, struct event *e)
{
	struct trace_record now, best = { .time = ~0ULL };
	unsigned from = nr_harts;

	for (unsigned h = 0; h < nr_harts; h++) {
		if ((!end || r->at[h] < end[h]) && trace_ring_read(h, &r->at[h], &now) &&
		    now.time < best.time) {
			best = now;
			from = h;
		}
	}
	if (from == nr_harts)
		return false;
	*e = (struct event){ .r = best, .hart = from };
	r->at[from]++;
	for (unsigned n = 0;
	     n < MORE_MAX && trace_ring_read(from, &r->at[from], &now) && now.type == TP_MORE;
	     n++, r->at[from]++) {
		e->more[2 * n] = now.a;
		e->more[2 * n + 1] = now.b;
	}
	return true;
}

bool trace_text(struct text *out, struct trace_reader *r, const u64 *end)
{
	struct event e;
	bool any = false;

	for (unsigned n = 0; !text_enough(out) && trace_ring_size() && next_event(r, end, &e);
	     n++) {
		if (has_words(&e.r)) {
			line(out, &e);
			any = true;
		}
		if (n % 64 == 63)
			cond_resched();
	}
	return any;
}

void trace_text_head(struct text *out, u64 records)
{
	text_printf(out,
		    "# tracer: nop\n#\n"
		    "# entries-in-buffer/entries-written: %lu/%lu   #P:%u\n#\n",
		    min(records, trace_ring_size() * nr_harts), records, nr_harts);
	text_puts(out, "#                                _-----=> irqs-off/BH-disabled\n"
		       "#                               / _----=> need-resched\n"
		       "#                              | / _---=> hardirq/softirq\n"
		       "#                              || / _--=> preempt-depth\n"
		       "#                              ||| / _-=> migrate-disable\n"
		       "#                              |||| /     delay\n"
		       "#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
		       "#              | |         |   |||||     |         |\n");
}
