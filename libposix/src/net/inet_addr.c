/*
 * inet_addr.c - the old forms of IPv4's addresses: inet(3). "127.1" is 127.0.0.1, 0x7f.1 too.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

int inet_aton(const char *text, struct in_addr *addr)
{
	unsigned long part[4];
	int n = 0;
	char *end;

	do {
		if (n == 4 || *text < '0' || *text > '9')
			return 0;
		part[n++] = strtoul(text, &end, 0);
		if (*end && *end != '.')
			return 0;
		text = end + 1;
	} while (*end);
	/* each but the last is a byte; the last fills what is left */
	if (part[n - 1] >> (8 * (5 - n)))
		return 0;
	for (int i = 0; i < n - 1; i++) {
		if (part[i] > 255)
			return 0;
		part[n - 1] |= part[i] << (24 - 8 * i);
	}
	addr->s_addr = htonl((uint32_t)part[n - 1]);
	return 1;
}

in_addr_t inet_addr(const char *text)
{
	struct in_addr a;

	return inet_aton(text, &a) ? a.s_addr : INADDR_NONE;
}

char *inet_ntoa(struct in_addr addr)
{
	static char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &addr, text, sizeof(text));
	return text;
}
