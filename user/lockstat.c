/*
 * lockstat - which of the kernel's locks a program waits for, from /proc/lock_stat.
 *
 * Only a kernel that counts has that file: Tarn's debug kernel (make DEBUG=1), Linux with CONFIG_LOCK_STAT.
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help[] =
	"usage: lockstat [-a] [-n COUNT] [COMMAND [ARGUMENT...]]\n"
	"Run a command and say which of the kernel's locks were waited for. Without a command: what\n"
	"was counted so far.\n"
	"  -a        those that were held most, not those that were waited for\n"
	"  -n COUNT  so many; 20 if it is not said\n";

#define STAT	"/proc/lock_stat"
#define SWITCH	"/proc/sys/kernel/lock_stat"
#define FIGURES 12

enum { CONTENTIONS = 1, WAIT_MAX = 3, WAIT_TOTAL, ACQUISITIONS = 7, HOLD_MAX = 9, HOLD_TOTAL };

struct lock {
	char name[64];
	double figures[FIGURES];
};

static struct lock *locks;
static size_t count;
static int by = WAIT_TOTAL;

static void put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0 && errno == ENOENT)
		errx(1, "this kernel does not count its locks (a debug kernel does)");
	if (fd < 0 || write_all(fd, text, strlen(text)))
		err(1, "%s", file);
	close(fd);
}

static void read_locks(void)
{
	FILE *f = fopen(STAT, "r");
	char *line = NULL;
	size_t room = 0;

	if (!f && errno == ENOENT)
		errx(1, "this kernel does not count its locks (a debug kernel does)");
	if (!f)
		err(1, STAT);
	while (getline(&line, &room, f) > 0) {
		struct lock l = { .name = "" };
		char *colon = strrchr(line, ':'), *at;
		int n = 0;

		/* Linux has lines about callers between. */
		if (!colon)
			continue;
		*colon = 0;
		snprintf(l.name, sizeof(l.name), "%s", line + strspn(line, " "));
		for (at = colon + 1; n < FIGURES; n++) {
			char *end;

			l.figures[n] = strtod(at, &end);
			if (end == at)
				break;
			at = end;
		}
		if (n < FIGURES)
			continue;
		locks = need(realloc(locks, (count + 1) * sizeof(*locks)));
		locks[count++] = l;
	}
	free(line);
	fclose(f);
}

static int compare(const void *a, const void *b)
{
	const struct lock *x = a, *y = b;

	if (x->figures[by] != y->figures[by])
		return x->figures[by] < y->figures[by] ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void show(size_t most)
{
	qsort(locks, count, sizeof(*locks), compare);
	printf("%-24s %10s %12s %10s %10s %12s %10s\n", "LOCK", "WAITED", "WAIT us", "LONGEST",
	       "TAKEN", "HELD us", "LONGEST");
	for (size_t i = 0; i < count && i < most; i++) {
		const double *f = locks[i].figures;

		if (!f[by])
			break;
		printf("%-24s %10.0f %12.1f %10.1f %10.0f %12.1f %10.1f\n", locks[i].name,
		       f[CONTENTIONS], f[WAIT_TOTAL], f[WAIT_MAX], f[ACQUISITIONS], f[HOLD_TOTAL],
		       f[HOLD_MAX]);
	}
}

static int run(char **argv)
{
	int status;
	pid_t pid;

	put(SWITCH, "0");
	put(STAT, "0");
	put(SWITCH, "1");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		execvp(argv[0], argv);
		warn("%s", argv[0]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	put(SWITCH, "0");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	size_t most = 20;
	int opt, status = 0;

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "+an:")) != -1) {
		if (opt == 'a')
			by = HOLD_TOTAL;
		else if (opt == 'n')
			most = (size_t)number_arg(optarg, 1, 100000, false);
		else
			usage(help, 2);
	}
	if (argv[optind])
		status = run(argv + optind);
	read_locks();
	show(most);
	return finish(status);
}
