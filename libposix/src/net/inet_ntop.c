/*
 * inet_ntop.c - addresses as text: inet_ntop(3), RFC 5952.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* RFC 5952: the longest run of at least two zero groups is cut out, the first of equal ones. */
static void format_v6(const unsigned char *a, char *text)
{
	int best = -1, longest = 1;

	for (int i = 0; i < 8; i++) {
		int n = 0;

		while (i + n < 8 && !a[2 * (i + n)] && !a[2 * (i + n) + 1])
			n++;
		if (n > longest) {
			longest = n;
			best = i;
		}
	}
	if (best == 0 && (longest == 6 || (longest == 5 && a[10] == 0xff && a[11] == 0xff))) {
		sprintf(text, "::%s%d.%d.%d.%d", longest == 5 ? "ffff:" : "", a[12], a[13], a[14],
			a[15]);
		return;
	}
	for (int i = 0; i < 8; i++) {
		if (i == best) {
			text += sprintf(text, "::");
			i += longest - 1;
			continue;
		}
		text += sprintf(text, "%s%x", i && i != best + longest ? ":" : "",
				a[2 * i] << 8 | a[2 * i + 1]);
	}
	*text = '\0';
}

const char *inet_ntop(int family, const void *addr, char *text, socklen_t n)
{
	const unsigned char *a = addr;
	char buf[INET6_ADDRSTRLEN];

	if (family == AF_INET) {
		sprintf(buf, "%d.%d.%d.%d", a[0], a[1], a[2], a[3]);
	} else if (family == AF_INET6) {
		format_v6(a, buf);
	} else {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	if (strlen(buf) >= n) {
		errno = ENOSPC;
		return NULL;
	}
	return strcpy(text, buf);
}
