"""Debian's iproute2, net-tools and ping, unmodified, say on Tarn what they said on Linux (nettools.py): addresses,
routes and rules of both versions, their errors, the old tools' ioctls, ping over the loopback; then ss of all
kinds of sockets, what nstat and netstat count, and /proc/net.
"""
import difflib
import os
import re

import nettools
import pytest
import rootfs
from conftest import BUILD, CACHE, describe, need_file, run_tarn

pytestmark = pytest.mark.area('suites')


def sections(text):
    """Dict title -> its lines."""
    parts = re.split(r'^== (.*)\n', text, flags=re.M)
    return {title: body.splitlines() for title, body in zip(parts[1::2], parts[2::2])}


def expected(name):
    """What Linux said, by section."""
    with open(os.path.join(nettools.HERE, f'{name}.expected'), encoding='utf-8') as file:
        return sections(file.read())


EXPECTED = {name: expected(name) for name in nettools.NAMES}


@pytest.fixture(scope='module')
def said():
    """said(script): (what was said by section, how the run ended)"""
    runs = {}

    def run(name):
        if name not in runs:
            need_file(os.path.join(CACHE, 'nettools' if name == 'nettools' else 'netapps'), 'could not be fetched')
            os.makedirs(os.path.join(BUILD, 'suites'), exist_ok=True)
            root = rootfs.write_tar(os.path.join(BUILD, 'suites', f'{name}.tar'), nettools.table(CACHE, name))
            got = run_tarn('--smp', '2', '--net', 'none', root=root,
                           command=['/bin/sh', '-c', f'exec sh /{name}.sh 2>&1'], timeout=500)
            runs[name] = sections(got.out.decode(errors='backslashreplace')), describe(got)
        return runs[name]
    return run


@pytest.mark.parametrize('script,name', [(script, name) for script in EXPECTED for name in EXPECTED[script]])
def test_nettools(said, script, name):
    text, end = said(script)
    wanted, actual = EXPECTED[script][name], text.get(name, [])
    if actual != wanted:
        diff = [line for line in difflib.unified_diff(wanted, actual, 'linux', 'tarn', n=0, lineterm='')
                if line[:1] in '+-'][2:]
        pytest.fail(f'{len(diff)} lines differ ({end}): ' + ' / '.join(diff)[:700], pytrace=False)
