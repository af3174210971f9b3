/*
 * utmpx.h - another name of utmp.h.
 */
#ifndef _UTMPX_H
#define _UTMPX_H

#include <utmp.h>

#endif
