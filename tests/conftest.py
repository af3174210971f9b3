"""The score card, and the fixtures all tests share.

A test belongs to an area (marker `area`, else its folder's) and is worth points. Only a plain pass
counts: what is skipped, expected to fail, or can't be collected has failed. With TARN_AGAIN set, the
tests that run are those of an earlier run that failed, and the card is of both. Results go to
build/grade.json; tests/grade/card.py prints them.

Fixtures: `tarn` runs a command on Tarn, `console` types at the machine, `program` compiles a riscv64
program, `busybox_root`, `minimal_root` and `suite_root` are root archives.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.environ.get('TARN_ROOT', os.path.dirname(HERE))
BUILD = os.environ.get('TARN_BUILD', os.path.join(ROOT, 'build'))
CACHE = os.path.join(ROOT, 'build', 'cache')
KERNEL = os.path.join(BUILD, 'tarn.elf')
CROSS = os.environ.get('CROSS', 'riscv64-linux-gnu-')

sys.path[:0] = [os.path.join(HERE, 'abi'), os.path.join(HERE, 'suites')]


# ---- the score card --------------------------------------------------------------------------

class Card:
    """Collects results, and writes them down after each test (a run that is cut short counts too)."""

    def __init__(self):
        self.tests = {}
        self.first = {}

    def read(self):
        """The results of a first run, some tests of which run again now."""
        with open(os.path.join(BUILD, 'grade.json'), encoding='utf-8') as f:
            self.first = {row['name']: row for row in json.load(f)['tests']}

    def collected(self, item):
        """A test there is: failed until it passes."""
        mark = item.get_closest_marker('area')
        args, kwargs = (mark.args, mark.kwargs) if mark else ((), {})
        folder = os.path.basename(os.path.dirname(str(item.fspath)))
        self.tests[item.nodeid] = {
            'name': item.nodeid, 'area': args[0] if args else folder,
            'points': kwargs.get('points', args[1] if len(args) > 1 else 1),
            'passed': False, 'why': 'did not run', 'seconds': 0, 'log': []}

    def failed_to_collect(self, nodeid, text):
        """A file of tests that can't be read."""
        self.tests[nodeid] = {'name': nodeid, 'area': nodeid.split('/')[0], 'points': 1,
                              'passed': False, 'why': 'could not be collected: ' + last_line(text),
                              'seconds': 0, 'log': []}

    def report(self, report):
        """One phase of a test: set-up, call, tear-down."""
        row = self.tests.get(report.nodeid)
        if row is None:
            return
        row['seconds'] = round(row['seconds'] + report.duration, 2)
        plain = report.passed and not hasattr(report, 'wasxfail')
        if report.when == 'call':
            row['passed'] = plain
            row['why'] = '' if plain else 'no plain pass'
        if not plain:
            row['passed'] = False
            if report.skipped:
                row['why'] = 'skipped'
            elif report.failed:
                row['why'] = reason(report)
            for name, text in report.sections:
                if name.startswith('kernel log'):
                    row['log'] = text.splitlines()[-40:]

    def merged(self, row):
        """What counts of two runs: a test that passed the second time keeps why it failed the first."""
        before = self.first.get(row['name'], row)
        return {**row, 'again': before['why']} if row['passed'] and not before['passed'] else row

    def write(self):
        """build/grade.json"""
        os.makedirs(BUILD, exist_ok=True)
        path = os.path.join(BUILD, 'grade.json')
        tmp = f'{path}.{os.getpid()}'
        with open(tmp, 'w', encoding='utf-8') as f:
            json.dump({'tests': [self.merged(row) for row in {**self.first, **self.tests}.values()]},
                      f, indent=1)
        os.replace(tmp, path)


def last_line(text):
    """The last line that says something."""
    lines = [line.strip() for line in str(text).splitlines() if line.strip()]
    return lines[-1] if lines else ''


def reason(report):
    """Why a test failed, in one line."""
    crash = getattr(report.longrepr, 'reprcrash', None)
    text = crash.message if crash else str(report.longrepr).strip()
    first = text.splitlines()[0] if text else ''
    return re.sub(r'^(AssertionError|Failed): ?', '', first)[:300]


CARD = Card()


def pytest_collection_modifyitems(items):
    """Host tests first, then boot, ABI, suites: the cheap ones tell most."""
    order = {'host': 0, 'boot': 1, 'net': 2, 'user': 2, 'abi': 3, 'bench': 4, 'suites': 5}
    items.sort(key=lambda i: order.get(os.path.basename(os.path.dirname(str(i.fspath))), 9))


def pytest_collection_finish(session):
    if os.environ.get('TARN_AGAIN'):
        CARD.read()
    for item in session.items:
        CARD.collected(item)
    CARD.write()


def pytest_collectreport(report):
    if report.failed or report.skipped:
        CARD.failed_to_collect(report.nodeid, report.longrepr)


def pytest_runtest_logreport(report):
    CARD.report(report)
    if report.when == 'teardown':
        CARD.write()


def pytest_sessionfinish():
    CARD.write()


LOGS = []


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Put the tail of the kernel logs of a failed test into its report."""
    outcome = yield
    report = outcome.get_result()
    if report.failed and call.when == 'call':
        for path in LOGS[-1:]:
            try:
                with open(path, 'rb') as f:
                    text = f.read().decode(errors='replace')
            except OSError:
                continue
            report.sections.append(('kernel log', '\n'.join(text.splitlines()[-40:])))
    if call.when == 'teardown':
        LOGS.clear()


# ---- running things on Tarn ------------------------------------------------------------------

class Result:
    """What a run gave: status, out and err (bytes), log (text), seconds."""

    def __init__(self, status, out, err, log, seconds):
        self.status, self.out, self.err, self.log, self.seconds = status, out, err, log, seconds

    def __repr__(self):
        return (f'<status {self.status}, out {self.out[-400:]!r}, err {self.err[-400:]!r}, '
                f'{self.seconds:.1f} s>')

    def ok(self):
        """Fail unless the status is 0."""
        assert self.status == 0, f'status {self.status}: {describe(self)}'
        return self


def describe(result):
    """The last words of a run."""
    return (last_line(result.err.decode(errors='replace')) or
            last_line(result.out.decode(errors='replace')) or 'no output')


def need_kernel():
    """Tests that boot fail at once, with one line, when there is no kernel."""
    if not os.path.exists(KERNEL):
        pytest.fail(f'no kernel: {os.path.relpath(KERNEL, ROOT)} was not built', pytrace=False)


def need_file(path, hint=''):
    """Fail with one line when something the test needs could not be had."""
    if not os.path.exists(path):
        pytest.fail(f'{os.path.relpath(path, ROOT)} is not there{hint and ": " + hint}',
                    pytrace=False)
    return path


def run_tarn(*args, root, command=(), stdin=b'', timeout=60, check_kernel=True, env=None):
    """./tarn run ARGS ROOT -- COMMAND; a time-out is the runner's own, so status 124."""
    if check_kernel:
        need_kernel()
    handle, log = tempfile.mkstemp(suffix='.log', dir=log_folder())
    os.close(handle)
    LOGS.append(log)
    words = [os.path.join(ROOT, 'tarn'), 'run', '--log', log, '--timeout', str(timeout),
             '--kernel', KERNEL, *args, root]
    if command:
        words += ['--', *command]
    start = time.time()
    if isinstance(stdin, bytes):
        done = subprocess.run(words, input=stdin, capture_output=True, timeout=timeout + 60,
                              check=False, env=env)
    else:
        done = subprocess.run(words, stdin=stdin, capture_output=True, timeout=timeout + 60,
                              check=False, env=env)
    with open(log, 'rb') as f:
        text = f.read().decode(errors='replace')
    return Result(done.returncode, done.stdout, done.stderr, text, time.time() - start)


def log_folder():
    """Where the kernel logs of tests stay."""
    folder = os.path.join(BUILD, 'logs')
    os.makedirs(folder, exist_ok=True)
    return folder


@pytest.fixture(scope='session')
def tarn():
    """Run a command on Tarn: tarn('--smp', '1', root=..., command=[...]) -> Result."""
    return run_tarn


@pytest.fixture(scope='session')
def busybox():
    """Debian's riscv64 busybox, as a file."""
    return need_file(os.path.join(CACHE, 'busybox', 'busybox'), 'could not be fetched')


@pytest.fixture(scope='session')
def busybox_root(busybox):
    """The root of `make qemu ROOTFS=busybox`."""
    return need_file(os.path.join(BUILD, 'root-busybox.tar'))


@pytest.fixture(scope='session')
def full_root():
    """The root of `make qemu`: all of our programs."""
    return need_file(os.path.join(BUILD, 'root.tar'))


@pytest.fixture(scope='session')
def minimal_root():
    """A root of our own programs alone."""
    return need_file(os.path.join(BUILD, 'root-min.tar'))


@pytest.fixture(scope='session')
def suite_root(busybox):
    """The root of the suites: busybox, Debian's libraries, the programs, /data."""
    import suites
    return suites.make_root(BUILD, CACHE, os.path.join(BUILD, 'suites', 'root.tar'))


@pytest.fixture(scope='session')
def program():
    """Compile a riscv64 program: program('name', 'source text' or path, *flags) -> path."""
    folder = os.path.join(BUILD, 'test-programs')

    def compile_one(name, source, *flags, compiler=CROSS + 'gcc', static=True, suffix='.c'):
        os.makedirs(folder, exist_ok=True)
        out = os.path.join(folder, name)
        if not os.path.exists(source):
            text, source = source, out + suffix
            if not os.path.exists(source) or open(source, encoding='utf-8').read() != text:
                with open(source, 'w', encoding='utf-8') as f:
                    f.write(text)
        if os.path.exists(out) and os.path.getmtime(out) > os.path.getmtime(source):
            return out
        words = [compiler, '-O1', *(['-static'] if static else []), '-pthread', '-o', out, source,
                 *flags]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f'{name} does not compile: {done.stderr[-500:]}', pytrace=False)
        return out
    return compile_one


# ---- typing at the machine -------------------------------------------------------------------

class Terminal:
    """`tarn run` on a terminal of its own, typed at: expect, send, sendline, ... are pexpect's."""

    def __init__(self, *words, seconds=60, **more):
        import pexpect
        need_kernel()
        self.child = pexpect.spawn(os.path.join(ROOT, 'tarn'), ['run', '--kernel', KERNEL, '--timeout', str(seconds),
                                                                *words], **{'timeout': 30, **more})
        self.end = pexpect.EOF

    def __getattr__(self, name):
        return getattr(self.child, name)

    def ends(self, status):
        """Wait for the end, which must have this status."""
        self.child.expect(self.end)
        self.child.close()
        assert self.child.exitstatus == status


class Console:
    """`make qemu`'s machine, typed at through pexpect."""

    def __init__(self, root, smp=2, mem='512M', append='', timeout=60):
        import pexpect
        need_kernel()
        handle, self.log = tempfile.mkstemp(suffix='.log', dir=log_folder())
        LOGS.append(self.log)
        self.file = os.fdopen(handle, 'wb')
        self.child = pexpect.spawn(
            os.path.join(HERE, 'tools', 'qemu.sh'),
            [KERNEL, root, str(smp), mem, append], timeout=timeout, logfile=self.file)
        self.errors = (pexpect.TIMEOUT, pexpect.EOF)
        self.prompt = rb'[#$] '     # until wait_prompt has set one that nothing else prints

    def expect(self, pattern, timeout=-1):
        """Wait for a pattern; what came before it is returned."""
        try:
            self.child.expect(pattern, timeout=timeout)
        except self.errors:
            pytest.fail(f'the console did not show {pattern!r}; last was '
                        f'{self.child.before[-200:]!r}', pytrace=False)
        return self.child.before

    def wait_prompt(self):
        """Wait for the shell's prompt."""
        out = self.expect(self.prompt)
        if self.prompt == rb'[#$] ':
            self.prompt = rb'=tarn=> '
            self.child.sendline('PS1="=ta""rn=> "')
            self.expect(self.prompt)
        return out

    def command(self, text, timeout=-1):
        """Type a command, return what it printed (the echo left out)."""
        self.child.sendline(text)
        out = self.expect(self.prompt, timeout).replace(b'\r', b'')
        out = re.sub(rb'\x1b\[[0-9;?]*[A-Za-z]', b'', out)
        return out.split(b'\n', 1)[1] if b'\n' in out else b''

    def close(self):
        """End the machine."""
        self.child.close(force=True)
        self.file.close()


@pytest.fixture
def console():
    """console(root, smp=2, ...) -> Console, ended after the test."""
    opened = []

    def start(*args, **kwargs):
        opened.append(Console(*args, **kwargs))
        return opened[-1]
    yield start
    for each in opened:
        each.close()
