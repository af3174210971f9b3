/* ether.c - Ethernet addresses as text: ether_aton(3), and by name from /etc/ethers. */
#include <netinet/ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ether_addr *ether_aton_r(const char *text, struct ether_addr *addr)
{
	for (int i = 0; i < ETH_ALEN; i++) {
		unsigned long n;
		char *end;

		if (i && *text++ != ':')
			return NULL;
		n = strtoul(text, &end, 16);
		if (end == text || n > 255)
			return NULL;
		addr->ether_addr_octet[i] = (uint8_t)n;
		text = end;
	}
	return *text ? NULL : addr;
}

struct ether_addr *ether_aton(const char *text)
{
	static struct ether_addr addr;

	return ether_aton_r(text, &addr);
}

char *ether_ntoa_r(const struct ether_addr *addr, char *text)
{
	const uint8_t *a = addr->ether_addr_octet;

	sprintf(text, "%x:%x:%x:%x:%x:%x", a[0], a[1], a[2], a[3], a[4], a[5]);
	return text;
}

char *ether_ntoa(const struct ether_addr *addr)
{
	static char text[18];

	return ether_ntoa_r(addr, text);
}

/* "address name", a comment after #. 0: it was one. */
int ether_line(const char *line, struct ether_addr *addr, char *host)
{
	size_t n = strcspn(line, " \t#\n"), m;
	char text[24];

	if (!n || n >= sizeof(text))
		return -1;
	memcpy(text, line, n);
	text[n] = '\0';
	line += n + strspn(line + n, " \t");
	m = strcspn(line, " \t#\n");
	if (!m || !ether_aton_r(text, addr))
		return -1;
	memcpy(host, line, m);
	host[m] = '\0';
	return 0;
}

static int look(const struct ether_addr *addr, const char *name, struct ether_addr *found,
		char *host)
{
	FILE *f = fopen("/etc/ethers", "re");
	char line[512];
	int got = -1;

	while (f && got && fgets(line, sizeof(line), f)) {
		if (ether_line(line, found, host))
			continue;
		if (addr ? !memcmp(addr, found, sizeof(*addr)) : !strcmp(name, host))
			got = 0;
	}
	if (f)
		fclose(f);
	return got;
}

int ether_ntohost(char *host, const struct ether_addr *addr)
{
	struct ether_addr found;
	char name[512];

	if (look(addr, NULL, &found, name))
		return -1;
	strcpy(host, name);
	return 0;
}

int ether_hostton(const char *host, struct ether_addr *addr)
{
	char name[512];

	return look(NULL, host, addr, name);
}
