/*
 * value.c - numbers, sizes, users and questions, as people write and read them.
 */
#include "common.h"

#include <err.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

long long number_arg(const char *text, long long low, long long high, bool units)
{
	static const char letters[] = "kMGT";
	long long v, unit = 1;
	const char *found;
	char *end;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (units && *end) {
		found = strchr(letters, *end == 'K' ? 'k' :
					*end == 'm' ? 'M' :
					*end == 'g' ? 'G' :
						      *end);
		if (*end == 'b') {
			unit = 512;
			end++;
		} else if (found) {
			unit = 1ll << (10 * (found - letters + 1));
			end++;
			if (!strcmp(end, "iB")) {
				end += 2;
			} else if (!strcmp(end, "B")) {
				end++;
				for (unit = 1000; found > letters; found--)
					unit *= 1000;
			}
		}
	}
	if (end == text || *end || errno || v > high / unit || v < low / unit || v * unit < low)
		errx(1, "%s: no number that fits", text);
	return v * unit;
}

char *human_size(unsigned long long n, char *out)
{
	static const char letters[] = "KMGTPE";
	unsigned long long unit = 1;
	int i = -1;

	while (n / unit >= 1024 && i < 5) {
		unit <<= 10;
		i++;
	}
	if (i < 0) {
		snprintf(out, 8, "%llu", n);
	} else {
		/* rounded up, as coreutils does */
		unsigned long long tenths = n / unit * 10 + (n % unit * 10 + unit - 1) / unit;

		if (tenths < 100) {
			snprintf(out, 8, "%llu.%llu%c", tenths / 10, tenths % 10, letters[i]);
		} else {
			unsigned long long whole = n / unit + (n % unit != 0);

			if (whole == 1024 && i < 5)
				snprintf(out, 8, "1.0%c", letters[i + 1]);
			else
				snprintf(out, 8, "%llu%c", whole, letters[i]);
		}
	}
	return out;
}

const char *user_name(uid_t uid)
{
	static char number[16];
	static char known[64];
	static uid_t known_id;
	struct passwd *pw;

	if (known[0] && known_id == uid)
		return known;
	pw = getpwuid(uid);
	if (pw && strlen(pw->pw_name) < sizeof(known)) {
		known_id = uid;
		return strcpy(known, pw->pw_name);
	}
	snprintf(number, sizeof(number), "%u", uid);
	return number;
}

const char *group_name(gid_t gid)
{
	static char number[16];
	static char known[64];
	static gid_t known_id;
	struct group *gr;

	if (known[0] && known_id == gid)
		return known;
	gr = getgrgid(gid);
	if (gr && strlen(gr->gr_name) < sizeof(known)) {
		known_id = gid;
		return strcpy(known, gr->gr_name);
	}
	snprintf(number, sizeof(number), "%u", gid);
	return number;
}

static bool all_digits(const char *s, unsigned int *out)
{
	char *end;

	*out = (unsigned int)strtoul(s, &end, 10);
	return end != s && !*end;
}

bool user_id(const char *name, uid_t *out)
{
	struct passwd *pw = getpwnam(name);

	if (!pw)
		return all_digits(name, out);
	*out = pw->pw_uid;
	return true;
}

bool group_id(const char *name, gid_t *out)
{
	struct group *gr = getgrnam(name);

	if (!gr)
		return all_digits(name, out);
	*out = gr->gr_gid;
	return true;
}

gid_t user_group(uid_t uid)
{
	struct passwd *pw = getpwuid(uid);

	return pw ? pw->pw_gid : (gid_t)-1;
}

bool confirm(const char *fmt, ...)
{
	va_list ap;
	int first, c;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fflush(stderr);
	first = c = getchar();
	while (c != '\n' && c != EOF)
		c = getchar();
	return first == 'y' || first == 'Y';
}
