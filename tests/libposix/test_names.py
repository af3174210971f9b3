"""Which names libposix's headers show under feature-test macros, with glibc's headers as the judge; and that
what they declare is there."""
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import BUILD, CROSS, ROOT, need_file

INCLUDE = os.path.join(ROOT, 'libposix', 'include')
GCC = CROSS + 'gcc'
MODES = {
    'posix': ['-std=c11', '-D_POSIX_C_SOURCE=200809L'],
    'xsi': ['-std=c11', '-D_XOPEN_SOURCE=700'],
    'c11': ['-std=c11'],
    'gnu': ['-std=gnu11', '-D_GNU_SOURCE'],
}
WORDS = set('''auto break case char const continue default do double else enum extern float for goto if inline int long
    register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while asm'''.split())
C11 = '''assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic
    stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype'''.split()


def headers():
    """Those that both libraries have."""
    found = []
    for folder, _dirs, files in os.walk(INCLUDE):
        found += [os.path.relpath(os.path.join(folder, f), INCLUDE) for f in files if f.endswith('.h')]
    return sorted(f for f in found if not f.startswith('bits/') and os.path.exists('/usr/riscv64-linux-gnu/include/' + f))


def flags_of(library):
    """Where its headers are."""
    if library == 'glibc':
        return []
    own = subprocess.check_output([GCC, '-print-file-name=include'], text=True).strip()
    return ['-nostdinc', *(w for d in (INCLUDE, f'{ROOT}/kernel/include', f'{os.path.abspath(BUILD)}/gen', own) for w in ('-isystem', d)),
            '-idirafter', '/usr/riscv64-linux-gnu/include']


def names(library, header, mode):
    """All names that a program sees which includes just this header; the library's own, with _, left out."""
    done = subprocess.run([GCC, *MODES[mode], *flags_of(library), '-E', '-dD', '-x', 'c', '-'], input=f'#include <{header}>\n',
                          capture_output=True, text=True, check=False)
    text = re.sub(r'"(\\.|[^"\\])*"', '', done.stdout)
    found = set()
    for line in text.splitlines():
        if line.startswith('#define '):
            found.add(re.match(r'#define (\w+)', line)[1])
        elif line.startswith('#undef '):
            found.discard(line.split()[1])
        elif not line.startswith('#'):
            found.update(re.findall(r'\b[A-Za-z]\w*', line))
    builtin = subprocess.run([GCC, *MODES[mode], '-E', '-dM', '-x', 'c', '/dev/null'], capture_output=True, text=True, check=True).stdout
    return {n for n in found - WORDS - set(re.findall(r'#define (\w+)', builtin)) if n[0] != '_'}


@pytest.fixture(scope='module')
def seen():
    """A dict (library, header, mode) -> names."""
    keys = [(library, header, mode) for library in ('glibc', 'libposix') for header in headers() for mode in MODES]
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(keys, pool.map(lambda k: names(*k), keys)))
