"""coverage.py: which lines of the kernel `make test` executes, room by room.

    coverage.py run ELF PLUGIN OUT COMMAND...       run COMMAND, with the plugin in every guest of this kernel
    coverage.py report ELF OUT [GCOV.JSON]

The plugin (blocks.c) marks in OUT/guest.bits what guests run; other kernels' guests do without it, their
code lies elsewhere. GCOV.JSON is gcovr's of the host tests, which run parts of the kernel as programs of this
machine. A line counts when either executed it. Writes OUT/lines.txt (every line that has code and did not run, as
FILE:FIRST-LAST) and prints the table. The status of `run` is that of COMMAND.
"""
import json
import os
import shlex
import subprocess
import sys

from elftools.elf.elffile import ELFFile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests', 'check'))

from includes import room_of  # noqa: E402


def code_range(elf):
    """The virtual base and the size of .text."""
    text = elf.get_section_by_name('.text')
    return text['sh_addr'], text['sh_size']


def rows(elf):
    """(file, line, address, end) of each run of instructions that the line table names."""
    dwarf = elf.get_dwarf_info()
    for unit in dwarf.iter_CUs():
        program = dwarf.line_program_for_CU(unit)
        if program is None:
            continue
        header = program.header
        old = header['version'] < 5
        folders = [d if isinstance(d, bytes) else d['DW_LNCT_path'] for d in header['include_directory']]
        top = unit.get_top_DIE().attributes.get('DW_AT_comp_dir')
        folders = [top.value if top else b'', *folders] if old else folders

        def name_of(index):
            entry = header['file_entry'][index - 1 if old else index]
            folder = folders[entry.dir_index]
            path = os.path.join(os.fsdecode(folders[0]), os.fsdecode(folder), os.fsdecode(entry.name))
            return os.path.relpath(path, os.fsdecode(folders[0]))  # compiled from the top, wherever that lay
        names = {}
        before = None
        for entry in program.get_entries():
            state = entry.state
            if state is None:
                continue
            if before is not None and state.address > before.address:
                name = names.get(before.file) or names.setdefault(before.file, name_of(before.file))
                if before.line and name.startswith(('kernel/', 'sbi/')):
                    yield name, before.line, before.address, state.address
            before = None if state.end_sequence else state


def executed(elf, bitmap):
    """{file: {line: ran}} of the guests."""
    base, size = code_range(elf)
    try:
        with open(bitmap, 'rb') as f:
            bits = f.read()
    except OSError as err:
        sys.exit(f'coverage: {bitmap}: {err.strerror}; no guest has run with the plugin')
    if len(bits) != size // 16 + 1:
        sys.exit(f'coverage: {bitmap} is of another kernel; remove it')
    lines = {}
    for name, line, start, end in rows(elf):
        n = (start - base) // 2
        ran = any(bits[i // 8] >> i % 8 & 1 for i in range(n, (end - base) // 2)) if start >= base else False
        of_file = lines.setdefault(name, {})
        of_file[line] = of_file.get(line, False) or ran
    return lines


def add_host(lines, name):
    """Add what ran in the host tests; lines only the host compiles (a shim's) are not the kernel's."""
    with open(name, encoding='utf-8') as f:
        for entry in json.load(f)['files']:
            of_file = lines.get(entry['file'])
            if of_file is None:
                continue
            for row in entry['lines']:
                if row['count'] and row['line_number'] in of_file:
                    of_file[row['line_number']] = True


def runs(numbers):
    """Neighbours joined: 3, 4, 5, 9 as 3-5, 9. Lines without code between them do not part them."""
    out = []
    for n in numbers:
        if out and n - out[-1][1] <= 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return out


def run(name, plugin, out, command):
    """Run a command with the plugin, and tell its guests which kernel that is for."""
    with open(name, 'rb') as f:
        place = 'base=%x,size=%x' % code_range(ELFFile(f))
    bitmap = os.path.join(os.path.abspath(out), 'guest.bits')
    words = shlex.join(['-plugin', f'{os.path.abspath(plugin)},out={bitmap},{place}'])
    env = dict(os.environ, TARN_QEMU_ARGS=words, TARN_QEMU_KERNEL=os.path.abspath(name))
    status = subprocess.run(command, env=env, close_fds=False, check=False).returncode
    if status:
        print(f'coverage: {shlex.join(command)} failed (status {status}): what ran before is counted', file=sys.stderr)
    return status


def report(name, out, host):
    """Print the table."""
    with open(name, 'rb') as f:
        lines = executed(ELFFile(f), os.path.join(out, 'guest.bits'))
    for one in host:
        add_host(lines, one)
    rooms = {}
    with open(os.path.join(out, 'lines.txt'), 'w', encoding='utf-8') as f:
        for name, of_file in sorted(lines.items()):
            row = rooms.setdefault(room_of(name), [0, 0])
            row[0] += sum(of_file.values())
            row[1] += len(of_file)
            for first, last in runs(sorted(n for n, ran in of_file.items() if not ran)):
                f.write(f'{name}:{first}' + (f'-{last}' if last > first else '') + '\n')
    ran = sum(r[0] for r in rooms.values())
    of = sum(r[1] for r in rooms.values())
    for room, (a, b) in sorted(rooms.items(), key=lambda item: item[1][0] / item[1][1]):
        print(f'  {room:10}{a:7,} of {b:7,} lines{100 * a / b:7.1f} %')
    print(f'  {"all":10}{ran:7,} of {of:7,} lines{100 * ran / of:7.1f} %; the others: {out}/lines.txt')


def main():
    how, name, *rest = sys.argv[1:]
    if how == 'run':
        plugin, out, *command = rest
        return 1 if run(name, plugin, out, command) else 0
    report(name, rest[0], rest[1:])
    return 0


if __name__ == '__main__':
    sys.exit(main())
