/*
 * Reading the device tree at boot (firmware.h). The boot map reaches the first
 * 128 GiB of physical memory; a tree elsewhere is refused.
 */
#include "firmware.h"

#include <compiler.h>
#include "arch/riscv/boot.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/thread.h"
#include "core/random.h"
#include "dev/dt.h"
#include "sync/cmdline.h"
#include "sync/log.h"

static void add_cpu(u64 id, const struct dt_node *cpu)
{
	const char *isa, *ext;

	if (!hart_add(id)) {
		pr_warn("hart %lu: more than %d harts are not used", id, MAX_HARTS);
		return;
	}
	isa_begin_hart();
	if (dt_string(cpu, "riscv,isa-extensions")) {
		for (unsigned i = 0; (ext = dt_string_at(cpu, "riscv,isa-extensions", i)); i++)
			isa_add_extension(ext);
	} else {
		isa = dt_string(cpu, "riscv,isa");
		isa_add_string(isa ? isa : "rv64ima");
	}
}

void firmware_read(u64 boot_hart, paddr_t dtb)
{
	u64 start, size, hz;
	int err;

	if (dtb == 0 || dtb >= DIRECT_SIZE)
		panic("no device tree: the firmware gave address %lx", dtb);
	err = dt_init(phys_to_virt(dtb), DT_MAX_SIZE);
	if (err)
		panic("bad device tree at %lx: error %d", dtb, err);
	cmdline_init(dt_bootargs());
	hz = dt_timebase();
	if (hz == 0)
		panic("the device tree has no timebase-frequency");
	log_set_clock(hz, time_ticks());

	dt_for_each_memory(boot_mem_add);
	dt_for_each_reserved(boot_mem_reserve);
	boot_mem_reserve(dtb, dt_size(), false);
	if (dt_initrd(&start, &size))
		boot_mem_reserve(start, size, false);

	hart_add(boot_hart);
	dt_for_each_cpu(add_cpu);
	isa_done();
}

void firmware_seed(void)
{
	u32 len;
	const void *seed = dt_rng_seed(&len);

	if (seed)
		random_add(seed, len, len * 8);
}
