/* System V message queues: types, sizes, waiting, control, what /proc shows. */
#include "abi.h"
#include <limits.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#ifndef MSG_COPY
#define MSG_COPY 040000
#endif
#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif
#define KEY 0x5a5a0003

static int id;
static struct {
	long type;
	char text[20000];
} m;
static volatile int handled;

static long put(long type, const char *text, int flags)
{
	m.type = type;
	strcpy(m.text, text);
	return syscall(SYS_msgsnd, id, &m, strlen(text), flags);
}

static void get(size_t max, long type, int flags)
{
	long n;

	memset(&m, 0, sizeof(m));
	n = syscall(SYS_msgrcv, id, &m, max, type, flags);
	if (n < 0)
		say("get %ld %#x: %s\n", type, flags, ename(errno));
	else
		say("get %ld %#x: %ld bytes, type %ld '%.20s'\n", type, flags, n, m.type, m.text);
}

static void show(const char *what)
{
	struct msqid_ds ds;

	if (msgctl(id, IPC_STAT, &ds))
		say("%s: %s\n", what, ename(errno));
	else
		say("%s: key %x mode %o uid %d gid %d cbytes %lu qnum %lu qbytes %lu times %d%d%d pids %d%d\n",
		    what, ds.msg_perm.__key, ds.msg_perm.mode, ds.msg_perm.uid, ds.msg_perm.gid,
		    ds.__msg_cbytes, ds.msg_qnum, ds.msg_qbytes, !!ds.msg_stime, !!ds.msg_rtime,
		    !!ds.msg_ctime, ds.msg_lspid == getpid(), ds.msg_lrpid == getpid());
}

static void ended(const char *what, pid_t pid)
{
	int st;

	MUST(waitpid(pid, &st, 0));
	say("%s: %s\n", what, WEXITSTATUS(st) ? ename(WEXITSTATUS(st)) : "done");
}

static pid_t child_get(size_t max, long type, int flags)
{
	pid_t pid = MUST(fork());

	if (!pid) {
		long n = syscall(SYS_msgrcv, id, &m, max, type, flags);

		if (n < 0)
			_exit(errno);
		sleep_ms(150); /* the parent has said what it did */
		say("child got type %ld, %ld bytes\n", m.type, n);
		_exit(0);
	}
	until_asleep(&pid);
	return pid;
}

static void on_signal(int sig)
{
	(void)sig;
	handled++;
}

static void as_user(void)
{
	struct msqid_ds ds;

	setgid(1000);
	setuid(1000);
	R(put(1, "x", IPC_NOWAIT));
	get(10, 0, IPC_NOWAIT);
	R(msgctl(id, IPC_STAT, &ds));
	R(msgctl(id & 0x7fff, MSG_STAT, &ds));
	R(msgctl(id & 0x7fff, MSG_STAT_ANY, &ds) == id);
	R(msgctl(id, IPC_SET, &ds));
	R(msgctl(id, IPC_RMID, NULL));
	R(msgget(KEY, 0600));
}

int main(void)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct msqid_ds ds;
	struct msginfo info;
	pid_t a, b;

	SECTION("get");
	R(msgget(KEY, 0));
	id = MUST(msgget(KEY, IPC_CREAT | 0640));
	R(msgget(KEY, 0) == id);
	R(msgget(KEY, IPC_CREAT | IPC_EXCL));
	show("new");
	SECTION("types");
	put(3, "three", 0);
	put(1, "one", 0);
	put(2, "two", 0);
	put(1, "one again", 0);
	put(7, "", 0);
	show("five");
	get(100, 2, MSG_COPY | IPC_NOWAIT);
	get(100, 5, MSG_COPY | IPC_NOWAIT);
	get(1, 0, MSG_COPY | IPC_NOWAIT);
	get(1, 0, MSG_COPY | IPC_NOWAIT | MSG_NOERROR);
	get(100, 0, MSG_COPY);
	get(100, 0, MSG_COPY | MSG_EXCEPT | IPC_NOWAIT);
	get(100, 5, IPC_NOWAIT);
	get(100, -2, IPC_NOWAIT);
	get(100, -2, IPC_NOWAIT);
	get(100, 3, MSG_EXCEPT | IPC_NOWAIT);
	get(2, 0, IPC_NOWAIT);
	get(2, 0, IPC_NOWAIT | MSG_NOERROR);
	get(0, 0, IPC_NOWAIT);
	get(0, 0, IPC_NOWAIT);
	put(5, "five", 0);
	get(100, LONG_MIN, IPC_NOWAIT);
	show("empty");
	SECTION("refused");
	R(put(0, "x", 0));
	R(put(-1, "x", 0));
	R(syscall(SYS_msgsnd, id, &m, 8193, 0));
	R(syscall(SYS_msgsnd, id, &m, -1, 0));
	R(syscall(SYS_msgsnd, id, (void *)8, 1, 0));
	R(syscall(SYS_msgsnd, -1, &m, 1, 0));
	R(syscall(SYS_msgrcv, id, &m, -1, 0, 0));
	R(syscall(SYS_msgrcv, id + 1, &m, 1, 0, 0));
	m.type = 1;
	R(syscall(SYS_msgsnd, id + 1, &m, 1, 0));
	R(syscall(SYS_msgsnd, id, &m, 10, 0));
	R(syscall(SYS_msgrcv, id, (void *)8, 10, 0, 0));
	show("lost");
	SECTION("full");
	R(syscall(SYS_msgsnd, id, &m, 8192, 0));
	R(syscall(SYS_msgsnd, id, &m, 8192, IPC_NOWAIT));
	R(syscall(SYS_msgsnd, id, &m, 1, IPC_NOWAIT));
	R(syscall(SYS_msgsnd, id, &m, 0, IPC_NOWAIT));
	show("full");
	a = MUST(fork());
	if (!a)
		_exit(put(9, "late", 0) ? errno : 0);
	until_asleep(&a);
	get(9000, 0, 0);
	ended("sender", a);
	get(9000, 0, 0);
	get(9000, 0, 0);
	get(9000, 0, 0);
	m.type = 4;
	for (int i = 0; i < 8192; i++)
		m.text[i] = i * 7;
	R(syscall(SYS_msgsnd, id, &m, 8192, 0));
	memset(&m, 0, sizeof(m));
	R(syscall(SYS_msgrcv, id, &m, 8192, 4, MSG_COPY & 0));
	for (int i = 0; i < 8192; i++)
		if (m.text[i] != (char)(i * 7)) {
			say("byte %d differs\n", i);
			break;
		}
	SECTION("waiting");
	a = child_get(100, 5, 0);
	b = child_get(100, -3, 0);
	put(4, "nobody's", 0);
	put(3, "b's", 0);
	ended("b", b);
	put(5, "a's", 0);
	ended("a", a);
	get(100, 0, IPC_NOWAIT);
	a = child_get(2, 0, 0);
	b = child_get(100, 0, 0);
	put(1, "too long for a", 0);
	ended("a", a);
	ended("b", b);
	show("handed over");
	a = child_get(100, 6, MSG_EXCEPT);
	put(6, "six", 0);
	put(8, "eight", 0);
	ended("except", a);
	get(100, 0, IPC_NOWAIT);
	SECTION("signals");
	sigaction(SIGUSR1, &sa, NULL);
	a = MUST(fork());
	if (!a) {
		int parent = getppid();

		until_asleep(&parent);
		kill(parent, SIGUSR1);
		_exit(0);
	}
	get(100, 0, 0);
	say("handled %d\n", handled);
	ended("signaller", a);
	SECTION("control");
	R(msgctl(id, 99, &ds));
	R(msgctl(-1, IPC_STAT, &ds));
	R(msgctl(id, IPC_STAT, (void *)8));
	R(msgctl(id, IPC_SET, (void *)8));
	R(msgctl(0, IPC_INFO, (void *)&info));
	say("%d %d %d %d %d %d %d %d\n", info.msgpool, info.msgmap, info.msgmax, info.msgmnb, info.msgmni,
	    info.msgssz, info.msgtql, info.msgseg);
	put(1, "four", 0);
	put(1, "seventy", 0);
	R(msgctl(0, MSG_INFO, (void *)&info));
	say("%d %d %d\n", info.msgpool, info.msgmap, info.msgtql);
	R(msgctl(id & 0x7fff, MSG_STAT, &ds) == id);
	ds.msg_qbytes = 20;
	ds.msg_perm.mode = 0604;
	R(msgctl(id, IPC_SET, &ds));
	show("set");
	R(put(1, "ten bytes.", IPC_NOWAIT));
	ds.msg_qbytes = 100000;
	R(msgctl(id, IPC_SET, &ds));
	SECTION("permission");
	in_child("reads", as_user);
	ds.msg_perm.mode = 0600;
	R(msgctl(id, IPC_SET, &ds));
	in_child("nothing", as_user);
	ds.msg_perm.uid = 1000;
	R(msgctl(id, IPC_SET, &ds));
	a = MUST(fork());
	if (!a) {
		setuid(1000);
		ds.msg_qbytes = 16385;
		R(msgctl(id, IPC_SET, &ds));
		ds.msg_qbytes = 16384;
		R(msgctl(id, IPC_SET, &ds));
		_exit(0);
	}
	ended("owner", a);
	SECTION("/proc/sysvipc/msg");
	show_sysvipc("/proc/sysvipc/msg", 51);
	SECTION("removal");
	get(100, 0, 0);
	get(100, 0, IPC_NOWAIT);
	get(100, 0, IPC_NOWAIT);
	a = child_get(100, 0, 0);
	R(msgctl(id, IPC_RMID, NULL));
	ended("receiver", a);
	show("gone");
	R(put(1, "x", 0));
	id = MUST(msgget(KEY, IPC_CREAT | 0600));
	MUST(syscall(SYS_msgsnd, id, &m, 8192, 0));
	MUST(syscall(SYS_msgsnd, id, &m, 8192, 0));
	a = MUST(fork());
	if (!a)
		_exit(put(1, "x", 0) ? errno : 0);
	until_asleep(&a);
	R(msgctl(id, IPC_RMID, NULL));
	ended("sender", a);
	return 0;
}
