/* System V's segments: what of them is promised, and the three policies of vm.overcommit_memory. */
#include "overcommit.h"
#include <sys/ipc.h>
#include <sys/shm.h>

/* A segment of shared memory: System V's. */
static void segment(const char *what, size_t kb, int flags)
{
	int id = shmget(IPC_PRIVATE, kb << 10, 0600 | flags);

	say("segment, %s: %s\n", what, id < 0 ? ename(errno) : "ok");
	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
}

static void segments(void)
{
	SECTION("segments");
	mark();
	int id = MUST(shmget(IPC_PRIVATE, 16 * PAGE - 1, 0600));
	since("made");
	char *p = (char *)MUST(shmat(id, NULL, 0)), *q = (char *)MUST(shmat(id, NULL, SHM_RDONLY));
	since("attached twice");
	p[0] = p[PAGE] = 1;
	since("two pages of it written");
	shmctl(id, IPC_RMID, NULL);
	shmdt(p);
	since("removed, attached once");
	shmdt(q);
	since("not at all");
	id = MUST(shmget(IPC_PRIVATE, 16 * PAGE, 0600 | SHM_NORESERVE));
	p = (char *)MUST(shmat(id, NULL, 0));
	since("no reserve");
	p[0] = p[PAGE] = 1;
	since("two pages of it written");
	shmdt(p);
	shmctl(id, IPC_RMID, NULL);
	since("gone");
}

int main(void)
{
	long total = row("/proc/meminfo", "MemTotal:"), used;

	MUST(unshare(CLONE_NEWIPC)); /* the numbers in the first one stay as they are */
	segments();
	SECTION("policy 0");
	segment("more than there is", total + 4096, 0);
	segment("no reserve", total * 4, SHM_NORESERVE);
	segment("most", total - 1024, 0);
	SECTION("policy 1");
	set("overcommit_memory", "1");
	segment("more than there is", total * 8, 0);
	SECTION("policy 2");
	set("overcommit_ratio", "50");
	set("overcommit_memory", "2");
	used = row("/proc/meminfo", "Committed_AS:");
	segment("half of the rest", (total / 2 - used) / 2, 0);
	segment("all and a bit", total / 2 - used + 64, 0);
	segment("no reserve", total / 2 + 64, SHM_NORESERVE);
	set("overcommit_memory", "0");
	return 0;
}
