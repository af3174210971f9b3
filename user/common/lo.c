/*
 * lo.c - the loopback, which every program expects to be there; a kernel starts with it down. And the
 * name servers that ip= on the kernel's command line named, for a root that knows none.
 */
#include "common.h"

#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void write_name_servers(void)
{
	FILE *from = fopen("/proc/net/pnp", "re");
	char line[128];
	int to = -1;

	while (from && fgets(line, sizeof(line), from)) {
		if (strncmp(line, "nameserver", 10))
			continue;
		if (to < 0)
			to = open("/etc/resolv.conf", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
				  0644);
		if (to < 0 || write(to, line, strlen(line)) < 0)
			break;
	}
	if (from)
		fclose(from);
	if (to >= 0)
		close(to);
}

void raise_loopback(void)
{
	struct ifreq r = { 0 };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s < 0)
		return;
	strcpy(r.ifr_name, "lo");
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	ioctl(s, SIOCSIFFLAGS, &r);
	close(s);
	write_name_servers();
}
