/* processes - spawn, exec, fork handlers, exit functions, signals by name, limits, users of a file. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <net/route.h>
#include <sys/mount.h>
#include <sysexits.h>
#include <unistd.h>

static void prepare(void)
{
	puts("prepare");
	fflush(stdout);
}

static void parent(void)
{
	puts("parent");
}

static void child(void)
{
	puts("child");
}

static void bye(void)
{
	puts("bye");
}

static void forks(void)
{
	int status;
	pid_t pid;

	pthread_atfork(prepare, parent, child);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		atexit(bye);
		exit(3);
	}
	waitpid(pid, &status, 0);
	printf("exited %d with %d\n", WIFEXITED(status), WEXITSTATUS(status));
	fflush(stdout);
	pid = fork();
	if (!pid)
		abort();
	waitpid(pid, &status, 0);
	printf("signalled %d by %d\n", WIFSIGNALED(status), WTERMSIG(status));
	errno = 0;
	printf("wait %d %s\n", (int)wait(NULL), errno == ECHILD ? "ECHILD" : "?");
}

static void spawns(void)
{
	char *argv[] = { "processes", "again", NULL }, *envp[] = { "WHO=me", NULL };
	posix_spawn_file_actions_t f;
	posix_spawnattr_t a;
	sigset_t set;
	int status;
	pid_t pid;

	fflush(stdout);
	posix_spawnattr_init(&a);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	posix_spawnattr_setsigmask(&a, &set);
	printf("setflags %d\n", posix_spawnattr_setflags(&a, POSIX_SPAWN_SETSIGMASK));
	posix_spawn_file_actions_init(&f);
	printf("addclose -1 %s\n",
	       posix_spawn_file_actions_addclose(&f, -1) == EBADF ? "EBADF" : "?");
	posix_spawn_file_actions_addopen(&f, 9, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&f, 9, 8);
	posix_spawn_file_actions_addclose(&f, 9);
	fflush(stdout);
	printf("spawn %d\n", posix_spawn(&pid, "/proc/self/exe", &f, &a, argv, envp));
	waitpid(pid, &status, 0);
	printf("it ended with %d\n", WEXITSTATUS(status));
	printf("spawn of nothing %s\n",
	       posix_spawn(&pid, "/none", NULL, NULL, argv, envp) == ENOENT ? "ENOENT" : "?");
	posix_spawn_file_actions_adddup2(&f, 77, 5);
	printf("spawn with a bad descriptor %s\n",
	       posix_spawn(&pid, "/proc/self/exe", &f, NULL, argv, envp) == EBADF ? "EBADF" : "?");
	printf("execvp of nothing %d", execvp("no-such-program", argv));
	printf(" %s\n", errno == ENOENT ? "ENOENT" : "?");
}

static int again(void)
{
	struct stat st;
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	printf("again: %s, %d blocked %d, 8 open %d, 9 open %d\n", getenv("WHO"), SIGUSR2,
	       sigismember(&set, SIGUSR2), !fstat(8, &st), !fstat(9, &st));
	return 5;
}

static volatile int seen;

static void handler(int sig)
{
	seen = sig;
}

static void signals(void)
{
	struct sigaction act = { .sa_handler = handler }, old;
	static const int list[] = { SIGHUP, SIGINT, SIGFPE, SIGCHLD, SIGSYS, SIGWINCH };
	struct timespec none = { 0, 0 };
	sigset_t set;

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		printf("%d %s\n", list[i], strsignal(list[i]));
	printf("real time %d to %d\n", SIGRTMIN, SIGRTMAX);
	printf("sigaction 0: %d\n", sigaction(0, &act, &old));
	printf("sigaction SIGKILL: %d\n", sigaction(SIGKILL, &act, &old));
	printf("sigaction 32: %d\n", sigaction(32, &act, &old));
	sigaction(SIGUSR1, &act, NULL);
	raise(SIGUSR1);
	printf("seen %d\n", seen);
	sigfillset(&set);
	printf("full set has 32 %d 33 %d 34 %d\n", sigismember(&set, 32) == 1,
	       sigismember(&set, 33) == 1, sigismember(&set, 34) == 1);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	printf("sigtimedwait %d %s\n", sigtimedwait(&set, NULL, &none),
	       errno == EAGAIN ? "EAGAIN" : "?");
	printf("signal gives back %d\n", signal(SIGUSR1, SIG_DFL) == handler);
}

static void users(void)
{
	char buf[256];
	struct passwd *pw, one;
	struct group *gr;
	FILE *f;

	f = tmpfile();
	fputs("root:x:0:0:the root:/root:/bin/sh\nbad line\nuser:*:1000:100::/home/user:\n", f);
	rewind(f);
	while ((pw = fgetpwent(f)))
		printf("%s %u %u [%s] %s [%s]\n", pw->pw_name, pw->pw_uid, pw->pw_gid, pw->pw_gecos,
		       pw->pw_dir, pw->pw_shell);
	fclose(f);
	f = tmpfile();
	fputs("root:x:0:\nwheel:x:10:root,user,other\n", f);
	rewind(f);
	while ((gr = fgetgrent(f))) {
		printf("%s %u:", gr->gr_name, gr->gr_gid);
		for (char **m = gr->gr_mem; *m; m++)
			printf(" %s", *m);
		puts("");
	}
	fclose(f);
	printf("none such %d %d\n", getpwnam_r("no-such-user", &one, buf, sizeof(buf), &pw),
	       pw == NULL);
	printf("pages of %ld, %ld ticks\n", sysconf(_SC_PAGESIZE), sysconf(_SC_CLK_TCK));
	errno = 0;
	printf("sysconf of nothing %ld %s\n", sysconf(-77), errno == EINVAL ? "EINVAL" : "?");
	errno = 0;
	printf("options that are not there: %ld %ld %ld, %d\n", sysconf(_SC_TRACE_LOG),
	       sysconf(_SC_V7_ILP32_OFF32), sysconf(_SC_2_PBS_TRACK), errno == EINVAL);
	printf("environment of %zu: %s\n", confstr(_CS_V7_ENV, buf, sizeof(buf)), buf);
	printf("statuses %d to %d, BLKGETSIZE64 %x, RTF_DYNAMIC %x\n", EX__BASE, EX__MAX,
	       (unsigned)BLKGETSIZE64, RTF_DYNAMIC);
	printf("names of %ld\n", pathconf("/proc", _PC_NAME_MAX));
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "again"))
		return again();
	forks();
	spawns();
	signals();
	users();
	return 0;
}
