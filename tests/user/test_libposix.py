"""Our own programs on a root of their own: each does what its help says."""
import re

import pytest

pytestmark = pytest.mark.area('boot')

PROGRAMS = ('init', 'poweroff', 'reboot', 'halt', 'minish', 'hello', 'cat', 'echo', 'ls', 'mount',
            'umount', 'usertests', 'libposix-tests', 'libposix-sys-tests', 'libposix-text-tests',
            'dhcp', 'ping', 'httpget', 'nc', 'ifconfig')


def test_help(tarn, minimal_root):
    """Every program has --help, which succeeds and names it."""
    script = '\n'.join(f'{name} --help' for name in PROGRAMS)
    got = tarn(root=minimal_root, command=['/bin/minish'], stdin=script.encode() + b'\n').ok()
    for name in PROGRAMS:
        assert re.search(rb'(usage: | )%s\b' % name.encode(), got.out), name


def test_hello(tarn, minimal_root):
    got = tarn(root=minimal_root, command=['hello', 'a', 'b c', '']).ok()
    assert got.out == b'1: a\n2: b c\n3: \n'


def test_cat(tarn, minimal_root):
    data = bytes(range(256)) * 1000
    got = tarn(root=minimal_root, command=['cat'], stdin=data).ok()
    assert got.out == data
    got = tarn(root=minimal_root, command=['cat', '/etc/hostname', '/missing', '-'], stdin=b'in')
    assert (got.status, got.out) == (1, b'tarn\nin')
    assert got.err == b'cat: /missing: No such file or directory\n'


def test_echo(tarn, minimal_root):
    assert tarn(root=minimal_root, command=['echo', '-n', 'a', 'b']).ok().out == b'a b'


def test_ls(tarn, minimal_root):
    got = tarn(root=minimal_root, command=['ls', '/etc']).ok()
    assert b'hostname' in got.out.splitlines()
    got = tarn(root=minimal_root, command=['ls', '-l', '/dev/null', '/bin/ls', '/tmp']).ok()
    assert re.search(rb'^crw-rw-rw- .* 1, +3 .*/dev/null$', got.out, re.M)
    assert re.search(rb'^lrwxrwxrwx .*/bin/ls -> \.\./usr/local/bin/ls$', got.out, re.M)


def test_mount(tarn, minimal_root):
    script = b'mount -t tmpfs none /mnt\nmount\numount /mnt\numount /mnt\n'
    got = tarn(root=minimal_root, command=['minish'], stdin=script)
    assert got.status == 1 and b' on /mnt type tmpfs ' in got.out
    assert got.err.startswith(b'umount: /mnt: ')


def test_minish(tarn, minimal_root):
    script = b'cd /etc\ncat hostname\nnothing\necho still here\nexit 7\n'
    got = tarn(root=minimal_root, command=['minish'], stdin=script)
    assert (got.status, got.out) == (7, b'tarn\nstill here\n')
    assert b'nothing' in got.err


def test_init_console(console, minimal_root):
    """Without a shell in the root, init gives a minish; poweroff ends the machine."""
    con = console(minimal_root)
    con.prompt = rb'minish\$ '
    con.wait_prompt()
    assert con.command('echo on the console') == b'on the console\n'
    con.child.sendline('exit')
    con.wait_prompt()
    con.child.sendline('poweroff')
    con.child.expect(con.errors[1], timeout=30)
