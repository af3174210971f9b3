/*
 * wctype.h - classes of wide characters (C11 7.30).
 */
#ifndef _WCTYPE_H
#define _WCTYPE_H

#include <features.h>

#define __want_wint_t
#define __want_wctype_t
#define __want_locale_t
#include <bits/alltypes.h>

typedef const int *wctrans_t;

#ifndef WEOF
#define WEOF 0xffffffffu
#endif

__BEGIN_DECLS

int iswalnum(wint_t __c);
int iswalpha(wint_t __c);
int iswblank(wint_t __c);
int iswcntrl(wint_t __c);
int iswdigit(wint_t __c);
int iswgraph(wint_t __c);
int iswlower(wint_t __c);
int iswprint(wint_t __c);
int iswpunct(wint_t __c);
int iswspace(wint_t __c);
int iswupper(wint_t __c);
int iswxdigit(wint_t __c);
wint_t towlower(wint_t __c);
wint_t towupper(wint_t __c);
wctype_t wctype(const char *__name);
int iswctype(wint_t __c, wctype_t __type);
wctrans_t wctrans(const char *__name);
wint_t towctrans(wint_t __c, wctrans_t __trans);

#if __POSIX_VISIBLE >= 200809
int iswalnum_l(wint_t __c, locale_t __loc);
int iswalpha_l(wint_t __c, locale_t __loc);
int iswblank_l(wint_t __c, locale_t __loc);
int iswcntrl_l(wint_t __c, locale_t __loc);
int iswdigit_l(wint_t __c, locale_t __loc);
int iswgraph_l(wint_t __c, locale_t __loc);
int iswlower_l(wint_t __c, locale_t __loc);
int iswprint_l(wint_t __c, locale_t __loc);
int iswpunct_l(wint_t __c, locale_t __loc);
int iswspace_l(wint_t __c, locale_t __loc);
int iswupper_l(wint_t __c, locale_t __loc);
int iswxdigit_l(wint_t __c, locale_t __loc);
wint_t towlower_l(wint_t __c, locale_t __loc);
wint_t towupper_l(wint_t __c, locale_t __loc);
wctype_t wctype_l(const char *__name, locale_t __loc);
int iswctype_l(wint_t __c, wctype_t __type, locale_t __loc);
wctrans_t wctrans_l(const char *__name, locale_t __loc);
wint_t towctrans_l(wint_t __c, wctrans_t __trans, locale_t __loc);
#endif

__END_DECLS

#endif
