"""The programs of the suites: the root archive they run in, and how Debian's Linux ran them.

    suites.py record [NAME]   record NAME.expected on Debian's riscv64 Linux (twice: 1 and 4 harts; a
                              program that fails, or whose output differs, is not recorded)
    suites.py root FILE       write the root archive

suites.mk builds the programs into build/suites/bin, test_programs.py runs them on Tarn. A program
says the same on every run and on both systems, writes nothing on stderr, and ends with status 0.
"""
import argparse
import io
import os
import re
import stat
import subprocess
import sys
import tarfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'tools'))
import mkroot  # noqa: E402

MTIME = mkroot.MTIME
# name: (command, recorded output). Two builds of one source share what was recorded.
PROGRAMS = {
    'busybox': (['/bin/sh', '/suite/busybox.sh'], 'busybox'),
    'rust-static': (['/suite/bin/rust-static'], 'rust'),
    'rust-dynamic': (['/suite/bin/rust-dynamic'], 'rust'),
    'go': (['/suite/bin/go'], 'go'),
    'glibc': (['/suite/bin/glibc'], 'glibc'),
    'musl': (['/suite/bin/musl'], 'musl'),
    'cxx-static': (['/suite/bin/cxx-static'], 'cxx'),
    'cxx-dynamic': (['/suite/bin/cxx-dynamic'], 'cxx'),
}
# Libraries of Debian that the dynamic programs load; the C library comes whole, less its converters.
LIBRARIES = re.compile(r'(ld-linux-.*|lib(c|m|dl|pthread|rt|util|resolv|gcc_s|stdc\+\+)\.so.*)$')
LIBDIR = 'usr/lib/riscv64-linux-gnu'


class Root(mkroot.Root):
    """The archive: busybox, libraries, /suite with programs and data."""

    def file(self, name, path, mode=0o755):
        """A member with a file's content."""
        with open(path, 'rb') as f:
            self.add(name, tarfile.REGTYPE, mode, f.read())

    def busybox(self, path):
        """busybox and a link for each applet."""
        self.file('bin/busybox', path)
        for name in mkroot.applets(path):
            self.add('bin/' + name, tarfile.SYMTYPE, 0o777, link='busybox')

    def libraries(self, root):
        """Debian's libraries, as its merged /usr has them."""
        self.add('lib', tarfile.SYMTYPE, 0o777, link='usr/lib')
        for folder in ('usr/lib', LIBDIR, 'usr/lib/locale', 'usr/lib/locale/C.utf8'):
            self.add(folder, tarfile.DIRTYPE, 0o755)
        self.add('usr/lib/ld-linux-riscv64-lp64d.so.1', tarfile.SYMTYPE, 0o777,
                 link='riscv64-linux-gnu/ld-linux-riscv64-lp64d.so.1')
        self.tree(os.path.join(root, LIBDIR), LIBDIR, LIBRARIES.match)
        locale = os.path.join(root, 'usr/lib/locale/C.utf8')
        if os.path.isdir(locale):
            self.tree(locale, 'usr/lib/locale/C.utf8')

    def tree(self, source, name, wanted=lambda base: True):
        """The files and links under a folder."""
        for base in sorted(os.listdir(source)):
            path, member = os.path.join(source, base), f'{name}/{base}'
            if not wanted(base):
                continue
            if os.path.islink(path):
                self.add(member, tarfile.SYMTYPE, 0o777, link=os.readlink(path))
            elif os.path.isdir(path):
                self.add(member, tarfile.DIRTYPE, 0o755)
                self.tree(path, member)
            else:
                self.file(member, path, stat.S_IMODE(os.stat(path).st_mode) & 0o755 | 0o444)

    def suite(self, programs):
        """/suite: data, script and programs."""
        for folder in ('suite', 'suite/bin', 'suite/data', 'suite/data/tree', 'suite/data/tree/deep',
                       'suite/data/tree/deep/er', 'suite/data/tree/empty'):
            self.add(folder, tarfile.DIRTYPE, 0o755)
        for base in os.listdir(os.path.join(HERE, 'data')):
            self.file(f'suite/data/{base}', os.path.join(HERE, 'data', base), 0o644)
        self.file('suite/busybox.sh', os.path.join(HERE, 'busybox.sh'))
        tree = 'suite/data/tree'
        self.add(f'{tree}/run.sh', tarfile.REGTYPE, 0o755,
                 b'#!/bin/sh\necho "$0 got $# arguments: $*"\n')
        self.add(f'{tree}/a b c', tarfile.REGTYPE, 0o644, b'a name with spaces\n')
        self.add(f'{tree}/zero', tarfile.REGTYPE, 0o644)
        self.add(f'{tree}/deep/er/leaf.txt', tarfile.REGTYPE, 0o600, b'the last leaf\n')
        self.add(f'{tree}/deep/other.txt', tarfile.REGTYPE, 0o644, b'another file\nof two lines\n')
        self.add(f'{tree}/link', tarfile.SYMTYPE, 0o777, link='../voyage.txt')
        self.add(f'{tree}/dangling', tarfile.SYMTYPE, 0o777, link='no/where')
        self.add(f'{tree}/hard', tarfile.LNKTYPE, 0o644, link='suite/data/voyage.txt')
        if os.path.isdir(programs):
            for base in sorted(os.listdir(programs)):
                self.file(f'suite/bin/{base}', os.path.join(programs, base))

    def write(self, path):
        """Write all, links to other members last."""
        tmp = path + '.tmp'
        with tarfile.open(tmp, 'w', format=tarfile.USTAR_FORMAT) as tar:
            for name in sorted(self.members, key=lambda n: (self.members[n][0].islnk(), n)):
                info, data = self.members[name]
                tar.addfile(info, io.BytesIO(data))
        os.replace(tmp, path)


def make_root(build, cache, out):
    """Write the root archive of all that could be built."""
    root = Root()
    for name in mkroot.DIRS:
        root.add(name, tarfile.DIRTYPE, 0o1777 if name in ('tmp', 'var/tmp') else 0o755)
    for name, text in mkroot.FILES.items():
        root.add(name, tarfile.REGTYPE, 0o644, text.encode())
    root.busybox(os.path.join(cache, 'busybox', 'busybox'))
    if os.path.isdir(os.path.join(cache, 'libc', LIBDIR)):
        root.libraries(os.path.join(cache, 'libc'))
    root.suite(os.path.join(build, 'suites', 'bin'))
    os.makedirs(os.path.dirname(out), exist_ok=True)
    root.write(out)
    return out


# ---- the reference ---------------------------------------------------------------------------

INIT = """#!/busybox sh
# The initramfs holds busybox, this and root.tar. Each program runs in a root of its own on tmpfs.
export PATH=/bin
/busybox mkdir -p /bin /dev /new
/busybox --install -s /bin
mount -t devtmpfs none /dev
exec </dev/null >/dev/console 2>&1
stty -onlcr
for name in {names}; do
	mount -t tmpfs none /new
	tar xf /root.tar -C /new
	mount -t proc none /new/proc
	mount -t sysfs none /new/sys
	mount -t devtmpfs none /new/dev
	mkdir -p /new/dev/shm
	mount -t tmpfs none /new/dev/shm
	sh /run-$name > /out 2> /err
	end=$?
	echo "@@ begin $name"
	cat /out
	echo "@@ errors $name"
	cat /err
	echo "@@ end $name $end"
	umount /new/dev/shm /new/dev /new/sys /new/proc
	umount -l /new
done
poweroff -f
"""
ENVIRONMENT = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root']


def write_cpio(path, members):
    """An initramfs (Documentation/driver-api/early-userspace: newc) of (name, content) programs."""
    with open(path, 'wb') as out:
        def entry(name, mode, data, rdev=(0, 0)):
            raw = name.encode() + b'\0'
            fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev, len(raw), 0]
            out.write(b'070701' + b''.join(b'%08x' % f for f in fields) + raw)
            out.write(b'\0' * (-out.tell() % 4) + data)
            out.write(b'\0' * (-out.tell() % 4))
        entry('dev', stat.S_IFDIR | 0o755, b'')
        entry('dev/console', stat.S_IFCHR | 0o600, b'', (5, 1))
        for name, data in members:
            entry(name, stat.S_IFREG | 0o755, data)
        entry('TRAILER!!!', 0, b'')


def on_linux(cache, root, wanted, harts):
    """Run programs on Debian's Linux; a dict name -> (output, errors, status)."""
    with open(os.path.join(cache, 'busybox', 'busybox'), 'rb') as f:
        members = [('busybox', f.read())]
    with open(root, 'rb') as f:
        members.append(('root.tar', f.read()))
    members.append(('init', INIT.format(names=' '.join(wanted)).encode()))
    for name in wanted:
        run = ' '.join(['exec env -i', *ENVIRONMENT, 'chroot /new', *PROGRAMS[name][0]])
        members.append((f'run-{name}', run.encode() + b'\n'))
    initramfs = os.path.join(os.path.dirname(root), 'linux.cpio')
    write_cpio(initramfs, members)
    done = subprocess.run(
        ['qemu-system-riscv64', '-machine', 'virt', '-smp', str(harts), '-m', '1G', '-nographic',
         '-no-reboot', '-bios', 'default', '-kernel', os.path.join(cache, 'linux', 'Image'),
         '-initrd', initramfs, '-device', 'virtio-rng-device',
         '-append', 'console=ttyS0 quiet loglevel=0 rdinit=/init panic=-1 no4lvl'],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900,
        check=False)
    text = done.stdout.replace(b'\r\n', b'\n').decode(errors='backslashreplace')
    found = {}
    for part in re.finditer(r'^@@ begin (\S+)\n(.*?)^@@ errors \1\n(.*?)^@@ end \1 (\d+)\n', text,
                            re.M | re.S):
        found[part[1]] = (part[2], part[3], int(part[4]))
    if not found:
        sys.stdout.write(text[-3000:])
    return found


def record(args):
    """Write the .expected files."""
    wanted = [n for n in PROGRAMS if not args.name or re.search(args.name, n)]
    if not wanted:
        return 0
    root = make_root(args.build, args.cache, os.path.join(args.build, 'suites', 'root.tar'))
    runs = []
    for harts in (1, 4):
        start = time.time()
        runs.append(on_linux(args.cache, root, wanted, harts))
        print(f'linux, {harts} harts: {len(runs[-1])} of {len(wanted)} programs, '
              f'{time.time() - start:.0f} s')
    good, texts = 0, {}
    for name in wanted:
        one, four = (r.get(name, ('', 'did not end', -1)) for r in runs)
        output = PROGRAMS[name][1]
        for which, (text, errors, status) in (('1', one), ('4', four)):
            if status or errors:
                print(f'{name}: status {status} on {which}; {errors[-600:]}\n{text[-600:]}')
        if one != four or texts.setdefault(output, one[0]) != one[0]:
            for which, run in (('1', one), ('4', four)):
                with open(os.path.join(args.build, 'suites', f'{name}.linux{which}'), 'w',
                          encoding='utf-8') as f:
                    f.write(run[0])
            print(f'{name}: differs from another run (see build/suites/{name}.linux*)')
        elif one[1:] == ('', 0):
            good += 1
            with open(os.path.join(HERE, output + '.expected'), 'w', encoding='utf-8') as f:
                f.write(one[0])
    print(f'{good} of {len(wanted)} programs recorded')
    return 0 if good == len(wanted) else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build', default='build')
    parser.add_argument('--cache', default='build/cache')
    parser.add_argument('what', choices=['record', 'root'])
    parser.add_argument('name', nargs='?')
    args = parser.parse_args()
    if args.what == 'root':
        make_root(args.build, args.cache, args.name or os.path.join(args.build, 'suites', 'root.tar'))
        return 0
    return record(args)


if __name__ == '__main__':
    sys.exit(main())
