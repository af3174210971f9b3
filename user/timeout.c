/*
 * timeout - run a program, for so long at most (XCU timeout).
 */
#include "common/common.h"
#include "common/signals.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help[] =
	"usage: timeout [-f] [-p] [-s SIGNAL] [-k TIME] TIME[smhd] COMMAND [ARGUMENT...]\n"
	"Run the command; end it with SIGTERM after the time. The status is then 124.\n"
	"  -s SIGNAL  send that\n"
	"  -k TIME    and SIGKILL, that long after\n"
	"  -p         the command's own status\n"
	"  -f         in the foreground: nothing goes to its children\n";
static const char names[] = "foreground=f preserve-status=p signal=s kill-after=k";

static volatile sig_atomic_t late;
static pid_t child;
static int to_send = SIGTERM;
static double after;
static bool front;

static double seconds(const char *s)
{
	static const char letters[] = "smhd";
	static const int units[] = { 1, 60, 3600, 86400 };
	char *end;
	double v = strtod(s, &end);
	const char *unit = *end ? strchr(letters, *end) : letters;

	if (end == s || !unit || (*end && end[1]) || !(v >= 0))
		errx(125, "%s: no time", s);
	return v * units[unit - letters];
}

static void arm(double s)
{
	struct itimerval it = { 0 };

	if (s <= 0)
		return;
	it.it_value.tv_sec = (time_t)s;
	it.it_value.tv_usec = (suseconds_t)((s - (double)it.it_value.tv_sec) * 1e6);
	if (!it.it_value.tv_sec && !it.it_value.tv_usec)
		it.it_value.tv_usec = 1;
	setitimer(ITIMER_REAL, &it, NULL);
}

static void send(int sig)
{
	kill(child, sig);
	if (!front) {
		signal(sig, SIG_IGN);
		kill(0, sig);
		if (sig != SIGKILL)
			kill(0, SIGCONT);
	}
}

static void on_signal(int sig)
{
	if (sig != SIGALRM) {
		send(sig);
		return;
	}
	if (late) {
		kill(child, SIGKILL);
		return;
	}
	late = 1;
	arm(after);
	send(to_send);
}

int main(int argc, char **argv)
{
	struct sigaction act = { .sa_handler = on_signal };
	bool keep = false;
	double time;
	int opt, st;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "+fps:k:", names)) != -1) {
		switch (opt) {
		case 'f':
			front = true;
			break;
		case 'p':
			keep = true;
			break;
		case 's':
			to_send = signal_by_name(optarg);
			if (to_send < 0)
				errx(125, "%s: no signal", optarg);
			break;
		case 'k':
			after = seconds(optarg);
			break;
		default:
			usage(help, 125);
		}
	}
	if (argc - optind < 2)
		usage(help, 125);
	time = seconds(argv[optind]);
	if (!front)
		setpgid(0, 0);
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	sigaction(SIGALRM, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	child = fork();
	if (child < 0)
		err(125, "fork");
	if (!child) {
		signal(SIGTTIN, SIG_DFL);
		signal(SIGTTOU, SIG_DFL);
		execvp(argv[optind + 1], argv + optind + 1);
		warn("%s", argv[optind + 1]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	arm(time);
	while (waitpid(child, &st, 0) < 0)
		if (errno != EINTR)
			err(125, "wait");
	if (late && !keep)
		return WIFSIGNALED(st) && WTERMSIG(st) == SIGKILL ? 137 : 124;
	if (WIFSIGNALED(st)) {
		signal(WTERMSIG(st), SIG_DFL);
		return 128 + WTERMSIG(st);
	}
	return WEXITSTATUS(st);
}
