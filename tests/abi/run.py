"""The ABI programs: build them, run them on the reference Linux, compare.

    run.py record [NAME]    record NAME.expected on Debian's riscv64 Linux (twice: 1 and 4 harts;
                            a program whose output differs is not recorded)
    run.py list             their names

tests/abi/test_abi.py runs them on Tarn. A new one: a file NAME.c here, then `make oracle K=NAME`.
"""
import argparse
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import rootfs  # noqa: E402

NOT_PROGRAMS = {'driver'}
CC = os.environ.get('CROSS', 'riscv64-linux-gnu-') + 'gcc'
FLAGS = ['-std=gnu11', '-O1', '-g0', '-Wall', '-Wextra', '-Wno-unused-result', '-Wno-nonnull',
         '-Wno-stringop-overflow', '-Wno-stringop-overread', '-Wno-array-bounds',
         '-Wno-format-truncation', '-static', '-pthread']


def names(only=None):
    """Names of the programs."""
    found = sorted(f[:-2] for f in os.listdir(HERE) if f.endswith('.c'))
    return [n for n in found if n not in NOT_PROGRAMS and (not only or re.search(only, n))]


def build(folder, wanted):
    """Compile those that changed; a dict name -> path."""
    os.makedirs(folder, exist_ok=True)
    header = os.path.join(HERE, 'abi.h')
    out, running = {}, []
    for name in wanted:
        source, path = os.path.join(HERE, name + '.c'), os.path.join(folder, name)
        out[name] = path
        newest = max(os.path.getmtime(source), os.path.getmtime(header))
        if os.path.exists(path) and os.path.getmtime(path) > newest:
            continue
        running.append((name, subprocess.Popen([CC, *FLAGS, '-I', HERE, '-o', path, source])))
        if len(running) > 1:
            wait(running.pop(0))
    for job in running:
        wait(job)
    return out


def wait(job):
    """See that a compiler is done."""
    if job[1].wait():
        raise SystemExit(f'{job[0]}.c does not compile')


def table(programs, for_linux=False):
    """The root, as rootfs.py wants it."""
    found = {**rootfs.FOLDERS, 'abi': None,
             'etc/passwd': (0o644, b'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n')}
    for name, path in programs.items():
        where = f'abi/{name}' if name != 'driver' else 'init' if for_linux else 'driver'
        found[where] = rootfs.read(path)
    return found


def parse(raw):
    """Outputs from a driver's: a dict name -> (text, end). An unfinished one ends with None."""
    text = raw.replace(b'\r\n', b'\n').decode(errors='backslashreplace')
    found = {}
    for part in re.finditer(r'^@@ begin (\S+)\n(.*?)(?:^@@ end \1 ([^\n]*)\n|\Z)', text, re.M | re.S):
        found[part[1]] = (part[2], part[3])
    return found


def on_linux(image, initramfs, harts):
    """Boot Linux (three-level page tables, as Tarn has) on the initramfs; its console's bytes."""
    done = subprocess.run(
        ['qemu-system-riscv64', '-machine', 'virt', '-smp', str(harts), '-m', '512M', '-nographic',
         '-no-reboot', '-bios', 'default', '-kernel', image, '-initrd', initramfs,
         '-append', 'console=ttyS0 quiet loglevel=0 rdinit=/init panic=-1 no4lvl'],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=400,
        check=False)
    return done.stdout


def record(args):
    """Write the .expected files."""
    wanted = names(args.name)
    if not wanted:
        return 0
    folder = os.path.join(args.build, 'abi')
    programs = build(folder, names() + ['driver'])     # one may run another
    initramfs = os.path.join(folder, 'abi.cpio')
    rootfs.write_cpio(initramfs, {**table(programs, for_linux=True),
                                  'wanted': '\n'.join(wanted).encode() + b'\n'})
    image = os.path.join('build', 'cache', 'linux', 'Image')
    if not os.path.exists(image):
        raise SystemExit(f'{image} is not there: run `make oracle`')
    runs = []
    for harts in (1, 4):
        start = time.time()
        raw = on_linux(image, initramfs, harts)
        runs.append(parse(raw))
        print(f'linux, {harts} harts: {len(runs[-1])} of {len(wanted)} programs, '
              f'{time.time() - start:.0f} s')
        if not runs[-1]:
            sys.stdout.write(raw.decode(errors='replace')[-3000:])
    bad = 0
    for name in wanted:
        one, four = (r.get(name, ('', None)) for r in runs)
        text = f'{one[0]}@@ {one[1]}\n'
        if one != four:
            bad += 1
            print(f'{name}: differs with the number of harts; not recorded')
            for which, got in (('1', one), ('4', four)):
                with open(os.path.join(folder, f'{name}.linux{which}'), 'w', encoding='utf-8') as f:
                    f.write(f'{got[0]}@@ {got[1]}\n')
        elif one[1] != 'exit 0':
            bad += 1
            print(f'{name}: ended with {one[1]}; not recorded\n{one[0][-600:]}')
        else:
            with open(os.path.join(HERE, name + '.expected'), 'w', encoding='utf-8') as f:
                f.write(text)
    print(f'{len(wanted) - bad} recorded, {bad} not')
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--build', default='build')
    parser.add_argument('what', choices=['record', 'list'])
    parser.add_argument('name', nargs='?')
    args = parser.parse_args()
    if args.what == 'list':
        print('\n'.join(names(args.name)))
        return 0
    return record(args)


if __name__ == '__main__':
    sys.exit(main())
