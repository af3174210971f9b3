/*
 * a64l.c - numbers in base 64 (POSIX XSI a64l, l64a), options within an argument
 * (getsubopt), and digits of floating point (ecvt, fcvt, gcvt).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

long a64l(const char *s)
{
	uint32_t v = 0;

	for (int i = 0; i < 6 && s[i]; i++) {
		const char *p = strchr(letters, s[i]);

		if (!p)
			break;
		v |= (uint32_t)(p - letters) << 6 * i;
	}
	return (int32_t)v;
}

char *l64a(long n)
{
	static char text[7];
	uint32_t v = (uint32_t)n;
	int i;

	for (i = 0; v; i++, v >>= 6)
		text[i] = letters[v & 63];
	text[i] = 0;
	return text;
}

int getsubopt(char **opts, char *const *keys, char **value)
{
	char *opt = *opts;
	size_t len = strcspn(opt, ",");

	*opts = opt + len + (opt[len] != 0);
	opt[len] = 0;
	*value = NULL;
	for (int i = 0; keys[i]; i++) {
		size_t n = strlen(keys[i]);

		if (strncmp(keys[i], opt, n) || (opt[n] && opt[n] != '='))
			continue;
		if (opt[n])
			*value = opt + n + 1;
		return i;
	}
	*value = opt;
	return -1;
}

/* The digits of printf's text, without its point. */
static char *digits(const char *text, int *point, int *sign)
{
	static char out[360];
	char *p = out;
	int leading = 1;

	*sign = *text == '-';
	text += *sign;
	*point = 0;
	for (int before = 1; *text && *text != 'e' && p < out + sizeof(out) - 1; text++) {
		if (*text == '.') {
			before = 0;
			continue;
		}
		if (leading && *text == '0') {
			/* 0.00d: the point stands before the digits. */
			if (!before)
				--*point;
			continue;
		}
		leading = 0;
		*point += before;
		*p++ = *text;
	}
	*p = 0;
	if (*text == 'e')
		*point += atoi(text + 1);
	return out;
}

char *ecvt(double x, int n, int *point, int *sign)
{
	char text[360];
	char *p;

	n = n < 1 ? 1 : n > 300 ? 300 : n;
	snprintf(text, sizeof(text), "%.*e", n - 1, x);
	p = digits(text, point, sign);
	if (!*p) {
		memset(p, '0', (size_t)n);
		p[n] = 0;
		*point = 1;
	}
	return p;
}

char *fcvt(double x, int n, int *point, int *sign)
{
	char text[700];
	char *p;

	n = n < 0 ? 0 : n > 300 ? 300 : n;
	snprintf(text, sizeof(text), "%.*f", n, x);
	p = digits(text, point, sign);
	if (!*p) {
		memset(p, '0', (size_t)n);
		p[n] = 0;
		*point = 0;
	}
	return p;
}

char *gcvt(double x, int n, char *buf)
{
	sprintf(buf, "%.*g", n, x);
	return buf;
}
