/*
 * hosts.c - /etc/hosts, hosts(5): an address, its name, other names.
 */
#include "names.h"

#include <string.h>
#include <strings.h>

int __hosts_addrs(const char *name, int family, struct found *out, char *canon)
{
	FILE *f = fopen("/etc/hosts", "re");
	char line[1024], *words[WORDS_MOST];
	int n = 0, count;

	if (!f && __lacking())
		return EAI_SYSTEM;
	while (f && n < ADDRS_MOST && (count = __words(f, line, sizeof(line), words)) > 0) {
		for (int i = 1; i < count; i++) {
			if (strcasecmp(words[i], name) || !__number(words[0], &out[n]) ||
			    (family && family != out[n].family))
				continue;
			if (!n++)
				strlcpy(canon, words[1], NAME_MOST);
			break;
		}
	}
	if (f)
		fclose(f);
	return n;
}

int __hosts_name(const struct found *of, char *name, size_t room)
{
	FILE *f = fopen("/etc/hosts", "re");
	char line[1024], *words[WORDS_MOST];
	int count, found = 0;

	while (f && !found && (count = __words(f, line, sizeof(line), words)) > 0) {
		struct found a;

		if (count < 2 || !__number(words[0], &a) || a.family != of->family ||
		    memcmp(a.addr, of->addr, a.family == AF_INET ? 4 : 16))
			continue;
		strlcpy(name, words[1], room);
		found = 1;
	}
	if (f)
		fclose(f);
	return found;
}
