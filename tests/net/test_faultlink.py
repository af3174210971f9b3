"""faultlink.c, the bad wire that `make test-iperf` puts between tap devices: what it refuses, and what it does."""
import os
import socket
import subprocess

import pytest
from conftest import BUILD

HERE = os.path.dirname(os.path.abspath(__file__))
pytestmark = pytest.mark.area('net')


@pytest.fixture(scope='module')
def faultlink():
    """The program, compiled."""
    out = os.path.join(BUILD, 'faultlink')
    os.makedirs(BUILD, exist_ok=True)
    subprocess.run(['gcc', '-O2', '-Wall', '-Wextra', '-Werror', '-o', out, os.path.join(HERE, 'faultlink.c')], check=True)
    return out


@pytest.mark.parametrize('words,says', [
    ('', 'two ends are joined, not 0'), ('tap:x', 'not 1'), ('foo tap:x', 'foo: an end is'),
    ('--loss 5 tap:a tap:b', '--loss 5: a number from 0 to 100, with a %'), ('--loss 101% tap:a tap:b', '101%'),
    ('--loss nan% tap:a tap:b', 'nan%'), ('--delay -1 tap:a tap:b', '--delay -1'), ('--rate x tap:a tap:b', '--rate x'),
    ('--bogus tap:a tap:b', 'bogus'), ('tap:a-name-that-is-long tap:b', 'no name of a device'),
    ('dgram:a tap:b', 'HERE,THERE'), (f'dgram:{"x" * 108},b tap:b', 'too long')])
def test_refuses(faultlink, words, says):
    """One line, and status 2, before anything is opened."""
    done = subprocess.run([faultlink, *words.split()], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2 and says in done.stderr and done.stderr.count('\n') == 1


def passes(faultlink, folder, options, frames):
    """What arrives of frames, and what faultlink says in the end."""
    paths = {name: os.path.join(folder, name) for name in 'abcd'}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as left, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as right:
        left.bind(paths['a'])
        right.bind(paths['d'])
        right.settimeout(2)
        ends = [f'dgram:{paths["b"]},{paths["a"]}', f'dgram:{paths["c"]},{paths["d"]}']
        with subprocess.Popen([faultlink, *options, *ends], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            assert process.stdout.readline() == 'ready\n'
            got = []
            for frame in frames:
                left.sendto(frame, paths['b'])
            try:
                while True:
                    got.append(right.recv(2000))
            except TimeoutError:
                pass
            process.terminate()
            said = process.communicate(timeout=60)[1]
            assert process.returncode == 0
    for path in paths.values():
        os.unlink(path)
    return got, said


def test_faults(faultlink, tmp_path, monkeypatch):
    """Each fault happens, as often as it should; the same seed does the same."""
    monkeypatch.chdir(tmp_path)
    frames = [i.to_bytes(4, 'big') * 40 for i in range(400)]
    clean, said = passes(faultlink, '.', [], frames)
    assert clean == frames and '400 frames, 0 lost' in said
    lossy, said = passes(faultlink, '.', ['--seed', '7', '--loss', '10%', '--duplicate', '10%'], frames)
    assert lossy == passes(faultlink, '.', ['--seed', '7', '--loss', '10%', '--duplicate', '10%'], frames)[0]
    assert 15 < len(set(frames) - set(lossy)) < 80 and 15 < len(lossy) - len(set(lossy)) < 80
    assert lossy == sorted(lossy)
    mixed, said = passes(faultlink, '.', ['--reorder', '10%', '--late', '50', '--corrupt', '10%'], frames)
    assert len(mixed) == 400 and 15 < len(set(frames) - set(mixed)) < 80
    assert mixed != sorted(mixed)
    spoilt = [f for f in mixed if f not in set(frames)]
    assert all(f[:14] in {g[:14] for g in frames} for f in spoilt)
