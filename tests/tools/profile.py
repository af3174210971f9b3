"""make profile CMD=...: run a command on Tarn and say where its instructions went, in kernel and
program.

    profile.py --kernel ELF --plugin SO --root TAR [--smp N] [--mem SIZE] [--by insns|time]
               [--with FILE[:PATH]] [--out NAME] -- CMD ARGUMENT...

QEMU counts the instructions of every stack of calls (tests/tools/profile.c); here the stacks get
names and become NAME.txt (flat, and who calls whom), NAME.folded (a line a stack) and NAME.svg (a
flame graph). One hart counts instructions for time (--icount), so that each run is the same.
"""
import argparse
import bisect
import collections
import os
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FLAMEGRAPH = ('/usr/share/perl5/Devel/NYTProf/flamegraph.pl', 'flamegraph.pl', 'flamegraph')
PAGE = 4096
EXECS = 2           # process 1's own, then CMD's: from there on it counts
KERNEL = '_[k]'     # as others mark it in flame graphs


def fail(text):
    """One clear line."""
    sys.exit(f'profile: {text}')


# ---- symbols ---------------------------------------------------------------------------------

class Elf:
    """A riscv64 ELF file: its functions, and where its pages lie."""

    def __init__(self, data, name):
        self.name = os.path.basename(name)
        if data[:6] != b'\x7fELF\x02\x01' or data[18:20] != b'\xf3\0':
            raise ValueError(f'{name}: not a riscv64 ELF file')
        self.data = data
        offset, = struct.unpack_from('<Q', data, 32)
        size, count = struct.unpack_from('<HH', data, 54)
        self.parts = []
        for i in range(count):
            kind, flags, at, va, _, length = struct.unpack_from('<IIQQQQ', data, offset + i * size)
            if kind == 1:
                self.parts.append((at, va, length, flags))
        self.starts, self.names, self.sizes = [], [], []
        self.read_symbols()

    def read_symbols(self):
        """Functions, by address."""
        data = self.data
        offset, = struct.unpack_from('<Q', data, 40)
        size, count = struct.unpack_from('<HH', data, 58)
        sections = [struct.unpack_from('<IIQQQQIIQQ', data, offset + i * size)
                    for i in range(count)]
        found = {}
        for kind in (2, 11):                    # SHT_SYMTAB, else SHT_DYNSYM
            for section in sections:
                if section[1] != kind or found and kind == 11:
                    continue
                strings = sections[section[6]][4]
                for at in range(section[4], section[4] + section[5], 24):
                    name, info, _, index, value, length = struct.unpack_from('<IBBHQQ', data, at)
                    # functions, and what the assembler left without a type
                    if not index or info & 15 not in (0, 2, 10) or index >= len(sections) or \
                            not sections[index][2] & 4:
                        continue
                    text = data[strings + name:data.index(b'\0', strings + name)].decode()
                    if text and not text.startswith(('$', '.L')):
                        known = found.get(value)
                        if known is None or length and not known[1]:
                            found[value] = (text, length)
        for value in sorted(found):
            self.starts.append(value)
            self.names.append(found[value][0])
            self.sizes.append(found[value][1])

    def function(self, address):
        """The function that holds an address, or None: in a stripped file most have no name."""
        i = bisect.bisect_right(self.starts, address) - 1
        if i < 0 or self.sizes[i] and address >= self.starts[i] + self.sizes[i]:
            return None
        # the compiler's parts of a function count as the function
        return re.sub(r'\.(part|constprop|isra|cold)(\.\d+)*$', '', self.names[i])

    def address(self, name):
        """A function's address and that of the next."""
        i = self.names.index(name)
        return self.starts[i], self.starts[i + 1] if i + 1 < len(self.starts) else self.starts[i]

    def pages(self):
        """(checksums, offset) of each page that holds code."""
        for at, _, length, flags in self.parts:
            if flags & 1:
                for offset in range(at & -PAGE, at + length, PAGE):
                    yield checksums(self.data[offset:offset + PAGE]), offset

    def virtual(self, offset):
        """The address the file gives to one of its bytes."""
        for at, va, length, flags in self.parts:
            if flags & 1 and at & -PAGE <= offset < at + length:
                return va - at + offset
        return offset


def checksums(page):
    """What tests/tools/profile.c knows a page by."""
    page = page.ljust(PAGE, b'\0')
    return zlib.crc32(page) << 32 | zlib.crc32(page[PAGE // 2:])


class Names:
    """Blocks to functions."""

    def __init__(self, kernel, files):
        with open(kernel, 'rb') as f:
            self.kernel = Elf(f.read(), 'kernel')
        self.page = {}
        for name, data in files:
            try:
                elf = Elf(data, name)
            except (ValueError, struct.error, IndexError):
                continue
            for key, offset in elf.pages():
                self.page.setdefault(key, (elf, offset))

    def of(self, address, page):
        """(function, module) of a block."""
        if address >> 63:
            return (self.kernel.function(address) or f'{address:#x}') + KERNEL, 'kernel'
        if page is None:
            return '[firmware]', 'firmware'
        elf, offset = self.page.get(page, (None, 0))
        if elf is None:
            return '[unknown]', '[unknown]'
        name = elf.function(elf.virtual(offset + address % PAGE))
        return name or f'[{elf.name}]', elf.name


def programs_of(root, extra):
    """(name, bytes) of the ELF files of an archive or folder, and of some more."""
    for path in extra:
        with open(path, 'rb') as f:
            yield os.path.basename(path), f.read()
    if os.path.isdir(root):
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    with open(path, 'rb') as f:
                        if f.read(4) == b'\x7fELF':
                            f.seek(0)
                            yield name, f.read()
        return
    with tarfile.open(root) as tar:
        for member in tar:
            if member.isreg() and member.size > 64:
                data = tar.extractfile(member).read()
                if data[:4] == b'\x7fELF':
                    yield member.name, data


# ---- what was counted ------------------------------------------------------------------------

class Profile:
    """The counts, by stacks of names."""

    def __init__(self, path, names, by):
        self.stacks = collections.Counter()
        # of functions themselves, by (name, module)
        self.insns, self.ticks = collections.Counter(), collections.Counter()
        self.idle = [0, 0]
        blocks, parents, counts, kind = {}, {0: (0, 0)}, [], ''
        with open(path, encoding='ascii') as f:
            for number, line in enumerate(f, 1):
                try:
                    kind, *rest = line.split()
                    if kind == 'T':
                        page = None if rest[2] == '-' else int(rest[2], 16)
                        blocks[int(rest[0])] = names.of(int(rest[1], 16), page)
                    elif kind == 'N':
                        parents[int(rest[0])] = (int(rest[1]), int(rest[2]))
                    elif kind == 'C':
                        node, block, insns, ticks = map(int, rest)
                        counts.append((node, block, insns, ticks))
                    elif line != 'E\n':
                        raise ValueError
                except (ValueError, IndexError):
                    fail(f'{path}:{number}: damaged: {line.strip()[:60]}')
        if kind != 'E':
            fail(f'{path}: cut short: QEMU did not write all of it')
        callers = {0: ()}
        unknown = ('[unknown]', '[unknown]')

        def stack(node):
            """The calls that led to a stack, outermost first."""
            way = []
            while node not in callers:
                way.append(node)
                if node not in parents:
                    fail(f'{path}: damaged: stack {node} is not in it')
                node = parents[node][0]
            for child in reversed(way):
                parent, block = parents[child]
                callers[child] = callers[parent] + ((blocks.get(block, unknown)),)
                if len(callers[child]) > 150:
                    callers[child] = callers[child][-150:]
            return callers[way[0]] if way else callers[node]

        for node, block, insns, ticks in counts:
            leaf = blocks.get(block, unknown)
            frames = stack(node) + (leaf,)
            if any(name == 'idle_loop' + KERNEL for name, _ in frames):
                self.idle[0] += insns
                self.idle[1] += ticks
                continue
            self.insns[leaf] += insns
            self.ticks[leaf] += ticks
            self.stacks[frames] += insns if by == 'insns' else ticks

    @staticmethod
    def program(frames):
        """Whose work a stack is: the program at its bottom."""
        return next((module for _, module in frames if module not in ('kernel', 'firmware')),
                    'kernel')

    def folded(self):
        """{'program;outer;inner': count}"""
        lines = collections.Counter()
        for frames, count in self.stacks.items():
            if count:
                lines[';'.join([self.program(frames)] + [name for name, _ in frames])] += count
        return lines

    def graph(self):
        """{function: [inclusive, {caller: n}, {callee: n}]}: a function counts once in a stack."""
        found = collections.defaultdict(lambda: [0, collections.Counter(), collections.Counter()])
        for frames, count in self.stacks.items():
            if not count:
                continue
            seen, arcs = set(), set()
            for i, (name, _) in enumerate(frames):
                if name not in seen:
                    seen.add(name)
                    found[name][0] += count
                arc = (frames[i - 1][0] if i else '<nobody>', name)
                if arc not in arcs:
                    arcs.add(arc)
                    found[name][1][arc[0]] += count
                    if i:
                        found[arc[0]][2][name] += count
        return found


def flat(profile, graph, unit, most=None):
    """Lines of the flat profile."""
    insns, ticks = sum(profile.insns.values()), sum(profile.ticks.values())
    lines = [f'{insns:,} instructions, {ticks / 1000:.2f} s of this host'
             f' (idle, not counted: {profile.idle[0]:,} and {profile.idle[1] / 1000:.2f} s)', '',
             f'{"insns%":>7} {"time%":>6} {"incl%":>6} {"instructions":>14}  function']
    whole = sum(profile.stacks.values()) or 1
    key = profile.insns if unit == 'insns' else profile.ticks
    for leaf, _ in key.most_common(most):
        name, module = leaf
        lines.append(f'{100 * profile.insns[leaf] / (insns or 1):7.2f} '
                     f'{100 * profile.ticks[leaf] / (ticks or 1):6.2f} '
                     f'{100 * graph[name][0] / whole:6.2f} {profile.insns[leaf]:14,}  '
                     f'{name}{"" if module == "kernel" else "  (" + module + ")"}')
    return lines


def calls(profile, graph, least=0.005):
    """Lines of the call graph: callers above a function, callees below, as gprof has them."""
    whole = sum(profile.stacks.values()) or 1
    lines = []
    for name, (total, above, below) in sorted(graph.items(), key=lambda item: -item[1][0]):
        if total < whole * least:
            break
        for caller, count in reversed(above.most_common(8)):
            lines.append(f'{100 * count / whole:14.2f}%      {caller}')
        lines.append(f'{100 * total / whole:6.2f}%  {name}')
        for callee, count in below.most_common(12):
            if count >= whole * least / 10:
                lines.append(f'{100 * count / whole:14.2f}%      {callee}')
        lines.append('')
    return lines


def draw(folded, svg, title, unit):
    """A flame graph, by the tool there is."""
    tool = next((t for t in map(shutil.which, FLAMEGRAPH) if t), None) or \
        next((t for t in FLAMEGRAPH if os.path.exists(t)), None)
    if not tool:
        fail('no flamegraph.pl here: apt-get install libdevel-nytprof-perl')
    with open(svg, 'wb') as f:
        subprocess.run(['perl', tool, '--title', title, '--countname',
                        'instructions' if unit == 'insns' else 'ms', '--colors', 'java', folded],
                       stdout=f, check=True)


# ---- the run ---------------------------------------------------------------------------------

def run(args, raw):
    """Runs CMD with the plugin; its status."""
    with open(args.kernel, 'rb') as f:
        kernel = Elf(f.read(), args.kernel)
    try:
        setup = kernel.address('thread_setup')
        words = {'out': raw, 'trap': f"{kernel.address('trap_vector')[0]:x}",
                 'switch': f"{kernel.address('context_switch')[0]:x}",
                 'setup': f'{setup[0]:x}-{setup[1]:x}',
                 'exec': f"{kernel.address('mm_activate')[0]:x}", 'skip': EXECS}
    except ValueError as err:
        fail(f'{args.kernel}: {err}')
    plugin = ','.join([args.plugin] + [f'{k}={v}' for k, v in words.items()])
    words = [os.path.join(ROOT, 'tarn'), 'run', '--kernel', args.kernel, '--mem', args.mem,
             '--qemu-arg', '-plugin', '--qemu-arg', plugin]
    words += ['--icount'] if args.smp == 1 else ['--smp', str(args.smp), '--append', 'norandmaps']
    for word in args.overlay:
        words += ['--with', word]
    # a second plugin would count what the first one does
    env = {k: v for k, v in os.environ.items() if k != 'TARN_QEMU_ARGS'}
    done = subprocess.run(words + [args.root, '--'] + args.command, env=env, check=False)
    if not os.path.exists(raw):
        fail('QEMU has written no profile; it needs one with TCG plugins (Debian\'s has them)')
    return done.returncode


def main():
    parser = argparse.ArgumentParser(prog='profile.py', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--kernel', required=True)
    parser.add_argument('--plugin', required=True)
    parser.add_argument('--root', required=True)
    parser.add_argument('--smp', type=int, default=1)
    parser.add_argument('--mem', default='512M')
    parser.add_argument('--by', choices=('insns', 'time'), default='insns')
    parser.add_argument('--with', dest='overlay', action='append', default=[])
    parser.add_argument('--out', default='build/profile')
    parser.add_argument('command', nargs='+')
    args = parser.parse_args()
    if len(args.command) == 1:
        args.command = shlex.split(args.command[0])
    if not args.command:
        fail("which command? make profile CMD='ls /'")
    for path in (args.kernel, args.plugin, args.root):
        if not os.path.exists(path):
            fail(f'{path}: no such file')
    build = os.path.dirname(os.path.abspath(args.kernel))
    extra = [p for p in (f'{build}/user/tarn-init', f'{build}/vdso/vdso.so') if os.path.exists(p)]
    extra += [w.rpartition(':')[0] or w for w in args.overlay]
    if '/' in args.command[0] and os.path.isfile(args.command[0]):
        extra.append(args.command[0])
    with tempfile.TemporaryDirectory(prefix='tarn-') as folder:
        raw = os.path.join(folder, 'raw')
        status = run(args, raw)
        profile = Profile(raw, Names(args.kernel, programs_of(args.root, extra)), args.by)
    if not profile.stacks:
        fail('nothing was counted: CMD did not start')
    graph = profile.graph()
    with open(args.out + '.folded', 'w', encoding='utf-8') as f:
        for line, count in sorted(profile.folded().items()):
            f.write(f'{line} {count}\n')
    with open(args.out + '.txt', 'w', encoding='utf-8') as f:
        f.write('\n'.join(flat(profile, graph, args.by) + ['', 'Who calls whom:', ''] +
                          calls(profile, graph)) + '\n')
    draw(args.out + '.folded', args.out + '.svg', shlex.join(args.command), args.by)
    print('\n'.join(flat(profile, graph, args.by, 25)))
    print(f'\nall of it, and the call graph: {args.out}.txt; flame graph: {args.out}.svg')
    return status


if __name__ == '__main__':
    sys.exit(main())
