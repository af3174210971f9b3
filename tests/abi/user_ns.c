/* User namespaces: unshare, clone, setns, the maps and their rules, capabilities, ids as others see them. */
#include "abi.h"
#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define NS_GET_USERNS	 _IO(0xb7, 1)
#define NS_GET_PARENT	 _IO(0xb7, 2)
#define NS_GET_NSTYPE	 _IO(0xb7, 3)
#define NS_GET_OWNER_UID _IO(0xb7, 4)

static void show(const char *path)
{
	char buf[400];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (n < 0) {
		say("%s: %s\n", path, ename(errno));
	} else {
		buf[n] = 0;
		say("%s: %s%s", path, buf, n ? "" : "(empty)\n");
	}
	if (fd >= 0)
		close(fd);
}

static void status(const char *word)
{
	char line[200];
	FILE *f = fopen("/proc/self/status", "r");

	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, word, strlen(word)))
			say("%s", line);
	fclose(f);
}

static unsigned long long ino(const char *path)
{
	struct stat st;

	MUST(stat(path, &st));
	return st.st_ino;
}

static void who(void)
{
	say("uid %u %u gid %u %u\n", getuid(), geteuid(), getgid(), getegid());
}

static void become(unsigned uid)
{
	MUST(setgroups(0, NULL));
	MUST(setresgid(uid, uid, uid));
	MUST(setresuid(uid, uid, uid));
	MUST(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); /* its files are its own again */
}

/* A new one, whose maps somebody outside writes. */
static void enter(const char *uids, const char *gids)
{
	char path[64], c;
	int go[2], status;
	pid_t pid;

	MUST(pipe(go));
	pid = MUST(fork());
	if (!pid) {
		MUST(read(go[0], &c, 1));
		snprintf(path, sizeof(path), "/proc/%d/uid_map", getppid());
		MUST(put_text(path, uids));
		snprintf(path, sizeof(path), "/proc/%d/gid_map", getppid());
		MUST(put_text(path, gids));
		_exit(0);
	}
	MUST(unshare(CLONE_NEWUSER));
	MUST(write(go[1], "x", 1));
	MUST(waitpid(pid, &status, 0));
	close(go[0]);
	close(go[1]);
}

static void plain(void)
{
	struct stat st;
	unsigned long long before = ino("/proc/self/ns/user");

	become(1000);
	R(unshare(CLONE_NEWUTS));
	R(unshare(CLONE_NEWUSER));
	say("another: %d\n", before != ino("/proc/self/ns/user"));
	who();
	status("CapEff");
	status("CapBnd");
	status("CapAmb");
	status("Groups");
	show("/proc/self/uid_map");
	show("/proc/self/gid_map");
	show("/proc/self/setgroups");
	MUST(stat("/", &st));
	say("/ is of %u %u\n", st.st_uid, st.st_gid);
	R(setuid(0));
	R(setuid(1000));
	R(setgroups(0, NULL));
	R(put_text("/proc/self/uid_map", "0 0 1"));
	R(put_text("/proc/self/uid_map", "0 1001 1"));
	R(put_text("/proc/self/uid_map", "0 1000 2"));
	R(put_text("/proc/self/uid_map", ""));
	R(put_text("/proc/self/uid_map", "0 1000"));
	R(put_text("/proc/self/uid_map", "0 1000 0"));
	R(put_text("/proc/self/uid_map", "0 1000 1 x"));
	R(put_text("/proc/self/uid_map", "-1 1000 1"));
	R(put_text("/proc/self/uid_map", "4294967295 1000 1"));
	R(put_text("/proc/self/uid_map", "4294967294 1000 2"));
	R(put_text("/proc/self/uid_map", "0 1000 1\n0 1001 1\n"));
	R(put_text("/proc/self/uid_map", "5 1000 1\n"));
	R(put_text("/proc/self/uid_map", "5 1000 1\n"));
	show("/proc/self/uid_map");
	who();
	R(put_text("/proc/self/gid_map", "6 1000 1\n"));
	R(put_text("/proc/self/setgroups", "maybe"));
	R(put_text("/proc/self/setgroups", "deny"));
	R(put_text("/proc/self/setgroups", "allow"));
	show("/proc/self/setgroups");
	R(put_text("/proc/self/gid_map", "6 1000 1\n"));
	show("/proc/self/gid_map");
	R(put_text("/proc/self/setgroups", "deny"));
	who();
	R(setgroups(0, NULL));
	R(setuid(5));
	R(setuid(1000));
	R(setreuid(-1, 6));
	R(setresuid(-1, 5, -1));
	R(setfsuid(77));
	R(setgid(6));
	R(setgid(7));
	MUST(stat("/", &st));
	say("/ is of %u %u\n", st.st_uid, st.st_gid);
	R(sethostname("x", 1));
	R(unshare(CLONE_NEWUTS));
	R(sethostname("x", 1));
	R(setpriority(PRIO_PROCESS, 0, -5));
	R(kill(getppid(), 0));
	R(prctl(PR_CAPBSET_DROP, CAP_SYS_BOOT, 0, 0, 0));
	R(prctl(PR_SET_SECUREBITS, 0, 0, 0, 0));
	R(socket(AF_INET, SOCK_RAW, 1));
}

static void root_maps(void)
{
	int fd;
	struct stat st;
	gid_t groups[4];

	if (!MUST(fork())) {
		MUST(unshare(CLONE_NEWUSER));
		R(put_text("/proc/self/uid_map", "0 0 1000\n5000 5000 10"));
		R(put_text("/proc/self/uid_map", "0 0 1"));
		R(put_text("/proc/self/gid_map", "0 0 1"));
		who();
		_exit(0);
	}
	MUST(wait(NULL));
	enter("0 0 1000\n5000 5000 10", "0 0 1000\n5000 5000 10");
	who();
	R(setgroups(2, (gid_t[]){ 3, 5001 }));
	R(setgroups(1, (gid_t[]){ 2000 }));
	say("groups: %d\n", getgroups(4, groups));
	status("Groups");
	status("Uid");
	fd = MUST(open("/tmp/user_ns", O_CREAT | O_RDWR, 0644));
	R(fchown(fd, 5, 6));
	R(fchown(fd, 2000, 6));
	R(fchown(fd, -1, 2000));
	MUST(fstat(fd, &st));
	say("file of %u %u\n", st.st_uid, st.st_gid);
	R(fchown(fd, 5003, 5003));
	R(setuid(5003));
	status("CapEff");
	status("CapPrm");
	R(fchmod(fd, 0600));
	R(fchown(fd, 1, 1));
	R(unlink("/tmp/user_ns"));
}

/* A file of somebody who has no number inside is nobody's, whatever one may do. */
static void strangers(void)
{
	struct stat st;
	int fd = MUST(open("/tmp/user_ns2", O_CREAT | O_RDWR, 0600));

	MUST(fchown(fd, 7777, 7777));
	enter("0 0 1000", "0 0 1000");
	MUST(fstat(fd, &st));
	say("file of %u %u\n", st.st_uid, st.st_gid);
	R(open("/tmp/user_ns2", O_RDONLY));
	R(fchown(fd, 0, 0));
	R(fchmod(fd, 0644));
	R(access("/tmp/user_ns2", R_OK));
	R(mknod("/tmp/user_ns3", S_IFCHR | 0600, 0x103));
	R(unlink("/tmp/user_ns2"));
	R(setpriority(PRIO_PROCESS, 0, -1));
	R(clock_settime(CLOCK_REALTIME, &(struct timespec){ 1, 0 }));
	R(syscall(SYS_reboot, 0, 0, 0, 0));
}

static int tell[2], told[2];

static void step(int fd)
{
	MUST(write(fd, "x", 1));
}

static void await(int fd)
{
	char c;

	MUST(read(fd, &c, 1));
}

/* A parent outside writes the maps; each looks at the other; setns. */
static void parent_and_child(void)
{
	char path[64], uid_map[64];
	pid_t pid;
	int ns, fd, up;
	uid_t owner;
	siginfo_t si;
	struct rlimit lim;

	MUST(pipe(tell));
	MUST(pipe(told));
	pid = MUST(syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0));
	if (!pid) {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGUSR1);
		sigprocmask(SIG_BLOCK, &set, NULL);
		who();
		step(told[1]);
		await(tell[0]);
		who();
		show("/proc/self/uid_map");
		MUST(sigwaitinfo(&set, &si));
		say("signal from uid %u\n", si.si_uid);
		R(sethostname("inner", 5));
		R(kill(getppid(), 0));
		R(setresuid(3, 3, 3));
		step(told[1]);
		await(tell[0]);
		_exit(7);
	}
	await(told[0]);
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	snprintf(uid_map, sizeof(uid_map), "/proc/%d/uid_map", pid);
	ns = MUST(open(path, O_RDONLY));
	say("another: %d\n", ino(path) != ino("/proc/self/ns/user"));
	R(put_text(uid_map, "0 100000 1000\n2000 200000 5"));
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	R(put_text(path, "0 100000 1000"));
	step(tell[1]);
	MUST(kill(pid, SIGUSR1));
	await(told[0]);
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = MUST(open(path, O_RDONLY));
	{
		char buf[2000], *at;

		buf[MUST(read(fd, buf, sizeof(buf) - 1))] = 0;
		at = strstr(buf, "Uid:");
		say("%.*s\n", (int)strcspn(at, "\n"), at);
	}
	R(ioctl(ns, NS_GET_NSTYPE) == CLONE_NEWUSER);
	up = MUST(ioctl(ns, NS_GET_PARENT));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", up);
	say("its parent is ours: %d\n", ino(path) == ino("/proc/self/ns/user"));
	R(ioctl(up, NS_GET_PARENT));
	R(ioctl(up, NS_GET_USERNS));
	R(ioctl(ns, NS_GET_OWNER_UID, &owner));
	say("owner %u\n", owner);
	snprintf(path, sizeof(path), "/proc/%d/ns/uts", pid);
	fd = MUST(open(path, O_RDONLY));
	up = MUST(ioctl(fd, NS_GET_USERNS));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", up);
	say("its names are its own: %d\n", ino(path) != ino("/proc/self/ns/user"));
	R(ioctl(fd, NS_GET_PARENT));
	R(ioctl(fd, NS_GET_OWNER_UID, &owner));
	R(setns(up, CLONE_NEWUTS));
	R(prlimit(pid, RLIMIT_NOFILE, NULL, &lim));
	if (!MUST(fork())) {
		R(setns(ns, CLONE_NEWUSER));
		who();
		status("CapEff");
		R(setns(ns, CLONE_NEWUSER));
		R(setns(fd, 0));
		R(kill(pid, 0));
		R(kill(getppid(), 0));
		R(setresuid(5, 5, 5));
		who();
		_exit(0);
	}
	MUST(wait(NULL));
	step(tell[1]);
	MUST(waitid(P_PID, pid, &si, WEXITED));
	say("ended: %d, uid %u\n", si.si_status, si.si_uid);
}

static void nested(void)
{
	int n = 0;
	struct stat st;

	enter("0 0 100", "0 0 100");
	enter("0 0 1\n1 5 2", "0 0 1");
	show("/proc/self/uid_map");
	stat("/", &st);
	say("/ is of %u\n", st.st_uid);
	for (;;) {
		if (unshare(CLONE_NEWUSER))
			break;
		if (put_text("/proc/self/uid_map", "0 0 1") < 0)
			break;
		put_text("/proc/self/setgroups", "deny");
		if (put_text("/proc/self/gid_map", "0 0 1") < 0)
			break;
		n++;
	}
	say("no deeper: %s after %d\n", ename(errno), n);
}

/* SCM_CREDENTIALS, SO_PEERCRED: as the receiver numbers them. */
static void messages(void)
{
	int pair[2], on = 1;
	struct ucred c;
	socklen_t len = sizeof(c);
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(struct ucred))];
	} u;
	char byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &u,
			    .msg_controllen = sizeof(u) };
	pid_t pid;

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	MUST(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	pid = MUST(fork());
	if (!pid) {
		enter("0 10 10\n20 0 1", "0 20 10\n30 0 1");
		MUST(getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &c, &len));
		say("peer inside: %u %u\n", c.uid, c.gid);
		u.h.cmsg_level = SOL_SOCKET;
		u.h.cmsg_type = SCM_CREDENTIALS;
		u.h.cmsg_len = CMSG_LEN(sizeof(c));
		c = (struct ucred){ getpid(), 30, 0 };
		memcpy(CMSG_DATA(&u.h), &c, sizeof(c));
		R(sendmsg(pair[0], &m, 0));
		c = (struct ucred){ getpid(), 3, 4 };
		memcpy(CMSG_DATA(&u.h), &c, sizeof(c));
		R(sendmsg(pair[0], &m, 0));
		_exit(0);
	}
	MUST(waitpid(pid, NULL, 0));
	shutdown(pair[0], SHUT_RDWR);
	MUST(recvmsg(pair[1], &m, 0));
	memcpy(&c, CMSG_DATA(&u.h), sizeof(c));
	say("from the child: %d, %u %u\n", c.pid == pid, c.uid, c.gid);
}

/* What was a secret of the program before stays one from those inside. */
static void looking(void)
{
	char path[64];
	int fd;
	pid_t pid = MUST(fork());

	if (!pid) {
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		pause();
	}
	usleep(50000);
	snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	fd = open(path, O_RDONLY);
	say("outside: %s\n", fd < 0 ? ename(errno) : "ok");
	R(ptrace(PTRACE_SEIZE, pid, 0, 0));
	MUST(unshare(CLONE_NEWUSER));
	fd = open(path, O_RDONLY);
	say("inside: %s\n", fd < 0 ? ename(errno) : "ok");
	R(kill(pid, SIGKILL));
}

static void queues(void)
{
	int id = MUST(msgget(IPC_PRIVATE, 0600));
	struct msqid_ds ds;

	enter("10 0 1", "20 0 1");
	R(msgctl(id, IPC_STAT, &ds));
	say("queue of %u %u\n", ds.msg_perm.uid, ds.msg_perm.cgid);
	ds.msg_perm.uid = 0;
	R(msgctl(id, IPC_SET, &ds));
	ds.msg_perm.uid = 10;
	R(msgctl(id, IPC_SET, &ds));
	R(msgctl(id, IPC_RMID, NULL));
	R(unshare(CLONE_NEWIPC));
	R(msgctl(id, IPC_STAT, &ds));
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

static void refusals(void)
{
	char stack[16384] __attribute__((aligned(16)));

	R(clone(nothing, stack + sizeof(stack), CLONE_NEWUSER | CLONE_FS | SIGCHLD, NULL));
	R(clone(nothing, stack + sizeof(stack),
		CLONE_NEWUSER | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, NULL));
	R(setns(0, CLONE_NEWUSER));
	R(put_text("/proc/self/uid_map", "0 0 1"));
	R(put_text("/proc/self/setgroups", "deny"));
	show("/proc/self/uid_map");
	show("/proc/self/setgroups");
}

int main(void)
{
	in_child("without privilege", plain);
	in_child("of root", root_maps);
	in_child("strangers", strangers);
	in_child("parent and child", parent_and_child);
	in_child("one in another", nested);
	in_child("credentials in messages", messages);
	in_child("who may look", looking);
	in_child("queues", queues);
	in_child("refused", refusals);
	return 0;
}
