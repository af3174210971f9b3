/*
 * rename.h - included before everything when kernel code is compiled for the host:
 * the functions of lib/ that libc has too get a prefix, so that both can be linked.
 */
#ifndef TESTS_HOST_SHIM_RENAME_H
#define TESTS_HOST_SHIM_RENAME_H

#define memcpy	    k_memcpy
#define memmove	    k_memmove
#define memset	    k_memset
#define memcmp	    k_memcmp
#define memchr	    k_memchr
#define memrchr	    k_memrchr
#define memmem	    k_memmem
#define strlen	    k_strlen
#define strnlen	    k_strnlen
#define strcmp	    k_strcmp
#define strncmp	    k_strncmp
#define strcasecmp  k_strcasecmp
#define strncasecmp k_strncasecmp
#define strchr	    k_strchr
#define strchrnul   k_strchrnul
#define strrchr	    k_strrchr
#define strstr	    k_strstr
#define strspn	    k_strspn
#define strcspn	    k_strcspn
#define strpbrk	    k_strpbrk
#define strsep	    k_strsep
#define strlcpy	    k_strlcpy
#define strlcat	    k_strlcat
#define vsnprintf   k_vsnprintf
#define snprintf    k_snprintf

#endif
