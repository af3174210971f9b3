/*
 * frames N: sends N Ethernet frames of all lengths out of eth0, and compares what the other side sends
 * back. frames arp: asks who has 10.0.2.2.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TYPE   0x88b5
#define WINDOW 24
#define UP     1

static struct sockaddr_ll self;

static int up(int index)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg i;
	} q = { .h = { .nlmsg_len = sizeof(q),
		       .nlmsg_type = RTM_NEWLINK,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.i = { .ifi_index = index, .ifi_flags = UP, .ifi_change = UP } };
	int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	char buf[4096];

	send(s, &q, sizeof(q), 0);
	recv(s, buf, sizeof(buf), 0);
	close(s);
	return ((struct nlmsgerr *)NLMSG_DATA(buf))->error;
}

static size_t make(unsigned char *f, unsigned number)
{
	size_t n = 60 + number * 7 % 1455;

	memset(f, 0xff, 6);
	memcpy(f + 6, self.sll_addr, 6);
	f[12] = TYPE >> 8;
	f[13] = TYPE & 255;
	memcpy(f + 14, &number, 4);
	for (size_t i = 18; i < n; i++)
		f[i] = (unsigned char)(number + i * 3);
	return n;
}

static void echo(int s, unsigned count)
{
	unsigned sent = 0, back = 0, bad = 0, order = 0;
	unsigned char f[2000], want[2000];

	while (back < count) {
		struct pollfd p = { s, POLLIN, 0 };
		ssize_t n;

		while (sent < count && sent - back < WINDOW) {
			size_t len = make(f, sent);

			if (send(s, f, len, 0) != (ssize_t)len) {
				printf("send: %s\n", strerror(errno));
				return;
			}
			sent++;
		}
		if (poll(&p, 1, 20000) <= 0)
			break;
		n = recv(s, f, sizeof(f), 0);
		if (n < 18)
			continue;
		unsigned number;
		memcpy(&number, f + 14, 4);
		size_t len = make(want, number);
		bad += (size_t)n != len || memcmp(f + 12, want + 12, len - 12);
		order += number != back;
		back++;
	}
	printf("%u sent, %u back, %u bad, %u out of order\n", sent, back, bad, order);
}

static void arp(int s)
{
	unsigned char f[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0,  0, 8, 6,
				0,    1,    8,	  0,	6,    4,    0, 1, 0, 0, 0,  0, 0, 0,
				10,   0,    2,	  15,	0,    0,    0, 0, 0, 0, 10, 0, 2, 2 };
	struct pollfd p = { s, POLLIN, 0 };
	unsigned char b[2000];

	memcpy(f + 6, self.sll_addr, 6);
	memcpy(f + 22, self.sll_addr, 6);
	send(s, f, sizeof(f), 0);
	while (poll(&p, 1, 20000) > 0) {
		ssize_t n = recv(s, b, sizeof(b), 0);

		if (n >= 42 && b[12] == 8 && b[13] == 6 && b[21] == 2) {
			printf("%d.%d.%d.%d is there\n", b[28], b[29], b[30], b[31]);
			return;
		}
	}
	printf("no answer\n");
}

int main(int argc, char **argv)
{
	int ask = argc > 1 && !strcmp(argv[1], "arp");
	int protocol = ask ? ETH_P_ARP : TYPE;
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(protocol),
				  .sll_ifindex = 2 };
	int s = socket(AF_PACKET, SOCK_RAW, 0), err = up(2);

	if (err || bind(s, (void *)&ll, sizeof(ll))) {
		printf("eth0: %s\n", strerror(err ? -err : errno));
		return 1;
	}
	getsockname(s, (void *)&self, &(socklen_t){ sizeof(self) });
	if (ask)
		arp(s);
	else
		echo(s, (unsigned)atoi(argv[1]));
	return 0;
}
