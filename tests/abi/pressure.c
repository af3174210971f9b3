/* /proc/pressure: the texts, and triggers that poll(2) tells of (Documentation/accounting/psi). */
#include "abi.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sendfile.h>

static const char *const files[] = { "cpu", "io", "memory", "irq" };

static int open_file(const char *name, int flags)
{
	char path[50];

	snprintf(path, sizeof(path), "/proc/pressure/%s", name);
	return open(path, flags | O_CLOEXEC);
}

/* Numbers become #. */
static void show_text(const char *name)
{
	char buf[500], out[500];
	int fd = open_file(name, O_RDONLY), n = 0;
	ssize_t len;

	if (fd < 0) {
		say("%s: %s\n", name, ename(errno));
		return;
	}
	len = MUST(read(fd, buf, sizeof(buf)));
	for (ssize_t i = 0; i < len; i++) {
		int digit = buf[i] >= '0' && buf[i] <= '9';
		int label = i > 2 && (buf[i - 1] == 'g' || !strncmp(buf + i - 2, "g1", 2) ||
				      !strncmp(buf + i - 2, "g6", 2) || !strncmp(buf + i - 2, "g3", 2) ||
				      !strncmp(buf + i - 3, "g30", 3));
		if (!digit || label)
			out[n++] = buf[i];
		else if (!n || out[n - 1] != '#')
			out[n++] = '#';
	}
	out[n] = '\0';
	say("%s:\n%s", name, out);
	show_ok("at the end nothing", read(fd, buf, sizeof(buf)) ? -1 : 0);
	close(fd);
}

static unsigned long long total(const char *name, const char *line)
{
	char buf[500], *at;
	int fd = MUST(open_file(name, O_RDONLY));
	ssize_t n = MUST(read(fd, buf, sizeof(buf) - 1));

	buf[n] = '\0';
	close(fd);
	at = strstr(buf, line);
	at = at ? strstr(at, "total=") : NULL;
	return at ? strtoull(at + 6, NULL, 10) : 0;
}

static void show_poll(int fd)
{
	struct pollfd p = { fd, POLLIN | POLLOUT | POLLPRI | POLLERR, 0 };
	int r = poll(&p, 1, 0);

	say("   poll %d, events %#x\n", r, p.revents);
}

static void try_trigger(const char *name, const char *text, size_t n)
{
	int fd = open_file(name, O_RDWR | O_NONBLOCK);
	ssize_t r = write(fd, text, n);

	say("%s '%s', %zu bytes: %s\n", name, text, n, r == (ssize_t)n ? "ok" : r < 0 ? ename(errno) : "other");
	if (r < 0) {
		show_poll(fd);
	} else {
		show_ok("   another", write(fd, text, n));
		show_ok("   nothing", write(fd, text, 0));
	}
	close(fd);
}

static const char *const texts[] = {
	"some 500000 1000000",	"full 500000 1000000",	 "some 500000 2000000",	 "some 0 1000000",
	"some 1000000 1000000", "some 1000001 1000000",	 "some 400000 499999",	 "some 400000 500000",
	"some 500000 10000000", "some 500000 10000001",	 "some",		 "some 1000",
	"some1000 1000000",	"  some 1000 1000000",	 "some  1000\t1000000",	 "some 1000\n1000000\n",
	"some 1000 1000000 7",	"some 1000 1000000x",	 "some -1 1000000",	 "some +1 1000000",
	"some 0x10 1000000",	"bla 1000 1000000",	 "Some 1000 1000000",	 "some 4294968296 1000000",
	"",			"some 500000 1000000                      ",
};

static void triggers(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		try_trigger("cpu", texts[i], strlen(texts[i]) + 1);
	try_trigger("cpu", texts[0], strlen(texts[0]));
	try_trigger("cpu", "full 500000 1000000", 20);
	try_trigger("io", "full 500000 1000000", 20);
	try_trigger("memory", "some 500000 1000000", 20);
	int fd = open_file("cpu", O_RDWR);
	R(write(fd, (void *)16, 20));
	R(write(fd, (void *)16, 0));
	close(fd);
}

static void as_user(void)
{
	MUST(setresuid(1000, 1000, 1000));
	triggers();
}

static void file_calls(void)
{
	char buf[100];
	int fd = MUST(open_file("cpu", O_RDWR)), ro = MUST(open_file("io", O_RDONLY)), fds[2];
	struct stat st;

	MUST(stat("/proc/pressure", &st));
	say("folder %o\n", st.st_mode);
	MUST(fstat(fd, &st));
	say("file %o, length %ld, links %ld\n", st.st_mode, (long)st.st_size, (long)st.st_nlink);
	MUST(pipe(fds));
	R(pread(fd, buf, 4, 0));
	R(pread(fd, buf, 4, 1000));
	R(pwrite(fd, "some 500000 1000000", 20, 0));
	R(lseek(fd, 5, SEEK_SET));
	R(lseek(fd, 2, SEEK_CUR));
	R(lseek(fd, -9, SEEK_CUR));
	R(lseek(fd, 0, SEEK_END));
	R(lseek(fd, -1, SEEK_SET));
	R(read(fd, buf, 3));
	R(sendfile(fds[1], ro, NULL, 10));
	R(splice(ro, NULL, fds[1], NULL, 10, 0));
	R(ftruncate(fd, 0));
	R(fsync(fd));
	R(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
	R(write(ro, "some 500000 1000000", 20));
	int wo = MUST(open_file("io", O_WRONLY));
	R(read(wo, buf, 3));
	OK(open_file("io", O_RDWR | O_TRUNC));
}

/* More programs that want a hart than there are. */
static void pressed(void)
{
	unsigned long long before = total("cpu", "some");
	int n = 2 * (int)sysconf(_SC_NPROCESSORS_ONLN) + 1, ep = MUST(epoll_create1(0));
	int fd = MUST(open_file("cpu", O_RDWR | O_NONBLOCK)), other = MUST(open_file("cpu", O_RDWR));
	int slow = MUST(open_file("cpu", O_RDWR));
	struct epoll_event ev = { .events = EPOLLPRI, .data.u32 = 7 };
	struct pollfd p = { fd, POLLPRI, 0 }, quick = { slow, POLLPRI, 0 };
	pid_t hogs[n];
	fd_set set;

	MUST(write(fd, "some 100000 1000000", 20));
	MUST(write(other, "some 50000 500000", 18));
	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, other, &ev));
	for (int i = 0; i < n; i++) {
		hogs[i] = MUST(fork());
		if (!hogs[i])
			for (;;)
				;
	}
	for (int i = 0; i < 2; i++) {
		R(poll(&p, 1, 30000));
		say("events %#x\n", p.revents);
	}
	R(epoll_wait(ep, &ev, 1, 30000));
	say("events %#x\n", ev.events);
	FD_ZERO(&set);
	FD_SET(fd, &set);
	R(select(fd + 1, NULL, NULL, &set, &(struct timeval){ 30, 0 }));
	/* Of who is not privileged: with the averages. */
	pid_t pid = MUST(fork());
	if (!pid) {
		MUST(setresuid(1000, 1000, 1000));
		close(slow);
		quick.fd = slow = MUST(open_file("cpu", O_RDWR));
		R(write(slow, "some 100000 2000000", 20));
		R(poll(&quick, 1, 30000));
		say("events %#x\n", quick.revents);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	for (int i = 0; i < n; i++) {
		kill(hogs[i], SIGKILL);
		waitpid(hogs[i], NULL, 0);
	}
	say("some waited: %d\n", total("cpu", "some") >= before + 1000000);
	say("full: %llu\n", total("cpu", "full"));
	close(other);
	R(epoll_wait(ep, &ev, 1, 0));
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		show_text(files[i]);
	SECTION("files");
	file_calls();
	SECTION("triggers");
	triggers();
	SECTION("of a user");
	in_child("user", as_user);
	SECTION("pressure");
	pressed();
	return 0;
}
