/*
 * start.c - from the kernel to a program that is put together. The kernel has mapped the program and the
 * interpreter that its PT_INTERP names, /lib/ld-tarn-riscv64.so.1: that is libc.so, for the loader
 * and the library are one file. entry.S calls __dl_start when libc.so's own pointers are right; it gives back where
 * the program starts.
 *
 * Run as a command, `ld-tarn-riscv64.so.1 [--list] PROGRAM [ARGUMENT...]`, it loads the program itself.
 */
#include "object.h"

#include "../src/internal/libc.h"
#include "../src/internal/thread.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#define HWCAP_V (1ul << ('v' - 'a'))

struct start { /* entry.S: where to jump, with which stack */
	uintptr_t entry;
	long *stack;
};

struct start __dl_start(long *stack);
extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

struct object __dl_self;
int __dl_vector; /* lazy.S: whether the machine has vector registers */

_Noreturn static void give_up(void)
{
	const char *text = __dl_error();

	dprintf(2, "%s: %s\n", __dl_program, text ? text : "cannot start");
	_exit(127);
}

/* An object that the kernel mapped. */
static int describe(struct object *o, const char *name, uintptr_t base, const Elf64_Phdr *ph,
		    int count)
{
	o->map.l_name = (char *)name;
	o->map.l_addr = base;
	o->ph = ph;
	o->ph_count = count;
	o->startup = 1;
	return __dl_parse(o);
}

static int describe_image(struct object *o, const char *name, const Elf64_Ehdr *eh)
{
	const Elf64_Phdr *ph = (const Elf64_Phdr *)((const char *)eh + eh->e_phoff), *first = ph;

	while (first->p_type != PT_LOAD)
		first++;
	return describe(o, name, (uintptr_t)eh - first->p_vaddr, ph, eh->e_phnum);
}

/* The program that the kernel mapped: its program headers tell how far from its addresses. */
static struct object *find_program(void)
{
	const Elf64_Phdr *ph = (const Elf64_Phdr *)getauxval(AT_PHDR);
	int count = (int)getauxval(AT_PHNUM);
	struct object *o = __dl_alloc(sizeof(*o));
	uintptr_t base = 0;

	for (int i = 0; i < count; i++)
		if (ph[i].p_type == PT_PHDR)
			base = (uintptr_t)ph - ph[i].p_vaddr;
	if (!o || describe(o, "", base, ph, count))
		give_up();
	return o;
}

static void set_auxv(unsigned long type, uintptr_t value)
{
	for (uint64_t *av = (uint64_t *)__libc.auxv; av[0] != AT_NULL; av += 2)
		if (av[0] == type)
			av[1] = value;
}

/* Run as a command: the words up to the program's name go from the stack. Returns its entry. */
static uintptr_t load_program(long **stack, struct object **program, int *list)
{
	char **argv = (char **)(*stack + 1);
	struct elf_file f;
	int skip = 1;

	*list = argv[1] && !strcmp(argv[1], "--list");
	skip += *list;
	if (!argv[skip]) {
		dprintf(2,
			"usage: %s [--list] PROGRAM [ARGUMENT...]\n"
			"Runs the program, or lists the shared objects that it is loaded with.\n",
			argv[0]);
		_exit(127);
	}
	__dl_program = argv[skip];
	if (__dl_open_file(&f, argv[skip])) {
		if (errno)
			__dl_fail("cannot open: %s", strerror(errno));
		give_up();
	}
	*program = __dl_map_file(&f, argv[skip]);
	if (!*program)
		give_up();
	(*program)->startup = 1;
	set_auxv(AT_PHDR, (uintptr_t)(*program)->ph);
	set_auxv(AT_PHNUM, (uintptr_t)(*program)->ph_count);
	set_auxv(AT_ENTRY, (*program)->map.l_addr + f.head.e_entry);
	argv[skip - 1] = (char *)((*stack)[0] - skip);
	*stack = (long *)(argv + skip - 1);
	return (*program)->map.l_addr + f.head.e_entry;
}

/* LD_PRELOAD: names with blanks or colons between them. What can't be loaded is told, and left out. */
static void load_first(char *names)
{
	char *rest, *name;

	for (name = strtok_r(names, " :", &rest); name; name = strtok_r(NULL, " :", &rest))
		if (!__dl_load_object(name, __dl_first, 0))
			dprintf(2, "%s: LD_PRELOAD: %s\n", __dl_program, __dl_error());
}

static void print_list(void)
{
	for (struct object *o = (struct object *)__dl_first->map.l_next; o;
	     o = (struct object *)o->map.l_next)
		dprintf(1, "\t%s => %s (0x%lx)\n", o->soname ? o->soname : o->map.l_name,
			o->map.l_name, o->map.l_addr);
	_exit(0);
}

static void load_all(const Elf64_Ehdr *vdso)
{
	struct object *o = vdso ? __dl_alloc(sizeof(*o)) : NULL;
	char *preload = NULL, *env;

	if (!__libc.secure) {
		__dl_library_path = getenv("LD_LIBRARY_PATH");
		env = getenv("LD_BIND_NOW");
		__dl_bind_now = env && *env;
		env = getenv("LD_PRELOAD");
		preload = env ? __dl_alloc(strlen(env) + 1) : NULL;
	}
	if (o && !describe_image(o, "linux-vdso.so.1", vdso)) {
		o->relocated = 1;
		__dl_append(o);
	}
	if (preload)
		load_first(strcpy(preload, env));
	if (__dl_load_needed(__dl_first))
		give_up();
	if (!__dl_self.in_list)
		__dl_append(&__dl_self);
}

/* Everything that is there from the start looks in one order. The vDSO is for the library alone. */
static void link_all(const Elf64_Ehdr *vdso)
{
	struct object *o, *end = NULL;

	for (o = __dl_first; o; end = o, o = (struct object *)o->map.l_next) {
		o->startup = 1;
		o->global = o->map.l_addr != (uintptr_t)vdso;
		if (__dl_tls_add(o))
			give_up();
	}
	__dl_tls_settle();
	for (o = end; o; o = (struct object *)o->map.l_prev)
		if (o->global && __dl_relocate(o))
			give_up();
}

struct start __dl_start(long *stack)
{
	struct start start = { 0, stack };
	const Elf64_Ehdr *vdso;
	struct object *program;
	int list = 0;

	/* First libc.so with itself: then it can be used. */
	describe_image(&__dl_self, "/lib/ld-tarn-riscv64.so.1", &__ehdr_start);
	__dl_self.global = 1;
	__dl_self.tls_static = 1; /* at tp, until the program's are there */
	__dl_first = &__dl_self;
	__dl_relocate(&__dl_self);
	__libc_prepare(stack);
	__dl_first = NULL;

	__dl_program = program_invocation_name;
	__dl_vector = (getauxval(AT_HWCAP) & HWCAP_V) != 0;
	vdso = (const Elf64_Ehdr *)getauxval(AT_SYSINFO_EHDR);
	if (getauxval(AT_PHDR) == (uintptr_t)__dl_self.ph) {
		start.entry = load_program(&start.stack, &program, &list);
	} else {
		program = find_program();
		start.entry = getauxval(AT_ENTRY);
	}
	__dl_append(program);
	load_all(vdso);
	if (list)
		print_list();
	for (Elf64_Dyn *dyn = program->map.l_ld; dyn->d_tag != DT_NULL; dyn++)
		if (dyn->d_tag == DT_DEBUG)
			dyn->d_un.d_ptr = (Elf64_Addr)&_r_debug;
	link_all(vdso);
	__dl_debug(RT_CONSISTENT);
	return start;
}
