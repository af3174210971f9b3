/*
 * resolve.h - realpath(3) for paths of which something may be missing.
 */
#ifndef USER_COMMON_RESOLVE_H
#define USER_COMMON_RESOLVE_H

/* In new memory. `missing`: how many last parts need not be there; -1 any. NULL and errno. */
char *resolve(const char *path, int missing);

#endif
