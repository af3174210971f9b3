"""Frames as they are on a wire: made from fields, and read back. Any field can be given a wrong value, so that
those who send nonsense find it here too.

Addresses are text ('10.9.0.1', '52:54:00:00:00:01'); numbers are in host order. What `read` can't read is None.
"""
import socket
import struct

ARP, IPV4, IPV6 = 0x0806, 0x0800, 0x86dd
ICMP, TCP, UDP = 1, 6, 17
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))
BROADCAST = 'ff:ff:ff:ff:ff:ff'


def mac(text):
    """The six bytes of a link address."""
    return bytes.fromhex(text.replace(':', ''))


def mac_text(data):
    return data.hex(':')


def checksum(data):
    """The Internet checksum (RFC 1071) of bytes; 0 if they contain one that is right. Words that are a number of
    base 2^16 have its sum as their remainder by 2^16 - 1."""
    if len(data) & 1:
        data += b'\0'
    value = int.from_bytes(data, 'big')
    rest = value % 0xffff
    return 0xffff - (rest or (0xffff if value else 0))


def pseudo(source, target, protocol, length):
    return socket.inet_aton(source) + socket.inet_aton(target) + struct.pack('>BBH', 0, protocol, length)


# ---- made ------------------------------------------------------------------------------------

def ethernet(target, source, kind, payload):
    """A frame, filled up to the 60 bytes that the least one has."""
    return (mac(target) + mac(source) + struct.pack('>H', kind) + payload).ljust(60, b'\0')


def arp(operation, source_mac, source, target_mac, target):
    return struct.pack('>HHBBH6s4s6s4s', 1, IPV4, 6, 4, operation, mac(source_mac), socket.inet_aton(source),
                       mac(target_mac), socket.inet_aton(target))


def ipv4(source, target, protocol, payload, *, ident=0, ttl=64, tos=0, df=True, more=False, offset=0, options=b'',
         length=None, version=4, ihl=None, check=None):
    """A datagram; offset is in bytes. length, version, ihl and check are what is right unless given."""
    words = 5 + len(options) // 4 if ihl is None else ihl
    length = 20 + len(options) + len(payload) if length is None else length
    head = struct.pack('>BBHHHBBH4s4s', version << 4 | words, tos, length, ident,
                       df << 14 | more << 13 | offset >> 3, ttl, protocol, 0, socket.inet_aton(source),
                       socket.inet_aton(target)) + options
    check = checksum(head) if check is None else check
    return head[:10] + struct.pack('>H', check) + head[12:] + payload


def icmp(kind, code, rest, payload=b'', check=None):
    """rest: the four bytes behind the checksum."""
    body = rest + payload
    check = checksum(struct.pack('>BBH', kind, code, 0) + body) if check is None else check
    return struct.pack('>BBH', kind, code, check) + body


def udp(source, target, source_port, port, payload, length=None, check=None):
    length = 8 + len(payload) if length is None else length
    head = struct.pack('>HHH', source_port, port, length)
    if check is None:
        check = checksum(pseudo(source, target, UDP, length) + head + b'\0\0' + payload) or 0xffff
    return head + struct.pack('>H', check) + payload


def tcp(source, target, source_port, port, seq, ack, flags, window, payload=b'', *, options=b'', urgent=0,
        offset=None, check=None):
    options += b'\1' * (-len(options) % 4)
    offset = 5 + len(options) // 4 if offset is None else offset
    head = struct.pack('>HHIIBBHHH', source_port, port, seq & 0xffffffff, ack & 0xffffffff, offset << 4, flags,
                       window, 0, urgent) + options
    if check is None:
        check = checksum(pseudo(source, target, TCP, len(head) + len(payload)) + head + payload)
    return head[:16] + struct.pack('>H', check) + head[18:] + payload


def tcp_options(mss=None, scale=None, sack_ok=False, stamps=None, sack=()):
    """The bytes of options; stamps is (value, echo), sack a row of (left, right)."""
    out = b''
    if mss is not None:
        out += struct.pack('>BBH', 2, 4, mss)
    if sack_ok:
        out += b'\4\2'
    if stamps is not None:
        out += struct.pack('>BBII', 8, 10, *(n & 0xffffffff for n in stamps))
    if scale is not None:
        out += struct.pack('>BBB', 3, 3, scale)
    sack = list(sack)[:3 if stamps else 4]
    if sack:
        out += b'\1\1' + struct.pack('>BB', 5, 2 + 8 * len(sack))
        out += b''.join(struct.pack('>II', left & 0xffffffff, right & 0xffffffff) for left, right in sack)
    return out


# ---- read ------------------------------------------------------------------------------------

class Fields:
    """What was read, by name."""

    def __init__(self, **fields):
        self.__dict__.update(fields)

    def __repr__(self):
        return ' '.join(f'{k}={v}' for k, v in self.__dict__.items() if k != 'payload')


def read_ethernet(data):
    if len(data) < 14:
        return None
    return Fields(target=mac_text(data[:6]), source=mac_text(data[6:12]), kind=data[12] << 8 | data[13],
                  payload=data[14:])


def read_arp(data):
    if len(data) < 28 or data[:6] != b'\0\1\x08\0\6\4':
        return None
    return Fields(operation=data[6] << 8 | data[7], source_mac=mac_text(data[8:14]),
                  source=socket.inet_ntoa(data[14:18]), target=socket.inet_ntoa(data[24:28]))


def read_ipv4(data):
    """Padding behind the datagram is cut off."""
    if len(data) < 20 or data[0] >> 4 != 4:
        return None
    size = (data[0] & 15) * 4
    _, tos, length, ident, piece, ttl, protocol, _ = struct.unpack_from('>BBHHHBBH', data)
    if size < 20 or not size <= length <= len(data) or checksum(data[:size]):
        return None
    return Fields(source=socket.inet_ntoa(data[12:16]), target=socket.inet_ntoa(data[16:20]), protocol=protocol,
                  ident=ident, ttl=ttl, tos=tos, df=bool(piece & 0x4000), more=bool(piece & 0x2000),
                  offset=(piece & 0x1fff) * 8, options=data[20:size], payload=data[size:length])


def read_icmp(data):
    if len(data) < 8 or checksum(data):
        return None
    return Fields(type=data[0], code=data[1], rest=data[4:8], payload=data[8:])


def read_udp(ip):
    data = ip.payload
    if len(data) < 8:
        return None
    source_port, port, length, check = struct.unpack_from('>HHHH', data)
    if not 8 <= length <= len(data):
        return None
    data = data[:length]
    if check and checksum(pseudo(ip.source, ip.target, UDP, length) + data):
        return None
    return Fields(source_port=source_port, port=port, payload=data[8:])


def read_tcp(ip):
    data = ip.payload
    if len(data) < 20 or checksum(pseudo(ip.source, ip.target, TCP, len(data)) + data):
        return None
    source_port, port, seq, ack, offset, flags, window, _, urgent = struct.unpack_from('>HHIIBBHHH', data)
    size = (offset >> 4) * 4
    if not 20 <= size <= len(data):
        return None
    out = Fields(source_port=source_port, port=port, seq=seq, ack=ack, flags=flags, window=window, urgent=urgent,
                 mss=None, scale=None, sack_ok=False, stamps=None, sack=[], payload=data[size:])
    read_tcp_options(data[20:size], out)
    return out


def read_tcp_options(data, out):
    """Into out; what is behind one that makes no sense is left unread."""
    while data and data[0]:
        if data[0] == 1:
            data = data[1:]
            continue
        if len(data) < 2 or not 2 <= data[1] <= len(data):
            return
        kind, body, data = data[0], data[2:data[1]], data[data[1]:]
        if kind == 2 and len(body) == 2:
            out.mss = struct.unpack('>H', body)[0]
        elif kind == 3 and len(body) == 1:
            out.scale = body[0]
        elif kind == 4 and not body:
            out.sack_ok = True
        elif kind == 5 and not len(body) % 8:
            out.sack = list(struct.iter_unpack('>II', body))
        elif kind == 8 and len(body) == 8:
            out.stamps = struct.unpack('>II', body)
