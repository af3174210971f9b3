"""Debian at work on a TAR root that is kept (debian.py; `make test-debian` is the long form, with 50,000 files)."""
import os

import debian
import pytest
from conftest import BUILD, CACHE, need_file, need_kernel

pytestmark = pytest.mark.area('tar', points=5)


def test_debian(tmp_path):
    """apt, dpkg, git, gcc, SQLite and rsync do their work; after a power cut all is as it was, and as tar reads it."""
    need_kernel()
    need_file(os.path.join(CACHE, 'debian.stamp'), 'could not be fetched')
    assert debian.run(BUILD, CACHE, str(tmp_path), 1, ('--smp', '2', '--mem', '1G')) > 9000
