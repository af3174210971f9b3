"""The network card: virtio-net to QEMU's user network and to a peer of ours, and `tarn`'s options for it."""
import hashlib
import http.server
import os
import random
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
TARN = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'tarn')
FRAMES = 3000


@pytest.fixture
def frames(program):
    """frames.c, compiled."""
    return program('frames', os.path.join(HERE, 'frames.c'))


@pytest.mark.area('net', points=3)
@pytest.mark.parametrize('harts', [1, 4])
def test_user_network(tarn, minimal_root, frames, harts):
    """QEMU's own network is there by default, and answers."""
    got = tarn('--smp', str(harts), '--with', frames, root=minimal_root, command=['/frames', 'arp']).ok()
    assert got.out == b'10.0.2.2 is there\n'


def echo(ours, theirs, seen):
    """Send each frame back to whom it came from, until the socket is closed."""
    while True:
        try:
            data = ours.recv(70000)
        except OSError:
            return
        if not data:
            return
        if data[12:14] != b'\x88\xb5':
            continue
        seen.append(len(data))
        try:
            ours.sendto(data[6:12] + b'\x02\0\0\0\0\x01' + data[12:], theirs)
        except OSError:
            return


@pytest.mark.area('net', points=5)
@pytest.mark.parametrize('harts,features', [
    (1, []), (4, []), (2, ['mrg_rxbuf=off']), (1, ['event_idx=off', 'indirect_desc=off']),
    (4, ['ctrl_vq=off', 'csum=off', 'guest_csum=off'])])
def test_frames(tarn, minimal_root, frames, tmp_path, harts, features):
    """Frames of all lengths come back as they were sent, in order, whatever the card can do."""
    here, there = str(tmp_path / 'here'), str(tmp_path / 'there')
    seen = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ours:
        ours.bind(here)
        thread = threading.Thread(target=echo, args=(ours, there, seen), daemon=True)
        thread.start()
        words = ['-global', *[f'virtio-net-device.{features[0]}']] if features else []
        for more in features[1:]:
            words += ['-global', f'virtio-net-device.{more}']
        got = tarn('--smp', str(harts), '--net', f'dgram={there},{here}', '--with', frames,
                   *(f for word in words for f in ('--qemu-arg', word)),
                   root=minimal_root, command=['/frames', str(FRAMES)]).ok()
    assert got.out.decode() == f'{FRAMES} sent, {FRAMES} back, 0 bad, 0 out of order\n'
    assert len(seen) == FRAMES


@pytest.mark.area('net', points=1)
def test_none(tarn, minimal_root, frames):
    """Without a card there is none, and all else is as it was."""
    got = tarn('--net', 'none', '--with', frames, root=minimal_root, command=['/frames', 'arp'])
    assert got.status == 1 and got.out == b'eth0: No such device\n'


@pytest.mark.area('net', points=2)
@pytest.mark.parametrize('words,says', [
    (['--net', 'foo'], '--net foo'), (['--net', 'tap='], '--net tap='), (['--net', 'dgram=a'], 'dgram=a'),
    (['--net', 'dgram=a,5'], 'two paths or two ports'), (['-p', '80'], 'HOST:GUEST'),
    (['-p', 'x:80'], 'x is not a port'), (['-p', '80:70000'], '70000 is not a port'),
    (['-p', '1.2.3:1:2'], '1.2.3 is not an IPv4 address'), (['-p', '1:2/sctp'], 'tcp or udp'),
    (['--net', 'none', '-p', '1:2'], '-p is for --net user'),
    (['--net', 'none', '--net', 'user'], 'none stands alone')])
def test_bad_options(tarn, minimal_root, words, says):
    """What makes no sense is told in one line, and nothing runs."""
    got = tarn(*words, root=minimal_root, command=['true'])
    assert got.status == 125
    assert says in got.err.decode() and got.err.count(b'\n') == 1


@pytest.mark.area('net', points=1)
def test_port_in_use(tarn, minimal_root):
    """A host's port that somebody has is QEMU's to find; its words are passed on."""
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        port = taken.getsockname()[1]
        got = tarn('-p', f'{port}:80', root=minimal_root, command=['true'])
    assert got.status == 125 and f'{port}'.encode() in got.err


@pytest.mark.area('net', points=3)
@pytest.mark.parametrize('harts', [1, 4])
def test_tun(tarn, minimal_root, program, harts):
    """TUN and TAP devices, from both sides (tun.c says what)."""
    got = tarn('--smp', str(harts), '--net', 'none', '--with', program('tun', os.path.join(HERE, 'tun.c')),
               root=minimal_root, command=['/tun']).ok()
    assert got.out.decode() == 'done: 1\n'


@pytest.mark.area('net', points=2)
def test_sysfs(tarn, busybox_root):
    """/sys/class/net says of the card what is so, and takes an MTU that is possible."""
    script = 'cd /sys/class/net/eth0; cat address ifindex type mtu; echo 1400 > mtu; cat mtu; ' \
             'echo 1 > mtu 2> /dev/null || echo no; cat ../lo/operstate ../lo/mtu; ls statistics | wc -l'
    got = tarn(root=busybox_root, command=['sh', '-c', script]).ok()
    assert got.out.decode().split() == ['52:54:00:12:34:56', '2', '1', '1500', '1400', 'no', 'unknown',
                                        '65536', '24']


@pytest.mark.area('net', points=1)
def test_name_server(tarn, busybox_root):
    """A root that knows no name server is given QEMU's; without a card none."""
    script = 'cat /etc/resolv.conf 2> /dev/null; echo end'
    got = tarn(root=busybox_root, command=['sh', '-c', script]).ok()
    assert got.out == b'nameserver 10.0.2.3\nend\n'
    got = tarn('--net', 'none', root=busybox_root, command=['sh', '-c', script]).ok()
    assert got.out == b'end\n'


class Pages(http.server.BaseHTTPRequestHandler):
    """A server of one page."""
    page = bytes(random.Random(7).randrange(256) for _ in range(1 << 20)) * 4

    def do_GET(self):
        """The page, whatever was asked for."""
        self.send_response(200)
        self.send_header('Content-Length', str(len(self.page)))
        self.end_headers()
        self.wfile.write(self.page)

    def log_message(self, *_words):
        """Not on our stderr."""


@pytest.mark.area('net', points=3)
@pytest.mark.parametrize('harts', [1, 4])
def test_fetch(tarn, busybox_root, harts):
    """4 MiB from a server on the host, by Debian's busybox and by our httpget."""
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f'http://10.0.2.2:{server.server_address[1]}/'
        got = tarn('--smp', str(harts), root=busybox_root, timeout=120, command=[
            'sh', '-c', f'wget -q -O - {url} | md5sum; httpget {url} | md5sum']).ok()
        server.shutdown()
    assert got.out.decode().split()[::2] == [hashlib.md5(Pages.page).hexdigest()] * 2


@pytest.mark.area('net', points=3)
@pytest.mark.parametrize('harts', [1, 4])
def test_served_through_a_port(busybox_root, harts):
    """-p: a program of the host reaches a server on Tarn, and gets all of a file from it."""
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    command = 'mkdir /tmp/www; dd if=/dev/urandom of=/tmp/www/f bs=64k count=32 2> /dev/null; ' \
              'md5sum < /tmp/www/f; httpd -f -p 80 -h /tmp/www'
    guest = subprocess.Popen([TARN, 'run', '--smp', str(harts), '--timeout', '120', '-p', f'127.0.0.1:{port}:80',
                              busybox_root, '--', 'sh', '-c', command], stdout=subprocess.PIPE,
                             stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wanted = guest.stdout.readline().split()[0].decode()
        for _ in range(100):
            try:
                with urllib.request.urlopen(f'http://127.0.0.1:{port}/f', timeout=60) as page:
                    assert hashlib.md5(page.read()).hexdigest() == wanted
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(.2)
        else:
            pytest.fail('nobody answered')
    finally:
        guest.terminate()
        guest.wait()
