"""The machines of `make bench`: three systems on one QEMU, booted with rows to run.

A system is a kernel, a form of the archive and words for its command line; all else is the same. The
guest is tests/bench/main.c as process 1, and what it says on the console is what there is to know. A row
that stops the machine is named, and the machine is started again with the row behind it.
"""
import os
import re
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), 'suites')]
import rootfs  # noqa: E402
import powercut  # noqa: E402
import suites  # noqa: E402

QEMU = 'qemu-system-riscv64'
MEMORY = 512 << 20
DISK = 1 << 30            # of the rows on a disk
TICK_NS = 100             # the machine's clock: 10 MHz
UART, CLOCK = 0x10000000, 0x0200bff8
BOOT_SECONDS = 180        # from QEMU's start to the first row
ROW_SECONDS = 240          # the guest's own limit for a row; counting, the host's is what ends it
SETTLE_MS = {'time': 500, 'count': 20000}    # asleep, a counted machine's time goes by at once
HOST_SECONDS = {'time': 90, 'count': 150}

TUNED = 'init_on_alloc=0 hardened_usercopy=off lsm=capability apparmor=0 no4lvl'
COUNTED = 'norandmaps nokaslr'


class Failure(Exception):
    """One clear line for the user."""


class System:
    """Something to boot: a name, a kernel, and the words it is told."""

    def __init__(self, name, kernel, words, linux):
        self.name, self.kernel, self.words, self.linux = name, kernel, words, linux


def systems(build, cache):
    """All there are, by name."""
    linux = os.path.join(cache, 'linux', 'Image')
    told = 'console=ttyS0 quiet loglevel=0'
    return {
        'tarn': System('tarn', os.path.join(build, 'tarn.elf'), f'{told} init=/init', False),
        'linux': System('linux', linux, f'{told} rdinit=/init panic=-1', True),
        'tuned': System('tuned', linux, f'{told} rdinit=/init panic=-1 {TUNED}', True),
    }


# ---- the archive -----------------------------------------------------------------------------

LIBRARIES = re.compile(r'(ld-linux-.*|libc\.so\..*)$')
# Of the servers: the programs, and what they are linked with.
SERVERS = {'usr/sbin': re.compile('nginx$'), 'usr/bin': re.compile('(redis-server|redis-check-rdb|iperf3)$')}
SERVER_LIBRARIES = re.compile(
    r'(ld-linux-.*|lib(atomic|c|cap|crypt|crypto|gcc_s|iperf|jemalloc|lzf|m|pcre2-8|sctp|ssl|stdc\+\+|systemd|z|zstd)'
    r'\.so\..*)$')
NGINX = b"""daemon off;
master_process off;
error_log /dev/null;
pid /tmp/nginx.pid;
events { worker_connections 1024; }
http {
	access_log off;
	keepalive_requests 1000000000;
	client_body_temp_path /tmp/body;
	proxy_temp_path /tmp/proxy;
	fastcgi_temp_path /tmp/fastcgi;
	uwsgi_temp_path /tmp/uwsgi;
	scgi_temp_path /tmp/scgi;
	server {
		listen 127.0.0.1:8080;
		root /bench/www;
	}
}
"""
PAGE = b'<!doctype html><title>bench</title>' + b'<p>A page.</p>\n' * 40


def server_files(cache, linux):
    """What the archive of the servers' rows has besides our programs."""
    apps = os.path.join(cache, 'netapps')
    found = {'bench/nginx.conf': (0o644, NGINX), 'bench/www/index.html': (0o644, PAGE), 'var/log/nginx': None,
             'lib': 'usr/lib', 'usr/lib/ld-linux-riscv64-lp64d.so.1':
             'riscv64-linux-gnu/ld-linux-riscv64-lp64d.so.1',
             'etc/passwd': (0o644, b'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n'),
             'etc/group': (0o644, b'root:x:0:\nnogroup:x:65534:\n'),
             **suites.folder(os.path.join(apps, suites.LIBDIR), suites.LIBDIR, SERVER_LIBRARIES)}
    for name, wanted in SERVERS.items():
        found.update(suites.folder(os.path.join(apps, name), name, wanted))
    if linux:
        found.update(suites.folder(os.path.join(cache, 'linuxnet'), 'bench/modules'))
    return found


def make_archives(build, cache, folder):
    """Write the root of all rows, the one of the rows of servers and the one of row `memory` (our program
    alone), each as a tar and as an initramfs; a dict name -> path."""
    programs = os.path.join(build, 'bench')
    small = {**rootfs.FOLDERS, 'init': rootfs.read(os.path.join(programs, 'bench'))}
    libdir = suites.LIBDIR
    full = {**small, 'bench': None, 'lib': 'usr/lib',
            'usr/lib/ld-linux-riscv64-lp64d.so.1': 'riscv64-linux-gnu/ld-linux-riscv64-lp64d.so.1',
            **suites.folder(os.path.join(cache, 'libc', libdir), libdir, LIBRARIES)}
    for name in ('tiny', 'dynamic'):
        full[f'bench/{name}'] = rootfs.read(os.path.join(programs, name))
    out = {}
    for name, table in (('full', full), ('small', small)):
        out[name, False] = rootfs.write_tar(os.path.join(folder, f'{name}.tar'), table)
        out[name, True] = rootfs.write_cpio(os.path.join(folder, f'{name}.cpio'), table)
    if os.path.exists(os.path.join(cache, 'programs.stamp')) and os.path.exists(os.path.join(cache, 'linuxfs.stamp')):
        table = {**powercut.table(cache), **small, 'disk': None}
        out['disk', False] = rootfs.write_tar(os.path.join(folder, 'disk.tar'), table)
        out['disk', True] = rootfs.write_cpio(os.path.join(folder, 'disk.cpio'), {
            **table, **suites.folder(os.path.join(cache, 'linuxfs'), 'bench/modules')})
    if os.path.exists(os.path.join(cache, 'netapps.stamp')):
        out['servers', False] = rootfs.write_tar(os.path.join(folder, 'servers.tar'),
                                                 {**small, **server_files(cache, False)})
        out['servers', True] = rootfs.write_cpio(os.path.join(folder, 'servers.cpio'),
                                                 {**small, **server_files(cache, True)})
    return out


def image_size(system):
    """Bytes of the kernel as it is loaded: Linux's Image is that, an ELF file has it in segments."""
    try:
        with open(system.kernel, 'rb') as f:
            data = f.read()
    except OSError as err:
        raise Failure(f'{system.kernel}: {err.strerror}') from None
    if data[:4] != b'\x7fELF':
        return len(data)
    word = lambda at, size: int.from_bytes(data[at:at + size], 'little')
    low, high = 1 << 64, 0
    for i in range(word(56, 2)):                  # e_phnum; e_phoff at 32; a header is 56 bytes
        head = word(32, 8) + 56 * i
        if word(head, 4) == 1 and word(head + 32, 8):          # PT_LOAD with something in the file
            low = min(low, word(head + 24, 8))
            high = max(high, word(head + 24, 8) + word(head + 32, 8))
    return high - low


# ---- one boot --------------------------------------------------------------------------------

class Disk:
    """A disk of a boot's own: for Linux an empty ext4, for Tarn the root archive itself with room behind it. While it
    works, a counted clock waits with the host's, so a plugin counts the instructions instead (count.c)."""

    def __init__(self, build, system, archive, clock):
        self.file = tempfile.NamedTemporaryFile(prefix='disk-', dir=os.path.join(build, 'bench'))
        self.path, self.words = self.file.name, []
        if system.linux:
            self.file.truncate(DISK)
            words, self.told = ['mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0'], ['bench.disk=ext4']
        else:
            shutil.copyfile(archive, self.path)
            words, self.told = [os.path.join(build, 'mkfs', 'tarn-resize'), '-q'], ['root=/dev/vda']
        path = os.pathsep.join([os.environ.get('PATH', ''), '/usr/sbin', '/sbin'])
        try:
            subprocess.run([*words, self.path, *([] if system.linux else [f'{DISK >> 20}M'])], check=True,
                           env={**os.environ, 'PATH': path})
        except (OSError, subprocess.CalledProcessError) as err:
            raise Failure(f'no disk for {system.name}: {err}') from None
        self.words = ['-drive', f'file={self.path},if=none,format=raw,id=disk', '-device', 'virtio-blk-device,drive=disk']
        self.words += ['-initrd', archive] if system.linux else []
        self.marks = tempfile.NamedTemporaryFile(prefix='marks-') if clock == 'count' else None
        if self.marks:
            self.words += ['-plugin', f'{os.path.join(build, "bench", "count.so")},out={self.marks.name}']

    def counted(self):
        """Instructions between the last two marks, the second of which ends what the first began."""
        if not self.marks:
            return None
        with open(self.marks.name, encoding='ascii') as f:
            rows = [[int(n) for n in line.split()] for line in f.readlines()[-2:]]
        return rows[1][1] - rows[0][1] if [r[0] for r in rows] == [1, 2] else None

    def close(self):
        """It is gone."""
        self.file.close()
        if self.marks:
            self.marks.close()


def arguments(system, archive, harts, clock, words, card=False, disk=None):
    """QEMU's arguments. Counting, every run is the same to the instruction."""
    args = [QEMU, '-machine', 'virt', '-smp', str(harts), '-m', f'{MEMORY >> 20}M', '-nodefaults',
            '-no-user-config', '-display', 'none', '-no-reboot', '-bios', 'default',
            '-global', 'virtio-mmio.force-legacy=false',
            '-chardev', 'file,id=serial,path=/dev/stdout,append=on', '-serial', 'chardev:serial',
            '-kernel', system.kernel, *(disk.words if disk else ['-initrd', archive])]
    told = [system.words]
    if clock == 'count':
        told.append(COUNTED)
        args += ["-icount", "shift=0,sleep=off"] if not disk else []
        args += ["-seed", "42",
                 '-rtc', 'base=2026-01-01T00:00:00,clock=vm']
    if card:
        args += ['-netdev', 'user,id=net', '-device', 'virtio-net-device,netdev=net']
    return [*args, '-append', ' '.join([*told, *words])]


class Boot:
    """What one boot said."""

    def __init__(self):
        self.rows = {}            # name -> (operations, nanoseconds); of row memory, (1, bytes used)
        self.died = {}            # name -> how
        self.begun = None         # the row that has not ended
        self.first_ticks = None   # the clock at the first user instruction
        self.banner = self.first = None     # host seconds since QEMU's start
        self.ended = False
        self.dead = None          # why there was no first user instruction
        self.text, self.disk = '', None

    def line(self, line, seconds):
        """One line of the console."""
        word = line.split()
        if self.banner is None and 'OpenSBI' in line:
            self.banner = seconds
        if not line.startswith('@@ ') or len(word) < 2:
            return False
        try:
            self.word(word[1], word[2:], seconds)
        except (IndexError, ValueError):
            return False
        return True

    def word(self, kind, rest, seconds):
        """One line of the program's own."""
        if kind == 'first':
            self.first_ticks, self.first = int(rest[0]), seconds
        elif kind == 'begin':
            self.begun = rest[0]
        elif kind == 'row':
            counted = self.disk.counted() if self.disk else None
            self.rows[rest[0]] = (int(rest[1]), int(rest[2]) if counted is None else counted)
            self.begun = None
        elif kind == 'died':
            self.died.setdefault(rest[0], ' '.join(rest[1:]))
            self.begun = None
        elif kind == 'memory':
            self.rows['memory'] = (1, MEMORY - int(rest[0]))
            self.begun = None
        elif kind == 'end':
            self.ended = True

    def last_words(self):
        """The end of what the machine said, in one line."""
        lines = [re.sub(r'[^ -~]', '', s).strip() for s in self.text.split('\n')]
        return next((s for s in reversed(lines) if s and not s.startswith('@@')), 'nothing')[:200]


def boot_once(system, archive, harts, clock, rows, limit=ROW_SECONDS, host=None, disk=None):
    """Boot, run the rows, and give what was said. host: the port of an iperf3 server, and a card to reach it."""
    words = [f'bench.clock={clock}', f'bench.limit={limit}', f'bench.settle={SETTLE_MS["time" if disk else clock]}',
             'bench.rows=' + ','.join(rows)]
    if host:
        words.append(f'bench.host={host}')
    if disk:
        words += disk.told
    out, rest = Boot(), b''
    out.disk = disk
    start = time.monotonic()
    try:
        machine = subprocess.Popen(arguments(system, archive, harts, clock, words, bool(host), disk),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
    except FileNotFoundError:
        raise Failure(f'{QEMU} is not installed (`make bench` sees to it)') from None
    why = None
    until = start + BOOT_SECONDS
    try:
        with selectors.DefaultSelector() as sel:
            sel.register(machine.stdout, selectors.EVENT_READ)
            while True:
                if not sel.select(max(0, until - time.monotonic())):
                    why = 'the machine hung'
                    break
                data = os.read(machine.stdout.fileno(), 65536)
                if not data:
                    break
                seconds = time.monotonic() - start
                *lines, rest = (rest + data).split(b'\n')
                for raw in lines:
                    line = raw.decode(errors='replace').rstrip('\r')
                    out.text = (out.text + line + '\n')[-8000:]
                    if out.line(line, seconds):
                        until = time.monotonic() + HOST_SECONDS[clock]
                if out.ended:
                    break
    finally:
        machine.kill()
        status = machine.wait()
        machine.stdout.close()
    out.text += rest.decode(errors='replace')
    if not out.ended:
        why = why or f'the machine stopped (status {status})'
        why += f': {out.last_words()}'
        left = [r for r in rows if r not in out.rows and r not in out.died]
        if out.first is None:
            out.dead = why
        elif out.begun or left:
            out.died[out.begun or left[0]] = why
    return out


def run(system, archive, harts, clock, rows, limit=ROW_SECONDS, host=None, build=None):
    """Boot with all rows, again after one that ends the machine; the boots. With `build` each has a disk."""
    left, boots = list(rows), []
    while True:
        disk = Disk(build, system, archive, clock) if build else None
        try:
            boots.append(boot_once(system, archive, harts, clock, left, limit, host, disk))
        finally:
            if disk:
                disk.close()
        if boots[-1].ended or boots[-1].dead:
            return boots
        seen = boots[-1].rows.keys() | boots[-1].died.keys()
        left = [name for name in left if name not in seen]
        if not left:
            return boots


class IperfServer:
    """iperf3 on this machine, on a port of its own."""

    def __init__(self, cache):
        with socket.socket() as sock:
            sock.bind(('127.0.0.1', 0))
            self.port = sock.getsockname()[1]
        program = os.path.join(cache, 'nethost', 'bin', 'iperf3')
        try:
            self.process = subprocess.Popen([program, '-s', '-B', '127.0.0.1', '-p', str(self.port)],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        except OSError as err:
            raise Failure(f'{program}: {err.strerror}') from None

    def __enter__(self):
        return self.port

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


# ---- OpenSBI's banner, in instructions -------------------------------------------------------

class Gdb:
    """The few words of GDB's remote protocol that it takes to stop at a store."""

    def __init__(self, sock):
        self.file = sock.makefile('rwb')

    def send(self, text):
        """One packet; the acknowledgement is eaten with the answer."""
        self.file.write(b'$%s#%02x' % (text.encode(), sum(text.encode()) & 255))
        self.file.flush()

    def receive(self):
        """The next packet's text."""
        while True:
            char = self.file.read(1)
            if not char:
                raise OSError('QEMU closed the debugger\'s connection')
            if char == b'$':
                break
        text = b''
        while (char := self.file.read(1)) not in (b'#', b''):
            text += char
        self.file.read(2)
        self.file.write(b'+')
        self.file.flush()
        return text.decode()

    def ask(self, text, answer):
        """Send a packet that must be answered so."""
        self.send(text)
        got = self.receive()
        if not got.startswith(answer):
            raise OSError(f'QEMU answers {text} with {got or "nothing"}')

    def monitor(self, command):
        """A command of QEMU's monitor; its output."""
        self.send('qRcmd,' + command.encode().hex())
        text = ''
        while (part := self.receive()) not in ('OK', ''):
            if part[0] != 'O':
                raise OSError(f'QEMU\'s monitor answers {part}')
            text += bytes.fromhex(part[1:]).decode(errors='replace')
        return text

    def peek(self, address, size):
        """A device's register."""
        return int(self.monitor(f'xp /1x{size} {address:#x}').split(':')[1], 16)


def banner_ticks(system, archive):
    """Clock ticks at the first byte that OpenSBI sends to the UART, as counted runs have it."""
    with tempfile.TemporaryDirectory(prefix='bench-') as folder:
        path = os.path.join(folder, 'gdb')
        machine = subprocess.Popen(
            [*arguments(system, archive, 1, 'count', []), '-S', '-gdb', f'unix:{path},server=on,wait=off'],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(30)
                for _ in range(200):
                    try:
                        sock.connect(path)
                        break
                    except OSError:
                        time.sleep(0.05)
                gdb = Gdb(sock)
                while True:
                    gdb.ask(f'Z2,{UART:x},1', 'OK')
                    gdb.ask('c', 'T')
                    # with bit 7 of the line control register the store is one of the divisor
                    if not gdb.peek(UART + 3, 'b') & 0x80:
                        return gdb.peek(CLOCK, 'g')
                    # the store has not been done; with the watchpoint it never would be
                    gdb.ask(f'z2,{UART:x},1', 'OK')
                    gdb.ask('s', 'T')
        except (OSError, ValueError, IndexError) as err:
            raise Failure(f'no count of instructions up to OpenSBI\'s banner: {err}') from None
        finally:
            machine.kill()
            machine.wait()
