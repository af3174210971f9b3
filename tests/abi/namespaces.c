/*
 * Where a task is: /proc/PID/ns/mnt with setns(2) and ioctl_nsfs(2), wchan and stack, and who may
 * know; /proc/sys/kernel/ns_last_pid. Tarn has one namespace of mounts and none of the other kinds.
 */
#include "abi.h"
#include <ctype.h>
#include <sys/ioctl.h>

static char *of(const char *what, pid_t pid)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, what);
	return path;
}

static void link_of(const char *path)
{
	char buf[100];
	ssize_t n = readlink(path, buf, sizeof(buf) - 1);

	if (n < 0)
		say("link: %s\n", ename(errno));
	else
		say("link: %.*s\n", (int)n, buf);
}

static ssize_t text_of(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);
	int err = errno;

	close(fd);
	if (n < 0)
		say("%s: %s\n", strrchr(path, '/') + 1, ename(err));
	buf[n < 0 ? 0 : n] = '\0';
	return n;
}

/* Names differ from kernel to kernel: is there one? */
static void wchan(pid_t pid)
{
	char buf[200];
	int name = 1;

	if (text_of(of("wchan", pid), buf, sizeof(buf)) < 0)
		return;
	for (char *c = buf; *c; c++)
		name &= *c == '_' || isalnum(*c);
	say("wchan: %s\n", strcmp(buf, "0") == 0 ? "0" : name && isalpha(*buf) ? "a name" : buf);
}

static void stack(pid_t pid)
{
	char buf[4096], *save;
	int lines = 0, good = 0;

	if (text_of(of("stack", pid), buf, sizeof(buf)) < 0)
		return;
	for (char *l = strtok_r(buf, "\n", &save); l; l = strtok_r(NULL, "\n", &save), lines++) {
		char name[100];
		unsigned long at, size;

		good += sscanf(l, "[<0>] %99[^+]+0x%lx/0x%lx", name, &at, &size) == 3 && at <= size;
	}
	say("stack: %s, %s\n", lines > 2 ? "some lines" : "hardly a line",
	    good == lines ? "all as they should be" : "strange ones");
}

static void ns_file(void)
{
	int fd = MUST(open("/proc/self/ns/mnt", O_RDONLY)), other;
	struct stat st;
	uint64_t id;
	uid_t uid;
	char c;

	link_of("/proc/self/ns/mnt");
	MUST(lstat("/proc/self/ns", &st));
	say("folder %o\n", st.st_mode);
	MUST(lstat("/proc/self/ns/mnt", &st));
	say("link %o\n", st.st_mode);
	MUST(fstat(fd, &st));
	say("file %o ino %lu size %ld\n", st.st_mode, (long)st.st_ino, (long)st.st_size);
	R(open("/proc/self/ns/mnt", O_RDWR));
	R(read(fd, &c, 1));
	R(write(fd, "x", 1));
	R(lseek(fd, 0, SEEK_SET));
	R(openat(fd, "x", O_RDONLY));
	R(ioctl(fd, _IO(0xb7, 3)));
	R(ioctl(fd, _IO(0xb7, 2)));
	R(ioctl(fd, _IO(0xb7, 4), &uid));
	R(ioctl(fd, _IOR(0xb7, 5, uint64_t), &id));
	R(ioctl(fd, _IOR(0xb7, 6, int), 1));
	R(ioctl(fd, _IOR(0xb7, 9, int), 1));
	R(ioctl(fd, _IO(0xb7, 0x70)));
	R(setns(fd, 0));
	R(setns(fd, CLONE_NEWNS));
	R(setns(fd, CLONE_NEWUTS));
	R(setns(fd, -1));
	R(setns(-1, CLONE_NEWNS));
	R(setns(0, 0));
	R(setns(0, CLONE_NEWNS));
	other = MUST(syscall(SYS_pidfd_open, getppid(), 0));
	R(setns(other, 0));
	R(setns(other, CLONE_NEWNS));
	R(setns(other, 0x100));
	close(other);

	/* It brings one back to the root. */
	MUST(mkdir("in", 0755));
	MUST(chroot("in"));
	R(access("/proc", F_OK));
	R(setns(fd, CLONE_NEWNS));
	R(access("/proc", F_OK));
	close(fd);
}

static void shared(void)
{
	int fd = MUST(open("/proc/self/ns/mnt", O_RDONLY));
	pid_t pid = syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0);

	if (!pid) {
		R(setns(fd, CLONE_NEWNS));
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	close(fd);
}

static void last_pid(void)
{
	char buf[32];
	struct stat st;
	int fd = MUST(open("/proc/sys/kernel/ns_last_pid", O_RDWR)), last;
	pid_t pid = MUST(fork());

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	buf[pread(fd, buf, sizeof(buf) - 1, 0)] = '\0';
	last = atoi(buf);
	say("the last one's: %d\n", last == pid);
	MUST(fstat(fd, &st));
	say("mode %o\n", st.st_mode);
	snprintf(buf, sizeof(buf), "%d", last + 50);
	R(pwrite(fd, buf, strlen(buf), 0) == (ssize_t)strlen(buf));
	pid = MUST(fork());
	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	say("the next: %d\n", pid - last);
	R(pwrite(fd, "-1", 2, 0));
	R(pwrite(fd, "4194305", 7, 0));
	R(pwrite(fd, "x", 1, 0));
	snprintf(buf, sizeof(buf), "%d", last);
	R(pwrite(fd, buf, strlen(buf), 0) == (ssize_t)strlen(buf));
	MUST(seteuid(1000));
	R(pwrite(fd, buf, strlen(buf), 0));
	MUST(seteuid(0));
	close(fd);
}

static pid_t watched;

static void stranger(void)
{
	MUST(setuid(1000));
	wchan(watched);
	stack(watched);
	R(open(of("ns", watched), O_RDONLY));
	link_of(of("ns/mnt", watched));
	link_of("/proc/thread-self/ns/mnt");
	int fd = open("/proc/self/ns/mnt", O_RDONLY);
	R(setns(fd, CLONE_NEWNS));
}

int main(void)
{
	int p[2];

	SECTION("the namespace of mounts");
	in_child("mnt", ns_file);
	in_child("shared", shared);
	SECTION("where it sleeps");
	MUST(pipe(p));
	watched = MUST(fork());
	if (!watched) {
		char c;

		read(p[0], &c, 1);
		_exit(0);
	}
	char state = 0;
	while (state != 'S') {
		char buf[300];

		sched_yield();
		text_of(of("stat", watched), buf, sizeof(buf));
		state = strrchr(buf, ')')[2];
	}
	wchan(watched);
	stack(watched);
	in_child("stranger", stranger);
	kill(watched, SIGKILL);
	waitid(P_PID, watched, NULL, WEXITED | WNOWAIT);
	wchan(watched);
	waitpid(watched, NULL, 0);
	wchan(getpid());
	stack(getpid());
	SECTION("ns_last_pid");
	last_pid();
	return 0;
}
