/*
 * wctype_l.c - wctype.h's functions with a locale, which makes no difference to them.
 */
#include <wctype.h>

int iswalnum_l(wint_t c, locale_t loc)
{
	(void)loc;
	return iswalnum(c);
}

int iswalpha_l(wint_t c, locale_t loc)
{
	(void)loc;
	return iswalpha(c);
}

int iswblank_l(wint_t c, locale_t loc)
{
	(void)loc;
	return iswblank(c);
}

int iswcntrl_l(wint_t c, locale_t loc)
{
	(void)loc;
	return iswcntrl(c);
}

int iswdigit_l(wint_t c, locale_t loc)
{
	(void)loc;
	return iswdigit(c);
}

int iswgraph_l(wint_t c, locale_t loc)
{
	(void)loc;
	return iswgraph(c);
}

int iswlower_l(wint_t c, locale_t loc)
{
	(void)loc;
	return iswlower(c);
}

int iswprint_l(wint_t c, locale_t loc)
{
	(void)loc;
	return iswprint(c);
}

int iswpunct_l(wint_t c, locale_t loc)
{
	(void)loc;
	return iswpunct(c);
}

int iswspace_l(wint_t c, locale_t loc)
{
	(void)loc;
	return iswspace(c);
}

int iswupper_l(wint_t c, locale_t loc)
{
	(void)loc;
	return iswupper(c);
}

int iswxdigit_l(wint_t c, locale_t loc)
{
	(void)loc;
	return iswxdigit(c);
}

wint_t towlower_l(wint_t c, locale_t loc)
{
	(void)loc;
	return towlower(c);
}

wint_t towupper_l(wint_t c, locale_t loc)
{
	(void)loc;
	return towupper(c);
}

wctype_t wctype_l(const char *name, locale_t loc)
{
	(void)loc;
	return wctype(name);
}

int iswctype_l(wint_t c, wctype_t type, locale_t loc)
{
	(void)loc;
	return iswctype(c, type);
}

wctrans_t wctrans_l(const char *name, locale_t loc)
{
	(void)loc;
	return wctrans(name);
}

wint_t towctrans_l(wint_t c, wctrans_t trans, locale_t loc)
{
	(void)loc;
	return towctrans(c, trans);
}
