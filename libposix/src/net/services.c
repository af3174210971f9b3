/*
 * services.c - /etc/services, services(5): a name, its port and protocol, other names.
 */
#include "names.h"

#include <stdlib.h>
#include <string.h>

/* The line's port when it is of that protocol (NULL: of any), else -1. */
static int port_of(char **words, int count, const char *protocol)
{
	char *end;
	long port;

	if (count < 2)
		return -1;
	port = strtol(words[1], &end, 10);
	if (*end != '/' || port < 0 || port > 65535 || (protocol && strcmp(end + 1, protocol)))
		return -1;
	return (int)port;
}

int __service_port(const char *name, const char *protocol)
{
	FILE *f = fopen("/etc/services", "re");
	char line[512], *words[WORDS_MOST];
	int port = -1, count;

	if (!f && __lacking())
		return EAI_SYSTEM;
	while (f && port < 0 && (count = __words(f, line, sizeof(line), words)) > 0)
		for (int i = 0; i < count && port < 0; i++)
			if (i != 1 && !strcmp(words[i], name))
				port = port_of(words, count, protocol);
	if (f)
		fclose(f);
	return port;
}

int __service_name(int port, const char *protocol, char *name, size_t room)
{
	FILE *f = fopen("/etc/services", "re");
	char line[512], *words[WORDS_MOST];
	int found = 0, count;

	while (f && !found && (count = __words(f, line, sizeof(line), words)) > 0) {
		found = port_of(words, count, protocol) == port;
		if (found)
			strlcpy(name, words[0], room);
	}
	if (f)
		fclose(f);
	return found;
}
