/*
 * sed - edits a stream of lines by a script (XCU sed).
 */
#include "sed.h"

#include <err.h>
#include <getopt.h>
#include <string.h>

static const char help[] =
	"usage: sed [-n] [-E | -r] [-i[SUFFIX]] [-s] [-z] SCRIPT [FILE...]\n"
	"       sed [OPTION]... -e SCRIPT | -f FILE [FILE...]\n"
	"Run the script's commands on each line.\n"
	"  -n  print only what p says;  -E, -r  extended expressions\n"
	"  -i  change the files themselves (keep the old one under a name with SUFFIX);  -s  each file apart\n"
	"  -z  lines end with NUL\n"
	"Commands: { } a b c d D e(refused) g G h H i l n N p P q Q r s t T w x y = # :  with addresses N $ /RE/ \\cREc\n"
	"FIRST~STEP ADDR,+N ADDR,~N 0,/RE/ and ! behind.\n";
static const char names[] =
	"quiet=n silent=n expression=e file=f in-place=i regexp-extended=E separate=s "
	"null-data=z unbuffered=u";

bool quiet, extended, in_place, separate;
const char *suffix;
char end = '\n';

static char *read_file(const char *path)
{
	struct text t = { 0 };
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char buf[4096];
	size_t n;

	if (!f)
		err(1, "couldn't open file %s", path);
	put(&t, "", 0);
	while ((n = fread(buf, 1, sizeof(buf), f)))
		put(&t, buf, n);
	if (f != stdin)
		fclose(f);
	return t.s;
}

int main(int argc, char **argv)
{
	static char *standard[] = { (char *)"-", NULL };
	struct text all = { 0 };
	bool any = false;
	int opt;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "nErsze:f:i::u", names)) != -1) {
		char *text;

		switch (opt) {
		case 'n':
			quiet = true;
			break;
		case 'E':
		case 'r':
			extended = true;
			break;
		case 's':
			separate = true;
			break;
		case 'z':
			end = 0;
			break;
		case 'i':
			in_place = separate = true;
			suffix = optarg;
			break;
		case 'u':
			break;
		case 'e':
		case 'f':
			text = opt == 'e' ? optarg : read_file(optarg);
			if (any)
				put(&all, "\n", 1);
			put(&all, text, strlen(text));
			any = true;
			break;
		default:
			usage(help, 1);
		}
	}
	if (!any) {
		if (optind == argc)
			usage(help, 1);
		put(&all, argv[optind], strlen(argv[optind]));
		optind++;
	}
	parse(all.s);
	link_script();
	return finish(run(optind < argc ? argv + optind : standard));
}
