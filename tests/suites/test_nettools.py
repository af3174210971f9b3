"""Debian's iproute2, net-tools and ping, unmodified, say on Tarn what they said on Linux (nettools.py): addresses,
routes and rules of both versions, their errors, the old tools' ioctls and /proc/net, ping over the loopback.
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


with open(os.path.join(nettools.HERE, 'nettools.expected'), encoding='utf-8') as expected_file:
    EXPECTED = sections(expected_file.read())


@pytest.fixture(scope='module')
def said():
    """(what was said by section, how the run ended)"""
    need_file(os.path.join(CACHE, 'nettools'), 'could not be fetched')
    root = rootfs.write_tar(os.path.join(BUILD, 'suites', 'nettools.tar'), nettools.table(CACHE))
    got = run_tarn('--smp', '2', '--net', 'none', root=root, command=['/bin/sh', '-c', 'exec sh /nettools.sh 2>&1'], timeout=150)
    return sections(got.out.decode(errors='backslashreplace')), describe(got)


@pytest.mark.parametrize('name', EXPECTED)
def test_nettools(said, name):
    actual = said[0].get(name, [])
    if actual != EXPECTED[name]:
        diff = [line for line in difflib.unified_diff(EXPECTED[name], actual, 'linux', 'tarn', n=0, lineterm='')
                if line[:1] in '+-'][2:]
        pytest.fail(f'{len(diff)} lines differ ({said[1]}): ' + ' / '.join(diff)[:700], pytrace=False)
