/* memfd_secret(2): memory that no one reaches but through its mappings. */
#include "abi.h"
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>

static int secret(unsigned flags)
{
	return syscall(447, flags);
}

static void say_map(const void *at)
{
	char line[300], key[20];
	int here = 0;
	FILE *f = fopen("/proc/self/smaps", "r");

	snprintf(key, sizeof(key), "%lx-", (unsigned long)at);
	while (fgets(line, sizeof(line), f)) {
		char *name = strchr(line, '/');

		if (line[0] >= 'a' || (line[0] >= '0' && line[0] <= '9'))
			here = !strncmp(line, key, strlen(key));
		if (here && name)
			say("map %.4s %s", strchr(line, ' ') + 1, name);
		if (here && (!strncmp(line, "Rss:", 4) || !strncmp(line, "Locked:", 7)))
			say("%s", line);
		if (here && !strncmp(line, "VmFlags:", 8))
			say("locked %d, not dumped %d, shared %d\n", !!strstr(line, " lo"),
			    !!strstr(line, " dd"), !!strstr(line, " sh"));
	}
	fclose(f);
}

static void beyond(void)
{
	int fd = MUST(secret(0));

	MUST(ftruncate(fd, PAGE));
	char *m = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	m[0] = 1;
	m[PAGE] = 1;
}

static void limited(void)
{
	struct rlimit r = { 2 * PAGE, 2 * PAGE };
	int fd = MUST(secret(0));

	MUST(ftruncate(fd, 8 * PAGE));
	MUST(setrlimit(RLIMIT_MEMLOCK, &r));
	MUST(setuid(1000));
	OK((long)mmap(NULL, 3 * PAGE, PROT_READ, MAP_SHARED, fd, 0));
	OK((long)mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0));
	OK((long)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0));
}

static void others(char *m)
{
	char buf[16] = "12345678", path[40];
	struct iovec mine = { buf, 8 }, its = { m, 8 };
	int st, fd, p[2];
	pid_t pid = MUST(fork());

	if (!pid) {
		ptrace(PTRACE_TRACEME);
		raise(SIGSTOP);
		say("child has %s\n", m);
		strcpy(m, "from the child");
		_exit(0);
	}
	waitpid(pid, &st, 0);
	R(process_vm_readv(pid, &mine, 1, &its, 1, 0));
	R(process_vm_writev(pid, &mine, 1, &its, 1, 0));
	R(process_vm_readv(getpid(), &mine, 1, &its, 1, 0));
	R(ptrace(PTRACE_PEEKDATA, pid, m, 0) & 0);
	R(ptrace(PTRACE_POKEDATA, pid, m, 0));
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = MUST(open(path, O_RDWR));
	R(pread(fd, buf, 8, (off_t)m));
	R(pwrite(fd, buf, 8, (off_t)m));
	close(fd);
	fd = MUST(open("/proc/self/mem", O_RDWR));
	R(pread(fd, buf, 8, (off_t)m));
	close(fd);
	ptrace(PTRACE_CONT, pid, 0, 0);
	waitpid(pid, &st, 0);
	say("%s\n", m);
	/* The kernel on its owner's behalf. */
	MUST(pipe(p));
	R(write(p[1], m, 8));
	R(read(p[0], m + 100, 8));
	say("%.8s\n", m + 100);
}

int main(void)
{
	struct stat st;
	char buf[100], path[40];

	SECTION("the descriptor");
	R(secret(1));
	R(secret(O_NONBLOCK));
	int fd = MUST(secret(O_CLOEXEC));
	say("flags %x %x\n", fcntl(fd, F_GETFD), fcntl(fd, F_GETFL) & ~O_LARGEFILE);
	MUST(fstat(fd, &st));
	say("mode %o size %ld nlink %ld\n", st.st_mode, (long)st.st_size, (long)st.st_nlink);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(path, buf, sizeof(buf));
	say("%.*s\n", (int)n, buf);
	R(read(fd, buf, 1));
	R(write(fd, "x", 1));
	R(pread(fd, buf, 1, 0));
	R(lseek(fd, 0, SEEK_END));
	R(fallocate(fd, 0, 0, PAGE));
	R(fcntl(fd, F_GET_SEALS));
	R(open(path, O_RDWR));
	SECTION("its size");
	R(ftruncate(fd, 0));
	R(ftruncate(fd, 4 * PAGE + 1));
	R(ftruncate(fd, 5 * PAGE));
	R(ftruncate(fd, 0));
	MUST(fstat(fd, &st));
	say("size %ld\n", (long)st.st_size);
	SECTION("maps");
	R(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
	char *m = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	OK((long)m);
	say_map(m);
	say("zeros %d\n", m[0] == 0);
	strcpy(m, "a secret");
	m[PAGE] = 1;
	say_map(m);
	R(munlock(m, 4 * PAGE));
	say_map(m);
	R(mprotect(m, PAGE, PROT_READ));
	R(mprotect(m, PAGE, PROT_READ | PROT_WRITE));
	R(madvise(m, PAGE, MADV_DONTNEED));
	R(madvise(m, PAGE, MADV_DODUMP));
	say("%s\n", m);
	SECTION("others");
	others(m);
	SECTION("ends");
	in_child("beyond the end", beyond);
	in_child("limits", limited);
	R(munmap(m, 4 * PAGE));
	m = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	say("again %d\n", !strcmp(m, "from the child"));
	return 0;
}
