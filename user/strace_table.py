"""strace_table.py SYSCALLS.TBL: the tables of user/strace.c and user/trace.c, C text on standard output.

Under STRACE_SETS the sets of names (kernel/syscall/strace/flags.tbl) that calls use and those of errors; else a row a call: its
name, a letter an argument, the set of each. Letters: s a string, d a descriptor, i u a number, o octal, x hexadecimal, b
bytes that go in, as many as the next argument says, B bytes that come out, as many as the result says, f a number of
a set, h a hexadecimal offset, O T C F those of open, socket, clone and fcntl's argument, t r a time that goes in or comes out, S a struct
stat, a A an address of a socket, L its length.
"""
import errno
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'kernel', 'syscall', 'strace'))
import names  # noqa: E402

LETTERS = {'path': 's', 'str': 's', 'fd': 'd', 'dfd': 'd', 'file': 'd', 'anyfile': 'd', 'socket': 'd', 'int': 'i',
           'long': 'i', 'off': 'i', 'pid': 'i', 'uint': 'u', 'size': 'u', 'u64': 'u', 'mode': 'o'}
SPECIAL = {'hexoff': 'h', 'open': 'O', 'openmode': 'O', 'socktype': 'T', 'clone_flags': 'C', 'fcntl_arg': 'F', 'in:timespec': 't',
           'outptr:timespec': 'r', 'outptr:stat': 'S', 'ptr:sockaddr': 'a', 'outptr:sockaddr': 'A', 'ioptr:socklen': 'L'}
SETS = names.load()
ALWAYS = ('open', 'socket_type', 'sockflags', 'clone_flags', 'fd', 'family')


def letter(kind):
    """The letter of an argument's TYPE:FORMAT, and its set."""
    kind, _, _ = kind.partition('[')
    name, _, form = kind.partition(':')
    special = SPECIAL.get(form) or SPECIAL.get(kind)
    if special:
        return special, None
    if name in ('inbuf', 'outptr', 'outbuf') and form == 'bytes':
        return 'b' if name == 'inbuf' else 'B', None
    if name in ('int', 'uint', 'long', 'ulong', 'hex', 'u64') and form in SETS:
        return 'f', form
    return LETTERS.get(name, 'x'), None


def main():
    rows, used = [], list(ALWAYS)
    with open(sys.argv[1], encoding='utf-8') as f:
        for line in f:
            row = line.split(None, 3)
            if not row or not row[0].isdigit() or line[0] == '\t':
                continue
            args = [a.split() for a in row[3].strip().split(',')] if len(row) > 3 else []
            kinds = [letter(a[0]) for a in args if a and a[0] not in ('void', '-', 'none')][:6]
            used += [s for _, s in kinds if s and s not in used]
            rows.append((row[0], row[1], kinds))
    print('#ifdef STRACE_SETS')
    for i, name in enumerate(used):
        pairs = ', '.join(f'{{ {value:#x}, "{text}" }}' for value, text in SETS[name].rows)
        print(f'static const struct word words_{i}[] = {{ {pairs}, {{ 0, NULL }} }};')
    print('static const struct set sets[] = {')
    for i, name in enumerate(used):
        other = re.sub(r'\?\?(?=[?/])', '?\\\\?', SETS[name].other)
        print(f'\t{{ {str(SETS[name].flags).lower()}, "{other}", words_{i} }},')
    print('};\nstatic const char *const error_names[] = {')
    for number, name in sorted({**errno.errorcode, **names.ERRORS}.items()):
        print(f'\t[{number}] = "{name}",')
    print('};\nenum {', ', '.join(f'SET_{name.upper()} = {i}' for i, name in enumerate(ALWAYS)), '};\n#else')
    for number, name, kinds in rows:
        indices = ', '.join(str(used.index(s)) if s else '0' for _, s in kinds) or '0'
        print(f'\t[{number}] = {{ "{name}", "{"".join(k for k, _ in kinds)}", {{ {indices} }} }},')
    print('#endif')


if __name__ == '__main__':
    main()
