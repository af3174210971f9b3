/*
 * The clocks of clock_gettime(2) by number, those that measure CPU time of
 * tasks and processes (clock_getcpuclockid(3)) included.
 */
#ifndef PROC_CLOCK_H
#define PROC_CLOCK_H

#include <types.h>
#include <compiler.h>

struct proc;
struct task;

/* One CPU-time clock; holds references. */
struct cpu_clock {
	struct task *task; /* a thread's, or NULL */
	struct proc *proc;
	enum { CPU_CLOCK_PROF, CPU_CLOCK_VIRT, CPU_CLOCK_SCHED } which;
};

/* Numbers that name the caller's own clocks, as pthread_getcpuclockid(3) makes them. */
#define CPU_CLOCK_OWN	     (-6)
#define CPU_CLOCK_OWN_THREAD (-2)

static inline bool clock_is_cpu(int id)
{
	return id < 0 || id == 2 || id == 3;
}
/* 0 with references held, or -EINVAL. */
int cpu_clock_get(int id, struct cpu_clock *c);
/* Likewise, and it will be read often: of a process without a look at all its threads. */
int cpu_clock_watch(int id, struct cpu_clock *c);
void cpu_clock_put(struct cpu_clock *c);
/* ns. Any context; takes sighand->lock, of a watched one no lock that signals need. */
u64 cpu_clock_read(const struct cpu_clock *c);
bool cpu_clock_dead(const struct cpu_clock *c); /* it advances no more */
/* Wall ns after which c can have advanced by `ns` at the earliest; at least a millisecond. */
u64 cpu_clock_wait(const struct cpu_clock *c, u64 ns);
/*
 * Sleeps until c shows `target`, in ns: 0, or -ERESTARTSYS. c is watched. A process that sleeps on its own
 * time uses none of it meanwhile.
 */
int cpu_clock_sleep(const struct cpu_clock *c, u64 target);

/* Any clock: 0 or -EINVAL. */
int clock_read(int id, u64 *ns);
/* Clocks that time can be waited for on: 0, -EOPNOTSUPP, -EINVAL. */
int clock_can_sleep(int id);
/* Does the clock count from 1970? */
bool clock_is_real(int id);
u64 clock_real_now(int id); /* ns that such a clock shows */
#endif
