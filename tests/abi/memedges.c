/*
 * Edges of memory: MREMAP_DONTUNMAP of a part of a locked area, madvise(2) of /dev/zero, [vdso] and [vvar],
 * the zero page of UFFDIO_ZEROPAGE, execve(2) with a stack limit of nothing.
 */
#include "abi.h"
#include <linux/userfaultfd.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

/* A line of the area's in smaps. */
static const char *smaps(const void *at, const char *key)
{
	static char line[300];
	unsigned long from, to;
	FILE *f = fopen("/proc/self/smaps", "r");
	int here = 0;

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = (unsigned long)at >= from && (unsigned long)at < to;
		else if (here && !strncmp(line, key, strlen(key)))
			break;
	}
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	return line + strcspn(line, " ") + strspn(line + strcspn(line, " "), " ");
}

static int is_locked(const void *at)
{
	return strstr(smaps(at, "VmFlags"), "lo ") != NULL;
}

static char *anon(size_t pages)
{
	return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void dontunmap(void)
{
	char *m = anon(8), *n;

	SECTION("MREMAP_DONTUNMAP of a part");
	memset(m, 1, 8 * PAGE);
	OK(mlock(m, 8 * PAGE));
	n = mremap(m + 2 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
	OK(n == MAP_FAILED ? -1 : 0);
	say("locked: before %d, the part %d, behind %d, the new %d\n", is_locked(m), is_locked(m + 2 * PAGE),
	    is_locked(m + 5 * PAGE), is_locked(n));
	say("%d %d %d %d\n", m[0], m[2 * PAGE], m[5 * PAGE], n[0]);
	munlockall();
	munmap(m, 8 * PAGE);
	munmap(n, 2 * PAGE);
}

static void advise(const char *what, char *at, size_t len)
{
	static const int all[] = { 0, 1, 2, 3, 4, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23, 24 };

	say("%s:", what);
	for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
		say(" %d %s", all[i], madvise(at, len, all[i]) ? ename(errno) : "ok");
	say("\n");
}

static void advices(void)
{
	int fd = MUST(open("/dev/zero", O_RDWR));
	char *m, line[300];
	FILE *f;

	SECTION("madvise");
	m = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset(m, 1, 4 * PAGE);
	advise("/dev/zero, shared", m, 4 * PAGE);
	say("%d\n", m[0]);
	f = fopen("/proc/self/maps", "r");
	while (fgets(line, sizeof(line), f)) {
		unsigned long from, to;

		sscanf(line, "%lx-%lx", &from, &to);

		if (strstr(line, "[vdso]"))
			advise("[vdso]", (char *)from, to - from);
		else if (strstr(line, "[vvar]"))
			advise("[vvar]", (char *)from, to - from);
	}
	fclose(f);
}

static void zero(int fd, char *at, size_t pages)
{
	struct uffdio_zeropage z = { { (uint64_t)at, pages * PAGE }, 0, 0 };

	R(ioctl(fd, UFFDIO_ZEROPAGE, &z));
	say("%lld\n", (long long)z.zeropage);
}

static void counted(char *m)
{
	say("resident %s,", smaps(m, "Rss"));
	say(" anonymous %s\n", smaps(m, "Anonymous"));
}

static void zeropage(const char *what, char *m, uint64_t features)
{
	struct uffdio_api api = { UFFD_API, features, 0 };
	int fd = MUST(syscall(SYS_userfaultfd, 0));
	struct uffdio_register r = { { (uint64_t)m, 4 * PAGE }, UFFDIO_REGISTER_MODE_MISSING, 0 };

	say("%s\n", what);
	MUST(ioctl(fd, UFFDIO_API, &api));
	MUST(ioctl(fd, UFFDIO_REGISTER, &r));
	zero(fd, m, 2);
	counted(m);
	zero(fd, m + PAGE, 1);
	say("%d\n", m[0]);
	m[0] = 1;
	counted(m);
	close(fd);
}

static void zeropages(void)
{
	int mem = MUST(memfd_create("m", 0));

	SECTION("UFFDIO_ZEROPAGE");
	MUST(ftruncate(mem, 4 * PAGE));
	zeropage("private", anon(4), 0);
	zeropage("shared", mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, mem, 0), UFFD_FEATURE_MISSING_SHMEM);
	MUST(ftruncate(mem, 0));
	MUST(ftruncate(mem, 4 * PAGE));
	zeropage("private of a file", mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, mem, 0),
		 UFFD_FEATURE_MISSING_SHMEM);
}

static void stack(rlim_t n)
{
	char *args[] = { "/proc/self/exe", "there", NULL };
	struct rlimit r = { n, RLIM_INFINITY };
	int status;
	pid_t pid;

	pid = MUST(fork());
	if (!pid) {
		setrlimit(RLIMIT_STACK, &r);
		execv(args[0], args);
		say("execve: %s\n", ename(errno));
		_exit(1);
	}
	MUST(waitpid(pid, &status, 0));
	say("a stack of %ld: %s\n", (long)n, wait_text(status));
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		struct rlimit r;

		getrlimit(RLIMIT_STACK, &r);
		say("  runs with %ld\n", (long)r.rlim_cur);
		return 0;
	}
	dontunmap();
	advices();
	zeropages();
	SECTION("RLIMIT_STACK");
	stack(0);
	stack(1);
	stack(PAGE);
	stack(16 * PAGE);
	stack(256 * PAGE);
	return 0;
}
