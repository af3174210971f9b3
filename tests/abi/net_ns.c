/* Network namespaces: what each has of its own, sockets that keep theirs, setns, capabilities in them. */
#include "abi.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static void devices(void)
{
	struct if_nameindex *list = if_nameindex();

	if (!list) {
		say("devices: %s\n", ename(errno));
		return;
	}
	say("devices:");
	for (struct if_nameindex *i = list; i->if_index; i++)
		say(" %u %s", i->if_index, i->if_name);
	say("\n");
	if_freenameindex(list);
}

static void text_of(const char *path)
{
	char buf[4000], *line = buf;
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (n < 0) {
		say("%s: %s\n", path, ename(errno));
	} else {
		int lines = 0;

		buf[n] = 0;
		while ((line = strchr(line, '\n')))
			line++, lines++;
		say("%s: %d lines\n", path, lines);
	}
	if (fd >= 0)
		close(fd);
}

static void word_of(const char *path)
{
	char buf[100];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (n < 0) {
		say("%s: %s\n", path, ename(errno));
	} else {
		buf[n] = 0;
		say("%s: %s", path, buf);
	}
	if (fd >= 0)
		close(fd);
}

static long lo_up(void)
{
	int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	struct ifreq r = { .ifr_name = "lo" };
	long err;

	MUST(ioctl(fd, SIOCGIFFLAGS, &r));
	r.ifr_flags |= IFF_UP;
	err = ioctl(fd, SIOCSIFFLAGS, &r);
	close(fd);
	return err;
}

static struct sockaddr_in here(unsigned short port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int listener(unsigned short port)
{
	struct sockaddr_in a = here(port);
	int fd = MUST(socket(AF_INET, SOCK_STREAM, 0));

	R(bind(fd, (struct sockaddr *)&a, sizeof(a)));
	R(listen(fd, 5));
	return fd;
}

static int caller(unsigned short port)
{
	struct sockaddr_in a = here(port);
	int fd = MUST(socket(AF_INET, SOCK_STREAM, 0));

	R(connect(fd, (struct sockaddr *)&a, sizeof(a)));
	return fd;
}

static int named(const char *name, int type)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = MUST(socket(AF_UNIX, type, 0));

	memcpy(a.sun_path + 1, name, strlen(name));
	R(bind(fd, (struct sockaddr *)&a, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)));
	return fd;
}

static long call_name(const char *name, int type)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = MUST(socket(AF_UNIX, type, 0)), err;
	long r;

	memcpy(a.sun_path + 1, name, strlen(name));
	r = connect(fd, (struct sockaddr *)&a,
		    offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
	err = errno;
	close(fd);
	errno = err;
	return r;
}

static void of_its_own(void)
{
	int fd, old, c, s;
	char byte = 'x';
	struct stat a, b;

	lo_up();
	R(put_text("/proc/sys/net/ipv4/conf/lo/tag", "5"));
	R(put_text("/proc/sys/net/ipv4/ip_default_ttl", "70"));
	fd = listener(5000);
	named("tarn-name", SOCK_DGRAM);
	MUST(stat("/proc/self/ns/net", &a));
	old = MUST(open("/proc/self/ns/net", O_RDONLY));
	R(unshare(CLONE_NEWNET));
	MUST(stat("/proc/self/ns/net", &b));
	say("another: %d\n", a.st_ino != b.st_ino);
	R(ioctl(old, _IO(0xb7, 3)) == CLONE_NEWNET);
	devices();
	text_of("/proc/net/dev");
	text_of("/proc/net/route");
	text_of("/proc/net/tcp");
	text_of("/proc/net/if_inet6");
	text_of("/proc/net/fib_trie");
	word_of("/proc/sys/net/ipv4/conf/lo/tag");
	word_of("/proc/sys/net/ipv4/conf/default/tag");
	word_of("/proc/sys/net/ipv4/ip_default_ttl");
	caller(5000);
	R(lo_up());
	caller(5000);
	text_of("/proc/net/route");
	text_of("/proc/net/if_inet6");
	R(call_name("tarn-name", SOCK_DGRAM));
	named("tarn-name", SOCK_DGRAM);
	R(call_name("tarn-name", SOCK_DGRAM));
	text_of("/proc/net/tcp");
	s = listener(5000);
	c = caller(5000);
	s = accept(s, NULL, NULL);
	R(write(c, &byte, 1));
	R(read(s, &byte, 1));
	R(setns(old, CLONE_NEWNET));
	word_of("/proc/sys/net/ipv4/conf/lo/tag");
	R(put_text("/proc/sys/net/ipv4/conf/lo/tag", "0"));
	R(put_text("/proc/sys/net/ipv4/ip_default_ttl", "64"));
	/* Sockets stay where they were made. */
	R(write(c, &byte, 1));
	R(read(s, &byte, 1));
	c = caller(5000);
	s = accept(fd, NULL, NULL);
	R(write(c, &byte, 1));
	R(read(s, &byte, 1));
}

/* A namespace that only a socket keeps. */
static void kept_by_a_socket(void)
{
	int pair[2], c, s;
	char byte = 'x';
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} u = { .h = { CMSG_LEN(2 * sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &u,
			    .msg_controllen = sizeof(u) };

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	if (!MUST(fork())) {
		int fds[2];

		MUST(unshare(CLONE_NEWNET));
		MUST(lo_up());
		s = listener(5001);
		fds[0] = caller(5001);
		fds[1] = MUST(accept(s, NULL, NULL));
		memcpy(CMSG_DATA(&u.h), fds, sizeof(fds));
		MUST(sendmsg(pair[0], &m, 0));
		_exit(0);
	}
	MUST(recvmsg(pair[1], &m, 0));
	MUST(wait(NULL));
	sleep_ms(50);
	memcpy(&c, CMSG_DATA(&u.h), sizeof(c));
	memcpy(&s, CMSG_DATA(&u.h) + sizeof(c), sizeof(s));
	R(write(c, &byte, 1));
	R(read(s, &byte, 1));
	R(shutdown(c, SHUT_WR));
	R(read(s, &byte, 1));
	close(s);
	R(read(c, &byte, 1));
	close(c);
}

/* In a user namespace of one's own one administers one's own networks, and no others. */
static void owners(void)
{
	int fd, old;
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = 0 };

	MUST(setresgid(1000, 1000, 1000));
	MUST(setresuid(1000, 1000, 1000));
	old = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	R(unshare(CLONE_NEWNET));
	R(unshare(CLONE_NEWUSER));
	R(socket(AF_INET, SOCK_RAW, IPPROTO_UDP));
	R(socket(AF_PACKET, SOCK_RAW, 0));
	R(ioctl(old, SIOCSIFFLAGS, &r));
	R(unshare(CLONE_NEWNET));
	OK(socket(AF_INET, SOCK_RAW, IPPROTO_UDP));
	OK(socket(AF_PACKET, SOCK_RAW, 0));
	R(ioctl(old, SIOCSIFFLAGS, &r));
	R(lo_up());
	fd = MUST(socket(AF_INET, SOCK_STREAM, 0));
	{
		struct sockaddr_in a = here(80);
		int mark = 5, size = 1 << 20;

		R(bind(fd, (struct sockaddr *)&a, sizeof(a)));
		R(bind(old, (struct sockaddr *)&a, sizeof(a)));
		R(setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)));
		R(setsockopt(old, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)));
		R(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)));
	}
	R(put_text("/proc/sys/net/ipv4/conf/lo/tag", "7"));
	word_of("/proc/sys/net/ipv4/conf/lo/tag");
}

static void joined(void)
{
	int fds[2], mine;
	pid_t pid;
	char path[64];
	struct stat a, b;

	MUST(pipe(fds));
	pid = MUST(syscall(SYS_clone, CLONE_NEWNET | CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0));
	if (!pid) {
		char c;

		MUST(lo_up());
		listener(5002);
		MUST(read(fds[0], &c, 1));
		_exit(0);
	}
	sleep_ms(100);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	mine = MUST(open(path, O_RDONLY));
	caller(5002);
	R(setns(mine, CLONE_NEWUTS));
	R(setns(mine, 0));
	caller(5002);
	MUST(fstat(mine, &a));
	MUST(stat("/proc/self/ns/net", &b));
	say("the same: %d\n", a.st_ino == b.st_ino);
	MUST(write(fds[1], "x", 1));
	MUST(waitpid(pid, NULL, 0));
	caller(5002);
	devices();
}

/* PACKET_VNET_HDR: a header before each frame. */
static void with_header(void)
{
	struct {
		unsigned char flags, gso_type;
		unsigned short hdr_len, gso_size, csum_start, csum_offset;
	} h;
	char buf[200];
	int fd, on = 1, off, len, udp, i = 0;
	struct sockaddr_in a = here(5003);
	socklen_t size = sizeof(off);

	MUST(unshare(CLONE_NEWNET));
	MUST(lo_up());
	fd = MUST(socket(AF_PACKET, SOCK_DGRAM, htons(0x800)));
	R(setsockopt(fd, SOL_PACKET, 15, &on, sizeof(on)));
	close(fd);
	fd = MUST(socket(AF_PACKET, SOCK_RAW, htons(0x800)));
	R(setsockopt(fd, SOL_PACKET, 15, &on, sizeof(on)));
	R(getsockopt(fd, SOL_PACKET, 15, &off, &size));
	say("it is %d\n", off);
	udp = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	MUST(bind(udp, (struct sockaddr *)&a, sizeof(a)));
	MUST(sendto(udp, "hello", 5, 0, (struct sockaddr *)&a, sizeof(a)));
	len = MUST(recv(fd, buf, sizeof(buf), 0));
	memcpy(&h, buf, 10);
	say("%d bytes, flags %u, gso %u, csum %u + %u\n", len, h.flags, h.gso_type, h.csum_start,
	    h.csum_offset);
	R(recv(fd, buf, 5, MSG_DONTWAIT));
	while (recv(udp, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		i++;
	say("%d datagrams\n", i);
}

int main(void)
{
	in_child("of its own", of_its_own);
	in_child("kept by a socket", kept_by_a_socket);
	in_child("owners", owners);
	in_child("joined", joined);
	in_child("with a header", with_header);
	return 0;
}
