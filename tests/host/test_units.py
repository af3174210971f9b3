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


def posix_fuzzers():
    """What libposix.mk builds: a file each."""
    return ['fuzz_posix_' + f[5:-2] for f in os.listdir(os.path.join(TESTS, 'host', 'libposix')) if re.fullmatch(r'fuzz_\w+\.c', f)]


def programs():
    """What host.mk says it builds."""
    done = subprocess.run(['make', '-s', '-f', os.path.join(TESTS, 'host', 'host.mk'), f'TESTS={os.path.relpath(TESTS, ROOT)}',
                           'host-test-names'], cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(set(done.stdout.split()) - ELSEWHERE)


PROGRAMS = programs()
FUZZERS = [n for n in sorted({*re.findall(r'\$\(HOST_B\)/(fuzz_\w+)', makefile()), *posix_fuzzers()}) if n != 'fuzz_tar']


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
    record = struct.pack('<8sQIIII480x', b'TarnRedo', 2, 2, 0, 0, 1)
    record += struct.pack('<QIIQII480x', 4, 1, 0, 5, 2, 1) + b'y' * 512 + archive[:512]
    # A second one of the chain: another image of a sector, and one that is gone.
    record += struct.pack('<8sQIIIIQQI460x', b'TarnRedo', 3, 1, 0, 0, 1, 0, 0, 1)
    record += struct.pack('<QIIQII480x', 4, 1, 0, 5, 0, 0) + b'z' * 512
    for first in range(8):
        with open(os.path.join(folder, f'{first}'), 'wb') as f:
            f.write(bytes([first]) + struct.pack('<H', len(archive) // 32) + archive + record)


def posix_seeds(folder, seeds):
    """Files of these bytes, for the targets of libposix.mk."""
    for number, seed in enumerate(seeds):
        with open(os.path.join(folder, str(number)), 'wb') as f:
            f.write(seed)


def halves(first, pattern, text):
    """What fuzz_regex and fuzz_glob take: flags, how long the pattern is, the pattern and the text."""
    return bytes([first, len(pattern)]) + pattern + text


def zone_file():
    """A TZif file of version 2 with two kinds and a footer."""
    def block(size, form):
        counts = struct.pack('>4sc15x6I', b'TZif', b'2', 0, 0, 0, 2, 2, 8)
        return counts + struct.pack(f'>2{form}', 1000, 2000) + bytes([0, 1]) \
            + struct.pack('>iBBiBB', 3600, 0, 0, 7200, 1, 4) + b'ABC\0DEF\0'
    return block(4, 'i') + block(8, 'q') + b'\nABC-1DEF,M3.5.0,M10.5.0/3\n'


POSIX_SEEDS = {
    'printf': [struct.pack('<d', x) + bytes([flags, 12, 20, kind, conv, conv]) + b'text'
               for x in (0.1, -1e300, 5e-324, 123456.5, float('inf')) for flags in (0, 0x61, 0x7f) for kind in range(4)
               for conv in range(0, 8, 3)],
    'strtod': [b'\x0a' + s for s in (b'1.5', b'-0x1.8p3', b'inf', b'nan(12)', b'1e400', b'4.9406564584124654e-324', b'0x', b'1e+',
                                     b'9007199254740993', b'2.2250738585072011e-308', b'18446744073709551616')],
    'scan': [bytes([k]) + s for k in range(0, 12) for s in (b'12 34', b'-1,2', b'0x1f ', b'5%6')]
            + [bytes([k]) + b'abc,def ]a' for k in range(100, 110)] + [bytes([k]) + b'1.5,2.25' for k in range(200, 203)],
    'regex': [halves(k, p, b'abcabcd ab') for k in (0, 1, 3, 0xf1) for p in (b'a*b', b'(a|ab)(c|bcd)*', b'[[:alpha:]]+', b'^a.c$',
                                                                            b'(a*)*b', b'a{2,3}', b'\\(a\\)\\1', b'[^a-c]')],
    'glob': [halves(k, p, b'ab/.cd') for k in (0, 1, 5, 0x20, 0x7f) for p in (b'a*/*', b'?b*', b'[a-c]*', b'{a,b}*', b'*.*', b'\\a*')],
    'dns': [bytes.fromhex('123481800001000100000000') + b'\3www\7example\3org\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0\0\1\0\4\1\2\3\4',
            bytes.fromhex('123481800001000100000000') + b'\1a\0\0\5\0\1\xc0\x0c\0\5\0\1\0\0\0\1\0\4\1b\xc0\x0c'],
    'zone': [bytes([3 * k] + [5, 1, 7, 30, 1] + [j * 40] * 10) for k in range(3) for j in range(5)]
            + [b'\1EST5EDT,M3.2.0,M11.1.0' + bytes(8), b'\1<+03>-3' + bytes(16), b'\2\1' + zone_file(), b'\2\0' + zone_file()],
    'malloc': [bytes(k * 7 * i % 256 for i in range(120)) for k in range(1, 9)],
}
SEEDS = {'fuzz_index': index_seeds, 'fuzz_store': store_seeds,
         **{f'fuzz_posix_{name}': lambda folder, seeds=seeds: posix_seeds(folder, seeds) for name, seeds in POSIX_SEEDS.items()}}


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
    # What is held against the host's C library runs a number of times: the same each time.
    bound = ['-runs=20000', '-max_total_time=4'] if name.startswith('fuzz_posix') else [f'-max_total_time={SECONDS}']
    words = [program, *bound, '-seed=1', '-timeout=10', '-rss_limit_mb=1024', f'-artifact_prefix={tmp_path}/', str(tmp_path)]
    code, out = run(words + ([corpus] if os.path.isdir(corpus) else []))
    assert code == 0, out[-800:]
