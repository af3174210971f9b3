/*
 * fmtmsg.h - messages in one form, to stderr and to the console (POSIX XSI).
 */
#ifndef _FMTMSG_H
#define _FMTMSG_H

#include <features.h>

/* Where it comes from, and what the program will do: for whoever reads them; fmtmsg does not. */
#define MM_HARD	   1
#define MM_SOFT	   2
#define MM_FIRM	   4
#define MM_APPL	   8
#define MM_UTIL	   16
#define MM_OPSYS   32
#define MM_RECOVER 64
#define MM_NRECOV  128

/* Where it goes */
#define MM_PRINT   256
#define MM_CONSOLE 512

/* How bad it is */
#define MM_NOSEV   0
#define MM_HALT	   1
#define MM_ERROR   2
#define MM_WARNING 3
#define MM_INFO	   4

/* What is not said */
#define MM_NULLMC  0L
#define MM_NULLSEV 0
#define MM_NULLLBL ((char *)0)
#define MM_NULLTXT ((char *)0)
#define MM_NULLACT ((char *)0)
#define MM_NULLTAG ((char *)0)

#define MM_OK	   0
#define MM_NOTOK   (-1)
#define MM_NOMSG   1 /* stderr could not be written to */
#define MM_NOCON   4 /* the console could not */

__BEGIN_DECLS

int fmtmsg(long __class, const char *__label, int __severity, const char *__text,
	   const char *__action, const char *__tag);

__END_DECLS

#endif
