/*
 * Time namespaces (core/timens.h). The vDSO of who lives in one reads another page than everybody's: that
 * says no more than that the system calls know.
 */
#include "core/timens.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/time.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/mutex.h"
#include "core/time.h"
#include "core/userns.h"
#include "lib/string.h"

#define SEC_MAX ((s64)(S64_MAX / NSEC_PER_SEC / 2))

static struct mutex timens_mutex =
	MUTEX_INIT(timens_mutex); /* the offsets, and the page's making */
static struct vdso_data *elsewhere; /* [w] the page; NULL until the first namespace is made */

s64 timens_offset(int clock)
{
	switch (clock) {
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
		return timens_mono();
	case CLOCK_BOOTTIME:
	case CLOCK_BOOTTIME_ALARM:
		return timens_boot();
	default:
		return 0;
	}
}

u64 timens_to_host(int clock, u64 when)
{
	s64 by = timens_offset(clock);

	if (likely(!by))
		return when;
	if (by > 0)
		return when > (u64)by ? when - (u64)by : 0;
	return when < TIME_FOREVER - 1 - (u64)-by ? when + (u64)-by : TIME_FOREVER - 1;
}

static void time_ns_free(struct ns *n)
{
	kfree(time_ns_of(n));
}

/* Odd for ever, and of no network of clocks: the vDSO asks the kernel. */
static int make_page(void)
{
	struct page *p;
	int err = 0;

	mutex_lock(&timens_mutex);
	if (!elsewhere) {
		p = page_alloc(0, PA_ZERO);
		if (p) {
			struct vdso_data *d = page_to_virt(p);

			*d = *vdso_data;
			d->seq = 1;
			d->elsewhere = 1;
			smp_store_release(&elsewhere, d);
		} else {
			err = -ENOMEM;
		}
	}
	mutex_unlock(&timens_mutex);
	return err;
}

struct ns *time_unshare(struct user_ns *owner)
{
	const struct time_ns *old = time_ns_of(current->ns[NS_TIME_CHILDREN]);
	struct time_ns *t = make_page() ? NULL : kzalloc(sizeof(*t), 0);

	if (!t)
		return ERR_PTR(-ENOMEM);
	if (old) {
		t->mono = READ_ONCE(old->mono);
		t->boot = READ_ONCE(old->boot);
	}
	ns_init(&t->ns, NS_TIME, owner, time_ns_free);
	return &t->ns;
}

void timens_freeze(struct ns *n)
{
	struct time_ns *t = time_ns_of(n);

	if (!t || READ_ONCE(t->frozen))
		return;
	mutex_lock(&timens_mutex);
	WRITE_ONCE(t->frozen, true);
	mutex_unlock(&timens_mutex);
}

void timens_take(struct task *t)
{
	struct ns *n = t->ns[NS_TIME_CHILDREN], *old = t->ns[NS_TIME];

	if (likely(n == old))
		return;
	timens_freeze(n);
	spin_lock(&t->lock);
	t->ns[NS_TIME] = n ? ns_get(n) : NULL;
	spin_unlock(&t->lock);
	if (old)
		ns_put(old);
}

int timens_set(struct time_ns *t, bool boot, s64 ns)
{
	s64 now = (s64)now_mono();
	int err = 0;

	if (ns > SEC_MAX * (s64)NSEC_PER_SEC || now + ns < 0)
		return -ERANGE;
	mutex_lock(&timens_mutex);
	if (t->frozen)
		err = -EACCES;
	else
		WRITE_ONCE(*(boot ? &t->boot : &t->mono), ns);
	mutex_unlock(&timens_mutex);
	return err;
}

const void *timens_vdso_data(void)
{
	return current->ns[NS_TIME] ? (const void *)smp_load_acquire(&elsewhere) : vdso_data;
}
