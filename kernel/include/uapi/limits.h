/*
 * uapi/limits.h - limits that both sides know (limits.h(0p), path_resolution(7)).
 */
#ifndef UAPI_LIMITS_H
#define UAPI_LIMITS_H

#define NGROUPS_MAX    65536
#define ARG_MAX	       131072
#define LINK_MAX       127
#define MAX_CANON      255
#define MAX_INPUT      255
#define NAME_MAX       255
#define PATH_MAX       4096
#define PIPE_BUF       4096
#define XATTR_NAME_MAX 255
#define XATTR_SIZE_MAX 65536
#define XATTR_LIST_MAX 65536
#define RTSIG_MAX      32
#define TASK_COMM_LEN  16

#define XATTR_CREATE   0x1
#define XATTR_REPLACE  0x2

/* execve(2): one string, and the greatest number of them */
#define MAX_ARG_STRLEN	(4096 * 32)
#define MAX_ARG_STRINGS 0x7fffffff

#endif
