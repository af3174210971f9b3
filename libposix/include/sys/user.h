/*
 * sys/user.h - the registers of a traced process.
 */
#ifndef _SYS_USER_H
#define _SYS_USER_H

#include <uapi/ptrace.h>

#endif
