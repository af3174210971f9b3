"""What libposix's functions cost beside glibc's and musl's, in instructions on Tarn (libc.c, count.c)."""
import os
import re
import subprocess

import pytest
import rootfs
from conftest import BUILD, ROOT, need_file, need_kernel

# No more than so many times the other library's instructions, and a few for a call.
MOST, FEW = 1.10, 2
TIMES = 3
STRINGS = ['memcpy', 'memmove', 'memset', 'strlen', 'memchr', 'strcmp', 'strchr']
# musl's rows.
MUSL = {'malloc-small': 1, 'malloc-mixed': 1, 'malloc-realloc': 1, 'malloc-threads': 1, 'printf': 1, 'printf-hard': 1}


def counted(library, folder, harts=1):
    """What a program prints behind @@, a list of words a row, and the instructions between each two marks."""
    program = need_file(os.path.join(BUILD, 'bench', f'libc-{library}'))
    marks, root = os.path.join(folder, f'{library}.marks'), os.path.join(folder, f'{library}.tar')
    rootfs.write_tar(root, {**rootfs.FOLDERS, 'libc': rootfs.read(program)})
    done = subprocess.run(
        [os.path.join(ROOT, 'tarn'), 'run', '--smp', str(harts), '--net', 'none', '--timeout', '200', '--qemu-arg', '-plugin',
         '--qemu-arg', f'{BUILD}/bench/count.so,out={marks}', root, '--', '/libc'],
        capture_output=True, text=True, timeout=260, check=True)
    rows = [line.split() for line in re.findall('^@@ (.*)$', done.stdout, re.M)]
    with open(marks, encoding='utf-8') as f:
        counts = [int(line.split()[1]) for line in f]
    return rows, [after - before for before, after in zip(counts[::2], counts[1::2])]


def measure(library, folder):
    """Instructions of each row: a dict name -> for one operation."""
    rows, spent = counted(library, folder)
    assert len(spent) == TIMES * len(rows), rows
    return {name: min(spent[TIMES * i:TIMES * (i + 1)]) / int(times) for i, (name, times) in enumerate(rows)}


@pytest.fixture(scope='module')
def costs(tmp_path_factory):
    """Of all three libraries."""
    need_kernel()
    folder = tmp_path_factory.mktemp('libc')
    return {library: measure(library, folder) for library in ('glibc', 'musl', 'libposix')}


def dearer(costs, other, most):
    """Rows of `most`, a dict name -> ratio, in which libposix is above that."""
    ours, theirs = costs['libposix'], costs[other]
    return {name: f'{ours[name]:.0f}, {other} {theirs[name]:.0f}' for name, ratio in most.items()
            if ours[name] > ratio * theirs[name] + FEW}


@pytest.mark.area('bench', points=2)
@pytest.mark.parametrize('function', STRINGS)
def test_strings(costs, function):
    """Within a tenth of glibc's, for 0 to 65536 bytes, however they lie."""
    rows = {name: MOST for name in costs['libposix'] if name.startswith(function + '-')}
    assert len(rows) > 30 and not dearer(costs, 'glibc', rows)


@pytest.mark.area('bench', points=2)
def test_malloc_and_printf(costs):
    """No more than musl's."""
    assert not dearer(costs, 'musl', MUSL)


@pytest.mark.area('bench', points=2)
def test_malloc_scales(tmp_path):
    """Four threads on four harts: a call costs what it costs one thread, and far fewer sleep than where one lock serves all."""
    need_kernel()
    rows, spent = counted('scale', tmp_path, harts=4)
    assert [row[0] for row in rows] == ['warm', 'one', 'four', 'locked'] and len(spent) == len(rows)
    cost = {name: (instructions / int(calls), int(slept)) for (name, calls, slept), instructions in zip(rows, spent)}
    assert scales(cost['one'], cost['four'], cost['locked']), cost
    assert not scales(cost['one'], cost['locked'], cost['locked']), cost


def scales(one, four, locked):
    """Instructions of a call and threads that slept, for one thread, for four, and for four with one lock."""
    return four[0] < 1.1 * one[0] and 4 * four[1] <= locked[1] + 20


@pytest.mark.area('bench', points=2)
def test_regex_is_linear(tmp_path):
    """Expressions at which others despair: four times the text is no more than five times the work."""
    need_kernel()
    rows = measure('regex', tmp_path)
    assert len(rows) >= 18
    grown = {name: rows[name.replace('-4096', '-16384')] / rows[name] for name in rows if name.endswith('-4096')}
    assert not {name: by for name, by in grown.items() if by > 5}


@pytest.mark.area('bench')
def test_dearer():
    """A row that costs more is named."""
    assert dearer({'libposix': {'x': 120, 'y': 90}, 'musl': {'x': 100, 'y': 100}}, 'musl', {'x': 1.1, 'y': 1}) == \
        {'x': '120, musl 100'}
