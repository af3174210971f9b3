/*
 * libFuzzer target: any bytes as a device tree. What dt_init accepts is asked
 * everything that boot and the drivers ask.
 */
#include "t.h"

#include <byteorder.h>
#include "dev/dt.h"
#include "lib/string.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t n);

static u64 sink;

static void two(u64 start, u64 size)
{
	sink += start ^ size;
}

static void three(u64 start, u64 size, bool no_map)
{
	sink += start ^ size ^ no_map;
}

static void cpu(u64 id, const struct dt_node *node)
{
	const char *s;

	for (unsigned i = 0; (s = dt_string_at(node, "riscv,isa-extensions", i)) != NULL; i++)
		sink += strlen(s);
	s = dt_string(node, "riscv,isa");
	sink += id + (s ? strlen(s) : 0);
}

static void device(const struct dt_node *node)
{
	const struct dt_node *ctl;
	const char *s;
	u64 addr, size;
	u32 irq;

	for (unsigned i = 0; (s = dt_string_at(node, "compatible", i)) != NULL; i++)
		sink += strlen(s);
	sink += dt_enabled(node);
	for (unsigned i = 0; i < 16; i++) {
		if (dt_reg(node, i, &addr, &size))
			two(addr, size);
		if (dt_irq(node, i, &irq))
			sink += irq;
		if (dt_irq_extended(node, i, &ctl, &irq))
			sink += irq + strlen(dt_name(ctl)) + (dt_parent(ctl) ? 1 : 0);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
	u64 start, size;
	u32 len;
	u8 *copy = malloc(n ? n : 1);

	if (!copy)
		return 0;
	memcpy(copy, data, n);
	/* Most inputs should get past the header. */
	if (n >= 40 && (data[39] & 1)) {
		put_be32(copy, 0xd00dfeed);
		put_be32(copy + 4, (u32)n);
		put_be32(copy + 20, 17);
		put_be32(copy + 24, 16);
	}
	if (dt_init(copy, n) == 0) {
		dt_for_each_memory(two);
		dt_for_each_reserved(three);
		dt_for_each_cpu(cpu);
		for (const struct dt_node *node = dt_root(); node; node = dt_next(node))
			device(node);
		sink += strlen(dt_bootargs()) + dt_timebase() + dt_initrd(&start, &size);
		if (dt_rng_seed(&len))
			sink += len;
		sink += dt_path("/soc/plic") != NULL;
	}
	free(copy);
	return 0;
}
