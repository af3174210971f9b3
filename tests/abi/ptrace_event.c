/* ptrace(2): what a tracer hears of births, exec and death, in processes and in threads. */
#include "abi.h"
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

static pid_t first;
static pid_t known[16];
static int nr_known;

/* Tracees by the order in which they came. */
static int number(pid_t pid)
{
	for (int i = 0; i < nr_known; i++)
		if (known[i] == pid)
			return i;
	known[nr_known] = pid;
	return nr_known++;
}

static const char *event_name(int e)
{
	static const char *names[] = { "", " FORK", " VFORK", " CLONE", " EXEC", " VFORK_DONE", " EXIT", " SECCOMP" };

	return e == PTRACE_EVENT_STOP ? " STOP" : e < 8 ? names[e] : " ?";
}

/* Say what a stop is, and return the signal to go on with. */
static int tell(pid_t pid, int status)
{
	unsigned long msg = 0;
	int sig = WSTOPSIG(status), event = status >> 16;

	say("  %d: %s%s", number(pid), wait_text(status & 0xffff), event_name(event));
	if (event) {
		ptrace(PTRACE_GETEVENTMSG, pid, 0, &msg);
		if (event == PTRACE_EVENT_EXIT)
			say(" status %lx", msg);
		else if (event == PTRACE_EVENT_STOP)
			say(" message %lu", msg);
		else
			say(" of %d", number(msg));
	}
	say("\n");
	return event || sig == SIGTRAP || sig == SIGSTOP ? 0 : sig;
}

static pid_t start(void (*fn)(void), long options)
{
	pid_t pid = MUST(fork());

	if (pid == 0) {
		MUST(ptrace(PTRACE_TRACEME, 0, 0, 0));
		raise(SIGSTOP);
		fn();
		_exit(0);
	}
	int status;
	waitpid(pid, &status, 0);
	nr_known = 0;
	number(pid);
	first = pid;
	MUST(ptrace(PTRACE_SETOPTIONS, pid, 0, options));
	return pid;
}

/*
 * Let everybody run until nobody is left. One at a time: who is born runs to its end before its maker
 * goes on.
 */
static void follow(pid_t pid)
{
	int status;

	MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	while ((pid = waitpid(first, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			say("  %d: %s\n", number(pid), wait_text(status));
			continue;
		}
		int event = status >> 16, sig;
		if (event >= PTRACE_EVENT_FORK && event <= PTRACE_EVENT_CLONE) {
			unsigned long kid = 0;
			int s;

			sig = tell(pid, status);
			ptrace(PTRACE_GETEVENTMSG, pid, 0, &kid);
			waitpid(kid, &s, __WALL);
			tell(kid, s);
			MUST(ptrace(PTRACE_CONT, kid, 0, 0));
			/* it runs to its end first */
			for (;;) {
				if (waitpid(kid, &s, __WALL) != (pid_t)kid) {
					say("  lost %s\n", ename(errno));
					break;
				}
				if (!WIFSTOPPED(s)) {
					say("  %d: %s\n", number(kid), wait_text(s));
					break;
				}
				ptrace(PTRACE_CONT, kid, 0, tell(kid, s));
			}
		} else {
			sig = tell(pid, status);
		}
		ptrace(PTRACE_CONT, pid, 0, sig);
	}
}

#define ALL                                                                                          \
	(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |       \
	 PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT)

static void forks(void)
{
	int status;
	pid_t kid = fork();

	if (kid == 0)
		_exit(3);
	waitpid(kid, &status, 0);
	say("child: %s\n", wait_text(status));
}

static void vforks(void)
{
	int status;
	pid_t kid = vfork();

	if (kid == 0)
		_exit(4);
	waitpid(kid, &status, 0);
	say("child: %s\n", wait_text(status));
}

static void *thread(void *arg)
{
	return arg;
}

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

/* Not by pthread_create: the tracer runs the new thread to its end while this one stands in clone, and
 * what a library locks there the other may need. */
static void threads(void)
{
	static char stack[16384] __attribute__((aligned(16)));
	static volatile int tid = 1;
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;

	MUST(clone(nothing, stack + sizeof(stack), flags | CLONE_CHILD_CLEARTID, NULL, NULL, NULL, &tid));
	while (tid)
		syscall(SYS_futex, &tid, 0, 1, NULL, NULL, 0);
	say("joined\n");
}

static char *const exec_args[] = { "self", "again", NULL };

static void execs(void)
{
	execve("/proc/self/exe", exec_args, NULL);
	_exit(9);
}

static void killed(void)
{
	kill(getpid(), SIGKILL);
	_exit(9);
}

static void untraced(void)
{
	int status;
	pid_t kid = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);

	if (kid == 0)
		_exit(5);
	waitpid(kid, &status, 0);
	say("untraced child: %s\n", wait_text(status));
	kid = syscall(SYS_clone, SIGUSR1, 0, 0, 0, 0);
	if (kid == 0)
		_exit(6);
	waitpid(kid, &status, __WALL);
	say("clone child: %s\n", wait_text(status));
}

static void *exec_thread(void *arg)
{
	(void)arg;
	execs();
	return NULL;
}

static void exec_in_thread(void)
{
	pthread_t t;

	pthread_create(&t, NULL, exec_thread, NULL);
	for (;;)
		pause();
}

/* The thread that execs becomes the leader: the tracer hears so, and of no end of the leader's. */
static void test_exec_in_thread(void)
{
	SECTION("exec in a thread");
	pid_t pid = start(exec_in_thread, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC);
	int status;

	MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			say("  %s %s\n", pid == first ? "leader" : "thread", wait_text(status));
			continue;
		}
		if (status >> 16 == PTRACE_EVENT_EXEC) {
			unsigned long msg = 0;

			ptrace(PTRACE_GETEVENTMSG, pid, 0, &msg);
			say("  exec by %s, was %s\n", pid == first ? "leader" : "thread",
			    msg == (unsigned long)first ? "leader" : "thread");
		}
		ptrace(PTRACE_CONT, pid, 0, 0);
	}
}

static void leader_first(void)
{
	pthread_t t;

	pthread_create(&t, NULL, thread, NULL);
	syscall(SYS_exit, 0);
}

/* A thread that ended is its tracer's to wait for, and only then is the process a zombie. */
static void test_thread_end(void)
{
	SECTION("the leader ends before a thread");
	pid_t pid = start(leader_first, PTRACE_O_TRACECLONE), kid = 0;
	unsigned long msg;
	int status;

	MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	waitpid(pid, &status, __WALL);
	ptrace(PTRACE_GETEVENTMSG, pid, 0, &msg);
	kid = msg;
	waitpid(kid, &status, __WALL);
	MUST(ptrace(PTRACE_CONT, pid, 0, 0));
	sleep_ms(200);
	R(waitpid(pid, &status, __WALL | WNOHANG));
	R(syscall(SYS_tgkill, pid, kid, 0));
	MUST(ptrace(PTRACE_CONT, kid, 0, 0));
	sleep_ms(200);
	R(waitpid(pid, &status, __WALL | WNOHANG));
	OK(waitpid(kid, &status, __WALL));
	say("thread: %s\n", wait_text(status));
	OK(waitpid(pid, &status, __WALL));
	say("process: %s\n", wait_text(status));
}

/* The tracer's death frees its tracees, or kills them. */
static void test_tracer_death(long options)
{
	int fds[2], go[2], status;
	char c = 0;

	MUST(pipe(fds));
	MUST(pipe(go));
	pid_t kid = MUST(fork());
	if (kid == 0) {
		close(fds[0]);
		read(go[0], &c, 1);
		write(fds[1], "x", 1);
		_exit(8);
	}
	pid_t tracer = MUST(fork());
	if (tracer == 0) {
		MUST(ptrace(PTRACE_SEIZE, kid, 0, options));
		MUST(ptrace(PTRACE_INTERRUPT, kid, 0, 0));
		waitpid(kid, &status, __WALL);
		_exit(0);
	}
	waitpid(tracer, &status, 0);
	close(fds[1]);
	write(go[1], "g", 1);
	say("child wrote %zd\n", read(fds[0], &c, 1));
	waitpid(kid, &status, 0);
	say("child: %s\n", wait_text(status));
	close(fds[0]);
	close(go[0]);
	close(go[1]);
}

/* While another traces it, its parent neither sees its stops nor its end before the tracer has. */
static void test_two_parents(void)
{
	SECTION("a tracer that is not the parent");
	int status, fds[2];
	siginfo_t si;
	char c;

	MUST(pipe(fds));
	pid_t kid = MUST(fork());
	if (kid == 0) {
		pause();
		_exit(0);
	}
	pid_t tracer = MUST(fork());
	if (tracer == 0) {
		MUST(ptrace(PTRACE_ATTACH, kid, 0, 0));
		waitpid(kid, &status, __WALL);
		say("tracer: %s\n", wait_text(status));
		write(fds[1], "x", 1);
		sleep_ms(300);
		MUST(ptrace(PTRACE_CONT, kid, 0, SIGTERM));
		sleep_ms(300);
		waitpid(kid, &status, __WALL);
		say("tracer: %s\n", wait_text(status));
		R(waitpid(kid, &status, __WALL));
		_exit(0);
	}
	read(fds[0], &c, 1);
	R(waitpid(kid, &status, WUNTRACED | WNOHANG));
	memset(&si, 0, sizeof(si));
	waitid(P_PID, kid, &si, WEXITED);
	waitpid(tracer, &status, 0); /* what it says comes first */
	say("parent: code %d status %d\n", si.si_code, si.si_status);
}

static void on_chld(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	say("SIGCHLD code %d status %d\n", si->si_code, si->si_status);
}

static void test_sigchld(void)
{
	SECTION("what SIGCHLD and waitid say of a stop");
	struct sigaction sa = { .sa_sigaction = on_chld, .sa_flags = SA_SIGINFO | SA_RESTART };
	siginfo_t si;

	sigaction(SIGCHLD, &sa, NULL);
	pid_t pid = MUST(fork());
	if (pid == 0) {
		signal(SIGCHLD, SIG_DFL);
		MUST(ptrace(PTRACE_TRACEME, 0, 0, 0));
		raise(SIGUSR1);
		_exit(2);
	}
	memset(&si, 0, sizeof(si));
	OK(waitid(P_PID, pid, &si, WSTOPPED | WNOWAIT));
	say("code %d status %d\n", si.si_code, si.si_status);
	OK(waitid(P_PID, pid, &si, WEXITED));
	say("code %d status %d\n", si.si_code, si.si_status);
	R(waitid(P_PID, pid, &si, WSTOPPED | WNOHANG));
	ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT);
	ptrace(PTRACE_CONT, pid, 0, 0);
	OK(waitid(P_PID, pid, &si, WSTOPPED));
	say("code %d status 0x%x\n", si.si_code, si.si_status);
	ptrace(PTRACE_CONT, pid, 0, 0);
	OK(waitid(P_PID, pid, &si, WEXITED));
	say("code %d status %d\n", si.si_code, si.si_status);
	signal(SIGCHLD, SIG_DFL);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "again"))
		return 11;
	SECTION("fork");
	follow(start(forks, ALL));
	SECTION("vfork");
	follow(start(vforks, ALL));
	SECTION("clone");
	follow(start(threads, ALL));
	SECTION("exec");
	follow(start(execs, ALL));
	SECTION("exec without the option");
	follow(start(execs, 0));
	SECTION("SIGKILL");
	follow(start(killed, ALL));
	SECTION("untraced, and a clone with another signal");
	follow(start(untraced, ALL));
	SECTION("no options");
	follow(start(forks, 0));
	test_exec_in_thread();
	test_thread_end();
	SECTION("the tracer dies");
	test_tracer_death(0);
	test_tracer_death(PTRACE_O_EXITKILL);
	test_two_parents();
	test_sigchld();
	return 0;
}
