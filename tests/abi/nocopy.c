/*
 * Pages that sendfile(2), splice(2) and tee(2) hand on are those of the file itself: what is written to the file
 * after the call, and before the reader comes, is what he gets (sendfile(2), NOTES).
 */
#include "inet.h"
#include <sys/sendfile.h>

#define SIZE 8192

static char letters[SIZE];

static int file(void)
{
	int fd = MUST(open("pages", O_CREAT | O_TRUNC | O_RDWR, 0644));

	memset(letters, 'a', SIZE);
	MUST(write(fd, letters, SIZE));
	MUST(lseek(fd, 0, SEEK_SET));
	return fd;
}

/* The file is all b now; who reads from `from`? */
static void read_after(const char *what, int fd, int from)
{
	int a = 0, b = 0, n = 0;

	memset(letters, 'b', SIZE);
	MUST(pwrite(fd, letters, SIZE, 0));
	while (n < SIZE) {
		int r = (int)MUST(read(from, letters, SIZE - n));

		for (int i = 0; i < r; i++) {
			a += letters[i] == 'a';
			b += letters[i] == 'b';
		}
		n += r;
	}
	say("%s: %d as they were, %d as they are\n", what, a, b);
	close(fd);
}

static void connected(int family, int p[2])
{
	if (family == AF_UNIX)
		MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	else
		pair(p);
}

static void through(const char *name, int family)
{
	int s[2], p[2], q[2], fd;

	SECTION(name);
	MUST(pipe(p));
	MUST(pipe(q));
	connected(family, s);
	fd = file();
	R((int)sendfile(s[0], fd, NULL, SIZE));
	read_after("sendfile", fd, s[1]);
	fd = file();
	R((int)splice(fd, NULL, p[1], NULL, SIZE, 0));
	R((int)splice(p[0], NULL, s[0], NULL, SIZE, 0));
	read_after("splice", fd, s[1]);
	fd = file();
	R((int)splice(fd, NULL, p[1], NULL, SIZE, 0));
	R((int)tee(p[0], q[1], SIZE, 0));
	R((int)splice(q[0], NULL, s[0], NULL, SIZE, 0));
	read_after("tee", fd, s[1]);
	close(s[0]);
	close(s[1]);
	for (int i = 0; i < 2; i++) {
		close(p[i]);
		close(q[i]);
	}
}

static void pipes(void)
{
	int p[2], q[2], fd = file();

	SECTION("pipes");
	MUST(pipe(p));
	MUST(pipe(q));
	R((int)splice(fd, NULL, p[1], NULL, SIZE, 0));
	R((int)tee(p[0], q[1], SIZE, 0));
	read_after("the pipe", fd, p[0]);
	memset(letters, 0, SIZE);
	R((int)read(q[0], letters, SIZE));
	say("its twin: %c %c\n", letters[0], letters[SIZE - 1]);
}

/* What splice(2) takes from a connection ends where urgent data stand, until they are passed by reading. */
static void urgent(void)
{
	int s[2], p[2];
	char c;

	SECTION("urgent data");
	MUST(pipe(p));
	pair(s);
	MUST(send(s[0], "abc", 3, MSG_OOB));
	MUST(send(s[0], "def", 3, 0));
	R((int)splice(s[1], NULL, p[1], NULL, 10, 0));
	R((int)splice(s[1], NULL, p[1], NULL, 10, 0));
	R(recv(s[1], &c, 1, MSG_OOB));
	say("%c\n", c);
	R((int)splice(s[1], NULL, p[1], NULL, 10, SPLICE_F_NONBLOCK));
	R(read(s[1], &c, 1));
	say("%c\n", c);
	R((int)splice(s[1], NULL, p[1], NULL, 10, 0));
}

int main(void)
{
	lo_up();
	pipes();
	through("TCP", AF_INET);
	through("Unix", AF_UNIX);
	urgent();
	return 0;
}
