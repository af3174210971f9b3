"""dead.py LD-COMMAND OBJECT...: no dead code. Finds, outside lib/ (a library, tested on the host):

    functions and objects that nothing reaches from the kernel's entry, vectors and tables
    (the linker's --gc-sections says: objects are compiled with a section a function);
    prototypes in headers without a definition; macros and inline functions that nobody uses
    (kernel/include is left out: it is the ABI, and the language's own extensions; constants
    too: a header may list all that its specification names).

What the host's tests and tools call counts as used. The objects are the debug build's, which has
every caller that the other one has.
"""
import collections
import glob
import re
import subprocess
import sys

from includes import ROOT, files, room_of

REMOVED = re.compile(r"removing unused section '(\.(?:text|data|bss|rodata|sdata|sbss)\.[^']+)' in file '([^']+)'")
PROTOTYPE = re.compile(r'^(?!\s|#|static|typedef|_Static_assert)[\w\s*]*?\b(\w+)\([^;{}]*\)[^;{}]*;', re.M)
DEFINED = re.compile(r'^(?:#define\s+([a-z]\w*|\w+(?=\())|static inline [^;(]*?\b(\w+)\()', re.M)
WORD = re.compile(r'\b[A-Za-z_]\w*\b')
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)


def unreached(link, objects):
    """(file, name) of each section that the linker would leave out."""
    done = subprocess.run([*link.split(), '-Wl,--gc-sections', '-Wl,--print-gc-sections',
                           '-o', '/dev/null', *objects], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    for line in done.stderr.splitlines():
        m = REMOVED.search(line)
        if m and '.str' not in m[1] and '.cst' not in m[1] and '/lib/' not in m[2]:
            yield m[2], m[1].split('.', 2)[2]


def symbols(objects):
    """All names that the objects define."""
    out = subprocess.run(['riscv64-linux-gnu-nm', '--defined-only', *objects],
                         capture_output=True, text=True, check=True).stdout
    return {line.split()[-1] for line in out.splitlines() if line.count(' ') >= 2}


def main():
    link, *objects = sys.argv[1:]
    texts = {}
    for path in files():
        with open(f'{ROOT}/{path}', encoding='utf-8') as f:
            texts[path] = COMMENT.sub('', f.read())
    uses = collections.Counter(w for text in texts.values() for w in WORD.findall(text))
    for obj in objects:
        if '/gen/' in obj:
            with open(obj[:-1] + 'c', encoding='utf-8') as f:
                uses.update(WORD.findall(f.read()))
    elsewhere = set()
    for path in glob.glob(f'{ROOT}/tests/host/**/*.c', recursive=True) + glob.glob(f'{ROOT}/mkfs/*.c'):
        with open(path, encoding='utf-8') as f:
            elsewhere.update(WORD.findall(f.read()))
    bad = [f'{obj}: nothing reaches {name}' for obj, name in unreached(link, objects)
           if name not in elsewhere]
    have = symbols(objects)
    sources = set(w for path, text in texts.items() if path.endswith('.c') for w in WORD.findall(text))
    for path, text in texts.items():
        if not path.endswith('.h') or room_of(path) in ('include', 'lib'):
            continue
        for m in PROTOTYPE.finditer(text):
            if m[1] not in have | sources and not m[0].startswith('extern'):
                bad.append(f'{path}: {m[1]} is declared and nowhere defined')
        for m in DEFINED.finditer(text):
            name = m[1] or m[2]
            if uses[name] == 1 and name not in elsewhere:
                bad.append(f'{path}: nobody uses {name}')
    print('\n'.join(bad), end='\n' if bad else '')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
