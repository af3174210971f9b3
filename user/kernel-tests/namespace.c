/*
 * namespace.c - namespaces made, entered and ended on all harts at once: of users, with maps written while
 * they are looked at; of networks, with connections, datagrams and TIME-WAITs in them at the end; of
 * processes, nested, killed while they breed.
 */
#include "tests.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAKERS 8
#define ROUNDS 6

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	CHECK(fd >= 0);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void lo_up(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq r = { .ifr_name = "lo" };

	CHECK(fd >= 0);
	CHECK(!ioctl(fd, SIOCGIFFLAGS, &r));
	r.ifr_flags |= IFF_UP;
	CHECK(!ioctl(fd, SIOCSIFFLAGS, &r));
	close(fd);
}

/* A connection with something in it, and what is cut off in the middle of it all. */
static void talk(int how)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(99) };
	int l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0), s, u;
	char buf[3000] = { 0 };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(!bind(l, (struct sockaddr *)&a, sizeof(a)));
	CHECK(!listen(l, 3));
	CHECK(!connect(c, (struct sockaddr *)&a, sizeof(a)));
	s = accept(l, NULL, NULL);
	CHECK(s >= 0);
	CHECK(write(c, buf, sizeof(buf)) == sizeof(buf));
	if (how & 1)
		CHECK(read(s, buf, sizeof(buf)) > 0);
	if (how & 2)
		close(c); /* ends in TIME-WAIT */
	u = socket(AF_INET, SOCK_DGRAM, 0);
	a.sin_port = htons(98);
	CHECK(!bind(u, (struct sockaddr *)&a, sizeof(a)));
	CHECK(sendto(u, buf, sizeof(buf), 0, (struct sockaddr *)&a, sizeof(a)) == sizeof(buf));
	if (how & 4)
		close(s);
}

static void maker(int n)
{
	for (int i = 0; i < ROUNDS; i++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (!pid) {
			CHECK(!syscall(__NR_unshare,
				       CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC));
			put("/proc/self/setgroups", "deny");
			put("/proc/self/uid_map", "0 0 1");
			put("/proc/self/gid_map", "0 0 1");
			lo_up();
			talk(n + i);
			_exit(0);
		}
		CHECK(wait_for(pid) == 0);
	}
}

/* Whatever namespaces there are just now, it looks at and enters. */
static void looker(pid_t from)
{
	static const char *const kinds[] = { "user",   "net",	  "uts",     "ipc",
					     "status", "uid_map", "net/tcp", "net/dev" };
	char path[64], buf[512];
	struct stat st;

	for (unsigned i = 0;; i++) {
		int fd, own;

		snprintf(path, sizeof(path), "/proc/%d/%s%s", from + (int)(i % 120),
			 i % 8 < 4 ? "ns/" : "", kinds[i % 8]);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		if (i % 8 >= 4) {
			(void)!read(fd, buf, sizeof(buf));
		} else {
			CHECK(!fstat(fd, &st));
			snprintf(path, sizeof(path), "/proc/self/ns/%s", kinds[i % 8]);
			own = open(path, O_RDONLY);
			if (i % 8 && own >= 0 && !syscall(__NR_setns, fd, 0))
				CHECK(!syscall(__NR_setns, own, 0));
			close(own);
		}
		close(fd);
	}
}

static void race_namespaces(void)
{
	pid_t pids[MAKERS], lookers[2], from = getpid();

	for (int i = 0; i < 2; i++) {
		lookers[i] = spawn();
		if (!lookers[i])
			looker(from);
	}
	for (int i = 0; i < MAKERS; i++) {
		pids[i] = spawn();
		if (!pids[i]) {
			maker(i);
			_exit(0);
		}
	}
	for (int i = 0; i < MAKERS; i++)
		CHECK(wait_for(pids[i]) == 0);
	kill_all(lookers, 2);
}

/* The last holder of a network is a descriptor that is on its way to somebody else. */
static void namespace_in_flight(void)
{
	for (int i = 0; i < 4; i++) {
		int pair[2], fd;
		union {
			struct cmsghdr h;
			char room[CMSG_SPACE(sizeof(int))];
		} u = { .h = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
		char byte = 'x';
		struct iovec iov = { &byte, 1 };
		struct msghdr m = { .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = &u,
				    .msg_controllen = sizeof(u) };
		pid_t pid;

		CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
		pid = spawn();
		if (!pid) {
			CHECK(!syscall(__NR_unshare, CLONE_NEWNET));
			lo_up();
			fd = i & 1 ? open("/proc/self/ns/net", O_RDONLY) :
				     socket(AF_INET, SOCK_STREAM, 0);
			CHECK(fd >= 0);
			memcpy(CMSG_DATA(&u.h), &fd, sizeof(fd));
			CHECK(sendmsg(pair[0], &m, 0) == 1);
			_exit(0);
		}
		CHECK(wait_for(pid) == 0);
		close(pair[0]);
		close(pair[1]);
	}
}

/* ---- numbers of processes ---- */

static pid_t born(unsigned long flags)
{
	pid_t pid = (pid_t)syscall(__NR_clone, flags | SIGCHLD, 0, 0, 0, 0);

	return pid;
}

/* Births, orphans and groups, up to the moment when the first process of the namespace ends. */
static void breed(int depth)
{
	for (int i = 0; i < 7; i++) {
		pid_t pid = born(depth && i % 3 == 0 ? CLONE_NEWPID : 0);

		if (pid < 0) {
			/* What is dying bears no more. */
			CHECK(errno == ENOMEM || errno == EAGAIN);
			continue;
		}
		if (!pid) {
			if (i % 4 == 1)
				setsid();
			if (i % 4 == 2)
				kill(1, SIGKILL);
			if (i % 4 == 3)
				kill(-1, SIGCONT);
			if (depth && i % 3 == 0)
				breed(depth - 1);
			if (i % 2 && !born(0))
				pause();
			_exit(i & 1);
		}
		if (i % 2)
			wait_for(pid);
	}
}

static void pid_maker(int n)
{
	for (int i = 0; i < ROUNDS; i++) {
		int alive[2];
		pid_t pid;
		char c;

		CHECK(!pipe(alive));
		pid = born(CLONE_NEWPID);
		CHECK(pid >= 0);
		if (!pid) {
			CHECK(getpid() == 1 && getppid() == 0);
			breed(2);
			_exit(7);
		}
		close(alive[1]);
		if ((n + i) % 3 == 0) {
			usleep(3000 * (unsigned)(i + 1));
			kill(pid, SIGKILL);
		}
		CHECK(wait_for(pid) >= 0);
		/* Nobody of it is left who holds the other end. */
		CHECK(fcntl(alive[0], F_SETFL, O_NONBLOCK) == 0);
		CHECK(read(alive[0], &c, 1) == 0);
		close(alive[0]);
	}
}

/* From outside: all numbers there are, by /proc, by signals, by entering. */
static void pid_looker(pid_t from)
{
	char path[64], buf[1024];

	for (unsigned i = 0;; i++) {
		int fd, own;
		pid_t pid;

		snprintf(path, sizeof(path), "/proc/%d/%s", from + (int)(i % 300),
			 i & 1 ? "status" : "ns/pid");
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		if (i & 1) {
			(void)!read(fd, buf, sizeof(buf));
		} else if ((own = open("/proc/self/ns/pid", O_RDONLY)) >= 0) {
			if (!syscall(__NR_setns, fd, CLONE_NEWPID)) {
				pid = born(0);
				if (!pid)
					_exit(0);
				if (pid > 0)
					wait_for(pid);
				CHECK(!syscall(__NR_setns, own, CLONE_NEWPID));
			}
			close(own);
		}
		close(fd);
	}
}

static void pid_namespaces(void)
{
	pid_t pids[MAKERS], lookers[2], from = getpid();

	for (int i = 0; i < 2; i++) {
		lookers[i] = spawn();
		if (!lookers[i])
			pid_looker(from);
	}
	for (int i = 0; i < MAKERS; i++) {
		pids[i] = spawn();
		if (!pids[i]) {
			pid_maker(i);
			_exit(0);
		}
	}
	for (int i = 0; i < MAKERS; i++)
		CHECK(wait_for(pids[i]) == 0);
	kill_all(lookers, 2);
}

static void name_of_users(char *buf, size_t n)
{
	ssize_t got = readlink("/proc/self/ns/user", buf, n - 1);

	CHECK(got > 0);
	buf[got] = 0;
}

/* A child makes namespaces of `flags`; it ends at once, or when its pipe closes. */
static pid_t unshares(int flags, int wait_on)
{
	pid_t pid = fork();
	char c;

	CHECK(pid >= 0);
	if (!pid) {
		CHECK(!syscall(__NR_unshare, flags));
		if (wait_on >= 0)
			CHECK(!read(wait_on, &c, 1));
		_exit(0);
	}
	return pid;
}

/* Namespaces of mounts come and go; that of the users who own them stays theirs who are in it. */
static void mount_owner(void)
{
	char before[64], after[64];
	int p[2];
	pid_t others[8], pid = fork();

	CHECK(pid >= 0);
	if (pid) {
		CHECK(wait_for(pid) == 0);
		return;
	}
	CHECK(!syscall(__NR_unshare, CLONE_NEWUSER));
	put("/proc/self/setgroups", "deny");
	put("/proc/self/uid_map", "0 0 1");
	put("/proc/self/gid_map", "0 0 1");
	name_of_users(before, sizeof(before));
	for (int i = 0; i < 8; i++)
		CHECK(wait_for(unshares(CLONE_NEWNS, -1)) == 0);
	usleep(50000); /* what goes is freed after a grace period, and made anew */
	CHECK(!pipe2(p, O_CLOEXEC));
	for (int i = 0; i < 8; i++)
		others[i] = unshares(CLONE_NEWUSER, p[0]);
	usleep(50000);
	name_of_users(after, sizeof(after));
	CHECK(!strcmp(before, after));
	close(p[1]);
	for (int i = 0; i < 8; i++)
		kill(others[i], SIGKILL);
	for (int i = 0; i < 8; i++)
		wait_for(others[i]);
	_exit(0);
}

const struct test namespace_tests[] = {
	{ "race-namespaces", race_namespaces, 90 },
	{ "namespace-in-flight", namespace_in_flight, 60 },
	{ "race-pid-namespaces", pid_namespaces, 120 },
	{ "mount-ns-owner", mount_owner, 60 },
	{ NULL, NULL, 0 },
};
