"""make bench: Tarn beside Debian's Linux, row by row; docs/bench.md is the chapter.

    bench.py [options] [K]      measure the rows whose name matches K (default: all)
    bench.py --docs DIR         put what was measured last into DIR/bench.md and DIR/bench.svg

Two figures a row: guest instructions (one hart, counted, the same in every run) and the wall clock (runs of
all systems in turn, on 1, 2 and 4 harts). guest.py boots the machines, report.py makes tables of the figures
and compares them, chart.py draws them.
"""
import argparse
import os
import re
import subprocess
import sys
import time

import chart
import guest
import report
from guest import Failure

ORDER = ('tarn', 'linux', 'tuned')


def say(text):
    """Progress, beside the table."""
    sys.stderr.write(f'bench: {text}\n')
    sys.stderr.flush()


class Bench:
    """The measurement: boots, and what they gave."""

    def __init__(self, args, rows):
        self.args, self.rows = args, rows
        self.folder = os.path.join(args.build, 'bench')
        self.systems = [guest.systems(args.build, args.cache)[n] for n in args.systems]
        self.result = report.Result(rows)
        self.broken = set()       # (system, clock, harts, row) that has failed: not asked again

    def measure(self):
        """Everything; a Result."""
        for system in self.systems:
            if not os.path.exists(system.kernel):
                raise Failure(f'{system.kernel} is not there: run `make bench`')
        self.archives = guest.make_archives(self.args.build, self.args.cache, self.folder)
        start = time.monotonic()
        self.result.about = {'tarn': revision(), 'linux': version(self.args.cache),
                             'qemu': qemu_version(), 'runs': self.args.runs}
        inside = [r for r in self.rows if r not in report.APART]
        served = [r for r in self.rows if r in report.SERVERS]
        if 'image' in self.rows:
            for system in self.systems:
                self.result.set_bytes('image', system.name, guest.image_size(system))
        if inside or 'boot-qemu' in self.rows or 'boot-sbi' in self.rows:
            self.count(inside)
            for number in range(self.args.runs):
                self.time(inside, number, start)
        files = [r for r in self.rows if r in report.DISK]
        if files:
            self.disk(files)
        if served:
            self.servers(served)
        if 'memory' in self.rows:
            self.memory()
        self.save()
        return self.result

    def boots(self, system, kind, harts, clock, rows, host=None):
        """Boot with those rows that have not failed here before."""
        key = (system.name, clock, harts)
        if (*key, 'boot') in self.broken:
            return []
        left = [r for r in rows if (*key, r) not in self.broken]
        boots = guest.run(system, self.archives[kind, system.linux], harts, clock, left, self.args.limit,
                          host, self.args.build if kind == 'disk' else None)
        for boot in boots:
            died = dict(boot.died)
            if boot.dead:
                died['boot'] = boot.dead
            for name, why in died.items():
                self.broken.add((*key, name))
                self.result.failed(name, *key, why)
                say(f'{name} failed on {system.name} ({clock}, {harts} harts): {why}')
        return boots

    def save(self):
        """What is known so far: a bench that is cut short keeps what it has measured."""
        self.result.save(os.path.join(self.args.out, 'bench.json'))

    def banner(self, system):
        """Ticks at OpenSBI's banner, or None: then that row alone has failed."""
        try:
            return guest.banner_ticks(system, self.archives['full', system.linux])
        except Failure as err:
            self.result.failed('boot-sbi', system.name, 'count', 1, str(err))
            say(f'boot-sbi failed on {system.name} (count, 1 harts): {err}')
            return None

    def count(self, rows):
        """Instructions, on one hart. What ran before a row shows in its figure, by some percent, so Tarn always
        runs them all: a row chosen with K compares with one of a whole bench."""
        banner, everything = None, [r for r in report.ROWS if r not in report.APART]
        for system in self.systems:
            say(f'{system.name}: counting instructions')
            if 'boot-sbi' in self.rows and banner is None:
                banner = self.banner(system)
            some = rows if system.linux or self.args.rows else everything
            for i, boot in enumerate(self.boots(system, 'full', 1, 'count', some)):
                for name, (n, ns) in boot.rows.items():
                    self.result.set_instructions(name, system.name, ns / n)
                if i == 0 and boot.first_ticks:
                    ticks = boot.first_ticks
                    self.result.set_instructions('boot-qemu', system.name, ticks * guest.TICK_NS)
                    if banner is not None:
                        self.result.set_instructions('boot-sbi', system.name,
                                                     (ticks - banner) * guest.TICK_NS)
            self.save()

    def time(self, rows, number, start):
        """One round of runs against the wall clock; who comes first changes from round to round."""
        for harts in self.args.harts:
            turn = number % len(self.systems)
            for system in self.systems[turn:] + self.systems[:turn]:
                say(f'run {number + 1} of {self.args.runs}: {system.name} on {harts} '
                    f'{"hart" if harts == 1 else "harts"} ({time.monotonic() - start:.0f} s)')
                for boot in self.boots(system, 'full', harts, 'time', rows):
                    for name, (n, ns) in boot.rows.items():
                        self.result.add_time(name, system.name, harts, ns / n)
                    if boot.first is not None and boot.banner is not None:
                        self.result.add_time('boot-qemu', system.name, harts, boot.first * 1e9)
                        self.result.add_time('boot-sbi', system.name, harts,
                                             (boot.first - boot.banner) * 1e9)
                self.save()

    def disk(self, rows):
        """The rows that have a disk: Tarn's root archive, Linux's ext4."""
        if ('disk', False) not in self.archives:
            for name in rows:
                self.result.failed(name, 'tarn', 'count', 1, 'the programs could not be fetched')
            return
        for system in self.systems:
            say(f'{system.name}: counting instructions with a disk')
            for boot in self.boots(system, 'disk', 1, 'count', rows):
                for name, (n, ns) in boot.rows.items():
                    self.result.set_instructions(name, system.name, ns / n)
            self.save()
        for number in range(self.args.runs):
            for harts in self.args.harts:
                turn = number % len(self.systems)
                for system in self.systems[turn:] + self.systems[:turn]:
                    say(f'disk, run {number + 1} of {self.args.runs}: {system.name} on {harts}')
                    for boot in self.boots(system, 'disk', harts, 'time', rows):
                        for name, (n, ns) in boot.rows.items():
                            self.result.add_time(name, system.name, harts, ns / n)
                self.save()

    def servers(self, rows):
        """The rows of servers: counted without a card, since what the host does can't be counted."""
        counted = [r for r in rows if r not in report.HOST]
        if ('servers', False) not in self.archives:
            for name in rows:
                self.result.failed(name, 'tarn', 'count', 1, 'the servers could not be fetched')
            return
        for system in self.systems if counted else ():
            say(f'{system.name}: counting instructions of servers')
            for boot in self.boots(system, 'servers', 1, 'count', counted):
                for name, (n, ns) in boot.rows.items():
                    self.result.set_instructions(name, system.name, ns / n)
            self.save()
        with guest.IperfServer(self.args.cache) as port:
            for number in range(self.args.runs):
                for harts in self.args.harts:
                    turn = number % len(self.systems)
                    for system in self.systems[turn:] + self.systems[:turn]:
                        say(f'servers, run {number + 1} of {self.args.runs}: {system.name} on {harts}')
                        for boot in self.boots(system, 'servers', harts, 'time', rows, port):
                            for name, (n, ns) in boot.rows.items():
                                self.result.add_time(name, system.name, harts, ns / n)
                    self.save()

    def memory(self):
        """What is not there for a process, on one hart (counted: then it is the same each time)."""
        for system in self.systems:
            say(f'{system.name}: memory')
            for boot in self.boots(system, 'small', 1, 'count', ['memory']):
                if 'memory' in boot.rows:
                    self.result.set_bytes('memory', system.name, boot.rows['memory'][1])
            self.save()


def first_line(words):
    """The first line that a program prints."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except OSError:
        return ''
    return done.stdout.split('\n', 1)[0].strip() if done.returncode == 0 else ''


def revision():
    """Which Tarn this is."""
    return first_line(['git', 'describe', '--always', '--dirty']) or 'unknown'


def qemu_version():
    """Which QEMU."""
    found = re.search(r'version (\S+)', first_line([guest.QEMU, '--version']))
    return found[1] if found else 'unknown'


def version(cache):
    """Which Linux."""
    try:
        with open(os.path.join(cache, 'linux', 'version'), encoding='utf-8') as f:
            return f.read().strip()
    except OSError:
        return 'unknown'


def parse():
    """The command line."""
    names = lambda text: text.split(',')
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default='build')
    parser.add_argument('--cache', default='build/cache')
    parser.add_argument('--out', help='folder for bench.json and bench.svg (default: BUILD)')
    parser.add_argument('--systems', type=names, default=list(ORDER))
    parser.add_argument('--harts', type=lambda t: [int(n) for n in names(t)], default=[1, 2, 4])
    parser.add_argument('--runs', type=int, default=7, help='against the wall clock')
    parser.add_argument('--limit', type=int, default=guest.ROW_SECONDS, help='seconds for a row')
    parser.add_argument('--base', help='an earlier bench.json to compare with')
    parser.add_argument('--rows', type=names, help='these rows, in this order')
    parser.add_argument('--docs', help='update the chapter in this folder, and measure nothing')
    parser.add_argument('K', nargs='?', default='')
    args = parser.parse_args()
    args.out = args.out or args.build
    return args


def main():
    args = parse()
    try:
        rows = args.rows or [name for name in report.ROWS if re.search(args.K, name)]
    except re.error as err:
        print(f'bench: K={args.K} is no pattern: {err}', file=sys.stderr)
        return 2
    svg = os.path.join(args.out, 'bench.svg')
    try:
        if args.docs:
            result = report.load(os.path.join(args.out, 'bench.json'))
            report.update_chapter(os.path.join(args.docs, 'bench.md'), result)
            chart.draw(result, os.path.join(args.docs, 'bench.svg'))
            return 0
        if not rows:
            raise Failure(f'no row matches {args.K}; there are {" ".join(report.ROWS)}')
        base = report.load(args.base) if args.base else None
        result = Bench(args, rows).measure()
        print(report.tables(result))
        chart.draw(result, svg)
        worse = report.compare(base, result) if base else []
    except Failure as err:
        say(str(err))
        return 2
    for line in worse:
        print(line)
    for line in result.failures():
        print(line)
    return 1 if worse or result.failures() else 0


if __name__ == '__main__':
    sys.exit(main())
