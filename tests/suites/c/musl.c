/*
 * A static musl program: what musl does its own way (its start-up, its malloc over brk and mmap, its
 * threads over clone and futex, cancellation by a signal, stdio through readv and writev, posix_spawn
 * through CLONE_VFORK). What it prints is the same on every run; status 0 when all of it held.
 */
#define _GNU_SOURCE
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <search.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>
#include <wordexp.h>

#define DATA "/data"

extern char **environ;

static _Thread_local char local[64] = "initial";
static mtx_t lock;
static cnd_t changed;
static once_flag flag = ONCE_FLAG_INIT;
static int value, onces;

static void once(void)
{
	onces++;
}

static int c11_worker(void *arg)
{
	int me = *(int *)arg;

	CHECK(!strcmp(local, "initial"));
	snprintf(local, sizeof(local), "thread %d", me);
	call_once(&flag, once);
	for (int i = 0; i < 100; i++) {
		mtx_lock(&lock);
		while (value % 8 != me)
			cnd_wait(&changed, &lock);
		value++;
		cnd_broadcast(&changed);
		mtx_unlock(&lock);
	}
	return (int)strlen(local);
}

static void *sleeper(void *arg)
{
	(void)arg;
	poll(NULL, 0, -1);
	return NULL;
}

static void *spinner(void *arg)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	sem_post(arg);
	for (;;)
		;
	return NULL;
}

static void *nothing(void *arg)
{
	return arg;
}

static void threads(void)
{
	thrd_t t[8];
	pthread_t p;
	int ids[8], result, sum = 0;
	void *end;
	sem_t up;
	pthread_spinlock_t spin;

	mtx_init(&lock, mtx_plain);
	cnd_init(&changed);
	for (int i = 0; i < 8; i++) {
		ids[i] = i;
		CHECK(thrd_create(&t[i], c11_worker, &ids[i]) == thrd_success);
	}
	for (int i = 0; i < 8; i++) {
		CHECK(thrd_join(t[i], &result) == thrd_success);
		sum += result;
	}
	printf("turns %d, names %d, once %d, here %s\n", value, sum, onces, local);
	CHECK(!pthread_create(&p, NULL, sleeper, NULL));
	CHECK(!pthread_cancel(p) && !pthread_join(p, &end) && end == PTHREAD_CANCELED);
	sem_init(&up, 0, 0);
	CHECK(!pthread_create(&p, NULL, spinner, &up));
	sem_wait(&up);
	CHECK(!pthread_cancel(p) && !pthread_join(p, &end) && end == PTHREAD_CANCELED);
	puts("cancelled, asleep and awake");
	pthread_spin_init(&spin, 0);
	pthread_spin_lock(&spin);
	printf("spin: %s\n", strerror(pthread_spin_trylock(&spin)));
	for (long i = 0; i < 300; i++) {
		CHECK(!pthread_create(&p, NULL, nothing, (void *)i));
		CHECK(!pthread_join(p, &end) && end == (void *)i);
	}
	puts("three hundred threads");
}

static int entries, depth;

static int visit(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)path;
	(void)kind;
	entries++;
	if (at->level > depth)
		depth = at->level;
	CHECK(kind == FTW_SLN || st->st_mode);
	return 0;
}

static void files(void)
{
	char buf[4096], a[6], b[11], *line = NULL;
	size_t cap = 0;
	struct stat st, link;
	glob_t g;
	wordexp_t we;

	FILE *f = fopen(DATA "/ports.csv", "re");
	CHECK(f && getline(&line, &cap, f) > 0);
	long depths = 0, n = 0;
	while (getline(&line, &cap, f) > 0) {
		strtok(line, ",");
		strtok(NULL, ",");
		depths += atoi(strtok(NULL, ","));
		n++;
	}
	printf("%ld ports, depth %.2f\n", n, (double)depths / (double)n);
	fclose(f);
	free(line);
	CHECK(!nftw(DATA "/tree", visit, 8, FTW_PHYS));
	printf("tree: %d entries, %d deep\n", entries, depth);
	CHECK(!glob(DATA "/*.t[xy]t", 0, NULL, &g));
	printf("glob %zu %s\n", g.gl_pathc, g.gl_pathv[0]);
	CHECK(!wordexp("$HOME 'two words' $((6*7))", &we, 0));
	printf("words %zu: %s|%s|%s\n", we.we_wordc, we.we_wordv[0], we.we_wordv[1],
	       we.we_wordv[2]);

	CHECK(!mkdir("/tmp/musl", 0700) && !chdir("/tmp/musl"));
	int fd = open("f", O_RDWR | O_CREAT | O_EXCL, 0644);
	CHECK(fd >= 0);
	struct iovec out[3] = { { "gather ", 7 }, { "", 0 }, { "write\n", 6 } };
	struct iovec in[2] = { { a, sizeof(a) }, { b, sizeof(b) } };
	CHECK(writev(fd, out, 3) == 13 && lseek(fd, 0, SEEK_SET) == 0 && readv(fd, in, 2) == 13);
	printf("scattered %.6s|%.7s", a, b);
	CHECK(lseek(fd, 100000, SEEK_SET) == 100000 && write(fd, "x", 1) == 1 && !fstat(fd, &st));
	CHECK(pread(fd, buf, sizeof(buf), 50000) == sizeof(buf) && !buf[0] && !buf[4095]);
	printf("sparse %lld\n", (long long)st.st_size);
	CHECK(!symlink("f", "s") && !lstat("s", &link) && !stat("s", &st) && S_ISLNK(link.st_mode));
	CHECK(openat(AT_FDCWD, "s", O_RDONLY | O_NOFOLLOW) < 0);
	printf("no follow: %s\n", strerror(errno));
	CHECK(!renameat(AT_FDCWD, "s", AT_FDCWD, "t") && access("s", F_OK) < 0);
	DIR *d = opendir(".");
	int names = 0;
	for (struct dirent *e; (e = readdir(d));)
		names += e->d_name[0] != '.';
	closedir(d);
	printf("names %d\n", names);
	CHECK(!ftruncate(fd, 3) && !futimens(fd, (struct timespec[]){ { 1, 2 }, { 3, 4 } }) &&
	      !fstat(fd, &st));
	printf("times %lld.%ld %lld.%ld\n", (long long)st.st_atim.tv_sec, st.st_atim.tv_nsec,
	       (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	close(fd);
	CHECK(!unlink("f") && !unlink("t") && !chdir("/") && !rmdir("/tmp/musl"));
	char *text;
	size_t len;
	f = open_memstream(&text, &len);
	for (int i = 0; i < 1000; i++)
		fprintf(f, "%x,", i);
	fclose(f);
	printf("memory stream %zu\n", len);
	free(text);
}

static void waiting(void)
{
	int p[2], q[2], ep = epoll_create1(EPOLL_CLOEXEC), e = eventfd(3, EFD_NONBLOCK);
	struct epoll_event ev = { .events = EPOLLIN }, got[4];
	char c;
	uint64_t n;

	CHECK(ep >= 0 && e >= 0 && !pipe(p) && !pipe2(q, O_NONBLOCK));
	ev.data.u32 = 1;
	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev));
	ev.data.u32 = 2;
	CHECK(!epoll_ctl(ep, EPOLL_CTL_ADD, e, &ev));
	int ready = epoll_wait(ep, got, 4, 0);
	printf("epoll %d, first %u\n", ready, got[0].data.u32);
	CHECK(read(e, &n, 8) == 8 && n == 3 && read(e, &n, 8) < 0 && errno == EAGAIN);
	printf("epoll %d, ", epoll_wait(ep, got, 4, 5));
	CHECK(write(p[1], "x", 1) == 1);
	printf("%d\n", epoll_wait(ep, got, 4, -1));
	struct pollfd fds[3] = { { p[0], POLLIN, 0 }, { q[0], POLLIN, 0 }, { q[1], POLLOUT, 0 } };
	ready = poll(fds, 3, 0);
	printf("poll %d: %x %x %x\n", ready, fds[0].revents, fds[1].revents, fds[2].revents);
	CHECK(read(q[0], &c, 1) < 0);
	printf("empty pipe: %s\n", strerror(errno));
	close(q[1]);
	poll(fds, 2, 0);
	printf("writer gone: %x, read %zd\n", fds[1].revents, read(q[0], &c, 1));
	signal(SIGPIPE, SIG_IGN);
	close(p[0]);
	CHECK(write(p[1], "x", 1) < 0);
	printf("reader gone: %s\n", strerror(errno));
}

static volatile sig_atomic_t alarms;

static void on_alarm(int sig)
{
	(void)sig;
	alarms++;
}

static void processes(void)
{
	int status, p[2];
	pid_t pid;
	char buf[100], *argv[] = { "sh", "-c", "read x; echo got $x; exit 12", NULL };
	posix_spawn_file_actions_t fa;
	struct utsname u;

	CHECK(!pipe(p));
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, p[1], 1);
	posix_spawn_file_actions_addclose(&fa, p[0]);
	posix_spawn_file_actions_addopen(&fa, 0, DATA "/voyage.txt", O_RDONLY, 0);
	CHECK(!posix_spawn(&pid, "/bin/sh", &fa, NULL, argv, environ));
	close(p[1]);
	ssize_t n = read(p[0], buf, sizeof(buf));
	CHECK(waitpid(pid, &status, 0) == pid);
	printf("%.*sexit %d\n", (int)n, buf, WEXITSTATUS(status));
	fflush(stdout);
	for (int i = 0; i < 20; i++) {
		pid = fork();
		CHECK(pid >= 0);
		if (!pid)
			_exit(i);
	}
	int sum = 0;
	while (wait(&status) > 0)
		sum += WEXITSTATUS(status);
	printf("twenty children, sum %d, then %s\n", sum, strerror(errno));
	if (!(pid = vfork()))
		_exit(5);
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 5);
	if (!(pid = fork())) {
		pause();
		_exit(1);
	}
	kill(pid, SIGSTOP);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid);
	printf("stopped by %d, ", WSTOPSIG(status));
	kill(pid, SIGCONT);
	CHECK(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status));
	kill(pid, SIGTERM);
	CHECK(waitpid(pid, &status, 0) == pid);
	printf("continued, ended by %d\n", WTERMSIG(status));
	struct sigaction sa = { .sa_handler = on_alarm };
	sigaction(SIGALRM, &sa, NULL);
	ualarm(5000, 5000);
	while (alarms < 3)
		pause();
	ualarm(0, 0);
	struct timespec rest = { 0, 3000000 };
	CHECK(!nanosleep(&rest, NULL) && !uname(&u));
	printf("alarms %d, %s on %s\n", alarms >= 3, u.sysname, u.machine);
}

static void memory(void)
{
	char *keep[64] = { 0 };

	for (int i = 0; i < 5000; i++) {
		int k = i * 37 % 64;
		size_t n = (size_t)(i * 7919 % 200000) + 1;
		char *p = realloc(keep[k], n);

		CHECK(p);
		p[n - 1] = (char)i;
		keep[k] = p;
	}
	for (int i = 0; i < 64; i++)
		free(keep[i]);
	char *m = mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(m != MAP_FAILED && !mprotect(m + 4096, 8192, PROT_READ | PROT_WRITE));
	m[4096] = 1;
	m = mremap(m + 4096, 8192, 1 << 16, MREMAP_MAYMOVE);
	CHECK(m != MAP_FAILED && m[0] == 1 && !madvise(m, 4096, MADV_DONTNEED) && m[0] == 0);
	hcreate(200);
	for (long i = 0; i < 100; i++) {
		char *name = malloc(16);

		snprintf(name, 16, "key%ld", i);
		CHECK(hsearch((ENTRY){ name, (void *)i }, ENTER));
	}
	printf("hash %ld, pow %.12g, %s\n", (long)hsearch((ENTRY){ "key42", 0 }, FIND)->data,
	       pow(2, 0.5), malloc((size_t)-1 / 2) ? "memory" : strerror(errno));
}

int main(void)
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	threads();
	files();
	waiting();
	processes();
	memory();
	clock_gettime(CLOCK_MONOTONIC, &b);
	CHECK(b.tv_sec >= a.tv_sec);
	puts("all done");
	return 0;
}
