/*
 * Mistakes that the kernel is to find, made on purpose: `provoke=NAME` on the command line, for
 * tests/boot/test_lockup.py. The lockups end by themselves and the machine goes on; the others end in a panic.
 */
#include <err.h>

#include "arch/riscv/cpu.h"
#include "core/mutex.h"
#include "core/sched.h"
#include "core/time.h"
#include "debug/selftest.h"
#include "lib/string.h"
#include "sync/cmdline.h"
#include "sync/log.h"
#include "sync/spinlock.h"

#define LONG (7 * NSEC_PER_SEC)

static spinlock_t low_lock = SPINLOCK_INIT(RANK_FS, "provoke low");
static spinlock_t high_lock = SPINLOCK_INIT(RANK_LRU, "provoke high");
static struct mutex mutex = MUTEX_INIT(mutex);

static noinline void spin_long(void)
{
	u64 until = now_mono() + LONG;

	while (now_mono() < until)
		cpu_relax();
}

static void soft(void *arg __unused)
{
	spin_long();
	pr_info("provoke: over");
}

static void hard(void *arg __unused)
{
	unsigned long flags = spin_lock_irqsave(&high_lock);

	spin_long();
	spin_unlock_irqrestore(&high_lock, flags);
	pr_info("provoke: over");
}

static void sleep_with_lock(void *arg __unused)
{
	spin_lock(&low_lock);
	mutex_lock(&mutex);
}

static void wait_without_interrupts(void *arg __unused)
{
	irq_disable();
	sleep_until(now_mono() + NSEC_PER_MSEC, TASK_UNINTERRUPTIBLE);
}

static void wrong_order(void *arg __unused)
{
	spin_lock(&high_lock);
	spin_lock(&low_lock);
}

static noinline u64 deeper(u64 n)
{
	volatile char room[64];

	room[n % sizeof(room)] = 1;
	return n ? deeper(n - 1) + (u64)room[n % sizeof(room)] : 0;
}

static void deep_stack(void *arg __unused)
{
	pr_info("provoke: %lu", deeper(10000));
}

static const struct {
	const char *name;
	void (*fn)(void *arg);
} mistakes[] = {
	{ "soft-lockup", soft },	   { "hard-lockup", hard },
	{ "lock-sleep", sleep_with_lock }, { "irq-sleep", wait_without_interrupts },
	{ "lock-order", wrong_order },	   { "deep-stack", deep_stack },
};

void provoke(void)
{
	char name[16];

	if (cmdline_get("provoke", name, sizeof(name)) < 0)
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(mistakes); i++)
		if (str_equal(name, mistakes[i].name) &&
		    IS_ERR(kthread_start(mistakes[i].fn, NULL, "provoke")))
			pr_err("provoke: no memory for a thread");
	sleep_until(now_mono() + LONG + NSEC_PER_SEC, TASK_UNINTERRUPTIBLE);
}
