/*
 * sys/user.h - the registers of a traced process.
 */
#ifndef _SYS_USER_H
#define _SYS_USER_H

#include <features.h>
#include <uapi/ptrace.h>
#if !UAPI_LINUX && __has_include(<asm/ptrace.h>)
#include <asm/ptrace.h>
#endif

#endif
