/* Process namespaces: who is told which numbers, /proc, files, and what else has to do with them. */
#include "pid_ns.h"
#include <dirent.h>
#include <linux/sched.h>
#include <linux/futex.h>
#include <linux/reboot.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>

#define NS_GET_PARENT	       _IO(0xb7, 2)
#define NS_GET_NSTYPE	       _IO(0xb7, 3)
#define NS_GET_PID_FROM_PIDNS  _IOR(0xb7, 6, int)
#define NS_GET_TGID_FROM_PIDNS _IOR(0xb7, 7, int)
#define NS_GET_PID_IN_PIDNS    _IOR(0xb7, 8, int)
#define NS_GET_TGID_IN_PIDNS   _IOR(0xb7, 9, int)

/* --- who tells numbers --- */

static int sock[2];

static void tell_cred(const char *what, int fd)
{
	char c, space[CMSG_SPACE(sizeof(struct ucred))];
	struct iovec iov = { &c, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = space,
			    .msg_controllen = sizeof(space) };
	struct ucred u;

	MUST(recvmsg(fd, &m, 0));
	memcpy(&u, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(u));
	say("%s: %s\n", what,
	    u.pid == 0 ? "nobody" : u.pid == getpid() ? "me" : u.pid < 10 ? "small" : "large");
}

static long send_cred(int fd, pid_t pid)
{
	char c = 0, space[CMSG_SPACE(sizeof(struct ucred))] = { 0 };
	struct iovec iov = { &c, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = space,
			    .msg_controllen = sizeof(space) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	struct ucred u = { pid, 0, 0 };

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_CREDENTIALS;
	h->cmsg_len = CMSG_LEN(sizeof(u));
	memcpy(CMSG_DATA(h), &u, sizeof(u));
	return sendmsg(fd, &m, 0);
}

static void peer(const char *what, int fd)
{
	struct ucred u;
	socklen_t n = sizeof(u);

	MUST(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &u, &n));
	say("%s: %s\n", what, u.pid == 0 ? "nobody" : u.pid == getpid() ? "me" : "another");
}

static int lock_fd, sem_id, msg_id;

static void told_inside(void)
{
	struct flock fl = { .l_type = F_WRLCK };
	struct msqid_ds ds;
	struct f_owner_ex ex;
	pid_t pid;

	tell_cred("sent by the parent", sock[1]);
	peer("peer, made outside", sock[1]);
	R(send_cred(sock[1], 1));
	R(send_cred(sock[1], 99));
	MUST(fcntl(lock_fd, F_GETLK, &fl));
	say("locked: %d by %d\n", fl.l_type == F_WRLCK, fl.l_pid);
	R(semctl(sem_id, 0, GETPID));
	MUST(msgctl(msg_id, IPC_STAT, &ds));
	say("sent by %d\n", ds.msg_lspid);
	R(fcntl(lock_fd, F_SETOWN, 1));
	R(fcntl(lock_fd, F_GETOWN));
	fl = (struct flock){ .l_type = F_WRLCK, .l_start = 10, .l_len = 1 };
	R(fcntl(lock_fd, F_SETLK, &fl));
	pid = MUST(fork());
	if (!pid) {
		int s[2];

		MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
		peer("a pair of its own", s[0]);
		MUST(fcntl(lock_fd, F_GETLK, &fl));
		say("locked by %d\n", fl.l_pid);
		struct sembuf op = { 0, 1, 0 };
		MUST(semop(sem_id, &op, 1));
		R(semctl(sem_id, 0, GETPID));
		R(fcntl(lock_fd, F_GETOWN_EX, &ex));
		say("owner %d\n", ex.pid);
		_exit(0);
	}
	wait(NULL);
}

static void telling(void)
{
	struct { long type; char c; } m = { 1, 0 };
	union { int val; void *p; } arg = { 1 };
	struct flock fl = { .l_type = F_WRLCK, .l_len = 5 };
	int on = 1;

	MUST(unshare(CLONE_NEWIPC)); /* where numbers begin anew, and end */
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sock));
	MUST(setsockopt(sock[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	MUST(setsockopt(sock[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	lock_fd = MUST(open("/tmp/pid_ns.lock", O_RDWR | O_CREAT, 0600));
	MUST(fcntl(lock_fd, F_SETLK, &fl));
	MUST(fcntl(lock_fd, F_SETOWN, getpid()));
	sem_id = MUST(semget(IPC_PRIVATE, 1, 0600));
	MUST(semctl(sem_id, 0, SETVAL, arg));
	msg_id = MUST(msgget(IPC_PRIVATE, 0600));
	MUST(msgsnd(msg_id, &m, 1, 0));
	MUST(send_cred(sock[0], getpid()));
	as_init("inside", told_inside);
	tell_cred("sent from inside", sock[0]);
	semctl(sem_id, 0, IPC_RMID);
	msgctl(msg_id, IPC_RMID, NULL);
	unlink("/tmp/pid_ns.lock");
}

/* --- a /proc of its own --- */

static void list(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	say("%s:", dir);
	while (d && (e = readdir(d)))
		if (e->d_name[0] >= '0' && e->d_name[0] <= '9')
			say(" %s", e->d_name);
	say("\n");
	if (d)
		closedir(d);
}

static void link_of(const char *path)
{
	char buf[64];
	ssize_t n = readlink(path, buf, sizeof(buf) - 1);

	buf[n < 0 ? 0 : n] = 0;
	say("%s -> %s\n", path, n < 0 ? ename(errno) : buf);
}

static void stat_line(const char *path)
{
	int pid, ppid, pgrp, session;
	FILE *f = fopen(path, "r");

	if (f && fscanf(f, "%d %*s %*c %d %d %d", &pid, &ppid, &pgrp, &session) == 4)
		say("%s: %d %d %d %d\n", path, pid, ppid, pgrp, session);
	if (f)
		fclose(f);
}

static void proc_inside(void)
{
	pid_t pid;
	char c;

	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	MUST(mkdir("/tmp/pid_ns.d", 0700) + 1 || errno == EEXIST ? 0 : -1);
	MUST(mount("proc", "/tmp/pid_ns.d", "proc", 0, NULL));
	MUST(pipe(to_parent));
	pid = MUST(fork());
	if (!pid) {
		MUST(setsid());
		if (!MUST(born(CLONE_NEWPID))) {
			MUST(write(to_parent[1], "x", 1));
			for (;;)
				pause();
		}
		for (;;)
			pause();
	}
	MUST(read(to_parent[0], &c, 1));
	list("/tmp/pid_ns.d");
	link_of("/tmp/pid_ns.d/self");
	link_of("/tmp/pid_ns.d/thread-self");
	stat_line("/tmp/pid_ns.d/self/stat");
	stat_line("/tmp/pid_ns.d/2/stat");
	stat_line("/tmp/pid_ns.d/3/stat");
	numbers("/tmp/pid_ns.d/3/status", "NSpid");
	numbers("/tmp/pid_ns.d/3/status", "NSsid");
	list("/tmp/pid_ns.d/2/task");
	if (!MUST(born(CLONE_NEWPID))) {
		link_of("/tmp/pid_ns.d/self");
		_exit(0);
	}
	wait(NULL);
	MUST(kill(pid, SIGKILL));
	sleep_ms(20);
}

static void seen_outside(void)
{
	MUST(unshare(CLONE_NEWNS));
	as_init("inside", proc_inside);
}

/* --- files of namespaces --- */

static void files(void)
{
	char path[64];
	int own = MUST(open("/proc/self/ns/pid", O_RDONLY)), inside, up;
	struct stat a, b;
	pid_t pid;
	long nr;

	R(ioctl(own, NS_GET_NSTYPE) == CLONE_NEWPID);
	R(ioctl(own, NS_GET_PARENT));
	MUST(pipe(to_parent));
	pid = MUST(born(CLONE_NEWPID));
	if (!pid) {
		int mine = MUST(open("/proc/self/ns/pid", O_RDONLY));

		R(ioctl(mine, NS_GET_PARENT));
		R(ioctl(own, NS_GET_PARENT));
		say("outside, of me: %d\n", ioctl(own, NS_GET_PID_IN_PIDNS, 1) > 1);
		R(ioctl(mine, NS_GET_PID_IN_PIDNS, 1));
		R(ioctl(mine, NS_GET_TGID_FROM_PIDNS, 1));
		MUST(write(to_parent[1], "x", 1));
		for (;;)
			pause();
	}
	wait_byte();
	snprintf(path, sizeof(path), "/proc/%d/ns/pid", pid);
	inside = MUST(open(path, O_RDONLY));
	up = MUST(ioctl(inside, NS_GET_PARENT));
	MUST(fstat(up, &a));
	MUST(fstat(own, &b));
	say("its parent is ours: %d\n", a.st_ino == b.st_ino);
	nr = ioctl(inside, NS_GET_PID_FROM_PIDNS, 1);
	say("its 1 is the child: %d\n", nr == pid);
	R(ioctl(inside, NS_GET_TGID_IN_PIDNS, pid));
	R(ioctl(inside, NS_GET_PID_IN_PIDNS, getpid()));
	R(ioctl(inside, NS_GET_PID_FROM_PIDNS, 2));
	R(ioctl(MUST(open("/proc/self/ns/uts", O_RDONLY)), NS_GET_PID_FROM_PIDNS, 1));
	kill(pid, SIGKILL);
	ended("it", pid);
}

/* --- futexes, pidfds, tracing --- */

static void futexes(void)
{
	static int word, robust;

	R(syscall(SYS_futex, &word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	say("owner %d\n", word & FUTEX_TID_MASK);
	R(syscall(SYS_futex, &word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	R(syscall(SYS_futex, &word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	robust = 77;
	R(syscall(SYS_futex, &robust, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
}

static int outer_fd;

static void pidfds_inside(void)
{
	int own = MUST(syscall(SYS_pidfd_open, 1, 0));

	R(syscall(SYS_pidfd_send_signal, outer_fd, 0, NULL, 0));
	R(syscall(SYS_pidfd_send_signal, own, 0, NULL, 0));
	R(syscall(SYS_pidfd_open, 2, 0));
}

static void pidfds(void)
{
	outer_fd = MUST(syscall(SYS_pidfd_open, getpid(), 0));
	as_init("inside", pidfds_inside);
}

static void traced(void)
{
	unsigned long msg = 0;
	int status;
	pid_t pid = MUST(born(CLONE_NEWPID)), child;

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		kill(getpid(), SIGSTOP);
		if (!fork())
			_exit(0);
		wait(NULL);
		_exit(5);
	}
	MUST(waitpid(pid, &status, 0));
	say("%s\n", wait_text(status));
	MUST(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEFORK));
	MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	MUST(waitpid(pid, &status, 0));
	MUST(ptrace(PTRACE_GETEVENTMSG, pid, 0, &msg));
	say("event %d, its number is ours: %d\n", status >> 16, msg > 3);
	child = waitpid(msg, &status, __WALL);
	say("found: %d\n", child == (pid_t)msg);
	MUST(ptrace(PTRACE_CONT, child, 0, 0));
	MUST(waitpid(child, &status, __WALL));
	say("%s\n", wait_text(status));
	MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	MUST(waitpid(pid, &status, 0));
	while (WIFSTOPPED(status)) {
		MUST(ptrace(PTRACE_CONT, pid, 0, 0));
		MUST(waitpid(pid, &status, 0));
	}
	say("%s\n", wait_text(status));
}

static void restarts(void)
{
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART, 0);
}

static void halts(void)
{
	if (!MUST(fork()))
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
			LINUX_REBOOT_CMD_POWER_OFF, 0);
	for (;;)
		pause();
}

static void reboots(void)
{
	R(syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_ON, 0));
	MUST(setresuid(1000, 1000, 1000));
	R(syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART,
		  0));
}

/* Whoever used System V objects last keeps its number, though it is dead and reaped. */
static void last_users(void)
{
	struct msqid_ds q;
	struct shmid_ds m;
	int shm, msg, sem;
	char text[16] = "\1";
	pid_t pid;

	MUST(unshare(CLONE_NEWIPC)); /* numbers of objects are another test's */
	shm = MUST(shmget(IPC_PRIVATE, PAGE, 0600));
	msg = MUST(msgget(IPC_PRIVATE, 0600));
	sem = MUST(semget(IPC_PRIVATE, 1, 0600));
	pid = MUST(fork());
	if (!pid) {
		struct sembuf up = { 0, 1, 0 };

		shmat(shm, NULL, 0);
		MUST(msgsnd(msg, text, 1, 0));
		MUST(msgrcv(msg, text, 1, 0, 0));
		MUST(semop(sem, &up, 1));
		_exit(0);
	}
	MUST(waitpid(pid, NULL, 0));
	MUST(shmctl(shm, IPC_STAT, &m));
	MUST(msgctl(msg, IPC_STAT, &q));
	say("child %d: created by %d, shm %d, sent %d, received %d, sem %d\n", pid, m.shm_cpid, m.shm_lpid, q.msg_lspid,
	    q.msg_lrpid, semctl(sem, 0, GETPID));
	MUST(shmctl(shm, IPC_RMID, NULL));
	MUST(msgctl(msg, IPC_RMID, NULL));
	MUST(semctl(sem, 0, IPC_RMID));
}

int main(void)
{
	SECTION("told");
	as_child("telling", telling);
	as_init("last users", last_users);
	SECTION("proc");
	as_child("seen", seen_outside);
	SECTION("files");
	as_child("files", files);
	SECTION("others");
	as_init("futexes", futexes);
	as_child("pidfds", pidfds);
	as_child("traced", traced);
	as_init("restarts", restarts);
	as_init("halts", halts);
	as_init("reboots", reboots);
	return 0;
}
