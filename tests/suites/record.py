"""record.py [--build DIR]: record busybox.expected on Debian's riscv64 Linux (`make oracle`)."""
import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), 'abi'), HERE]
import rootfs  # noqa: E402
import run as abi  # noqa: E402
import suite_roots  # noqa: E402

INIT = b'''#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
hostname tarn
stty -onlcr
echo "@@ begin busybox"
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
    setsid sh -c 'cd /; exec sh /busybox.sh < /dev/null 2>&1 | cat'
echo "@@ end busybox exit 0"
poweroff -f
'''


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build', default='build')
    args = parser.parse_args()
    busybox = 'build/cache/busybox/busybox'
    table = {**suite_roots.busybox_table(busybox), 'init': INIT}
    initramfs = rootfs.write_cpio(os.path.join(args.build, 'busybox.cpio'), table)
    texts = []
    for harts in (1, 4):
        raw = abi.on_linux('build/cache/linux/Image', initramfs, harts)
        found = abi.parse(raw).get('busybox', (raw.decode(errors='replace'), None))
        texts.append(found[0])
        print(f'linux, {harts} harts: {len(found[0].splitlines())} lines, {found[1]}')
    if texts[0] != texts[1]:
        with open(os.path.join(args.build, 'busybox.1'), 'w', encoding='utf-8') as f:
            f.write(texts[0])
        with open(os.path.join(args.build, 'busybox.4'), 'w', encoding='utf-8') as f:
            f.write(texts[1])
        print('busybox.sh: differs with the number of harts; not recorded')
        return 1
    with open(os.path.join(HERE, 'busybox.expected'), 'w', encoding='utf-8') as f:
        f.write(texts[0])
    return 0


if __name__ == '__main__':
    sys.exit(main())
