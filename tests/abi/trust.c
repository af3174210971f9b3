/* Who may look into or take apart whom, when what is shared or sealed comes between. */
#include "abi.h"
#include <linux/capability.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#define MSEAL	   462
#define MRELEASE   448
#define PIDFD_OPEN 434

static int shared;

static void sealed(void)
{
	int id = MUST(shmget(IPC_PRIVATE, 8192, 0600));
	char *p = shmat(id, NULL, 0);

	SECTION("a sealed segment");
	p[0] = 'x';
	R(syscall(MSEAL, p, 4096, 0));
	R(shmdt(p));
	say("first page: %c\n", p[0]);
	R(shmctl(id, IPC_RMID, NULL));
}

static int ends(void *arg)
{
	(void)arg;
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	syscall(SYS_exit_group, 0);
	return 0;
}

/* The memory of one that ends is another's that does not. */
static void released(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	int status, fd;
	pid_t pid;

	SECTION("process_mrelease");
	shared = 7;
	pid = MUST(clone(ends, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL));
	waitpid(pid, &status, 0);
	R(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT));
	ptrace(PTRACE_CONT, pid, 0, 0);
	waitpid(pid, &status, 0);
	say("event %d\n", status >> 16);
	fd = MUST(syscall(PIDFD_OPEN, pid, 0));
	R(syscall(MRELEASE, fd, 0));
	say("shared: %d\n", shared);
	ptrace(PTRACE_CONT, pid, 0, 0);
	waitpid(pid, &status, 0);
	close(fd);
}

static void drop_caps(void)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2] = { 0 };

	syscall(SYS_capset, &h, d);
}

static void traceme(void)
{
	int fds[2], status;
	char c;

	SECTION("PTRACE_TRACEME");
	fflush(stdout);
	MUST(pipe(fds));
	pid_t parent = MUST(fork());
	if (parent == 0) {
		pid_t child = fork();

		if (child == 0) {
			read(fds[0], &c, 1);
			R(ptrace(PTRACE_TRACEME, 0, 0, 0));
			fflush(stdout);
			_exit(0);
		}
		drop_caps();
		write(fds[1], "x", 1);
		waitpid(child, &status, 0);
		_exit(0);
	}
	waitpid(parent, &status, 0);
}

static void robust(void)
{
	int status;
	void *head;
	size_t len;

	SECTION("get_robust_list");
	fflush(stdout);
	pid_t pid = MUST(fork());
	if (pid == 0) {
		drop_caps();
		R(syscall(SYS_get_robust_list, getppid(), &head, &len));
		R(syscall(SYS_get_robust_list, 0, &head, &len));
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
}

/* timerslack_ns of another thread is for who has CAP_SYS_NICE, to be read, too. */
static void slack(void)
{
	char path[2][64], text[32];
	int fd, status;

	SECTION("timerslack_ns");
	fflush(stdout);
	snprintf(path[0], sizeof(path[0]), "/proc/%d/timerslack_ns", getpid());
	strcpy(path[1], "/proc/self/timerslack_ns");
	pid_t pid = MUST(fork());
	if (pid == 0) {
		for (int i = 0; i < 4; i++) {
			fd = MUST(open(path[i & 1], O_RDWR));
			say("%s: %s\n", i & 1 ? "own" : "other's",
			    read(fd, text, sizeof(text)) < 0 ? ename(errno) : "read");
			say("%s\n", write(fd, "x", 1) < 0 ? ename(errno) : "written");
			say("%s\n", write(fd, "50000", 5) < 0 ? ename(errno) : "written");
			close(fd);
			if (i == 1)
				drop_caps();
		}
		_exit(0);
	}
	waitpid(pid, &status, 0);
}

static int idle(void *arg)
{
	char c;

	read(*(int *)arg, &c, 1);
	return 0;
}

static void undos(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	struct sembuf up = { 0, 1, SEM_UNDO };
	int id = MUST(semget(IPC_PRIVATE, 1, 0600)), fds[2], status;
	pid_t pid;

	SECTION("semaphore undos");
	R(semop(id, &up, 1));
	R(semctl(id, 0, GETVAL));
	R(unshare(CLONE_SYSVSEM));
	R(semctl(id, 0, GETVAL));
	R(semop(id, &up, 1));
	MUST(pipe(fds));
	pid = MUST(clone(idle, stack + sizeof(stack), CLONE_SYSVSEM | SIGCHLD, fds));
	say("shared: %ld\n", syscall(SYS_kcmp, getpid(), pid, KCMP_SYSVSEM, 0, 0));
	write(fds[1], "x", 1);
	waitpid(pid, &status, 0);
	pid = MUST(clone(idle, stack + sizeof(stack), SIGCHLD, fds));
	say("own: %d\n", syscall(SYS_kcmp, getpid(), pid, KCMP_SYSVSEM, 0, 0) != 0);
	write(fds[1], "x", 1);
	waitpid(pid, &status, 0);
	R(semctl(id, 0, IPC_RMID));
}

/* A file opened before execve(2) shows nothing of the program after it. */
static void over_exec(void)
{
	static const char *const names[] = { "environ", "auxv", "maps", "mem" };
	int ready[2], fd[4], status;
	char path[64], buf[64];

	SECTION("files of /proc over execve");
	fflush(stdout);
	MUST(pipe(ready));
	pid_t pid = MUST(fork());
	if (pid == 0) {
		char *argv[] = { "trust", "wait", NULL }, *envp[] = { "A=b", NULL };

		raise(SIGSTOP);
		dup2(ready[1], 1);
		execve("/proc/self/exe", argv, envp);
		_exit(1);
	}
	waitpid(pid, &status, WUNTRACED);
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, names[i]);
		fd[i] = MUST(open(path, O_RDONLY));
	}
	kill(pid, SIGCONT);
	read(ready[0], buf, 1);
	for (int i = 0; i < 4; i++) {
		if (i == 1)
			continue;
		say("%s: ", names[i]);
		R(read(fd[i], buf, sizeof(buf)));
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		write(1, "x", 1);
		pause();
	}
	sealed();
	released();
	traceme();
	robust();
	slack();
	undos();
	over_exec();
	return 0;
}
