/* F_NOTIFY of fcntl(2): signals about the files of a directory. */
#include "abi.h"

static volatile int count, got, got_fd, got_code, got_band;
static void on_sig(int s, siginfo_t *si, void *u)
{
	(void)u;
	count++;
	got = s;
	got_fd = si->si_fd;
	got_code = si->si_code;
	got_band = (int)si->si_band;
}

static int dir;

static void heard(const char *what)
{
	if (count)
		say("%s: %d of %s, descriptor %d code %d band %x\n", what, count, sname(got), got_fd == dir,
		    got_code, got_band);
	else
		say("%s: nothing\n", what);
	count = 0;
}

static void all(void)
{
	struct timespec both[2] = { { 1, 0 }, { 2, 0 } };
	char buf[10];
	int fd;

	fd = open("d/f", O_CREAT | O_RDWR, 0644);
	heard("create");
	write(fd, "x", 1);
	heard("write");
	pread(fd, buf, 1, 0);
	heard("read");
	fchmod(fd, 0600);
	heard("chmod");
	utimensat(AT_FDCWD, "d/f", both, 0);
	heard("utimensat");
	ftruncate(fd, 0);
	heard("truncate");
	close(fd);
	heard("close");
	rename("d/f", "d/g");
	heard("rename inside");
	rename("d/g", "e/g");
	heard("rename out");
	rename("e/g", "d/h");
	heard("rename in");
	unlink("d/h");
	heard("unlink");
	mkdir("d/sub", 0755);
	heard("mkdir");
	close(open("d/sub/deep", O_CREAT | O_RDWR, 0600));
	unlink("d/sub/deep");
	heard("in sub");
	rmdir("d/sub");
	heard("rmdir");
	chmod("d", 0700);
	heard("chmod of itself");
}

static void single(unsigned bit, const char *name)
{
	say("-- %s\n", name);
	R(fcntl(dir, F_NOTIFY, bit | DN_MULTISHOT));
	all();
	R(fcntl(dir, F_NOTIFY, 0));
}

int main(void)
{
	struct sigaction sa = { .sa_sigaction = on_sig, .sa_flags = SA_SIGINFO };
	int other, fd;

	sigaction(SIGIO, &sa, NULL);
	sigaction(SIGRTMIN + 3, &sa, NULL);
	mkdir("d", 0755);
	mkdir("e", 0755);
	put_file("plain", "x", 1, 0644);
	dir = MUST(open("d", O_RDONLY));
	fd = open("plain", O_RDWR);
	R(fcntl(fd, F_NOTIFY, DN_ACCESS));
	R(fcntl(fd, F_NOTIFY, 0));
	R(fcntl(dir, F_NOTIFY, 0));
	R(fcntl(dir, F_SETSIG, SIGRTMIN + 3));
	single(DN_CREATE, "DN_CREATE");
	single(DN_DELETE, "DN_DELETE");
	single(DN_MODIFY, "DN_MODIFY");
	single(DN_ACCESS, "DN_ACCESS");
	single(DN_ATTRIB, "DN_ATTRIB");
	single(DN_RENAME, "DN_RENAME");
	SECTION("once");
	R(fcntl(dir, F_NOTIFY, DN_CREATE));
	close(open("d/a", O_CREAT | O_RDWR, 0600));
	heard("first");
	close(open("d/b", O_CREAT | O_RDWR, 0600));
	heard("second");
	SECTION("added");
	R(fcntl(dir, F_NOTIFY, DN_CREATE | DN_MULTISHOT));
	R(fcntl(dir, F_NOTIFY, DN_DELETE));
	unlink("d/a");
	heard("unlink");
	close(open("d/a", O_CREAT | O_RDWR, 0600));
	heard("create");
	SECTION("another descriptor");
	other = dup(dir);
	R(fcntl(other, F_NOTIFY, DN_ATTRIB));
	chmod("d/a", 0644);
	heard("chmod");
	R(fcntl(other, F_GETOWN) == getpid());
	close(other);
	chmod("d/a", 0644);
	unlink("d/a");
	heard("after close of one");
	R(fcntl(dir, F_SETSIG, 0));
	R(fcntl(dir, F_NOTIFY, DN_CREATE));
	close(open("d/a", O_CREAT | O_RDWR, 0600));
	heard("SIGIO");
	FILE *f = fopen("/proc/sys/fs/dir-notify-enable", "r+");
	char old[20];
	fgets(old, sizeof(old), f);
	say("%s", old);
	rewind(f);
	fputs("0\n", f);
	fclose(f);
	R(fcntl(dir, F_NOTIFY, DN_CREATE));
	f = fopen("/proc/sys/fs/dir-notify-enable", "w");
	fputs(old, f);
	fclose(f);
	return 0;
}
