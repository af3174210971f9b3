/*
 * sys/sendfile.h - sendfile(2).
 */
#ifndef _SYS_SENDFILE_H
#define _SYS_SENDFILE_H

#include <features.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

ssize_t sendfile(int out, int in, off_t *offset, size_t count);

#if __MISC_VISIBLE
#define sendfile64 sendfile
#endif

#ifdef __cplusplus
}
#endif

#endif
