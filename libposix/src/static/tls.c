/*
 * tls.c - thread-local storage of a static program, psABI variant I: the thread
 * pointer is where the variables that PT_TLS describes begin, and the control
 * block (thread.h) ends there.
 */
#include "../internal/libc.h"
#include "../internal/syscall.h"
#include "../internal/thread.h"

#include <bits/tls.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <uapi/auxv.h>
#include <uapi/elf.h>

/* The program's PT_TLS, found once before there is a second thread. */
static const char *image;
static size_t image_size;
static size_t block_size;
static size_t block_align = 16;

extern const Elf64_Dyn _DYNAMIC[] __attribute__((weak, visibility("hidden")));

/* Enough for a few variables; bigger programs get theirs from mmap. */
static char main_block[sizeof(struct thread) + 256] __attribute__((aligned(64)));

size_t __tls_size(void)
{
	return sizeof(struct thread) + block_size + block_align;
}

void *__tls_make(void *mem)
{
	uintptr_t tp = ((uintptr_t)mem + sizeof(struct thread) + block_align - 1) & -block_align;

	if (__threads)
		__threaded = 1; /* a second one is about to be */
	memset((struct thread *)tp - 1, 0, sizeof(struct thread));
	memcpy((void *)tp, image, image_size);
	memset((char *)tp + image_size, 0, block_size - image_size);
	return (void *)tp;
}

static void find_image(void)
{
	const Elf64_Phdr *first = NULL, *ph;
	uintptr_t bias = 0;
	size_t count = 0;

	for (const uint64_t *av = __libc.auxv; av[0] != AT_NULL; av += 2) {
		if (av[0] == AT_PHDR)
			first = (const Elf64_Phdr *)av[1];
		if (av[0] == AT_PHNUM)
			count = av[1];
	}
	if (!first)
		return;
	/* A program that is placed anywhere tells by its PT_DYNAMIC or PT_PHDR how far it is. */
	for (ph = first; ph < first + count; ph++) {
		if (ph->p_type == 6 /* PT_PHDR */)
			bias = (uintptr_t)first - ph->p_vaddr;
		else if (ph->p_type == PT_DYNAMIC && _DYNAMIC)
			bias = (uintptr_t)_DYNAMIC - ph->p_vaddr;
	}
	for (ph = first; ph < first + count; ph++) {
		if (ph->p_type != PT_TLS)
			continue;
		image = (const char *)(bias + ph->p_vaddr);
		image_size = ph->p_filesz;
		block_size = ph->p_memsz;
		if (ph->p_align > block_align)
			block_align = ph->p_align;
	}
}

void __tls_init(void)
{
	void *mem = main_block;
	struct thread *self;
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
	self = (struct thread *)tp - 1;
	self->next = self->prev = self;
	self->robust.list.next = &self->robust.list;
	__threads = self;
	__asm__ volatile("mv tp, %0" : : "r"(tp) : "memory");
	self->tid = (int)SC(__NR_set_tid_address, &self->tid);
}
