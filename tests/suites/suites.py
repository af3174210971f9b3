"""The programs of the suites, the root archive they run in, and how Debian's Linux ran them.

    suites.py record [NAME]   record NAME.expected on Debian's riscv64 Linux (twice: 1 and 4 harts; a
                              program that fails, or whose output differs, is not recorded)
    suites.py root [FILE]     write the root archive

suites.mk builds the programs into build/suites/bin; test_busybox.py and test_programs.py run them on
Tarn. A program says the same on every run and on both systems, writes nothing on stderr, and ends with
status 0.
"""
import lzma
import os
import random
import re
import stat
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import oracle  # noqa: E402
import rootfs  # noqa: E402

# name: (command, recorded output). Two builds of one source share what was recorded.
PROGRAMS = {
    'busybox': (['/bin/sh', '-c', 'setsid sh /busybox.sh < /dev/null 2>&1 | cat'], 'busybox'),
    'rust-static': (['/suite/rust-static'], 'rust'),
    'rust-dynamic': (['/suite/rust-dynamic'], 'rust'),
    'go': (['/suite/go'], 'go'),
    'glibc': (['/suite/glibc'], 'glibc'),
    'musl': (['/suite/musl'], 'musl'),
    'cxx-static': (['/suite/cxx-static'], 'cxx'),
    'cxx-dynamic': (['/suite/cxx-dynamic'], 'cxx'),
    # One source: what three C libraries do differently is theirs.
    'netdb-glibc': (['/suite/netdb-glibc'], 'netdb-glibc'),
    'netdb-musl': (['/suite/netdb-musl'], 'netdb-musl'),
    'netdb-posix': (['/suite/netdb-posix'], 'netdb-posix'),
    'ours': (['/bin/sh', '-c', 'sh /ours.sh 2>&1'], 'ours'),
}
# Run without a network card, as the reference is: names would be sorted otherwise.
NO_CARD = ('netdb-glibc', 'netdb-musl', 'netdb-posix', 'ours')
OURS = ('nc', 'ifconfig', 'ping', 'httpget')
# Debian's libraries that the dynamic programs load.
LIBRARIES = re.compile(r'(ld-linux-.*|lib(c|m|dl|pthread|rt|util|gcc_s|stdc\+\+)\.so.*)$')
LIBDIR = 'usr/lib/riscv64-linux-gnu'
LOCALE = 'usr/lib/locale/C.utf8'


# ---- the root --------------------------------------------------------------------------------

def made_files():
    """Files to work on, made the same each time: a word list, tables, bytes of every value."""
    rng = random.Random(1)
    syllables = [a + b for a in 'bcdfglmnprstvz' for b in 'aeiou']
    words = sorted({''.join(rng.choice(syllables) for _ in range(rng.randint(1, 6)))
                    for _ in range(4000)})
    rng.shuffle(words)
    table = ''.join(f'{w}:{"alpha beta gamma".split()[i % 3]}:{rng.randint(1, 999)}\n'
                    for i, w in enumerate(words[:40]))
    binary = bytes(range(256)) + b'some text inside\0' + bytes(range(255, -1, -1))
    return {
        'words': ''.join(w + '\n' for w in words).encode(),
        'table': table.encode(),
        'table2': table.replace('beta', 'BETA', 2).encode(),
        'bin': binary,
        's1': b'apple\nbanana\ncherry\n', 's2': b'banana\ncherry\ndate\n',
        'j1': b'a:1\nb:2\nc:3\n', 'j2': b'a:x\nc:z\n',
        'x.xz': lzma.compress(b'from an xz file\n', check=lzma.CHECK_CRC32),
        'long line': b'x' * 100000 + b'\n',
    }


def data():
    """/data: the made files, those of tests/suites/data, and a small tree."""
    table = {f'data/{name}': (0o644, text) for name, text in made_files().items()}
    for name in os.listdir(os.path.join(HERE, 'data')):
        table[f'data/{name}'] = (0o644, rootfs.read(os.path.join(HERE, 'data', name)))
    table.update({
        'data/tree/run.sh': (0o755, b'#!/bin/sh\necho "$0 got $# arguments: $*"\n'),
        'data/tree/a b c': (0o644, b'a name with spaces\n'),
        'data/tree/zero': (0o644, b''),
        'data/tree/empty': None,
        'data/tree/deep/er/leaf.txt': (0o600, b'the last leaf\n'),
        'data/tree/deep/other.txt': (0o644, b'another file\nof two lines\n'),
        'data/tree/link': '../voyage.txt',
        'data/tree/dangling': 'no/where',
        'data/tree/hard': rootfs.Hard('data/voyage.txt'),
    })
    return table


def folder(source, name, wanted=re.compile('')):
    """The files and links of a folder, where the root has it."""
    table = {}
    for base in os.listdir(source) if os.path.isdir(source) else ():
        path, member = os.path.join(source, base), f'{name}/{base}'
        if not wanted.match(base):
            continue
        if os.path.islink(path):
            table[member] = os.readlink(path)
        elif os.path.isdir(path):
            table.update(folder(path, member))
        else:
            table[member] = (stat.S_IMODE(os.stat(path).st_mode), rootfs.read(path))
    return table


def make_root(build, cache, out):
    """Write the root archive, with all that could be built and fetched."""
    busybox = os.path.join(cache, 'busybox', 'busybox')
    libc = os.path.join(cache, 'libc')
    table = {
        **rootfs.FOLDERS, **data(),
        'etc/passwd': (0o644, b'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home:/bin/sh\n'),
        'etc/group': (0o644, b'root:x:0:\ntty:x:5:\nuser:x:1000:\n'),
        'etc/hostname': (0o644, b'tarn\n'),
        'lib': 'usr/lib',
        'usr/lib/ld-linux-riscv64-lp64d.so.1': 'riscv64-linux-gnu/ld-linux-riscv64-lp64d.so.1',
        **folder(os.path.join(libc, LIBDIR), LIBDIR, LIBRARIES),
        **folder(os.path.join(libc, LOCALE), LOCALE),
        'suite': None,
        **folder(os.path.join(build, 'suites', 'bin'), 'suite'),
        'busybox.sh': (0o755, rootfs.read(os.path.join(HERE, 'busybox.sh'))),
        'ours': None,
        **{f'ours/{name}': rootfs.read(os.path.join(build, 'user', name)) for name in OURS},
        'ours.sh': (0o755, rootfs.read(os.path.join(HERE, 'ours.sh'))),
        'bin/busybox': rootfs.read(busybox),
    }
    for name in rootfs.applets(busybox):
        table.setdefault(f'bin/{name}', 'busybox')
    os.makedirs(os.path.dirname(out), exist_ok=True)
    return rootfs.write_tar(out, table)


# ---- the reference ---------------------------------------------------------------------------

# The initramfs holds busybox, this and root.tar. Each program gets a root of its own on tmpfs.
INIT = """#!/bin/busybox sh
export PATH=/bin
/bin/busybox mkdir -p /dev /new
/bin/busybox --install -s /bin
mount -t devtmpfs none /dev
exec < /dev/null > /dev/console 2>&1
stty -onlcr
hostname tarn
ifconfig lo up
for name in {names}; do
	mount -t tmpfs -o mode=755 none /new
	tar xf /root.tar -C /new
	mount -t proc none /new/proc
	mount -t sysfs none /new/sys
	mount -t devtmpfs none /new/dev
	mkdir -p /new/dev/shm
	mount -t tmpfs -o mode=1777 none /new/dev/shm
	sh /run/$name > /out 2> /err
	end=$?
	echo "@@ begin $name"
	cat /out
	echo "@@ errors $name"
	cat /err
	echo "@@ end $name $end"
	umount /new/dev/shm /new/dev /new/sys /new/proc
	umount -l /new
done
poweroff -f
"""
ENVIRONMENT = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root']


def on_linux(cache, root, wanted, harts):
    """Run programs on Debian's Linux; a dict name -> (output, errors, status)."""
    table = {'dev': None, 'bin/busybox': rootfs.read(os.path.join(cache, 'busybox', 'busybox')),
             'root.tar': rootfs.read(root), 'init': INIT.format(names=' '.join(wanted)).encode()}
    for name in wanted:
        words = [f"'{w}'" for w in PROGRAMS[name][0]]
        table[f'run/{name}'] = ' '.join(['exec env -i', *ENVIRONMENT, 'chroot /new', *words]).encode()
    initramfs = rootfs.write_cpio(os.path.join(os.path.dirname(root), 'linux.cpio'), table)
    text = oracle.boot(cache, initramfs, harts, more=('-device', 'virtio-rng-device'))
    found = {}
    for part in re.finditer(r'^@@ begin (\S+)\n(.*?)^@@ errors \1\n(.*?)^@@ end \1 (\d+)\n', text,
                            re.M | re.S):
        found[part[1]] = (part[2], part[3], int(part[4]))
    return found


def record(args):
    """Write the .expected files."""
    wanted = [n for n in PROGRAMS if not args.name or re.search(args.name, n)]
    if not wanted:
        return 0
    folder_ = os.path.join(args.build, 'suites')
    root = make_root(args.build, args.cache, os.path.join(folder_, 'root.tar'))
    harts = (1, 4)
    runs = oracle.runs(harts, wanted, lambda n: on_linux(args.cache, root, wanted, n))
    good, texts = 0, {}
    for name in wanted:
        one, four = (r.get(name, ('', 'did not end', -1)) for r in runs)
        output = PROGRAMS[name][1]
        for which, (text, errors, status) in (('1', one), ('4', four)):
            if status or errors:
                print(f'{name}: status {status} on {which}; {errors[-600:]}\n{text[-600:]}')
        if one != four or texts.setdefault(output, one[0]) != one[0]:
            oracle.differs(folder_, name, harts, (one[0], four[0]))
        elif one[1:] == ('', 0):
            good += 1
            oracle.write(HERE, output + '.expected', one[0])
    print(f'{good} of {len(wanted)} programs recorded')
    return 0 if good == len(wanted) else 1


def main():
    args = oracle.arguments(__doc__, 'root')
    if args.what == 'root':
        make_root(args.build, args.cache, args.name or os.path.join(args.build, 'suites', 'root.tar'))
        return 0
    return record(args)


if __name__ == '__main__':
    sys.exit(main())
