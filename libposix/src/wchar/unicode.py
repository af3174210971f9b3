#!/usr/bin/python3
"""Write what wctype.c knows of Unicode as tables of ranges: unicode.py OUTPUT.h

The data is Python's own copy of the Unicode character database (unicodedata). A class is a
sorted array of ranges beyond ASCII. Mappings of case are ranges with the distance to what they
map to; `step` 2 says that only every second character of the range maps (Latin, Cyrillic).
"""
import sys
import unicodedata

TOP = 0x110000


def ranges(has):
    """Sorted [first, last] of the characters from 128 on that `has` is true of."""
    found = []
    for c in range(128, TOP):
        if has(c):
            if found and found[-1][1] == c - 1:
                found[-1][1] = c
            else:
                found.append([c, c])
    return found


def category(c):
    return unicodedata.category(chr(c))


def alpha(c):
    """Letters, marks that are part of words, and digits that aren't ASCII's."""
    return category(c) in ('Lu', 'Ll', 'Lt', 'Lm', 'Lo', 'Nl', 'Nd', 'Mn', 'Mc') or 0x24b6 <= c <= 0x24e9


def punct(c):
    return category(c) in ('Pc', 'Pd', 'Ps', 'Pe', 'Pi', 'Pf', 'Po', 'Sm', 'Sc', 'Sk', 'So', 'No', 'Me',
                           'Co', 'Cf') and not alpha(c)


def space(c):
    """White space at which a line may be broken: not the non-breaking ones."""
    return category(c) in ('Zs', 'Zl', 'Zp') and c not in (0xa0, 0x2007, 0x202f)


def cntrl(c):
    return category(c) == 'Cc' or c in (0x2028, 0x2029)


def printable(c):
    return category(c) not in ('Cc', 'Cs', 'Cn', 'Zl', 'Zp')


def wide(c):
    return unicodedata.east_asian_width(chr(c)) in 'WF' and category(c) != 'Cn' or 0x20000 <= c <= 0x3fffd


def zero_width(c):
    return category(c) in ('Mn', 'Me', 'Cf') and c != 0xad or 0x1160 <= c <= 0x11ff or 0x200b <= c <= 0x200f


def mapping(to):
    """[first, last, distance, step] where `to` gives another single character."""
    found = []
    for c in range(128, TOP):
        if 0xd800 <= c < 0xe000:
            continue
        other = to(chr(c))
        if len(other) != 1 or ord(other) == c:
            continue
        delta = ord(other) - c
        if found and found[-1][2] == delta:
            r = found[-1]
            gap = c - r[1]
            if gap == 1 and r[3] in (0, 1) or gap == 2 and r[3] in (0, 2):
                r[1], r[3] = c, gap
                continue
        found.append([c, c, delta, 0])
    return [[a, b, d, s or 1] for a, b, d, s in found]


def main():
    out = ['/* Made by libposix/src/wchar/unicode.py from Unicode ' + unicodedata.unidata_version + '. */']
    for name, has in (('alpha', alpha), ('punct', punct), ('space', space), ('cntrl', cntrl),
                      ('print', printable), ('wide', wide), ('zero_width', zero_width)):
        out.append(f'static const struct range {name}_ranges[] = {{')
        out += [f'\t{{ {a:#x}, {b:#x} }},' for a, b in ranges(has)]
        out.append('};')
    for name, to in (('lower', str.lower), ('upper', str.upper)):
        out.append(f'static const struct case_range to_{name}[] = {{')
        out += [f'\t{{ {a:#x}, {b:#x}, {d}, {s} }},' for a, b, d, s in mapping(to)]
        out.append('};')
    with open(sys.argv[1], 'w', encoding='ascii') as f:
        f.write('\n'.join(out) + '\n')


if __name__ == '__main__':
    main()
