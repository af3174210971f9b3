"""Debian's gdb, unmodified, says on Tarn what it said on Linux (debugger.py): a breakpoint in a program with
threads, stepping, a backtrace, a variable watched, calls and signals; attached to a program that runs; and the
shared objects of a program that libposix's loader starts, one of them opened and closed.
"""
import difflib
import os

import debugger
import pytest
import rootfs
from conftest import BUILD, CACHE, describe, need_file, run_tarn

pytestmark = pytest.mark.area('suites')


@pytest.fixture(scope='module')
def said():
    """(what gdb said by session, how the run ended)"""
    need_file(os.path.join(CACHE, 'gdb'), 'could not be fetched')
    for name in ('gdb-threads', 'gdb-shared', 'near.so', 'opened.so'):
        need_file(os.path.join(BUILD, 'suites', 'bin', name), 'see build/test-build.log')
    root = rootfs.write_tar(os.path.join(BUILD, 'suites', 'gdb.tar'), debugger.table(BUILD, CACHE))
    got = run_tarn('--smp', '2', '--mem', '1G', root=root, command=['/bin/sh', '/script'], timeout=150)
    text = (got.out + got.err).decode(errors='backslashreplace')
    with open(os.path.join(BUILD, 'suites', 'gdb.txt'), 'w', encoding='utf-8') as f:
        f.write(text)
    return debugger.parse(text), describe(got)


@pytest.mark.parametrize('name', debugger.SESSIONS)
def test_gdb(said, name):
    with open(os.path.join(debugger.HERE, f'gdb-{name}.expected'), encoding='utf-8') as f:
        expected = f.read().splitlines()
    actual = said[0].get(name, [])
    if actual != expected:
        diff = [line for line in difflib.unified_diff(expected, actual, 'linux', 'tarn', n=0, lineterm='')
                if line[:1] in '+-'][2:]
        pytest.fail(f'{len(diff)} lines differ ({said[1]}): ' + ' / '.join(diff)[:700], pytrace=False)
