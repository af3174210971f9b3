/* Seccomp's notifications: a supervisor answers calls, gives descriptors, and goes (seccomp_unotify(2)). */
#include "seccomp.h"
#include <poll.h>
#include <sys/ioctl.h>

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS _IOW('!', 4, uint64_t)
#endif

/* What the asking child says waits in a pipe until it has ended. */
static int told[2];
static void show_told(void)
{
	char buf[1000];
	ssize_t n;

	close(told[1]);
	while ((n = read(told[0], buf, sizeof(buf))) > 0)
		write(1, buf, n);
}

static void asks(int listener, unsigned mode)
{
	close(listener);
	dup2(told[1], 1);
	switch (mode) {
	case 0:
		R(syscall(SYS_getppid));
		R(syscall(SYS_getppid));
		say("continue: %d\n", syscall(SYS_getppid) > 0);
		break;
	case 1: {
		long fd = syscall(SYS_getppid);
		char buf[6] = { 0 };
		say("added fd ok %d\n", fd >= 0);
		say("read %zd", read(fd, buf, 5));
		say(" %s, cloexec %d\n", buf, fcntl(fd, F_GETFD));
		R(syscall(SYS_getppid));
		say("fd 50: %d\n", fcntl(50, F_GETFD));
		break;
	}
	}
}

static void notify(void)
{
	struct seccomp_notif n;
	struct seccomp_notif_resp r;
	int fd = MUST(on_getppid(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER)), st;
	struct pollfd pfd = { fd, POLLIN | POLLOUT, 0 };
	uint64_t id;

	say("cloexec %d\n", fcntl(fd, F_GETFD));
	R(on_getppid(SECCOMP_RET_ALLOW, SECCOMP_FILTER_FLAG_NEW_LISTENER));
	R(poll(&pfd, 1, 0));
	R(read(fd, &n, sizeof(n)));
	R(ioctl(fd, 0x1234, 0));
	MUST(pipe(told));
	pid_t pid = MUST(fork());
	if (!pid) {
		asks(fd, 0);
		_exit(0);
	}
	memset(&n, 1, sizeof(n));
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n));
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, NULL));
	memset(&n, 0, sizeof(n));
	pfd.revents = 0;
	poll(&pfd, 1, 5000);
	say("events %#x\n", pfd.revents);
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n));
	say("pid %d nr %d arch %#x flags %d\n", n.pid == (unsigned)pid, n.data.nr == SYS_getppid, n.data.arch, n.flags);
	poll(&pfd, 1, 0);
	say("events %#x\n", pfd.revents);
	id = n.id;
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id));
	id++;
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &id));
	r = (struct seccomp_notif_resp){ .id = id };
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r));
	r = (struct seccomp_notif_resp){ .id = n.id, .flags = 2 };
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r));
	r = (struct seccomp_notif_resp){ .id = n.id, .flags = 1, .val = 3 };
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r));
	r = (struct seccomp_notif_resp){ .id = n.id, .val = 4711 };
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r));
	memset(&n, 0, sizeof(n));
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n));
	r = (struct seccomp_notif_resp){ .id = n.id, .error = -EXDEV };
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r));
	memset(&n, 0, sizeof(n));
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n));
	r = (struct seccomp_notif_resp){ .id = n.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &r));
	waitpid(pid, &st, 0);
	show_told();
	say("child %s\n", wait_text(st));
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, 2));
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP));
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, 0));
}

static void notify_fds(void)
{
	struct seccomp_notif n = { 0 };
	int fd = MUST(on_getppid(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER)), st;
	int p[2];

	MUST(pipe(told));
	pid_t pid = MUST(fork());
	if (!pid) {
		asks(fd, 1);
		_exit(0);
	}
	MUST(pipe(p));
	write(p[1], "hello", 5);
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n));
	struct seccomp_notif_addfd a = { .id = n.id, .srcfd = 999 };
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
	a = (struct seccomp_notif_addfd){ .id = n.id + 1, .srcfd = p[0] };
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
	a = (struct seccomp_notif_addfd){ .id = n.id, .srcfd = p[0], .newfd = 4 };
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
	a = (struct seccomp_notif_addfd){ .id = n.id, .srcfd = p[0], .newfd_flags = 1 };
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
	a = (struct seccomp_notif_addfd){ .id = n.id, .srcfd = p[0], .flags = 4 };
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
	a = (struct seccomp_notif_addfd){ .id = n.id, .srcfd = p[0], .newfd = 50, .flags = SECCOMP_ADDFD_FLAG_SETFD };
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a));
	a = (struct seccomp_notif_addfd){ .id = n.id, .srcfd = p[0], .flags = SECCOMP_ADDFD_FLAG_SEND, .newfd_flags = O_CLOEXEC };
	say("addfd and send %d\n", ioctl(fd, SECCOMP_IOCTL_NOTIF_ADDFD, &a) >= 0);
	memset(&n, 0, sizeof(n));
	R(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n));
	/* the listener goes: ENOSYS */
	close(fd);
	waitpid(pid, &st, 0);
	show_told();
	say("child %s\n", wait_text(st));
	R(syscall(SYS_getppid));
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void notify_signal(void)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	int fd = MUST(on_getppid(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER));
	struct itimerval it = { .it_value = { 0, 50000 } };

	MUST(sigaction(SIGALRM, &sa, NULL));
	setitimer(ITIMER_REAL, &it, NULL);
	R(syscall(SYS_getppid)); /* nobody answers */
	struct pollfd pfd = { fd, POLLIN | POLLOUT, 0 };
	R(poll(&pfd, 1, 0));
}

static void notify_hup(void)
{
	int up[2], st;

	/* the child keeps its own descriptor of the parent's filter; the filtered one ends */
	MUST(pipe(up));
	int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = MUST(syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));
	if (!pid) {
		*shared = on_getppid(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
		_exit(0);
	}
	waitpid(pid, &st, 0);
	struct pollfd pfd = { *shared, POLLIN | POLLOUT, 0 };
	R(poll(&pfd, 1, 5000));
	say("events %#x\n", pfd.revents);
	struct seccomp_notif n = { 0 };
	R(ioctl(*shared, SECCOMP_IOCTL_NOTIF_RECV, &n));
}

int main(void)
{
	in_child("notify", notify);
	in_child("notify fds", notify_fds);
	in_child("notify signal", notify_signal);
	in_child("notify hup", notify_hup);
	return 0;
}
