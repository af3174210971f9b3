/*
 * langinfo.h - words and formats of a locale (POSIX).
 */
#ifndef _LANGINFO_H
#define _LANGINFO_H

#include <features.h>

#define __want_locale_t
#include <bits/alltypes.h>

#include <nl_types.h>

#define DAY_1	  0
#define DAY_2	  1
#define DAY_3	  2
#define DAY_4	  3
#define DAY_5	  4
#define DAY_6	  5
#define DAY_7	  6
#define ABDAY_1	  7
#define ABDAY_2	  8
#define ABDAY_3	  9
#define ABDAY_4	  10
#define ABDAY_5	  11
#define ABDAY_6	  12
#define ABDAY_7	  13
#define MON_1	  14
#define MON_2	  15
#define MON_3	  16
#define MON_4	  17
#define MON_5	  18
#define MON_6	  19
#define MON_7	  20
#define MON_8	  21
#define MON_9	  22
#define MON_10	  23
#define MON_11	  24
#define MON_12	  25
#define ABMON_1	  26
#define ABMON_2	  27
#define ABMON_3	  28
#define ABMON_4	  29
#define ABMON_5	  30
#define ABMON_6	  31
#define ABMON_7	  32
#define ABMON_8	  33
#define ABMON_9	  34
#define ABMON_10  35
#define ABMON_11  36
#define ABMON_12  37
#define CODESET	  38
#define RADIXCHAR 39
#define THOUSEP	  40
#define YESEXPR	  41
#define NOEXPR	  42
#if __MISC_VISIBLE
#define YESSTR 43
#define NOSTR  44
#endif
#define CRNCYSTR    45
#define D_T_FMT	    46
#define D_FMT	    47
#define T_FMT	    48
#define T_FMT_AMPM  49
#define AM_STR	    50
#define PM_STR	    51
#define ERA	    52
#define ERA_D_FMT   53
#define ERA_D_T_FMT 54
#define ERA_T_FMT   55
#define ALT_DIGITS  56

__BEGIN_DECLS

char *nl_langinfo(nl_item __item);
#if __POSIX_VISIBLE >= 200809
char *nl_langinfo_l(nl_item __item, locale_t __loc);
#endif

__END_DECLS

#endif
