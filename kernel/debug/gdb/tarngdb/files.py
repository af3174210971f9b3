"""Open files, and the paths of dentries."""
from tarngdb.base import (Command, entries, global_value, symbol_of, table, task_argument, text_of,
                          title_of)

ACCESS = {0: 'r', 1: 'w', 2: 'rw', 3: 'rw'}
FLAGS = ((0o2000, 'append'), (0o4000, 'nonblock'), (0o10000000, 'path'))


def path_text(mount, dentry):
    """The path of a name, over the mounts; pseudo files have just a name."""
    parts = []
    for _ in range(4096):
        if int(mount) and int(dentry) == int(mount['root']):
            if int(mount['parent']) == int(mount) or not int(mount['mountpoint']):
                return '/' + '/'.join(reversed(parts))
            dentry, mount = mount['mountpoint'], mount['parent']
            continue
        parts.append(text_of(dentry['name']))
        if int(dentry['parent']) == int(dentry):
            break
        dentry = dentry['parent']
    return '/'.join(reversed(parts))


def file_path(file):
    """The path of an open file, by pointer."""
    return path_text(file['path']['mnt'], file['path']['dentry']) if int(file) else ''


def open_files(task):
    """(descriptor, file pointer, closes on exec) of a task."""
    files = task['files']
    if not int(files):
        return
    fds = files['table']
    for word in range(int(fds['max']) // 64):
        bits, close = int(fds['open'][word]), int(fds['cloexec'][word])
        while bits:
            low = bits & -bits
            number = word * 64 + low.bit_length() - 1
            bits ^= low
            if int(fds['fd'][number]):
                yield number, fds['fd'][number], bool(close & low)


class Files(Command):
    """Open files of a task: tarn files [TASK]."""
    NAME = 'files'

    def run(self, words):
        task = task_argument(words)
        print(title_of(task))
        if int(task['fs']):
            for name in ('cwd', 'root'):
                path = task['fs'][name]
                print(f"  {name} {path_text(path['mnt'], path['dentry'])}")
        rows = []
        for number, file, closes in open_files(task):
            flags = int(file['flags'])
            words = [ACCESS[flags & 3]] + [name for bit, name in FLAGS if flags & bit]
            words += ['cloexec'] if closes else []
            rows.append((number, ','.join(words), int(file['pos']), int(file['refs']['v']),
                         symbol_of(file['ops']), hex(int(file)), file_path(file)))
        if rows:
            table(['fd>', 'flags', 'pos>', 'refs>', 'ops', 'struct file', 'path'], rows)
        else:
            print('  no open files')


class Mounts(Command):
    """What is mounted where, in the first namespace: tarn mounts."""
    NAME = 'mounts'

    def run(self, words):
        rows = []
        for mount in entries(global_value('first_mnt_ns')['mounts'], 'mount', 'link'):
            rows.append((text_of(mount['sb']['fs']['name']),
                         path_text(mount.address, mount['root']), text_of(mount['devname']),
                         hex(int(mount.address))))
        table(['type', 'on', 'from', 'struct mount'], rows)


Files()
Mounts()
