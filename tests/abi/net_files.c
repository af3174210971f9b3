/* /proc/PID/net: whose network it tells of, also once the process has another or has ended; files that few read. */
#include "abi.h"
#include <dirent.h>
#include <stddef.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static char text[65536];

/* The text of an open file, from its beginning. */
static const char *text_of(int fd)
{
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n < 0 ? 0 : n] = 0;
	return n < 0 ? ename(errno) : text;
}

static const char *file(const char *path)
{
	int fd = open(path, O_RDONLY);
	const char *t = fd < 0 ? ename(errno) : text_of(fd);

	if (fd >= 0)
		close(fd);
	return t;
}

/* Which of the names stand in it. */
static const char *names(const char *t)
{
	static char found[40];

	snprintf(found, sizeof(found), "%s%s%s", strstr(t, "@net-first") ? " first" : "",
		 strstr(t, "@net-second") ? " second" : "", t[0] == 'E' ? t : "");
	return found;
}

static void bind_name(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));

	memcpy(a.sun_path + 1, name, strlen(name));
	MUST(bind(fd, (struct sockaddr *)&a, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)));
}

static void lo_up(void)
{
	int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
	struct ifreq r = { .ifr_name = "lo" };

	MUST(ioctl(fd, SIOCGIFFLAGS, &r));
	r.ifr_flags |= IFF_UP;
	MUST(ioctl(fd, SIOCSIFFLAGS, &r));
	close(fd);
}

static void list(const char *folder)
{
	static const char *const known[] = { "dev", "dev_snmp6", "lo", "stat", "rt6_stats", "arp_cache", "ndisc_cache" };
	DIR *d = opendir(folder);
	struct dirent *e;
	unsigned seen = 0;
	int n = 0;

	errno = 0;
	while (d && (e = readdir(d)))
		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			seen |= !strcmp(e->d_name, known[i]) << i, n++;
	say("%s:%s%s", strrchr(folder, '/') + 1, n ? "" : " empty", errno ? " " : "");
	say("%s", errno ? ename(errno) : "");
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		say("%s%s", seen >> i & 1 ? " " : "", seen >> i & 1 ? known[i] : "");
	say("\n");
	if (d)
		closedir(d);
}

static void another_process(void)
{
	int ready[2], go[2], fd;
	char byte, path[64];
	siginfo_t si;
	pid_t pid;

	MUST(pipe(ready));
	MUST(pipe(go));
	pid = fork();
	if (!pid) {
		MUST(unshare(CLONE_NEWNET));
		bind_name("net-second");
		MUST(write(ready[1], "x", 1));
		read(go[0], &byte, 1);
		MUST(unshare(CLONE_NEWNET));
		MUST(write(ready[1], "x", 1));
		read(go[0], &byte, 1);
		_exit(0);
	}
	MUST(read(ready[0], &byte, 1));
	snprintf(path, sizeof(path), "/proc/%d/net/unix", pid);
	say("ours:%s\n", names(file("/proc/net/unix")));
	say("its:%s\n", names(file(path)));
	fd = MUST(open(path, O_RDONLY));
	snprintf(path, sizeof(path), "/proc/%d/net/if_inet6", pid);
	say("its addresses: %d\n", file(path)[0] != 0);
	say("our addresses: %d\n", file("/proc/net/if_inet6")[0] != 0);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/net/if_inet6", pid, pid);
	say("its thread's addresses: %d\n", file(path)[0] != 0);
	MUST(write(go[1], "x", 1));
	MUST(read(ready[0], &byte, 1));
	snprintf(path, sizeof(path), "/proc/%d/net/unix", pid);
	say("its next:%s\n", names(file(path)));
	say("the file of before:%s\n", names(text_of(fd)));
	MUST(write(go[1], "x", 1));
	MUST(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	say("of one that has ended: %s\n", names(file(path)));
	snprintf(path, sizeof(path), "/proc/%d/net", pid);
	list(path);
	waitpid(pid, NULL, 0);
	say("of none:%s\n", names(file(path)));
	say("the file of before:%s\n", names(text_of(fd)));
	close(fd);
}

static void our_own(void)
{
	int fd = MUST(open("/proc/self/net/unix", O_RDONLY));

	MUST(unshare(CLONE_NEWNET));
	say("after unshare, the file of before:%s\n", names(text_of(fd)));
	say("and a new one:%s\n", names(file("/proc/self/net/unix")));
}

/* A counter of a device. */
static long counter(const char *name)
{
	const char *at = strstr(file("/proc/self/net/dev_snmp6/lo"), name);

	return at ? atol(at + strcspn(at, " \t")) : -1;
}

static void counters(void)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	static const char *const which[] = { "Ip6InReceives", "Ip6InDelivers", "Ip6OutRequests", "Ip6OutTransmits",
					     "Ip6InOctets", "Ip6OutOctets", "Ip6InNoECTPkts", "Icmp6InMsgs", "Icmp6OutMsgs",
					     "Icmp6InDestUnreachs", "Icmp6OutDestUnreachs", "Icmp6OutType1" };
	long before[ARRAY_SIZE(which)];
	int fd;

	say("%s", file("/proc/self/net/dev_snmp6/lo"));
	say("%s", file("/proc/self/net/rt6_stats"));
	lo_up();
	fd = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
	for (size_t i = 0; i < ARRAY_SIZE(which); i++)
		before[i] = counter(which[i]);
	sendto(fd, "12345", 5, 0, (struct sockaddr *)&to, sizeof(to));
	for (size_t i = 0; i < ARRAY_SIZE(which); i++)
		say("%s %ld\n", which[i], counter(which[i]) - (before[i] < 0 ? 0 : before[i]));
	close(fd);
}

int main(void)
{
	static const char *const multicast[] = { "/proc/net/ip_mr_vif", "/proc/net/ip_mr_cache",
						 "/proc/net/ip6_mr_vif", "/proc/net/ip6_mr_cache" };

	lo_up();
	bind_name("net-first");
	text_of(open("/proc/net/stat/arp_cache", O_RDONLY));
	say("%.*s\n", (int)strcspn(text, "\n"), text);
	text_of(open("/proc/net/stat/ndisc_cache", O_RDONLY));
	say("%.*s\n", (int)strcspn(text, "\n"), text);
	for (size_t i = 0; i < ARRAY_SIZE(multicast); i++)
		say("%s", file(multicast[i]));
	list("/proc/self/net");
	list("/proc/self/net/dev_snmp6");
	another_process();
	our_own();
	counters();
	return 0;
}
