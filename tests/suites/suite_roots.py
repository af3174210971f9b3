"""What the suites' roots hold beside the programs, the same on Tarn and on the reference Linux."""
import lzma
import os
import random

import rootfs

HERE = os.path.dirname(os.path.abspath(__file__))


def data_files():
    """/data: files for the shell to work on, always the same."""
    rng = random.Random(1)
    syllables = [a + b for a in 'bcdfglmnprstvz' for b in 'aeiou']
    words = sorted({''.join(rng.choice(syllables) for _ in range(rng.randint(1, 6)))
                    for _ in range(4000)})
    rng.shuffle(words)
    table = ''.join(f'{w}:{"alpha beta gamma".split()[i % 3]}:{rng.randint(1, 999)}\n'
                    for i, w in enumerate(words[:40]))
    binary = bytes(range(256)) + b'some text inside\0' + bytes(range(255, -1, -1))
    files = {
        'words': ''.join(w + '\n' for w in words).encode(),
        'table': table.encode(),
        'table2': table.replace('beta', 'BETA', 2).encode(),
        'bin': binary,
        's1': b'apple\nbanana\ncherry\n', 's2': b'banana\ncherry\ndate\n',
        'j1': b'a:1\nb:2\nc:3\n', 'j2': b'a:x\nc:z\n',
        'x.xz': lzma.compress(b'from an xz file\n', check=lzma.CHECK_CRC32),
        'long line': b'x' * 100000 + b'\n',
    }
    return {f'data/{name}': (0o644, text) for name, text in files.items()}


def busybox_table(busybox):
    """A root of busybox, its applets, and /data."""
    table = {**rootfs.FOLDERS, **data_files(), 'bin/busybox': rootfs.read(busybox),
             'etc/passwd': (0o644, b'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n'),
             'etc/group': (0o644, b'root:x:0:\nuser:x:1000:\n'),
             'etc/hostname': (0o644, b'tarn\n'),
             'busybox.sh': (0o755, rootfs.read(os.path.join(HERE, 'busybox.sh')))}
    for name in rootfs.applets(busybox):
        table.setdefault(f'bin/{name}', 'busybox')
    return table
