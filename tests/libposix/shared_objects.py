"""The programs of shared/ and the shared objects of shared/lib, built with glibc and with libposix.

Each form's objects, and the programs that others start, lie in a folder of its own (FOLDER in their
sources), where a run path finds them.
"""
import os
import subprocess

import repack

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SOURCES = os.path.join(HERE, 'shared')
LIBDIR = 'usr/lib/riscv64-linux-gnu'
LOADER = 'lib/ld-tarn-riscv64.so.1'
GLIBC = 'lib/ld-linux-riscv64-lp64d.so.1'
PREFIX = 'shared-'

# An object: its source, if that has another name; more flags; whom it needs.
OBJECTS = {
    'base': ('', ['-Wl,-z,now'], []),
    'top': ('', ['-Wl,--hash-style=sysv'], ['base']),
    'left': ('', [], []),
    'right': ('', ['-Wl,--hash-style=sysv'], []),
    'self': ('', ['-Wl,-Bsymbolic'], []),
    'deep': ('left', [], []),
    'user': ('', [], []),
    'vars': ('', [], []),
    'start': ('', [], []),
    'fixed': ('', ['-ftls-model=initial-exec'], []),
    'pick': ('', [], []),
    'broken': ('', ['-Wl,-z,lazy'], []),
    'gone': ('', [], []),
    'orphan': ('', [], ['gone']),
    'wrap': ('', [], []),
    'args': ('', [], []),
    'keeper': ('', [], []),
    **{f'many{i}': ('vars', [], []) for i in range(12)},
    'packed': ('', [], []),
    'described': ('', [], []),
    'later': ('described', ['-Ddescribed=other', '-Ddescribed_step=other_step', '-Ddescribed_vectors=other_vectors'], []),
    'more/elsewhere': ('self', [], []),
}
# A program: more flags, whom it needs.
PROGRAMS = {
    'order': (['-fno-pie', '-no-pie'], ['top', 'args', 'pick', 'base']),
    'order-pie': ([], ['top', 'args', 'pick', 'base']),
    'order-now': (['-Wl,-z,now'], ['top', 'args', 'pick', 'base']),
    'opening': (['-rdynamic', '-Wl,--disable-new-dtags'], []),
    'locals': ([], ['start']),
    'failing': ([], []),
    'asking': ([], ['base']),
    'starting': ([], []),
    'packing': ([], ['packed', 'described']),
    'forking': ([], []),
    'refusing': ([], []),
}
# Those that another starts.
INNER = {'lacking': (['-Wl,-z,lazy'], ['broken']), 'bereft': ([], ['gone'])}
REMOVED = ['gone']
# What is changed after the link, for ours: glibc's loader knows these forms from later versions on.
CHANGED = {'packed': repack.relr, 'described': repack.tlsdesc, 'later': repack.tlsdesc}
# What only ours prints, or does: glibc's child may find the loader's list half changed.
OURS_ONLY = ('refusing', 'forking')


def names():
    return [PREFIX + name for name in PROGRAMS]


def forms(name):
    """The endings of a program's name: glibc's form, and ours."""
    return ('.posix',) if name.removeprefix(PREFIX) in OURS_ONLY else ('', '.posix')


def flags_of(out, cc, ours):
    """(for compiling, for a program's link, what goes last)."""
    if not ours:
        return [], [], []
    include = subprocess.check_output([cc, '-print-file-name=include'], text=True).strip()
    libgcc = subprocess.check_output([cc, '-print-libgcc-file-name'], text=True).strip()
    compiling = ['-march=rv64gc', '-mabi=lp64d', '-nostdinc', '-isystem', f'{TOP}/libposix/include',
                 '-isystem', f'{TOP}/kernel/include', '-isystem', f'{out}/gen', '-isystem', include, '-nostdlib']
    return compiling, [f'-Wl,-dynamic-linker,/{LOADER}', f'{out}/libposix/Scrt1.o'], [f'{out}/libposix/libc.so', libgcc]


def build(out, cc, wanted):
    """Compile what the programs `wanted` and all objects are; a dict name in /abi -> path."""
    made = {}
    if not wanted:
        return made
    for form, ours in (('glibc', False), ('posix', True)):
        folder = os.path.join(out, 'twice', form)
        os.makedirs(os.path.join(folder, 'more'), exist_ok=True)
        compiling, linking, last = flags_of(out, cc, ours)
        common = [cc, '-std=gnu11', '-O1', '-g0', '-w', '-fno-builtin', f'-DFOLDER="/abi/{form}"', '-Wl,--no-as-needed',
                  *compiling]
        for name, (source, flags, needs) in OBJECTS.items():
            path = f'{folder}/{name}.so'
            subprocess.run([*common, '-fPIC', '-shared', f'-Wl,-soname,{os.path.basename(path)}', '-Wl,-rpath,$ORIGIN', *flags, *(['-DDESCRIBED'] if ours else []),
                            '-o', path, f'{SOURCES}/lib/{source or name}.c', *(f'{folder}/{n}.so' for n in needs), *last],
                           check=True)
            if ours and name in CHANGED:
                CHANGED[name](path)
            if name not in REMOVED:
                made[f'{form}/{name}.so'] = path
        for name, (flags, needs) in {**PROGRAMS, **INNER}.items():
            inner = name in INNER
            if not inner and name not in wanted:
                continue
            path = f'{folder}/{name}'
            pie = [] if '-no-pie' in flags else ['-fPIE', '-pie']
            subprocess.run([*common, *pie, '-pthread', '-Wl,-rpath,$ORIGIN' + ('' if inner else '/' + form),
                            '-Wl,--allow-shlib-undefined', *flags, *linking, '-o', path,
                            f'{SOURCES}/{name.split("-")[0]}.c', *(f'{folder}/{n}.so' for n in needs), *last], check=True)
            made[f'{form}/{name}' if inner else PREFIX + name + ('.posix' if ours else '')] = path
    return made


def libraries(out, cache):
    """A root's loaders and C libraries, as rootfs.py wants them."""
    found = {LOADER: f'{out}/libposix/{os.path.basename(LOADER)}', GLIBC: f'{cache}/libc/{LIBDIR}/{os.path.basename(GLIBC)}',
             'lib/libc.so.6': f'{cache}/libc/{LIBDIR}/libc.so.6', 'lib/libm.so': f'{out}/libposix/libm.so'}
    table = {}
    for name, path in found.items():
        with open(path, 'rb') as f:
            table[name] = f.read()
    return table
