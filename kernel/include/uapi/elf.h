/*
 * uapi/elf.h - ELF64 files and core notes. Words of 64 bits are the uint64_t that C libraries have.
 */
#ifndef UAPI_ELF_H
#define UAPI_ELF_H

#include <uapi/types.h>

typedef unsigned long Elf64_Addr;
typedef __u16 Elf64_Half;
typedef __s16 Elf64_SHalf;
typedef unsigned long Elf64_Off;
typedef __s32 Elf64_Sword;
typedef __u32 Elf64_Word;
typedef unsigned long Elf64_Xword;
typedef long Elf64_Sxword;

#define EI_NIDENT		  16
#define EI_CLASS		  4

#define ELFMAG0			  0x7f
#define ELFMAG1			  'E'
#define ELFMAG2			  'L'
#define ELFMAG3			  'F'
#define ELFMAG			  "\177ELF"
#define SELFMAG			  4
#define ELFCLASS32		  1
#define ELFCLASS64		  2
#define ELFDATA2LSB		  1
#define EV_CURRENT		  1

#define ET_NONE			  0
#define ET_REL			  1
#define ET_EXEC			  2
#define ET_DYN			  3
#define ET_CORE			  4

#define EM_RISCV		  243

#define EF_RISCV_RVC		  0x0001
#define EF_RISCV_FLOAT_ABI_DOUBLE 0x0004

typedef struct elf64_hdr {
	unsigned char e_ident[EI_NIDENT];
	Elf64_Half e_type;
	Elf64_Half e_machine;
	Elf64_Word e_version;
	Elf64_Addr e_entry;
	Elf64_Off e_phoff;
	Elf64_Off e_shoff;
	Elf64_Word e_flags;
	Elf64_Half e_ehsize;
	Elf64_Half e_phentsize;
	Elf64_Half e_phnum;
	Elf64_Half e_shentsize;
	Elf64_Half e_shnum;
	Elf64_Half e_shstrndx;
} Elf64_Ehdr;

typedef struct elf64_phdr {
	Elf64_Word p_type;
	Elf64_Word p_flags;
	Elf64_Off p_offset;
	Elf64_Addr p_vaddr;
	Elf64_Addr p_paddr;
	Elf64_Xword p_filesz;
	Elf64_Xword p_memsz;
	Elf64_Xword p_align;
} Elf64_Phdr;

typedef struct elf64_shdr {
	Elf64_Word sh_name;
	Elf64_Word sh_type;
	Elf64_Xword sh_flags;
	Elf64_Addr sh_addr;
	Elf64_Off sh_offset;
	Elf64_Xword sh_size;
	Elf64_Word sh_link;
	Elf64_Word sh_info;
	Elf64_Xword sh_addralign;
	Elf64_Xword sh_entsize;
} Elf64_Shdr;

typedef struct elf64_sym {
	Elf64_Word st_name;
	unsigned char st_info;
	unsigned char st_other;
	Elf64_Half st_shndx;
	Elf64_Addr st_value;
	Elf64_Xword st_size;
} Elf64_Sym;

typedef struct elf64_rela {
	Elf64_Addr r_offset;
	Elf64_Xword r_info;
	Elf64_Sxword r_addend;
} Elf64_Rela;

typedef struct {
	Elf64_Sxword d_tag;
	union {
		Elf64_Xword d_val;
		Elf64_Addr d_ptr;
	} d_un;
} Elf64_Dyn;

typedef struct elf64_note {
	Elf64_Word n_namesz;
	Elf64_Word n_descsz;
	Elf64_Word n_type;
} Elf64_Nhdr;

#define PT_LOAD		1
#define PT_DYNAMIC	2
#define PT_INTERP	3
#define PT_NOTE		4
#define PT_TLS		7
#define PT_GNU_EH_FRAME 0x6474e550
#define PT_GNU_STACK	0x6474e551
#define PN_XNUM		0xffff

#define PF_X		0x1
#define PF_W		0x2
#define PF_R		0x4

#define SHT_SYMTAB	2
#define SHT_DYNSYM	11
#define SHN_UNDEF	0

#define DT_NULL		0
#define DT_HASH		4
#define DT_STRTAB	5
#define DT_SYMTAB	6

#define NT_PRSTATUS	1
#define NT_PRFPREG	2
#define NT_PRPSINFO	3
#define NT_AUXV		6
#define NT_SIGINFO	0x53494749
#define NT_FILE		0x46494c45
#define NT_RISCV_VECTOR 0x901

UAPI_SIZE(Elf64_Ehdr, 64);
UAPI_SIZE(Elf64_Phdr, 56);
UAPI_SIZE(Elf64_Shdr, 64);
UAPI_SIZE(Elf64_Sym, 24);
UAPI_SIZE(Elf64_Rela, 24);
UAPI_SIZE(Elf64_Dyn, 16);
UAPI_SIZE(Elf64_Nhdr, 12);

#endif
