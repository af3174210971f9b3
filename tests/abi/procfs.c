/* /proc as libraries and busybox read it: forms, not numbers. */
#include "abi.h"
#include <dirent.h>

static char buf[65536];

static char *slurp(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = 0, r;

	buf[0] = 0;
	if (fd < 0) {
		snprintf(buf, sizeof(buf), "%s", ename(errno));
		return buf;
	}
	while (n < (ssize_t)sizeof(buf) - 1 && (r = read(fd, buf + n, sizeof(buf) - 1 - n)) > 0)
		n += r;
	buf[n] = 0;
	close(fd);
	return buf;
}

/* Digits become one 9, hexadecimal words one h: the shape of a text. */
static void shape(const char *path, int lines)
{
	char *p = slurp(path), out[4000];
	int o = 0;

	for (; *p && o < 3900 && lines; p++) {
		if (*p >= '0' && *p <= '9') {
			if (!o || out[o - 1] != '9')
				out[o++] = '9';
		} else {
			out[o++] = *p;
			lines -= *p == '\n';
		}
	}
	out[o] = 0;
	say("%s: %s%s", path, out, o && out[o - 1] == '\n' ? "" : "\n");
}

static int has_line(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *p = text; p; p = strchr(p, '\n'), p = p ? p + 1 : NULL)
		if (!strncmp(p, key, n))
			return 1;
	return 0;
}

int main(void)
{
	char target[300], path[100];
	long n;

	SECTION("self");
	n = readlink("/proc/self", target, sizeof(target));
	target[n > 0 ? n : 0] = 0;
	say("self is me %d\n", atoi(target) == getpid());
	n = readlink("/proc/thread-self", target, sizeof(target));
	target[n > 0 ? n : 0] = 0;
	snprintf(path, sizeof(path), "%d/task/%d", getpid(), gettid());
	say("thread-self %d\n", !strcmp(target, path));
	n = readlink("/proc/self/exe", target, sizeof(target));
	target[n > 0 ? n : 0] = 0;
	say("exe %s\n", target);
	n = readlink("/proc/self/cwd", target, sizeof(target));
	target[n > 0 ? n : 0] = 0;
	say("cwd %s\n", target);
	n = readlink("/proc/self/root", target, sizeof(target));
	target[n > 0 ? n : 0] = 0;
	say("root %s\n", target);
	say("comm %s", slurp("/proc/self/comm"));
	int fd = MUST(open("/proc/self/cmdline", O_RDONLY));
	n = read(fd, buf, 100);
	say("cmdline %ld bytes: %s\n", n, buf);
	int c = MUST(open("/proc/self/comm", O_WRONLY));
	R(write(c, "renamed", 7));
	say("comm %s", slurp("/proc/self/comm"));
	SECTION("fd");
	put_file("f", "x", 1, 0644);
	fd = MUST(open("f", O_RDWR | O_APPEND));
	dup2(fd, 50);
	n = readlink("/proc/self/fd/50", target, sizeof(target));
	target[n > 0 ? n : 0] = 0;
	say("50 -> %s\n", target);
	unlink("f");
	n = readlink("/proc/self/fd/50", target, sizeof(target));
	target[n > 0 ? n : 0] = 0;
	say("50 -> %s\n", target);
	int again = open("/proc/self/fd/50", O_RDONLY);
	say("opened again %d\n", again >= 0);
	int p[2];
	MUST(pipe(p));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p[0]);
	n = readlink(path, target, 6);
	say("%.*s\n", (int)n, target);
	R(readlink("/proc/self/fd/77", target, sizeof(target)));
	R(open("/proc/self/fd/x", O_RDONLY));
	DIR *d = opendir("/proc/self/fd");
	int has50 = 0;
	for (struct dirent *e; (e = readdir(d));)
		has50 += !strcmp(e->d_name, "50");
	closedir(d);
	say("listed %d\n", has50);
	struct stat sb;
	MUST(lstat("/proc/self/fd/50", &sb));
	say("mode %o\n", sb.st_mode);
	say("fdinfo: pos %d flags %d\n", has_line(slurp("/proc/self/fdinfo/50"), "pos:\t0"), has_line(buf, "flags:\t02002"));
	SECTION("maps");
	MUST((long)sbrk(PAGE)); /* not every library's malloc has a heap there */
	slurp("/proc/self/maps");
	unsigned long lo, hi, off;
	char perm[8];
	int maj, min, lines = 0, bad = 0, stack = 0, vdso = 0, exe = 0, heap = 0;
	unsigned long ino, last = 0;
	for (char *q = buf, *nl; (nl = strchr(q, '\n')); q = nl + 1) {
		*nl = 0;
		lines++;
		if (sscanf(q, "%lx-%lx %4s %lx %x:%x %lu", &lo, &hi, perm, &off, &maj, &min, &ino) != 7 || lo >= hi || lo < last)
			bad++;
		last = hi;
		stack += strstr(q, "[stack]") != NULL;
		vdso += strstr(q, "[vdso]") != NULL;
		heap += strstr(q, "[heap]") != NULL;
		exe += strstr(q, "/abi/procfs") != NULL;
	}
	say("lines %d bad %d stack %d vdso %d heap %d exe %d\n", lines > 4, bad, stack, vdso, heap, exe > 1);
	SECTION("status");
	slurp("/proc/self/status");
	static const char *keys[] = { "Name:", "Umask:", "State:", "Tgid:", "Pid:", "PPid:", "Uid:", "Gid:", "FDSize:",
				      "VmPeak:", "VmSize:", "VmRSS:", "Threads:", "SigQ:", "SigPnd:", "SigBlk:",
				      "SigIgn:", "SigCgt:", "CapEff:", "Cpus_allowed:" };
	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++)
		say("%s%d ", keys[i], has_line(buf, keys[i]));
	say("\n");
	slurp("/proc/self/stat");
	char *after = strrchr(buf, ')');
	int fields = 0;
	for (char *q = after; q && *q; q++)
		fields += *q == ' ';
	say("stat: fields after the name %d, state %c\n", fields, after ? after[2] : '?');
	shape("/proc/self/statm", 1);
	SECTION("system");
	shape("/proc/uptime", 1);
	shape("/proc/loadavg", 1);
	say("version starts %.14s\n", slurp("/proc/version"));
	slurp("/proc/meminfo");
	say("meminfo %d %d %d %d\n", has_line(buf, "MemTotal:"), has_line(buf, "MemFree:"), has_line(buf, "MemAvailable:"), has_line(buf, "Cached:"));
	slurp("/proc/stat");
	say("stat %d %d %d %d\n", has_line(buf, "cpu "), has_line(buf, "cpu0 "), has_line(buf, "btime "), has_line(buf, "processes "));
	slurp("/proc/cpuinfo");
	say("cpuinfo %d %d %d %d\n", has_line(buf, "processor\t: 0"), has_line(buf, "hart\t\t: "), has_line(buf, "isa\t\t: rv64"), has_line(buf, "mmu\t\t: sv39"));
	slurp("/proc/filesystems");
	say("filesystems %d %d\n", has_line(buf, "nodev\tproc"), has_line(buf, "nodev\ttmpfs"));
	slurp("/proc/mounts");
	say("mounts name proc %d\n", strstr(buf, " /proc proc ") != NULL);
	slurp("/proc/self/mountinfo");
	say("mountinfo names proc %d\n", strstr(buf, " /proc ") != NULL);
	shape("/proc/sys/kernel/pid_max", 1);
	shape("/proc/sys/vm/overcommit_memory", 1);
	say("ostype %s", slurp("/proc/sys/kernel/ostype"));
	SECTION("other processes");
	pid_t pid = MUST(fork());
	if (!pid) {
		for (;;)
			pause();
	}
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (int i = 0; i < 200; i++) {
		slurp(path);
		if (strrchr(buf, ')') && strrchr(buf, ')')[2] == 'S')
			break;
		sleep_ms(5);
	}
	say("asleep %c\n", strrchr(buf, ')')[2]);
	kill(pid, SIGSTOP);
	waitpid(pid, NULL, WUNTRACED);
	slurp(path);
	say("stopped %c\n", strrchr(buf, ')')[2]);
	kill(pid, SIGKILL);
	siginfo_t si;
	waitid(P_PID, pid, &si, WEXITED | WNOWAIT);
	slurp(path);
	say("zombie %c\n", strrchr(buf, ')')[2]);
	waitpid(pid, NULL, 0);
	say("gone %s\n", slurp(path));
	R(open("/proc/999999", O_RDONLY));
	R(mkdir("/proc/x", 0755));
	R(unlink("/proc/uptime"));
	R(open("/proc/none", O_RDONLY));
	d = opendir("/proc");
	int self = 0, me = 0;
	for (struct dirent *e; (e = readdir(d));) {
		self += !strcmp(e->d_name, "self");
		me += atoi(e->d_name) == getpid();
	}
	say("listed: self %d me %d\n", self, me);
	closedir(d);
	return 0;
}
