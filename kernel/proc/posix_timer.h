/*
 * POSIX per-process timers (timer_create(2), timer_settime(2)).
 */
#ifndef PROC_POSIX_TIMER_H
#define PROC_POSIX_TIMER_H

#include <types.h>
#include <uapi/signal.h>

struct pid;
struct proc;

/* Of current's process. ev NULL: SIGALRM. The number or -EINVAL, -EOPNOTSUPP, -EAGAIN. */
int posix_timer_create(int clock, const sigevent_t *ev);
/* value 0 disarms. Old settings come back as gettime gives them. 0 or -EINVAL. */
int posix_timer_set(int id, bool absolute, u64 value, u64 interval, u64 *old_value,
		    u64 *old_interval);
int posix_timer_get(int id, u64 *value, u64 *interval); /* ns left, 0: disarmed */
int posix_timer_overrun(int id); /* of the last delivered signal */
int posix_timer_delete(int id);
/* What /proc/PID/timers tells of one. */
struct posix_timer_info {
	int clock; /* timer_create(2)'s */
	int notify, signo; /* as sigevent(3type) has it */
	sigval_t value;
	struct pid *pid; /* whom the signal goes to; referenced */
};
/* The timer of p with the greatest number up to `most`: its number, or -ENOENT. */
int posix_timer_below(struct proc *p, int most, struct posix_timer_info *info);
void posix_timers_exit(struct proc *p); /* exit, exec: all go, with their signals. Sleeps never */
void posix_timers_init(void);
#endif
