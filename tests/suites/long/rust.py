#!/usr/bin/env python3
"""Rust's own tests of its library: on Tarn, against what Linux made of the same binaries.

    rust.py run [--times N] [--smp "1 2 8"] [--only std]    all of them, std N times, on each number of harts
    rust.py record                             write rust.expected, on Debian's Linux

`make rust-tests` builds the four binaries. rust.expected has, for each, how many tests pass and how many
are ignored. On Tarn each test that a binary lists has to say ok, but the ignored ones.
"""
import os
import re
import sys
import time

import machine

SUITES = ['coretests', 'alloctests', 'alloc', 'std']
EXPECTED = os.path.join(machine.HERE, 'rust.expected')
RESULT = re.compile(r'test (\S+)(?: - should panic)? \.\.\. (ok|FAILED|ignored)')
TOTAL = re.compile(r'test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;')


def binaries(args):
    """The binaries, as members of a root."""
    return {f't/{name}': machine.rootfs.read(os.path.join(args.build, 'suites', 'long', 'rust-' + name))
            for name in SUITES}


def script(names, times=1):
    """Run the suites; std as often as told."""
    text = 'cd /tmp\n'
    for name in names:
        rounds = times if name == 'std' else 1
        text += (f'i=0\nwhile [ $((i += 1)) -le {rounds} ]; do echo "@@ begin {name}"; '
                 f'/t/{name} --test-threads $(nproc) 2>&1; echo "@@ status {name} $?"; done\n')
    return text


def parse(lines):
    """[(suite, {test: verdict}, (passed, failed, ignored) or None, its last lines)] of each round."""
    rounds = []
    for line in lines:
        begin = re.fullmatch(r'@@ begin (\w+)', line)
        if begin:
            rounds.append([begin[1], {}, None, []])
        if not rounds:
            continue
        now = rounds[-1]
        now[3] = now[3][-40:] + [line]
        result, total = RESULT.match(line), TOTAL.match(line)
        if result:
            now[1][result[1]] = result[2]
        if total:
            now[2] = tuple(int(n) for n in total.groups())
    return rounds


def expectations():
    """suite -> (passed, ignored) on Linux."""
    with open(EXPECTED, encoding='utf-8') as f:
        rows = [line.split() for line in f if line.strip() and not line.startswith('#')]
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def run(args):
    """All suites on each number of harts; how many rounds were bad."""
    expected, files, bad = expectations(), binaries(args), 0
    box, suites = machine.Machine(args, 'rust', files), args.only.split() or SUITES
    for harts in args.smp.split():
        start, limit = time.time(), 900 + 300 * args.times
        lines, end = box.boot(script(suites, args.times), harts, '2G', limit)
        rounds = parse(lines)
        for name in suites:
            mine = [r for r in rounds if r[0] == name]
            wanted, ignored = expected[name]
            good = [r for r in mine if r[2] == (wanted, 0, ignored)]
            times = args.times if name == 'std' else 1
            print(f'rust: {harts} harts: {name}: {wanted} passed in {len(good)} of {times} rounds')
            bad += times - len(good)
            for r in mine:
                failed = [t for t, verdict in r[1].items() if verdict == 'FAILED']
                if r not in good:
                    print(f'  {r[2] or "no end"}; failed: {" ".join(failed) or "-"}')
                    print(''.join(f'  | {line}\n' for line in r[3][-12:] if not failed), end='')
        print(f'rust: {harts} harts: {time.time() - start:.0f} s' + (f'; {end}' if end else ''))
        sys.stdout.flush()
        bad += end is not None
    return bad


def record(args):
    """Write rust.expected."""
    box = machine.Machine(args, 'rust', binaries(args), linux=True)
    lines, end = box.boot(script(SUITES), 2, '2G', 1500)
    rounds = {r[0]: r for r in parse(lines)}
    rows = []
    for name in SUITES:
        _, results, total, last = rounds.get(name, (name, {}, None, ['did not run']))
        failed = [t for t, verdict in results.items() if verdict == 'FAILED']
        print(f'linux: {name}: {total}', *failed)
        if not total or total[1]:
            print('\n'.join(last))
            return 1
        rows.append(f'{name} {total[0]} {total[2]}\n')
    with open(EXPECTED, 'w', encoding='utf-8') as f:
        f.write('# Suite, tests passed, tests ignored: on Linux (make oracle-rust).\n' + ''.join(rows))
    return end is not None


if __name__ == '__main__':
    sys.exit(machine.main(__doc__, 'rust', run, record, '1 2 8', times=10, only=''))
