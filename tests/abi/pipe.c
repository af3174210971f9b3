/* pipes: end of file, EPIPE, O_NONBLOCK, atomic writes, capacity, fifos. */
#include "abi.h"
#include <poll.h>
#include <sys/ioctl.h>

static int fds[2];
static char buf[1 << 17];

static void end_of_file(void)
{
	MUST(pipe(fds));
	R(write(fds[1], "hello", 5));
	R(read(fds[0], buf, 3));
	R(read(fds[0], buf, 100));
	close(fds[1]);
	R(read(fds[0], buf, 1));
	R(read(fds[0], buf, 0));
	R(write(fds[0], "x", 1));
	close(fds[0]);
	MUST(pipe(fds));
	R(read(fds[1], buf, 1));
	close(fds[0]);
	signal(SIGPIPE, SIG_IGN);
	R(write(fds[1], "x", 1));
	R(write(fds[1], "x", 0));
	signal(SIGPIPE, SIG_DFL);
	close(fds[1]);
}

static void broken(void)
{
	int p[2];

	MUST(pipe(p));
	close(p[0]);
	write(p[1], "x", 1);
	say("not reached\n");
}

static void nonblocking(void)
{
	MUST(pipe2(fds, O_NONBLOCK));
	R(read(fds[0], buf, 1));
	long total = 0, n;
	while ((n = write(fds[1], buf, 4096)) > 0)
		total += n;
	say("capacity %ld then %s\n", total, ename(errno));
	R(fcntl(fds[1], F_GETPIPE_SZ));
	int unread = 0;
	R(ioctl(fds[0], FIONREAD, &unread));
	say("unread %d\n", unread);
	R(read(fds[0], buf, 100));
	/* 4096 is atomic and does not fit; 5000 may be split, and a page has no room yet */
	R(write(fds[1], buf, 4096));
	R(write(fds[1], buf, 5000));
	R(read(fds[0], buf, 3996));
	R(write(fds[1], buf, 5000));
	R(write(fds[1], buf, 1));
	close(fds[0]);
	close(fds[1]);
}

static void sizes(void)
{
	MUST(pipe(fds));
	R(fcntl(fds[0], F_GETPIPE_SZ));
	R(fcntl(fds[0], F_SETPIPE_SZ, 4096));
	R(fcntl(fds[0], F_SETPIPE_SZ, 5000));
	R(fcntl(fds[0], F_SETPIPE_SZ, 1 << 20));
	R(fcntl(0, F_GETPIPE_SZ));
	R(lseek(fds[0], 0, SEEK_CUR));
	R(pread(fds[0], buf, 1, 0));
	R(ftruncate(fds[1], 0));
	struct stat st;
	MUST(fstat(fds[0], &st));
	say("fifo %d mode %o size %ld nlink %ld\n", S_ISFIFO(st.st_mode), st.st_mode & 0777,
	    (long)st.st_size, (long)st.st_nlink);
	R(fcntl(fds[0], F_GETFL) & O_ACCMODE);
	R(fcntl(fds[1], F_GETFL) & O_ACCMODE);
	close(fds[0]);
	close(fds[1]);
}

static void atomic(void)
{
	/* eight writers of records of 512 bytes: no record is torn */
	enum { WRITERS = 8, RECORDS = 50, SIZE = 512 };
	char rec[SIZE];
	int torn = 0, count[WRITERS] = { 0 };

	MUST(pipe(fds));
	for (int i = 0; i < WRITERS; i++)
		if (!MUST(fork())) {
			memset(rec, 'a' + i, SIZE);
			for (int k = 0; k < RECORDS; k++)
				write(fds[1], rec, SIZE);
			_exit(0);
		}
	close(fds[1]);
	for (;;) {
		int have = 0, n;
		while (have < SIZE && (n = read(fds[0], rec + have, SIZE - have)) > 0)
			have += n;
		if (have < SIZE)
			break;
		for (int i = 1; i < SIZE; i++)
			torn += rec[i] != rec[0];
		if (rec[0] >= 'a' && rec[0] < 'a' + WRITERS)
			count[rec[0] - 'a']++;
	}
	while (wait(NULL) > 0)
		;
	say("torn %d, counts", torn);
	for (int i = 0; i < WRITERS; i++)
		say(" %d", count[i]);
	say("\n");
	close(fds[0]);
}

static void blocking(void)
{
	/* the writer sleeps when the pipe is full, the reader when it is empty */
	unsigned sum = 0, want = 0;
	long total = 0;

	MUST(pipe(fds));
	if (!MUST(fork())) {
		close(fds[0]);
		for (unsigned i = 0; i < sizeof(buf); i++)
			buf[i] = i * 7;
		for (int i = 0; i < 16; i++)
			write(fds[1], buf, sizeof(buf));
		_exit(0);
	}
	close(fds[1]);
	for (long i = 0; i < 16; i++)
		for (unsigned k = 0; k < sizeof(buf); k++)
			want += (unsigned char)(k * 7);
	long n;
	while ((n = read(fds[0], buf, 1000)) > 0) {
		for (long i = 0; i < n; i++)
			sum += (unsigned char)buf[i];
		total += n;
	}
	say("total %ld, sum right %d\n", total, sum == want);
	close(fds[0]);
	wait(NULL);
}

static void polling(void)
{
	MUST(pipe(fds));
	struct pollfd p[2] = { { fds[0], POLLIN | POLLOUT, 0 }, { fds[1], POLLIN | POLLOUT, 0 } };

	R(poll(p, 2, 0));
	say("empty: %x %x\n", p[0].revents, p[1].revents);
	write(fds[1], "x", 1);
	R(poll(p, 2, 0));
	say("one byte: %x %x\n", p[0].revents, p[1].revents);
	close(fds[1]);
	p[1].fd = -1;
	R(poll(p, 2, 0));
	say("no writer, a byte: %x\n", p[0].revents);
	read(fds[0], buf, 1);
	R(poll(p, 2, 0));
	say("no writer, empty: %x\n", p[0].revents);
	close(fds[0]);
	MUST(pipe(fds));
	close(fds[0]);
	p[0].fd = fds[1];
	R(poll(p, 1, 0));
	say("no reader: %x\n", p[0].revents);
	close(fds[1]);
}

static void fifo(void)
{
	R(mkfifo("f", 0644));
	R(mkfifo("f", 0644));
	R(open("f", O_WRONLY | O_NONBLOCK));
	int r = MUST(open("f", O_RDONLY | O_NONBLOCK));
	R(read(r, buf, 1));
	int w = MUST(open("f", O_WRONLY | O_NONBLOCK));
	R(read(r, buf, 1));
	R(write(w, "abc", 3));
	R(read(r, buf, 10));
	close(w);
	R(read(r, buf, 10));
	close(r);
	if (!MUST(fork())) {
		w = open("f", O_WRONLY);
		write(w, "child", 5);
		_exit(0);
	}
	r = MUST(open("f", O_RDONLY));
	R(read(r, buf, 10));
	R(read(r, buf, 10));
	close(r);
	wait(NULL);
	r = MUST(open("f", O_RDWR));
	R(write(r, "both", 4));
	R(read(r, buf, 10));
	close(r);
}

int main(void)
{
	SECTION("end of file");
	end_of_file();
	in_child("write without a reader", broken);
	SECTION("nonblocking");
	nonblocking();
	SECTION("sizes");
	sizes();
	SECTION("atomic");
	atomic();
	SECTION("blocking");
	blocking();
	SECTION("poll");
	polling();
	SECTION("fifo");
	fifo();
	SECTION("errors");
	R(pipe2(fds, 0x1));
	R(pipe2((int *)8, 0));
	R(pipe2(fds, O_CLOEXEC));
	R(fcntl(fds[0], F_GETFD));
	return 0;
}
