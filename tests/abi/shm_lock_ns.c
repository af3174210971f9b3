/* SHM_LOCK in a user namespace: who may lock is asked there, what it costs is counted in the first one. */
#include "abi.h"
#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/shm.h>

static void lock(const char *what)
{
	int id = MUST(shmget(IPC_PRIVATE, 4 * PAGE, 0600));

	SECTION(what);
	R(shmctl(id, SHM_LOCK, NULL));
	R(shmctl(id, SHM_UNLOCK, NULL));
	shmctl(id, IPC_RMID, NULL);
}

static void limit(rlim_t n)
{
	MUST(setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){ n, 64 * PAGE }));
}

int main(void)
{
	int other;

	MUST(unshare(CLONE_NEWIPC)); /* what is left goes with it */
	other = MUST(shmget(IPC_PRIVATE, PAGE, 0666));
	MUST(setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){ 64 * PAGE, 64 * PAGE }));
	MUST(setresgid(1000, 1000, 1000));
	MUST(setresuid(1000, 1000, 1000));
	lock("a plain user");
	limit(0);
	lock("whose limit is 0");
	MUST(unshare(CLONE_NEWUSER));
	lock("root of a user namespace, a segment outside");
	R(shmctl(other, SHM_LOCK, NULL));
	MUST(unshare(CLONE_NEWIPC));
	lock("one inside");
	return 0;
}
