/*
 * md5sum, sha1sum, sha256sum, sha512sum - check sums of files, and checking them.
 */
#include "common/common.h"
#include "common/digest.h"

#include <ctype.h>
#include <err.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char help[] =
	"usage: md5sum [-b | -t] [FILE...], also sha1sum, sha256sum, sha512sum\n"
	"       md5sum -c [-q] [-s] [FILE...]\n"
	"Print the check sums of the files; with -c, read such lines and say which files still have theirs.\n"
	"  -q  only those that have not;  -s  nothing\n";
static const char names[] = "binary=b check=c text=t quiet=q status=s warn=w zero=z tag=\1 "
			    "ignore-missing=\2 strict=\3";

static enum digest_kind kind;
static bool quiet, silent, missing_too, strict;

static bool sum(FILE *f, char *hex)
{
	static unsigned char buf[65536];
	unsigned char out[64];
	struct digest d;
	size_t n;

	digest_begin(&d, kind);
	while ((n = fread(buf, 1, sizeof(buf), f)))
		digest_add(&d, buf, n);
	n = digest_end(&d, out);
	for (size_t i = 0; i < n; i++)
		sprintf(hex + 2 * i, "%02x", out[i]);
	return !ferror(f);
}

static int check(FILE *list, const char *name)
{
	char line[4400], hex[129];
	unsigned long bad = 0, unread = 0, wrong = 0, seen = 0;

	while (fgets(line, sizeof(line), list)) {
		size_t n = strspn(line, "0123456789abcdefABCDEF");
		char *path = line + n;
		FILE *f;

		line[strcspn(line, "\n")] = 0;
		if (n < 32 || *path != ' ' || (path[1] != ' ' && path[1] != '*')) {
			wrong++;
			continue;
		}
		line[n] = 0;
		path += 2;
		seen++;
		if (missing_too && access(path, F_OK))
			continue;
		f = open_input(path);
		if (!f || !sum(f, hex)) {
			unread++;
			if (!silent)
				printf("%s: FAILED open or read\n", path);
		} else if (strcasecmp(hex, line)) {
			bad++;
			if (!silent)
				printf("%s: FAILED\n", path);
		} else if (!quiet && !silent) {
			printf("%s: OK\n", path);
		}
		if (f)
			close_input(f);
	}
	fflush(stdout);
	if (!seen)
		warnx("%s: no properly formatted checksum lines found", name);
	else if (!silent && wrong)
		warnx("WARNING: %lu line%s improperly formatted", wrong,
		      wrong > 1 ? "s are" : " is");
	if (!silent && unread)
		warnx("WARNING: %lu listed file%s could not be read", unread,
		      unread > 1 ? "s" : "");
	if (!silent && bad)
		warnx("WARNING: %lu computed checksum%s did NOT match", bad, bad > 1 ? "s" : "");
	return bad || unread || !seen || (strict && wrong);
}

static const char *const titles[] = {
	[MD5] = "MD5", [SHA1] = "SHA1", [SHA256] = "SHA256", [SHA512] = "SHA512"
};

int main(int argc, char **argv)
{
	const char *name = base_name(argv[0]);
	bool checking = false, binary = false, tag = false, zero = false;
	int opt, status = 0;
	char hex[129];

	help_option(argc, argv, help);
	kind = !strncmp(name, "sha1", 4)   ? SHA1 :
	       !strncmp(name, "sha256", 6) ? SHA256 :
	       !strncmp(name, "sha512", 6) ? SHA512 :
					     MD5;
	while ((opt = option(argc, argv, "bctqswz", names)) != -1) {
		if (opt == '?')
			usage(help, 1);
		checking |= opt == 'c';
		binary |= opt == 'b';
		quiet |= opt == 'q';
		silent |= opt == 's';
		zero |= opt == 'z';
		tag |= opt == 1;
		missing_too |= opt == 2;
		strict |= opt == 3;
	}
	if (optind == argc)
		argv[--optind] = (char *)"-";
	for (int i = optind; i < argc; i++) {
		FILE *f = open_input(argv[i]);

		if (!f) {
			status = 1;
			continue;
		}
		if (checking) {
			status |= check(f, argv[i]);
		} else if (sum(f, hex)) {
			char end = zero ? 0 : '\n';

			if (tag)
				printf("%s (%s) = %s%c", titles[kind], argv[i], hex, end);
			else
				printf("%s %c%s%c", hex, binary ? '*' : ' ', argv[i], end);
		} else {
			warn("%s", argv[i]);
			status = 1;
		}
		close_input(f);
	}
	return finish(status);
}
