"""What the long suites share: a script in a root of ours, run on Tarn or on Debian's Linux.

boot() gives the lines that the script printed and how the machine ended. The script is run by
busybox's sh as /script, with /proc, /sys, /dev, /dev/shm and /tmp there.
"""
import argparse
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.join(ROOT, 'tests'))
import rootfs  # noqa: E402

FILES = {
    'etc/passwd': (0o644, b'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/:/bin/false\n'
                          b'nobody:x:65534:65534:nobody:/:/bin/false\n'),
    'etc/group': (0o644, b'root:x:0:\ndaemon:x:1:\nnogroup:x:65534:\n'),
    'etc/hosts': (0o644, b'127.0.0.1 localhost\n::1 localhost\n'),
    'etc/hostname': (0o644, b'tarn\n'),
}
START = """#!/bin/sh
export PATH=/usr/local/bin:/usr/bin:/bin:/sbin HOME=/root TMPDIR=/tmp
[ -e /proc/self ] || mount -t proc proc /proc
[ -e /sys/devices ] || mount -t sysfs sysfs /sys
[ -e /dev/null ] || mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts /dev/mqueue
mount -t tmpfs -o mode=1777 tmp /tmp
mountpoint -q /dev/shm || mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t mqueue mqueue /dev/mqueue 2> /dev/null
mountpoint -q /dev/pts || mount -t devpts devpts /dev/pts 2> /dev/null
ifconfig lo up 2> /dev/null
hostname tarn
"""
# The console of Linux turns \n to \r\n; the log may be between the lines, never in them.
INIT = """#!/bin/sh
export PATH=/bin
mount -t devtmpfs dev /dev
/script < /dev/null
echo "@@ end $?"
poweroff -f
"""


def table(cache, files):
    """A root with busybox, and FILES: name -> what rootfs.py wants."""
    busybox = os.path.join(cache, 'busybox', 'busybox')
    found = {**rootfs.FOLDERS, **FILES, 'bin/busybox': rootfs.read(busybox), **files}
    for name in rootfs.applets(busybox):
        found.setdefault(f'bin/{name}', 'busybox')
    return found


def folder(path, name):
    """The files and links below a folder of ours, for a table."""
    found = {}
    for base, _, files in os.walk(path):
        for f in files:
            full = os.path.join(base, f)
            member = os.path.normpath(os.path.join(name, os.path.relpath(full, path)))
            found[member] = os.readlink(full) if os.path.islink(full) else (
                os.stat(full).st_mode & 0o7777, rootfs.read(full))
    return found


class Machine:
    """One kernel with one root."""

    def __init__(self, args, name, files, linux=False):
        self.args, self.linux, self.files = args, linux, table(args.cache, files)
        self.folder = os.path.join(args.build, 'suites', 'long')
        os.makedirs(self.folder, exist_ok=True)
        self.name = name

    def boot(self, script, harts, memory, timeout, see=None):
        """Run the script; (lines, how it ended: None when the script came to its end)."""
        files = {**self.files, 'script': (0o755, (START + script).encode())}
        if self.linux:
            root = rootfs.write_cpio(os.path.join(self.folder, self.name + '.cpio'),
                                     {**files, 'init': (0o755, INIT.encode())})
            words = ['timeout', str(timeout), 'qemu-system-riscv64', '-machine', 'virt', '-smp', str(harts), '-m',
                     memory, '-nographic', '-no-reboot', '-bios', 'default',
                     '-kernel', os.path.join(self.args.cache, 'linux', 'Image'), '-initrd', root,
                     '-append', 'console=ttyS0 quiet loglevel=0 rdinit=/init panic=-1 no4lvl']
        else:
            root = rootfs.write_tar(os.path.join(self.folder, self.name + '.tar'), files)
            words = [os.path.join(ROOT, 'tarn'), 'run', '--timeout', str(timeout), '--smp', str(harts), '--mem',
                     memory, '--kernel', os.path.join(self.args.build, 'tarn.elf'), root, '--', '/script']
        lines, end = [], None
        log = os.path.join(self.folder, f'{self.name}-{"linux" if self.linux else "tarn"}-{harts}.log')
        with open(log, 'w', encoding='utf-8', buffering=1) as out, subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, errors='backslashreplace') as process:
            for line in process.stdout:
                line = line.rstrip('\r\n')
                out.write(line + '\n')
                done = self.linux and re.fullmatch(r'@@ end (\d+)', line)
                if done:
                    end = int(done[1])
                    continue
                lines.append(line)
                if see:
                    see(line)
        os.unlink(root)
        if not self.linux:
            end = process.returncode
        return lines, None if end == 0 else f'ended with {end}: {log}'


def main(doc, name, run, record, smp, **more):
    """The command line of a suite, with options of its own and their defaults: `run`, or `record` on Linux; the exit status."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default='build')
    parser.add_argument('--cache', default='build/cache')
    parser.add_argument('--smp', default=smp)
    for option, default in more.items():
        parser.add_argument('--' + option, type=type(default), default=default)
    parser.add_argument('what', choices=['run', 'record'])
    args = parser.parse_args()
    bad = (record if args.what == 'record' else run)(args)
    if args.what == 'run':
        print(f'{name}: as on Linux' if not bad else f'{name}: {bad} differ from Linux')
    return 1 if bad else 0
