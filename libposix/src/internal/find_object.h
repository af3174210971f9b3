/*
 * find_object.h - what libgcc's unwinder asks first: the object that an address is of, as glibc has it.
 */
#ifndef LIBPOSIX_FIND_OBJECT_H
#define LIBPOSIX_FIND_OBJECT_H

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

#endif
