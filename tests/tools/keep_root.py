"""keep_root.py ROOT.tar FOLDER: the copy of a root that `make qemu` writes to; prints its path.

FOLDER/NAME is made of ROOT the first time, with room behind its end; what is written to it stays from run
to run. When ROOT has been built anew the copy is made anew too; if the machine had written to the old one,
that is kept beside it as NAME.1, NAME.2, ... One line on stderr says what is done.
"""
import os
import shutil
import sys

SLACK = 256 << 20


def mark(path):
    """What tells whether a file was changed."""
    st = os.stat(path)
    return f'{st.st_mtime_ns} {st.st_size}'


def say(text):
    print(text, file=sys.stderr)


def make(root, copy, note):
    """A copy with holes behind its end; the note is written last."""
    tmp = copy + '.new'
    shutil.copyfile(root, tmp)
    size = os.path.getsize(tmp)
    os.truncate(tmp, -(-(size + max(SLACK, size)) >> 20) << 20)
    if os.path.exists(note):
        os.remove(note)
    os.replace(tmp, copy)
    with open(note, 'w', encoding='utf-8') as f:
        f.write(f'{os.path.realpath(root)}\n{mark(root)}\n{mark(copy)}\n')


def put_aside(copy):
    """Another name for what somebody wrote."""
    number = 1
    while os.path.exists(f'{copy}.{number}'):
        number += 1
    os.rename(copy, f'{copy}.{number}')
    return f'{copy}.{number}'


def main():
    root, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    copy = os.path.join(folder, os.path.basename(root))
    note = copy + '.from'
    try:
        with open(note, encoding='utf-8') as f:
            source, before, made = f.read().splitlines()
    except (OSError, ValueError):
        source = before = made = None
    if not os.path.exists(copy):
        say(f'{copy}: made of {root}; what the machine writes stays there')
        make(root, copy, note)
    elif source == os.path.realpath(root) and before == mark(root):
        if made != mark(copy):
            say(f'{copy}: as the last machine left it (remove it to start from {root} again)')
    elif made == mark(copy):
        say(f'{copy}: made anew of {root}')
        make(root, copy, note)
    else:
        kept = put_aside(copy)
        say(f'{copy}: made anew of {root}, which is newer; what was written to the old one is in {kept}')
        make(root, copy, note)
    print(copy)


if __name__ == '__main__':
    main()
