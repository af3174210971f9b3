/* What can be done with the descriptors of /proc: reading and writing at a place, seeking, splicing, mapping. One line
 * for each file. */
#include "table.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>

static const char *const files[] = {
	"self/auxv", "self/cgroup", "self/clear_refs", "self/cmdline", "self/comm", "self/coredump_filter", "self/cpuset",
	"self/environ", "self/gid_map", "self/io", "self/limits", "self/loginuid", "self/maps", "self/mem",
	"self/mountinfo", "self/mounts", "self/numa_maps", "self/oom_adj", "self/oom_score",
	"self/oom_score_adj", "self/pagemap", "self/personality", "self/projid_map", "self/sched", "self/schedstat",
	"self/sessionid", "self/setgroups", "self/smaps", "self/smaps_rollup", "self/stack", "self/stat", "self/statm",
	"self/status", "self/syscall", "self/timens_offsets", "self/timers", "self/timerslack_ns", "self/uid_map",
	"self/wchan", "self/fdinfo/1", "self/net/dev", "self/net/tcp", "self/net/unix",
	"self/net/snmp", "self/net/route", "self/net/sockstat6", "self/net/softnet_stat", "self/net/psched", "self/net/rt_cache",
	"self/net/fib_triestat", "self/net/netstat", "self/net/ptype", "self/net/protocols", "self/net/icmp", "self/net/if_inet6", "buddyinfo",
	"cgroups", "consoles", "cpuinfo", "devices", "execdomains", "filesystems", "interrupts",
	"key-users", "keys", "loadavg", "locks", "meminfo", "misc", 
	"schedstat", "stat", "sysrq-trigger", "tty/drivers", "uptime", "version",
	"vmstat", "zoneinfo", "sys/kernel/pid_max", "sys/kernel/ostype",
	"sys/kernel/hostname", "sys/kernel/random/uuid", "sys/fs/file-nr", "sys/fs/nr_open", "sys/vm/drop_caches",
	"sys/kernel/msgmax", "sys/net/ipv4/ip_forward", 
};

static const char *const folders[] = { ".", "self", "self/task", "self/fd", "self/fdinfo", "self/ns",
				       "self/net", "sys", "sys/kernel", "sysvipc", "tty", "irq" };

static char buf[PAGE];

/* Only whether it worked: how much there is changes. */
static const char *ok(long r)
{
	return r < 0 ? ename(errno) + 1 : "ok";
}

static void seeks(int fd)
{
	static const struct {
		int whence;
		off_t off;
	} to[] = { { SEEK_SET, -1 },  { SEEK_CUR, 1 },	 { SEEK_CUR, -100 }, { SEEK_END, 0 },
		   { SEEK_END, -1 }, { SEEK_DATA, 0 },	      { SEEK_HOLE, 0 }, { 5, 0 } };

	word(" seek");
	for (size_t i = 0; i < ARRAY_SIZE(to); i++) {
		off_t r;

		lseek(fd, 3, SEEK_SET);
		r = lseek(fd, to[i].off, to[i].whence);
		word(" %s", outcome(r));
	}
	lseek(fd, 0, SEEK_SET);
}

static void maps(int fd)
{
	static const int prots[] = { PROT_READ, PROT_READ | PROT_EXEC };

	word(" map");
	for (size_t i = 0; i < ARRAY_SIZE(prots); i++) {
		void *at = mmap(NULL, PAGE, prots[i], MAP_PRIVATE, fd, 0);

		word(" %s", at == MAP_FAILED ? ename(errno) + 1 : "ok");
		if (at != MAP_FAILED)
			munmap(at, PAGE);
		at = mmap(NULL, PAGE, prots[i], MAP_SHARED, fd, 0);
		word("/%s", at == MAP_FAILED ? ename(errno) + 1 : "ok");
		if (at != MAP_FAILED)
			munmap(at, PAGE);
	}
}

static void file(const char *name)
{
	int fd = open(name, O_RDONLY | O_NONBLOCK), wr, p[2], arg = 0;
	struct pollfd pf = { fd, POLLIN | POLLOUT | POLLPRI, 0 };
	struct stat st;

	word("%s:", name);
	if (fd < 0) {
		word(" %s", ename(errno) + 1);
	} else {
		pipe2(p, O_NONBLOCK);
		fstat(fd, &st);
		word(" %o %ld", st.st_mode, (long)st.st_nlink);
		word(" read %s pread %s", ok(read(fd, buf, 1)), ok(pread(fd, buf, 1, 0)));
		word("/%s/%s", ok(pread(fd, buf, 1, 1)), ok(pread(fd, buf, 1, -1)));
		word(" v %s", ok(preadv(fd, &(struct iovec){ buf, 1 }, 1, 0)));
		lseek(fd, 0, SEEK_SET);
		word(" splice %s", ok(splice(fd, NULL, p[1], NULL, 16, 0)));
		word("/%s", ok(splice(fd, &(loff_t){ 0 }, p[1], NULL, 16, 0)));
		word(" sendfile %s", ok(sendfile(p[1], fd, NULL, 16)));
		word(" copy %s", ok(copy_file_range(fd, NULL, p[1], NULL, 16, 0)));
		close(p[0]);
		close(p[1]);
		seeks(fd);
		maps(fd);
		poll(&pf, 1, 0);
		word(" poll %x ioctl %s", pf.revents, ok(ioctl(fd, FIONREAD, &arg)));
		word("/%s", ok(ioctl(fd, 0x1234, &arg)));
		word(" fsync %s", ok(fsync(fd)));
		close(fd);
	}
	wr = open(name, O_WRONLY);
	word(" write: %s", ok(wr));
	if (wr >= 0 && strcmp(name, "sysrq-trigger")) {
		word(" none %s", ok(write(wr, "", 0)));
		word(" letters %s/%s", ok(write(wr, "x", 1)), ok(pwrite(wr, "x", 1, 0)));
		word("/%s/%s", ok(pwrite(wr, "x", 1, 1)), ok(pwrite(wr, "x", 1, -1)));
		pipe(p);
		write(p[1], "zz", 2);
		word(" splice %s", ok(splice(p[0], NULL, wr, NULL, 2, 0)));
		word(" truncate %s", ok(ftruncate(wr, 0)));
		word(" fallocate %s", ok(fallocate(wr, 0, 0, 1)));
		close(p[0]);
		close(p[1]);
	}
	if (wr >= 0)
		close(wr);
	end_line();
}

static void folder(const char *name)
{
	int fd = MUST(open(name, O_RDONLY | O_DIRECTORY)), arg = 0;
	struct pollfd pf = { fd, POLLIN | POLLOUT | POLLPRI, 0 };

	word("%s: read %s write %s", name, ok(read(fd, buf, 1)), ok(write(fd, buf, 1)));
	seeks(fd);
	maps(fd);
	poll(&pf, 1, 0);
	word(" poll %x ioctl %s fsync %s", pf.revents, ok(ioctl(fd, FIONREAD, &arg)), ok(fsync(fd)));
	word(" getdents 1 %s bad %s", ok(syscall(SYS_getdents64, fd, buf, 1)), ok(syscall(SYS_getdents64, fd, 8, 512)));
	lseek(fd, 100000, SEEK_SET);
	word(" far %s", outcome(syscall(SYS_getdents64, fd, buf, PAGE)) );
	end_line();
	close(fd);
}

int main(void)
{
	MUST(chdir("/proc"));
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		file(files[i]);
	SECTION("folders");
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		folder(folders[i]);
	return 0;
}
