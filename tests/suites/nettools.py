"""Debian's iproute2, net-tools and ping over the loopback: the roots they run in, and what they said on Linux.

    nettools.py record [NAME]   record nettools.expected, netdiag.expected, netns.expected, netconf.expected on Debian's riscv64 Linux (twice: 1 and
                                2 harts)

NAME.sh is the script; test_nettools.py runs it on Tarn.
"""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import netapps  # noqa: E402
import oracle  # noqa: E402
import rootfs  # noqa: E402
import suites  # noqa: E402

INIT = """#!/usr/bin/busybox sh
/bin/busybox mount -t devtmpfs none /dev
/bin/busybox mount -t proc none /proc
/bin/busybox mount -t sysfs none /sys
for m in MODULES; do
	/bin/busybox insmod /modules/$m.ko
done
exec < /dev/null > /dev/console 2>&1
/bin/busybox stty -onlcr
echo '@@ begin'
/bin/sh /SCRIPT
echo '@@ end'
/bin/busybox poweroff -f
"""
MODULES = 'inet_diag tcp_diag udp_diag raw_diag unix_diag af_packet_diag netlink_diag veth'
NAMES = 'nettools', 'netdiag', 'netns', 'netconf'
NETCONF = {
    'netconf': 'netconf_word netconf_frames netconf_neigh netconf_icmp netconf_router netconf_group netconf_tcp '
               'netconf_peer netconf_port',
    'netconf_sock': 'netconf_word',
}
APPLETS = 'sh grep sort awk sed head tail cat kill sleep ls mount'.split()


def table(cache, name):
    """The root that both systems run in: netdiag has more programs, and Debian's own shell."""
    script = {f'{name}.sh': (0o755, rootfs.read(os.path.join(HERE, f'{name}.sh')))}
    if name == 'netdiag':
        return {**netapps.table(cache), **script}
    tools = os.path.join(cache, 'nettools')
    found = {**rootfs.FOLDERS, 'proc': None, 'sys': None, 'dev': None, 'run': None,
             'bin': 'usr/bin', 'sbin': 'usr/sbin', 'lib': 'usr/lib',
             **suites.folder(os.path.join(tools, 'usr'), 'usr'),
             'usr/bin/busybox': rootfs.read(os.path.join(cache, 'busybox', 'busybox')), **script}
    if name == 'netconf':
        found.update({p: (0o755, rootfs.read(compiled(p, parts.split()))) for p, parts in NETCONF.items()})
    found.update({f'usr/bin/{applet}': 'busybox' for applet in APPLETS})
    return found


def compiled(name, parts):
    """A program of c/, static, of its own file and other parts."""
    folder = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'build', 'suites')
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    subprocess.check_call([os.environ.get('CROSS', 'riscv64-linux-gnu-') + 'gcc', '-std=gnu11', '-O1', '-g0', '-Wall',
                           '-static', '-o', path, *(os.path.join(HERE, 'c', f'{n}.c') for n in [name, *parts])])
    return path


def on_linux(cache, build, name, harts):
    """What was said, by section."""
    modules = suites.folder(os.path.join(cache, 'linux', 'modules'), 'modules')
    lacking = [m for m in MODULES.split() if f'modules/{m}.ko' not in modules]
    if lacking:  # fetched when the recipe did not name them yet
        raise SystemExit(f'{cache}/linux has no {", ".join(lacking)}: remove it and its stamp, and run `make oracle`')
    cpio = rootfs.write_cpio(os.path.join(build, 'suites', 'nettools.cpio'), {
        **table(cache, name), **modules, 'init': (0o755, INIT.replace('SCRIPT', f'{name}.sh').replace('MODULES', MODULES).encode())})
    text = oracle.boot(cache, cpio, harts)
    said = re.search(r'^@@ begin\n(.*?)^@@ end$', text, re.M | re.S)
    return {name: said[1]} if said else {}


def main():
    args = oracle.arguments(__doc__)
    os.makedirs(os.path.join(args.build, 'suites'), exist_ok=True)
    bad = 0
    for name in NAMES:
        if args.name and not re.search(args.name, name):
            continue
        one, two = oracle.runs((1, 2), [name], lambda n, name=name: on_linux(args.cache, args.build, name, n))
        if not one or one != two:
            oracle.differs(os.path.join(args.build, 'suites'), name, (1, 2), (one.get(name, ''), two.get(name, '')))
            bad += 1
        else:
            oracle.write(HERE, f'{name}.expected', one[name])
    return bad


if __name__ == '__main__':
    sys.exit(main())
