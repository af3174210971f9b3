/*
 * A bad wire between two network interfaces, for hosts without netem.
 *
 *	faultlink [--seed N] [--loss P] [--duplicate P] [--reorder P] [--corrupt P]
 *		  [--delay MS] [--late MS] [--rate MBIT] [--queue FRAMES] END END
 *
 * An END is tap:NAME, a tap device that there is or that may be made, or dgram:HERE,THERE, frames as datagrams
 * between two Unix sockets (QEMU's -netdev dgram). P is a chance in percent (0.5%). Of a frame that is spoilt one
 * bit behind the link header is turned over; one that is reordered comes --late (2 ms) after its time. --delay is
 * one way. With --rate, frames leave one after another, and those that find --queue (1000) before them are lost.
 * Each direction has a generator of its own: with a seed, its n-th frame always has the same fate.
 *
 * "ready" on stdout when frames pass. SIGTERM or SIGINT ends it, with what happened on stderr: status 0.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX 65550
#define BATCH	  64

struct frame {
	uint64_t due, number; /* ns; which one of its direction */
	size_t len;
	uint8_t data[];
};

/* Frames on their way to an end: a heap, the next one to arrive first. */
struct wire {
	uint64_t random, number, free_at; /* free_at: when the line is idle again */
	struct frame **heap;
	size_t n, room;
	uint64_t frames, lost, doubled, late, spoilt, full;
};

struct end {
	const char *name;
	int fd;
	struct sockaddr_un far; /* of a datagram socket */
	struct wire to;
};

static struct {
	double loss, duplicate, reorder, corrupt; /* 0 to 1 */
	double delay, late, rate; /* ms, Mbit/s; 0 no limit */
	unsigned long seed, queue;
} faults = { .late = 2, .queue = 1000, .seed = 1 };

static volatile sig_atomic_t ended;

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *fmt, ...)
{
	va_list args;

	fputs("faultlink: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* splitmix64 */
static uint64_t draw(struct wire *w)
{
	uint64_t x = w->random += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static bool happens(struct wire *w, double chance, uint64_t *count)
{
	bool yes = (double)(draw(w) >> 11) * 0x1p-53 < chance;

	*count += yes;
	return yes;
}

/* --- the heap --- */

static bool sooner(const struct frame *a, const struct frame *b)
{
	return a->due != b->due ? a->due < b->due : a->number < b->number;
}

static void insert(struct wire *w, uint64_t due, const uint8_t *data, size_t len)
{
	struct frame *f = malloc(sizeof(*f) + len);
	size_t i = w->n++;

	if (w->n > w->room) {
		w->room = w->room ? 2 * w->room : 256;
		w->heap = realloc(w->heap, w->room * sizeof(struct frame *));
	}
	if (!f || !w->heap)
		fail("no memory");
	f->due = due;
	f->number = w->number++;
	f->len = len;
	memcpy(f->data, data, len);
	for (; i && sooner(f, w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		w->heap[i] = w->heap[(i - 1) / 2];
	w->heap[i] = f;
}

static void remove_first(struct wire *w)
{
	struct frame *last = w->heap[--w->n];
	size_t i = 0, child;

	free(w->heap[0]);
	while ((child = 2 * i + 1) < w->n) {
		if (child + 1 < w->n && sooner(w->heap[child + 1], w->heap[child]))
			child++;
		if (!sooner(w->heap[child], last))
			break;
		w->heap[i] = w->heap[child];
		i = child;
	}
	w->heap[i] = last;
}

/* --- frames --- */

/* A frame enters the wire. Each fault draws for each frame, so that one does not change another's luck. */
static void enter(struct wire *w, uint8_t *data, size_t len, uint64_t at)
{
	bool lost = happens(w, faults.loss, &w->lost),
	     doubled = happens(w, faults.duplicate, &w->doubled);
	bool late = happens(w, faults.reorder, &w->late),
	     spoilt = happens(w, faults.corrupt, &w->spoilt);
	uint64_t bit = draw(w), due = at;

	w->frames++;
	if (lost)
		return;
	if (faults.rate > 0) {
		if (w->n >= faults.queue) {
			w->full++;
			return;
		}
		due = (w->free_at > at ? w->free_at : at) +
		      (uint64_t)((double)len * 8000 / faults.rate);
		w->free_at = due;
	}
	due += (uint64_t)(faults.delay * 1e6);
	if (late)
		due += (uint64_t)(faults.late * 1e6);
	if (spoilt && len > 14) {
		bit %= 8 * (len - 14);
		data[14 + bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	insert(w, due, data, len);
	if (doubled)
		insert(w, due, data, len);
}

static void take_in(struct end *from, struct end *to)
{
	static uint8_t data[FRAME_MAX];
	ssize_t n;

	for (int i = 0; i < BATCH; i++) {
		n = read(from->fd, data, sizeof(data));
		if (n < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED)
			fail("%s: %s", from->name, strerror(errno));
		if (n <= 0)
			return;
		enter(&to->to, data, (size_t)n, now());
	}
}

/* What has arrived at an end is given to it. False: it takes no more now. */
static bool give(struct end *to)
{
	struct wire *w = &to->to;

	while (w->n && w->heap[0]->due <= now()) {
		struct frame *f = w->heap[0];
		ssize_t n = to->far.sun_family ? sendto(to->fd, f->data, f->len, 0,
							(void *)&to->far, sizeof(to->far)) :
						 write(to->fd, f->data, f->len);

		if (n < 0 && (errno == EAGAIN || errno == ENOBUFS))
			return false;
		/* An interface that is down, or a socket that nobody has yet: the frame is lost. */
		remove_first(w);
	}
	return true;
}

/* --- ends --- */

static void open_tap(struct end *e, const char *name)
{
	struct ifreq r = { .ifr_flags = IFF_TAP | IFF_NO_PI };

	if (!*name || strlen(name) >= IFNAMSIZ || strpbrk(name, "/ \t"))
		fail("tap:%s: that is no name of a device", name);
	strcpy(r.ifr_name, name);
	e->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (e->fd < 0)
		fail("/dev/net/tun: %s", strerror(errno));
	if (ioctl(e->fd, TUNSETIFF, &r))
		fail("tap:%s: %s", name, strerror(errno));
}

static void open_dgram(struct end *e, char *paths)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char *there = strchr(paths, ',');
	int size = 1 << 20;

	if (there)
		*there++ = 0;
	if (!there || !*paths || !*there || strchr(there, ','))
		fail("dgram:%s: two paths, HERE,THERE", paths);
	if (strlen(paths) >= sizeof(at.sun_path) || strlen(there) >= sizeof(at.sun_path))
		fail("dgram:%s: a path is too long for a socket", paths);
	strcpy(at.sun_path, paths);
	e->far.sun_family = AF_UNIX;
	strcpy(e->far.sun_path, there);
	e->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	unlink(paths);
	if (e->fd < 0 || bind(e->fd, (void *)&at, sizeof(at)))
		fail("%s: %s", paths, strerror(errno));
	setsockopt(e->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

static void open_end(struct end *e, char *name)
{
	e->name = strdup(name);
	if (!strncmp(name, "tap:", 4))
		open_tap(e, name + 4);
	else if (!strncmp(name, "dgram:", 6))
		open_dgram(e, name + 6);
	else
		fail("%s: an end is tap:NAME or dgram:HERE,THERE", name);
}

/* --- options --- */

static double number(const char *option, const char *text, const char *unit, double max)
{
	char *rest;
	double x;

	errno = 0;
	x = strtod(text, &rest);
	if (rest == text || errno || isspace((unsigned char)*text) || !(x >= 0 && x <= max) ||
	    strcmp(rest, unit))
		fail("--%s %s: a number from 0 to %.15g%s", option, text, max,
		     *unit ? ", with a % behind it" : "");
	return x;
}

static const struct option options[] = {
	{ "seed", 1, NULL, 's' },    { "loss", 1, NULL, 'l' },	  { "duplicate", 1, NULL, 'd' },
	{ "reorder", 1, NULL, 'r' }, { "corrupt", 1, NULL, 'c' }, { "delay", 1, NULL, 'D' },
	{ "late", 1, NULL, 'L' },    { "rate", 1, NULL, 'R' },	  { "queue", 1, NULL, 'q' },
	{ NULL, 0, NULL, 0 },
};

static void option(int c, const char *name, const char *value)
{
	switch (c) {
	case 's':
		faults.seed = (unsigned long)number(name, value, "", 1e15);
		break;
	case 'l':
		faults.loss = number(name, value, "%", 100) / 100;
		break;
	case 'd':
		faults.duplicate = number(name, value, "%", 100) / 100;
		break;
	case 'r':
		faults.reorder = number(name, value, "%", 100) / 100;
		break;
	case 'c':
		faults.corrupt = number(name, value, "%", 100) / 100;
		break;
	case 'D':
		faults.delay = number(name, value, "", 1e5);
		break;
	case 'L':
		faults.late = number(name, value, "", 1e5);
		break;
	case 'R':
		faults.rate = number(name, value, "", 1e6);
		break;
	case 'q':
		faults.queue = (unsigned long)number(name, value, "", 1e6);
		break;
	default:
		exit(2); /* getopt_long has said what is wrong */
	}
}

static void stop(int sig)
{
	(void)sig;
	ended = 1;
}

static void tell(const struct end *e)
{
	const struct wire *w = &e->to;

	fprintf(stderr,
		"to %s: %lu frames, %lu lost, %lu doubled, %lu late, %lu spoilt, %lu found it full\n",
		e->name, (unsigned long)w->frames, (unsigned long)w->lost,
		(unsigned long)w->doubled, (unsigned long)w->late, (unsigned long)w->spoilt,
		(unsigned long)w->full);
}

static void pass_frames(struct end *e)
{
	struct pollfd p[2];
	struct timespec wait;
	uint64_t t, next;

	while (!ended) {
		next = UINT64_MAX;
		for (int i = 0; i < 2; i++) {
			bool taken = give(&e[i]);

			p[!i] = (struct pollfd){ e[!i].fd, POLLIN, 0 };
			if (e[i].to.n) {
				t = taken ? e[i].to.heap[0]->due : now() + 200000;
				next = t < next ? t : next;
			}
		}
		t = now();
		t = next == UINT64_MAX ? 1000000000u : next > t ? next - t : 0;
		wait = (struct timespec){ (time_t)(t / 1000000000u), (long)(t % 1000000000u) };
		if (ppoll(p, 2, &wait, NULL) < 0 && errno != EINTR)
			fail("ppoll: %s", strerror(errno));
		for (int i = 0; i < 2; i++)
			if (p[i].revents)
				take_in(&e[i], &e[!i]);
	}
}

int main(int argc, char **argv)
{
	struct end e[2] = { 0 };
	int c, at = 0;

	while ((c = getopt_long(argc, argv, "", options, &at)) != -1)
		option(c, options[at].name, optarg);
	if (argc - optind != 2)
		fail("two ends are joined, not %d", argc - optind);
	for (int i = 0; i < 2; i++) {
		open_end(&e[i], argv[optind + i]);
		e[i].to.random = faults.seed * 2 + (uint64_t)i;
	}
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	puts("ready");
	fflush(stdout);
	pass_frames(e);
	tell(&e[0]);
	tell(&e[1]);
	return 0;
}
