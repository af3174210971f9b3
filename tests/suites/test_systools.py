"""Debian's procps, util-linux, psmisc, lsof, less and tmux, unmodified, say on Tarn what they said on Linux
(systools.py); and a TAR archive in a file is mounted by their mount(8) and losetup(8).
"""
import difflib
import os
import re

import pytest
import rootfs
import systools
from conftest import BUILD, CACHE, describe, need_file, run_tarn

pytestmark = pytest.mark.area('suites')

SETUP = b"""export PATH=/usr/sbin:/usr/bin LC_ALL=C TERM=linux HOME=/root
cd /tmp
"""
# A foreign archive, which becomes larger at the first write; one by hand, and one that lets go by itself.
LOOP = SETUP + b"""set -e
cp /a.tar /tmp/x.tar
truncate -s +4M x.tar
mkdir -p m
mount -o loop -t tarfs x.tar m
cat m/hello
losetup -n -l -O NAME,AUTOCLEAR,RO,BACK-FILE
findmnt -n -o SOURCE,FSTYPE m
echo new > m/new
mkdir m/folder
sync
umount m
losetup -a | wc -l
d=$(losetup -f --show -r x.tar)
echo $d
lsblk -n -o NAME,RO,TYPE $d
mount -t tarfs -o ro $d m
cat m/new
umount m
losetup -d $d
losetup -a | wc -l
mount -t tarfs -o loop,ro /a.tar m
ls m
umount m
"""
LOOP_SAYS = """hello
/dev/loop0 1 0 /tmp/x.tar
/dev/loop0 tarfs
0
/dev/loop0
loop0 1 loop
new
0
hello
"""


def sections(text):
    """Dict title -> its lines."""
    parts = re.split(r'^== (.*)\n', text, flags=re.M)
    return {title: body.splitlines() for title, body in zip(parts[1::2], parts[2::2])}


with open(os.path.join(systools.HERE, 'systools.expected'), encoding='utf-8') as expected:
    EXPECTED = sections(expected.read())


def run(*words, more=None):
    """A command in their root."""
    need_file(os.path.join(CACHE, 'systools'), 'could not be fetched')
    os.makedirs(os.path.join(BUILD, 'suites'), exist_ok=True)
    root = rootfs.write_tar(os.path.join(BUILD, 'suites', 'systools.tar'), {**systools.table(CACHE), **(more or {})})
    return run_tarn('--smp', '2', '--mem', '1G', '--net', 'none', root=root, command=list(words), timeout=200)


@pytest.fixture(scope='module')
def said():
    """(what the script said by section, how the run ended)"""
    got = run('/bin/sh', '-c', 'exec < /dev/null; exec bash /systools.sh 2>&1')
    return sections(got.out.decode(errors='backslashreplace')), describe(got)


@pytest.mark.parametrize('name', list(EXPECTED))
def test_systools(said, name):
    text, end = said
    wanted, actual = EXPECTED[name], text.get(name, [])
    if actual != wanted:
        diff = [line for line in difflib.unified_diff(wanted, actual, 'linux', 'tarn', n=0, lineterm='')
                if line[:1] in '+-'][2:]
        pytest.fail(f'{len(diff)} lines differ ({end}): ' + ' / '.join(diff)[:1500], pytrace=False)


def test_loop(tmp_path):
    archive = rootfs.write_tar(str(tmp_path / 'a.tar'), {'hello': (0o644, b'hello\n')})
    got = run('bash', '-c', LOOP.decode(), more={'a.tar': (0o644, rootfs.read(archive))})
    assert got.out.decode() == LOOP_SAYS, describe(got)
