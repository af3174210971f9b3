/* Credentials: ids, groups, capabilities, securebits, set-id and capability files at exec. */
#include "abi.h"
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/xattr.h>
#include <pthread.h>

/* the calls themselves: the C library's act on all threads */
#define setuid_(u) syscall(SYS_setuid, u)
#define setreuid_(r, e) syscall(SYS_setreuid, r, e)
#define setresuid_(r, e, s) syscall(SYS_setresuid, r, e, s)
#define setgid_(u) syscall(SYS_setgid, u)
#define setregid_(r, e) syscall(SYS_setregid, r, e)
#define setresgid_(r, e, s) syscall(SYS_setresgid, r, e, s)
#define setgroups_(n, l) syscall(SYS_setgroups, n, l)
#define capset_(h, d) syscall(SYS_capset, h, d)
#define capget_(h, d) syscall(SYS_capget, h, d)

static void ids(void)
{
	unsigned r, e, s, g, eg, sg;

	syscall(SYS_getresuid, &r, &e, &s);
	syscall(SYS_getresgid, &g, &eg, &sg);
	say("  uid %d %d %d fs %d gid %d %d %d fs %d\n", r, e, s, setfsuid(-1), g, eg, sg, setfsgid(-1));
}

static void caps(void)
{
	char line[200];
	FILE *f = fopen("/proc/self/status", "r");

	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "Cap", 3))
			say("  %s", line);
	fclose(f);
	say("  securebits %#x dumpable %d\n", prctl(PR_GET_SECUREBITS, 0, 0, 0, 0), prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
}

static long set_caps(uint64_t e, uint64_t p, uint64_t i)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2] = { { e, p, i }, { e >> 32, p >> 32, i >> 32 } };

	return capset_(&h, d);
}
#define BIT(c) (1ULL << (c))

static void uids(void)
{
	R(setuid_(-1));
	R(setresuid_(1, 2, 3));
	ids();
	R(setresuid_(2, 3, 1));
	ids();
	R(setresuid_(4, -1, -1));
	R(setresuid_(-1, 4, -1));
	R(setresuid_(-1, -1, 4));
	R(setreuid_(-1, 1));
	ids();
	R(setreuid_(1, -1));
	ids();
	R(setreuid_(3, 3));
	R(setuid_(7));
	R(setuid_(1));
	ids();
	R(setfsuid(3));
	R(setfsuid(99));
	R(setfsuid(1));
}

static void gids(void)
{
	R(setgid_(-1));
	R(setresgid_(1, 2, 3));
	ids();
	MUST(setuid_(100));
	R(setresgid_(2, 3, 1));
	R(setresgid_(4, -1, -1));
	R(setregid_(-1, 1));
	ids();
	R(setregid_(1, 3));
	ids();
	R(setgid_(7));
	R(setgid_(3));
	R(setfsgid(1));
	ids();
}

static void saved(void)
{
	/* setreuid: the saved id follows the effective one when the real one is set or they differ */
	MUST(setresuid_(10, 0, 0));
	R(setreuid_(-1, 10));
	ids();
	MUST(1);
	R(setuid_(0));
	R(setreuid_(0, -1));
	ids();
}

static void setuid_root(void)
{
	R(setuid_(1000));
	ids();
	caps();
	R(setuid_(0));
}

static void seteuid_root(void)
{
	R(setresuid_(-1, 1000, -1));
	caps();
	R(setresuid_(-1, 0, -1));
	caps();
	R(setfsuid(1000));
	caps();
	R(setfsuid(0));
	caps();
}

static void groups(void)
{
	static gid_t list[65537], back[65537];
	int n = 65536, same = 1;

	R(setgroups_(-1, list));
	R(setgroups_(65537, list));
	R(setgroups_(2, (gid_t *)8));
	for (int i = 0; i < n; i++)
		list[i] = n - i;
	R(setgroups_(n, list));
	R(getgroups(0, NULL));
	R(getgroups(n - 1, back));
	R(getgroups(n, back));
	for (int i = 0; i < n; i++)
		same &= back[i] == (gid_t)i + 1;
	say("sorted %d\n", same);
	R(getgroups(-1, back));
	R(getgroups(n, (gid_t *)8));
	list[1] = -1;
	R(setgroups_(2, list));
	list[0] = 30;
	list[1] = 20;
	list[2] = 30;
	R(setgroups_(3, list));
	R(getgroups(3, back));
	say("%d %d %d\n", back[0], back[1], back[2]);
	R(setgroups_(0, NULL));
	R(getgroups(0, NULL));
	MUST(setuid_(1000));
	R(setgroups_(0, NULL));
	R(setgroups_(-1, NULL));
}

static void capcalls(void)
{
	struct __user_cap_header_struct h = { 0x1234, 0 };
	struct __user_cap_data_struct d[2] = { 0 };

	R(capget_(&h, d));
	say("version %#x\n", h.version);
	h.version = 0;
	R(capget_(&h, NULL));
	h.version = 0;
	R(capset_(&h, d));
	say("version %#x\n", h.version);
	R(capget_(NULL, d));
	h = (struct __user_cap_header_struct){ _LINUX_CAPABILITY_VERSION_1, 0 };
	R(capget_(&h, d));
	say("v1 %#x %#x %#x, second %#x\n", d[0].effective, d[0].permitted, d[0].inheritable, d[1].effective);
	h.version = _LINUX_CAPABILITY_VERSION_2;
	R(capget_(&h, d));
	say("v2 %#x %#x\n", d[0].effective, d[1].effective);
	h = (struct __user_cap_header_struct){ _LINUX_CAPABILITY_VERSION_3, -1 };
	R(capget_(&h, d));
	R(capset_(&h, d));
	h.pid = 99999;
	R(capget_(&h, d));
	R(capset_(&h, d));
	h.pid = 1;
	R(capget_(&h, d));
	R(capset_(&h, d));
	h.pid = getpid();
	R(capget_(&h, (void *)8));
	R(capset_(&h, (void *)8));
	R(set_caps(~0ULL, ~0ULL, ~0ULL));
	caps();
	R(set_caps(0, BIT(CAP_KILL), 0));
	caps();
	R(set_caps(BIT(CAP_CHOWN), BIT(CAP_KILL), 0));
	R(set_caps(BIT(CAP_KILL), BIT(CAP_KILL) | BIT(CAP_CHOWN), 0));
	R(set_caps(BIT(CAP_KILL), BIT(CAP_KILL), BIT(CAP_KILL)));
	R(set_caps(BIT(CAP_KILL), BIT(CAP_KILL), BIT(CAP_CHOWN)));
	R(set_caps(0, 0, BIT(CAP_KILL)));
	R(set_caps(0, 0, 0));
	R(set_caps(0, 0, BIT(CAP_KILL)));
}

static void bounding(void)
{
	R(prctl(PR_CAPBSET_READ, CAP_KILL, 0, 0, 0));
	R(prctl(PR_CAPBSET_READ, 41, 0, 0, 0));
	R(prctl(PR_CAPBSET_READ, -1, 0, 0, 0));
	R(prctl(PR_CAPBSET_DROP, 64, 0, 0, 0));
	R(prctl(PR_CAPBSET_DROP, CAP_KILL, 0, 0, 0));
	R(prctl(PR_CAPBSET_READ, CAP_KILL, 0, 0, 0));
	R(set_caps(BIT(CAP_SETPCAP), BIT(CAP_SETPCAP) | BIT(CAP_KILL), BIT(CAP_KILL)));
	R(set_caps(0, BIT(CAP_SETPCAP) | BIT(CAP_CHOWN), 0));
	R(prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0));
	caps();
}

static void ambient(void)
{
	R(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
	MUST(set_caps(~0ULL, ~0ULL, BIT(CAP_KILL) | BIT(CAP_CHOWN)));
	R(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
	R(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
	R(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 41, 0, 0));
	R(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 1, 0));
	R(prctl(PR_CAP_AMBIENT, 9, CAP_KILL, 0, 0));
	R(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0));
	R(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_SYS_TIME, 0, 0));
	R(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_CHOWN, 0, 0));
	R(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0));
	caps();
	R(prctl(PR_SET_SECUREBITS, SECBIT_NO_CAP_AMBIENT_RAISE, 0, 0, 0));
	R(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
	R(prctl(PR_SET_SECUREBITS, 0, 0, 0, 0));
	R(set_caps(0, BIT(CAP_KILL) | BIT(CAP_SETUID), 0)); /* no longer inheritable: not ambient */
	caps();
	R(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
}

static void keepcaps(void)
{
	R(prctl(PR_SET_KEEPCAPS, 2, 0, 0, 0));
	R(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0));
	R(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	R(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0));
	R(setresuid_(1000, 1000, 1000));
	caps();
}

static void securebits(void)
{
	R(prctl(PR_SET_SECUREBITS, 1 << 8, 0, 0, 0));
	R(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED, 0, 0, 0));
	R(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0));
	R(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP_LOCKED, 0, 0, 0));
	R(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED, 0, 0, 0));
	R(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	R(setresuid_(1000, 1000, 1000));
	caps();
	R(set_caps(0, 0, 0));
	R(prctl(PR_SET_SECUREBITS, prctl(PR_GET_SECUREBITS), 0, 0, 0));
}

/* --- exec --- */

static char me[] = "/tmp/creds.exe";
static void run_me(void)
{
	char *argv[] = { me, "show", NULL };

	execv(me, argv);
	say("exec: %s\n", ename(errno));
}

static void as_user(void)
{
	MUST(setgroups_(0, NULL));
	MUST(setresgid_(1000, 1000, 1000));
	MUST(setresuid_(1000, 1000, 1000));
}

static void exec_as_user(void)
{
	as_user();
	run_me();
}

static void exec_nnp(void)
{
	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	exec_as_user();
}

static void *exec_thread(void *arg)
{
	char c;

	(void)arg;
	read(*(int *)arg, &c, 1);
	return NULL;
}

static void exec_noroot(void)
{
	MUST(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_KEEP_CAPS, 0, 0, 0));
	run_me();
}

static void exec_ambient(void)
{
	MUST(set_caps(~0ULL, ~0ULL, BIT(CAP_KILL)));
	MUST(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
	MUST(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0));
	exec_as_user();
}

static void exec_inheritable(void)
{
	MUST(set_caps(~0ULL, ~0ULL, BIT(CAP_SYS_TIME) | BIT(CAP_KILL)));
	exec_as_user();
}

static void exec_bounded(void)
{
	MUST(prctl(PR_CAPBSET_DROP, CAP_NET_RAW, 0, 0, 0));
	exec_as_user();
}

static void exec_real_root(void)
{
	MUST(setresuid_(0, 1000, 1000));
	run_me();
}

static void exec_pdeath(void)
{
	MUST(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
	exec_as_user();
}

static void exec_shared_fs(void)
{
	/* another process shares root and directory: no new rights */
	int p[2], st;
	char c;

	MUST(pipe(p));
	as_user();
	pid_t pid = MUST(syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0));
	if (!pid) {
		close(p[1]);
		read(p[0], &c, 1);
		_exit(0);
	}
	if (!MUST(syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0)))
		run_me(), _exit(1);
	wait(&st);
	close(p[1]);
	wait(&st);
}

static int set_file_caps(uint32_t magic, uint64_t p, uint64_t i, int size)
{
	struct vfs_ns_cap_data d = { magic, { { p, i }, { p >> 32, i >> 32 } }, 0 };

	return setxattr(me, "security.capability", &d, size, 0);
}

static void execs(void)
{
	int in, out;
	char buf[65536];
	ssize_t n;

	in = MUST(open("/proc/self/exe", O_RDONLY));
	out = MUST(open(me, O_CREAT | O_TRUNC | O_WRONLY, 0755));
	while ((n = read(in, buf, sizeof(buf))) > 0)
		write(out, buf, n);
	close(in);
	close(out);
	in_child("root", run_me);
	in_child("user", exec_as_user);
	in_child("noroot", exec_noroot);
	in_child("real root alone", exec_real_root);
	in_child("ambient", exec_ambient);
	in_child("inheritable", exec_inheritable);
	SECTION("set-user-ID root");
	MUST(chmod(me, 04755));
	in_child("user", exec_as_user);
	in_child("no_new_privs", exec_nnp);
	in_child("bounding", exec_bounded);
	in_child("ambient", exec_ambient);
	in_child("pdeath", exec_pdeath);
	in_child("shared fs", exec_shared_fs);
	in_child("noroot", exec_noroot);
	SECTION("set-user-ID and -group-ID of others");
	MUST(chown(me, 2000, 3000));
	struct stat st;
	stat(me, &st);
	say("mode %o\n", st.st_mode);
	MUST(chmod(me, 06755));
	in_child("user", exec_as_user);
	in_child("root", run_me);
	MUST(chmod(me, 02745));
	in_child("set-group-ID without group execution", exec_as_user);
	SECTION("file capabilities");
	MUST(chown(me, 0, 0));
	MUST(chmod(me, 0755));
	R(set_file_caps(VFS_CAP_REVISION_1, 1, 1, XATTR_CAPS_SZ_1));
	R(set_file_caps(VFS_CAP_REVISION_2, 1, 1, XATTR_CAPS_SZ_1));
	R(set_file_caps(0, 1, 1, XATTR_CAPS_SZ_2));
	R(set_file_caps(VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE, BIT(CAP_NET_RAW) | BIT(CAP_BPF), 0, XATTR_CAPS_SZ_2));
	in_child("effective", exec_as_user);
	in_child("root", run_me);
	in_child("no_new_privs", exec_nnp);
	in_child("bounding", exec_bounded);
	in_child("ambient", exec_ambient);
	in_child("pdeath", exec_pdeath);
	in_child("noroot", exec_noroot);
	R(set_file_caps(VFS_CAP_REVISION_2, BIT(CAP_NET_RAW) | BIT(CAP_BPF), 0, XATTR_CAPS_SZ_2));
	in_child("permitted", exec_as_user);
	in_child("bounding", exec_bounded);
	R(set_file_caps(VFS_CAP_REVISION_3, 0, BIT(CAP_KILL) | BIT(CAP_CHOWN), XATTR_CAPS_SZ_3));
	in_child("inheritable", exec_inheritable);
	R(set_file_caps(VFS_CAP_REVISION_2, 0, 0, XATTR_CAPS_SZ_2));
	in_child("empty", run_me);
	MUST(chmod(me, 04755));
	in_child("empty, set-user-ID root", exec_as_user);
	MUST(chmod(me, 0755));
	R(getxattr(me, "security.capability", buf, sizeof(buf)));
	MUST(chown(me, 0, 0));
	R(getxattr(me, "security.capability", buf, sizeof(buf)));
	R(set_file_caps(VFS_CAP_REVISION_2, 1, 0, XATTR_CAPS_SZ_2));
	out = MUST(open(me, O_WRONLY | O_APPEND));
	write(out, "x", 1);
	close(out);
	R(getxattr(me, "security.capability", buf, sizeof(buf)));
	SECTION("not readable");
	MUST(chmod(me, 0711));
	in_child("user", exec_as_user);
	unlink(me);
}

static void nproc(void)
{
	/* setuid above the limit succeeds; execve fails while it lasts */
	struct rlimit one = { 1, 1 };
	int p[2], st;
	char c;

	MUST(pipe(p));
	for (int i = 0; i < 3; i++)
		if (!MUST(fork())) {
			MUST(setuid_(4242));
			close(p[1]);
			read(p[0], &c, 1);
			_exit(0);
		}
	usleep(100000);
	MUST(setrlimit(RLIMIT_NPROC, &one));
	R(setuid_(4242));
	char *argv[] = { "/proc/self/exe", "nothing", NULL };
	execv(argv[0], argv);
	say("exec: %s\n", ename(errno));
	R(fork());
	close(p[1]);
	while (wait(&st) > 0)
		;
	execv(argv[0], argv);
	say("exec: %s\n", ename(errno));
}

/* --- each thread its own --- */

static void *thread_own(void *arg)
{
	(void)arg;
	say("thread: nnp %d pdeath ", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	int sig = -1;
	prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0);
	say("%d\n", sig);
	R(setresuid_(5, 5, 5));
	ids();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGUSR2, 0, 0, 0);
	return NULL;
}

static void threads(void)
{
	pthread_t t;
	int sig = -1;

	MUST(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
	pthread_create(&t, NULL, thread_own, NULL);
	pthread_join(t, NULL);
	ids();
	prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0);
	say("main: nnp %d pdeath %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), sig);
	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	if (!MUST(fork())) {
		prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0);
		say("child: nnp %d pdeath %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), sig);
		_exit(0);
	}
	wait(NULL);
	MUST(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
	R(setresuid_(9, 9, 9));
	prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0);
	say("after a change: pdeath %d dumpable %d\n", sig, prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
}

int main(int argc, char **argv)
{
	(void)exec_thread;
	if (argc > 1 && !strcmp(argv[1], "nothing")) {
		say("here\n");
		return 0;
	}
	if (argc > 1) {
		int sig = 0;
		ids();
		caps();
		prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0);
		say("  AT_SECURE %ld pdeath %d\n", getauxval(AT_SECURE), sig);
		return 0;
	}
	umask(022);
	SECTION("user ids");
	in_child("uids", uids);
	in_child("saved", saved);
	in_child("setuid root", setuid_root);
	in_child("seteuid root", seteuid_root);
	SECTION("group ids");
	in_child("gids", gids);
	in_child("groups", groups);
	SECTION("capabilities");
	in_child("calls", capcalls);
	in_child("bounding", bounding);
	in_child("ambient", ambient);
	in_child("keepcaps", keepcaps);
	in_child("securebits", securebits);
	SECTION("exec");
	execs();
	SECTION("others");
	in_child("nproc", nproc);
	in_child("threads", threads);
	return 0;
}
