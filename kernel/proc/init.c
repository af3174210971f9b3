/*
 * Pid 1: a task that begins in the kernel, opens the console, and becomes the
 * first program. The command line names it with `init=`, and its arguments
 * behind `--`; without `init=` the usual places are tried. There is nothing to
 * run without it, so failure ends the machine and says what was tried. Runs
 * once, before any other process.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/fcntl.h>
#include <uapi/resource.h>

#include "core/task.h"
#include "fs/files.h"
#include "mm/vm.h"
#include "proc/futex.h"
#include "proc/posix_timer.h"
#include "proc/proc.h"
#include "proc/room.h"
#include "sync/cmdline.h"
#include "sync/log.h"

#define STACK_SOFT   (8UL << 20)
#define MEMLOCK_MAX  (8UL << 20)
#define NOFILE_SOFT  1024UL
#define NOFILE_HARD  4096UL
#define MSGQUEUE_MAX 819200UL
#define INIT_ARGS    32

static const char *const init_env[] = { "HOME=/", "TERM=linux", NULL };

void rlimits_init(struct rlimit *r)
{
	u64 procs = (u64)pid_max / 2;

	for (unsigned i = 0; i < RLIM_NLIMITS; i++)
		r[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	r[RLIMIT_STACK].rlim_cur = STACK_SOFT;
	r[RLIMIT_CORE].rlim_cur = 0;
	r[RLIMIT_NPROC] = (struct rlimit){ procs, procs };
	r[RLIMIT_SIGPENDING] = (struct rlimit){ procs, procs };
	r[RLIMIT_NOFILE] = (struct rlimit){ NOFILE_SOFT, NOFILE_HARD };
	r[RLIMIT_MEMLOCK] = (struct rlimit){ MEMLOCK_MAX, MEMLOCK_MAX };
	r[RLIMIT_MSGQUEUE] = (struct rlimit){ MSGQUEUE_MAX, MSGQUEUE_MAX };
	r[RLIMIT_NICE] = (struct rlimit){ 0, 0 };
	r[RLIMIT_RTPRIO] = (struct rlimit){ 0, 0 };
}

/* Descriptors 0, 1 and 2, where the root has a console. */
static void open_console(void)
{
	struct file *f = file_open(AT_FDCWD, "/dev/console", O_RDWR, 0);

	if (IS_ERR(f)) {
		pr_warn("init: /dev/console: error %ld", -PTR_ERR(f));
		return;
	}
	for (int i = 0; i < 3; i++)
		fd_open_file(file_get(f), 0);
	file_put(f);
}

static int try_program(const char *path)
{
	static char text[1024];
	const char *argv[INIT_ARGS + 2] = { path };
	struct strings a = { .kernel = argv }, e = { .kernel = init_env };
	size_t used = 0;

	for (unsigned i = 0; i < INIT_ARGS && used < sizeof(text); i++) {
		int n = cmdline_arg(i, text + used, sizeof(text) - used);

		if (n < 0)
			break;
		argv[1 + i] = text + used;
		used += (size_t)n + 1;
	}

	return proc_exec(AT_FDCWD, path, 0, &a, &e);
}

static void init_main(void *arg __unused)
{
	static const char *const places[] = { "/sbin/init", "/etc/init", "/bin/init", "/bin/sh" };
	char path[256];
	int err;

	open_console();
	if (cmdline_get("init", path, sizeof(path)) > 0) {
		err = try_program(path);
		if (err)
			panic("init: %s (named by init=) does not start: error %d", path, -err);
		return;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
		err = try_program(places[i]);
		if (!err)
			return;
		pr_warn("init: %s: error %d", places[i], -err);
	}
	panic("no init: tried /sbin/init, /etc/init, /bin/init and /bin/sh in the root file system; "
	      "name another with init=");
}

void init_start(void)
{
	struct clone_request req = { .fn = init_main };
	long pid;

	exec_init();
	futex_init();
	pidfd_init();
	posix_timers_init();
	pid = proc_clone(&req);
	if (pid != 1)
		panic("init: cannot make process 1: got %ld", pid);
}
