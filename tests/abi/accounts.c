/* Process accounting: acct(2), and the records of acct(5) that it leaves. */
#include "abi.h"
#include <sys/acct.h>
#include <sys/mount.h>
#include <sys/resource.h>

static void end(int how)
{
	struct rlimit none = { 0, 0 };
	int status;
	pid_t pid = fork();

	if (!pid) {
		setrlimit(RLIMIT_CORE, &none);
		if (how == 1)
			raise(SIGKILL);
		if (how == 2)
			execl("/proc/self/exe", "a-new-name-of-it", "again", NULL);
		if (how == 3) {
			setrlimit(RLIMIT_FSIZE, &none);
			MUST(setresgid(5, 5, 5));
			MUST(setresuid(1000, 1000, 1000));
		}
		_exit(7);
	}
	waitpid(pid, &status, 0);
}

static void show(void)
{
	int fd = MUST(open("m/log", O_RDONLY));
	struct acct_v3 a;
	ssize_t n;

	while ((n = read(fd, &a, sizeof(a))) == sizeof(a))
		say("%.16s: version %d flags %x status %x ids %u %u mine %d began %d mem %d\n", a.ac_comm,
		    a.ac_version, a.ac_flag & (AFORK | ACORE | AXSIG), a.ac_exitcode, a.ac_uid,
		    a.ac_gid, (pid_t)a.ac_ppid == getpid(), a.ac_btime > 0, a.ac_mem > 0);
	say("then %zd\n", n);
	close(fd);
}

int main(int argc, char **argv)
{
	int status;

	(void)argv;
	if (argc > 1)
		return 3;
	MUST(mkdir("m", 0755));
	MUST(mount("t", "m", "tmpfs", 0, ""));
	R(acct("m/none"));
	R(acct("m"));
	R(acct("/dev/null"));
	R(acct("m/none/x"));
	R(acct((char *)8));
	R(acct(""));
	put_file("m/log", "", 0, 0644);
	R(acct("m/log/"));
	R(acct("m/log"));
	end(0);
	end(1);
	end(2);
	end(3);
	R(acct(NULL));
	end(0);
	show();
	if (!fork()) {
		MUST(setresuid(1000, 1000, 1000));
		R(acct(NULL));
		R(acct("m/log"));
		_exit(0);
	}
	wait(&status);
	MUST(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	R(acct("m/log"));
	return 0;
}
