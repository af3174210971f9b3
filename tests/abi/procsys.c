/* /proc/sys: what may be written, what not, and what it does. */
#include "abi.h"
#include <sys/resource.h>
#include <sys/utsname.h>

#define FS "/proc/sys/fs/"
#define KE "/proc/sys/kernel/"
#define VM "/proc/sys/vm/"

static char *get(const char *path)
{
	static char text[4][256];
	static int turn;
	char *t = text[turn++ % 4];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, t, 255);

	if (n < 0)
		return strcpy(t, ename(errno));
	close(fd);
	t[n] = 0;
	if (n && t[n - 1] == '\n')
		t[n - 1] = 0;
	return t;
}

static const char *base(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* Write text, and say what is there then. */
static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
	const char *how = n < 0 ? ename(errno) : n == (ssize_t)strlen(text) ? "ok" : "short";

	say("%s <- \"%.*s\": %s, %s\n", base(path), (int)strcspn(text, "\n"), text, how, get(path));
	if (fd >= 0)
		close(fd);
}

static void set(const char *path, const char *text)
{
	int fd = MUST(open(path, O_WRONLY));

	MUST(write(fd, text, strlen(text)));
	close(fd);
}

static void mode(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		say("%s: %s\n", base(path), ename(errno));
	else
		say("%s: %o %d %d %ld\n", base(path), st.st_mode, st.st_uid, st.st_gid,
		    (long)st.st_size);
}

static void numbers(const char *path, const char *low, const char *least, const char *most,
		    const char *high)
{
	char *old = strdup(get(path));

	put(path, least);
	put(path, low);
	put(path, most);
	put(path, high);
	put(path, "");
	put(path, "\n");
	put(path, "abc");
	put(path, "12abc");
	put(path, "-1");
	put(path, "99999999999999999999999");
	set(path, old);
	free(old);
}

static void names(void)
{
	static const char *const files[] = { KE "hostname", KE "domainname" };
	char longer[100];
	struct utsname u;

	SECTION("names");
	memset(longer, 'x', 99);
	longer[99] = 0;
	for (int i = 0; i < 2; i++) {
		char *old = strdup(get(files[i]));

		put(files[i], "first\nsecond");
		put(files[i], "a b\tc");
		put(files[i], longer);
		put(files[i], "tarn\n");
		uname(&u);
		say("%s\n", i ? u.domainname : u.nodename);
		set(files[i], old);
	}
	R(open(KE "osrelease", O_WRONLY));
	R(open(KE "ostype", O_WRONLY));
	R(open(KE "version", O_WRONLY));
}

static void pids(void)
{
	SECTION("kernel.pid_max");
	numbers(KE "pid_max", "300", "301", "4194304", "4194305");
	put(KE "pid_max", " 0x1000 \n");
	put(KE "pid_max", "010000");
	put(KE "pid_max", "\t7000");
	put(KE "pid_max", "32768");
	int fd = MUST(open(KE "pid_max", O_RDWR));
	R(write(fd, "40000", 5));
	R(write(fd, "50000", 5));
	say("%s\n", get(KE "pid_max"));
	R(pwrite(fd, "60000", 5, 3));
	say("%s\n", get(KE "pid_max"));
	R(write(fd, "x", 0));
	close(fd);
	fd = MUST(open(KE "pid_max", O_RDWR | O_TRUNC | O_CREAT, 0644));
	R(write(fd, "32768\n", 6));
	R(ftruncate(fd, 0));
	close(fd);
	R(chmod(KE "pid_max", 0666));
	R(chown(KE "pid_max", 1, 1));
	R(unlink(KE "pid_max"));
	R(open(KE "new", O_CREAT | O_RDWR, 0644));
}

static void fork_all(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	say("%s\n", pid < 0 ? ename(errno) : "forked");
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void threads(void)
{
	char *old = strdup(get(KE "threads-max"));

	SECTION("kernel.threads-max");
	put(KE "threads-max", "5000");
	put(KE "threads-max", "0");
	put(KE "threads-max", "1073741824");
	put(KE "threads-max", "1073741823");
	put(KE "threads-max", "1");
	fork_all();
	set(KE "threads-max", old);
	fork_all();
}

static void maps(void)
{
	char *old;
	int n = 0;

	SECTION("kernel.randomize_va_space");
	mode(KE "randomize_va_space");
	put(KE "randomize_va_space", "0");
	put(KE "randomize_va_space", "1");
	put(KE "randomize_va_space", "2");
	put(KE "randomize_va_space", "two");
	SECTION("vm.max_map_count");
	old = strdup(get(VM "max_map_count"));
	say("%s\n", old);
	put(VM "max_map_count", "-1");
	put(VM "max_map_count", "2147483647");
	put(VM "max_map_count", "2147483648");
	put(VM "max_map_count", "100");
	while (n < 1000 &&
	       mmap(NULL, PAGE, n & 1 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
		       MAP_FAILED)
		n++;
	say("%s, fewer than 101: %d, more than 60: %d\n", ename(errno), n < 101, n > 60);
	set(VM "max_map_count", old);
	say("again: %d\n", mmap(NULL, PAGE, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	SECTION("vm.overcommit_memory");
	put(VM "overcommit_memory", "3");
	put(VM "overcommit_memory", "-1");
	put(VM "overcommit_memory", "0");
	size_t huge = 64UL << 30;
	void *p = mmap(NULL, huge, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	say("64 GiB: %d\n", p != MAP_FAILED);
	put(VM "overcommit_memory", "1");
	p = mmap(NULL, huge, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	say("64 GiB: %d\n", p != MAP_FAILED);
	munmap(p, huge);
	put(VM "overcommit_memory", "0");
}

static void files_enfile(void)
{
	int n = 0;

	MUST(setgid(1000));
	MUST(setuid(1000));
	while (n < 2000 && open("/", O_RDONLY) >= 0)
		n++;
	say("another user: %s, %s\n", ename(errno), n < 900 ? "soon" : "late");
	R(pipe((int[2]){ 0 }));
}

static void open_files(void)
{
	char *old = strdup(get(FS "file-max")), few[32];
	struct rlimit lim;

	SECTION("fs.file-max");
	mode(FS "file-max");
	put(FS "file-max", "9223372036854775807");
	put(FS "file-max", "-1");
	put(FS "file-max", "9223372036854775808");
	snprintf(few, sizeof(few), "%ld", atol(get(FS "file-nr")) + 20);
	set(FS "file-max", few);
	in_child("fewer", files_enfile);
	OK(open("/", O_RDONLY));
	set(FS "file-max", old);
	mode(FS "file-nr");
	R(open(FS "file-nr", O_WRONLY));
	SECTION("fs.nr_open");
	old = strdup(get(FS "nr_open"));
	say("%s\n", old);
	numbers(FS "nr_open", "63", "64", "2147483584", "2147483585");
	put(FS "nr_open", "1984");
	lim = (struct rlimit){ 1985, 1985 };
	R(setrlimit(RLIMIT_NOFILE, &lim));
	lim = (struct rlimit){ 1984, 1984 };
	R(setrlimit(RLIMIT_NOFILE, &lim));
	int root = MUST(open("/", O_RDONLY));
	R(dup2(root, 1983));
	R(dup2(root, 1984));
	R(fcntl(root, F_DUPFD, 1983));
	put(FS "nr_open", "1000");
	R(dup2(root, 1500));
	set(FS "nr_open", old);
}

static void as_user(void)
{
	int p[2];

	MUST(setgid(1000));
	MUST(setuid(1000));
	R(pipe(p));
	R(fcntl(p[0], F_GETPIPE_SZ));
	R(fcntl(p[0], F_SETPIPE_SZ, 8192));
	R(fcntl(p[0], F_SETPIPE_SZ, 16384));
	R(fcntl(p[0], F_SETPIPE_SZ, 16385));
	R(fcntl(p[0], F_SETPIPE_SZ, 65536));
}

static void many_pipes(void)
{
	int p[2], n = 0, small = 0;

	MUST(setgid(1000));
	MUST(setuid(1000));
	while (n < 40 && !pipe(p)) {
		small += fcntl(p[0], F_GETPIPE_SZ) < 65536;
		n++;
	}
	say("%d pipes, %d small, %s\n", n, small, n < 40 ? ename(errno) : "no end");
	if (n)
		R(fcntl(p[0], F_SETPIPE_SZ, 1048576));
}

static void pipes(void)
{
	char *old = strdup(get(FS "pipe-max-size")), *soft = strdup(get(FS "pipe-user-pages-soft"));
	int p[2];

	SECTION("fs.pipe-max-size");
	say("%s %s %s\n", old, soft, get(FS "pipe-user-pages-hard"));
	put(FS "pipe-max-size", "0");
	put(FS "pipe-max-size", "1");
	put(FS "pipe-max-size", "4097");
	put(FS "pipe-max-size", "2147483648");
	put(FS "pipe-max-size", "2147483649");
	put(FS "pipe-max-size", "-5");
	put(FS "pipe-max-size", "5000x");
	put(FS "pipe-max-size", "10000");
	MUST(pipe(p));
	R(fcntl(p[0], F_GETPIPE_SZ));
	R(fcntl(p[0], F_SETPIPE_SZ, 1 << 20));
	in_child("another user", as_user);
	set(FS "pipe-max-size", old);
	SECTION("fs.pipe-user-pages");
	put(FS "pipe-user-pages-soft", "-1");
	put(FS "pipe-user-pages-soft", "64");
	in_child("soft limit", many_pipes);
	put(FS "pipe-user-pages-hard", "48");
	in_child("hard limit", many_pipes);
	put(FS "pipe-user-pages-soft", "0");
	in_child("hard limit alone", many_pipes);
	set(FS "pipe-user-pages-hard", "0");
	set(FS "pipe-user-pages-soft", soft);
}

static void link_as_user(void)
{
	MUST(setgid(1000));
	MUST(setuid(1000));
	R(link("theirs", "mine"));
}

static void links(void)
{
	char *old = strdup(get(FS "protected_hardlinks"));

	SECTION("fs.protected_hardlinks");
	put_file("theirs", "x", 1, 0600);
	MUST(chmod(".", 0777));
	put(FS "protected_hardlinks", "2");
	put(FS "protected_hardlinks", "1");
	in_child("protected", link_as_user);
	put(FS "protected_hardlinks", "0");
	in_child("not protected", link_as_user);
	set(FS "protected_hardlinks", old);
}

static void not_root(void)
{
	MUST(setgid(1000));
	MUST(setuid(1000));
	R(open(KE "pid_max", O_WRONLY));
	R(access(KE "pid_max", W_OK));
	OK(open(KE "pid_max", O_RDONLY));
	R(open(VM "drop_caches", O_RDONLY));
}

int main(void)
{
	static const char *const modes[] = {
		KE "hostname",	     KE "osrelease",	     KE "pid_max",	  KE "threads-max",
		KE "printk",	     VM "max_map_count",     VM "drop_caches",	  VM "overcommit_memory",
		FS "nr_open",	     FS "pipe-max-size",     FS "mount-max",	  FS "protected_hardlinks",
		FS "inode-nr",	     KE "ngroups_max",	     KE "random/boot_id", FS "pipe-user-pages-soft",
		FS "dentry-state",   KE "cap_last_cap",
	};
	char *old;

	SECTION("modes");
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		mode(modes[i]);
	names();
	pids();
	threads();
	maps();
	open_files();
	pipes();
	links();
	SECTION("fs.mount-max");
	old = strdup(get(FS "mount-max"));
	say("%s\n", old);
	put(FS "mount-max", "0");
	put(FS "mount-max", "2147483648");
	set(FS "mount-max", old);
	SECTION("kernel.printk");
	old = strdup(get(KE "printk"));
	put(KE "printk", "5 4 1 7\n");
	put(KE "printk", "x");
	put(KE "printk", "");
	put(KE "printk", "3");
	set(KE "printk", old);
	in_child("not root", not_root);
	return 0;
}
