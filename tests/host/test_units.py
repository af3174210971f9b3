"""The host unit tests (kernel code under ASan and UBSan) and a short run of the fuzz targets."""
import importlib
import os
import re
import subprocess
import sys

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
    words = [program, f'-max_total_time={SECONDS}', '-seed=1', '-timeout=10', '-rss_limit_mb=1024',
             f'-artifact_prefix={tmp_path}/', str(tmp_path)]
    code, out = run(words + ([corpus] if os.path.isdir(corpus) else []))
    assert code == 0, out[-800:]
