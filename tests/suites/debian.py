"""Debian on a TAR root that is kept: packages, git, gcc, SQLite and rsync at work in it, and the power cut at the end.

    debian.py root OUT PROGRAM...             a small Debian with these programs of ours in /usr/sbin (init,
                                              poweroff): `make qemu ROOTFS=debian`
    debian.py --build build run [--smp N]     the long form of test_debian.py: all of it at full size

The root is what debootstrap would make, without running anything: the packages unpacked, and dpkg's own record
of them (`write_root`). /repo is a repository of packages for apt, since the machine has no network. `Guest` does
one command after the other and can lose its power; `work` is what is done; `Listing` is what the guest sees of
its files, and what the host's tar sees of them.
"""
import argparse
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get('TARN_ROOT', os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import rootfs  # noqa: E402

MOUNTED = ('dev', 'proc', 'sys', 'tmp')     # what find sees there is not the root's
MERGED = ('bin', 'lib', 'sbin')     # links to their sisters in usr/
# Of a package's control files dpkg keeps these besides the scripts.
KEPT = ('conffiles', 'config', 'md5sums', 'postinst', 'postrm', 'preinst', 'prerm', 'shlibs', 'symbols', 'templates',
        'triggers')
FILES = {
    'etc/apt/sources.list': (0o644, b'deb [trusted=yes] file:/repo ./\n'),
    'etc/apt/apt.conf.d/tests': (0o644, b'APT::Sandbox::User "root";\nAPT::Install-Recommends "0";\n'
                                        b'Acquire::Languages "none";\nDpkg::Use-Pty "0";\n'),
    'etc/shadow': (0o640, b'root:*:20000:0:99999:7:::\n'),
    'etc/hosts': (0o644, b'127.0.0.1 localhost\n'),
    'etc/hostname': (0o644, b'tarn\n'),
    'root/.gitconfig': (0o644, b'[user]\n\tname = T\n\temail = t@localhost\n[gc]\n\tauto = 0\n'
                               b'[core]\n\tfsync = all\n[advice]\n\tdetachedHead = false\n'),
    'usr/bin/awk': 'mawk',
}
# The image's own tools, by mkfs/mkfs.mk, in a Makefile that stands alone.
MAKEFILE = b"""B := build
HOSTCC := gcc
WARN := -Wall -Wextra -Werror
say =
include mkfs/mkfs.mk
all: $(MKFS_TOOLS)
"""
# What the short form does without: the link-time optimiser, sanitizers, texts.
UNUSED = re.compile(r'usr/(lib.*/(lto1|lto-dump|g\+\+-mapper-server)$|.*lib.san\.|share/(doc|info|locale|man|lintian)/.*[^/]$)')
HELLO = {
    'Makefile': b'CFLAGS := -O1 -Wall -Werror\nhello: main.o words.o\n\t$(CC) -o $@ $^\nmain.o words.o: words.h\n',
    'words.h': b'const char *word(int n);\n',
    'words.c': b'#include "words.h"\nconst char *word(int n)\n{\n\treturn n ? "world" : "hello";\n}\n',
    'main.c': b'#include "words.h"\n#include <stdio.h>\nint main(void)\n{\n'
              b'\treturn printf("%s, %s\\n", word(0), word(1)) != 13;\n}\n',
}


# ---- the root --------------------------------------------------------------------------------

def pool(cache):
    """{package: its file}"""
    folder = os.path.join(cache, 'debian', 'pool')
    return {name.split('_')[0]: os.path.join(folder, name) for name in sorted(os.listdir(folder))}


def small(cache):
    """Names of the packages of a small Debian."""
    with open(os.path.join(cache, 'debian', 'base'), encoding='utf-8') as f:
        return f.read().split()


def place(name):
    """Where a member of a package comes to lie."""
    name = os.path.normpath(name).lstrip('/')
    return f'usr/{name}' if name.split('/')[0] in MERGED and '/' in name else name


def tool(*words):
    """What a program prints, as bytes."""
    return subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout


def stanza(deb):
    """A package's control fields as text, and some by name."""
    text = tool('dpkg-deb', '-f', deb).decode()
    return text, dict(re.findall(r'^(Package|Architecture|Multi-Arch|Conffiles): *(.*)$', text, re.M))


class Writer:
    """A root archive under way."""

    def __init__(self, path, without):
        self.tar, self.seen, self.status = tarfile.open(path, 'w', format=tarfile.PAX_FORMAT), set(), []
        self.without = without

    def add(self, info, data=None):
        """A member, if its name is new and wanted."""
        if info.name not in self.seen and info.name != '.' and not (
                self.without and self.without.match(info.name) and not info.isdir()):
            self.seen.add(info.name)
            self.tar.addfile(info, data)

    def file(self, name, data, mode=0o644, kind=tarfile.REGTYPE):
        """A file of ours; of a link, data is where it leads."""
        info = tarfile.TarInfo(name)
        info.mode, info.mtime, info.type = mode, rootfs.MTIME, kind
        if kind == tarfile.SYMTYPE:
            info.linkname, data = data, b''
        info.size = len(data)
        self.add(info, io.BytesIO(data))

    def table(self, table):
        """Files as rootfs.py has them."""
        for name, value in table.items():
            mode, value = value if isinstance(value, tuple) else (0o644, value)
            if value is None:
                self.file(name, b'', 0o755 if mode == 0o644 else mode, tarfile.DIRTYPE)
            elif isinstance(value, str):
                self.file(name, value, 0o777, tarfile.SYMTYPE)
            else:
                self.file(name, value, mode)

    def package(self, deb):
        """A package as dpkg would leave it, configured; none of its scripts has run."""
        text, field = stanza(deb)
        name = field['Package'] + (f':{field["Architecture"]}' if field.get('Multi-Arch') == 'same' else '')
        listed, conf = ['/.'], []
        with subprocess.Popen(['dpkg-deb', '--fsys-tarfile', deb], stdout=subprocess.PIPE) as process:
            with tarfile.open(fileobj=process.stdout, mode='r|') as members:
                for m in members:
                    if os.path.normpath(m.name) != '.':
                        listed.append('/' + os.path.normpath(m.name))
                    m.name = place(m.name)
                    m.pax_headers = {}
                    if m.islnk():
                        m.linkname = place(m.linkname)
                    self.add(m, members.extractfile(m) if m.isreg() else None)
        with tarfile.open(fileobj=io.BytesIO(tool('dpkg-deb', '--ctrl-tarfile', deb))) as control:
            for m in control:
                kind = os.path.basename(m.name)
                if kind in KEPT:
                    data = control.extractfile(m).read()
                    self.file(f'var/lib/dpkg/info/{name}.{kind}', data, m.mode)
                    conf = data.decode().split() if kind == 'conffiles' else conf
        self.file(f'var/lib/dpkg/info/{name}.list', ('\n'.join(listed) + '\n').encode())
        head, rest = text.rstrip('\n').split('\n', 1)
        self.status.append(f'{head}\nStatus: install ok installed\n{rest}\n')

    def close(self):
        self.file('var/lib/dpkg/status', '\n'.join(self.status).encode())
        self.tar.close()


def write_root(path, cache, installed, repo, more, without=None):
    """A Debian with these packages, a repository of those for apt, and files of a table; what matches `without` is left out."""
    debs = pool(cache)
    root = Writer(path + '.tmp', without)
    root.table({name: f'usr/{name}' for name in MERGED})
    root.table(more)
    root.table(FILES)
    for name in sorted(installed, key=lambda n: (n != 'base-files', n)):
        root.package(debs[name])
    for name, master in (('passwd', 'passwd.master'), ('group', 'group.master')):
        data = tool('sh', '-c', f'dpkg-deb --fsys-tarfile "$0" | tar -xO ./usr/share/base-passwd/{master}', debs['base-passwd'])
        root.file(f'etc/{name}', data)
    for name in ('available', 'diversions', 'statoverride'):
        root.file(f'var/lib/dpkg/{name}', b'')
    root.table({'var/lib/dpkg/updates': None, 'var/lib/dpkg/triggers': None, 'var/lib/dpkg/alternatives': None})
    index = []
    for name in repo:
        data = rootfs.read(debs[name])
        file = os.path.basename(debs[name]).replace('%3a', '~')     # apt would decode it
        root.file(f'repo/{file}', data)
        index.append(f'{stanza(debs[name])[0].rstrip()}\nFilename: ./{file}\nSize: {len(data)}\n'
                     f'SHA256: {hashlib.sha256(data).hexdigest()}\n')
    root.file('repo/Packages', '\n'.join(index).encode())
    root.close()
    os.replace(path + '.tmp', path)
    return path


def project():
    """The sources of mkfs/, for a compiler in the machine."""
    found = {'src': None, 'src/hello': None, 'src/image': None, 'src/image/Makefile': MAKEFILE}
    found.update({f'src/hello/{name}': data for name, data in HELLO.items()})
    for folder in ('mkfs', 'kernel/fs/tarfs', 'kernel/lib', 'kernel/include', 'kernel/alloc'):
        for base, _, names in os.walk(os.path.join(ROOT, folder)):
            found.update({f'src/image/{os.path.relpath(os.path.join(base, n), ROOT)}': rootfs.read(os.path.join(base, n))
                          for n in sorted(names) if n.endswith(('.c', '.h', '.mk'))})
    return found


# ---- the machine -----------------------------------------------------------------------------

SERVER = r'''while read -r line; do (eval "$line") > /dev/shm/out 2>&1 < /dev/null; s=$?
echo "done $s $(stat -c %s /dev/shm/out)"; cat /dev/shm/out; done'''


class Guest:
    """A shell on Tarn over a root that is kept. do() gives what a command printed, as bytes; cut() is the end of
    the machine in the middle of whatever it does."""

    def __init__(self, build, root, *words, timeout=900):
        self.process = subprocess.Popen(
            [os.path.join(ROOT, 'tarn'), 'run', '--rw', '--net', 'none', '--timeout', str(timeout), '--log', root + '.log',
             '--kernel', os.path.join(build, 'tarn.elf'), *words, root, '--', 'sh', '-c', SERVER],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.times = []

    def send(self, command):
        self.process.stdin.write(command.replace('\n', ' ').encode() + b'\n')
        self.process.stdin.flush()

    def do(self, command):
        """One command, which must succeed."""
        start = time.monotonic()
        self.send(command)
        answer = self.process.stdout.readline().split()
        out = self.process.stdout.read(int(answer[2])) if answer else b''
        self.times.append((time.monotonic() - start, command))
        assert answer[:2] == [b'done', b'0'], (f'{command}: {answer[1].decode() if answer else "no answer"}: '
                                               f'{out[-1500:].decode(errors="replace")}')
        return out

    def cut(self):
        """The end of the emulator, which is a child of the runner's."""
        pid = self.process.pid
        with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as f:
            for child in f.read().split():
                with open(f'/proc/{child}/comm', encoding='ascii') as name:
                    if name.read().startswith('qemu'):
                        os.kill(int(child), 9)
        self.process.stdin.close()
        self.process.stdout.read()
        assert self.process.wait() == 125

    def end(self):
        """Power off, cleanly."""
        self.process.stdin.close()
        self.process.stdout.read()
        assert self.process.wait() == 0, 'the machine did not power off'

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


# ---- what is done ----------------------------------------------------------------------------

# (statements of SQLite, rows a step): inserts one by one and in a transaction, with an index and without, changes, joins.
SQL = """pragma journal_mode={mode}; create table a(n integer, v integer, t text); begin;
with recursive c(i) as (select 1 union all select i + 1 from c where i < {rows})
insert into a select i, abs(random()) % {rows}, hex(randomblob(20)) from c; commit;
create table b(n integer primary key, v integer, t text); create index bi on b(v);
insert into b select * from a where n % 2; begin; update b set t = upper(t) || n where v between 10 and {rows} / 3; commit;
select count(*), sum(x.v = y.v) from a x join b y on x.n = y.n; delete from a where v % 3 = 0; create index ai on a(t);
insert or replace into b select n * 2, v, t from a; vacuum; pragma wal_checkpoint(truncate); drop table a; """


def packages(guest, names):
    """apt installs some from its repository, one is installed by dpkg, removed, installed again."""
    guest.do('apt-get -q update')
    guest.do(f'DEBIAN_FRONTEND=noninteractive apt-get -q -y install {" ".join(names)}')
    guest.do('dpkg -i /repo/bc_*.deb && echo "2^64" | bc | grep -qx 18446744073709551616 && dpkg -r bc && ! test -e /usr/bin/bc'
             ' && dpkg -i /repo/bc_*.deb && dpkg --verify bc')
    guest.do(f'dpkg --verify {" ".join(names)} && test -z "$(dpkg --audit)" && apt-get -q check')


def git(guest, commits, files):
    """A repository with a history, branches and merges; cloned, packed, checked."""
    guest.do(f'mkdir -p /srv/git/origin && cd /srv/git/origin && git init -q -b main && n=0 && while [ $n -lt {commits} ]; do '
             f'i=0; while [ $i -lt {files} ]; do echo "$n $i" >> f$i; i=$((i+1)); done; ln -sf f$n link; git add -A && '
             'git commit -q -m "commit $n" || exit 1; n=$((n+1)); done; git checkout -q -b other HEAD~2 && echo x > other && '
             'git add other && git commit -q -m other && git checkout -q main && git merge -q -m merged other')
    guest.do('cd /srv/git && git clone -q file:///srv/git/origin clone && git clone -q origin near && git -C clone fsck --full '
             '--strict && git -C clone gc -q && git -C clone fsck --full && git -C near fsck --full && '
             'test -z "$(git -C clone status --porcelain)" && test $(git -C clone rev-parse HEAD) = $(git -C origin rev-parse HEAD)')


def compiler(guest, size):
    """A program by Debian's make and gcc; at full size the tools of this kernel's images, which then make one."""
    guest.do('cp -a /src/hello /srv/hello && make -s -C /srv/hello && /srv/hello/hello && touch /srv/hello/words.h && '
             'make -s -C /srv/hello && ! make -C /srv/hello -q -W words.h && make -C /srv/hello -q')
    if size > 1:
        guest.do('cp -a /src/image /srv/image && make -s -j2 -C /srv/image all')
        guest.do('cd /srv/image/build/mkfs && ./mkfs.tarn /srv/etc.img /etc && ./fsck.tarn -n /srv/etc.img && '
                 './tarfs-ls -c /srv/etc.img && tar -tf /srv/etc.img | grep -q hostname')


def sqlite(guest, rows):
    """Two databases, with a journal of each kind."""
    for mode in ('delete', 'wal'):
        text = SQL.format(mode=mode, rows=rows).replace('\n', ' ')
        singles = ''.join(f'insert into b(v, t) values({n}, {n * n});' for n in range(max(5, rows // 500)))
        guest.do(f'mkdir -p /srv/sql && cd /srv/sql && sqlite3 {mode} "{text} {singles}" && '
                 f'test "$(sqlite3 {mode} \'pragma integrity_check\')" = ok')


def rsync(guest, files):
    """A tree of many small files, copied twice; what changed is copied again."""
    guest.do(f'mkdir -p /srv/many && cd /srv/many && i=0 && while [ $i -lt {files} ]; do [ $((i % 500)) != 0 ] || '
             '{ d=d$((i / 500)); mkdir $d; }; echo $i > $d/file$i; i=$((i + 1)); done; chmod 600 d0/file1*; chown 7:8 d0/file2*; '
             'ln d0/file3 d0/hard; ln -s ../d0 d0/sym; mkfifo d0/fifo; mknod d0/node c 1 3; setfattr -n user.note -v text d0/file4; '
             'setfattr -n user.bin -v 0x00ff0a d0/file4; touch -d 2001-02-03T04:05:06.789012345 d0/file5; truncate -s 9M d0/sparse')
    guest.do('rsync -aHAXS /srv/many/ /srv/copy && cd /srv && rm -r copy/d0 && date > many/d0/file6 && '
             'rsync -aHAXS --delete many/ copy && test -z "$(rsync -naHAXS --delete --itemize-changes many/ copy)" && '
             f'test $(find copy -type f -name "file*" | wc -l) = {files}')


def work(guest, size, names):
    """All of it; size 1 is the short form."""
    packages(guest, names)
    git(guest, *((60, 40) if size > 1 else (4, 6)))
    compiler(guest, size)
    sqlite(guest, 60_000 if size > 1 else 2000)
    rsync(guest, 50_000 if size > 1 else 1000)


# ---- what is seen of it ----------------------------------------------------------------------

FIND = r"find / -xdev -path /.tarn -prune -o -path /var/tmp/after -prune -o -printf '%y %m %U %G %s %T@ %n %P\t%l\0'"
KINDS = {'-': 'f', 'd': 'd', 'l': 'l', 'c': 'c', 'b': 'b', 'p': 'p', 'h': 'h'}
BITS = [(0o400, 'r'), (0o200, 'w'), (0o100, 'x'), (0o40, 'r'), (0o20, 'w'), (0o10, 'x'), (4, 'r'), (2, 'w'), (1, 'x')]


class Listing:
    """Files as the guest's find sees them: {name: (kind, mode, uid, gid, size, mtime, links, target)}."""

    def __init__(self, text):
        self.files = {}
        for row in text.split(b'\0')[:-1]:
            kind, mode, uid, gid, size, mtime, links, rest = row.decode(errors='surrogateescape').split(' ', 7)
            name, target = rest.split('\t')
            # a file's time has ten digits, of which the last is none of its nanoseconds
            self.files[name] = (kind, int(mode, 8), int(uid), int(gid), int(size), mtime[:-1], int(links), target)

    def differences(self, other, names):
        """Up to ten lines on how two differ."""
        lines = []
        for name in sorted(self.files.keys() | other.files.keys()):
            mine, theirs = self.files.get(name), other.files.get(name)
            if mine != theirs and name not in MOUNTED and not name.startswith('var/tmp/after'):
                lines.append(f'{name}: {names[0]} {mine}, {names[1]} {theirs}')
        return lines[:10]


def mode_of(text):
    """Permission bits of `ls -l`'s letters."""
    mode = sum(bit for (bit, _), c in zip(BITS, text[1:]) if c not in '-ST')
    for at, bit in ((3, 0o4000), (6, 0o2000), (9, 0o1000)):
        if text[at] in 'sStT':
            mode |= bit
            mode &= ~(0o100 >> (at - 3)) if text[at] in 'ST' else mode | ~0
    return mode


def host_tar(image, guest):
    """Lines on what the host's GNU tar lists otherwise than the guest did."""
    done = subprocess.run(['tar', '--list', '--verbose', '--full-time', '--numeric-owner', '--quoting-style=escape', '-f', image],
                          capture_output=True, check=True, env={**os.environ, 'TZ': 'UTC', 'LC_ALL': 'C'})
    lines, seen, count = [], {}, {}
    if done.stderr:
        lines.append(done.stderr.decode(errors='replace')[:300])
    for row in done.stdout.decode(errors='surrogateescape').splitlines():
        letters, owner, size, day, clock, rest = re.match(r'(\S+) +(\S+) +(\S+) (\S+) (\S+) +(.*)', row).groups()
        name, link, target = rest.partition(' link to ' if letters[0] == 'h' else ' -> ' if letters[0] == 'l' else '\n')
        name = os.path.normpath(name)
        if name == '.':
            continue
        kind = KINDS[letters[0]]
        of = os.path.normpath(target) if kind == 'h' else name
        count[of] = count.get(of, 0) + 1
        seconds, _, rest = clock.partition('.')
        uid, gid = owner.split('/')
        seen[name] = (kind, mode_of(letters), int(uid), int(gid), size, f'{day} {seconds}.{rest or "0":0<9}', of, target)
    for name, (kind, mode, uid, gid, size, mtime, links, target) in guest.files.items():
        if not name or name.startswith('var/tmp/after') or name in MOUNTED:
            seen.pop(name, None)
            continue
        if name not in seen:
            lines.append(f'{name}: not in the archive')
            continue
        mine = seen.pop(name)
        whole, _, part = mtime.partition('.')
        then = time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(int(whole)))
        # a further name of a file says the second alone, and GNU tar sets the file's time by its first
        want = [mode if kind != 'l' else mine[1], uid, gid, f'{then}.{part if mine[0] != "h" else "":0<9}']
        if [*mine[1:4], mine[5]] != want or mine[0] not in (kind, 'h'):
            lines.append(f'{name}: the archive has {mine}, the guest {kind} {want}')
        elif mine[0] == 'f' and int(mine[4]) != size or kind == 'l' and mine[7] != target:
            lines.append(f'{name}: the archive has {mine}, the guest {size} {target}')
        elif kind != 'd' and count[mine[6]] != links:
            lines.append(f'{name}: {count[mine[6]]} names in the archive, {links} in the guest')
    lines += [f'{name}: in the archive alone' for name in seen if not name.startswith(('var/tmp/after', '.tarn'))]
    return lines[:10]


def contents(image, sums, attributes):
    """Lines on files whose bytes (`md5sum -z`) or attributes (`getfattr`) differ from the guest's, by Python's reader."""
    lines, found = [], set()
    want = {row[34:].decode(errors='surrogateescape').lstrip('/'): row[:32].decode() for row in sums.split(b'\0')[:-1]}
    attrs = {}
    for block in attributes.decode().split('\n\n'):
        if block.strip():
            head, *rest = block.strip().split('\n')
            attrs[head.removeprefix('# file: ').lstrip('/')] = dict(r.split('=', 1) for r in rest)
    with tarfile.open(image, 'r:', encoding='utf-8', errors='surrogateescape') as tar:
        for m in tar:
            name = os.path.normpath(m.name)
            if m.isreg() and name in want:
                data = tar.extractfile(m)
                digest = hashlib.md5()
                while part := data.read(1 << 20):
                    digest.update(part)
                found.add(name)
                if digest.hexdigest() != want[name]:
                    lines.append(f'{name}: other bytes')
            mine = {k.removeprefix('SCHILY.xattr.'): '0x' + v.encode(errors='surrogateescape').hex()
                    for k, v in m.pax_headers.items() if k.startswith('SCHILY.xattr.')}
            if not m.islnk() and mine != attrs.get(name, {}) and (mine or name in attrs):
                lines.append(f'{name}: attributes {mine}, in the guest {attrs.get(name)}')
    return lines[:10]


def fsck(build, image, replay=False):
    """fsck.tarn finds nothing (after a replay, where one may be due)."""
    words = [os.path.join(build, 'mkfs', 'fsck.tarn'), '--replay' if replay else '-n', image]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode in ((0, 1) if replay else (0,)), (done.stdout + done.stderr)[-600:]


def run(build, cache, folder, size, words=(), say=lambda text: None):
    """The work, a power cut, another boot; how many files the host's tar and the guest agree on."""
    everything, base = sorted(pool(cache)), small(cache)
    root = os.path.join(folder, 'root.tar')
    if size > 1:
        names = ['git', 'gcc', 'libc6-dev', 'make', 'sqlite3', 'rsync', 'patch', 'less', 'file', 'zip', 'unzip']
        write_root(root, cache, base, [n for n in everything if n not in base], project())
    else:
        names = ['patch', 'zip', 'libmagic1t64', 'file', 'libmagic-mgc']
        repo = [*names, 'bc', 'unzip', 'libreadline8t64', 'readline-common']
        installed = [n for n in everything if n not in repo or n in ('libreadline8t64', 'readline-common')]
        write_root(root, cache, installed, repo, {**project(), 'usr/bin/cc': 'gcc'}, UNUSED)
    grow = ('--grow', '3G' if size > 1 else '300M')
    with Guest(build, root, *grow, *words, timeout=7200 if size > 1 else 600) as guest:
        work(guest, size, names)
        guest.do('mkdir /var/tmp/after && sync')
        first = Listing(guest.do(FIND))
        guest.send('while :; do dd if=/dev/zero of=/var/tmp/after/$((i=i+1)) bs=9k count=20; done')
        time.sleep(2)
        guest.cut()
        for seconds, command in guest.times:
            say(f'{seconds:6.1f} s  {command[:90]}')
    kept = root + '.cut'
    shutil.copyfile(root, kept)
    fsck(build, kept, replay=True)
    fsck(build, kept)
    bad = host_tar(kept, first)
    assert not bad, 'tar after a power cut and fsck.tarn --replay:\n' + '\n'.join(bad)
    with Guest(build, root, *words) as guest:
        bad = first.differences(Listing(guest.do(FIND)), ('before the cut', 'after it'))
        assert not bad, '\n'.join(bad)
        for name in ('delete', 'wal'):
            assert guest.do(f'sqlite3 /srv/sql/{name} "pragma integrity_check"') == b'ok\n'
        guest.do('git -C /srv/git/clone fsck --full && dpkg --verify bc && rm -rf /var/tmp/after && sync')
        sums = guest.do('find /srv /etc /var -xdev -type f -size -100M -print0 | xargs -0 md5sum -z')
        attributes = guest.do('getfattr -R -P -h -d -m - -e hex --absolute-names /srv /etc')
        last = Listing(guest.do(FIND))
        guest.end()
    fsck(build, root)
    bad = host_tar(root, last) + contents(root, sums, attributes)
    assert not bad, 'tar and the guest differ:\n' + '\n'.join(bad)
    os.unlink(kept)
    return len(last.files)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default='build')
    parser.add_argument('--smp', default='2')
    parser.add_argument('--size', type=int, default=2)
    parser.add_argument('what', choices=['run', 'root'])
    parser.add_argument('out', nargs='?')
    parser.add_argument('program', nargs='*')
    args = parser.parse_args()
    if args.what == 'root':
        cache = os.path.join(ROOT, 'build', 'cache')
        ours = {f'usr/sbin/{os.path.basename(path)}': (0o755, rootfs.read(path)) for path in args.program}
        write_root(args.out, cache, small(cache), [], ours)
        return 0
    folder = os.path.join(args.build, 'debian')
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    try:
        seen = run(args.build, os.path.join(ROOT, 'build', 'cache'), folder, args.size, ('--smp', args.smp, '--mem', '1G'), print)
    except AssertionError as err:
        print(f'FAIL: {err}')
        return 1
    print(f'{seen} files of a Debian at work: as they were after a power cut, and as tar reads them')
    return 0


if __name__ == '__main__':
    sys.exit(main())
