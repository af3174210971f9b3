/*
 * The device-tree reader: a tree like that of QEMU's virt machine, its queries,
 * and blobs that must be refused. The builder here writes version 17 blobs.
 */
#include "t.h"

#include <byteorder.h>
#include <uapi/errno.h>
#include "dev/dt.h"
#include "lib/string.h"

#define BLOB_MAX 65536

static struct {
	u8 tokens[BLOB_MAX];
	u32 n;
	char strings[4096];
	u32 strings_n;
	u8 reserve[256];
	u32 reserve_n;
} b;
static u8 *blob;

static void cell(u32 v)
{
	put_be32(b.tokens + b.n, v);
	b.n += 4;
}

static void bytes(const void *p, u32 n)
{
	memcpy(b.tokens + b.n, p, n);
	b.n += n;
	while (b.n % 4)
		b.tokens[b.n++] = 0;
}

static void node(const char *name)
{
	cell(1);
	bytes(name, (u32)strlen(name) + 1);
}

static void end(void)
{
	cell(2);
}

static void prop(const char *name, const void *p, u32 n)
{
	u32 off = 0;

	while (off < b.strings_n && strcmp(b.strings + off, name) != 0)
		off += (u32)strlen(b.strings + off) + 1;
	if (off == b.strings_n) {
		strlcpy(b.strings + off, name, sizeof(b.strings) - off);
		b.strings_n += (u32)strlen(name) + 1;
	}
	cell(3);
	cell(n);
	cell(off);
	bytes(p, n);
}

static void prop_str(const char *name, const char *s)
{
	prop(name, s, (u32)strlen(s) + 1);
}

static void prop_cells(const char *name, unsigned n, const u32 *v)
{
	u8 raw[64 * 4];

	for (unsigned i = 0; i < n; i++)
		put_be32(raw + 4 * i, v[i]);
	prop(name, raw, n * 4);
}
#define CELLS(name, ...) \
	prop_cells(name, sizeof((u32[]){ __VA_ARGS__ }) / 4, (const u32[]){ __VA_ARGS__ })

static void begin(void)
{
	memset(&b, 0, sizeof(b));
}

/* Puts the blob together in memory of exactly its size, so that a read past its end is seen. */
static size_t finish(void)
{
	u32 at = 40, total = 40 + b.reserve_n + 16 + b.n + 4 + b.strings_n;

	cell(9);
	free(blob);
	blob = calloc(1, total);
	put_be32(blob, 0xd00dfeed);
	put_be32(blob + 4, total);
	put_be32(blob + 16, at);
	memcpy(blob + at, b.reserve, b.reserve_n);
	at += b.reserve_n + 16;
	put_be32(blob + 8, at);
	put_be32(blob + 36, b.n);
	memcpy(blob + at, b.tokens, b.n);
	at += b.n;
	put_be32(blob + 12, at);
	put_be32(blob + 32, b.strings_n);
	memcpy(blob + at, b.strings, b.strings_n);
	put_be32(blob + 20, 17);
	put_be32(blob + 24, 16);
	return total;
}

static void add_cpu(const char *name, u32 id, u32 phandle, const char *status)
{
	node(name);
	prop_str("device_type", "cpu");
	CELLS("reg", id);
	prop_str("status", status);
	prop_str("riscv,isa", "rv64imafdc_sstc");
	node("interrupt-controller");
	CELLS("#interrupt-cells", 1);
	CELLS("phandle", phandle);
	end();
	end();
}

static size_t virt_tree(void)
{
	begin();
	put_be64(b.reserve, 0x90000000);
	put_be64(b.reserve + 8, 0x1000);
	b.reserve_n = 16;
	node("");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	cell(4);
	node("reserved-memory");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	prop("ranges", "", 0);
	node("mmode@80000000");
	CELLS("reg", 0, 0x80000000, 0, 0x80000);
	prop("no-map", "", 0);
	end();
	end();
	node("chosen");
	prop_str("bootargs", "root=/dev/vda quiet");
	CELLS("linux,initrd-start", 0, 0x88000000);
	CELLS("linux,initrd-end", 0x88001000);
	prop("rng-seed", "0123456789abcdef", 16);
	end();
	node("memory@80000000");
	prop_str("device_type", "memory");
	CELLS("reg", 0, 0x80000000, 0, 0x20000000, 1, 0, 0, 0x10000000);
	end();
	node("cpus");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 0);
	CELLS("timebase-frequency", 10000000);
	add_cpu("cpu@0", 0, 8, "okay");
	add_cpu("cpu@1", 1, 6, "disabled");
	add_cpu("cpu@5", 5, 4, "okay");
	end();
	node("soc");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 1);
	CELLS("ranges", 0x10000000, 1, 0x10000000, 0x1000000);
	CELLS("interrupt-parent", 9);
	prop("compatible", "simple-bus", 11);
	node("serial@10000000");
	CELLS("interrupts", 10, 11);
	CELLS("reg", 0x10000000, 0x100);
	prop("compatible", "acme,uart\0ns16550a", 19);
	end();
	node("serial@20000000");
	CELLS("reg", 0x20000000, 0x100);
	prop_str("compatible", "ns16550a");
	end();
	node("plic@c000000");
	CELLS("#interrupt-cells", 1);
	CELLS("phandle", 9);
	CELLS("interrupts-extended", 8, 11, 8, 9, 4, 11, 4, 9);
	prop_str("compatible", "riscv,plic0");
	end();
	end();
	end();
	return finish();
}

static u64 seen[16];
static unsigned nr_seen;

static void see(u64 start, u64 size)
{
	seen[nr_seen++] = start;
	seen[nr_seen++] = size;
}

static void see_reserved(u64 start, u64 size, bool no_map)
{
	see(start, size);
	seen[nr_seen++] = no_map;
}

static void see_cpu(u64 id, const struct dt_node *cpu)
{
	CHECK(str_equal(dt_string(cpu, "riscv,isa"), "rv64imafdc_sstc"));
	seen[nr_seen++] = id;
}

static void boot_queries(void)
{
	u64 start, size;
	u32 len;

	size = virt_tree();
	CHECK(dt_init(blob, size) == 0);
	CHECK(dt_size() == size);
	CHECK(str_equal(dt_bootargs(), "root=/dev/vda quiet"));
	CHECK(dt_initrd(&start, &size) && start == 0x88000000 && size == 0x1000);
	CHECK(dt_timebase() == 10000000);
	CHECK(memcmp(dt_rng_seed(&len), "0123456789abcdef", 16) == 0 && len == 16);

	nr_seen = 0;
	dt_for_each_memory(see);
	CHECK(nr_seen == 4 && seen[0] == 0x80000000 && seen[1] == 0x20000000);
	CHECK(seen[2] == 0x100000000 && seen[3] == 0x10000000);
	nr_seen = 0;
	dt_for_each_reserved(see_reserved);
	CHECK(nr_seen == 6 && seen[0] == 0x80000000 && seen[1] == 0x80000 && seen[2]);
	CHECK(seen[3] == 0x90000000 && seen[4] == 0x1000 && !seen[5]);
	nr_seen = 0;
	dt_for_each_cpu(see_cpu);
	CHECK(nr_seen == 2 && seen[0] == 0 && seen[1] == 5);
}

/* The first of n and those behind it that is enabled and has that name; NULL. */
static const struct dt_node *compatible(const char *name, const struct dt_node *n)
{
	const char *s;

	for (; n; n = dt_next(n))
		for (unsigned i = 0; dt_enabled(n) && (s = dt_string_at(n, "compatible", i)); i++)
			if (str_equal(s, name))
				return n;
	return NULL;
}

static void devices(void)
{
	const struct dt_node *n, *intc;
	u64 addr, size;
	u32 irq;

	size = virt_tree();
	CHECK(dt_init(blob, size) == 0);
	n = compatible("ns16550a", dt_root());
	CHECK(n && str_equal(dt_name(n), "serial@10000000"));
	CHECK(dt_reg(n, 0, &addr, &size) && addr == 0x110000000 && size == 0x100);
	CHECK(!dt_reg(n, 1, &addr, &size));
	CHECK(dt_irq(n, 0, &irq) && irq == 10);
	CHECK(dt_irq(n, 1, &irq) && irq == 11);
	CHECK(!dt_irq(n, 2, &irq));
	/* Outside its bus's ranges. */
	n = compatible("ns16550a", dt_next(n));
	CHECK(n && !dt_reg(n, 0, &addr, &size));
	CHECK(compatible("ns16550a", dt_next(n)) == NULL);

	n = compatible("riscv,plic0", dt_root());
	CHECK(n && dt_irq_extended(n, 3, &intc, &irq) && irq == 9);
	CHECK(str_equal(dt_name(dt_parent(intc)), "cpu@5"));
	CHECK(dt_irq(n, 0, &irq) && irq == 11);
	CHECK(!dt_irq_extended(n, 4, &intc, &irq));

	CHECK(dt_path("/") == dt_root());
	CHECK(dt_path("/cpus/cpu@5") && dt_path("/cpus/cpu@5") != dt_path("/cpus/cpu"));
	CHECK(dt_path("/memory") == dt_path("/memory@80000000") && dt_path("/memory"));
	CHECK(!dt_path("/mem") && !dt_path("soc") && !dt_path("/cpus/cpu@9"));
	CHECK(!dt_enabled(dt_path("/cpus/cpu@1")) && dt_enabled(dt_path("/soc")));
}

static int refused(size_t at, u32 v)
{
	size_t size = virt_tree();

	put_be32(blob + at, v);
	return dt_init(blob, size);
}

static void bad_headers(void)
{
	size_t size = virt_tree();

	for (size_t n = 0; n < size; n++)
		CHECK(dt_init(blob, n) == -EINVAL);
	CHECK(dt_root() == NULL && dt_size() == 0);
	CHECK(refused(0, 0xd00dfeee) == -EINVAL);
	CHECK(refused(4, 39) == -EINVAL);
	CHECK(refused(4, (u32)size + 1) == -EINVAL);
	CHECK(refused(4, 0xffffffff) == -E2BIG);
	CHECK(refused(8, 0xfffffffc) == -EINVAL);
	CHECK(refused(8, 41) == -EINVAL);
	CHECK(refused(12, 0xffffffff) == -EINVAL);
	CHECK(refused(16, 0xfffffff8) == -EINVAL);
	CHECK(refused(20, 16) == -EINVAL);
	CHECK(refused(24, 18) == -EINVAL);
	CHECK(refused(36, 0xffffffff) == -EINVAL);
	CHECK(refused(36, 0) == -EINVAL);
}

static void bad_trees(void)
{
	begin();
	CHECK(dt_init(blob, finish()) == -EINVAL);

	begin();
	node("");
	CHECK(dt_init(blob, finish()) == -EINVAL);

	begin();
	node("");
	end();
	end();
	CHECK(dt_init(blob, finish()) == -EINVAL);

	begin();
	node("");
	end();
	node("second");
	end();
	CHECK(dt_init(blob, finish()) == -EINVAL);

	/* A property behind a child. */
	begin();
	node("");
	node("a");
	end();
	prop_str("x", "y");
	end();
	CHECK(dt_init(blob, finish()) == -EINVAL);

	begin();
	for (unsigned i = 0; i <= DT_MAX_DEPTH; i++)
		node("d");
	for (unsigned i = 0; i <= DT_MAX_DEPTH; i++)
		end();
	CHECK(dt_init(blob, finish()) == -E2BIG);

	begin();
	node("");
	for (unsigned i = 0; i < DT_MAX_NODES; i++) {
		node("n");
		end();
	}
	end();
	CHECK(dt_init(blob, finish()) == -E2BIG);
}

/* Every single-byte change is refused or harmless. */
static void touch_all(void)
{
	const struct dt_node *n, *ctl;
	u64 addr, size;
	u32 irq, len;

	nr_seen = 0;
	for (n = dt_root(); n; n = dt_next(n)) {
		dt_reg(n, 0, &addr, &size);
		dt_irq(n, 1, &irq);
		dt_irq_extended(n, 3, &ctl, &irq);
		dt_string_at(n, "compatible", 1);
		dt_enabled(n);
	}
	dt_bootargs();
	dt_initrd(&addr, &size);
	dt_timebase();
	dt_rng_seed(&len);
	dt_path("/cpus/cpu@5");
}

static void flipped_bytes(void)
{
	size_t size = virt_tree();

	for (size_t i = 0; i < size; i++) {
		u8 old = blob[i];

		for (unsigned k = 0; k < 4; k++) {
			blob[i] = k < 3 ? (u8)t_random() : old ^ 0x80;
			if (dt_init(blob, size) == 0)
				touch_all();
		}
		blob[i] = old;
	}
}

int main(void)
{
	RUN(boot_queries);
	RUN(devices);
	RUN(bad_headers);
	RUN(bad_trees);
	RUN(flipped_bytes);
	free(blob);
	return t_done();
}
