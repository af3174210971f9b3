/* Calls that few programs make, and no other one here: each once rightly and once or more wrongly. */
#include "abi.h"
#include <linux/capability.h>
#include <linux/membarrier.h>
#include <linux/reboot.h>
#include <sys/xattr.h>

#define S(name, ...) syscall(SYS_##name, ##__VA_ARGS__)
#ifndef SYS_riscv_flush_icache
#define SYS_riscv_flush_icache 259
#endif
#ifndef SYS_fchmodat2
#define SYS_riscv_hwprobe 258
#define SYS_fchmodat2	  452
#endif

static void timers(void)
{
	struct sigevent none = { .sigev_notify = SIGEV_NONE };
	struct itimerspec far = { .it_value = { 1000, 0 }, .it_interval = { 5, 0 } }, now;
	struct itimerval it;
	int id = -1;

	SECTION("timers");
	R(S(timer_create, CLOCK_MONOTONIC, &none, &id));
	R(S(timer_settime, id, 0, &far, NULL));
	R(S(timer_gettime, id, &now));
	say("interval %ld, more than 900 s left: %d\n", (long)now.it_interval.tv_sec, now.it_value.tv_sec > 900);
	R(S(timer_getoverrun, id));
	R(S(timer_delete, id));
	R(S(timer_delete, id));
	R(S(timer_settime, id, 0, &far, NULL));
	R(S(timer_gettime, id, &now));
	R(S(timer_getoverrun, id));
	R(S(timer_create, 99, &none, &id));
	none.sigev_notify = 77;
	R(S(timer_create, CLOCK_MONOTONIC, &none, &id));
	R(S(getitimer, ITIMER_REAL, &it));
	say("%ld %ld\n", it.it_value.tv_sec, it.it_interval.tv_sec);
	R(S(getitimer, 3, &it));
	R(S(getitimer, ITIMER_PROF, (void *)8));
}

static void identity(void)
{
	struct __user_cap_header_struct hdr = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	SECTION("who one is");
	R(S(capget, &hdr, data));
	say("root has %x\n", data[0].effective);
	R(S(capset, &hdr, data));
	hdr.pid = -1;
	R(S(capget, &hdr, data));
	hdr.pid = 0;
	hdr.version = 1;
	R(S(capget, &hdr, NULL));
	say("the kernel's version %x\n", hdr.version);
	R(S(capget, &hdr, data));
	R(S(setregid, -1, -1));
	R(S(setregid, 5, 5));
	R(S(getegid));
	R(S(setregid, 0, 0));
	R(S(setfsgid, 7));
	R(S(setfsgid, -1));
	R(S(setfsgid, 0));
}

static void memory_and_harts(void)
{
	char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char vec[4] = { 0 };
	struct { int64_t key; uint64_t value; } probe[2] = { { 3, 0 }, { 1 << 20, 0 } };

	SECTION("memory and harts");
	R(S(mlock2, p, 2 * PAGE, 1));
	R(S(mlock2, p, 2 * PAGE, 0));
	R(S(mincore, p, 4 * PAGE, vec));
	say("%d%d%d%d\n", vec[0] & 1, vec[1] & 1, vec[2] & 1, vec[3] & 1);
	R(S(mlock2, p, PAGE, 2));
	R(S(mlock2, 8L << 36, PAGE, 0));
	R(S(mlockall, MCL_CURRENT));
	R(S(mlockall, 0));
	R(S(mlockall, MCL_ONFAULT));
	R(S(mlockall, 8));
	R(S(munlockall));
	R(S(riscv_hwprobe, probe, 2L, 0L, NULL, 0));
	say("base behaviour %d, an unknown key becomes %d\n", (int)probe[0].value & 1, (int)probe[1].key);
	R(S(riscv_hwprobe, probe, 1L, 0L, NULL, 8));
	R(S(riscv_hwprobe, (void *)8, 1L, 0L, NULL, 0));
	R(S(riscv_flush_icache, p, p + PAGE, 0L));
	R(S(riscv_flush_icache, p, p + PAGE, 1L));
	R(S(riscv_flush_icache, p, p + PAGE, 2L));
	say("membarrier knows its basic commands: %d\n",
	    (S(membarrier, MEMBARRIER_CMD_QUERY, 0, 0) & 0x1f) == 0x1f);
	R(S(membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0));
	R(S(membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0));
	R(S(membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
	R(S(membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
	R(S(membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0));
	R(S(membarrier, 1 << 20, 0, 0));
	R(S(membarrier, MEMBARRIER_CMD_QUERY, 4, 0));
	R(S(rseq, p, 32, 0, 1));
	R(S(rseq, p + 1, 32, 1, 1));
	R(S(rseq, p, 32, 2, 1));
}

static void scheduling(void)
{
	struct sched_param sp = { .sched_priority = 0 };
	struct timespec ts;

	SECTION("scheduling");
	R(S(sched_setscheduler, 0, SCHED_BATCH, &sp));
	R(S(sched_getscheduler, 0));
	R(S(sched_setparam, 0, &sp));
	sp.sched_priority = 5;
	R(S(sched_setparam, 0, &sp));
	R(S(sched_setscheduler, 0, SCHED_OTHER, &sp));
	R(S(sched_setscheduler, 0, 77, &sp));
	R(S(sched_setscheduler, 0, SCHED_RR, &sp));
	R(S(sched_rr_get_interval, 0, &ts));
	say("a turn of %ld ms\n", ts.tv_nsec / 1000000);
	sp.sched_priority = 0;
	R(S(sched_setscheduler, 0, SCHED_OTHER, &sp));
	R(S(sched_rr_get_interval, -1, &ts));
	R(S(sched_rr_get_interval, 0, (void *)8));
	R(S(sched_setparam, -1, &sp));
	R(S(sched_setparam, 0, NULL));
}

static void processes(void)
{
	int fd, fds[2], other;
	siginfo_t si = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };
	sigset_t set;

	SECTION("processes");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	R(S(rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &si));
	R(S(rt_tgsigqueueinfo, getpid(), getpid(), 0, &si));
	R(S(rt_tgsigqueueinfo, getpid(), -1, SIGUSR1, &si));
	R(S(rt_tgsigqueueinfo, getpid(), getpid(), 99, &si));
	si.si_code = SI_TKILL;
	R(S(rt_tgsigqueueinfo, 1, 1, SIGUSR1, &si));
	fd = MUST(S(pidfd_open, getpid(), 0));
	MUST(pipe(fds));
	other = S(pidfd_getfd, fd, fds[1], 0);
	say("a descriptor of one's own: %d\n", other > fds[1]);
	say("it closes on exec: %d\n", fcntl(other, F_GETFD));
	R(write(other, "x", 1));
	R(S(pidfd_getfd, fd, 99, 0));
	R(S(pidfd_getfd, fd, fds[1], 1));
	R(S(pidfd_getfd, fds[0], fds[1], 0));
	R(S(pidfd_open, 0, 0));
	R(S(pidfd_open, getpid(), 1));
	R(S(pidfd_open, 99999, 0));
}

static void machine(void)
{
	struct timeval tv = { 1, 1000000 };
	char buf[100];

	SECTION("the machine");
	R(S(reboot, 1, 2, 3, NULL));
	R(S(reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, 0x12345, NULL));
	R(S(setdomainname, "abi.test", 8));
	R(S(setdomainname, "x", -1));
	R(S(setdomainname, "x", 65));
	R(S(setdomainname, (void *)8, 3));
	R(S(settimeofday, &tv, NULL));
	R(S(settimeofday, (void *)8, NULL));
	R(S(syslog, 99, buf, 10));
	R(S(syslog, 2, NULL, 10));
	R(S(syslog, 3, buf, -1));
	R(S(syslog, 8, NULL, 99));
	OK(S(syslog, 10, NULL, 0));
	R(S(sync));
	close(MUST(open("f", O_CREAT | O_WRONLY, 0600)));
	R(S(fchmodat2, AT_FDCWD, "f", 0640, 0));
	R(symlink("f", "s"));
	R(S(fchmodat2, AT_FDCWD, "s", 0600, AT_SYMLINK_NOFOLLOW));
	R(S(fchmodat2, AT_FDCWD, "f", 0600, 1));
	R(setxattr("f", "user.a", "b", 1, 0));
	R(lremovexattr("f", "user.a"));
	R(lremovexattr("f", "user.a"));
	R(lremovexattr("s", "user.a"));
	R(lremovexattr("no", "user.a"));
}

int main(void)
{
	in_child("timers", timers);
	in_child("identity", identity);
	in_child("memory and harts", memory_and_harts);
	in_child("scheduling", scheduling);
	in_child("processes", processes);
	in_child("machine", machine);
	return 0;
}
