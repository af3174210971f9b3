/* System V shared memory: identifiers, attaching, counts, removal, permission, what /proc shows. */
#include "abi.h"
#include <linux/futex.h>
#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/shm.h>

#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif
#define KEY 0x5a5a0001

static void show(const char *what, int id)
{
	struct shmid_ds ds;

	if (shmctl(id, IPC_STAT, &ds)) {
		say("%s: %s\n", what, ename(errno));
		return;
	}
	say("%s: key %x mode %o uid %d gid %d cuid %d cgid %d size %zu nattch %lu times %d%d%d cpid %d lpid %d\n",
	    what, ds.shm_perm.__key, ds.shm_perm.mode, ds.shm_perm.uid, ds.shm_perm.gid,
	    ds.shm_perm.cuid, ds.shm_perm.cgid, ds.shm_segsz, ds.shm_nattch, !!ds.shm_atime,
	    !!ds.shm_dtime, !!ds.shm_ctime, ds.shm_cpid == getpid(), ds.shm_lpid == getpid());
}

/* What maps says of this address, but for addresses. */
static void show_map(const void *at)
{
	char line[512], want[32];
	FILE *f = fopen("/proc/self/maps", "r");

	snprintf(want, sizeof(want), "%08lx-", (unsigned long)at);
	while (f && fgets(line, sizeof(line), f)) {
		unsigned long lo, hi, off, ino;
		char perms[8], dev[16], name[256] = "";

		if (strncmp(line, want, strlen(want)))
			continue;
		sscanf(line, "%lx-%lx %7s %lx %15s %lu %255[^\n]", &lo, &hi, perms, &off, dev, &ino, name);
		say("%lu pages %s %lx ino %lu %s\n", (hi - lo) / PAGE, perms, off, ino, name);
	}
	if (f)
		fclose(f);
}

static int id;
static char *at;

static void as_user(void)
{
	struct shmid_ds ds;
	void *p;

	setgid(1000);
	setuid(1000);
	show("stat", id);
	R(shmctl(id, SHM_STAT_ANY, &ds) >= 0);
	p = shmat(id, NULL, SHM_RDONLY);
	OK(p == (void *)-1 ? -1 : 0);
	R((long)shmat(id, NULL, 0));
	R(shmctl(id, IPC_SET, &ds));
	R(shmctl(id, IPC_RMID, NULL));
	R(shmctl(id, SHM_LOCK, NULL));
	R(shmget(KEY, 0, 0600));
	OK(shmget(KEY, 0, 0));
	OK(shmget(KEY, 0, 0444));
	R(shmget(IPC_PRIVATE, 4096, IPC_CREAT | SHM_HUGETLB | 0600));
	if (p != (void *)-1)
		*(char *)p = 1;
}

static void by_exit(void)
{
	show("child", id);
	shmat(id, NULL, 0);
	show("child attached again", id);
}

static void by_exec(void)
{
	execl("/bin/busybox", "true", NULL);
}

int main(void)
{
	struct shmid_ds ds;
	struct shminfo info;
	struct shm_info usage;
	char *b, *c;
	pid_t pid;
	int st, other;

	SECTION("get");
	R(shmget(KEY, 4096, 0));
	R(shmget(KEY, 0, IPC_CREAT | 0640));
	R(shmget(KEY, -1, IPC_CREAT | 0640));
	id = MUST(shmget(KEY, 5000, IPC_CREAT | 0640));
	R(shmget(KEY, 5000, 0) == id);
	R(shmget(KEY, 0, 0) == id);
	R(shmget(KEY, 5001, 0));
	R(shmget(KEY, 5000, IPC_CREAT | IPC_EXCL | 0600));
	R(shmget(KEY, 5000, IPC_EXCL) == id);
	R(shmget(IPC_PRIVATE, 1UL << 45, IPC_CREAT | 0600));
	show("new", id);
	SECTION("attach");
	R((long)shmat(-1, NULL, 0));
	R((long)shmat(id + 1, NULL, 0));
	R((long)shmat(id, (void *)0x10001, 0));
	R((long)shmat(id, NULL, SHM_REMAP));
	R((long)shmat(id, (void *)1, SHM_RND | SHM_REMAP));
	at = shmat(id, NULL, 0);
	show("attached", id);
	show_map(at);
	R((long)shmat(id, at, 0));
	at[4999] = 'x';
	at[8191] = 'y';
	b = shmat(id, NULL, SHM_RDONLY);
	say("%c %c %d\n", b[4999], b[8191], b[0]);
	show_map(b);
	R(mprotect(b, PAGE, PROT_READ | PROT_WRITE));
	R(mprotect(b, PAGE, PROT_NONE));
	show("split", id);
	R(mprotect(b, PAGE, PROT_READ));
	show("not joined", id);
	R(shmdt(b + PAGE));
	R(shmdt(b + 1));
	R(shmdt(b));
	R(shmdt(b));
	show("detached", id);
	b = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	R(shmat(id, b, SHM_REMAP) == b);
	R(shmat(id, b + 2 * PAGE + 5, SHM_RND | SHM_REMAP) == b + 2 * PAGE);
	show("two more", id);
	R(munmap(b + PAGE, 2 * PAGE));
	show("cut", id);
	R(shmdt(b));
	show("the first", id);
	R(shmdt(b + 2 * PAGE));
	show("the second", id);
	SECTION("mremap");
	b = shmat(id, NULL, 0);
	c = mremap(b, 2 * PAGE, PAGE, 0);
	R(c == b);
	show("shrunk", id);
	c = mremap(b, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, b + 64 * PAGE);
	R(c == b + 64 * PAGE);
	show("moved", id);
	R(shmdt(b));
	R(shmdt(c));
	show("gone", id);
	SECTION("fork, exec, exit");
	in_child("exit", by_exit);
	show("after", id);
	in_child("exec", by_exec);
	show("after", id);
	pid = MUST(fork());
	if (!pid)
		for (;;)
			pause();
	show("two", id);
	kill(pid, SIGKILL);
	waitpid(pid, &st, 0);
	show("after a kill", id);
	SECTION("futex");
	*(int *)at = 5;
	b = shmat(id, NULL, 0);
	pid = MUST(fork());
	if (!pid) {
		while (syscall(SYS_futex, b, FUTEX_WAKE, 1, NULL, NULL, 0) != 1)
			sleep_ms(1);
		_exit(0);
	}
	R(syscall(SYS_futex, at, FUTEX_WAIT, 5, NULL, NULL, 0));
	waitpid(pid, &st, 0);
	shmdt(b);
	SECTION("permission");
	in_child("other user", as_user);
	MUST(shmctl(id, IPC_STAT, &ds));
	ds.shm_perm.mode = 07744;
	ds.shm_perm.uid = 7;
	R(shmctl(id, IPC_SET, &ds));
	show("set", id);
	in_child("may read", as_user);
	ds.shm_perm.uid = 1000;
	ds.shm_perm.mode = 0;
	R(shmctl(id, IPC_SET, &ds));
	in_child("owner", as_user);
	show("marked", id);
	R(shmget(KEY, 0, 0));
	SECTION("removed but attached");
	b = shmat(id, NULL, 0);
	say("%c\n", b[4999]);
	show_map(b);
	show("attached still", id);
	other = MUST(shmget(KEY, 100, IPC_CREAT | 0600));
	R(other != id);
	R(shmdt(at));
	R(shmdt(b));
	show("gone", id);
	SECTION("control");
	R(shmctl(other, 99, &ds));
	R(shmctl(other, -1, &ds));
	R(shmctl(-1, IPC_STAT, &ds));
	R(shmctl(other, IPC_STAT, (void *)8));
	R(shmctl(other, IPC_SET, (void *)8));
	R(shmctl(other, SHM_LOCK, NULL));
	show("locked", other);
	R(shmctl(other, SHM_LOCK, NULL));
	R(shmctl(other, SHM_UNLOCK, NULL));
	show("unlocked", other);
	R(shmctl(other & 0x7fff, SHM_STAT, &ds) == other);
	R(shmctl(0, IPC_INFO, (void *)&info));
	say("shmmax %lu shmmin %lu shmmni %lu shmseg %lu shmall %lu\n", info.shmmax, info.shmmin,
	    info.shmmni, info.shmseg, info.shmall);
	at = shmat(other, NULL, 0);
	*at = 1;
	R(shmctl(0, SHM_INFO, (void *)&usage));
	say("ids %d tot %lu rss %lu swp %lu\n", usage.used_ids, usage.shm_tot, usage.shm_rss, usage.shm_swp);
	SECTION("/proc/sysvipc/shm");
	{
		char line[512];
		FILE *f = fopen("/proc/sysvipc/shm", "r");
		unsigned long size, nattch, rss, swap;
		int key, sid, perms;

		fgets(line, sizeof(line), f);
		say("%s", line);
		while (fgets(line, sizeof(line), f)) {
			say("%zu\n", strlen(line));
			sscanf(line, "%d %d %o %lu %*d %*d %lu %*d %*d %*d %*d %*d %*d %*d %lu %lu", &key,
			       &sid, (unsigned *)&perms, &size, &nattch, &rss, &swap);
			say("%x %d %o %lu %lu %lu %lu\n", key, sid == other, perms, size, nattch, rss, swap);
			line[22] = 0;
			say("%s\n", line);
		}
		fclose(f);
	}
	shmdt(at);
	R(shmctl(other, IPC_RMID, NULL));
	R(shmctl(other, IPC_RMID, NULL));
	SECTION("identifiers");
	for (int i = 0; i < 4; i++) {
		other = MUST(shmget(IPC_PRIVATE, 1, 0600));
		say("index %d\n", other & 0x7fff);
		if (i % 2)
			MUST(shmctl(other, IPC_RMID, NULL));
	}
	{
		int fd = MUST(open("/proc/sys/kernel/shm_next_id", O_RDWR));
		char buf[32] = { 0 };

		R(pwrite(fd, "-5", 2, 0));
		R(pwrite(fd, "327690", 6, 0));
		pread(fd, buf, sizeof(buf), 0);
		say("%s", buf);
		R(other = shmget(IPC_PRIVATE, 1, 0600));
		shmctl(other, IPC_RMID, NULL);
		pread(fd, buf, sizeof(buf), 0);
		say("%s", buf);
		close(fd);
	}
	SECTION("limits");
	{
		int fd = MUST(open("/proc/sys/kernel/shmmni", O_RDWR));

		R(pwrite(fd, "32769", 5, 0));
		R(pwrite(fd, "2", 1, 0));
		R(shmget(IPC_PRIVATE, 1, 0600));
		R(pwrite(fd, "4096", 4, 0));
		close(fd);
		fd = MUST(open("/proc/sys/kernel/shmmax", O_RDWR));
		R(pwrite(fd, "4095", 4, 0));
		R(shmget(IPC_PRIVATE, 4096, 0600));
		R(pwrite(fd, "18446744073692774399", 20, 0));
		close(fd);
		fd = MUST(open("/proc/sys/kernel/shmall", O_RDWR));
		R(pwrite(fd, "3", 1, 0));
		R(shmget(IPC_PRIVATE, 8192, 0600));
		R(pwrite(fd, "18446744073692774399", 20, 0));
		close(fd);
	}
	SECTION("rmid_forced");
	{
		int fd = MUST(open("/proc/sys/kernel/shm_rmid_forced", O_RDWR));

		id = MUST(shmget(IPC_PRIVATE, 1, 0600));
		at = shmat(id, NULL, 0);
		R(pwrite(fd, "2", 1, 0));
		R(pwrite(fd, "1", 1, 0));
		show("attached", id);
		shmdt(at);
		show("detached", id);
		R(pwrite(fd, "0", 1, 0));
		close(fd);
	}
	return 0;
}
