/*
 * alloca.h - memory of the caller's frame.
 */
#ifndef _ALLOCA_H
#define _ALLOCA_H

#include <features.h>

#define __want_size_t
#include <bits/alltypes.h>

#define alloca(n) __builtin_alloca(n)

#endif
