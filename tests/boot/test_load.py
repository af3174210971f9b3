"""Storms, and what runs out: the machine goes on, other processes go on, all memory comes back."""
import re
import shutil

import pytest

SETTLE = 'sleep 0.3; awk \'/^MemFree/ { print $2 }\' /proc/meminfo'


def sh(text):
    """A shell command."""
    return ['sh', '-c', text]


@pytest.fixture(scope='session')
def storm(program):
    """fork, exec, mmap, pipes, files and threads, over and over."""
    return program('storm', r'''
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void *thread(void *arg)
{
	char *m = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(m, 1, 1 << 20);
	munmap(m, 1 << 19);
	return arg;
}

static int life(int seed)
{
	pthread_t t[4];
	int p[2], st;
	char name[40];

	char *m = mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(m, seed, 1 << 20);
	mprotect(m + 8192, 4096, PROT_READ);
	if (pipe(p) || !fork()) {
		m[100] = 1;
		write(p[1], m, 5000);
		_exit(0);
	}
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, thread, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	snprintf(name, sizeof(name), "/tmp/storm-%d", getpid());
	int fd = open(name, O_CREAT | O_RDWR, 0644);
	ftruncate(fd, 100000);
	char *f = mmap(NULL, 100000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset(f, seed, 100000);
	unlink(name);
	wait(&st);
	if (seed % 3 == 0) {
		execl("/bin/true", "true", NULL);
		return 9;
	}
	if (seed % 3 == 1)
		*(volatile int *)8 = 1;	/* a process that dies with all of it in its hands */
	return 0;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 20, bad = 0, st;

	for (int r = 0; r < rounds; r++) {
		for (int i = 0; i < 6; i++) {
			pid_t pid = fork();
			if (!pid)
				_exit(life(r * 6 + i));
			if (pid < 0)
				bad++;
		}
		while (wait(&st) > 0)
			bad += !(WIFEXITED(st) ? WEXITSTATUS(st) == 0 : WTERMSIG(st) == 11);
	}
	printf("bad %d\n", bad);
	return bad != 0;
}
''')


@pytest.mark.area('mm', points=5)
@pytest.mark.parametrize('harts', [1, 4])
def test_nothing_lost(tarn, busybox_root, storm, harts):
    """Free pages after a fork/exec/mmap storm are what they were before it."""
    got = tarn('--smp', str(harts), '--with', f'{storm}:/storm', root=busybox_root, timeout=150,
               command=sh(f'/storm 10; {SETTLE}; /storm 30; {SETTLE}; /storm 30; {SETTLE}')).ok()
    free = [int(n) for n in re.findall(rb'^\d+$', got.out, re.M)]
    assert got.out.count(b'bad 0') == 3
    lost = [free[0] - free[1], free[1] - free[2]]
    # what caches keep is kept once: a leak is lost again in the second round
    assert min(lost) < 512, f'KiB lost in two storms: {lost}'


@pytest.mark.area('proc', points=2)
def test_fork_until_the_limit(tarn, busybox_root, program):
    """A fork bomb meets EAGAIN; when its processes are gone, all goes on."""
    bomb = program('bomb', r'''
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
	int n = 0;

	setgid(1000);
	if (setuid(1000)) /* root has no such limit */
		return 1;
	for (;;) {
		pid_t pid = fork();
		if (pid < 0)
			break;
		if (!pid)
			for (;;)
				pause();
		n++;
	}
	printf("%d: %s\n", n, errno == EAGAIN ? "EAGAIN" : "odd errno");
	fflush(stdout);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	int ended = 0;
	while (wait(NULL) > 0)
		ended++;
	printf("%s\n", ended == n ? "all ended" : "some lost");
	return 0;
}
''')
    got = tarn('--mem', '128M', '--with', f'{bomb}:/bomb', root=busybox_root, timeout=150,
               command=sh('ulimit -u 500; setsid /bomb; echo still here')).ok()
    assert got.out == b'499: EAGAIN\nall ended\nstill here\n'


@pytest.mark.area('proc', points=2)
def test_thousands_alive(tarn, busybox_root, program):
    """4,000 processes live at once in 2 GiB, each can be signalled, and all that they took comes back."""
    many = program('many', r'''
#include <signal.h>
#include <stdio.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>
enum { MANY = 4000 };
static long free_kib(void) { struct sysinfo s; sysinfo(&s); return s.freeram >> 10; }
int main(void)
{
	static pid_t pid[MANY];
	int hold[2], n = 0, answer = 0, ended = 0;
	long before = free_kib(), each;
	char c;

	pipe(hold);
	while (n < MANY && (pid[n] = fork()) > 0)
		n++;
	if (n < MANY && !pid[n]) {
		close(hold[1]);
		read(hold[0], &c, 1);
		_exit(0);
	}
	each = (before - free_kib()) / MANY;
	for (int i = 0; i < n; i++)
		answer += !kill(pid[i], 0);
	close(hold[1]);
	while (wait(NULL) > 0)
		ended++;
	printf("%d alive, %d answer, %d ended, %s\n", n, answer, ended, each < 128 ? "small" : "big");
	for (int i = 0; i < 100 && before - free_kib() > 64 << 10; i++)
		usleep(100000);
	printf("%s\n", before - free_kib() > 64 << 10 ? "memory is lost" : "memory is back");
	return 0;
}
''')
    got = tarn('--smp', '4', '--mem', '2G', '--with', f'{many}:/many', root=busybox_root, timeout=150,
               command=['/many']).ok()
    assert got.out == b'4000 alive, 4000 answer, 4000 ended, small\nmemory is back\n'


@pytest.mark.area('mm', points=3)
@pytest.mark.parametrize('kind', ['anonymous', 'files'])
def test_memory_used_up(tarn, busybox_root, program, kind):
    """A process that takes all memory is refused or killed; the machine and the others go on."""
    eater = program('eater', r'''
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
int main(void)
{
	for (int i = 0;; i++) {
		char *m = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (m == MAP_FAILED)
			return 3;
		memset(m, i, 1 << 20);
	}
}
''')
    eat = '/eater; s=$?; [ $s = 3 ] || [ $s = 137 ] && echo ended' if kind == 'anonymous' else \
        'dd if=/dev/zero of=/tmp/big bs=1M count=200 2> /dev/null; echo ended; rm -f /tmp/big'
    got = tarn('--mem', '96M', '--with', f'{eater}:/eater', root=busybox_root, timeout=120,
               command=sh(
        f'(while :; do sleep 0.1; done) & other=$!; {eat}; kill -0 $other && echo other lives; '
        'kill $other; ls / | grep -c etc'))
    assert got.out == b'ended\nother lives\n1\n', repr(got)
    assert got.status == 0


@pytest.mark.area('proc', points=3)
def test_fairness(tarn, busybox_root, program):
    """Eight that spin on two harts get about the same; one that sleeps is not held up."""
    spin = program('spin', r'''
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static double now(clockid_t c)
{
	struct timespec t;
	clock_gettime(c, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}
int main(void)
{
	double *got = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	double end = now(CLOCK_MONOTONIC) + 4, late = 0;
	for (int i = 0; i < 8; i++)
		if (!fork()) {
			while (now(CLOCK_MONOTONIC) < end)
				for (volatile int k = 0; k < 10000; k++)
					;
			got[i] = now(CLOCK_PROCESS_CPUTIME_ID);
			_exit(0);
		}
	while (now(CLOCK_MONOTONIC) < end) {
		double t = now(CLOCK_MONOTONIC);
		struct timespec ms = { 0, 10000000 };
		nanosleep(&ms, NULL);
		t = now(CLOCK_MONOTONIC) - t - 0.01;
		late = t > late ? t : late;
	}
	while (wait(NULL) > 0)
		;
	double least = 1e9, most = 0;
	for (int i = 0; i < 8; i++) {
		least = got[i] < least ? got[i] : least;
		most = got[i] > most ? got[i] : most;
	}
	printf("%.3f %.3f %.3f\n", least, most, late);
	return 0;
}
''')
    got = tarn('--smp', '2', '--with', f'{spin}:/spin', root=busybox_root, command=['/spin']).ok()
    least, most, late = (float(x) for x in got.out.split())
    assert least > most * 0.4, f'the least got {least} s, the most {most} s'
    assert late < 1, f'a sleeper was {late} s late'


@pytest.fixture(scope='session')
def crowd(program):
    """10,000 threads that wait, each with a timer, 50,000 areas; what a futex, a timer and an mmap cost beside and without."""
    return program('crowd', r'''
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { PARKED = 10000, AREAS = 50000, BATCH = 50, TRIES = 40 };

static atomic_uint gate, parked, word;

static void *park(void *arg)
{
	struct timespec hours = { 10000 + (long)arg % 777, 0 };

	atomic_fetch_add(&parked, 1);
	while (!atomic_load(&gate))
		syscall(SYS_futex, &gate, FUTEX_WAIT_PRIVATE, 0, &hours, NULL, 0);
	return arg;
}

/* The best of many batches: what the host takes away spoils some, not all. */
static long best(void (*fn)(void))
{
	long least = 0;

	for (int i = 0; i < TRIES; i++) {
		struct timespec a, b;

		clock_gettime(CLOCK_MONOTONIC, &a);
		for (int k = 0; k < BATCH; k++)
			fn();
		clock_gettime(CLOCK_MONOTONIC, &b);
		long ns = (b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec;
		if (!i || ns < least)
			least = ns;
	}
	return least / BATCH;
}

static void wakes(void)
{
	syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void maps(void)
{
	char *m = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*m = 1;
	munmap(m, 8192);
}

static void yields(void)
{
	sched_yield();
}

/* Set among the others, and taken back. */
static void timers(void)
{
	static int fd;
	static long n;
	struct itimerspec t = { .it_value.tv_sec = 10000 + n++ * 37 % 777 }, off = { 0 };

	if (!fd)
		fd = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(fd, 0, &t, NULL);
	timerfd_settime(fd, 0, &off, NULL);
}

static void compare(const char *what, long alone, long beside)
{
	printf("%s: alone %ld ns, beside %ld ns: %s\n", what, alone, beside, beside < 6 * alone ? "ok" : "slow");
}

int main(void)
{
	static pthread_t t[PARKED];
	long wake = best(wakes), map = best(maps), yield = best(yields), timer = best(timers);
	pthread_attr_t attr;
	int fd = open("/proc/sys/kernel/threads-max", O_WRONLY);

	write(fd, "30000", 5);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16384);
	pthread_attr_setguardsize(&attr, 0);
	for (int i = 0; i < PARKED; i++)
		if (pthread_create(&t[i], &attr, park, (void *)(long)i))
			return printf("thread %d\n", i), 1;
	while (atomic_load(&parked) < PARKED)
		usleep(1000);
	compare("futex", wake, best(wakes));
	compare("yield", yield, best(yields));
	compare("timer", timer, best(timers));
	atomic_store(&gate, 1);
	syscall(SYS_futex, &gate, FUTEX_WAKE_PRIVATE, PARKED, NULL, NULL, 0);
	for (int i = 0; i < PARKED; i++)
		pthread_join(t[i], NULL);

	char *m = mmap(NULL, AREAS * 4096UL, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (long i = 0; i < AREAS; i += 2)
		if (mprotect(m + i * 4096, 4096, PROT_READ | PROT_WRITE))
			return printf("area %ld\n", i), 1;
	compare("mmap", map, best(maps));
	for (long i = 0; i < AREAS; i += 2)
		m[i * 4096] = 1;
	printf("unmapped %d\n", munmap(m, AREAS * 4096UL));
	return 0;
}
''')


def test_crowds(tarn, minimal_root, crowd):
    """10,000 threads parked, as many timers, and 50,000 areas in one address space slow nobody."""
    got = tarn('--smp', '2', '--mem', '1G', '--with', f'{crowd}:/crowd', root=minimal_root, command=['/crowd'],
               timeout=120)
    assert got.out.count(b': ok') == 4 and b'unmapped 0' in got.out, repr(got)


@pytest.fixture(scope='session')
def pieces(program):
    """Maps every other page of a file as an area of its own, writes to all, and tells what syncing the file and
    taking its pages away one by one cost."""
    return program('pieces', r'''
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

/* n pages of the file, every other one, each in an area of its own, and written. */
static void map_pieces(int fd, long n)
{
	static const char page[4096];

	for (long i = 0; i < 2 * n; i++)
		if (write(fd, page, sizeof(page)) != sizeof(page))
			err(1, "write");
	fsync(fd);
	for (long i = 0; i < n; i++) {
		char *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 2 * i * 4096);

		if (m == MAP_FAILED)
			err(1, "mmap");
		*m = 1;
	}
}

int main(int argc, char **argv)
{
	int never = open("/proc/sys/vm/dirty_writeback_centisecs", O_WRONLY);

	if (write(never, "0", 1) != 1)
		err(1, "write-back");
	for (int k = 1; k < argc; k++) {
		long n = atol(argv[k]), start, sync, punch;
		int fd = open("/pieces", O_RDWR | O_CREAT | O_TRUNC, 0600);

		map_pieces(fd, n);
		start = now();
		if (fsync(fd))
			err(1, "fsync");
		sync = now() - start;
		close(fd);

		fd = memfd_create("pieces", 0);
		map_pieces(fd, n);
		start = now();
		for (long i = 0; i < n; i++)
			if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 2 * i * 4096, 4096))
				err(1, "fallocate");
		punch = now() - start;
		close(fd);
		printf("%ld %ld\n", sync, punch);
	}
	return 0;
}
''')


def test_areas_of_a_file(tarn, minimal_root, pieces, tmp_path):
    """What a page of a file that thousands of areas map costs does not grow with their number (in instructions)."""
    disk = tmp_path / 'disk.tar'
    shutil.copy(minimal_root, disk)
    got = tarn('--icount', '--rw', '--grow', '256M', '--with', f'{pieces}:/pieces.run', root=disk,
               command=['/pieces.run', '1000', '8000'], timeout=300).ok()
    few, many = ([int(w) for w in line.split()] for line in got.out.splitlines())
    for what, a, b in zip(('fsync', 'punch'), few, many):
        assert b < 16 * a, f'{what}: with 8,000 areas {b} ns, with 1,000 {a} ns'


@pytest.fixture(scope='session')
def holes(program):
    """What it takes to write every other and every twelfth page of a new file, mapped and by calls, and to sync it."""
    return program('holes', r'''
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

static void file(long n, long step, int mapped)
{
	static const char page[4096] = "a page";
	int fd = open("/holes", O_RDWR | O_CREAT | O_TRUNC, 0600);
	long start;
	char *m;

	if (ftruncate(fd, n * step * 4096))
		err(1, "ftruncate");
	m = mmap(NULL, n * step * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (m == MAP_FAILED)
		err(1, "mmap");
	start = now();
	for (long i = 0; i < n; i++) {
		if (mapped)
			m[i * step * 4096] = 1;
		else if (pwrite(fd, page, sizeof(page), i * step * 4096) != sizeof(page))
			err(1, "pwrite");
	}
	printf("%ld ", now() - start);
	start = now();
	if (fsync(fd))
		err(1, "fsync");
	printf("%ld ", now() - start);
	munmap(m, n * step * 4096);
	close(fd);
	unlink("/holes");
	sync();
}

int main(int argc, char **argv)
{
	int never = open("/proc/sys/vm/dirty_writeback_centisecs", O_WRONLY);

	if (write(never, "0", 1) != 1)
		err(1, "write-back");
	for (int k = 1; k < argc; k++) {
		for (int i = 0; i < 4; i++)
			file(atol(argv[k]), i / 2 ? 12 : 2, i % 2);
		printf("\n");
	}
	return 0;
}
''')


def test_files_with_holes(tarn, minimal_root, holes, tmp_path):
    """What a page of a new file with holes costs does not grow with the file (in instructions)."""
    disk = tmp_path / 'disk.tar'
    shutil.copy(minimal_root, disk)
    got = tarn('--icount', '--rw', '--grow', '2G', '--with', f'{holes}:/holes.run', root=disk,
               command=['/holes.run', '500', '4000'], timeout=300).ok()
    few, many = ([int(w) for w in line.split()] for line in got.out.splitlines())
    words = [f'{what} with {gap}, {how}' for gap in ('small holes', 'large holes')
             for how in ('pwrite', 'mapped') for what in ('writing', 'fsync')]
    for what, a, b in zip(words, few, many):
        assert b < 16 * a, f'{what}: 4,000 pages take {b} ns, 500 take {a} ns'
