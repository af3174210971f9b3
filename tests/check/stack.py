"""stack.py FOLDER: no kernel function uses more than 1 KiB of stack (a kernel stack has 16).

Reads the .su files that gcc writes with -fstack-usage. Also refuses frames whose size is not known
when compiling (alloca, variable arrays).
"""
import glob
import os
import sys

LIMIT = 1024


def main():
    folder = sys.argv[1]
    names = glob.glob(os.path.join(folder, '**', '*.su'), recursive=True)
    if not names:
        print(f'stack.py: no .su file under {folder}', file=sys.stderr)
        return 1
    bad = []
    for name in names:
        if '/vdso/' in name:
            continue
        with open(name, encoding='utf-8') as f:
            for line in f:
                where, size, kind = line.rstrip('\n').split('\t')
                if int(size) > LIMIT:
                    bad.append((int(size), where, f'{size} bytes of stack, the limit is {LIMIT}'))
                elif 'dynamic' in kind and 'bounded' not in kind:
                    bad.append((int(size), where, 'the size of its frame is not bounded'))
    for _, where, what in sorted(bad, reverse=True):
        print(f'{where}: {what}')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
