/*
 * Settings of /proc/sys with their limits: fs.epoll.max_user_watches (epoll(7)), kernel.sysrq and vm.mmap_rnd_bits
 * (proc(5)): what may be written, what is read then, and what they do.
 */
#include "abi.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WATCHES "/proc/sys/fs/epoll/max_user_watches"

static int put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY), n = fd < 0 ? -1 : (int)write(fd, text, strlen(text));

	if (fd >= 0) {
		int err = errno;

		close(fd);
		errno = err;
	}
	return n;
}

static void get(const char *file, char *buf, size_t size)
{
	int fd = open(file, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	close(fd);
	buf[n > 0 ? n : 0] = '\0';
}

static void values(const char *file, const char *const *texts)
{
	char was[64], now[64];
	struct stat st;

	if (stat(file, &st))
		return say("%s: none\n", file);
	get(file, was, sizeof(was));
	say("%s: mode %o\n", file, st.st_mode & 07777);
	for (; *texts; texts++) {
		int n = put(file, *texts), err = errno;

		get(file, now, sizeof(now));
		say("  %s: %s, %s", *texts, n < 0 ? "refused" : "taken", strcmp(now, was) ? now : "as it was\n");
		if (n < 0)
			say("  errno %d\n", err);
		put(file, was);
	}
}

static int ep, ep_other;

static int add(int e)
{
	struct epoll_event ev = { .events = EPOLLIN };

	return epoll_ctl(e, EPOLL_CTL_ADD, eventfd(0, 0), &ev);
}

static void user(void)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int fd = eventfd(0, 0), mine;

	if (setuid(1234))
		_exit(1);
	mine = epoll_create1(0);
	R(add(mine));
	R(add(mine));
	R(epoll_ctl(mine, EPOLL_CTL_ADD, fd, &ev));
	R(add(mine));
	R(add(epoll_create1(0)));
	/* Who made the epoll file pays. */
	R(add(ep));
	R(epoll_ctl(mine, EPOLL_CTL_ADD, fd, &ev));
	R(epoll_ctl(mine, EPOLL_CTL_MOD, fd, &ev));
	R(epoll_ctl(mine, EPOLL_CTL_DEL, fd, &ev));
	R(epoll_ctl(mine, EPOLL_CTL_ADD, fd, &ev));
	R(add(mine));
	/* A watched file that goes takes its watch along. */
	R(close(fd));
	R(add(mine));
	R(add(mine));
	R(close(mine));
	R(add(epoll_create1(0)));
	_exit(0);
}

/* Where a program's mappings begin, told by a new one. */
static unsigned long where(void)
{
	unsigned long at = 0;
	int p[2];

	if (pipe(p))
		return 0;
	if (!fork()) {
		dup2(p[1], 1);
		execl("/proc/self/exe", "where", (char *)NULL);
		_exit(1);
	}
	close(p[1]);
	if (read(p[0], &at, sizeof(at)) != sizeof(at))
		at = 0;
	close(p[0]);
	wait(NULL);
	return at;
}

/* Are they within 2^18 pages, in a few programs? */
static int near(void)
{
	unsigned long least = -1UL, most = 0;

	for (int i = 0; i < 12; i++) {
		unsigned long at = where();

		least = at < least ? at : least;
		most = at > most ? at : most;
	}
	return least && (most - least) >> 30 == 0;
}

int main(int argc, char **argv)
{
	char was[64];
	int st;

	if (argc && !strcmp(argv[0], "where")) {
		unsigned long at = (unsigned long)mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		return write(1, &at, sizeof(at)) != sizeof(at);
	}

	values(WATCHES, (const char *const[]){ "0", "1", "-1", "9223372036854775807", "9223372036854775808", "x", "7 8", NULL });
	values("/proc/sys/kernel/sysrq", (const char *const[]){ "0", "1", "438", "176", "-1", "1000000", "x", NULL });
	values("/proc/sys/vm/mmap_rnd_bits", (const char *const[]){ "17", "18", "19", "24", "25", "-1", "33", NULL });
	R(near());
	R(put("/proc/sys/vm/mmap_rnd_bits", "24"));
	R(near());
	R(put("/proc/sys/vm/mmap_rnd_bits", "18"));
	R(near());

	get(WATCHES, was, sizeof(was));
	ep = epoll_create1(0);
	ep_other = epoll_create1(0);
	R(put(WATCHES, "3"));
	if (!fork())
		user();
	R(wait(&st) > 0 && WIFEXITED(st) ? WEXITSTATUS(st) : 99);
	R(add(ep_other));
	R(put(WATCHES, "0"));
	R(add(ep));
	R(put(WATCHES, was) > 0);
	R(add(ep));
	return 0;
}
