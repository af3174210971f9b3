/*
 * Rows of other people's programs: requests to nginx and to redis-server over the loopback, from 32
 * connections of one task of ours that sends the next request when an answer is whole; iperf3 with the
 * machine beneath (bench.host=PORT on the command line says where its server listens).
 *
 * The archive has the programs as Debian packs them, and the modules that Linux needs for its card.
 */
#include "bench.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define CLIENTS	   32
#define HTTP_PORT  8080
#define REDIS_PORT 6379
#define IPERF	   "/usr/bin/iperf3"
#define MODULES	   "/bench/modules"

static char buf[64 << 10];

/* ---- a server, and those who ask it ---------------------------------------------------------- */

static pid_t start(char *const argv[])
{
	pid_t pid = MUST(fork());

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		for (int fd = 0; fd < 3; fd++)
			dup2(null, fd);
		execv(argv[0], argv);
		_exit(127);
	}
	return pid;
}

/* A connection to it; while it starts, it is tried again. */
static int client(pid_t pid, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int on = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < 3000; i++) {
		int s = MUST(socket(AF_INET, SOCK_STREAM, 0));

		if (!connect(s, (struct sockaddr *)&a, sizeof(a))) {
			setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
			return s;
		}
		close(s);
		if (waitpid(pid, NULL, WNOHANG) == pid)
			give_up("the server ended");
		usleep(10000);
	}
	give_up("nobody listens on port %d", port);
}

/* Sends one request and waits until all of the answer is there; its length is that of all. */
static size_t first_answer(int s, const char *request)
{
	size_t got = 0, want = 0;

	if (write(s, request, strlen(request)) < 0)
		give_up("write a request");
	while (!want || got < want) {
		ssize_t n = read(s, buf + got, sizeof(buf) - 1 - got);

		if (n <= 0)
			give_up("read an answer");
		got += n;
		buf[got] = 0;
		char *end = strstr(buf, "\r\n\r\n"), *len = strcasestr(buf, "content-length:");
		if (!strncmp(buf, "HTTP/", 5)) {
			if (end && len)
				want = end + 4 - buf + strtoul(len + 15, NULL, 10);
		} else if (buf[0] == '$') { /* redis: a string of so many bytes */
			len = strstr(buf, "\r\n");
			if (len)
				want = len + 2 - buf + strtoul(buf + 1, NULL, 10) + 2;
		} else if (strstr(buf, "\r\n")) {
			want = got;
		}
	}
	if (strncmp(buf, "HTTP/1.1 200", 12) && buf[0] != '+' && buf[0] != '$') {
		errno = EPROTO;
		give_up("the answer is %.40s", buf);
	}
	return want;
}

/* n requests from all clients in turn; each has at most one under way. */
static uint64_t requests(pid_t pid, int port, const char *request, uint64_t n)
{
	size_t len = strlen(request), whole = 0, got[CLIENTS] = { 0 };
	int fd[CLIENTS], ep = MUST(epoll_create1(0));
	struct epoll_event e[CLIENTS];
	uint64_t sent, done = 0, t;

	for (int i = 0; i < CLIENTS; i++) {
		e[0] = (struct epoll_event){ .events = EPOLLIN, .data.u32 = i };
		fd[i] = client(pid, port);
		whole = first_answer(fd[i], request);
		MUST(epoll_ctl(ep, EPOLL_CTL_ADD, fd[i], &e[0]));
	}
	t = now();
	for (sent = 0; sent < CLIENTS && sent < n; sent++)
		if (write(fd[sent], request, len) != (ssize_t)len)
			give_up("write a request");
	while (done < n) {
		int k = MUST(epoll_wait(ep, e, CLIENTS, -1));

		for (int j = 0; j < k; j++) {
			int i = e[j].data.u32;
			ssize_t r = read(fd[i], buf, sizeof(buf));

			if (r <= 0)
				give_up("read an answer");
			got[i] += r;
			if (got[i] < whole)
				continue;
			got[i] -= whole;
			done++;
			if (sent < n && sent++ < n && write(fd[i], request, len) != (ssize_t)len)
				give_up("write a request");
		}
	}
	t = now() - t;
	for (int i = 0; i < CLIENTS; i++)
		close(fd[i]);
	close(ep);
	return t;
}

/* ---- nginx, redis ---------------------------------------------------------------------------- */

static uint64_t row_nginx(uint64_t n)
{
	static char *const argv[] = { "/usr/sbin/nginx",   "-p", "/bench/", "-c",
				      "/bench/nginx.conf", NULL };
	static pid_t pid;

	loopback_up();
	if (!pid)
		pid = start(argv);
	return requests(pid, HTTP_PORT, "GET /index.html HTTP/1.1\r\nHost: bench\r\n\r\n", n);
}

static uint64_t redis(const char *request, uint64_t n)
{
	static char *const argv[] = {
		"/usr/bin/redis-server", "--port", "6379", "--bind", "127.0.0.1", "--save", "",
		"--appendonly",		 "no",	   NULL
	};
	static pid_t pid;

	loopback_up();
	if (!pid) {
		pid = start(argv);
		int s = client(pid, REDIS_PORT);
		first_answer(s, "SET key:000000000001 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n");
		close(s);
	}
	return requests(pid, REDIS_PORT, request, n);
}

static uint64_t row_redis_set(uint64_t n)
{
	return redis("*3\r\n$3\r\nSET\r\n$16\r\nkey:000000000001\r\n$3\r\nxxx\r\n", n);
}

static uint64_t row_redis_get(uint64_t n)
{
	return redis("*2\r\n$3\r\nGET\r\n$16\r\nkey:000000000001\r\n", n);
}

/* ---- iperf3 ---------------------------------------------------------------------------------- */

/* Linux's drivers are modules; they come in the order in which they need each other. */
static void load_modules(void)
{
	struct dirent **names;
	int n = scandir(MODULES, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char path[300];
		int fd;

		snprintf(path, sizeof(path), MODULES "/%s", names[i]->d_name);
		fd = names[i]->d_name[0] == '.' ? -1 : open(path, O_RDONLY);
		if (fd >= 0 && syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
			give_up("load %s", path);
	}
}

static void set_address(struct ifreq *r, const char *address)
{
	struct sockaddr_in a = { .sin_family = AF_INET };

	inet_pton(AF_INET, address, &a.sin_addr);
	memcpy(&r->ifr_addr, &a, sizeof(a));
}

/* The card as QEMU's user network wants it. */
static void card_up(void)
{
	struct ifreq r = { .ifr_name = "eth0" };
	int s = MUST(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	load_modules();
	for (int i = 0; ioctl(s, SIOCGIFFLAGS, &r) && i < 200; i++)
		usleep(10000); /* it comes when its driver has looked at it */
	set_address(&r, "10.0.2.15");
	MUST(ioctl(s, SIOCSIFADDR, &r));
	set_address(&r, "255.255.255.0");
	MUST(ioctl(s, SIOCSIFNETMASK, &r));
	MUST(ioctl(s, SIOCGIFFLAGS, &r));
	r.ifr_flags |= IFF_UP;
	MUST(ioctl(s, SIOCSIFFLAGS, &r));
	close(s);
}

/* The figure behind key in the part of iperf3's report that begins with `part`. */
static double figure(const char *part, const char *key)
{
	char *at = strstr(buf, part);

	at = at ? strstr(at, key) : NULL;
	if (!at) {
		errno = EPROTO;
		at = strstr(buf, "\"error\":");
		give_up("iperf3 says %.100s", at ? at : buf);
	}
	return strtod(at + strlen(key), NULL);
}

/* What n MiB take at the rate of some seconds: iperf3 looks at its clock once in each. */
static uint64_t iperf(uint64_t n, char *how)
{
	char *argv[] = { IPERF,	   "-c", "10.0.2.2",	     "-p", order("bench.host"),
			 "--json", "-t", n < 32 ? "1" : "4", how,  NULL };
	size_t got = 0;
	ssize_t k;
	int out[2];

	if (!argv[4])
		give_up("no bench.host");
	loopback_up();
	card_up();
	MUST(pipe(out));
	pid_t pid = MUST(fork());
	if (pid == 0) {
		dup2(out[1], 1);
		close(out[0]);
		execv(argv[0], argv);
		_exit(127);
	}
	close(out[1]);
	while ((k = read(out[0], buf + got, sizeof(buf) - 1 - got)) > 0)
		got += k;
	buf[got] = 0;
	close(out[0]);
	waitpid(pid, NULL, 0);
	double bytes = figure("\"sum_received\"", "\"bytes\":");
	return figure("\"sum_received\"", "\"seconds\":") * 1e9 * n * (1 << 20) / bytes;
}

static uint64_t row_iperf_out(uint64_t n)
{
	return iperf(n, NULL);
}

static uint64_t row_iperf_in(uint64_t n)
{
	return iperf(n, "-R");
}

const struct row server_rows[] = {
	{ "nginx", 2000, 2000, .run = row_nginx },
	{ "redis-set", 4000, 4000, .run = row_redis_set },
	{ "redis-get", 4000, 4000, .run = row_redis_get },
	{ "iperf-out", 8, 64, .run = row_iperf_out },
	{ "iperf-in", 8, 64, .run = row_iperf_in },
	{ .name = NULL },
};
