"""Tests that run inside: `usertests`, our own programs against the kernel, and the kernel's own.

usertests compares free memory before and after each of its tests, so it is the leak check too.
"""
import os
import re

import pytest
from conftest import ROOT

AREAS = {'exec': 'proc', 'fault': 'mm', 'file': 'fs', 'memory': 'mm', 'name': 'fs', 'pipe': 'fs',
         'pointer': 'mm', 'process': 'proc', 'signal': 'signal', 'storm': 'mm', 'system': 'proc',
         'thread': 'proc'}


def names():
    """(family, name) of each, from the tables at the end of user/kernel-tests/*.c."""
    folder = os.path.join(ROOT, 'user', 'kernel-tests')
    for file in sorted(os.listdir(folder)):
        family = file.removesuffix('.c')
        if file.endswith('.c') and family in AREAS:
            with open(os.path.join(folder, file), encoding='utf-8') as f:
                for name in re.findall(r'^\t\{ "([a-z0-9-]+)", \w+', f.read(), re.M):
                    yield pytest.param(name, marks=pytest.mark.area(AREAS[family]), id=name)


@pytest.fixture(scope='session')
def lines(tarn, minimal_root):
    """What usertests said, by name, in one boot for each number of harts."""
    done = {}

    def run(harts):
        if harts not in done:
            got = tarn('--smp', str(harts), root=minimal_root, command=['usertests'], timeout=240)
            text = got.out.decode(errors='replace')
            done[harts] = got, dict(re.findall(r'^(?:ok|FAIL) ([a-z0-9-]+)(.*)$', text, re.M)), \
                set(re.findall(r'^ok ([a-z0-9-]+)', text, re.M))
        return done[harts]
    return run


@pytest.mark.parametrize('harts', [1, 4])
@pytest.mark.parametrize('name', names())
def test_user(lines, name, harts):
    got, said, good = lines(harts)
    assert name in said, f'it did not get there: {got!r}'
    assert name in good, said[name].lstrip(': ')


@pytest.mark.area('boot', points=3)
@pytest.mark.parametrize('harts', [1, 4])
def test_kernel_selftests(tarn, minimal_root, harts):
    """The tests that are in the kernel, next to what they test."""
    got = tarn('--smp', str(harts), '--append', 'selftest', root=minimal_root, command=['true'])
    bad = re.findall(r'selftest: FAIL (.*)', got.log)
    assert not bad, '; '.join(bad)
    found = re.search(r'selftest: (\d+) passed, 0 failed', got.log)
    assert found and int(found[1]) > 0, 'they did not run'
    got.ok()


@pytest.mark.area('boot', points=2)
def test_libposix(tarn, minimal_root):
    """Our C library's own tests."""
    got = tarn(root=minimal_root, command=['libposix-tests'])
    bad = re.findall(r'^FAIL.*', got.out.decode(errors='replace'), re.M)
    assert not bad, '; '.join(bad)
    assert b'ok ' in got.ok().out
