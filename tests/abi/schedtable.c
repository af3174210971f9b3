/* The sched_ calls, setpriority(2) and ioprio_set(2) by table: policies, priorities, whom they are for, sizes and
 * places, by root and by a user. */
#include "table.h"
#include <sys/resource.h>

static pid_t child; /* sleeps; root's */

static const int policies[] = { 0, 1, 2, 3, 4, 5, 6, 7, -1, 0x40000000, 0x40000001, 0x40000003, 0x40000006 };
static const int prios[] = { 0, 1, 50, 99, 100, -1 };

static const struct {
	const char *name;
	int id;
} whom[] = { { "self", 0 }, { "child", 1 }, { "none", 999999 }, { "-1", -1 }, { "min", INT32_MIN } };

static pid_t id_of(size_t i)
{
	return whom[i].id == 1 ? child : whom[i].id;
}

/* Back to what it was: a user may not. */
static void reset(void)
{
	struct sched_param none = { 0 };

	syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &none);
	syscall(SYS_sched_setscheduler, child, SCHED_OTHER, &none);
}

static void setscheduler(void)
{
	struct sched_param p;

	for (size_t w = 0; w < ARRAY_SIZE(whom); w++) {
		for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
			word("setscheduler %s %#x:", whom[w].name, policies[i]);
			for (size_t k = 0; k < ARRAY_SIZE(prios); k++) {
				p.sched_priority = prios[k];
				word(" %s", outcome(syscall(SYS_sched_setscheduler, id_of(w), policies[i], &p)));
				word("/%s", outcome(syscall(SYS_sched_getscheduler, id_of(w))));
				reset();
			}
			word(" null %s bad %s", outcome(syscall(SYS_sched_setscheduler, id_of(w), policies[i], NULL)),
			     outcome(syscall(SYS_sched_setscheduler, id_of(w), policies[i], 8)));
			end_line();
		}
		word("setparam %s:", whom[w].name);
		for (size_t k = 0; k < ARRAY_SIZE(prios); k++) {
			p.sched_priority = prios[k];
			word(" %s", outcome(syscall(SYS_sched_setparam, id_of(w), &p)));
		}
		word(" null %s bad %s get %s null %s bad %s", outcome(syscall(SYS_sched_setparam, id_of(w), NULL)),
		     outcome(syscall(SYS_sched_setparam, id_of(w), 8)), outcome(syscall(SYS_sched_getparam, id_of(w), &p)),
		     outcome(syscall(SYS_sched_getparam, id_of(w), NULL)), outcome(syscall(SYS_sched_getparam, id_of(w), 8)));
		end_line();
	}
}

/* sched_setattr's structure as numbers: size, policy, flags, nice, priority, runtime, deadline, period, clamps. */
struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
	uint64_t beyond[512];
};

static void attrs(void)
{
	static const uint32_t sizes[] = { 0, 1, 47, 48, 49, 56, 57, 64, PAGE, PAGE + 1, -1 };
	static const uint64_t flags[] = { 0, 1, 2, 4, 8, 0x10, 0x18, 0x20, 0x40, 0x60, 0x80, 1UL << 32 };
	static const int nices[] = { 0, -20, 19, -21, 20, INT32_MIN };
	static const uint64_t ms = 1000000;
	static const uint64_t times[][3] = {
		{ 10 * ms, 100 * ms, 100 * ms }, { 0, 100 * ms, 100 * ms },  { 10 * ms, 0, 100 * ms },
		{ 10 * ms, 100 * ms, 0 },	 { 100 * ms, 10 * ms, ms },  { 10 * ms, 200 * ms, 100 * ms },
		{ 1, 100 * ms, 100 * ms },	 { 10 * ms, 1UL << 63, 0 },  { 10 * ms, 100 * ms, 1UL << 63 },
		{ 1024, 100 * ms, 100 * ms },	 { 1023, 100 * ms, 0 },	     { 10, 50000, 50000 },
		{ 10 * ms, 5000 * ms, 5000 * ms }, { 1UL << 62, 1UL << 62, 0 },
	};
	static struct attr a, got;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		word("setattr size %d:", (int)sizes[i]);
		for (int dirty = 0; dirty < 4; dirty++) {
			memset(&a, 0, sizeof(a));
			a.size = sizes[i];
			if (dirty == 1)
				a.beyond[0] = 1;
			if (dirty == 2)
				a.util_max = 5;
			if (dirty == 3)
				a.policy = SCHED_FIFO;
			word(" %s", outcome(syscall(SYS_sched_setattr, 0, &a, 0)));
			word("(%d)", (int)a.size);
			reset();
		}
		memset(&got, 0x55, sizeof(got));
		word(" get %s", outcome(syscall(SYS_sched_getattr, 0, &got, sizes[i], 0)));
		word("(%x %x %x)", got.size, got.policy, got.util_min);
		end_line();
	}
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
		word("setattr policy %#x flags:", policies[i]);
		for (size_t f = 0; f < ARRAY_SIZE(flags); f++)
			for (int prio = 0; prio < 2; prio++) {
				memset(&a, 0, sizeof(a));
				a.size = 56;
				a.policy = policies[i];
				a.flags = flags[f];
				a.priority = prio;
				a.util_max = flags[f] & 0x60 ? 1024 : 0;
				word(" %s", outcome(syscall(SYS_sched_setattr, 0, &a, 0)));
				reset();
			}
		word(" nice");
		for (size_t k = 0; k < ARRAY_SIZE(nices); k++) {
			memset(&a, 0, sizeof(a));
			a.size = 48;
			a.policy = policies[i];
			a.nice = nices[k];
			word(" %s", outcome(syscall(SYS_sched_setattr, 0, &a, 0)));
			word("(%ld)", 20 - syscall(SYS_getpriority, PRIO_PROCESS, 0));
			reset();
			setpriority(PRIO_PROCESS, 0, 0);
		}
		end_line();
	}
	word("deadlines of the child:"); /* it doesn't run, so never waits for its next period */
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		memset(&a, 0, sizeof(a));
		a.size = 48;
		a.policy = 6;
		a.runtime = times[i][0];
		a.deadline = times[i][1];
		a.period = times[i][2];
		word(" %s", outcome(syscall(SYS_sched_setattr, child, &a, 0)));
		reset();
	}
	end_line();
	for (size_t w = 0; w < ARRAY_SIZE(whom); w++) {
		memset(&a, 0, sizeof(a));
		a.size = 48;
		word("attr of %s: %s flags %s null %s bad %s", whom[w].name, outcome(syscall(SYS_sched_setattr, id_of(w), &a, 0)),
		     outcome(syscall(SYS_sched_setattr, id_of(w), &a, 1)), outcome(syscall(SYS_sched_setattr, id_of(w), NULL, 0)),
		     outcome(syscall(SYS_sched_setattr, id_of(w), 8, 0)));
		word(" get %s", outcome(syscall(SYS_sched_getattr, id_of(w), &a, 56, 0)));
		word(" flags %s", outcome(syscall(SYS_sched_getattr, id_of(w), &a, 56, 1)));
		word(" null %s", outcome(syscall(SYS_sched_getattr, id_of(w), NULL, 56, 0)));
		word(" bad %s", outcome(syscall(SYS_sched_getattr, id_of(w), 8, 56, 0)));
		end_line();
	}
}

static void affinity(void)
{
	static const long sizes[] = { 0, 1, 4, 7, 8, 9, 12, -1, 1L << 32 };
	unsigned long mask[16];

	for (size_t w = 0; w < ARRAY_SIZE(whom); w++) {
		word("affinity %s:", whom[w].name);
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			memset(mask, 0, sizeof(mask));
			mask[0] = 1;
			word(" %s", outcome(syscall(SYS_sched_setaffinity, id_of(w), sizes[i], mask)));
			memset(mask, 0, sizeof(mask));
			word("/%s", outcome(syscall(SYS_sched_getaffinity, id_of(w), sizes[i], mask)));
			word("(%lx)", mask[0]);
		}
		memset(mask, 0, sizeof(mask));
		word(" none %s", outcome(syscall(SYS_sched_setaffinity, id_of(w), 8, mask)));
		mask[0] = 1UL << 63;
		word(" absent %s", outcome(syscall(SYS_sched_setaffinity, id_of(w), 8, mask)));
		word(" bad %s/%s", outcome(syscall(SYS_sched_setaffinity, id_of(w), 8, 8)),
		     outcome(syscall(SYS_sched_getaffinity, id_of(w), 8, 8)));
		end_line();
	}
}

static void others(void)
{
	static const int nices[] = { 0, -20, 5, -100, 100, INT32_MIN, INT32_MAX };
	static const int io[] = { 0, 0x2000, 0x2007, 0x2008, 0x4000, 0x4007, 0x6000, 0x6001, 0x8000, 0xe000, 1 << 16, -1 };
	struct timespec ts;

	for (int p = -2; p < 9; p++) {
		word("policy %d: max %s", p, outcome(syscall(SYS_sched_get_priority_max, p)));
		word(" min %s", outcome(syscall(SYS_sched_get_priority_min, p)));
		end_line();
	}
	for (size_t w = 0; w < ARRAY_SIZE(whom); w++) {
		word("rr_get_interval %s: %s", whom[w].name, outcome(syscall(SYS_sched_rr_get_interval, id_of(w), &ts)));
		word(" bad %s", outcome(syscall(SYS_sched_rr_get_interval, id_of(w), 8)));
		end_line();
	}
	for (int which = -1; which < 4; which++) {
		for (size_t w = 0; w < ARRAY_SIZE(whom); w++) {
			if ((which == 1 && !w) || (which == 2 && whom[w].id != 999999))
				continue; /* all of the group, or of the user: another program's too */
			word("priority %d of %s:", which, whom[w].name);
			for (size_t i = 0; i < ARRAY_SIZE(nices); i++) {
				word(" %s", outcome(syscall(SYS_setpriority, which, id_of(w), nices[i])));
				word("/%s", outcome(syscall(SYS_getpriority, which, id_of(w))));
				syscall(SYS_setpriority, which, id_of(w), 0);
			}
			end_line();
			word("ioprio %d of %s:", which + 1, whom[w].name);
			for (size_t i = 0; i < ARRAY_SIZE(io); i++) {
				word(" %s", outcome(syscall(SYS_ioprio_set, which + 1, id_of(w), io[i])));
				word("/%s", outcome(syscall(SYS_ioprio_get, which + 1, id_of(w))));
			}
			syscall(SYS_ioprio_set, which + 1, id_of(w), 0);
			end_line();
		}
	}
}

static void all(void)
{
	setscheduler();
	attrs();
	affinity();
	others();
}

static void as_user(void)
{
	MUST(setresuid(1000, 1000, 1000));
	setscheduler();
	others();
}

int main(void)
{
	child = MUST(fork());
	if (!child)
		for (;;)
			pause();
	in_child("by root", all);
	in_child("by a user", as_user);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return 0;
}
