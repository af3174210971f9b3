"""Programs that are built with glibc and with libposix (static, and linked with libc.so), and print the same.

    run.py record [NAME]    record NAME.expected on Debian's riscv64 Linux: what the program prints when built
                            with glibc. The one built with libposix must print that there too.
    run.py list             their names

Those of the folder shared/ are about shared objects, which shared_objects.py builds.

test_libposix_twice.py runs all on Tarn. A new one: a file NAME.c here, then `make oracle K=NAME`.
"""
import importlib.util
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, HERE)
import oracle  # noqa: E402
import rootfs  # noqa: E402
import shared_objects as shared  # noqa: E402

# The driver that runs programs one by one, and what it prints, are those of tests/abi.
_spec = importlib.util.spec_from_file_location('abi_run', os.path.join(os.path.dirname(HERE), 'abi', 'run.py'))
abi = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(abi)

CC = os.environ.get('CROSS', 'riscv64-linux-gnu-') + 'gcc'
FLAGS = ['-std=gnu11', '-O1', '-g0', '-w', '-fno-builtin']
# Those that need libm of ours too.
MATHS = {'c23', 'fenv', 'maths', 'narrow'}
# Functions that look after their stack.
GUARDED = {'guards': ['-fstack-protector-all']}
# Run once more on a CPU that QEMU does not give by itself: NAME.cpu.expected.
CPUS = {'shared-packing': 'rv64,v=true'}
# The library's own names of a program, beside the plain name for glibc's.
OURS = '.posix'
SHARED = '.shared'


def names(only=None):
    """Names of the programs."""
    found = sorted(f[:-2] for f in os.listdir(HERE) if f.endswith('.c')) + shared.names()
    return [n for n in found if not only or re.search(only, n)]


def forms(name):
    """A program's names, one a form."""
    return [name + end for end in (shared.forms(name) if name.startswith(shared.PREFIX) else ('', OURS, SHARED))]


def build(out, wanted):
    """Compile each three times, with `out`/libposix; a dict name -> path."""
    folder = os.path.join(out, 'twice')
    os.makedirs(folder, exist_ok=True)
    made = {}
    for name in wanted:
        source, path = f'{HERE}/{name}.c', f'{folder}/{name}'
        maths = [f'{out}/libposix/libm.{end}' if name in MATHS else None for end in ('a', 'so')]
        flags = FLAGS + GUARDED.get(name, [])
        subprocess.run([CC, *flags, '-static', '-o', path, source, '-lm', '-lresolv'], check=True)
        subprocess.run(abi.posix_words(out, source, path + OURS, *flags, library=maths[0]), check=True)
        subprocess.run(abi.posix_words(out, source, path + SHARED, *flags, loader='/' + shared.LOADER, library=maths[1]), check=True)
        made.update({name + end: path + end for end in ('', OURS, SHARED)})
    return made


def programs(out, wanted):
    """All forms of each, and the driver."""
    ours = [n for n in wanted if n.startswith(shared.PREFIX)]
    return {**build(out, [n for n in wanted if n not in ours]),
            **shared.build(out, CC, [n.removeprefix(shared.PREFIX) for n in ours]),
            **abi.build(os.path.join(out, 'abi'), ['driver'])}


def table(out, cache, found, for_linux=False):
    """The root: the programs, both C libraries and their loaders."""
    return {**abi.table(found, for_linux=for_linux), 'tmp': None, **shared.libraries(out, cache),
            'bin/sh': rootfs.read(os.path.join(out, 'user', 'sh'))}


def record(args):
    """Write the .expected files."""
    wanted = names(args.name)
    if not wanted:
        return 0
    folder = os.path.join(args.build, 'twice')
    found = programs(args.build, wanted)
    initramfs = os.path.join(folder, 'twice.cpio')
    runs = [(None, wanted), *((cpu, [name]) for name, cpu in CPUS.items() if name in wanted)]
    bad = 0
    for cpu, some in runs:
        order = [form for n in some for form in forms(n)]
        rootfs.write_cpio(initramfs, {**table(args.build, args.cache, found, for_linux=True),
                                      'wanted': '\n'.join(order).encode() + b'\n'})
        got = abi.parse(oracle.boot(args.cache, initramfs, 2, '512M', *([['-cpu', cpu]] if cpu else [])))
        bad += write(some, got, '.cpu.expected' if cpu else '.expected')
    print(f'{len(wanted) - bad} recorded, {bad} not')
    return 1 if bad else 0


def write(names_of, got, ending):
    """The files of one boot; how many programs did not do as they should."""
    bad = 0
    for name in names_of:
        first, *others = forms(name)
        theirs = got.get(first, ('', None))
        if theirs[1] != 'exit 0':
            bad += 1
            print(f'{name}: ended with {theirs[1]}; not recorded\n{theirs[0][-600:]}')
            continue
        oracle.write(HERE, name + ending, f'{theirs[0]}@@ {theirs[1]}\n')
        for other in others:
            ours = got.get(other, ('', None))
            if theirs != ours:
                bad += 1
                print(f'{other}: prints something else on Linux\n{ours[0][-2000:]}@@ {ours[1]}')
    return bad


def main():
    args = oracle.arguments(__doc__, 'list')
    if args.what == 'list':
        print('\n'.join(names(args.name)))
        return 0
    return record(args)


if __name__ == '__main__':
    sys.exit(main())
