/*
 * relocate.c - a static program that may lie anywhere (gcc -static-pie) adds to
 * its own pointers how far it was moved. rcrt1.o calls this before anything
 * else, so nothing here may use a pointer that needs it, or call anybody.
 */
#include <elf.h>
#include <stddef.h>

void __relocate_self(const Elf64_Dyn *dyn, uintptr_t bias);

__attribute__((visibility("hidden"), optimize("no-stack-protector"))) void
__relocate_self(const Elf64_Dyn *dyn, uintptr_t bias)
{
	const Elf64_Rela *rela = NULL;
	size_t size = 0;

	for (; dyn->d_tag != DT_NULL; dyn++) {
		if (dyn->d_tag == DT_RELA)
			rela = (const Elf64_Rela *)(bias + dyn->d_un.d_ptr);
		if (dyn->d_tag == DT_RELASZ)
			size = dyn->d_un.d_val;
	}
	for (; size >= sizeof(*rela); rela++, size -= sizeof(*rela)) {
		if (ELF64_R_TYPE(rela->r_info) == R_RISCV_RELATIVE)
			*(uintptr_t *)(bias + rela->r_offset) = bias + (uintptr_t)rela->r_addend;
		else if (ELF64_R_TYPE(rela->r_info) == R_RISCV_TLS_TPREL64) /* its block is at tp */
			*(uintptr_t *)(bias + rela->r_offset) = (uintptr_t)rela->r_addend;
	}
}
