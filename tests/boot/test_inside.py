"""The tests that are in the kernel, next to what they test (kernel/debug/selftest.h)."""
import os
import re

import pytest

from conftest import BUILD, need_file


@pytest.mark.area('boot', points=3)
@pytest.mark.parametrize('harts', [1, 4])
def test_selftests(tarn, minimal_root, harts):
    got = tarn('--smp', str(harts), '--append', 'selftest', root=minimal_root, command=['true'])
    bad = re.findall(r'selftest: FAIL (.*)', got.log)
    assert not bad, '; '.join(bad)
    found = re.search(r'selftest: (\d+) passed, 0 failed', got.log)
    assert found and int(found[1]) > 0, 'they did not run'
    got.ok()


UNDER_DEBUG = '''fork-many fork-tree wait-group exec-self exec-signals map-split mremap cow cow-file file file-append
lock-mixture mount-tree mount-come-and-go rename-race folder-concurrent pipe-stream fifo poll-wakes epoll signal
signal-stop signal-timers thread-create thread-exec robust-list affinity proc race-polled-epoll race-fork-signal
race-timers-exit race-kernel-stacks storm-fork-exec futex-inversion futex-pi-races fail-nth'''.split()


@pytest.mark.area('boot', points=3)
def test_debug_kernel(tarn, minimal_root):
    """The debug build's checks (lock ranks, red zones, poison, sleeping with a lock) find nothing."""
    kernel = need_file(os.path.join(BUILD, 'debug', 'tarn.elf'), 'the debug kernel was not built')
    got = tarn('--kernel', kernel, '--smp', '4', '--append', 'selftest', root=minimal_root, timeout=240,
               command=['usertests', *UNDER_DEBUG])
    assert not re.findall(r'selftest: FAIL (.*)', got.log)
    got.ok()


@pytest.mark.area('boot', points=3)
def test_debug_storm(tarn, minimal_root):
    """Eight harts: threads against each other, bombs of them, connections to a listener that goes."""
    kernel = need_file(os.path.join(BUILD, 'debug', 'tarn.elf'), 'the debug kernel was not built')
    got = tarn('--kernel', kernel, '--smp', '8', root=minimal_root, timeout=240,
               command=['usertests', '-r', '3', 'storm-threads', 'storm-cut-short', 'storm-bombs',
                        'race-tcp-listen'])
    got.ok()


@pytest.mark.area('boot', points=3)
def test_debug_tangle(tarn, minimal_root):
    """Eight harts: locks whose owners are killed, exec beside AIO and keys, blocks split and filled, orphaned groups."""
    kernel = need_file(os.path.join(BUILD, 'debug', 'tarn.elf'), 'the debug kernel was not built')
    got = tarn('--kernel', kernel, '--smp', '8', root=minimal_root, timeout=240,
               command=['usertests', 'race-requeue-killed', 'race-exec-aio-keys', 'race-huge-filled', 'orphaned-stopped'])
    got.ok()
