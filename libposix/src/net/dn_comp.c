/*
 * dn_comp.c - names into messages, RFC 1035 section 4.1.4: an end that an earlier
 * name of the message has too is pointed to.
 */
#include <resolv.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Is the name at `at` of the message the dotted `name`? */
static int same(const unsigned char *msg, const unsigned char *at, const char *name)
{
	for (int hops = 0; hops < 64;) {
		if (*at >= 0xc0) {
			at = msg + ((at[0] & 0x3f) << 8 | at[1]);
			hops++;
			continue;
		}
		if (!*at)
			return !*name;
		if (strncasecmp((const char *)at + 1, name, *at) || (name[*at] && name[*at] != '.'))
			return 0;
		name += *at + (name[*at] == '.');
		at += *at + 1;
	}
	return 0;
}

/* Where in the message a name or an end of one is that is this. NULL: nowhere. */
static const unsigned char *find(unsigned char **dn, unsigned char **last, const char *name)
{
	const unsigned char *msg = dn[0];

	for (unsigned char **p = dn + 1; *p && (!last || p < last); p++)
		for (const unsigned char *at = *p; *at && *at < 0xc0; at += *at + 1)
			if (at - msg < 0x4000 && same(msg, at, name))
				return at;
	return NULL;
}

int dn_comp(const char *name, unsigned char *at, int room, unsigned char **dn, unsigned char **last)
{
	unsigned char *start = at, *end = at + room;

	if (!strcmp(name, "."))
		name++;
	while (*name) {
		const unsigned char *known = dn && dn[0] ? find(dn, last, name) : NULL;
		size_t n = strcspn(name, ".");

		if (known) {
			if (end - at < 2)
				return -1;
			*at++ = (unsigned char)(0xc0 | (known - dn[0]) >> 8);
			*at++ = (unsigned char)(known - dn[0]);
			goto out;
		}
		if (!n || n > 63 || end - at < (long)n + 2)
			return -1;
		*at++ = (unsigned char)n;
		memcpy(at, name, n);
		at += n;
		name += n + (name[n] == '.');
	}
	if (at >= end)
		return -1;
	*at++ = 0;
out:
	if (dn && dn[0] && last) {
		unsigned char **p = dn + 1;

		while (*p)
			p++;
		if (p + 1 < last) {
			p[0] = start;
			p[1] = NULL;
		}
	}
	return (int)(at - start);
}
