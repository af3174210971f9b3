/*
 * The harts: who they are, how they start, interrupt and stop each other, and
 * each one's timer. hart_sbi_id and nr_harts are written at boot only;
 * harts_running and the halt words are atomic.
 */
#include "arch/riscv/cpu.h"

#include <atomic.h>
#include <compiler.h>
#include "arch/riscv/arch_private.h"
#include "arch/riscv/boot.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/pgtable.h"
#include "arch/riscv/trap.h"
#include "lib/string.h"
#include "sbi/sbi.h"

#define START_WAIT_TICKS 30000000UL /* 3 s at 10 MHz */
#define HALT_WAIT_TICKS	 10000000UL /* 1 s at 10 MHz: a busy host runs them in turn */

struct boot_stack boot_stacks[MAX_HARTS] __section(".bss_pages") __aligned(PAGE_SIZE);
struct thread boot_threads[MAX_HARTS];
u64 emergency_top[MAX_HARTS];
u64 hart_start_thread[MAX_HARTS]; /* [boot] 0: nobody asked for it */

unsigned nr_harts;
u64 hart_sbi_id[MAX_HARTS];
u64 harts_running;
static u32 start_state[MAX_HARTS]; /* [atomic] */
enum { START_ASKED, START_RUNNING, START_GIVEN_UP };
static u32 halt_asked_by; /* [atomic] logical hart + 1 */
static u64 harts_halted; /* [atomic] */
static u64 halt_frame[MAX_HARTS]; /* [harts_halted] */
static struct task *halt_task[MAX_HARTS]; /* [harts_halted] */

bool hart_add(u64 sbi_hartid)
{
	for (unsigned h = 0; h < nr_harts; h++)
		if (hart_sbi_id[h] == sbi_hartid)
			return true;
	if (nr_harts == MAX_HARTS)
		return false;
	hart_sbi_id[nr_harts++] = sbi_hartid;
	return true;
}

void hart_init(void)
{
	csr_write(scounteren, SCOUNTEREN_TIME);
	if (cpu_features.zicboz)
		__asm__ volatile("csrs %0, %1" ::"i"(CSR_SENVCFG), "r"(SENVCFG_CBZE));
	timer_program(U64_MAX);
	csr_write(sie, SIE_SOFT | SIE_TIMER | SIE_EXT);
	__atomic_fetch_or(&harts_running, 1UL << hart_id(), __ATOMIC_SEQ_CST);
}

/* From entry.S, on the hart's boot stack. */
void hart_begin(void)
{
	unsigned h = hart_id();

	if (__atomic_exchange_n(&start_state[h], START_RUNNING, __ATOMIC_SEQ_CST) != START_ASKED)
		for (;;)
			cpu_wait();
	hart_init();
	hart_main();
}

static bool start_one(unsigned h)
{
	struct thread *t = &boot_threads[h];
	u64 since;

	memset(t, 0, sizeof(*t));
	t->hart = h;
	t->kstack_top = (u64)(&boot_stacks[h] + 1);
	hart_start_thread[h] = (u64)t;
	__atomic_store_n(&start_state[h], START_ASKED, __ATOMIC_SEQ_CST);
	if (sbi_hart_start(hart_sbi_id[h], virt_to_phys((void *)_start), 0))
		return false;
	since = time_ticks();
	while (!(__atomic_load_n(&harts_running, __ATOMIC_SEQ_CST) & 1UL << h)) {
		u32 asked = START_ASKED;

		if (time_ticks() - since < START_WAIT_TICKS)
			continue;
		if (__atomic_compare_exchange_n(&start_state[h], &asked, START_GIVEN_UP, false,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return false;
	}
	return true;
}

unsigned harts_start(void)
{
	for (unsigned h = 1; h < nr_harts; h++) {
		if (start_one(h))
			continue;
		/* Its stack is spoilt, and numbers have no gaps: go on with those that run. */
		nr_harts = h;
	}
	return nr_harts;
}

void hart_kick(unsigned h)
{
	if (h == hart_id())
		csr_set(sip, SIE_SOFT);
	else if (__atomic_load_n(&harts_running, __ATOMIC_RELAXED) & 1UL << h)
		sbi_send_ipi(1, hart_sbi_id[h]);
}

void ipi_receive(void)
{
	csr_clear(sip, SIE_SOFT);
	hart_check_halt();
}

void harts_halt_others(void)
{
	u32 me = hart_id(), nobody = 0;
	u64 since, wanted;

	__atomic_compare_exchange_n(&halt_asked_by, &nobody, me + 1, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	hart_check_halt();
	wanted = __atomic_load_n(&harts_running, __ATOMIC_SEQ_CST) & ~(1UL << me);
	for (unsigned h = 0; h < nr_harts; h++)
		if (wanted & 1UL << h)
			sbi_send_ipi(1, hart_sbi_id[h]);
	since = time_ticks();
	while ((__atomic_load_n(&harts_halted, __ATOMIC_SEQ_CST) & wanted) != wanted &&
	       time_ticks() - since < HALT_WAIT_TICKS)
		cpu_relax();
}

/* A function of its own, so that the caller is no leaf and its frame holds a return address. */
static noinline __cold void halt_here(u64 fp)
{
	irq_disable();
	halt_frame[hart_id()] = fp;
	halt_task[hart_id()] = current;
	__atomic_fetch_or(&harts_halted, 1UL << hart_id(), __ATOMIC_SEQ_CST);
	for (;;)
		cpu_wait();
}

void hart_check_halt(void)
{
	u32 by = __atomic_load_n(&halt_asked_by, __ATOMIC_RELAXED);

	if (unlikely(by != 0 && by != hart_id() + 1))
		halt_here((u64)__builtin_frame_address(0));
}

u64 hart_halt_frame(unsigned h, struct task **t)
{
	if (!(__atomic_load_n(&harts_halted, __ATOMIC_SEQ_CST) & 1UL << h))
		return 0;
	*t = halt_task[h];
	return halt_frame[h];
}

void timer_program(u64 ticks)
{
	if (cpu_features.sstc)
		__asm__ volatile("csrw %0, %1" ::"i"(CSR_STIMECMP), "r"(ticks) : "memory");
	else
		sbi_set_timer(ticks);
}
