/*
 * init - process 1: mounts what programs expect, sets the host's name, keeps services running, adopts and
 * reaps orphans, ends the machine.
 *
 * /etc/tarn/services has a service a line (help below); without that file there is one, a shell on init's
 * own terminal. What ends is started again, later and later while it ends soon. A command given as
 * arguments runs in the place of all services, once, and the machine ends with it, as it does with a
 * console whose input is no terminal. SIGTERM restarts the machine, SIGUSR1 and SIGUSR2 power it off (the
 * signals that poweroff, reboot and busybox's programs of these names send); SIGHUP reads the file again.
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
	"Process 1: mounts /proc, /dev, /sys, /tmp and /dev/shm, runs the services of /etc/tarn/services, or a\n"
	"shell, reaps orphans. With a COMMAND it runs that instead, and powers off when it ends. SIGTERM restarts\n"
	"the machine, SIGUSR1 and SIGUSR2 power it off, SIGHUP reads the services again.\n"
	"A service is a line: NAME [console] [once] [tty=DEVICE] [log=FILE] [dir=FOLDER] COMMAND [ARGUMENT...]\n"
	"  console  on init's own terminal\n"
	"  once     is not started again\n"
	"  tty=     on that terminal, in a session of its own;  log=  output goes to the end of the file\n"
	"Blanks within '...' and \"...\" belong to the word; a word that begins with # ends the line. What ends is\n"
	"started again, later and later while it ends soon. SIGHUP starts the services of lines that are new, lets\n"
	"run what runs, and services whose lines are gone are not started again.\n";

#define SERVICES  "/etc/tarn/services"
#define WORDS_MAX 32
#define DELAY_MAX 60 /* seconds between two starts, at most */
#define SOON	  10 /* whose end is a sign of trouble */

struct service {
	struct service *next;
	char *line; /* what the words below point into, and the line as it is in the file */
	char *text;
	char *argv[WORDS_MAX + 1];
	const char *name, *tty, *log, *dir;
	bool console, once, listed;
	pid_t pid; /* 0: does not run */
	time_t started, due; /* `started` is 0 before the first time */
	int delay;
};

static struct service *services;

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

static void open_files(const struct service *v)
{
	int fd = -1;

	if (v->console) {
		open_console();
		ioctl(0, TIOCSCTTY, 1);
		return;
	}
	if (v->tty) {
		fd = open(v->tty, O_RDWR);
		if (fd < 0)
			err(127, "%s", v->tty);
		ioctl(fd, TIOCSCTTY, 1);
		for (int i = 0; i < 3; i++)
			dup2(fd, i);
	} else {
		fd = open("/dev/null", O_RDWR);
		dup2(fd, 0);
	}
	if (fd > 2)
		close(fd);
	if (v->log) {
		fd = open(v->log, O_WRONLY | O_CREAT | O_APPEND, 0644);
		if (fd < 0)
			err(127, "%s", v->log);
		dup2(fd, 1);
		dup2(fd, 2);
		if (fd > 2)
			close(fd);
	}
}

static _Noreturn void run(struct service *v)
{
	sigset_t none;
	char *command = v->argv[0], *slash = strrchr(command, '/');

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	open_files(v);
	give_environment();
	if (chdir(v->dir ? v->dir : "/root"))
		chdir("/");
	/* the console's shell is a login shell */
	if (v->console && slash && !strcmp(slash, "/sh") && !v->argv[1])
		v->argv[0] = (char *)"-sh";
	execvp(command, v->argv);
	err(127, "%s", command);
}

/* Since the machine began: setting the clock does not hurry or hold up a service. */
static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + 1; /* 0 is never */
}

static void start(struct service *v)
{
	v->started = seconds();
	v->pid = fork();
	if (!v->pid)
		run(v);
	if (v->pid < 0) {
		warn("fork");
		v->pid = 0;
		v->due = v->started + 1;
		v->started = 0;
	}
}

/* ---- the file ---------------------------------------------------------------------------- */

/* The next word, unquoted in place: blanks stand in '...' and "..."; a # ends the line. NULL: no more. */
static char *next_word(char **at)
{
	char *from = *at + strspn(*at, " \t\n"), *word = from, *to = from, quote = 0;

	if (!*from || *from == '#')
		return NULL;
	for (; *from && (quote || !strchr(" \t\n", *from)); from++) {
		if (*from == quote)
			quote = 0;
		else if (!quote && (*from == '\'' || *from == '"'))
			quote = *from;
		else
			*to++ = *from;
	}
	*at = from + (*from != 0);
	*to = 0;
	return word;
}

static struct service *add(const char *text)
{
	struct service *v = need(calloc(1, sizeof(*v))), **at = &services;
	char *rest, *w;
	int n = 0;

	v->text = need(strdup(text));
	rest = v->line = need(strdup(text));
	while (n < WORDS_MAX && (w = next_word(&rest))) {
		if (!v->name)
			v->name = w;
		else if (n)
			v->argv[n++] = w;
		else if (!strcmp(w, "console"))
			v->console = true;
		else if (!strcmp(w, "once"))
			v->once = true;
		else if (!strncmp(w, "tty=", 4))
			v->tty = w + 4;
		else if (!strncmp(w, "log=", 4))
			v->log = w + 4;
		else if (!strncmp(w, "dir=", 4))
			v->dir = w + 4;
		else
			v->argv[n++] = w;
	}
	if (!n) {
		warnx("a service without a command: %s", text);
		free(v->text);
		free(v->line);
		free(v);
		return NULL;
	}
	while (*at)
		at = &(*at)->next;
	*at = v;
	return v;
}

static void list(const char *line)
{
	struct service *v = services;

	while (v && strcmp(v->text, line))
		v = v->next;
	if (!v)
		v = add(line);
	if (v)
		v->listed = true;
}

/* Lines that are new are services to start; services whose lines are gone are not started again. */
static void read_services(void)
{
	FILE *f = fopen(SERVICES, "re");
	char line[1024];

	for (struct service *v = services; v; v = v->next)
		v->listed = false;
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (!strchr("#", line[strspn(line, " \t")]))
			list(line);
	}
	if (f) {
		fclose(f);
		return;
	}
	/* without the file: the shell that there is, or one */
	for (struct service *v = services; v; v = v->next)
		if (v->console && v->pid) {
			v->listed = true;
			return;
		}
	list("console console /bin/sh");
}

static struct service *add_command(char **command)
{
	struct service *v = add("command console once true");

	for (int i = 0; i < WORDS_MAX && command[i]; i++)
		v->argv[i] = command[i];
	v->listed = true;
	return v;
}

/* One that ended: when it starts again. */
static void ended(struct service *v)
{
	time_t now = seconds();

	v->pid = 0;
	/* input that is no terminal is read once, then the machine ends */
	if (v->console && (v->once || !isatty(0)))
		shut_down(RB_POWER_OFF, 1000);
	if (v->once || !v->listed)
		return;
	if (v->console)
		v->due = now + (now - v->started < 2);
	else {
		v->delay = now - v->started >= SOON ? 0 : v->delay ? v->delay * 2 : 1;
		v->delay = v->delay > DELAY_MAX ? DELAY_MAX : v->delay;
		v->due = now + v->delay;
		if (v->delay)
			warnx("%s ended after %ld s; again in %d s", v->name,
			      (long)(now - v->started), v->delay);
	}
}

static void reap(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (struct service *v = services; v; v = v->next)
			if (v->pid == pid)
				ended(v);
}

/* Start what is due; seconds until the next is, -1 for none. */
static long start_due(void)
{
	time_t now = seconds();
	long wait = -1;

	for (struct service *v = services; v; v = v->next) {
		if (v->pid || !v->listed || (v->once && v->started))
			continue;
		if (v->due <= now)
			start(v);
		else if (wait < 0 || v->due - now < wait)
			wait = v->due - now;
	}
	return wait;
}

int main(int argc, char **argv)
{
	sigset_t watched;

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
	sigaddset(&watched, SIGHUP);
	if (argc > 1)
		add_command(argv + 1);
	else
		read_services();
	for (;;) {
		struct timespec pause = { .tv_sec = start_due() };

		switch (pause.tv_sec < 0 ? sigwaitinfo(&watched, NULL) :
					   sigtimedwait(&watched, NULL, &pause)) {
		case SIGTERM:
			shut_down(RB_AUTOBOOT, 1000);
		case SIGUSR1:
		case SIGUSR2:
			shut_down(RB_POWER_OFF, 1000);
		case SIGHUP:
			if (argc == 1)
				read_services();
			break;
		case SIGCHLD:
			reap();
			break;
		default:
			break;
		}
	}
}
