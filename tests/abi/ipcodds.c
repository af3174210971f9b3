/* Edges of System V IPC that sequences of random calls found: what a refused call leaves behind, and which error is told. */
#include "abi.h"
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/shm.h>

static int id;
static struct sembuf op;

/* In a child: an operation that is refused; what its end does. */
static void refused(void)
{
	R(semop(id, &op, 1));
}

static void refused_as_user(void)
{
	MUST(setresuid(1000, 1000, 1000));
	refused();
}

static void undo_noted(const char *what, struct sembuf o, void (*how)(void))
{
	struct semid_ds ds;

	id = MUST(semget(IPC_PRIVATE, 2, 0600));
	op = o;
	in_child(what, how);
	MUST(semctl(id, 0, IPC_STAT, &ds));
	say("time of the last operation: %s\n", ds.sem_otime ? "yes" : "no");
	MUST(semctl(id, 0, IPC_RMID));
}

static void attach(const char *what, int shm, void *at, int flags)
{
	void *p = (errno = 0, shmat(shm, at, flags));

	say("shmat %s: %s\n", what, p == (void *)-1 ? ename(errno) : "ok");
}

int main(void)
{
	/* Identifiers go round: other programs' shall not move on. */
	MUST(unshare(CLONE_NEWIPC));

	SECTION("an undo is noted before the call is looked at");
	undo_noted("no such semaphore", (struct sembuf){ 2, 1, SEM_UNDO }, refused);
	undo_noted("no such semaphore, nothing to undo", (struct sembuf){ 2, 1, 0 }, refused);
	undo_noted("not now", (struct sembuf){ 0, -1, SEM_UNDO | IPC_NOWAIT }, refused);
	undo_noted("not permitted", (struct sembuf){ 0, 1, SEM_UNDO }, refused_as_user);
	undo_noted("nothing done", (struct sembuf){ 0, 0, SEM_UNDO }, refused);

	SECTION("attaching where there is no room");
	int shm = MUST(shmget(IPC_PRIVATE, 3 * PAGE, 0600));

	attach("at the last page", shm, (void *)-PAGE, 0);
	attach("at the last page, replacing", shm, (void *)-PAGE, SHM_REMAP);
	attach("at the last three", shm, (void *)(-3 * PAGE), 0);
	attach("before them", shm, (void *)(-4 * PAGE), 0);
	attach("near the last, rounded", shm, (void *)-1, SHM_RND);
	attach("in the kernel", shm, (void *)0xffffffd000000000, 0);
	MUST(shmctl(shm, IPC_RMID, NULL));
	return 0;
}
