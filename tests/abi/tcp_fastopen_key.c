/* TCP_FASTOPEN_KEY of tcp(7) and tcp_fastopen_key of ip-sysctl: one key or two, and who has which. */
#include "abi.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#ifndef TCP_FASTOPEN_KEY
#define TCP_FASTOPEN_KEY 33
#endif
#define FILE_NAME "/proc/sys/net/ipv4/tcp_fastopen_key"

static void show(const char *what, int fd, socklen_t room)
{
	unsigned char key[48];
	socklen_t len = room;
	int r = getsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, key, &len);

	say("%s: %d, %u bytes:", what, r, (unsigned)len);
	for (unsigned i = 0; !r && i < len; i++)
		say(" %02x", key[i]);
	say("\n");
}

static void file_is(void)
{
	char text[200];
	int fd = open(FILE_NAME, O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = 0;
	say("  the file: %s", text);
	close(fd);
}

static void write_file(const char *text)
{
	int fd = open(FILE_NAME, O_WRONLY);
	ssize_t n = write(fd, text, strlen(text));

	say("write \"%s\": %s\n", text, n == (ssize_t)strlen(text) ? "all" : ename(errno));
	close(fd);
	file_is();
}

int main(void)
{
	unsigned char keys[33];
	struct stat st;
	int fd, other;

	for (unsigned i = 0; i < sizeof(keys); i++)
		keys[i] = (unsigned char)(i + 1);
	OK(stat(FILE_NAME, &st));
	say("mode %o\n", st.st_mode & 0777);
	write_file("00000001-a0b0c0d0-12345678-ffffffff");
	fd = socket(AF_INET, SOCK_STREAM, 0);
	show("the network's", fd, 48);
	show("a part of it", fd, 7);
	write_file("1-2-3-4,5-6-7-8\n");
	show("two", fd, 48);
	write_file("1-2-3");
	write_file("1-2-3-4-5");
	write_file("1-2-3-4,5-6-7");
	write_file("1-2-3-4,5-6-7-8,9-a-b-c");
	write_file("1-2-3-g");
	write_file("100000000-2-3-4");
	write_file("");
	static const int lengths[] = { 0, 1, 15, 16, 17, 31, 32, 33 };
	for (unsigned i = 0; i < ARRAY_SIZE(lengths); i++) {
		say("%d: ", lengths[i]);
		R(setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, keys, (socklen_t)lengths[i]));
	}
	show("its own", fd, 48);
	R(setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, keys + 8, 16));
	show("one again", fd, 48);
	OK(listen(fd, 5));
	show("listening", fd, 48);
	R(setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, keys, 32));
	show("and two", fd, 48);
	other = socket(AF_INET6, SOCK_STREAM, 0);
	show("another", other, 48);
	return 0;
}
