"""The ABI programs: build them, run them on the reference Linux, compare.

    run.py record [NAME]    record NAME.expected on Debian's riscv64 Linux (twice: 1 and 4 harts;
                            a program whose output differs is not recorded), and see that the
                            program prints the same there when it is built with libposix
    run.py list             their names

tests/abi/test_abi.py runs them on Tarn. A new one: a file NAME.c here, then `make oracle K=NAME`.
"""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.dirname(HERE))
import oracle  # noqa: E402
import rootfs  # noqa: E402

NOT_PROGRAMS = {'driver'}
CC = os.environ.get('CROSS', 'riscv64-linux-gnu-') + 'gcc'
FLAGS = ['-std=gnu11', '-O1', '-g0', '-Wall', '-Wextra', '-Wno-unused-result', '-Wno-nonnull',
         '-Wno-stringop-overflow', '-Wno-stringop-overread', '-Wno-array-bounds',
         '-Wno-format-truncation', '-static', '-pthread']
LIBRARIES = ('glibc', 'libposix')
# What is not built with libposix, and why.
GLIBC_ONLY = {}
# These are run once more on a CPU that QEMU does not give by itself; Linux's output: NAME.cpu.expected.
CPUS = {'vector': 'rv64,v=true'}


def names(only=None):
    """Names of the programs."""
    found = sorted(f[:-2] for f in os.listdir(HERE) if f.endswith('.c'))
    return [n for n in found if n not in NOT_PROGRAMS and (not only or re.search(only, n))]


def ours(name):
    """Is it built with libposix too?"""
    return name not in GLIBC_ONLY


def posix_words(out, source, path, *flags, loader=None, library=None):
    """The command that builds a program with `out`/libposix; Linux's own headers are Debian's, as in the SDK.

    Static, or with libc.so and that loader; with another library before it.
    """
    include = subprocess.check_output([CC, '-print-file-name=include'], text=True).strip()
    libgcc = subprocess.check_output([CC, '-print-libgcc-file-name'], text=True).strip()
    lib = os.path.join(out, 'libposix')
    form = ['-fPIE', '-pie', f'-Wl,-dynamic-linker,{loader}'] if loader else ['-static', '-no-pie']
    return [CC, '-fno-stack-protector', *flags, '-march=rv64gc', '-mabi=lp64d', '-nostdinc',
            *(word for folder in (f'{TOP}/libposix/include', f'{TOP}/kernel/include', f'{out}/gen', include)
              for word in ('-isystem', folder)), '-idirafter', '/usr/riscv64-linux-gnu/include', '-nostdlib',
            *form, '-Wl,--gc-sections', '-Wl,-z,noexecstack', '-o', path,
            os.path.join(lib, 'Scrt1.o' if loader else 'crt1.o'), source, *([library] if library else []),
            os.path.join(lib, 'libc.so' if loader else 'libposix.a'), libgcc]


def build_ours(out, wanted):
    """Those programs with libposix; a dict name -> path."""
    lib = os.path.getmtime(os.path.join(out, 'libposix', 'libposix.a'))
    return build(os.path.join(out, 'abi', 'posix'), [n for n in wanted if ours(n)], lib,
                 lambda source, path: posix_words(out, source, path, *FLAGS, '-I', HERE))


def build(folder, wanted, newer=0, words=None):
    """Compile those that changed; a dict name -> path."""
    os.makedirs(folder, exist_ok=True)
    words = words or (lambda source, path: [CC, *FLAGS, '-I', HERE, '-o', path, source])
    header = max(newer, *(os.path.getmtime(os.path.join(HERE, f)) for f in os.listdir(HERE) if f.endswith('.h')))
    out, running = {}, []
    for name in wanted:
        source, path = os.path.join(HERE, name + '.c'), os.path.join(folder, name)
        out[name] = path
        newest = max(os.path.getmtime(source), header)
        if os.path.exists(path) and os.path.getmtime(path) > newest:
            continue
        running.append((name, subprocess.Popen(words(source, path))))
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


def for_linux(cache, programs):
    """The root for Linux: with the kernel modules that programs load."""
    folder = os.path.join(cache, 'linuxfs')
    modules = {f'modules/{m}': rootfs.read(os.path.join(folder, m)) for m in os.listdir(folder)}
    return {**table(programs, for_linux=True), 'modules': None, **modules}


def parse(text):
    """Outputs from a driver's: a dict name -> (text, end). An unfinished one ends with None."""
    found = {}
    for part in re.finditer(r'^@@ begin (\S+)\n(.*?)(?:^@@ end \1 ([^\n]*)\n|\Z)', text, re.M | re.S):
        found[part[1]] = (part[2], part[3])
    return found


def one_program(folder, cache, programs, name):
    """An initramfs that runs just this one."""
    initramfs = os.path.join(folder, 'one.cpio')
    rootfs.write_cpio(initramfs, {**for_linux(cache, programs), 'wanted': name.encode() + b'\n'})
    return initramfs


def record(args):
    """Write the .expected files."""
    wanted = names(args.name)
    if not wanted:
        return 0
    folder = os.path.join(args.build, 'abi')
    programs = build(folder, names() + ['driver'])     # one may run another
    initramfs = os.path.join(folder, 'abi.cpio')
    rootfs.write_cpio(initramfs, {**for_linux(args.cache, programs),
                                  'wanted': '\n'.join(wanted).encode() + b'\n'})
    harts = (1, 4)
    runs = oracle.runs(harts, wanted, lambda n: parse(oracle.boot(args.cache, initramfs, n, '512M')))
    twins = build_ours(args.build, [*names(), 'driver'])
    rootfs.write_cpio(initramfs, {**for_linux(args.cache, twins),
                                  'wanted': '\n'.join(filter(ours, wanted)).encode() + b'\n'})
    twin = parse(oracle.boot(args.cache, initramfs, 4, '512M'))
    bad = 0
    for name in wanted:
        one, four = (r.get(name, ('', None)) for r in runs)
        if one != four:
            bad += 1
            oracle.differs(folder, name, harts, [f'{text}@@ {end}\n' for text, end in (one, four)])
        elif one[1] != 'exit 0':
            bad += 1
            print(f'{name}: ended with {one[1]}; not recorded\n{one[0][-600:]}')
        else:
            oracle.write(HERE, name + '.expected', f'{one[0]}@@ {one[1]}\n')
            if ours(name) and twin.get(name) != one:
                bad += 1
                text, end = twin.get(name, ('', None))
                oracle.write(folder, name + '.libposix', f'{text}@@ {end}\n')
                print(f'{name}: built with libposix it prints something else; see {folder}/{name}.libposix')
    for name, cpu in CPUS.items():
        if name in wanted:
            got = parse(oracle.boot(args.cache, one_program(folder, args.cache, programs, name), 4, '512M', ['-cpu', cpu]))
            text, end = got.get(name, ('', None))
            oracle.write(HERE, name + '.cpu.expected', f'{text}@@ {end}\n')
    print(f'{len(wanted) - bad} recorded, {bad} not')
    return 1 if bad else 0


def main():
    args = oracle.arguments(__doc__, 'list')
    if args.what == 'list':
        print('\n'.join(names(args.name)))
        return 0
    return record(args)


if __name__ == '__main__':
    sys.exit(main())
