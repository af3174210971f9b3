"""How CPU time is split into the user's and the kernel's, against what a counter of instructions says."""
import pytest

pytestmark = pytest.mark.area('boot')
SPLIT = r'''
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char buf[65536];
static int zero;

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void usage(long *user, long *sys)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	*user = ru.ru_utime.tv_sec * 1000000 + ru.ru_utime.tv_usec;
	*sys = ru.ru_stime.tv_sec * 1000000 + ru.ru_stime.tv_usec;
}

static void work(int rounds)
{
	for (volatile int k = 0; k < rounds; k++)
		;
}

/* A round: a long read every `every` calls, and work. */
static void round_(int every, int rounds)
{
	pread(zero, buf, sizeof(buf), 0);
	for (int k = 1; k < every; k++)
		syscall(SYS_getppid);
	work(rounds);
}

/* all: looks at the times after each round. Prints percent of user time, as it is and as it is told. */
static void split(int first, int every, int rounds, int n, int all)
{
	long user = 0, sys = 0, u, s, start = now(), work_ns, whole;

	for (int i = 0; i < 200; i++)
		work(rounds);
	work_ns = (now() - start) / 200;
	for (int i = 0; i < 512 + first; i++)
		syscall(SYS_getppid);
	usage(&user, &sys);
	long user0 = user, sys0 = sys;
	start = now();
	for (int i = 0; i < n; i++) {
		round_(every, rounds);
		if (!all && i + 1 < n)
			continue;
		usage(&u, &s);
		if (u < user || s < sys)
			exit(1);
		user = u;
		sys = s;
	}
	whole = now() - start;
	user -= user0;
	sys -= sys0;
	printf("%ld %ld\n", work_ns * n * 100 / whole, user * 100 / (user + sys));
}

int main(void)
{
	zero = open("/dev/zero", O_RDONLY);
	for (int i = 0; i < 24; i++) {
		fflush(stdout);
		if (!fork()) {
			split(i % 8, i < 8 ? 8 : i < 16 ? 4 : 1, i % 3 ? 300 : 3000, 1500, i & 1);
			fflush(stdout);
			_exit(0);
		}
		wait(NULL);
	}
	return 0;
}
'''


def test_split_is_fair(tarn, busybox_root, program):
    """Loops of 8, 4 and 1 calls, one of which is long; in no phase is one part taken for the other."""
    path = program('cputime-split', SPLIT)
    got = tarn('--icount', root=busybox_root, command=[path]).ok()
    rows = [tuple(map(int, line.split())) for line in got.out.split(b'\n') if line]
    assert len(rows) == 24
    # User time is also that of the instructions around the calls.
    wrong = [row for row in rows if not row[0] - 5 <= row[1] <= row[0] + 14]
    assert not wrong, rows
