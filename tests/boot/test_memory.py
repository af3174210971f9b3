"""What the machine does with memory as a whole: how much of it is a program's, and waiting for it."""
import os
import tarfile

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))


def with_program(root, path, out):
    """A copy of the archive with the program in it: what is laid over a root stays in memory."""
    with tarfile.open(root) as old, tarfile.open(out, 'w') as new:
        for member in old:
            new.addfile(member, old.extractfile(member) if member.isreg() else None)
        new.add(path, arcname=os.path.basename(path))
    return str(out)


@pytest.mark.area('mm', points=2)
@pytest.mark.parametrize('mem,own,names', [(512, 8.875, 0), (64, 4.5, 0), (64, 4.5, 100000)])
def test_most_memory_is_for_programs(tarn, program, minimal_root, tmp_path, mem, own, names):
    """QEMU's memory less what one process can touch: pages' descriptions and tables count, too.

    Names that the kernel remembers go before a process is killed."""
    path = program('all_of_it', os.path.join(HERE, 'all_of_it.c'))
    got = tarn('--mem', f'{mem}M', root=with_program(minimal_root, path, tmp_path / 'root.tar'),
               command=['/all_of_it', str(names)])
    got.ok()
    touched, signal = (int(word) for word in got.out.split())
    assert signal == 9, 'it was not killed'
    left = mem * 1024 - touched
    assert left < own * 1024, f'{left} KiB of {mem} MiB were out of reach'


@pytest.mark.area('mm', points=2)
def test_killed_while_waiting(tarn, program, minimal_root, tmp_path):
    """Faults, maps and page locks that wait end with SIGKILL; see killed.c."""
    disk = tmp_path / 'slow.tar'
    with open(tmp_path / 'big', 'wb') as f:
        f.write(b'\x5a' * (4 << 20))
    with tarfile.open(disk, 'w') as tar:
        tar.add(tmp_path / 'big', arcname='big')
    drive = f'file={disk},format=raw,if=none,id=slow,readonly=on,throttling.bps-total=43690'
    words = ['-drive', drive, '-device', 'virtio-blk-device,drive=slow']
    got = tarn('--with', program('killed', os.path.join(HERE, 'killed.c')),
               *(f for word in words for f in ('--qemu-arg', word)),
               root=minimal_root, command=['/killed'])
    got.ok()
    assert got.out.decode().splitlines() == [
        'here: R', 'fault: D, killed, the page on its way', 'map: D, killed, the page on its way',
        'page: D, killed, the page on its way']
