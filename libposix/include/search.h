/*
 * search.h - tables, trees and lists (POSIX XSI).
 */
#ifndef _SEARCH_H
#define _SEARCH_H

#include <features.h>

#define __want_size_t
#include <bits/alltypes.h>

typedef struct entry {
	char *key;
	void *data;
} ENTRY;

typedef enum { FIND, ENTER } ACTION;
typedef enum { preorder, postorder, endorder, leaf } VISIT;

__BEGIN_DECLS

int hcreate(size_t __count);
void hdestroy(void);
ENTRY *hsearch(ENTRY __item, ACTION __action);
void insque(void *__elem, void *__pred);
void remque(void *__elem);
void *lsearch(const void *__key, void *__base, size_t *__count, size_t __size,
	      int (*__cmp)(const void *, const void *));
void *lfind(const void *__key, const void *__base, size_t *__count, size_t __size,
	    int (*__cmp)(const void *, const void *));
void *tsearch(const void *__key, void **__root, int (*__cmp)(const void *, const void *));
void *tfind(const void *__key, void *const *__root, int (*__cmp)(const void *, const void *));
void *tdelete(const void *__restrict __key, void **__restrict __root,
	      int (*__cmp)(const void *, const void *));
void twalk(const void *__root, void (*__act)(const void *, VISIT, int));

#if __GNU_VISIBLE
struct hsearch_data {
	struct __htable *__tab;
	unsigned int __unused[2];
};

#if __MISC_VISIBLE
struct qelem {
	struct qelem *q_forw, *q_back;
	char q_data[1];
};

int hcreate_r(size_t __count, struct hsearch_data *__h);
void hdestroy_r(struct hsearch_data *__h);
int hsearch_r(ENTRY __item, ACTION __action, ENTRY **__out, struct hsearch_data *__h);
void tdestroy(void *__root, void (*__free)(void *));
void twalk_r(const void *__root, void (*__act)(const void *, VISIT, void *), void *__arg);
#endif
#endif

__END_DECLS

#endif
