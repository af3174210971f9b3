/*
 * ctype.h - classes of characters (C11 7.4). Those above 127 belong to none
 * in both of our locales; EOF is accepted and is in none.
 */
#ifndef _CTYPE_H
#define _CTYPE_H

#include <features.h>

#define __want_locale_t
#include <bits/alltypes.h>

__BEGIN_DECLS

int isalnum(int __c);
int isalpha(int __c);
int isblank(int __c);
int iscntrl(int __c);
int isdigit(int __c);
int isgraph(int __c);
int islower(int __c);
int isprint(int __c);
int ispunct(int __c);
int isspace(int __c);
int isupper(int __c);
int isxdigit(int __c);
int tolower(int __c);
int toupper(int __c);

#if __XSI_VISIBLE || __MISC_VISIBLE
int isascii(int __c);
int toascii(int __c);
#endif

#if __POSIX_VISIBLE >= 200809
int isalnum_l(int __c, locale_t __loc);
int isalpha_l(int __c, locale_t __loc);
int isblank_l(int __c, locale_t __loc);
int iscntrl_l(int __c, locale_t __loc);
int isdigit_l(int __c, locale_t __loc);
int isgraph_l(int __c, locale_t __loc);
int islower_l(int __c, locale_t __loc);
int isprint_l(int __c, locale_t __loc);
int ispunct_l(int __c, locale_t __loc);
int isspace_l(int __c, locale_t __loc);
int isupper_l(int __c, locale_t __loc);
int isxdigit_l(int __c, locale_t __loc);
int tolower_l(int __c, locale_t __loc);
int toupper_l(int __c, locale_t __loc);
#endif

__END_DECLS

#endif
