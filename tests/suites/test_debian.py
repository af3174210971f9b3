"""Debian at work on a TAR root that is kept (debian.py; `make test-debian` is the long form, with 50,000 files)."""
import os
import subprocess
import sys

import debian
import pytest
from conftest import BUILD, CACHE, ROOT, need_file, need_kernel

pytestmark = pytest.mark.area('tar', points=5)


def test_debian(tmp_path):
    """apt, dpkg, git, gcc, SQLite and rsync do their work; after a power cut all is as it was, and as tar reads it."""
    need_kernel()
    need_file(os.path.join(CACHE, 'debian.stamp'), 'could not be fetched')
    assert debian.run(BUILD, CACHE, str(tmp_path), 1, ('--smp', '2', '--mem', '1G')) > 9000


def test_root_of_make_qemu(console, tmp_path):
    """`make qemu ROOTFS=debian`: our init, Debian's shell with job control, and an end."""
    need_file(os.path.join(CACHE, 'debian.stamp'), 'could not be fetched')
    root = str(tmp_path / 'root.tar')
    ours = [os.path.join(BUILD, 'user', name) for name in ('init', 'poweroff', 'reboot', 'halt')]
    subprocess.run([sys.executable, os.path.join(ROOT, 'tests/suites/debian.py'), 'root', root, *ours], check=True)
    c = console(root, timeout=120)
    c.wait_prompt()
    assert c.command('cat /proc/1/comm; tty').split() == [b'init', b'/dev/console']
    assert b'trixie' in c.command('cat /etc/os-release')
    assert c.command('sleep 100 & jobs; kill %1; wait; dpkg --audit; echo $?').endswith(b'0\n')
    c.child.sendline('poweroff')
    c.expect(b'power off')


def test_project(tmp_path):
    """The sources that Debian's make is given in the long form are all that mkfs/ needs."""
    for name, data in debian.project().items():
        path = tmp_path / name
        if data is None:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    done = subprocess.run(['make', '-s', '-C', str(tmp_path / 'src/image'), 'build/mkfs/tarfs-ls'], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[:1000]
