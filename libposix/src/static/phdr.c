/*
 * phdr.c - dl_iterate_phdr(3) of a static program: itself, and the vDSO; its table for unwinding.
 */
#include "../internal/find_object.h"
#include "../internal/thread.h"

#include <link.h>
#include <string.h>
#include <sys/auxv.h>

extern const Elf64_Dyn _DYNAMIC[] __attribute__((weak, visibility("hidden")));

/* What the program says of itself. */
static void describe(struct dl_phdr_info *info)
{
	const Elf64_Phdr *ph = (const Elf64_Phdr *)getauxval(AT_PHDR);

	*info = (struct dl_phdr_info){ .dlpi_name = "", .dlpi_adds = 1, .dlpi_phdr = ph };
	info->dlpi_phnum = (Elf64_Half)getauxval(AT_PHNUM);
	for (int i = 0; i < info->dlpi_phnum; i++) {
		if (ph[i].p_type == PT_PHDR)
			info->dlpi_addr = (uintptr_t)ph - ph[i].p_vaddr;
		else if (ph[i].p_type == PT_DYNAMIC && _DYNAMIC)
			info->dlpi_addr = (uintptr_t)_DYNAMIC - ph[i].p_vaddr;
		else if (ph[i].p_type == PT_TLS) {
			info->dlpi_tls_modid = 1;
			info->dlpi_tls_data = __self() + 1;
		}
	}
}

int _dl_find_object(void *pc, struct dl_find_object *out)
{
	struct dl_phdr_info info;

	describe(&info);
	*out = (struct dl_find_object){ 0 };
	__find_object_of(info.dlpi_phdr, info.dlpi_phnum, info.dlpi_addr, out);
	return out->eh_frame && pc >= out->start && pc < out->end ? 0 : -1;
}

int dl_iterate_phdr(int (*fn)(struct dl_phdr_info *info, size_t size, void *arg), void *arg)
{
	const Elf64_Ehdr *vdso = (const Elf64_Ehdr *)getauxval(AT_SYSINFO_EHDR);
	struct dl_phdr_info info;
	int result;

	describe(&info);
	result = fn(&info, sizeof(info), arg);
	if (result || !vdso)
		return result;
	memset(&info, 0, sizeof(info));
	info.dlpi_addr = (Elf64_Addr)vdso;
	info.dlpi_name = "linux-vdso.so.1";
	info.dlpi_phdr = (const Elf64_Phdr *)((const char *)vdso + vdso->e_phoff);
	info.dlpi_phnum = vdso->e_phnum;
	info.dlpi_adds = 1;
	return fn(&info, sizeof(info), arg);
}
