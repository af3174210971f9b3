"""Several networks in one machine (netns_storm.sh, martians.sh), by Debian's ip and ping."""
import os

import nettools
import pytest
import rootfs
from conftest import BUILD, CACHE, describe, need_file, run_tarn

pytestmark = pytest.mark.area('suites')


def run(name, *args, harts):
    """One of the scripts: how it ended."""
    need_file(os.path.join(CACHE, 'nettools'), 'could not be fetched')
    os.makedirs(os.path.join(BUILD, 'suites'), exist_ok=True)
    script = rootfs.read(os.path.join(nettools.HERE, f'{name}.sh'))
    root = rootfs.write_tar(os.path.join(BUILD, 'suites', f'{name}.tar'),
                            {**nettools.table(CACHE, 'netns'), f'{name}.sh': (0o755, script),
                             'usr/bin/wc': 'busybox'})
    got = run_tarn('--smp', str(harts), '--net', 'none', root=root,
                   command=['/bin/sh', f'/{name}.sh', *args], timeout=280)
    return got, got.out.decode(errors='replace').replace('\r', '').split()


@pytest.mark.parametrize('harts', (1, 4))
def test_storm(harts):
    got, words = run('netns_storm', '6', harts=harts)
    assert words == ['lo', 'over'], describe(got)


def test_martians_are_logged_if_asked():
    got, words = run('martians', harts=2)
    assert words == ['1', 'over'], describe(got)
    told = [line for line in got.log.splitlines() if 'martian' in line]
    assert len(told) == 1 and 'source 10.5.0.1 for 10.5.0.4 on v0' in told[0], told
