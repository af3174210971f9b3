/* Sysctls that change little here: who may write them, and what is there then. */
#include "setting.h"
#include <sys/klog.h>

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	say("  <- %s: %s", text, n < 0 ? ename(errno) : "ok");
	if (fd >= 0)
		close(fd);
	say(", %s\n", setting(path));
}

static void numbers(const char *name, const char *const *values)
{
	char path[100], old[128];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	if (stat(path, &st)) {
		say("%s: %s\n", name, ename(errno));
		return;
	}
	strcpy(old, setting(path));
	say("%s: mode %o, %s\n", name, st.st_mode & 0777, old);
	for (; *values; values++)
		put(path, *values);
	put(path, old);
}

static void nobody(void)
{
	char buf[64];

	MUST(setuid(65534));
	say("read all: %s\n", klogctl(3, buf, sizeof(buf)) < 0 ? ename(errno) : "ok");
	say("size: %s\n", klogctl(10, NULL, 0) < 0 ? ename(errno) : "ok");
	say("/dev/kmsg: %s\n", open("/dev/kmsg", O_RDONLY | O_NONBLOCK) < 0 ? ename(errno) : "ok");
}

int main(void)
{
	static const char *const few[] = { "0", "1", "2", "3", "4", "-1", "x", NULL };
	static const char *const names[] = {
		"kernel/dmesg_restrict", "kernel/kptr_restrict", "kernel/print-fatal-signals", "kernel/printk_delay",
		"kernel/core_pipe_limit", "kernel/ctrl-alt-del", "kernel/sysctl_writes_strict", "kernel/task_delayacct",
		"vm/page-cluster", "vm/stat_interval", "vm/vfs_cache_pressure",
		"vm/zone_reclaim_mode", "vm/legacy_va_layout", "vm/page_lock_unfairness", "dev/tty/ldisc_autoload",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		numbers(names[i], few);
	for (int on = 0; on <= 1; on++) {
		int fd = MUST(open("/proc/sys/kernel/dmesg_restrict", O_WRONLY));

		MUST(write(fd, on ? "1" : "0", 1));
		close(fd);
		say("-- dmesg_restrict %d\n", on);
		in_child("nobody", nobody);
	}
	return 0;
}
