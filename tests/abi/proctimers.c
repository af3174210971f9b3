/* /proc/PID/timers, the numbers of timers, and a sleep on a CPU-time clock that stands while one sleeps. */
#include "abi.h"
#include <sys/prctl.h>

static pid_t self;

/* The file; our own number reads as SELF. */
static void show(const char *what, pid_t pid)
{
	char path[64], row[128], *at;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/timers", pid);
	f = fopen(path, "r");
	say("%s: %s\n", what, f ? "" : ename(errno));
	while (f && fgets(row, sizeof(row), f)) {
		at = strrchr(row, '.');
		if (at && atoi(at + 1) == pid)
			say("%.*sPID\n", (int)(at + 1 - row), row);
		else
			say("%s", row);
	}
	if (f)
		fclose(f);
}

static int create(int clock, int notify, int signo, void *value)
{
	/* Libraries name the member behind it differently. */
	union {
		struct sigevent ev;
		int word[16];
	} u = { .ev = { .sigev_notify = notify, .sigev_signo = signo, .sigev_value.sival_ptr = value } };
	int id = -1;

	if (notify == 4) /* SIGEV_THREAD_ID */
		u.word[4] = self;
	return syscall(SYS_timer_create, clock, &u, &id) ? -1 : id;
}

static void another(void)
{
	pid_t pid = fork(), reader;
	struct stat st;
	char path[64], c;
	int fd;

	if (!pid) {
		self = getpid();
		show("a child has none", self);
		create(CLOCK_BOOTTIME, SIGEV_SIGNAL, SIGUSR1, NULL);
		setuid(1000);
		prctl(PR_SET_DUMPABLE, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(pid, NULL, WUNTRACED);
	reader = fork();
	if (!reader) {
		setuid(1001);
		show("by another user", pid);
		_exit(0);
	}
	waitpid(reader, NULL, 0);
	snprintf(path, sizeof(path), "/proc/%d/timers", pid);
	OK(stat(path, &st));
	say("mode %o\n", st.st_mode);
	fd = open(path, O_RDONLY);
	kill(pid, SIGCONT);
	waitid(P_PID, pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
	show("of a zombie", pid);
	R(read(fd, &c, 1));
	waitpid(pid, NULL, 0);
	R(read(fd, &c, 1));
	snprintf(path, sizeof(path), "/proc/self/task/%d/timers", getpid());
	R(open(path, O_RDONLY));
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* 1 when the sleep goes on until the signal. */
static int stands(int flags)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct timespec t = { 0, 50000000 };
	int err;

	if (flags) {
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
		t.tv_sec++;
	}
	sigaction(SIGALRM, &sa, NULL);
	alarm(2);
	err = clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, flags, &t, NULL);
	alarm(0);
	return err == EINTR;
}

/* Somebody else's clock goes on while he works. */
static void work(void)
{
	pid_t pid = fork();
	struct timespec t;
	clockid_t clock;
	int err;

	if (!pid)
		for (;;)
			;
	MUST(clock_getcpuclockid(pid, &clock));
	clock_gettime(clock, &t);
	t.tv_nsec += 100000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	err = clock_nanosleep(clock, TIMER_ABSTIME, &t, NULL);
	say("until a worker's clock is so far: %s\n", err ? ename(err) : "ok");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(void)
{
	timer_t plain;

	self = getpid();
	show("none", self);
	MUST(timer_create(CLOCK_MONOTONIC, NULL, &plain));
	R(create(CLOCK_REALTIME, SIGEV_NONE, 12, (void *)0x1234));
	R(create(CLOCK_PROCESS_CPUTIME_ID, 4, 40, (void *)7));
	SECTION("what cannot be has taken a number");
	R(create(CLOCK_THREAD_CPUTIME_ID, SIGEV_SIGNAL, 0, NULL));
	R(create(CLOCK_MONOTONIC, 77, 1, NULL));
	R(create(-10, SIGEV_SIGNAL, 1, NULL));
	R(create(-10, SIGEV_SIGNAL, 65, NULL));
	R(create(99, SIGEV_SIGNAL, 1, NULL));
	R(create(CLOCK_MONOTONIC_RAW, SIGEV_SIGNAL, 1, NULL));
	R(create(CLOCK_THREAD_CPUTIME_ID, SIGEV_SIGNAL, 64, (void *)-1));
	R(create(-6, SIGEV_THREAD, 1, NULL));
	R(create(CLOCK_TAI, SIGEV_SIGNAL, 1, NULL));
	show("all", self);
	another();
	timer_delete(plain);
	show("without the first", self);
	SECTION("sleeps on CPU time");
	say("one's own: stands %d\n", stands(0));
	say("to a time: stands %d\n", stands(TIMER_ABSTIME));
	work();
	return 0;
}
