"""The machine boots, with one hart and with many, with little memory, and ends as it should."""
import re

import pytest

pytestmark = pytest.mark.area('boot')


@pytest.mark.parametrize('harts', [1, 2, 4, 8])
def test_harts(tarn, busybox_root, harts):
    got = tarn('--smp', str(harts), root=busybox_root,
               command=['sh', '-c', 'grep -c ^processor /proc/cpuinfo; nproc']).ok()
    assert got.out.split() == [str(harts).encode()] * 2


@pytest.mark.parametrize('size', ['64M', '128M', '2G'])
def test_memory(tarn, busybox_root, size):
    got = tarn('--mem', size, root=busybox_root,
               command=['awk', '/^MemTotal/ { print $2 }', '/proc/meminfo']).ok()
    want = (int(size[:-1]) << (20 if size[-1] == 'G' else 10))
    assert want * 0.6 < int(got.out) <= want


def test_minimal_root(tarn, minimal_root):
    """Our own programs alone make a root."""
    tarn(root=minimal_root, command=['true']).ok()
    got = tarn(root=minimal_root, command=['echo', 'from', 'libposix']).ok()
    assert got.out == b'from libposix\n'


@pytest.mark.area('boot', points=2)
def test_interactive(console, busybox_root):
    """`make qemu`: a prompt, a command, poweroff ends the machine."""
    con = console(busybox_root)
    con.wait_prompt()
    assert con.command('echo $((6 * 7))') == b'42\n'
    con.child.sendline('poweroff')
    con.child.expect(con.errors[1], timeout=30)


def test_init_of_the_root(console, busybox_root):
    """init= on the command line names the first program."""
    con = console(busybox_root, append='init=/bin/sh')
    con.wait_prompt()
    assert con.command('echo $$').strip() == b'1'


def test_many_boots(tarn, busybox_root):
    """Ten boots in a row, each with a little work on four harts."""
    for _ in range(10):
        got = tarn('--smp', '4', root=busybox_root,
                   command=['sh', '-c', 'for i in 1 2 3 4 5 6; do echo $i & done; wait']).ok()
        assert sorted(got.out.split()) == [b'1', b'2', b'3', b'4', b'5', b'6']


def test_boot_instructions(tarn, busybox_root):
    """From the log's first clock to the first disk it takes so many instructions, no more: the
    clock of --icount counts them. (What grows with memory is left small.)"""
    got = tarn('--icount', '--mem', '64M', root=busybox_root, command=['true']).ok()
    found = re.search(r'\[ *(\d+\.\d+)\] virtio-blk: vda', got.log)
    assert found and float(found[1]) < 0.002, found and found[0]


def test_disk_that_does_not_answer(tarn, busybox_root, tmp_path):
    """A disk slower than its time-out: the read fails, and the machine goes on."""
    disk = tmp_path / 'disk'
    disk.write_bytes(b'x' * (1 << 20))
    drive = f'file={disk},if=none,id=slow,format=raw,throttling.bps-total=100'
    got = tarn('--append', 'blk_timeout=3', '--qemu-arg', '-drive', '--qemu-arg', drive,
               '--qemu-arg', '-device', '--qemu-arg', 'virtio-blk-device,drive=slow',
               root=busybox_root, command=['sh', '-c', '''
d=/dev/vdb; [ $(blockdev --getsize64 $d) = 1048576 ] || d=/dev/vda
dd if=$d of=/dev/null bs=64k; echo $?; echo alive; md5sum /bin/busybox''']).ok()
    lines = got.out.decode().split('\n')
    assert lines[:2] == ['1', 'alive'] and b'Input/output error' in got.err
    assert 'reset' in got.log


def test_no_warnings(tarn, busybox_root):
    """A plain run leaves no warning in the kernel's log."""
    got = tarn(root=busybox_root, command=['sh', '-c', 'ls -lR /etc /dev | wc -l']).ok()
    bad = [line for line in got.log.splitlines()
           if any(w in line for w in ('WARN', 'BUG', 'panic', 'Oops'))]
    assert not bad, bad[0]


def test_archive_unchanged(tarn, busybox_root):
    """Writes live in memory: the archive keeps its bytes, and the next boot sees it as it was."""
    with open(busybox_root, 'rb') as f:
        before = f.read()
    tarn(root=busybox_root,
         command=['sh', '-c', 'echo x > /etc/hostname; rm /etc/passwd; sync']).ok()
    with open(busybox_root, 'rb') as f:
        assert f.read() == before
    got = tarn(root=busybox_root, command=['cat', '/etc/hostname']).ok()
    assert got.out == b'tarn\n'
