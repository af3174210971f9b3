"""Our own programs on a root of their own: each does what its help says."""
import io
import re
import tarfile
import time

import pytest

pytestmark = pytest.mark.area('boot')

PROGRAMS = ('init', 'poweroff', 'reboot', 'halt', 'sh', 'hello', 'cat', 'echo', 'ls', 'mount',
            'umount', 'usertests', 'libposix-tests', 'libposix-thread-tests', 'libposix-sys-tests', 'libposix-text-tests',
            'dhcp', 'ping', 'httpget', 'nc', 'ifconfig')


def test_help(tarn, minimal_root):
    """Every program has --help, which succeeds and names it."""
    script = '\n'.join(f'/usr/local/bin/{name} --help' for name in PROGRAMS)
    got = tarn(root=minimal_root, command=['/bin/sh'], stdin=script.encode() + b'\n').ok()
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
    got = tarn(root=minimal_root, command=['sh'], stdin=script)
    assert got.status == 1 and b' on /mnt type tmpfs ' in got.out
    assert got.err.startswith(b'umount: /mnt: ')


def test_shell(tarn, minimal_root):
    script = b'cd /etc\ncat hostname\nnothing\nfor i in 1 2; do echo $i; done | cat\nexit 7\n'
    got = tarn(root=minimal_root, command=['sh'], stdin=script)
    assert (got.status, got.out) == (7, b'tarn\n1\n2\n')
    assert b'nothing: not found' in got.err


def test_console(console, full_root):
    """init's shell on the console: keys, history, completion, jobs; poweroff ends the machine."""
    con = console(full_root, timeout=30)
    con.wait_prompt()
    assert con.command('echo on the console') == b'on the console\n'
    for keys, shown in [
            ('echo lost\x15echo kept', 'kept'),                           # ^U
            ('echo abx\x7fc', 'abc'),                                     # backspace
            ('cho end' + 4 * '\x1b[D' + ' mid\x1b[He\x05!', 'mid end!'),   # left, home, ^E
            ('echo one two\x17three', 'one three'),                       # ^W
            ('\x1b[A\x1b[A\x1b[A', 'abc'),                                # up: history
            ('\x12end!', 'mid end!'),                                    # ^R
            ('cat /etc/hostn\t', 'tarn'),                                # completion
            ('echo d\u00e4b\x7fc', 'd\u00e4c')]:
        con.child.send(keys + '\n')
        con.expect(rb'\n' + re.escape(shown.encode()) + rb'\r*\n')
        con.expect(con.prompt)
    con.child.send('echo abandoned\x03')                 # ^C drops the line
    con.expect(con.prompt)
    con.child.sendline('sleep 50')
    con.expect(b'sleep 50\r+\n')
    time.sleep(1)
    con.child.sendcontrol('z')
    con.expect(con.prompt)
    assert b'Stopped' in con.command('jobs')
    con.command('bg')
    assert b'Running' in con.command('jobs')
    con.child.sendline('fg')
    con.expect(b'sleep 50\r+\n')
    time.sleep(1)
    con.child.sendcontrol('c')
    con.expect(con.prompt)
    assert con.command('echo $?') == b'130\n'
    con.child.sendline('exit')                           # init starts it again
    con.child.expect(rb'[#$] ')
    con.child.sendline('poweroff')
    con.child.expect(con.errors[1], timeout=30)


def test_services(console, full_root, tmp_path):
    """A service that ends is started again, with its output in its log; one that is to run once is not."""
    root = rootfs_with(full_root, tmp_path / 'root.tar', 'etc/tarn/services', (
        'shell console /bin/sh\nbrief log=/tmp/brief sh -c "echo"\nsetup once log=/tmp/setup echo made\n').encode())
    con = console(root, timeout=30)
    con.wait_prompt()
    con.command('while [ $(wc -l < /tmp/brief) -lt 2 ]; do sleep 0.2; done')
    assert con.command('cat /tmp/setup') == b'made\n'


def test_services_back_off(console, full_root, tmp_path):
    """One that ends at once is started after 1, 2 and 4 seconds, however the clock is set; one that ran long at once."""
    root = rootfs_with(full_root, tmp_path / 'root.tar', 'etc/tarn/services', (
        'shell console /bin/sh\nbrief log=/tmp/brief cat /proc/uptime\n'
        'long log=/tmp/long sh -c "cat /proc/uptime; sleep 11; cat /proc/uptime"\n').encode())
    con = console(root, timeout=60)
    con.wait_prompt()
    con.command('date -s @1000000000; while [ $(wc -l < /tmp/brief) -lt 2 ]; do sleep 0.2; done; date -s @2000000000')
    con.command('while [ $(wc -l < /tmp/brief) -lt 4 ]; do sleep 0.2; done')
    times = [float(line.split()[0]) for line in con.command('head -n 4 /tmp/brief').decode().splitlines()]
    gaps = [b - a for a, b in zip(times, times[1:])]
    assert all(gap > least for gap, least in zip(gaps, (0, 1, 3))), gaps   # whole seconds: up to one less
    con.command('while [ $(wc -l < /tmp/long) -lt 3 ]; do sleep 0.2; done')


def test_services_read_again(console, full_root, tmp_path):
    """SIGHUP: new lines start, what runs goes on, a line that is gone does not start again, nor does one that is to run once."""
    root = rootfs_with(full_root, tmp_path / 'root.tar', 'etc/tarn/services', (
        'shell console /bin/sh\nsetup once log=/tmp/setup echo made\n' + ''.join(
            f'{name} log=/tmp/{name} sh -c "echo $$; exec sleep 1000"\n' for name in ('gone', 'kept'))).encode())
    con = console(root, timeout=30)
    con.wait_prompt()

    def lines(name, count):
        con.command(f'while [ $(cat /tmp/{name} 2> /dev/null | wc -l) -lt {count} ]; do sleep 0.1; done')
        return con.command(f'cat /tmp/{name}').decode().split()

    first = {name: lines(name, 1) for name in ('setup', 'kept', 'gone')}
    con.command('sed -i s/gone/new/g /etc/tarn/services; kill -HUP 1')
    lines('new', 1)
    both = first['gone'] + first['kept']
    assert con.command(f'kill -0 {" ".join(both)} && echo there') == b'there\n'
    con.command(f'kill {" ".join(both)}')
    again = lines('kept', 2)
    con.command(f'kill {again[1]}')
    lines('kept', 3)
    assert lines('gone', 1) == first['gone'] and lines('setup', 1) == ['made']


def test_no_services_read_again(console, full_root, tmp_path):
    """Without a file there is a shell, and still is after SIGHUP."""
    con = console(rootfs_with(full_root, tmp_path / 'root.tar', 'etc/tarn/services', None), timeout=30)
    con.wait_prompt()
    con.command('kill -HUP 1; left=1')
    con.child.sendline('exit')
    con.prompt = rb'[#$] '
    con.wait_prompt()
    assert con.command('echo ${left-anew}') == b'anew\n'


def rootfs_with(root, out, name, data):
    """A copy of the archive with other contents of one file; without it, if they are None."""
    with tarfile.open(root) as old, tarfile.open(out, 'w') as new:
        for member in old:
            if member.name == name and data is None:
                continue
            if member.name == name:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
            else:
                new.addfile(member, old.extractfile(member) if member.isreg() else None)
    return str(out)
