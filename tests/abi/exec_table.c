/* execve(2) and execveat(2) by table: what is to run, from where, with which words; and what open, chmod and the like
 * have made of it. */
#include "table.h"
#include <sys/mount.h>
#include <sys/resource.h>

static const char *self;

/* A program that ends with 42 when it is started with a second word "ran", a script's interpreter too. */
static void copy_self(const char *name, mode_t mode)
{
	static char buf[65536];
	int in = MUST(open(self, O_RDONLY)), out = MUST(open(name, O_CREAT | O_TRUNC | O_WRONLY, 0700));
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) > 0)
		MUST(write(out, buf, n));
	close(in);
	close(out);
	chmod(name, mode);
}

static void script(const char *name, const char *line)
{
	put_file(name, line, strlen(line), 0755);
}

static int user; /* by whom it is tried */

/* What came of it: the error, or how the child ended. */
static const char *run(int fd, const char *path, char *const *argv, char *const *envp, int flags)
{
	static char text[64];
	int st, p[2];
	int err = 0;
	pid_t pid;

	MUST(pipe2(p, O_CLOEXEC));
	pid = MUST(fork());
	if (!pid) {
		if (user)
			setresuid(1000, 1000, 1000);
		errno = 0;
		syscall(SYS_execveat, fd, path, argv, envp, flags);
		err = errno;
		write(p[1], &err, sizeof(err));
		_exit(0);
	}
	close(p[1]);
	while (waitpid(pid, &st, 0) < 0)
		;
	if (read(p[0], &err, sizeof(err)) == sizeof(err))
		snprintf(text, sizeof(text), "%s", ename(err) + 1);
	else
		snprintf(text, sizeof(text), "%s", WIFEXITED(st) && WEXITSTATUS(st) == 42 ? "ran" : wait_text(st));
	close(p[0]);
	return text;
}

static char *words[] = { "x", "ran", NULL };

static void paths(void)
{
	static char long_name[300], long_path[5000];
	static const char *const names[] = {
		"good", "./good", "missing", "", ".", "..", "/", "good/", "good/x", "dir", "dir/good", "noexec", "noread", "link",
		"dangling", "loop", "fifo", "device", "socketless", "empty", "text", "onebyte", "half", "script", "script0", "script1", "script2",
		"script3", "script4", "script5", "script6", "deep1", "deep4", "deep5", "deep6", "shut/good", "setuid", "odd",
		"busy", "noexecmount/good", "spaces", "tabs", "nonl", "longline", "justfits", "nul",
	};
	static const int flags[] = { 0, AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW, AT_NO_AUTOMOUNT };
	int good = MUST(open("good", O_RDONLY)), path = MUST(open("good", O_PATH)), dir = MUST(open("dir", O_RDONLY)),
	    shut = MUST(open("script", O_RDONLY | O_CLOEXEC)), keep = MUST(open("script", O_RDONLY));
	int fds[] = { AT_FDCWD, good, path, dir, 99, shut, keep };

	memset(long_name, 'x', 299);
	memset(long_path, '/', 4999);
	for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
		word("%s: %s", names[n], run(AT_FDCWD, names[n], words, NULL, 0));
		if (!user)
			word(" %s", run(AT_FDCWD, names[n], words, NULL, AT_SYMLINK_NOFOLLOW));
		end_line();
	}
	word("long: %s", run(AT_FDCWD, long_name, words, NULL, 0));
	word(" %s", run(AT_FDCWD, long_path, words, NULL, 0));
	word(" null %s", run(AT_FDCWD, NULL, words, NULL, 0));
	word(" bad %s", run(AT_FDCWD, (char *)8, words, NULL, AT_EMPTY_PATH));
	end_line();
	for (size_t i = 0; i < ARRAY_SIZE(fds) && !user; i++) {
		word("descriptor %zu:", i);
		for (size_t f = 0; f < ARRAY_SIZE(flags); f++) {
			word(" %s", run(fds[i], "", words, NULL, flags[f]));
			word("/%s", run(fds[i], "good", words, NULL, flags[f]));
		}
		end_line();
	}
	for (size_t i = 1; i < ARRAY_SIZE(fds); i++)
		if (fds[i] != 99)
			close(fds[i]);
}

static void vectors(void)
{
	static char big[140000], *many[600], *bad[] = { "x", "ran", (char *)8, NULL };
	static const size_t sizes[] = { 100, 131070, 131071, 131072 };

	word("argv null %s", run(AT_FDCWD, "good", NULL, NULL, 0));
	word(" empty %s", run(AT_FDCWD, "good", (char *[]){ NULL }, NULL, 0));
	word(" bad %s", run(AT_FDCWD, "good", (char **)8, NULL, 0));
	word(" env %s", run(AT_FDCWD, "good", words, (char **)8, 0));
	word(" inner %s", run(AT_FDCWD, "good", bad, NULL, 0));
	word(" env's %s", run(AT_FDCWD, "good", words, bad, 0));
	word(" missing before bad %s", run(AT_FDCWD, "missing", (char **)8, NULL, 0));
	word(" noexec before bad %s", run(AT_FDCWD, "text", (char **)8, NULL, 0));
	word(" flags before all %s", run(99, (char *)8, (char **)8, NULL, 1));
	end_line();
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *one[] = { "x", "ran", big, NULL };

		memset(big, 'y', sizes[i]);
		big[sizes[i]] = 0;
		word("a word of %zu: %s", sizes[i], run(AT_FDCWD, "good", one, NULL, 0));
		word(" env %s", run(AT_FDCWD, "good", words, one, 0));
		for (int stack = 0; stack < 4; stack++) {
			static const rlim_t limits[] = { 65536, 600000, 1 << 20, 8 << 20 };
			struct rlimit old, new;

			getrlimit(RLIMIT_STACK, &old);
			for (int k = 0; k < 20; k++)
				many[k] = k == 1 ? "ran" : big;
			many[20] = NULL;
			new = old;
			new.rlim_cur = limits[stack];
			setrlimit(RLIMIT_STACK, &new);
			word(" 20 in a stack of %luk %s", (long)limits[stack] >> 10, run(AT_FDCWD, "good", many, NULL, 0));
			setrlimit(RLIMIT_STACK, &old);
		}
		end_line();
	}
}

/* The same letters, the header's first line being as long as may be. */
static void long_script(const char *name, size_t len, const char *path)
{
	static char line[600];

	memset(line, ' ', sizeof(line));
	snprintf(line, sizeof(line), "#!%s", path);
	line[strlen(line)] = ' ';
	memset(line + len - 4, 'w', 4);
	line[len] = '\n';
	put_file(name, line, len + 1, 0755);
}

static void furnish(void)
{
	char here[200], line[400];
	int fd;

	getcwd(here, sizeof(here));
	mkdir("dir", 0755);
	mkdir("shut", 0700);
	mkdir("noexecmount", 0755);
	MUST(mount("none", "noexecmount", "tmpfs", MS_NOEXEC, NULL));
	copy_self("good", 0755);
	copy_self("dir/good", 0755);
	copy_self("shut/good", 0755);
	copy_self("noexecmount/good", 0755);
	copy_self("noexec", 0644);
	copy_self("noread", 0111);
	copy_self("setuid", 04755);
	copy_self("odd", 0654);
	copy_self("busy", 0755);
	symlink("good", "link");
	symlink("missing", "dangling");
	symlink("loop", "loop");
	mkfifo("fifo", 0777);
	mknod("device", S_IFCHR | 0777, 1 << 8 | 3);
	mknod("socketless", S_IFSOCK | 0777, 0);
	put_file("empty", "", 0, 0755);
	put_file("text", "not a program\n", 14, 0755);
	put_file("onebyte", "#", 1, 0755);
	put_file("half", "\177ELF\2\1\1", 7, 0755);
	snprintf(line, sizeof(line), "#!%s/good ran\n", here);
	script("script", line);
	script("script0", "#!\n");
	script("script1", "#! \t \n");
	script("script2", "#!missing\n");
	script("script3", "#!good ran\n");
	script("script4", "#!.\n");
	script("script5", "#!noexec\n");
	script("script6", "#!text\n");
	script("deep1", "#!script3 x\n");
	script("deep2", "#!deep1 x\n");
	script("deep3", "#!deep2 x\n");
	script("deep4", "#!deep3 x\n");
	script("deep5", "#!deep4 x\n");
	script("deep6", "#!deep6\n");
	script("spaces", "#!   good   ran  \n");
	script("tabs", "#!\tgood\tran\t\n");
	script("nonl", "#!good ran");
	long_script("longline", 300, "good");
	long_script("justfits", 255, "good");
	put_file("nul", "#!good\0ran\n", 11, 0755);
	fd = MUST(open("busy", O_RDWR));
	fcntl(fd, F_SETFD, FD_CLOEXEC);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			if (!strcmp(argv[i], "ran"))
				return 42;
		return argc;
	}
	if (!argc)
		return 33;
	if (argv[0] && !argv[0][0])
		return 34; /* what an empty vector becomes */
	self = argv[0];
	furnish();
	for (user = 0; user < 2; user++) {
		SECTION(user ? "by a user" : "by root");
		paths();
		if (!user)
			vectors();
	}
	umount("noexecmount");
	return 0;
}
