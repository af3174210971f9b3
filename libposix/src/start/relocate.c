/*
 * relocate.c - a static program that may lie anywhere (gcc -static-pie) adds to
 * its own pointers how far it was moved. rcrt1.o calls this before anything
 * else, so nothing here may use a pointer that needs it, or call anybody.
 */
#include <elf.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>

void __relocate_self(const Elf64_Dyn *dyn, uintptr_t bias);

/*
 * Objects that were compiled for a fixed place (without -fPIE) leave relocations in segments that can't be
 * written; such a segment can be while they are worked off. The ELF header is where the program begins.
 */
static inline __attribute__((always_inline)) void protect_text(uintptr_t bias, int more)
{
	const Elf64_Ehdr *head = (const Elf64_Ehdr *)bias;
	const Elf64_Phdr *ph = (const Elf64_Phdr *)(bias + head->e_phoff);

	for (int i = 0; i < head->e_phnum; i++, ph++) {
		register uintptr_t a0 asm("a0") = (bias + ph->p_vaddr) & -4096UL;
		register uintptr_t a1 asm("a1") = bias + ph->p_vaddr + ph->p_memsz - a0;
		register long a2 asm("a2") = more | (ph->p_flags & PF_R ? PROT_READ : 0) |
					     (ph->p_flags & PF_X ? PROT_EXEC : 0);
		register long a7 asm("a7") = SYS_mprotect;

		if (ph->p_type == PT_LOAD && !(ph->p_flags & PF_W))
			asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
	}
}

__attribute__((visibility("hidden"), optimize("no-stack-protector"))) void
__relocate_self(const Elf64_Dyn *dyn, uintptr_t bias)
{
	const Elf64_Rela *rela = NULL;
	size_t size = 0;
	int text = 0;

	for (; dyn->d_tag != DT_NULL; dyn++) {
		if (dyn->d_tag == DT_RELA)
			rela = (const Elf64_Rela *)(bias + dyn->d_un.d_ptr);
		if (dyn->d_tag == DT_RELASZ)
			size = dyn->d_un.d_val;
		if (dyn->d_tag == DT_TEXTREL ||
		    (dyn->d_tag == DT_FLAGS && dyn->d_un.d_val & DF_TEXTREL))
			text = 1;
	}
	if (text)
		protect_text(bias, PROT_WRITE);
	for (; size >= sizeof(*rela); rela++, size -= sizeof(*rela)) {
		if (ELF64_R_TYPE(rela->r_info) == R_RISCV_RELATIVE)
			*(uintptr_t *)(bias + rela->r_offset) = bias + (uintptr_t)rela->r_addend;
		else if (ELF64_R_TYPE(rela->r_info) == R_RISCV_TLS_TPREL64) /* its block is at tp */
			*(uintptr_t *)(bias + rela->r_offset) = (uintptr_t)rela->r_addend;
	}
	if (text)
		protect_text(bias, 0);
}
