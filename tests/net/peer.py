"""A machine to talk to, in Python, at the other end of a wire (link.py): ARP, IPv4, ICMP, UDP, and TCP both as
client and as server (tcp.py). It shares no line with the stack that is under test.

    with Link(tmp, Faults(seed=3, loss=.05)) as link, Peer(link) as peer:
        listener = peer.listen(7)           before the machine boots
        guest = start the machine with link.options, at 10.9.0.2
        connection = listener.accept()
        connection.send(b'...'), .receive(n), .finish(), .abort()

A thread owns the link: it answers frames and runs timers. What other threads call takes the one lock and waits on
the one condition; a wait that takes longer than `PATIENCE` is an error, so nothing hangs.
"""
import collections
import os
import random
import struct
import threading
import time

import tcp
import wire

PATIENCE = 120      # seconds: for what a loaded host does in two
MACHINE = '10.9.0.2'


class Listener:
    """A port that takes connections. refuse: backlog of 0, SYNs are left unanswered."""

    def __init__(self, peer, port, options):
        self.peer, self.port, self.options = peer, port, options
        self.ready = collections.deque()

    def accept(self):
        """The next connection that has been set up."""
        self.peer.wait(lambda: self.ready, f'a connection to port {self.port}')
        with self.peer.lock:
            return self.ready.popleft()


class UdpSocket:
    """A port for datagrams: a queue of (address, port, bytes)."""

    def __init__(self, peer, port):
        self.peer, self.port = peer, port
        self.queue = collections.deque()

    def send(self, address, port, data):
        datagram = wire.udp(self.peer.address, address, self.port, port, data)
        self.peer.send_ip(address, wire.UDP, datagram)

    def ask(self, address, port, data):
        """Send, and wait a moment for what comes back; None: nothing."""
        self.send(address, port, data)
        end = time.monotonic() + .3
        with self.peer.lock:
            while not self.queue and time.monotonic() < end:
                self.peer.changed.wait(.1)
            return self.queue.popleft()[2] if self.queue else None

    def receive(self):
        self.peer.wait(lambda: self.queue, f'a datagram to port {self.port}')
        with self.peer.lock:
            return self.queue.popleft()


class Peer:
    """The machine. `seen` counts what came, by kind; `capture` has the last frames, for who wonders."""

    def __init__(self, link, address='10.9.0.1', link_address='52:54:00:09:00:01', mtu=1500):
        self.link, self.address, self.link_address, self.mtu = link, address, link_address, mtu
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.random = random.Random(link.out.faults.seed)
        self.neighbours, self.waiting = {}, collections.defaultdict(list)
        self.listeners, self.connections, self.datagrams = {}, {}, {}
        self.echoes = []        # (ident, sequence, payload) of answers to our pings
        self.pieces = {}        # of datagrams, by (source, ident, protocol)
        self.seen = collections.Counter()
        self.capture = collections.deque(maxlen=200)
        self.next_ident = 1
        self.failure = None     # what ended the thread
        self.closing = False
        self.thread = threading.Thread(target=self.run, name='peer', daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.closing = True
        self.link.wake()
        self.thread.join(10)

    # ---- the thread ------------------------------------------------------------------------------

    def run(self):
        try:
            while not self.closing:
                with self.lock:
                    due = [c.due for c in self.connections.values() if c.due is not None]
                wait = max(min(due) - time.monotonic(), 0) if due else 1
                frame = self.link.receive(min(wait, 1))
                with self.lock:
                    if frame:
                        self.capture.append(frame)
                        self.input(frame)
                    now = time.monotonic()
                    for connection in list(self.connections.values()):
                        if connection.due is not None and connection.due <= now:
                            connection.timer()
                    self.changed.notify_all()
        except Exception as err:    # whoever waits shall know
            with self.lock:
                self.failure = err
                self.changed.notify_all()
            raise

    def wait(self, condition, what):
        """Until condition() is true, which is returned."""
        end = time.monotonic() + PATIENCE
        with self.lock:
            while True:
                got = condition()
                if got:
                    return got
                if self.failure:
                    raise RuntimeError('the peer failed') from self.failure
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f'no {what} within {PATIENCE} s; seen {dict(self.seen)}')
                self.changed.wait(min(left, 1))

    # ---- link and network ------------------------------------------------------------------------

    def input(self, frame):
        eth = wire.read_ethernet(frame)
        if not eth or eth.target not in (self.link_address, wire.BROADCAST):
            self.seen['others'] += 1
        elif eth.kind == wire.ARP:
            self.arp_input(wire.read_arp(eth.payload))
        elif eth.kind == wire.IPV4:
            self.ip_input(wire.read_ipv4(eth.payload))
        else:
            self.seen[f'type {eth.kind:04x}'] += 1

    def arp_input(self, arp):
        if not arp:
            self.seen['bad arp'] += 1
            return
        self.seen['arp'] += 1
        if arp.source != '0.0.0.0' and (arp.target == self.address or arp.source in self.waiting):
            self.neighbours[arp.source] = arp.source_mac
            for packet in self.waiting.pop(arp.source, []):
                self.link.send(wire.ethernet(arp.source_mac, self.link_address, wire.IPV4, packet))
        if arp.operation == 1 and arp.target == self.address:
            answer = wire.arp(2, self.link_address, self.address, arp.source_mac, arp.source)
            self.link.send(wire.ethernet(arp.source_mac, self.link_address, wire.ARP, answer))

    def ask(self, address):
        """An ARP question; again by whoever sends again."""
        question = wire.arp(1, self.link_address, self.address, '00:00:00:00:00:00', address)
        self.link.send(wire.ethernet(wire.BROADCAST, self.link_address, wire.ARP, question))

    def send_ip(self, address, protocol, payload, **fields):
        """A datagram, in pieces if it is too long for the link."""
        with self.lock:
            ident = self.next_ident = self.next_ident % 0xffff + 1
            room = (self.mtu - 20) & ~7
            if len(payload) <= self.mtu - 20:
                packets = [wire.ipv4(self.address, address, protocol, payload, ident=ident, **fields)]
            else:
                packets = [wire.ipv4(self.address, address, protocol, payload[at:at + room], ident=ident, df=False,
                                     offset=at, more=at + room < len(payload), **fields)
                           for at in range(0, len(payload), room)]
            at = self.neighbours.get(address)
            if at is None:
                self.waiting[address] = (self.waiting[address] + packets)[-64:]
                self.ask(address)
                return
            for packet in packets:
                self.link.send(wire.ethernet(at, self.link_address, wire.IPV4, packet))

    def reassemble(self, ip):
        """The datagram that this piece makes whole, or None. Pieces that overlap are taken as they come."""
        if not ip.more and not ip.offset:
            return ip
        key = ip.source, ip.ident, ip.protocol
        pieces = self.pieces.setdefault(key, {})
        pieces[ip.offset] = ip
        data, at = b'', 0
        while at in pieces:
            data += pieces[at].payload
            if not pieces[at].more:
                del self.pieces[key]
                ip.payload, ip.more, ip.offset = data, False, 0
                return ip
            at = len(data)
        return None

    def ip_input(self, ip):
        if not ip:
            self.seen['bad ip'] += 1
            return
        if ip.target != self.address:
            self.seen['others'] += 1
            return
        ip = self.reassemble(ip)
        if not ip:
            self.seen['pieces'] += 1
        elif ip.protocol == wire.ICMP:
            self.icmp_input(ip)
        elif ip.protocol == wire.UDP:
            self.udp_input(ip)
        elif ip.protocol == wire.TCP:
            self.tcp_input(ip)
        else:
            self.seen[f'protocol {ip.protocol}'] += 1

    def icmp_input(self, ip):
        message = wire.read_icmp(ip.payload)
        if not message:
            self.seen['bad icmp'] += 1
            return
        self.seen[f'icmp {message.type}'] += 1
        if message.type == 8:
            self.send_ip(ip.source, wire.ICMP, wire.icmp(0, 0, message.rest, message.payload))
        elif message.type == 0:
            self.echoes.append((*struct.unpack('>HH', message.rest), message.payload))

    def ping(self, address=MACHINE, size=56, tries=50):
        """The machine answers an echo request: as often as need be, since wires lose."""
        ident, payload = self.random.randrange(1, 0xffff), self.random.randbytes(size)
        for sequence in range(tries):
            request = wire.icmp(8, 0, struct.pack('>HH', ident, sequence), payload)
            self.send_ip(address, wire.ICMP, request)
            end = time.monotonic() + 1
            with self.lock:
                while time.monotonic() < end:
                    if (ident, sequence, payload) in self.echoes:
                        return
                    self.changed.wait(.1)
        raise TimeoutError(f'{address} does not answer; seen {dict(self.seen)}')

    def unreachable(self, ip, code):
        head = wire.ipv4(ip.source, ip.target, ip.protocol, ip.payload, ident=ip.ident, ttl=ip.ttl)[:28]
        self.send_ip(ip.source, wire.ICMP, wire.icmp(3, code, bytes(4), head))

    def udp_input(self, ip):
        datagram = wire.read_udp(ip)
        if not datagram:
            self.seen['bad udp'] += 1
        elif datagram.port in self.datagrams:
            self.seen['udp'] += 1
            self.datagrams[datagram.port].queue.append((ip.source, datagram.source_port, datagram.payload))
        else:
            self.unreachable(ip, 3)

    def udp(self, port):
        with self.lock:
            return self.datagrams.setdefault(port, UdpSocket(self, port))

    # ---- TCP -------------------------------------------------------------------------------------

    def tcp_input(self, ip):
        segment = wire.read_tcp(ip)
        if not segment:
            self.seen['bad tcp'] += 1
            return
        self.seen['tcp'] += 1
        key = segment.port, ip.source, segment.source_port
        connection = self.connections.get(key)
        if connection and connection.state == 'TIME-WAIT' and segment.flags & wire.SYN:
            connection = None
        if not connection:
            listener = self.listeners.get(segment.port)
            if listener and segment.flags & (wire.SYN | wire.ACK | wire.RST) == wire.SYN:
                connection = tcp.Connection(self, *key, listener.options, listener)
                self.connections[key] = connection
            elif not segment.flags & wire.RST:
                self.refuse(ip.source, segment)
        if connection:
            connection.input(segment)

    def refuse(self, address, segment):
        """RST to a segment of no connection (RFC 9293, 3.5.2)."""
        self.seen['refused'] += 1
        length = len(segment.payload) + bool(segment.flags & wire.SYN) + bool(segment.flags & wire.FIN)
        has_ack = segment.flags & wire.ACK
        self.send_ip(address, wire.TCP, wire.tcp(
            self.address, address, segment.port, segment.source_port, segment.ack if has_ack else 0,
            0 if has_ack else segment.seq + length, wire.RST if has_ack else wire.RST | wire.ACK, 0))

    def listen(self, port, **options):
        """A Listener; options are tcp.Options'."""
        with self.lock:
            self.listeners[port] = Listener(self, port, tcp.Options(**options))
            return self.listeners[port]

    def connect(self, port, address=MACHINE, source_port=None, tries=1, **options):
        """A connection that is set up. Refused: again, `tries` times in all, a fifth of a second apart."""
        for left in range(tries, 0, -1):
            with self.lock:
                ours = source_port or self.random.randrange(20000, 60000)
                key = ours, address, port
                connection = self.connections[key] = tcp.Connection(self, *key, tcp.Options(**options))
                connection.open()
            self.link.wake()
            try:
                connection.wait_open()
                return connection
            except ConnectionRefusedError:
                if left == 1:
                    raise
                time.sleep(.2)
        return None

    def forget(self, connection):
        """[lock] It is closed."""
        key = connection.key
        if self.connections.get(key) is connection:
            del self.connections[key]


def folder(path):
    """A short path to a folder: names of Unix sockets have 107 bytes at most."""
    return os.path.relpath(path) if len(str(path)) > 70 else str(path)
