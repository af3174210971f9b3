/*
 * A process is known by its inode number as well: what stat(2) says of a pidfd (pidfd_open(2), "pidfs") and of
 * /proc/PID, which is another one when the number is somebody else's.
 */
#include "abi.h"
#include <linux/sched.h>
#include <sys/statfs.h>
#include <sys/vfs.h>

static pid_t child(pid_t want)
{
	pid_t set = want;
	struct clone_args a = { .exit_signal = SIGCHLD };

	if (want) {
		a.set_tid = (uint64_t)&set;
		a.set_tid_size = 1;
	}
	pid_t pid = syscall(SYS_clone3, &a, sizeof(a));

	if (!pid) {
		pause();
		_exit(0);
	}
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static struct stat of(int fd)
{
	struct stat st = { 0 };

	if (fstat(fd, &st))
		say("fstat: %s\n", ename(errno));
	return st;
}

int main(void)
{
	pid_t one = child(0), two = child(0);
	int a = syscall(SYS_pidfd_open, one, 0), again = syscall(SYS_pidfd_open, one, 0);
	int b = syscall(SYS_pidfd_open, two, 0);
	struct stat sa = of(a), sagain = of(again), sb = of(b);
	struct statfs fs;
	char path[64];

	say("one process, two pidfds: %s inode\n", sa.st_ino == sagain.st_ino ? "one" : "another");
	say("two processes: %s inode, %s device\n", sa.st_ino == sb.st_ino ? "one" : "another",
	    sa.st_dev == sb.st_dev ? "one" : "another");
	say("mode %o, %lu link, size %ld, of %u:%u\n", sa.st_mode, (unsigned long)sa.st_nlink, (long)sa.st_size,
	    sa.st_uid, sa.st_gid);
	say("fstatfs %d, type %#lx\n", fstatfs(a, &fs), (unsigned long)fs.f_type);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", a);
	say("open again: %s\n", ename(open(path, O_RDWR) < 0 ? errno : 0));
	say("fchmod: %s\n", ename(fchmod(a, 0600) ? errno : 0));
	say("fchown: %s\n", ename(fchown(a, 1, 1) ? errno : 0));

	snprintf(path, sizeof(path), "/proc/%d", one);
	int dir = open(path, O_RDONLY | O_DIRECTORY);
	struct stat before = of(dir), twice;

	stat(path, &twice);
	say("/proc/PID twice: %s inode\n", before.st_ino == twice.st_ino ? "one" : "another");
	end(one);
	say("a new process of that number: %s\n", child(one) == one ? "yes" : ename(errno));
	say("stat: %s\n", ename(stat(path, &twice) ? errno : 0));
	say("/proc/PID: %s inode\n", before.st_ino == twice.st_ino ? "one" : "another");
	int c = syscall(SYS_pidfd_open, one, 0);
	say("pidfd: %s inode\n", sa.st_ino == of(c).st_ino ? "one" : "another");
	say("the old one's: %s inode\n", sa.st_ino == of(a).st_ino ? "one" : "another");
	end(one);
	end(two);
	return 0;
}
