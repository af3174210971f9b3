/*
 * Trace records in words (trace_words.h). The list of tasks is read without its lock: who calls is
 * alone in the machine.
 */
#include "debug/trace_words.h"

#include <compiler.h>

#include "arch/riscv/trap.h"
#include "core/task.h"
#include "dev/block.h"
#include "lib/printf.h"
#include "mm/vm.h"
#include "syscall/trace.h"

#define KERNEL_THREAD (1u << 31)
#define TASKS_MOST    100000 /* a list that is longer is damaged */

static const char signals[][7] = {
	"0",	"HUP",	"INT",	"QUIT", "ILL",	  "TRAP",   "ABRT",  "BUS",  "FPE",  "KILL", "USR1",
	"SEGV", "USR2", "PIPE", "ALRM", "TERM",	  "STKFLT", "CHLD",  "CONT", "STOP", "TSTP", "TTIN",
	"TTOU", "URG",	"XCPU", "XFSZ", "VTALRM", "PROF",   "WINCH", "IO",   "PWR",  "SYS",
};

u32 trace_task_number(const struct task *t)
{
	if (t->pid)
		return (u32)t->pid->nr;
	return t->flags & TF_IDLE ? 0 : KERNEL_THREAD | (u32)((u64)t >> 6);
}

static const struct task *find(u32 number)
{
	const struct task *t;
	unsigned seen = 0;

	list_for_each_entry(t, &all_tasks, all_link) {
		if (trace_task_number(t) == number)
			return t;
		if (++seen == TASKS_MOST)
			break;
	}
	return NULL;
}

const char *trace_task_words(char *buf, size_t size, u32 number)
{
	const struct task *t = number ? find(number) : NULL;
	const char *name = t ? t->comm : "gone";

	if (!number)
		snprintf(buf, size, "idle");
	else if (number & KERNEL_THREAD)
		snprintf(buf, size, "kernel thread %.*s", TASK_COMM_LEN, name);
	else
		snprintf(buf, size, "task %u (%.*s)", number, TASK_COMM_LEN, name);
	return buf;
}

static const char *signal_words(char *buf, size_t size, u64 signal)
{
	if (signal < ARRAY_SIZE(signals))
		snprintf(buf, size, "SIG%s", signals[signal]);
	else
		snprintf(buf, size, "SIGRT_%lu", (u64)(signal - ARRAY_SIZE(signals)));
	return buf;
}

static const char *access_name(u64 access)
{
	return access & VM_WRITE ? "write" : access & VM_EXEC ? "exec" : "read";
}

static const char *call_name(u64 nr)
{
	return nr < NR_SYSCALLS && trace_table[nr].name ? trace_table[nr].name : "of no name";
}

const char *trace_record_words(char *buf, size_t size, enum tracepoint_type type, u64 a, u64 b)
{
	static const char *const cache[] = { "hit", "miss", "fill" };
	char word[48];

	switch (type) {
	case TP_NAME:
		snprintf(buf, size, "is named %.8s%.8s", (const char *)&a, (const char *)&b);
		break;
	case TP_CALL:
		snprintf(buf, size, "call %s, %#lx", call_name(a), b);
		break;
	case TP_RETURN:
		snprintf(buf, size, "return from %s, %ld", call_name(a), (s64)b);
		break;
	case TP_FAULT:
		snprintf(buf, size, "fault at %#lx, %s", a, access_name(b));
		break;
	case TP_FAULT_END:
		snprintf(buf, size, "fault at %#lx done, %ld", a, (s64)b);
		break;
	case TP_SWITCH:
		snprintf(buf, size, "switch to %s, %s",
			 trace_task_words(word, sizeof(word), (u32)a),
			 b == TASK_RUNNING ? "preempted" :
			 b == TASK_DEAD	   ? "dead" :
					     "sleeps");
		break;
	case TP_WAKE:
		snprintf(buf, size, "wake %s on hart %lu",
			 trace_task_words(word, sizeof(word), (u32)a), b);
		break;
	case TP_IRQ:
	case TP_IRQ_END:
		snprintf(buf, size, "%s%s", trap_cause_name(CAUSE_IRQ | a),
			 type == TP_IRQ ? "" : " done");
		break;
	case TP_IRQ_LINE:
		snprintf(buf, size, "line %lu", a);
		break;
	case TP_BLOCK:
		snprintf(buf, size, "block %s at sector %lu, %lu segments, request %lx",
			 a >> 56 == BLOCK_READ	? "read" :
			 a >> 56 == BLOCK_WRITE ? "write" :
						  "flush",
			 a & ((1UL << 40) - 1), a >> 40 & 0xffff, b);
		break;
	case TP_BLOCK_END:
		snprintf(buf, size, "block request %lx done, %ld", b, (s64)a);
		break;
	case TP_CACHE_HIT:
	case TP_CACHE_MISS:
	case TP_CACHE_FILL:
		snprintf(buf, size, "page cache %s, object %lu, page %lu, %lu pages",
			 cache[type - TP_CACHE_HIT], a, b & ((1UL << 48) - 1), b >> 48);
		break;
	case TP_SIGNAL:
		snprintf(buf, size, "posts %s to %lu", signal_words(word, sizeof(word), a), b);
		break;
	case TP_DELIVER:
		snprintf(buf, size, "takes %s, handler %#lx", signal_words(word, sizeof(word), a),
			 b);
		break;
	case TP_EXIT:
		snprintf(buf, size, "exits, wait status %#lx", a);
		break;
	case TP_NET_RX:
	case TP_NET_TX:
		snprintf(buf, size, "%s device %u, %lu bytes", type == TP_NET_RX ? "from" : "to",
			 (u32)a, a >> 32);
		break;
	case TP_IRQ_LINE_END:
		snprintf(buf, size, "line %lu done", a);
		break;
	case TP_MORE:
	case TP_TYPES:
		snprintf(buf, size, "?");
	}
	return buf;
}
