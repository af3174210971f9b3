"""Programs of other people's toolchains, unmodified, print on Tarn what they printed on Linux: Rust std,
Go, dynamic glibc, static musl, C++; and our own libposix. With one hart and with four.
"""
import difflib
import os

import pytest
import suites
from conftest import BUILD, CACHE, describe, need_file

POINTS = {'rust': 5, 'go': 5}
NAMES = [name for name in suites.PROGRAMS if name != 'busybox']


@pytest.mark.parametrize('name,harts', [
    pytest.param(name, harts, marks=pytest.mark.area('suites', POINTS.get(suites.PROGRAMS[name][1], 3)))
    for name in NAMES for harts in (1, 4)])
def test_program(tarn, suite_root, name, harts):
    command, output = suites.PROGRAMS[name]
    if name != 'ours':
        need_file(os.path.join(BUILD, 'suites', 'bin', name), 'see build/test-build.log')
    with open(os.path.join(suites.HERE, output + '.expected'), encoding='utf-8') as f:
        expected = f.read().splitlines()
    card = ['--net', 'none'] if name in suites.NO_CARD else []
    got = tarn('--smp', str(harts), *card, root=suite_root, command=command, timeout=120)
    lines = got.out.decode(errors='backslashreplace').splitlines()
    if lines != expected:
        diff = [line for line in difflib.unified_diff(expected, lines, 'linux', 'tarn', n=0, lineterm='')
                if line[:1] in '+-'][2:]
        pytest.fail(f'status {got.status}, {describe(got)}; {len(diff)} lines differ: '
                    + ' / '.join(diff)[:600], pytrace=False)
    assert (got.status, got.err) == (0, b'')


def test_fetched_tools_can_be_moved():
    """Scripts in build/cache name nothing by where the tree was when they were made."""
    scripts = [os.path.join(CACHE, kind, 'bin', name) for kind in ('musl', 'go', 'rust', 'nethost')
               for name in os.listdir(os.path.join(CACHE, kind, 'bin'))]
    assert len(scripts) >= 7
    for path in scripts:
        with open(path, encoding='utf-8') as f:
            assert os.path.realpath(CACHE) not in f.read(), path
