/*
 * Says what becomes of eth0's link: a line for each RTM_NEWLINK that changes something, with what
 * netlink, the ioctl and sysfs say of it (test_link.py takes the wire out). "watching" comes first.
 */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifndef IFF_LOWER_UP
#define IFF_LOWER_UP 0x10000
#endif

static void read_file(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "r");

	if (!f || !fgets(buf, (int)size, f))
		strcpy(buf, "?");
	buf[strcspn(buf, "\n")] = 0;
	if (f)
		fclose(f);
}

static void tell(const struct ifinfomsg *link, int udp)
{
	struct ifreq r = { .ifr_name = "eth0" };
	char state[32], carrier[32];

	ioctl(udp, SIOCGIFFLAGS, &r);
	read_file("/sys/class/net/eth0/operstate", state, sizeof(state));
	read_file("/sys/class/net/eth0/carrier", carrier, sizeof(carrier));
	printf("netlink%s%s%s, ioctl%s%s, %s, carrier %s\n", link->ifi_flags & IFF_UP ? " up" : "",
	       link->ifi_flags & IFF_RUNNING ? " running" : "",
	       link->ifi_flags & IFF_LOWER_UP ? " lower" : "", r.ifr_flags & IFF_UP ? " up" : "",
	       r.ifr_flags & IFF_RUNNING ? " running" : "", state, carrier);
}

int main(void)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	int nl = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), udp = socket(AF_INET, SOCK_DGRAM, 0);
	int index = (int)if_nametoindex("eth0");
	unsigned was = ~0u;
	char buf[16384];

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (bind(nl, (void *)&to, sizeof(to))) {
		perror("bind");
		return 1;
	}
	puts("watching");
	for (;;) {
		int n = (int)recv(nl, buf, sizeof(buf), 0);

		if (n < 0) {
			perror("recv");
			return 1;
		}
		for (struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, (unsigned)n);
		     h = NLMSG_NEXT(h, n)) {
			struct ifinfomsg *link = NLMSG_DATA(h);

			if (h->nlmsg_type != RTM_NEWLINK || link->ifi_index != index ||
			    link->ifi_flags == was)
				continue;
			was = link->ifi_flags;
			tell(link, udp);
		}
	}
}
