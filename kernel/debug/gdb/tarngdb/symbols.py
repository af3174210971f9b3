"""Symbols of user programs. Programs of ours are found in build/user by their names; at every stop
those of the program that the selected hart runs are loaded, so that its functions and lines have
names."""
import os
import struct

import gdb

from tarngdb.base import Command, KernelView, booted, current, task_argument, title_of, tree
from tarngdb.files import file_path

LOADED = {}         # file -> bias it is loaded at
CHOSEN = set()      # files that somebody asked for: they stay
AUTO = {'mm': 0, 'file': None, 'off': False}


def folders():
    """Where our programs lie: beside the kernel that gdb reads."""
    kernel = gdb.current_progspace().filename or 'build/tarn.elf'
    build = os.path.dirname(os.path.abspath(kernel))
    names = [os.path.join(build, 'user'), os.path.join(os.path.dirname(build), 'user'),
             os.path.join(build, 'test-programs'), os.path.join(build, 'abi')]
    return [name for name in names if os.path.isdir(name)]


def local_file(path):
    """Our copy of a program of the root."""
    for folder in folders():
        file = os.path.join(folder, os.path.basename(path))
        if os.path.isfile(file):
            return file
    return None


def first_address(file):
    """(is it position independent, the lowest page) of an ELF file; None: not for RISC-V."""
    with open(file, 'rb') as f:
        head = f.read(64)
        if head[:6] != b'\x7fELF\x02\x01' or head[18:20] != b'\xf3\0':
            return None
        kind, = struct.unpack_from('<H', head, 16)
        offset, = struct.unpack_from('<Q', head, 32)
        size, count = struct.unpack_from('<HH', head, 54)
        low = None
        for i in range(count):
            f.seek(offset + i * size)
            part = f.read(size)
            if struct.unpack_from('<I', part)[0] == 1:
                address = struct.unpack_from('<Q', part, 16)[0] & ~4095
                low = address if low is None else min(low, address)
    return kind == 3, low or 0


def bias_of(file, task):
    """How far a program is moved in a task's space."""
    found = first_address(file)
    if found is None:
        raise gdb.GdbError(f'{file}: not a riscv64 program')
    moves, low = found
    if not moves or task is None or not int(task['mm']):
        return 0
    name = os.path.basename(file)
    for area in tree(task['mm']['areas'], 'area', 'node'):
        if int(area['owner']) and os.path.basename(
                file_path(gdb.Value(int(area['owner'])).cast(
                    gdb.lookup_type('struct file').pointer()))) == name:
            return int(area['start']) - low
    return 0


def load(file, bias):
    """Loads symbols once."""
    if LOADED.get(file) == bias:
        return
    unload(file)
    gdb.execute(f"add-symbol-file {file} -o {bias:#x}", to_string=True)
    LOADED[file] = bias


def unload(file):
    """Forgets them."""
    if file in LOADED:
        del LOADED[file]
        try:
            gdb.execute(f'remove-symbol-file {file}', to_string=True)
        except gdb.error:
            pass


def follow(_event=None):
    """At a stop: the symbols of whoever runs."""
    if AUTO['off']:
        return
    try:
        with KernelView():
            follow_task()
    except (gdb.error, gdb.GdbError, OSError):
        pass        # a machine that is not up yet, or memory in the middle of a change


def follow_task():
    """Loads the symbols of the selected hart's program when it is another than last time."""
    if not booted():
        return
    task = current()
    space = int(task['mm'])
    exe = int(task['mm']['exe']) if space else 0
    if not exe or AUTO['mm'] == (space, exe):
        return
    AUTO['mm'] = (space, exe)
    file = local_file(file_path(task['mm']['exe']))
    if AUTO['file'] not in CHOSEN and AUTO['file'] != file:
        unload(AUTO['file'])
    if file:
        load(file, bias_of(file, task))
    AUTO['file'] = file


class Symbols(Command):
    """Symbols of a user program: tarn symbols [FILE] [TASK].

    FILE is a riscv64 program here; without it, what TASK (or the current one) runs is looked for in
    build/user. Symbols asked for so stay; others are loaded and dropped as the machine stops."""
    NAME = 'symbols'
    COMPLETE = gdb.COMPLETE_FILENAME

    def run(self, words):
        file = None
        if words and os.path.isfile(words[0]):
            file, words = os.path.abspath(words[0]), words[1:]
        task = task_argument(words) if words or booted() else None
        if file is None:
            path = file_path(task['mm']['exe']) if task is not None and int(task['mm']) else ''
            if not path:
                raise gdb.GdbError('which program? tarn symbols FILE')
            file = local_file(path)
            if file is None:
                raise gdb.GdbError(f'{title_of(task)} runs {path}, of which there is no copy in '
                                   f"{', '.join(folders())}: name the file")
        load(file, bias_of(file, task))
        CHOSEN.add(file)
        print(f'{file}, moved by {LOADED[file]:#x}')


Symbols()
gdb.events.stop.connect(follow)
