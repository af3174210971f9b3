/*
 * relocate.c - a static program that may lie anywhere (gcc -static-pie) adds to
 * its own pointers how far it was moved. rcrt1.o calls this before anything
 * else, so nothing here may use a pointer that needs it, or call anybody.
 */
#include <elf.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define TLS_DTV_OFFSET \
	0x800 /* of the psABI: offsets are counted from the middle of the near ones */

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

/*
 * The relocations of RISC-V's psABI (8.4) that a linker leaves in a program that nobody is loaded with: a
 * symbol is the program's own, or a weak one that is nowhere and so 0. The program's block of thread-local
 * variables is module 1, and is at tp.
 */
static inline __attribute__((always_inline)) void apply(const Elf64_Rela *rela, size_t size,
							const Elf64_Sym *symbols, uintptr_t bias)
{
	for (; size >= sizeof(*rela); rela++, size -= sizeof(*rela)) {
		const Elf64_Sym *s = symbols + ELF64_R_SYM(rela->r_info);
		uintptr_t *to = (uintptr_t *)(bias + rela->r_offset);
		uintptr_t addend = (uintptr_t)rela->r_addend;
		unsigned long type = ELF64_R_TYPE(rela->r_info);

		if (type == R_RISCV_RELATIVE)
			*to = bias + addend;
		else if (type == R_RISCV_64 || type == R_RISCV_JUMP_SLOT)
			*to = addend + (s->st_shndx == SHN_UNDEF ? 0 :
					s->st_shndx == SHN_ABS	 ? s->st_value :
								   bias + s->st_value);
		else if (type == R_RISCV_TLS_DTPMOD64)
			*to = 1;
		else if (type == R_RISCV_TLS_DTPREL64)
			*to = s->st_value + addend - TLS_DTV_OFFSET;
		else if (type == R_RISCV_TLS_TPREL64)
			*to = s->st_value + addend;
		else if (type != R_RISCV_NONE)
			__builtin_trap();
	}
}

/* Relative ones that are packed: an address, then words of 63 bits for the places behind it (gABI, DT_RELR). */
static inline __attribute__((always_inline)) void apply_packed(const uintptr_t *word, size_t size,
							       uintptr_t bias)
{
	uintptr_t *to = NULL;

	for (; size >= sizeof(*word); word++, size -= sizeof(*word)) {
		if (*word & 1) {
			for (int i = 0; i < 63; i++)
				if (*word >> (i + 1) & 1)
					to[i] += bias;
			to += 63;
		} else {
			to = (uintptr_t *)(bias + *word);
			*to++ += bias;
		}
	}
}

__attribute__((visibility("hidden"), optimize("no-stack-protector"))) void
__relocate_self(const Elf64_Dyn *dyn, uintptr_t bias)
{
	const Elf64_Rela *rela = NULL, *plt = NULL;
	const Elf64_Sym *symbols = NULL;
	const uintptr_t *packed = NULL;
	size_t size = 0, plt_size = 0, packed_size = 0;
	int text = 0;

	for (; dyn->d_tag != DT_NULL; dyn++) {
		if (dyn->d_tag == DT_RELA)
			rela = (const Elf64_Rela *)(bias + dyn->d_un.d_ptr);
		if (dyn->d_tag == DT_RELASZ)
			size = dyn->d_un.d_val;
		if (dyn->d_tag == DT_JMPREL)
			plt = (const Elf64_Rela *)(bias + dyn->d_un.d_ptr);
		if (dyn->d_tag == DT_PLTRELSZ)
			plt_size = dyn->d_un.d_val;
		if (dyn->d_tag == DT_RELR)
			packed = (const uintptr_t *)(bias + dyn->d_un.d_ptr);
		if (dyn->d_tag == DT_RELRSZ)
			packed_size = dyn->d_un.d_val;
		if (dyn->d_tag == DT_SYMTAB)
			symbols = (const Elf64_Sym *)(bias + dyn->d_un.d_ptr);
		if (dyn->d_tag == DT_TEXTREL ||
		    (dyn->d_tag == DT_FLAGS && dyn->d_un.d_val & DF_TEXTREL))
			text = 1;
	}
	if (text)
		protect_text(bias, PROT_WRITE);
	apply_packed(packed, packed_size, bias);
	apply(rela, size, symbols, bias);
	apply(plt, plt_size, symbols, bias);
	if (text)
		protect_text(bias, 0);
}
