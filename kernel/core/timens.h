/*
 * Time namespaces: time_namespaces(7). In one, the clocks that count from boot are shifted: what programs
 * are told, and what they ask to wait for; the kernel's own times never are.
 *
 * A task has two, in task->ns: NS_TIME is that it lives in, NS_TIME_CHILDREN that of its children to be.
 * They differ from unshare(2) on until execve(2).
 */
#ifndef CORE_TIMENS_H
#define CORE_TIMENS_H

#include "core/ns.h"

struct user_ns;

struct time_ns {
	struct ns ns;
	/* [w] ns that are added to CLOCK_MONOTONIC and its like, and to CLOCK_BOOTTIME */
	s64 mono, boot;
	bool frozen; /* [w] somebody has lived in it: they change no more */
};

static inline struct time_ns *time_ns_of(struct ns *n)
{
	return n && n != &first_ns[NS_TIME] ? (struct time_ns *)n : NULL; /* its first member */
}
/* What current's clocks are ahead of the kernel's. */
static inline s64 timens_mono(void)
{
	struct ns *n = current->ns[NS_TIME];

	return likely(!n) ? 0 : ((struct time_ns *)n)->mono;
}
static inline s64 timens_boot(void)
{
	struct ns *n = current->ns[NS_TIME];

	return likely(!n) ? 0 : ((struct time_ns *)n)->boot;
}
s64 timens_offset(int clock); /* of the clock with this number */
/* A time that current names, as the kernel's; what was before the boot is 0. */
u64 timens_to_host(int clock, u64 when);

struct ns *time_unshare(struct user_ns *owner); /* as current's children's; ERR_PTR(-ENOMEM) */
/* t, which is current or not yet seen, comes to live where its children were to. */
void timens_take(struct task *t);
void timens_freeze(struct ns *n);
/* The offset of CLOCK_MONOTONIC or CLOCK_BOOTTIME: 0, -EACCES: frozen, -ERANGE. */
int timens_set(struct time_ns *t, bool boot, s64 ns);
const void *timens_vdso_data(void); /* the page that current's vDSO is to read */
#endif
