/*
 * dns.c - messages to and from name servers: RFC 1035, section 4. Whatever the server sent, nothing
 * outside the message is read.
 */
#include "names.h"

#include <ctype.h>
#include <string.h>

#define HEADER 12
#define HOPS   64 /* pointers that one name may follow */

size_t __dns_question(unsigned char *q, const char *name, int type, unsigned short id)
{
	unsigned char *at = q + HEADER;

	memset(q, 0, HEADER);
	q[0] = (unsigned char)(id >> 8);
	q[1] = (unsigned char)id;
	q[2] = 1; /* recursion desired */
	q[5] = 1;
	if (!strcmp(name, "."))
		name++;
	while (*name) {
		size_t n = strcspn(name, ".");

		if (!n || n > 63 || (size_t)(at - q) + n + 2 > HEADER + 255)
			return 0;
		*at++ = (unsigned char)n;
		memcpy(at, name, n);
		at += n;
		name += n + (name[n] == '.');
	}
	*at++ = 0;
	*at++ = (unsigned char)(type >> 8);
	*at++ = (unsigned char)type;
	*at++ = 0;
	*at++ = C_IN;
	return (size_t)(at - q);
}

int __dns_answers(const unsigned char *a, size_t len, const unsigned char *q, size_t qlen)
{
	if (len < qlen || a[0] != q[0] || a[1] != q[1] || !(a[2] & 0x80) || a[4] || a[5] != 1)
		return 0;
	for (size_t i = HEADER; i < qlen; i++)
		if (tolower(a[i]) != tolower(q[i]))
			return 0;
	return 1;
}

int dn_expand(const unsigned char *msg, const unsigned char *end, const unsigned char *at,
	      char *name, int room)
{
	const unsigned char *start = at;
	int used = -1, n = 0;

	for (int hops = 0; at < end && *at;) {
		if (*at >= 0xc0) {
			if (end - at < 2 || ++hops > HOPS)
				return -1;
			if (used < 0)
				used = (int)(at + 2 - start);
			at = msg + ((at[0] & 0x3f) << 8 | at[1]);
			continue;
		}
		if (*at > 63 || end - at <= *at || n + (n > 0) + *at + 1 > room)
			return -1;
		if (n)
			name[n++] = '.';
		memcpy(name + n, at + 1, *at);
		n += *at;
		at += *at + 1;
	}
	if (at >= end || n >= room)
		return -1;
	name[n] = '\0';
	return used < 0 ? (int)(at + 1 - start) : used;
}

int __dns_record(const unsigned char *a, size_t len, size_t *at, char *name,
		 const unsigned char **data, size_t *n)
{
	const unsigned char *p;
	int used;

	if (!*at) {
		used = len < HEADER ? -1 : dn_expand(a, a + len, a + HEADER, name, NAME_MOST);
		if (used < 0)
			return -1;
		*at = HEADER + (size_t)used + 4;
	}
	if (*at >= len)
		return -1;
	used = dn_expand(a, a + len, a + *at, name, NAME_MOST);
	if (used < 0 || len - *at < (size_t)used + 10)
		return -1;
	p = a + *at + used;
	*n = (size_t)(p[8] << 8 | p[9]);
	*data = p + 10;
	if ((size_t)(a + len - *data) < *n)
		return -1;
	*at = (size_t)(*data + *n - a);
	return p[0] << 8 | p[1];
}
