"""Debian's network programs, unmodified, on one machine whose ports lead here: curl and wget against servers on
this host and against nginx, nginx under wrk, redis under its benchmark, OpenSSH. netapps.py is what drives them;
long/netapps.py does more of it.
"""
import os
import re
import subprocess

import netapps
import pexpect
import pytest
from conftest import BUILD, CACHE, KERNEL, need_file, need_kernel

pytestmark = pytest.mark.area('net', points=3)
WRK = os.path.join(CACHE, 'nethost', 'bin', 'wrk')
BIG = 8 << 20


@pytest.fixture(scope='module')
def guest():
    """The machine, with nginx, redis and sshd."""
    need_kernel()
    need_file(os.path.join(CACHE, 'netapps'), 'could not be fetched')
    root, folder = netapps.root(BUILD, CACHE)
    machine = netapps.Guest(root, KERNEL, ports=(80, 443, 6379, 22))
    machine.folder, machine.pages = folder, netapps.pages()
    machine.start('nginx -g "daemon off;"')
    machine.start('redis-server --save "" --bind 0.0.0.0 --protected-mode no')
    machine.start('/usr/sbin/sshd -D -e')
    yield machine
    machine.close()


@pytest.fixture(scope='module')
def servers(guest):
    """Servers on this host, by protocol: a file each way."""
    files = dict(guest.pages)
    keys = [os.path.join(guest.folder, name) for name in ('cert.pem', 'key.pem')]
    found = {'http': netapps.Files(files), 'https': netapps.Files(files, keys)}
    yield found, files
    for server in found.values():
        server.close()


@pytest.mark.parametrize('protocol', ['http', 'https'])
def test_fetch(guest, servers, protocol):
    """curl and wget get files of the host, over TLS too, and put one there."""
    (found, files), size = servers, BIG if protocol == 'http' else 100_000
    url = found[protocol].url
    text = guest.ok(f'cd /tmp; curl -sS --cacert /etc/tls/cert.pem {url}/f{size} | md5sum; '
                    f'wget -q --ca-certificate=/etc/tls/cert.pem -O - {url}/f{size} | md5sum; '
                    f'curl -sS --cacert /etc/tls/cert.pem -T /srv/f100000 {url}/put-{protocol}; '
                    f'curl -sS --cacert /etc/tls/cert.pem -o /dev/null -w "%{{http_code}}\\n" {url}/nothing')
    want = netapps.digest(guest.pages[f'f{size}'])
    assert text.split() == [want, '-', want, '-', '404']
    assert files[f'put-{protocol}'] == guest.pages['f100000']


def test_inside(guest):
    """curl and wget of the machine get nginx's files, by both versions of IP, by name and over TLS."""
    guest.wait_for(443)
    want = netapps.digest(guest.pages['f100000'])
    text = guest.ok('for u in http://127.0.0.1 http://[::1] http://localhost; do curl -sS $u/f100000 | md5sum; done; '
                    'wget -q -O - http://localhost/f100000 | md5sum; '
                    'curl -sS --cacert /etc/tls/cert.pem https://localhost/f100000 | md5sum')
    assert text.split()[::2] == [want] * 5


@pytest.mark.parametrize('path', ['', 'copied/'])
def test_large_file(guest, path):
    """8 MiB of nginx's, by sendfile and by read and write; and a part of it."""
    guest.wait_for(80)
    url = f'http://127.0.0.1:{guest.port[80]}/{path}f{BIG}'
    got = subprocess.run(['curl', '-sS', '-m', '60', url], capture_output=True, check=True).stdout
    assert got == guest.pages[f'f{BIG}']
    part = subprocess.run(['curl', '-sS', '-m', '60', '-r', '1000-70000', url], capture_output=True, check=True).stdout
    assert part == got[1000:70001]


def test_wrk(guest):
    """10,000 requests of 100 connections that are kept alive, and nothing goes wrong."""
    need_file(WRK, 'could not be fetched')
    guest.wait_for(80)
    requests, rounds = 0, 0
    while requests < 10_000 and rounds < 12:
        # QEMU's listener takes one caller at a time: the host's TCP repeats the others' calls for seconds.
        done = subprocess.run([WRK, '-c', '100', '-t', '2', '-d', '5s', '--timeout', '60s',
                               f'http://127.0.0.1:{guest.port[80]}/f600'], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert not re.search(r'Socket errors|Non-2xx', done.stdout), done.stdout
        requests += int(re.search(r'(\d+) requests in', done.stdout)[1])
        rounds += 1
    assert requests >= 10_000
    text = guest.ok('curl -sS http://127.0.0.1/status; cat /tmp/nginx.log')
    accepted, handled = re.search(r'(\d+) (\d+) \d+', text).groups()
    assert accepted == handled
    assert 'alert' not in text and 'crit' not in text, text


def test_redis(guest):
    """redis's own benchmark inside: each command answered, with and without pipelining."""
    guest.wait_for(6379)
    text = guest.ok('redis-benchmark --csv -n 1000 -c 50 -t set,get,lpush,lrange_100; '
                    'redis-benchmark --csv -n 5000 -c 10 -P 50 -t set,get; redis-cli dbsize; redis-cli ping')
    rows = re.findall(r'^"(\w+).*?","([\d.]+)"', text, re.M)
    assert [name for name, rate in rows if float(rate) > 0] == ['SET', 'GET', 'LPUSH', 'LPUSH', 'LRANGE_100', 'SET', 'GET']
    assert text.split()[-1] == 'PONG'


def test_redis_from_outside(guest):
    """A client of the host's, in redis's own protocol: what was stored comes back, at once and in a long pipeline."""
    guest.wait_for(6379)
    value = bytes(range(256)) * 400
    with netapps.connect(guest.port[6379]) as s:
        for i in range(50):
            s.sendall(b'*3\r\n$3\r\nSET\r\n$4\r\nk%03d\r\n$%d\r\n' % (i, len(value)) + value + b'\r\n')
        s.sendall(b'*2\r\n$3\r\nGET\r\n$4\r\nk%03d\r\n' % 49)
        want = b'+OK\r\n' * 50 + b'$%d\r\n' % len(value) + value + b'\r\n'
        got = bytearray()
        while len(got) < len(want):
            more = s.recv(1 << 16)
            assert more, f'{len(got)} of {len(want)} bytes'
            got += more
    assert got == want


def test_ssh(guest):
    """A log-in with a key: a command, its status, its streams; a file there and back by sftp."""
    guest.wait_for(22)
    there, back = os.path.join(guest.folder, 'there'), os.path.join(guest.folder, 'back')
    with open(there, 'wb') as f:
        f.write(guest.pages[f'f{BIG}'])
    got = netapps.ssh(guest, 'cat; echo err >&2; exit 7', stdin=b'in\n')
    assert (got.returncode, got.stdout) == (7, b'in\n') and got.stderr.endswith(b'err\n')
    for words in ([there, 'root@127.0.0.1:/tmp/copied'], ['root@127.0.0.1:/tmp/copied', back]):
        done = subprocess.run(['scp', '-q', '-P', str(guest.port[22]), *netapps.ssh_options(guest), *words],
                              capture_output=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
    assert guest.ok('md5sum < /tmp/copied').split()[0] == netapps.digest(guest.pages[f'f{BIG}'])
    with open(back, 'rb') as f:
        assert f.read() == guest.pages[f'f{BIG}']


def test_ssh_terminal(guest):
    """A log-in on a terminal: its size, what is typed, ^C, the shell's end."""
    guest.wait_for(22)
    child = pexpect.spawn('ssh', [*netapps.ssh_options(guest), '-tt', '-p', str(guest.port[22]), 'root@127.0.0.1'],
                          dimensions=(33, 99), timeout=60)
    child.expect_exact('# ')
    child.sendline('tty; stty size; echo two$((1 + 1))')
    child.expect(r'/dev/pts/\d+\r\n33 99\r\ntwo2\r\n')
    child.setwinsize(44, 88)
    child.sendline('sleep 1; stty size; echo asleep; sleep 1000')
    child.expect_exact('44 88\r\nasleep\r\n')
    child.sendcontrol('c')
    child.expect_exact('# ')
    child.sendline('exit 5')
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 5


def test_end(guest):
    """After all that no connection is left behind, and the machine is well."""
    text = guest.ok('i=0; while ss -Htn state established state close-wait state last-ack | grep -q .; do '
                    'i=$((i+1)); [ $i -lt 100 ] || break; sleep .2; done; ss -Htn state established state close-wait '
                    'state last-ack; redis-cli shutdown nosave; nginx -s quit 2> /dev/null; echo end')
    assert text.split() == ['end'], text
