/*
 * sys/cdefs.h - what headers of the BSDs expect to begin with.
 */
#ifndef _SYS_CDEFS_H
#define _SYS_CDEFS_H

#include <features.h>

#ifndef __P
#define __P(args) args
#endif
#ifndef __CONCAT
#define __CONCAT(a, b) a##b
#define __STRING(a)    #a
#endif
#ifndef __THROW
#define __THROW
#define __nonnull(args)
#endif

#endif
