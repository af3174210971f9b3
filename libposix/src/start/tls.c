/*
 * tls.c - thread-local storage of a static program, psABI variant I: tp points
 * at the block that PT_TLS describes, with no header above it.
 */
#include "../internal/libc.h"
#include "../internal/syscall.h"

#include <bits/tls.h>
#include <uapi/auxv.h>
#include <uapi/elf.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

/* The program's PT_TLS, found once before there is a second thread. */
static const char *image;
static size_t image_size;
static size_t block_size;
static size_t block_align = 16;

/* Enough for errno and a few more; bigger programs get theirs from mmap. */
static char main_block[256] __attribute__((aligned(64)));

size_t __tls_size(void)
{
	return block_size + block_align;
}

void *__tls_make(void *mem)
{
	uintptr_t tp = ((uintptr_t)mem + block_align - 1) & -block_align;

	memcpy((void *)tp, image, image_size);
	memset((char *)tp + image_size, 0, block_size - image_size);
	return (void *)tp;
}

static void find_image(void)
{
	const Elf64_Phdr *ph = NULL;
	size_t count = 0;

	for (const uint64_t *av = __libc.auxv; av[0] != AT_NULL; av += 2) {
		if (av[0] == AT_PHDR)
			ph = (const Elf64_Phdr *)av[1];
		if (av[0] == AT_PHNUM)
			count = av[1];
	}
	if (!ph)
		return;
	for (size_t i = 0; i < count; i++, ph++) {
		if (ph->p_type != PT_TLS)
			continue;
		image = (const char *)ph->p_vaddr;
		image_size = ph->p_filesz;
		block_size = ph->p_memsz;
		if (ph->p_align > block_align)
			block_align = ph->p_align;
	}
}

void __tls_init(void)
{
	void *mem = main_block;
	void *tp;

	find_image();
	if (__tls_size() > sizeof(main_block)) {
		long raw = SC(__NR_mmap, 0, __tls_size(), PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if ((unsigned long)raw > -4096ul)
			__builtin_trap();
		mem = (void *)raw;
	}
	tp = __tls_make(mem);
	__asm__ volatile("mv tp, %0" : : "r"(tp) : "memory");
}
