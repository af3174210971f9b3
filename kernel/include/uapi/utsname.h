/*
 * uapi/utsname.h - uname(2).
 */
#ifndef UAPI_UTSNAME_H
#define UAPI_UTSNAME_H

#include <uapi/types.h>

#define __NEW_UTS_LEN 64

/* Linux's struct new_utsname, the one that uname takes on riscv64. */
struct utsname {
	char sysname[65];
	char nodename[65];
	char release[65];
	char version[65];
	char machine[65];
	char domainname[65];
};

UAPI_SIZE(struct utsname, 390);

#endif
