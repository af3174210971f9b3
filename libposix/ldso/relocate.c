/*
 * relocate.c - the addresses in an object become those of where it and others lie (the RISC-V
 * psABI's table of relocations). Functions are bound when they are first called, if nobody asks
 * for more; the rest of what can be made read-only then is (PT_GNU_RELRO).
 */
#include "object.h"

#include "../src/internal/libc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#define VARIANT_CC 0x80 /* st_other: arguments where the resolver would lose them */

int __dl_bind_now;

struct pass {
	struct object *object;
	int lazy;
	int found_resolvers;
	uint32_t symbol; /* the last one looked up, */
	int for_call; /* what for, */
	struct definition def; /* and its definition */
};

/* What the relocation names. 0: nothing, and that is allowed; -1: an error. */
static int define(struct pass *p, const Elf64_Rela *r)
{
	uint32_t index = ELF64_R_SYM(r->r_info), type = ELF64_R_TYPE(r->r_info);
	const Elf64_Sym *sym = p->object->symbols + index;
	const char *name = p->object->strings + sym->st_name;
	int what = type == R_RISCV_JUMP_SLOT ? FOR_CALL : type == R_RISCV_COPY ? NOT_PROGRAM : 0;

	if (index == p->symbol && what == p->for_call && index)
		return p->def.symbol != NULL;
	p->symbol = index;
	p->for_call = what;
	p->def = (struct definition){ NULL, p->object };
	if (!index)
		return 0;
	if (ELF64_ST_BIND(sym->st_info) == STB_LOCAL) {
		p->def.symbol = sym;
		return 1;
	}
	p->def = __dl_find(p->object, name, what);
	if (p->def.symbol)
		return 1;
	if (ELF64_ST_BIND(sym->st_info) == STB_WEAK)
		return 0;
	return __dl_fail("symbol not found: %s needed by %s", name, __dl_name(p->object));
}

/* Where in its module's block a variable is; without a symbol the object's own block is meant. */
static uintptr_t tls_value(const struct pass *p, const Elf64_Rela *r)
{
	return (p->def.symbol ? p->def.symbol->st_value : 0) + (uintptr_t)r->r_addend;
}

/* A variable at a fixed distance from tp: its module needs a place in every thread's block. */
static int fixed_tls(const struct pass *p, uintptr_t *out, const Elf64_Rela *r)
{
	struct object *o = p->def.object;

	if (!o->tls_static && __dl_tls_place(o))
		return -1;
	*out = o->tls_offset + tls_value(p, r);
	return 0;
}

static void describe_tls(const struct pass *p, uintptr_t *desc, const Elf64_Rela *r)
{
	struct object *o = p->def.object;
	struct tls_index *ti;

	if (o->tls_static) {
		desc[0] = (uintptr_t)__dl_desc_static;
		desc[1] = o->tls_offset + tls_value(p, r);
		return;
	}
	ti = __dl_alloc(sizeof(*ti));
	if (!ti)
		return;
	*ti = (struct tls_index){ o->tls_id, tls_value(p, r) - DTV_OFFSET };
	desc[0] = (uintptr_t)__dl_desc_dynamic;
	desc[1] = (uintptr_t)ti;
}

static int writable(const struct object *o, uintptr_t offset)
{
	for (const Elf64_Phdr *ph = o->ph; ph < o->ph + o->ph_count; ph++)
		if (ph->p_type == PT_LOAD && ph->p_flags & PF_W &&
		    offset - ph->p_vaddr < ph->p_memsz)
			return 1;
	return 0;
}

static int apply(struct pass *p, const Elf64_Rela *r)
{
	uintptr_t base = p->object->map.l_addr, addend = (uintptr_t)r->r_addend;
	uintptr_t *where = (uintptr_t *)(base + r->r_offset);
	uint32_t type = ELF64_R_TYPE(r->r_info), index = ELF64_R_SYM(r->r_info);
	int found;

	if (type == R_RISCV_NONE)
		return 0;
	/* The linker also says that there are some when there are none (ld 2.40: local-exec TLS in a PIE). */
	if (p->object->text_relocations && !writable(p->object, r->r_offset))
		return __dl_fail("%s: relocations in its text; compile it with -fPIC",
				 __dl_name(p->object));
	if (type == R_RISCV_RELATIVE) {
		if (!p->object->relocated)
			*where = base + addend;
		return 0;
	}
	if (type == R_RISCV_IRELATIVE) {
		p->found_resolvers = 1;
		return 0;
	}
	if (type == R_RISCV_JUMP_SLOT && p->lazy &&
	    !(p->object->variant_cc && p->object->symbols[index].st_other & VARIANT_CC)) {
		*where += base;
		return 0;
	}
	found = define(p, r);
	if (found < 0)
		return -1;
	switch (type) {
	case R_RISCV_64:
		*where = (found ? __dl_value(p->def) : 0) + addend;
		return 0;
	case R_RISCV_32:
		*(uint32_t *)where = (uint32_t)((found ? __dl_value(p->def) : 0) + addend);
		return 0;
	case R_RISCV_JUMP_SLOT:
		*where = found ? __dl_value(p->def) : 0;
		return 0;
	case R_RISCV_COPY:
		if (found)
			memcpy(where, (void *)__dl_value(p->def),
			       p->object->symbols[index].st_size < p->def.symbol->st_size ?
				       p->object->symbols[index].st_size :
				       p->def.symbol->st_size);
		return 0;
	case R_RISCV_TLS_DTPMOD64:
		*where = p->def.object ? p->def.object->tls_id : 0;
		return 0;
	case R_RISCV_TLS_DTPREL64:
		*where = tls_value(p, r) - DTV_OFFSET;
		return 0;
	case R_RISCV_TLS_TPREL64:
		return p->def.object ? fixed_tls(p, where, r) : 0;
	case R_RISCV_TLSDESC:
		if (p->def.object)
			describe_tls(p, where, r);
		return 0;
	default:
		return __dl_fail("%s: a relocation that I don't know: %u", __dl_name(p->object),
				 type);
	}
}

static int apply_table(struct pass *p, const struct table *t)
{
	const Elf64_Rela *r = (const Elf64_Rela *)t->at, *end = r + t->size / sizeof(*r);

	for (; r < end; r++)
		if (apply(p, r))
			return -1;
	return 0;
}

/* What needs a function of the program's own to tell its address: when all else is in place. */
static void run_resolvers(const struct object *o, const struct table *t)
{
	const Elf64_Rela *r = (const Elf64_Rela *)t->at, *end = r + t->size / sizeof(*r);

	for (; r < end; r++)
		if (ELF64_R_TYPE(r->r_info) == R_RISCV_IRELATIVE)
			*(uintptr_t *)(o->map.l_addr + r->r_offset) = ((uintptr_t(*)(
				unsigned long))(o->map.l_addr + (uintptr_t)r->r_addend))(
				getauxval(AT_HWCAP));
}

/* An even word is an address; an odd one a map of the 63 words behind what was done last. */
static void apply_relr(const struct object *o)
{
	const uint64_t *r = (const uint64_t *)o->relr.at, *end = r + o->relr.size / sizeof(*r);
	uintptr_t base = o->map.l_addr, *where = NULL;

	for (; r < end; r++) {
		if (!(*r & 1)) {
			where = (uintptr_t *)(base + *r);
			*where++ += base;
			continue;
		}
		for (int i = 0; i < 63; i++)
			if (*r >> (i + 1) & 1)
				where[i] += base;
		where += 63;
	}
}

/* libc.so comes twice: with itself, then with all. What it wrote to meanwhile stays. */
int __dl_relocate(struct object *o)
{
	struct pass p = { .object = o };

	if (!o->relocated)
		apply_relr(o);
	if (apply_table(&p, &o->rela))
		return -1;
	p.lazy = o->got_plt && !o->now && !__dl_bind_now;
	if (p.lazy && o->plt.size) {
		o->got_plt[0] = (uintptr_t)__dl_lazy;
		o->got_plt[1] = (uintptr_t)o;
	}
	if (apply_table(&p, &o->plt))
		return -1;
	if (p.found_resolvers) {
		run_resolvers(o, &o->rela);
		run_resolvers(o, &o->plt);
	}
	if (o->in_list && o->relro.size && mprotect((void *)o->relro.at, o->relro.size, PROT_READ))
		return __dl_fail("%s: can't be made read-only: %s", __dl_name(o), strerror(errno));
	o->relocated = 1;
	if (o->tls_static && o != &__dl_self)
		__dl_tls_fill(o);
	return 0;
}

/* The first call of a function: `offset` bytes into the words of its PLT is its own. */
uintptr_t __dl_bind(struct object *o, size_t offset)
{
	const Elf64_Rela *r = (const Elf64_Rela *)o->plt.at + offset / sizeof(uintptr_t);
	const char *name = o->strings + o->symbols[ELF64_R_SYM(r->r_info)].st_name;
	struct definition def = __dl_find(o, name, FOR_CALL);
	int saved = errno;
	uintptr_t to;

	if (!def.symbol) {
		dprintf(2, "%s: symbol not found: %s needed by %s\n", __dl_program, name,
			__dl_name(o));
		_exit(127);
	}
	to = __dl_value(def);
	__atomic_store_n((uintptr_t *)(o->map.l_addr + r->r_offset), to, __ATOMIC_RELEASE);
	errno = saved;
	return to;
}
