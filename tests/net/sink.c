/*
 * Takes all connections to port 7000 and all datagrams to ports 7 and 7000, of both versions of IP, and reads
 * them to their end; sends a little on each connection. Never waits for one of them. For test_frames.py.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST  60 /* connections; the oldest goes */
#define FIRST 3 /* of them in the row, behind a listener and two for datagrams */

static int bound(int type, int port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
				  .sin6_port = htons((unsigned short)port) };
	int s = socket(AF_INET6, type | SOCK_NONBLOCK, 0);

	if (s < 0 || bind(s, (struct sockaddr *)&a, sizeof(a)))
		perror("bind");
	return s;
}

int main(void)
{
	struct pollfd p[FIRST + MOST];
	char buf[4096];
	int n = FIRST;

	p[0].fd = bound(SOCK_STREAM, 7000);
	p[1].fd = bound(SOCK_DGRAM, 7000);
	p[2].fd = bound(SOCK_DGRAM, 7);
	if (listen(p[0].fd, 20))
		perror("listen");
	puts("ready");
	fflush(stdout);
	for (;;) {
		for (int i = 0; i < n; i++)
			p[i].events = POLLIN;
		poll(p, (nfds_t)n, -1);
		for (int i = n - 1; i > 0; i--) {
			ssize_t got;

			if (!p[i].revents)
				continue;
			got = recv(p[i].fd, buf, sizeof(buf), 0);
			if (i < FIRST || got > 0 || (got < 0 && errno == EAGAIN))
				continue;
			close(p[i].fd);
			p[i] = p[--n];
		}
		if (p[0].revents) {
			int s = accept4(p[0].fd, NULL, NULL, SOCK_NONBLOCK);

			if (s < 0)
				continue;
			if (n == FIRST + MOST) {
				close(p[FIRST].fd);
				p[FIRST] = p[--n];
			}
			send(s, buf, sizeof(buf), MSG_NOSIGNAL);
			p[n++] = (struct pollfd){ .fd = s };
		}
	}
}
