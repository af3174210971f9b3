/* Interrupted calls: which restart under SA_RESTART, which never, and what is left of a sleep. */
#include "abi.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>

static volatile int handled;

static void handler(int sig)
{
	(void)sig;
	handled++;
}

static pid_t parent;

/* A child that signals us a few times, then lets the call end by `then`. */
static pid_t pester(int times, void (*then)(void))
{
	pid_t pid = MUST(fork());

	if (pid)
		return pid;
	for (int i = 0; i < times; i++) {
		sleep_ms(40);
		kill(parent, SIGUSR1);
	}
	sleep_ms(40);
	if (then)
		then();
	_exit(0);
}

static int fds[2], efd;
static unsigned *word;

static void feed(void)
{
	write(fds[1], "x", 1);
}

static void post(void)
{
	eventfd_write(efd, 3);
}

static void wake(void)
{
	*word = 1;
	syscall(SYS_futex, word, 1, 1, NULL, NULL, 0);
}

static void set_flags(int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	sigaction(SIGUSR1, &sa, NULL);
	handled = 0;
}

#define TRY(flags, then, call)                                                                     \
	do {                                                                                       \
		set_flags(flags);                                                                  \
		pid_t kid = pester(1, then);                                                       \
		errno = 0;                                                                         \
		long r = (long)(call);                                                             \
		int e = errno;                                                                     \
		int st;                                                                            \
		while (waitpid(kid, &st, 0) < 0 && errno == EINTR)                                 \
			;                                                                          \
		say("%s %s: %s, handled %d\n", #flags, #call, r == -1 ? ename(e) : "went on", handled); \
	} while (0)

static long waits_for_child(void)
{
	/* a second child that outlives the signal */
	int st;
	pid_t kid = fork();

	if (!kid) {
		sleep_ms(900);
		_exit(0);
	}
	long r = waitpid(kid, &st, 0);
	if (r < 0)
		while (waitpid(kid, &st, 0) < 0 && errno == EINTR)
			;
	else
		errno = 0;
	return r < 0 ? (errno = EINTR, -1) : 0;
}

int main(void)
{
	char c;
	struct timespec short_time = { 0, 900000000 }, left;
	struct pollfd p;
	struct epoll_event ev;

	parent = getpid();
	word = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	MUST(pipe(fds));
	efd = MUST(eventfd(0, 0));
	p.fd = fds[0];
	p.events = POLLIN;
	int ep = MUST(epoll_create1(0));
	ev.events = EPOLLIN;
	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev));

	SECTION("restarted when asked");
	TRY(SA_RESTART, feed, read(fds[0], &c, 1));
	TRY(0, NULL, read(fds[0], &c, 1));
	uint64_t v;
	TRY(SA_RESTART, post, read(efd, &v, 8));
	TRY(0, NULL, read(efd, &v, 8));
	TRY(SA_RESTART, NULL, waits_for_child());
	TRY(0, NULL, waits_for_child());
	*word = 0;
	TRY(SA_RESTART, wake, syscall(SYS_futex, word, 0, 0, NULL, NULL, 0));
	*word = 0;
	TRY(0, NULL, syscall(SYS_futex, word, 0, 0, NULL, NULL, 0));
	*word = 0;
	TRY(SA_RESTART, wake, syscall(SYS_futex, word, 0, 0, &(struct timespec){ 5, 0 }, NULL, 0));
	SECTION("never restarted");
	TRY(SA_RESTART, NULL, pause());
	sigset_t set;
	sigemptyset(&set);
	TRY(SA_RESTART, NULL, sigsuspend(&set));
	TRY(SA_RESTART, NULL, nanosleep(&short_time, &left));
	say("left less than all %d, something %d\n", left.tv_nsec < 150000000, left.tv_sec || left.tv_nsec);
	TRY(SA_RESTART, NULL, clock_nanosleep(CLOCK_MONOTONIC, 0, &short_time, &left) ? -1 : 0);
	TRY(SA_RESTART, NULL, poll(&p, 1, 1000));
	TRY(SA_RESTART, NULL, poll(NULL, 0, 1000));
	TRY(SA_RESTART, NULL, ppoll(&p, 1, &(struct timespec){ 1, 0 }, NULL));
	TRY(SA_RESTART, NULL, select(0, NULL, NULL, NULL, &(struct timeval){ 1, 0 }));
	TRY(SA_RESTART, NULL, epoll_wait(ep, &ev, 1, 1000));
	sigaddset(&set, SIGHUP);
	TRY(SA_RESTART, NULL, sigtimedwait(&set, NULL, &(struct timespec){ 1, 0 }));
	SECTION("ignored and stopped: no interruption");
	signal(SIGUSR1, SIG_IGN);
	pid_t kid = pester(2, NULL);
	R(nanosleep(&(struct timespec){ 0, 900000000 }, NULL));
	waitpid(kid, NULL, 0);
	kid = MUST(fork());
	if (!kid) {
		long r = nanosleep(&(struct timespec){ 0, 900000000 }, NULL);
		_exit(r == 0 ? 0 : 1);
	}
	sleep_ms(30);
	kill(kid, SIGSTOP);
	int st;
	waitpid(kid, &st, WUNTRACED);
	kill(kid, SIGCONT);
	waitpid(kid, &st, 0);
	say("nanosleep across a stop: %s\n", wait_text(st));
	kid = MUST(fork());
	if (!kid)
		_exit(read(fds[0], &c, 1) == 1 ? 0 : 1);
	sleep_ms(30);
	kill(kid, SIGSTOP);
	waitpid(kid, &st, WUNTRACED);
	kill(kid, SIGCONT);
	sleep_ms(30);
	feed();
	waitpid(kid, &st, 0);
	say("read across a stop: %s\n", wait_text(st));
	SECTION("an absolute sleep");
	set_flags(0);
	kid = pester(1, NULL);
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	R(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR);
	waitpid(kid, NULL, 0);
	SECTION("writes in part");
	set_flags(SA_RESTART);
	kid = pester(1, NULL);
	static char big[200000];
	R(write(fds[1], big, sizeof(big)));
	waitpid(kid, NULL, 0);
	return 0;
}
