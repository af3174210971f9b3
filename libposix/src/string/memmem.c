/*
 * memmem.c - a string in another: memmem, strstr, strcasestr. Two-way search (Crochemore
 * and Perrin 1991): the needle is cut at its critical place, matched from there to the
 * right and then to the left; linear time, no memory.
 */
#include <ctype.h>
#include <string.h>

/*
 * The largest suffix of the needle, by one order of letters or the other; *period is
 * that of the suffix.
 */
static size_t largest_suffix(const unsigned char *n, size_t len, int reversed, size_t *period)
{
	size_t at = (size_t)-1, j = 0, k = 1, p = 1;

	while (j + k < len) {
		unsigned char a = n[j + k], b = n[at + k];

		if (a == b) {
			if (k == p) {
				j += p;
				k = 1;
			} else {
				k++;
			}
		} else if (reversed ? a > b : a < b) {
			j += k;
			k = 1;
			p = j - at;
		} else {
			at = j++;
			k = p = 1;
		}
	}
	*period = p;
	return at + 1;
}

static void *two_way(const unsigned char *h, size_t hlen, const unsigned char *n, size_t nlen)
{
	size_t p, q, cut = largest_suffix(n, nlen, 0, &p);
	size_t other = largest_suffix(n, nlen, 1, &q);
	size_t memory = 0, keep;

	if (other > cut) {
		cut = other;
		p = q;
	}
	/* Does the needle repeat itself with that period as a whole? */
	if (memcmp(n, n + p, cut)) {
		keep = 0;
		p = (cut > nlen - cut ? cut : nlen - cut) + 1;
	} else {
		keep = nlen - p;
	}
	for (size_t at = 0; at + nlen <= hlen;) {
		size_t i = cut > memory ? cut : memory;

		while (i < nlen && n[i] == h[at + i])
			i++;
		if (i < nlen) {
			at += i - cut + 1;
			memory = 0;
			continue;
		}
		for (i = cut; i > memory && n[i - 1] == h[at + i - 1]; i--)
			;
		if (i <= memory)
			return (void *)(h + at);
		at += p;
		memory = keep;
	}
	return NULL;
}

void *memmem(const void *hay, size_t hlen, const void *needle, size_t nlen)
{
	const unsigned char *h = hay, *first;

	if (!nlen)
		return (void *)h;
	if (hlen < nlen)
		return NULL;
	first = memchr(h, *(const unsigned char *)needle, hlen);
	if (!first || nlen == 1)
		return (void *)first;
	hlen -= (size_t)(first - h);
	return hlen < nlen ? NULL : two_way(first, hlen, needle, nlen);
}

char *strstr(const char *hay, const char *needle)
{
	size_t nlen = strlen(needle);

	if (!nlen)
		return (char *)hay;
	hay = strchr(hay, *needle);
	/* Most hays are short, or have what is sought near their begin. */
	for (int tries = 0; hay && tries < 4; tries++) {
		if (!strncmp(hay, needle, nlen))
			return (char *)hay;
		hay = strchr(hay + 1, *needle);
	}
	return hay ? memmem(hay, strlen(hay), needle, nlen) : NULL;
}

char *strcasestr(const char *hay, const char *needle)
{
	size_t nlen = strlen(needle);

	for (;; hay++) {
		if (!strncasecmp(hay, needle, nlen))
			return (char *)hay;
		if (!*hay)
			return NULL;
	}
}
