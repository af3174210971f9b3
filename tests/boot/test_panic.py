"""What a panic says, and how it ends the machine. /proc/sysrq-trigger asks for one."""
import re

import pexpect

import pytest

BUSY = ('sleep 1000 & while :; do :; done & '
        'while :; do cat /dev/zero | head -c 100000 > /dev/null; done & sleep 0.2; '
        '{ sleep 1000 & echo c; } > /proc/sysrq-trigger')

RECORD = re.compile(
    r'(call \w+, (0x[0-9a-f]+|0)|return from \w+, -?\d+|fault at (0x[0-9a-f]+|0)( done, -?\d+|, (read|write|exec))'
    r'|switch to (task \d+ \(.+\)|kernel thread \w+|idle), (sleeps|preempted|dead)|wake .+ on hart \d'
    r'|(timer|software|external) interrupt( done)?|line \d+|block \w+ at sector .+'
    r'|page cache (hit|miss|fill), object \d+, page \d+, \d+ pages|posts SIG\w+ to \d+|takes SIG\w+, handler .+'
    r'|exits, wait status .+|is named .+)$')


def harts_of(log):
    """{hart: (whose, [frames])} of the panic in a kernel log."""
    found = {}
    lines = [re.sub(r'^\[[^]]*\] ', '', line) for line in log.splitlines()]
    lines = lines[next(i for i, line in enumerate(lines) if line.startswith('panic on hart')):]
    for line in lines:
        head = re.match(r'hart (\d+): (.*)', line)
        frame = re.match(r'  #(\d+) (.*)', line)
        if head:
            frames = []
            found[int(head[1])] = (head[2], frames)
        elif frame:
            assert int(frame[1]) == len(frames)
            frames.append(frame[2])
        elif line.startswith('locks held'):
            break
    return found


@pytest.mark.area('boot', points=2)
def test_panic_tells(tarn, busybox_root):
    got = tarn('--smp', '4', '--append', 'trace', root=busybox_root, command=['sh', '-c', BUSY])
    assert got.status == 125
    assert 'the kernel panicked' in got.err.decode()
    first = int(re.search(r'panic on hart (\d): sysrq triggered crash', got.log)[1])
    harts = harts_of(got.log)
    assert sorted(harts) == [0, 1, 2, 3], 'not every hart is told of'

    whose, frames = harts[first]
    assert re.fullmatch(r'task \d+ \(sh\)', whose)
    names = [f.split('+')[0] for f in frames]
    assert names[0] == 'panic'
    assert names[1] == 'sysrq_store'
    assert 'sys_write' in names and names[-2] == 'syscall_dispatch'
    assert re.fullmatch(r'user code at [0-9a-f]+: system call 64', frames[-1])

    for hart, (whose, frames) in harts.items():
        assert frames, f'hart {hart} ({whose}) has no stack'
        if whose == 'idle':
            assert any(f.startswith('idle_loop+') for f in frames), frames
        else:
            # from user mode; or it has not been there yet, or never goes there
            assert re.match('user code at|thread_entry', frames[-1]), frames
    assert any('software interrupt' in f for _, frames in harts.values() for f in frames), \
        'nobody was stopped'
    seen = []
    for hart in range(4):
        part = re.split(r'^\[[^]]*\] hart ', got.log.split(f'hart {hart}, last trace records:')[1], flags=re.M)[0]
        records = re.findall(r'^\[[^]]*\]   +\d+\.\d{6} (task \d+ \(.+?\)|kernel thread \w+|idle): (\w.*)', part, re.M)
        assert len(records) == 16, part
        assert not any(whose == 'kernel thread trace' for whose, _ in records), part
        seen += records
    assert any(re.match(r'task \d+ \(sh\)', whose) and what.startswith('call write, 0x1') for whose, what in seen), \
        'not the call that did it'
    # Of which kinds the last records of a hart are is chance; that each is said in words is not.
    for _, what in seen:
        assert RECORD.match(what), what
    # the file is shared with a sleeper, so its position has a lock
    assert re.search(r'  mutex at 0x[0-9a-f]+ \(\S+\+0x[0-9a-f]+\): task \d+ \(sh\)', got.log)


@pytest.mark.area('boot')
def test_panic_restarts(console, busybox_root):
    """With /proc/sys/kernel/panic below 0 the machine starts anew, which QEMU, told not to, ends with 0."""
    c = console(busybox_root)
    c.wait_prompt()
    c.child.sendline('echo -1 > /proc/sys/kernel/panic; echo c > /proc/sysrq-trigger')
    c.expect('locks held')
    c.child.expect(pexpect.EOF, timeout=60)
    c.child.close()
    assert c.child.exitstatus == 0


@pytest.mark.area('boot')
def test_panic_status(console, busybox_root):
    """QEMU's own status, as `make qemu` has it."""
    c = console(busybox_root)
    c.wait_prompt()
    c.child.sendline('echo c > /proc/sysrq-trigger')
    c.expect('locks held')
    c.child.expect(c.errors[1], timeout=30)
    c.child.close()
    assert c.child.exitstatus == 125
