"""What the kernel captured of a program's memory around one call, and the plain text of it.

Strings, arrays and pointers, as strace prints them; structures are in values.py. What was not captured
is shown as its address.
"""
import struct

SHOWN = 32              # bytes of a string, elements of an array: strace(1), -s
U32, U64 = (1 << 32) - 1, (1 << 64) - 1


class Memory:
    """Pieces of memory by address; newer ones hide older ones."""

    def __init__(self):
        self.pieces = []

    def add(self, raw):
        """The captures of a record: u64 address, u32 length, bytes."""
        at, new = 0, []
        while at < len(raw):
            address, length = struct.unpack_from('<QI', raw, at)
            if at + 12 + length > len(raw):
                raise ValueError(f'a capture of {length} bytes where {len(raw) - at - 12} are left')
            new.append((address, raw[at + 12:at + 12 + length]))
            at += 12 + length
        self.pieces[:0] = new

    def some(self, address, count):
        """Up to count bytes; those that are known."""
        out = b''
        while len(out) < count:
            here = address + len(out)
            part = max((data[here - a:here - a + count - len(out)]
                        for a, data in self.pieces if a <= here < a + len(data)), key=len, default=b'')
            if not part:
                break
            out += part
        return out

    def read(self, address, count):
        """Exactly count bytes, or None. The newest piece that has all of them decides."""
        for a, data in self.pieces:
            if a <= address and address + count <= a + len(data):
                return data[address - a:address - a + count]
        data = self.some(address, count)
        return data if len(data) == count else None

    def number(self, address, code):
        """One number in struct's code, or None."""
        data = address and self.read(address, struct.calcsize('<' + code))
        return struct.unpack('<' + code, data)[0] if data else None


# ---- text ------------------------------------------------------------------------------------

ESCAPES = {9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r', 34: '\\"', 92: '\\\\'}


def quoted(data, hexadecimal=False):
    """A C string; octal escapes are as short as the byte behind them allows."""
    out = []
    for i, c in enumerate(data):
        if hexadecimal:
            out.append(f'\\x{c:02x}')
        elif c in ESCAPES:
            out.append(ESCAPES[c])
        elif 32 <= c < 127:
            out.append(chr(c))
        elif i + 1 < len(data) and 48 <= data[i + 1] <= 57:
            out.append(f'\\{c:03o}')
        else:
            out.append(f'\\{c:o}')
    return '"' + ''.join(out) + '"'


def pointer(address):
    return f'{address:#x}' if address else 'NULL'


def buffer(call, address, count, hexadecimal=False):
    """count bytes, the first of them shown."""
    if not address:
        return 'NULL'
    data = call.memory.read(address, min(count, SHOWN))
    if data is None:
        return pointer(address)
    return quoted(data, hexadecimal) + ('...' if count > SHOWN else '')


def string(call, address, most=SHOWN):
    """Up to a NUL."""
    data = call.memory.some(address, most + 1) if address else b''
    if not data:
        return pointer(address)
    end = data.find(b'\0')
    return quoted(data[:end]) if end >= 0 else quoted(data[:most]) + '...'


def path(call, address):
    return string(call, address, 4095)


def strings(call, address):
    """argv"""
    out, first = [], call.memory.number(address, 'Q')
    if first is None:
        return pointer(address)
    for i in range(SHOWN + 1):
        where = call.memory.number(address + 8 * i, 'Q')
        if not where:
            break
        out.append('...' if i == SHOWN else string(call, where))
    return '[' + ', '.join(out) + ']'


def string_count(call, address):
    """envp"""
    n = call.memory.number(address, 'I')
    return pointer(address) + ('' if n is None else f' /* {n} var{"" if n == 1 else "s"} */')


def array(call, address, count, size, one):
    """count elements of size bytes, by one(call, address)."""
    if not address or not count:
        return '[]' if address else 'NULL'
    if call.memory.read(address, size) is None:
        return pointer(address)
    out = []
    for i in range(count):
        if i == SHOWN or call.memory.read(address + i * size, size) is None:
            out.append('...' if i == SHOWN else f'... /* {pointer(address + i * size)} */')
            break
        out.append(one(call, address + i * size))
    return '[' + ', '.join(out) + ']'
