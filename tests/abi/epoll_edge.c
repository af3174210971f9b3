/* EPOLLET: what of a reader's own calls is an event, and what is none, on streams and messages. */
#include "inet.h"

#include <sys/epoll.h>

static void tcp(int s[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int l = MUST(socket(AF_INET, SOCK_STREAM, 0));

	MUST(bind(l, (struct sockaddr *)&a, n));
	MUST(listen(l, 1));
	MUST(getsockname(l, (struct sockaddr *)&a, &n));
	s[0] = MUST(socket(AF_INET, SOCK_STREAM, 0));
	MUST(connect(s[0], (struct sockaddr *)&a, n));
	s[1] = MUST(accept(l, NULL, NULL));
	close(l);
}

enum { STREAM, DGRAM, SEQPACKET, PIPE, TCP, KINDS };
static const char *const names[] = { "unix stream", "unix dgram", "unix seqpacket", "pipe", "TCP" };

static void make(int kind, int s[2])
{
	int p[2];

	if (kind == TCP) {
		tcp(s);
	} else if (kind == PIPE) {
		MUST(pipe(p));
		s[0] = p[1];
		s[1] = p[0];
	} else {
		MUST(socketpair(AF_UNIX, kind == DGRAM ? SOCK_DGRAM : kind == STREAM ? SOCK_STREAM : SOCK_SEQPACKET, 0, s));
	}
}

static void look(int e)
{
	struct epoll_event got;
	int n = epoll_wait(e, &got, 1, 0);

	say(" %x", n > 0 ? got.events : 0);
}

static void edges(int kind, int early, unsigned events)
{
	struct epoll_event ev = { .events = events | EPOLLET };
	int e = MUST(epoll_create1(0)), s[2];
	char buf[64];

	make(kind, s);
	say("%s, %s:", names[kind], early ? "watched before" : "after");
	if (early)
		MUST(epoll_ctl(e, EPOLL_CTL_ADD, s[1], &ev));
	MUST(write(s[0], "first words", 11));
	MUST(write(s[0], "second words", 12));
	if (kind == TCP)
		while (recv(s[1], buf, sizeof(buf), MSG_PEEK) < 23)
			;
	if (!early)
		MUST(epoll_ctl(e, EPOLL_CTL_ADD, s[1], &ev));
	look(e);
	look(e);
	if (kind != PIPE) {
		MUST(recv(s[1], buf, 1, MSG_PEEK));
		look(e);
	}
	MUST(read(s[1], buf, 1));
	look(e);
	MUST(read(s[1], buf, 4));
	look(e);
	MUST(write(s[0], "x", 1));
	if (kind == TCP)
		while (recv(s[1], buf, sizeof(buf), MSG_PEEK) < 19)
			;
	look(e);
	MUST(read(s[1], buf, sizeof(buf)));
	look(e);
	say("\n");
	close(e);
	close(s[0]);
	close(s[1]);
}

int main(void)
{
	lo_up();
	for (int kind = 0; kind < KINDS; kind++)
		for (int early = 0; early < 2; early++) {
			edges(kind, early, EPOLLIN);
			edges(kind, early, EPOLLIN | EPOLLOUT);
		}
	return 0;
}
