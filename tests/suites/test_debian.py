"""Debian at work on a TAR root that is kept (debian.py; `make test-debian` is the long form, with 50,000 files)."""
import os
import subprocess

import debian
import pytest
from conftest import BUILD, CACHE, need_file, need_kernel

pytestmark = pytest.mark.area('tar', points=5)


def test_debian(tmp_path):
    """apt, dpkg, git, gcc, SQLite and rsync do their work; after a power cut all is as it was, and as tar reads it."""
    need_kernel()
    need_file(os.path.join(CACHE, 'debian.stamp'), 'could not be fetched')
    assert debian.run(BUILD, CACHE, str(tmp_path), 1, ('--smp', '2', '--mem', '1G')) > 9000


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
