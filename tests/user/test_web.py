"""Our wget against a server that does what servers do, and our httpd asked as browsers ask."""
import http.client
import http.server
import os
import socket
import subprocess
import threading
import time

import pytest
from conftest import ROOT

TEXT = bytes(range(256)) * 400
DATE = 'Sat, 03 Feb 2001 04:05:06 GMT'


class Pages(http.server.BaseHTTPRequestHandler):
    """Answers of all kinds; what was asked is kept."""
    protocol_version = 'HTTP/1.1'
    asked = []

    def give(self, status, body=b'', **fields):
        """An answer with its length."""
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace('_', '-'), value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)

    def plain(self):
        """A text, or its end."""
        start = int((self.headers['Range'] or 'bytes=0-')[6:-1])
        if start >= len(TEXT):
            self.give(416, Content_Range=f'bytes */{len(TEXT)}')
        elif start:
            self.give(206, TEXT[start:], Content_Range=f'bytes {start}-{len(TEXT) - 1}/{len(TEXT)}')
        else:
            self.give(200, TEXT, Last_Modified=DATE)

    def do_GET(self):
        """By the path."""
        path = self.path.split('?')[0]
        first = self.path not in [p for _, p, *_ in self.asked]
        self.asked.append((self.command, self.path, self.headers['User-Agent'], self.headers['X-More'],
                           self.rfile.read(int(self.headers['Content-Length'] or 0))))
        if path == '/chunked':
            self.send_response(200)
            self.send_header('Transfer-Encoding', 'chunked')
            self.end_headers()
            for i in range(0, len(TEXT), 1000):
                part = TEXT[i:i + 1000]
                self.wfile.write(b'%x;name=value\r\n%s\r\n' % (len(part), part))
            self.wfile.write(b'0\r\nX-Trailer: yes\r\n\r\n')
        elif path == '/until-close':
            self.send_response(200)
            self.end_headers()
            self.wfile.write(TEXT)
            self.close_connection = True
        elif path == '/half' and first:
            self.send_response(200)
            self.send_header('Content-Length', str(len(TEXT)))
            self.end_headers()
            self.wfile.write(TEXT[:50000])
            self.close_connection = True
        elif path in ('/bad', '/old'):
            self.wfile.write(b'HTTP/none\r\n\r\n' if path == '/bad' else b'SSH-2.0-no\r\n\r\nmore')
            self.close_connection = True
        elif path == '/a/hop':
            self.give(302, Location='/a/b/other')
        elif path == '/a/b/other':
            self.give(307, Location='../../plain' if first else f'http://{self.headers["Host"]}/plain')
        elif path == '/loop':
            self.give(301, Location='/loop')
        elif path in ('/plain', '/half', '/', '/a/b/../../plain'):
            self.plain()
        else:
            self.give(401 if path == '/secret' else 404, b'no')

    do_HEAD = do_POST = do_GET

    def log_message(self, *_words):
        """Not on our stderr."""


WGET = '''mkdir /tmp/w; cd /tmp/w; u=$1
t() { s=$1; shift; wget -q "$@"; echo "$? $s"; }
t plain $u/plain; date -u -r plain +%Y-%m-%dT%H:%M:%S; t again $u/plain; cmp plain plain.1 && rm plain.1
t index $u/; cmp plain index.html; t query "$u/chunked?x=1"; cmp plain 'chunked?x=1'
wget -qO - $u/until-close | cmp - plain && echo 0 close; t half $u/half; cmp plain half
head -c 777 plain > part; mv part plain.2; mkdir c; head -c 777 plain > c/plain; t go_on -c -P c $u/plain; cmp plain c/plain
t whole -c -P c $u/plain; cmp plain c/plain
t hop $u/a/hop; cmp plain hop; t once --max-redirect=1 -O x $u/a/hop; t loop $u/loop
t missing $u/missing; t secret $u/secret; t bad -t 1 $u/bad; t old -t 1 $u/old; tail -n 1 old; echo; t refused -t 1 http://127.0.0.1:9/; t unknown -t 1 http://nosuch.invalid/
t scheme gopher://x/; t folder -O /nosuch/x $u/plain; t option --nosuch $u/plain; t none
t spider --spider $u/plain; t nospider --spider $u/missing; t two $u/missing $u/plain; ls
t fields -U me --header='X-More: a b' --post-data=p=q $u/plain
'''
ANSWERS = '''0 plain
2001-02-03T04:05:06
0 again
0 index
0 query
0 close
0 half
0 go_on
0 whole
0 hop
8 once
8 loop
8 missing
6 secret
7 bad
0 old
more
4 refused
4 unknown
1 scheme
1 folder
2 option
1 none
0 spider
8 nospider
8 two
c
chunked?x=1
half
hop
index.html
old
plain
plain.1
plain.2
x
0 fields
'''


@pytest.mark.area('user', points=3)
def test_wget(tarn, full_root):
    """Lengths, chunks, redirections, a connection that breaks, files that are there, and the status of each."""
    Pages.asked.clear()
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f'http://10.0.2.2:{server.server_address[1]}'
        got = tarn(root=full_root, timeout=240, command=['sh', '-c', WGET, 'sh', url])
        server.shutdown()
    assert got.out.decode() == ANSWERS
    assert ('POST', '/plain', 'me', 'a b', b'p=q') in Pages.asked
    assert ('HEAD', '/missing') in [a[:2] for a in Pages.asked]


# ---- httpd ------------------------------------------------------------------------------------

SITE = '''mkdir -p /tmp/www/sub/deep /tmp/www/list; cd /tmp/www; seq 1000 > n.txt; echo home > index.html; echo sub > sub/index.html
echo x > 'list/a <b>&.txt'; echo y > list/:z; mkdir list/dir; : > empty; echo hid > /tmp/secret; touch -d 2001-02-03T04:05:06Z n.txt
mkfifo fifo; httpd -d /tmp/www -p 80'''
NUMBERS = ''.join(f'{i}\n' for i in range(1, 1001)).encode()


@pytest.fixture(scope='module')
def site(full_root):
    """Host port of a guest whose httpd serves."""
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    guest = subprocess.Popen([os.path.join(ROOT, 'tarn'), 'run', '--timeout', '240', '-p', f'127.0.0.1:{port}:80', full_root,
                              '--', 'sh', '-c', SITE], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection('127.0.0.1', port, timeout=5)
            connection.request('HEAD', '/')
            connection.getresponse()
            break
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
    yield port
    guest.terminate()
    guest.wait()


def ask(port, path, method='GET', **fields):
    """Status, fields and body of one answer."""
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
    connection.request(method, path, headers={name.replace('_', '-'): value for name, value in fields.items()})
    got = connection.getresponse()
    body = got.read()
    connection.close()
    return got.status, got.headers, body


def raw(port, text):
    """What is answered to bytes, up to the end."""
    with socket.create_connection(('127.0.0.1', port), timeout=60) as s:
        s.sendall(text)
        data = b''
        while part := s.recv(65536):
            data += part
    return data


@pytest.mark.area('user', points=3)
def test_httpd_files(site):
    """Files, dates, types, HEAD, folders and their lists."""
    status, fields, body = ask(site, '/n.txt?query')
    assert (status, body, fields['Content-Type']) == (200, NUMBERS, 'text/plain; charset=utf-8')
    assert fields['Last-Modified'] == DATE and fields['Accept-Ranges'] == 'bytes'
    status, fields, body = ask(site, '/n.txt', 'HEAD')
    assert (status, fields['Content-Length'], body) == (200, str(len(NUMBERS)), b'')
    assert ask(site, '/n.txt', If_Modified_Since=DATE)[0::2] == (304, b'')
    assert ask(site, '/n.txt', If_Modified_Since='Sat, 03 Feb 2001 04:05:05 GMT')[0] == 200
    assert ask(site, '/')[2] == b'home\n' and ask(site, '/sub/deep/%2e%2e/')[2] == b'sub\n'
    assert ask(site, '/empty')[0::2] == (200, b'')
    status, fields, _ = ask(site, '/sub')
    assert (status, fields['Location']) == (301, '/sub/')
    page = ask(site, '/list/')[2].decode()
    assert '<a href="./a%20%3Cb%3E%26.txt">a &#60;b&#62;&#38;.txt</a>' in page and 'href="./%3Az"' in page and 'href="./dir/"' in page
    assert ask(site, '/list/a%20%3Cb%3E%26.txt')[2] == b'x\n'
    assert [ask(site, path)[0] for path in ('/nothing', '/n.txt/', '/fifo', '/../secret', '/sub/../../secret', '/%2e%2e/secret',
                                            '/a%2fb', '/%zz')] == [404, 404, 403, 404, 404, 404, 400, 400]


@pytest.mark.area('user', points=2)
def test_httpd_ranges(site):
    """A part from the middle, the end, and parts that are not there."""
    size = len(NUMBERS)
    for text, start, stop in (('bytes=10-19', 10, 20), ('bytes=3000-', 3000, size), ('bytes=-5', size - 5, size),
                              ('bytes=0-999999', 0, size), (f'bytes=-{size + 9}', 0, size)):
        status, fields, body = ask(site, '/n.txt', Range=text)
        assert (status, body) == (206, NUMBERS[start:stop]), text
        assert fields['Content-Range'] == f'bytes {start}-{stop - 1}/{size}'
    status, fields, _ = ask(site, '/n.txt', Range=f'bytes={size}-')
    assert (status, fields['Content-Range']) == (416, f'bytes */{size}')
    for text in ('bytes=5-1', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=x'):
        assert ask(site, '/n.txt', Range=text)[0::2] == (200, NUMBERS), text


@pytest.mark.area('user', points=2)
def test_httpd_protocol(site):
    """Several requests on a connection, of all versions; nonsense; many at a time."""
    data = raw(site, b'HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /sub/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert data.count(b'HTTP/1.1 200 OK') == 2 and data.endswith(b'sub\n')
    assert raw(site, b'GET / HTTP/1.0\n\n').endswith(b'\r\n\r\nhome\n')
    assert b'Allow: GET, HEAD' in raw(site, b'PUT /x HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello')
    for text, status in ((b'hello\r\n\r\n', 400), (b'GET / HTTP/2.0\r\n\r\n', 505), (b'GET x HTTP/1.1\r\nConnection: close\r\n\r\n', 400),
                         (b'GET /' + b'x' * 9000 + b' HTTP/1.1\r\n\r\n', 414), (b'GET / HTTP/1.1\r\n' + b'A: b\r\n' * 200 + b'\r\n', 431)):
        assert raw(site, text).startswith(b'HTTP/1.1 %d ' % status), text[:40]
    idle = [socket.create_connection(('127.0.0.1', site)) for _ in range(10)]
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(ask(site, '/n.txt')[2])) for _ in range(10)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert answers == [NUMBERS] * 10
    for s in idle:
        s.close()
