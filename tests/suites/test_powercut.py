"""Power cuts under QEMU while SQLite runs transactions and a shell renames and syncs: what the root's disk holds at any
moment, made from the record of its writes (powercut.py; `make test-powercut` looks at many more states), and what
`tarn run --rw` keeps and refuses.
"""
import fcntl
import gzip
import os
import shutil
import subprocess
import tarfile

import powercut
import pytest
from conftest import BUILD, CACHE, ROOT, need_file, need_kernel

pytestmark = pytest.mark.area('tar', points=3)
RUNNER = os.path.join(ROOT, 'tarn')


@pytest.fixture(name='copy')
def copy_fixture(busybox_root, tmp_path):
    """A root of one's own."""
    return shutil.copy(busybox_root, tmp_path / 'root.tar')


def refused(*words):
    """One line from tarn, and its status."""
    done = subprocess.run([RUNNER, 'run', *words, '--', 'true'], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 125 and done.stderr.count('\n') == 1, done.stderr
    return done.stderr


def test_power_cuts(tmp_path):
    """Each disk that a power cut leaves is replayed, checks clean, opens, and holds all that was acknowledged."""
    need_kernel()
    need_file(os.path.join(CACHE, 'programs'), 'could not be fetched')
    seen = powercut.run(BUILD, CACHE, str(tmp_path), rounds=4, wanted=36)
    assert seen >= 30


def test_kept(tarn, copy, tmp_path):
    """What a run with --rw writes is there in the next run, with --rw and without, and for tar; what runs without
    --rw write is not."""
    before = os.path.getsize(copy)
    tarn('--rw', '--with', '/etc/passwd:/laid', root=copy, command=[
        'sh', '-c', 'mkdir -p /new/dir && echo hello > /new/dir/file && ln /new/dir/file /new/hard && chmod 600 /new/hard && '
        'ln -s file /new/dir/sym && mv /etc/motd /new/motd && rm /etc/hostname && test -s /laid']).ok()
    assert os.path.getsize(copy) >= before + (256 << 20) and os.stat(copy).st_blocks * 512 < before + (16 << 20)
    powercut.fsck(BUILD, copy)
    look = ['sh', '-c', 'cat /new/dir/file /new/dir/sym; stat -c "%a %h" /new/hard; ls /etc/hostname /etc/motd /laid; true']
    for words in ((), ('--rw',)):
        got = tarn(*words, root=copy, command=look).ok()
        assert got.out == b'hello\nhello\n600 2\n' and got.err.count(b'No such file') == 3, got
    tarn(root=copy, command=['sh', '-c', 'rm -r /new; echo x > /etc/hostname; sync']).ok()
    with tarfile.open(copy, 'r:') as tar:
        names = {m.name.removeprefix('./'): m for m in tar}
        assert tar.extractfile(names['new/dir/file']).read() == b'hello\n'
        assert {'new/motd', 'new/hard', 'new/dir/sym'} <= set(names)
        assert not {'etc/hostname', 'etc/motd', 'laid', '.tarn/init', '.tarn'} & set(names)
    listed = subprocess.run(['tar', '-tvf', copy], capture_output=True, text=True, check=True)
    assert not listed.stderr and ' new/dir/sym -> file\n' in listed.stdout.replace('./new', 'new')


def test_grow(tarn, copy):
    """Room is made once, and again when asked for; the journal moves."""
    tarn('--rw', '--grow', '32M', root=copy, command=['sh', '-c', 'echo 1 > /one']).ok()
    size = os.path.getsize(copy)
    tarn('--rw', root=copy, command=['sh', '-c', 'echo 2 > /two']).ok()
    assert os.path.getsize(copy) == size
    tarn('--rw', '--grow', '64M', root=copy, command=['sh', '-c', 'echo 3 > /three']).ok()
    assert os.path.getsize(copy) == size + (64 << 20)
    powercut.fsck(BUILD, copy)
    assert tarn(root=copy, command=['cat', '/one', '/two', '/three']).ok().out == b'1\n2\n3\n'


def test_refused(copy, tmp_path):
    """What can't be kept is refused in a line; two machines don't write one image."""
    packed, folder = tmp_path / 'r.tar.gz', tmp_path / 'd'
    with open(copy, 'rb') as f:
        packed.write_bytes(gzip.compress(f.read(1 << 20), 1))
    folder.mkdir()
    assert 'compressed with gz' in refused('--rw', str(packed))
    assert 'a folder' in refused('--rw', str(folder))
    assert 'no such file' in refused('--rw', str(tmp_path / 'none'))
    assert 'not a tar' in refused('--rw', '/etc/passwd')
    assert '--layer' in refused('--rw', '--layer', str(folder), copy)
    assert '--rw' in refused('--grow', '1G', copy)
    assert '--rw' in refused('--write-log', str(tmp_path / 'log'), copy)
    assert 'a size' in refused('--rw', '--grow', 'much', copy)
    with tarfile.open(tmp_path / 'saved.tar', 'w') as tar:
        for name in ('manifest.json', 'repositories'):
            tar.addfile(tarfile.TarInfo(name))
    assert 'docker export' in refused('--rw', str(tmp_path / 'saved.tar'))
    with open(copy, 'rb') as f:
        fcntl.flock(f, fcntl.LOCK_SH)
        assert 'in use' in refused('--rw', copy)
        fcntl.flock(f, fcntl.LOCK_EX)
        assert 'in use' in refused(copy)
    assert os.path.getsize(copy) < 256 << 20


def test_keep_root(copy, tmp_path):
    """make qemu's copy: made once, made anew with the root, and never thrown away once it was written."""
    folder = tmp_path / 'disk'

    def keep():
        done = subprocess.run(['/usr/bin/python3', os.path.join(ROOT, 'tests/tools/keep_root.py'), copy, folder],
                              capture_output=True, text=True, check=True)
        return done.stdout.strip(), done.stderr

    path, said = keep()
    assert 'made of' in said and said.count('\n') == 1 and os.path.getsize(path) > 256 << 20
    assert keep() == (path, '')
    with open(path, 'r+b') as f:
        f.seek(-1, 2)
        f.write(b'x')
    assert 'left it' in keep()[1]
    os.utime(copy, (1, 1))
    said = keep()[1]
    assert 'made anew' in said and 'root.tar.1' in said
    with open(f'{path}.1', 'rb') as f:
        f.seek(-1, 2)
        assert f.read() == b'x'
    os.utime(copy, (2, 2))
    assert 'root.tar.2' not in keep()[1] and not os.path.exists(f'{path}.2')
