/*
 * sys/types.h - the types POSIX gives to kernel quantities.
 */
#ifndef _SYS_TYPES_H
#define _SYS_TYPES_H

#include <features.h>

#define __want_size_t
#define __want_ssize_t
#define __want_off_t
#define __want_pid_t
#define __want_id_t
#define __want_uid_t
#define __want_gid_t
#define __want_mode_t
#define __want_dev_t
#define __want_ino_t
#define __want_nlink_t
#define __want_blksize_t
#define __want_blkcnt_t
#define __want_fsblkcnt_t
#define __want_fsfilcnt_t
#define __want_time_t
#define __want_suseconds_t
#define __want_useconds_t
#define __want_clockid_t
#define __want_timer_t
#define __want_clock_t
#define __want_key_t
#define __want_int8_t
#define __want_int16_t
#define __want_int32_t
#define __want_int64_t
#include <bits/alltypes.h>

#include <bits/pthread_types.h>

#if __MISC_VISIBLE
typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef unsigned char u_int8_t;
typedef unsigned short u_int16_t;
typedef unsigned int u_int32_t;
typedef unsigned long u_int64_t;
typedef char *caddr_t;
typedef long quad_t;
typedef unsigned long u_quad_t;
typedef int daddr_t;
typedef off_t loff_t;
#endif
#if __MISC_VISIBLE /* BSD's programs have select from here */
#include <sys/select.h>
#endif
#if __GNU_VISIBLE
typedef off_t off64_t;
typedef ino_t ino64_t;
#endif

#endif
