/* process_vm_readv(2), process_vm_writev(2): other memory, in parts, and what is refused. */
#include "abi.h"

static char *shared_page; /* private, at the same place in both */
static char text[64] = "in the parent";

int main(void)
{
	char buf[64], *area;
	struct iovec local[3], remote[3];
	int ready[2], go[2], status;
	char c;

	area = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	shared_page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(area + PAGE, PAGE);
	MUST(pipe(ready));
	MUST(pipe(go));
	pid_t pid = MUST(fork());
	if (pid == 0) {
		strcpy(text, "in the child");
		memset(area, 'a', PAGE);
		memset(area + 2 * PAGE, 'b', PAGE);
		mprotect(area + 2 * PAGE, PAGE, PROT_READ);
		write(ready[1], "x", 1);
		read(go[0], &c, 1);
		say("child has: %s, %.5s\n", text, area + PAGE - 5);
		_exit(0);
	}
	read(ready[0], &c, 1);

	SECTION("read");
	local[0] = (struct iovec){ buf, 64 };
	remote[0] = (struct iovec){ text, 64 };
	R(process_vm_readv(pid, local, 1, remote, 1, 0));
	say("%s; mine: %s\n", buf, text);
	local[0] = (struct iovec){ buf, 3 };
	local[1] = (struct iovec){ buf + 10, 4 };
	local[2] = (struct iovec){ buf + 20, 10 };
	remote[0] = (struct iovec){ text, 5 };
	remote[1] = (struct iovec){ area, 6 };
	memset(buf, '.', sizeof(buf));
	R(process_vm_readv(pid, local, 3, remote, 2, 0));
	say("%.32s\n", buf);
	SECTION("into a hole");
	static char big[3 * PAGE];
	local[0] = (struct iovec){ big, sizeof(big) };
	remote[0] = (struct iovec){ area, 3 * PAGE };
	R(process_vm_readv(pid, local, 1, remote, 1, 0));
	remote[0] = (struct iovec){ area + PAGE, 10 };
	R(process_vm_readv(pid, local, 1, remote, 1, 0));
	remote[0] = (struct iovec){ area + PAGE - 5, 10 };
	R(process_vm_readv(pid, local, 1, remote, 1, 0));
	remote[0] = (struct iovec){ area, 5 };
	remote[1] = (struct iovec){ area + PAGE, 5 };
	remote[2] = (struct iovec){ area, 5 };
	R(process_vm_readv(pid, local, 1, remote, 3, 0));
	local[0] = (struct iovec){ area + PAGE, 5 };
	remote[0] = (struct iovec){ text, 5 };
	R(process_vm_readv(pid, local, 1, remote, 1, 0));
	SECTION("write");
	local[0] = (struct iovec){ "written", 8 };
	remote[0] = (struct iovec){ text, 8 };
	R(process_vm_writev(pid, local, 1, remote, 1, 0));
	say("mine: %s\n", text);
	remote[0] = (struct iovec){ area + PAGE - 3, 8 };
	R(process_vm_writev(pid, local, 1, remote, 1, 0));
	remote[0] = (struct iovec){ area + 2 * PAGE, 8 };
	R(process_vm_writev(pid, local, 1, remote, 1, 0));
	SECTION("refused");
	remote[0] = (struct iovec){ text, 8 };
	local[0] = (struct iovec){ buf, 8 };
	R(process_vm_readv(pid, local, 1, remote, 1, 1));
	R(process_vm_readv(999999, local, 1, remote, 1, 0));
	R(process_vm_readv(999999, local, 0, remote, 1, 0));
	R(process_vm_readv(999999, local, 1, remote, 0, 0));
	R(process_vm_readv(pid, local, 1025, remote, 1, 0));
	R(process_vm_readv(pid, local, 1, remote, 1025, 0));
	R(process_vm_readv(pid, local, -1UL, remote, 1, 0));
	R(process_vm_readv(pid, (void *)8, 1, remote, 1, 0));
	R(process_vm_readv(pid, local, 1, (void *)8, 1, 0));
	local[0].iov_len = -1UL;
	R(process_vm_readv(pid, local, 1, remote, 1, 0));
	local[0].iov_len = 8;
	remote[0].iov_len = -1UL;
	R(process_vm_readv(pid, local, 1, remote, 1, 0));
	remote[0].iov_len = 8;
	remote[0].iov_base = (void *)-16L;
	R(process_vm_readv(pid, local, 1, remote, 1, 0));
	remote[0].iov_base = text;
	pid_t user = MUST(fork());
	if (user == 0) {
		MUST(setresuid(1000, 1000, 1000));
		R(process_vm_readv(pid, local, 1, remote, 1, 0));
		R(process_vm_readv(getpid(), local, 1, remote, 1, 0));
		_exit(0);
	}
	waitpid(user, &status, 0);
	R(process_vm_readv(getpid(), local, 1, remote, 1, 0));
	write(go[1], "x", 1);
	waitpid(pid, &status, 0);
	user = fork();
	if (user == 0)
		_exit(0);
	siginfo_t si;
	waitid(P_PID, user, &si, WEXITED | WNOWAIT);
	R(process_vm_readv(user, local, 1, remote, 1, 0)); /* a zombie */
	waitpid(user, &status, 0);
	return 0;
}
