/*
 * seccomp(2)'s deaths: of the leader while others live, of the last thread, of one of several, in
 * strict mode; which of them dump core.
 */
#include "abi.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static int gone[2]; /* a pipe: the leader is dead */

static void on_getppid(unsigned verdict)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = { sizeof(f) / sizeof(*f), f };

	MUST(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p));
}

static pthread_t start(void *(*fn)(void *))
{
	pthread_t t;

	pthread_create(&t, NULL, fn, NULL);
	return t;
}

/* The state in /proc: Z once it is dead. */
static char leader_state(void)
{
	char buf[256] = { 0 }, path[40];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	fd = MUST(open(path, O_RDONLY));
	MUST(read(fd, buf, sizeof(buf) - 1));
	close(fd);
	return strrchr(buf, ')')[2];
}

static void leader_is_gone(void)
{
	while (leader_state() != 'Z')
		sleep_ms(1);
}

static void *exits_the_group(void *arg)
{
	(void)arg;
	leader_is_gone();
	say("the other lives\n");
	MUST(write(gone[1], "x", 1));
	sleep_ms(20);
	syscall(SYS_exit_group, 3);
	return NULL;
}

static void *exits(void *arg)
{
	(void)arg;
	leader_is_gone();
	syscall(SYS_exit, 5);
	return NULL;
}

static void *dies(void *arg)
{
	(void)arg;
	syscall(SYS_getppid);
	return NULL;
}

static void *dies_last(void *arg)
{
	(void)arg;
	leader_is_gone();
	syscall(SYS_getppid);
	return NULL;
}

static void *strict(void *arg)
{
	(void)arg;
	syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
	syscall(SYS_getppid);
	return NULL;
}

static void leader_then_group(void)
{
	on_getppid(SECCOMP_RET_KILL_THREAD);
	start(exits_the_group);
	syscall(SYS_getppid);
}

static void leader_then_other(void)
{
	on_getppid(SECCOMP_RET_KILL_THREAD);
	start(exits);
	syscall(SYS_getppid);
}

static void both(void)
{
	on_getppid(SECCOMP_RET_KILL_THREAD);
	start(dies_last);
	syscall(SYS_getppid);
}

static void last(void)
{
	on_getppid(SECCOMP_RET_KILL_THREAD);
	start(dies_last);
	syscall(SYS_exit, 4);
}

static void alone(void)
{
	on_getppid(SECCOMP_RET_KILL_THREAD);
	syscall(SYS_getppid);
}

static void one_of_two(void)
{
	on_getppid(SECCOMP_RET_KILL_THREAD);
	pthread_join(start(dies), NULL);
	say("the leader lives\n");
	_exit(6);
}

static void process(void)
{
	on_getppid(SECCOMP_RET_KILL_PROCESS);
	pthread_join(start(dies), NULL);
	say("not killed\n");
}

static void blocked(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	signal(SIGSYS, SIG_IGN);
	on_getppid(SECCOMP_RET_KILL_PROCESS);
	syscall(SYS_getppid);
	say("not killed\n");
}

static void not_dumpable(void)
{
	MUST(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
	on_getppid(SECCOMP_RET_KILL_PROCESS);
	syscall(SYS_getppid);
}

static void no_core(void)
{
	struct rlimit none = { 0, 0 };

	MUST(setrlimit(RLIMIT_CORE, &none));
	on_getppid(SECCOMP_RET_KILL_PROCESS);
	syscall(SYS_getppid);
}

static void strict_thread(void)
{
	pthread_join(start(strict), NULL);
	say("the leader lives\n");
	_exit(7);
}

static void strict_leader(void)
{
	start(exits_the_group);
	strict(NULL);
}

static void show(const char *what, void (*fn)(void))
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	int st;
	pid_t pid = MUST(fork());
	char c;

	if (!pid) {
		MUST(setrlimit(RLIMIT_CORE, &all));
		fn();
		_exit(0);
	}
	if (fn == leader_then_group || fn == strict_leader) {
		MUST(read(gone[0], &c, 1));
		say("a dead leader is waited for %d\n", waitpid(pid, &st, WNOHANG));
	}
	MUST(waitpid(pid, &st, 0));
	say("%s: %s, core %s, file %s\n", what, wait_text(st),
	    WIFSIGNALED(st) && WCOREDUMP(st) ? "yes" : "no", access("core", F_OK) ? "none" : "there");
	unlink("core");
}

int main(void)
{
	MUST(pipe(gone));
	SECTION("a thread");
	show("the leader, then the group exits", leader_then_group);
	show("the leader, then the other exits", leader_then_other);
	show("the leader, then the other too", both);
	show("the last one", last);
	show("the only one", alone);
	show("one of two", one_of_two);
	SECTION("a process");
	show("by a thread", process);
	show("blocked and ignored", blocked);
	show("not dumpable", not_dumpable);
	show("no core wanted", no_core);
	SECTION("strict");
	show("a thread", strict_thread);
	show("the leader", strict_leader);
	return 0;
}
