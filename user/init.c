/*
 * init - process 1 of a root that has no init of its own.
 *
 * Mounts what programs expect, sets the host's name, keeps a shell on its
 * terminal (input that is none is read once, then the machine ends), adopts and reaps orphans. A
 * command given as arguments runs in the shell's place, once. It ends the machine when asked:
 * SIGTERM restarts it, SIGUSR1 and SIGUSR2 power it off (the signals that
 * poweroff, reboot and busybox's programs of these names send).
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: init [COMMAND ARGUMENT...]\n"
	"Process 1: mounts /proc, /dev, /sys, /tmp and /dev/shm, keeps a shell on its terminal,\n"
	"reaps orphans. With a COMMAND it runs that in place of the shell, and powers off when\n"
	"it ends. SIGTERM restarts the machine, SIGUSR1 and SIGUSR2 power it off.\n";

#define PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static void set_hostname(void)
{
	char name[65] = "tarn";
	FILE *f = fopen("/etc/hostname", "re");

	if (f) {
		if (fgets(name, sizeof(name), f))
			name[strcspn(name, " \t\r\n")] = 0;
		fclose(f);
	}
	if (name[0] && sethostname(name, strlen(name)))
		warn("hostname %s", name);
}

/* Fds 0, 1 and 2 as who started us gave them (`tarn run`: its ports); else the console. */
static void open_console(void)
{
	int fd;

	if (fcntl(0, F_GETFD) >= 0 && fcntl(1, F_GETFD) >= 0 && fcntl(2, F_GETFD) >= 0)
		return;
	fd = open("/dev/console", O_RDWR | O_NOCTTY);
	if (fd < 0)
		return;
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static void give_environment(void)
{
	setenv("PATH", PATH_DEFAULT, 0);
	setenv("HOME", "/root", 1);
	setenv("USER", "root", 1);
	setenv("LOGNAME", "root", 1);
	setenv("SHELL", "/bin/sh", 1);
	setenv("TERM", "vt100", 0);
}

static _Noreturn void run_shell(char **command)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	open_console();
	ioctl(0, TIOCSCTTY, 1);
	give_environment();
	if (chdir("/root"))
		chdir("/");
	if (command[0]) {
		execvp(command[0], command);
		err(127, "%s", command[0]);
	}
	execl("/bin/sh", "-sh", (char *)NULL);
	err(127, "/bin/sh");
}

static pid_t start_shell(char **command)
{
	pid_t pid = fork();

	if (!pid)
		run_shell(command);
	if (pid < 0)
		warn("fork");
	return pid;
}

/* Reap everybody; whether the shell was among them. */
static int reap(pid_t shell)
{
	int ended = 0;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		ended |= pid == shell;
	return ended;
}

int main(int argc, char **argv)
{
	const struct timespec pause_1s = { .tv_sec = 1 };
	sigset_t watched;
	time_t started;
	pid_t shell;

	help_option(argc, argv, help);
	if (getpid() != 1)
		errx(1, "only as process 1");

	sigfillset(&watched);
	sigprocmask(SIG_SETMASK, &watched, NULL);
	mount_basics();
	raise_loopback();
	open_console();
	if (mount_once("tmpfs", "/tmp", "mode=1777"))
		warn("/tmp");
	mount_once("tmpfs", "/run", "mode=0755");
	set_hostname();
	/* Ctrl-Alt-Del is then a SIGINT here, which like most is ignored. */
	reboot(RB_DISABLE_CAD);

	sigemptyset(&watched);
	sigaddset(&watched, SIGCHLD);
	sigaddset(&watched, SIGTERM);
	sigaddset(&watched, SIGUSR1);
	sigaddset(&watched, SIGUSR2);
	started = time(NULL);
	shell = start_shell(argv + 1);
	for (;;) {
		switch (sigwaitinfo(&watched, NULL)) {
		case SIGTERM:
			shut_down(RB_AUTOBOOT, 1000);
		case SIGUSR1:
		case SIGUSR2:
			shut_down(RB_POWER_OFF, 1000);
		case SIGCHLD:
			if (!reap(shell))
				break;
			/* A command, and input that is no terminal, ends once: with the machine. */
			if (argc > 1 || !isatty(0))
				shut_down(RB_POWER_OFF, 1000);
			/* A shell that can't live is not started in a tight loop. */
			if (time(NULL) - started < 2)
				nanosleep(&pause_1s, NULL);
			started = time(NULL);
			shell = start_shell(argv + 1);
			break;
		default:
			break;
		}
	}
}
