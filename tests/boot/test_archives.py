"""Archives of every maker, as the root: what the guest sees is what went in."""
import hashlib
import io
import os
import re
import stat
import subprocess
import tarfile

import pytest
import rootfs

pytestmark = pytest.mark.area('tar')
LONG = 'd' * 90 + '/' + 'e' * 90 + '/' + 'f' * 90
LOOK = ('cd /t; find . -type f -o -type l -o -type p -o -type d | sort | while read -r f; do '
        'busybox stat -c "%n %A %u %g %h %Y" "$f"; done; find . -type f | sort | '
        'while read -r f; do md5sum "$f"; done')


@pytest.fixture(scope='session')
def tree(tmp_path_factory):
    """A folder with members of every kind that needs no root."""
    top = tmp_path_factory.mktemp('tree') / 't'
    (top / LONG).mkdir(parents=True)
    (top / LONG / 'long file').write_text('at the end of a long path\n')
    (top / ('n' * 255)).write_text('a name of 255\n')
    (top / 'empty').write_text('')
    (top / 'data').write_bytes(bytes(range(256)) * 1000)
    (top / 'exact').write_bytes(b'x' * 1024)
    (top / 'ünï ¢ode').write_text('name in UTF-8\n')
    os.link(top / 'data', top / 'hard')
    (top / 'soft').symlink_to('data')
    (top / 'far').symlink_to('x/' * 100 + 'y')
    os.mkfifo(top / 'fifo')
    (top / 'mode').write_text('modes\n')
    (top / 'mode').chmod(0o4751)
    for path in [top, *top.rglob('*')]:
        if not path.is_symlink():
            os.utime(path, (1700000000, 1700000000))
        else:
            os.utime(path, (1700000000, 1700000000), follow_symlinks=False)
    return top


def expected(tree):
    """What LOOK prints, made from the folder."""
    rows, sums = [], []
    for path in [tree, *tree.rglob('*')]:
        name = os.fsencode('./' + str(path.relative_to(tree))) if path != tree else b'.'
        st = path.lstat()
        mode = stat.filemode(st.st_mode).encode()
        rows.append((name, b'%s %s 7 8 %d %d' % (name, mode, st.st_nlink, st.st_mtime)))
        if stat.S_ISREG(st.st_mode):
            digest = hashlib.md5(path.read_bytes()).hexdigest().encode()
            sums.append((name, b'%s  %s' % (digest, name)))
    return [line for _, line in sorted(rows) + sorted(sums)]


MAKERS = {
    'gnu': ['tar', '--format=gnu', '--owner=7', '--group=8', '--numeric-owner'],
    'posix': ['tar', '--format=posix', '--owner=7', '--group=8', '--numeric-owner'],
    'oldgnu': ['tar', '--format=oldgnu', '--owner=7', '--group=8', '--numeric-owner'],
    'bsdtar-pax': ['bsdtar', '--format=pax', '--uid=7', '--gid=8'],
    'bsdtar-gnutar': ['bsdtar', '--format=gnutar', '--uid=7', '--gid=8'],
}


@pytest.mark.parametrize('maker', [*MAKERS, 'python-pax', 'python-gnu'])
def test_maker(tarn, busybox, tree, tmp_path, maker):
    """GNU tar, bsdtar, Python, each in its formats."""
    root = tmp_path / 'root.tar'
    if maker in MAKERS:
        subprocess.run([*MAKERS[maker], '-cf', root, '-C', tree.parent, 't'], check=True)
    else:
        def fix(info):
            info.uid, info.gid, info.uname, info.gname = 7, 8, '', ''
            return info
        fmt = tarfile.PAX_FORMAT if maker == 'python-pax' else tarfile.GNU_FORMAT
        with tarfile.open(root, 'w', format=fmt) as tar:
            tar.add(tree, 't', filter=fix)
    table = {'bin/busybox': rootfs.read(busybox)}
    for name in rootfs.applets(busybox):
        table.setdefault(f'bin/{name}', 'busybox')
    base = tmp_path / 'base.tar'
    rootfs.write_tar(str(base), table)
    # two archives one behind the other: the first without its end
    with tarfile.open(base) as tar:
        for last in tar:
            end = last.offset_data + (last.size + 511) // 512 * 512
    root.write_bytes(base.read_bytes()[:end] + root.read_bytes())
    got = tarn(root=str(root), command=['/bin/sh', '-c', LOOK]).ok()
    # a folder's link count is the file system's own affair
    blur = lambda line: re.sub(rb'^(\S.* d\S{9} \d+ \d+) \d+ ', rb'\1 N ', line)
    assert [blur(line) for line in got.out.splitlines()] == [blur(line) for line in expected(tree)]


def test_devices_and_odd_members(tarn, busybox, tmp_path):
    """Device nodes, parents left out, the later of two, ./ and / before names, .. kept inside."""
    root = tmp_path / 'root.tar'
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=tarfile.GNU_FORMAT) as tar:
        def add(name, data=b'', kind=tarfile.REGTYPE, link='', mode=0o755, dev=(0, 0)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.mode, info.size = kind, link, mode, len(data)
            info.devmajor, info.devminor = dev
            tar.addfile(info, io.BytesIO(data))
        add('./bin/busybox', rootfs.read(busybox))
        add('/bin/sh', kind=tarfile.LNKTYPE, link='./bin/busybox')
        add('no/parents/were/given', b'deep\n')
        add('twice', b'first\n')
        add('twice', b'second\n')
        add('was-file', b'x')
        add('was-file', kind=tarfile.DIRTYPE)
        add('was-file/in', b'inside\n')
        add('null', kind=tarfile.CHRTYPE, dev=(1, 3), mode=0o666)
        add('blk', kind=tarfile.BLKTYPE, dev=(7, 1))
        add('real', kind=tarfile.DIRTYPE)
        add('alias', kind=tarfile.SYMTYPE, link='real')
        add('alias/through', b'by the link\n')
        add('contiguous', b'type 7\n', kind=tarfile.CONTTYPE)
    root.write_bytes(out.getvalue())
    got = tarn(root=str(root), command=['/bin/sh', '-c', '''
B=/bin/busybox; cd /
$B cat no/parents/were/given twice was-file/in real/through contiguous
echo x > /null && $B wc -c < /null
$B stat -c '%F %t,%T' null blk
$B stat -c %h bin/sh
''']).ok()
    assert got.out.decode().splitlines() == [
        'deep', 'second', 'inside', 'by the link', 'type 7', '0', 'character special file 1,3',
        'block special file 7,1', '2']


def test_sparse(tarn, busybox, tmp_path):
    """GNU sparse members, all versions of them."""
    (tmp_path / 'sparse').write_bytes(b'')
    with open(tmp_path / 'sparse', 'r+b') as f:
        for at in (0, 1 << 20, 5 << 20, (9 << 20) + 12345):
            f.seek(at)
            f.write(b'island at %d\n' % at)
        f.truncate(12 << 20)
    want = hashlib.md5((tmp_path / 'sparse').read_bytes()).hexdigest().encode()
    names = []
    box = tmp_path / 'busybox'
    box.write_bytes(rootfs.read(busybox))
    box.chmod(0o755)
    def make(*words):
        return subprocess.run(['tar', '-b1', '-C', tmp_path, '-cf', '-', *words],
                              capture_output=True, check=True).stdout
    root = tmp_path / 'root.tar'
    pieces = b''
    for version in ('gnu', '0.0', '0.1', '1.0'):
        name = f'sparse-{version}'
        names.append(name)
        form = ['--format=gnu'] if version == 'gnu' else \
            ['--format=posix', f'--sparse-version={version}']
        one = make(*form, '-S', '--transform', f's/^sparse$/{name}/', 'sparse')
        assert len(one) < 1 << 20
        pieces += one[:-1024]
    base = make('busybox')
    root.write_bytes(pieces + base)
    got = tarn(root=str(root), command=[
        '/busybox', 'sh', '-c', 'cd /; for f; do /busybox md5sum $f; /busybox stat -c %s $f; done',
        'sh', *names]).ok()
    assert got.out.split()[::3] == [want] * 4
    assert got.out.split()[2::3] == [b'12582912'] * 4


def test_unaligned_end(tarn, busybox, tmp_path):
    """An archive without the two zero blocks, as some tools leave it."""
    root = tmp_path / 'root.tar'
    raw = subprocess.run(['tar', '-b1', '--transform', 's/.*/busybox/', '-cf', '-', busybox],
                         capture_output=True, check=True).stdout
    root.write_bytes(raw[:-1024])
    assert tarn(root=str(root), command=['/busybox', 'echo', 'whole']).ok().out == b'whole\n'


def test_writes_over_the_archive(tarn, busybox_root):
    """Everything of the archive can be changed, in memory."""
    got = tarn(root=busybox_root, command=['sh', '-c', '''
cd /etc && cp passwd p2 && cmp passwd p2 && echo copied
echo added >> passwd && tail -n 1 passwd
mv hostname /tmp/h && cat /tmp/h
rm -r /mnt /home && ls -d /mnt /home 2>/dev/null | wc -l
mkdir -p /opt/a/b && ln /bin/busybox /opt/a/box && stat -c %h /bin/busybox
chmod 4755 /bin/busybox && stat -c %a /opt/a/box; chown 5:6 /opt && stat -c %u:%g /opt
truncate -s 100 group && wc -c < group
cp /bin/busybox /opt/echo && /opt/echo from a copy
''']).ok()
    assert got.out.decode().splitlines() == [
        'copied', 'added', 'tarn', '0', '2', '4755', '5:6', '100', 'from a copy']
