/*
 * info.c - for those who ask about objects: unwinders (dl_iterate_phdr(3), _dl_find_object), dladdr(3),
 * dlinfo(3), and debuggers, who read _r_debug and stop at _dl_debug_state when the list changes.
 */
#include "../src/internal/find_object.h"
#include "object.h"

#include <dlfcn.h>
#include <string.h>

struct r_debug _r_debug = { .r_version = 1 };

/* Does nothing: a debugger has its breakpoint here. */
__attribute__((noinline)) void _dl_debug_state(void)
{
	__asm__ volatile("");
}

void __dl_debug(int state)
{
	_r_debug.r_map = &__dl_first->map;
	_r_debug.r_brk = (Elf64_Addr)_dl_debug_state;
	_r_debug.r_ldbase = __dl_self.map.l_addr;
	_r_debug.r_state = state;
	_dl_debug_state();
}

struct object *__dl_object_at(uintptr_t addr)
{
	for (struct object *o = __dl_first; o; o = (struct object *)o->map.l_next)
		for (const Elf64_Phdr *ph = o->ph; ph < o->ph + o->ph_count; ph++)
			if (ph->p_type == PT_LOAD &&
			    addr - o->map.l_addr - ph->p_vaddr < ph->p_memsz)
				return o;
	return NULL;
}

int dl_iterate_phdr(int (*fn)(struct dl_phdr_info *info, size_t size, void *arg), void *arg)
{
	struct dl_phdr_info info;
	int result = 0;

	__dl_lock(&__dl_list);
	for (struct object *o = __dl_first; o && !result; o = (struct object *)o->map.l_next) {
		info = (struct dl_phdr_info){
			.dlpi_addr = o->map.l_addr,
			.dlpi_name = o->map.l_name,
			.dlpi_phdr = o->ph,
			.dlpi_phnum = (Elf64_Half)o->ph_count,
			.dlpi_adds = __dl_loads,
			.dlpi_subs = __dl_unloads,
			.dlpi_tls_modid = o->tls_id,
			.dlpi_tls_data = __dl_tls_block(o),
		};
		result = fn(&info, sizeof(info), arg);
	}
	__dl_unlock(&__dl_list);
	return result;
}

int _dl_find_object(void *pc, struct dl_find_object *out)
{
	const struct object *o;

	__dl_lock(&__dl_list);
	o = __dl_object_at((uintptr_t)pc);
	out->eh_frame = NULL;
	if (o)
		__find_object_of(o->ph, o->ph_count, o->map.l_addr, out);
	__dl_unlock(&__dl_list);
	if (!o || !out->eh_frame)
		return -1;
	out->flags = 0;
	out->map = (struct link_map *)&o->map;
	return 0;
}

/* The symbol whose function or variable the address lies in. */
static void nearest(const struct object *o, uintptr_t addr, Dl_info *info)
{
	const Elf64_Sym *sym = o->symbols, *end = sym + __dl_symbol_count(o);
	uintptr_t at;

	for (; sym < end; sym++) {
		at = o->map.l_addr + sym->st_value;
		if (!sym->st_value || sym->st_shndx == SHN_UNDEF || at > addr ||
		    ELF64_ST_TYPE(sym->st_info) == STT_TLS ||
		    (sym->st_size && addr - at >= sym->st_size) || (!sym->st_size && addr != at) ||
		    (uintptr_t)info->dli_saddr >= at)
			continue;
		info->dli_sname = o->strings + sym->st_name;
		info->dli_saddr = (void *)at;
	}
}

int dladdr(const void *addr, Dl_info *info)
{
	const struct object *o;

	__dl_lock(&__dl_list);
	o = __dl_object_at((uintptr_t)addr);
	if (o) {
		uintptr_t base = o->map.l_addr;

		for (const Elf64_Phdr *ph = o->ph; ph < o->ph + o->ph_count; ph++) {
			if (ph->p_type == PT_LOAD) {
				base += ph->p_vaddr & -4096ul;
				break;
			}
		}
		*info = (Dl_info){ .dli_fname = __dl_name(o), .dli_fbase = (void *)base };
		nearest(o, (uintptr_t)addr, info);
	}
	__dl_unlock(&__dl_list);
	return o != NULL;
}
