/*
 * nl_types.h - message catalogues (POSIX).
 */
#ifndef _NL_TYPES_H
#define _NL_TYPES_H

#include <features.h>

#define NL_SETD	      1
#define NL_CAT_LOCALE 1

typedef int nl_item;
typedef void *nl_catd;

__BEGIN_DECLS

nl_catd catopen(const char *__name, int __flag);
char *catgets(nl_catd __cat, int __set, int __id, const char *__def);
int catclose(nl_catd __cat);

__END_DECLS

#endif
