"""The archives of our own programs: what is in them, and that the same programs give the same bytes."""
import os
import subprocess
import sys
import tarfile

import pytest
from conftest import BUILD, HERE

MKROOT = os.path.join(HERE, 'tools', 'mkroot.py')


@pytest.mark.parametrize('name', ['root.tar', 'root-min.tar'])
def test_no_debug_sections(name):
    """They would be nine tenths of it; gdb reads them where the programs were built."""
    with tarfile.open(os.path.join(BUILD, name)) as tar:
        programs = [m for m in tar if m.isfile() and m.name.startswith('usr/local/bin/')]
        assert len(programs) > 15
        assert [m.name for m in programs if b'.debug_info\0' in tar.extractfile(m).read()] == []
    with open(os.path.join(BUILD, 'user', 'hello'), 'rb') as f:
        assert b'.debug_info\0' in f.read()


def test_same_bytes(tmp_path):
    programs = [os.path.join(BUILD, 'user', n) for n in ('init', 'poweroff', 'reboot', 'hello')]
    for out in ('a.tar', 'b.tar'):
        subprocess.run([sys.executable, MKROOT, tmp_path / out, *programs], check=True)
    assert (tmp_path / 'a.tar').read_bytes() == (tmp_path / 'b.tar').read_bytes()
    with tarfile.open(tmp_path / 'a.tar') as tar:
        assert tar.getmember('usr/local/bin/reboot').linkname == 'poweroff'
        assert tar.getmember('sbin/init').linkname == '../usr/local/bin/init'
