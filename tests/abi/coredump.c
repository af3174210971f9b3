/* Core files: core(5). Who leaves one, its name and mode, and what is in it. */
#include "abi.h"
#include <elf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/procfs.h>
#include <sys/resource.h>

static void limit(rlim_t n)
{
	struct rlimit r = { n, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &r);
}

static void show(const char *what, int status)
{
	siginfo_t si = { 0 };

	(void)si;
	printf("%s: signal %d, core %s, file %s\n", what, WTERMSIG(status),
	       WCOREDUMP(status) ? "yes" : "no", access("core", F_OK) ? "none" : "there");
}

static int run(void (*fn)(void), int sig)
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		fn();
		raise(sig);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void nothing(void)
{
	limit(RLIM_INFINITY);
}
static void none(void)
{
	limit(0);
}
static void tiny(void)
{
	limit(4096);
}
static void secret(void)
{
	limit(RLIM_INFINITY);
	prctl(PR_SET_DUMPABLE, 0);
}

static void forbidden(unsigned verdict)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, verdict),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { 4, insns };

	limit(RLIM_INFINITY);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
	syscall(SYS_getppid);
}
static void kill_process(void)
{
	forbidden(SECCOMP_RET_KILL_PROCESS);
}
static void kill_thread(void)
{
	forbidden(SECCOMP_RET_KILL_THREAD);
}

static char *marked;

static void mark(void)
{
	limit(RLIM_INFINITY);
	marked = mmap((void *)0x2000000000, 3 * 4096, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	strcpy(marked, "the first page");
	strcpy(marked + 2 * 4096, "the third page");
	prctl(PR_SET_NAME, "a/name");
}

/* What gdb looks at. */
static void look(void)
{
	static char buf[1 << 16];
	int fd = open("core", O_RDONLY);
	ssize_t n = read(fd, buf, sizeof(buf));
	Elf64_Ehdr *e = (Elf64_Ehdr *)buf;
	Elf64_Phdr *ph = (Elf64_Phdr *)(buf + e->e_phoff);
	struct stat st;

	fstat(fd, &st);
	printf("mode %o, type %d, machine %d, first header %d, whole %s\n", st.st_mode, e->e_type,
	       e->e_machine, ph->p_type, n > 4096 ? "yes" : "no");
	for (char *at = buf + ph->p_offset, *end = at + ph->p_filesz; at < end;) {
		Elf64_Nhdr *h = (Elf64_Nhdr *)at;
		char *data = at + sizeof(*h) + 8;

		printf("note %s %x", at + sizeof(*h), h->n_type);
		if (h->n_type == NT_PRSTATUS) {
			prstatus_t *s = (prstatus_t *)data;

			printf(": %d bytes, signal %d %d, its pid %s", (int)h->n_descsz, s->pr_info.si_signo,
			       s->pr_cursig, s->pr_ppid == getpid() ? "a child's" : "wrong");
		} else if (h->n_type == NT_PRPSINFO) {
			prpsinfo_t *p = (prpsinfo_t *)data;

			printf(": %d bytes, %s, flags %lx", (int)h->n_descsz, p->pr_fname, p->pr_flag);
		} else if (h->n_type == NT_SIGINFO) {
			printf(": code %d", ((siginfo_t *)data)->si_code);
		} else if (h->n_type == NT_FPREGSET) {
			printf(": %d bytes", (int)h->n_descsz);
		}
		printf("\n");
		if (h->n_type == NT_PRFPREG)
			break;
		at = data + ((h->n_descsz + 3) & ~3u);
	}
	for (int i = 1; i < e->e_phnum; i++) {
		char text[32] = "";

		if (ph[i].p_vaddr != 0x2000000000)
			continue;
		printf("area: type %d flags %d, %lu bytes of %lu\n", ph[i].p_type, ph[i].p_flags,
		       (unsigned long)ph[i].p_filesz, (unsigned long)ph[i].p_memsz);
		pread(fd, text, sizeof(text), (off_t)ph[i].p_offset);
		printf("  %s\n", text);
		pread(fd, text, sizeof(text), (off_t)(ph[i].p_offset + 4096));
		printf("  %s\n", text);
		pread(fd, text, sizeof(text), (off_t)(ph[i].p_offset + 8192));
		printf("  %s\n", text);
	}
	close(fd);
}

static void filter(const char *value)
{
	FILE *f = fopen("/proc/self/coredump_filter", "r+");
	char line[32] = "";

	fgets(line, sizeof(line), f);
	printf("coredump_filter: %s", line);
	rewind(f);
	fputs(value, f);
	printf("set to %s: %s\n", value, fflush(f) ? strerror(errno) : "ok");
	fclose(f);
}

int main(void)
{
	siginfo_t si = { 0 };

	show("SIGQUIT without a limit", run(nothing, SIGQUIT));
	unlink("core");
	show("SIGTERM", run(nothing, SIGTERM));
	show("a limit of 0", run(none, SIGABRT));
	show("not dumpable", run(secret, SIGABRT));
	show("a page", run(tiny, SIGSEGV));
	unlink("core");
	symlink("elsewhere", "core");
	show("a symbolic link", run(nothing, SIGABRT));
	unlink("core");
	close(open("core", O_CREAT | O_WRONLY, 0644));
	R(link("core", "core2"));
	show("a file of two names", run(nothing, SIGABRT));
	unlink("core");
	show("SIGABRT", run(mark, SIGABRT));
	look();
	filter("0x12");
	filter("nonsense");
	filter("0x33");
	fflush(stdout);
	if (!fork()) {
		limit(RLIM_INFINITY);
		raise(SIGFPE);
	}
	R(waitid(P_ALL, 0, &si, WEXITED));
	printf("waitid: code %d status %d\n", si.si_code, si.si_status);
	unlink("core");
	show("SECCOMP_RET_KILL_PROCESS", run(kill_process, SIGTERM));
	unlink("core");
	show("SECCOMP_RET_KILL_THREAD", run(kill_thread, SIGTERM));
	return 0;
}
