/* Namespaces of names and of IPC: unshare, setns, clone, /proc/PID/ns, and what each sees. */
#include "abi.h"
#include <mqueue.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/utsname.h>

#define KEY 0x7461726e

static int same(const char *a, const char *b)
{
	struct stat x, y;

	MUST(stat(a, &x));
	MUST(stat(b, &y));
	return x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

static const char *of(pid_t pid, const char *what)
{
	static char path[2][64];
	static int turn;

	turn ^= 1;
	snprintf(path[turn], sizeof(path[turn]), "/proc/%d/ns/%s", pid, what);
	return path[turn];
}

static const char *host(void)
{
	static struct utsname u;

	uname(&u);
	return u.nodename;
}

static void text_of(const char *path)
{
	char buf[100];
	int fd = MUST(open(path, O_RDONLY));
	ssize_t n = MUST(read(fd, buf, sizeof(buf) - 1));

	buf[n] = 0;
	say("%s: %s", path, buf);
	close(fd);
}

static void names(void)
{
	char link[64];
	int fd = MUST(open("/proc/self/ns/uts", O_RDONLY)), n, dom;
	pid_t parent = getppid();

	n = readlink("/proc/self/ns/uts", link, sizeof(link));
	say("link: %d\n", n > 5 && !strncmp(link, "uts:[", 5));
	R(ioctl(fd, _IO(0xb7, 3)));
	say("same as the parent's: %d\n", same(of(getpid(), "uts"), of(parent, "uts")));
	R(unshare(CLONE_NEWUTS));
	say("same as the parent's: %d\n", same(of(getpid(), "uts"), of(parent, "uts")));
	say("%s\n", host());
	R(sethostname("inner", 5));
	R(setdomainname("there", 5));
	say("%s\n", host());
	text_of("/proc/sys/kernel/hostname");
	dom = MUST(open("/proc/sys/kernel/domainname", O_RDWR));
	R(write(dom, "elsewhere\n", 10));
	close(dom);
	text_of("/proc/sys/kernel/domainname");
	if (!MUST(fork())) {
		say("a child's: %s, same %d\n", host(), same(of(getpid(), "uts"), of(getppid(), "uts")));
		_exit(0);
	}
	wait(NULL);
	R(setns(fd, CLONE_NEWIPC));
	R(setns(fd, CLONE_NEWUTS));
	say("%s\n", host());
	say("same as the parent's: %d\n", same(of(getpid(), "uts"), of(parent, "uts")));
}

/* A descriptor, and another process, keep one alive. */
static void kept(void)
{
	int p[2], fd, pidfd;
	char c;

	MUST(pipe(p));
	pid_t pid = MUST(fork());
	if (!pid) {
		MUST(unshare(CLONE_NEWUTS | CLONE_NEWIPC));
		sethostname("kept", 4);
		MUST(msgget(KEY, IPC_CREAT | 0600));
		write(p[1], "x", 1);
		pause();
	}
	read(p[0], &c, 1);
	fd = MUST(open(of(pid, "uts"), O_RDONLY));
	pidfd = MUST(syscall(SYS_pidfd_open, pid, 0));
	R(msgget(KEY, 0600));
	R(setns(pidfd, 0));
	R(setns(pidfd, CLONE_NEWIPC));
	say("%s\n", host());
	say("found: %d\n", msgget(KEY, 0600) >= 0);
	kill(pid, SIGKILL);
	waitid(P_PID, pid, NULL, WEXITED | WNOWAIT);
	R(readlink(of(pid, "uts"), &c, 1));
	R(setns(pidfd, CLONE_NEWUTS));
	waitpid(pid, NULL, 0);
	R(setns(pidfd, CLONE_NEWUTS));
	R(setns(fd, 0));
	say("%s\n", host());
}

static void ipc(void)
{
	int shm = MUST(shmget(KEY, 4096, IPC_CREAT | 0600)), sem = MUST(semget(KEY, 1, IPC_CREAT | 0600)), fd;
	struct sembuf up = { 0, 1, SEM_UNDO };
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 8 };
	struct msqid_ds ds;
	char *mem = shmat(shm, NULL, 0);
	mqd_t q = MUST(mq_open("/outer", O_CREAT | O_RDWR, 0600, &attr));

	mem[0] = 'a';
	MUST(semop(sem, &up, 1));
	R(semctl(sem, 0, GETVAL));
	fd = MUST(open("/proc/self/ns/ipc", O_RDONLY));
	R(unshare(CLONE_NEWIPC | CLONE_SYSVSEM));
	say("attached still: %c\n", mem[0]);
	R(shmget(KEY, 4096, 0600));
	R(semget(KEY, 1, 0600));
	R(semctl(sem, 0, GETVAL));
	R(shmat(shm, NULL, 0) == (void *)-1);
	R(mq_open("/outer", O_RDONLY));
	R(mq_send(q, "x", 1, 0));
	R(mq_unlink("/outer"));
	R(shmget(KEY, 8192, IPC_CREAT | IPC_EXCL | 0600));
	R(msgget(KEY, IPC_CREAT | 0600));
	R(msgctl(0, IPC_STAT, &ds));
	R(close(mq_open("/inner", O_CREAT | O_RDWR, 0600, &attr)));
	MUST(mkdir("mq", 0755));
	MUST(mount("mqueue", "mq", "mqueue", 0, NULL));
	R(access("mq/inner", F_OK));
	R(access("mq/outer", F_OK));
	MUST(umount("mq"));
	show_sysvipc("/proc/sysvipc/msg", 108);
	text_of("/proc/sys/kernel/msgmax");
	int max = MUST(open("/proc/sys/kernel/msgmax", O_WRONLY));
	R(write(max, "100", 3));
	close(max);
	text_of("/proc/sys/kernel/msgmax");
	R(shmdt(mem));
	R(setns(fd, 0));
	text_of("/proc/sys/kernel/msgmax");
	R(semctl(sem, 0, GETVAL));
	R(shmget(KEY, 4096, 0600) == shm);
	R(msgget(KEY, 0600));
	R(mq_unlink("/outer"));
	R(shmctl(shm, IPC_RMID, NULL));
	R(semctl(sem, 0, IPC_RMID));
}

/* The segment of a namespace that nobody is in stays while it is mapped. */
static void outlived(void)
{
	int fd = MUST(open("/proc/self/ns/ipc", O_RDONLY)), id;
	char *mem;

	MUST(unshare(CLONE_NEWIPC));
	id = MUST(shmget(IPC_PRIVATE, 4096, 0600));
	mem = shmat(id, NULL, 0);
	mem[0] = 'z';
	R(setns(fd, CLONE_NEWIPC));
	say("%c\n", mem[0]);
	R(shmdt(mem));
}

static int born(void *arg)
{
	(void)arg;
	sethostname("born", 4);
	say("%s, message queue %s\n", host(), msgget(KEY, 0600) < 0 ? ename(errno) : "there");
	return 0;
}

static void cloned(void)
{
	static char stack[32768] __attribute__((aligned(16)));
	int id = MUST(msgget(KEY, IPC_CREAT | 0600)), status;
	pid_t pid;

	R(clone(born, stack + sizeof(stack), CLONE_NEWIPC | CLONE_SYSVSEM | SIGCHLD, NULL));
	pid = MUST(clone(born, stack + sizeof(stack), CLONE_NEWUTS | CLONE_NEWIPC | SIGCHLD, NULL));
	waitpid(pid, &status, 0);
	say("%s, here %s\n", wait_text(status), strcmp(host(), "born") ? "as before" : "too");
	MUST(msgctl(id, IPC_RMID, NULL));
}

static void unprivileged(void)
{
	static char stack[32768] __attribute__((aligned(16)));
	int fd = MUST(open("/proc/self/ns/uts", O_RDONLY)), pidfd = MUST(syscall(SYS_pidfd_open, getpid(), 0));

	MUST(setuid(1000));
	R(unshare(CLONE_NEWUTS));
	R(unshare(CLONE_NEWIPC | CLONE_FS));
	R(clone(born, stack + sizeof(stack), CLONE_NEWIPC | SIGCHLD, NULL));
	R(setns(fd, 0));
	R(setns(fd, CLONE_NEWIPC));
	R(setns(pidfd, CLONE_NEWUTS));
}

int main(void)
{
	MUST(sethostname("outer", 5));
	SECTION("names");
	in_child("uts", names);
	in_child("kept", kept);
	SECTION("IPC");
	in_child("ipc", ipc);
	in_child("outlived", outlived);
	SECTION("clone");
	in_child("clone", cloned);
	in_child("unprivileged", unprivileged);
	return 0;
}
