"""usertests and libposix-tests: many small checks of the kernel and the C library, from inside.

Every test of user/kernel-tests and every group of user/libposix-*tests.c is an
item here. They all run in one machine with one hart and in one with four, and must pass in both.
"""
import os
import re

import pytest
from conftest import HERE as TESTS

SOURCES = os.path.join(os.path.dirname(TESTS), 'user')
AREAS = {'process.c': 'proc', 'race.c': 'proc', 'exec.c': 'proc', 'thread.c': 'proc', 'memory.c': 'mm',
         'fault.c': 'mm', 'storm.c': 'mm', 'file.c': 'fs', 'name.c': 'fs', 'pipe.c': 'fs',
         'pointer.c': 'abi', 'system.c': 'abi', 'signal.c': 'signal'}


def names_in(path):
    """The tests that a file registers: { "name", function, ... at the start of a line or after."""
    with open(path, encoding='utf-8') as f:
        return re.findall(r'\{ "([a-z0-9-]+)", [a-z_]+(?:, [0-9]+)? \}', f.read())


def kernel_tests():
    """One parameter a test, with the area of its family."""
    for file, area in sorted(AREAS.items()):
        for name in names_in(os.path.join(SOURCES, 'kernel-tests', file)):
            yield pytest.param(name, marks=pytest.mark.area(area), id=name)


@pytest.fixture(scope='module', params=[1, 4], ids=['1-hart', '4-harts'])
def lines(request, tarn, minimal_root):
    """What usertests printed, by test: 'ok' or why not."""
    got = tarn('--smp', str(request.param), root=minimal_root, command=['usertests'], timeout=400)
    found = {}
    for line in got.out.decode(errors='replace').splitlines():
        words = re.match(r'(ok|FAIL) ([a-z0-9-]+):? ?(.*)', line)
        if words:
            found[words[2]] = 'ok' if words[1] == 'ok' else words[3]
    found['after'] = f'not run: usertests ended with status {got.status} after ' + (
        list(found)[-1] if found else 'nothing')
    return found


@pytest.mark.parametrize('name', kernel_tests())
def test_kernel(name, lines):
    why = lines.get(name, lines['after'])
    assert why == 'ok', why


def test_spared_no_longer(tarn, minimal_root):
    """A test that had the OOM killer spare usertests, and failed then, leaves that as it was for the next."""
    script = 'mount --bind /dev/null /proc/vmstat; { usertests oom-busy-victims race-huge-filled orphaned-stopped & echo pid $!; wait; } | ' \
             'while read w n rest; do case $w in pid) p=$n;; FAIL) echo $w $n; cat /proc/$p/oom_score_adj;; esac; done'
    got = tarn('--smp', '2', root=minimal_root, command=['sh', '-c', script], timeout=200)
    assert got.out == b'FAIL oom-busy-victims:\n0\n'


@pytest.fixture(scope='module')
def library(tarn, minimal_root):
    """What libposix-tests printed, by group."""
    got = tarn(root=minimal_root, command=['libposix-tests'], timeout=120)
    text = got.out.decode(errors='replace')
    return dict(re.findall(r'^ok ([a-z-]+)()$', text, re.M) +
                re.findall(r'^FAIL ([a-z-]+): (.*)$', text, re.M))


@pytest.mark.area('abi')
@pytest.mark.parametrize('name', names_in(os.path.join(SOURCES, 'libposix-tests.c')))
def test_libposix(name, library):
    assert name in library, 'did not run'
    assert not library[name], library[name]


@pytest.fixture(scope='module')
def threads(tarn, minimal_root):
    """What libposix-thread-tests and libposix-sys-tests printed with four harts, by group."""
    text = ''
    for program in ('libposix-thread-tests', 'libposix-sys-tests'):
        got = tarn('--smp', '4', root=minimal_root, command=[program], timeout=120)
        text += got.out.decode(errors='replace')
    return dict(re.findall(r'^ok ([a-z-]+)()$', text, re.M) +
                re.findall(r'^FAIL ([a-z-]+): (.*)$', text, re.M))


@pytest.mark.area('abi')
@pytest.mark.parametrize('group', [name for part in ('thread', 'sys')
                                   for name in names_in(os.path.join(SOURCES, f'libposix-{part}-tests.c'))])
def test_library_threads(group, threads):
    """Threads, heap, signals and processes of the library."""
    assert threads.get(group, 'not run') == '', threads.get(group, 'not run')


@pytest.fixture(scope='module')
def texts(tarn, minimal_root):
    """What libposix-text-tests printed, by group."""
    got = tarn(root=minimal_root, command=['libposix-text-tests'], timeout=120)
    text = got.out.decode(errors='replace')
    return dict(re.findall(r'^ok ([a-z-]+)()$', text, re.M) +
                re.findall(r'^FAIL ([a-z-]+): (.*)$', text, re.M))


@pytest.mark.area('abi')
@pytest.mark.parametrize('group', names_in(os.path.join(SOURCES, 'libposix-text-tests.c')))
def test_library_texts(group, texts):
    """Encodings, streams, floating point, patterns and zones of the library."""
    assert texts.get(group, 'not run') == '', texts.get(group, 'not run')
