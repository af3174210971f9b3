/* Process groups and sessions, and their rules; ids of users and groups. */
#include "abi.h"
#include <grp.h>

static int st;

static void leads(void)
{
	R(setsid());
	R(setpgid(0, 0));
}

static void new_session(void)
{
	pid_t me = getpid();

	R(setsid() == me);
	say("sid %d pgid %d\n", getsid(0) == me, getpgrp() == me);
	R(setpgid(0, 0));
	R(setsid());
	pid_t pid = MUST(fork());
	if (!pid) {
		say("child: sid %d pgid %d\n", getsid(0) == me, getpgrp() == me);
		R(setpgid(0, 0));
		say("own group %d\n", getpgrp() == getpid());
		R(setpgid(0, me));
		say("back %d\n", getpgrp() == me);
		R(setpgid(0, 999999));
		_exit(0);
	}
	waitpid(pid, &st, 0);
}

static void ids(void)
{
	uid_t r, e, s;
	gid_t groups[4] = { 5, 6, 7, 8 };

	R(setgroups(3, groups));
	R(getgroups(0, NULL));
	R(getgroups(2, groups));
	R(getgroups(4, groups));
	R(setresgid(10, 11, 12));
	R(setresuid(20, 21, 22));
	getresuid(&r, &e, &s);
	say("%u %u %u\n", r, e, s);
	R(setuid(22));
	getresuid(&r, &e, &s);
	say("%u %u %u\n", r, e, s);
	R(setuid(0));
	R(setuid(99));
	R(setreuid(-1, 20));
	getresuid(&r, &e, &s);
	say("%u %u %u\n", r, e, s);
	R(setreuid(20, 99));
	R(setresuid(-1, -1, -1));
	R(setresuid(22, 22, 22));
	R(setresuid(20, -1, -1));
	R(setgid(12));
	R(setgid(99));
	R(setgroups(0, NULL));
	R(getuid());
	R(geteuid());
	R(getgid());
	R(getegid());
	R(syscall(SYS_setfsuid, 7));
	R(syscall(SYS_setfsuid, -1));
}

static void root_drops(void)
{
	uid_t r, e, s;

	R(setuid(1000));
	getresuid(&r, &e, &s);
	say("%u %u %u\n", r, e, s);
	R(setuid(0));
	R(kill(1, 0));
	R(kill(1, SIGTERM));
	R(chroot("/"));
	R(setgid(5));
}

static void suid(void)
{
	char *argv[] = { "session", "who", NULL }, *envp[] = { NULL };

	MUST(setgid(1000));
	MUST(setuid(1000));
	execve("./suid", argv, envp);
	say("%s\n", ename(errno));
}

static void killed_group(void)
{
	setpgid(0, 0);
	for (int i = 0; i < 3; i++)
		if (!fork())
			for (;;)
				pause();
	sleep_ms(20);
	kill(0, SIGTERM);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "sleep"))
		return 0;
	if (argc > 1 && !strcmp(argv[1], "who")) {
		uid_t r, e, s;
		getresuid(&r, &e, &s);
		say("%u %u %u\n", r, e, s);
		getresgid(&r, &e, &s);
		say("%u %u %u\n", r, e, s);
		return 0;
	}
	(void)argv;
	SECTION("sessions");
	in_child("leader of nothing", new_session);
	leads();
	say("own group %d\n", getpgrp() == getpid());
	R(getpgid(999999));
	R(getsid(999999));
	R(getpgid(-1));
	R(setpgid(-1, 0));
	R(setpgid(0, -1));
	R(setpgid(999999, 0));
	R(setpgid(1, 0));
	R(getpgid(0) == getpgrp());
	SECTION("groups of children");
	pid_t pid = MUST(fork());
	if (!pid) {
		sleep_ms(60);
		_exit(getpgrp() == getpid() ? 7 : 8);
	}
	R(setpgid(pid, pid));
	R(getpgid(pid) == pid);
	R(getsid(pid) == getsid(0));
	waitpid(pid, &st, 0);
	say("%s\n", wait_text(st));
	pid = MUST(fork());
	if (!pid) {
		execl("/proc/self/exe", "session", "sleep", NULL);
		_exit(1);
	}
	waitpid(pid, &st, 0);
	in_child("a group killed", killed_group);
	SECTION("ids");
	in_child("ids", ids);
	in_child("root drops", root_drops);
	chmod(".", 0755);
	char buf[4096];
	int in = MUST(open("/proc/self/exe", O_RDONLY)), out = MUST(open("suid", O_CREAT | O_WRONLY, 0755));
	for (ssize_t n; (n = read(in, buf, sizeof(buf))) > 0;)
		write(out, buf, n);
	close(out);
	chown("suid", 500, 600);
	chmod("suid", 06755);
	in_child("set-user-id program", suid);
	chmod("suid", 0755);
	in_child("not so", suid);
	return 0;
}
