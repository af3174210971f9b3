/*
 * symbol.c - which definition a name has. The global objects are asked first, in the order in which they
 * were loaded, then those that came with the object that asks (dlopen(3), RTLD_LOCAL). Of the
 * versions of a symbol the default one is taken; which one was asked for is read past.
 */
#include "object.h"

#include "../src/internal/libc.h"

#include <string.h>
#include <sys/auxv.h>

#define VERSION_HIDDEN 0x8000 /* not the default */

struct name {
	const char *text;
	uint32_t gnu, elf;
};

static struct name hash_name(const char *text)
{
	struct name n = { text, 5381, 0 };

	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		n.gnu = n.gnu * 33 + *c;
		n.elf = (n.elf << 4) + *c;
		n.elf ^= n.elf >> 24 & 0xf0;
	}
	n.elf &= 0x0fffffff;
	return n;
}

/*
 * Whether a symbol is a definition of the name. One that is not defined but has a value is a
 * function's entry in the program's PLT: there, all agree, is its address.
 */
static int defines(const struct object *o, uint32_t index, const struct name *n, int what)
{
	const Elf64_Sym *sym = o->symbols + index;
	unsigned int type = ELF64_ST_TYPE(sym->st_info), bind = ELF64_ST_BIND(sym->st_info);

	if (bind != STB_GLOBAL && bind != STB_WEAK && bind != STB_GNU_UNIQUE)
		return 0;
	if (type > STT_TLS && type != STT_GNU_IFUNC)
		return 0;
	if (sym->st_shndx == SHN_UNDEF && (!sym->st_value || type == STT_TLS || what & FOR_CALL))
		return 0;
	return !strcmp(o->strings + sym->st_name, n->text);
}

/* Of those that define it the default version, else the first: `best` is what was found so far. */
static int better(const struct object *o, uint32_t index, const Elf64_Sym **best)
{
	int hidden = o->versions && o->versions[index] & VERSION_HIDDEN;

	if (!hidden || !*best)
		*best = o->symbols + index;
	return !hidden;
}

static const Elf64_Sym *search_gnu(const struct object *o, const struct name *n, int what)
{
	const uint32_t *h = o->gnu_hash, *buckets, *chain;
	const uint64_t *bloom = (const uint64_t *)(h + 4);
	uint32_t count = h[0], first = h[1], words = h[2], shift = h[3], index;
	uint64_t word = bloom[n->gnu / 64 % words];
	const Elf64_Sym *best = NULL;

	if (!(word >> n->gnu % 64 & word >> (n->gnu >> shift) % 64 & 1))
		return NULL;
	buckets = (const uint32_t *)(bloom + words);
	chain = buckets + count;
	index = buckets[n->gnu % count];
	if (index < first)
		return NULL;
	do {
		if ((chain[index - first] | 1) == (n->gnu | 1) && defines(o, index, n, what) &&
		    better(o, index, &best))
			break;
	} while (!(chain[index++ - first] & 1));
	return best;
}

static const Elf64_Sym *search_elf(const struct object *o, const struct name *n, int what)
{
	const uint32_t *h = o->hash, *chain = h + 2 + h[0];
	const Elf64_Sym *best = NULL;

	for (uint32_t i = h[2 + n->elf % h[0]]; i; i = chain[i])
		if (defines(o, i, n, what) && better(o, i, &best))
			break;
	return best;
}

static const Elf64_Sym *search(const struct object *o, const struct name *n, int what)
{
	if (o->gnu_hash && o->gnu_hash[0] && o->gnu_hash[2])
		return search_gnu(o, n, what);
	return o->hash && o->hash[0] ? search_elf(o, n, what) : NULL;
}

static int in_list(struct object *const *list, const struct object *o)
{
	for (; list && *list; list++)
		if (*list == o)
			return 1;
	return 0;
}

/* `from` uses something of `to`, which must not go before it. */
static void bind(struct object *from, struct object *to)
{
	if (to->startup || to->keep || from == to || in_list(from->needs, to))
		return;
	for (int i = 0; i < BOUND; i++) {
		if (from->bound[i] == to)
			return;
		if (!from->bound[i]) {
			from->bound[i] = to;
			return;
		}
	}
	to->keep = 1;
}

/* There is one of each STB_GNU_UNIQUE in the process, whoever can see it. */
static struct definition unique(const struct name *n, struct definition def)
{
	struct definition first;

	for (struct object *o = __dl_first; o; o = (struct object *)o->map.l_next) {
		first = (struct definition){ search(o, n, 0), o };
		if (first.symbol && ELF64_ST_BIND(first.symbol->st_info) == STB_GNU_UNIQUE &&
		    (o->relocated || o == def.object)) {
			def = first;
			break;
		}
	}
	def.object->keep = 1;
	return def;
}

static struct definition search_global(const struct name *n, int what)
{
	struct object *o = __dl_first;
	const Elf64_Sym *symbol;

	if (what & NOT_PROGRAM)
		o = (struct object *)o->map.l_next;
	for (; o; o = (struct object *)o->map.l_next) {
		symbol = o->global ? search(o, n, what) : NULL;
		if (symbol)
			return (struct definition){ symbol, o };
	}
	return (struct definition){ NULL, NULL };
}

static struct definition search_scope(struct object *from, const struct name *n, int what)
{
	const Elf64_Sym *symbol;

	for (struct object **at = from->scope ? from->scope->objects : NULL; at && *at; at++) {
		symbol = search(*at, n, what);
		if (symbol)
			return (struct definition){ symbol, *at };
	}
	return (struct definition){ NULL, NULL };
}

struct definition __dl_find(struct object *from, const char *name, int what)
{
	struct name n = hash_name(name);
	struct definition def = { NULL, from };

	__dl_lock(&__dl_list);
	if (from->symbolic && !(what & NOT_PROGRAM))
		def.symbol = search(from, &n, what);
	if (!def.symbol && from->deep)
		def = search_scope(from, &n, what);
	if (!def.symbol)
		def = search_global(&n, what);
	if (!def.symbol && !from->deep)
		def = search_scope(from, &n, what);
	if (def.symbol && ELF64_ST_BIND(def.symbol->st_info) == STB_GNU_UNIQUE)
		def = unique(&n, def);
	if (def.symbol)
		bind(from, def.object);
	__dl_unlock(&__dl_list);
	return def;
}

struct definition __dl_find_in(struct object *o, const char *name)
{
	struct name n = hash_name(name);

	return (struct definition){ search(o, &n, 0), o };
}

uintptr_t __dl_value(struct definition def)
{
	uintptr_t at = def.symbol->st_value;

	if (def.symbol->st_shndx != SHN_ABS)
		at += def.object->map.l_addr;
	if (ELF64_ST_TYPE(def.symbol->st_info) == STT_GNU_IFUNC)
		at = ((uintptr_t(*)(unsigned long))at)(getauxval(AT_HWCAP));
	return at;
}

/* How many symbols the object has: only the hash tables tell. */
size_t __dl_symbol_count(const struct object *o)
{
	const uint32_t *h = o->gnu_hash, *buckets, *chain;
	uint32_t most = 0;

	if (o->hash)
		return o->hash[1];
	if (!h)
		return 0;
	buckets = h + 4 + 2 * h[2];
	chain = buckets + h[0];
	for (uint32_t i = 0; i < h[0]; i++)
		if (buckets[i] > most)
			most = buckets[i];
	if (most < h[1])
		return h[1];
	while (!(chain[most - h[1]] & 1))
		most++;
	return most + 1;
}
