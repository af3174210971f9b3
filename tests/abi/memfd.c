/* memfd_create and seals. */
#include "abi.h"
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#define MFD_EXEC	0x10U
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x20
#endif
/* What a memfd made with these flags may do. */
static void made(unsigned flags)
{
	struct stat st;
	int fd = syscall(SYS_memfd_create, "x", flags);

	if (fd < 0) {
		say("flags %x: %s\n", flags, ename(errno));
		return;
	}
	MUST(fstat(fd, &st));
	say("flags %x: mode %o seals %x\n", flags, st.st_mode, fcntl(fd, F_GET_SEALS));
	close(fd);
}

static void noexec(void)
{
	const char *path = "/proc/sys/vm/memfd_noexec";
	struct stat st;
	char c;

	MUST(stat(path, &st));
	say("mode %o\n", st.st_mode);
	int fd = MUST(open(path, O_RDWR));
	for (c = '0'; c <= '3'; c++) {
		say("memfd_noexec %c\n", c);
		R(pwrite(fd, &c, 1, 0));
		for (unsigned flags = 0; flags <= (MFD_NOEXEC_SEAL | MFD_EXEC); flags += MFD_NOEXEC_SEAL) {
			made(flags);
			made(flags | MFD_ALLOW_SEALING);
		}
	}
	R(pread(fd, &c, 1, 0));
	say("%c\n", c);
	R(pwrite(fd, "-1", 2, 0));
	R(pwrite(fd, "0", 1, 0));
	close(fd);

	/* What can run must not change, once it is sealed that way. */
	fd = MUST(syscall(SYS_memfd_create, "x", MFD_EXEC | MFD_ALLOW_SEALING));
	R(fcntl(fd, F_ADD_SEALS, F_SEAL_EXEC));
	say("seals %x\n", fcntl(fd, F_GET_SEALS));
	R(fchmod(fd, 0644));
	R(fchmod(fd, 0711));
	R(write(fd, "x", 1));
	close(fd);
	fd = MUST(syscall(SYS_memfd_create, "x", MFD_EXEC | MFD_ALLOW_SEALING));
	R(fchmod(fd, 0644));
	R(fcntl(fd, F_ADD_SEALS, F_SEAL_EXEC));
	say("seals %x\n", fcntl(fd, F_GET_SEALS));
	R(fchmod(fd, 0755));
	R(write(fd, "x", 1));
	close(fd);
}

int main(void)
{
	char name[300], link[300], path[64];
	struct stat st;
	char buf[8192];
	memset(name, 'n', sizeof(name));
	SECTION("create");
	R(syscall(SYS_memfd_create, "x", 0x100));
	R(syscall(SYS_memfd_create, "x", MFD_EXEC | MFD_NOEXEC_SEAL));
	R(syscall(SYS_memfd_create, (void *)8, 0));
	name[250] = 0;
	R(syscall(SYS_memfd_create, name, 0));
	name[249] = 0;
	OK(syscall(SYS_memfd_create, name, 0));
	int fd = MUST(memfd_create("abc", MFD_ALLOW_SEALING | MFD_CLOEXEC));
	MUST(fstat(fd, &st));
	say("mode %o nlink %ld size %ld fd flags %d fl %o\n", st.st_mode, (long)st.st_nlink,
	    (long)st.st_size, fcntl(fd, F_GETFD), fcntl(fd, F_GETFL));
	(void)link;
	(void)path;
	SECTION("seals");
	R(fcntl(fd, F_GET_SEALS));
	R(write(fd, buf, 5000));
	R(fcntl(fd, F_ADD_SEALS, 0x1000));
	R(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	R(ftruncate(fd, 100));
	R(ftruncate(fd, 6000));
	R(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	R(ftruncate(fd, 6001));
	R(ftruncate(fd, 6000));
	R(pwrite(fd, buf, 10, 5995));
	R(pwrite(fd, buf, 10, 5990));
	R(pwrite(fd, buf, 10, 6000));
	R(pwrite(fd, buf, 4000, 3000));
	R(fallocate(fd, 0, 0, 7000));
	R(fallocate(fd, 0, 0, 6000));
	void *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	R(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	munmap(m, 4096);
	R(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
	R(write(fd, "x", 1));
	OK((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	m = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	OK((long)m);
	R(mprotect(m, 4096, PROT_READ | PROT_WRITE));
	R(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	munmap(m, 4096);
	R(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	OK((long)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
	R(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
	R(fcntl(fd, F_GET_SEALS));
	R(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
	R(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
	SECTION("others");
	int fd2 = MUST(memfd_create("", 0));
	R(fcntl(fd2, F_GET_SEALS));
	R(fcntl(fd2, F_ADD_SEALS, F_SEAL_WRITE));
	int fd3 = MUST(memfd_create("", MFD_NOEXEC_SEAL));
	MUST(fstat(fd3, &st));
	say("mode %o seals %x\n", st.st_mode, fcntl(fd3, F_GET_SEALS));
	R(fchmod(fd3, 0777));
	R(fchmod(fd3, 0600));
	int p[2];
	MUST(pipe(p));
	R(fcntl(p[0], F_GET_SEALS));
	R(fcntl(p[1], F_ADD_SEALS, 1));
	int ro = MUST(open("/proc/self/fd/0", O_RDONLY));
	(void)ro;
	R(fcntl(ro, F_ADD_SEALS, 1));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd2);
	int n = readlink(path, link, sizeof(link));
	say("link %.*s\n", n, link);
	int re = open(path, O_RDONLY);
	OK(re);
	R(fcntl(re, F_ADD_SEALS, 1));
	R(fcntl(re, F_GET_SEALS));
	R(linkat(AT_FDCWD, path, AT_FDCWD, "out", AT_SYMLINK_FOLLOW));
	SECTION("execution");
	noexec();
	return 0;
}
