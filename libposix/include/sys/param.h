/*
 * sys/param.h - old names of limits.
 */
#ifndef _SYS_PARAM_H
#define _SYS_PARAM_H

#include <limits.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef MAXPATHLEN
#define MAXPATHLEN PATH_MAX
#endif
#define MAXHOSTNAMELEN 64
#define MAXSYMLINKS    20
#define MAXNAMLEN      255
#define NOFILE	       256
#define NGROUPS	       NGROUPS_MAX
#define HZ	       100
#define DEV_BSIZE      512
#define NBBY	       8
#define CANBSIZ	       255
#ifndef MIN
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#endif
#define howmany(n, d)  (((n) + ((d)-1)) / (d))
#define roundup(n, d)  (howmany(n, d) * (d))
#define powerof2(n)    (!(((n)-1) & (n)))
#define setbit(map, i) ((map)[(i) / 8] |= 1 << ((i) % 8))
#define clrbit(map, i) ((map)[(i) / 8] &= ~(1 << ((i) % 8)))
#define isset(map, i)  ((map)[(i) / 8] & (1 << ((i) % 8)))
#define isclr(map, i)  (!isset(map, i))

#ifdef __cplusplus
}
#endif

#endif
