/*
 * bits/alltypes.h - the types that several headers define. A header says
 * `#define __want_NAME` for each that it needs and then includes this, so that
 * none brings names that its standard doesn't give it.
 */
#if defined(__want_size_t) && !defined(__def_size_t)
#define __def_size_t
typedef __SIZE_TYPE__ size_t;
#endif
#if defined(__want_ptrdiff_t) && !defined(__def_ptrdiff_t)
#define __def_ptrdiff_t
typedef __PTRDIFF_TYPE__ ptrdiff_t;
#endif
#if defined(__want_ssize_t) && !defined(__def_ssize_t)
#define __def_ssize_t
typedef long ssize_t;
#endif
#if defined(__want_off_t) && !defined(__def_off_t)
#define __def_off_t
typedef long off_t;
#endif
#if defined(__want_pid_t) && !defined(__def_pid_t)
#define __def_pid_t
typedef int pid_t;
#endif
#if defined(__want_id_t) && !defined(__def_id_t)
#define __def_id_t
typedef unsigned int id_t;
#endif
#if defined(__want_uid_t) && !defined(__def_uid_t)
#define __def_uid_t
typedef unsigned int uid_t;
#endif
#if defined(__want_gid_t) && !defined(__def_gid_t)
#define __def_gid_t
typedef unsigned int gid_t;
#endif
#if defined(__want_mode_t) && !defined(__def_mode_t)
#define __def_mode_t
typedef unsigned int mode_t;
#endif
#if defined(__want_dev_t) && !defined(__def_dev_t)
#define __def_dev_t
typedef unsigned long dev_t;
#endif
#if defined(__want_ino_t) && !defined(__def_ino_t)
#define __def_ino_t
typedef unsigned long ino_t;
#endif
#if defined(__want_nlink_t) && !defined(__def_nlink_t)
#define __def_nlink_t
typedef unsigned int nlink_t;
#endif
#if defined(__want_blksize_t) && !defined(__def_blksize_t)
#define __def_blksize_t
typedef int blksize_t;
#endif
#if defined(__want_blkcnt_t) && !defined(__def_blkcnt_t)
#define __def_blkcnt_t
typedef long blkcnt_t;
#endif
#if defined(__want_fsblkcnt_t) && !defined(__def_fsblkcnt_t)
#define __def_fsblkcnt_t
typedef unsigned long fsblkcnt_t;
#endif
#if defined(__want_fsfilcnt_t) && !defined(__def_fsfilcnt_t)
#define __def_fsfilcnt_t
typedef unsigned long fsfilcnt_t;
#endif
#if defined(__want_time_t) && !defined(__def_time_t)
#define __def_time_t
typedef long time_t;
#endif
#if defined(__want_suseconds_t) && !defined(__def_suseconds_t)
#define __def_suseconds_t
typedef long suseconds_t;
#endif
#if defined(__want_useconds_t) && !defined(__def_useconds_t)
#define __def_useconds_t
typedef unsigned int useconds_t;
#endif
#if defined(__want_clockid_t) && !defined(__def_clockid_t)
#define __def_clockid_t
typedef int clockid_t;
#endif
#if defined(__want_timer_t) && !defined(__def_timer_t)
#define __def_timer_t
typedef void *timer_t;
#endif
#if defined(__want_clock_t) && !defined(__def_clock_t)
#define __def_clock_t
typedef long clock_t;
#endif
#if defined(__want_key_t) && !defined(__def_key_t)
#define __def_key_t
typedef int key_t;
#endif
#if defined(__want_wint_t) && !defined(__def_wint_t)
#define __def_wint_t
typedef unsigned int wint_t;
#endif
#if defined(__want_wctype_t) && !defined(__def_wctype_t)
#define __def_wctype_t
typedef unsigned long wctype_t;
#endif
#if defined(__want_locale_t) && !defined(__def_locale_t)
#define __def_locale_t
struct __locale_struct;
typedef struct __locale_struct *locale_t;
#endif
#if defined(__want_va_list) && !defined(__def_va_list)
#define __def_va_list
typedef __builtin_va_list va_list;
#endif
#if defined(__want_int8_t) && !defined(__def_int8_t)
#define __def_int8_t
typedef __INT8_TYPE__ int8_t;
#endif
#if defined(__want_int16_t) && !defined(__def_int16_t)
#define __def_int16_t
typedef __INT16_TYPE__ int16_t;
#endif
#if defined(__want_int32_t) && !defined(__def_int32_t)
#define __def_int32_t
typedef __INT32_TYPE__ int32_t;
#endif
#if defined(__want_int64_t) && !defined(__def_int64_t)
#define __def_int64_t
typedef __INT64_TYPE__ int64_t;
#endif
#if defined(__want_uint8_t) && !defined(__def_uint8_t)
#define __def_uint8_t
typedef __UINT8_TYPE__ uint8_t;
#endif
#if defined(__want_uint16_t) && !defined(__def_uint16_t)
#define __def_uint16_t
typedef __UINT16_TYPE__ uint16_t;
#endif
#if defined(__want_uint32_t) && !defined(__def_uint32_t)
#define __def_uint32_t
typedef __UINT32_TYPE__ uint32_t;
#endif
#if defined(__want_uint64_t) && !defined(__def_uint64_t)
#define __def_uint64_t
typedef __UINT64_TYPE__ uint64_t;
#endif
#if defined(__want_intptr_t) && !defined(__def_intptr_t)
#define __def_intptr_t
typedef __INTPTR_TYPE__ intptr_t;
#endif
#if defined(__want_uintptr_t) && !defined(__def_uintptr_t)
#define __def_uintptr_t
typedef __UINTPTR_TYPE__ uintptr_t;
#endif
#if defined(__want_intmax_t) && !defined(__def_intmax_t)
#define __def_intmax_t
typedef __INTMAX_TYPE__ intmax_t;
#endif
#if defined(__want_uintmax_t) && !defined(__def_uintmax_t)
#define __def_uintmax_t
typedef __UINTMAX_TYPE__ uintmax_t;
#endif
#if defined(__want_socklen_t) && !defined(__def_socklen_t)
#define __def_socklen_t
typedef unsigned int socklen_t;
#endif
#if defined(__want_sa_family_t) && !defined(__def_sa_family_t)
#define __def_sa_family_t
typedef unsigned short sa_family_t;
#endif
#if defined(__want_wchar_t) && !defined(__def_wchar_t)
#define __def_wchar_t
#ifndef __cplusplus
typedef __WCHAR_TYPE__ wchar_t;
#endif
#endif
#if defined(__want_mbstate_t) && !defined(__def_mbstate_t)
#define __def_mbstate_t
typedef struct {
	unsigned int __have, __left;
} mbstate_t;
#endif
#if defined(__want_FILE) && !defined(__def_FILE)
#define __def_FILE
struct __file;
typedef struct __file FILE;
#endif
#if defined(__want_struct_iovec) && !defined(__def_struct_iovec)
#define __def_struct_iovec
#include <uapi/uio.h>
#endif
#if defined(__want_struct_timespec) && !defined(__def_struct_timespec)
#define __def_struct_timespec
#include <uapi/time.h>
#endif
#if defined(__want_NULL) && !defined(NULL)
#if defined(__cplusplus)
#define NULL __null
#else
#define NULL ((void *)0)
#endif
#endif
