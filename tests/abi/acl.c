/* POSIX access control lists on tmpfs: kept, obeyed, inherited; chmod and the mask. acl(5) */
#include "abi.h"
#include <grp.h>
#include <sys/mount.h>
#include <sys/xattr.h>

#define ACCESS	"system.posix_acl_access"
#define DEFAULT "system.posix_acl_default"

struct entry {
	uint16_t tag, perm;
	uint32_t id;
};
struct list {
	uint32_t version;
	struct entry e[12];
};
enum { USER_OBJ = 1, USER = 2, GROUP_OBJ = 4, GROUP = 8, MASK = 16, OTHER = 32 };

/* "u:7 U1000:6 g:5 G7:4 m:7 o:0" */
static size_t make(struct list *l, const char *text)
{
	int n = 0;

	l->version = 2;
	while (*text) {
		static const struct {
			char c;
			int tag;
		} tags[] = { { 'u', USER_OBJ }, { 'U', USER }, { 'g', GROUP_OBJ },
			     { 'G', GROUP },	{ 'm', MASK }, { 'o', OTHER } };
		struct entry e = { 0, 0, ~0U };
		char *end;

		for (unsigned i = 0; i < ARRAY_SIZE(tags); i++)
			if (tags[i].c == *text)
				e.tag = tags[i].tag;
		text++;
		if (*text != ':')
			e.id = strtoul(text, &end, 10), text = end;
		e.perm = strtoul(text + 1, &end, 10);
		text = end + (*end == ' ');
		l->e[n++] = e;
	}
	return 4 + n * sizeof(struct entry);
}

static void set(const char *p, const char *name, const char *text)
{
	struct list l;
	size_t n = make(&l, text);
	int r = setxattr(p, name, &l, n, 0);

	say("set %s %s '%s': %s\n", p, name + 17, text, r ? ename(errno) : "ok");
}

static void show(const char *p)
{
	const char *names[] = { ACCESS, DEFAULT };
	struct stat st;

	MUST(stat(p, &st));
	say("%s: mode %o", p, st.st_mode & 07777);
	for (int k = 0; k < 2; k++) {
		struct list l;
		ssize_t n = getxattr(p, names[k], &l, sizeof(l));

		if (n < 0) {
			say("; %s %s", names[k] + 17, ename(errno));
			continue;
		}
		say("; %s", names[k] + 17);
		for (ssize_t i = 0; i < (n - 4) / 8; i++)
			say(" %d:%d:%d", l.e[i].tag, (int)l.e[i].id, l.e[i].perm);
	}
	say("\n");
}

static void try_as(uid_t uid, gid_t gid, gid_t more, const char *p)
{
	int status;

	if (!fork()) {
		MUST(setgroups(more ? 1 : 0, &more));
		MUST(setresgid(gid, gid, gid));
		MUST(setresuid(uid, uid, uid));
		say("%s as %d:%d+%d: %s%s%s\n", p, uid, gid, more, access(p, R_OK) ? "-" : "r",
		    access(p, W_OK) ? "-" : "w", access(p, X_OK) ? "-" : "x");
		_exit(0);
	}
	wait(&status);
}

static void everybody(const char *p)
{
	try_as(1000, 1000, 0, p);
	try_as(1001, 1001, 0, p);
	try_as(1002, 7, 0, p);
	try_as(1002, 1002, 7, p);
	try_as(1002, 8, 7, p);
	try_as(1003, 50, 0, p);
}

static void values(void)
{
	struct list l;
	size_t n;

	SECTION("values");
	set("f", ACCESS, "u:6 g:4 o:4");
	show("f");
	set("f", ACCESS, "u:7 g:5 o:1");
	show("f");
	set("f", ACCESS, "u:6 U1000:4 g:4 o:4");
	set("f", ACCESS, "u:6 g:4");
	set("f", ACCESS, "g:4 u:6 o:4");
	set("f", ACCESS, "u:6 u:6 g:4 o:4");
	set("f", ACCESS, "u:8 g:4 o:4");
	set("f", ACCESS, "u:6 g:4 m:7 o:4");
	show("f");
	set("f", DEFAULT, "u:6 g:4 o:4");
	set("fifo", ACCESS, "u:6 U1000:7 g:4 m:7 o:4");
	n = make(&l, "u:6 g:4 o:4");
	R(setxattr("f", ACCESS, &l, n - 1, 0));
	R(setxattr("f", ACCESS, &l, 3, 0));
	R(setxattr("f", ACCESS, &l, 4, 0));
	l.version = 1;
	R(setxattr("f", ACCESS, &l, n, 0));
	R(setxattr("f", "system.posix_acl_other", &l, n, 0));
	l.version = 2;
	R(lsetxattr("link", ACCESS, &l, n, 0));
	R(lgetxattr("link", ACCESS, &l, n));
	R(setxattr("f", ACCESS, NULL, 0, 0));
	show("f");
	R(removexattr("f", ACCESS));
	R(removexattr("f", DEFAULT));
	R(removexattr("d", DEFAULT));
	R(getxattr("f", ACCESS, NULL, 0));
	set("f", ACCESS, "u:6 U1000:4 g:4 m:6 o:4");
	R(getxattr("f", ACCESS, NULL, 0));
	R(getxattr("f", ACCESS, &l, 8));
	R(setxattr("f", ACCESS, &l, n, XATTR_CREATE));
	R(listxattr("f", NULL, 0));
}

static void obeyed(void)
{
	SECTION("obeyed");
	chmod("f", 0640);
	set("f", ACCESS, "u:6 U1000:7 U1001:2 g:4 G7:6 G8:1 m:7 o:0");
	MUST(chown("f", 1005, 50));
	show("f");
	everybody("f");
	set("f", ACCESS, "u:6 U1000:7 U1001:2 g:4 G7:6 m:4 o:7");
	show("f");
	everybody("f");
	SECTION("chmod is the mask");
	MUST(chmod("f", 0620));
	show("f");
	everybody("f");
	MUST(chmod("f", 0777));
	show("f");
	MUST(chmod("f", 0007));
	show("f");
	everybody("f");
	R(removexattr("f", ACCESS));
	show("f");
	everybody("f");
}

static void inherited(void)
{
	int fd;

	SECTION("inherited");
	umask(027);
	set("d", DEFAULT, "u:7 g:7 o:5");
	show("d");
	close(MUST(open("d/plain", O_CREAT | O_RDWR, 0666)));
	show("d/plain");
	set("d", DEFAULT, "u:7 U1000:7 g:5 G7:6 m:7 o:1");
	show("d");
	close(MUST(open("d/file", O_CREAT | O_RDWR, 0666)));
	show("d/file");
	close(MUST(open("d/secret", O_CREAT | O_RDWR, 0600)));
	show("d/secret");
	MUST(mkdir("d/sub", 0777));
	show("d/sub");
	MUST(mkdir("d/sub/deeper", 0700));
	show("d/sub/deeper");
	MUST(mknod("d/fifo", S_IFIFO | 0666, 0));
	show("d/fifo");
	MUST(symlink("file", "d/link"));
	R(lgetxattr("d/link", ACCESS, NULL, 0));
	fd = MUST(open("d", O_TMPFILE | O_RDWR, 0666));
	R(fgetxattr(fd, ACCESS, NULL, 0));
	close(fd);
	MUST(chmod("d", 0777));
	everybody("d/file");
	R(removexattr("d", DEFAULT));
	close(MUST(open("d/after", O_CREAT | O_RDWR, 0666)));
	show("d/after");
	show("d/sub");
}

static void owners(void)
{
	int status;

	SECTION("who may");
	umask(0);
	chmod("f", 0666);
	if (!fork()) {
		MUST(setgroups(0, NULL));
		MUST(setresgid(1000, 1000, 1000));
		MUST(setresuid(1000, 1000, 1000));
		set("f", ACCESS, "u:6 U1000:7 g:4 m:7 o:4");
		R(removexattr("f", ACCESS));
		_exit(0);
	}
	wait(&status);
	MUST(chown("f", 1000, 50));
	MUST(chmod("f", 02755));
	if (!fork()) {
		MUST(setgroups(0, NULL));
		MUST(setresgid(1000, 1000, 1000));
		MUST(setresuid(1000, 1000, 1000));
		set("f", ACCESS, "u:6 U1000:7 g:4 m:7 o:4");
		show("f");
		_exit(0);
	}
	wait(&status);
	MUST(mount(NULL, ".", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	set("f", ACCESS, "u:6 g:4 o:4");
	R(removexattr("f", ACCESS));
}

int main(void)
{
	MUST(mkdir("m", 0755));
	MUST(mount("t", "m", "tmpfs", 0, "mode=755"));
	MUST(chdir("m"));
	put_file("f", "x", 1, 0644);
	MUST(mkdir("d", 0755));
	MUST(mkfifo("fifo", 0644));
	MUST(symlink("f", "link"));
	values();
	obeyed();
	inherited();
	owners();
	return 0;
}
