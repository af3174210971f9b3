"""`make suite`: results, comparison, a suite that dies half-way, files that are bad. The suite is ours."""
import os
import subprocess

import pytest
import rootfs
from conftest import BUILD, CACHE, KERNEL, ROOT, need_kernel

pytestmark = pytest.mark.area('suites')

# Each test is a line. `panic` ends the machine without a word, as a kernel that dies does.
SCRIPT = """#!/bin/busybox sh
skip=$SUITE_AFTER
while read verdict name code; do
	if [ -n "$skip" ]; then
		[ "$name" = "$skip" ] && skip=
		continue
	fi
	echo "TEST $name"
	if [ $verdict = DIE ]; then
		exec /die
	fi
	echo "$verdict $name $code"
done < /tests
"""
DIE = r"""
#include <sys/reboot.h>
#include <unistd.h>
int main(void)
{
	sleep(1);
	reboot(RB_POWER_OFF);
	return 1;
}
"""


@pytest.fixture(scope='module')
def suite(program):
    """suite(tests, reference) -> the finished process of `make suite`"""
    need_kernel()
    folder = os.path.join(BUILD, 'suite-runner')
    os.makedirs(folder, exist_ok=True)
    die = program('suite-die', DIE)

    def run(tests, reference=None, *words):
        root = rootfs.write_tar(os.path.join(folder, 'suite.tar'), {
            **rootfs.FOLDERS, 'bin/busybox': rootfs.read(os.path.join(CACHE, 'busybox', 'busybox')),
            'bin/sh': 'busybox', 'bin/echo': 'busybox', 'tests': (0o644, tests.encode()),
            'run.sh': (0o755, SCRIPT.encode()), 'die': rootfs.read(die)})
        args = ['make', '-s', '-C', ROOT, 'suite', f'TAR={root}', 'RUN=/run.sh', f'OUT={folder}/out.txt', *words]
        if reference is not None:
            path = os.path.join(folder, 'reference.txt')
            with open(path, 'w', encoding='utf-8') as f:
                f.write(reference)
            args.append(f'REF={path}')
        env = {k: v for k, v in os.environ.items() if not k.startswith('MAKE')}
        return subprocess.run(args, capture_output=True, text=True, timeout=180, check=False,
                              env={**env, 'NO_INSTALL': '1', 'TARN_KERNEL': KERNEL})
    return run


def test_as_the_reference(suite):
    got = suite('PASS a\nFAIL b 3\nSKIP c\n', 'PASS a\nFAIL b 3\nSKIP c\n')
    assert got.returncode == 0, got.stdout + got.stderr
    assert '1 passed, 1 failed, 1 skipped' in got.stdout
    assert 'missing:' not in got.stdout and 'new:' not in got.stdout


def test_missing_and_new(suite):
    got = suite('FAIL a 7\nPASS b\nPASS z\n', 'PASS a\nFAIL b 3\nPASS gone\n')
    assert got.returncode != 0
    assert 'a: FAIL 7 (reference: PASS)' in got.stdout and 'gone: did not run' in got.stdout
    assert 'b: PASS (reference: FAIL)' in got.stdout and 'z: PASS (reference: not there)' in got.stdout


def test_dies_half_way(suite):
    """The test it died in is named, and those behind it are run."""
    got = suite('PASS a\nDIE b\nPASS c\n', 'PASS a\nPASS b\nPASS c\n')
    assert got.returncode != 0
    assert 'the last test was b' in got.stdout and 'b: FAIL died (reference: PASS)' in got.stdout
    assert '2 passed, 1 failed' in got.stdout and 'c: ' not in got.stdout


@pytest.mark.parametrize('reference,place', [
    ('PASS a\nPERHAPS b\n', 'reference.txt:2: not `PASS name`'),
    ('PASS a\n\nPASS a\n', 'reference.txt:3: a stands twice'),
    ('PASS a b\n', 'reference.txt:1: not')])
def test_bad_reference(suite, reference, place):
    got = suite('PASS a\n', reference)
    assert got.returncode != 0 and place in got.stderr and 'passed' not in got.stdout


def test_no_such_program(suite):
    got = suite('PASS a\n', None, 'RUN=/nothing')
    assert got.returncode != 0 and 'suite: /nothing ended with 127' in got.stderr
