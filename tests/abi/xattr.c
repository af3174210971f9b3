/* Extended attributes on tmpfs. */
#include "abi.h"
#include <grp.h>
#include <sys/mount.h>
#include <sys/xattr.h>
static void list(const char *p)
{
	char buf[1000];
	ssize_t n = listxattr(p, buf, sizeof(buf));
	say("list %s: %zd", p, n);
	for (ssize_t i = 0; i < n; i += strlen(buf + i) + 1)
		say(" %s", buf + i);
	say("\n");
}
static void as_user(void)
{
	char b[100];
	MUST(setgroups(0, NULL));
	MUST(setresgid(1000, 1000, 1000));
	MUST(setresuid(1000, 1000, 1000));
	R(getxattr("f", "user.a", b, 100));
	R(setxattr("f", "user.a", "z", 1, 0));
	R(getxattr("secret", "user.x", b, 100));
	R(getxattr("f", "trusted.t", b, 100));
	R(setxattr("f", "trusted.t", "z", 1, 0));
	R(removexattr("f", "trusted.t"));
	R(getxattr("f", "security.foo", b, 100));
	R(setxattr("f", "security.foo", "z", 1, 0));
	R(removexattr("f", "security.foo"));
	R(setxattr("sticky", "user.a", "z", 1, 0));
	R(setxattr("mine", "user.a", "z", 1, 0));
	list("f");
}
int main(void)
{
	static char big[70000];
	char b[100];
	char name[300];
	mkdir("m", 0755);
	MUST(mount("t", "m", "tmpfs", 0, ""));
	MUST(chdir("m"));
	put_file("f", "x", 1, 0644);
	put_file("secret", "x", 1, 0600);
	put_file("mine", "x", 1, 0600);
	MUST(chown("mine", 1000, 1000));
	mkdir("sticky", 0777);
	chmod("sticky", 01777);
	mkdir("d", 0755);
	symlink("f", "l");
	mkfifo("fifo", 0666);
	SECTION("user");
	R(getxattr("f", "user.a", b, 100));
	R(setxattr("f", "user.a", "hello", 5, XATTR_REPLACE));
	R(setxattr("f", "user.a", "hello", 5, 0));
	R(setxattr("f", "user.a", "hello", 5, XATTR_CREATE));
	R(setxattr("f", "user.a", "bye", 3, XATTR_REPLACE));
	R(getxattr("f", "user.a", b, 100));
	R(getxattr("f", "user.a", b, 2));
	R(getxattr("f", "user.a", NULL, 0));
	R(setxattr("f", "user.b", NULL, 0, 0));
	R(getxattr("f", "user.b", b, 100));
	R(setxattr("f", "user.c", "x", 1, 3));
	R(setxattr("f", "user.c", "x", 1, 8));
	list("f");
	list("d");
	R(listxattr("f", b, 3));
	R(listxattr("f", NULL, 0));
	SECTION("names");
	R(setxattr("f", "", "x", 1, 0));
	R(setxattr("f", "user.", "x", 1, 0));
	R(setxattr("f", "nodot", "x", 1, 0));
	R(setxattr("f", "foo.bar", "x", 1, 0));
	R(getxattr("f", "foo.bar", b, 10));
	memset(name, 'a', sizeof(name));
	memcpy(name, "user.", 5);
	name[256] = 0;
	R(setxattr("f", name, "x", 1, 0));
	name[255] = 0;
	R(setxattr("f", name, "x", 1, 0));
	R(removexattr("f", name));
	R(setxattr("f", "user.big", big, 65537, 0));
	R(setxattr("f", (void *)8, "x", 1, 0));
	R(setxattr("f", "user.z", (void *)8, 1, 0));
	R(getxattr("f", "user.a", (void *)8, 10));
	R(listxattr("f", (void *)8, 100));
	R(setxattr("nope", "user.a", "x", 1, 0));
	R(fsetxattr(99, "user.a", "x", 1, 0));
	R(fgetxattr(99, "user.a", b, 1));
	R(flistxattr(99, b, 1));
	R(fremovexattr(99, "user.a"));
	R(setxattr((void *)8, "user.a", "x", 1, 0));
	SECTION("kinds");
	R(setxattr("d", "user.a", "x", 1, 0));
	R(lsetxattr("l", "user.a", "x", 1, 0));
	R(lgetxattr("l", "user.a", b, 10));
	R(getxattr("l", "user.a", b, 10));
	R(setxattr("fifo", "user.a", "x", 1, 0));
	R(getxattr("fifo", "user.a", b, 10));
	R(lsetxattr("l", "trusted.a", "x", 1, 0));
	R(lgetxattr("l", "trusted.a", b, 10));
	R(llistxattr("l", b, 100));
	R(setxattr("f", "trusted.t", "tt", 2, 0));
	R(setxattr("f", "security.foo", "ss", 2, 0));
	R(setxattr("sticky", "user.q", "x", 1, 0));
	R(setxattr("secret", "user.x", "x", 1, 0));
	list("f");
	int fd = MUST(open("f", O_RDONLY));
	R(fgetxattr(fd, "user.a", b, 100));
	R(fsetxattr(fd, "user.f", "x", 1, 0));
	R(fremovexattr(fd, "user.f"));
	R(fremovexattr(fd, "user.f"));
	int op = MUST(open("f", O_PATH));
	R(fgetxattr(op, "user.a", b, 100));
	in_child("user", as_user);
	R(removexattr("f", "user.a"));
	list("f");
	return 0;
}
