"""mkroot.py [--busybox FILE] [--man FOLDER] [--loader FILE] OUT.tar PROGRAM...: make a root archive of our programs.

Programs go to /usr/local/bin, those of the same bytes once, with links; init, poweroff, reboot and halt
also stand in /sbin. /bin holds links: to busybox for each of its applets, else to our program of that
name. Manual pages go to /usr/share/man/man1, the dynamic loader, which is the shared C library too, to /lib.
What only a debugger reads of a program stays behind, in the file it is made from.
The same input gives the same archive, byte for byte.
"""
import argparse
import io
import os
import re
import subprocess
import tarfile
import tempfile

SBIN = ('init', 'poweroff', 'reboot', 'halt')
HIDDEN = ('tarn-init',)
# What scripts call by other paths than /bin.
ALIASES = {'bin/[': 'test', 'usr/bin/env': 'env'}
MTIME = 1767225600    # 2026-01-01
DIRS = ('bin', 'sbin', 'etc', 'dev', 'proc', 'sys', 'tmp', 'root', 'run', 'mnt', 'home', 'usr',
        'usr/bin', 'usr/sbin', 'usr/local', 'usr/local/bin', 'var', 'var/log', 'var/tmp')
SERVICES = {
    'etc/tarn/services': '# What init keeps running, one a line: NAME [OPTION...] COMMAND [ARGUMENT...]; init(1) tells of it.\n'
                         'shell console /bin/sh\n',
}
FILES = {
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n'
                  'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n'
                  'user:x:1000:1000:user:/home:/bin/sh\n'
                  'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
    'etc/group': 'root:x:0:\ndaemon:x:1:\ntty:x:5:\nuser:x:1000:\nnogroup:x:65534:\n',
    'etc/hostname': 'tarn\n',
    'etc/hosts': '127.0.0.1 localhost\n',
    'etc/profile': 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n'
                   "export PS1='\\u@\\h:\\w\\$ '\n",
    'etc/motd': 'Welcome to Tarn. The root is a tar archive; poweroff ends the machine.\n',
}


def applets(path):
    """Names of a busybox binary's applets: a run of NUL-ended strings that starts with "[" "[["."""
    with open(path, 'rb') as f:
        data = f.read()
    start = data.find(b'[\0[[\0')
    if start < 0:
        return []
    names = []
    for raw in data[start:start + 16384].split(b'\0'):
        if not re.fullmatch(rb'[a-z0-9_.\[-][a-zA-Z0-9_.\[-]*', raw):
            break
        if names and raw.decode() <= names[-1]:
            break
        names.append(raw.decode())
    return names


def without_debug(path):
    """A program's bytes but for its .debug sections."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, 'program')
        subprocess.run([os.environ.get('CROSS', 'riscv64-linux-gnu-') + 'objcopy', '--strip-debug', path, out],
                       check=True)
        with open(out, 'rb') as f:
            return f.read()


class Root:
    """The archive being written, members in the order of their names."""

    def __init__(self):
        self.members = {}

    def add(self, name, kind, mode, data=b'', link=''):
        """Add one member; the first of a name stays."""
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.mtime, info.linkname = kind, mode, MTIME, link
        info.uname = info.gname = 'root'
        info.size = len(data)
        self.members.setdefault(name, (info, data))

    def write(self, path):
        """Write all to the file `path`, whole or not at all."""
        tmp = path + '.tmp'
        with tarfile.open(tmp, 'w', format=tarfile.USTAR_FORMAT) as tar:
            for name in sorted(self.members):
                info, data = self.members[name]
                tar.addfile(info, io.BytesIO(data))
        os.replace(tmp, path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--busybox')
    parser.add_argument('--man')
    parser.add_argument('--loader')
    parser.add_argument('out')
    parser.add_argument('program', nargs='*')
    args = parser.parse_args()

    root = Root()
    for name in DIRS:
        root.add(name, tarfile.DIRTYPE, 0o1777 if name in ('tmp', 'var/tmp') else 0o755)
    for name, text in FILES.items():
        root.add(name, tarfile.REGTYPE, 0o644, text.encode())
    if args.man:
        for name, text in SERVICES.items():
            root.add(os.path.dirname(name), tarfile.DIRTYPE, 0o755)
            root.add(name, tarfile.REGTYPE, 0o644, text.encode())
        for name in ('usr/share', 'usr/share/man', 'usr/share/man/man1'):
            root.add(name, tarfile.DIRTYPE, 0o755)
        for name in sorted(n for n in os.listdir(args.man) if n[0] != '.'):
            with open(os.path.join(args.man, name), 'rb') as f:
                root.add('usr/share/man/man1/' + name, tarfile.REGTYPE, 0o644, f.read())
    if args.loader:
        name = os.path.basename(args.loader)
        root.add('lib', tarfile.DIRTYPE, 0o755)
        root.add('lib/libc.so', tarfile.SYMTYPE, 0o777, link=name)
        with open(args.loader, 'rb') as f:
            root.add('lib/' + name, tarfile.REGTYPE, 0o755, f.read())
    ours, seen = [], {}
    # Where busybox has a command, a shell finds that one: ours are for the root without it.
    theirs = set(applets(args.busybox)) - set(SBIN) if args.busybox else set()
    for path in args.program:
        name = os.path.basename(path)
        if name in HIDDEN or name in theirs:
            continue
        ours.append(name)
        with open(path, 'rb') as f:
            data = f.read()
        if seen.setdefault(data, name) == name:
            root.add('usr/local/bin/' + name, tarfile.REGTYPE, 0o755, without_debug(path))
        else:
            root.add('usr/local/bin/' + name, tarfile.SYMTYPE, 0o777, link=seen[data])
        if name in SBIN:
            root.add('sbin/' + name, tarfile.SYMTYPE, 0o777, link='../usr/local/bin/' + name)
    if args.busybox:
        with open(args.busybox, 'rb') as f:
            root.add('bin/busybox', tarfile.REGTYPE, 0o755, f.read())
        for name in applets(args.busybox):
            if name not in SBIN or name not in ours:
                root.add('bin/' + name, tarfile.SYMTYPE, 0o777, link='busybox')
    for name, target in ALIASES.items():
        if target in ours:
            root.add(name, tarfile.SYMTYPE, 0o777, link='/usr/local/bin/' + target)
    for name in ours:
        if name not in SBIN:
            root.add('bin/' + name, tarfile.SYMTYPE, 0o777, link='../usr/local/bin/' + name)
    os.makedirs(os.path.dirname(args.out) or '.', exist_ok=True)
    root.write(args.out)


if __name__ == '__main__':
    main()
