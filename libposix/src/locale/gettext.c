/*
 * gettext.c - messages (libintl.h). The locales are C and C.UTF-8, which have no catalogues, so a
 * message is its own translation. The name of the domain and its folder are kept for who asks.
 */
#include <errno.h>
#include <libintl.h>
#include <limits.h>
#include <string.h>

static char domain_now[NAME_MAX + 1] = "messages";
static char folder_now[PATH_MAX] = "/usr/share/locale";

char *dcngettext(const char *domain, const char *one, const char *many, unsigned long n,
		 int category)
{
	(void)domain;
	(void)category;
	return (char *)(n == 1 ? one : many);
}

char *dngettext(const char *domain, const char *one, const char *many, unsigned long n)
{
	return dcngettext(domain, one, many, n, 0);
}

char *ngettext(const char *one, const char *many, unsigned long n)
{
	return dcngettext(NULL, one, many, n, 0);
}

char *dcgettext(const char *domain, const char *msg, int category)
{
	return dcngettext(domain, msg, msg, 1, category);
}

char *dgettext(const char *domain, const char *msg)
{
	return dcgettext(domain, msg, 0);
}

char *gettext(const char *msg)
{
	return dcgettext(NULL, msg, 0);
}

/* A copy of `name` in `room`; NULL asks, too long fails. */
static char *keep(char *room, size_t size, const char *name)
{
	size_t n;

	if (!name)
		return room;
	n = strlen(name);
	if (n >= size) {
		errno = ENOMEM;
		return NULL;
	}
	return memcpy(room, name, n + 1);
}

char *textdomain(const char *domain)
{
	return keep(domain_now, sizeof(domain_now), domain && !*domain ? "messages" : domain);
}

char *bindtextdomain(const char *domain, const char *folder)
{
	if (!domain || !*domain) {
		errno = EINVAL;
		return NULL;
	}
	return keep(folder_now, sizeof(folder_now), folder);
}

/* Messages are never converted: no codeset but the program's own. */
char *bind_textdomain_codeset(const char *domain, const char *codeset)
{
	(void)domain;
	(void)codeset;
	return NULL;
}
