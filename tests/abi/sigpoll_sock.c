/* SIGIO of sockets: FIOASYNC and O_ASYNC on Unix sockets, UDP, and TCP's listeners and connections. */
#include "abi.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static sigset_t set;
static int first, second;

static void show(const char *what)
{
	struct timespec none = { 0, 20000000 };
	siginfo_t si;
	int r, n = 0;

	say("%s:", what);
	while ((r = sigtimedwait(&set, &si, &none)) > 0 && n++ < 8)
		say(" %s code %d band %lx fd %d;", sname(r), si.si_code, (unsigned long)si.si_band,
		    si.si_fd == first ? 1 : si.si_fd == second ? 2 : si.si_fd);
	say("\n");
}

static void async(int fd)
{
	int on = 1;

	R(fcntl(fd, F_SETOWN, getpid()));
	R(fcntl(fd, F_SETSIG, SIGRTMIN + 1));
	R(ioctl(fd, FIOASYNC, &on));
	R(fcntl(fd, F_GETFL) & O_ASYNC);
}

static void get(int fd)
{
	char c[64];

	read(fd, c, sizeof(c));
}

static void pair(const char *what, int type)
{
	int s[2];

	SECTION(what);
	MUST(socketpair(AF_UNIX, type, 0, s));
	first = s[0];
	second = s[1];
	async(s[0]);
	write(s[1], "x", 1);
	show("data");
	get(s[0]);
	show("a read");
	write(s[0], "x", 1);
	get(s[1]);
	show("sent and read");
	close(s[1]);
	if (type != SOCK_DGRAM)
		show("the other end is gone");
	close(s[0]);
}

static void up(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0));

	MUST(ioctl(s, SIOCSIFFLAGS, &r));
	close(s);
}

int main(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int l, c, s, on = 1;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigaddset(&set, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	pair("unix stream", SOCK_STREAM);
	pair("unix datagram", SOCK_DGRAM);
	pair("unix seqpacket", SOCK_SEQPACKET);

	up();
	SECTION("udp");
	first = s = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	MUST(bind(s, (struct sockaddr *)&a, sizeof(a)));
	MUST(getsockname(s, (struct sockaddr *)&a, &n));
	async(s);
	sendto(s, "x", 1, 0, (struct sockaddr *)&a, n);
	show("data");
	get(s);
	close(s);

	SECTION("tcp");
	first = l = MUST(socket(AF_INET, SOCK_STREAM, 0));
	a.sin_port = 0;
	MUST(bind(l, (struct sockaddr *)&a, sizeof(a)));
	MUST(listen(l, 5));
	MUST(getsockname(l, (struct sockaddr *)&a, &n));
	async(l);
	c = MUST(socket(AF_INET, SOCK_STREAM, 0));
	MUST(connect(c, (struct sockaddr *)&a, n));
	show("somebody connects");
	second = s = MUST(accept(l, NULL, NULL));
	on = 0;
	R(ioctl(l, FIOASYNC, &on));
	async(s);
	write(c, "x", 1);
	show("data");
	get(s);
	show("a read");
	shutdown(c, SHUT_WR);
	show("no more comes");
	close(s);
	close(c);
	return 0;
}
