"""Each ABI program prints on Tarn what it printed on Linux, with one hart and with four; built with glibc, and
with libposix (on four).

All programs of a library run in one boot for each number of harts. When the machine dies in one of them, that one
has failed, and the rest run in another boot.
"""
import difflib
import os

import pytest
import rootfs
import run as abi
from conftest import BUILD, describe, need_kernel, run_tarn

NAMES = abi.names()
RUNS = [('glibc', 1), ('glibc', 4), ('libposix', 4)]
BOOTS = 6


class Runs:
    """Outputs by library, number of harts and name, made when first asked for."""

    def __init__(self, wanted):
        self.wanted, self.done, self.roots = wanted, {}, {}

    def result(self, run, name):
        """(output, how it ended, the run's log)"""
        need_kernel()
        if run not in self.done:
            self.done[run] = self.boot(run)
        return self.done[run][name]

    def root(self, library):
        """The archive with all programs."""
        if library not in self.roots:
            build, names = os.path.abspath(BUILD), [*abi.names(), 'driver']
            programs = abi.build(os.path.join(build, 'abi'), names) if library == 'glibc' else abi.build_ours(build, names)
            self.roots[library] = os.path.join(build, 'abi', library + '.tar')
            rootfs.write_tar(self.roots[library], abi.table(programs))
        return self.roots[library]

    def boot(self, run):
        """Run all that are wanted: (library, how many harts)."""
        library, harts = run
        root = self.root(library)
        left = [n for n in abi.names() if n in self.wanted[run]]
        results = {n: ('', 'not reached', '') for n in left}
        for _ in range(BOOTS):
            if not left:
                break
            got = run_tarn('--smp', str(harts), '--net', 'none', root=root, command=['/driver', *left],
                           timeout=30 + 4 * len(left))
            found = abi.parse(got.out.decode(errors='backslashreplace'))
            for name, (text, end) in found.items():
                if name in results:
                    why = end if end else f'the machine stopped here: {describe(got)}'
                    results[name] = (text, why, got.log)
            if not found:
                for name in left:
                    results[name] = ('', f'nothing ran: {describe(got)}', got.log)
                break
            left = [n for n in left if n not in found]
        return results


@pytest.fixture(scope='session')
def runs(request):
    wanted = {}
    for item in request.session.items:
        if getattr(item, 'originalname', '') == 'test_abi':
            p = item.callspec.params
            wanted.setdefault(p['run'], set()).add(p['name'])
    return Runs(wanted)


@pytest.mark.area('abi')
def test_twins_named():
    """What is not built with libposix has a reason, and is there."""
    assert all(name in NAMES and why for name, why in abi.GLIBC_ONLY.items())


def compare(expected_name, text, end):
    """Fail unless that is what Linux printed."""
    with open(os.path.join(abi.HERE, expected_name), encoding='utf-8') as f:
        expected = f.read()
    actual = f'{text}@@ {end}\n'
    if actual != expected:
        diff = [line.rstrip('\n') for line in difflib.unified_diff(
            expected.splitlines(), actual.splitlines(), 'linux', 'tarn', n=1, lineterm='')]
        changed = [line for line in diff[2:] if line[:1] in '+-']
        first = ' / '.join(changed[:4])
        pytest.fail(f'{len(changed)} lines differ: {first}\n' + '\n'.join(diff[:80]), pytrace=False)


@pytest.mark.area('abi')
@pytest.mark.parametrize('name', list(abi.CPUS))
def test_abi_on_another_cpu(name):
    """What only some harts have."""
    need_kernel()
    folder = os.path.join(BUILD, 'abi')
    root = os.path.join(folder, 'cpu.tar')
    rootfs.write_tar(root, abi.table(abi.build(folder, [name, 'driver'])))
    got = run_tarn('--smp', '4', '--qemu-arg', '-cpu', '--qemu-arg', abi.CPUS[name], root=root,
                   command=['/driver', name], timeout=90)
    text, end = abi.parse(got.out.decode(errors='backslashreplace')).get(name, ('', describe(got)))
    compare(name + '.cpu.expected', text, end)


@pytest.mark.area('abi')
@pytest.mark.parametrize('name,run', [(name, run) for run in RUNS for name in NAMES if run[0] == 'glibc' or abi.ours(name)],
                         ids=lambda v: v if isinstance(v, str) else f'{v[0]}-{v[1]}')
def test_abi(runs, name, run):
    path = os.path.join(abi.HERE, name + '.expected')
    assert os.path.exists(path), f'{name} has no recorded output: make oracle K={name}'
    text, end, _log = runs.result(run, name)
    compare(name + '.expected', text, end)
