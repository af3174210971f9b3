/*
 * exec.c - execve: what is passed, what is refused, what stays open.
 */
#include "tests.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <uapi/elf.h>
#include <unistd.h>

#define SELF "/proc/self/exe"

/* Run a program with these arguments; its wait status. */
static int run(const char *path, char *const argv[], char *const envp[])
{
	pid_t pid = spawn();

	if (!pid) {
		execve(path, argv, envp);
		_exit(100 + (errno == ENOENT) + 2 * (errno == EACCES) + 4 * (errno == ENOEXEC));
	}
	return wait_for(pid);
}

static char *const exit_42[] = { (char *)"usertests", (char *)"--exit", (char *)"42", NULL };
static char *const no_env[] = { NULL };

static void exec_self(void)
{
	for (int i = 0; i < 20; i++)
		CHECK(run(SELF, exit_42, no_env) == 42 << 8);
}

static void exec_copy(void)
{
	copy_self("prog");
	CHECK(run("prog", exit_42, no_env) == 42 << 8);
	CHECK(run("./prog", exit_42, no_env) == 42 << 8);
	CHECK(!chmod("prog", 0644));
	FAILS(EACCES, execve("prog", exit_42, no_env));
	CHECK(!chmod("prog", 0755));
	/* A file that is open for writing can't be run. */
	int fd = open("prog", O_WRONLY);

	CHECK(fd >= 0);
	FAILS(ETXTBSY, execve("prog", exit_42, no_env));
	close(fd);
	CHECK(run("prog", exit_42, no_env) == 42 << 8);
}

static void exec_missing(void)
{
	char name[PATH_MAX + 10];

	FAILS(ENOENT, execve("nothing", exit_42, no_env));
	FAILS(ENOENT, execve("", exit_42, no_env));
	FAILS(EACCES, execve("/", exit_42, no_env));
	make_file("plain", "x");
	FAILS(ENOTDIR, execve("plain/x", exit_42, no_env));
	FAILS(EACCES, execve("plain", exit_42, no_env));
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = 0;
	FAILS(ENAMETOOLONG, execve(name, exit_42, no_env));
	FAILS(EFAULT, execve(wild_pointer(8), exit_42, no_env));
	FAILS(EFAULT, execve(SELF, wild_pointer(8), no_env));
	FAILS(EFAULT, execve(SELF, exit_42, wild_pointer(8)));

	char *bad[] = { (char *)"x", wild_pointer(8), NULL };

	FAILS(EFAULT, execve(SELF, bad, no_env));
}

static void write_bytes(const char *path, const void *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	CHECK(fd >= 0 && write(fd, bytes, n) == (ssize_t)n && !close(fd));
}

static int run_image(const void *bytes, size_t n)
{
	write_bytes("image", bytes, n);
	return run("./image", exit_42, no_env);
}

/* Heads that are wrong in one place: refused or killed, never run to 42. */
static void exec_bad_elf(void)
{
	static union {
		unsigned char bytes[8192];
		struct {
			Elf64_Ehdr eh;
			Elf64_Phdr ph[8];
		};
	} good, bad;
	int fd = open(SELF, O_RDONLY);

	CHECK(fd >= 0 && read(fd, good.bytes, sizeof(good)) == sizeof(good));
	close(fd);
	CHECK(run_image("", 0) == 104 << 8);
	CHECK(run_image("\177ELF", 4) == 104 << 8);
	CHECK(run_image(good.bytes, 40) == 104 << 8);
	bad = good;
	bad.eh.e_machine = 62;
	CHECK(run_image(bad.bytes, sizeof(bad)) == 104 << 8);
	bad = good;
	bad.eh.e_type = ET_REL;
	CHECK(run_image(bad.bytes, sizeof(bad)) == 104 << 8);
	bad = good;
	bad.eh.e_phentsize = 7;
	CHECK(run_image(bad.bytes, sizeof(bad)) == 104 << 8);
	bad = good;
	bad.eh.e_phnum = 0;
	CHECK(run_image(bad.bytes, sizeof(bad)) == 104 << 8);

	/* Program headers far outside, and segments into the kernel, or upside down. */
	static const struct {
		uint64_t offset, vaddr, filesz, memsz;
	} wild[] = {
		{ 0, 0xffffffff80000000ul, 100, 100 },
		{ 0, 0x3ffffff000ul, 0x2000, 0x2000 },
		{ 0, 0x10000, 0x2000, 0x1000 },
		{ 0, 0x10000, 100, ~0ul - 100 },
		{ 0, ~0ul - 4095, 4096, 4096 },
		{ 0x7ffffffffffff000ul, 0x10000, 0x1000, 0x1000 },
	};

	for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		int status;

		bad = good;
		bad.eh.e_phnum = 1;
		bad.ph[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
					  .p_flags = PF_R | PF_X,
					  .p_offset = wild[i].offset,
					  .p_vaddr = wild[i].vaddr,
					  .p_filesz = wild[i].filesz,
					  .p_memsz = wild[i].memsz,
					  .p_align = 4096 };
		bad.eh.e_phoff = sizeof(Elf64_Ehdr);
		status = run_image(bad.bytes, sizeof(bad));
		if (!WIFSIGNALED(status) && (WEXITSTATUS(status) < 100))
			fail("wild segment %zu: wait status %#x", i, status);
	}
	bad = good;
	bad.eh.e_phoff = ~0ul - 64;
	CHECK(run_image(bad.bytes, sizeof(bad)) != 42 << 8);
	bad = good;
	bad.eh.e_phoff = sizeof(bad) - 8;
	CHECK(run_image(bad.bytes, sizeof(bad)) != 42 << 8);
	bad = good;
	bad.eh.e_entry = 0xffffffff80000000ul;
	CHECK(WIFSIGNALED(run_image(bad.bytes, sizeof(bad))));
}

static void exec_script(void)
{
	char line[400], self[200];
	ssize_t n = readlink(SELF, self, sizeof(self) - 1);

	CHECK(n > 0);
	self[n] = 0;
	/* "#!prog --exit", and behind it the script's own name "17". */
	snprintf(line, sizeof(line), "#!%s   --exit\nrest\n", self);
	write_bytes("17", line, strlen(line));
	CHECK(run("17", (char *[]){ (char *)"x", NULL }, no_env) == 17 << 8);
	write_bytes("empty", "#!\n", 3);
	FAILS(ENOEXEC, execve("empty", exit_42, no_env));
	write_bytes("missing", "#!/no/such/thing\n", 17);
	FAILS(ENOENT, execve("missing", exit_42, no_env));
	/* An interpreter that is a script, and one that is itself. */
	write_bytes("loop", "#!./loop\n", 9);
	FAILS(ELOOP, execve("./loop", exit_42, no_env));
}

#define BIG (140 * 1024)

static void exec_arguments(void)
{
	char *argv[1002], *one, *many;
	int i;

	one = malloc(BIG);
	memset(one, 'x', BIG - 1);
	one[BIG - 1] = 0;
	argv[0] = argv[1] = one;
	argv[2] = NULL;
	FAILS(E2BIG, execve(SELF, argv, no_env));

	/* 1,000 strings of 8 KiB: more than a quarter of the stack limit. */
	many = malloc(8192);
	memset(many, 'y', 8191);
	many[8191] = 0;
	for (i = 0; i < 1000; i++)
		argv[i] = many;
	argv[i] = NULL;
	FAILS(E2BIG, execve(SELF, argv, no_env));

	/* 100 of them are fine, the exit code is the third from the front. */
	argv[1] = (char *)"--exit";
	argv[2] = (char *)"42";
	argv[3] = NULL;
	CHECK(run(SELF, argv, argv + 3) == 42 << 8);
	for (i = 0; i < 100; i++)
		argv[10 + i] = many;
	argv[10 + i] = NULL;
	CHECK(run(SELF, argv, argv + 10) == 42 << 8);
}

/* Handlers go back to default, ignored stays ignored, the mask stays. */
static void on_signal(int sig)
{
	(void)sig;
}

static void exec_signals(void)
{
	int fds[2];
	pid_t pid;

	CHECK(!pipe(fds));
	pid = spawn();
	if (!pid) {
		signal(SIGUSR1, on_signal);
		signal(SIGUSR2, SIG_IGN);
		dup2(fds[0], 0);
		close(fds[0]);
		close(fds[1]);
		execve(SELF, (char *[]){ (char *)"u", (char *)"--wait", NULL }, no_env);
		_exit(1);
	}
	close(fds[0]);
	sleep_ms(300);
	kill(pid, SIGUSR2);
	sleep_ms(50);
	CHECK(waitpid(pid, NULL, WNOHANG) == 0);
	kill(pid, SIGUSR1);
	CHECK(WTERMSIG(wait_for(pid)) == SIGUSR1);
}

/* close-on-exec descriptors are closed: the reader of a pipe sees the end. */
static void exec_closes(void)
{
	int fds[2], hold[2];
	pid_t pid;
	char c;

	CHECK(!pipe2(fds, O_CLOEXEC) && !pipe(hold));
	pid = spawn();
	if (!pid) {
		dup2(hold[0], 0);
		close(hold[0]);
		close(hold[1]);
		execve(SELF, (char *[]){ (char *)"u", (char *)"--wait", NULL }, no_env);
		_exit(1);
	}
	close(hold[0]);
	close(fds[1]);
	CHECK(read(fds[0], &c, 1) == 0);
	CHECK(waitpid(pid, NULL, WNOHANG) == 0);
	close(hold[1]);
	wait_ok(pid);
}

const struct test exec_tests[] = {
	{ "exec-self", exec_self, 0 },
	{ "exec-copy", exec_copy, 0 },
	{ "exec-refused", exec_missing, 0 },
	{ "exec-bad-elf", exec_bad_elf, 0 },
	{ "exec-script", exec_script, 0 },
	{ "exec-arguments", exec_arguments, 0 },
	{ "exec-closes", exec_closes, 0 },
	{ "exec-signals", exec_signals, 0 },
	{ NULL, NULL, 0 },
};
