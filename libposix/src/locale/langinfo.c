/*
 * langinfo.c - nl_langinfo: words and formats of the POSIX locale (POSIX 7.3.5), and
 * message catalogues, of which there are none.
 */
#include "locale.h"

#include <errno.h>
#include <langinfo.h>
#include <nl_types.h>

static const char *const items[] = {
	[DAY_1] = "Sunday",
	"Monday",
	"Tuesday",
	"Wednesday",
	"Thursday",
	"Friday",
	"Saturday",
	[ABDAY_1] = "Sun",
	"Mon",
	"Tue",
	"Wed",
	"Thu",
	"Fri",
	"Sat",
	[MON_1] = "January",
	"February",
	"March",
	"April",
	"May",
	"June",
	"July",
	"August",
	"September",
	"October",
	"November",
	"December",
	[ABMON_1] = "Jan",
	"Feb",
	"Mar",
	"Apr",
	"May",
	"Jun",
	"Jul",
	"Aug",
	"Sep",
	"Oct",
	"Nov",
	"Dec",
	[RADIXCHAR] = ".",
	[THOUSEP] = "",
	[YESEXPR] = "^[yY]",
	[NOEXPR] = "^[nN]",
	[YESSTR] = "",
	[NOSTR] = "",
	[CRNCYSTR] = "-",
	[D_T_FMT] = "%a %b %e %H:%M:%S %Y",
	[D_FMT] = "%m/%d/%y",
	[T_FMT] = "%H:%M:%S",
	[T_FMT_AMPM] = "%I:%M:%S %p",
	[AM_STR] = "AM",
	[PM_STR] = "PM",
	[ERA] = "",
	[ERA_D_FMT] = "",
	[ERA_D_T_FMT] = "",
	[ERA_T_FMT] = "",
	[ALT_DIGITS] = "",
};

char *nl_langinfo_l(nl_item item, locale_t loc)
{
	if (item == CODESET) {
		if (loc == LC_GLOBAL_LOCALE)
			loc = &__global_locale;
		return (char *)(loc->utf8[LC_CTYPE] ? "UTF-8" : "ANSI_X3.4-1968");
	}
	if (item < 0 || item >= (int)(sizeof(items) / sizeof(*items)) || !items[item])
		return (char *)"";
	return (char *)items[item];
}

char *nl_langinfo(nl_item item)
{
	return nl_langinfo_l(item, __locale_now());
}

nl_catd catopen(const char *name, int flag)
{
	(void)name;
	(void)flag;
	errno = ENOENT;
	return (nl_catd)-1;
}

char *catgets(nl_catd cat, int set, int id, const char *def)
{
	(void)cat;
	(void)set;
	(void)id;
	errno = EBADF;
	return (char *)def;
}

int catclose(nl_catd cat)
{
	(void)cat;
	errno = EBADF;
	return -1;
}
