"""HTTP/1.1 by programs of Rust's std and of Go's net/http, unmodified: each as client of a server on the host,
each as server and client in the guest, and as server of the host.
"""
import http.server
import os
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
from conftest import BUILD, KERNEL, ROOT, need_file

pytestmark = pytest.mark.area('suites', points=4)
SIZE = 300_000


def made(n):
    """The body that the programs make."""
    return bytes((i * 2654435761 & 0xffffffffffffffff) >> 13 & 255 for i in range(n))


def fnv(data):
    """FNV-1a, 64 bits, as 16 digits."""
    h = 0xcbf29ce484222325
    for b in data:
        h = (h ^ b) * 0x100000001b3 & 0xffffffffffffffff
    return f'{h:016x}'


HASH = fnv(made(SIZE))


class Pages(http.server.BaseHTTPRequestHandler):
    """A server of the made body: in chunks of many sizes with extensions and a trailer, or by length."""
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        """/chunked, /plain; else there is nothing."""
        body = made(SIZE)
        if self.path == '/chunked':
            self.send_response(200, 'Here it is')
            self.send_header('X-Case-Of-Names', 'kept out')
            self.send_header('Transfer-Encoding', 'chunked')
            self.end_headers()
            at, size = 0, 1
            while at < len(body):
                part = body[at:at + size]
                self.wfile.write(b'%X;ext=%d\r\n' % (len(part), size) + part + b'\r\n')
                at, size = at + size, size * 3 % 9973 + 1
            self.wfile.write(b'0\r\nX-Sum: all\r\n\r\n')
        else:
            body = body if self.path == '/plain' else b'nothing\n'
            self.send_response(200 if self.path == '/plain' else 404)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_words):
        """Not on our stderr."""


def program(name):
    """One of the programs, to lay over a root."""
    return need_file(os.path.join(BUILD, 'suites', 'bin', name), 'see build/test-build.log')


@pytest.mark.parametrize('harts', [1, 4])
def test_get_from_host(tarn, minimal_root, harts):
    """TcpStream::connect, a GET, and what comes back: status, headers, a body in chunks, one by length, an error."""
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f'http://10.0.2.2:{server.server_address[1]}'
        urls = [f'{base}/{path}' for path in ('chunked', 'plain', 'nothing')]
        rust = tarn('--smp', str(harts), '--with', program('rust-http'), root=minimal_root,
                    command=['/rust-http', 'get', *urls], timeout=120).ok()
        go = tarn('--smp', str(harts), '--with', program('go-http'), root=minimal_root,
                  command=['/go-http', 'get', *urls], timeout=120).ok()
        server.shutdown()
    at, size, chunks = 0, 1, 0
    while at < SIZE:
        at, size, chunks = at + size, size * 3 % 9973 + 1, chunks + 1
    assert rust.out.decode().splitlines() == [
        '/chunked: 200 Here it is', '  transfer-encoding: chunked', '  x-case-of-names: kept out',
        f'  {SIZE} bytes {HASH}, {chunks} chunks, trailers {{"x-sum": "all"}}',
        '/plain: 200 OK', f'  content-length: {SIZE}', f'  {SIZE} bytes {HASH}, by length',
        '/nothing: 404 Not Found', '  content-length: 8', f'  8 bytes {fnv(b"nothing" + bytes([10]))}, by length']
    assert go.out.decode().splitlines() == [
        '/chunked: 200 Here it is [chunked]', f'  {SIZE} bytes {HASH}', '/plain: 200 OK []', f'  {SIZE} bytes {HASH}',
        '/nothing: 404 Not Found []', f'  8 bytes {fnv(b"nothing" + bytes([10]))}']


SCRIPT = f"""
/go-http serve 8001 > /tmp/go & /rust-http serve 8002 > /tmp/rust &
until grep -q serving /tmp/go && grep -q serving /tmp/rust; do sleep .1; done
for url in http://127.0.0.1:8001 http://127.0.0.1:8002 http://[::1]:8001 http://[::1]:8002 http://localhost:8001; do
    /rust-http get $url/chunked/{SIZE} $url/plain/{SIZE} | grep -o '[0-9]* bytes [0-9a-f]*'
    /go-http get $url/chunked/{SIZE} $url/plain/{SIZE} | grep -o '[0-9]* bytes [0-9a-f]*'
done | sort | uniq -c
for port in 8001 8002; do
    /go-http post http://127.0.0.1:$port/echo 100000
    /go-http many http://127.0.0.1:$port/chunked/20000 20
    /rust-http get http://127.0.0.1:$port/quit > /dev/null
done
wait
echo ended
"""


@pytest.mark.parametrize('harts', [1, 4])
def test_inside(tarn, busybox_root, harts):
    """Both servers and both clients in one machine, over IPv4 and IPv6, and many connections at a time."""
    got = tarn('--smp', str(harts), '--with', program('rust-http'), '--with', program('go-http'), root=busybox_root,
               command=['sh', '-c', SCRIPT], timeout=240)
    each = ['post: 200 OK 100000 true <nil>', 'many: 200 good']
    assert got.out.decode().split('\n')[:-1] == [f'     20 {SIZE} bytes {HASH}', *each, *each, 'ended'], got


@pytest.mark.parametrize('name', ['rust-http', 'go-http'])
def test_served_to_host(minimal_root, name):
    """The host fetches from a server in the guest, 40 times, four at a time."""
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    base, bad, wanted = f'http://127.0.0.1:{port}', [], made(SIZE)
    guest = subprocess.Popen([os.path.join(ROOT, 'tarn'), 'run', '--kernel', KERNEL, '--timeout', '200', '-p',
                              f'{port}:80', '--with', program(name), minimal_root, '--', '/' + name, 'serve', '80'],
                             stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def fetch():
        for path in ['chunked', 'plain'] * 5:
            try:
                with urllib.request.urlopen(f'{base}/{path}/{SIZE}', timeout=100) as page:
                    if page.read() != wanted:
                        bad.append(path)
            except OSError as e:
                bad.append(e)
    try:
        assert guest.stdout.readline() == b'serving\n'
        threads = [threading.Thread(target=fetch) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not bad
        try:
            urllib.request.urlopen(f'{base}/quit', timeout=100).close()
        except (urllib.error.URLError, ConnectionError):
            pass        # the server was quicker
        for _ in range(300):
            if guest.poll() is not None:
                break
            time.sleep(.2)
        assert guest.poll() == 0
    finally:
        guest.terminate()
        guest.wait()
