"""What the machine does with memory as a whole: how much of it is a program's, and waiting for it."""
import os
import re
import tarfile

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))


def with_program(root, path, out):
    """A copy of the archive with the program in it: what is laid over a root stays in memory."""
    with tarfile.open(root) as old, tarfile.open(out, 'w') as new:
        for member in old:
            new.addfile(member, old.extractfile(member) if member.isreg() else None)
        new.add(path, arcname=os.path.basename(path))
    return str(out)


@pytest.mark.area('mm', points=2)
@pytest.mark.parametrize('mem,own,names', [(512, 8.875, 0), (64, 4.5, 0), (64, 4.5, 100000)])
def test_most_memory_is_for_programs(tarn, program, minimal_root, tmp_path, mem, own, names):
    """QEMU's memory less what one process can touch: pages' descriptions and tables count, too.

    Names that the kernel remembers go before a process is killed."""
    path = program('all_of_it', os.path.join(HERE, 'all_of_it.c'))
    got = tarn('--mem', f'{mem}M', root=with_program(minimal_root, path, tmp_path / 'root.tar'),
               command=['/all_of_it', str(names)])
    got.ok()
    touched, signal = (int(word) for word in got.out.split())
    assert signal == 9, 'it was not killed'
    left = mem * 1024 - touched
    assert left < own * 1024, f'{left} KiB of {mem} MiB were out of reach'


@pytest.mark.area('mm', points=2)
def test_killed_while_waiting(tarn, program, minimal_root, tmp_path):
    """Faults, maps and page locks that wait end with SIGKILL; see killed.c."""
    disk = tmp_path / 'slow.tar'
    with open(tmp_path / 'big', 'wb') as f:
        f.write(b'\x5a' * (4 << 20))
    with tarfile.open(disk, 'w') as tar:
        tar.add(tmp_path / 'big', arcname='big')
    drive = f'file={disk},format=raw,if=none,id=slow,readonly=on,throttling.bps-total=43690'
    words = ['-drive', drive, '-device', 'virtio-blk-device,drive=slow']
    got = tarn('--with', program('killed', os.path.join(HERE, 'killed.c')),
               *(f for word in words for f in ('--qemu-arg', word)),
               root=minimal_root, command=['/killed'])
    got.ok()
    assert got.out.decode().splitlines() == [
        'here: R', 'fault: D, killed, the page on its way', 'map: D, killed, the page on its way',
        'page: D, killed, the page on its way']


def test_who_is_killed(tarn, program, minimal_root):
    """When memory is out, oom_score_adj counts: a small one goes before a large one, at -1000 none; the log tells."""
    chosen = program('chosen', r'''
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void *use(unsigned long mib)
{
	void *p = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED)
		memset(p, 1, mib << 20);
	return p;
}

static void set_adj(const char *text)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (write(fd, text, strlen(text)) < 0)
		_exit(1);
	close(fd);
}

/* It has so much memory when this returns. */
static pid_t start(const char *adj, unsigned long mib)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe(ready))
		return -1;
	pid = fork();
	if (!pid) {
		set_adj(adj);
		use(mib);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (read(ready[0], &c, 1) != 1)
		return -1;
	close(ready[0]);
	close(ready[1]);
	return pid;
}

int main(void)
{
	pid_t spared = start("-1000", 80), large = start("0", 40), small = start("700", 4);

	/* Whoever eats the rest is itself far from being chosen. */
	set_adj("-600");
	for (int dead = 0; dead < 2;) {
		int status;
		pid_t pid = waitpid(-1, &status, WNOHANG);

		if (pid > 0) {
			printf("%s by %d\n", pid == small ? "small" : pid == large ? "large" : "spared",
			       WIFSIGNALED(status) ? WTERMSIG(status) : -1);
			fflush(stdout);
			dead++;
		} else if (use(1) == MAP_FAILED) {
			printf("refused\n");
			return 1;
		}
	}
	printf("spared: %d\n", waitpid(spared, NULL, WNOHANG));
	return 0;
}
''')
    got = tarn('--smp', '2', '--mem', '256M', '--with', f'{chosen}:/chosen', root=minimal_root, command=['/chosen'],
               timeout=120)
    assert got.out == b'small by 9\nlarge by 9\nspared: 0\n', repr(got)
    assert len(re.findall(r'out of memory: killing process \d+, which has \d+ KiB', got.log)) == 2, got.log
    assert re.search(r'out of memory: of \d+ KiB \d+ free', got.log)
