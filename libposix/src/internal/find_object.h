/*
 * find_object.h - what libgcc's unwinder asks first: the object that an address is of, as glibc has it.
 */
#ifndef LIBPOSIX_FIND_OBJECT_H
#define LIBPOSIX_FIND_OBJECT_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

struct link_map;

struct dl_find_object {
	unsigned long long flags;
	void *start, *end;
	struct link_map *map;
	void *eh_frame; /* PT_GNU_EH_FRAME */
	unsigned long long spare[7];
};

/* 0, or -1 for an address of no object that has a table for unwinding. */
int _dl_find_object(void *pc, struct dl_find_object *out);

/* Sets start, end and eh_frame (NULL: has none) of an object with these n headers, loaded at base. */
static inline void __find_object_of(const Elf64_Phdr *ph, size_t n, uintptr_t base,
				    struct dl_find_object *out)
{
	uintptr_t low = -1ul, high = 0;

	out->eh_frame = NULL;
	for (; n--; ph++) {
		uintptr_t at = base + ph->p_vaddr;

		if (ph->p_type == PT_LOAD && at < low)
			low = at;
		if (ph->p_type == PT_LOAD && at + ph->p_memsz > high)
			high = at + ph->p_memsz;
		if (ph->p_type == PT_GNU_EH_FRAME)
			out->eh_frame = (void *)at;
	}
	out->start = (void *)low;
	out->end = (void *)high;
}

#endif
