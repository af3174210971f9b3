"""Debian's static busybox: a long script whose output was recorded on Linux, and sessions typed at it."""
import difflib
import os
import re
import time

import pytest
import suites
from conftest import Terminal

with open(os.path.join(suites.HERE, 'busybox.expected'), encoding='utf-8') as expected_file:
    TEXT = expected_file.read()


def sections(text):
    """The output by section."""
    parts = re.split(r'^== (.*)\n', text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


EXPECTED = sections(TEXT)


@pytest.fixture(scope='session')
def script_run(tarn, suite_root):
    """The script's output, once for each number of harts."""
    done = {}

    def run(harts):
        if harts not in done:
            done[harts] = tarn('--smp', str(harts), root=suite_root, timeout=120,
                               command=suites.PROGRAMS['busybox'][0])
        return done[harts]
    return run


@pytest.mark.area('suites')
@pytest.mark.parametrize('harts', [1, 4])
@pytest.mark.parametrize('section', [s for s in EXPECTED if s != 'end'])
def test_script(script_run, section, harts):
    got = script_run(harts)
    actual = sections(got.out.decode(errors='backslashreplace'))
    assert section in actual, f'the script did not get there: {got!r}'
    if actual[section] != EXPECTED[section]:
        diff = list(difflib.unified_diff(EXPECTED[section].splitlines(), actual[section].splitlines(),
                                         'linux', 'tarn', n=0, lineterm=''))[2:]
        pytest.fail(' / '.join(line for line in diff if line[:1] in '+-')[:600], pytrace=False)


@pytest.mark.area('suites')
@pytest.mark.parametrize('harts', [1, 4])
def test_script_ends(script_run, harts):
    got = script_run(harts)
    assert got.status == 0 and got.out.endswith(b'== end\n'), repr(got)


# ---- typed at it -----------------------------------------------------------------------------

@pytest.mark.area('tty', points=3)
def test_editing(console, busybox_root):
    """The shell's line editor and history: keys as a terminal sends them."""
    con = console(busybox_root, timeout=30)
    con.wait_prompt()
    assert con.command('echo hello world') == b'hello world\n'
    assert con.command('echo $((1 + 2)) | cat -n').split() == [b'1', b'3']
    for keys, shown in [
            ('echo lost\x15echo kept', 'kept'),                           # ^U
            ('echo abx\x7fc', 'abc'),                                     # backspace
            ('cho end' + 4 * '\x1b[D' + ' mid\x1b[He\x05!', 'mid end!'),   # left, home, ^E
            ('echo one two\x17three', 'one three'),                       # ^W
            ('\x1b[A\x1b[A\x1b[A', 'abc'),                                # up: history
            ('\x1b[A\x1b[A\x1b[B ', 'abc'),                               # and down
            ('cat /etc/hostn\t', 'tarn')]:                               # completion
        con.child.send(keys + '\n')
        con.expect(rb'\n' + re.escape(shown).encode() + rb'\r*\n')
        con.expect(con.prompt)
    con.child.send('echo abandoned\x03')                 # ^C drops the line
    con.expect(con.prompt)
    assert con.command('x=$(printf "%s-" a b `echo c`); echo $x') == b'a-b-c-\n'
    con.child.send('for i in 1 2; do\n')
    con.expect(b'> ')
    con.child.send('echo "<$i>"; done\n')
    con.expect(rb'<1>\r+\n<2>\r+\n')
    con.expect(con.prompt)


@pytest.mark.area('tty', points=3)
def test_jobs(console, busybox_root):
    """^C, ^\\, ^Z, ^D, fg, bg, jobs, a stopped reader, echo off, a pager in raw mode."""
    con = console(busybox_root, timeout=30)
    con.wait_prompt()

    def started(text):
        con.child.sendline(text)
        con.expect(re.escape(text.encode()))
        time.sleep(0.7)

    started('sleep 100')
    con.child.sendcontrol('c')
    con.expect(con.prompt)
    assert con.command('echo $?') == b'130\n'
    started('sleep 100')
    con.child.sendcontrol('\\')
    con.expect(con.prompt)
    assert con.command('echo $?') == b'131\n'
    started('sleep 100 | cat')                           # the whole group
    con.child.sendcontrol('c')
    con.expect(con.prompt)
    started('cat')
    con.child.sendline('typed')
    con.expect(rb'typed\r+\ntyped\r+\n')
    con.child.sendcontrol('d')
    con.expect(con.prompt)
    started('sleep 50')
    con.child.sendcontrol('z')
    con.expect(con.prompt)
    assert b'Stopped' in con.command('jobs')
    con.command('bg')
    assert b'Running' in con.command('jobs')
    con.child.sendline('fg')
    time.sleep(0.7)
    con.child.sendcontrol('z')
    con.expect(con.prompt)
    assert b'Stopped' in con.command('jobs')
    con.command('kill %1; kill -CONT %1; wait')
    assert b'Terminated' in con.command('jobs')
    con.command('cat &')                                 # reading in the background stops it
    time.sleep(0.7)
    assert b'Stopped (tty input)' in con.command('jobs')
    con.child.sendline('fg')
    time.sleep(0.7)
    con.child.sendline('for cat')
    con.expect(rb'for cat\r+\nfor cat\r+\n')
    con.child.sendcontrol('d')
    con.expect(con.prompt)
    con.child.sendline('trap "echo INT caught" INT; sleep 30; echo after')
    time.sleep(1)
    con.child.sendcontrol('c')
    con.expect(b'INT caught')
    con.expect(con.prompt)
    assert con.command('trap - INT; stty size').strip() != b''
    assert b'speed' in con.command('stty -a')
    con.child.sendline('stty -echo; read -r secret; stty echo; echo "[$secret]"')
    time.sleep(0.7)
    con.child.sendline('hidden')
    assert con.expect(con.prompt).count(b'hidden') == 1
    con.child.sendline('ls /bin | more')
    con.expect(b'--More--')
    con.child.send('q')
    con.expect(con.prompt)
    assert con.command('tty').startswith(b'/dev/')
    con.child.sendline('poweroff')
    con.child.expect(con.errors[1], timeout=30)


@pytest.mark.area('tty', points=3)
def test_tarn_run_terminal(busybox_root):
    """The same shell under `tarn run` on a terminal: its size and changes of it, an editor, ^C, ^Z."""
    child = Terminal('--env', 'PS1=ready> ', busybox_root, '--', 'sh', '-i', seconds=120, dimensions=(33, 101),
                     timeout=40, env={**os.environ, 'TERM': 'vt100'})
    child.expect('ready> ')
    child.sendline('stty size; echo $TERM; test -t 2 && echo all"of"it')
    child.expect('33 101\r\nvt100\r\nallofit\r\n')
    child.expect('ready> ')
    child.sendline("""sh -c 'trap "stty size" WINCH; echo armed; while :; do sleep 1; done'""")
    child.expect('armed\r\n')
    child.setwinsize(20, 70)
    child.expect('20 70')
    child.sendcontrol('c')
    child.expect('ready> ')
    child.sendline('stty size')
    child.expect('20 70')
    child.sendline('sleep 100')
    time.sleep(1)
    child.sendcontrol('z')
    child.expect('Stopped')
    child.sendline('fg')
    child.expect('sleep 100')
    time.sleep(1)
    child.sendcontrol('c')
    child.expect('ready> ')
    child.sendline('vi /tmp/note')
    time.sleep(1.5)
    child.send('itwo words\x1b')
    time.sleep(0.5)
    child.send(':wq\r')
    child.expect('ready> ')
    child.sendline('wc -w < /tmp/note; exit 6')
    child.expect('2\r\n')
    child.ends(6)
