"""mkfs.tarn, fsck.tarn, tarn-compact and tarn-resize: what they make and refuse, images damaged in every way that
the checker knows, and four readers of tar that must see exactly the tree.
"""
import fcntl
import io
import os
import random
import re
import stat
import struct
import subprocess
import tarfile

import pytest
from test_tar import (compare, crc_of, digest, kind, made, noise, plain_fixture, put, rich_fixture, run,  # noqa: F401
                      sparse_file, tarfs_ls_fixture, walk)

pytestmark = pytest.mark.area('tar', points=2)

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get('TARN_ROOT', os.path.dirname(os.path.dirname(HERE)))
BUILD = os.environ.get('TARN_BUILD', os.path.join(ROOT, 'build'))
SECTOR = 512


def tool(name, *words, status=0):
    """Runs one of the tools; what it printed on both."""
    done = subprocess.run([os.path.join(BUILD, 'mkfs', name), *map(str, words)], capture_output=True, timeout=120,
                          check=False)
    text = (done.stdout + done.stderr).decode(errors='replace')
    assert done.returncode == status, f'{name}: {done.returncode}: {text[-600:]}'
    return text


@pytest.fixture(scope='module', autouse=True)
def tools():
    """They are built."""
    for name in ('mkfs.tarn', 'fsck.tarn', 'tarn-compact', 'tarn-resize'):
        made(os.path.join(BUILD, 'mkfs', name))


def crc32c(data):
    """CRC-32C, as crc32c.c has it."""
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


# ---- making ----------------------------------------------------------------------------------

def test_from_a_folder(rich, tarfs_ls, tmp_path):
    """A folder's files, every kind of them, are what the kernel finds in the image."""
    out = tmp_path / 'i.tar'
    tool('mkfs.tarn', '-q', '-s', '64M', out, rich.decode())
    assert os.path.getsize(out) == 64 << 20
    tool('fsck.tarn', '-n', out)
    compare(digest(tarfs_ls, out), rich, 0)


def test_from_an_archive(rich, tarfs_ls, tmp_path):
    """An archive's members stay; the room behind it costs nothing."""
    plain, out = tmp_path / 'a.tar', tmp_path / 'i.tar'
    run('tar', '--format=pax', '-cf', plain, '-C', rich, '.')
    tool('mkfs.tarn', out, plain)
    assert os.stat(out).st_blocks * 512 < os.path.getsize(plain) + (8 << 20)
    compare(digest(tarfs_ls, out), rich, 0)
    assert 'good' in tool('fsck.tarn', out)


def test_empty(tarfs_ls, tmp_path):
    """A root and nothing else."""
    out = tmp_path / 'i.tar'
    tool('mkfs.tarn', '-q', '-s', '1M', out)
    assert list(digest(tarfs_ls, out)) == [b'']
    assert run('tar', '-tf', out).stdout == b'./\n'
    tool('fsck.tarn', '-n', out)


def test_image_in_the_folder(tmp_path):
    """The image does not swallow itself; the source is not overwritten."""
    put(os.fsencode(tmp_path / 'd/file'), b'x')
    out = tmp_path / 'd/i.tar'
    tool('mkfs.tarn', '-q', out, tmp_path / 'd')
    assert run('tar', '-tf', out).stdout.split() == [b'file', b'./']
    assert 'source' in tool('mkfs.tarn', '-f', out, out, status=1)


@pytest.mark.parametrize('words', [[], ['-s'], ['-s', 'much', 'x'], ['-s', '0', 'x'], ['-s', '1M', '-S', '1M', 'x'],
                                   ['a', 'b', 'c'], ['--none', 'x'], ['-s', '99999999999T', 'x']], ids=' '.join)
def test_usage(words, tmp_path):
    """Wrong words are told from trouble."""
    done = subprocess.run([os.path.join(BUILD, 'mkfs/mkfs.tarn'), *words], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 2 and done.stderr and not os.listdir(tmp_path)


def test_refused(tmp_path):
    """One line for each, and nothing left behind."""
    text, image = tmp_path / 'text', tmp_path / 'i.tar'
    text.write_bytes(b'no archive\n' * 200)
    assert 'not a TAR' in tool('mkfs.tarn', image, text, status=1)
    assert 'No such file' in tool('mkfs.tarn', image, tmp_path / 'none', status=1)
    assert 'too few' in tool('mkfs.tarn', '-s', '100K', image, status=1)
    assert not image.exists()
    tool('mkfs.tarn', '-q', '-s', '2M', image)
    assert 'already' in tool('mkfs.tarn', image, status=1)
    assert 'an image already' in tool('mkfs.tarn', tmp_path / 'j.tar', image, status=1)
    assert 'No such file' in tool('fsck.tarn', tmp_path / 'none', status=8)
    tool('fsck.tarn', status=16)
    tool('tarn-resize', status=2)
    tool('tarn-compact', image, image, status=2)
    with open(image, 'rb') as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        assert 'in use' in tool('fsck.tarn', image, status=8)
        assert 'in use' in tool('tarn-resize', image, '4M', status=1)
        assert 'in use' in tool('mkfs.tarn', '-f', image, status=1)


# ---- resizing, compacting --------------------------------------------------------------------

@pytest.fixture(name='image')
def image_fixture(plain, tmp_path):
    """An image of the plain tree."""
    out = tmp_path / 'i.tar'
    tool('mkfs.tarn', '-q', '-s', '8M', out, plain.decode())
    return out


def test_resize(image, plain, tarfs_ls):
    """Larger, smaller, as small as may be; what grew by itself is adopted."""
    for size in ('64M', '+1G', '8M', '-1M'):
        tool('tarn-resize', '-q', image, size)
        tool('fsck.tarn', '-qn', image)
    assert os.path.getsize(image) == 7 << 20
    os.truncate(image, 10 << 20)
    assert 'tarn-resize' in tool('fsck.tarn', '-n', image)
    tool('tarn-resize', '-q', image)
    assert os.path.getsize(image) == 10 << 20
    assert 'tarn-resize' not in tool('fsck.tarn', '-n', image)
    assert 'too few' in tool('tarn-resize', image, '64K', status=1)
    tool('tarn-resize', '-qm', image)
    assert os.path.getsize(image) < 1 << 20
    tool('fsck.tarn', '-qn', image)
    compare(digest(tarfs_ls, image), plain, 0)


def test_resize_gives_a_journal(plain, tarfs_ls, tmp_path):
    """A plain archive becomes one that can be written."""
    out = tmp_path / 'a.tar'
    run('tar', '-cf', out, '-C', plain, '.')
    tool('tarn-resize', '-q', out, '32M')
    with open(out, 'rb') as f:
        f.seek(-SECTOR, 2)
        assert f.read(8) == b'TarnDisk'
    tool('fsck.tarn', '-qn', out)
    compare(digest(tarfs_ls, out), plain, 10**9)


def test_compact(rich, tarfs_ls, tmp_path):
    """Members written anew are the same tree; in place, elsewhere, and as a plain archive."""
    image, other = tmp_path / 'i.tar', tmp_path / 'o.tar'
    run('tar', '--format=pax', '--sparse', '-cf', tmp_path / 'a.tar', '-C', rich, '.')
    tool('mkfs.tarn', '-q', '-s', '64M', image, tmp_path / 'a.tar')
    tool('tarn-compact', '-q', '-t', '-o', other, image)
    assert os.path.getsize(other) < os.path.getsize(image)
    compare(digest(tarfs_ls, other), rich, 0)
    tool('tarn-compact', '-q', image)
    assert os.path.getsize(image) == 64 << 20
    tool('fsck.tarn', '-qn', image)
    compare(digest(tarfs_ls, image), rich, 0)


# ---- the readers -----------------------------------------------------------------------------

def same_files(top, want, nsec, sparse=True):
    """Are two folders one? nsec: how far a file's time may be off."""
    assert set(walk(top)) == set(walk(want))
    groups = {}
    for path in walk(want):
        a, b = os.lstat(os.path.join(top, path)), os.lstat(os.path.join(want, path))
        what = path.decode(errors='replace')
        assert kind(a.st_mode) == kind(b.st_mode), what
        assert (a.st_uid, a.st_gid) == (b.st_uid, b.st_gid), what
        if stat.S_ISLNK(b.st_mode):
            assert os.readlink(os.path.join(top, path)) == os.readlink(os.path.join(want, path)), what
            continue
        assert stat.S_IMODE(a.st_mode) == stat.S_IMODE(b.st_mode), what
        if nsec is not None and not stat.S_ISDIR(b.st_mode):
            assert abs(a.st_mtime_ns - b.st_mtime_ns) <= nsec, what
        if stat.S_ISREG(b.st_mode):
            if sparse or not path.startswith(b'sparse'):
                assert a.st_size == b.st_size and crc_of(os.path.join(top, path)) == crc_of(os.path.join(want, path)), what
            assert a.st_nlink == b.st_nlink and groups.setdefault(b.st_ino, a.st_ino) == a.st_ino, what


def extract(reader, image, top):
    """Everything out of an image."""
    words = {'tar': ['tar', '--numeric-owner', '-xpf', image, '-C', top],
             'bsdtar': ['bsdtar', '--numeric-owner', '-xpf', image, '-C', top],
             'busybox': ['busybox', 'tar', '-xpf', image, '-C', top]}
    if reader != 'python':
        done = run(*words[reader])
        said = done.stderr.replace(b"tar: Ignoring unknown extended header keyword 'hdrcharset'\n", b'')
        assert not said, said
        return
    with tarfile.open(image, 'r:', encoding='utf-8', errors='surrogateescape') as tar:
        tar.extractall(os.fsdecode(top), numeric_owner=True)


@pytest.mark.parametrize('reader', ['tar', 'bsdtar', 'busybox', 'python'])
def test_reader(reader, rich, tmp_path):
    """Each reader gets exactly the tree: names of any bytes, long ones, modes, owners, times, links, fifos, holes.
    What a reader can't: busybox keeps seconds and no holes, Python the
    seconds of a file that has a link, and none of them all years before 1970."""
    source, image, top = tmp_path / 's', tmp_path / 'i.tar', os.fsencode(tmp_path / 't')
    run('cp', '-a', rich, source)
    for name in ('1960', 'negative', 'future'):
        os.utime(source / name, (10**9, 10**9))
    os.makedirs(os.fsencode(source) + b'/\xff\xfe\xfd' + b'long' * 40 + b'/' + b'\x80' * 120)
    put(os.fsencode(source) + b'/\xff\xfe\xfd' + b'long' * 40 + b'/\x01\x7f\n \\' + b'\xc3' * 99, b'any bytes')
    put(os.fsencode(source / 'owned'), b'x')
    os.chown(source / 'owned', 2**31 + 5, 3000000)
    tool('mkfs.tarn', '-q', '-s', '64M', image, source)
    os.mkdir(top)
    extract(reader, image, top)
    same_files(top, os.fsencode(source), {'tar': 0, 'bsdtar': 0, 'busybox': 10**9, 'python': 10**9}[reader],
               sparse=reader != 'busybox')


@pytest.mark.parametrize('reader', ['tar', 'bsdtar', 'python'])
def test_reader_huge(reader, tmp_path):
    """A file of 9 GiB with three pieces of data; the image holds the pieces."""
    source, image, top = tmp_path / 's', tmp_path / 'i.tar', tmp_path / 't'
    source.mkdir()
    top.mkdir()
    pieces = ((5, b'first'), (1 << 32, noise(5000)), ((9 << 30) - 4, b'last'))
    sparse_file(source / 'huge', 9 << 30, *pieces)
    tool('mkfs.tarn', '-q', '-s', '16M', image, source)
    assert b' 9663676416 ' in run('tar', '-tvf', image).stdout
    tool('fsck.tarn', '-qn', image)
    extract(reader, image, os.fsencode(top))
    assert os.path.getsize(top / 'huge') == 9 << 30
    with open(top / 'huge', 'rb') as f:
        for at, data in pieces:
            f.seek(at)
            assert f.read(len(data)) == data


def test_readers_devices_attributes(tarfs_ls, tmp_path):
    """Devices, owners and extended attributes that an archive brought, in members written by the kernel's writer."""
    archive, image = tmp_path / 'a.tar', tmp_path / 'i.tar'
    rng = random.Random(5)
    with tarfile.open(archive, 'w', format=tarfile.PAX_FORMAT) as t:
        for i in range(60):
            m = tarfile.TarInfo(f'm{i}' + 'x' * (3 * i))
            m.type = [tarfile.REGTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE][i % 5]
            m.mode, m.uid, m.gid, m.mtime = rng.randrange(0o10000), rng.randrange(2**32), rng.randrange(2**21), i * 10**7
            m.devmajor, m.devminor = rng.randrange(4096), rng.randrange(2**20)
            data = noise(i * 37, i) if m.isreg() else b''
            m.size = len(data)
            m.pax_headers = {'SCHILY.xattr.user.one': 'v' * (i * 20), 'SCHILY.xattr.user.k%3Dv': str(i)} if i % 2 else {}
            t.addfile(m, io.BytesIO(data))
    tool('mkfs.tarn', '-q', '-s', '8M', image, archive)
    before = digest(tarfs_ls, image)
    tool('tarn-compact', '-q', image)
    after = digest(tarfs_ls, image)
    assert {k: v._replace(ino=0) for k, v in before.items()} == {k: v._replace(ino=0) for k, v in after.items()}
    with tarfile.open(archive) as a, tarfile.open(image, 'r:') as b:
        want, got = {m.name: m for m in a}, {m.name: m for m in b if m.name not in ('.', './')}
        assert want.keys() == got.keys()
        for name, m in want.items():
            g = got[name]
            assert (g.type, g.mode, g.uid, g.gid, g.mtime, g.size) == (m.type, m.mode, m.uid, m.gid, m.mtime, m.size), name
            assert {k: v for k, v in g.pax_headers.items() if 'xattr' in k} == \
                {k: v for k, v in m.pax_headers.items() if 'xattr' in k}, name
            if m.isdev() and not m.isfifo():
                assert (g.devmajor, g.devminor) == (m.devmajor, m.devminor), name
    for reader in (['tar', '--numeric-owner', '--xattrs', '-tvvf'], ['bsdtar', '-tvf'], ['busybox', 'tar', '-tvf']):
        lines = run(*reader, image).stdout.splitlines()
        assert len([line for line in lines if re.search(rb' \.?m\d', line) or b' m' in line]) >= 60, reader


# ---- damage ----------------------------------------------------------------------------------

def header(name, kind_=b'0', size=0, link=b''):
    """A ustar header."""
    h = bytearray(struct.pack('100s8s8s8s12s12s8s1s100s6s2s', name, b'0000644', b'0000000', b'0000000', b'%011o' % size,
                              b'0' * 11, b' ' * 8, kind_, link, b'ustar\0', b'00').ljust(SECTOR, b'\0'))
    h[148:156] = b'%06o\0 ' % sum(h)
    return bytes(h)


def pad(size, fill=b'\xaa'):
    """Free space: a header K and size bytes of anything."""
    return header(b'././@LongLink', b'K', size) + (fill * size)[:size]


DOT = header(b'./', b'5')
FILE = header(b'a', b'0', 5) + b'hello'.ljust(SECTOR, b'\0')
END = bytes(1024)


def build(tmp_path, members, size=2 << 20, journal=True):
    """An image of these very members."""
    image = tmp_path / 'x.tar'
    image.write_bytes(members)
    if journal:
        empty = tmp_path / 'empty.tar'
        empty.write_bytes(DOT + END)
        subprocess.run([os.path.join(BUILD, 'mkfs/tarn-resize'), '-q', empty, str(size)], check=True)
        with open(empty, 'r+b') as f:
            f.write(members.ljust(len(DOT + END), b'\0'))
        os.replace(empty, image)
    return image


GOOD = {
    'free space': FILE + pad(512) + DOT + FILE + pad(1024) + pad(0) + DOT + END,
    'free space that looks like headers': pad(3584, fill=b'ustar') + DOT + pad(512) + DOT + END,
    'one free sector': FILE + DOT + DOT + DOT + END,
    'the largest piece': pad(3584) + DOT + END,
    'a large piece': pad((1 << 20) - 512) + DOT + END,
    'thirty pieces': pad(512) * 30 + DOT + END,
}
BAD = {
    'checksum': (FILE + b'x' + DOT[1:] + DOT + END, 1024, 'checksum'),
    'no dot': (pad(512) + FILE + DOT + END, 0, 'does not end with'),
    'too large': (pad(1 << 20) + DOT + END, 0, 'more than 1 MiB'),
    'part of a sector': (header(b'././@LongLink', b'K', 700) + bytes(1024) + DOT + END, 0, 'no number of sectors'),
    'too many': (pad(512) * 31 + DOT + END, 30 * 1024, 'more than 30'),
    'last': (FILE + pad(512) + END, 1024, 'without its member'),
    'one zero': (FILE + DOT + bytes(512) + FILE + END, 1536, 'one sector of zeros'),
    'link to nothing': (header(b'l', b'1', link=b'x') + DOT + END, 0, 'not there'),
    'beyond the journal': (header(b'big', b'0', (3 << 19) + 4096) + DOT + END, 0, ''),
    'beyond the device': (header(b'big', b'0', 1 << 30) + DOT + END, 0, 'cut off'),
}


@pytest.mark.parametrize('name', GOOD)
def test_good_image(name, tmp_path):
    """Free space in its forms is no fault, and the readers see nothing of it."""
    image = build(tmp_path, GOOD[name])
    tool('fsck.tarn', '-n', image)
    names = {'a'} if 'a\0' in GOOD[name][:600].decode('latin1') else set()
    busybox = [['busybox', 'tar', '-tf']] if name != 'a large piece' else []     # Debian 12's wants less than 4 KiB
    for words in (['tar', '-tf'], ['bsdtar', '-tf'], *busybox):
        assert set(run(*words, image).stdout.decode().split()) - {'./'} == names, words
    with tarfile.open(image, 'r:') as tar:
        assert {m.name for m in tar} - {'.'} == names


@pytest.mark.parametrize('name', BAD)
def test_bad_image(name, tmp_path):
    """Each fault has a byte and words, and status 4; the image keeps its bytes."""
    members, offset, words = BAD[name]
    image = build(tmp_path, members)
    before = image.read_bytes()
    text = tool('fsck.tarn', image, status=4)
    assert f'offset {offset}: ' in text and words in text, text
    assert image.read_bytes() == before


def test_plain_archives(tmp_path, rich):
    """Whatever tar makes is no fault, journal or not."""
    for fmt in ('v7', 'gnu', 'pax'):
        out = tmp_path / 'a.tar'
        run('tar', f'--format={fmt}', '-cf', out, '-C', rich, 'size-0', 'bin/suid', 'size-513', 'bin/hard', 'bin/sym')
        assert 'good' in tool('fsck.tarn', out)
    with open(out, 'r+b') as f:
        f.truncate(700)
    assert 'offset' in tool('fsck.tarn', out, status=4)


def change(image, at, data):
    """Overwrites bytes."""
    with open(image, 'r+b') as f:
        f.seek(at, 2 if at < 0 else 0)
        f.write(data)


def superblock(image):
    """(sectors, journal, journal_sectors, index, index_sectors)"""
    with open(image, 'rb') as f:
        f.seek(-SECTOR, 2)
        return struct.unpack_from('<16x5Q', f.read())


def test_superblock_damaged(image):
    """A superblock that does not hold together is told, and nobody writes."""
    change(image, -SECTOR + 40, b'\x55')
    assert 'superblock' in tool('fsck.tarn', image, status=4)
    assert 'superblock' in tool('tarn-resize', image, '16M', status=1)


def store_sum(seq, body):
    """As store_format.h has it."""
    h = seq
    for word, in struct.iter_unpack('<Q', body):
        h = (h ^ word) * 0x9e3779b97f4a7c15 & (1 << 64) - 1
        h ^= h >> 32
    return h & 0xffffffff


def transaction(image, items, end, seq=2, after=None, gone=()):
    """Puts a record into the journal: items are (sector, phase, header, bytes). after: what the record before it in
    its chain gave: (where this one stands, how many are before it, that one's crc)."""
    _sectors, journal, count, _index, _n = superblock(image)
    at, chain, before = after or (journal + (count // 2 if seq % 2 else 0), 0, 0)
    body = b''.join(struct.pack('<QII', s, phase, head) for s, phase, head, _data in items)
    body += b''.join(struct.pack('<QII', s, 0, 0) for s in gone)
    body += bytes(-len(body) % SECTOR) + b''.join(data for *_x, data in items)
    rec = bytearray(struct.pack('<8sQIIIIQQII', b'TarnRedo', seq, len(items), 0, store_sum(seq, body), chain, at + 1, end,
                                len(gone), before).ljust(SECTOR, b'\0'))
    crc = crc32c(rec)
    rec[20:24] = struct.pack('<I', crc)
    change(image, at * SECTOR, bytes(rec) + body)
    return at + 1 + len(body) // SECTOR, chain + 1, crc


def test_replay(tmp_path):
    """What waits in the journal: told, shown by -n, replayed, and then gone."""
    image = build(tmp_path, FILE + pad(1024) + DOT + END)
    new = header(b'b', b'0', 3)
    items = [(3, 1, 0, b'new'.ljust(SECTOR, b'\0')), (4, 1, 1, DOT), (2, 2, 1, new)]
    transaction(image, items, 6)
    before = image.read_bytes()
    assert 'waits' in tool('fsck.tarn', '-n', image)
    assert image.read_bytes() == before
    assert run('tar', '-tf', image).stdout.split() == [b'a', b'./']
    assert 'replayed' in tool('fsck.tarn', '--replay', image, status=1)
    for reader in (['tar'], ['bsdtar'], ['busybox', 'tar']):
        assert [n for n in run(*reader, '-tf', image).stdout.split() if n != b'./'] == [b'a', b'b'], reader
    assert run('tar', '-xOf', image, 'b').stdout == b'new'
    tool('fsck.tarn', image)


def test_replay_chain(tmp_path):
    """Records behind each other: the later word on a sector counts, what is gone is left alone, and a record that
    does not name the one before it, as an older journal's, is none."""
    image = build(tmp_path, FILE + pad(1024) + DOT + END)
    new, other = header(b'b', b'0', 3), header(b'c', b'0', 3)
    text = lambda t: t.ljust(SECTOR, b'\0')
    first = transaction(image, [(3, 1, 0, text(b'old')), (4, 1, 1, DOT), (2, 2, 1, new), (0, 2, 1, other)], 6)
    second = transaction(image, [(3, 1, 0, text(b'new'))], 6, 3, first, gone=[0])
    transaction(image, [(2, 2, 1, other)], 6, 4, (second[0], 2, second[2] ^ 1))
    tool('fsck.tarn', '--replay', image, status=1)
    assert run('tar', '-tf', image).stdout.split()[:2] == [b'a', b'b']
    assert run('tar', '-xOf', image, 'b').stdout == b'new'


def test_replay_torn(tmp_path):
    """A record whose checksum does not hold never was."""
    image = build(tmp_path, FILE + pad(1024) + DOT + END)
    transaction(image, [(2, 2, 1, header(b'b'))], 6)
    journal = superblock(image)[1]
    change(image, (journal + 2) * SECTOR + 5, b'?')
    tool('fsck.tarn', image)
    assert run('tar', '-tf', image).stdout.split() == [b'a', b'./']


def test_no_record(image):
    """A journal without a whole record is told; tarn-resize makes it anew."""
    _sectors, journal, count, _index, _n = superblock(image)
    for slot in (journal, journal + count // 2):
        change(image, slot * SECTOR, b'?')
    assert 'no record' in tool('fsck.tarn', image, status=4)
    tool('tarn-resize', '-q', image)
    tool('fsck.tarn', '-n', image)


def test_index_wrong(image):
    """An index that has its checksums and lies is dropped."""
    _sectors, _journal, _count, index, n = superblock(image)
    assert index and n > 1
    with open(image, 'rb') as f:
        raw = bytearray(f.read())
    at = raw.index(b'size-513', index * SECTOR)
    chunk = (index + 1) * SECTOR + (at - (index + 1) * SECTOR) // 65536 * 65536
    raw[at:at + 8] = b'size-514'
    seq = struct.unpack_from('<Q', raw, index * SECTOR + 8)[0]
    table = []
    for i in range(256):
        c = i
        for _ in range(8):
            c = c >> 1 ^ (0x82f63b78 if c & 1 else 0)
        table.append(c)
    crc = ~(seq + (chunk - (index + 1) * SECTOR) // 65536) & 0xffffffff
    for byte in raw[chunk + 4:chunk + 65536]:
        crc = crc >> 8 ^ table[(crc ^ byte) & 255]
    raw[chunk:chunk + 4] = struct.pack('<I', crc ^ 0xffffffff)
    image.write_bytes(raw)
    assert 'index: ' in tool('fsck.tarn', '-n', image, status=4)
    assert 'dropped' in tool('fsck.tarn', image, status=1)
    tool('fsck.tarn', image)
    assert superblock(image)[3] == 0


def test_mutated_images(image):
    """Bytes changed anywhere: a status that fsck(8) has, words with a byte where there is a fault, never a crash."""
    raw = image.read_bytes()
    rng = random.Random(3)
    used = len(raw.split(b'TarnRedo')[0].rstrip(b'\0'))
    for _ in range(150):
        bad = bytearray(raw)
        for _ in range(rng.randint(1, 4)):
            at = rng.choice((rng.randrange(used), len(raw) - 1 - rng.randrange(SECTOR)))
            bad[at] = rng.choice((0, 0xff, rng.randrange(256), bad[at] ^ 1 << rng.randrange(8)))
        image.write_bytes(bad)
        done = subprocess.run([os.path.join(BUILD, 'mkfs/fsck.tarn'), image], capture_output=True, timeout=60, check=False)
        assert done.returncode in (0, 1, 4, 5), done
        if done.returncode & 4:
            assert re.search(rb'offset \d+: ', done.stdout), done


def test_finished_lists_members(tmp_path):
    """Free space of an image that was unmounted shows in no listing: it has its members, and "./" once."""
    store = os.path.join(BUILD, 'host', 'test_store')
    made(store)
    subprocess.run([store, 'dump', tmp_path, '5'], check=True, capture_output=True, timeout=300)
    images = sorted(tmp_path.glob('*.finished'))
    assert len(images) == 5
    for image in images:
        told = re.search(r'(\d+) members, .* (\d+) free', tool('fsck.tarn', '-n', image))
        assert int(told[2]) > 100000, 'nothing is free: the test shows nothing'
        for reader in (['tar'], ['bsdtar'], ['busybox', 'tar']):
            done = subprocess.run([*reader, 'tf', image], capture_output=True, timeout=100, check=True)
            lines = done.stdout.split(b'\n')[:-1]
            assert lines.count(b'./') == 1, f'{reader} {image}'
            if reader != ['busybox', 'tar']:        # which prints newlines in names as they are
                assert len(lines) == int(told[1]), f'{reader} {image}'
        with tarfile.open(image) as archive:
            names = [m.name for m in archive]
        assert len(names) == int(told[1]) and names.count('.') == 1


def test_cut_lists_members(tmp_path):
    """A disk that lost power is listed by GNU tar, bsdtar and Python before replay, by busybox too after it."""
    store = os.path.join(BUILD, 'host', 'test_store')
    made(store)
    subprocess.run([store, 'dump', tmp_path, '8'], check=True, capture_output=True, timeout=300)
    images = sorted(tmp_path.glob('*.cut'))
    assert len(images) > 5
    for image in images:
        for readers in ([['tar'], ['bsdtar']], [['tar'], ['bsdtar'], ['busybox', 'tar']]):
            with tarfile.open(image) as archive:
                count = len(archive.getmembers())
            for reader in readers:
                done = subprocess.run([*reader, 'tf', image], capture_output=True, timeout=100, check=True)
                # busybox prints newlines in names as they are.
                assert reader == ['busybox', 'tar'] or done.stdout.count(b'\n') == count, f'{reader} {image}'
            assert subprocess.run([os.path.join(BUILD, 'mkfs', 'fsck.tarn'), '--replay', image], capture_output=True,
                                  timeout=100, check=False).returncode in (0, 1)


# ---- the manual ------------------------------------------------------------------------------

@pytest.mark.parametrize('page', ['mkfs.tarn', 'fsck.tarn', 'tarn-compact', 'tarn-resize'])
def test_manual(page):
    """The page has no mistake in its macros, and names each option that --help does."""
    path = os.path.join(ROOT, 'mkfs', f'{page}.8')
    done = run('man', '--warnings', '-l', '-P', 'cat', path)
    assert not done.stderr, done.stderr
    shown = re.sub('.\b', '', done.stdout.decode()).replace('\u2010', '-').replace('\u2212', '-')
    for option in re.findall(r'--[a-z-]+', tool(page, '--help')):
        assert option in shown or option == '--help', option
