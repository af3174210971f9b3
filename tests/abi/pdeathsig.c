/*
 * PR_SET_PDEATHSIG (prctl(2)): who gets the signal has its new parent already; it is the end of the thread
 * that made it that counts, and then of the one that took it over.
 */
#include "abi.h"
#include <pthread.h>
#include <sys/prctl.h>

#define TIMES 300

static struct shared {
	pid_t parent, seen, from;
	int code, count, go, end;
} *sh;
static pid_t reaper;

static void handler(int sig, siginfo_t *si, void *ctx)
{
	(void)sig, (void)ctx;
	sh->seen = getppid();
	sh->from = si->si_pid;
	sh->code = si->si_code;
	__atomic_add_fetch(&sh->count, 1, __ATOMIC_SEQ_CST);
}

static void wait_for(int *word, int value)
{
	while (__atomic_load_n(word, __ATOMIC_SEQ_CST) < value)
		sched_yield();
}

static void child(void)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &sa, NULL);
	prctl(PR_SET_PDEATHSIG, SIGUSR1);
	__atomic_store_n(&sh->go, 1, __ATOMIC_SEQ_CST);
	wait_for(&sh->end, 1);
	_exit(0);
}

/* The child runs all the while, so it takes the signal at once. */
static void new_parent(void)
{
	int wrong = 0, others = 0;

	for (int i = 0; i < TIMES; i++) {
		pid_t pid;

		memset(sh, 0, sizeof(*sh));
		pid = MUST(fork());
		if (!pid) {
			sh->parent = getpid();
			if (!fork())
				child();
			wait_for(&sh->go, 1);
			_exit(0);
		}
		MUST(waitpid(pid, NULL, 0));
		wait_for(&sh->count, 1);
		wrong += sh->seen != reaper;
		others += sh->from != sh->parent || sh->code != SI_USER;
		sh->end = 1;
		MUST(waitpid(-1, NULL, 0));
	}
	say("%d of %d had another parent, %d were told of another sender\n", wrong, TIMES, others);
}

static void *makes(void *arg)
{
	(void)arg;
	if (!fork())
		child();
	wait_for(&sh->go, 1);
	return NULL;
}

static void counted(const char *when)
{
	say("%s: %d, parent %s\n", when, __atomic_load_n(&sh->count, __ATOMIC_SEQ_CST),
	    sh->seen == reaper ? "the reaper" : sh->seen == sh->parent ? "the process" : "none yet");
}

static void gone(pid_t tid)
{
	while (!syscall(SYS_tgkill, sh->parent, tid, 0))
		sched_yield();
}

/* A thread makes the child and ends; then the leader ends, and a third thread is left. */
static void *last(void *arg)
{
	char path[60], buf[300], *at;

	(void)arg;
	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	do {
		int fd = open(path, O_RDONLY);
		ssize_t n = read(fd, buf, sizeof(buf) - 1);

		buf[n > 0 ? n : 0] = '\0';
		close(fd);
		at = strrchr(buf, ')');
	} while (at && at[2] != 'Z');
	wait_for(&sh->count, 2);
	counted("the leader ended");
	return NULL;
}

static void threads(void)
{
	pid_t pid;

	memset(sh, 0, sizeof(*sh));
	pid = MUST(fork());
	if (!pid) {
		pthread_t t, l;

		sh->parent = getpid();
		pthread_create(&l, NULL, last, NULL);
		pthread_create(&t, NULL, makes, NULL);
		pthread_join(t, NULL);
		wait_for(&sh->count, 1);
		counted("its maker ended");
		pthread_exit(NULL);
	}
	MUST(waitpid(pid, NULL, 0));
	wait_for(&sh->count, 3);
	counted("all ended");
	sh->end = 1;
	MUST(waitpid(-1, NULL, 0));
}

/* A thread that made nothing ends: nobody is told. */
static void *nothing(void *arg)
{
	(void)arg;
	sh->seen = 0;
	return (void *)(long)gettid();
}

static void bystander(void)
{
	pid_t pid;

	memset(sh, 0, sizeof(*sh));
	pid = MUST(fork());
	if (!pid) {
		pthread_t t;
		void *tid;

		sh->parent = getpid();
		if (!fork())
			child();
		wait_for(&sh->go, 1);
		pthread_create(&t, NULL, nothing, NULL);
		pthread_join(t, &tid);
		gone((pid_t)(long)tid);
		counted("another thread ended");
		_exit(0);
	}
	MUST(waitpid(pid, NULL, 0));
	wait_for(&sh->count, 1);
	counted("all ended");
	sh->end = 1;
	MUST(waitpid(-1, NULL, 0));
}

int main(void)
{
	sh = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	reaper = getpid();
	MUST(prctl(PR_SET_CHILD_SUBREAPER, 1));
	new_parent();
	threads();
	bystander();
	return 0;
}
