"""Which way the includes run: fails on an arrow that points to the right.

    lib <- arch, sbi <- sync <- alloc <- core <- mm <- dev <- drivers
                        mm, dev <- fs <- net <- ipc <- proc <- syscall <- procfs, sysfs
                                   core <- keys <- proc

A room includes itself, rooms to its left, and kernel/include. main.c and debug/ see everybody;
nobody includes drivers, procfs, sysfs or debug, but for debug/tracepoint.h, whose calls stand in every
room and which counts as core's. The table below is that picture, spelt out.
"""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LEFT = {'lib': []}
LEFT['arch'] = LEFT['sbi'] = ['lib', 'arch', 'sbi']
LEFT['sync'] = LEFT['arch'] + ['sync']
LEFT['alloc'] = LEFT['sync'] + ['alloc']
LEFT['core'] = LEFT['alloc'] + ['core']
LEFT['keys'] = LEFT['core'] + ['keys']
LEFT['mm'] = LEFT['core'] + ['mm']
LEFT['dev'] = LEFT['mm'] + ['dev']
LEFT['drivers'] = LEFT['dev'] + ['drivers']
LEFT['fs'] = LEFT['dev'] + ['fs']
LEFT['net'] = LEFT['fs'] + ['net']
LEFT['ipc'] = LEFT['net'] + ['ipc']
LEFT['proc'] = LEFT['ipc'] + ['keys', 'proc']
LEFT['syscall'] = LEFT['proc'] + ['syscall']
LEFT['procfs'] = LEFT['syscall'] + ['procfs']
LEFT['sysfs'] = LEFT['syscall'] + ['sysfs']
EVERYBODY = {'main', 'debug'}
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.M)


def room_of(path):
    """The room of a file, by its path from the root."""
    parts = path.split('/')
    if path == 'kernel/debug/tracepoint.h':
        return 'core'
    if parts[0] == 'sbi':
        return 'sbi'
    if len(parts) == 2:
        return 'main'
    return parts[1]


def files():
    """All C, header and assembly files of the kernel."""
    for top in ('kernel', 'sbi'):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            for name in sorted(names):
                if name.endswith(('.c', '.h', '.S')):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def target_of(path, name):
    """The file an include names, from the root; None for one of no room (kernel/include, generated)."""
    for base in (os.path.dirname(path), 'kernel', 'kernel/include', ''):
        full = os.path.normpath(os.path.join(base, name))
        if os.path.exists(os.path.join(ROOT, full)):
            return None if full.startswith('kernel/include/') else full
    return None


def main():
    wrong = 0
    for path in files():
        room = room_of(path)
        with open(os.path.join(ROOT, path), encoding='utf-8') as f:
            text = f.read()
        for found in INCLUDE.finditer(text):
            target = target_of(path, found[1])
            line = text.count('\n', 0, found.start(1)) + 1
            if room == 'include':
                if target:
                    print(f'{path}:{line}: kernel/include includes {found[1]}, of a room')
                    wrong += 1
                continue
            if not target or room in EVERYBODY:
                continue
            other = room_of(target)
            if room not in LEFT:
                print(f'{path}:{line}: the room {room} is not in the picture (tests/check/includes.py)')
                wrong += 1
                break
            if other != room and other not in LEFT[room]:
                print(f'{path}:{line}: {room} includes {found[1]}, to its right')
                wrong += 1
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
