/* fanotify(7): groups, marks, events by descriptors and by handles, permission. */
#include "abi.h"
#include <poll.h>
#include <pthread.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#ifndef FAN_REPORT_TARGET_FID
#define FAN_REPORT_TARGET_FID 0x1000
#endif
#ifndef FAN_RENAME
#define FAN_RENAME 0x10000000
#endif
#ifndef FAN_MARK_EVICTABLE
#define FAN_MARK_EVICTABLE 0x200
#endif
#ifndef FAN_MARK_IGNORE
#define FAN_MARK_IGNORE 0x400
#endif
#ifndef FAN_EVENT_INFO_TYPE_OLD_DFID_NAME
#define FAN_EVENT_INFO_TYPE_OLD_DFID_NAME 10
#define FAN_EVENT_INFO_TYPE_NEW_DFID_NAME 12
#endif

static const char *events(unsigned long long mask)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = { { FAN_ACCESS, "ACCESS" },
		      { FAN_MODIFY, "MODIFY" },
		      { FAN_ATTRIB, "ATTRIB" },
		      { FAN_CLOSE_WRITE, "CLOSE_WRITE" },
		      { FAN_CLOSE_NOWRITE, "CLOSE_NOWRITE" },
		      { FAN_OPEN, "OPEN" },
		      { FAN_MOVED_FROM, "MOVED_FROM" },
		      { FAN_MOVED_TO, "MOVED_TO" },
		      { FAN_CREATE, "CREATE" },
		      { FAN_DELETE, "DELETE" },
		      { FAN_DELETE_SELF, "DELETE_SELF" },
		      { FAN_MOVE_SELF, "MOVE_SELF" },
		      { FAN_OPEN_EXEC, "OPEN_EXEC" },
		      { FAN_Q_OVERFLOW, "Q_OVERFLOW" },
		      { FAN_OPEN_PERM, "OPEN_PERM" },
		      { FAN_ACCESS_PERM, "ACCESS_PERM" },
		      { FAN_OPEN_EXEC_PERM, "OPEN_EXEC_PERM" },
		      { FAN_RENAME, "RENAME" },
		      { FAN_EVENT_ON_CHILD, "ON_CHILD" },
		      { FAN_ONDIR, "ONDIR" } };
	static char text[256];

	text[0] = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(mask & names[i].bit))
			continue;
		if (text[0])
			strcat(text, "|");
		strcat(text, names[i].name);
		mask &= ~(unsigned long long)names[i].bit;
	}
	if (mask)
		sprintf(text + strlen(text), "+%llx", mask);
	return text;
}

/* Files whose handles are known. */
static struct known {
	const char *path;
	unsigned char handle[128];
	int bytes, type;
} known[16];
static unsigned nr_known;

static void know(const char *path)
{
	char buf[512] __attribute__((aligned(8)));
	const struct fanotify_event_info_fid *f = (void *)(buf + sizeof(struct fanotify_event_metadata));
	const struct file_handle *h = (const void *)f->handle;
	struct known *k = &known[nr_known++];
	int fan = MUST(fanotify_init(FAN_REPORT_FID, O_RDONLY));

	MUST(fanotify_mark(fan, FAN_MARK_ADD, FAN_OPEN | FAN_ONDIR, AT_FDCWD, path));
	close(MUST(open(path, O_RDONLY)));
	MUST(read(fan, buf, sizeof(buf)));
	k->path = path;
	k->bytes = (int)h->handle_bytes;
	k->type = h->handle_type;
	memcpy(k->handle, h->f_handle, h->handle_bytes);
	close(fan);
}

static const char *who(const struct file_handle *h)
{
	for (unsigned i = 0; i < nr_known; i++)
		if (known[i].bytes == (int)h->handle_bytes && known[i].type == h->handle_type &&
		    !memcmp(known[i].handle, h->f_handle, h->handle_bytes))
			return known[i].path;
	return "?";
}

static void say_info(const char *p, const char *end)
{
	while (p < end) {
		const struct fanotify_event_info_header *h = (const void *)p;
		const struct fanotify_event_info_fid *f = (const void *)p;
		const struct file_handle *fh = (const void *)f->handle;
		struct statfs st;

		if (h->info_type == 4) {
			int fd = *(const int *)(p + 4);

			say("    pidfd %s, %u bytes\n", fd >= 0 ? "yes" : "no", h->len);
			if (fd >= 0)
				close(fd);
		} else {
			statfs(".", &st);
			say("    type %u %s", h->info_type, who(fh));
			if (h->info_type != 1 && h->info_type != 3)
				say(" '%s'", (const char *)fh->f_handle + fh->handle_bytes);
			say("%s\n", memcmp(&st.f_fsid, &f->fsid, 8) ? " elsewhere" : "");
		}
		p += h->len;
	}
}

static char here[256];

static void told(int fan, const char *what)
{
	static char buf[65536] __attribute__((aligned(8)));
	ssize_t n;

	say("%s:\n", what);
	while ((n = read(fan, buf, sizeof(buf))) > 0) {
		for (char *p = buf; p < buf + n;) {
			struct fanotify_event_metadata *e = (void *)p;
			char link[64], path[256] = "";

			say("  %s v%d %s", events(e->mask), e->vers,
			    e->pid == getpid() ? "us" : e->pid ? "them" : "nobody");
			if (e->fd >= 0) {
				snprintf(link, sizeof(link), "/proc/self/fd/%d", e->fd);
				readlink(link, path, sizeof(path) - 1);
				say(" %s flags %o", strncmp(path, here, strlen(here)) ? path : path + strlen(here),
				    fcntl(e->fd, F_GETFL));
				close(e->fd);
			} else {
				say(" fd %d", e->fd);
			}
			say("\n");
			say_info(p + e->metadata_len, p + e->event_len);
			p += e->event_len;
		}
	}
	if (errno != EAGAIN)
		say("  %s\n", ename(errno));
}

static void use(const char *name)
{
	char buf[10];
	int fd = MUST(open(name, O_RDWR));

	write(fd, "abc", 3);
	pread(fd, buf, 1, 0);
	close(fd);
}

static void touch(const char *name)
{
	close(MUST(open(name, O_CREAT | O_RDWR, 0644)));
}

static void arguments(void)
{
	int f, n;

	SECTION("arguments");
	R(fanotify_init(0x80000000, O_RDONLY));
	R(fanotify_init(FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT, O_RDONLY));
	R(fanotify_init(0, 3));
	R(fanotify_init(0, O_CREAT));
	R(fanotify_init(FAN_CLASS_CONTENT | FAN_REPORT_FID, O_RDONLY));
	R(fanotify_init(FAN_REPORT_NAME, O_RDONLY));
	R(fanotify_init(FAN_REPORT_NAME | FAN_REPORT_FID, O_RDONLY));
	R(fanotify_init(FAN_REPORT_DFID_NAME | FAN_REPORT_TARGET_FID, O_RDONLY));
	R(fanotify_init(FAN_REPORT_PIDFD | FAN_REPORT_TID, O_RDONLY));
	f = MUST(fanotify_init(FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY));
	R(fcntl(f, F_GETFD));
	R(fcntl(f, F_GETFL) & (O_NONBLOCK | O_ACCMODE));
	R(fanotify_mark(f, 0, FAN_OPEN, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD, 0, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD, 1ULL << 32, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD, 0x2000, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD | 0x10000, FAN_OPEN, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD | 0x110, FAN_OPEN, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_FLUSH | FAN_MARK_ONLYDIR, 0, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_CREATE, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_RENAME, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_ONLYDIR, FAN_OPEN, AT_FDCWD, "f"));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "nothing"));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_OPEN, 99, NULL));
	R(fanotify_mark(99, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "."));
	R(fanotify_mark(1, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "f"));
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_MOUNT | FAN_MARK_EVICTABLE, FAN_OPEN, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORE, FAN_OPEN, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_IGNORE, FAN_OPEN, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, "."));
	R(ioctl(f, FIONREAD, &n));
	say("%d\n", n);
	R(read(f, &n, 4));
	R(write(f, &n, 3));
	R(lseek(f, 0, SEEK_SET));
	close(f);
	f = MUST(fanotify_init(FAN_REPORT_DFID_NAME, O_RDONLY));
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_CREATE, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_RENAME, AT_FDCWD, "f"));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_CREATE | FAN_ONDIR, AT_FDCWD, "f"));
	close(f);
	f = MUST(fanotify_init(FAN_REPORT_DFID_NAME_TARGET, O_RDONLY));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_CREATE | FAN_ONDIR, AT_FDCWD, "f"));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_OPEN | FAN_EVENT_ON_CHILD, AT_FDCWD, "f"));
	close(f);
}

static void by_descriptor(void)
{
	int f = MUST(fanotify_init(FAN_NONBLOCK, O_RDWR)), n;
	char buf[30];
	struct pollfd p = { .fd = f, .events = POLLIN };

	SECTION("by descriptor");
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_ALL_EVENTS, AT_FDCWD, "f"));
	R(poll(&p, 1, 0));
	use("f");
	R(poll(&p, 1, 0));
	R(ioctl(f, FIONREAD, &n));
	say("%d\n", n);
	R(read(f, buf, 20));
	told(f, "open, write, read, close");
	use("f");
	use("f");
	told(f, "twice");
	R(fanotify_mark(f, FAN_MARK_REMOVE, FAN_OPEN | FAN_CLOSE, AT_FDCWD, "f"));
	use("f");
	told(f, "without open and close");
	R(fanotify_mark(f, FAN_MARK_REMOVE, FAN_ALL_EVENTS, AT_FDCWD, "f"));
	R(fanotify_mark(f, FAN_MARK_REMOVE, FAN_ALL_EVENTS, AT_FDCWD, "f"));
	use("f");
	told(f, "removed");
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_OPEN | FAN_EVENT_ON_CHILD, AT_FDCWD, "d"));
	use("d/in");
	close(open("d", O_RDONLY));
	told(f, "of a child");
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_CLOSE | FAN_ONDIR, AT_FDCWD, "d"));
	close(open("d", O_RDONLY));
	close(open("d/sub", O_RDONLY));
	told(f, "of directories");
	R(fanotify_mark(f, FAN_MARK_FLUSH, 0, AT_FDCWD, "."));
	use("d/in");
	told(f, "flushed");
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_MODIFY | FAN_OPEN, AT_FDCWD, "m"));
	use("m/a");
	use("f");
	told(f, "a mount");
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_MODIFY, AT_FDCWD, "m/a"));
	use("m/a");
	use("m/b");
	told(f, "not modified");
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY,
			FAN_MODIFY, AT_FDCWD, "m/a"));
	use("m/a");
	use("m/a");
	told(f, "ignored for good");
	R(fanotify_mark(f, FAN_MARK_REMOVE | FAN_MARK_IGNORED_MASK, FAN_MODIFY, AT_FDCWD, "m/a"));
	use("m/a");
	told(f, "ignored no more");
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_IGNORED_SURV_MODIFY,
			FAN_OPEN | FAN_EVENT_ON_CHILD, AT_FDCWD, "m"));
	use("m/a");
	told(f, "opens of children ignored");
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_OPEN, AT_FDCWD, "m"));
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_EVICTABLE, FAN_OPEN, AT_FDCWD, "m"));
	R(fanotify_mark(f, FAN_MARK_FLUSH | FAN_MARK_MOUNT, 0, AT_FDCWD, "m"));
	R(fanotify_mark(f, FAN_MARK_FLUSH, 0, AT_FDCWD, "m"));
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_CLOSE_WRITE, AT_FDCWD, "m/a"));
	use("m/b");
	told(f, "a file system");
	R(fanotify_mark(f, FAN_MARK_FLUSH | FAN_MARK_FILESYSTEM, 0, AT_FDCWD, "m"));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_OPEN_EXEC, AT_FDCWD, "/proc/self/exe"));
	if (fork() == 0)
		execl("/proc/self/exe", "x", "nothing", NULL);
	wait(NULL);
	told(f, "executed, not to be written to");
	close(f);
	f = MUST(fanotify_init(FAN_NONBLOCK, O_RDONLY));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_OPEN_EXEC | FAN_OPEN, AT_FDCWD, "/proc/self/exe"));
	if (fork() == 0)
		execl("/proc/self/exe", "x", "nothing", NULL);
	wait(NULL);
	int seen = 0;
	struct fanotify_event_metadata e;
	while (read(f, &e, sizeof(e)) == sizeof(e)) {
		seen |= e.mask;
		if (e.fd >= 0)
			close(e.fd);
	}
	say("executed: %s %s\n", events(seen), ename(errno));
	close(f);
}

static void by_handle(unsigned flags, const char *what)
{
	int f = MUST(fanotify_init(FAN_NONBLOCK | flags, O_RDONLY));
	unsigned long long names = FAN_CREATE | FAN_DELETE | FAN_MOVE | FAN_ATTRIB | FAN_MODIFY |
				   FAN_DELETE_SELF | FAN_MOVE_SELF | FAN_CLOSE_WRITE;

	say("-- handles: %s\n", what);
	R(fanotify_mark(f, FAN_MARK_ADD, names | FAN_EVENT_ON_CHILD | FAN_ONDIR, AT_FDCWD, "d"));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_MODIFY | FAN_DELETE_SELF | FAN_MOVE_SELF, AT_FDCWD, "f"));
	use("f");
	told(f, "f");
	use("d/in");
	told(f, "d/in");
	touch("d/new");
	told(f, "create");
	rename("d/new", "d/newer");
	told(f, "rename");
	unlink("d/newer");
	told(f, "unlink");
	mkdir("d/dir", 0755);
	chmod("d/dir", 0700);
	chmod("d", 0700);
	chmod("d", 0755);
	told(f, "directories");
	rmdir("d/dir");
	told(f, "rmdir");
	rename("d", "d2");
	rename("d2", "d");
	told(f, "the watched renamed");
	if (flags & FAN_REPORT_NAME) {
		R(fanotify_mark(f, FAN_MARK_ADD, FAN_RENAME | FAN_ONDIR, AT_FDCWD, "d"));
		touch("d/x");
		told(f, "create");
		rename("d/x", "x");
		told(f, "out");
		rename("x", "d/y");
		told(f, "in");
		rename("d/y", "d/z");
		told(f, "inside");
		unlink("d/z");
		told(f, "unlink");
	}
	close(f);
}

static void whole(void)
{
	int f = MUST(fanotify_init(FAN_NONBLOCK | FAN_REPORT_DFID_NAME | FAN_REPORT_FID, O_RDONLY));

	SECTION("a file system by handles");
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
			FAN_CREATE | FAN_DELETE | FAN_OPEN | FAN_CLOSE_WRITE | FAN_DELETE_SELF | FAN_ONDIR,
			AT_FDCWD, "m"));
	use("m/a");
	told(f, "m/a");
	mkdir("m/dir", 0755);
	close(open("m/dir", O_RDONLY));
	rmdir("m/dir");
	told(f, "m/dir");
	close(open("m", O_RDONLY));
	told(f, "m");
	close(f);
	f = MUST(fanotify_init(FAN_NONBLOCK | FAN_REPORT_FID | FAN_REPORT_PIDFD, O_RDONLY));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "f"));
	close(open("f", O_RDONLY));
	told(f, "with a pidfd");
	if (fork() == 0) {
		close(open("f", O_RDONLY));
		_exit(0);
	}
	wait(NULL);
	told(f, "of one who is gone");
	close(f);
}

static int asked;
static void *answerer(void *arg)
{
	unsigned answer = *(unsigned *)arg;
	struct fanotify_event_metadata e;

	while (read(asked, &e, sizeof(e)) == sizeof(e)) {
		struct fanotify_response r = { e.fd, answer };

		say("  asked: %s %s\n", events(e.mask), e.pid == getpid() ? "us" : "them");
		if (e.mask & FAN_OPEN_PERM) {
			struct fanotify_response bad = { 99, FAN_ALLOW };

			R(write(asked, &bad, sizeof(bad)));
			bad.fd = e.fd;
			bad.response = 77;
			R(write(asked, &bad, sizeof(bad)));
			R(write(asked, &bad, 4));
		}
		write(asked, &r, sizeof(r));
		close(e.fd);
		if (e.mask & FAN_CLOSE)
			break;
	}
	return NULL;
}

static void permission(void)
{
	unsigned answers[] = { FAN_ALLOW, FAN_DENY };
	pthread_t t;
	char buf[4];
	int st;

	SECTION("permission");
	for (int i = 0; i < 2; i++) {
		asked = MUST(fanotify_init(i ? FAN_CLASS_PRE_CONTENT : FAN_CLASS_CONTENT, O_RDONLY));
		R(fanotify_mark(asked, FAN_MARK_ADD, FAN_OPEN_PERM | FAN_ACCESS_PERM, AT_FDCWD, "f"));
		R(fanotify_mark(asked, FAN_MARK_ADD, FAN_CLOSE, AT_FDCWD, "d/in"));
		pthread_create(&t, NULL, answerer, &answers[i]);
		if (fork() == 0) {
			int fd = open("f", O_RDONLY);

			say("  open: %s\n", fd < 0 ? ename(errno) : "ok");
			if (fd >= 0)
				R(read(fd, buf, 1));
			_exit(0);
		}
		wait(&st);
		use("d/in");
		pthread_join(t, NULL);
		close(asked);
	}
	asked = MUST(fanotify_init(FAN_CLASS_CONTENT, O_RDONLY));
	R(fanotify_mark(asked, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, "f"));
	R(fanotify_mark(asked, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, "/proc/self/stat"));
	int p[2];
	pipe(p);
	pid_t pid = fork();
	if (pid == 0) {
		close(asked);
		int fd = open("f", O_RDONLY);
		_exit(fd < 0);
	}
	struct fanotify_event_metadata e;
	R(read(asked, &e, sizeof(e)));
	say("%s %s\n", events(e.mask), e.pid == pid ? "the child" : "?");
	kill(pid, SIGKILL);
	waitpid(pid, &st, 0);
	say("child: %s\n", wait_text(st));
	struct fanotify_response r = { e.fd, FAN_ALLOW };
	write(asked, &r, sizeof(r));
	close(e.fd);
	pid = fork();
	if (pid == 0) {
		close(asked);
		int fd = open("f", O_RDONLY);
		_exit(fd < 0);
	}
	R(read(asked, &e, sizeof(e)));
	close(e.fd);
	close(asked);
	waitpid(pid, &st, 0);
	say("unanswered: %s\n", wait_text(st));
}

static void limits(void)
{
	int n = 0, f;
	char line[64];
	static const char *const names[] = { "max_queued_events", "max_user_groups" };

	SECTION("limits");
	for (unsigned i = 0; i < 2; i++) {
		snprintf(line, sizeof(line), "/proc/sys/fs/fanotify/%s", names[i]);
		FILE *s = fopen(line, "r");
		fgets(line, sizeof(line), s);
		say("%s %s", names[i], line);
		fclose(s);
	}
	setuid(1000);
	R(fanotify_init(FAN_CLASS_NOTIF, O_RDONLY));
	R(fanotify_init(FAN_CLASS_CONTENT, O_RDONLY));
	R(fanotify_init(FAN_REPORT_FID | FAN_UNLIMITED_QUEUE, O_RDONLY));
	R(fanotify_init(FAN_REPORT_FID | FAN_REPORT_TID, O_RDONLY));
	f = MUST(fanotify_init(FAN_REPORT_FID | FAN_NONBLOCK, O_RDONLY));
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN, AT_FDCWD, "."));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "f"));
	R(fanotify_mark(f, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "secret"));
	close(open("f", O_RDONLY));
	if (fork() == 0) {
		close(open("f", O_RDONLY));
		_exit(0);
	}
	wait(NULL);
	told(f, "without privileges");
	for (n = 1; fanotify_init(FAN_REPORT_FID, O_RDONLY) >= 0; n++)
		;
	say("%d groups, then %s\n", n, ename(errno));
}

static void fdinfo(void)
{
	int f = MUST(fanotify_init(FAN_NONBLOCK | FAN_CLOEXEC | FAN_REPORT_FID, O_RDWR | O_NOATIME));
	char buf[2000], *line;

	SECTION("fdinfo");
	fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_EVICTABLE, FAN_OPEN, AT_FDCWD, "f");
	fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_CLOSE, AT_FDCWD, "m");
	fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_CLOSE, AT_FDCWD, "m");
	fanotify_mark(f, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY, FAN_OPEN,
		      AT_FDCWD, "d");
	read_fdinfo(f, buf, sizeof(buf));
	for (line = strtok(buf, "\n"); line; line = strtok(NULL, "\n")) {
		if (strncmp(line, "fanotify", 8))
			continue;
		for (char *w = line; *w; w++) {
			static const char *const vary[] = { "ino:", "sdev:", "mnt_id:", "f_handle:" };

			for (unsigned i = 0; i < ARRAY_SIZE(vary); i++) {
				size_t n = strlen(vary[i]);

				if (!strncmp(w, vary[i], n))
					for (w += n; *w && *w != ' '; w++)
						*w = '.';
			}
			if (!*w)
				break;
		}
		for (char *w = line; *w; w++)
			if (*w != '.' || w[1] != '.')
				say("%c", *w);
		say("\n");
	}
	char link[64], to[64] = "";
	snprintf(link, sizeof(link), "/proc/self/fd/%d", f);
	readlink(link, to, sizeof(to));
	say("%s\n", to);
	close(f);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return 0;
	put_file("f", "hello", 5, 0666);
	put_file("secret", "hello", 5, 0600);
	mkdir("d", 0755);
	mkdir("d/sub", 0755);
	put_file("d/in", "x", 1, 0644);
	mkdir("m", 0755);
	MUST(mount("none", "m", "tmpfs", 0, NULL));
	touch("m/a");
	touch("m/b");
	getcwd(here, sizeof(here));
	know("f");
	know("d");
	know("d/in");
	know("d/sub");
	know(".");
	know("m");
	know("m/a");
	arguments();
	by_descriptor();
	by_handle(FAN_REPORT_FID, "FID");
	by_handle(FAN_REPORT_DIR_FID, "DIR_FID");
	by_handle(FAN_REPORT_FID | FAN_REPORT_DIR_FID, "FID, DIR_FID");
	by_handle(FAN_REPORT_DFID_NAME, "DFID_NAME");
	by_handle(FAN_REPORT_DFID_NAME | FAN_REPORT_FID, "DFID_NAME, FID");
	by_handle(FAN_REPORT_DFID_NAME_TARGET, "TARGET");
	whole();
	permission();
	fdinfo();
	in_child("limits", limits);
	umount("m");
	return 0;
}
