"""The readers of `make check` and `make coverage` find what they are there to find."""
import importlib.util
import os
import shutil
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
ROOT = os.environ.get('TARN_ROOT', os.path.dirname(TESTS))
BUILD = os.environ.get('TARN_BUILD', os.path.join(ROOT, 'build'))
CHECK = os.path.join(TESTS, 'check')
CC = os.environ.get('CROSS', 'riscv64-linux-gnu-') + 'gcc'
PYTHON = '/usr/bin/python3'


def load(path):
    """A script as a module."""
    sys.path.insert(0, os.path.dirname(path))
    spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*words):
    """Status and output of a script."""
    done = subprocess.run([PYTHON, *words], capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout + done.stderr


def compile_kernel(folder, text, *flags):
    """An object of a few lines of C, with the kernel's way of making sections."""
    source = os.path.join(folder, 'planted.c')
    with open(source, 'w', encoding='utf-8') as f:
        f.write(text)
    subprocess.run([CC, '-O2', '-ffreestanding', '-ffunction-sections', '-fno-pic', *flags,
                    '-c', '-o', os.path.join(folder, 'planted.o'), source], check=True, timeout=60,
                   cwd=folder)
    return os.path.join(folder, 'planted.o')


@pytest.mark.parametrize('text, lines', [
    ('int a;\n\n/* a\n * comment\n */\nint b; /* at the end */\n// one more\n', 2),
    ('char *s = "/* no comment";\nint c;\n', 2),
    ("char q = '\"';\n/* \" */\nint d;\n", 2),
])
def test_lines_of_code(text, lines):
    assert load(os.path.join(CHECK, 'lines.py')).code_lines(text) == lines


def test_stack_use_is_found(tmp_path):
    compile_kernel(tmp_path, 'void use(char *);\nvoid deep(void)\n{\n\tchar a[2000];\n\n\tuse(a);\n}\n'
                   'void flat(void)\n{\n\tuse(0);\n}\n', '-fstack-usage')
    status, out = run(os.path.join(CHECK, 'stack.py'), str(tmp_path))
    assert status == 1 and 'deep: ' in out and 'flat' not in out


def test_dead_code_is_found(tmp_path):
    obj = compile_kernel(tmp_path, 'void lonely(void);\nvoid lonely(void)\n{\n}\n'
                         'void _start(void);\nvoid _start(void)\n{\n}\n')
    _, out = run(os.path.join(CHECK, 'dead.py'), f'{CC} -nostdlib -static', obj)
    assert 'nothing reaches lonely' in out and 'nothing reaches _start' not in out


def test_coverage_tells_what_ran(tmp_path):
    """The block plugin and the line table: booting runs kmain, and does not run panic."""
    kernel = os.path.join(BUILD, 'tarn.elf')
    script = os.path.join(TESTS, 'coverage', 'coverage.py')
    status, out = run(script, 'report', kernel, str(tmp_path))
    assert status == 1 and 'no guest has run' in out and len(out.splitlines()) == 1
    version = subprocess.run(['qemu-system-riscv64', '--version'], capture_output=True, text=True,
                             check=True).stdout.split('version ')[1]
    plugin = tmp_path / 'blocks.so'
    subprocess.run(['gcc', '-shared', '-fPIC', '-O2', '-o', plugin,
                    os.path.join(TESTS, 'coverage', 'blocks.c'),
                    f'-DPLUGIN_VERSION={1 if int(version.split(".")[0]) < 9 else 2}'], check=True, timeout=60)
    bits = tmp_path / 'guest.bits'
    boot = [os.path.join(ROOT, 'tarn'), 'run', '--timeout', '60', '--kernel']
    rest = [os.path.join(BUILD, 'root-min.tar'), '--', 'no-such']
    # a copy of the kernel counts as another one
    other = shutil.copy(kernel, tmp_path / 'other.elf')
    status, out = run(script, 'run', kernel, str(plugin), str(tmp_path), *boot, str(other), *rest)
    assert not bits.exists()
    status, out = run(script, 'run', kernel, str(plugin), str(tmp_path), *boot, kernel, *rest)
    assert status == 1 and 'coverage: ' in out and 'failed (status 127)' in out, out
    status, out = run(script, 'report', kernel, str(tmp_path))
    assert status == 0, out
    with open(tmp_path / 'lines.txt', encoding='utf-8') as f:
        missed = [line.split(':')[0] for line in f]
    assert 'kernel/sync/panic.c' in missed
    assert 'kernel/main.c' not in missed or missed.count('kernel/main.c') < 10
    bits.write_bytes(b'x')
    status, out = run(script, 'report', kernel, str(tmp_path))
    assert status == 1 and 'another kernel' in out


def tool(folder, text):
    """A program that stands in for one of the tools."""
    path = os.path.join(folder, 'tool')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('#!/bin/sh\n' + text)
    os.chmod(path, 0o755)
    return path


@pytest.mark.parametrize('script', ['tidy.py', 'sparse.py'])
@pytest.mark.parametrize('end, says', [('exit 3', 'status 3'), ('exit 1', 'status 1'), ('kill -SEGV $$', 'status -11'),
                                       ('exit 0', '')])
def test_a_tool_that_fails(tmp_path, script, end, says):
    """Without a word of its own, too; one that is not there."""
    status, out = run(os.path.join(CHECK, script), tool(tmp_path, end + '\n'), '-I.', 'one.c')
    assert status == bool(says) and says in out and out.count('\n') == status, out
    status, out = run(os.path.join(CHECK, script), str(tmp_path / 'gone'), '-I.', 'one.c')
    assert status == 1 and 'gone: No such file' in out and out.count('\n') == 1


def test_findings_of_tidy(tmp_path):
    """What it finds is shown as it says it."""
    status, out = run(os.path.join(CHECK, 'tidy.py'), tool(tmp_path, 'echo "one.c:3:1: error: bad [x]"; exit 1\n'),
                      '-I.', 'one.c')
    assert (status, out) == (1, 'one.c:3:1: error: bad [x]\n')


@pytest.mark.parametrize('text, says', [
    ('static int f(int __attribute__((noderef, address_space(1))) *p)\n{\n\treturn *p;\n}\n'
     'int g(void)\n{\n\treturn f(0);\n}\n', 'dereference of noderef'),
    ('int f(void)\n{\n\treturn (int };\n', 'Expected ) at end of cast'),
    ('int f(int a)\n{\n\treturn a;\n}\n', '')])
def test_findings_of_sparse(tmp_path, text, says):
    if not shutil.which('sparse'):
        pytest.fail('there is no sparse here', pytrace=False)
    (tmp_path / 'one.c').write_text(text, encoding='utf-8')
    status, out = run(os.path.join(CHECK, 'sparse.py'), 'sparse', '-I.', str(tmp_path / 'one.c'))
    assert status == bool(says) and says in out, out


def small_kernel(folder, files):
    """A tree with a few files."""
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)


def test_include_to_the_right(tmp_path, monkeypatch, capsys):
    includes = load(os.path.join(CHECK, 'includes.py'))
    small_kernel(tmp_path, {
        'kernel/lib/a.h': '#include "mm/b.h"\n', 'kernel/mm/b.h': '#include "lib/a.h"\n#include <types.h>\n',
        'kernel/include/types.h': '\n#include "mm/b.h"\n', 'kernel/attic/c.c': '#include "lib/a.h"\n',
        'kernel/debug/d.c': '#include "mm/b.h"\n'})
    monkeypatch.setattr(includes, 'ROOT', str(tmp_path))
    assert includes.main() == 1
    out = capsys.readouterr().out.splitlines()
    assert sorted(out) == [
        'kernel/attic/c.c:1: the room attic is not in the picture (tests/check/includes.py)',
        'kernel/include/types.h:2: kernel/include includes mm/b.h, of a room',
        'kernel/lib/a.h:1: lib includes mm/b.h, to its right']


def test_ceiling_of_lines(monkeypatch, capsys):
    lines = load(os.path.join(CHECK, 'lines.py'))
    monkeypatch.setattr(lines, 'CEILING', {'lib': 10, 'mm': 10})
    monkeypatch.setattr(lines, 'count', lambda: {'lib': 10, 'mm': 10})
    assert not lines.main() and 'too many' not in capsys.readouterr().out
    monkeypatch.setattr(lines, 'count', lambda: {'lib': 10, 'mm': 11, 'attic': 1})
    assert lines.main()
    bad = [line.split()[0] for line in capsys.readouterr().out.splitlines() if 'too many' in line]
    assert bad == ['mm', 'attic']


def test_page_of_calls(tmp_path, monkeypatch, capsys):
    """A call without a test, without a handler, with another number: said and failed, whether the page is
    written or looked at."""
    page = load(os.path.join(ROOT, 'kernel', 'syscall', 'abi_page.py'))
    path = tmp_path / 'abi.md'

    def main(*words):
        monkeypatch.setattr(sys, 'argv', ['abi_page.py', *words, str(path)])
        status = page.main()
        return status, capsys.readouterr().err
    programs, where, header = page.tests(), page.sources(), page.header()
    programs['every'] = {r.name for r in page.gen.parse(os.path.join(ROOT, 'kernel', 'syscall', 'syscalls.tbl'))}
    monkeypatch.setattr(page, 'tests', lambda: programs)
    assert main() == (0, '') and main('--check') == (0, '')
    path.write_text(path.read_text(encoding='utf-8') + 'x', encoding='utf-8')
    assert main('--check') == (1, f'{path} is stale: run make docs\n')
    monkeypatch.setattr(page, 'tests', lambda: {n: w - {'kcmp'} for n, w in programs.items()})
    monkeypatch.setattr(page, 'sources', lambda: {n: w for n, w in where.items() if n != 'mseal'})
    monkeypatch.setattr(page, 'header', lambda: {**header, 'brk': 1000})
    rows = page.gen.parse(os.path.join(ROOT, 'kernel', 'syscall', 'syscalls.tbl'))
    next(r for r in rows if r.name == 'finit_module').notes.clear()
    monkeypatch.setattr(page.gen, 'parse', lambda _: rows)
    for words in ((), ('--check',)):
        status, err = main(*words)
        assert status == 1
        for text in ('no word why finit_module is refused', 'no program of tests/abi makes kcmp', 'mseal has no sys_mseal',
                     'brk is 1000 in asm/unistd.h, not 214'):
            assert text in err, err


def test_abi_headers_find_changes():
    status, out = run(os.path.join(CHECK, 'abi_headers.py'), '--self-test')
    assert status == 0 and out.count('ok self-test') >= 8, out
