/* Ids in attributes, seen from other user namespaces: lists of acl(5), file capabilities. */
#include "abi.h"
#include <linux/capability.h>
#include <sys/xattr.h>

#define ACL  "system.posix_acl_access"
#define CAPS "security.capability"

struct entry {
	uint16_t tag, perm;
	uint32_t id;
};

struct acl {
	uint32_t version;
	struct entry e[6];
};

static void write_to(const char *path, const char *text)
{
	int fd = MUST(open(path, O_WRONLY));

	MUST(write(fd, text, strlen(text)));
	close(fd);
}

static void show_acl(const char *file)
{
	struct acl a;
	ssize_t n = getxattr(file, ACL, &a, sizeof(a));

	say("%s: %zd", file, n < 0 ? -1 : n);
	for (int i = 0; 4 + (i + 1) * 8 <= n; i++)
		say(" %x:%o:%x", a.e[i].tag, a.e[i].perm, a.e[i].id);
	say("%s\n", n < 0 ? ename(errno) : "");
}

static void set_acl(const char *file, unsigned user, unsigned group)
{
	struct acl a = { 2, { { 1, 6, 7 }, { 2, 4, user }, { 4, 4, 8 }, { 8, 6, group }, { 16, 7, 9 }, { 32, 0, 10 } } };

	say("list with %x, %x: ", user, group);
	OK(setxattr(file, ACL, &a, sizeof(a), 0));
	show_acl(file);
}

static void show_caps(const char *file)
{
	struct vfs_ns_cap_data d = { 0 };
	ssize_t n;

	say("size %zd, ", getxattr(file, CAPS, NULL, 0));
	n = getxattr(file, CAPS, &d, sizeof(d));
	if (n < 0)
		say("%s: %s\n", file, ename(errno));
	else
		say("%s: %zd bytes, magic %x, permitted %x, root %x\n", file, n, d.magic_etc, d.data[0].permitted,
		    n == sizeof(d) ? d.rootid : 0);
	if (n > 0)
		R(getxattr(file, CAPS, &d, n - 1));
}

static void set_caps(const char *file, unsigned magic, unsigned root)
{
	struct vfs_ns_cap_data d = { .magic_etc = magic, .rootid = root };

	d.data[0].permitted = 1 << CAP_NET_RAW;
	say("caps %x, root %x: ", magic, root);
	OK(setxattr(file, CAPS, &d, magic >> 24 == 3 ? 24 : 20, 0));
	show_caps(file);
}

static int go[2], done[2];

/* A namespace in which 0..999 are 1000..1999 outside, and 5000 is 0. */
static pid_t inside(void (*fn)(void))
{
	char path[64], c = 0;
	pid_t pid;

	MUST(pipe(go));
	MUST(pipe(done));
	pid = MUST(fork());
	if (!pid) {
		MUST(unshare(CLONE_NEWUSER));
		MUST(write(done[1], &c, 1));
		MUST(read(go[0], &c, 1));
		MUST(setresgid(0, 0, 0));
		MUST(setresuid(0, 0, 0));
		fn();
		_exit(0);
	}
	MUST(read(done[0], &c, 1));
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	write_to(path, "0 1000 1000\n5000 0 1\n");
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	write_to(path, "0 2000 1000\n5000 0 1\n");
	MUST(write(go[1], &c, 1));
	waitpid(pid, NULL, 0);
	return pid;
}

static void in_there(void)
{
	SECTION("in the namespace");
	show_acl("mine");
	show_acl("far");
	show_caps("mine");
	show_caps("theirs");
	show_caps("far");
	set_acl("mine", 5, 6);
	set_acl("mine", 5000, 5000);
	set_acl("mine", 4000, 6);
	set_acl("mine", 5, 4000);
	set_acl("mine", -1, 6);
	set_acl("far", 5, 6);
	set_caps("mine", 0x02000000, 0);
	set_caps("mine", 0x02000001, 0);
	set_caps("mine", 0x03000000, 0);
	set_caps("mine", 0x03000000, 5);
	set_caps("mine", 0x03000000, 5000);
	set_caps("mine", 0x03000000, 4000);
	set_caps("mine", 0x01000000, 0);
	set_caps("far", 0x02000000, 0);
	OK(removexattr("mine", CAPS));
	OK(removexattr("theirs", CAPS));
	OK(setxattr("mine", "security.other", "x", 1, 0));
	set_caps("mine", 0x02000001, 0);
}

static void file(const char *name, unsigned uid, unsigned gid)
{
	close(MUST(open(name, O_CREAT | O_RDWR, 0644)));
	MUST(chown(name, uid, gid));
}

int main(void)
{
	MUST(chmod(".", 0777));
	file("mine", 1000, 2000);
	file("theirs", 1005, 2005);
	file("far", 7000, 7000);
	SECTION("outside");
	set_acl("mine", 1005, 2006);
	set_acl("far", 0, 7000);
	set_acl("far", 1005, 7000);
	set_caps("mine", 0x02000001, 0);
	set_caps("mine", 0x03000001, 0);
	set_caps("theirs", 0x03000000, 1000);
	set_caps("far", 0x03000000, 7000);
	set_caps("far", 0x03000000, -1);
	inside(in_there);
	SECTION("outside again");
	show_acl("mine");
	show_acl("far");
	show_caps("mine");
	show_caps("theirs");
	return 0;
}
