"""The host unit tests (kernel code under ASan and UBSan) and a short run of the fuzz targets."""
import importlib
import io
import os
import re
import struct
import subprocess
import sys
import tarfile

import pytest
from conftest import HERE as TESTS, ROOT, need_file

HOST = os.path.join(ROOT, 'build', 'host')
SECONDS = 10
ELSEWHERE = {'test_tar', 'test_tarfs'}      # test_tar.py runs them, and fuzz_tar


def makefile():
    """tests/host/host.mk"""
    with open(os.path.join(TESTS, 'host', 'host.mk'), encoding='utf-8') as f:
        return f.read()


def programs():
    """What host.mk says it builds."""
    done = subprocess.run(['make', '-s', '-f', os.path.join(TESTS, 'host', 'host.mk'), f'TESTS={os.path.relpath(TESTS, ROOT)}',
                           'host-test-names'], cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(set(done.stdout.split()) - ELSEWHERE)


PROGRAMS = programs()
FUZZERS = [n for n in sorted(set(re.findall(r'\$\(HOST_B\)/(fuzz_\w+)', makefile()))) if n != 'fuzz_tar']


def run(words):
    """Run a host program; its output."""
    done = subprocess.run(words, capture_output=True, text=True, errors='replace', cwd=ROOT,
                          timeout=300, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.area('host', points=2)
@pytest.mark.parametrize('name', PROGRAMS)
def test_program(name):
    program = need_file(os.path.join(HOST, name), 'did not compile, see test-build.log')
    code, out = run([program])
    bad = [line for line in out.splitlines() if line.startswith('FAIL')]
    assert not bad, '; '.join(bad)
    assert code == 0, f'status {code}: {out[-600:]}'
    assert re.search(r'^ok ', out, re.M), 'it ran no test'


def index_seeds(folder):
    """Streams as kernel/fs/tarfs/index.c has them, for fuzz_index: a file, a link to it, a folder with a sparse file."""
    def nums(*values):
        out = b''
        for v in values:
            while v > 127:
                out, v = out + bytes([v & 127 | 128]), v >> 7
            out += bytes([v])
        return out

    def node(mode=0o644):
        return nums(mode, 0, 0, 12, 5, 0, 5, 0, 5)

    def name(tag, text):
        return bytes([tag, len(text)]) + text + nums(0, 2)

    root, up = node(0o755) + nums(0, 0, 0, 0, 0), b'\xff'
    file = name(16 | 64, b'a') + nums(7) + node() + nums(600, 2, 2)
    again = name(8 | 16, b'b') + nums(7)
    sparse = name(32, b's') + node() + nums(9000, 3, 1) + nums(1, 10, 20, 1024) + nums(1, 6) + b'user.a' + nums(2) + b'xy'
    whole = root + file + again + name(5, b'd') + node(0o755) + sparse + up + name(2, b'l') + node() + nums(1) + b't' \
        + name(3, b'c') + node() + nums(5, 6) + up + nums(1, 2)
    for number, (nodes, pads, stream) in enumerate([(1, 0, root + up), (2, 0, root + file + again + up), (6, 1, whole)]):
        with open(os.path.join(folder, f'{number}'), 'wb') as f:
            f.write(bytes([0, 0, nodes, pads]) + stream)


def store_seeds(folder):
    """A small archive and a record of the journal behind it, for fuzz_store, under each of its first bytes."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode='w', format=tarfile.PAX_FORMAT) as tar:
        for name, kind, link, data in (
                ('d', tarfile.DIRTYPE, '', b''), ('d/f', tarfile.REGTYPE, '', b'x' * 700), ('h', tarfile.LNKTYPE, 'd/f', b''),
                ('s', tarfile.SYMTYPE, 'd', b''), ('s/x', tarfile.REGTYPE, '', b'abc'), ('n' * 150, tarfile.REGTYPE, '', b'')):
            m = tarfile.TarInfo(name)
            m.type, m.linkname, m.size = kind, link, len(data)
            tar.addfile(m, io.BytesIO(data))
    archive = raw.getvalue().rstrip(b'\0')
    archive += bytes(-len(archive) % 512 + 1024)
    record = struct.pack('<8sQII488x', b'TarnRedo', 2, 2, 0)
    record += struct.pack('<QIIQII480x', 4, 1, 0, 5, 2, 1) + b'y' * 512 + archive[:512]
    for first in range(8):
        with open(os.path.join(folder, f'{first}'), 'wb') as f:
            f.write(bytes([first]) + struct.pack('<H', len(archive) // 32) + archive + record)


SEEDS = {'fuzz_index': index_seeds, 'fuzz_store': store_seeds}


@pytest.mark.area('host', points=2)
@pytest.mark.parametrize('name', FUZZERS)
def test_fuzz(name, tmp_path):
    """libFuzzer, a fixed seed, a few seconds: no crash, no leak, no hang."""
    program = need_file(os.path.join(HOST, name), 'did not compile, see test-build.log')
    corpus = os.path.join(TESTS, 'host', 'corpus', name)
    if name == 'fuzz_net':
        corpus = str(tmp_path / 'frames')
        os.mkdir(corpus)
        sys.path.insert(0, os.path.join(TESTS, 'net'))
        importlib.import_module('frames').write_corpus(corpus)
    elif name in SEEDS:
        corpus = str(tmp_path / 'seeds')
        os.mkdir(corpus)
        SEEDS[name](corpus)
    words = [program, f'-max_total_time={SECONDS}', '-seed=1', '-timeout=10', '-rss_limit_mb=1024',
             f'-artifact_prefix={tmp_path}/', str(tmp_path)]
    code, out = run(words + ([corpus] if os.path.isdir(corpus) else []))
    assert code == 0, out[-800:]
