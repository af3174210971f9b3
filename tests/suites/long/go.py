#!/usr/bin/env python3
"""Go's own tests of packages that lean on the kernel: on Tarn, against what Linux made of the same binaries.

    go.py run [--smp "2 8"] [--only "net os"]    all of them, or some, on each number of harts
    go.py record [--only "net os"]               write go.expected, on Debian's Linux

`make go-tests` builds a binary of each package, which runs with -test.short in the package's folder, at the
path it was built from: some tests read their own source. go.expected has a line for each test: package, name,
verdict. What passes on Linux has to pass on Tarn, but what LACKING names. Network tests talk over the loopback.
"""
import glob
import os
import re
import sys
import time

import machine

PACKAGES = ['runtime', 'sync', 'sync/atomic', 'time', 'os/signal', 'os/exec', 'os', 'io', 'internal/poll', 'net',
            'net/netip', 'net/textproto', 'net/http', 'crypto/tls']
EXPECTED = os.path.join(machine.HERE, 'go.expected')
SECONDS = 1200      # for one package, on a machine that others use too
LACKING = {('net', 'TestMultiPathTCP')}     # a protocol of its own (RFC 8684), which is refused
SKIP = '^TestSplice$/./big'      # parts that move 6 GiB: hours on an emulator that others share
RESULT = re.compile(r'--- (PASS|FAIL|SKIP): (\S+)')


def chosen(args):
    """The packages that are wanted."""
    return [p for p in PACKAGES if not args.only or p in args.only.split()]


def members(args):
    """The binaries and the folders of the packages; and the folder that holds these."""
    source = os.path.abspath(glob.glob(os.path.join(args.cache, 'go/root/usr/share/go-*/src'))[0])
    files = {}
    for package in chosen(args):
        name = 'go-' + package.replace('/', '_')
        files['t/' + name] = machine.rootfs.read(os.path.join(args.build, 'suites', 'long', name))
        place = os.path.join(source, package)
        files.update(machine.folder(place, place.lstrip('/')))
    for place in (os.path.join(os.path.dirname(source), 'lib', 'time'), os.path.join(source, 'testdata')):
        files.update(machine.folder(place, place.lstrip('/')))
    files['usr/bin/env'] = '../../bin/busybox'      # a folder that tests of os visit
    return files, source


def script(source, packages):
    """Run the packages."""
    text = f'export GOROOT={os.path.dirname(source)} GOTRACEBACK=single\n'
    for package in packages:
        text += (f'cd {source}/{package}; echo "@@ begin {package}"; /t/go-{package.replace("/", "_")} '
                 f'-test.short -test.v -test.skip "{SKIP}" -test.timeout {SECONDS}s 2>&1; '
                 f'echo "@@ status {package} $?"\n')
    return text


def parse(lines):
    """{(package, test): verdict} of the tests that are no part of another."""
    found, package = {}, None
    for line in lines:
        begin, result = re.fullmatch(r'@@ begin (\S+)', line), RESULT.match(line)
        if begin:
            package = begin[1]
        elif result:
            found[package, result[2]] = result[1]
    return found


def expectations():
    """{(package, test): verdict} on Linux."""
    with open(EXPECTED, encoding='utf-8') as f:
        rows = [line.split() for line in f if line.strip() and not line.startswith('#')]
    return {(row[0], row[1]): row[2] for row in rows}


def count(results, package):
    """Verdicts of a package, in words."""
    mine = [v for (p, _), v in results.items() if p == package]
    return f'{mine.count("PASS")} passed, {mine.count("FAIL")} failed, {mine.count("SKIP")} skipped'


def run(args):
    """All packages on each number of harts; how many tests miss."""
    expected, bad = expectations(), 0
    files, source = members(args)
    box, packages = machine.Machine(args, 'go', files), chosen(args)
    for harts in args.smp.split():
        start = time.time()
        lines, end = box.boot(script(source, packages), harts, '2G', 600 + SECONDS * len(packages) // 2)
        got = parse(lines)
        for package in packages:
            missing = [t for t, v in expected.items() if t[0] == package and v == 'PASS' and t not in LACKING
                       and got.get(t) != 'PASS']
            print(f'go: {harts} harts: {package}: {count(got, package)}; on Linux {count(expected, package)}')
            for test in missing:
                print(f'  {test[1]}: {got.get(test, "did not run")} (on Linux: PASS)')
            bad += len(missing)
        print(f'go: {harts} harts: {time.time() - start:.0f} s' + (f'; {end}' if end else ''))
        sys.stdout.flush()
        bad += end is not None
    return bad


def record(args):
    """Write go.expected; what is not run stays as it was."""
    files, source = members(args)
    packages = chosen(args)
    box = machine.Machine(args, 'go', files, linux=True)
    lines, end = box.boot(script(source, packages), 2, '2G', 600 + SECONDS * len(packages) // 2)
    got = parse(lines)
    for package in packages:
        print(f'linux: {package}: {count(got, package)}')
    if end or not got:
        print(f'linux: {end}')
        return 1
    got.update({t: v for t, v in expectations().items() if t[0] not in packages})
    with open(EXPECTED, 'w', encoding='utf-8') as f:
        f.write('# Package, test, verdict: on Linux (make oracle-go).\n')
        f.writelines(f'{package} {test} {verdict}\n' for (package, test), verdict in sorted(got.items()))
    return 0


if __name__ == '__main__':
    sys.exit(machine.main(__doc__, 'go', run, record, '2 8', only=''))
