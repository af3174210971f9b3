/* Landlock: rulesets, what they allow of files, ports and other processes; landlock(7). */
#include "abi.h"
#include <linux/landlock.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { BIND_TCP = 1, CONNECT_TCP = 2 };

struct port_rule {
	uint64_t allowed, port;
};

struct ruleset {
	uint64_t fs, net, scoped;
};

#define create(attr, size, flags) syscall(SYS_landlock_create_ruleset, attr, (size_t)(size), flags)
#define add(fd, type, rule, flags) syscall(SYS_landlock_add_rule, fd, type, rule, flags)
#define restrict_self(fd, flags) syscall(SYS_landlock_restrict_self, fd, flags)

static void show(const char *what, long r)
{
	if (r < 0)
		say("%s: %s\n", what, ename(errno));
	else
		say("%s: ok\n", what);
}

static void allow(int fd, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr a = { access, MUST(open(path, O_PATH | O_CLOEXEC)) };

	show(path, add(fd, LANDLOCK_RULE_PATH_BENEATH, &a, 0));
	close(a.parent_fd);
}

static void enter(int fd)
{
	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	show("restrict", restrict_self(fd, 0));
	close(fd);
}

static void arguments(void)
{
	struct ruleset r = { LANDLOCK_ACCESS_FS_EXECUTE, 0, 0 };
	struct landlock_path_beneath_attr a = { LANDLOCK_ACCESS_FS_EXECUTE, -1 };
	struct port_rule p = { BIND_TCP, 80 };
	char big[5000] = { 1 };
	int fd, dir, file;

	SECTION("arguments");
	R(create(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION));
	R(create(&r, 8, LANDLOCK_CREATE_RULESET_VERSION));
	R(create(NULL, 0, 0x80000000));
	R(create(NULL, 8, 0));
	R(create(NULL, 0, 0));
	R(create(&r, 7, 0));
	R(create(big, 5000, 0));
	big[0] = 1, big[30] = 1;
	R(create(big, 40, 0));
	r.fs = 1ULL << 16;
	R(create(&r, 8, 0));
	r.fs = 0, r.net = 4;
	R(create(&r, 16, 0));
	r.net = 0, r.scoped = 4;
	R(create(&r, 24, 0));
	r.scoped = 0;
	R(create(&r, 24, 0));
	r.fs = LANDLOCK_ACCESS_FS_EXECUTE;
	fd = MUST(create(&r, 24, 0));
	say("close on exec: %d\n", fcntl(fd, F_GETFD));
	R(read(fd, big, 1));
	R(write(fd, big, 1));
	R(add(fd, 1, &a, 1));
	R(add(-1, 1, &a, 0));
	R(add(0, 1, &a, 0));
	R(add(fd, 0, &a, 0));
	R(add(fd, 1, (void *)8, 0));
	R(add(fd, 1, &a, 0));
	dir = a.parent_fd = MUST(open("m", O_PATH));
	R(add(fd, 1, &a, 0));
	a.allowed_access = 0;
	R(add(fd, 1, &a, 0));
	a.allowed_access = LANDLOCK_ACCESS_FS_WRITE_FILE;
	R(add(fd, 1, &a, 0));
	a.allowed_access = LANDLOCK_ACCESS_FS_EXECUTE;
	a.parent_fd = fd;
	R(add(fd, 1, &a, 0));
	a.parent_fd = file = MUST(memfd_create("x", 0));
	R(add(fd, 1, &a, 0));
	close(file);
	R(add(fd, 2, &p, 0));
	close(fd);
	r.fs = LANDLOCK_ACCESS_FS_READ_DIR, r.net = BIND_TCP;
	fd = MUST(create(&r, 24, 0));
	a.allowed_access = LANDLOCK_ACCESS_FS_READ_DIR;
	a.parent_fd = MUST(open("m/ro/f", O_PATH));
	R(add(fd, 1, &a, 0));
	close(a.parent_fd);
	R(add(fd, 2, &p, 0));
	p.port = 65536;
	R(add(fd, 2, &p, 0));
	p.allowed = 0;
	R(add(fd, 2, &p, 0));
	R(restrict_self(fd, 1));
	R(restrict_self(-1, 0));
	R(restrict_self(dir, 0));
	close(dir);
	close(fd);
}

static void try_file(const char *p)
{
	int fd;

	say("-- %s\n", p);
	fd = open(p, O_RDONLY);
	show("read", fd);
	close(fd);
	fd = open(p, O_WRONLY);
	show("write", fd);
	if (fd >= 0)
		show("ftruncate", ftruncate(fd, 2));
	close(fd);
	fd = open(p, O_WRONLY | O_TRUNC);
	show("open and truncate", fd);
	close(fd);
	show("truncate", truncate(p, 1));
	fd = open(p, O_PATH);
	show("path", fd);
	close(fd);
	show("access", access(p, R_OK | W_OK));
	show("chmod", chmod(p, 0644));
}

static void try_dir(const char *d)
{
	char p[64], q[64];
	int fd;

	say("-- %s\n", d);
	fd = open(d, O_RDONLY | O_DIRECTORY);
	show("list", fd);
	close(fd);
	snprintf(p, sizeof(p), "%s/new", d);
	snprintf(q, sizeof(q), "%s/newer", d);
	fd = open(p, O_CREAT | O_RDONLY, 0644);
	show("create", fd);
	close(fd);
	show("rename", rename(p, q));
	show("unlink", unlink(q));
	show("mkdir", mkdir(p, 0755));
	show("rmdir", rmdir(p));
	show("symlink", symlink("x", p));
	unlink(p);
	show("fifo", mknod(p, S_IFIFO | 0644, 0));
	unlink(p);
	show("device", mknod(p, S_IFCHR | 0644, 0x103));
	unlink(p);
	fd = open(d, O_TMPFILE | O_RDWR, 0600);
	show("unnamed", fd);
	close(fd);
}

/* The ways of fsopen(2) and open_tree(2), for who may not change the tree of mounts. */
static void mounts(void)
{
	struct mount_attr ro = { .attr_set = MOUNT_ATTR_RDONLY };
	int tree, at, fs, m, fd;

	tree = open_tree(AT_FDCWD, "m", OPEN_TREE_CLONE);
	show("a copy of m", tree);
	fd = openat(tree, "ro/f", O_RDONLY);
	show("a file in it", fd);
	close(fd);
	R(move_mount(tree, "", AT_FDCWD, "m/rw", MOVE_MOUNT_F_EMPTY_PATH));
	show("set flags of the copy", mount_setattr(tree, "", AT_EMPTY_PATH, &ro, sizeof(ro)));
	close(tree);
	at = open_tree(AT_FDCWD, "m", 0);
	show("m itself", at);
	R(move_mount(at, "", AT_FDCWD, "m/rw", MOVE_MOUNT_F_EMPTY_PATH));
	R(move_mount(at, "", AT_FDCWD, "m/rw", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_SET_GROUP));
	close(at);
	R(syscall(SYS_pivot_root, "m", "m/rw"));
	fs = fsopen("tmpfs", 0);
	show("fsopen", fs);
	R(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	m = fsmount(fs, 0, 0);
	show("fsmount", m);
	fd = openat(m, "new", O_CREAT | O_RDWR, 0600);
	show("a file there", fd);
	close(fd);
	R(move_mount(m, "", AT_FDCWD, "m/rw", MOVE_MOUNT_F_EMPTY_PATH));
	close(m);
	close(fs);
	fs = fspick(AT_FDCWD, "m", 0);
	show("fspick", fs);
	R(fsconfig(fs, FSCONFIG_SET_STRING, "size", "3m", 0));
	R(fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
	close(fs);
}

static void files(void)
{
	struct ruleset r = { 0xffff, 0, 0 };
	int fd = MUST(create(&r, 24, 0)), null, before, status;
	char c;

	SECTION("files");
	allow(fd, "m/ro", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR);
	allow(fd, "m/rw", 0xffff);
	allow(fd, "m/some",
	      LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
		      LANDLOCK_ACCESS_FS_MAKE_SYM | (1ULL << 13));
	allow(fd, "m/none/f", LANDLOCK_ACCESS_FS_READ_FILE);
	allow(fd, "/dev/null", LANDLOCK_ACCESS_FS_READ_FILE);
	before = MUST(open("m/none/g", O_RDWR));
	enter(fd);
	try_file("m/ro/f");
	try_file("m/ro/deep/f");
	try_file("m/rw/f");
	try_file("m/some/f");
	try_file("m/none/f");
	try_file("m/none/g");
	try_dir("m/ro");
	try_dir("m/rw");
	try_dir("m/some");
	try_dir("m/none");
	SECTION("from before");
	R(read(before, &c, 1));
	R(write(before, "x", 1));
	R(ftruncate(before, 1));
	SECTION("across folders");
	R(link("m/rw/f", "m/some/f2"));
	R(link("m/some/f", "m/rw/f2"));
	R(link("m/ro/f", "m/ro/f2"));
	R(rename("m/rw/f", "m/some/f3"));
	R(rename("m/some/f3", "m/rw/f4"));
	R(rename("m/rw/f4", "m/none/f5"));
	R(rename("m/some/f", "m/rw/f6"));
	R(renameat2(AT_FDCWD, "m/rw/f4", AT_FDCWD, "m/some/f", RENAME_EXCHANGE));
	SECTION("devices, mounts, children");
	null = open("/dev/null", O_RDONLY);
	show("null", null);
	R(ioctl(null, FIONREAD, &status));
	R(ioctl(null, FIOCLEX));
	close(null);
	R(mount("t", "m/rw", "tmpfs", 0, NULL));
	R(umount("m"));
	mounts();
	if (!fork()) {
		fd = open("m/none/g", O_RDONLY);
		show("the child", fd);
		execl("m/rw/none", "x", NULL);
		show("exec of what is not there", -1);
		execl("m/ro/f", "x", NULL);
		show("exec of what may be read", -1);
		_exit(0);
	}
	wait(&status);
}

static void layers(void)
{
	struct ruleset r = { LANDLOCK_ACCESS_FS_WRITE_FILE, 0, 0 };
	int fd, n;

	SECTION("layers");
	fd = MUST(create(&r, 24, 0));
	allow(fd, "m", LANDLOCK_ACCESS_FS_WRITE_FILE);
	enter(fd);
	show("one", open("m/rw/f", O_WRONLY));
	show("read is free", open("m/none/g", O_RDONLY));
	R(rename("m/rw/f", "m/ro/f8"));
	R(rename("m/rw/f", "m/rw/f8"));
	R(rename("m/rw/f8", "m/rw/f"));
	fd = MUST(create(&r, 24, 0));
	allow(fd, "m/ro", LANDLOCK_ACCESS_FS_WRITE_FILE);
	enter(fd);
	show("two", open("m/rw/f", O_WRONLY));
	show("two", open("m/ro/f", O_WRONLY));
	fd = MUST(create(&r, 24, 0));
	for (n = 0; !restrict_self(fd, 0); n++)
		;
	say("%d more, then %s\n", n, ename(errno));
}

static int tcp(int connecting, int port)
{
	struct sockaddr_in a = { AF_INET, htons(port), { htonl(INADDR_LOOPBACK) }, { 0 } };
	int s = MUST(socket(AF_INET, SOCK_STREAM, 0)), r;

	r = connecting ? connect(s, (void *)&a, sizeof(a)) : bind(s, (void *)&a, sizeof(a));
	close(s);
	return r;
}

static void ports(void)
{
	struct port_rule p = { BIND_TCP, 4444 };
	struct ruleset r = { 0, BIND_TCP | CONNECT_TCP, 0 };
	struct sockaddr_in a = { AF_INET, htons(4445), { htonl(INADDR_LOOPBACK) }, { 0 } };
	int fd = MUST(create(&r, 24, 0));

	SECTION("ports");
	R(add(fd, 2, &p, 0));
	p.allowed = CONNECT_TCP;
	p.port = 4446;
	R(add(fd, 2, &p, 0));
	enter(fd);
	R(tcp(0, 4444));
	R(tcp(0, 4445));
	R(tcp(0, 0));
	R(tcp(1, 4444));
	say("connecting is free: %d\n", tcp(1, 4446) < 0 && errno != EACCES);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	R(bind(fd, (void *)&a, sizeof(a)));
	R(mount("t", "m/rw", "tmpfs", 0, NULL));
	R(umount("m/rw"));
}

static void scopes(void)
{
	struct ruleset r = { 0, 0, 3 };
	struct sockaddr_un a = { AF_UNIX, "\0landlock" };
	int outside = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), inside, s, status, gate[2];
	pid_t other, child;
	char c;

	SECTION("scopes");
	MUST(bind(outside, (void *)&a, offsetof(struct sockaddr_un, sun_path) + 9));
	MUST(listen(outside, 5));
	MUST(pipe(gate));
	other = fork();
	if (!other) {
		pause();
		_exit(0);
	}
	child = fork();
	if (!child) {
		enter(MUST(create(&r, 24, 0)));
		s = socket(AF_UNIX, SOCK_STREAM, 0);
		R(connect(s, (void *)&a, offsetof(struct sockaddr_un, sun_path) + 9));
		R(kill(other, 0));
		R(kill(other, SIGKILL));
		R(kill(getppid(), 0));
		R(kill(getpid(), 0));
		a.sun_path[1] = 'L';
		inside = socket(AF_UNIX, SOCK_STREAM, 0);
		MUST(bind(inside, (void *)&a, offsetof(struct sockaddr_un, sun_path) + 9));
		MUST(listen(inside, 5));
		if (!fork()) {
			R(connect(s, (void *)&a, offsetof(struct sockaddr_un, sun_path) + 9));
			R(kill(getppid(), 0));
			_exit(0);
		}
		wait(&status);
		write(gate[1], "x", 1);
		pause();
	}
	read(gate[0], &c, 1);
	a.sun_path[1] = 'L';
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	R(connect(s, (void *)&a, offsetof(struct sockaddr_un, sun_path) + 9));
	R(kill(child, SIGKILL));
	R(kill(other, SIGKILL));
	while (wait(&status) > 0)
		;
}

static void apart(void (*fn)(void))
{
	int status;

	if (!fork()) {
		fn();
		_exit(0);
	}
	wait(&status);
}

int main(void)
{
	const char *dirs[] = { "m/ro", "m/ro/deep", "m/rw", "m/some", "m/none" };
	const char *names[] = { "m/ro/f", "m/ro/deep/f", "m/rw/f", "m/some/f", "m/none/f", "m/none/g" };

	MUST(mkdir("m", 0755));
	MUST(mount("t", "m", "tmpfs", 0, ""));
	for (unsigned i = 0; i < ARRAY_SIZE(dirs); i++)
		MUST(mkdir(dirs[i], 0755));
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		put_file(names[i], "text", 4, 0755);
	arguments();
	apart(files);
	put_file("m/rw/f", "text", 4, 0755);
	apart(layers);
	apart(ports);
	apart(scopes);
	return 0;
}
