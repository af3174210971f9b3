/* inotify(7): what is told of files and directories, by which watch, in which order. */
#include "abi.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/xattr.h>
#include <dirent.h>

#ifndef IN_MASK_CREATE
#define IN_MASK_CREATE 0x10000000
#endif

static int in;
static unsigned last_cookie;

static const char *events(unsigned mask)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = { { IN_ACCESS, "ACCESS" },
		      { IN_MODIFY, "MODIFY" },
		      { IN_ATTRIB, "ATTRIB" },
		      { IN_CLOSE_WRITE, "CLOSE_WRITE" },
		      { IN_CLOSE_NOWRITE, "CLOSE_NOWRITE" },
		      { IN_OPEN, "OPEN" },
		      { IN_MOVED_FROM, "MOVED_FROM" },
		      { IN_MOVED_TO, "MOVED_TO" },
		      { IN_CREATE, "CREATE" },
		      { IN_DELETE, "DELETE" },
		      { IN_DELETE_SELF, "DELETE_SELF" },
		      { IN_MOVE_SELF, "MOVE_SELF" },
		      { IN_UNMOUNT, "UNMOUNT" },
		      { IN_Q_OVERFLOW, "Q_OVERFLOW" },
		      { IN_IGNORED, "IGNORED" },
		      { IN_ISDIR, "ISDIR" } };
	static char text[256];

	text[0] = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(mask & names[i].bit))
			continue;
		if (text[0])
			strcat(text, "|");
		strcat(text, names[i].name);
		mask &= ~names[i].bit;
	}
	if (mask)
		sprintf(text + strlen(text), "+%x", mask);
	return text;
}

/* All that has come, after a word of what was done. */
static void told(const char *what)
{
	static char buf[65536] __attribute__((aligned(8)));
	ssize_t n;

	say("%s:\n", what);
	while ((n = read(in, buf, sizeof(buf))) > 0) {
		for (char *p = buf; p < buf + n;) {
			struct inotify_event *e = (struct inotify_event *)p;

			say("  %d %s", e->wd, events(e->mask));
			if (e->len)
				say(" '%s' in %u", e->name, e->len);
			if (e->cookie) {
				say(e->cookie == last_cookie ? " same" : " new");
				last_cookie = e->cookie;
			}
			say("\n");
			p += sizeof(*e) + e->len;
		}
	}
	if (errno != EAGAIN)
		say("  %s\n", ename(errno));
}

static int touch(const char *name)
{
	int fd = MUST(open(name, O_CREAT | O_RDWR, 0644));

	return close(fd);
}

static void arguments(void)
{
	SECTION("arguments");
	R(inotify_init1(1));
	R(inotify_init1(IN_NONBLOCK | IN_CLOEXEC | 4));
	R(inotify_add_watch(in, "nothing", IN_OPEN));
	R(inotify_add_watch(in, "", IN_OPEN));
	R(inotify_add_watch(in, (char *)8, IN_OPEN));
	R(inotify_add_watch(in, ".", 0));
	R(inotify_add_watch(in, ".", 0x00100000));
	R(inotify_add_watch(in, ".", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE));
	R(inotify_add_watch(-1, ".", IN_OPEN));
	R(inotify_add_watch(-1, ".", 0));
	R(inotify_add_watch(1, ".", IN_OPEN));
	R(inotify_rm_watch(in, 1));
	R(inotify_rm_watch(in, -1));
	R(inotify_rm_watch(-1, 1));
	R(inotify_rm_watch(1, 1));
	R(inotify_add_watch(in, "plain", IN_OPEN | IN_ONLYDIR));
	R(write(in, "x", 1));
	R(lseek(in, 0, SEEK_SET));
	R(fcntl(in, F_GETFL) & (O_NONBLOCK | O_ACCMODE));
	R(fcntl(in, F_GETFD));
}

static void one_file(void)
{
	char buf[10];
	struct timespec both[2] = { { 1, 0 }, { 2, 0 } };
	struct timespec first[2] = { { 1, 0 }, { 0, UTIME_OMIT } };
	struct timespec second[2] = { { 0, UTIME_OMIT }, { 3, 0 } };
	int fd;

	SECTION("one file");
	R(inotify_add_watch(in, "plain", IN_ALL_EVENTS));
	fd = MUST(open("plain", O_RDWR));
	told("open");
	R(read(fd, buf, 0));
	R(read(fd, buf, 4));
	told("read");
	R(pread(fd, buf, 4, 1000));
	told("read at the end");
	R(write(fd, "12", 2));
	R(write(fd, "12", 2));
	R(write(fd, "12", 2));
	told("three writes");
	R(write(fd, "", 0));
	told("nothing written");
	R(write(fd, "1", 1));
	R(pread(fd, buf, 1, 0));
	R(write(fd, "1", 1));
	told("write, read, write");
	R(ftruncate(fd, 3));
	told("ftruncate");
	R(truncate("plain", 5));
	told("truncate");
	R(fallocate(fd, 0, 0, 100));
	told("fallocate");
	R(fchmod(fd, 0600));
	told("fchmod");
	R(chmod("plain", 0600));
	told("chmod to the same");
	R(fchown(fd, -1, -1));
	told("fchown to nobody");
	R(chown("plain", 0, 0));
	told("chown");
	R(utimensat(AT_FDCWD, "plain", both, 0));
	told("both times");
	R(utimensat(AT_FDCWD, "plain", first, 0));
	told("access time");
	R(utimensat(AT_FDCWD, "plain", second, 0));
	told("modification time");
	R(setxattr("plain", "user.a", "b", 1, 0));
	told("setxattr");
	R(removexattr("plain", "user.a"));
	told("removexattr");
	R(link("plain", "second"));
	told("link");
	R(unlink("second"));
	told("unlink of the other name");
	R(rename("plain", "moved"));
	told("rename");
	R(rename("moved", "plain"));
	told("and back");
	R(fsync(fd));
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	*(volatile char *)map = 1;
	munmap(map, 4096);
	told("fsync, mmap");
	close(fd);
	told("close");
	close(MUST(open("plain", O_RDONLY)));
	told("open to read, close");
	close(MUST(open("plain", O_WRONLY | O_TRUNC)));
	told("open with O_TRUNC, close");
	close(MUST(open("plain", O_PATH)));
	struct stat st;
	stat("plain", &st);
	access("plain", R_OK);
	told("O_PATH, stat, access");
	fd = MUST(open("plain", O_RDWR));
	int other = dup(fd);
	close(fd);
	told("one of two descriptors closed");
	R(unlink("plain"));
	told("unlink while open");
	R(write(other, "x", 1));
	told("write to the deleted");
	close(other);
	told("last close");
	R(inotify_rm_watch(in, 1));
	touch("plain");
	told("a new file of that name");
}

static void directory(void)
{
	int wd, fd;
	DIR *d;

	SECTION("directory");
	mkdir("dir", 0755);
	wd = MUST(inotify_add_watch(in, "dir", IN_ALL_EVENTS));
	fd = MUST(open("dir/a", O_CREAT | O_WRONLY, 0644));
	told("create");
	R(write(fd, "abc", 3));
	close(fd);
	told("write, close");
	close(MUST(open("dir/a", O_CREAT | O_RDONLY, 0644)));
	told("O_CREAT of what is there");
	R(mkdir("dir/sub", 0755));
	R(symlink("a", "dir/link"));
	R(mknod("dir/fifo", S_IFIFO | 0644, 0));
	R(link("dir/a", "dir/b"));
	told("mkdir, symlink, mknod, link");
	R(chmod("dir/sub", 0700));
	R(chmod("dir", 0700));
	told("chmod of sub and dir");
	R(lchown("dir/link", 0, 0));
	told("lchown");
	d = opendir("dir/sub");
	readdir(d);
	closedir(d);
	told("listing of sub");
	d = opendir("dir");
	readdir(d);
	closedir(d);
	told("listing of dir");
	touch("dir/sub/deep");
	told("in sub");
	R(rename("dir/a", "dir/c"));
	told("rename inside");
	R(rename("dir/c", "outside"));
	told("rename out");
	R(rename("outside", "dir/a"));
	told("rename in");
	R(rename("dir/a", "dir/b"));
	told("rename of two links");
	touch("dir/x");
	touch("dir/y");
	told("x and y");
	R(rename("dir/x", "dir/y"));
	told("rename over");
	R(mkdir("dir/sub2", 0755));
	R(rename("dir/sub2", "dir/sub3"));
	told("mkdir, rename of a directory");
	R(syscall(SYS_renameat2, AT_FDCWD, "dir/sub3", AT_FDCWD, "dir/y", 2));
	told("exchange");
	R(rmdir("dir/y"));
	R(unlink("dir/sub3"));
	R(unlink("dir/link"));
	R(unlink("dir/fifo"));
	R(unlink("dir/a"));
	R(unlink("dir/b"));
	told("removals");
	R(unlink("dir/nothing"));
	R(mkdir("dir/sub", 0755));
	R(rmdir("dir/sub"));
	told("failures");
	static char name[256];
	memset(name, 'n', 255);
	int at = MUST(open("dir", O_PATH));
	close(MUST(openat(at, name, O_CREAT | O_RDWR, 0600)));
	unlinkat(at, name, 0);
	close(at);
	told("the longest name");
	(void)wd;
	R(unlink("dir/sub/deep"));
	R(rmdir("dir/sub"));
	told("emptied");
	R(rename("dir", "dir2"));
	told("rename of the watched");
	R(rmdir("dir2"));
	told("rmdir of the watched");
}

static void both(void)
{
	int fd;

	SECTION("a file and its directory");
	mkdir("d", 0755);
	touch("d/f");
	int a = MUST(inotify_add_watch(in, "d", IN_ALL_EVENTS));
	int b = MUST(inotify_add_watch(in, "d/f", IN_ALL_EVENTS));
	say("%d\n", b - a);
	fd = MUST(open("d/f", O_RDWR));
	R(write(fd, "x", 1));
	close(fd);
	told("open, write, close");
	chmod("d/f", 0600);
	told("chmod");
	rename("d/f", "d/g");
	told("rename");
	unlink("d/g");
	told("unlink");
	rmdir("d");
	told("rmdir");
}

static void flags(void)
{
	int fd, wd, first;

	SECTION("flags");
	mkdir("d", 0755);
	touch("d/f");
	symlink("d/f", "s");
	first = MUST(inotify_add_watch(in, "d/f", IN_OPEN));
	R(inotify_add_watch(in, "d/f", IN_OPEN | IN_MASK_CREATE));
	R(inotify_add_watch(in, "s", IN_CLOSE | IN_MASK_ADD) - first);
	close(open("d/f", O_RDONLY));
	told("IN_MASK_ADD");
	R(inotify_add_watch(in, "d/f", IN_CLOSE_WRITE) - first);
	close(open("d/f", O_RDONLY));
	close(open("d/f", O_RDWR));
	told("replaced");
	wd = MUST(inotify_add_watch(in, "s", IN_ALL_EVENTS | IN_DONT_FOLLOW));
	say("%d\n", wd - first);
	R(readlink("s", (char[10]){ 0 }, 10));
	close(open("s", O_RDONLY));
	unlink("s");
	told("IN_DONT_FOLLOW");
	R(inotify_add_watch(in, "d", IN_OPEN | IN_ONESHOT | IN_ONLYDIR) - first);
	close(open("d/f", O_RDONLY));
	close(open("d/f", O_RDONLY));
	told("IN_ONESHOT");
	R(inotify_rm_watch(in, wd + 1));
	R(inotify_add_watch(in, "d", IN_ALL_EVENTS | IN_EXCL_UNLINK) - first);
	fd = open("d/f", O_RDWR);
	told("IN_EXCL_UNLINK: open");
	unlink("d/f");
	told("unlink");
	R(write(fd, "x", 1));
	close(fd);
	told("write, close");
	R(inotify_rm_watch(in, wd + 2));
	told("removed");
	R(inotify_rm_watch(in, wd + 2));
	R(inotify_add_watch(in, "d", IN_ISDIR) - first);
	mkdir("d/e", 0755);
	rmdir("d/e");
	told("only IN_ISDIR");
	rmdir("d");
	told("rmdir");
}

static void files(void)
{
	struct epoll_event ev = { .events = EPOLLIN }, got;
	struct pollfd p = { .fd = in, .events = POLLIN | POLLOUT };
	int ep = epoll_create1(0), n;
	char buf[4096];
	int wd, wd2;

	SECTION("the descriptor");
	touch("f");
	mkdir("d", 0755);
	wd = inotify_add_watch(in, "f", IN_OPEN | IN_MODIFY);
	wd2 = inotify_add_watch(in, "d", IN_CREATE | IN_EXCL_UNLINK);
	R(poll(&p, 1, 0));
	R(epoll_ctl(ep, EPOLL_CTL_ADD, in, &ev));
	R(epoll_wait(ep, &got, 1, 0));
	R(ioctl(in, FIONREAD, &n));
	say("%d\n", n);
	close(open("f", O_RDONLY));
	touch("d/name");
	touch("d/a-longer-name");
	R(poll(&p, 1, 0));
	say("%x\n", p.revents);
	R(epoll_wait(ep, &got, 1, 0));
	R(ioctl(in, FIONREAD, &n));
	say("%d\n", n);
	R(read(in, buf, 15));
	R(read(in, buf, 16));
	R(read(in, buf, 31));
	R(read(in, buf, 40));
	R(read(in, (void *)8, 400));
	R(ioctl(in, FIONREAD, &n));
	say("%d\n", n);
	touch("d/another");
	R(ioctl(in, FIONREAD, (void *)8));
	R(ioctl(in, 0x1234, &n));
	told("the rest");
	snprintf(buf, sizeof(buf), "/proc/self/fdinfo/%d", in);
	FILE *f = fopen(buf, "r");
	while (fgets(buf, sizeof(buf), f)) {
		int w;
		unsigned long ino;
		unsigned dev, mask, ign, bytes, type;
		struct stat st;

		if (strncmp(buf, "inotify", 7))
			continue;
		n = sscanf(buf, "inotify wd:%x ino:%lx sdev:%x mask:%x ignored_mask:%x "
				"fhandle-bytes:%x fhandle-type:%x",
			   &w, &ino, &dev, &mask, &ign, &bytes, &type);
		stat(w == wd ? "f" : "d", &st);
		say("%d: wd %d mask %x %x inode %d\n", n, w - wd2, mask, ign, st.st_ino == ino);
	}
	fclose(f);
	char link[64], to[64] = "";
	snprintf(link, sizeof(link), "/proc/self/fd/%d", in);
	R(readlink(link, to, sizeof(to)));
	say("%s\n", to);
	R(epoll_ctl(ep, EPOLL_CTL_DEL, in, &ev));
	close(ep);
}

static volatile int got_sig, got_fd, got_code;
static void on_sig(int s, siginfo_t *si, void *u)
{
	(void)u;
	got_sig = s;
	got_fd = si->si_fd;
	got_code = si->si_code;
}

static void asynchronous(void)
{
	struct sigaction sa = { .sa_sigaction = on_sig, .sa_flags = SA_SIGINFO };

	SECTION("O_ASYNC");
	sigaction(SIGRTMIN, &sa, NULL);
	R(fcntl(in, F_SETOWN, getpid()));
	R(fcntl(in, F_SETSIG, SIGRTMIN));
	R(fcntl(in, F_SETFL, O_ASYNC | O_NONBLOCK));
	close(open("f", O_RDONLY));
	say("%s %d code %d\n", sname(got_sig), got_fd == in, got_code);
	R(fcntl(in, F_SETFL, O_NONBLOCK));
	told("then");
}

static void overflow(void)
{
	int fd, n = 0, over = 0;
	char buf[4096];
	FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "r");

	SECTION("overflow");
	fgets(buf, sizeof(buf), f);
	fclose(f);
	say("max_queued_events %s", buf);
	f = fopen("/proc/sys/fs/inotify/max_user_instances", "r");
	fgets(buf, sizeof(buf), f);
	fclose(f);
	say("max_user_instances %s", buf);
	f = fopen("/proc/sys/fs/inotify/max_queued_events", "w");
	fputs("10", f);
	fclose(f);
	fd = inotify_init1(IN_NONBLOCK);
	f = fopen("/proc/sys/fs/inotify/max_queued_events", "w");
	fputs("16384", f);
	fclose(f);
	int wd = inotify_add_watch(fd, "f", IN_OPEN | IN_CLOSE);
	for (int i = 0; i < 20; i++)
		close(open("f", O_RDONLY));
	R(inotify_rm_watch(fd, wd));
	for (ssize_t k; (k = read(fd, buf, sizeof(buf))) > 0;) {
		for (char *p = buf; p < buf + k; p += sizeof(struct inotify_event)) {
			struct inotify_event *e = (struct inotify_event *)p;

			n++;
			if (e->mask & IN_Q_OVERFLOW) {
				over++;
				say("overflow: wd %d mask %x len %u\n", e->wd, e->mask, e->len);
			}
		}
	}
	say("%d events, %d of overflow\n", n, over);
	close(fd);
}

static void instances(void)
{
	int n = 0;

	setuid(1000);
	struct rlimit r = { 1024, 1024 };
	setrlimit(RLIMIT_NOFILE, &r);
	while (inotify_init1(0) >= 0)
		n++;
	say("%d instances, then %s\n", n, ename(errno));
}

static void watches(void)
{
	int fd = inotify_init1(0), n = 0;
	char name[32];
	FILE *f = fopen("/proc/sys/fs/inotify/max_user_watches", "r");
	char old[32];

	fgets(old, sizeof(old), f);
	fclose(f);
	f = fopen("/proc/sys/fs/inotify/max_user_watches", "w");
	fputs("5", f);
	fclose(f);
	mkdir("w", 0777);
	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "w/%d", i);
		touch(name);
	}
	if (fork() == 0) {
		setuid(1000);
		fd = inotify_init1(0);
		for (n = 0; n < 8; n++) {
			snprintf(name, sizeof(name), "w/%d", n);
			if (inotify_add_watch(fd, name, IN_OPEN) < 0)
				break;
		}
		say("%d watches, then %s\n", n, ename(errno));
		R(inotify_add_watch(fd, "w/0", IN_CLOSE));
		R(inotify_rm_watch(fd, 1));
		R(inotify_add_watch(fd, "w/7", IN_CLOSE));
		chmod("w/6", 0);
		_exit(0);
	}
	wait(NULL);
	f = fopen("/proc/sys/fs/inotify/max_user_watches", "w");
	fputs(old, f);
	fclose(f);
	chmod("w/6", 0);
	if (fork() == 0) {
		setuid(1000);
		R(inotify_add_watch(inotify_init1(0), "w/6", IN_OPEN));
		_exit(0);
	}
	wait(NULL);
}

static void unmount(void)
{
	SECTION("unmount");
	mkdir("m", 0755);
	R(mount("none", "m", "tmpfs", 0, NULL));
	touch("m/f");
	int a = inotify_add_watch(in, "m", IN_ALL_EVENTS), b = inotify_add_watch(in, "m/f", IN_ALL_EVENTS);
	say("%d\n", b - a);
	R(umount("m"));
	told("umount");
	R(inotify_rm_watch(in, a));
	rmdir("m");
}

int main(void)
{
	put_file("plain", "hello, world", 12, 0644);
	in = MUST(inotify_init1(IN_NONBLOCK));
	arguments();
	one_file();
	directory();
	both();
	flags();
	files();
	asynchronous();
	overflow();
	in_child("instances", instances);
	watches();
	unmount();
	SECTION("two");
	int other = inotify_init();
	R(inotify_add_watch(other, "f", IN_OPEN));
	close(open("f", O_RDONLY));
	R(read(other, (char[64]){ 0 }, 64));
	if (fork() == 0) {
		sleep_ms(50);
		close(open("f", O_RDONLY));
		_exit(0);
	}
	R(read(other, (char[64]){ 0 }, 64));
	wait(NULL);
	return 0;
}
