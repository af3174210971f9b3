/*
 * map.c - from a file to an object in memory: its ELF header and program headers are checked, its segments
 * mapped, its dynamic section read (the gABI's "Program Loading" and "Dynamic Section").
 */
#include "object.h"

#include "../src/internal/libc.h"
#include "../src/stdlib/malloc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define DT_RISCV_VARIANT_CC 0x70000001

static int check_head(const struct elf_file *f, const char *path)
{
	const Elf64_Ehdr *eh = &f->head;

	if (memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0)
		return __dl_fail("%s: not an ELF file", path);
	if (eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_ident[EI_DATA] != ELFDATA2LSB ||
	    eh->e_machine != EM_RISCV)
		return __dl_fail("%s: wrong machine", path);
	if (eh->e_type != ET_DYN && eh->e_type != ET_EXEC)
		return __dl_fail("%s: not a shared object", path);
	if (eh->e_phentsize != sizeof(Elf64_Phdr) || eh->e_phnum > SEGMENTS)
		return __dl_fail("%s: program headers that I don't know", path);
	return 0;
}

/* Opened, and its headers read: 0. Else -1, and errno is 0 when it is there but no good. */
int __dl_open_file(struct elf_file *f, const char *path)
{
	struct stat st;
	size_t bytes;

	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0)
		return -1;
	if (fstat(f->fd, &st) || !S_ISREG(st.st_mode)) {
		__dl_fail("%s: not a file", path);
		goto bad;
	}
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	f->size = st.st_size;
	memset(&f->head, 0, sizeof(f->head));
	if (pread(f->fd, &f->head, sizeof(f->head), 0) < (ssize_t)sizeof(f->head) &&
	    !memcmp(f->head.e_ident, ELFMAG, SELFMAG)) {
		__dl_fail("%s: truncated file", path);
		goto bad;
	}
	if (check_head(f, path))
		goto bad;
	bytes = f->head.e_phnum * sizeof(Elf64_Phdr);
	if (pread(f->fd, f->ph, bytes, (off_t)f->head.e_phoff) != (ssize_t)bytes) {
		__dl_fail("%s: truncated file", path);
		goto bad;
	}
	return 0;
bad:
	close(f->fd);
	errno = 0;
	return -1;
}

static size_t page_down(size_t n)
{
	return n & -__libc.page_size;
}

static size_t page_up(size_t n)
{
	return page_down(n + __libc.page_size - 1);
}

/* Where the segments begin and end, and how they ask to be aligned. They rise, and are in the file. */
static int span_of_segments(const struct elf_file *f, const char *path, size_t *low, size_t *high,
			    size_t *align)
{
	const Elf64_Phdr *ph = f->ph;
	size_t end;

	*low = *high = 0;
	*align = __libc.page_size;
	for (; ph < f->ph + f->head.e_phnum; ph++) {
		if (ph->p_type != PT_LOAD)
			continue;
		if (ph->p_filesz > ph->p_memsz || ph->p_vaddr >= 1ul << 38 ||
		    ph->p_memsz >= 1ul << 38 || page_down(ph->p_vaddr) < *high ||
		    (ph->p_vaddr - ph->p_offset) % __libc.page_size)
			return __dl_fail("%s: segments that can't be mapped", path);
		if (__builtin_add_overflow(ph->p_offset, ph->p_filesz, &end) ||
		    end > (size_t)f->size)
			return __dl_fail("%s: truncated file", path);
		if (!*high)
			*low = page_down(ph->p_vaddr);
		*high = page_up(ph->p_vaddr + ph->p_memsz);
		if (ph->p_align > *align && !(ph->p_align & (ph->p_align - 1)))
			*align = ph->p_align;
	}
	return *high ? 0 : __dl_fail("%s: nothing to load", path);
}

/* Room for all of it, at an address that is as aligned as asked. */
static char *reserve(size_t size, size_t align, char *want)
{
	size_t extra = align - __libc.page_size;
	char *map, *at;

	map = mmap(want, size + extra, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS | (want ? MAP_FIXED_NOREPLACE : 0), -1, 0);
	if (map == MAP_FAILED || want)
		return map;
	at = (char *)(((uintptr_t)map + align - 1) & -align);
	if (at > map)
		munmap(map, (size_t)(at - map));
	if (at < map + extra)
		munmap(at + size, (size_t)(map + extra - at));
	return at;
}

static int map_segment(int fd, uintptr_t base, const Elf64_Phdr *ph)
{
	int prot = (ph->p_flags & PF_R ? PROT_READ : 0) | (ph->p_flags & PF_W ? PROT_WRITE : 0) |
		   (ph->p_flags & PF_X ? PROT_EXEC : 0);
	uintptr_t start = base + page_down(ph->p_vaddr), data = base + ph->p_vaddr + ph->p_filesz;
	uintptr_t end = base + page_up(ph->p_vaddr + ph->p_memsz), file_end = page_up(data);

	if (!ph->p_filesz)
		file_end = start;
	else if (mmap((void *)start, file_end - start, prot, MAP_PRIVATE | MAP_FIXED, fd,
		      (off_t)page_down(ph->p_offset)) == MAP_FAILED)
		return -1;
	if (ph->p_memsz > ph->p_filesz && ph->p_filesz && (prot & PROT_WRITE))
		memset((void *)data, 0, file_end - data);
	if (end > file_end && mmap((void *)file_end, end - file_end, prot,
				   MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		return -1;
	return 0;
}

static struct table table_at(const struct object *o, const size_t *d, int at, int size)
{
	struct table t = { 0, 0 };

	if (d[at] && d[size])
		t = (struct table){ o->map.l_addr + d[at], d[size] };
	return t;
}

static void parse_headers(struct object *o)
{
	for (const Elf64_Phdr *ph = o->ph; ph < o->ph + o->ph_count; ph++) {
		uintptr_t at = o->map.l_addr + ph->p_vaddr;

		if (ph->p_type == PT_DYNAMIC) {
			o->map.l_ld = (Elf64_Dyn *)at;
		} else if (ph->p_type == PT_GNU_RELRO) {
			o->relro.at = page_down(at);
			o->relro.size = page_down(at + ph->p_memsz) - o->relro.at;
		} else if (ph->p_type == PT_TLS && ph->p_memsz) {
			o->tls_image = (const char *)at;
			o->tls_image_size = ph->p_filesz;
			o->tls_size = ph->p_memsz;
			o->tls_align = ph->p_align ? ph->p_align : 1;
			o->tls_vaddr = ph->p_vaddr;
		}
	}
}

int __dl_parse(struct object *o)
{
	size_t d[DT_RELR + 1] = { 0 }, flags = 0, gnu_hash = 0, versions = 0;
	uintptr_t base = o->map.l_addr;

	parse_headers(o);
	if (!o->map.l_ld)
		return __dl_fail("%s: no dynamic section", __dl_name(o));
	for (const Elf64_Dyn *dyn = o->map.l_ld; dyn->d_tag != DT_NULL; dyn++) {
		size_t value = dyn->d_un.d_val;

		if (dyn->d_tag >= 0 && dyn->d_tag <= DT_RELR)
			d[dyn->d_tag] = value;
		if (dyn->d_tag == DT_GNU_HASH)
			gnu_hash = value;
		if (dyn->d_tag == DT_VERSYM)
			versions = value;
		if (dyn->d_tag == DT_FLAGS_1)
			flags = value;
		if (dyn->d_tag == DT_RISCV_VARIANT_CC)
			o->variant_cc = 1;
		if (dyn->d_tag == DT_SYMBOLIC)
			o->symbolic = 1;
		if (dyn->d_tag == DT_BIND_NOW)
			o->now = 1;
		if (dyn->d_tag == DT_TEXTREL)
			o->text_relocations = 1;
		if (dyn->d_tag == DT_INIT)
			o->init_fn = base + value;
		if (dyn->d_tag == DT_FINI)
			o->fini_fn = base + value;
	}
	if (!d[DT_SYMTAB] || !d[DT_STRTAB] || d[DT_REL])
		return __dl_fail("%s: a dynamic section that I don't know", __dl_name(o));
	o->symbols = (const Elf64_Sym *)(base + d[DT_SYMTAB]);
	o->strings = (const char *)(base + d[DT_STRTAB]);
	o->gnu_hash = gnu_hash ? (const uint32_t *)(base + gnu_hash) : NULL;
	o->hash = d[DT_HASH] ? (const uint32_t *)(base + d[DT_HASH]) : NULL;
	o->versions = versions ? (const uint16_t *)(base + versions) : NULL;
	o->soname = d[DT_SONAME] ? o->strings + d[DT_SONAME] : NULL;
	o->runpath = d[DT_RUNPATH] ? o->strings + d[DT_RUNPATH] : NULL;
	o->rpath = d[DT_RPATH] && !d[DT_RUNPATH] ? o->strings + d[DT_RPATH] : NULL;
	o->rela = table_at(o, d, DT_RELA, DT_RELASZ);
	o->plt = table_at(o, d, DT_JMPREL, DT_PLTRELSZ);
	if (o->plt.at && o->plt.at + o->plt.size == o->rela.at + o->rela.size)
		o->rela.size -= o->plt.size; /* GNU ld counts it among both */
	o->relr = table_at(o, d, DT_RELR, DT_RELRSZ);
	o->preinit = table_at(o, d, DT_PREINIT_ARRAY, DT_PREINIT_ARRAYSZ);
	o->init = table_at(o, d, DT_INIT_ARRAY, DT_INIT_ARRAYSZ);
	o->fini = table_at(o, d, DT_FINI_ARRAY, DT_FINI_ARRAYSZ);
	o->got_plt = d[DT_PLTGOT] ? (uintptr_t *)(base + d[DT_PLTGOT]) : NULL;
	if (d[DT_FLAGS] & DF_SYMBOLIC)
		o->symbolic = 1;
	if (d[DT_FLAGS] & DF_BIND_NOW || flags & DF_1_NOW)
		o->now = 1;
	if (d[DT_FLAGS] & DF_TEXTREL)
		o->text_relocations = 1;
	if (flags & DF_1_NODELETE)
		o->keep = 1;
	return 0;
}

struct object *__dl_map_file(struct elf_file *f, const char *path)
{
	size_t low, high, align, name = strlen(path) + 1,
				 heads = f->head.e_phnum * sizeof(Elf64_Phdr);
	int fixed = f->head.e_type == ET_EXEC;
	struct object *o = NULL;
	char *start;

	if (span_of_segments(f, path, &low, &high, &align))
		goto out;
	o = __dl_alloc(sizeof(*o) + heads + name);
	if (!o)
		goto out;
	start = reserve(high - low, align, fixed ? (char *)low : NULL);
	if (start == MAP_FAILED) {
		__dl_fail("%s: can't be mapped: %s", path, strerror(errno));
		goto out_free;
	}
	o->start = start;
	o->size = high - low;
	o->map.l_addr = (uintptr_t)start - low;
	o->map.l_name = memcpy((char *)(o + 1) + heads, path, name);
	o->dev = f->dev;
	o->ino = f->ino;
	o->ph = memcpy(o + 1, f->ph, heads);
	o->ph_count = f->head.e_phnum;
	for (const Elf64_Phdr *ph = o->ph; ph < o->ph + o->ph_count; ph++) {
		if (ph->p_type == PT_LOAD && map_segment(f->fd, o->map.l_addr, ph)) {
			__dl_fail("%s: can't be mapped: %s", path, strerror(errno));
			goto out_unmap;
		}
	}
	if (__dl_parse(o))
		goto out_unmap;
	goto out;
out_unmap:
	munmap(start, o->size);
out_free:
	__heap_free(o);
	o = NULL;
out:
	close(f->fd);
	return o;
}

/* It is in no list, and nothing points to it. */
void __dl_unmap(struct object *o)
{
	if (o->scope && --o->scope->users == 0)
		__heap_free(o->scope);
	if (o->family && --o->family->users == 0)
		__heap_free(o->family);
	__heap_free(o->needs);
	__heap_free(o->origin);
	munmap(o->start, o->size);
	__heap_free(o);
}
