"""docs/abi.md says what of a call is refused, and how: the kernel does refuse it so."""
import fnmatch
import os
import re

import pytest

from conftest import ROOT

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(ROOT, 'kernel', 'syscall', 'syscalls.tbl')


def said():
    """(call, name, errno, refused) for each name of a constant in the table's `missing` lines; not refused are
    those that "all but" leaves out."""
    call = None
    for line in open(TABLE, encoding='utf-8'):
        if line[0].isdigit():
            call = line.split()[1]
        if not line.startswith('\tmissing '):
            continue
        for clause in line[len('\tmissing '):].split(';'):
            found = re.match(r'(.*?): (E[A-Z0-9]+)\b', clause)
            for name in re.findall(r'[A-Z][A-Z0-9_*]{3,}', found[1]) if found else ():
                yield call, name, found[2], ' but ' not in found[1]


@pytest.mark.area('syscall', points=2)
def test_what_is_refused(tarn, program, minimal_root):
    ask = program('refusals', os.path.join(HERE, 'refusals.c'))
    got = tarn('--with', f'{ask}:/ask', root=minimal_root, command=['/ask']).ok()
    answers = [line.split() for line in got.out.decode().splitlines()]
    rows = list(said())
    assert len(rows) > 60
    for call, name, errno, refused in rows:
        told = [a[2] for a in answers if a[0] == call and fnmatch.fnmatch(a[1], name)]
        assert told, f'{call}: nobody asks for {name} (tests/boot/refusals.c)'
        assert all((t == errno) == refused for t in told), f'{call}: {name} is said to be {errno}: {told}'
