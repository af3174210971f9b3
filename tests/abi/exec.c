/* execve: arguments, environment, auxiliary vector, what survives, errors. */
#include "abi.h"
#include <elf.h>
#include <sys/auxv.h>

extern char **environ;

static void show_vectors(int argc, char **argv)
{
	say("argc %d:", argc);
	for (int i = 0; i < argc; i++)
		say(" [%s]", argv[i]);
	say("\nenv:");
	for (char **e = environ; *e; e++)
		say(" [%s]", *e);
	say("\n");
}

static void show_auxv(void)
{
	static const struct { unsigned long key; const char *name; } keys[] = {
		{ AT_SYSINFO_EHDR, "SYSINFO_EHDR" }, { AT_HWCAP, "HWCAP" }, { AT_PAGESZ, "PAGESZ" },
		{ AT_CLKTCK, "CLKTCK" }, { AT_PHDR, "PHDR" }, { AT_PHENT, "PHENT" },
		{ AT_PHNUM, "PHNUM" }, { AT_FLAGS, "FLAGS" }, { AT_ENTRY, "ENTRY" },
		{ AT_UID, "UID" }, { AT_EUID, "EUID" }, { AT_GID, "GID" }, { AT_EGID, "EGID" },
		{ AT_SECURE, "SECURE" }, { AT_RANDOM, "RANDOM" }, { AT_EXECFN, "EXECFN" },
		{ AT_MINSIGSTKSZ, "MINSIGSTKSZ" },
	};
	char **e = environ;

	while (*e)
		e++;
	for (unsigned k = 0; k < ARRAY_SIZE(keys); k++) {
		int found = 0;
		unsigned long v = 0;
		for (Elf64_auxv_t *a = (void *)(e + 1); a->a_type; a++)
			if (a->a_type == keys[k].key) {
				found++;
				v = a->a_un.a_val;
			}
		switch (keys[k].key) {
		case AT_SYSINFO_EHDR:
			say("%s %d elf %d\n", keys[k].name, found,
			    v && !memcmp((void *)v, ELFMAG, 4));
			break;
		case AT_PHDR:
		case AT_ENTRY:
		case AT_RANDOM:
			say("%s %d nonzero %d\n", keys[k].name, found, v != 0);
			break;
		case AT_PHNUM:
			say("%s %d sane %d\n", keys[k].name, found, v > 2 && v < 20);
			break;
		case AT_EXECFN:
			say("%s %d %s\n", keys[k].name, found, v ? (char *)v : "none");
			break;
		case AT_HWCAP:
			say("%s %d imafdc %d\n", keys[k].name, found, (v & 0x112d) == 0x112d);
			break;
		default:
			say("%s %d = %lu\n", keys[k].name, found, v);
		}
	}
	unsigned char *r = (void *)getauxval(AT_RANDOM);
	int bits = 0;
	for (int i = 0; i < 16; i++)
		bits += __builtin_popcount(r[i]);
	say("random bits plausible %d\n", bits > 20 && bits < 108);
}

static void spawn(char **argv, char **envp)
{
	int st;
	pid_t pid = MUST(fork());

	if (!pid) {
		execve("/proc/self/exe", argv, envp);
		say("execve: %s\n", ename(errno));
		_exit(1);
	}
	MUST(waitpid(pid, &st, 0));
	say("=> %s\n", wait_text(st));
}

static void survives(void)
{
	sigset_t set, pend;
	struct sigaction sa;

	sigprocmask(SIG_BLOCK, NULL, &set);
	sigpending(&pend);
	say("mask has USR1 %d USR2 %d\n", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2));
	say("pending USR1 %d\n", sigismember(&pend, SIGUSR1));
	sigaction(SIGUSR2, NULL, &sa);
	say("handled USR2 is default %d\n", sa.sa_handler == SIG_DFL);
	sigaction(SIGHUP, NULL, &sa);
	say("ignored HUP stays %d\n", sa.sa_handler == SIG_IGN);
	say("fd 20 open %d, fd 21 open %d\n", fcntl(20, F_GETFD) >= 0, fcntl(21, F_GETFD) >= 0);
	mode_t m = umask(0);
	say("umask %o\n", m);
	char cwd[200];
	say("cwd %s\n", getcwd(cwd, sizeof(cwd)));
	stack_t ss;
	sigaltstack(NULL, &ss);
	say("altstack disabled %d\n", ss.ss_flags == SS_DISABLE);
	char name[20] = "";
	int c = open("/proc/self/comm", O_RDONLY);
	read(c, name, 19);
	say("comm %s", name);
}

static void handler(int sig)
{
	(void)sig;
}

static void prepare_survivor(void)
{
	static char stack[16384];
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	signal(SIGUSR2, handler);
	signal(SIGHUP, SIG_IGN);
	sigaltstack(&ss, NULL);
	int fd = open("/dev/null", O_RDONLY);
	dup2(fd, 20);
	dup3(fd, 21, O_CLOEXEC);
	umask(027);
	chdir("/tmp");
	char *argv[] = { "exec", "survives", NULL }, *envp[] = { NULL };
	execve("/abi/exec", argv, envp);
	say("%s\n", ename(errno));
}

static void too_big(void)
{
	/* one argument may be 128 KiB long (MAX_ARG_STRLEN), NUL included */
	char *big = malloc(200000), *argv[] = { "exec", "length", big, NULL }, *envp[] = { NULL };

	memset(big, 'a', 200000);
	big[131072] = 0;
	R(execve("/abi/exec", argv, envp));
	big[131071] = 0;
	execve("/abi/exec", argv, envp);
	say("%s\n", ename(errno));
}

static void much(void)
{
	/* a quarter of the stack limit in all */
	char *arg = malloc(100001), *argv[32], *envp[] = { NULL };

	memset(arg, 'b', 100000);
	arg[100000] = 0;
	for (int i = 0; i < 30; i++)
		argv[i] = arg;
	argv[30] = NULL;
	R(execve("/abi/exec", argv, envp));
	argv[0] = "exec";
	argv[1] = "count";
	argv[15] = NULL;
	execve("/abi/exec", argv, envp);
	say("%s\n", ename(errno));
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "survives")) {
		survives();
		return 0;
	}
	if (argc > 2 && !strcmp(argv[1], "length")) {
		say("length %zu\n", strlen(argv[2]));
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "count")) {
		say("count %d\n", argc);
		return 0;
	}
	if (argc == 0 || strcmp(argv[0], "/abi/exec")) {
		show_vectors(argc, argv);
		return argc;
	}
	SECTION("auxiliary vector");
	show_auxv();
	SECTION("vectors");
	spawn((char *[]){ "a", "", "c d", "\xff\xfe", NULL }, (char *[]){ "K=V", "EMPTY=", "noequal", "\x80=\x81", NULL });
	spawn((char *[]){ "one", NULL }, (char *[]){ NULL });
	/* Linux puts an empty argv[0] where there is none */
	spawn((char *[]){ NULL }, (char *[]){ "A=1", NULL });
	spawn(NULL, NULL);
	SECTION("what survives");
	in_child("survivor", prepare_survivor);
	SECTION("limits");
	in_child("long", too_big);
	in_child("much", much);
	SECTION("errors");
	char *av[] = { "x", NULL }, *ev[] = { NULL };
	put_file("plain", "hello\n", 6, 0644);
	put_file("text", "hello\n", 6, 0755);
	put_file("empty", "", 0, 0755);
	mkdir("dir", 0755);
	symlink("loop", "loop");
	R(execve("nothing", av, ev));
	R(execve("", av, ev));
	R(execve("plain", av, ev));
	R(execve("text", av, ev));
	R(execve("empty", av, ev));
	R(execve("dir", av, ev));
	R(execve("loop", av, ev));
	R(execve("plain/x", av, ev));
	R(execve("/dev/null", av, ev));
	R(execve((char *)8, av, ev));
	R(execve("/abi/exec", (char **)8, ev));
	R(execve("/abi/exec", (char *[]){ (char *)8, NULL }, ev));
	R(execve("/abi/exec", av, (char **)-8L));
	int fd = open("/abi/exec", O_WRONLY);
	say("open of a running program: %s\n", fd < 0 ? ename(errno) : "ok");
	fd = open("written", O_CREAT | O_WRONLY, 0755);
	R(execve("written", av, ev));
	close(fd);
	fd = open("/abi/exec", O_RDONLY | O_CLOEXEC);
	say("execveat by descriptor: ");
	pid_t pid = fork();
	if (!pid) {
		syscall(SYS_execveat, fd, "", (char *[]){ "fx", "1", NULL }, ev, AT_EMPTY_PATH);
		say("%s\n", ename(errno));
		_exit(0);
	}
	int st;
	waitpid(pid, &st, 0);
	say("=> %s\n", wait_text(st));
	R(syscall(SYS_execveat, fd, "", av, ev, 0));
	R(syscall(SYS_execveat, AT_FDCWD, "loop", av, ev, AT_SYMLINK_NOFOLLOW));
	R(syscall(SYS_execveat, 55, "x", av, ev, 0));
	return 0;
}
