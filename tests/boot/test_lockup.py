"""What the kernel says of its own mistakes: `provoke=NAME` (kernel/debug/provoke.c) makes one at boot."""
import os
import re

import pytest

from conftest import BUILD, need_file

pytestmark = pytest.mark.area('boot')


@pytest.fixture
def debug_kernel():
    return need_file(os.path.join(BUILD, 'debug', 'tarn.elf'), 'the debug kernel was not built')


def stacks(text):
    """{hart: (whose, [functions])} of the stacks behind a line."""
    found, frames = {}, []
    for line in text.splitlines():
        line = re.sub(r'^\[[^]]*\] ', '', line)
        head = re.match(r'hart (\d+): (.*)', line)
        frame = re.match(r'  #\d+ (\S+?)\+', line)
        if head:
            frames = []
            found.setdefault(int(head[1]), (head[2], frames))
        elif frame:
            frames.append(frame[1])
    return found


def only(log, pattern, function):
    """(hart, stacks) of the one report whose hart is in that function; a busy host may have earned others."""
    starts = list(re.finditer(pattern, log))
    found = [(int(m[1]), stacks(log[m.end():n])) for m, n in
             zip(starts, [m.start() for m in starts[1:]] + [len(log)])]
    found = [(hart, there) for hart, there in found if function in there[hart][1]]
    assert len(found) == 1, log[-3000:]
    return found[0]


@pytest.mark.parametrize('harts', [1, 3])
def test_soft_lockup(tarn, minimal_root, harts):
    """A task that stays in the kernel is named, with every hart's stack, once; the machine goes on."""
    got = tarn('--smp', str(harts), '--append', 'provoke=soft-lockup lockup=1', root=minimal_root,
               command=['true'], timeout=120)
    told, there = only(got.log, r'soft lockup: hart (\d), for 1 s', 'spin_long')
    assert sorted(there) == list(range(harts))
    whose, frames = there[told]
    assert 'spin_long' in frames and 'thread_entry' in frames
    assert re.fullmatch(r'task 0 \(provoke\), of the kernel', whose)
    assert all(frames for _, frames in there.values())
    assert 'provoke: over' in got.log
    got.ok()


def test_hard_lockup(tarn, minimal_root, debug_kernel):
    """A hart with interrupts off is found by another: its last known place, and the lock it holds."""
    got = tarn('--kernel', debug_kernel, '--smp', '3', '--append', 'provoke=hard-lockup lockup=1',
               root=minimal_root, command=['true'], timeout=120)
    found = [part for part in re.split('hard lockup: ', got.log)[1:] if 'spinlock provoke high' in part]
    assert len(found) == 1, got.log[-3000:]
    hart = re.match(r'hart (\d), for 2 s', found[0])[1]
    assert sorted(stacks(found[0])) == [0, 1, 2]
    assert re.search(rf'hart {hart}: does not answer; \d+ s ago: task', found[0]), found[0][:2000]
    assert re.search(rf'spinlock provoke high \(rank \d+\) at 0x[0-9a-f]+: hart {hart}', found[0])
    assert 'provoke: over' in got.log
    got.ok()


@pytest.mark.parametrize('mistake,words', [
    ('lock-sleep', r'mutex_lock may sleep, but spinlock provoke low is held'),
    ('irq-sleep', r'wait_sleep may sleep, but interrupts are off'),
    ('lock-order', r'lock order: provoke low \(rank \d+\) taken while provoke high \(rank \d+\) is held'),
])
def test_debug_build_panics(tarn, minimal_root, debug_kernel, mistake, words):
    """Sleeping where one must not, and taking locks the wrong way round: a panic that names the lock and who."""
    got = tarn('--kernel', debug_kernel, '--smp', '2', '--append', f'provoke={mistake}', root=minimal_root,
               command=['true'], timeout=60)
    assert got.status == 125
    hart = re.search(rf'panic on hart (\d): {words}', got.log)
    assert hart, got.log[-2000:]
    assert re.search(rf'hart {hart[1]}: task 0 \(provoke\), of the kernel', got.log)
    if 'lock' in mistake:
        assert re.search(rf'spinlock provoke \w+ \(rank \d+\) at 0x[0-9a-f]+: hart {hart[1]}', got.log)


def test_stack_overflow(tarn, minimal_root):
    """The guard page below a kernel stack: the panic says what it was, and where."""
    got = tarn('--smp', '2', '--append', 'provoke=deep-stack', root=minimal_root, command=['true'], timeout=60)
    assert got.status == 125
    assert re.search(r'panic on hart \d: kernel stack overflow at [0-9a-f]+, task 0 \(provoke\)', got.log), got.log[-2000:]
    assert re.search(r'#\d+ deeper\+', got.log)


def test_lock_stat(tarn, full_root, debug_kernel):
    """Counts of locks while lock_stat is 1, in Linux's table; our lockstat sorts them. The kernel without counts says so."""
    script = 'cat /proc/sys/kernel/lock_stat; lockstat -a -n 5 sh -c "ls -R /usr > /dev/null; exit 3"; echo $?; ' \
             'cat /proc/sys/kernel/lock_stat /proc/lock_stat; echo 0 > /proc/lock_stat; grep -c : /proc/lock_stat'
    text = tarn('--kernel', debug_kernel, '--smp', '4', root=full_root, command=['sh', '-c', script], timeout=120).out.decode()
    lines = text.splitlines()
    assert lines[0] == '0' and lines[1].split()[0] == 'LOCK' and lines[7:9] == ['3', '0'] and lines[-1] == '0'
    assert lines[9] == 'lock_stat version 0.4' and lines[11].split()[:4] == ['class', 'name', 'con-bounces', 'contentions']
    rows = {name.strip(): list(map(float, rest.split())) for name, _, rest in (row.rpartition(':') for row in lines[14:-1])}
    assert all(len(row) == 12 for row in rows.values()) and rows['rq'][7] > 100
    for row in rows.values():
        for least, most, total, mean in (row[2:6], row[8:12]):
            assert least <= mean + .01 and mean <= most + .01 and most <= total + .01
    got = tarn(root=full_root, command=['lockstat', 'true'])
    assert got.status == 1 and b'does not count' in got.err


def test_lockstat_ranks(tarn, full_root, debug_kernel):
    """A lock that four fight for is waited for, on top; one that is held while nobody else runs is not."""
    fight = 'for w in 1 2 3 4; do (i=0; while [ $i -lt 400 ]; do i=$((i + 1)); : > /tmp/f; done) & done; wait'
    # harts that get no time of the host do not fight: again, until they did
    script = f'n=0; until lockstat sh -c \'{fight}\' > /tmp/out; [ $(wc -l < /tmp/out) -gt 1 ] || [ $((n += 1)) -gt 50 ]; do :; done; ' \
             f'cat /tmp/out; echo; lockstat -a -n 4 sh -c \'{fight}\''
    text = tarn('--kernel', debug_kernel, '--smp', '4', root=full_root, command=['sh', '-c', script], timeout=300).ok().out.decode()
    waited, held = (part.splitlines() for part in text.split('\n\n'))
    for lines, by in ((waited, 2), (held, 5)):
        rows = [line.split() for line in lines[1:]]
        assert rows and all(len(row) == 7 for row in rows)
        figures = [[float(word) for word in row[1:]] for row in rows]
        assert [row[by - 1] for row in figures] == sorted((row[by - 1] for row in figures), reverse=True)
        for count, waits, longest, taken, holds, hold in figures:
            assert count <= taken and longest <= waits + .1 and hold <= holds + .1
            assert bool(count) == bool(waits) and taken >= 1
    assert len(held) == 5
