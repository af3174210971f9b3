/*
 * bench: one static program, process 1 on Tarn and on Linux, that measures rows.
 *
 * As process 1 it takes its orders from the kernel's command line:
 *
 *	bench.rows=null,pipe	which rows, in this order
 *	bench.clock=count|time	how many operations: few where instructions are counted
 *	bench.limit=20		seconds that a row may take
 *	bench.settle=500	milliseconds to sleep first: what the kernel still has to do goes by
 *	bench.host=5201		the port of an iperf3 server of the machine beneath
 *	bench.disk=ext4		mount /dev/vda at /disk first; without, /disk is a folder of the root's
 *
 * and says on the console, a line each:
 *
 *	@@ first TICKS		the time CSR at the program's first instruction, a tick 100 ns
 *	@@ begin ROW
 *	@@ row ROW N NS		N operations took NS nanoseconds
 *	@@ died ROW words	how the row ended instead
 *	@@ memory BYTES		(row `memory`) what one process could touch
 *	@@ end
 *
 * Then it powers the machine off. Elsewhere: bench [-t] ROW..., or no row for a list.
 */
#include "bench.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* The ELF entry: take the time before anything else, then start as any C program does. */
uint64_t first_time = 1;
__asm__("	.globl	bench_entry\n"
	"bench_entry:\n"
	"	rdtime	t0\n"
	"	lla	t1, first_time\n"
	"	sd	t0, 0(t1)\n"
	"	tail	_start\n");

static const char *this_row = "bench";
static int counting = 1;
static long limit = 20;
static char cmdline[4096];

/* One line, in one write: a row that dies leaves no half of it. */
__attribute__((format(printf, 1, 2))) static void say(const char *fmt, ...)
{
	char buf[512];
	va_list ap;

	va_start(ap, fmt);
	int len = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (len > 0 && write(1, buf, len) != len)
		_exit(3);
}

void give_up(const char *fmt, ...)
{
	char buf[256];
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	say("@@ died %s %s: %s\n", this_row, buf, strerror(err));
	_exit(2);
}

void wait_child(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			give_up("waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		errno = ECHILD;
		give_up("a child ended with status 0x%x", status);
	}
}

static void nothing(void)
{
	__asm__ volatile("");
}

static uint64_t time_loop(void (*volatile op)(void), uint64_t n)
{
	void (*fn)(void) = op;
	uint64_t start = now();

	for (uint64_t i = 0; i < n; i++)
		fn();
	return now() - start;
}

uint64_t time_calls(void (*op)(void), uint64_t n)
{
	uint64_t empty = time_loop(nothing, n), all;

	mark(1);
	all = time_loop(op, n);
	mark(2);
	return all > empty ? all - empty : 0;
}

/* Rows that go wrong: what becomes of one is tested, too. */
static uint64_t row_x_abort(uint64_t n)
{
	(void)n;
	abort();
}

static uint64_t row_x_reset(uint64_t n)
{
	reboot(RB_AUTOBOOT);
	return n;
}

static uint64_t row_x_hang(uint64_t n)
{
	for (;;)
		pause();
	return n;
}

static uint64_t row_x_fail(uint64_t n)
{
	MUST(open("/no/such/file", O_RDONLY));
	return n;
}

static const struct row trouble_rows[] = {
	{ "x-abort", 1, 1, .run = row_x_abort },
	{ "x-reset", 1, 1, .run = row_x_reset },
	{ "x-hang", 1, 1, .run = row_x_hang },
	{ "x-fail", 1, 1, .run = row_x_fail },
	{ .name = NULL },
};

static const struct row *const tables[] = { call_rows,	 file_rows,   disk_rows,    switch_rows,
					    ipc_rows,	 net_rows,    process_rows, memory_rows,
					    server_rows, trouble_rows };

/* A row by its name; disk-NAME is the row NAME. */
static const struct row *find(const char *name)
{
	if (!strncmp(name, "disk-", 5))
		name += 5;
	for (unsigned t = 0; t < ARRAY_SIZE(tables); t++)
		for (const struct row *r = tables[t]; r->name; r++)
			if (!strcmp(r->name, name))
				return r;
	return NULL;
}

static uint64_t run_times(const struct row *r, uint64_t n)
{
	return r->run ? r->run(n) : time_calls(r->op, n);
}

/* In the row's own process. */
static void measure(const struct row *r)
{
	uint64_t n = counting ? r->count_n : r->time_n;
	char dir[64];

	snprintf(dir, sizeof(dir), "/%s/bench-%s", strncmp(this_row, "disk-", 5) ? "tmp" : "disk",
		 r->name);
	if (mkdir(dir, 0777) < 0 && errno != EEXIST)
		give_up("mkdir %s", dir);
	MUST(chdir(dir));
	if (r->setup)
		r->setup();
	run_times(r, n / 8 + 1);
	uint64_t ns = run_times(r, n);
	say("@@ row %s %lu %lu\n", this_row, n, ns);
}

/* Run one row in a child, with all that it starts in one process group, for so long and no longer. */
static void run_row(const char *name)
{
	const struct row *r = find(name);
	struct timespec left = { limit, 0 };
	sigset_t chld, old;
	int status = 0, late = 0;

	this_row = name;
	say("@@ begin %s\n", name);
	if (!strcmp(name, "memory")) {
		say("@@ memory %lu\n", touch_all());
		return;
	}
	if (!r) {
		say("@@ died %s no such row\n", name);
		return;
	}
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, &old);
	pid_t pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		sigprocmask(SIG_SETMASK, &old, NULL);
		measure(r);
		_exit(0);
	}
	if (pid < 0)
		give_up("fork");
	setpgid(pid, pid);
	uint64_t until = now() + limit * 1000000000ULL;
	while (waitpid(pid, &status, WNOHANG) == 0) {
		/* a SIGCHLD of an orphan that came to us is no end yet */
		if (sigtimedwait(&chld, NULL, &left) < 0 && errno == EAGAIN)
			late = 1;
		if (late || now() >= until) {
			late = 1;
			kill(-pid, SIGKILL);
			waitpid(pid, &status, 0);
			break;
		}
	}
	kill(-pid, SIGKILL);
	while (waitpid(-pid, NULL, 0) > 0)
		;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (late)
		say("@@ died %s not done within %ld s\n", name, limit);
	else if (WIFSIGNALED(status))
		say("@@ died %s signal %d\n", name, WTERMSIG(status));
	else if (WEXITSTATUS(status) && WEXITSTATUS(status) != 2)
		say("@@ died %s exit %d\n", name, WEXITSTATUS(status));
}

char *order(const char *key)
{
	size_t len = strlen(key);

	for (const char *p = cmdline; (p = strstr(p, key)); p += len)
		if ((p == cmdline || p[-1] == ' ') && p[len] == '=')
			return strndup(p + len + 1, strcspn(p + len + 1, " \n"));
	return NULL;
}

/* Load what /bench/modules has, in the order of the names' numbers, and mount the disk. */
static void mount_disk(const char *type)
{
	struct dirent **found;
	int n = MUST(scandir("/bench/modules", &found, NULL, alphasort));
	char path[300];

	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/bench/modules/%s", found[i]->d_name);
		if (found[i]->d_name[0] == '.')
			continue;
		int fd = MUST(open(path, O_RDONLY | O_CLOEXEC));
		if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
			give_up("%s", path);
		close(fd);
	}
	for (int i = 0; access("/dev/vda", F_OK) && i < 500; i++)
		usleep(10000);
	MUST(mount("/dev/vda", "/disk", type, 0, NULL));
}

static void as_init(void)
{
	char *word, *save;

	say("@@ first %lu\n", first_time);
	if (access("/proc/cmdline", R_OK) < 0)
		MUST(mount("proc", "/proc", "proc", 0, NULL));
	if (access("/dev/zero", R_OK) < 0)
		MUST(mount("devtmpfs", "/dev", "devtmpfs", 0, NULL));
	MUST(mount("tmpfs", "/tmp", "tmpfs", 0, "mode=1777"));
	int fd = MUST(open("/proc/cmdline", O_RDONLY | O_CLOEXEC));
	ssize_t n = MUST(read(fd, cmdline, sizeof(cmdline) - 1));
	close(fd);
	cmdline[n] = 0;
	word = order("bench.clock");
	counting = !word || !strcmp(word, "count");
	word = order("bench.limit");
	if (word && atol(word) > 0)
		limit = atol(word);
	word = order("bench.disk");
	if (word)
		mount_disk(word);
	word = order("bench.settle");
	usleep(word ? atol(word) * 1000 : 0);
	word = order("bench.rows");
	for (word = word ? strtok_r(word, ",", &save) : NULL; word;
	     word = strtok_r(NULL, ",", &save))
		run_row(word);
	say("@@ end\n");
	reboot(RB_POWER_OFF);
}

int main(int argc, char **argv)
{
	int opt;

	if (getpid() == 1)
		as_init();
	while ((opt = getopt(argc, argv, "t")) == 't')
		counting = 0;
	if (opt != -1) {
		fprintf(stderr,
			"usage: bench [-t] [ROW...]   (-t: as many operations as against the clock)\n");
		return 2;
	}
	if (optind == argc)
		for (unsigned t = 0; t < ARRAY_SIZE(tables); t++)
			for (const struct row *r = tables[t]; r->name; r++)
				say("%s %lu %lu\n", r->name, r->count_n, r->time_n);
	for (int i = optind; i < argc; i++)
		run_row(argv[i]);
	return 0;
}
