/* Ping sockets over the loopback: icmp(7), net.ipv4.ping_group_range. */
#include "inet.h"
#include <netinet/ip_icmp.h>

static void show(const char *what, int s)
{
	unsigned char buf[200];
	struct sockaddr_in from;
	socklen_t n = sizeof(from);
	struct pollfd p = { s, POLLIN, 0 };
	ssize_t r;

	poll(&p, 1, 300);
	r = recvfrom(s, buf, sizeof(buf), MSG_DONTWAIT, (struct sockaddr *)&from, &n);
	if (r < 0) {
		say("%s: %s\n", what, ename(errno));
		return;
	}
	say("%s: %zd bytes from %#x port %d:", what, r, ntohl(from.sin_addr.s_addr),
	    ntohs(from.sin_port));
	/* the identification is the kernel's to choose */
	if (r >= 20 && buf[0] >> 4 == 4) {
		say(" ihl %d tos %d len %d ttl %d proto %d,", buf[0] & 15, buf[1],
		    buf[2] << 8 | buf[3], buf[8], buf[9]);
		say(" %d %d", buf[(buf[0] & 15) * 4], buf[(buf[0] & 15) * 4 + 1]);
	} else {
		say(" %d %d", buf[0], buf[1]);
	}
	say("\n");
}

static void name_of(int s)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);

	R(getsockname(s, (struct sockaddr *)&a, &n));
	say("%#x port %d\n", ntohl(a.sin_addr.s_addr), ntohs(a.sin_port));
}

static void ping(void)
{
	struct icmphdr echo = { .type = ICMP_ECHO }, got;
	struct sockaddr_in lo = at("127.0.0.1", 55), b = at("127.0.0.1", 1234);
	int s, fd = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY);

	SECTION("ping sockets");
	R(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
	if (fd < 0)
		return;
	R(write(fd, "0 1000", 6));
	close(fd);
	s = MUST(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
	R(bind(s, (struct sockaddr *)&b, sizeof(b)));
	name_of(s);
	echo.un.echo.sequence = htons(5);
	R(sendto(s, &echo, sizeof(echo), 0, (struct sockaddr *)&lo, sizeof(lo)));
	R(recv(s, &got, sizeof(got), MSG_PEEK));
	say("type %d id %d seq %d sum %s\n", got.type, ntohs(got.un.echo.id),
	    ntohs(got.un.echo.sequence), inet_sum(&got, sizeof(got)) ? "wrong" : "right");
	show("reply", s);
	R(sendto(s, &echo, 7, 0, (struct sockaddr *)&lo, sizeof(lo)));
	echo.type = ICMP_ECHOREPLY;
	R(sendto(s, &echo, sizeof(echo), 0, (struct sockaddr *)&lo, sizeof(lo)));
	R(send(s, &echo, sizeof(echo), 0));
	close(s);
	s = MUST(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
	echo.type = ICMP_ECHO;
	R(connect(s, (struct sockaddr *)&lo, sizeof(lo)));
	R(send(s, &echo, sizeof(echo), 0));
	show("reply", s);
	close(s);
}

int main(void)
{
	lo_up();
	ping();
	return 0;
}
