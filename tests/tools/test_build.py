"""What `make` builds by itself: as little as a first boot needs, for a newcomer waits for it."""
import re
import subprocess

import pytest
from conftest import ROOT

pytestmark = pytest.mark.area('build', points=1)


def compiled(target, folder):
    """The sources that a make of `target` in an empty folder would compile, in order."""
    done = subprocess.run(['make', '-n', 'V=1', 'NO_INSTALL=1', f'B={folder}', target], cwd=ROOT, text=True,
                          capture_output=True, check=True)
    return re.findall(r' -c -o \S+ (\S+\.[cS])$', done.stdout, re.MULTILINE)


def test_plain_make_is_quick(tmp_path):
    """Every file once; no library that only `make sdk` or the larger root needs, no program of the host."""
    sources = compiled('all', tmp_path / 'b')
    again = {s for s in sources if sources.count(s) > 1} - {'libposix/crt/crt1.S'}
    assert not again, f'compiled twice: {sorted(again)}'
    rooms = {s.split('/')[0] for s in sources if not s.startswith('/')}
    assert rooms == {'kernel', 'sbi', 'libposix', 'user'}, rooms
    assert not [s for s in sources if s.startswith(('libposix/ldso/', 'libposix/src/math/'))]
    assert 'user/sh/main.c' in sources and 'user/sed/main.c' not in sources


def test_everything_is_more(tmp_path):
    """`make everything` has what plain make leaves out."""
    sources = compiled('everything', tmp_path / 'b')
    assert {'libposix/ldso/relocate.c', 'user/sed/main.c', 'mkfs/check.c'} <= set(sources)


@pytest.mark.parametrize('target', ['test-abuse', 'test-apps', 'test-debian', 'test-go', 'test-iperf',
                                    'test-languages', 'test-net', 'test-powercut', 'test-rust', 'test-stress',
                                    'bench', 'sdk', 'tools'])
def test_target_knows_what_it_needs(target, tmp_path):
    """From a clone in which nothing was built, each target has a rule for all it asks for."""
    done = subprocess.run(['make', '-n', 'NO_INSTALL=1', f'B={tmp_path / "b"}', target], cwd=ROOT, text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
