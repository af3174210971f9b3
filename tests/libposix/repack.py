"""Rewrites relocations of a shared object into forms that Debian 12's linker does not write for RISC-V."""
import struct

RELATIVE, DTPMOD64, DTPREL64, TLSDESC = 3, 7, 9, 12
DT_RELA, DT_RELASZ, DT_RELRSZ, DT_RELR, DT_RELRENT, DT_RELACOUNT = 7, 8, 35, 36, 37, 0x6ffffff9


class Object:
    """An ELF file in memory, its dynamic section and DT_RELA taken apart."""

    def __init__(self, path):
        self.path = path
        with open(path, 'rb') as f:
            self.data = bytearray(f.read())
        start, count = struct.unpack_from('<Q', self.data, 32)[0], struct.unpack_from('<H', self.data, 56)[0]
        self.heads = [struct.unpack_from('<IIQQQQ', self.data, start + 56 * i) for i in range(count)]
        self.dynamic, self.dynamic_size = next((h[2], h[5]) for h in self.heads if h[0] == 2)
        self.tags = [list(struct.unpack_from('<qQ', self.data, self.dynamic + i)) for i in range(0, self.dynamic_size, 16)]
        self.rela = self.at(self.tag(DT_RELA)[1])
        self.entries = [list(struct.unpack_from('<QQq', self.data, self.rela + i))
                        for i in range(0, self.tag(DT_RELASZ)[1], 24)]

    def at(self, address):
        """Where in the file an address is."""
        return next(address - h[3] + h[2] for h in self.heads if h[0] == 1 and h[3] <= address < h[3] + h[5])

    def tag(self, wanted):
        return next(t for t in self.tags if t[0] == wanted)

    def write(self):
        for i, entry in enumerate(self.entries):
            struct.pack_into('<QQq', self.data, self.rela + 24 * i, *entry)
        for i, tag in enumerate(self.tags):
            struct.pack_into('<qQ', self.data, self.dynamic + 16 * i, *tag)
        with open(self.path, 'wb') as f:
            f.write(self.data)


def relr(path):
    """Its relative relocations, which come first, as DT_RELR."""
    o = Object(path)
    count = o.tag(DT_RELACOUNT)[1]
    found = sorted((offset, addend) for offset, info, addend in o.entries[:count])
    assert count and all(info == RELATIVE for _offset, info, _addend in o.entries[:count])
    words, places = [], [offset for offset, _addend in found]
    for offset, addend in found:
        struct.pack_into('<q', o.data, o.at(offset), addend)
    while places:
        words.append(places[0])
        base, places = places[0] + 8, places[1:]
        while places and places[0] < base + 63 * 8:
            near = [p for p in places if p < base + 63 * 8]
            words.append(1 | sum(2 << (p - base) // 8 for p in near))
            base, places = base + 63 * 8, places[len(near):]
    address = o.tag(DT_RELA)[1]
    o.tag(DT_RELA)[1] += 24 * count
    o.tag(DT_RELASZ)[1] -= 24 * count
    o.rela, o.entries = o.rela + 24 * count, o.entries[count:]
    o.tag(DT_RELACOUNT)[:] = DT_RELR, address
    for new in ([DT_RELRSZ, 8 * len(words)], [DT_RELRENT, 8]):
        o.tag(0)[:] = new
    assert o.tags[-1][0] == 0
    struct.pack_into(f'<{len(words)}Q', o.data, o.at(address), *words)
    o.write()


def tlsdesc(path):
    """Its general dynamic pairs as descriptors."""
    o = Object(path)
    changed = 0
    for entry in o.entries:
        if entry[1] & 0xffffffff == DTPMOD64:
            pair = next(e for e in o.entries if e[0] == entry[0] + 8 and e[1] & 0xffffffff == DTPREL64)
            entry[1] = entry[1] >> 32 << 32 | TLSDESC
            pair[1], changed = 0, changed + 1
    assert changed
    o.write()
