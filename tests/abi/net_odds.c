/*
 * SO_MEMINFO of socket(7), and settings of TCP that each network has for itself (network_namespaces(7)).
 */
#define _GNU_SOURCE
#include "abi.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define SYN_RETRIES "/proc/sys/net/ipv4/tcp_syn_retries"

static void meminfo(const char *what, int s)
{
	unsigned m[SK_MEMINFO_VARS], rcvbuf = 0, sndbuf = 0;
	socklen_t len = sizeof(m), n = sizeof(int);

	memset(m, 0xff, sizeof(m));
	MUST(getsockopt(s, SOL_SOCKET, SO_MEMINFO, m, &len));
	MUST(getsockopt(s, SOL_SOCKET, SO_RCVBUF, &rcvbuf, &n));
	MUST(getsockopt(s, SOL_SOCKET, SO_SNDBUF, &sndbuf, &n));
	say("%s: %u bytes, buffers %s, received %s, drops %u\n", what, len,
	    m[SK_MEMINFO_RCVBUF] == rcvbuf && m[SK_MEMINFO_SNDBUF] == sndbuf ? "as told" : "others",
	    m[SK_MEMINFO_RMEM_ALLOC] ? "something" : "nothing", m[SK_MEMINFO_DROPS]);
}

static void memory(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int s = MUST(socket(AF_INET, SOCK_DGRAM, 0)), pair[2];
	socklen_t len = sizeof(a);
	unsigned m[2];

	MUST(bind(s, (void *)&a, sizeof(a)));
	MUST(getsockname(s, (void *)&a, &len));
	meminfo("UDP", s);
	MUST(sendto(s, "x", 1, 0, (void *)&a, sizeof(a)));
	meminfo("UDP, a datagram waits", s);
	len = sizeof(m);
	R(getsockopt(s, SOL_SOCKET, SO_MEMINFO, m, &len));
	say("%u bytes\n", len);
	R(setsockopt(s, SOL_SOCKET, SO_MEMINFO, m, sizeof(m)));
	close(s);
	s = MUST(socket(AF_INET, SOCK_STREAM, 0));
	meminfo("TCP", s);
	close(s);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	meminfo("Unix", pair[0]);
	close(pair[0]);
	close(pair[1]);
}

static int setting(int new)
{
	int fd = MUST(open(SYN_RETRIES, O_RDWR)), n;
	char text[16];

	if (new) {
		snprintf(text, sizeof(text), "%d\n", new);
		MUST(write(fd, text, strlen(text)));
	}
	n = MUST(pread(fd, text, sizeof(text) - 1, 0));
	text[n] = '\0';
	close(fd);
	return atoi(text);
}

static void own_settings(void)
{
	int was = setting(0), status, s, v = 0;
	socklen_t len = sizeof(v);
	pid_t pid;

	say("at first %d, then %d\n", was, setting(3));
	pid = MUST(fork());
	if (!pid) {
		MUST(unshare(CLONE_NEWNET));
		say("in another network %d, then %d\n", setting(0), setting(4));
		s = MUST(socket(AF_INET, SOCK_STREAM, 0));
		MUST(getsockopt(s, IPPROTO_TCP, TCP_SYNCNT, &v, &len));
		say("of a socket there: %d\n", v);
		_exit(0);
	}
	MUST(waitpid(pid, &status, 0));
	say("here still %d\n", setting(0));
	setting(was);
}

int main(void)
{
	memory();
	own_settings();
	return 0;
}
