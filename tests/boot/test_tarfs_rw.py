"""A root that is written (`tarn run --rw`): what programs see, what a power cut leaves, full and failing disks."""
import json
import os
import shutil
import stat
import subprocess
import tarfile

import pytest
import rootfs

pytestmark = pytest.mark.area('tar', points=2)
HERE = os.path.dirname(os.path.abspath(__file__))


@pytest.fixture(name='image')
def image_fixture(program, tmp_path):
    """A root with rw.c in it, and 64 MiB behind it."""
    path = str(tmp_path / 'root.tar')
    rootfs.write_tar(path, {**rootfs.FOLDERS, 'bin/rw': rootfs.read(program('rw', os.path.join(HERE, 'rw.c'), '-static'))})
    with open(path, 'r+b') as f:
        f.truncate(os.path.getsize(path) + (64 << 20))
    return path


def step(tarn, image, name, *words):
    """One step of rw.c; its output."""
    return tarn('--rw', '--smp', '4', *words, root=image, command=['/bin/rw', name])


def test_power_cut(tarn, image, tmp_path):
    """After fsync the power goes: the next boot has all of it, and then the host's tar."""
    got = step(tarn, image, 'kept')
    assert got.out == b'ok\n', (got.out, got.err)
    raw = shutil.copy(image, tmp_path / 'cut.tar')
    subprocess.run(['tar', '-tf', raw], check=True, capture_output=True)
    assert step(tarn, image, 'check').ok().out == b'ok\n'
    folder = tmp_path / 'x'
    folder.mkdir()
    done = subprocess.run(['tar', '-xf', image, '-C', folder, '--exclude=w/null'], check=True, capture_output=True, text=True)
    assert not done.stderr
    w = folder / 'w'
    assert os.path.getsize(w / 'synced') == 300000 and os.stat(w / 'second').st_ino == os.stat(w / 'synced').st_ino
    assert (w / 'holes').read_bytes() == bytes(40000) + b'end' + bytes(123457 - 40003)
    assert stat.S_ISFIFO(os.lstat(w / 'fifo').st_mode) and os.readlink(w / 'link') == 'synced'
    with tarfile.open(image) as tar:
        member = tar.getmember('w/synced') if 'w/synced' in tar.getnames() else tar.getmember('./w/synced')
        assert member.pax_headers['SCHILY.xattr.user.word'] == 'value\0x'


def test_attributes(tarn, image):
    """After a power cut: the flags that chattr sets, and times of access and of fifos, which no call asks to be stored."""
    got = step(tarn, image, 'attributes')
    assert got.out == b'ok\n', (got.out, got.err)
    assert step(tarn, image, 'check-attributes').ok().out == b'ok\n'
    with tarfile.open(image) as tar:
        flags = {m.name.removeprefix('./'): m.pax_headers.get('SCHILY.fflags') for m in tar}
    assert flags['t/fixed'] == 'schg' and flags['t/dir'] == 'noatime' and flags['t/file'] is None and 't/grows' not in flags
    subprocess.run(['bsdtar', '-tf', image], check=True, capture_output=True)


def test_nameless(tarn, image):
    """A file that is removed while it is open keeps its contents."""
    assert step(tarn, image, 'nameless').ok().out == b'ok\n'


def largest_pad(path):
    """Bytes behind the largest header K of an archive."""
    largest = 0
    with open(path, 'rb') as f:
        while any(h := f.read(512)):
            size = int(h[124:135], 8)
            if h[156:157] == b'K':
                largest = max(largest, size)
            f.seek((size + 511) // 512 * 512, os.SEEK_CUR)
    return largest


def test_left_open(tarn, image):
    """What is open and has no name when the machine stops costs the archive nothing: free space is at rest then, and
    free at the next start.
    """
    for _ in range(3):
        got = step(tarn, image, 'left-open')
        assert got.out == b'ok\n' and b'power off' in got.err, (got.out, got.err)
        assert largest_pad(image) < 4096


def test_advised(tarn, image):
    """posix_fadvise's POSIX_FADV_DONTNEED takes clean pages out of the cache."""
    assert step(tarn, image, 'advised').ok().out == b'ok\n'


def test_full(tarn, image):
    """ENOSPC at the call, nothing accepted is lost, and what is removed is free again."""
    with open(image, 'r+b') as f:
        f.truncate(os.path.getsize(image) - (56 << 20))
    assert step(tarn, image, 'full').ok().out == b'ok\n'
    subprocess.run(['tar', '-tf', image], check=True, capture_output=True)


def test_mapped_holes(tarn, image):
    """A file with holes that is read by a mapping takes room for what is written, not for what is in memory."""
    with open(image, 'r+b') as f:
        f.truncate(os.path.getsize(image) - (44 << 20))
    assert step(tarn, image, 'holes', '--mem', '512M').ok().out == b'ok\n'
    assert step(tarn, image, 'holes-kept').ok().out == b'ok\n'
    subprocess.run(['tar', '-tf', image], check=True, capture_output=True)


def test_model(tarn, minimal_root, tmp_path):
    """Files written by all ways there are, synced and cut by several at once, hold what they must, with little memory."""
    path = shutil.copy(minimal_root, tmp_path / 'root.tar')
    with open(path, 'r+b') as f:
        f.truncate(os.path.getsize(path) + (96 << 20))
    got = tarn('--rw', '--smp', '4', '--mem', '64M', '--env', 'MODEL_STEPS=300', timeout=300, root=path,
               command=['usertests', '-d', '/', 'file-model'])
    assert b'1 passed, 0 failed' in got.ok().out
    subprocess.run(['tar', '-tf', path], check=True, capture_output=True)


def test_names(tarn, minimal_root, tmp_path):
    """Names that come and go on four harts while others sync: each file has as many as it says."""
    path = shutil.copy(minimal_root, tmp_path / 'root.tar')
    with open(path, 'r+b') as f:
        f.truncate(os.path.getsize(path) + (64 << 20))
    got = tarn('--rw', '--smp', '4', timeout=300, root=path, command=['usertests', '-d', '/', 'race-names', 'tmpfile-named'])
    assert b', 0 failed' in got.ok().out
    subprocess.run(['tar', '-tf', path], check=True, capture_output=True)


def test_laid_over(tarn, busybox_root, tmp_path):
    """What is laid over a file of the disk hides it for that run alone, its other names and their data stay what they are."""
    path, over = shutil.copy(busybox_root, tmp_path / 'root.tar'), tmp_path / 'over'
    over.write_bytes(b'over')
    tarn('--rw', root=path, command=['sh', '-c', 'mkdir /d && echo disk > /d/one && ln /d/one /d/two && ln /d/one /three']).ok()
    got = tarn('--rw', '--with', f'{over}:/d/one', root=path, command=['sh', '-c', """cat /d/one /d/two && echo more >> /d/two &&
sync && rm /d/two && echo new > /new"""])
    assert got.ok().out == b'overdisk\n'
    got = tarn('--rw', root=path, command=['sh', '-c', 'cat /d/one /three /new; ls /d; stat -c %h /three'])
    assert got.ok().out == b'disk\nmore\ndisk\nmore\nnew\none\n2\n'


def test_mounted_twice(tarn, busybox_root, tmp_path):
    """One device, one file system: what is written by one mount is seen by the other, and its number is the device's."""
    path = shutil.copy(busybox_root, tmp_path / 'root.tar')
    got = tarn('--rw', root=path, command=['sh', '-c', """mkdir /m && mount -t tarfs /dev/vda /m && echo new > /m/new &&
cat /new && [ $(stat -c %d:%i /m/new) = $(stat -c %d:%i /new) ] && stat -c %t:%T /dev/vda &&
grep ' / / ' /proc/self/mountinfo | cut -d' ' -f3; mkdir /n; mount -t tarfs -o ro /dev/vda /n; umount /m; echo more > /more"""])
    assert got.out == b'new\nfe:0\n254:0\n' and b'busy' in got.err, (got.out, got.err)
    with tarfile.open(path) as tar:
        assert {'more', 'new'} <= {name.removeprefix('./') for name in tar.getnames()}


def second(path, *bad):
    """Words that make a file another disk of QEMU's, which can be written, but for errors that are injected."""
    disk = {'driver': 'file', 'filename': path}
    if bad:
        disk = {'driver': 'blkdebug', 'image': disk, 'inject-error': bad}
    node = {'driver': 'raw', 'node-name': 'two', 'file': disk}
    words = ['-blockdev', json.dumps(node), '-device', 'virtio-blk-device,drive=two']
    return [f for word in words for f in ('--qemu-arg', word)]


def test_no_room(tarn, busybox_root, image):
    """An archive without room behind it: read-only, and the log says why."""
    with open(image, 'r+b') as f:
        f.truncate(os.path.getsize(image) - (64 << 20))
    before = rootfs.read(image)
    got = tarn(*second(image), root=busybox_root, command=['sh', '-c', """mkdir /m
for d in /dev/vda /dev/vdb; do mount -t tarfs $d /m && test -x /m/bin/rw && touch /m/x; done"""])
    assert b'Read-only' in got.err and 'nothing can be written: no room for a journal' in got.log
    assert rootfs.read(image) == before


def test_broken(tarn, busybox_root, program, image):
    """A disk that can't be written any more: EIO, then read-only; and what it had is there."""
    step(tarn, image, 'none').ok()
    bad = {'event': 'none', 'iotype': 'write', 'errno': 5}
    got = tarn(*second(image, bad), '--with', program('rw', os.path.join(HERE, 'rw.c'), '-static'), root=busybox_root,
               command=['sh', '-c', 'mkdir /m; for d in /dev/vda /dev/vdb; do mount -t tarfs $d /m && '
                        'test -d /m/root && ! test -d /m/sbin && chroot /m /bin/rw broken; done'])
    assert got.out == b'ok\n', (got.out, got.err, got.log[-1500:])
    assert 'read-only from now on' in got.log
    subprocess.run(['tar', '-tf', image], check=True, capture_output=True)
