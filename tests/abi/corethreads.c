/*
 * The core of a process with threads (core(5)): the notes of each, with the registers that it had when
 * one of them faulted; who faulted comes first. A program that reads the core finds them all still there.
 */
#include "abi.h"
#include <dirent.h>
#include <elf.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/procfs.h>
#include <sys/resource.h>

#define NTHREADS 4
#define REPORT	 "/tmp/abi-corethreads/report"

static struct shared {
	pid_t tid[NTHREADS];
	int ready, never;
} *sh;
static int faulty; /* whose number faults */
static bool by_abort;

static bool is_core(const char *buf)
{
	return !memcmp(buf, ELFMAG, SELFMAG) && ((Elf64_Ehdr *)buf)->e_type == ET_CORE;
}

static void pattern(const char *text)
{
	int fd = MUST(open("/proc/sys/kernel/core_pattern", O_WRONLY));

	MUST(write(fd, text, strlen(text)));
	close(fd);
}

/* Marks registers with the thread's number, then faults, sleeps or burns time. */
static void body(long n)
{
	sh->tid[n] = gettid();
	if (n == 2) {
		sigset_t set;

		sigemptyset(&set);
		sigaddset(&set, SIGUSR2);
		sigaddset(&set, SIGRTMIN + 2);
		pthread_sigmask(SIG_BLOCK, &set, NULL);
		tgkill(getpid(), gettid(), SIGUSR2);
		kill(getpid(), SIGUSR1);
	}
	__atomic_add_fetch(&sh->ready, 1, __ATOMIC_SEQ_CST);
	if (n == faulty) {
		while (__atomic_load_n(&sh->ready, __ATOMIC_SEQ_CST) < NTHREADS)
			sched_yield();
		if (by_abort)
			abort();
		__asm__ volatile("mv s11, %0; fcvt.d.l fs11, %0; sd zero, 8(zero)" : : "r"(n) : "s11", "fs11");
	}
	if (n == 1)
		__asm__ volatile("mv s11, %0; fcvt.d.l fs11, %0; 1: j 1b" : : "r"(n) : "s11", "fs11");
	for (;;) {
		register long a0 __asm__("a0") = (long)&sh->never;
		register long a1 __asm__("a1") = FUTEX_WAIT;
		register long a2 __asm__("a2") = 0;
		register long a3 __asm__("a3") = 0;
		register long a7 __asm__("a7") = SYS_futex;

		__asm__ volatile("mv s11, %1; fcvt.d.l fs11, %1; ecall"
				 : "+r"(a0)
				 : "r"(n), "r"(a1), "r"(a2), "r"(a3), "r"(a7)
				 : "s11", "fs11", "memory");
	}
}

static void *thread(void *arg)
{
	body((long)arg);
	return NULL;
}

static pid_t threads_die(rlim_t limit)
{
	struct rlimit r = { limit, RLIM_INFINITY };
	sigset_t set;
	pid_t pid;

	memset(sh, 0, sizeof(*sh));
	pid = MUST(fork());
	if (pid)
		return pid;
	setrlimit(RLIMIT_CORE, &r);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_SETMASK, &set, NULL);
	for (long n = 1; n < NTHREADS; n++) {
		pthread_t t;
		char name[16];

		pthread_create(&t, NULL, thread, (void *)n);
		snprintf(name, sizeof(name), "thread-%ld", n);
		pthread_setname_np(t, name);
	}
	body(0);
	return 0;
}

static int number_of(pid_t tid)
{
	for (int n = 0; n < NTHREADS; n++)
		if (sh->tid[n] == tid)
			return n;
	return -1;
}

/* The notes of one thread: what its NT_PRSTATUS says, and what follows until the next. */
static struct {
	char text[1000];
	size_t len;
} of[NTHREADS + 1];

__attribute__((format(printf, 2, 3))) static void note(int n, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	of[n].len += (size_t)vsnprintf(of[n].text + of[n].len, sizeof(of[n].text) - of[n].len, fmt, ap);
	va_end(ap);
}

static void look(pid_t pid)
{
	static char buf[1 << 16];
	int fd = open("core", O_RDONLY), cur = NTHREADS, first = -1;
	Elf64_Ehdr *e = (Elf64_Ehdr *)buf;
	Elf64_Phdr *ph;

	memset(of, 0, sizeof(of));
	if (fd < 0 || read(fd, buf, sizeof(buf)) < 4096 || !is_core(buf)) {
		say("no core\n");
		return;
	}
	close(fd);
	ph = (Elf64_Phdr *)(buf + e->e_phoff);
	for (char *at = buf + ph->p_offset, *end = at + ph->p_filesz; at < end;) {
		Elf64_Nhdr *h = (Elf64_Nhdr *)at;
		char *data = at + sizeof(*h) + ((h->n_namesz + 3) & ~3u);

		if (h->n_type == NT_PRSTATUS) {
			prstatus_t *s = (prstatus_t *)data;
			int n = number_of(s->pr_pid);

			cur = n < 0 ? NTHREADS : n;
			if (first < 0)
				first = cur;
			note(cur,
			     "  status: signal %d %d, parent %s, group %s, session %s, pending %lx, blocked %lx, s11 %ld, "
			     "fp %d, times %s\n",
			     s->pr_info.si_signo, s->pr_cursig, s->pr_ppid == getpid() ? "right" : "wrong",
			     s->pr_pgrp == getpgid(0) ? "right" : "wrong", s->pr_sid == getsid(0) ? "right" : "wrong",
			     s->pr_sigpend, s->pr_sighold, by_abort ? 0 : (long)s->pr_reg[27], s->pr_fpvalid,
			     s->pr_cutime.tv_sec ? "odd" : "fine");
			/* What sleeps in a call is about to begin it again. */
			if (s->pr_reg[17] == SYS_futex && s->pr_reg[10] == (unsigned long)&sh->never)
				note(cur, "  at its call: %s\n",
				     *(unsigned *)s->pr_reg[0] == 0x73 ? "yes" : "no");
		} else if (h->n_type == NT_PRPSINFO) {
			prpsinfo_t *p = (prpsinfo_t *)data;

			note(cur, "  process: its pid %s, state %d %c, nice %d, zombie %d, flags %lx, %s\n",
			     p->pr_pid == pid ? "right" : "wrong", p->pr_state, p->pr_sname, p->pr_nice, p->pr_zomb, p->pr_flag,
			     p->pr_fname);
		} else if (h->n_type == NT_SIGINFO) {
			note(cur, "  siginfo: %d code %d\n", ((siginfo_t *)data)->si_signo, ((siginfo_t *)data)->si_code);
		} else if (h->n_type == NT_AUXV) {
			note(cur, "  auxv\n");
		} else if (h->n_type == NT_FILE) {
			note(cur, "  files\n");
		} else if (h->n_type == NT_FPREGSET) {
			double f;

			memcpy(&f, data + 27 * 8, sizeof(f));
			note(cur, "  floating point: %d bytes, fs11 %g\n", (int)h->n_descsz, by_abort ? 0 : f);
		}
		at = data + ((h->n_descsz + 3) & ~3u);
	}
	for (int k = 0; k <= NTHREADS; k++) {
		int n = k == NTHREADS ? NTHREADS : (first + k) % NTHREADS;

		if (of[n].len)
			say(" thread %d\n%s", n, of[n].text);
	}
	unlink("core");
}

static void dies(const char *what, int who, bool aborts)
{
	int status;
	pid_t pid;

	SECTION(what);
	faulty = who;
	by_abort = aborts;
	pid = threads_die(RLIM_INFINITY);
	MUST(waitpid(pid, &status, 0));
	say("%s, core %s\n", wait_text(status), WCOREDUMP(status) ? "yes" : "no");
	look(pid);
}

/* As the program of the pattern: argv[1] the process, argv[2] the thread that dumps it. */
static char letter(const char *path)
{
	char buf[400] = "", *at;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return '-';
	read(fd, buf, sizeof(buf) - 1);
	close(fd);
	at = strrchr(buf, ')');
	return at ? at[2] : '-';
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int reader(char **argv)
{
	static char buf[1 << 16], line[8][80], path[100];
	int n = 0, out = open(REPORT ".new", O_CREAT | O_WRONLY | O_TRUNC, 0644);
	bool kills = !strcmp(argv[3], "kill");
	struct dirent *d;
	FILE *f;
	DIR *dir;

	dup2(out, 1);
	snprintf(path, sizeof(path), "/proc/%s/status", argv[1]);
	f = fopen(path, "r");
	while (f && fgets(buf, sizeof(buf), f))
		if (!strncmp(buf, "CoreDumping", 11) || !strncmp(buf, "Threads", 7))
			say("%s", buf);
	snprintf(path, sizeof(path), "/proc/%s/task", argv[1]);
	dir = opendir(path);
	while (dir && (d = readdir(dir))) {
		char comm[20] = "", state;
		int fd;

		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/task/%s/comm", argv[1], d->d_name);
		fd = open(path, O_RDONLY);
		read(fd, comm, sizeof(comm) - 1);
		close(fd);
		comm[strcspn(comm, "\n")] = '\0';
		snprintf(path, sizeof(path), "/proc/%s/task/%s/stat", argv[1], d->d_name);
		/* The one that writes may run or sleep; the others get to where they sleep. */
		for (state = letter(path); strcmp(d->d_name, argv[2]) && state == 'R'; state = letter(path))
			;
		snprintf(line[n++], sizeof(line[0]), "%s: %s", comm,
			 !strcmp(d->d_name, argv[2]) ? "writes" : (char[]){ state, '\0' });
	}
	qsort(line, (size_t)n, sizeof(line[0]), compare);
	for (int i = 0; i < n; i++)
		say("%s\n", line[i]);
	if (kills)
		say("kill: %d\n", kill(atoi(argv[1]), SIGKILL));
	else
		while (read(0, buf, sizeof(buf)) > 0)
			;
	rename(REPORT ".new", REPORT);
	/* Until it dies of that. */
	while (kills && !kill(atoi(argv[1]), 0) && letter(path) != 'Z' && letter(path) != '-')
		usleep(1000);
	return 0;
}

static void piped(const char *how)
{
	char text[100];
	int status, fd;
	pid_t pid;
	ssize_t n;

	SECTION(how);
	snprintf(text, sizeof(text), "|/abi/corethreads %%p %%i %s", how);
	pattern(text);
	unlink(REPORT);
	faulty = 2;
	by_abort = false;
	pid = threads_die(0);
	MUST(waitpid(pid, &status, 0));
	say("%s, core %s\n", wait_text(status), WCOREDUMP(status) ? "yes" : "no");
	for (int i = 0; i < 3000 && access(REPORT, F_OK); i++)
		sleep_ms(10);
	fd = MUST(open(REPORT, O_RDONLY));
	n = MUST(read(fd, text, sizeof(text)));
	do
		say("%.*s", (int)n, text);
	while ((n = read(fd, text, sizeof(text))) > 0);
	close(fd);
}

/* A process that has the same memory, and is none of its threads, lives on. */
static int neighbour(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&sh->never, __ATOMIC_SEQ_CST))
		usleep(1000);
	_exit(7);
}

static void shared_memory(void)
{
	static char stack[1 << 16];
	int status;
	pid_t pid, other;

	SECTION("memory that another process has too");
	memset(sh, 0, sizeof(*sh));
	MUST(prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid = MUST(fork());
	if (!pid) {
		struct rlimit r = { RLIM_INFINITY, RLIM_INFINITY };

		setrlimit(RLIMIT_CORE, &r);
		sh->tid[0] = MUST(clone(neighbour, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL));
		abort();
	}
	MUST(waitpid(pid, &status, 0));
	other = sh->tid[0];
	say("%s, core %s\n", wait_text(status), WCOREDUMP(status) ? "yes" : "no");
	R(kill(other, 0));
	sh->never = 1;
	MUST(waitpid(other, &status, 0));
	say("the other: %s\n", wait_text(status));
	unlink("core");
}

int main(int argc, char **argv)
{
	if (argc == 4)
		return reader(argv);
	sh = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pattern("core");
	dies("the first faults", 0, false);
	dies("another faults", 2, false);
	dies("another aborts", 3, true);
	shared_memory();
	MUST(chmod(".", 0777));
	piped("read");
	piped("kill");
	pattern("core");
	return 0;
}
