"""--strace on Tarn prints what Debian's `strace -f` printed on Linux, for the programs of programs.py; and so
does that strace itself on Tarn, by ptrace(2).

All programs run in one boot of each. Each has NAME.expected; `make oracle K=NAME` records it.
"""
import difflib
import os
import re
import sys

import pytest
from conftest import BUILD, CACHE, ROOT, describe, need_file, run_tarn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(ROOT, 'kernel', 'syscall', 'strace')]
import programs  # noqa: E402
import rootfs  # noqa: E402
from calls import ROWS  # noqa: E402

pytestmark = pytest.mark.area('strace')


def root_with(script, name):
    """An archive of the programs' root, with that script."""
    need_file(os.path.join(CACHE, 'programs'), 'could not be fetched')
    for binary in programs.BINARIES:
        need_file(os.path.join(BUILD, 'suites', 'bin', binary), 'see build/test-build.log')
    folder = os.path.join(BUILD, 'strace')
    os.makedirs(folder, exist_ok=True)
    table = programs.table(BUILD, CACHE)
    table['script'] = (0o755, script.encode() + b'\n')
    return rootfs.write_tar(os.path.join(folder, name), table)


@pytest.fixture(scope='module')
def trace():
    """(lines of the trace, how the run ended)"""
    root = root_with(programs.script(programs.PROGRAMS, ''), 'root.tar')
    out = os.path.join(BUILD, 'strace', 'tarn.txt')
    got = run_tarn('--env-clear', '--env', 'PATH=/usr/bin:/bin', f'--strace={out}', root=root,
                   command=['/bin/sh', '/script'], timeout=150)
    with open(out, encoding='utf-8') as f:
        return f.read().splitlines(), describe(got)


@pytest.fixture(scope='module')
def debian():
    """(traces by Debian's strace on Tarn, how the run ended)"""
    root = root_with(programs.under_strace(programs.PROGRAMS), 'debian.tar')
    got = run_tarn('--env-clear', '--env', 'PATH=/usr/bin:/bin', root=root, command=['/bin/sh', '/script'],
                   timeout=150)
    text = got.out.decode(errors='backslashreplace')
    with open(os.path.join(BUILD, 'strace', 'debian.txt'), 'w', encoding='utf-8') as f:
        f.write(text)
    return programs.shown_traces(text), describe(got)


def compare(name, parts, end):
    """One line of what differs, or nothing."""
    with open(os.path.join(HERE, name + '.expected'), encoding='utf-8') as f:
        expected = f.read().splitlines()
    actual = programs.joined(parts, name).splitlines()
    expected, actual = programs.without_refused(expected, actual, {r.name for r in ROWS.values() if r.family == '-'})
    if actual != expected:
        diff = [line for line in difflib.unified_diff(expected, actual, 'linux', 'tarn', n=0, lineterm='')
                if line[:1] in '+-'][2:]
        pytest.fail(f'{len(diff)} lines differ ({end}): ' + ' / '.join(diff)[:700], pytrace=False)


@pytest.mark.parametrize('name', programs.PROGRAMS)
def test_as_on_linux(trace, name):
    compare(name, programs.of_tarn(trace[0], name), trace[1])


@pytest.mark.parametrize('name', programs.PROGRAMS)
def test_debian_strace(debian, name):
    compare(name, debian[0].get(name, []), debian[1])


def test_every_call_is_compared():
    """Each row of the table is in some program's trace on Linux."""
    seen = set()
    for name in programs.PROGRAMS:
        with open(os.path.join(HERE, name + '.expected'), encoding='utf-8') as f:
            seen |= set(re.findall(r'^  (\w+)\(', f.read(), re.M))
    assert not {row.name for row in ROWS.values()} - seen


OURS = ('openat', 'mmap', 'mprotect', 'close', 'lseek', 'read', 'pread64', 'fstat', 'faccessat', 'brk', 'set_tid_address', 'exit_group')


def test_our_strace():
    """user/strace prints the calls that it decodes whole as Debian's did on Linux."""
    strace = need_file(os.path.join(BUILD, 'user', 'strace'))
    root = root_with('mkdir /w; cd /w; /strace -o /out /suite/hello-glibc > /dev/null; cat /out', 'ours.tar')
    got = run_tarn('--env-clear', '--env', 'PATH=/usr/bin:/bin', '--with', strace, root=root, command=['/bin/sh', '/script'], timeout=100).ok()
    with open(os.path.join(HERE, 'c-hello.expected'), encoding='utf-8') as f:
        first = f.read().split('P1:\n')[1].split('\nP2:')[0]
    expected = [line.strip() for line in first.splitlines()]
    actual = [re.sub(r' +=', ' =', line, count=1) for line in got.out.decode().splitlines()]

    def wanted(lines):
        return [re.sub(r'0x[0-9a-f]{3,}|ADDR', '@', re.sub(r'(set_tid_address.*) = .*', r'\1', line)) for line in lines
                if line.partition('(')[0] in OURS]
    assert len(wanted(expected)) > 20
    assert wanted(actual) == wanted(expected)
