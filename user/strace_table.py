"""strace_table.py SYSCALLS.TBL: the table of user/strace.c, C text on standard output.

A row is a call's name and a letter an argument: s a string, d a descriptor, i u a number, o octal, x
hexadecimal, b bytes that go in, as many as the next argument says, B bytes that come out, as many as the
result says.
"""
import re
import sys

LETTERS = {'path': 's', 'str': 's', 'fd': 'd', 'dfd': 'd', 'file': 'd', 'anyfile': 'd', 'socket': 'd', 'int': 'i',
           'long': 'i', 'off': 'i', 'pid': 'i', 'uint': 'u', 'size': 'u', 'u64': 'u', 'mode': 'o'}


def letter(kind):
    """The letter of an argument's TYPE:FORMAT."""
    name = kind.split(':')[0].split('[')[0]
    if name in ('inbuf', 'outptr', 'outbuf') and re.search(r':bytes\[', kind):
        return 'b' if name == 'inbuf' else 'B'
    return LETTERS.get(name, 'x')


def main():
    with open(sys.argv[1], encoding='utf-8') as f:
        for line in f:
            row = line.split(None, 3)
            if not row or not row[0].isdigit() or line[0] == '\t':
                continue
            args = [a.split() for a in row[3].strip().split(',')] if len(row) > 3 else []
            kinds = ''.join(letter(a[0]) for a in args if a and a[0] not in ('void', '-', 'none'))
            print(f'\t[{row[0]}] = {{ "{row[1]}", "{kinds[:6]}" }},')


if __name__ == '__main__':
    main()
