/* tmpfs: options, limits, statfs. */
#include "abi.h"
#include <sys/mount.h>
#include <sys/statfs.h>
static void show(const char *p)
{
	struct statfs s;
	MUST(statfs(p, &s));
	say("%s: type %lx bsize %ld frsize %ld blocks %ld free %ld avail %ld files %ld ffree %ld namelen %ld flags %lx\n",
	    p, (long)s.f_type, (long)s.f_bsize, (long)s.f_frsize, (long)s.f_blocks, (long)s.f_bfree,
	    (long)s.f_bavail, (long)s.f_files, (long)s.f_ffree, (long)s.f_namelen, (long)s.f_flags);
}
int main(void)
{
	static char buf[300000];
	struct stat st;
	mkdir("m", 0755);
	SECTION("options");
	R(mount("t", "m", "tmpfs", 0, "size=abc"));
	R(mount("t", "m", "tmpfs", 0, "bogus=1"));
	R(mount("t", "m", "tmpfs", 0, "mode=9"));
	R(mount("t", "m", "nofs", 0, ""));
	R(mount("t", "none", "tmpfs", 0, ""));
	R(mount("t", "m", "tmpfs", MS_NOSUID | MS_NODEV,
		"size=256k,nr_inodes=8,mode=750,uid=5,gid=6"));
	MUST(stat("m", &st));
	say("mode %o uid %d gid %d nlink %ld\n", st.st_mode, st.st_uid, st.st_gid,
	    (long)st.st_nlink);
	show("m");
	SECTION("pages");
	int fd = MUST(open("m/f", O_RDWR | O_CREAT, 0644));
	R(write(fd, buf, 300000));
	R(write(fd, buf, 1));
	MUST(fstat(fd, &st));
	say("size %ld blocks %ld\n", (long)st.st_size, (long)st.st_blocks);
	show("m");
	R(ftruncate(fd, 1 << 30));
	R(pwrite(fd, buf, 10, 1 << 20));
	R(ftruncate(fd, 4096 * 3));
	show("m");
	R(fallocate(fd, 0, 0, 200000));
	show("m");
	R(fallocate(fd, 0, 200000, 300000));
	show("m");
	MUST(fstat(fd, &st));
	say("size %ld blocks %ld\n", (long)st.st_size, (long)st.st_blocks);
	R(fallocate(fd, FALLOC_FL_KEEP_SIZE, 200704, 4096));
	R(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 100 * 1000));
	show("m");
	MUST(fstat(fd, &st));
	say("size %ld blocks %ld\n", (long)st.st_size, (long)st.st_blocks);
	R(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 10));
	R(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, 4096));
	R(fallocate(fd, FALLOC_FL_ZERO_RANGE, 0, 4096));
	R(fallocate(fd, 0, 0, 0));
	R(fallocate(fd, 0, -1, 1));
	R(fallocate(fd, 0, 1, 0x7fffffffffffffffL));
	R(ftruncate(fd, 0));
	show("m");
	R(ftruncate(fd, 600 * 1024));
	char *m = mmap(NULL, 600 * 1024, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	OK((long)m);
	for (int i = 0; i < 60; i++)
		m[i * 4096] = 1;
	show("m");
	munmap(m, 600 * 1024);
	R(ftruncate(fd, 0));
	SECTION("inodes");
	for (int i = 0; i < 8; i++) {
		char n[20];
		snprintf(n, 20, "m/i%d", i);
		R(open(n, O_CREAT, 0644) >= 0 ? 0 : -1);
	}
	R(mkdir("m/d", 0755));
	R(symlink("a", "m/s"));
	R(link("m/f", "m/hard"));
	show("m");
	R(unlink("m/i0"));
	show("m");
	SECTION("umount");
	R(umount2("m", 0));
	R(umount2("m", 0x100));
	R(umount2("m/f", 0));
	R(umount2("m", MNT_DETACH));
	R(umount2("m", 0));
	MUST(stat("m", &st));
	say("mode %o\n", st.st_mode & 07777);
	return 0;
}
