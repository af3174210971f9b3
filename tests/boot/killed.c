/*
 * Who waits in the kernel for memory of a file on a slow disk can be killed: for a page that somebody
 * else has read in, and for the areas of a space where a fault waits. The one who reads is not killed,
 * and done when all is over: each of the others must die before that.
 *
 * The disk lets 128 KiB through at once and then takes seconds. Nothing else may fault meanwhile in a
 * space whose areas are waited for, so all that is needed is touched before.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MB (1 << 20)

static int about[2], done[2]; /* who is about to try says so here, who did it there */
static char stacks[3][16384];

static int touch(void *page)
{
	write(about[1], "a", 1);
	*(volatile char *)page;
	write(done[1], "x", 1);
	return 0;
}

static int map(void *where)
{
	write(about[1], "a", 1);
	mmap(where, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	write(done[1], "x", 1);
	return 0;
}

/* The state of a process once it said that it is about to: D when it sleeps, or some other. */
static char state_of(pid_t pid)
{
	char name[40], text[512], state;

	snprintf(name, sizeof(name), "/proc/%d/stat", pid);
	read(about[0], &state, 1);
	for (int i = 0; i < 500; i++) {
		int fd = open(name, O_RDONLY);
		ssize_t n = read(fd, text, sizeof(text) - 1);

		close(fd);
		text[n > 0 ? n : 0] = 0;
		state = n > 0 ? strrchr(text, ')')[2] : '?';
		if (state == 'D')
			break;
		nanosleep(&(struct timespec){ 0, 2000000 }, NULL);
	}
	return state;
}

static void end(const char *what, pid_t pid, char state)
{
	struct pollfd p = { done[0], POLLIN, 0 };
	int st = 0;

	kill(pid, SIGKILL);
	waitpid(pid, &st, __WALL);
	dprintf(1, "%s: %c, %s, %s\n", what, state,
		WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL ? "killed" : "not killed",
		poll(&p, 1, 0) == 0 ? "the page on its way" : "the page there");
}

static pid_t thread(int (*fn)(void *), int i, void *arg)
{
	return clone(fn, stacks[i] + sizeof(stacks[i]), CLONE_VM | SIGCHLD, arg);
}

int main(void)
{
	pid_t first, a, b;
	char a_was, b_was, x, *big;

	if (mount("/dev/vdb", "/mnt", "tarfs", MS_RDONLY, NULL))
		perror("mount");
	big = mmap(NULL, 4 * MB, PROT_READ, MAP_SHARED, open("/mnt/big", O_RDONLY), 0);
	pipe(done);
	pipe(about);
	memset(stacks, 1, sizeof(stacks));
	touch(big + 3 * MB);
	dprintf(1, "here: %c\n", state_of(getpid()));
	read(done[0], &x, 1);

	/* In one space: a fault that waits for the disk, a map behind it, a fault behind that. */
	first = thread(touch, 0, big + 2 * MB);
	state_of(first);
	a = thread(map, 1, NULL);
	a_was = state_of(a);
	b = thread(touch, 2, big + 3 * MB + 65536);
	b_was = state_of(b);
	end("fault", b, b_was);
	end("map", a, a_was);
	waitpid(first, NULL, 0);
	read(done[0], &x, 1);

	/* A page that another space waits for. */
	first = fork();
	if (!first)
		_exit(touch(big + MB));
	state_of(first);
	a = fork();
	if (!a)
		_exit(touch(big + MB));
	end("page", a, state_of(a));
	waitpid(first, NULL, 0);
	return 0;
}
