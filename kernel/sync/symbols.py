"""The kernel's own table of function names: reads a linked kernel, writes the assembly of the
table.

    symbols.py NM KERNEL OUT.S

The table goes into the section .kernel_symbols, which the linker script puts at the end of the
read-only data: text lies before it, so the addresses of a first link without the table are those of
the final one. Layout (sync/stack.c reads it): u32 count, then count pairs (u32 offset from
__kernel_start, u32 offset of the name in the strings), by offset, then the strings.
"""
import subprocess
import sys


def functions(nm, kernel):
    """(offset, name) of what is in the text, by offset, one name an address."""
    out = subprocess.run([nm, '-n', kernel], capture_output=True, text=True, check=True).stdout
    base, found = None, {}
    for line in out.splitlines():
        fields = line.split()
        if len(fields) != 3:
            continue
        address, kind, name = int(fields[0], 16), fields[1], fields[2]
        if name == '__kernel_start':
            base = address
        elif kind in 'tT' and not name.startswith(('.', '$', '__text_')):
            found.setdefault(address, name)
    if base is None:
        sys.exit(f'{kernel}: no symbol __kernel_start')
    return [(a - base, n) for a, n in sorted(found.items())]


def main():
    nm, kernel, out = sys.argv[1:]
    table = functions(nm, kernel)
    lines = ['\t.section .kernel_symbols, "a"', '\t.balign 4', f'\t.word {len(table)}']
    at = 0
    for offset, name in table:
        lines.append(f'\t.word {offset}, {at}')
        at += len(name) + 1
    lines += [f'\t.asciz "{name}"' for _, name in table]
    lines.append('\t.section .note.GNU-stack, "", %progbits')
    with open(out, 'w', encoding='ascii') as f:
        f.write('\n'.join(lines) + '\n')


main()
