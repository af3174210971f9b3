/*
 * vdso.c - look a function up in the vDSO that the kernel maps into every
 * program (vdso(7)). A machine without one, or an image that is not laid out
 * as expected, gives NULL: the caller makes the system call instead.
 */
#include "../internal/libc.h"

#include <uapi/elf.h>
#include <string.h>
#include <sys/auxv.h>

struct image {
	uintptr_t bias; /* add to an address of the file */
	const Elf64_Sym *symbols;
	const char *strings;
	size_t count;
};

static int parse(const Elf64_Ehdr *eh, struct image *img)
{
	const Elf64_Phdr *ph = (const Elf64_Phdr *)((const char *)eh + eh->e_phoff);
	const Elf64_Dyn *dyn = NULL;
	int have_load = 0;

	memset(img, 0, sizeof(*img));
	for (int i = 0; i < eh->e_phnum; i++, ph++) {
		if (ph->p_type == PT_LOAD && !have_load) {
			img->bias = (uintptr_t)eh + ph->p_offset - ph->p_vaddr;
			have_load = 1;
		}
		if (ph->p_type == PT_DYNAMIC)
			dyn = (const Elf64_Dyn *)((const char *)eh + ph->p_offset);
	}
	if (!have_load || !dyn)
		return 0;
	for (; dyn->d_tag != DT_NULL; dyn++) {
		const void *at = (const void *)(img->bias + dyn->d_un.d_ptr);

		if (dyn->d_tag == DT_SYMTAB)
			img->symbols = at;
		if (dyn->d_tag == DT_STRTAB)
			img->strings = at;
		if (dyn->d_tag == DT_HASH)
			img->count = ((const uint32_t *)at)[1];
	}
	return img->symbols && img->strings && img->count;
}

void *__vdso_sym(const char *name)
{
	const Elf64_Ehdr *eh = (const Elf64_Ehdr *)getauxval(AT_SYSINFO_EHDR);
	struct image img;

	if (!eh || !parse(eh, &img))
		return NULL;
	for (size_t i = 0; i < img.count; i++) {
		const Elf64_Sym *sym = img.symbols + i;

		if (sym->st_shndx != SHN_UNDEF && !strcmp(img.strings + sym->st_name, name))
			return (void *)(img.bias + sym->st_value);
	}
	return NULL;
}
