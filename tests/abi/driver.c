/*
 * Runs the ABI programs one after the other and prints what each printed between markers:
 *
 *	@@ begin NAME
 *	...
 *	@@ end NAME exit 0
 *
 * As process 1 (the reference Linux boots it as /init) it mounts what they need, runs every program of
 * /abi, and powers the machine off. Elsewhere: driver NAME...
 */
#include "abi.h"
#include <dirent.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/reboot.h>

enum { LIMIT_MS = 60000, MAX_PROGRAMS = 200 };

static void run(const char *name)
{
	char path[300], dir[300], buf[8192];
	char *argv[] = { path, NULL };
	char *envp[] = { "PATH=/bin", "HOME=/", "ABI=1", NULL };
	int fds[2], status = 0, late = 0, newline = 1;

	snprintf(path, sizeof(path), "/abi/%s", name);
	snprintf(dir, sizeof(dir), "/tmp/abi-%s", name);
	say("@@ begin %s\n", name);
	MUST(mkdir(dir, 0777));
	chmod(dir, 0777);
	MUST(pipe2(fds, O_CLOEXEC));
	pid_t pid = MUST(fork());
	if (pid == 0) {
		int null = open("/dev/null", O_RDONLY);

		setsid();
		dup2(null, 0);
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		if (chdir(dir) < 0)
			_exit(97);
		umask(022);
		execve(path, argv, envp);
		_exit(96);
	}
	close(fds[1]);
	long long until = now_ms() + LIMIT_MS;
	for (;;) {
		struct pollfd p = { fds[0], POLLIN, 0 };
		int r = poll(&p, 1, 200);

		if (now_ms() > until) {
			late = 1;
			break;
		}
		if (r <= 0)
			continue;
		ssize_t n = read(fds[0], buf, sizeof(buf));
		if (n <= 0)
			break;
		for (ssize_t at = 0; at < n;) {
			ssize_t w = write(1, buf + at, n - at);
			if (w <= 0)
				break;
			at += w;
		}
		newline = buf[n - 1] == '\n';
	}
	if (late)
		kill(-pid, SIGKILL);
	close(fds[0]);
	waitpid(pid, &status, 0);
	kill(-pid, SIGKILL);
	say("%s@@ end %s %s\n", newline ? "" : "\n", name, late ? "timeout" : wait_text(status));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every program of /abi, or those that the file /wanted names, one a line. */
static void all(void)
{
	char *names[MAX_PROGRAMS], name[300];
	int n = 0;
	FILE *wanted = fopen("/wanted", "r");

	if (wanted) {
		while (fscanf(wanted, "%299s", name) == 1)
			run(name);
		fclose(wanted);
		return;
	}
	DIR *d = opendir("/abi");
	struct dirent *e;

	while (d && (e = readdir(d)) && n < MAX_PROGRAMS)
		if (e->d_name[0] != '.')
			names[n++] = strdup(e->d_name);
	qsort(names, n, sizeof(*names), by_name);
	for (int i = 0; i < n; i++)
		run(names[i]);
}

int main(int argc, char **argv)
{
	/* a file system of its own on both, so that what crosses mounts crosses them on both */
	mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777");
	if (getpid() == 1) {
		/* mount points are in the archive; what is mounted already stays */
		mount("proc", "/proc", "proc", 0, NULL);
		mount("sysfs", "/sys", "sysfs", 0, NULL);
		mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
		mkdir("/dev/shm", 01777);
		mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777");
		int console = open("/dev/console", O_RDWR);
		for (int fd = 0; fd < 3 && console >= 0; fd++)
			dup2(console, fd);
		all();
		say("@@ done\n");
		sync();
		sleep_ms(200);
		reboot(RB_POWER_OFF);
	}
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	say("@@ done\n");
	return 0;
}
