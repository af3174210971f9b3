"""Debian's iproute2, net-tools and ping over the loopback: the root they run in, and what they said on Linux.

    nettools.py record [NAME]   record nettools.expected on Debian's riscv64 Linux (twice: 1 and 2 harts)

nettools.sh is the script; test_nettools.py runs it on Tarn.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import oracle  # noqa: E402
import rootfs  # noqa: E402
import suites  # noqa: E402

INIT = b"""#!/bin/sh
/bin/busybox mount -t devtmpfs none /dev
/bin/busybox mount -t proc none /proc
/bin/busybox mount -t sysfs none /sys
exec < /dev/null > /dev/console 2>&1
/bin/busybox stty -onlcr
echo '@@ begin'
sh /nettools.sh
echo '@@ end'
/bin/busybox poweroff -f
"""
APPLETS = 'sh grep sort awk sed head tail cat kill sleep'.split()


def table(cache):
    """The root that both systems run in."""
    tools = os.path.join(cache, 'nettools')
    found = {**rootfs.FOLDERS, 'proc': None, 'sys': None, 'dev': None,
             'bin': 'usr/bin', 'sbin': 'usr/sbin', 'lib': 'usr/lib',
             **suites.folder(os.path.join(tools, 'usr'), 'usr'),
             'usr/bin/busybox': rootfs.read(os.path.join(cache, 'busybox', 'busybox')),
             'nettools.sh': (0o755, rootfs.read(os.path.join(HERE, 'nettools.sh')))}
    found.update({f'usr/bin/{name}': 'busybox' for name in APPLETS})
    return found


def on_linux(cache, build, harts):
    """What was said, by section."""
    cpio = rootfs.write_cpio(os.path.join(build, 'suites', 'nettools.cpio'),
                             {**table(cache), 'init': (0o755, INIT)})
    text = oracle.boot(cache, cpio, harts)
    said = re.search(r'^@@ begin\n(.*?)^@@ end$', text, re.M | re.S)
    return {'nettools': said[1]} if said else {}


def main():
    args = oracle.arguments(__doc__)
    if args.name and not re.search(args.name, 'nettools'):
        return 0
    os.makedirs(os.path.join(args.build, 'suites'), exist_ok=True)
    one, two = oracle.runs((1, 2), ['nettools'], lambda n: on_linux(args.cache, args.build, n))
    if not one or one != two:
        oracle.differs(os.path.join(args.build, 'suites'), 'nettools', (1, 2),
                       (one.get('nettools', ''), two.get('nettools', '')))
        return 1
    oracle.write(HERE, 'nettools.expected', one['nettools'])
    return 0


if __name__ == '__main__':
    sys.exit(main())
