"""Lines typed at the shell: the keys of vi, and fc with an editor."""
import re

import pytest

pytestmark = pytest.mark.area('boot')

# What is typed behind "echo ", and what comes of it; \x1b ends an insertion. The machine's shell, its history
# begun with these lines in this order.
VI = [
    ('one two three\x1bbbdw', 'one three'),
    ('one two\x1bbcwten\x1b', 'one ten'),
    ('one two\x1bbbcwten\x1b', 'ten two'),
    ('abc\x1bhrX', 'aXc'),
    ('abc\x1bbxx', 'c'),
    ('abc def\x1bbb2x', 'c def'),
    ('abc def ghi\x1b3b2dw', 'ghi'),
    ('abc def ghi\x1b3bd2w', 'ghi'),
    ('abc def\x1bbDanew\x1b', 'abc new'),
    ('a b\x1bbyw$p', 'a ba'),
    ('ab cd\x1bbbdwP', 'ab cd'),
    ('ab\x1bx3p', 'abbb'),
    ('abc\x1bbi-\x1bA+\x1b', '-abc+'),
    ('hello\x1bb~l~', 'HeLlo'),
    ('hello\x1bb3~', 'HELlo'),
    ('a.b.c d\x1bBbdt.P', 'a.b.c d'),
    ('a.b.c\x1bdF.', 'a.bc'),
    ('a.b.c\x1bBf.;x', 'a.bc'),
    ('a.b.c\x1bBf.;,x', 'ab.c'),
    ('foo bar\x1bbxlx.u', 'foo a'),
    ('a b c\x1bBBiX\x1bw.', 'Xa Xb c'),
    ('one\x1bcctwo\x1b0iecho \x1b', 'two'),
    ('one\x1bSecho two\x1b', 'two'),
    ('one\x1bxxx0U', 'one'),
    ('abcd\x1bbRxyz\x7f\x7f\x1b', 'xbcd'),
    ('abcdef\x1b8|D', 'ab'),
    ('d\u00e4x\x1bhr\u00f6', 'd\u00f6x'),
    ('left\x1b[D\x1b[D-', 'le-ft'),         # cursor keys, from an insertion
    ('left\x1b\x1b[Dx', 'let'),             # and from command mode
    ('one\x1b_', 'one let'),
    ('again\x1bk0wCk\x1b', 'k'),
    ('x\x1b/Xa\r', 'Xa Xb c'),
    ('x\x1b/^echo o\rn', 'one'),
    ('x\x1b/^echo o\rnnN', 'one let'),
    ('x\x1b/^echo o\rnk', 'Xa Xb c'),
    ('/etc/hostn\x1b\\', '/etc/hostname'),
    ('/etc/hostn\x1b*\x08!', '/etc/hostname!'),
    ('x\x1b@q', 'xyz'),
]


def shown(data):
    """What a terminal shows, less its control sequences."""
    return re.sub(rb'\x1b\[[0-9;?]*[A-Za-z]|[\r\a]', b'', data)


def test_vi(console, full_root):
    """Each key of vi: motions, changes, repetition, undoing, history, expansion."""
    con = console(full_root, timeout=60)
    con.wait_prompt()
    con.command("alias _q='ayz\x16\x1b'")
    con.command('set -o vi')
    for keys, want in VI:
        con.child.send('echo ' + keys + '\r')
        con.expect(rb'\n' + re.escape(want.encode()) + rb' *\r*\n')
        con.expect(con.prompt)
    con.child.send('echo comment\x1b#')
    con.expect(con.prompt)
    con.child.send('\x1bkk0wDafirst\x1b1\r')


def test_fc(console, full_root):
    """fc with an editor: what it leaves is run, and is in the history in the place of fc."""
    con = console(full_root, timeout=60)
    con.wait_prompt()
    con.command('echo one; echo two')
    got = con.command("fc -e 'sed -i s/two/three/'").decode()
    assert got == 'echo one; echo three\none\nthree\n'
    assert con.command('fc -ln -1') == b'\techo one; echo three\n'
    con.command('a() { echo $1$2; }')
    con.command('a 1')
    con.command('a 2')
    assert con.command("fc -e 'sed -i s/$/3/' -2 -1") == b'a 13\na 23\n13\n23\n'
    assert con.command("fc -r -e 'sed -i s/3/4/' -2 -1") == b'a 24\na 14\n24\n14\n'
    assert con.command('fc -e false') == b''
    assert con.command('echo $?') == b'1\n'
    assert con.command('fc -s 14=5 "a 1"') == b'a 5\n5\n'
    assert con.command('FCEDIT="sed -i s/5/6/"; fc a') == b'a 6\n6\n'
    lines = con.command('fc -l -3').decode().splitlines()
    assert [line.split('\t')[1] for line in lines][-1] == 'a 6'
    con.command('VISUAL="sed -i s/six/seven/"; set -o vi')
    con.child.send('echo six\x1bv')
    assert shown(con.expect(con.prompt)).decode().rstrip().endswith('echo seven\nseven')
