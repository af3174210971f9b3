/*
 * load.c - which file a name means, and the list of objects. A name with a slash is a path. Another
 * is looked for in DT_RPATH of who needs it and of the program, in LD_LIBRARY_PATH, in his DT_RUNPATH,
 * in /lib and /usr/lib (ld.so(8)). In paths $ORIGIN is the folder of the object that they stand in.
 */
#include "object.h"

#include "../src/internal/libc.h"
#include "../src/stdlib/malloc.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PATH "/lib:/usr/lib"

struct object *__dl_first;
static struct object *last; /* [l] */
unsigned int __dl_loads, __dl_unloads;
const char *__dl_library_path;
const char *__dl_program;

const char *__dl_name(const struct object *o)
{
	return *o->map.l_name ? o->map.l_name : __dl_program;
}

void __dl_append(struct object *o)
{
	if (last) {
		o->map.l_prev = &last->map;
		__atomic_store_n(&last->map.l_next, &o->map, __ATOMIC_RELEASE);
	} else {
		__dl_first = o;
	}
	last = o;
	o->in_list = 1;
	__dl_loads++;
}

void __dl_remove(struct object *o)
{
	o->map.l_prev->l_next = o->map.l_next;
	if (o->map.l_next)
		o->map.l_next->l_prev = o->map.l_prev;
	else
		last = (struct object *)o->map.l_prev;
	__dl_unloads++;
}

/* The folder that an object lies in. NULL: nobody knows. */
const char *__dl_origin(struct object *o)
{
	char path[PATH_MAX];
	ssize_t n;
	char *slash;

	if (o->origin)
		return o->origin;
	if (!*o->map.l_name) {
		n = readlink("/proc/self/exe", path, sizeof(path) - 1);
		if (n < 0)
			return NULL;
		path[n] = 0;
	} else if (o->map.l_name[0] == '/' || !getcwd(path, sizeof(path) - 1)) {
		strlcpy(path, o->map.l_name, sizeof(path));
	} else {
		strlcat(path, "/", sizeof(path));
		strlcat(path, o->map.l_name, sizeof(path));
	}
	slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	*slash = 0;
	o->origin = __dl_alloc(strlen(path) + 1);
	return o->origin ? strcpy(o->origin, path) : NULL;
}

/* `n` bytes of text, with $ORIGIN replaced, before what stands in out; -1: too long, or may not be. */
static int expand(const char *text, size_t n, struct object *of, char out[PATH_MAX])
{
	size_t len = 0, word;
	const char *from;

	while (n) {
		from = text;
		word = 1;
		if (n >= 7 && !memcmp(text, "$ORIGIN", 7))
			word = 7;
		else if (n >= 9 && !memcmp(text, "${ORIGIN}", 9))
			word = 9;
		text += word;
		n -= word;
		if (word > 1) {
			from = __libc.secure || !of ? NULL : __dl_origin(of);
			if (!from)
				return -1;
			word = strlen(from);
		}
		if (word >= PATH_MAX - len)
			return -1;
		memcpy(out + len, from, word);
		len += word;
	}
	out[len] = 0;
	return 0;
}

/*
 * The first file of that name in the folders of a path. What is there and no good is passed over:
 * libraries of several machines may stand side by side.
 */
static int open_in(struct elf_file *f, const char *dirs, struct object *of, const char *name,
		   char path[PATH_MAX])
{
	size_t n;

	for (; dirs; dirs = dirs[n] ? dirs + n + 1 : NULL) {
		n = strcspn(dirs, ":");
		if (expand(dirs, n, of, path))
			continue;
		if (n && strlcat(path, "/", PATH_MAX) >= PATH_MAX)
			continue;
		if (strlcat(path, name, PATH_MAX) < PATH_MAX && !__dl_open_file(f, path))
			return 0;
	}
	return -1;
}

static int open_library(struct elf_file *f, const char *name, struct object *by,
			char path[PATH_MAX])
{
	const char *said;
	char other[256];

	__dl_error();
	if (strchr(name, '/')) {
		if (!expand(name, strlen(name), by, path) && !__dl_open_file(f, path))
			return 0;
		if (errno)
			__dl_fail("%s: cannot open: %s", name, strerror(errno));
		return -1;
	}
	for (struct object *o = by; o && !by->runpath; o = o == __dl_first ? NULL : __dl_first)
		if (!open_in(f, o->rpath, o, name, path))
			return 0;
	if (!open_in(f, __dl_library_path, NULL, name, path) ||
	    (by && !open_in(f, by->runpath, by, name, path)) ||
	    !open_in(f, DEFAULT_PATH, NULL, name, path))
		return 0;
	said = __dl_error(); /* of a file that was no good */
	strlcpy(other, said ? said : "", sizeof(other));
	if (said)
		__dl_fail("%s: cannot open; %s", name, other);
	else if (by && by != __dl_first)
		__dl_fail("%s: cannot open, needed by %s", name, __dl_name(by));
	else
		__dl_fail("%s: cannot open: %s", name, strerror(ENOENT));
	return -1;
}

/* By the name it has for those who are linked with it. */
static struct object *find_loaded(const char *name)
{
	for (struct object *o = __dl_first; o; o = (struct object *)o->map.l_next)
		if (o != __dl_first && o->soname && o->symbols && !strcmp(o->soname, name))
			return o;
	return strcmp(name, __dl_self.soname) ? NULL : &__dl_self;
}

struct object *__dl_load_object(const char *name, struct object *by, int only_loaded)
{
	char path[PATH_MAX];
	struct elf_file f;
	struct object *o = find_loaded(name);

	if (!o) {
		if (open_library(&f, name, by, path))
			return NULL;
		for (o = __dl_first; o; o = (struct object *)o->map.l_next)
			if (o->ino == f.ino && o->dev == f.dev && o->ino)
				break;
		if (o) {
			close(f.fd);
		} else if (only_loaded) {
			close(f.fd);
			__dl_fail("%s: is not loaded", name);
		} else if (f.head.e_type != ET_DYN) {
			close(f.fd);
			__dl_fail("%s: a program, not a shared object", name);
		} else {
			o = __dl_map_file(&f, path);
		}
	}
	if (o && !o->in_list) {
		__dl_lock(&__dl_list);
		__dl_append(o);
		__dl_unlock(&__dl_list);
	}
	return o;
}

/* The list grows at its end while we walk it: that is breadth first. */
int __dl_load_needed(struct object *from)
{
	for (struct object *o = from; o; o = (struct object *)o->map.l_next) {
		struct object **needs;
		size_t n = 0;

		if (!o->map.l_ld || o->needs)
			continue;
		for (const Elf64_Dyn *dyn = o->map.l_ld; dyn->d_tag != DT_NULL; dyn++)
			n += dyn->d_tag == DT_NEEDED;
		needs = __dl_alloc((n + 1) * sizeof(struct object *));
		if (!needs)
			return -1;
		__atomic_store_n(&o->needs, needs, __ATOMIC_RELEASE);
		for (const Elf64_Dyn *dyn = o->map.l_ld; dyn->d_tag != DT_NULL; dyn++) {
			if (dyn->d_tag != DT_NEEDED)
				continue;
			*needs = __dl_load_object(o->strings + dyn->d_un.d_val, o, 0);
			if (!*needs++)
				return -1;
		}
	}
	return 0;
}
