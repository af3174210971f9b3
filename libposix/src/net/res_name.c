/*
 * res_name.c - is a text a name of this kind? RFC 952 and 1123 for hosts; and base 64, which keys in records are written in.
 */
#include <ctype.h>
#include <resolv.h>
#include <string.h>

/* Letters, digits, - and _ in each label. Only the first may not begin with -, as resolvers have it. */
static int host_chars(const char *p)
{
	while (isalnum((unsigned char)*p) || *p == '-' || *p == '_' || *p == '.')
		p++;
	return !*p;
}

/* No label is empty or too long, nor the whole. */
static int fits(const char *name)
{
	unsigned char wire[NS_MAXCDNAME];

	return dn_comp(name, wire, sizeof(wire), NULL, NULL) > 0;
}

int res_hnok(const char *name)
{
	return !*name || !strcmp(name, ".") || (fits(name) && *name != '-' && host_chars(name));
}

int res_ownok(const char *name)
{
	return name[0] == '*' && (!name[1] || name[1] == '.') ? res_hnok(name[1] ? name + 2 : "") :
								res_hnok(name);
}

static int printable(const char *p)
{
	while (*p > ' ' && *p < 127)
		p++;
	return !*p;
}

int res_mailok(const char *name)
{
	const char *dot = strchr(name, '.');

	if (!*name || !strcmp(name, "."))
		return 1;
	return dot && dot > name && printable(name) && fits(name) && host_chars(dot + 1);
}

int res_dnok(const char *name)
{
	return printable(name) && (!*name || fits(name));
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int b64_ntop(const unsigned char *data, size_t len, char *text, size_t room)
{
	size_t n = 0;

	if ((len + 2) / 3 * 4 >= room)
		return -1;
	for (; len; len -= len < 3 ? len : 3, data += 3) {
		unsigned v = (unsigned)data[0] << 16;

		if (len > 1)
			v |= (unsigned)data[1] << 8;
		if (len > 2)
			v |= data[2];
		text[n++] = digits[v >> 18];
		text[n++] = digits[v >> 12 & 63];
		text[n++] = len > 1 ? digits[v >> 6 & 63] : '=';
		text[n++] = len > 2 ? digits[v & 63] : '=';
	}
	text[n] = '\0';
	return (int)n;
}

int b64_pton(const char *text, unsigned char *data, size_t room)
{
	unsigned v = 0;
	size_t n = 0;
	int have = 0, pads = 0;

	for (; *text; text++) {
		const char *at = strchr(digits, *text);

		if (isspace((unsigned char)*text))
			continue;
		if (*text == '=') {
			pads++;
			continue;
		}
		if (!at || pads)
			return -1;
		v = v << 6 | (unsigned)(at - digits);
		if (++have % 4 == 1)
			continue;
		/* the bits beyond whole bytes stay in v */
		if (data) {
			if (n >= room)
				return -1;
			data[n] = (unsigned char)(v >> (6 - 2 * ((have - 1) % 4)));
		}
		n++;
	}
	if (have % 4 == 1 || pads != (4 - have % 4) % 4)
		return -1;
	if ((have % 4 == 2 && v & 15) || (have % 4 == 3 && v & 3))
		return -1;
	return (int)n;
}
