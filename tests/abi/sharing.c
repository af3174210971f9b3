/* Sharing and scheduling of input and output: unshare, setns, ioprio, and the calls that are not there. */
#include "abi.h"
#include <linux/ioprio.h>
#include <sys/resource.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <pthread.h>

#define unshare_(f) syscall(SYS_unshare, f)

static void sharing(void)
{
	int st;

	SECTION("unshare");
	R(unshare_(0));
	R(unshare_(1UL << 40));
	R(unshare_(CLONE_VFORK));
	R(unshare_(SIGCHLD));
	R(unshare_(CLONE_THREAD | CLONE_SIGHAND | CLONE_VM));
	R(unshare_(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM));
	/* a child that shares table and directory, until it unshares */
	int fd = open("/dev/null", O_RDONLY);
	pid_t pid = MUST(syscall(SYS_clone, CLONE_FILES | CLONE_FS | SIGCHLD, 0, 0, 0, 0));
	if (!pid) {
		R(unshare_(CLONE_FILES));
		close(fd);
		R(unshare_(CLONE_FS));
		MUST(chdir("/proc"));
		umask(0777);
		_exit(0);
	}
	waitpid(pid, &st, 0);
	char cwd[100];
	say("still open %d, directory %s, umask %d\n", fcntl(fd, F_GETFD) == 0, getcwd(cwd, 100), umask(022) != 0777);
	SECTION("setns");
	R(syscall(SYS_setns, -1, 0));
	R(syscall(SYS_setns, 999, CLONE_NEWUTS));
	R(syscall(SYS_setns, fd, 0));
}

static void *waits(void *arg)
{
	char c;

	read(*(int *)arg, &c, 1);
	return NULL;
}

static void threaded(void)
{
	pthread_t t;
	int p[2];

	MUST(pipe(p));
	pthread_create(&t, NULL, waits, &p[0]);
	R(unshare_(CLONE_THREAD));
	R(unshare_(CLONE_SIGHAND));
	R(unshare_(CLONE_VM));
	R(unshare_(CLONE_FS));
	R(unshare_(CLONE_FILES));
	close(p[1]);
	MUST(1);
	_exit(0);
}

static void unprivileged(void)
{
	MUST(setuid(1000));
	R(unshare_(CLONE_NEWNS));
	R(unshare_(CLONE_NEWUTS));
	R(unshare_(CLONE_FILES | CLONE_NEWNET));
	R(unshare_(CLONE_FILES));
}

#define ioprio_get_(w, i) syscall(SYS_ioprio_get, w, i)
#define ioprio_set_(w, i, p) syscall(SYS_ioprio_set, w, i, p)
#define V(c, l) ((c) << 13 | (l))

static void ioprio(void)
{
	SECTION("ioprio");
	R(ioprio_get_(1, 0));
	R(ioprio_get_(0, 0));
	R(ioprio_get_(4, 0));
	R(ioprio_get_(1, 99999));
	R(ioprio_get_(2, 99999));
	R(ioprio_get_(3, 99999));
	R(ioprio_set_(1, 0, V(2, 3)));
	R(ioprio_get_(1, 0));
	R(ioprio_set_(1, 0, V(0, 0)));
	R(ioprio_get_(1, 0));
	R(ioprio_set_(1, 0, V(0, 1)));
	R(ioprio_set_(1, 0, V(4, 0)));
	R(ioprio_set_(1, 0, V(7, 0)));
	R(ioprio_set_(1, 0, V(2, 8)));
	R(ioprio_get_(1, 0));
	R(ioprio_set_(1, 0, V(1, 2)));
	R(ioprio_get_(1, 0));
	R(ioprio_set_(1, 0, V(3, 0)));
	R(ioprio_get_(1, 0));
	R(ioprio_set_(1, 0, V(3, 5)));
	R(ioprio_get_(1, 0));
	if (!MUST(fork())) {
		R(ioprio_get_(1, 0));
		_exit(0);
	}
	wait(NULL);
	setpgid(0, 0);
	R(ioprio_set_(2, 0, V(2, 6)));
	R(ioprio_get_(2, 0));
	R(ioprio_get_(1, getpid()));
	R(ioprio_set_(1, 0, 0));
	R(ioprio_get_(2, 0));
	setpriority(PRIO_PROCESS, 0, 10);
	R(ioprio_get_(2, 0));
	setpriority(PRIO_PROCESS, 0, 0);
	struct sched_param sp = { 5 };
	sched_setscheduler(0, SCHED_FIFO, &sp);
	R(ioprio_get_(2, 0));
	sp.sched_priority = 0;
	sched_setscheduler(0, SCHED_IDLE, &sp);
	R(ioprio_get_(2, 0));
	sched_setscheduler(0, SCHED_OTHER, &sp);
}

static void ioprio_user(void)
{
	MUST(setuid(1000));
	R(ioprio_set_(1, 0, V(1, 2)));
	R(ioprio_set_(1, 0, V(2, 2)));
	R(ioprio_set_(1, 1, V(2, 2)));
	R(ioprio_set_(3, 0, V(2, 5)));
	R(ioprio_get_(3, 1000));
	R(ioprio_get_(1, 0));
}

static void uts(void)
{
	char big[65], name[100];
	struct utsname u;

	SECTION("names");
	memset(big, 'x', sizeof(big));
	R(sethostname(big, 65));
	R(sethostname(big, -1));
	R(sethostname((char *)8, 3));
	R(syscall(SYS_sethostname, big, 64));
	uname(&u);
	say("%zu\n", strlen(u.nodename));
	R(sethostname("a host", 6));
	R(setdomainname("a domain", 8));
	R(setdomainname(big, 65));
	uname(&u);
	say("%s %s\n", u.nodename, u.domainname);
	gethostname(name, sizeof(name));
	say("%s\n", name);
	R(sethostname("", 0));
	uname(&u);
	say("[%s]\n", u.nodename);
	if (!MUST(fork())) {
		MUST(setuid(1000));
		R(sethostname("x", 1));
		R(setdomainname("x", -1));
		_exit(0);
	}
	wait(NULL);
}

static void personalities(void)
{
	SECTION("personality");
	R(syscall(SYS_personality, 0xffffffff));
	R(syscall(SYS_personality, 0x0040000));
	R(syscall(SYS_personality, 0xffffffff));
	struct timeval tv = { 0, 1000 };
	syscall(SYS_personality, 0x4000000);
	select(0, NULL, NULL, NULL, &tv);
	say("%ld\n", (long)tv.tv_usec);
	R(syscall(SYS_personality, 0));
}

static void usage(void)
{
	struct rusage self, thread, children;

	SECTION("usage");
	R(getrusage(5, &self));
	R(getrusage(-3, &self));
	R(getrusage(RUSAGE_SELF, (void *)8));
	MUST(getrusage(RUSAGE_CHILDREN, &children));
	char *m = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rusage before, after;
	getrusage(RUSAGE_THREAD, &before);
	for (int i = 0; i < 64; i++)
		m[i * PAGE] = 1;
	getrusage(RUSAGE_THREAD, &after);
	say("faults %d\n", after.ru_minflt - before.ru_minflt >= 1);
	usleep(30000);
	getrusage(RUSAGE_THREAD, &thread);
	getrusage(RUSAGE_SELF, &self);
	say("switches %d, self at least thread %d, maxrss %d\n", thread.ru_nvcsw > after.ru_nvcsw,
	    self.ru_minflt >= thread.ru_minflt, self.ru_maxrss > 100);
	if (!MUST(fork())) {
		char *big = mmap(NULL, 2000 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		memset(big, 1, 2000 * PAGE);
		getrusage(RUSAGE_CHILDREN, &children);
		say("none of its own %ld %ld\n", children.ru_minflt, children.ru_maxrss);
		_exit(0);
	}
	wait(NULL);
	getrusage(RUSAGE_CHILDREN, &children);
	say("children: maxrss %d, faults %d\n", children.ru_maxrss >= 8000, children.ru_minflt > 0);
}

int main(void)
{
	sharing();
	in_child("threads", threaded);
	in_child("unprivileged", unprivileged);
	ioprio();
	in_child("ioprio of a user", ioprio_user);
	uts();
	personalities();
	usage();
	return 0;
}
