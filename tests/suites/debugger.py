"""Debian's gdb at a program with threads, and at one with libposix's loader: what it is told, the root it runs in, and what it said on Linux.

    debugger.py record [NAME]   record gdb-NAME.expected on Debian's riscv64 Linux (twice: 1 and 2 harts)

A session is a file of commands, gdb/NAME.gdb. What differs in each run (addresses, ids) is replaced by a word.
test_debugger.py compares what gdb says on Tarn.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), 'strace')]
import oracle  # noqa: E402
import programs  # noqa: E402
import rootfs  # noqa: E402

# name: the line of the shell that runs it.
SESSIONS = {
    'batch': 'gdb -nx -q -batch -x /batch.gdb /threads < /dev/null 2>&1',
    'attach': '/threads wait & /bin/busybox sleep 1; gdb -nx -q -batch -x /attach.gdb -p $! < /dev/null 2>&1; '
              'wait $!; echo "status $?"',
    'shared': 'gdb -nx -q -batch -x /shared.gdb /gdb-shared < /dev/null 2>&1',
}
SOURCES = ('threads.c', 'shared.c', 'near.c', 'opened.c')
WANTED = re.compile(r'usr/bin/gdb$|usr/lib/riscv64-linux-gnu/[^/]*\.so|usr/lib/python3\.13/(?!test|idlelib|lib2to3|ensurepip)'
                    r'|usr/share/gdb/')
CHANGES = [
    (re.compile(r'\(LWP \d+\)'), '(LWP N)'),
    (re.compile(r'\bLWP \d+'), 'LWP N'),
    (re.compile(r'\bprocess \d+'), 'process N'),
    (re.compile(r'(si_pid|_pid) = \d+'), r'\1 = N'),
    (re.compile(r'\b0x[0-9a-f]{5,16}\b'), 'ADDR'),
    (re.compile(r'^(pc|sp)( +)ADDR( +).*'), r'\1 ADDR'),
    (re.compile(r'  +'), ' '),   # columns are as wide as the numbers in them
]
# At a program's end gdb tells of those threads whose end it happens to see before the process's.
CHANCE = re.compile(r'\[(Thread ADDR \(LWP N\) exited|New process N)\]$')


def table(build, cache):
    """The root that both systems run in."""
    busybox = rootfs.read(os.path.join(cache, 'busybox', 'busybox'))
    found = {**rootfs.FOLDERS, 'proc': None, 'lib': 'usr/lib',
             'etc/passwd': (0o644, b'root:x:0:0:root:/root:/bin/sh\n'),
             'usr/lib/ld-linux-riscv64-lp64d.so.1': 'riscv64-linux-gnu/ld-linux-riscv64-lp64d.so.1',
             **programs.tree(os.path.join(cache, 'gdb'), WANTED), 'bin/busybox': busybox, 'bin/sh': 'busybox',
             'threads': rootfs.read(os.path.join(build, 'suites', 'bin', 'gdb-threads')),
             'usr/lib/ld-tarn-riscv64.so.1': rootfs.read(os.path.join(build, 'libposix', 'ld-tarn-riscv64.so.1')),
             **{name: rootfs.read(os.path.join(build, 'suites', 'bin', name)) for name in ('gdb-shared', 'near.so', 'opened.so')},
             **{name: (0o644, rootfs.read(os.path.join(HERE, 'gdb', name))) for name in SOURCES}}
    lines = ['#!/bin/busybox sh', 'export PATH=/usr/bin:/bin HOME=/root LC_ALL=C SHELL=/bin/sh', 'cd /']
    for name, line in SESSIONS.items():
        found[f'{name}.gdb'] = (0o644, rootfs.read(os.path.join(HERE, 'gdb', f'{name}.gdb')))
        lines += [f'echo "@@begin {name}@@"', line, f'echo "@@end {name}@@"']
    found['script'] = (0o755, '\n'.join(lines).encode() + b'\n')
    return found


def parse(text):
    """Dict session -> its lines, normal."""
    found = {}
    for m in re.finditer(r'^@@begin (\w+)@@\n(.*?)^@@end \1@@$', text, re.M | re.S):
        lines = []
        for line in m[2].splitlines():
            for pattern, by in CHANGES:
                line = pattern.sub(by, line)
            if not CHANCE.match(line):
                lines.append(line.rstrip())
        found[m[1]] = lines
    return found


def on_linux(build, cache, harts):
    cpio = rootfs.write_cpio(os.path.join(build, 'suites', 'gdb.cpio'),
                             {**table(build, cache), 'init': programs.INIT.encode()})
    text = oracle.boot(cache, cpio, harts, mem='2G', more=('-device', 'virtio-rng-device'))
    oracle.write(os.path.join(build, 'suites'), f'gdb.linux{harts}.txt', text)
    return parse(text)


def record(args):
    wanted = [n for n in SESSIONS if not args.name or re.search(args.name, f'gdb-{n}')]
    if not wanted:
        return 0
    harts = (1, 2)
    runs = oracle.runs(harts, wanted, lambda n: on_linux(args.build, args.cache, n))
    bad = 0
    for name in wanted:
        one, two = ('\n'.join(r.get(name, [])) + '\n' for r in runs)
        if one != two or not runs[0].get(name):
            bad += 1
            oracle.differs(os.path.join(args.build, 'suites'), f'gdb-{name}', harts, (one, two))
        else:
            oracle.write(HERE, f'gdb-{name}.expected', one)
    print(f'{len(wanted) - bad} recorded, {bad} not')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(record(oracle.arguments(__doc__)))
