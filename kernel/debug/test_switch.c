/*
 * In-kernel test of what a context switch costs the MMU, in the debug build, which counts it
 * (arch/riscv/pgtable.h): two threads take turns on one hart. In one space no switch writes satp;
 * between two each writes it once; and none runs sfence.vma. The emulator forgets its TLB at each
 * write of satp, so nothing else would tell.
 */
#ifdef DEBUG
#include "debug/selftest.h"

#include <atomic.h>
#include <err.h>
#include <uapi/mman.h>

#include "arch/riscv/cpu.h"
#include "arch/riscv/pgtable.h"
#include "core/time.h"
#include "core/wait.h"
#include "mm/vm.h"

#define WARM_UP 20
#define ROUNDS	500
#define HART	0

static struct waitq turn_wait = WAITQ_INIT(turn_wait);
static struct mm *space[2];
static atomic_t turn, ended;
static struct mmu_counts spent; /* by the first thread, from its WARM_UPth turn to its last */

static bool my_turn(void *arg)
{
	return (atomic_read(&turn) & 1) == (int)(u64)arg;
}

static bool both_ended(void *arg __unused)
{
	return atomic_read(&ended) == 2;
}

static void take_turns(void *arg)
{
	struct mmu_counts before = { 0 };
	u64 self = (u64)arg;

	sched_set_affinity(current, 1UL << HART);
	sched_yield_current();
	mm_activate(space[self]);
	for (unsigned i = 0; i < WARM_UP + ROUNDS; i++) {
		wait_until(&turn_wait, my_turn, arg, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
		if (i == WARM_UP)
			before = mmu_counts[HART];
		if (!self && i == WARM_UP + ROUNDS - 1) {
			spent = mmu_counts[HART];
			spent.satp_writes -= before.satp_writes;
			spent.fences -= before.fences;
		}
		atomic_inc(&turn);
		wake_up_all(&turn_wait);
	}
	mm_activate(NULL);
	atomic_inc(&ended);
	wake_up_all(&turn_wait);
}

/* NULL, or what went wrong. */
static const char *switch_between(struct mm *a, struct mm *b)
{
	space[0] = a;
	space[1] = b;
	atomic_set(&turn, 0);
	atomic_set(&ended, 0);
	for (u64 i = 0; i < 2; i++)
		if (IS_ERR(kthread_start(take_turns, (void *)i, "switch/%lu", i)))
			return "no memory for a thread";
	return wait_until(&turn_wait, both_ended, NULL, TASK_UNINTERRUPTIBLE,
			  now_mono() + 20 * NSEC_PER_SEC) ?
		       "the threads got stuck" :
		       NULL;
}

KERNEL_TEST(a_switch_leaves_the_tlb_alone)
{
	struct mm *a = mm_create(), *b = mm_create();
	const char *wrong = a && b ? NULL : "no memory";

	/* Somebody else's work on that hart may come in between, but not each time. */
	for (unsigned i = 0; !wrong && i < 5; i++) {
		wrong = switch_between(a, a);
		if (!spent.satp_writes && !spent.fences)
			break;
		if (i == 4)
			wrong = spent.fences ? "a switch within a space ran sfence.vma" :
					       "a switch within a space wrote satp";
	}
	for (unsigned i = 0; !wrong && i < 5; i++) {
		wrong = switch_between(a, b);
		if (spent.satp_writes < 2 * (ROUNDS - 1))
			wrong = "switches between spaces were not counted";
		if (!spent.fences || !mmu_asid_bits())
			break;
		if (i == 4)
			wrong = "a switch between spaces ran sfence.vma";
	}
	if (a)
		mm_put(a);
	if (b)
		mm_put(b);
	return wrong;
}

/* ---- whom membarrier(2) and munmap(2) interrupt ---- */

static atomic_t inside;

/* Runs in a space on another hart until told. */
static void stay(void *arg)
{
	sched_set_affinity(current, 1UL << 1);
	sched_yield_current();
	mm_activate(arg);
	atomic_set(&inside, 1);
	while (atomic_read(&inside) == 1)
		;
	mm_activate(NULL);
	atomic_set(&inside, 3);
}

/* How many harts a barrier of mm interrupts; current is not put off its hart in between. */
static u64 told_by_barrier(struct mm *mm)
{
	u64 before = mmu_counts[hart_id()].told;

	mm_barrier(mm);
	return mmu_counts[hart_id()].told - before;
}

/* How many harts it interrupts that two pages go, of three that were there. */
static u64 told_by_unmap(struct mm *mm)
{
	u32 flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE;
	long at = vm_map(mm, 0, 3 * PAGE_SIZE, flags, MAP_POPULATE, NULL, 0, NULL, NULL, NULL);
	u64 before = mmu_counts[hart_id()].told;
	int err = at < 0 ? (int)at : vm_unmap(mm, (u64)at, 2 * PAGE_SIZE);

	return err ? ~0UL : mmu_counts[hart_id()].told - before;
}

KERNEL_TEST(who_runs_the_space_alone_is_disturbed)
{
	struct mm *mm = mm_create();
	const char *wrong = NULL;

	if (!mm)
		return "no memory";
	if (nr_harts < 2) {
		mm_put(mm);
		return NULL;
	}
	sched_set_affinity(current, 1UL << HART);
	sched_yield_current();
	if (told_by_barrier(mm))
		wrong = "the barrier of a space that nobody runs interrupted somebody";
	if (told_by_unmap(mm))
		wrong = "an unmap in a space that nobody runs interrupted somebody";
	atomic_set(&inside, 0);
	if (IS_ERR(kthread_start(stay, mm, "test/stay"))) {
		wrong = "no thread";
	} else {
		while (!atomic_read(&inside))
			sched_yield_current();
		if (told_by_barrier(mm) != 1)
			wrong = "the barrier did not interrupt the one hart that runs the space";
		if (told_by_unmap(mm) != 1)
			wrong = "the unmap did not interrupt the one hart that runs the space";
		atomic_set(&inside, 2);
		while (atomic_read(&inside) != 3)
			sched_yield_current();
		if (told_by_barrier(mm))
			wrong = "the barrier interrupted a hart that has left the space";
		if (told_by_unmap(mm))
			wrong = "the unmap interrupted a hart that has left the space";
	}
	sched_set_affinity(current, ~0UL);
	mm_put(mm);
	return wrong;
}
#endif
