"""The profiler: a program whose hot places are known, in text and picture."""
import importlib.util
import os
import re
import subprocess
import sys
import types
import xml.etree.ElementTree

import pytest

from conftest import BUILD, HERE, KERNEL, ROOT, need_file, need_kernel

LOOPS = 2000000


def profile(out, root, hot, *options):
    """Runs the profiler."""
    need_kernel()
    plugin = need_file(os.path.join(BUILD, 'profile.so'), 'was not built')
    # what the environment asks of other machines is not for this one
    env = dict(os.environ, TARN_QEMU_ARGS='-no-such-option')
    done = subprocess.run(
        [sys.executable, os.path.join(HERE, 'tools', 'profile.py'), '--kernel', KERNEL,
         '--plugin', plugin, '--root', root, '--out', out, *options, '--', hot], cwd=ROOT, env=env,
        capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    return done


@pytest.fixture(scope='module')
def profiled(tmp_path_factory, minimal_root, program):
    """Runs the profiler over hot.c: (flat lines, call graph, folded stacks, the picture)."""
    hot = program('hot', os.path.join(HERE, 'gdb', 'hot.c'))
    out = str(tmp_path_factory.mktemp('profile') / 'profile')
    done = profile(out, minimal_root, hot)
    with open(out + '.txt', encoding='utf-8') as f:
        text = f.read()
    with open(out + '.folded', encoding='utf-8') as f:
        folded = [line.rpartition(' ') for line in f.read().splitlines()]
    table, graph = text.split('Who calls whom:')
    assert table.splitlines()[:20] == done.stdout.splitlines()[:20]
    return table, graph, {stack: int(count) for stack, _, count in folded}, out + '.svg'


def row(table, function):
    """(instructions, inclusive %) of a function in the flat profile."""
    found = re.search(r'^ *[\d.]+ +[\d.]+ +([\d.]+) +([\d,]+)  ' + re.escape(function), table, re.M)
    assert found, f'{function} is not in the profile'
    return int(found[2].replace(',', '')), float(found[1])


def test_flat(profiled):
    table, _, _, _ = profiled
    first = table.splitlines()[3]
    assert first.endswith('burn  (hot)'), first
    insns, _ = row(table, 'burn')
    # a multiplication, a decrement and a branch each time round, and little else
    assert 3 * LOOPS <= insns <= 3 * LOOPS + 100
    zeros, inclusive = row(table, 'memset_[k]')
    assert zeros > 50 * 65536 / 8 / 16 and inclusive > 1
    assert row(table, 'sys_read_[k]')[1] > inclusive


def test_call_graph(profiled):
    _, graph, _, _ = profiled
    parts = {re.search(r'^ *[\d.]+%  (\S+)$', part, re.M)[1]: part
             for part in graph.strip().split('\n\n')}
    # callers stand above a function, callees below
    above, below = re.split(r'^ *[\d.]+%  work$', parts['work'], flags=re.M)
    assert 'main' in above and 'burn' in below
    above, below = re.split(r'^ *[\d.]+%  syscall_dispatch_\[k\]$', parts['syscall_dispatch_[k]'],
                            flags=re.M)
    assert 'trap_vector_[k]' in above and 'sys_read_[k]' in below


def test_stacks(profiled):
    _, _, folded, _ = profiled
    burning = [s for s in folded if s.endswith(';main;work;burn')]
    assert burning and burning[0].startswith('hot;')
    reads = [s for s in folded if re.search(
        r'^hot;.*;main;fetch;.*trap_vector_\[k\];syscall_dispatch_\[k\];sys_read_\[k\];'
        r'.*memset_\[k\]$', s)]
    assert reads, 'user and kernel are not joined'


def test_picture(profiled):
    _, _, _, svg = profiled
    titles = [e.text or '' for e in xml.etree.ElementTree.parse(svg).iter()
              if e.tag.endswith('title')]
    assert any(re.match(r'burn \([\d,]+ instructions, \d', t) for t in titles)
    assert any(t.startswith('sys_read_[k] (') for t in titles)


def test_time_on_two_harts(tmp_path, minimal_root, program):
    """BY=time, SMP=2: each hart's instructions are counted, stacks and picture are in milliseconds."""
    out = str(tmp_path / 'profile')
    hot = program('hot', os.path.join(HERE, 'gdb', 'hot.c'))
    table = profile(out, minimal_root, hot, '--smp', '2', '--by', 'time').stdout
    insns, _ = row(table, 'burn')
    assert 3 * LOOPS <= insns <= 3 * LOOPS + 100
    ms = int(float(re.search(r'instructions, ([\d.]+) s of this host', table)[1]) * 1000 + 0.5)
    with open(out + '.folded', encoding='utf-8') as f:
        parts = [int(line.rpartition(' ')[2]) for line in f]
    # each stack is in whole milliseconds
    assert sum(parts) > 0 and abs(ms - sum(parts)) <= len(parts) + 1
    with open(out + '.svg', encoding='utf-8') as f:
        assert re.search(r'burn \([\d,]+ ms, ', f.read())


@pytest.mark.parametrize('text, says', [
    ('T 1 10 - 3\nC 0 1 3 0\n', 'cut short'), ('', 'cut short'), ('T 1 10 - 3\nC 0 1 3\nE\n', ':2: damaged: C 0 1 3'),
    ('T 1 10 - 3\nC 7 1 3 0\nE\n', 'stack 7 is not in it'), ('N 1 5\nE\n', ':1: damaged')])
def test_damaged_counts(tmp_path, text, says):
    """What QEMU did not write whole is refused in one line."""
    # under a name of its own: Python has a `profile`, too
    spec = importlib.util.spec_from_file_location('profiler', os.path.join(HERE, 'tools', 'profile.py'))
    profiler = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(profiler)
    (tmp_path / 'raw').write_text(text, encoding='ascii')
    with pytest.raises(SystemExit) as end:
        profiler.Profile(str(tmp_path / 'raw'), types.SimpleNamespace(of=lambda *_: ('f', 'm')), 'insns')
    assert str(end.value).startswith('profile: ') and says in str(end.value) and '\n' not in str(end.value)
