/*
 * sys/file.h - locks on whole files: flock(2).
 */
#ifndef _SYS_FILE_H
#define _SYS_FILE_H

#include <fcntl.h>

#ifdef __cplusplus
extern "C" {
#endif

int flock(int fd, int op);

#ifdef __cplusplus
}
#endif

#endif
