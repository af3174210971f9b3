"""Debian's procps, util-linux, psmisc and lsof: the root they run in, and what they said on Linux.

    systools.py record      record systools.expected on Debian's riscv64 Linux (twice: 1 and 2 harts)

systools.sh is the script; test_systools.py runs it on Tarn.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import oracle  # noqa: E402
import rootfs  # noqa: E402
import suites  # noqa: E402

INIT = """#!/usr/bin/bash
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
exec < /dev/null > /dev/console 2>&1
stty -onlcr
echo '@@ begin'
bash /systools.sh
echo '@@ end'
sleep 1
echo o > /proc/sysrq-trigger
sleep 30
"""
PASSWD = b'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/sh\n'
GROUP = b'root:x:0:\ntty:x:5:\ndisk:x:6:\nnogroup:x:65534:\n'


def table(cache):
    """The root that both systems run in."""
    tools = os.path.join(cache, 'systools')
    return {**rootfs.FOLDERS, 'proc': None, 'sys': None, 'dev': None, 'run': None, 'root': None,
            'bin': 'usr/bin', 'sbin': 'usr/sbin', 'lib': 'usr/lib',
            **suites.folder(os.path.join(tools, 'usr'), 'usr'),
            'usr/bin/sh': 'bash', 'usr/bin/awk': 'gawk',
            'etc/passwd': (0o644, PASSWD), 'etc/group': (0o644, GROUP), 'etc/fstab': (0o644, b''),
            'systools.sh': (0o755, rootfs.read(os.path.join(HERE, 'systools.sh')))}


def on_linux(cache, build, harts):
    """What was said."""
    cpio = rootfs.write_cpio(os.path.join(build, 'suites', 'systools.cpio'),
                             {**table(cache), 'init': (0o755, INIT.encode())})
    said = re.search(r'^@@ begin\n(.*?)^@@ end$', oracle.boot(cache, cpio, harts), re.M | re.S)
    return {'systools': said[1]} if said else {}


def main():
    args = oracle.arguments(__doc__)
    if args.name and not re.search(args.name, 'systools'):
        return 0
    folder = os.path.join(args.build, 'suites')
    os.makedirs(folder, exist_ok=True)
    one, two = oracle.runs((1, 2), ['systools'], lambda n: on_linux(args.cache, args.build, n))
    if not one or one != two:
        oracle.differs(folder, 'systools', (1, 2), (one.get('systools', ''), two.get('systools', '')))
        return 1
    oracle.write(HERE, 'systools.expected', one['systools'])
    return 0


if __name__ == '__main__':
    sys.exit(main())
