/*
 * bits/wait.h - how a process ended, for sys/wait.h and stdlib.h.
 */
#ifndef _BITS_WAIT_H
#define _BITS_WAIT_H

#include <uapi/wait.h>

#define WEXITSTATUS(s)	(((s) >> 8) & 0xff)
#define WTERMSIG(s)	((s)&0x7f)
#define WSTOPSIG(s)	WEXITSTATUS(s)
#define WIFEXITED(s)	(WTERMSIG(s) == 0)
#define WIFSTOPPED(s)	(((s)&0xff) == 0x7f)
#define WIFSIGNALED(s)	(WTERMSIG(s) != 0 && !WIFSTOPPED(s) && (s) != 0xffff)
#define WIFCONTINUED(s) ((s) == 0xffff)
#define WCOREDUMP(s)	((s)&0x80)

#endif
