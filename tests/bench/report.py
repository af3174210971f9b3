"""The figures of `make bench`: kept, written, read, compared, shown.

bench.json has a row a line, so that a complaint about one names its line. A ratio is Tarn's figure by the
smaller one of the two Linux configurations: below 1, Tarn needs less.
"""
import json
import os
import re
import statistics

from guest import Failure

FORMAT = 1
WORSE = 1.05
# name: (what is done once, of what there are so many)
ROWS = {
    'null': 'null call (personality)',
    'getppid': 'getppid',
    'read': 'read 1 byte of /dev/zero',
    'open': 'open + close',
    'stat': 'stat',
    'pread': 'pread 1 KiB',
    'pwrite': 'pwrite 4 KiB, tmpfs',
    'append': 'append 4 KiB, tmpfs',
    'stat-deep': 'stat, 13 names deep',
    'stat-none': 'stat of a name that is not there',
    'create': 'create + close + unlink',
    'mkdir': 'mkdir + rmdir',
    'rename': 'rename there and back',
    'pread-4k': 'pread 4 KiB',
    'readdir': 'list 200 names',
    'walk': 'walk 20 folders of 20 files',
    'read-64m': 'read 1 MiB of 64, cached',
    'fsync': 'append 100 bytes + fsync, tmpfs',
    'sqlite': 'SQLite, an insert, tmpfs',
    'untar': 'tar xf of 10,000 files, tmpfs',
    'find': 'find, 10,000 files, tmpfs',
    'disk-open': 'open + close, disk',
    'disk-stat': 'stat, disk',
    'disk-stat-deep': 'stat, 13 names deep, disk',
    'disk-stat-none': 'stat of no file, disk',
    'disk-create': 'create + close + unlink, disk',
    'disk-mkdir': 'mkdir + rmdir, disk',
    'disk-rename': 'rename there and back, disk',
    'disk-pread-4k': 'pread 4 KiB, disk, cached',
    'disk-pwrite': 'pwrite 4 KiB, disk, cached',
    'disk-append': 'append 4 KiB, disk, cached',
    'disk-readdir': 'list 200 names, disk',
    'disk-walk': 'walk 20 folders of 20, disk',
    'disk-read-64m': 'read 1 MiB of 64, disk, cached',
    'disk-read-cold': 'read 64 MiB, disk, not cached',
    'disk-write-64m': 'rewrite 64 MiB + fsync, disk',
    'disk-fsync': 'append 100 bytes + fsync, disk',
    'disk-sqlite': 'SQLite, an insert, disk',
    'disk-untar': 'tar xf of 10,000 files, disk',
    'disk-find': 'find, 10,000 files, disk',
    'pipe': 'pipe round trip',
    'poll': 'poll round trip',
    'futex': 'futex round trip',
    'futex-pi': 'inheriting lock handed over',
    'parked': 'futex, 10,000 threads parked',
    'signal': 'signal round trip',
    'signalfd': 'signalfd round trip',
    'timerfd': 'timerfd set + expiry + read',
    'ctx-2': 'context switch, 2 tasks',
    'ctx-8': 'context switch, 8 tasks',
    'ctx-96': 'context switch, 96 tasks',
    'semop': 'semop, two that need not wait',
    'sem': 'semop round trip',
    'msg': 'msgsnd + msgrcv round trip',
    'mq': 'POSIX queue round trip',
    'thread': 'thread create + join',
    'fork': 'fork + exit',
    'exec-static': 'fork + exec, tiny static',
    'exec-glibc': 'fork + exec, dynamic glibc',
    'spawn': 'posix_spawn, tiny static',
    'fault-anon': 'page fault, anonymous',
    'fault-file': 'page fault, file',
    'fault-cow': 'page fault, copy-on-write',
    'mmap': 'mmap + touch 4 pages + munmap',
    'mmap-50000': 'the same among 50,000 areas',
    'seq-read': 'cached sequential read, 1 MiB',
    'message': 'message, shared memory + futex',
    'hackbench': 'message, 10 groups of 20 tasks',
    'tcp': 'TCP round trip',
    'udp': 'UDP round trip',
    'unix': 'Unix stream round trip',
    'unix-dgram': 'Unix datagram round trip',
    'tcp-bulk': 'TCP, 1 MiB in writes of 64 KiB',
    'unix-bulk': 'Unix stream, 1 MiB',
    'packet': 'UDP datagram of 64 bytes',
    'packets': 'the same, 32 a call',
    'connect': 'TCP connect + accept + close',
    'accept': 'TCP accept alone',
    'connect-10000': 'connect, 10,000 sockets open',
    'epoll': 'epoll, one of 1,000 sockets',
    'nginx': 'nginx, a request',
    'redis-set': 'redis SET',
    'redis-get': 'redis GET',
    'iperf-out': 'iperf3 to the host, 1 MiB',
    'iperf-in': 'iperf3 from the host, 1 MiB',
    'boot-qemu': 'boot, from QEMU start',
    'boot-sbi': "boot, from OpenSBI's banner",
    'memory': 'memory used at idle',
    'image': 'kernel image',
}
OUTSIDE = ('boot-qemu', 'boot-sbi', 'memory', 'image')     # not run by the program in the guest
# In a boot of their own, with the servers in the archive; the last with a card, and the host's time.
HOST = ('iperf-out', 'iperf-in')
SERVERS = ('nginx', 'redis-set', 'redis-get', *HOST)
# In boots with a disk, which is Tarn's root archive and Linux's ext4.
DISK = ('sqlite', 'untar', 'find', *(name for name in ROWS if name.startswith('disk-')))
APART = OUTSIDE + SERVERS + DISK
SYSTEMS = {'tarn': 'Tarn', 'linux': 'Linux', 'tuned': 'tuned'}


class Result:
    """Figures by row and system."""

    def __init__(self, rows):
        self.rows = {name: {'instructions': {}, 'ns': {}, 'bytes': {}} for name in rows}
        self.fails = []
        self.about = {}

    def set_instructions(self, row, system, value):
        """Instructions an operation takes."""
        if row in self.rows:
            self.rows[row]['instructions'][system] = round(value, 1)

    def set_bytes(self, row, system, value):
        """A size."""
        if row in self.rows:
            self.rows[row]['bytes'][system] = value

    def add_time(self, row, system, harts, value):
        """One run's nanoseconds an operation."""
        if row in self.rows:
            runs = self.rows[row]['ns'].setdefault(str(harts), {})
            runs.setdefault(system, []).append(round(value, 1))

    def failed(self, row, system, clock, harts, why):
        """A row that did not end well."""
        self.fails.append({'row': row, 'system': system, 'clock': clock, 'harts': harts, 'why': why})

    def failures(self):
        """A line for each of them."""
        return [f'FAILED {f["row"]} on {f["system"]} ({f["clock"]}, {f["harts"]} '
                f'{"hart" if f["harts"] == 1 else "harts"}): {f["why"]}' for f in self.fails]

    def save(self, path):
        """Write bench.json, whole or not at all."""
        lines = [f'"format": {FORMAT}', *(f'{json.dumps(k)}: {json.dumps(v)}' for k, v in self.about.items())]
        rows = []
        for name, row in self.rows.items():
            kept = {k: v for k, v in row.items() if v and k != 'ns'}
            if row['ns']:
                kept['ns'] = {h: {s: {**spread(v), 'samples': v} for s, v in runs.items()}
                              for h, runs in row['ns'].items()}
            rows.append(json.dumps({'name': name, 'what': ROWS.get(name, name), **kept}))
        lines.append('"rows": [\n' + ',\n'.join(rows) + '\n]')
        lines.append('"failed": [' + ',\n'.join(json.dumps(f) for f in self.fails) + ']')
        os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
        with open(path + '.tmp', 'w', encoding='utf-8') as f:
            f.write('{\n' + ',\n'.join(lines) + '\n}\n')
        os.replace(path + '.tmp', path)


def spread(values):
    """Median and quartiles."""
    if len(values) < 2:
        return {'median': values[0], 'low': values[0], 'high': values[0]}
    low, middle, high = statistics.quantiles(values, n=4, method='inclusive')
    return {'median': round(middle, 1), 'low': round(low, 1), 'high': round(high, 1)}


def load(path):
    """Read a bench.json; what is wrong with one is said with its line."""
    try:
        with open(path, encoding='utf-8') as f:
            text = f.read()
    except OSError as err:
        raise Failure(f'{path}: {err.strerror}') from None
    except UnicodeDecodeError as err:
        with open(path, 'rb') as f:
            line = f.read()[:err.start].count(b'\n') + 1
        raise Failure(f'{path}: line {line}: not text') from None
    try:
        found = json.loads(text)
    except json.JSONDecodeError as err:
        raise Failure(f'{path}: line {err.lineno}: {err.msg}') from None
    if not isinstance(found, dict) or found.get('format') != FORMAT or not isinstance(found.get('rows'), list):
        raise Failure(f'{path}: line 1: not a bench.json of format {FORMAT}')
    result = Result([])
    result.about = {k: v for k, v in found.items() if k not in ('format', 'rows', 'failed')}
    result.fails = found.get('failed', [])
    if not isinstance(result.fails, list):
        raise Failure(f'{path}: line 1: `failed` is no list')
    for number, row in enumerate(found['rows']):
        try:
            result.rows[row['name']] = {
                'instructions': {str(s): number_of(v) for s, v in row.get('instructions', {}).items()},
                'bytes': {str(s): number_of(v) for s, v in row.get('bytes', {}).items()},
                'ns': {str(int(h)): {s: samples_of(one) for s, one in runs.items()}
                       for h, runs in row.get('ns', {}).items()}}
        except (KeyError, TypeError, ValueError, AttributeError) as err:
            raise Failure(f'{path}: line {line_of(text, number)}: not a row ({err!r})') from None
    return result


def samples_of(one):
    """The samples of one system, of which there is at least one."""
    if not one['samples']:
        raise ValueError('no sample')
    return [number_of(v) for v in one['samples']]


def number_of(value):
    """A positive figure."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e18:
        raise ValueError(f'{value!r} is no figure')
    return value


def line_of(text, number):
    """The line on which the n-th row begins."""
    starts = [m.start() for m in re.finditer(r'^\s*\{\s*"name"', text, re.M)]
    return text[:starts[number]].count('\n') + 1 if number < len(starts) else 1


def compare(base, result):
    """What takes more than 5% more instructions than it did, or is no longer counted; a line each."""
    lines = []
    for name, row in result.rows.items():
        old = base.rows.get(name, {}).get('instructions', {}).get('tarn')
        new = row['instructions'].get('tarn')
        if old is None:
            continue
        if new is None:
            lines.append(f'WORSE {name}: {old:,.0f} instructions before, and now no figure')
        elif new > old * WORSE:
            lines.append(f'WORSE {name}: {old:,.0f} instructions before, {new:,.0f} now'
                         + (f' (+{100 * (new / old - 1):.1f}%)' if old else ''))
    return lines


# ---- tables ----------------------------------------------------------------------------------

def ratio(values):
    """Tarn's figure by the smaller of Linux's, or None."""
    others = [values[s] for s in ('linux', 'tuned') if s in values]
    if 'tarn' not in values or not others or min(others) <= 0:
        return None
    return values['tarn'] / min(others)


class Column:
    """One kind of figure: `figures` has a row's by system, `cell` is one as text."""

    def __init__(self, title, figures, cell):
        self.title, self.figures, self.cell = title, figures, cell


def columns(result):
    """All there is to show."""
    found = [Column('Instructions, 1 hart', lambda row: row['instructions'],
                    lambda row, s: f'{row["instructions"][s]:,.0f}')]
    for h in sorted({h for row in result.rows.values() for h in row['ns']}, key=int):
        found.append(Column(
            f'Time, {h} {"hart" if h == "1" else "harts"}',
            lambda row, h=h: {s: spread(v)['median'] for s, v in row['ns'].get(h, {}).items()},
            lambda row, s, h=h: micros(spread(row['ns'][h][s]))))
    found.append(Column('Size', lambda row: row['bytes'], lambda row, s: f'{row["bytes"][s] / 1024:,.0f} KiB'))
    return found


def micros(part):
    """A median in microseconds, and half of the range in which the middle half of the runs lies."""
    us = part['median'] / 1000
    digits = 0 if us >= 1000 else 1 if us >= 10 else 2
    if part['high'] == part['low']: # a single run
        return f'{us:,.{digits}f} µs     '
    return f'{us:,.{digits}f} µs ±{50 * (part["high"] - part["low"]) / part["median"]:2.0f}%'


def tables(result):
    """All tables, as text."""
    out, summary = [], []
    for column in columns(result):
        lines, ratios = [], {}
        for name, row in result.rows.items():
            values = column.figures(row)
            if not values:
                continue
            r = ratio(values)
            if r is not None:
                ratios[name] = r
            cells = [column.cell(row, s) if s in values else '-' for s in SYSTEMS]
            cells = ''.join(f'{c:>19}' for c in cells) + ('-' if r is None else f'{r:.2f}').rjust(7)
            lines.append(f'{name:<12} {ROWS.get(name, name):<31}{cells}')
        if not lines:
            continue
        head = f'{"":<44}' + ''.join(f'{s:>19}' for s in SYSTEMS.values()) + f'{"ratio":>7}'
        out += [f'{column.title:<44}{head[44:]}', '-' * len(head), *lines, '']
        if ratios:
            above = [n for n, r in ratios.items() if r > 1]
            summary.append(f'{column.title}: median ratio {statistics.median(ratios.values()):.2f}, '
                           f'{len(ratios) - len(above)} of {len(ratios)} rows not above Linux'
                           + (f'; above: {", ".join(above)}' if above else ''))
    return '\n'.join(out + summary)


# ---- the chapter -----------------------------------------------------------------------------

BEGIN, END = '<!-- figures: made by `make bench-docs` -->', '<!-- end of figures -->'


def update_chapter(path, result):
    """Put the tables between the marks of docs/bench.md."""
    try:
        with open(path, encoding='utf-8') as f:
            text = f.read()
    except OSError as err:
        raise Failure(f'{path}: {err.strerror}') from None
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise Failure(f'{path}: the marks of the figures are not there')
    about = result.about
    body = (f'{BEGIN}\n\nTarn {about.get("tarn")}, {about.get("linux")}, QEMU {about.get("qemu")}, '
            f'{about.get("runs")} runs.\n\n```text\n{tables(result)}\n```\n\n')
    text = text[:text.index(BEGIN)] + body + text[text.index(END):]
    with open(path + '.tmp', 'w', encoding='utf-8') as f:
        f.write(text)
    os.replace(path + '.tmp', path)
