/*
 * cred.c - credentials and seccomp filters that change while others look at them, and names of
 * memory. Threads by clone(2): each has credentials of its own.
 */
#include "tests.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <uapi/auxv.h>
#include <uapi/filter.h>
#include <uapi/seccomp.h>
#include <unistd.h>

#define THREADS 6

/* ---- credentials that change under readers -------------------------------------------------- */

static volatile int stop, stop_reading;

static int change_for_ever(void *arg)
{
	static gid_t groups[THREADS][4096];
	gid_t *mine = groups[(long)arg];

	for (unsigned n = 1; !stop; n++) {
		unsigned size = n * 37 % 4096;

		for (unsigned i = 0; i < size; i++)
			mine[i] = n + i;
		CHECK(syscall(__NR_setgroups, size, mine) == 0);
		CHECK(syscall(__NR_getgroups, 0, NULL) == (long)size);
		CHECK(syscall(__NR_setresuid, n % 5, 0, n % 3) == 0);
		CHECK(syscall(__NR_getuid) == n % 5);
	}
	return 0;
}

static int read_for_ever(void *arg)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];
	char path[64], *text;

	while (!stop_reading) {
		snprintf(path, sizeof(path), "/proc/self/task/%d/status", *(int *)arg);
		text = read_file(path);
		CHECK(strstr(text, "Groups:"));
		free(text);
		h.pid = *(int *)arg;
		CHECK(syscall(__NR_capget, &h, d) == 0);
		kill(getpid(), 0);
	}
	return 0;
}

static void change_and_read(void)
{
	struct thread writer[THREADS / 2], reader[THREADS / 2];
	int tid[THREADS / 2];

	stop = stop_reading = 0;
	for (long i = 0; i < THREADS / 2; i++) {
		thread_start(&writer[i], change_for_ever, (void *)i);
		tid[i] = writer[i].tid;
		thread_start(&reader[i], read_for_ever, &tid[i]);
	}
	sleep_ms(1500);
	stop_reading = 1;
	for (int i = 0; i < THREADS / 2; i++)
		thread_join(&reader[i]);
	stop = 1;
	for (int i = 0; i < THREADS / 2; i++)
		thread_join(&writer[i]);
}

/* ---- filters for all threads while threads are born --------------------------------------------- */

static long filter_on(int nr, unsigned verdict, unsigned flags)
{
	struct sock_filter f[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, nr },
		{ BPF_RET | BPF_K, 0, 0, verdict },
		{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW },
	};
	struct sock_fprog prog = { 4, f };

	return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

static volatile int installed; /* rounds of filters that all threads have */

/* The newest filter says with which errno this fails. */
static int born(void *arg)
{
	int before = *(int *)arg;
	long r = syscall(__NR_getppid);

	CHECK(before ? r < 0 && errno >= before : r > 0 || errno >= 1);
	return 0;
}

static int bear_for_ever(void *arg)
{
	(void)arg;
	while (!stop) {
		struct thread t;
		int before = installed;

		thread_start(&t, born, &before);
		thread_join(&t);
	}
	return 0;
}

static void filters_for_all(void)
{
	struct thread t[THREADS];

	stop = installed = 0;
	for (int i = 0; i < THREADS; i++)
		thread_start(&t[i], bear_for_ever, NULL);
	for (int round = 1; round <= 30; round++) {
		CHECK(filter_on(__NR_getppid, SECCOMP_RET_ERRNO | (unsigned)round,
				SECCOMP_FILTER_FLAG_TSYNC) == 0);
		installed = round;
		sleep_ms(10);
	}
	stop = 1;
	for (int i = 0; i < THREADS; i++)
		thread_join(&t[i]);
}

static int filter_alone(void *arg)
{
	int *go = arg;

	CHECK(filter_on(__NR_getpgid, SECCOMP_RET_ERRNO | 1, 0) == 0);
	*(volatile int *)go = 1;
	while (!stop)
		sleep_ms(1);
	return 0;
}

/* A thread that went its own way is named, and nobody is changed. */
static void odd_thread(void)
{
	struct thread t;
	volatile int ready = 0;

	stop = 0;
	thread_start(&t, filter_alone, (void *)&ready);
	while (!ready)
		sleep_ms(1);
	CHECK(filter_on(__NR_getppid, SECCOMP_RET_ERRNO | 1, SECCOMP_FILTER_FLAG_TSYNC) == t.tid);
	CHECK(getppid() > 0);
	stop = 1;
	thread_join(&t);
}

/* ---- exec while the others change filters and the folder, and somebody looks --------------------- */

#define EXECS 30

static int filter_for_ever(void *arg)
{
	for (;;) {
		long r = filter_on(__NR_getppid, SECCOMP_RET_ERRNO | 1, SECCOMP_FILTER_FLAG_TSYNC);

		CHECK(r == 0 || errno == ENOMEM);
		chdir(arg ? "/" : "/proc");
	}
}

static int exec_soon(void *arg)
{
	char *const argv[] = { (char *)"usertests", (char *)"--exit", (char *)"42", NULL };

	for (volatile long n = (long)arg; n; n--)
		;
	execv("/proc/self/exe", argv);
	fail("exec: errno %d", errno);
}

/* Threads install filters in each other; one of them, the first or another, becomes the program. */
static void exec_among_filters(void)
{
	for (long i = 0; i < EXECS; i++) {
		pid_t pid = spawn();

		if (!pid) {
			struct thread t[3];

			CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
			thread_start(&t[0], filter_for_ever, NULL);
			thread_start(&t[1], filter_for_ever, &t);
			if (i % 2)
				exec_soon((void *)(i * 500));
			thread_start(&t[2], exec_soon, (void *)(i * 500));
			for (;;)
				pause();
		}
		CHECK(wait_for(pid) == 42 << 8);
	}
}

/* What auxv tells the program: it has more rights than who started it. */
static int told_of_rights(int fd)
{
	unsigned long aux[64];
	ssize_t n = pread(fd, aux, sizeof(aux), 0);

	for (size_t i = 0; n > 0 && i + 1 < (size_t)n / sizeof(*aux); i += 2)
		if (aux[i] == AT_SECURE)
			return aux[i + 1] != 0;
	return 0;
}

/* A user looks at his process, which becomes a program that runs as root: of that he sees nothing. */
static void look_at_exec(void)
{
	char *const argv[] = { (char *)"usertests", (char *)"--wait", NULL };
	char name[40];
	int p[2];

	copy_self("root");
	CHECK(!chmod("root", 04755) && !pipe(p));
	become_user();
	CHECK(!prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	for (int i = 0; i < EXECS; i++) {
		pid_t pid = spawn();

		if (!pid) {
			CHECK(dup2(p[0], 0) == 0);
			execv("root", argv);
			_exit(2);
		}
		snprintf(name, sizeof(name), "/proc/%d/auxv", pid);
		for (int refused = 0; refused < 20;) {
			int fd = open(name, O_RDONLY);

			if (fd < 0) {
				CHECK(errno == EACCES || errno == EPERM);
				refused++;
				continue;
			}
			CHECK(!told_of_rights(fd));
			sched_yield();
			CHECK(!told_of_rights(fd));
			close(fd);
		}
		CHECK(write(p[1], "x", 1) == 1);
		CHECK(wait_for(pid) == 1 << 8); /* it had the byte */
	}
}

/* ---- a listener among askers that are killed ------------------------------------------------------ */

static _Noreturn void ask_for_ever(void)
{
	for (;;) {
		long r = syscall(__NR_getppid);

		CHECK(r == 77 || (r < 0 && errno == ENOSYS));
	}
}

static void answer_the_dying(void)
{
	int fd = (int)filter_on(__NR_getppid, SECCOMP_RET_USER_NOTIF,
				SECCOMP_FILTER_FLAG_NEW_LISTENER);
	pid_t pid[4] = { 0 };

	CHECK(fd >= 0);
	for (int round = 0; round < 400; round++) {
		struct seccomp_notif n = { 0 };
		struct seccomp_notif_resp resp = { .val = 77 };
		int i = round % 4;

		if (round % 3 == 0 && pid[i]) {
			kill(pid[i], SIGKILL);
			CHECK(WTERMSIG(wait_for(pid[i])) == SIGKILL);
			pid[i] = 0;
		}
		if (!pid[i]) {
			pid[i] = spawn();
			if (!pid[i]) {
				close(fd);
				ask_for_ever();
			}
		}
		/* Who asked may be gone at any moment. */
		CHECK(ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n) == 0);
		if (round % 5 == 0)
			kill((pid_t)n.pid, SIGKILL);
		resp.id = n.id;
		CHECK(ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &resp) == 0 || errno == ENOENT);
		for (int k = 0; k < 4; k++)
			if (round % 5 == 0 && pid[k] == (pid_t)n.pid) {
				CHECK(WTERMSIG(wait_for(pid[k])) == SIGKILL);
				pid[k] = 0;
			}
	}
	close(fd); /* ENOSYS from here on */
	for (int i = 0; i < 4; i++)
		if (pid[i]) {
			kill(pid[i], SIGKILL);
			wait_for(pid[i]);
		}
}

/* ---- names of memory --------------------------------------------------------------------------- */

/* Is the area that begins there this long, with this name ("" for none)? */
static int is_named(char *at, unsigned pages, const char *name)
{
	char line[64], *maps = read_file("/proc/self/maps"), *p, *end;
	int yes = 0;

	snprintf(line, sizeof(line), "%lx-%lx ", (unsigned long)at,
		 (unsigned long)at + pages * 4096ul);
	p = strstr(maps, line);
	if (p) {
		end = strchr(p, '\n');
		*end = 0;
		yes = *name ? strlen(p) > 73 && !strcmp(p + 73, name) : strlen(p) < 74;
	}
	free(maps);
	return yes;
}

#define NAME(at, len, name) prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, at, len, name)

static void names(void)
{
	const int prot = PROT_READ | PROT_WRITE;
	char *m = mmap(NULL, 8 * 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), name[81];
	char *s = mmap(NULL, 8192, prot, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *file;
	int fd = open("f", O_CREAT | O_RDWR, 0600);
	pid_t child;

	CHECK(m != MAP_FAILED && s != MAP_FAILED && !ftruncate(fd, 4096));
	file = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK(!munmap(m, 4096) && !munmap(m + 7 * 4096, 4096));
	m += 4096;
	CHECK(!NAME(m, 6 * 4096, "all of it") && is_named(m, 6, "[anon:all of it]"));
	CHECK(!NAME(m + 4096, 1, "one") && is_named(m, 1, "[anon:all of it]") &&
	      is_named(m + 4096, 1, "[anon:one]") && is_named(m + 8192, 4, "[anon:all of it]"));
	CHECK(!mprotect(m + 3 * 4096, 4096, PROT_READ));
	CHECK(is_named(m + 3 * 4096, 1, "[anon:all of it]"));
	CHECK(!mprotect(m + 3 * 4096, 4096, prot));
	CHECK(!NAME(m + 4096, 4096, "all of it") && is_named(m, 6, "[anon:all of it]"));
	child = spawn();
	if (!child) {
		CHECK(is_named(m, 6, "[anon:all of it]") && !NAME(m, 6 * 4096, "child's"));
		_exit(0);
	}
	wait_ok(child);
	CHECK(!NAME(m, 6 * 4096, NULL) && is_named(m, 6, ""));
	CHECK(!NAME(s, 8192, "shared") && is_named(s, 2, "[anon_shmem:shared]"));
	memset(name, 'x', sizeof(name));
	name[80] = 0;
	FAILS(EINVAL, NAME(m, 4096, name));
	name[79] = 0;
	CHECK(!NAME(m, 4096, name));
	FAILS(EINVAL, NAME(m, 4096, "a[b"));
	FAILS(EINVAL, NAME(m, 4096, "a\nb"));
	FAILS(EFAULT, NAME(m, 4096, 8));
	FAILS(EINVAL, NAME(m + 1, 4096, "x"));
	FAILS(EINVAL, NAME(m, -1ul, "x"));
	FAILS(ENOMEM, NAME(m + 5 * 4096, 8192, "end"));
	CHECK(is_named(m + 5 * 4096, 1, "[anon:end]"));
	FAILS(EBADF, NAME(file, 4096, "file"));
	CHECK(!NAME(m, 0, "nothing"));
}

const struct test cred_tests[] = {
	{ "cred-change-read", change_and_read, 60 },
	{ "seccomp-tsync-clone", filters_for_all, 60 },
	{ "seccomp-tsync-odd", odd_thread, 0 },
	{ "seccomp-notify-kill", answer_the_dying, 60 },
	{ "exec-tsync", exec_among_filters, 60 },
	{ "exec-looked-at", look_at_exec, 60 },
	{ "vma-names", names, 0 },
	{ NULL, NULL, 0 },
};
