/*
 * Asks for what docs/abi.md says is refused: a line "CALL WORD ERRNO" for each, or "CALL WORD ok". WORD is the
 * word of the page's row. Run by root in a machine of its own: what is not refused may change it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/sockios.h>
#include <linux/userfaultfd.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE	   4096ul

#define NS_MNT(nr) _IOC(_IOC_READ, 0xb7, nr, 16)

static void tell(const char *call, const char *word, long r)
{
	printf("%s %s %s\n", call, word, r < 0 ? strerrorname_np(errno) : "ok");
}
#define ASK(call, word, expr) tell(call, word, (errno = 0, (long)(expr)))

static int file;

static void files(void)
{
	char range[128] = { 0 };
	int ns = open("/proc/self/ns/mnt", O_RDONLY);
	struct iovec v = { range, 1 };

	ASK("ioctl", "FICLONE", ioctl(file, FICLONE, file));
	ASK("ioctl", "FICLONERANGE", ioctl(file, FICLONERANGE, range));
	ASK("ioctl", "FIDEDUPERANGE", ioctl(file, FIDEDUPERANGE, range));
	ASK("ioctl", "FIEMAP", ioctl(file, FS_IOC_FIEMAP, range));
	ASK("ioctl", "FS_IOC_GETVERSION", ioctl(file, FS_IOC_GETVERSION, range));
	ASK("ioctl", "FS_IOC_GETFSLABEL", ioctl(file, FS_IOC_GETFSLABEL, range));
	ASK("ioctl", "NS_MNT_GET_INFO", ioctl(ns, NS_MNT(10), range));
	ASK("ioctl", "NS_MNT_GET_NEXT", ioctl(ns, NS_MNT(11), range));
	ASK("ioctl", "NS_MNT_GET_PREV", ioctl(ns, NS_MNT(12), range));
	ASK("preadv2", "RWF_NOWAIT", preadv2(file, &v, 1, 0, RWF_NOWAIT));
	ASK("preadv2", "RWF_ATOMIC", preadv2(file, &v, 1, 0, 0x40));
	ASK("pwritev2", "RWF_NOWAIT", pwritev2(file, &v, 1, 0, RWF_NOWAIT));
	ASK("pwritev2", "RWF_ATOMIC", pwritev2(file, &v, 1, 0, 0x40));
	ASK("memfd_create", "MFD_HUGETLB", memfd_create("x", MFD_HUGETLB));
}

static void mounts(void)
{
	struct mount_attr a = { .attr_set = MOUNT_ATTR_IDMAP };
	char path[40];
	int copy = (int)syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE);
	pid_t pid;

	fflush(stdout);
	pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
	if (!pid)
		for (;;)
			pause();
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	a.userns_fd = (uint64_t)open(path, O_RDONLY);
	ASK("mount_setattr", "MOUNT_ATTR_IDMAP",
	    syscall(SYS_mount_setattr, copy, "", AT_EMPTY_PATH, &a, sizeof(a)));
	kill(pid, SIGKILL);
}

static void sockets(void)
{
	static const struct {
		int number;
		const char *name;
	} options[] = {
		{ SO_BUSY_POLL, "SO_BUSY_POLL" },
		{ SO_PREFER_BUSY_POLL, "SO_PREFER_BUSY_POLL" },
		{ SO_BUSY_POLL_BUDGET, "SO_BUSY_POLL_BUDGET" },
		{ SO_TXTIME, "SO_TXTIME" },
		{ SO_ATTACH_BPF, "SO_ATTACH_BPF" },
		{ SO_ATTACH_REUSEPORT_EBPF, "SO_ATTACH_REUSEPORT_EBPF" },
		{ SO_RESERVE_MEM, "SO_RESERVE_MEM" },
		{ SO_TXREHASH, "SO_TXREHASH" },
	}, gets[] = {
		{ SO_PEERSEC, "SO_PEERSEC" },
		{ SO_INCOMING_NAPI_ID, "SO_INCOMING_NAPI_ID" },
	};
	static const struct {
		int level, number;
		const char *name;
	} others[] = {
		{ SOL_IP, 23, "IP_CHECKSUM" },
		{ SOL_IPV6, 22, "IPV6_ROUTER_ALERT" },
		{ SOL_IPV6, 30, "IPV6_ROUTER_ALERT_ISOLATE" },
		{ SOL_IPV6, 27, "IPV6_JOIN_ANYCAST" },
		{ SOL_IPV6, 28, "IPV6_LEAVE_ANYCAST" },
		{ SOL_IPV6, 32, "IPV6_FLOWLABEL_MGR" },
	};
	static const struct {
		unsigned long number;
		const char *name;
	} controls[] = {
		{ SIOCGIFVLAN, "SIOCGIFVLAN" },
		{ SIOCBRADDBR, "SIOCBRADDBR" },
		{ SIOCBONDINFOQUERY, "SIOCBONDINFOQUERY" },
		{ SIOCWANDEV, "SIOCWANDEV" },
	};
	static const char *const there[AF_MAX] = {
		[AF_UNIX] = "AF_UNIX",	     [AF_INET] = "AF_INET",	[AF_INET6] = "AF_INET6",
		[AF_NETLINK] = "AF_NETLINK", [AF_PACKET] = "AF_PACKET",
	};
	int s = socket(AF_INET, SOCK_DGRAM, 0), raw = socket(AF_INET6, SOCK_RAW, IPPROTO_RAW),
	    one = 1;
	struct ifreq r = { .ifr_name = "lo" };
	char value[64] = { 1 };
	socklen_t len;

	for (int family = 0; family < AF_MAX; family++) {
		int fd = socket(family, SOCK_DGRAM, 0);

		tell("socket", there[family] ? there[family] : "another", fd);
		close(fd);
	}
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		ASK("setsockopt", options[i].name,
		    setsockopt(s, SOL_SOCKET, options[i].number, &one, sizeof(one)));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ASK("setsockopt", others[i].name,
		    setsockopt(others[i].level == SOL_IP ? s : raw, others[i].level,
			       others[i].number, value, sizeof(value)));
	for (size_t i = 0; i < sizeof(gets) / sizeof(gets[0]); i++) {
		len = sizeof(value);
		ASK("getsockopt", gets[i].name,
		    getsockopt(s, SOL_SOCKET, gets[i].number, value, &len));
	}
	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		ASK("ioctl", controls[i].name, ioctl(s, controls[i].number, &r));
}

static void memory(void)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_EVENT_FORK };
	struct uffdio_register reg = { .range.len = PAGE, .mode = UFFDIO_REGISTER_MODE_WP };
	int uffd = (int)syscall(SYS_userfaultfd, 0);
	char *p = mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	p = (char *)(((uintptr_t)p + (2 << 20) - 1) & -(2ul << 20));
	ASK("mmap", "MAP_HUGETLB",
	    (long)mmap(NULL, 2 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0));
	ASK("mmap", "MAP_SYNC",
	    (long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | MAP_SYNC, file, 0));
	ASK("madvise", "MADV_HWPOISON", madvise(p, PAGE, MADV_HWPOISON));
	ASK("madvise", "MADV_SOFT_OFFLINE", madvise(p, PAGE, 101));
	*p = 1;
	ASK("madvise", "MADV_COLLAPSE", madvise(p, 2 << 20, 25));
	ASK("userfaultfd", "UFFD_FEATURE_EVENT_FORK", ioctl(uffd, UFFDIO_API, &api));
	api = (struct uffdio_api){ .api = UFFD_API };
	ioctl(uffd, UFFDIO_API, &api);
	reg.range.start = (uintptr_t)p;
	ASK("userfaultfd", "UFFDIO_REGISTER_MODE_WP", ioctl(uffd, UFFDIO_REGISTER, &reg));
	ASK("shmget", "SHM_HUGETLB", shmget(IPC_PRIVATE, 2 << 20, 0600 | SHM_HUGETLB));
}

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static void processes(void)
{
	struct sched_param param = { 0 };
	struct attr a = { .size = sizeof(a), .policy = 7 };
	struct clone_args c = { .flags = CLONE_NEWCGROUP, .exit_signal = SIGCHLD };
	int ns = open("/proc/self/ns/mnt", O_RDONLY);
	long pid;

	ASK("sched_setscheduler", "SCHED_EXT", sched_setscheduler(0, 7, &param));
	ASK("sched_setattr", "SCHED_EXT", syscall(SYS_sched_setattr, 0, &a, 0));
	a.policy = 0;
	a.flags = 0x20;
	ASK("sched_setattr", "SCHED_FLAG_UTIL_CLAMP_MIN", syscall(SYS_sched_setattr, 0, &a, 0));
	a.flags = 0x40;
	ASK("sched_setattr", "SCHED_FLAG_UTIL_CLAMP_MAX", syscall(SYS_sched_setattr, 0, &a, 0));
	ASK("unshare", "CLONE_NEWCGROUP", unshare(CLONE_NEWCGROUP));
	ASK("setns", "CLONE_NEWCGROUP", setns(ns, CLONE_NEWCGROUP));
	fflush(stdout);
	pid = syscall(SYS_clone, CLONE_NEWCGROUP | SIGCHLD, 0, 0, 0, 0);
	if (!pid)
		_exit(0);
	tell("clone", "CLONE_NEWCGROUP", pid);
	pid = syscall(SYS_clone3, &c, sizeof(c));
	if (!pid)
		_exit(0);
	tell("clone3", "CLONE_NEWCGROUP", pid);
	c.flags = CLONE_INTO_CGROUP;
	c.cgroup = (uint64_t)file;
	pid = syscall(SYS_clone3, &c, sizeof(c));
	if (!pid)
		_exit(0);
	tell("clone3", "CLONE_INTO_CGROUP", pid);
	ASK("prctl", "PR_GET_SPECULATION_CTRL", prctl(PR_GET_SPECULATION_CTRL, 0, 0, 0, 0));
	ASK("prctl", "PR_SET_SPECULATION_CTRL", prctl(PR_SET_SPECULATION_CTRL, 0, 0, 0, 0));
	ASK("prctl", "PR_GET_TAGGED_ADDR_CTRL", prctl(PR_GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0));
	ASK("prctl", "PR_SET_TAGGED_ADDR_CTRL", prctl(PR_SET_TAGGED_ADDR_CTRL, 0, 0, 0, 0));
	ASK("prctl", "PR_SCHED_CORE", prctl(PR_SCHED_CORE, 0, 0, 0, 0));
	ASK("reboot", "LINUX_REBOOT_CMD_KEXEC",
	    syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC,
		    0));
	ASK("reboot", "LINUX_REBOOT_CMD_SW_SUSPEND",
	    syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
		    LINUX_REBOOT_CMD_SW_SUSPEND, 0));
}

static void keys(void)
{
	static const struct {
		const char *name;
		int number;
	} ops[] = {
		{ "KEYCTL_INSTANTIATE", KEYCTL_INSTANTIATE },
		{ "KEYCTL_INSTANTIATE_IOV", KEYCTL_INSTANTIATE_IOV },
		{ "KEYCTL_NEGATE", KEYCTL_NEGATE },
		{ "KEYCTL_REJECT", KEYCTL_REJECT },
		{ "KEYCTL_DH_COMPUTE", KEYCTL_DH_COMPUTE },
		{ "KEYCTL_PKEY_QUERY", KEYCTL_PKEY_QUERY },
		{ "KEYCTL_PKEY_SIGN", KEYCTL_PKEY_SIGN },
		{ "KEYCTL_GET_PERSISTENT", KEYCTL_GET_PERSISTENT },
		{ "KEYCTL_WATCH_KEY", KEYCTL_WATCH_KEY },
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		ASK("keyctl", ops[i].name, syscall(SYS_keyctl, ops[i].number, 1, "x", 1, 0));
}

int main(void)
{
	file = open("/refused", O_RDWR | O_CREAT, 0600);
	if (file < 0 || ftruncate(file, (off_t)PAGE))
		return 1;
	files();
	mounts();
	sockets();
	memory();
	processes();
	keys();
	return 0;
}
