/*
 * dlfcn.h - shared objects at run time: dlopen(3).
 */
#ifndef _DLFCN_H
#define _DLFCN_H

#include <features.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RTLD_LAZY     1
#define RTLD_NOW      2
#define RTLD_NOLOAD   4
#define RTLD_DEEPBIND 8
#define RTLD_GLOBAL   0x100
#define RTLD_LOCAL    0
#define RTLD_NODELETE 0x1000
#define RTLD_NEXT     ((void *)-1)
#define RTLD_DEFAULT  ((void *)0)

/* What dlinfo(3) tells, and what *out is. */
#define RTLD_DI_LMID	  1 /* Lmid_t */
#define RTLD_DI_LINKMAP	  2 /* struct link_map * */
#define RTLD_DI_ORIGIN	  6 /* char[PATH_MAX]: the object's folder */
#define RTLD_DI_TLS_MODID 9 /* size_t */
#define RTLD_DI_TLS_DATA  10 /* void *: this thread's; NULL: none yet */

typedef struct {
	const char *dli_fname; /* of the object */
	void *dli_fbase;
	const char *dli_sname; /* of the symbol, NULL: none */
	void *dli_saddr;
} Dl_info;

void *dlopen(const char *path, int mode);
int dlclose(void *handle);
void *dlsym(void *__restrict handle, const char *__restrict name);
#if __MISC_VISIBLE
void *dlvsym(void *__restrict handle, const char *__restrict name, const char *__restrict version);
#endif
char *dlerror(void);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int dladdr(const void *addr, Dl_info *info);
#endif
#if __MISC_VISIBLE
/* Lists of objects. There is one, the program's; a new one is refused. */
typedef long Lmid_t;
#define LM_ID_BASE  0
#define LM_ID_NEWLM (-1)
void *dlmopen(Lmid_t list, const char *path, int mode);
int dlinfo(void *handle, int what, void *out);
#endif

#ifdef __cplusplus
}
#endif

#endif
