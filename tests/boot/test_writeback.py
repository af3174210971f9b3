"""Write-back of the page cache: what reaches a disk, when, and what is told of errors."""
import json
import os

import pytest

pytestmark = pytest.mark.area('files')
HERE = os.path.dirname(os.path.abspath(__file__))
SIZE, BAD, PAGE = 8 << 20, 4 << 20, 4096
SEEN = '''\
dirty 1
fsync 0
clean 1
counted 1
msync 0
again 1
read 1
fsync 0
into 4096
sync_file_range 0
pwritev2 4096
direct -1 Invalid argument
direct -1 Invalid argument
direct 512
flush 0
bad fsync -1 Input/output error
bad fsync 0
bad other -1 Input/output error
bad other 0
bad late -1 Input/output error
good new 0
bad write -1 Input/output error
good place 4096
limited 1
flushed 1
'''


@pytest.mark.parametrize('harts', [1, 4])
def test_writeback(tarn, program, minimal_root, tmp_path, harts):
    """writeback.c on a disk with a bad half; then what the disk has."""
    disk = tmp_path / 'disk'
    disk.write_bytes(b'-' * SIZE)
    bad = [{'event': 'none', 'iotype': 'write', 'errno': 5, 'sector': s} for s in range(BAD // 512, BAD // 512 + 17)]
    node = {'driver': 'raw', 'node-name': 'two', 'file': {
        'driver': 'blkdebug', 'inject-error': bad, 'image': {'driver': 'file', 'filename': str(disk)}}}
    words = ['-blockdev', json.dumps(node), '-device', 'virtio-blk-device,drive=two']
    got = tarn('--smp', str(harts), '--with', program('writeback', os.path.join(HERE, 'writeback.c')),
               *(f for word in words for f in ('--qemu-arg', word)),
               root=minimal_root, command=['/writeback', str(SIZE)]).ok()
    assert got.out.decode() == SEEN
    data = disk.read_bytes()
    assert [data[i * PAGE:i * PAGE + 2] for i in range(10)] == [
        b'bc', b'bc', b'dd', b'ek', b'ff', b'gg', b'yy', b'ii', b'jj', b'--']
    assert data[1 << 20:(1 << 20) + 512 * PAGE] == b'h' * (512 * PAGE)
    assert data[BAD:BAD + PAGE] == b'-' * PAGE
