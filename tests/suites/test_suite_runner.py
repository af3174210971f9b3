"""`make suite`: results, comparison, a suite that dies half-way, files that are bad. The suite is ours."""
import os
import subprocess
import sys
import types

import pytest
import rootfs
from conftest import BUILD, CACHE, HERE, KERNEL, ROOT, need_kernel

sys.path.insert(0, os.path.join(HERE, 'tools'))
import suite as runner  # noqa: E402

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
	case $verdict in
	DIE) exec /die ;;
	KILL) kill -KILL $$ ;;
	QUIT) exit 3 ;;
	NOISE) yes 'much ado' | head -c 1000000 >&2; verdict=PASS ;;
	esac
	echo "$verdict $name $code"
done < /tests
exit $(cat /status)
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

    def run(tests, reference=None, *words, status=0):
        root = rootfs.write_tar(os.path.join(folder, 'suite.tar'), {
            **rootfs.FOLDERS, 'bin/busybox': rootfs.read(os.path.join(CACHE, 'busybox', 'busybox')),
            **{f'bin/{name}': 'busybox' for name in ('sh', 'echo', 'yes', 'head', 'cat')},
            'tests': (0o644, tests.encode()), 'status': (0o644, str(status).encode()),
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


def test_killed(suite):
    """RUN dies of a signal and the machine lives: the same."""
    got = suite('PASS a\nKILL b\nPASS c\n')
    assert got.returncode != 0
    assert 'RUN was ended by signal 9; the last test was b' in got.stdout
    assert '2 passed, 1 failed' in got.stdout


def test_quits_in_a_test(suite):
    got = suite('PASS a\nQUIT b\nPASS c\n', 'PASS a\nPASS c\n')
    assert got.returncode != 0 and '2 passed, 1 failed' in got.stdout
    assert 'suite: b: RUN ended with 3 in the midst of it' in got.stdout


def test_status_of_its_own(suite):
    """All is as in the reference, but RUN says that it failed."""
    got = suite('PASS a\n', 'PASS a\n', status=4)
    assert got.returncode != 0 and '1 passed, 0 failed' in got.stdout
    assert 'suite: /run.sh ended with status 4' in got.stdout


def test_noise(suite):
    """A megabyte on stderr holds nothing up, and stands in the log."""
    got = suite('PASS a\nNOISE b\nPASS c\n')
    assert got.returncode == 0 and '3 passed' in got.stdout, got.stdout + got.stderr
    with open(os.path.join(BUILD, 'suite-runner', 'out.txt.log'), encoding='utf-8') as f:
        assert f.read().count('much ado\n') > 110000


def test_gives_up(monkeypatch, capsys):
    """A suite that dies in each of its tests: that is said, and what it did is kept."""
    def boot(_args, run, _after):
        run.line(f'TEST t{len(run.results)}')
        return 124, 0, []
    monkeypatch.setattr(runner, 'boot', boot)
    run = runner.run_all(types.SimpleNamespace(run=['/run.sh']))
    assert len(run.results) == len(run.deaths) == runner.BOOTS
    assert f'gave up after {runner.BOOTS} boots; what comes after t{runner.BOOTS - 1}' in capsys.readouterr().out


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
