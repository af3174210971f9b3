/*
 * c23.c - functions of C23's math.h that picolibc has not: roundeven, llogb, nextup and nextdown, fmaximum and its
 * like, canonicalize, totalorder, setpayload, issignaling.
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#define TYPE	 float
#define BITS	 uint32_t
#define F(name)	 name##f
#define FRACTION 23
#include "c23.h"

#define TYPE	 double
#define BITS	 uint64_t
#define F(name)	 name
#define FRACTION 52
#include "c23.h"

#define TYPE	 long double
#define BITS	 unsigned __int128
#define F(name)	 name##l
#define FRACTION 112
#include "c23.h"
