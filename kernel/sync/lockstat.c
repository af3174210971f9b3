/*
 * See lockstat.h. A name's place in the table of names is found by its address; it is put there by whoever
 * meets it first.
 */
#include "sync/lockstat.h"

#ifdef DEBUG
#include <atomic.h>

#include "arch/riscv/cpu.h"
#include "arch/riscv/thread.h"

#define CLASSES 256 /* twice what there are */

int lockstat_on;
static const char *names[CLASSES]; /* [a] */
static struct lock_class counts[MAX_HARTS][CLASSES]; /* [that hart, interrupts off] */

/* NULL: the table is full. */
static struct lock_class *class_of(const char *name)
{
	unsigned slot = (unsigned)((u64)name >> 3) % CLASSES;

	for (unsigned i = 0; i < CLASSES; i++, slot = (slot + 1) % CLASSES) {
		const char *there = READ_ONCE(names[slot]);

		if (!there)
			there = cmpxchg(&names[slot], NULL, name) ?: name;
		if (there == name)
			return &counts[hart_id()][slot];
	}
	return NULL;
}

static void note(struct lock_times *t, u64 ticks)
{
	t->min = t->count && t->min < ticks ? t->min : ticks;
	t->max = t->max > ticks ? t->max : ticks;
	t->total += ticks;
	t->count++;
}

void lockstat_taken(spinlock_t *l, bool contended, u64 waited)
{
	struct lock_class *c = class_of(l->name);
	bool bounced = l->last && l->last != hart_id() + 1;

	l->last = (u16)(hart_id() + 1);
	if (!c)
		return;
	c->bounced += bounced;
	if (contended) {
		c->bounced_wait += bounced;
		note(&c->wait, waited);
	}
}

void lockstat_released(const spinlock_t *l, u64 held)
{
	struct lock_class *c = class_of(l->name);

	if (c)
		note(&c->hold, held);
}

static void add(struct lock_times *sum, const struct lock_times *t)
{
	if (!t->count)
		return;
	sum->min = sum->count && sum->min < t->min ? sum->min : t->min;
	sum->max = sum->max > t->max ? sum->max : t->max;
	sum->total += t->total;
	sum->count += t->count;
}

bool lockstat_class(unsigned i, struct lock_class *out)
{
	if (i >= CLASSES)
		return false;
	*out = (struct lock_class){ .name = READ_ONCE(names[i]) };
	for (unsigned h = 0; h < nr_harts; h++) {
		const struct lock_class *c = &counts[h][i];

		add(&out->wait, &c->wait);
		add(&out->hold, &c->hold);
		out->bounced += c->bounced;
		out->bounced_wait += c->bounced_wait;
	}
	return true;
}

void lockstat_clear(void)
{
	for (unsigned h = 0; h < nr_harts; h++)
		for (unsigned i = 0; i < CLASSES; i++)
			counts[h][i] = (struct lock_class){ .name = NULL };
}
#endif
