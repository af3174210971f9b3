/*
 * uname - what the system is (XCU uname).
 */
#include "common/common.h"

#include <err.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char help[] =
	"usage: uname [-asnrvmpio]\n"
	"Print the system's name (-s), the machine's in the network (-n), release (-r), version (-v),\n"
	"machine (-m), processor (-p), platform (-i), operating system (-o); -a is all of them.\n";
static const char names[] =
	"all=a kernel-name=s nodename=n kernel-release=r kernel-version=v machine=m "
	"processor=p hardware-platform=i operating-system=o";

int main(int argc, char **argv)
{
	static const char order[] = "snrvmpio";
	bool want[8] = { false }, all = false, any = false;
	const char *texts[8];
	struct utsname u;
	int opt, printed = 0;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "asnrvmpio", names)) != -1) {
		if (opt == '?')
			usage(help, 1);
		for (int i = 0; i < 8; i++)
			want[i] |= opt == 'a' ? i < 5 || i == 7 : order[i] == opt;
		any = true;
		all |= opt == 'a';
	}
	if (optind < argc)
		usage(help, 1);
	want[0] |= !any;
	if (uname(&u))
		err(1, "uname");
	texts[0] = u.sysname;
	texts[1] = u.nodename;
	texts[2] = u.release;
	texts[3] = u.version;
	texts[4] = u.machine;
	texts[5] = texts[6] = "unknown";
	texts[7] = "GNU/Linux";
	for (int i = 0; i < 8; i++)
		if (want[i])
			printf("%s%s", printed++ ? " " : "", texts[i]);
	putchar('\n');
	return finish(0);
}
