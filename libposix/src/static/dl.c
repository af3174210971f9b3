/*
 * dl.c - shared objects in a static program: there is no loader in it, and every
 * request is refused with a text that says so (dlopen(3)).
 */
#include <dlfcn.h>
#include <stddef.h>

static __thread const char *error;

static void *refuse(void)
{
	error = "a static program can't load shared objects";
	return NULL;
}

void *dlopen(const char *path, int mode)
{
	(void)path;
	(void)mode;
	return refuse();
}

void *dlmopen(Lmid_t list, const char *path, int mode)
{
	(void)list;
	return dlopen(path, mode);
}

int dlclose(void *handle)
{
	(void)handle;
	refuse();
	return -1;
}

void *dlsym(void *__restrict handle, const char *__restrict name)
{
	(void)handle;
	(void)name;
	return refuse();
}

void *dlvsym(void *__restrict handle, const char *__restrict name, const char *__restrict version)
{
	(void)version;
	return dlsym(handle, name);
}

char *dlerror(void)
{
	const char *text = error;

	error = NULL;
	return (char *)text;
}

int dladdr(const void *addr, Dl_info *info)
{
	(void)addr;
	(void)info;
	return 0;
}

int dlinfo(void *handle, int what, void *out)
{
	(void)handle;
	(void)what;
	(void)out;
	refuse();
	return -1;
}
