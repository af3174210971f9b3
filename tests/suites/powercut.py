"""Power cuts at any moment: what a disk holds then, made from a record of its writes and flushes.

    powercut.py --build build run [--states N] [--seed N]     the long form of test_powercut.py

`tarn run --rw --write-log` records them in the format of the kernel's dm-log-writes (Linux,
Documentation/admin-guide/device-mapper/log-writes.rst): a superblock, then for each request a sector that
describes it and the data. What was written before a flush is durable; of what came after it any part may be
there, sector by sector. `Log` reads the record, `Disk` makes the states, `Machine` is a shell on Tarn that does
one command after the other and tells when each was done.
"""
import argparse
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get('TARN_ROOT', os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
import rootfs  # noqa: E402
import suites  # noqa: E402

SECTOR = 512
MAGIC = 0x6a736677736872
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8


# ---- the record ------------------------------------------------------------------------------

class Write:
    """One request: `at` is the byte behind it in the record, data None for a flush alone."""

    def __init__(self, at, sector, flags, data):
        self.at, self.sector, self.flags, self.data = at, sector, flags, data


class Log:
    """A record of writes, in their order."""

    def __init__(self, path):
        with open(path, 'rb') as f:
            raw = f.read()
        magic, version, _entries, self.sector = struct.unpack_from('<QQQI', raw)
        if magic != MAGIC or version != 1 or self.sector != SECTOR:
            raise ValueError(f'{path}: not a record of 512-byte sectors in the format of dm-log-writes')
        self.entries = []
        at = SECTOR
        while at + SECTOR <= len(raw):
            sector, count, flags, length = struct.unpack_from('<QQQQ', raw, at)
            if not count and not flags:
                break
            at += SECTOR
            size = 0 if flags & DISCARD else count * SECTOR
            data = raw[at:at + size]
            at += size
            if flags & DISCARD:
                data = bytes(count * SECTOR)
            elif flags & MARK or length:
                data = data[:length]
            self.entries.append(Write(at, sector, flags, data))

    def epochs(self):
        """(writes, byte of the record where a flush had made them durable) for all that lies between two flushes;
        what was still in flight at the end comes last, with None."""
        out, now = [], []
        for e in self.entries:
            if e.flags & FLUSH and now:
                out.append((now, e.at))
                now = []
            if e.data:
                now.append(e)
                if e.flags & FUA:
                    out.append((now, e.at))
                    now = []
        return out + ([(now, None)] if now else [])


class Disk:
    """The bytes of a disk, and what a power cut leaves of it."""

    def __init__(self, image):
        with open(image, 'rb') as f:
            self.bytes = bytearray(f.read())

    def apply(self, write):
        """A request that was carried out."""
        at = write.sector * SECTOR
        self.bytes[at:at + len(write.data)] = write.data

    def sectors(self, epoch):
        """An epoch's writes as (sector, bytes), in their order."""
        return [(w.sector + i, w.data[i * SECTOR:(i + 1) * SECTOR]) for w in epoch
                for i in range(len(w.data) // SECTOR)]

    def cut(self, path, done):
        """Writes the disk with these sectors of the epoch in flight to a file; holes stay holes."""
        image = bytearray(self.bytes)
        for sector, data in done:
            image[sector * SECTOR:(sector + 1) * SECTOR] = data
        step, zeros = 1 << 16, bytes(1 << 16)
        with open(path, 'wb') as f:
            for at in range(0, len(image), step):
                part = image[at:at + step]
                if part != zeros[:len(part)]:
                    f.seek(at)
                    f.write(part)
            f.truncate(len(image))


def states(log, base, rng, each, wanted):
    """(bytes of the record that surely count, what is meant, a function that writes the disk to a file) for
    `wanted` states: each epoch's beginning, prefixes of it and random subsets; epochs are skipped evenly."""
    disk, epochs = Disk(base), log.epochs()
    stride = max(1, len(epochs) * each // wanted)
    before = 0
    for number, (epoch, durable) in enumerate(epochs):
        if number % stride == 0 or number == len(epochs) - 1:
            flying = disk.sectors(epoch)
            picks = [flying[:rng.randint(0, len(flying))] for _ in range(each // 2)]
            picks += [[s for s in flying if rng.random() < chance] for chance in
                      [rng.choice((0.1, 0.5, 0.9)) for _ in range(each - each // 2)]]
            for pick in picks:
                yield (before, f'epoch {number}, {len(pick)} of {len(flying)} sectors',
                       lambda path, pick=pick: disk.cut(path, pick))
        for write in epoch:
            disk.apply(write)
        before = durable or before
    yield before, 'the end', lambda path: disk.cut(path, [])


# ---- the machine -----------------------------------------------------------------------------

def table(cache):
    """A root with busybox's shell and Debian's sqlite3."""
    busybox = os.path.join(cache, 'busybox', 'busybox')
    fetched = os.path.join(cache, 'programs')
    found = {**rootfs.FOLDERS, 'bin/busybox': rootfs.read(busybox), 'var': None, 'var/cuts': None}
    for name in rootfs.applets(busybox):
        found.setdefault(f'bin/{name}', 'busybox')
    found['usr/bin/sqlite3'] = rootfs.read(os.path.join(fetched, 'usr/bin/sqlite3'))
    found['usr/bin/fsync'] = rootfs.read(os.path.join(fetched, 'usr/bin/sync'))     # of the files it is given
    libraries = suites.folder(os.path.join(fetched, suites.LIBDIR), suites.LIBDIR)
    wanted = ('libc.so.', 'libm.so.', 'libsqlite3.so.', 'libreadline.so.', 'libtinfo.so.', 'libz.so.', 'ld-linux')
    found.update({n: v for n, v in libraries.items() if os.path.basename(n).startswith(wanted)})
    found['lib'] = 'usr/lib'
    loader = os.path.join(fetched, 'usr/lib/ld-linux-riscv64-lp64d.so.1')
    if os.path.islink(loader):
        found['usr/lib/ld-linux-riscv64-lp64d.so.1'] = os.readlink(loader)
    return found


SERVER = r'while read -r line; do eval "$line" >&2; echo "done $?"; done'


class Machine:
    """A shell on Tarn over a root that is kept, with the record of its disk. do() answers when the command has
    ended, and how long the record was then: what the command made durable lies before."""

    def __init__(self, build, root, log, *words):
        self.log = log
        self.process = subprocess.Popen(
            [os.path.join(ROOT, 'tarn'), 'run', '--rw', '--write-log', log, '--net', 'none', '--timeout', '900',
             '--kernel', os.path.join(build, 'tarn.elf'), *words, root, '--', 'sh', '-c', SERVER],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def do(self, command):
        """One line for the shell, which must succeed."""
        self.process.stdin.write(command + '\n')
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if answer != 'done 0\n':
            self.process.kill()
            raise AssertionError(f'{command}: {answer.strip() or "no answer"}: {self.process.stderr.read()[-500:]}')
        return os.path.getsize(self.log)

    def end(self):
        """Power off, cleanly."""
        self.process.stdin.close()
        out = self.process.stdout.read()
        err = self.process.stderr.read()
        assert self.process.wait() == 0, (out + err)[-500:]


def workload(machine, rounds):
    """Transactions, and files renamed over others with fsync: a list of (bytes of the record when it was
    acknowledged, kind, number)."""
    acks = []

    def ack(command, kind, number):
        acks.append((machine.do(command), kind, number))

    machine.do('cd /var/cuts')
    machine.do("sqlite3 db 'create table t(n integer primary key, v blob)'")
    machine.do("sqlite3 wal 'pragma journal_mode=wal; create table t(n integer primary key, v blob)'")
    for n in range(rounds):
        # Without "extra" the journal's removal, which is the commit, is not made durable (SQLite's manual, PRAGMA synchronous).
        ack(f"sqlite3 db 'pragma synchronous=extra; begin; insert into t values({n}, randomblob(3000)); "
            f"update t set v = randomblob(2000) where n = {n // 2}; commit'", 'db', n)
        ack(f"sqlite3 wal 'pragma synchronous=full; insert into t values({n}, randomblob(700))'", 'wal', n)
        ack(f'echo {n} > tmp; i=0; while [ $i -lt {n * 40} ]; do echo line $i; i=$((i+1)); done >> tmp; '
            f'fsync tmp && mv tmp file && fsync .', 'file', n)
        ack(f'mkdir d{n} && ln file d{n}/link && ln -s file d{n}/sym && fsync d{n}', 'dir', n)
        if n:
            ack(f'rm d{n - 1}/link && mv d{n - 1} old{n - 1} && fsync .', 'moved', n - 1)
    return acks


# ---- what must hold --------------------------------------------------------------------------

def fsck(build, image):
    """fsck.tarn --replay, then a check that finds nothing."""
    tool = os.path.join(build, 'mkfs', 'fsck.tarn')
    first = subprocess.run([tool, '--replay', image], capture_output=True, text=True, check=False)
    assert first.returncode in (0, 1), f'replay: {first.returncode}: {(first.stdout + first.stderr)[-400:]}'
    again = subprocess.run([tool, '-n', image], capture_output=True, text=True, check=False)
    assert again.returncode == 0, f'check: {again.returncode}: {(again.stdout + again.stderr)[-400:]}'


def listed(image, *readers):
    """How many members those readers list, who must agree, as does Python's."""
    with tarfile.open(image, 'r:', encoding='utf-8', errors='surrogateescape') as tar:
        count = len(tar.getmembers())
    for reader in readers:
        done = subprocess.run([*reader.split(), '-tf', image], capture_output=True, check=False)
        assert done.returncode == 0, f'{reader}: {done.returncode}: {done.stderr[-200:]}'
        lines = done.stdout.count(b'\n')
        assert lines == count, f'{reader} lists {lines} members, tarfile {count}'
    return count


def database(tar, names, name, folder):
    """Rows of a database as the archive has it, opened as after a power cut; its journal lies beside it."""
    for suffix in ('', '-journal', '-wal'):
        member = names.get(f'var/cuts/{name}{suffix}')
        path = os.path.join(folder, name + suffix)
        if os.path.exists(path):
            os.remove(path)
        if member is not None:
            with open(path, 'wb') as f, tar.extractfile(member) as source:
                shutil.copyfileobj(source, f)
    path = os.path.join(folder, name)
    if os.path.exists(path + '-shm'):
        os.remove(path + '-shm')
    if not os.path.exists(path):
        return set()
    with sqlite3.connect(path) as db:
        good = db.execute('pragma integrity_check').fetchall()
        assert good == [('ok',)], f'{name}: {good[:3]}'
        try:
            rows = {n for n, in db.execute('select n from t')}
        except sqlite3.OperationalError:
            rows = set()
    db.close()
    return rows


def holds(image, acks, folder):
    """The archive has all that was acknowledged: by Python's reader."""
    want = {}
    for _at, kind, number in acks:
        want[kind] = number
    with tarfile.open(image, 'r:', encoding='utf-8', errors='surrogateescape') as tar:
        names = {m.name.removeprefix('./').rstrip('/'): m for m in tar}
        for kind in ('db', 'wal'):
            rows = database(tar, names, kind, folder)
            missing = set(range(want.get(kind, -1) + 1)) - rows
            assert not missing, f'{kind}: rows {sorted(missing)[:5]} were acknowledged and are not there'
        if 'file' in want:
            text = tar.extractfile(names['var/cuts/file']).read().decode()
            first, *lines = text.splitlines()
            assert int(first) >= want['file'], f'file: {first}, acknowledged was {want["file"]}'
            assert lines == [f'line {i}' for i in range(int(first) * 40)], 'file: not what was written'
        for n in range(want.get('moved', -1) + 1):
            assert f'var/cuts/old{n}/sym' in names, f'old{n} was acknowledged'
            assert f'var/cuts/d{n}' not in names and f'var/cuts/old{n}/link' not in names, f'd{n} came back'
        if 'dir' in want:
            n = want['dir']
            where = f'd{n}' if f'var/cuts/d{n}' in names else f'old{n}'
            assert f'var/cuts/{where}/sym' in names, f'd{n} was acknowledged'


def run(build, cache, folder, seed=1, rounds=8, wanted=60, each=4, words=()):
    """A machine's workload, then its disk after power cuts; how many states were looked at."""
    root, log = os.path.join(folder, 'root.tar'), os.path.join(folder, 'log')
    rootfs.write_tar(root, table(cache))
    subprocess.run([os.path.join(build, 'mkfs', 'tarn-resize'), '-q', root, f'{os.path.getsize(root) + (24 << 20) >> 20}M'],
                   check=True)
    base = os.path.join(folder, 'base.tar')
    shutil.copyfile(root, base)
    machine = Machine(build, root, log, *words)
    acks = workload(machine, rounds)
    machine.end()
    seen, cut = 0, os.path.join(folder, 'cut.tar')
    record = Log(log)
    for before, what, write in states(record, base, random.Random(seed), each, wanted):
        write(cut)
        known = [a for a in acks if a[0] <= before]
        try:
            # Before replay Debian's busybox is none of them: it refuses a long link's name above 4 KiB.
            listed(cut, 'tar', 'bsdtar')
            fsck(build, cut)
            listed(cut, 'tar', 'bsdtar', 'busybox tar')
            holds(cut, known, folder)
        except (AssertionError, tarfile.TarError, KeyError, sqlite3.DatabaseError) as err:
            kept = os.path.join(folder, 'bad.tar')
            write(kept)
            raise AssertionError(f'{what} (seed {seed}), kept in {kept}: {err}') from err
        seen += 1
    fsck(build, root)
    holds(root, acks, folder)
    return seen


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default='build')
    parser.add_argument('--states', type=int, default=2000)
    parser.add_argument('--rounds', type=int, default=40)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('what', choices=['run'])
    args = parser.parse_args()
    folder = os.path.join(args.build, 'powercut')
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    try:
        seen = run(args.build, os.path.join(ROOT, 'build', 'cache'), folder, args.seed, args.rounds, args.states, 8,
                   ('--smp', '4'))
    except AssertionError as err:
        print(f'FAIL: {err}')
        return 1
    print(f'{seen} states of a disk after power cuts: each checks clean and holds what was acknowledged')
    return 0


if __name__ == '__main__':
    sys.exit(main())
