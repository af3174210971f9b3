"""`make test-iperf`: iperf3 between this host and a guest over tap, Tarn and Debian's Linux in the same place.

    iperf.py [--build DIR] [--cache DIR] [--smp N] [--rounds N] [--seconds N] [--only WIRE]

Wires: a tap device by itself, where segments of 64 KiB may pass whole; and two more taps joined by faultlink, where
each frame is one of the wire's. All of it is in a network namespace of its own that ends with this program. The
table has the median of the rounds in Mbit/s; no figure fails the test, only what does not come through does.

Needs root, /dev/net/tun and what `make` fetched for it.
"""
import argparse
import collections
import json
import os
import re
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), 'suites')]
import rootfs  # noqa: E402
import suites  # noqa: E402

HOST, GUEST, PORT = '10.9.0.1', '10.9.0.2', 5201
WIRES = {
    'no loss': None,
    '1% loss, 5 ms': ['--loss', '1%', '--delay', '5'],
    '5% loss, reordered, doubled': ['--loss', '5%', '--reorder', '5%', '--duplicate', '2%'],
}
BOOT_SECONDS, PATIENCE = 300, 120
LIBRARIES = re.compile(r'(ld-linux-.*|lib(c|crypto|gcc_s|iperf|m|sctp|z|zstd)\.so\..*)$')
INIT = f"""#!/bin/sh
mount -t devtmpfs dev /dev 2> /dev/null
mount -t proc proc /proc
mount -t sysfs sys /sys
for m in /modules/*.ko; do [ -e $m ] && insmod $m; done
ifconfig lo 127.0.0.1 up
ifconfig eth0 {GUEST} netmask 255.255.255.0 up
exec iperf3 -s --forceflush
""".encode()


class Failure(Exception):
    """One clear line."""


def run(*words):
    """A command that has to succeed."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f'{" ".join(words)}: {done.stderr.strip() or done.returncode}')


def archives(cache, folder):
    """The root, as a tar for Tarn and as an initramfs for Linux; both have the same files."""
    apps, busybox = os.path.join(cache, 'netapps'), os.path.join(cache, 'busybox', 'busybox')
    table = {**rootfs.FOLDERS, 'usr/bin/iperf3': rootfs.read(os.path.join(apps, 'usr/bin/iperf3')),
             'bin/busybox': rootfs.read(busybox), 'lib': 'usr/lib', 'sbin': None,
             'usr/lib/ld-linux-riscv64-lp64d.so.1': 'riscv64-linux-gnu/ld-linux-riscv64-lp64d.so.1',
             **suites.folder(os.path.join(apps, suites.LIBDIR), suites.LIBDIR, LIBRARIES),
             'init': (0o755, INIT)}
    table.update({f'bin/{name}': 'busybox' for name in 'sh mount insmod ifconfig'.split()})
    modules = suites.folder(os.path.join(cache, 'linuxnet'), 'modules')
    return {'tarn': rootfs.write_tar(os.path.join(folder, 'iperf.tar'), table),
            'linux': rootfs.write_cpio(os.path.join(folder, 'iperf.cpio'), {**table, **modules})}


class Wire:
    """A tap device for a guest, and the way from there to this host's address."""

    def __init__(self, faults, program, queues):
        self.process = None
        many = ['multi_queue'] if queues > 1 else []
        run('ip', 'tuntap', 'add', 'dev', 'guest', 'mode', 'tap', 'vnet_hdr', *many)
        self.devices = ['guest']
        if faults is None:
            self.host = 'guest'
        else:
            self.host = 'host'
            run('ip', 'link', 'add', 'bridge', 'type', 'bridge')
            self.devices.append('bridge')
            self.process = subprocess.Popen([program, *faults, 'tap:far', 'tap:host'], stdout=subprocess.PIPE,
                                            stderr=subprocess.PIPE, text=True)
            if self.process.stdout.readline() != 'ready\n':
                raise Failure(f'faultlink: {self.process.stderr.read().strip()}')
            for name in ('guest', 'far'):
                run('ip', 'link', 'set', name, 'master', 'bridge', 'up')
            run('ip', 'link', 'set', 'bridge', 'up')
        run('ip', 'address', 'add', f'{HOST}/24', 'dev', self.host)
        run('ip', 'link', 'set', self.host, 'up')

    def close(self):
        """The devices go; what the wire did is returned."""
        said = ''
        if self.process:
            self.process.terminate()
            said = self.process.communicate()[1].strip()
        for name in self.devices:
            run('ip', 'link', 'delete', name)
        return said


class Guest:
    """A machine with an iperf3 server."""

    def __init__(self, system, args, archive):
        kernel = {'tarn': os.path.join(args.build, 'tarn.elf'), 'linux': os.path.join(args.cache, 'linux', 'Image')}
        words = {'tarn': 'init=/init', 'linux': 'rdinit=/init panic=-1 no4lvl'}
        queues = f',queues={args.queues}' if args.queues > 1 else ''
        mq = ',mq=on' if args.queues > 1 else ''
        self.process = subprocess.Popen(
            ['qemu-system-riscv64', '-machine', 'virt', '-smp', str(args.smp), '-m', '512M', '-nographic',
             '-no-reboot', '-bios', 'default', '-global', 'virtio-mmio.force-legacy=false',
             '-kernel', kernel[system], '-initrd', archive,
             '-netdev', f'tap,id=n,ifname=guest,script=no,downscript=no,vnet_hdr=on{queues}',
             '-device', f'virtio-net-device,netdev=n{mq}',
             '-append', f'console=ttyS0 quiet loglevel=1 {words[system]}'],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.text = ''
        try:
            self.wait_for('Server listening', 1, BOOT_SECONDS)
        except Failure:
            self.close()
            raise

    def wait_for(self, words, times, seconds):
        """Until these words have been said so often."""
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while self.text.count(words) < times:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise Failure(f'the guest did not say "{words}" (its status {self.process.poll()}): '
                                  f'{self.text[-1000:]}')
                selector.select(1)
                self.text += (self.process.stdout.read() or b'').decode(errors='replace')

    def close(self):
        self.process.kill()
        self.process.communicate()


def transfer(args, guest, number, back):
    """Mbit/s that arrived, and segments sent again; `back`: from the guest."""
    words = [os.path.join(args.cache, 'nethost', 'bin', 'iperf3'), '-J', '-c', GUEST, '-t', str(args.seconds),
             '-C', 'cubic', '--connect-timeout', '20000', *(['-R'] if back else [])]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=args.seconds + PATIENCE)
    try:
        said = json.loads(done.stdout)
        if 'error' in said:
            raise Failure(f'iperf3: {said["error"]}')
        got = said['end']['sum_received']['bits_per_second'] / 1e6
        resent = said['end']['sum_sent'].get('retransmits', 0)
    except (ValueError, KeyError):
        raise Failure(f'iperf3 {"from" if back else "to"} the guest: {done.stdout[-500:]} {done.stderr[-500:]}') from None
    guest.wait_for('Server listening', number + 1, PATIENCE)
    return got, resent


class Sample(threading.Thread):
    """The first MiB of a transfer: which part of it was in segments longer than a frame, so not cut yet."""

    def __init__(self, device):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind((device, 3))
        self.socket.settimeout(.1)
        self.all = self.large = 0
        self.over = False
        self.start()

    def run(self):
        buf = bytearray(70000)
        while self.all < 1 << 20 and not self.over:
            try:
                n = self.socket.recv_into(buf)
            except TimeoutError:
                continue
            self.all += n
            self.large += n if n > 1514 else 0

    def percent(self):
        self.over = True
        self.join()
        self.socket.close()
        return 100 * self.large // max(self.all, 1)


def measure(args, system, archive, faults, out):
    """One boot: both directions."""
    wire = Wire(faults, args.faultlink, args.queues)
    try:
        try:
            guest = Guest(system, args, archive)
        except Failure as err:
            if system == 'tarn':
                raise
            print(f'    {err}\n    once more')
            guest = Guest(system, args, archive)
        try:
            for number, back in enumerate((False, True), 1):
                sample = Sample('guest')
                got, resent = transfer(args, guest, number, back)
                out[system, back].append(got)
                print(f'    {system:5} {"from" if back else "to  "} the guest {got:8.1f} Mbit/s, {resent} resent, '
                      f'{sample.percent()}% in large segments', flush=True)
        finally:
            guest.close()
    finally:
        said = wire.close()
        if args.verbose and said:
            print(said)


def table(results):
    """Lines of the table, as docs/network.md has them."""
    yield '| wire | direction | Tarn | Linux | ratio |'
    yield '|---|---|---|---|---|'
    for name, rows in results.items():
        for back in (False, True):
            if not rows['tarn', back] or not rows['linux', back]:
                continue
            tarn, linux = (statistics.median(rows[s, back]) for s in ('tarn', 'linux'))
            yield f'| {name} | {"from" if back else "to"} the guest | {tarn:.1f} | {linux:.1f} | {tarn / linux:.2f} |'


def inside(args):
    """In the namespace."""
    run('ip', 'link', 'set', 'lo', 'up')
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        made = archives(args.cache, folder)
        try:
            for name, faults in WIRES.items():
                if args.only and args.only not in name:
                    continue
                print(name, flush=True)
                results[name] = collections.defaultdict(list)
                for _ in range(args.rounds):
                    for system in ('tarn', 'linux'):
                        measure(args, system, made[system], faults, results[name])
        finally:
            print('\n'.join(table(results)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default='build')
    parser.add_argument('--cache', default='build/cache')
    parser.add_argument('--smp', type=int, default=2)
    parser.add_argument('--queues', type=int, default=2)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--seconds', type=int, default=8)
    parser.add_argument('--only', default='', help='part of a wire\'s name')
    parser.add_argument('--verbose', action='store_true', help='say what the wire did')
    parser.add_argument('--inside', action='store_true', help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.faultlink = os.path.join(args.build, 'faultlink')
    try:
        if args.inside:
            inside(args)
            return 0
        if os.geteuid():
            raise Failure('only root can make tap devices')
        if not os.access('/dev/net/tun', os.R_OK | os.W_OK):
            raise Failure('no /dev/net/tun on this host (the module tun?)')
        # Whatever ends this ends the namespace and all in it.
        os.execvp('unshare', ['unshare', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', sys.executable,
                              os.path.abspath(__file__), '--inside', *sys.argv[1:]])
    except Failure as err:
        print(f'test-iperf: {err}', file=sys.stderr)
        return 1


if __name__ == '__main__':
    sys.exit(main())
