/* Core dumps: who leaves one, what the parent hears, and what a debugger finds in the file. */
#include "abi.h"
#include <elf.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static volatile long mark = 0x1122334455667788;
static int how;

static void dies(void)
{
	struct rlimit r = { how == 1 ? 0 : RLIM_INFINITY, RLIM_INFINITY };

	MUST(setrlimit(RLIMIT_CORE, &r));
	mark = 0x5a5a0000 + how;
	if (how == 2)
		prctl(PR_SET_DUMPABLE, 0);
	if (how == 3)
		raise(SIGTERM);
	if (how == 4)
		*(volatile int *)16 = 1;
	if (how == 5) {
		r.rlim_cur = 4096;
		MUST(setrlimit(RLIMIT_CORE, &r));
	}
	raise(SIGQUIT);
}

static void run(const char *what, int n)
{
	siginfo_t si = { 0 };
	int st = 0;
	pid_t pid;

	how = n;
	unlink("core");
	pid = MUST(fork());
	if (!pid) {
		dies();
		_exit(0);
	}
	MUST(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	MUST(waitpid(pid, &st, 0));
	say("%s: %s core %d; code %d status %d; file %d\n", what, wait_text(st), !!WCOREDUMP(st), si.si_code,
	    si.si_status, access("core", F_OK) == 0);
}

static void look(void)
{
	struct stat st;
	int fd = MUST(open("core", O_RDONLY));
	char *p;
	Elf64_Ehdr *eh;
	int seen = 0, found = 0, sig = 0, signo = 0;

	MUST(fstat(fd, &st));
	say("mode %o\n", st.st_mode);
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	eh = (Elf64_Ehdr *)p;
	say("type %d machine %d\n", eh->e_type, eh->e_machine);
	for (int i = 0; i < eh->e_phnum; i++) {
		Elf64_Phdr *ph = (Elf64_Phdr *)(p + eh->e_phoff) + i;

		if (ph->p_type == PT_NOTE) {
			for (char *n = p + ph->p_offset; n < p + ph->p_offset + ph->p_filesz;) {
				Elf64_Nhdr *h = (Elf64_Nhdr *)n;
				char *desc = n + sizeof(*h) + ((h->n_namesz + 3) & ~3u);

				if (h->n_type == NT_PRSTATUS && h->n_descsz == 376) {
					sig = *(short *)(desc + 12);
					seen |= 1;
				}
				if (h->n_type == NT_PRPSINFO && h->n_descsz == 136)
					seen |= 2;
				if (h->n_type == NT_SIGINFO && h->n_descsz == 128) {
					signo = *(int *)desc;
					seen |= 4;
				}
				if (h->n_type == NT_PRFPREG)
					seen |= 8;
				if (h->n_type == NT_AUXV)
					seen |= 16;
				n = desc + ((h->n_descsz + 3) & ~3u);
			}
		} else if (ph->p_type == PT_LOAD && (unsigned long)&mark >= ph->p_vaddr &&
			   (unsigned long)&mark < ph->p_vaddr + ph->p_filesz) {
			found = *(long *)(p + ph->p_offset + ((unsigned long)&mark - ph->p_vaddr)) ==
				0x5a5a0000 + how;
		}
	}
	say("notes %x signal %s %s, memory %d\n", seen, sname(sig), sname(signo), found);
	close(fd);
}

int main(void)
{
	mkdir("/tmp", 01777);
	MUST(chdir("/tmp"));
	run("quit", 0);
	look();
	run("no limit", 1);
	run("not dumpable", 2);
	run("term", 3);
	run("fault", 4);
	look();
	run("limit", 5);
	return 0;
}
