#!/usr/bin/env python3
"""Debian's network programs, the long way round: what test_netapps.py leaves out for its time.

    netapps.py run [--smp 2] [NAME...]

redis's replication between two machines on one wire, which breaks and comes back; 64 MiB by scp each way; names
from dnsmasq and, through it, from a server on this host, by UDP and, when an answer is too long, by TCP; iperf3
to and from this host; traceroute of all kinds; dropbear; nginx with workers that share one listening socket and
connections that are not kept.
"""
import argparse
import os
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.dirname(os.path.dirname(HERE))]
import netapps  # noqa: E402


class Names:
    """A server of names on this host: A and TXT, from a table; over UDP an answer is cut to 512 bytes."""

    def __init__(self, table):
        self.table, self.asked = table, []
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(('127.0.0.1', 0))
        self.port = self.udp.getsockname()[1]
        self.tcp = socket.create_server(('127.0.0.1', self.port))
        for serve in (self.datagrams, self.connections):
            threading.Thread(target=serve, daemon=True).start()

    def answer(self, query, most):
        """RFC 1035 4.1: the header, the question, what the table has."""
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        name, kind = '.'.join(labels).lower(), struct.unpack('>H', query[at + 1:at + 3])[0]
        self.asked.append(('tcp' if most > 512 else 'udp', name))
        records = [socket.inet_aton(a) for a in self.table.get(name, ())] if kind == 1 else []
        body = b''.join(b'\xc0\x0c' + struct.pack('>HHIH', kind, 1, 60, len(r)) + r for r in records)
        question = query[12:at + 5]
        flags = 0x8180 | (0 if name in self.table else 3)
        if 12 + len(question) + len(body) > most:
            flags, records, body = flags | 0x200, [], b''
        return query[:2] + struct.pack('>HHHHH', flags, 1, len(records), 0, 0) + question + body

    def datagrams(self):
        while True:
            query, who = self.udp.recvfrom(4096)
            self.udp.sendto(self.answer(query, 512), who)

    def connections(self):
        while True:
            s, _ = self.tcp.accept()
            with s, s.makefile('rb') as f:
                size = f.read(2)
                while len(size) == 2:
                    reply = self.answer(f.read(struct.unpack('>H', size)[0]), 65535)
                    s.sendall(struct.pack('>H', len(reply)) + reply)
                    size = f.read(2)


class Suite:
    """The tests, by name; each says in words what is wrong, by an assertion."""

    def __init__(self, args):
        self.args = args
        self.kernel = os.path.join(args.build, 'tarn.elf')
        self.root, self.folder = netapps.root(args.build, args.cache)
        self.guest = None

    def machine(self, **more):
        """One with all ports."""
        guest = netapps.Guest(self.root, self.kernel, smp=self.args.smp, timeout=900, **more)
        guest.folder = self.folder
        return guest

    def one(self):
        """The machine that tests share."""
        if not self.guest:
            self.guest = self.machine(ports=(80, 22, 2222))
        return self.guest

    def host(self, name):
        """A program of this machine's."""
        return os.path.join(self.args.cache, 'nethost', 'bin', name)

    def test_replication(self):
        """Two machines on a wire: all that the master has, the replica has; and again after the link was down."""
        with tempfile.TemporaryDirectory() as folder:
            ends = [os.path.join(folder, name) for name in 'ab']
            pair = [self.machine(more=['--net', f'dgram={a},{b}', '--append', 'ip=off'])
                    for a, b in (ends, ends[::-1])]
            for n, guest in enumerate(pair, 1):
                guest.ok(f'ip link set eth0 up; ip addr add 10.1.1.{n}/24 dev eth0')
            master, replica = pair
            options = '--save "" --protected-mode no --bind 0.0.0.0 --enable-debug-command yes --repl-timeout 10'
            master.start(f'redis-server {options}')
            master.wait_for(6379)
            master.ok('redis-cli debug populate 20000 key 100', 120)
            replica.start(f'redis-server {options} --replicaof 10.1.1.1 6379')
            replica.wait_for(6379)
            self.same(master, replica)
            master.ok('redis-benchmark -q -n 5000 -r 5000 -t set,incr,lpush,sadd', 200)
            self.same(master, replica)
            master.ok('ip link set eth0 down')
            master.ok('redis-benchmark -q -n 2000 -r 9000 -t set,lpush; sleep 12', 200)
            assert 'link_status:down' in replica.ok('redis-cli info replication')
            master.ok('ip link set eth0 up')
            self.same(master, replica)
            for guest in pair:
                guest.close()

    @staticmethod
    def same(master, replica):
        """Within a time both have the same data, and the link is up."""
        digests = None
        for _ in range(120):
            digests = [g.ok('redis-cli debug digest', 120).strip() for g in (master, replica)]
            if digests[0] == digests[1] and 'link_status:up' in replica.ok('redis-cli info replication'):
                return
            time.sleep(1)
        raise AssertionError(f'the data differ: {digests}')

    def test_scp(self):
        """64 MiB there and back."""
        guest, data = self.one(), random.Random(1).randbytes(64 << 20)
        guest.start('/usr/sbin/sshd -D -e')
        guest.wait_for(22)
        with tempfile.TemporaryDirectory() as folder:
            there, back = (os.path.join(folder, name) for name in ('there', 'back'))
            with open(there, 'wb') as f:
                f.write(data)
            for words in ([there, 'root@127.0.0.1:/tmp/big'], ['root@127.0.0.1:/tmp/big', back]):
                subprocess.run(['scp', '-q', '-P', str(guest.port[22]), *netapps.ssh_options(guest), *words],
                               check=True, timeout=400)
                assert guest.ok('md5sum < /tmp/big', 100).split()[0] == netapps.digest(data)
            with open(back, 'rb') as f:
                assert f.read() == data
        guest.ok('rm /tmp/big')

    def test_dropbear(self):
        """Another SSH server, with the same key."""
        guest = self.one()
        guest.ok('mkdir -p /etc/dropbear')
        guest.start('dropbear -F -E -R -p 2222')
        guest.wait_for(2222)
        guest.port[22], port = guest.port[2222], guest.port[22]
        got = netapps.ssh(guest, 'cat; exit 3', stdin=b'x' * 100000)
        guest.port[22] = port
        assert (got.returncode, got.stdout) == (3, b'x' * 100000), got

    def test_names(self):
        """glibc's resolver: dnsmasq's own names; what a server on this host knows; and an answer for TCP alone."""
        guest = self.one()
        many = [f'10.{n >> 8}.{n & 255}.1' for n in range(100)]
        names = Names({'few.test': ['10.9.8.7'], 'many.test': many})
        guest.start(f'dnsmasq -k -d --no-resolv --no-hosts --user=root --address=/mine.test/1.2.3.4 '
                    f'--host-record=six.test,fd00::6 --server=10.0.2.2#{names.port}')
        guest.wait_for(53)
        guest.ok('echo nameserver 127.0.0.1 > /etc/resolv.conf')
        assert guest.ok('getent ahostsv4 mine.test').split()[0] == '1.2.3.4'
        assert guest.ok('getent ahostsv6 six.test').split()[0] == 'fd00::6'
        assert guest.ok('getent ahostsv4 few.test').split()[0] == '10.9.8.7'
        found = {line.split()[0] for line in guest.ok('getent ahostsv4 many.test').splitlines()}
        assert found == set(many), f'{len(found)} addresses'
        assert ('tcp', 'many.test') in names.asked and ('udp', 'many.test') in names.asked
        assert guest.run('getent ahostsv4 none.test')[1] == 2
        guest.ok('echo nameserver 10.0.2.3 > /etc/resolv.conf')

    def test_iperf(self):
        """iperf3 in the machine, with this host and itself, both ways; UDP too."""
        guest, port = self.one(), netapps.free_port()
        guest.start('iperf3 -s -p 5300')
        guest.wait_for(5300)
        server = subprocess.Popen([self.host('iperf3'), '-s', '-B', '127.0.0.1', '-p', str(port)],
                                  stdout=subprocess.DEVNULL)
        try:
            for words in (f'-c 10.0.2.2 -p {port}', f'-c 10.0.2.2 -p {port} -R', '-c 127.0.0.1 -p 5300 -P 4',
                          '-c 127.0.0.1 -p 5300 -R', '-c ::1 -p 5300', '-c 127.0.0.1 -p 5300 -u -b 10M'):
                text = guest.ok(f'iperf3 -t 3 -f m {words}', 60)
                rates = [float(r) for r in re.findall(r'([\d.]+) Mbits/sec.*receiver', text)]
                assert rates and all(rates), text
                print(f'  iperf3 {words}: {rates[-1]:.0f} Mbit/s')
        finally:
            server.kill()
            server.wait()

    def test_paths(self):
        """traceroute by UDP, ICMP and TCP; ping with options; nc by both protocols."""
        guest = self.one()
        for words in ('127.0.0.1', '-I 10.0.2.2', '-T -p 22 127.0.0.1', '-6 ::1', '-U -p 99 127.0.0.1'):
            text = guest.ok(f'traceroute.db -n -m 3 -w 2 {words}')
            assert re.search(rf'^ 1 +{re.escape(words.split()[-1])} +[\d.]+ ms', text, re.M), text
        text = guest.ok('ping -c 2 10.0.2.2; ping -f -q -c 500 127.0.0.1; ping -R -c 1 127.0.0.1; ping -6 -c 1 ::1')
        assert text.count(' 0% packet loss') == 4, text
        text = guest.ok('nc.openbsd -l -N 7100 < /etc/hosts & sleep .5; nc.openbsd -N 127.0.0.1 7100 < /dev/null')
        assert 'localhost' in text

    def test_nginx(self):
        """Workers that share one listening socket, and connections that end with each answer."""
        guest = self.one()
        guest.ok("sed -i 's/ reuseport//; s/worker_processes 2/worker_processes 4/' /etc/nginx/nginx.conf")
        guest.start('nginx -g "daemon off;"')
        guest.wait_for(80)
        done = subprocess.run([self.host('wrk'), '-c', '20', '-t', '2', '-d', '10s', '--timeout', '60s',
                               f'http://127.0.0.1:{guest.port[80]}/new/f600'], capture_output=True, text=True, check=True)
        assert not re.search(r'Socket errors|Non-2xx', done.stdout), done.stdout
        assert int(re.search(r'(\d+) requests in', done.stdout)[1]) > 50
        for path in ('f8388608', 'copied/f8388608'):
            urls = [f'http://127.0.0.1:{guest.port[80]}/{path}'] * 4
            clients = [subprocess.Popen(['curl', '-sS', '-m', '100', url], stdout=subprocess.PIPE) for url in urls]
            for client in clients:
                assert netapps.digest(client.communicate()[0]) == netapps.digest(netapps.pages()['f8388608'])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default='build')
    parser.add_argument('--cache', default='build/cache')
    parser.add_argument('--smp', type=int, default=2)
    parser.add_argument('what', choices=['run'])
    parser.add_argument('names', nargs='*')
    args = parser.parse_args()
    suite, bad = Suite(args), 0
    for name in args.names or [n[5:] for n in dir(Suite) if n.startswith('test_')]:
        start, wrong = time.time(), None
        try:
            getattr(suite, f'test_{name}')()
        except (AssertionError, OSError, subprocess.SubprocessError) as err:
            wrong, bad = f'{type(err).__name__}: {err}', bad + 1
        print(f'apps: {name}: {"as it should be" if wrong is None else wrong} ({time.time() - start:.0f} s)')
        sys.stdout.flush()
    if suite.guest:
        suite.guest.close()
    print('apps: ' + ('all is well' if not bad else f'{bad} fail'))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
