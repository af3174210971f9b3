/*
 * locale.c - setlocale, newlocale and their like over two locales: C (or POSIX) and
 * C.UTF-8. The global locale is changed by setlocale only, which POSIX does not
 * make safe against other threads; a locale_t never changes but by newlocale.
 */
#include "locale.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct __locale_struct __global_locale = { .fixed = 1, LOCALE_TABLES };
__thread struct __locale_struct *__thread_locale;

static const char *const category_names[LC_ALL] = {
	[LC_CTYPE] = "LC_CTYPE",     [LC_NUMERIC] = "LC_NUMERIC",   [LC_TIME] = "LC_TIME",
	[LC_COLLATE] = "LC_COLLATE", [LC_MONETARY] = "LC_MONETARY", [LC_MESSAGES] = "LC_MESSAGES",
};

static const char *name_of(int utf8)
{
	return utf8 ? "C.UTF-8" : "C";
}

/* 0 for C, 1 for C.UTF-8, -1 for a locale that is not here. */
static int find(const char *name, size_t n)
{
	if ((n == 1 && *name == 'C') || (n == 5 && !memcmp(name, "POSIX", 5)))
		return 0;
	if (n == 7 && (!memcmp(name, "C.UTF-8", 7) || !strncasecmp(name, "C.utf-8", 7)))
		return 1;
	if (n == 6 && !strncasecmp(name, "C.utf8", 6))
		return 1;
	return -1;
}

/*
 * What the environment asks for. Of a language that isn't here the encoding is kept,
 * so that en_US.UTF-8 at least shows its text.
 */
static int from_environment(int category)
{
	const char *name = getenv("LC_ALL");
	size_t n;
	int utf8;

	if (!name || !*name)
		name = getenv(category_names[category]);
	if (!name || !*name)
		name = getenv("LANG");
	if (!name || !*name)
		return 0;
	n = strlen(name);
	utf8 = find(name, n);
	if (utf8 >= 0)
		return utf8;
	return (n > 6 && !strcasecmp(name + n - 6, ".UTF-8")) ||
	       (n > 5 && !strcasecmp(name + n - 5, ".utf8"));
}

/* "LC_CTYPE=C.UTF-8;LC_NUMERIC=C;..." as setlocale(LC_ALL, NULL) gives it. */
static int find_in_list(const char *list, int category)
{
	size_t n = strlen(category_names[category]);

	for (const char *p = list; *p;) {
		size_t len = strcspn(p, ";");

		if (len > n && !strncmp(p, category_names[category], n) && p[n] == '=')
			return find(p + n + 1, len - n - 1);
		p += len + (p[len] == ';');
	}
	return -1;
}

static int choose(const char *name, int category)
{
	if (!*name)
		return from_environment(category);
	return strchr(name, '=') ? find_in_list(name, category) : find(name, strlen(name));
}

/* `to` with the categories of mask set by name; -1 with ENOENT and nothing changed. */
static int set(struct __locale_struct *to, int mask, const char *name)
{
	struct __locale_struct new = *to;

	for (int i = 0; i < LC_ALL; i++) {
		int utf8 = mask & 1 << i ? choose(name, i) : to->utf8[i];

		if (utf8 < 0) {
			errno = ENOENT;
			return -1;
		}
		new.utf8[i] = (unsigned char)utf8;
	}
	*to = new;
	return 0;
}

static int uniform(const struct __locale_struct *loc)
{
	for (int i = 1; i < LC_ALL; i++)
		if (loc->utf8[i] != loc->utf8[0])
			return 0;
	return 1;
}

char *setlocale(int category, const char *name)
{
	static char all[128];
	char *p = all;

	if (category < 0 || category > LC_ALL) {
		errno = EINVAL;
		return NULL;
	}
	if (name && set(&__global_locale, category == LC_ALL ? LC_ALL_MASK : 1 << category, name))
		return NULL;
	if (category != LC_ALL || uniform(&__global_locale))
		return (char *)name_of(__global_locale.utf8[category == LC_ALL ? 0 : category]);
	for (int i = 0; i < LC_ALL; i++) {
		if (i)
			*p++ = ';';
		p = stpcpy(p, category_names[i]);
		*p++ = '=';
		p = stpcpy(p, name_of(__global_locale.utf8[i]));
	}
	return all;
}

locale_t newlocale(int mask, const char *name, locale_t base)
{
	struct __locale_struct *loc;

	/* glibc's word for all, which libstdc++ says */
	if (mask == 1 << LC_ALL)
		mask = LC_ALL_MASK;
	if (!name || mask & ~LC_ALL_MASK) {
		errno = EINVAL;
		return NULL;
	}
	if (base && !base->fixed)
		return set(base, mask, name) ? NULL : base;
	loc = malloc(sizeof(*loc));
	if (!loc)
		return NULL;
	*loc = base ? *base : (struct __locale_struct){ LOCALE_TABLES };
	loc->fixed = 0;
	if (set(loc, mask, name)) {
		free(loc);
		return NULL;
	}
	return loc;
}

locale_t duplocale(locale_t from)
{
	struct __locale_struct *loc = malloc(sizeof(*loc));

	if (!loc)
		return NULL;
	*loc = from == LC_GLOBAL_LOCALE ? __global_locale : *from;
	loc->fixed = 0;
	return loc;
}

void freelocale(locale_t loc)
{
	if (loc && loc != LC_GLOBAL_LOCALE && !loc->fixed)
		free(loc);
}

locale_t uselocale(locale_t new)
{
	struct __locale_struct *old = __thread_locale;

	if (new == LC_GLOBAL_LOCALE)
		__thread_locale = NULL;
	else if (new)
		__thread_locale = new;
	return old ? old : LC_GLOBAL_LOCALE;
}

const char *getlocalename_l(int category, locale_t loc)
{
	if (category < 0 || category >= LC_ALL)
		return NULL;
	return name_of((loc == LC_GLOBAL_LOCALE ? &__global_locale : loc)->utf8[category]);
}

/* Formats of numbers and money: those of the C locale (C11 7.11.2.1). */
struct lconv *localeconv(void)
{
	static char point[] = ".", none[] = "";
	static struct lconv c = {
		.decimal_point = point,
		.thousands_sep = none,
		.grouping = none,
		.int_curr_symbol = none,
		.currency_symbol = none,
		.mon_decimal_point = none,
		.mon_thousands_sep = none,
		.mon_grouping = none,
		.positive_sign = none,
		.negative_sign = none,
		.int_frac_digits = 127,
		.frac_digits = 127,
		.p_cs_precedes = 127,
		.p_sep_by_space = 127,
		.n_cs_precedes = 127,
		.n_sep_by_space = 127,
		.p_sign_posn = 127,
		.n_sign_posn = 127,
		.int_p_cs_precedes = 127,
		.int_p_sep_by_space = 127,
		.int_n_cs_precedes = 127,
		.int_n_sep_by_space = 127,
		.int_p_sign_posn = 127,
		.int_n_sign_posn = 127,
	};

	return &c;
}
