/* dladdr, dlinfo, dl_iterate_phdr, the debugger's list. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

extern int base_count;
int base_next(void);
extern ElfW(Dyn) _DYNAMIC[];

static const char *last_part(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash ? slash + 1 : path;
}

struct seen {
	int count, base, vars, adds_bad;
	unsigned long long adds, subs;
};

static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct seen *s = arg;
	const char *name = last_part(info->dlpi_name);

	s->count++;
	s->adds_bad += size < sizeof(*info) || info->dlpi_adds < 3;
	s->adds = info->dlpi_adds;
	s->subs = info->dlpi_subs;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type == PT_LOAD &&
		    (ElfW(Addr))base_next - info->dlpi_addr - ph->p_vaddr < ph->p_memsz)
			s->base += !strcmp(name, "base.so");
	}
	if (!strcmp(name, "vars.so"))
		s->vars +=
			1 + (info->dlpi_tls_modid > 0) * 10 + (info->dlpi_tls_data != NULL) * 100;
	return 0;
}

static int stop(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)info;
	(void)size;
	(void)arg;
	return 42;
}

int main(void)
{
	struct seen before = { 0 }, with = { 0 }, touched = { 0 }, after = { 0 };
	struct link_map *map;
	char origin[PATH_MAX];
	struct r_debug *debug = NULL;
	size_t id = 99;
	Dl_info info;
	int found = 0;
	void *h, *block;

	printf("%d ", dladdr((void *)base_next, &info));
	printf("%s %s %d\n", last_part(info.dli_fname), info.dli_sname,
	       info.dli_saddr == (void *)base_next);
	printf("%d ", dladdr((char *)base_next + 4, &info));
	printf("%s %d %d\n", info.dli_sname, info.dli_saddr == (void *)base_next,
	       !memcmp(info.dli_fbase, ELFMAG, 4));
	printf("%d\n", dladdr((void *)16, &info));
	printf("%d\n", dladdr(&found, &info));

	dl_iterate_phdr(visit, &before);
	h = dlopen("vars.so", RTLD_NOW);
	dl_iterate_phdr(visit, &with);
	(*((int *(*)(void))dlsym(h, "vars_first"))())++;
	dl_iterate_phdr(visit, &touched);
	printf("%d: %d %d, %d %d %d, more %d\n", before.adds_bad, before.base, before.vars,
	       with.base, with.vars, touched.vars, with.count - before.count);
	printf("stopped: %d\n", dl_iterate_phdr(stop, NULL));
	printf("dlinfo: %d ", dlinfo(h, RTLD_DI_LINKMAP, &map));
	printf("%s %d ", last_part(map->l_name), map->l_ld != NULL);
	printf("%d ", dlinfo(h, RTLD_DI_ORIGIN, origin));
	printf("%d ", !strncmp(origin, map->l_name, strlen(origin)));
	printf("%d %d ", dlinfo(h, RTLD_DI_TLS_MODID, &id), id > 0 && id < 99);
	printf("%d %d\n", dlinfo(h, RTLD_DI_TLS_DATA, &block), block != NULL);
	printf("bad: %d %d\n", dlinfo(h, 77, &id), dlerror() != NULL);

	for (const ElfW(Dyn) *d = _DYNAMIC; d->d_tag != DT_NULL; d++)
		if (d->d_tag == DT_DEBUG)
			debug = (struct r_debug *)d->d_un.d_ptr;
	printf("debug: %d %d %d\n", debug->r_version >= 1, debug->r_brk != 0,
	       debug->r_state == RT_CONSISTENT);
	for (struct link_map *m = debug->r_map; m; m = m->l_next)
		found += m == map;
	printf("%d %d %d\n", found, debug->r_map->l_name[0] == 0, debug->r_map->l_ld == _DYNAMIC);
	dlclose(h);
	dl_iterate_phdr(visit, &after);
	printf("%d, gone %d, subs %llu, adds %llu\n", after.vars, with.count - after.count,
	       after.subs - with.subs, with.adds - before.adds);
	return base_count == 0;
}
