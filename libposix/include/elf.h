/*
 * elf.h - ELF files: the gABI and the RISC-V psABI. The structures are the kernel's own.
 */
#ifndef _ELF_H
#define _ELF_H

#include <features.h>
#include <stdint.h>
#include <uapi/auxv.h>
#include <uapi/elf.h>

typedef Elf64_Half Elf64_Versym;
typedef Elf64_Half Elf64_Section;

typedef struct {
	Elf64_Addr r_offset;
	Elf64_Xword r_info;
} Elf64_Rel;

typedef struct {
	uint64_t a_type;
	union {
		uint64_t a_val;
	} a_un;
} Elf64_auxv_t;

#define ELF64_R_SYM(i)		((i) >> 32)
#define ELF64_R_TYPE(i)		((i)&0xffffffff)
#define ELF64_R_INFO(sym, type) (((Elf64_Xword)(sym) << 32) + (type))
#define ELF64_ST_BIND(i)	((i) >> 4)
#define ELF64_ST_TYPE(i)	((i)&0xf)
#define ELF64_ST_INFO(b, t)	((b) << 4 | ((t)&0xf))
#define ELF64_ST_VISIBILITY(o)	((o)&3)

#define NT_FPREGSET		NT_PRFPREG
#define EM_NONE			0
#define EM_386			3
#define EM_MIPS			8
#define EM_PPC64		21
#define EM_S390			22
#define EM_ARM			40
#define EM_X86_64		62
#define EM_AARCH64		183
#define EM_LOONGARCH		258
#define EI_MAG0			0
#define EI_DATA			5
#define EI_VERSION		6
#define EI_OSABI		7
#define ELFDATA2MSB		2
#define PT_NULL			0
#define PT_SHLIB		5
#define PT_PHDR			6
#define PT_GNU_RELRO		0x6474e552
#define PT_GNU_PROPERTY		0x6474e553
#define SHT_NULL		0
#define SHT_PROGBITS		1
#define SHT_STRTAB		3
#define SHT_RELA		4
#define SHT_HASH		5
#define SHT_DYNAMIC		6
#define SHT_NOTE		7
#define SHT_NOBITS		8
#define SHT_REL			9
#define SHF_WRITE		1
#define SHF_ALLOC		2
#define SHF_EXECINSTR		4
#define SHF_TLS			0x400
#define SHN_LORESERVE		0xff00
#define SHN_ABS			0xfff1
#define SHN_COMMON		0xfff2
#define STN_UNDEF		0
#define STB_LOCAL		0
#define STB_GLOBAL		1
#define STB_WEAK		2
#define STB_GNU_UNIQUE		10
#define STT_NOTYPE		0
#define STT_OBJECT		1
#define STT_FUNC		2
#define STT_SECTION		3
#define STT_FILE		4
#define STT_COMMON		5
#define STT_TLS			6
#define STT_GNU_IFUNC		10
#define STV_DEFAULT		0
#define STV_INTERNAL		1
#define STV_HIDDEN		2
#define STV_PROTECTED		3
#define DT_NEEDED		1
#define DT_PLTRELSZ		2
#define DT_PLTGOT		3
#define DT_RELA			7
#define DT_RELASZ		8
#define DT_RELAENT		9
#define DT_STRSZ		10
#define DT_SYMENT		11
#define DT_INIT			12
#define DT_FINI			13
#define DT_SONAME		14
#define DT_RPATH		15
#define DT_SYMBOLIC		16
#define DT_REL			17
#define DT_RELSZ		18
#define DT_RELENT		19
#define DT_PLTREL		20
#define DT_DEBUG		21
#define DT_TEXTREL		22
#define DT_JMPREL		23
#define DT_BIND_NOW		24
#define DT_INIT_ARRAY		25
#define DT_FINI_ARRAY		26
#define DT_INIT_ARRAYSZ		27
#define DT_FINI_ARRAYSZ		28
#define DT_RUNPATH		29
#define DT_FLAGS		30
#define DT_PREINIT_ARRAY	32
#define DT_PREINIT_ARRAYSZ	33
#define DT_RELRSZ		35
#define DT_RELR			36
#define DT_RELRENT		37
#define DT_NUM			38
#define DT_GNU_HASH		0x6ffffef5
#define DT_VERSYM		0x6ffffff0
#define DT_RELACOUNT		0x6ffffff9
#define DT_FLAGS_1		0x6ffffffb
#define DT_VERDEF		0x6ffffffc
#define DT_VERNEED		0x6ffffffe
#define DF_ORIGIN		1
#define DF_SYMBOLIC		2
#define DF_TEXTREL		4
#define DF_BIND_NOW		8
#define DF_STATIC_TLS		16
#define DF_1_NOW		1
#define DF_1_NODELETE		8
#define R_RISCV_NONE		0
#define R_RISCV_32		1
#define R_RISCV_64		2
#define R_RISCV_RELATIVE	3
#define R_RISCV_COPY		4
#define R_RISCV_JUMP_SLOT	5
#define R_RISCV_TLS_DTPMOD64	7
#define R_RISCV_TLS_DTPREL64	9
#define R_RISCV_TLS_TPREL64	11
#define R_RISCV_TLSDESC		12
#define R_RISCV_IRELATIVE	58

#endif
