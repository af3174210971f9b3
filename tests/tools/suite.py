#!/usr/bin/env python3
"""Run somebody else's test suite on Tarn, and compare with a reference.

    suite.py [options] ROOT.tar /run.sh [ARGS...]

      --ref FILE        a list of `PASS name`, `FAIL name [code]`, `SKIP name` lines
      --out FILE        the results, in the same form (default build/suite.txt)
      --tarn OPTIONS    more options for `tarn run`, as "--smp 4 --mem 2G"
      --timeout S       for one boot (default 3600)
      --expect WHAT     pass: what passes in the reference must pass here (default)
                        same: results must be those of the reference

The suite is a root archive with a program that runs it and prints a line for each test, as in a
reference. `TEST name` lines, which say that a test begins, are understood too and name the one that was
running when the suite died: the machine stopped or timed out, RUN was ended by a signal (a status of 128
or more), or it failed with a test still open. A suite that dies is started again, with SUITE_AFTER=name in
its environment: the last test that was begun. One that heeds it goes on behind that test.

What is no result goes to OUT.log, with what comes on stderr.

Status: 0 all is as expected; 1 something is missing, or RUN failed; 2 the suite could not be run, or a file
is bad.
"""
import argparse
import collections
import os
import re
import shlex
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LINE = re.compile(r'(PASS|SKIP) ([^\s]+)|(FAIL) ([^\s]+)(?: (-?\d+))?')
BOOTS = 50
TAIL = 500      # lines of stderr that are kept: the runner's words and the end of the kernel's log


class Bad(Exception):
    """One clear line."""


def parse_reference(path):
    """name -> (verdict, code or None), in the order of the file."""
    found = {}
    try:
        with open(path, encoding='utf-8') as f:
            for number, line in enumerate(f, 1):
                line = line.rstrip('\n')
                if not line.strip() or line.startswith('#'):
                    continue
                m = LINE.fullmatch(line)
                if not m:
                    raise Bad(f'{path}:{number}: not `PASS name`, `FAIL name code` or `SKIP name`: {line[:60]}')
                name = m[2] or m[4]
                if name in found:
                    raise Bad(f'{path}:{number}: {name} stands twice')
                found[name] = (m[1] or m[3], m[5])
    except OSError as err:
        raise Bad(f'{path}: {err.strerror}') from None
    except UnicodeDecodeError as err:
        raise Bad(f'{path}: byte {err.start} is no text') from None
    return found


class Run:
    """What a suite said, over all its boots."""

    def __init__(self):
        self.results = {}       # name -> (verdict, code)
        self.begun = None       # the test that was last begun
        self.open = False       # it has no result yet
        self.deaths = []        # (test, how it ended)
        self.status = 0         # RUN's own, of the last boot

    def line(self, text):
        """One line of output; True when it was a result."""
        text = text.strip()
        if re.fullmatch(r'TEST \S+', text):
            self.begun, self.open = text.split()[1], True
            return False
        m = LINE.fullmatch(text)
        if not m:
            return False
        name = m[2] or m[4]
        self.results[name] = (m[1] or m[3], m[5])
        self.begun, self.open = name, False
        return True


def own_words(tail):
    """What `tarn` itself said, among what the suite wrote to stderr."""
    return [line.removeprefix('tarn: ') for line in tail if line.startswith('tarn: ')]


def panicked(tail):
    """Did the machine end so, and not the runner refuse?"""
    return any(re.search(r'panic|the machine', line) for line in own_words(tail))


def boot(args, run, after):
    """One boot. (status of tarn, how many new results, its last words)"""
    words = [os.path.join(ROOT, 'tarn'), 'run', '--timeout', str(args.timeout), *shlex.split(args.tarn)]
    if after:
        words += ['--env', f'SUITE_AFTER={after}']
    words += [args.tar, '--', *args.run]
    before, tail, lock = len(run.results), collections.deque(maxlen=TAIL), threading.Lock()
    with open(args.log, 'a', encoding='utf-8') as log, \
            subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, errors='replace') as process:
        def drain():
            for text in iter(lambda: process.stderr.readline(65536), ''):
                tail.append(text.rstrip())
                with lock:
                    log.write(text)

        reader = threading.Thread(target=drain)
        reader.start()
        for text in process.stdout:
            with lock:
                log.write(text)
            if run.line(text) and not args.quiet:
                sys.stdout.write(text.strip() + '\n')
                sys.stdout.flush()
        reader.join()
    return process.returncode, len(run.results) - before, list(tail)


def died(status, run, tail):
    """How a boot ended, if not well; None when RUN came to its end."""
    if status == 124:
        return 'the machine timed out'
    if status == 125:
        said = own_words(tail) or tail[-1:]
        return 'the machine died: ' + (said[0] if said else 'no word')
    if status >= 128:
        return f'RUN was ended by signal {status - 128}'
    return f'RUN ended with {status} in the midst of it' if status and run.open else None


def run_all(args):
    """Boot until the suite has ended by itself, or gets no further."""
    run, after = Run(), None
    for _ in range(BOOTS):
        run.begun, run.open = None, False
        status, new, tail = boot(args, run, after)
        if status == 125 and tail and not new and not panicked(tail):
            raise Bad((own_words(tail) or tail)[-1])
        how = died(status, run, tail)
        if status not in (0, 124, 125) and not run.results and not run.begun:
            raise Bad(f'{args.run[0]} ended with {status} before any result: {tail[-1] if tail else "no word"}')
        if how is None:
            run.status = status
            return run
        last = run.begun
        print(f'suite: {how}; the last test was {last or "none"}')
        if last is None and not run.results:
            raise Bad('the suite gave no result at all')
        if last is None or (last == after and not new):
            print('suite: it gets no further')
            run.deaths.append((last or after, how))
            return run
        run.deaths.append((last, how))
        if run.open:
            run.results[last] = ('FAIL', 'died')
        after = last
    print(f'suite: gave up after {BOOTS} boots; what comes after {after} did not run')
    return run


def compare(run, reference, expect):
    """Print what is missing and what is new; how many are missing."""
    missing = []
    for name, (verdict, code) in reference.items():
        got = run.results.get(name)
        if got is None:
            if verdict == 'PASS' or expect == 'same':
                missing.append(f'{name}: did not run (reference: {verdict})')
        elif verdict == 'PASS' and got[0] != 'PASS' or expect == 'same' and got[0] != verdict:
            missing.append(f'{name}: {got[0]}{" " + got[1] if got[1] else ""} (reference: {verdict}'
                           f'{" " + code if code else ""})')
    fresh = [f'{name}: PASS (reference: {reference[name][0] if name in reference else "not there"})'
             for name, (verdict, _) in run.results.items()
             if verdict == 'PASS' and reference.get(name, ('', ''))[0] != 'PASS']
    for title, rows in (('missing', missing), ('new', fresh)):
        if rows:
            print(f'{title}:')
            print('\n'.join('  ' + row for row in rows))
    return len(missing)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--ref')
    parser.add_argument('--out', default=os.path.join(ROOT, 'build', 'suite.txt'))
    parser.add_argument('--tarn', default='')
    parser.add_argument('--timeout', type=int, default=3600)
    parser.add_argument('--expect', choices=['pass', 'same'], default='pass')
    parser.add_argument('--quiet', action='store_true')
    parser.add_argument('tar')
    parser.add_argument('run', nargs=argparse.REMAINDER)
    args = parser.parse_args()
    args.log = args.out + '.log'
    try:
        if not args.run:
            raise Bad('which program runs the suite? (RUN=/run.sh)')
        reference = parse_reference(args.ref) if args.ref else {}
        if not os.path.exists(args.tar):
            raise Bad(f'{args.tar}: no such file')
        os.makedirs(os.path.dirname(os.path.abspath(args.out)), exist_ok=True)
        open(args.log, 'w', encoding='utf-8').close()
        start = time.time()
        run = run_all(args)
        with open(args.out, 'w', encoding='utf-8') as f:
            for name, (verdict, code) in run.results.items():
                f.write(f'{verdict} {name}{" " + code if code and verdict == "FAIL" and code != "died" else ""}\n')
    except Bad as err:
        print(f'suite: {err}', file=sys.stderr)
        return 2
    missing = compare(run, reference, args.expect) if args.ref else 0
    for test, how in run.deaths:
        print(f'suite: {test}: {how}')
    if run.status:
        print(f'suite: {args.run[0]} ended with status {run.status}')
    count = {v: sum(r[0] == v for r in run.results.values()) for v in ('PASS', 'FAIL', 'SKIP')}
    print(f'{count["PASS"]} passed, {count["FAIL"]} failed, {count["SKIP"]} skipped in {time.time() - start:.0f} s'
          + (f'; {missing} missing of the reference' if args.ref else ''))
    return 1 if missing or run.deaths or run.status or (not args.ref and count['FAIL']) else 0


if __name__ == '__main__':
    sys.exit(main())
