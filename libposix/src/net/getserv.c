/*
 * getserv.c - services by name and port, and one after the other: getservbyname(3),
 * getservent(3), from /etc/services.
 */
#include "names.h"
#include "pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int fill(struct servent *serv, char *buf, size_t size, char **words, int count,
		struct servent **out)
{
	struct pack p = { buf, size, 0 };
	char *slash;
	long port = strtol(words[1], &slash, 10);

	if (*slash != '/')
		return 0;
	serv->s_port = htons((uint16_t)port);
	serv->s_aliases = __pack_list(&p, (size_t)count - 2);
	serv->s_name = __pack_text(&p, words[0]);
	serv->s_proto = __pack_text(&p, slash + 1);
	for (int i = 2; i < count && !p.full; i++)
		serv->s_aliases[i - 2] = __pack_text(&p, words[i]);
	if (p.full)
		return ERANGE;
	*out = serv;
	return 0;
}

/* The next line that matches, NULL and -1: any. */
static int next(FILE *f, const char *name, int port, const char *proto, struct servent *serv,
		char *buf, size_t size, struct servent **out)
{
	char line[512], *words[WORDS_MOST], *slash;
	int count;

	*out = NULL;
	while (f && (count = __words(f, line, sizeof(line), words)) > 0) {
		int match = !name;

		if (count < 2)
			continue;
		for (int i = 0; i < count && !match; i++)
			match = i != 1 && !strcmp(words[i], name);
		if (!match || (port >= 0 && strtol(words[1], NULL, 10) != port))
			continue;
		slash = strchr(words[1], '/');
		if (!slash || (proto && strcmp(slash + 1, proto)))
			continue;
		return fill(serv, buf, size, words, count, out);
	}
	return ENOENT;
}

int getservbyname_r(const char *name, const char *proto, struct servent *serv, char *buf,
		    size_t size, struct servent **out)
{
	FILE *f = fopen("/etc/services", "re");
	int err = next(f, name, -1, proto, serv, buf, size, out);

	if (f)
		fclose(f);
	return err;
}

int getservbyport_r(int port, const char *proto, struct servent *serv, char *buf, size_t size,
		    struct servent **out)
{
	FILE *f = fopen("/etc/services", "re");
	int err = next(f, NULL, ntohs((uint16_t)port), proto, serv, buf, size, out);

	if (f)
		fclose(f);
	return err;
}

static struct servent one;
static char room[1024];
static FILE *list;

struct servent *getservbyname(const char *name, const char *proto)
{
	struct servent *out;

	getservbyname_r(name, proto, &one, room, sizeof(room), &out);
	return out;
}

struct servent *getservbyport(int port, const char *proto)
{
	struct servent *out;

	getservbyport_r(port, proto, &one, room, sizeof(room), &out);
	return out;
}

void endservent(void)
{
	if (list)
		fclose(list);
	list = NULL;
}

void setservent(int stay)
{
	(void)stay;
	endservent();
}

struct servent *getservent(void)
{
	struct servent *out;

	if (!list)
		list = fopen("/etc/services", "re");
	next(list, NULL, -1, NULL, &one, room, sizeof(room), &out);
	return out;
}
