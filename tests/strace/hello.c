/*
 * Traced by programs.py, with glibc and with musl: a thread that waits for a lock, a child that ends by a
 * signal, one that runs another program, and the calls of everyday work, in an order that no
 * scheduler changes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void *thread(void *arg)
{
	const struct timespec later = { .tv_nsec = 200000000 };

	nanosleep(&later, NULL); /* who made it waits for it by then */
	write(1, "thread\n", 7);
	return arg;
}

static void on_signal(int signo)
{
	(void)signo;
	write(1, "signal\n", 7);
}

static void child_killed(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		raise(SIGUSR2);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	printf("killed by %d\n", WTERMSIG(status));
}

static void child_program(void)
{
	int fds[2], status;
	char buf[64];
	pid_t pid;
	ssize_t n;

	if (pipe2(fds, O_CLOEXEC))
		return;
	pid = fork();
	if (!pid) {
		dup2(fds[1], 1);
		execl("/bin/nothing", "nothing", NULL);
		execl("/bin/busybox", "echo", "from a child", NULL);
		_exit(127);
	}
	close(fds[1]);
	n = read(fds[0], buf, sizeof(buf));
	printf("%zd bytes\n", n);
	close(fds[0]);
	waitpid(pid, &status, 0);
}

static void files(void)
{
	struct iovec iov[2] = { { "one ", 4 }, { "two\n\1\0012\377", 7 } };
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10 };
	char buf[100];
	struct stat st;
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0640);

	writev(fd, iov, 2);
	lseek(fd, -4, SEEK_END);
	read(fd, buf, sizeof(buf));
	pread(fd, buf, 5, 2);
	fstat(fd, &st);
	fcntl(fd, F_SETLK, &lock);
	fcntl(fd, F_GETFL);
	ftruncate(fd, 2);
	mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	mkdir("dir", 0755);
	rename("file", "dir/moved");
	symlink("dir/moved", "link");
	readlink("link", buf, sizeof(buf));
	unlink("link");
	unlink("dir/moved");
	rmdir("dir");
	open("/missing/file", O_RDONLY);
	close(99);
}

static void times_and_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct itimerval soon = { .it_value = { .tv_usec = 20000 } };
	struct timespec ms = { .tv_nsec = 1000000 };
	struct pollfd p = { .fd = 0, .events = POLLIN };
	struct rusage ru;
	struct rlimit rl;
	sigset_t set, old;

	sigaction(SIGALRM, &sa, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, &old);
	setitimer(ITIMER_REAL, &soon, NULL);
	sigsuspend(&old);
	nanosleep(&ms, NULL);
	poll(&p, 1, 0);
	getrlimit(RLIMIT_NOFILE, &rl);
	getrusage(RUSAGE_SELF, &ru);
	kill(getpid(), 0);
}

int main(void)
{
	pthread_t t;

	setvbuf(stdout, NULL, _IONBF, 0);
#ifdef __GLIBC__ /* musl's threads and their makers race for a lock */
	pthread_create(&t, NULL, thread, NULL);
	pthread_join(t, NULL);
#else
	(void)t, (void)thread;
#endif
	files();
	child_killed();
	child_program();
	times_and_signals();
	printf("done\n");
	return 3;
}
