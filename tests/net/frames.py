"""Frames that no honest host sends, made from a seed: one of each header that the machine reads, whole, and then with
a field, an option or a length that is wrong. Half of them have right checksums all the same, so that they get past
the first look.

    for frame in Frames(seed, machine, host, tcp).take(n): ...

machine and host are (link address, IPv4 address); tcp is a function that says (our port, its port, sequence number,
acknowledgement) of a connection that is open, or None.
"""
import os
import random
import struct

import wire

SIX_MACHINE, SIX_HOST = bytes.fromhex('fe80' + '00' * 13 + '01'), bytes.fromhex('fe80' + '00' * 13 + '02')
ALL_NODES = bytes.fromhex('ff02' + '00' * 13 + '01')
VALUES = [0, 1, 2, 4, 5, 7, 8, 20, 40, 60, 127, 128, 254, 255]


def internet6(source, target, kind, payload, length=None):
    return struct.pack('>IHBB', 6 << 28, len(payload) if length is None else length, kind, 255) + source + target + payload


def icmp6(source, target, kind, code, body):
    data = struct.pack('>BBH', kind, code, 0) + body
    check = wire.checksum(source + target + struct.pack('>IHBB', len(data), 0, 0, 58) + data)
    return data[:2] + struct.pack('>H', check) + data[4:]


class Frames:
    def __init__(self, seed, machine, host, tcp=lambda: None):
        self.random = random.Random(seed)
        self.machine_mac, self.machine = machine
        self.host_mac, self.host = host
        self.tcp_numbers = tcp
        self.makers = [self.arp, self.ip_options, self.piece, self.icmp, self.icmp_error, self.igmp, self.udp, self.tcp,
                       self.tcp, self.syn, self.six_extensions, self.six_piece, self.neighbour, self.router, self.listener,
                       self.six_error, self.link]

    def take(self, n):
        for _ in range(n):
            yield self.spoil(self.random.choice(self.makers)())

    # ---- one that is right ---------------------------------------------------------------------

    def ethernet(self, kind, payload, target=None):
        return wire.ethernet(target or self.machine_mac, self.host_mac, kind, payload)

    def number(self, bits):
        r = self.random
        return r.choice([0, 1, (1 << bits) - 1, 1 << bits - 1, (1 << bits - 1) - 1, r.getrandbits(bits)])

    def other(self):
        return f'10.9.0.{self.random.randrange(1, 255)}'

    def some(self, most=200):
        return self.random.randbytes(self.random.randrange(most))

    def four(self, protocol, payload, **fields):
        source = self.random.choice([self.host, self.other()])
        return self.ethernet(wire.IPV4, wire.ipv4(source, self.machine, protocol, payload, **fields))

    def arp(self):
        return self.ethernet(wire.ARP, wire.arp(self.random.randrange(4), self.host_mac, self.other(), self.machine_mac,
                                                self.random.choice([self.machine, self.other()])))

    def options(self):
        """Bytes of options of IPv4 or TCP: kinds with lengths that fit, now and then."""
        out = b''
        while len(out) < 36 and self.random.random() < .8:
            kind = self.random.choice([0, 1, 2, 3, 4, 5, 7, 8, 34, 68, 130, 131, 137, 148, 254, self.random.randrange(256)])
            data = self.random.randbytes(self.random.randrange(12))
            out += bytes([kind]) if kind < 2 else bytes([kind, self.random.choice([len(data) + 2] * 3 + VALUES)]) + data
        out = out[:40]
        return out + b'\0' * (-len(out) % 4)

    def ip_options(self):
        return self.four(wire.UDP, wire.udp(self.host, self.machine, 9, 7, self.some()), options=self.options())

    def piece(self):
        return self.four(wire.UDP, self.some(1400), ident=self.random.randrange(4), df=False,
                         more=self.random.random() < .5, offset=8 * self.random.choice([0, 1, 10, 100, 185, 8190, 8191]))

    def icmp(self):
        kind = self.random.choice([0, 8, 13, 15, 17, self.random.randrange(256)])
        return self.four(wire.ICMP, wire.icmp(kind, self.random.choice([0, 1, 255]), self.random.randbytes(4), self.some()))

    def icmp_error(self):
        inner = wire.tcp(self.machine, self.host, *(self.tcp_numbers() or (7000, 9, 0, 0))[1::-1], self.number(32), 0, 16, 0)
        inner = wire.ipv4(self.machine, self.host, self.random.choice([6, 17, 1, 255]), inner)
        kind, code = self.random.choice([(3, self.random.randrange(16)), (11, 0), (11, 1), (12, 0), (5, 1), (4, 0)])
        rest = self.random.choice([b'\0\0' + struct.pack('>H', self.number(16)), self.random.randbytes(4)])
        return self.four(wire.ICMP, wire.icmp(kind, code, rest, inner[:self.random.choice([8, 20, 28, 40])]))

    def igmp(self):
        body = self.random.choice([b'\x11', b'\x12', b'\x16', b'\x17', b'\x22']) + self.random.randbytes(1) + b'\0\0' + \
            self.random.choice([b'\0' * 4, b'\xe0\0\0\1', self.random.randbytes(4)]) + self.some(24)
        return self.four(2, body[:2] + struct.pack('>H', wire.checksum(body)) + body[4:], ttl=1)

    def udp(self):
        return self.four(wire.UDP, wire.udp(self.host, self.machine, self.number(16), self.random.choice([7, 7000, 68]),
                                            self.some(), length=self.random.choice([None, None, self.number(16)])))

    def tcp(self):
        ours, theirs, seq, ack = self.tcp_numbers() or (9, 7000, 1, 1)
        near = self.random.choice([0, 0, 1, -1, 100, 65536, -65536, 1 << 31])
        return self.ethernet(wire.IPV4, wire.ipv4(self.host, self.machine, wire.TCP, wire.tcp(
            self.host, self.machine, ours, theirs, seq + near, ack + self.random.choice([0, 0, 1, -1, 1 << 20]),
            self.random.choice([16, 24, 17, 4, 20, 2, 18, 48, self.random.randrange(256)]), self.number(16),
            self.some(), options=self.options(), urgent=self.number(16))))

    def syn(self):
        source = self.other()
        return self.ethernet(wire.IPV4, wire.ipv4(source, self.machine, wire.TCP, wire.tcp(
            source, self.machine, self.number(16) or 1, 7000, self.number(32), 0, self.random.choice([2, 2, 3, 194]),
            self.number(16), self.some(40), options=self.options())))

    def six(self, kind, payload, target=ALL_NODES, length=None):
        return self.ethernet(wire.IPV6, internet6(SIX_HOST, target, kind, payload, length), '33:33:00:00:00:01')

    def six_extensions(self):
        """A chain of headers, the last of which leads to an echo request."""
        kinds = [self.random.choice([0, 43, 60, 135, 60]) for _ in range(self.random.randrange(1, 8))]
        chain, payload = kinds + [58], icmp6(SIX_HOST, ALL_NODES, 128, 0, self.some())
        for i in range(len(kinds), 0, -1):
            data = self.random.choice([b'\1\4\0\0\0\0', b'\5\2\0\0\1\0', b'\xc2\4' + self.random.randbytes(4),
                                       self.random.randbytes(6)])
            payload = bytes([chain[i], self.random.choice([0, 0, 0, 1, 255])]) + data + payload
        return self.six(chain[0], payload)

    def six_piece(self):
        head = struct.pack('>BBHI', self.random.choice([58, 17, 44, 0]), 0,
                           8 * self.random.choice([0, 1, 10, 8191]) | self.random.randrange(2), self.random.randrange(4))
        return self.six(44, head + self.some(1200))

    def neighbour(self):
        option = bytes([self.random.choice([1, 2, 5, 25]), self.random.choice([1, 1, 1, 0, 255])]) + self.random.randbytes(6)
        return self.six(58, icmp6(SIX_HOST, ALL_NODES, self.random.choice([135, 136]), 0, self.random.randbytes(4) +
                                  self.random.choice([SIX_MACHINE, SIX_HOST, self.random.randbytes(16)]) + option))

    def router(self):
        options = b''.join(self.random.choice([
            struct.pack('>BBBBIII', 3, 4, self.random.choice([64, 0, 128, 255]), 0xc0, self.number(32), self.number(32), 0)
            + self.random.randbytes(16), struct.pack('>BBHI', 5, 1, 0, self.number(32)), b'\1\1' + self.random.randbytes(6),
            bytes([self.random.randrange(256), self.random.choice([0, 1, 2, 200])]) + self.random.randbytes(6)])
            for _ in range(self.random.randrange(4)))
        kind = self.random.choice([134, 134, 133, 137])
        body = {137: b'\0' * 4 + self.random.randbytes(32), 133: b'\0' * 4}.get(
            kind, struct.pack('>BBHII', 64, self.random.choice([0, 0xc0]), self.random.choice([0, 1]), self.number(32), 0))
        return self.six(58, icmp6(SIX_HOST, ALL_NODES, kind, 0, body + options))

    def listener(self):
        kind = self.random.choice([130, 131, 132, 143])
        hop = bytes([58, 0]) + b'\5\2\0\0\1\0'
        return self.six(0, hop + icmp6(SIX_HOST, ALL_NODES, kind, 0, self.random.randbytes(4) + self.random.choice(
            [b'\0' * 16, ALL_NODES, self.random.randbytes(16)]) + self.some(24)))

    def six_error(self):
        inner = internet6(SIX_MACHINE, SIX_HOST, self.random.choice([6, 17, 58, 44]), self.some(60))
        return self.six(58, icmp6(SIX_HOST, ALL_NODES, self.random.choice([1, 2, 3, 4, 100, 127]), 0,
                                  struct.pack('>I', self.number(32)) + inner))

    def link(self):
        """What is no frame of a kind that anybody knows, tagged frames, lengths instead of a kind."""
        return self.ethernet(self.random.choice([0x8100, 0x88a8, 0x8863, 46, 0, 0xffff, wire.IPV4, wire.IPV6]), self.some(1500))

    # ---- spoilt --------------------------------------------------------------------------------

    def spoil(self, frame):
        r, frame = self.random, bytearray(frame)
        for _ in range(r.choice([0, 1, 1, 2, 4])):
            at = r.randrange(min(len(frame), r.choice([24, 64, 1500])))
            frame[at] = r.choice(VALUES + [frame[at] ^ 1 << r.randrange(8)])
        if r.random() < .1:
            del frame[r.randrange(1, len(frame)):]      # an empty one would end QEMU's side of the wire
        elif r.random() < .05:
            frame += r.randbytes(r.randrange(600))
        if r.random() < .5:
            self.mend(frame)
        return bytes(frame)

    def mend(self, frame):
        """IPv4's checksum, and that of what it carries, over what is there."""
        if len(frame) < 34 or frame[12:14] != b'\x08\0':
            return
        size = (frame[14] & 15) * 4
        if size < 20 or len(frame) < 14 + size:
            return
        frame[24:26] = b'\0\0'
        frame[24:26] = struct.pack('>H', wire.checksum(bytes(frame[14:14 + size])))
        end = min(len(frame), 14 + int.from_bytes(frame[16:18], 'big'))
        data = frame[14 + size:end]
        at = {wire.TCP: 16, wire.UDP: 6, wire.ICMP: 2}.get(frame[23])
        if at is None or len(data) < at + 2:
            return
        data[at:at + 2] = b'\0\0'
        head = b'' if frame[23] == wire.ICMP else bytes(frame[26:34]) + struct.pack('>BBH', 0, frame[23], len(data))
        data[at:at + 2] = struct.pack('>H', wire.checksum(head + bytes(data)))
        frame[14 + size:end] = data


def write_corpus(folder, n=400):
    """Inputs for tests/host/fuzz_net.c: a state, and three frames with what is made right of each."""
    frames = Frames(1, ('02:00:00:00:00:01', '10.0.0.1'), ('02:00:00:00:00:09', '10.0.0.2'))
    for i in range(n):
        data = bytes([i % 40])
        for frame in frames.take(3):
            how = {b'\x08\x00': 14, b'\x08\x06': 1, b'\x86\xdd': 15}.get(frame[12:14], 0)
            if how > 1 and i % 3:
                how |= 16 * (frame[23:24] in (b'\x06', b'\x11') or frame[20:21] in (b'\x06', b'\x11'))
            words = -(-(min(len(frame), 1022) - 2) // 4) if len(frame) > 2 else 0
            data += bytes([how, words]) + frame[:1022].ljust(words * 4 + 2, b'\0')
        with open(os.path.join(folder, f'{i:03}'), 'wb') as f:
            f.write(data)
