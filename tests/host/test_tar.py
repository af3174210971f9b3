"""TAR reading on the host: the unit cases, archives by GNU tar, bsdtar and Python against the files
they were made of, GNU tar's extraction as the oracle of what the tree must be, damaged archives, a
short run of the fuzz target, and the tool tarfs-ls, through which most of it looks.
"""
import collections
import io
import os
import random
import re
import stat
import subprocess
import tarfile
import zlib

import pytest

pytestmark = pytest.mark.area('tar')

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get('TARN_ROOT', os.path.dirname(os.path.dirname(HERE)))
BUILD = os.environ.get('TARN_BUILD', os.path.join(ROOT, 'build'))
SECONDS = 120


def run(*cmd, ok=True, **kw):
    """Runs a command; its CompletedProcess with bytes."""
    env = dict(os.environ, LC_ALL='C.UTF-8', ASAN_OPTIONS='detect_leaks=1')
    done = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, timeout=SECONDS,
                          check=False, **kw)
    if ok:
        assert done.returncode == 0, f'{cmd[0]}: {(done.stdout + done.stderr).decode(errors="replace")[-2000:]}'
    return done


def made(path):
    """A program of the build, brought up to date."""
    target = os.path.relpath(path, ROOT)
    done = run('make', '-s', '-C', ROOT, target, ok=False)
    assert done.returncode == 0 and os.path.exists(path), done.stderr.decode(errors='replace')[-2000:]
    return path


@pytest.fixture(scope='session', name='unit')
def unit_fixture():
    """test_tar.c, with its subcommands."""
    return made(os.path.join(ROOT, 'build/host/test_tar'))


@pytest.fixture(scope='session', name='tarfs_ls')
def tarfs_ls_fixture():
    """The tool under test."""
    return made(os.path.join(BUILD, 'mkfs/tarfs-ls'))


# ---- what tarfs-ls -d says -------------------------------------------------------------------

Entry = collections.namedtuple('Entry', 'type mode uid gid size ino nlink mtime crc target rdev xattrs')


def unescape(text):
    """Undoes \\ooo."""
    return re.sub(rb'\\([0-7]{3})', lambda m: bytes([int(m[1], 8)]), text)


def digest(tarfs_ls, *archives):
    """The tree of archives: path (bytes, without the leading slash) to Entry."""
    tree = {}
    for line in run(tarfs_ls, '-dq', *archives).stdout.splitlines():
        path, *words = line.split(b' ')
        field, xattrs = {}, {}
        for word in words:
            key, value = word.split(b'=', 1)
            if key.startswith(b'xattr:'):
                xattrs[unescape(key[6:]).decode()] = unescape(value)
            else:
                field[key.decode()] = value
        sec, nsec = field['mtime'].split(b'.')
        tree[unescape(path)[1:]] = Entry(
            field['type'].decode(), int(field['mode'], 8), int(field['uid']), int(field['gid']),
            int(field['size']), int(field['ino']), int(field['nlink']), int(sec) * 10**9 + int(nsec),
            int(field['crc'], 16) if 'crc' in field else None,
            unescape(field['target']) if 'target' in field else None,
            tuple(map(int, field['rdev'].split(b','))) if 'rdev' in field else None, xattrs)
    return tree


def test_cases(unit):
    """The hand-made archives of test_tar_*.c."""
    done = run(unit)
    assert re.search(rb'test_tar: \d+ checks, 0 failed', done.stdout)


def test_mounted():
    """The mounted file system over a fake disk: test_tarfs.c."""
    done = run(made(os.path.join(ROOT, 'build/host/test_tarfs')))
    assert re.search(rb'test_tarfs: \d+ checks, 0 failed', done.stdout)


# ---- archives of real programs ---------------------------------------------------------------

def put(path, data=b'', mode=0o644, mtime=1600000000 * 10**9):
    """A file with contents, mode and time in nanoseconds."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f:
        f.write(data)
    os.chmod(path, mode)
    os.utime(path, ns=(mtime, mtime))


def noise(n, seed=1):
    """n bytes that do not repeat."""
    return random.Random(seed).randbytes(n)


def sparse_file(path, size, *parts):
    """A file with holes: parts are (offset, bytes)."""
    with open(path, 'wb') as f:
        for offset, data in parts:
            f.seek(offset)
            f.write(data)
        f.truncate(size)


@pytest.fixture(scope='session', name='plain')
def plain_fixture(tmp_path_factory):
    """A tree that every format can hold."""
    top = os.fsencode(tmp_path_factory.mktemp('plain'))
    for n in (0, 1, 511, 512, 513, 4096, 100000):
        put(top + b'/size-%d' % n, noise(n), mtime=n * 10**9)
    put(top + b'/with space', b'x', 0o600)
    put(top + b'/bin/suid', b'x', 0o4755)
    put(top + b'/' + b'n' * 90, b'x')
    put(top + b'/\xff\xfe not utf-8', b'x')
    put(top + b'/new\nline', b'x')
    put(top + b'/back\\slash', b'x')
    os.symlink(b'../with space', top + b'/bin/sym')
    os.symlink(b'/absolute/target', top + b'/bin/abs')
    os.link(top + b'/size-513', top + b'/bin/hard')
    os.makedirs(top + b'/empty/dir')
    os.mkdir(top + b'/tmp')
    os.chmod(top + b'/tmp', 0o1777)
    return top


@pytest.fixture(scope='session', name='rich')
def rich_fixture(tmp_path_factory, plain):
    """What needs GNU tar's or pax's extensions."""
    top = os.fsencode(tmp_path_factory.mktemp('rich'))
    run('cp', '-a', plain + b'/.', top)
    put(top + b'/' + b'n' * 101, b'x')
    put(top + b'/' + b'm' * 255, b'y')
    deep = top + b''.join(b'/' + bytes([97 + i]) * 100 for i in range(8))
    put(deep + b'/file', b'deep')
    os.symlink(b't' * 1000, top + b'/longlink')
    os.link(deep + b'/file', top + b'/hardtolong')
    put(top + b'/1960', b'x', mtime=-315619200 * 10**9)
    put(top + b'/fraction', b'x', mtime=1234567890123456789)
    put(top + b'/negative', b'x', mtime=-1250000000)
    put(top + b'/future', b'x', mtime=2**34 * 10**9)
    os.mkfifo(top + b'/fifo')
    sparse_file(top + b'/sparse-lead', 1 << 20, ((1 << 20) - 10, b'end of file'[:10]))
    sparse_file(top + b'/sparse-trail', 3 << 20, (0, noise(5000)))
    sparse_file(top + b'/sparse-all', 5 << 20)
    sparse_file(top + b'/sparse-many', 40 << 20, *((i << 20, noise(4096, i)) for i in range(1, 40)))
    return top


def walk(top):
    """All paths under top, bytes, relative."""
    for base, dirs, files in os.walk(top):
        for name in dirs + files:
            yield os.path.relpath(os.path.join(base, name), top)


def kind(mode):
    """The letter that ls shows."""
    return stat.filemode(mode)[0]


def crc_of(path):
    """CRC-32 of a file's contents."""
    with open(path, 'rb') as f:
        return zlib.crc32(f.read())


def compare(tree, top, nsec, untimed=()):
    """The tree against the files; nsec: how far a modification time may be off, but for `untimed`."""
    want = set(walk(top))
    got = {p for p in tree if p not in (b'', b'.')}
    assert got == want, f'missing {sorted(want - got)[:3]}, too many {sorted(got - want)[:3]}'
    inodes = {}
    for path in want:
        st, e = os.lstat(os.path.join(top, path)), tree[path]
        what = path.decode(errors='replace')
        assert e.type == kind(st.st_mode), what
        assert (e.uid, e.gid) == (st.st_uid, st.st_gid), what
        assert abs(e.mtime - st.st_mtime_ns) <= nsec or path in untimed, (what, e.mtime, st.st_mtime_ns)
        if e.type == 'l':
            assert e.target == os.readlink(os.path.join(top, path)), what
        else:
            assert e.mode == stat.S_IMODE(st.st_mode), what
        if e.type == '-':
            assert e.size == st.st_size, what
            assert e.crc == crc_of(os.path.join(top, path)), what
            assert e.nlink == st.st_nlink, what
            assert inodes.setdefault(st.st_ino, e.ino) == e.ino, what


def gnu(fmt, *options):
    """Archives a folder with GNU tar."""
    def make(top, out):
        run('tar', f'--format={fmt}', *options, '-cf', out, '-C', top, '.')
    make.__name__ = f'gnu-{fmt}' + ''.join(options)
    return make


def bsd(fmt, *options):
    """Archives a folder with bsdtar."""
    def make(top, out):
        run('bsdtar', f'--format={fmt}', *options, '-cf', out, '-C', top, '.')
    make.__name__ = f'bsdtar-{fmt}' + ''.join(options)
    return make


def py(fmt, name):
    """Archives a folder with Python's tarfile."""
    def make(top, out):
        with tarfile.open(out, 'w', format=fmt, encoding='utf-8', errors='surrogateescape') as t:
            t.add(os.fsdecode(top), '.')
    make.__name__ = f'python-{name}'
    return make


PLAIN = [gnu('v7'), gnu('oldgnu'), gnu('gnu'), gnu('ustar'), gnu('pax'), bsd('v7'), bsd('ustar'), bsd('pax'),
         bsd('gnutar'), py(tarfile.USTAR_FORMAT, 'ustar'), py(tarfile.GNU_FORMAT, 'gnu'),
         py(tarfile.PAX_FORMAT, 'pax')]
RICH = [gnu('oldgnu'), gnu('gnu'), gnu('gnu', '--sparse'), gnu('oldgnu', '--sparse'),
        gnu('gnu', '--sparse', '--hole-detection=raw'), bsd('gnutar'), py(tarfile.GNU_FORMAT, 'gnu')]
EXACT = [gnu('pax'), gnu('pax', '--sparse', '--sparse-version=0.0'), gnu('pax', '--sparse', '--sparse-version=0.1'),
         gnu('pax', '--sparse', '--sparse-version=1.0'), gnu('pax', '--sparse', '--hole-detection=raw'),
         gnu('pax', '--xattrs', '--acls'), bsd('pax'), bsd('pax', '--read-sparse'), py(tarfile.PAX_FORMAT, 'pax')]


# bsdtar 3.6 writes -1.25 as -2.75 in pax, and only 33 bits of time in GNU's format.
UNTIMED = {'bsdtar-gnutar': (b'negative', b'1960', b'future'), 'bsdtar-pax': (b'negative',),
           'bsdtar-pax--read-sparse': (b'negative',)}


def names(makers):
    """Test ids."""
    return [m.__name__ for m in makers]


@pytest.mark.parametrize('make', PLAIN, ids=names(PLAIN))
def test_plain(make, plain, tarfs_ls, tmp_path):
    """Every format's archive of a plain tree is that tree."""
    out = tmp_path / 'a.tar'
    make(plain, out)
    compare(digest(tarfs_ls, out), plain, 10**9)


@pytest.mark.parametrize('make', RICH, ids=names(RICH))
def test_rich(make, rich, tarfs_ls, tmp_path):
    """Long names, big numbers, holes, in formats with times in seconds."""
    out = tmp_path / 'a.tar'
    make(rich, out)
    compare(digest(tarfs_ls, out), rich, 10**9, UNTIMED.get(make.__name__, ()))


@pytest.mark.parametrize('make', EXACT, ids=names(EXACT))
def test_exact(make, rich, tarfs_ls, tmp_path):
    """The same in pax, times to the nanosecond (Python's: as a float has it)."""
    out = tmp_path / 'a.tar'
    make(rich, out)
    compare(digest(tarfs_ls, out), rich, 1000 if 'python' in make.__name__ else 0,
            UNTIMED.get(make.__name__, ()))


@pytest.mark.parametrize('fmt', [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_members(fmt, tarfs_ls, tmp_path):
    """Devices, owners, modes and times as tarfile lists them."""
    out = tmp_path / 'a.tar'
    rng = random.Random(fmt)
    limit = 0o7777777 if fmt == tarfile.USTAR_FORMAT else 2**32 - 1
    with tarfile.open(out, 'w', format=fmt) as t:
        for i in range(300):
            m = tarfile.TarInfo(f'd{i % 7}/m{i}' + 'x' * (i % 60))
            m.type = [tarfile.REGTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.SYMTYPE,
                      tarfile.DIRTYPE, tarfile.CONTTYPE][i % 7]
            m.mode = rng.randrange(0o10000)
            m.uid, m.gid = rng.randrange(limit), rng.randrange(limit)
            m.mtime = rng.randrange(2**33)
            m.devmajor, m.devminor = rng.randrange(4096), rng.randrange(2**20)
            m.linkname = 'l' * (1 + i % 99) if m.issym() else ''
            data = noise(rng.randrange(2000), i) if m.isreg() else b''
            m.size = len(data)
            t.addfile(m, io.BytesIO(data))
    tree = digest(tarfs_ls, out)
    letters = {tarfile.CHRTYPE: 'c', tarfile.BLKTYPE: 'b', tarfile.FIFOTYPE: 'p', tarfile.SYMTYPE: 'l',
               tarfile.DIRTYPE: 'd'}
    with tarfile.open(out) as t:
        for m in t:
            e = tree[m.name.encode()]
            assert e.type == letters.get(m.type, '-'), m.name
            assert (e.mode, e.uid, e.gid, e.mtime) == (m.mode, m.uid, m.gid, m.mtime * 10**9), m.name
            if m.isdev() and not m.isfifo():
                assert e.rdev == (m.devmajor, m.devminor), m.name
            if m.issym():
                assert e.target == m.linkname.encode(), m.name
            if m.isreg():
                assert e.crc == zlib.crc32(t.extractfile(m).read()), m.name


def test_xattrs(tarfs_ls, tmp_path):
    """Extended attributes as GNU tar and bsdtar store them."""
    out = tmp_path / 'a.tar'
    with tarfile.open(out, 'w', format=tarfile.PAX_FORMAT) as t:
        m = tarfile.TarInfo('f')
        m.pax_headers = {'SCHILY.xattr.user.one': 'value', 'SCHILY.xattr.user.k%3Dv': 'two',
                         'SCHILY.xattr.security.capability': '\x01\x02', 'comment': 'no'}
        t.addfile(m)
    assert digest(tarfs_ls, out)[b'f'].xattrs == {
        'user.one': b'value', 'user.k=v': b'two', 'security.capability': b'\x01\x02'}


# ---- GNU tar's extraction as the oracle ------------------------------------------------------

def random_archive(seed, out):
    """Members that collide: few names, all types, links through links."""
    rng = random.Random(seed)
    parts = ['a', 'b', 'c']

    def path():
        return '/'.join(rng.choice(parts) for _ in range(rng.randint(1, 3)))

    with tarfile.open(out, 'w', format=tarfile.GNU_FORMAT) as t:
        known = []
        for i in range(rng.randint(3, 14)):
            m = tarfile.TarInfo(rng.choice(['', './', '/', '']) + path() + rng.choice(['', '', '/', '//']))
            m.type = rng.choice([tarfile.REGTYPE] * 4 + [tarfile.DIRTYPE] * 3 + [tarfile.SYMTYPE] * 2
                                + [tarfile.LNKTYPE] * 2)
            if m.type != tarfile.DIRTYPE:
                m.name = m.name.rstrip('/')
            m.mode = rng.choice([0o755, 0o700, 0o711] if m.isdir() else [0o644, 0o600, 0o755])
            m.mtime = 1000 + i
            data = b''
            if m.isreg():
                data = b'%d' % i
                known.append(m.name)
            elif m.issym():
                m.linkname = rng.choice(parts + ['a/b', 'b/c'])
            elif m.islnk():
                m.linkname = rng.choice(known) if known and rng.random() < 0.9 else path()
            m.size = len(data)
            t.addfile(m, io.BytesIO(data))


def snapshot(top):
    """Path to (type, mode, contents or target, group of hard links)."""
    tree, groups = {}, {}
    for path in sorted(walk(top)):
        full = os.path.join(top, path)
        st = os.lstat(full)
        what = kind(st.st_mode)
        body = os.readlink(full) if what == 'l' else crc_of(full) if what == '-' else None
        group = None if what == 'd' else groups.setdefault(st.st_ino, path)
        tree[path] = (what, None if what == 'l' else stat.S_IMODE(st.st_mode), body, group)
    return tree


def test_extraction(tarfs_ls, tmp_path):
    """What GNU tar extracts from archives full of collisions is what tarfs shows."""
    compared = 0
    for seed in range(400):
        out, top = tmp_path / f'{seed}.tar', os.fsencode(tmp_path / f'{seed}.d')
        random_archive(seed, out)
        os.mkdir(top)
        extracted = run('tar', '-xpf', out, '-C', top, ok=False)
        shown = run(tarfs_ls, '-d', out, ok=False)
        if b'No such file' in extracted.stderr:
            continue  # a link to nowhere on the way: tarfs makes the directories there
        if shown.returncode:
            assert extracted.returncode, f'seed {seed}: {shown.stderr.decode()}'
            continue
        tree, groups = {}, {}
        entries = digest(tarfs_ls, out)
        for path in sorted(p for p in entries if p):
            e = entries[path]
            body = e.target if e.type == 'l' else e.crc
            group = None if e.type == 'd' else groups.setdefault(e.ino, path)
            tree[path] = (e.type, None if e.type == 'l' else e.mode, body, group)
        want = snapshot(top)
        assert tree == want, f'seed {seed}: {extracted.stderr.decode()}\n{shown.stderr.decode()}'
        compared += 1
    assert compared > 150


# ---- damage ----------------------------------------------------------------------------------

@pytest.fixture(scope='session', name='corpus')
def corpus_fixture(tmp_path_factory):
    """Small archives of every maker, to be damaged."""
    top = os.fsencode(tmp_path_factory.mktemp('seeds'))
    put(top + b'/dir/file', b'contents', mtime=1234567890123456789)
    put(top + b'/' + b'n' * 120, b'x')
    os.symlink(b't' * 120, top + b'/sym')
    os.link(top + b'/dir/file', top + b'/hard')
    sparse_file(top + b'/sparse', 1 << 18, (4096, b'one'), (65536, b'two'), (200000, b'three'))
    out = tmp_path_factory.mktemp('corpus')
    files = []
    for make in RICH + EXACT:
        path = out / (re.sub(r'\W', '_', make.__name__) + '.tar')
        make(top, path)
        # Without GNU tar's 10 KiB records: half of an archive of zeros teaches nothing.
        with open(path, 'rb+') as f:
            f.truncate(len(f.read().rstrip(b'\0')) // 512 * 512 + 1536)
        files.append(str(path))
    return files


def test_mutations(unit, corpus):
    """Damaged archives: refused or read, never a crash, a leak, or a tree that contradicts itself."""
    done = run(unit, 'mutate', '1', '600', *corpus)
    refused, read = map(int, re.search(rb'(\d+) refused, (\d+) read', done.stdout).groups())
    assert refused > 1000 and read > 1000


def test_cut(tarfs_ls, corpus, tmp_path):
    """An archive that ends early is refused, and the offset is in the words."""
    with open(corpus[0], 'rb') as f:
        whole = f.read()
    out = tmp_path / 'cut.tar'
    for n in range(1, len(whole) - 1024, 701):
        out.write_bytes(whole[:n])
        done = run(tarfs_ls, '-c', out, ok=False)
        if n % 512:
            assert done.returncode == 1 and re.search(rb'offset \d+: ', done.stderr), n
        assert done.returncode in (0, 1)


def test_fuzz(corpus, tmp_path):
    """A short, repeatable run of libFuzzer over the reader."""
    fuzz = made(os.path.join(ROOT, 'build/host/fuzz_tar'))
    seeds = tmp_path / 'seeds'
    seeds.mkdir()
    for i, path in enumerate(corpus):
        with open(path, 'rb') as f:
            (seeds / str(i)).write_bytes(bytes([i & 1 | 2]) + f.read())
    done = run(fuzz, '-runs=30000', '-seed=1', '-max_len=24576', f'-artifact_prefix={tmp_path}/', str(seeds))
    assert b'Done 30000 runs' in done.stderr


# ---- the tool --------------------------------------------------------------------------------

def test_tool_lists(tarfs_ls, plain, tmp_path):
    """The long list, the check, the help, and one archive over another."""
    out, over = tmp_path / 'a.tar', tmp_path / 'b.tar'
    run('tar', '-cf', out, '-C', plain, '.')
    listing = run(tarfs_ls, out).stdout
    assert b'-rwsr-xr-x   1' in listing and b'/bin/suid\n' in listing
    assert b'/bin/sym -> ../with\\040space\n' in listing
    assert b'drwxrwxrwt' in listing and b'1970-01-01 00:08:31 /size-511\n' in listing
    assert re.match(rb'good: \d+ members, \d+ files, 0 left out, \d+ bytes\n', run(tarfs_ls, '--check', out).stdout)
    assert run(tarfs_ls, '--help').stdout.startswith(b'usage: tarfs-ls')
    with tarfile.open(over, 'w') as t:
        m = tarfile.TarInfo('bin/suid')
        m.size = 3
        t.addfile(m, io.BytesIO(b'new'))
    below, above = digest(tarfs_ls, out), digest(tarfs_ls, out, over)
    assert below.keys() == above.keys()
    assert above[b'bin/suid'].crc == zlib.crc32(b'new') and above[b'bin/suid'].mode == 0o644


def test_tool_refuses(tarfs_ls, tmp_path):
    """One clear line for each wrong input."""
    packed, plain, missing = tmp_path / 'x.tar.gz', tmp_path / 'text', tmp_path / 'none'
    packed.write_bytes(b'\x1f\x8b\x08' + bytes(1000))
    plain.write_bytes(b'no archive at all\n' * 100)
    for path, words in ((packed, b'compressed with gzip'), (plain, b'offset 0: not a TAR archive'),
                        (missing, b'No such file')):
        done = run(tarfs_ls, path, ok=False)
        assert done.returncode == 1 and words in done.stderr and len(done.stderr.splitlines()) == 1
    assert run(tarfs_ls, ok=False).returncode == 2
    assert run(tarfs_ls, '-Z', ok=False).returncode == 2
