/* System V semaphores: operations, waiting, undo, control, what /proc shows. */
#include "abi.h"
#include <linux/sem.h>
#include <sys/wait.h>

#define KEY 0x5a5a0002

static int id;
static volatile int handled;

static long semctl(int sid, int num, int cmd, ...)
{
	va_list ap;
	unsigned long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, unsigned long);
	va_end(ap);
	return syscall(SYS_semctl, sid, num, cmd, arg);
}

static long semget(int key, int n, int flags)
{
	return syscall(SYS_semget, key, n, flags);
}

static long semop(int sid, struct sembuf *ops, size_t n)
{
	return syscall(SYS_semtimedop, sid, ops, n, NULL);
}

static long op1(int num, int op, int flags)
{
	struct sembuf o = { num, op, flags };

	return semop(id, &o, 1);
}

static void values(const char *what)
{
	unsigned short v[8] = { 0 };

	if (semctl(id, 0, GETALL, v))
		say("%s: %s\n", what, ename(errno));
	else
		say("%s: %d %d %d\n", what, v[0], v[1], v[2]);
}

static void show(const char *what)
{
	struct semid64_ds ds;

	if (semctl(id, 0, IPC_STAT, &ds))
		say("%s: %s\n", what, ename(errno));
	else
		say("%s: key %x mode %o uid %d gid %d n %lu times %d%d\n", what, ds.sem_perm.key,
		    ds.sem_perm.mode, ds.sem_perm.uid, ds.sem_perm.gid, ds.sem_nsems, !!ds.sem_otime,
		    !!ds.sem_ctime);
}

/* Until so many wait. */
static void until(int num, int cmd, int n)
{
	while (semctl(id, num, cmd, 0L) != n)
		sleep_ms(1);
}

static pid_t child_op(struct sembuf *ops, int n)
{
	pid_t pid = MUST(fork());

	if (!pid) {
		long r = semop(id, ops, n);

		_exit(r ? errno : 0);
	}
	return pid;
}

static void ended(const char *what, pid_t pid)
{
	int st;

	MUST(waitpid(pid, &st, 0));
	say("%s: %s\n", what, st ? ename(WEXITSTATUS(st)) : "done");
}

static void on_signal(int sig)
{
	(void)sig;
	handled++;
}

static void undoer(void)
{
	op1(0, 3, SEM_UNDO);
	op1(1, -2, SEM_UNDO);
	values("child");
	if (!fork()) {
		op1(2, 1, SEM_UNDO);
		values("grandchild");
		_exit(0);
	}
	wait(NULL);
	values("its end");
}

static void undo_exec(void)
{
	op1(0, 4, SEM_UNDO);
	execl("/bin/busybox", "true", NULL);
}

static int thread_undo(void *arg)
{
	(void)arg;
	op1(0, 5, SEM_UNDO);
	return 0;
}

static void shared_list(int flags, const char *what)
{
	static char stack[65536] __attribute__((aligned(16)));
	int st;
	pid_t pid = MUST(clone(thread_undo, stack + sizeof(stack), CLONE_VM | flags | SIGCHLD, NULL));

	MUST(waitpid(pid, &st, 0));
	values(what);
}

static void with_sysvsem(void)
{
	shared_list(CLONE_SYSVSEM, "shared");
}

static void without_sysvsem(void)
{
	shared_list(0, "own");
}

static void as_user(void)
{
	struct semid64_ds ds;
	unsigned short v[3] = { 0 };

	setgid(1000);
	setuid(1000);
	R(op1(0, 0, IPC_NOWAIT));
	R(op1(0, 1, IPC_NOWAIT));
	R(semctl(id, 0, GETVAL, 0L));
	R(semctl(id, 0, SETVAL, 1L));
	R(semctl(id, 0, GETALL, v));
	R(semctl(id, 0, SETALL, v));
	R(semctl(id, 0, IPC_STAT, &ds));
	R(semctl(id & 0x7fff, 0, SEM_STAT, &ds));
	R(semctl(id & 0x7fff, 0, SEM_STAT_ANY, &ds) == id);
	R(semctl(id, 0, IPC_SET, &ds));
	R(semctl(id, 0, IPC_RMID, 0L));
	R(semget(KEY, 0, 0600));
}

int main(void)
{
	struct sembuf ops[4];
	struct semid64_ds ds;
	struct seminfo info;
	struct timespec ts = { 0, 20000000 };
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	unsigned short v[3] = { 1, 2, 3 };
	pid_t a, b, c;
	int st;

	SECTION("get");
	R(semget(KEY, 1, 0));
	R(semget(KEY, 0, IPC_CREAT | 0600));
	R(semget(KEY, -1, IPC_CREAT | 0600));
	R(semget(KEY, 32001, IPC_CREAT | 0600));
	id = MUST(semget(KEY, 3, IPC_CREAT | 0640));
	R(semget(KEY, 3, 0) == id);
	R(semget(KEY, 0, 0) == id);
	R(semget(KEY, 4, 0));
	R(semget(KEY, 3, IPC_CREAT | IPC_EXCL));
	show("new");
	values("new");
	SECTION("operations");
	R(op1(0, 2, 0));
	R(op1(0, -1, 0));
	R(op1(0, 0, IPC_NOWAIT));
	R(op1(0, -2, IPC_NOWAIT));
	R(op1(1, 0, 0));
	R(op1(3, 1, 0));
	R(op1(0, 32767, 0));
	R(op1(0, 32766, 0));
	R(op1(0, -32767, SEM_UNDO));
	R(op1(0, 1, SEM_UNDO));
	show("used");
	R(semctl(id, 0, GETPID, 0L) == getpid());
	R(semctl(id, 1, GETPID, 0L) == getpid());
	R(semctl(id, 2, GETPID, 0L));
	R(semop(id, ops, 0));
	R(semop(id, ops, 501));
	R(semop(-1, ops, 1));
	R(semop(id + 1, ops, 1));
	R(semop(id, (void *)8, 1));
	ops[0] = (struct sembuf){ 1, 2, 0 };
	ops[1] = (struct sembuf){ 1, -1, 0 };
	ops[2] = (struct sembuf){ 2, -1, IPC_NOWAIT };
	R(semop(id, ops, 3));
	values("all or nothing");
	R(semop(id, ops, 2));
	ops[2] = (struct sembuf){ 1, 32767, 0 };
	R(semop(id, ops, 3));
	values("range");
	SECTION("control");
	R(semctl(id, 0, SETVAL, 5L));
	R(semctl(id, 3, SETVAL, 5L));
	R(semctl(id, -1, GETVAL, 5L));
	R(semctl(id, 0, SETVAL, 32768L));
	R(semctl(id, 0, SETVAL, -1L));
	R(semctl(id, 0, GETVAL, 0L));
	R(semctl(id, 0, SETALL, v));
	values("set");
	v[1] = 40000;
	R(semctl(id, 0, SETALL, v));
	R(semctl(id, 0, SETALL, 8L));
	R(semctl(id, 0, GETALL, 8L));
	R(semctl(id, 0, IPC_STAT, 8L));
	R(semctl(id, 0, 99, 0L));
	R(semctl(-1, 0, GETVAL, 0L));
	R(semctl(id, 0, GETNCNT, 0L));
	R(semctl(id & 0x7fff, 0, SEM_STAT, &ds) == id);
	R(semctl(0, 0, IPC_INFO, &info));
	say("%d %d %d %d %d %d %d %d %d %d\n", info.semmap, info.semmni, info.semmns, info.semmnu,
	    info.semmsl, info.semopm, info.semume, info.semusz, info.semvmx, info.semaem);
	R(semctl(0, 0, SEM_INFO, &info));
	say("%d %d\n", info.semusz, info.semaem);
	SECTION("waiting");
	v[0] = v[1] = v[2] = 0;
	R(semctl(id, 0, SETALL, v));
	ops[0] = (struct sembuf){ 0, -1, 0 };
	a = child_op(ops, 1);
	until(0, GETNCNT, 1);
	b = child_op(ops, 1);
	until(0, GETNCNT, 2);
	R(op1(0, 1, 0));
	ended("first come", a);
	R(semctl(id, 0, GETNCNT, 0L));
	R(op1(0, 1, 0));
	ended("then", b);
	values("all taken");
	R(op1(0, 2, 0));
	ops[0] = (struct sembuf){ 0, 0, 0 };
	a = child_op(ops, 1);
	until(0, GETZCNT, 1);
	R(op1(0, -1, 0));
	R(semctl(id, 0, GETZCNT, 0L));
	R(semctl(id, 0, SETVAL, 0L));
	ended("zero", a);
	SECTION("several at once");
	ops[0] = (struct sembuf){ 0, -1, 0 };
	ops[1] = (struct sembuf){ 1, -1, 0 };
	a = child_op(ops, 2);
	until(0, GETNCNT, 1);
	R(semctl(id, 1, GETNCNT, 0L));
	R(op1(0, 1, 0));
	until(1, GETNCNT, 1);
	R(semctl(id, 0, GETNCNT, 0L));
	values("nothing taken");
	ops[0] = (struct sembuf){ 0, -1, 0 };
	b = child_op(ops, 1);
	ended("passed by", b);
	R(op1(1, 1, 0));
	until(0, GETNCNT, 1);
	R(op1(0, 1, 0));
	ended("both", a);
	values("after");
	/* The big one first: the small one behind it goes on, as it can. */
	ops[0] = (struct sembuf){ 0, -3, 0 };
	a = child_op(ops, 1);
	until(0, GETNCNT, 1);
	ops[0] = (struct sembuf){ 0, -1, 0 };
	b = child_op(ops, 1);
	until(0, GETNCNT, 2);
	R(op1(0, 2, 0));
	ended("small", b);
	R(op1(0, 2, 0));
	ended("big", a);
	/* A chain: each lets the next go on. */
	ops[0] = (struct sembuf){ 0, -1, 0 };
	ops[1] = (struct sembuf){ 1, 1, 0 };
	a = child_op(ops, 2);
	until(0, GETNCNT, 1);
	ops[0] = (struct sembuf){ 1, -1, 0 };
	ops[1] = (struct sembuf){ 2, 1, 0 };
	b = child_op(ops, 2);
	until(1, GETNCNT, 1);
	ops[0] = (struct sembuf){ 2, -1, 0 };
	c = child_op(ops, 1);
	until(2, GETNCNT, 1);
	R(op1(0, 1, 0));
	ended("chain 1", a);
	ended("chain 2", b);
	ended("chain 3", c);
	values("chain");
	R(semctl(id, 2, GETPID, 0L) == c);
	SECTION("time and signals");
	ops[0] = (struct sembuf){ 0, -1, 0 };
	R(syscall(SYS_semtimedop, id, ops, 1, &ts));
	ts.tv_nsec = -1;
	R(syscall(SYS_semtimedop, id, ops, 1, &ts));
	R(syscall(SYS_semtimedop, id, ops, 1, (void *)8));
	ts.tv_nsec = 0;
	R(syscall(SYS_semtimedop, id, ops, 1, &ts));
	sigaction(SIGUSR1, &sa, NULL);
	a = MUST(fork());
	if (!a) {
		until(0, GETNCNT, 1);
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	R(op1(0, -1, 0));
	say("handled %d\n", handled);
	ended("signaller", a);
	R(semctl(id, 0, GETNCNT, 0L));
	SECTION("undo");
	v[0] = 10, v[1] = 10, v[2] = 10;
	R(semctl(id, 0, SETALL, v));
	in_child("undo", undoer);
	values("undone");
	in_child("exec", undo_exec);
	values("undone");
	in_child("own list", without_sysvsem);
	values("undone");
	in_child("shared list", with_sysvsem);
	values("undone");
	a = MUST(fork());
	if (!a) {
		op1(0, 5, SEM_UNDO);
		op1(1, -5, SEM_UNDO);
		for (;;)
			pause();
	}
	while (semctl(id, 1, GETVAL, 0L) != 5)
		sleep_ms(1);
	R(semctl(id, 0, SETVAL, 1L));
	kill(a, SIGKILL);
	waitpid(a, &st, 0);
	values("one forgotten");
	R(semctl(id, 1, GETPID, 0L) == a);
	a = MUST(fork());
	if (!a) {
		op1(2, 5, SEM_UNDO);
		for (;;)
			pause();
	}
	while (semctl(id, 2, GETVAL, 0L) != 15)
		sleep_ms(1);
	R(op1(2, -12, 0));
	kill(a, SIGKILL);
	waitpid(a, &st, 0);
	values("not below 0");
	SECTION("permission");
	in_child("other", as_user);
	MUST(semctl(id, 0, IPC_STAT, &ds));
	ds.sem_perm.mode = 0604;
	ds.sem_perm.gid = 55;
	R(semctl(id, 0, IPC_SET, &ds));
	R(semctl(id, 0, IPC_SET, 8L));
	show("set");
	in_child("reads", as_user);
	SECTION("/proc/sysvipc/sem");
	show_sysvipc("/proc/sysvipc/sem", 63);
	SECTION("removal");
	ops[0] = (struct sembuf){ 0, -100, SEM_UNDO };
	a = child_op(ops, 1);
	until(0, GETNCNT, 1);
	R(semctl(id, 0, IPC_RMID, 0L));
	ended("waiter", a);
	R(semctl(id, 0, IPC_RMID, 0L));
	R(op1(0, 1, 0));
	return 0;
}
