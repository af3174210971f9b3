"""What those who record on Debian's Linux share: the boot, the runs to compare, what becomes of a difference.

A recorder runs its programs once for each number of harts; a program whose results differ is not
recorded, since it tests its own luck.
"""
import argparse
import os
import subprocess
import time


def arguments(doc, *others):
    """The command line of a recorder: `record [NAME]`, or another of its own words."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default='build')
    parser.add_argument('--cache', default='build/cache')
    parser.add_argument('what', choices=['record', *others])
    parser.add_argument('name', nargs='?')
    return parser.parse_args()


def boot(cache, initramfs, harts, mem='1G', more=()):
    """Boot Debian's Linux (three-level page tables, as Tarn has) on an initramfs whose /init ends it; its
    console's text."""
    image = os.path.join(cache, 'linux', 'Image')
    if not os.path.exists(image):
        raise SystemExit(f'{image} is not there: run `make oracle`')
    done = subprocess.run(
        ['qemu-system-riscv64', '-machine', 'virt', '-smp', str(harts), '-m', mem, '-nographic', '-no-reboot',
         '-bios', 'default', '-kernel', image, '-initrd', initramfs, *more,
         '-append', 'console=ttyS0 quiet loglevel=0 rdinit=/init panic=-1 no4lvl'],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900, check=False)
    text = done.stdout.replace(b'\r\n', b'\n').decode(errors='backslashreplace')
    if '@@' not in text:
        print('no program ran:\n' + text[-3000:])
    return text


def runs(harts, wanted, run):
    """run(harts), a dict by program, for each number of harts."""
    out = []
    for n in harts:
        start = time.time()
        out.append(run(n))
        print(f'linux, {n} harts: {len(out[-1])} of {len(wanted)} programs, {time.time() - start:.0f} s')
    return out


def write(folder, name, text):
    with open(os.path.join(folder, name), 'w', encoding='utf-8') as f:
        f.write(text)


def differs(folder, name, harts, texts):
    """Say that a program is not recorded, and keep what it printed on each number of harts."""
    for n, text in zip(harts, texts):
        write(folder, f'{name}.linux{n}', text)
    print(f'{name}: differs with the number of harts; not recorded. See {folder}/{name}.linux*')
