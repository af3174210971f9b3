/*
 * object.h - what the dynamic loader knows of the program and of each shared object, and what its
 * files share.
 *
 * Objects stand in a list in the order in which they were loaded: the program, the vDSO,
 * LD_PRELOAD's, then what each needs, breadth first. A handle of dlopen is an object's address, and
 * also that of its link map, which debuggers read.
 *
 *   [L] __dl_load: one thread loads, initialises, or takes away
 *   [l] __dl_list: changed with both locks; who looks up symbols or walks the list takes this one
 *   [s] written while the object is being loaded, then read only
 */
#ifndef LIBPOSIX_OBJECT_H
#define LIBPOSIX_OBJECT_H

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct table { /* a piece of an object: relocations, functions */
	uintptr_t at;
	size_t size; /* in bytes */
};

#define BOUND 8

struct object {
	struct link_map map; /* [l] first; l_addr is what is added to addresses of the file */
	const Elf64_Phdr *ph; /* [s] */
	int ph_count;
	int in_list;
	char *start; /* [s] what we mapped; NULL: the kernel did */
	size_t size;
	dev_t dev; /* [s] which file it is */
	ino_t ino;
	char *origin; /* [s] its folder, NULL: not asked yet */

	/* [s] from its dynamic section */
	const Elf64_Sym *symbols;
	const char *strings;
	const uint32_t *gnu_hash, *hash;
	const uint16_t *versions; /* NULL: none */
	const char *soname, *rpath, *runpath; /* NULL: none */
	struct table rela, plt, relr, preinit, init, fini, relro;
	uintptr_t init_fn, fini_fn; /* 0: none */
	uintptr_t *got_plt;
	unsigned char symbolic, text_relocations, variant_cc;

	/* Its PT_TLS. */
	const char *tls_image; /* [s] */
	size_t tls_image_size, tls_size, tls_align, tls_vaddr; /* [s] */
	size_t tls_id; /* [l] 0: it has none */
	size_t tls_offset; /* [l] from tp, when tls_static */
	unsigned char tls_static;

	unsigned char now; /* [s] all functions are bound when it is loaded */
	unsigned char startup; /* [s] there from the start: it stays */
	unsigned char deep; /* [s] looks at its own before the global ones */
	unsigned char relocated; /* [L] */
	unsigned char initialised; /* [L] */
	unsigned char global; /* [l] its symbols are everybody's */
	unsigned char keep; /* [l] is never taken away */
	unsigned char used, gone; /* [L] dl.c: stays; leaves the list */
	unsigned char seen; /* [L] make_family's */
	int opens; /* [L] handles of it */

	/* [l] Whom it needs, in order (NULL at the end), and who else it found a function or variable in. */
	struct object **needs;
	struct object *bound[BOUND];
	struct group
		*family; /* [l] it and all that it needs, breadth first; NULL: nobody opened it */
	struct group *scope; /* [l] the family it came with, where it looks after the global ones */
	struct object *older; /* [L] initialised before this one */
};

struct group {
	int users; /* [L] */
	struct object *objects[]; /* NULL: the end */
};

extern struct object *__dl_first; /* [l] the program */
extern struct object __dl_self; /* libc.so, which is the loader too */
extern unsigned int __dl_loads, __dl_unloads; /* [l] */

/* lock.c: locks that their owner may take again. */
struct dl_lock {
	int word;
	int depth;
	struct thread *owner;
};
extern struct dl_lock __dl_load, __dl_list;
void __dl_lock(struct dl_lock *lock);
void __dl_unlock(struct dl_lock *lock);

/* error.c: -1, with a text for dlerror(3). */
int __dl_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *__dl_error(void); /* the last one; NULL: none since it was asked */
int __dl_failed(void); /* whether there is one */
void *__dl_alloc(size_t size); /* cleared; NULL: __dl_fail was called */

/* map.c: a file of this machine, opened and looked at. */
#define SEGMENTS 32
struct elf_file {
	int fd;
	dev_t dev;
	ino_t ino;
	off_t size;
	Elf64_Ehdr head;
	Elf64_Phdr ph[SEGMENTS];
};
int __dl_open_file(struct elf_file *file, const char *path);
struct object *__dl_map_file(struct elf_file *file, const char *path); /* closes it */
void __dl_unmap(struct object *o);
/* Fill in what program headers and the dynamic section say. */
int __dl_parse(struct object *o);

/* load.c: the object of that name, found in the list or on disk. `by` needs it. NULL: an error. */
struct object *__dl_load_object(const char *name, struct object *by, int only_loaded);
int __dl_load_needed(struct object *from); /* of it and all behind it in the list */
const char *__dl_name(const struct object *o); /* for messages */
const char *__dl_origin(struct object *o); /* its folder; NULL: nobody knows */
void __dl_append(struct object *o);
void __dl_remove(struct object *o);
extern const char *__dl_library_path; /* LD_LIBRARY_PATH, or NULL */
extern const char *__dl_program; /* its name, for messages */

/* symbol.c */
struct definition {
	const Elf64_Sym *symbol; /* NULL: none */
	struct object *object;
};
enum { FOR_CALL = 1, NOT_PROGRAM = 2 }; /* what for: a slot of the PLT, a copy relocation */
struct definition __dl_find(struct object *from, const char *name, int what);
struct definition __dl_find_in(struct object *o, const char *name); /* nowhere else */
uintptr_t __dl_value(struct definition def); /* its address; runs a resolver (STT_GNU_IFUNC) */
size_t __dl_symbol_count(const struct object *o);

/* relocate.c */
int __dl_relocate(struct object *o);
uintptr_t __dl_bind(struct object *o, size_t offset); /* from lazy.S */
void __dl_lazy(void); /* lazy.S */
uintptr_t __dl_desc_static(void); /* lazy.S: functions of TLS descriptors */
uintptr_t __dl_desc_dynamic(void);
extern int __dl_bind_now; /* LD_BIND_NOW */

/* tls.c */
struct tls_index { /* where a thread-local variable lies, as the general dynamic model names it */
	unsigned long module, offset;
};
#define DTV_OFFSET 0x800 /* of the psABI: offsets are counted from the middle of the near ones */
void *__tls_get_addr(const struct tls_index *ti);
int __dl_tls_add(struct object *o); /* gives it an id; at the start, a place too */
void __dl_tls_fill(const struct object *o); /* what its variables begin with, in every thread */
int __dl_tls_place(struct object *o); /* a place in every thread's block, if there is room left */
void __dl_tls_remove(struct object *o);
void __dl_tls_settle(void); /* the main thread's block, when all places are known */
void *__dl_tls_block(const struct object *o); /* this thread's; NULL: none yet */

/* init.c */
void __dl_init(struct object *root,
	       struct object *from); /* it, and `from` (or NULL) to the list's end */
void __dl_fini_unused(void); /* destructors of those that are not `used` */

/* info.c */
extern struct r_debug _r_debug;
void _dl_debug_state(void);
void __dl_debug(int state);
struct object *__dl_object_at(uintptr_t addr); /* NULL: none; with the list locked */

/* dl.c */
int __dl_add_new(struct object *from, int mode); /* relocates it and those behind it in the list */

#endif
