"""Programs built with glibc and with libposix, static and shared, print on Tarn what glibc's printed on Linux; and every header
of libposix is whole by itself, for each C standard and for C++."""
import difflib
import importlib.util
import os
import subprocess

import pytest
import rootfs
from conftest import BUILD, CACHE, describe, need_kernel, run_tarn

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
_spec = importlib.util.spec_from_file_location('libposix_run', os.path.join(HERE, 'run.py'))
twice = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(twice)

NAMES = [form for name in twice.names() for form in twice.forms(name)]
STANDARDS = {'c99': 'gcc', 'c11': 'gcc', 'gnu17': 'gcc', 'c++17': 'g++'}


@pytest.fixture(scope='session')
def root():
    """The archive with all the programs."""
    need_kernel()
    build = os.path.abspath(BUILD)
    found = twice.programs(build, twice.names())
    path = os.path.join(build, 'twice', 'twice.tar')
    rootfs.write_tar(path, twice.table(build, CACHE, found))
    return path


def run(root, names, *options):
    """What each printed on Tarn: a dict name -> (text, end), and the run."""
    got = run_tarn('--smp', '2', '--net', 'none', *options, root=root, command=['/driver', *names], timeout=120)
    return twice.abi.parse(got.out.decode(errors='backslashreplace')), got


@pytest.fixture(scope='session')
def outputs(root):
    return run(root, NAMES)


@pytest.mark.area('boot')
@pytest.mark.parametrize('name', NAMES)
def test_twice(outputs, name):
    compare(*outputs, name, '.expected')


@pytest.mark.area('boot')
@pytest.mark.parametrize('name', list(twice.CPUS))
def test_twice_on_another_cpu(root, name):
    """What only some harts have."""
    forms = twice.forms(name)
    found, got = run(root, forms, '--qemu-arg', '-cpu', '--qemu-arg', twice.CPUS[name])
    for form in forms:
        compare(found, got, form, '.cpu.expected')


def compare(found, got, name, ending):
    """Fail unless that form printed what glibc's did on Linux."""
    assert name in found, describe(got)
    text, end = found[name]
    expected = os.path.join(HERE, name.removesuffix(twice.OURS).removesuffix(twice.SHARED) + ending)
    with open(expected, encoding='utf-8') as f:
        want = f.read()
    have = f'{text}@@ {end}\n'
    if have != want:
        diff = list(difflib.unified_diff(want.splitlines(), have.splitlines(), 'glibc on linux', name, n=0, lineterm=''))
        pytest.fail('\n'.join(diff[:80]), pytrace=False)


def headers():
    """Every header a program may include."""
    base = os.path.join(TOP, 'libposix', 'include')
    found = []
    for folder, _dirs, files in os.walk(base):
        found += [os.path.relpath(os.path.join(folder, f), base) for f in files if f.endswith('.h')]
    return sorted(f for f in found if not f.startswith('bits/'))


@pytest.mark.area('boot')
@pytest.mark.parametrize('standard', list(STANDARDS))
def test_headers(standard, tmp_path):
    """Each alone, twice, with -Wall -Wextra -Werror."""
    cc = os.environ.get('CROSS', 'riscv64-linux-gnu-') + STANDARDS[standard]
    include = subprocess.check_output([cc, '-print-file-name=include'], text=True).strip()
    flags = [f'-std={standard}', '-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-nostdinc', '-I', f'{TOP}/libposix/include',
             '-I', f'{TOP}/kernel/include', '-I', f'{os.path.abspath(BUILD)}/gen', '-isystem', include]
    for folder in ('linux', 'asm', 'asm-generic'):  # a few of ours are Linux's own
        (tmp_path / 'kernel' / folder).parent.mkdir(exist_ok=True)
        (tmp_path / 'kernel' / folder).symlink_to(f'/usr/riscv64-linux-gnu/include/{folder}')
    flags += ['-isystem', str(tmp_path / 'kernel')]
    cxx = STANDARDS[standard] == 'g++'
    names = []
    for header in headers():
        if cxx and header in ('complex.h', 'tgmath.h', 'threads.h', 'stdatomic.h'):
            continue
        name = tmp_path / (header.replace('/', '_') + ('.cc' if cxx else '.c'))
        name.write_text(f'#include <{header}>\n#include <{header}>\nint used;\n')
        names.append(str(name))
    bad = ''
    for define in ([], ['-D_GNU_SOURCE'], ['-D_POSIX_C_SOURCE=200809L']):
        got = subprocess.run([cc, *flags, *define, *names], capture_output=True, text=True, check=False)
        bad += got.stderr if got.returncode else ''
    assert not bad, bad[:4000]
