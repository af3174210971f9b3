/* Ping sockets over the loopback: icmp(7), net.ipv4.ping_group_range. */
#include "inet.h"
#include <netinet/ip_icmp.h>

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
	show_packet("reply", s);
	R(sendto(s, &echo, 7, 0, (struct sockaddr *)&lo, sizeof(lo)));
	echo.type = ICMP_ECHOREPLY;
	R(sendto(s, &echo, sizeof(echo), 0, (struct sockaddr *)&lo, sizeof(lo)));
	R(send(s, &echo, sizeof(echo), 0));
	close(s);
	s = MUST(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
	echo.type = ICMP_ECHO;
	R(connect(s, (struct sockaddr *)&lo, sizeof(lo)));
	R(send(s, &echo, sizeof(echo), 0));
	show_packet("reply", s);
	close(s);
}

int main(void)
{
	lo_up();
	ping();
	return 0;
}
