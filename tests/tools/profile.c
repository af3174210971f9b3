/*
 * The profiler's part inside QEMU: a TCG plugin (QEMU's docs/devel/tcg-plugins). For every block
 * of guest code that runs it counts the instructions, and host time, by the stack of calls that
 * led there. It keeps that stack itself, from the calls, returns, traps and task switches it sees,
 * so neither frame pointers nor symbols are needed, nor anything of the guest.
 * tests/tools/profile.py gives the arguments, and makes text and pictures of what is written at
 * the end:
 *
 *	T id address page instructions	a block; page: - or two checksums of its page's contents
 *	N id parent block		a stack: called from that block, by that stack; 0 the root
 *	C stack block instructions ms	what ran
 *
 * User code is known by what is in its pages, whatever process runs it and wherever it lies.
 * Arguments, addresses in hexadecimal: out=FILE trap=A switch=A setup=A-B exec=A skip=N.
 *
 * Declared here are the few functions used of QEMU's plugin interface, so that its header need not
 * be installed; API is the interface's version. Locks: `lock` guards the tables that all harts
 * share; what is in struct hart only its own thread touches.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef uint64_t u64;
typedef uint32_t u32;

struct qemu_plugin_tb;
struct qemu_plugin_insn;
void qemu_plugin_register_vcpu_tb_trans_cb(u64 id, void (*fn)(u64 id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*fn)(unsigned cpu, void *arg), int flags,
					  void *arg);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      void (*fn)(unsigned cpu, u32 info, u64 addr, void *arg),
				      int flags, int rw, void *arg);
void qemu_plugin_register_atexit_cb(u64 id, void (*fn)(u64 id, void *arg), void *arg);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
u64 qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
u64 qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
void *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);
#define MEM_RW 3 /* which of both, QEMU 7.2 confuses */

#define EXPORT __attribute__((visibility("default")))
#ifndef API
#define API 1
#endif
EXPORT int qemu_plugin_version = API;

#define PAGE	      4096
#define MAX_HARTS     8
#define MAX_DEPTH     200
#define FIRMWARE      0x80000000ULL /* where OpenSBI lies */
#define FIRMWARE_SIZE 0x200000ULL
#define TICK_NS	      1000000

/* How a block ends. */
enum end { END_PLAIN, END_CALL, END_RETURN, END_TRAP_RETURN };

struct block {
	u64 va, end;
	u64 page; /* checksums of the page's contents; 0: the kernel's or firmware's */
	u32 id, insns;
	enum end how;
	bool trap, exec, firmware;
};

struct frame {
	u64 ret; /* where the call returns to */
	u32 stack; /* what the stack was */
	const struct block *cut; /* of a trap: the block that it came in; else NULL */
};

/* The stack of calls of a task. */
struct stack {
	u64 key; /* address of the task's saved registers */
	unsigned depth;
	u32 now;
	bool fresh; /* exec: nothing below is left when user code runs again */
	struct frame frame[MAX_DEPTH];
};

/* A stack in the tree of all stacks. */
struct node {
	u32 parent, block;
	u32 last_block, last_child; /* [lock] the latest child, found without the table */
};

struct count {
	u64 key; /* stack << 32 | block; 0: free */
	u64 insns, ticks;
};

struct hart {
	struct stack *stack;
	const struct block *before;
	u64 from; /* key of the task being switched from */
	u64 last; /* key of the latest count */
	unsigned tick;
	struct count *count;
	size_t size, used;
} __attribute__((aligned(64)));

static struct hart harts[MAX_HARTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const struct block **blocks; /* [lock] by hash */
static size_t blocks_size, nr_blocks; /* [lock] */
static struct node *nodes; /* [lock] */
static size_t nodes_size, nr_nodes = 1; /* [lock] */
static u32 *node_hash; /* [lock] */
static struct stack **stacks; /* [lock] */
static size_t nr_stacks, stacks_size; /* [lock] */
static u64 at_trap, at_switch, at_setup, setup_end, at_exec;
static const char *out = "profile.out";
static int skip; /* execs before counting begins */
static bool counting;
static volatile unsigned ticks;

static void *more(void *p, size_t size)
{
	p = realloc(p, size);
	if (!p) {
		fprintf(stderr, "profile: out of memory\n");
		exit(1);
	}
	return p;
}

static size_t mix(u64 a)
{
	a ^= a >> 31;
	a *= 0x9e3779b97f4a7c15ULL;
	return a ^ a >> 29;
}

/* CRC-32 as zlib has it, so that Python finds the same. */
static u32 crc(const unsigned char *p, size_t n)
{
	static u32 table[256];
	u32 c = ~0u;

	if (!table[1]) {
		for (u32 i = 0; i < 256; i++) {
			u32 v = i;

			for (int k = 0; k < 8; k++)
				v = v & 1 ? v >> 1 ^ 0xedb88320u : v >> 1;
			table[i] = v;
		}
	}
	while (n--)
		c = table[(c ^ *p++) & 0xff] ^ c >> 8;
	return ~c;
}

/* ---- stacks -------------------------------------------------------------------------------- */

/* The stack that a call from block makes of parent. */
static u32 child_of(u32 parent, u32 block)
{
	size_t mask, h;
	u32 id;

	pthread_mutex_lock(&lock);
	if (nodes[parent].last_block == block) {
		id = nodes[parent].last_child;
		pthread_mutex_unlock(&lock);
		return id;
	}
	if (nr_nodes * 2 >= nodes_size) {
		nodes_size *= 2;
		nodes = more(nodes, nodes_size * sizeof(*nodes));
		node_hash = more(node_hash, nodes_size * sizeof(*node_hash));
		memset(node_hash, 0, nodes_size * sizeof(*node_hash));
		for (u32 i = 1; i < nr_nodes; i++) {
			h = mix((u64)nodes[i].parent << 32 | nodes[i].block) & (nodes_size - 1);
			while (node_hash[h])
				h = (h + 1) & (nodes_size - 1);
			node_hash[h] = i;
		}
	}
	mask = nodes_size - 1;
	h = mix((u64)parent << 32 | block) & mask;
	while ((id = node_hash[h]) && (nodes[id].parent != parent || nodes[id].block != block))
		h = (h + 1) & mask;
	if (!id) {
		id = node_hash[h] = (u32)nr_nodes++;
		nodes[id] = (struct node){ .parent = parent, .block = block };
	}
	nodes[parent].last_block = block;
	nodes[parent].last_child = id;
	pthread_mutex_unlock(&lock);
	return id;
}

static void push(struct stack *s, const struct block *caller, u64 ret, const struct block *cut)
{
	if (s->depth == MAX_DEPTH) {
		/* A recursion without end: its outer half is forgotten. */
		memmove(s->frame, s->frame + MAX_DEPTH / 2, sizeof(s->frame) / 2);
		s->depth = MAX_DEPTH / 2;
	}
	s->frame[s->depth++] = (struct frame){ ret, s->now, cut };
	s->now = child_of(s->now, caller ? caller->id : 0);
}

static void pop_to(struct stack *s, unsigned depth)
{
	s->depth = depth;
	s->now = s->frame[depth].stack;
}

static bool inside(const struct block *b, u64 va)
{
	return va >= b->va && va < b->end;
}

/* What the end of a block did to the stack, known from where the next one is. */
static void apply(struct stack *s, const struct block *b, u64 va)
{
	if (inside(b, va) && va != b->va)
		return; /* it was cut short, and goes on there */
	if (b->how == END_CALL) {
		push(s, b, b->end, NULL);
	} else if (b->how == END_RETURN) {
		/* A longjmp skips frames; a signal handler returns to none. */
		for (unsigned i = s->depth; i-- > 0 && !s->frame[i].cut;) {
			if (s->frame[i].ret == va) {
				pop_to(s, i);
				break;
			}
		}
	}
}

/* Back from a trap; without one below (a new task's first way out) to an empty stack. */
static void trap_return(struct stack *s, u64 va)
{
	const struct block *cut = NULL;
	unsigned i = s->depth;

	while (i > 0 && !s->frame[i - 1].cut)
		i--;
	if (i > 0) {
		cut = s->frame[i - 1].cut;
		pop_to(s, i - 1);
	}
	if (i == 0 || (s->fresh && !(va >> 63))) {
		s->depth = 0;
		s->now = 0;
		s->fresh = false;
	} else if (!inside(cut, va)) {
		/* The trap came behind the block's end, which has not been looked at yet. */
		if (cut->how == END_TRAP_RETURN)
			trap_return(s, va);
		else
			apply(s, cut, va);
	}
}

/* ---- tasks --------------------------------------------------------------------------------- */

static struct stack *stack_of(u64 key, bool make)
{
	struct stack *s = NULL;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < nr_stacks && !s; i++)
		if (stacks[i]->key == key)
			s = stacks[i];
	if (!s && make) {
		if (nr_stacks == stacks_size) {
			stacks_size = stacks_size ? stacks_size * 2 : 64;
			stacks = more(stacks, stacks_size * sizeof(struct stack *));
		}
		s = more(NULL, sizeof(*s));
		memset(s, 0, sizeof(*s));
		s->key = key;
		stacks[nr_stacks++] = s;
	}
	pthread_mutex_unlock(&lock);
	return s;
}

static void switch_from(unsigned cpu, u32 info, u64 addr, void *arg)
{
	(void)info;
	(void)arg;
	harts[cpu].from = addr;
}

static void switch_to(unsigned cpu, u32 info, u64 addr, void *arg)
{
	struct hart *h = &harts[cpu];

	(void)info;
	(void)arg;
	if (!h->stack->key)
		h->stack->key = h->from; /* what ran since boot has a name now */
	h->stack = stack_of(addr, true);
}

/* thread_setup writes a new task's registers: what was known of that place is of a dead one. */
static void set_up(unsigned cpu, u32 info, u64 addr, void *arg)
{
	struct stack *s = stack_of(addr, false);

	(void)cpu;
	(void)info;
	(void)arg;
	if (s) {
		s->depth = 0;
		s->now = 0;
		s->fresh = false;
	}
}

/* ---- counting ------------------------------------------------------------------------------ */

static struct count *count_of(struct hart *h, u64 key)
{
	size_t i;

	if (h->used * 3 >= h->size * 2) {
		struct count *old = h->count;
		size_t n = h->size;

		h->size = n ? n * 2 : 1 << 16;
		h->count = calloc(h->size, sizeof(*h->count));
		if (!h->count)
			more(NULL, ~(size_t)0 / 2);
		for (size_t k = 0; k < n; k++) {
			if (!old[k].key)
				continue;
			i = mix(old[k].key) & (h->size - 1);
			while (h->count[i].key)
				i = (i + 1) & (h->size - 1);
			h->count[i] = old[k];
		}
		free(old);
	}
	i = mix(key) & (h->size - 1);
	while (h->count[i].key && h->count[i].key != key)
		i = (i + 1) & (h->size - 1);
	if (!h->count[i].key) {
		h->count[i].key = key;
		h->used++;
	}
	return &h->count[i];
}

static void block_runs(unsigned cpu, void *arg)
{
	struct hart *h = &harts[cpu];
	const struct block *b = arg, *before = h->before;
	struct stack *s = h->stack;
	unsigned now = ticks;
	struct count *c;

	if (b->trap || (b->firmware && before && !before->firmware)) {
		if (before)
			push(s, before, 0, before);
	} else if (before && before->how == END_TRAP_RETURN) {
		trap_return(s, b->va);
	} else if (before) {
		apply(s, before, b->va);
	}
	if (b->exec) {
		s->fresh = true;
		if (skip > 0 && __atomic_sub_fetch(&skip, 1, __ATOMIC_SEQ_CST) == 0)
			counting = true;
	}
	h->before = b;
	if (!counting) {
		h->tick = now;
		return;
	}
	if (now != h->tick) {
		if (h->last)
			count_of(h, h->last)->ticks += now - h->tick;
		h->tick = now;
	}
	h->last = (u64)s->now << 32 | b->id;
	c = count_of(h, h->last);
	c->insns += b->insns;
}

/* ---- translation --------------------------------------------------------------------------- */

static u32 word_of(const struct qemu_plugin_insn *insn, size_t *size)
{
	const unsigned char *p = qemu_plugin_insn_haddr(insn);
	u32 w = 0;

	*size = qemu_plugin_insn_size(insn);
	/* The second half may lie on a page elsewhere; the first tells enough. */
	if (p)
		memcpy(&w, p, *size == 4 && ((uintptr_t)p & (PAGE - 1)) != PAGE - 2 ? 4 : 2);
	return w;
}

/* RISC-V unprivileged spec, "Control transfer instructions": ra and t0 (x1, x5) link. */
static bool links(u32 reg)
{
	return reg == 1 || reg == 5;
}

static enum end end_of(const struct qemu_plugin_insn *insn)
{
	size_t size;
	u32 w = word_of(insn, &size), rd = w >> 7 & 31, rs1 = w >> 15 & 31;

	if (size == 2) {
		if ((w & 0xf07f) == 0x8002 && links(rd))
			return END_RETURN;
		return (w & 0xf07f) == 0x9002 && rd ? END_CALL : END_PLAIN;
	}
	if ((w & 0x7f) == 0x6f && links(rd))
		return END_CALL;
	if ((w & 0x7f) == 0x67)
		return links(rd) ? END_CALL : rd == 0 && links(rs1) ? END_RETURN : END_PLAIN;
	return w == 0x10200073 || w == 0x30200073 ? END_TRAP_RETURN : END_PLAIN;
}

/* The block as it was known before, or a new one. */
static const struct block *remember(const struct block *b)
{
	size_t h;
	struct block *n;

	pthread_mutex_lock(&lock);
	if (nr_blocks * 2 >= blocks_size) {
		const struct block **old = blocks;
		size_t size = blocks_size;

		blocks_size = size ? size * 2 : 1 << 14;
		blocks = calloc(blocks_size, sizeof(struct block *));
		if (!blocks)
			more(NULL, ~(size_t)0 / 2);
		for (size_t i = 0; i < size; i++) {
			if (!old[i])
				continue;
			h = mix(old[i]->va ^ old[i]->page) & (blocks_size - 1);
			while (blocks[h])
				h = (h + 1) & (blocks_size - 1);
			blocks[h] = old[i];
		}
		free(old);
	}
	h = mix(b->va ^ b->page) & (blocks_size - 1);
	for (; blocks[h]; h = (h + 1) & (blocks_size - 1)) {
		const struct block *o = blocks[h];

		if (o->va == b->va && o->page == b->page && o->end == b->end && o->how == b->how) {
			pthread_mutex_unlock(&lock);
			return o;
		}
	}
	n = more(NULL, sizeof(*n));
	*n = *b;
	n->id = (u32)++nr_blocks;
	blocks[h] = n;
	pthread_mutex_unlock(&lock);
	return n;
}

/* The first store of context_switch names the old task, its first load the new one. */
static void watch_switch(struct qemu_plugin_tb *tb, size_t n)
{
	bool load = false;
	size_t size;

	qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, 0), switch_from, 0, MEM_RW,
					 NULL);
	for (size_t i = 0; i < n && !load; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		u32 w = word_of(insn, &size);

		load = size == 4 ? (w & 0x7f) == 0x03 : (w & 0xe003) == 0x6000;
		if (load)
			qemu_plugin_register_vcpu_mem_cb(insn, switch_to, 0, MEM_RW, NULL);
	}
	if (!load)
		fprintf(stderr, "profile: context_switch is not as expected: tasks run together\n");
}

static void translated(u64 id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);
	struct qemu_plugin_insn *last = qemu_plugin_tb_get_insn(tb, n - 1);
	const unsigned char *code = qemu_plugin_insn_haddr(qemu_plugin_tb_get_insn(tb, 0));
	struct block b = { .va = qemu_plugin_tb_vaddr(tb), .insns = (u32)n };

	(void)id;
	b.end = qemu_plugin_insn_vaddr(last) + qemu_plugin_insn_size(last);
	b.how = end_of(last);
	b.trap = b.va == at_trap;
	b.exec = b.va == at_exec;
	b.firmware = b.va - FIRMWARE < FIRMWARE_SIZE;
	if (!(b.va >> 63) && !b.firmware && code) {
		const unsigned char *page = code - ((uintptr_t)code & (PAGE - 1));

		b.page = (u64)crc(page, PAGE) << 32 | crc(page + PAGE / 2, PAGE / 2);
	}
	if (b.va == at_switch)
		watch_switch(tb, n);
	if (b.va >= at_setup && b.va < setup_end)
		for (size_t i = 0; i < n; i++)
			qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), set_up, 0,
							 MEM_RW, NULL);
	qemu_plugin_register_vcpu_tb_exec_cb(tb, block_runs, 0, (void *)remember(&b));
}

/* ---- the end ------------------------------------------------------------------------------- */

static void finish(u64 id, void *arg)
{
	FILE *f = fopen(out, "w");

	(void)id;
	(void)arg;
	if (!f) {
		perror(out);
		return;
	}
	for (size_t i = 0; i < blocks_size; i++) {
		const struct block *b = blocks[i];

		if (b && b->page)
			fprintf(f, "T %u %lx %lx %u\n", b->id, b->va, b->page, b->insns);
		else if (b)
			fprintf(f, "T %u %lx - %u\n", b->id, b->va, b->insns);
	}
	for (size_t i = 1; i < nr_nodes; i++)
		fprintf(f, "N %zu %u %u\n", i, nodes[i].parent, nodes[i].block);
	for (unsigned h = 0; h < MAX_HARTS; h++)
		for (size_t i = 0; i < harts[h].size; i++) {
			const struct count *c = &harts[h].count[i];

			if (c->key)
				fprintf(f, "C %lu %lu %lu %lu\n", c->key >> 32, c->key & 0xffffffff,
					c->insns, c->ticks);
		}
	fprintf(f, "E\n");
	if (fclose(f))
		perror(out);
}

static void *clock_runs(void *arg)
{
	const struct timespec tick = { .tv_nsec = TICK_NS };

	for (;;) {
		struct timespec t;

		nanosleep(&tick, NULL);
		clock_gettime(CLOCK_MONOTONIC, &t);
		ticks = (unsigned)((u64)t.tv_sec * 1000 + (u64)t.tv_nsec / TICK_NS);
	}
	return arg;
}

EXPORT int qemu_plugin_install(u64 id, const void *info, int argc, char **argv)
{
	pthread_t clock;

	(void)info;
	for (int i = 0; i < argc; i++) {
		char *value = strchr(argv[i], '=');
		char *end;

		if (!value)
			continue;
		*value++ = '\0';
		if (!strcmp(argv[i], "out"))
			out = strdup(value);
		else if (!strcmp(argv[i], "trap"))
			at_trap = strtoull(value, NULL, 16);
		else if (!strcmp(argv[i], "switch"))
			at_switch = strtoull(value, NULL, 16);
		else if (!strcmp(argv[i], "exec"))
			at_exec = strtoull(value, NULL, 16);
		else if (!strcmp(argv[i], "skip"))
			skip = atoi(value);
		else if (!strcmp(argv[i], "setup")) {
			at_setup = strtoull(value, &end, 16);
			setup_end = strtoull(end + 1, NULL, 16);
		}
	}
	counting = skip == 0;
	nodes_size = 1 << 14;
	nodes = more(NULL, nodes_size * sizeof(*nodes));
	nodes[0] = (struct node){ 0 };
	node_hash = calloc(nodes_size, sizeof(*node_hash));
	for (unsigned h = 0; h < MAX_HARTS; h++) {
		harts[h].stack = stack_of(h + 1, true);
		harts[h].stack->key = 0;
	}
	if (pthread_create(&clock, NULL, clock_runs, NULL))
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
