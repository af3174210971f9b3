/*
 * The platform-level interrupt controller (RISC-V PLIC specification 1.0).
 * Every hart has a context for supervisor mode, found in interrupts-extended.
 * Interrupts go to the boot hart; a hart's handlers run with interrupts off.
 *
 * The registers are written at boot and by enable, which core/irq serialises;
 * claim and complete concern the calling hart's context alone.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include "alloc/vmap.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/trap.h"
#include "core/irq.h"
#include "dev/driver.h"
#include "dev/mmio.h"

/* For lines, from the first register on; for contexts, from CONTEXTS on. */
#define PLIC_PRIORITY(irq)    (4UL * (irq))
#define PLIC_ENABLE(ctx, irq) (0x2000 + 0x80UL * (ctx) + (irq) / 32 * 4)
#define PLIC_CONTEXTS	      0x200000
#define PLIC_THRESHOLD(ctx)   (0x1000UL * (ctx))
#define PLIC_CLAIM(ctx)	      (0x1000UL * (ctx) + 4)
#define PLIC_MAX_IRQ	      1023
#define PLIC_MAX_CONTEXTS     15872
#define NO_CONTEXT	      (~0u)

static u8 *lines, *contexts; /* [boot] the two parts of the registers, as far as they are used */
static unsigned context[MAX_HARTS]; /* [boot] logical hart -> its S-mode context */

static unsigned plic_claim(void)
{
	unsigned ctx = context[hart_id()];

	return ctx == NO_CONTEXT ? 0 : mmio_read32(contexts + PLIC_CLAIM(ctx));
}

static void plic_complete(unsigned irq)
{
	mmio_write32(contexts + PLIC_CLAIM(context[hart_id()]), irq);
}

static void plic_enable(unsigned irq)
{
	u8 *reg = lines + PLIC_ENABLE(context[0], irq);

	mmio_write32(lines + PLIC_PRIORITY(irq), 1);
	mmio_write32(reg, mmio_read32(reg) | 1u << irq % 32);
}

static void plic_hart_init(void)
{
	unsigned ctx = context[hart_id()];

	if (ctx != NO_CONTEXT)
		mmio_write32(contexts + PLIC_THRESHOLD(ctx), 0);
}

static struct irq_chip plic_chip = {
	.name = "plic",
	.claim = plic_claim,
	.complete = plic_complete,
	.enable = plic_enable,
	.hart_init = plic_hart_init,
};

static void set_context(const struct dt_node *intc, unsigned ctx)
{
	const struct dt_node *cpu = dt_parent(intc);
	u64 id;

	if (!cpu || !dt_u64(cpu, "reg", &id))
		return;
	for (unsigned h = 0; h < nr_harts; h++)
		if (hart_sbi_id[h] == id)
			context[h] = ctx;
}

static int plic_probe(const struct dt_node *n)
{
	const struct dt_node *intc;
	u64 addr, size;
	u32 ndev, cause;
	unsigned nr;

	if (lines)
		return -EBUSY;
	if (!dt_reg(n, 0, &addr, &size) || !dt_u32(n, "riscv,ndev", &ndev) || ndev == 0 ||
	    ndev > PLIC_MAX_IRQ)
		return -EINVAL;
	for (unsigned h = 0; h < MAX_HARTS; h++)
		context[h] = NO_CONTEXT;
	for (nr = 0; nr < PLIC_MAX_CONTEXTS && PLIC_CONTEXTS + PLIC_CLAIM(nr) + 4 <= size; nr++) {
		if (!dt_irq_extended(n, nr, &intc, &cause))
			break;
		if (cause == IRQ_EXT)
			set_context(intc, nr);
	}
	if (context[0] == NO_CONTEXT)
		return -EINVAL;
	lines = ioremap(addr, PLIC_ENABLE(nr, 0));
	contexts = ioremap(addr + PLIC_CONTEXTS, PLIC_THRESHOLD(nr));
	if (!lines || !contexts)
		return -ENOMEM;

	for (unsigned irq = 1; irq <= ndev; irq++)
		mmio_write32(lines + PLIC_PRIORITY(irq), 0);
	for (unsigned h = 0; h < nr_harts; h++)
		for (unsigned irq = 0; context[h] != NO_CONTEXT && irq <= ndev; irq += 32)
			mmio_write32(lines + PLIC_ENABLE(context[h], irq), 0);
	plic_chip.max = ndev;
	irq_set_chip(&plic_chip);
	return 0;
}

DRIVER(plic) = {
	.name = "plic",
	.stage = DRIVER_IRQCHIP,
	.compatible = { "riscv,plic0", "sifive,plic-1.0.0", "thead,c900-plic" },
	.probe = plic_probe,
};
