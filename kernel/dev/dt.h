/*
 * The flattened device tree (Devicetree Specification v0.4, chapter 5), read in
 * place. dt_init checks the whole blob once and remembers where nodes begin; what
 * it refuses is refused whole, and what it accepted every other function may
 * trust: nothing here reads outside the blob, allocates, sleeps or panics.
 * The blob must stay; read-only after dt_init, so no lock.
 *
 * Functions that fill something in return true, or false when the node does not
 * say (or says something malformed).
 */
#ifndef DEV_DT_H
#define DEV_DT_H

#include <types.h>

#define DT_MAX_NODES 2048
#define DT_MAX_DEPTH 16
#define DT_MAX_SIZE  (2u << 20) /* bytes of a blob */

struct dt_node {
	u32 name; /* offsets in the structure block */
	u32 props;
	u16 parent; /* index; the root's is its own */
	u16 depth;
};

/*
 * 0; -EINVAL: not a device tree, or malformed; -E2BIG: past the limits above. max: bytes that may
 * be read.
 */
int dt_init(const void *blob, size_t max);
size_t dt_size(void); /* bytes of the blob */
/* Where the table of nodes is not used, and never will be. */
void dt_spare(const void **from, const void **to);

const struct dt_node *dt_root(void); /* NULL before dt_init */
const struct dt_node *
dt_next(const struct dt_node *n); /* the next one in the blob's order; NULL at the end */
const struct dt_node *dt_parent(const struct dt_node *n); /* NULL for the root */
const struct dt_node *dt_path(const char *path); /* "/cpus"; unit addresses may be left out; NULL */
const struct dt_node *dt_by_phandle(u32 phandle); /* NULL */
const char *dt_name(const struct dt_node *n); /* with its unit address */

/*
 * Property: its bytes and length; NULL if absent. An empty one gives a valid pointer and length 0.
 */
const void *dt_prop(const struct dt_node *n, const char *name, u32 *len);
bool dt_u32(const struct dt_node *n, const char *name, u32 *v);
bool dt_u64(const struct dt_node *n, const char *name, u64 *v); /* one or two cells */
bool dt_cell(const struct dt_node *n, const char *name, unsigned i, u32 *v);
const char *dt_string(const struct dt_node *n, const char *name); /* the first, NUL-ended; NULL */
const char *dt_string_at(const struct dt_node *n, const char *name,
			 unsigned i); /* of a list; NULL */

bool dt_enabled(const struct dt_node *n); /* no status, or "okay" or "ok" */

/* The i-th address range, in CPU addresses (through the parents' ranges). */
bool dt_reg(const struct dt_node *n, unsigned i, u64 *addr, u64 *size);
/* The i-th interrupt, from interrupts or interrupts-extended, as a number of its controller. */
bool dt_irq(const struct dt_node *n, unsigned i, u32 *irq);
/* The i-th entry of interrupts-extended: whose, and the first cell of its specifier. */
bool dt_irq_extended(const struct dt_node *n, unsigned i, const struct dt_node **ctl, u32 *irq);

/* What boot asks. The callbacks' ranges are not checked against each other. */
void dt_for_each_memory(void (*fn)(u64 start, u64 size));
void dt_for_each_reserved(void (*fn)(u64 start, u64 size,
				     bool no_map)); /* node /reserved-memory and memreserve */
const char *dt_bootargs(void); /* never NULL */
bool dt_initrd(u64 *start, u64 *size);
const void *dt_rng_seed(u32 *len); /* NULL */
u64 dt_timebase(void); /* Hz; 0 if it does not say */
/* Enabled harts: id, riscv,isa string or NULL; nodes in order. */
void dt_for_each_cpu(void (*fn)(u64 hartid, const struct dt_node *cpu));
#endif
