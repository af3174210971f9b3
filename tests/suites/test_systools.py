"""Debian's procps, util-linux, psmisc and lsof, unmodified, say on Tarn what they said on Linux (systools.py):
processes, memory, mounts, devices, locks, terminals, and the files of /proc and /sys that they open.
"""
import difflib
import os
import re

import pytest
import rootfs
import systools
from conftest import BUILD, CACHE, describe, need_file, run_tarn


def sections(text):
    """{title: lines}"""
    parts = re.split(r'^== (.*)\n', text, flags=re.M)
    return {title: body.splitlines() for title, body in zip(parts[1::2], parts[2::2])}


def expected():
    """What Linux said, by section."""
    with open(os.path.join(systools.HERE, 'systools.expected'), encoding='utf-8') as file:
        return sections(file.read())


EXPECTED = expected()


@pytest.fixture(scope='module')
def spoken():
    """(what was said by section, how the run ended)"""
    need_file(os.path.join(CACHE, 'systools'), 'could not be fetched')
    os.makedirs(os.path.join(BUILD, 'suites'), exist_ok=True)
    root = rootfs.write_tar(os.path.join(BUILD, 'suites', 'systools.tar'), systools.table(CACHE))
    got = run_tarn('--smp', '2', '--net', 'none', root=root,
                   command=['/bin/bash', '-c', 'exec bash /systools.sh 2>&1 < /dev/null'], timeout=200)
    return sections(got.out.decode(errors='backslashreplace')), describe(got)


@pytest.mark.parametrize('name', EXPECTED)
def test_systools(spoken, name):
    text, end = spoken
    wanted, actual = EXPECTED[name], text.get(name, [])
    if actual != wanted:
        diff = [line for line in difflib.unified_diff(wanted, actual, 'linux', 'tarn', n=0, lineterm='')
                if line[:1] in '+-'][2:]
        pytest.fail(f'{len(diff)} lines differ ({end}): ' + ' / '.join(diff)[:700], pytrace=False)
