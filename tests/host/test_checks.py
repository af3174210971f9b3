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
    rest = [os.path.join(BUILD, 'root-min.tar'), '--', 'false']
    # a copy of the kernel counts as another one
    other = shutil.copy(kernel, tmp_path / 'other.elf')
    status, out = run(script, 'run', kernel, str(plugin), str(tmp_path), *boot, str(other), *rest)
    assert not bits.exists()
    status, out = run(script, 'run', kernel, str(plugin), str(tmp_path), *boot, kernel, *rest)
    assert status == 1 and 'coverage: ' in out and 'failed (status 1)' in out, out
    status, out = run(script, 'report', kernel, str(tmp_path))
    assert status == 0, out
    with open(tmp_path / 'lines.txt', encoding='utf-8') as f:
        missed = [line.split(':')[0] for line in f]
    assert 'kernel/sync/panic.c' in missed
    assert 'kernel/main.c' not in missed or missed.count('kernel/main.c') < 10
    bits.write_bytes(b'x')
    status, out = run(script, 'report', kernel, str(tmp_path))
    assert status == 1 and 'another kernel' in out
