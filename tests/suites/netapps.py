"""Debian's network programs on Tarn, driven from here: the root they run in, and a machine that takes commands.

`Guest` boots it with ports of this host leading to its servers, and runs commands in it one after another
(`run`). `certificate` makes what TLS servers want, `Files` is a server on this host. test_netapps.py and
long/netapps.py use it.
"""
import functools
import hashlib
import http.server
import os
import queue
import random
import socket
import ssl
import subprocess
import threading
import time

import rootfs
import suites

HERE = os.path.dirname(os.path.abspath(__file__))
TARN = os.path.join(os.path.dirname(os.path.dirname(HERE)), 'tarn')
APPLETS = 'awk cat chmod chown cmp cp cut date dd env false grep head id kill killall ls md5sum mkdir mkfifo mv nslookup ps ' \
          'pwd rm sed seq sha256sum sleep sort stat stty tail tee test timeout touch tr true tty uname wc whoami'.split()
USERS = {'root': 0, 'sshd': 101, 'redis': 102, 'www-data': 33, 'dnsmasq': 103, 'nobody': 65534}

NGINX = """\
user www-data;
worker_processes {workers};
worker_rlimit_nofile 4096;
pid /run/nginx.pid;
error_log /tmp/nginx.log warn;
events {{ worker_connections 1024; }}
http {{
	access_log off;
	default_type application/octet-stream;
	keepalive_requests 100000;
	server {{
		listen 80{reuseport};
		listen [::]:80{reuseport};
		listen 443 ssl;
		ssl_certificate /etc/tls/cert.pem;
		ssl_certificate_key /etc/tls/key.pem;
		root /srv;
		location / {{ sendfile on; tcp_nopush on; }}
		location /copied/ {{ alias /srv/; sendfile off; }}
		location /new/ {{ alias /srv/; keepalive_timeout 0; }}
		location /status {{ stub_status; }}
	}}
}}
"""
SSHD = """\
Port 22
HostKey /etc/ssh/host_key
UsePAM no
PermitRootLogin prohibit-password
AuthorizedKeysFile /root/.ssh/authorized_keys
StrictModes no
PidFile none
Subsystem sftp /usr/lib/openssh/sftp-server
"""


def table(cache):
    """The root: what was fetched, busybox's small tools, accounts and settings."""
    fetched = os.path.join(cache, 'netapps')
    users = ''.join(f'{n}:x:{i}:{i}::{"/root" if n == "root" else "/run"}:/bin/sh\n' for n, i in USERS.items())
    found = {
        **rootfs.FOLDERS, 'bin': 'usr/bin', 'sbin': 'usr/sbin', 'lib': 'usr/lib', 'run': None, 'run/sshd': None,
        'var': None, 'var/run': '../run', 'var/log': None, 'var/log/nginx': None, 'var/lib/nginx': None, 'srv': None,
        'var/lib/misc': None, 'root/.ssh': (0o700, None), 'usr/share/empty.sshd': None,
        **suites.folder(os.path.join(fetched, 'usr'), 'usr'), 'usr/bin/sh': 'dash',
        'etc/passwd': (0o644, users.encode()),
        'etc/shadow': (0o600, b'root:*:20000:0:99999:7:::\n'),
        'etc/group': (0o644, ''.join(f'{n}:x:{i}:\n' for n, i in {**USERS, 'tty': 5, 'nogroup': 65534}.items()).encode()),
        'etc/hosts': (0o644, b'127.0.0.1 localhost\n::1 localhost\n10.0.2.2 host.test\n'),
        'etc/nsswitch.conf': (0o644, b'passwd: files\ngroup: files\nhosts: files dns\nservices: files\n'),
        'etc/services': (0o644, b'ssh 22/tcp\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp\n'),
        'etc/gai.conf': (0o644, b''),
        'etc/ssh/sshd_config': (0o644, SSHD.encode()),
        'usr/bin/busybox': rootfs.read(os.path.join(cache, 'busybox', 'busybox')),
    }
    found.update({f'usr/bin/{name}': 'busybox' for name in APPLETS if f'usr/bin/{name}' not in found})
    return found


def pages(sizes=(0, 1, 600, 100_000, 8 << 20)):
    """Files to serve, by name: bytes of every value, the same each time."""
    return {f'f{n}': random.Random(n).randbytes(n) for n in sizes}


def certificate(folder):
    """(certificate, key) of a server that is 10.0.2.2 and localhost, signed by itself."""
    cert, key = os.path.join(folder, 'cert.pem'), os.path.join(folder, 'key.pem')
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                    '-days', '7300', '-subj', '/CN=test', '-addext', 'subjectAltName=IP:10.0.2.2,IP:127.0.0.1,'
                    'DNS:localhost,DNS:host.test', '-keyout', key, '-out', cert], check=True, capture_output=True)
    return cert, key


def nginx(workers=2, reuseport=True):
    """/etc/nginx/nginx.conf"""
    return NGINX.format(workers=workers, reuseport=' reuseport' if reuseport else '').encode()


def free_port():
    """A port of this host that nobody has."""
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Files:
    """A server of these files on this host; `with` a certificate it speaks https."""

    def __init__(self, files, cert=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_GET(self):
                data = files.get(self.path.lstrip('/'))
                self.send_response(404 if data is None else 200)
                self.send_header('Content-Length', str(len(data or b'')))
                self.end_headers()
                self.wfile.write(data or b'')

            def do_PUT(self):
                data = self.rfile.read(int(self.headers['Content-Length']))
                files[self.path.lstrip('/')] = data
                self.send_response(201)
                self.send_header('Content-Length', '0')
                self.end_headers()

            def log_message(self, *_words):
                pass
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        if cert:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*cert)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f'{"https" if cert else "http"}://10.0.2.2:{self.server.server_address[1]}'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Guest:
    """A machine with the programs; ports: guest's ports that ones of this host lead to (`self.port[n]`)."""

    def __init__(self, root, kernel, ports=(), files=None, smp=2, mem='512M', timeout=300, more=(), log=None):
        self.port = {n: free_port() for n in ports}
        self.lines, self.mark, self.said = queue.Queue(), 0, []
        words = [TARN, 'run', '--kernel', kernel, '--smp', str(smp), '--mem', mem, '--timeout', str(timeout)]
        for guest, host in self.port.items():
            words += ['-p', f'127.0.0.1:{host}:{guest}']
        for name, path in (files or {}).items():
            words += ['--with', f'{path}:{name}']
        words += ['--log', log] if log else []
        self.process = subprocess.Popen([*words, *more, root, '--', '/bin/dash'], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def start(self, command):
        """Let a command run until the machine ends; what it says goes to /tmp/out."""
        self.process.stdin.write(f'{{ {command}\n}} < /dev/null >> /tmp/out 2>&1 &\n'.encode())
        self.process.stdin.flush()

    def run(self, command, timeout=60):
        """(what a command printed, its status), -1 when it did not end in time or the machine is gone."""
        self.mark += 1
        mark, text, end = f'@@{self.mark} ', [], time.monotonic() + timeout
        try:
            self.process.stdin.write(f'{{ {command}\n}} < /dev/null 2>&1; echo "{mark}$?"\n'.encode())
            self.process.stdin.flush()
            while True:
                line = self.lines.get(timeout=max(0.01, end - time.monotonic()))
                if line is None:
                    return ''.join(text) + '(the machine has ended)', -1
                before, found, status = line.decode(errors='backslashreplace').partition(mark)
                text.append(before)
                if found:
                    return ''.join(text), int(status)
        except (queue.Empty, BrokenPipeError):
            return ''.join(text) + '(no end)', -1

    def ok(self, command, timeout=60):
        """What a command printed; it has to end well."""
        text, status = self.run(command, timeout)
        assert status == 0, f'{command}: status {status}: {text[-600:]}'
        return text

    def wait_for(self, port, timeout=60):
        """Until a server answers on a guest's port: a try from here would be QEMU's to accept, so ask ss."""
        self.ok(f'i=0; until ss -Hltn "sport = :{port}" | grep -q .; do i=$((i+1)); [ $i -lt 300 ] || exit 1; '
                'sleep .1; done', timeout)

    def close(self):
        """End the machine; its status."""
        try:
            self.process.stdin.write(b'exit\n')
            self.process.stdin.close()
            return self.process.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            return self.process.wait()


@functools.lru_cache(maxsize=None)
def root(build, cache, workers=2, reuseport=True):
    """The root archive with certificate, keys and pages: (its path, folder of the keys)."""
    folder = os.path.join(build, 'suites', 'netapps')
    os.makedirs(folder, exist_ok=True)
    for name in ('id', 'host_key'):
        if not os.path.exists(os.path.join(folder, name)):
            subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', os.path.join(folder, name)], check=True)
    cert, key = certificate(folder)
    found = table(cache)
    found.update({f'srv/{name}': (0o644, data) for name, data in pages().items()})
    found.update({
        'etc/nginx/nginx.conf': (0o644, nginx(workers, reuseport)),
        'etc/tls/cert.pem': (0o644, rootfs.read(cert)), 'etc/tls/key.pem': (0o644, rootfs.read(key)),
        'etc/ssh/host_key': (0o600, rootfs.read(os.path.join(folder, 'host_key'))),
        'root/.ssh/authorized_keys': (0o600, rootfs.read(os.path.join(folder, 'id.pub'))),
    })
    return rootfs.write_tar(os.path.join(build, 'suites', 'netapps.tar'), found), folder


def connect(port):
    """A connection to a port of this host."""
    return socket.create_connection(('127.0.0.1', port), timeout=60)


def ssh_options(guest):
    """How ssh and scp of this host get in."""
    return ['-i', os.path.join(guest.folder, 'id'), '-F', '/dev/null', '-o', 'StrictHostKeyChecking=no',
            '-o', 'UserKnownHostsFile=/dev/null', '-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR']


def ssh(guest, command, stdin=b'', options=(), timeout=120):
    """A command run there by ssh."""
    return subprocess.run(['ssh', *ssh_options(guest), *options, '-p', str(guest.port[22]), 'root@127.0.0.1', command],
                          input=stdin, capture_output=True, timeout=timeout, check=False)


def digest(data):
    """As md5sum prints it."""
    return hashlib.md5(data).hexdigest()
