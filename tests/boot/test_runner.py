"""./tarn run: bytes, arguments, status, options, and one clear line for what is wrong."""
import bz2
import ctypes
import gzip
import hashlib
import io
import json
import lzma
import os
import re
import signal
import subprocess
import tarfile
import time

import pytest
from conftest import KERNEL, ROOT, Terminal, need_kernel

pytestmark = pytest.mark.area('boot')
BLOB = bytes(range(256)) * 4096     # 1 MiB, every byte value


TARN = os.path.join(ROOT, 'tarn')


def sh(text):
    """A shell command."""
    return ['sh', '-c', text]


def start(*words, seconds='60', **more):
    """tarn run, in the background, its stdout ours to read."""
    need_kernel()
    return subprocess.Popen([TARN, 'run', '--timeout', seconds, *words], stdout=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, **more)


def test_stdout_stderr_apart(tarn, busybox_root):
    got = tarn(root=busybox_root, command=sh('echo out; echo err >&2; exit 3'))
    assert (got.status, got.out, got.err) == (3, b'out\n', b'err\n')


def test_every_byte_both_ways(tarn, busybox_root):
    data = BLOB * 4
    got = tarn(root=busybox_root, command=['cat'], stdin=data).ok()
    assert len(got.out) == len(data) and got.out == data


def test_stdin_end_of_file(tarn, busybox_root):
    assert tarn(root=busybox_root, command=['wc', '-c'], stdin=b'').ok().out.strip() == b'0'
    assert tarn(root=busybox_root, command=['wc', '-c'], stdin=b'abc').ok().out.strip() == b'3'


def test_back_pressure(busybox_root):
    """A slow reader slows the writer, and loses nothing."""
    run = start(busybox_root, '--', *sh(
        'i=0; while [ $i -lt 40 ]; do dd if=/dev/zero bs=64k count=2; i=$((i+1)); done 2>/dev/null'),
        seconds='90')
    time.sleep(3)
    total = 0
    while chunk := run.stdout.read(65536):
        total += len(chunk)
    assert run.wait() == 0
    assert total == 40 * 2 * 65536


def test_closed_stdout(busybox_root):
    """`tarn run … | head -1`: the writer gets SIGPIPE."""
    run = start(busybox_root, '--', 'yes')
    assert run.stdout.readline() == b'y\n'
    run.stdout.close()
    assert run.wait() == 128 + signal.SIGPIPE


@pytest.mark.parametrize('command,status', [
    ('exit 0', 0), ('exit 1', 1), ('exit 255', 255), ('kill -9 $$', 137), ('kill -TERM $$', 143),
    ('kill -SEGV $$', 139)])
def test_status(tarn, busybox_root, command, status):
    assert tarn(root=busybox_root, command=sh(command)).status == status


def test_arguments_any_bytes(tarn, busybox_root):
    args = [b'', b' ', b'a b', b'\xff\xfe', b'$HOME', b"'\"\\", b'\n', b'--', b'-n', 'é'.encode()]
    got = tarn(root=busybox_root, command=[
        'sh', '-c', 'for a; do printf "[%s]" "$a"; done', 'x', *map(os.fsdecode, args)]).ok()
    assert got.out == b''.join(b'[' + a + b']' for a in args)


def test_environment(tarn, busybox_root):
    got = tarn('--env-clear', '--env', 'A=1', '--env', 'B=x y=z', '--env', 'EMPTY=',
               '--env', os.fsdecode(b'RAW=\xff'), root=busybox_root, command=['/bin/env']).ok()
    assert sorted(got.out.split(b'\n')[:-1]) == [b'A=1', b'B=x y=z', b'EMPTY=', b'RAW=\xff']


def test_default_environment(tarn, busybox_root):
    got = tarn(root=busybox_root, command=['/bin/env']).ok()
    names = sorted(line.split(b'=')[0] for line in got.out.split(b'\n')[:-1])
    assert names == [b'HOME', b'PATH']


def test_cwd(tarn, busybox_root):
    assert tarn('--cwd', '/usr/bin', root=busybox_root, command=['pwd']).ok().out == b'/usr/bin\n'
    got = tarn('--cwd', '/not/there', root=busybox_root, command=['pwd'])
    assert got.status == 127 and got.err.count(b'\n') == 1


def test_with(tarn, busybox_root, tmp_path):
    """--with lays files over the root, in place of what is there."""
    (tmp_path / 'one').write_text('first\n')
    (tmp_path / 'two').write_text('second\n')
    folder = tmp_path / 'folder'
    (folder / 'sub').mkdir(parents=True)
    (folder / 'sub' / 'f').write_text('deep\n')
    got = tarn('--with', str(tmp_path / 'one'), '--with', f'{tmp_path}/two:/etc/hostname',
               '--with', f'{tmp_path}/two:/new/place/', '--with', f'{folder}:/data',
               root=busybox_root,
               command=['cat', '/one', '/etc/hostname', '/new/place/two', '/data/sub/f']).ok()
    assert got.out == b'first\nsecond\nsecond\ndeep\n'


def test_timeout(tarn, busybox_root):
    got = tarn('--timeout', '6', root=busybox_root, command=['sleep', '100'])
    assert got.status == 124 and b'timed out' in got.err and got.seconds < 20


def test_signal_passed_on(busybox_root):
    run = start(busybox_root, '--',
                *sh('trap "echo got; exit 9" TERM; echo up; while :; do sleep 1; done'))
    assert run.stdout.readline() == b'up\n'
    run.send_signal(signal.SIGTERM)
    assert run.stdout.read() == b'got\n'
    assert run.wait() == 9


def test_log(tarn, busybox_root):
    """The kernel's log goes to --log alone."""
    got = tarn(root=busybox_root, command=['true']).ok()
    assert len(got.log.splitlines()) > 3 and got.out == got.err == b''


def test_strace(tarn, busybox_root):
    got = tarn('--strace', root=busybox_root,
               command=sh('read -r name < /etc/hostname; echo "$name"')).ok()
    text = got.err.decode()
    assert 'openat(AT_FDCWD, "/etc/hostname", O_RDONLY' in text
    assert re.search(r'write\(1, "tarn\\n", 5\) += 5\n', text)
    assert got.out == b'tarn\n'


def test_strace_error_names(tarn, busybox_root):
    got = tarn('--strace', root=busybox_root, command=['cat', '/nothing'])
    assert got.status == 1
    assert 'ENOENT' in got.err.decode()


def test_icount(tarn, busybox_root):
    """--icount runs one hart, on a clock of its own that starts at a fixed date."""
    got = tarn('--icount', root=busybox_root,
               command=sh('nproc; date -u +%Y; sleep 2; cat /proc/cmdline')).ok()
    lines = got.out.decode().split('\n')
    assert lines[:2] == ['1', '2026'] and 'norandmaps' in lines[2]


def test_background_does_not_hold(tarn, busybox_root):
    """What CMD leaves running ends with it."""
    got = tarn(root=busybox_root, command=sh('sleep 100 & echo done')).ok()
    assert got.out == b'done\n' and got.seconds < 15


@pytest.mark.area('tty', points=2)
def test_terminal(busybox_root):
    """With a terminal on both sides CMD has one: size, changes of size, ^C, raw bytes."""
    child = Terminal(busybox_root, '--', 'sh', seconds=90, dimensions=(33, 101), timeout=40,
                     env={**os.environ, 'TERM': 'vt220'})
    child.expect('[#$] ')
    child.sendline('tty; echo $TERM; stty size; test -t 0 && echo is"a"tty')
    child.expect('/dev/')
    child.expect('vt220')
    child.expect('33 101')
    child.expect('isatty')
    child.expect('[#$] ')
    child.setwinsize(20, 70)
    time.sleep(1)
    child.sendline('stty size')
    child.expect('20 70')
    child.expect('[#$] ')
    child.sendline('sleep 100')
    time.sleep(1)
    child.sendcontrol('c')
    child.expect('[#$] ', timeout=10)
    child.sendline('exit 5')
    child.ends(5)


@pytest.mark.area('tty')
def test_terminal_long_line(busybox_root):
    """A line longer than the terminal keeps loses its rest; the terminal goes on."""
    child = Terminal(busybox_root, '--', *sh('echo go; head -n 1 | wc -c; cat'), echo=False)
    child.expect('go')
    for _ in range(6):
        child.send('x' * 1000)
        time.sleep(0.1)
    child.send('\n')
    child.expect('4096\r\n')
    child.sendcontrol('c')
    child.ends(130)


@pytest.mark.parametrize('closed', ['0', '1', '2'])
def test_closed_stream(busybox_root, closed):
    """A stream that is closed outside is empty, or takes all."""
    need_kernel()
    run = subprocess.run(['sh', '-c', f'exec "$@" {closed}>&-', 'sh', TARN, 'run',
                          '--timeout', '60', busybox_root, '--', *sh('cat; echo out; exit 4')],
                         stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert (run.returncode, run.stdout) == (4, b'' if closed == '1' else b'out\n')


def test_no_command_with_init(busybox_root):
    """No CMD: the root's own init, with our streams; a power-off is status 0."""
    need_kernel()
    run = subprocess.run([TARN, 'run', '--timeout', '60', busybox_root],
                         input=b'echo from $PPID\n', capture_output=True, check=False)
    assert (run.returncode, run.stdout) == (0, b'from 1\n')


def test_signal_to_init(busybox_root, tmp_path):
    """A signal for tarn goes to the root's own init."""
    init = tmp_path / 'init'
    init.write_text('#!/bin/sh\ntrap "echo got; poweroff -f" TERM\n'
                    'echo up\nwhile :; do sleep 1; done\n')
    init.chmod(0o755)
    run = start('--with', f'{init}:/sbin/init', busybox_root)
    assert run.stdout.readline() == b'up\n'
    run.send_signal(signal.SIGTERM)
    assert run.stdout.read() == b'got\n'
    assert run.wait() == 0


@pytest.mark.area('tty')
def test_no_command_terminal(busybox_root):
    """No CMD, with a terminal: init's shell is on it."""
    child = Terminal(busybox_root)
    child.expect('[#$] ')
    child.sendline('echo in$((40 + 2))')
    child.expect('in42')
    child.setwinsize(21, 77)
    child.sendline('until stty size | grep 21.77; do sleep 1; done')
    child.expect('21 77')
    child.expect('[#$] ')
    child.sendline('poweroff')
    child.ends(0)


# ---- archives --------------------------------------------------------------------------------

def small_tar(busybox, extra=(), fmt=tarfile.USTAR_FORMAT):
    """An archive of busybox alone, as bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=fmt) as tar:
        info = tarfile.TarInfo('busybox')
        with open(busybox, 'rb') as f:
            data = f.read()
        info.size, info.mode = len(data), 0o755
        tar.addfile(info, io.BytesIO(data))
        for name, kind, link in extra:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.mode = kind, link, 0o755
            tar.addfile(info)
    return out.getvalue()


def test_nothing_but_the_command(tarn, busybox, tmp_path):
    """A root of one member."""
    root = tmp_path / 'one.tar'
    root.write_bytes(small_tar(busybox))
    got = tarn(root=str(root), command=['/busybox', 'echo', 'alone']).ok()
    assert got.out == b'alone\n'


@pytest.mark.parametrize('kind', ['gz', 'bz2', 'xz', 'zst'])
def test_compressed(tarn, busybox, tmp_path, kind):
    raw = small_tar(busybox)
    root = tmp_path / f'root.tar.{kind}'
    if kind == 'zst':
        packed = subprocess.run(['zstd', '-qc'], input=raw, capture_output=True, check=True).stdout
    else:
        packed = {'gz': gzip, 'bz2': bz2, 'xz': lzma}[kind].compress(raw)
    root.write_bytes(packed)
    got = tarn(root=str(root), command=['/busybox', 'echo', kind]).ok()
    assert got.out == kind.encode() + b'\n'


def test_folder(tarn, busybox, tmp_path):
    (tmp_path / 'bin').mkdir()
    with open(busybox, 'rb') as f:
        (tmp_path / 'bin' / 'busybox').write_bytes(f.read())
    (tmp_path / 'bin' / 'busybox').chmod(0o755)
    (tmp_path / 'bin' / 'echo').symlink_to('busybox')
    assert tarn(root=str(tmp_path), command=['echo', 'folder']).ok().out == b'folder\n'


@pytest.mark.parametrize('form', ['docker', 'oci'])
def test_image_layers(tarn, busybox, tmp_path, form):
    """What docker save writes: layers stacked, whiteouts heeded."""
    def layer(members):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode='w') as tar:
            for name, data, kind, link in members:
                info = tarfile.TarInfo(name)
                info.type, info.linkname = kind, link
                info.mode, info.size = 0o755, len(data)
                tar.addfile(info, io.BytesIO(data))
        return out.getvalue()
    with open(busybox, 'rb') as f:
        box = f.read()
    reg, folder, hard = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.LNKTYPE
    layers = [
        layer([('bin', b'', folder, ''), ('bin/busybox', box, reg, ''),
               ('bin/sh', b'', hard, 'bin/busybox'), ('a', b'low\n', reg, ''),
               ('gone', b'x', reg, ''), ('d', b'', folder, ''),
               ('d/hidden', b'x', reg, ''), ('keep', b'kept\n', reg, '')]),
        layer([('a', b'high\n', reg, ''), ('.wh.gone', b'', reg, ''),
               ('d/.wh..wh..opq', b'', reg, ''), ('d/new', b'new\n', reg, '')])]
    entries, digests = [], []
    for data in layers:
        digest = hashlib.sha256(data).hexdigest()
        digests.append(digest)
        entries.append((f'blobs/sha256/{digest}', gzip.compress(data) if form == 'oci' else data))
    if form == 'docker':
        manifest = [{'Config': 'c.json', 'RepoTags': [], 'Layers': [e[0] for e in entries]}]
        entries.append(('manifest.json', json.dumps(manifest).encode()))
    else:
        manifest = json.dumps({'layers': [{'digest': f'sha256:{d}'} for d in digests]}).encode()
        digest = hashlib.sha256(manifest).hexdigest()
        index = {'manifests': [{'digest': f'sha256:{digest}'}]}
        entries += [(f'blobs/sha256/{digest}', manifest), ('oci-layout', b'{}'),
                    ('index.json', json.dumps(index).encode())]
    root = tmp_path / 'image.tar'
    with tarfile.open(root, 'w') as tar:
        for name, data in entries:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    got = tarn(root=str(root), command=['/bin/sh', '-c', 'cd /; /bin/busybox cat a keep d/new; '
                                        '/bin/busybox ls gone d/hidden 2>/dev/null'])
    assert got.out == b'high\nkept\nnew\n'


# ---- wrong input -----------------------------------------------------------------------------

def one_line(got, status, *words):
    """It failed with that status and one line that says so."""
    text = got.err.decode(errors='replace')
    assert got.status == status, f'status {got.status}, {text[-200:]}'
    assert text.startswith('tarn: ') and text.count('\n') == 1, text[-300:]
    for word in words:
        assert word in text
    assert got.out == b''


def test_no_such_root(tarn):
    one_line(tarn(root='/no/such.tar', command=['x'], check_kernel=False), 125, '/no/such.tar')


@pytest.mark.parametrize('content', [b'', b'hello\n', b'\x7fELF' + b'x' * 2000],
                         ids=['empty', 'text', 'elf'])
def test_not_a_tar(tarn, tmp_path, content):
    root = tmp_path / 'x.tar'
    root.write_bytes(content)
    one_line(tarn(root=str(root), command=['x'], check_kernel=False), 125, 'not a tar')


def test_broken_gzip(tarn, busybox, tmp_path):
    root = tmp_path / 'x.tar.gz'
    root.write_bytes(gzip.compress(small_tar(busybox))[:50000])
    one_line(tarn(root=str(root), command=['x'], check_kernel=False), 125, str(root))


@pytest.mark.area('tar')
def test_truncated_tar(tarn, busybox, tmp_path):
    """Cut inside a member: refused by the kernel, with the byte offset."""
    root = tmp_path / 'cut.tar'
    root.write_bytes(small_tar(busybox)[:1000000])
    one_line(tarn(root=str(root), command=['/busybox']), 125, 'cut.tar', 'byte')


@pytest.mark.area('tar')
def test_corrupt_header(tarn, busybox, tmp_path):
    raw = bytearray(small_tar(busybox, [('later', tarfile.DIRTYPE, '')]))
    at = raw.index(b'later')
    raw[at] ^= 0xff
    root = tmp_path / 'bad.tar'
    root.write_bytes(raw)
    one_line(tarn(root=str(root), command=['/busybox']), 125, str(at))


def test_no_such_command(tarn, busybox_root):
    one_line(tarn(root=busybox_root, command=['frobnicate']), 127, 'frobnicate')
    one_line(tarn(root=busybox_root, command=['/bin/frobnicate']), 127, '/bin/frobnicate')


def test_not_executable(tarn, busybox_root):
    one_line(tarn(root=busybox_root, command=['/etc/passwd']), 126, '/etc/passwd')
    one_line(tarn(root=busybox_root, command=['/etc']), 126, '/etc')


def test_not_riscv(tarn, busybox_root, tmp_path):
    """A program of another machine."""
    other = tmp_path / 'other'
    head = bytearray(b'\x7fELF\x02\x01\x01' + b'\0' * 57)
    head[16:20] = b'\x02\0\x3e\0'
    other.write_bytes(head + b'\0' * 4096)
    other.chmod(0o755)
    one_line(tarn('--with', str(other), root=busybox_root, command=['/other']), 126, '/other',
             'riscv64')


BAD_OPTIONS = [
    ['--smp', '0'], ['--smp', '9'], ['--smp', 'x'], ['--smp', ''], ['--smp', '-1'],
    ['--mem', '3'], ['--mem', '31M'], ['--mem', 'lots'], ['--mem', ''], ['--mem', '-512M'],
    ['--mem', '1.5G'], ['--mem', '512X'], ['--mem', '0x40000000'],
    ['--timeout', '-1'], ['--timeout', 'soon'], ['--timeout', 'nan'],
    ['--icount', '--smp', '2'], ['--smp', '2', '--icount'], ['--env', '=x'], ['--env', ''],
    ['--bogus'], ['-x'], ['--with', '/no/such/file'], ['--with', '/no/such/file:/there'],
    ['--with', ''], ['--log', '/no/such/folder/log'], ['--strace=/no/such/folder/trace']]


@pytest.mark.parametrize('args', BAD_OPTIONS, ids=' '.join)
def test_bad_options(tarn, busybox_root, args):
    one_line(tarn(*args, root=busybox_root, command=['true'], check_kernel=False), 125)


def run_words(*words, **more):
    """tarn with just these words; status, stderr."""
    done = subprocess.run([TARN, *words], stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=60, check=False, **more)
    assert done.stdout == b''
    assert done.stderr.startswith(b'tarn: ') and done.stderr.count(b'\n') == 1, done.stderr
    return done.returncode, done.stderr.decode()


def test_wrong_order(busybox_root):
    """Words that are not where they belong: a line that says where."""
    for words, part in [
            (['run'], 'which root'), (['run', '--smp', '2'], 'which root'),
            (['run', '--', busybox_root, 'true'], 'before the --'),
            (['run', 'true', busybox_root], 'true: no such file'),
            (['run', busybox_root, '--smp', '2', 'true'], 'before the --'),
            (['run', busybox_root, '--smp', '--', 'true'], '--smp'),
            (['run', busybox_root, '--smp'], '--smp'),
            ([busybox_root, '--', 'true'], 'no such thing'),
            (['start', busybox_root], 'start')]:
        status, text = run_words(*words)
        assert status == 125 and part in text, text


def test_options_after_the_root(busybox_root):
    """Between ROOTFS and the -- options are options; what comes after is the command's."""
    done = subprocess.run([TARN, 'run', busybox_root, '--smp', '1', '--', 'echo', '--smp', '9'],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, b'--smp 9\n')


def without_override():
    """In the child: root's right to read everything goes (prctl(2), PR_CAPBSET_DROP)."""
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)


@pytest.mark.parametrize('what', ['folder', 'inside', 'file', 'with'])
def test_unreadable(busybox_root, tmp_path, what):
    """A folder, one inside it, an archive, an overlay that may not be read."""
    top = tmp_path / 'top'
    closed = {'folder': top, 'inside': top / 'sub', 'file': tmp_path / 'x.tar',
              'with': tmp_path / 'w'}[what]
    (top / 'sub').mkdir(parents=True)
    if what in ('file', 'with'):
        closed.write_bytes(b'x' * 1024)
    closed.chmod(0)
    words = ['run', '--with', str(closed), busybox_root] if what == 'with' else \
        ['run', str(closed if what == 'file' else top)]
    try:
        status, text = run_words(*words, '--', 'true', preexec_fn=without_override)
    finally:
        closed.chmod(0o755)
    assert status == 125 and str(closed) in text and 'Permission denied' in text, text


def test_odd_files(tmp_path):
    """A device, a folder without anything to run, an empty archive."""
    assert run_words('run', '/dev/zero', '--', 'x')[0] == 125
    assert run_words('run', '/dev/null', '--', 'x')[0] == 125
    need_kernel()
    (tmp_path / 'empty').mkdir()
    status, text = run_words('run', '--timeout', '60', str(tmp_path / 'empty'))
    assert status == 127 and '/bin/sh' in text
    with tarfile.open(tmp_path / 'empty.tar', 'w'):
        pass
    status, text = run_words('run', '--timeout', '60', str(tmp_path / 'empty.tar'), '--', 'true')
    assert status == 127 and 'true' in text


def test_qemu_refuses(busybox_root):
    """What QEMU has to say, in one line."""
    need_kernel()
    status, text = run_words('run', '--qemu-arg', '-bogus', busybox_root, '--', 'true')
    assert status == 125 and '-bogus' in text
    status, text = run_words('run', '--kernel', '/etc/passwd', busybox_root, '--', 'true')
    assert status == 125 and '/etc/passwd' in text


def test_panic_shows_the_log(tarn, busybox_root):
    """A machine that fails gives 125 and the end of its log."""
    need_kernel()
    got = tarn('--append', 'init=/not/there', root=busybox_root, command=['true'])
    assert got.status == 125
    assert b'panic' in got.err.lower()


def test_host_command(tarn, busybox_root, program):
    """A riscv64 program of the host runs, as cargo's runner and go test -exec want it."""
    path = program('hostcmd', '#include <stdio.h>\nint main(int c, char **v)'
                   '{ printf("%d %s\\n", c, v[c - 1]); return 4; }\n')
    got = tarn(root=busybox_root, command=[path, 'x y'])
    assert (got.status, got.out) == (4, b'2 x y\n')


def test_kernel_file_missing(busybox_root):
    done = subprocess.run([TARN, 'run', '--kernel', '/no/kernel', busybox_root],
                          capture_output=True, check=False)
    assert done.returncode == 125 and done.stderr.count(b'\n') == 1


def test_help():
    done = subprocess.run([TARN, '--help'], capture_output=True, check=False)
    assert done.returncode == 0 and b'--strace' in done.stdout
    assert os.path.basename(KERNEL) == 'tarn.elf'
