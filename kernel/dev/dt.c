/*
 * The device-tree reader (dt.h). dt_init walks the structure block once: every
 * token lies inside, every name ends, nodes nest, properties come before
 * children. Offsets that it stored or checked are used without checks below.
 */
#include "dev/dt.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>
#include "lib/string.h"

#define FDT_MAGIC      0xd00dfeed
#define FDT_BEGIN_NODE 1
#define FDT_END_NODE   2
#define FDT_PROP       3
#define FDT_NOP	       4
#define FDT_END	       9
#define HEADER_SIZE    40

static struct {
	const u8 *blob;
	size_t size;
	const u8 *tokens; /* the structure block */
	u32 tokens_size;
	const char *strings;
	u32 strings_size; /* up to and with the last NUL */
	const u8 *reserve; /* memory reservation block, ended by a pair of zeros */
	unsigned nr_nodes;
} dt;
static struct dt_node nodes[DT_MAX_NODES];

/* ---- checking ---------------------------------------------------------------------------- */

static bool block_fits(u64 off, u64 len, u64 total)
{
	return off <= total && len <= total - off;
}

static int check_header(const u8 *b, size_t max)
{
	u32 total, off, len;

	if (max < HEADER_SIZE || get_be32(b) != FDT_MAGIC)
		return -EINVAL;
	total = get_be32(b + 4);
	if (total > DT_MAX_SIZE)
		return -E2BIG;
	/* Version 17 gave the structure block a size; nobody makes older ones. */
	if (total < HEADER_SIZE || total > max || get_be32(b + 20) < 17 || get_be32(b + 24) > 17)
		return -EINVAL;

	off = get_be32(b + 8);
	len = get_be32(b + 36);
	if (off % 4 || !block_fits(off, len, total))
		return -EINVAL;
	dt.tokens = b + off;
	dt.tokens_size = len;

	off = get_be32(b + 12);
	len = get_be32(b + 32);
	if (!block_fits(off, len, total))
		return -EINVAL;
	dt.strings = (const char *)b + off;
	while (len > 0 && dt.strings[len - 1])
		len--;
	dt.strings_size = len;

	off = get_be32(b + 16);
	dt.reserve = b + off;
	for (;; off += 16) {
		if (!block_fits(off, 16, total))
			return -EINVAL;
		if (get_be64(b + off) == 0 && get_be64(b + off + 8) == 0)
			break;
	}
	dt.blob = b;
	dt.size = total;
	return 0;
}

/* One token at *at; moves *at behind it and what belongs to it. 0: malformed. */
static u32 check_token(u32 *at)
{
	u32 left = dt.tokens_size - *at, token, len;
	const u8 *p = dt.tokens + *at;

	if (left < 4)
		return 0;
	token = get_be32(p);
	switch (token) {
	case FDT_BEGIN_NODE: {
		const u8 *end = memchr(p + 4, 0, left - 4);

		if (!end)
			return 0;
		len = (u32)(end + 1 - p);
		break;
	}
	case FDT_PROP:
		if (left < 12)
			return 0;
		len = get_be32(p + 4);
		if (len > left - 12 || get_be32(p + 8) >= dt.strings_size)
			return 0;
		len += 12;
		break;
	case FDT_END_NODE:
	case FDT_NOP:
	case FDT_END:
		len = 4;
		break;
	default:
		return 0;
	}
	/* left is a multiple of 4 or the last piece is short: then nothing can follow it. */
	len = ALIGN_UP(len, 4);
	if (len > left)
		return 0;
	*at += len;
	return token;
}

static int check_tree(void)
{
	u16 open[DT_MAX_DEPTH];
	unsigned depth = 0;
	bool props_allowed = false;
	u32 at = 0;

	for (;;) {
		u32 start = at, token = check_token(&at);

		switch (token) {
		case FDT_BEGIN_NODE:
			if (depth == 0 && dt.nr_nodes > 0)
				return -EINVAL;
			if (depth == DT_MAX_DEPTH || dt.nr_nodes == DT_MAX_NODES)
				return -E2BIG;
			nodes[dt.nr_nodes] = (struct dt_node){
				.name = start + 4,
				.props = at,
				.parent = depth ? open[depth - 1] : 0,
				.depth = (u16)depth,
			};
			open[depth++] = (u16)dt.nr_nodes++;
			props_allowed = true;
			break;
		case FDT_END_NODE:
			if (depth == 0)
				return -EINVAL;
			depth--;
			props_allowed = false;
			break;
		case FDT_PROP:
			if (!props_allowed)
				return -EINVAL;
			break;
		case FDT_NOP:
			break;
		case FDT_END:
			return depth == 0 && dt.nr_nodes > 0 ? 0 : -EINVAL;
		default:
			return -EINVAL;
		}
	}
}

int dt_init(const void *blob, size_t max)
{
	int err;

	memset(&dt, 0, sizeof(dt));
	err = check_header(blob, max);
	if (!err)
		err = check_tree();
	if (err)
		memset(&dt, 0, sizeof(dt));
	return err;
}

void dt_spare(const void **from, const void **to)
{
	*from = &nodes[dt.nr_nodes];
	*to = &nodes[DT_MAX_NODES];
}

size_t dt_size(void)
{
	return dt.size;
}

/* ---- nodes ------------------------------------------------------------------------------- */

static unsigned node_index(const struct dt_node *n)
{
	return (unsigned)(n - nodes);
}

const struct dt_node *dt_root(void)
{
	return dt.nr_nodes ? &nodes[0] : NULL;
}

const struct dt_node *dt_next(const struct dt_node *n)
{
	return node_index(n) + 1 < dt.nr_nodes ? n + 1 : NULL;
}

const struct dt_node *dt_parent(const struct dt_node *n)
{
	return n->depth ? &nodes[n->parent] : NULL;
}

/* The first child; NULL. */
static const struct dt_node *first_child(const struct dt_node *n)
{
	const struct dt_node *next = dt_next(n);

	return next && next->depth > n->depth ? next : NULL;
}

/* The next child of the same parent; NULL. */
static const struct dt_node *sibling(const struct dt_node *n)
{
	u16 depth = n->depth;

	while ((n = dt_next(n)) != NULL && n->depth >= depth)
		if (n->depth == depth)
			return n;
	return NULL;
}

const char *dt_name(const struct dt_node *n)
{
	return (const char *)dt.tokens + n->name;
}

/* Does a path component of len bytes name the node? */
static bool component_is(const struct dt_node *n, const char *s, size_t len)
{
	const char *name = dt_name(n);

	if (strncmp(name, s, len) != 0)
		return false;
	return name[len] == '\0' || (name[len] == '@' && !memchr(s, '@', len));
}

const struct dt_node *dt_path(const char *path)
{
	const struct dt_node *n = dt_root();

	while (n && *path) {
		const char *end;

		if (*path++ != '/')
			return NULL;
		end = strchrnul(path, '/');
		if (end == path)
			continue;
		for (n = first_child(n); n; n = sibling(n))
			if (component_is(n, path, (size_t)(end - path)))
				break;
		path = end;
	}
	return n;
}

const struct dt_node *dt_by_phandle(u32 phandle)
{
	u32 v;

	for (const struct dt_node *n = dt_root(); n; n = dt_next(n))
		if (dt_u32(n, "phandle", &v) && v == phandle)
			return n;
	return NULL;
}

/* ---- properties -------------------------------------------------------------------------- */

const void *dt_prop(const struct dt_node *n, const char *name, u32 *len)
{
	const u8 *p = dt.tokens + n->props;

	for (;;) {
		u32 token = get_be32(p);

		if (token == FDT_NOP) {
			p += 4;
			continue;
		}
		if (token != FDT_PROP)
			return NULL;
		if (str_equal(dt.strings + get_be32(p + 8), name)) {
			*len = get_be32(p + 4);
			return p + 12;
		}
		p += 12 + ALIGN_UP(get_be32(p + 4), 4);
	}
}

bool dt_cell(const struct dt_node *n, const char *name, unsigned i, u32 *v)
{
	u32 len;
	const u8 *p = dt_prop(n, name, &len);

	if (!p || i >= len / 4)
		return false;
	*v = get_be32(p + 4UL * i);
	return true;
}

bool dt_u32(const struct dt_node *n, const char *name, u32 *v)
{
	return dt_cell(n, name, 0, v);
}

bool dt_u64(const struct dt_node *n, const char *name, u64 *v)
{
	u32 len;
	const u8 *p = dt_prop(n, name, &len);

	if (!p || (len != 4 && len != 8))
		return false;
	*v = len == 4 ? get_be32(p) : get_be64(p);
	return true;
}

const char *dt_string_at(const struct dt_node *n, const char *name, unsigned i)
{
	u32 len;
	const char *p = dt_prop(n, name, &len);

	while (p && len > 0) {
		const char *end = memchr(p, 0, len);

		if (!end)
			return NULL;
		if (i-- == 0)
			return p;
		len -= (u32)(end + 1 - p);
		p = end + 1;
	}
	return NULL;
}

const char *dt_string(const struct dt_node *n, const char *name)
{
	return dt_string_at(n, name, 0);
}

bool dt_enabled(const struct dt_node *n)
{
	u32 len;
	const char *s;

	if (!dt_prop(n, "status", &len))
		return true;
	s = dt_string(n, "status");
	return s && (str_equal(s, "okay") || str_equal(s, "ok"));
}

/* ---- addresses and interrupts ------------------------------------------------------------ */

static u32 cells(const struct dt_node *n, const char *name, u32 dflt)
{
	u32 v;

	return dt_u32(n, name, &v) ? v : dflt;
}

/* A number of 0..2 cells. */
static u64 read_cells(const u8 *p, u32 nr)
{
	return nr == 0 ? 0 : nr == 1 ? get_be32(p) : get_be64(p);
}

/* An address on bus as one on its parent's bus. */
static bool translate(const struct dt_node *bus, u64 *addr, u64 size)
{
	u32 child_cells = cells(bus, "#address-cells", 2),
	    size_cells = cells(bus, "#size-cells", 1);
	u32 parent_cells = cells(dt_parent(bus), "#address-cells", 2), len, entry;
	const u8 *p = dt_prop(bus, "ranges", &len);

	if (!p || child_cells > 2 || parent_cells > 2 || size_cells > 2)
		return false;
	if (len == 0)
		return true;
	entry = 4 * (child_cells + parent_cells + size_cells);
	if (entry == 0)
		return false;
	for (; len >= entry; p += entry, len -= entry) {
		u64 child = read_cells(p, child_cells);
		u64 parent = read_cells(p + 4 * child_cells, parent_cells);
		u64 window = read_cells(p + 4 * (child_cells + parent_cells), size_cells);
		u64 off = *addr - child;

		if (*addr < child || off >= window || size > window - off)
			continue;
		return !check_add_overflow(parent, off, addr);
	}
	return false;
}

bool dt_reg(const struct dt_node *n, unsigned i, u64 *addr, u64 *size)
{
	const struct dt_node *bus = dt_parent(n);
	u32 addr_cells, size_cells, len, entry;
	const u8 *p;
	u64 end;

	if (!bus)
		return false;
	addr_cells = cells(bus, "#address-cells", 2);
	size_cells = cells(bus, "#size-cells", 1);
	p = dt_prop(n, "reg", &len);
	if (!p || addr_cells == 0 || addr_cells > 2 || size_cells > 2)
		return false;
	entry = 4 * (addr_cells + size_cells);
	if (i >= len / entry)
		return false;
	p += (size_t)i * entry;
	*addr = read_cells(p, addr_cells);
	*size = read_cells(p + 4 * addr_cells, size_cells);
	for (; dt_parent(bus); bus = dt_parent(bus))
		if (!translate(bus, addr, *size))
			return false;
	return !check_add_overflow(*addr, *size, &end);
}

bool dt_irq_extended(const struct dt_node *n, unsigned i, const struct dt_node **ctl, u32 *irq)
{
	u32 at = 0, phandle;

	for (;; i--) {
		if (!dt_cell(n, "interrupts-extended", at++, &phandle))
			return false;
		*ctl = dt_by_phandle(phandle);
		if (!*ctl)
			return false;
		if (i == 0)
			return dt_cell(n, "interrupts-extended", at, irq);
		at += min(cells(*ctl, "#interrupt-cells", 1), 16U);
	}
}

bool dt_irq(const struct dt_node *n, unsigned i, u32 *irq)
{
	const struct dt_node *ctl = NULL;
	u32 len, phandle, nr;

	if (dt_prop(n, "interrupts-extended", &len))
		return dt_irq_extended(n, i, &ctl, irq);
	for (const struct dt_node *p = n; p && !ctl; p = dt_parent(p))
		if (dt_u32(p, "interrupt-parent", &phandle)) {
			ctl = dt_by_phandle(phandle);
			if (!ctl)
				return false;
		}
	nr = ctl ? cells(ctl, "#interrupt-cells", 1) : 1;
	if (nr == 0 || nr > 16 || i > DT_MAX_SIZE)
		return false;
	return dt_cell(n, "interrupts", i * nr, irq);
}

/* ---- what boot asks ---------------------------------------------------------------------- */

static bool is_type(const struct dt_node *n, const char *type)
{
	const char *s = dt_string(n, "device_type");

	return s && str_equal(s, type);
}

void dt_for_each_memory(void (*fn)(u64 start, u64 size))
{
	u64 addr, size;

	for (const struct dt_node *n = dt_root(); n; n = dt_next(n)) {
		if (n->depth != 1 || !is_type(n, "memory") || !dt_enabled(n))
			continue;
		for (unsigned i = 0; dt_reg(n, i, &addr, &size); i++)
			fn(addr, size);
	}
}

void dt_for_each_reserved(void (*fn)(u64 start, u64 size, bool no_map))
{
	const struct dt_node *n = dt_path("/reserved-memory");
	u64 addr, size;
	u32 len;

	for (n = n ? first_child(n) : NULL; n; n = sibling(n))
		for (unsigned i = 0; dt_enabled(n) && dt_reg(n, i, &addr, &size); i++)
			fn(addr, size, dt_prop(n, "no-map", &len) != NULL);
	if (!dt.reserve)
		return;
	for (const u8 *p = dt.reserve; get_be64(p) || get_be64(p + 8); p += 16)
		fn(get_be64(p), get_be64(p + 8), false);
}

const char *dt_bootargs(void)
{
	const struct dt_node *n = dt_path("/chosen");
	const char *s = n ? dt_string(n, "bootargs") : NULL;

	return s ? s : "";
}

bool dt_initrd(u64 *start, u64 *size)
{
	const struct dt_node *n = dt_path("/chosen");
	u64 end;

	if (!n || !dt_u64(n, "linux,initrd-start", start) || !dt_u64(n, "linux,initrd-end", &end) ||
	    end <= *start)
		return false;
	*size = end - *start;
	return true;
}

const void *dt_rng_seed(u32 *len)
{
	const struct dt_node *n = dt_path("/chosen");

	return n ? dt_prop(n, "rng-seed", len) : NULL;
}

u64 dt_timebase(void)
{
	const struct dt_node *cpus = dt_path("/cpus");
	u64 hz;

	if (!cpus)
		return 0;
	if (dt_u64(cpus, "timebase-frequency", &hz))
		return hz;
	for (const struct dt_node *n = first_child(cpus); n; n = sibling(n))
		if (dt_u64(n, "timebase-frequency", &hz))
			return hz;
	return 0;
}

void dt_for_each_cpu(void (*fn)(u64 hartid, const struct dt_node *cpu))
{
	const struct dt_node *cpus = dt_path("/cpus");
	u64 id;

	for (const struct dt_node *n = cpus ? first_child(cpus) : NULL; n; n = sibling(n))
		if (is_type(n, "cpu") && dt_enabled(n) && dt_u64(n, "reg", &id))
			fn(id, n);
}
