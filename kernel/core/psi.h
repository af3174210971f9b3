/*
 * Pressure: how much of the time tasks wait for a hart, for a disk or for memory (proc(5),
 * /proc/pressure; Linux calls it PSI, pressure stall information).
 *
 * "some": at least one task waits; "full": and none runs that does not wait too. Both are times of a
 * hart, kept with its run queue; the machine's are their means, weighted by how long each hart had
 * something to do or to wait for.
 */
#ifndef CORE_PSI_H
#define CORE_PSI_H

#include <types.h>
#include <compiler.h>

struct psi_trigger;
struct rq;
struct task;
struct waitq;

enum psi_resource { PSI_IO, PSI_MEMORY, PSI_CPU, PSI_RESOURCES };

/* A state: resource * 2, and 1 more for "full". Of harts nobody has "full" (only groups could). */
#define PSI_STATES (PSI_RESOURCES * 2)
#define PSI_FULL   1

/* se.stall: what current does. Its sleeps that no signal interrupts are waits for a disk. */
#define STALL_IO     1
#define STALL_MEMORY 2 /* all it does, running or asleep, is looking for memory */

/*
 * current begins to wait, or to look for memory; nests. Returns what psi_stall_end is given.
 * Task context; no lock of RANK_RQ or higher is held.
 */
u8 psi_stall_begin(u8 why);
void psi_stall_end(u8 before);

struct psi_line {
	u32 avg[3]; /* percent of the last 10, 60 and 300 s, times 100 */
	u64 total_us;
};
/* "some" and "full" of a resource up to now. May take a spinlock. */
void psi_read(enum psi_resource what, struct psi_line lines[2]);

/*
 * A trigger by its text, "some|full THRESHOLD_US WINDOW_US": its queue is woken (EPOLLPRI), at most
 * once in a window, when so much of a window was lost. Who is not privileged has windows of whole
 * averaging periods only. ERR_PTR(-EINVAL, -ENOMEM).
 */
struct psi_trigger *psi_trigger_new(enum psi_resource what, const char *text, bool privileged);
void psi_trigger_free(struct psi_trigger *t);
struct waitq *psi_trigger_wait(struct psi_trigger *t);
bool psi_trigger_taken(struct psi_trigger *t); /* was there an event since the last call? */

/* The scheduler's; [s] rq->lock is held. */
void psi_charge(struct rq *rq, u64 ns); /* ns went by with the counts as they are */
/* A task with STALL_MEMORY becomes runnable, or ceases to be. */
void psi_count(struct rq *rq, int by);
void psi_sleeps(struct rq *rq, const struct task *t); /* t, whose stall is not 0, goes to sleep */
void psi_wakes(struct rq *rq, const struct task *t); /* likewise, wakes */
void psi_init(void);
#endif
