"""Debian's tcpdump, unmodified, sees on Tarn what passes: by its ring, with filters that the kernel runs, and
nothing is lost."""
import os
import re

import pytest
import rootfs
import suites
from conftest import BUILD, CACHE, describe, need_file, run_tarn

pytestmark = pytest.mark.area('net')

SCRIPT = b"""
run() {	# what passes while a command runs: run EXPRESSION COUNT COMMAND...
	rm -f err
	tcpdump -Z root -n -t --immediate-mode -c $2 $1 > out 2> err &
	until grep -q listening err 2> /dev/null; do sleep 0.1; done
	shift 2
	"$@" > /dev/null
	wait
	cat out
	grep packet err
}
cd /tmp
ip link set lo up
echo '== icmp'
run '-i lo icmp' 4 ping -c 2 -i 0.2 127.0.0.1
echo '== filter'
run '-i lo icmp[0]=0 and len>90' 2 ping -c 2 -i 0.2 127.0.0.1
echo '== any'
run '-i any -q icmp' 1 ping -c 1 127.0.0.1
echo '== snaplen'
run '-i lo -s 30 icmp' 1 ping -c 1 127.0.0.1
echo '== end'
"""
APPLETS = 'sh grep sleep cat ip ping rm'.split()
REQUEST = 'IP 127.0.0.1 > 127.0.0.1: ICMP echo request, id N, seq %d, length 64'
REPLY = 'IP 127.0.0.1 > 127.0.0.1: ICMP echo reply, id N, seq %d, length 64'


@pytest.fixture(scope='module')
def said():
    """What was printed, by section, and how the run ended."""
    tools = need_file(os.path.join(CACHE, 'tcpdump'), 'could not be fetched')
    table = {**rootfs.FOLDERS, 'bin': 'usr/bin', 'sbin': 'usr/sbin', 'lib': 'usr/lib', 'proc': None, 'sys': None,
             'dev': None, **suites.folder(os.path.join(tools, 'usr'), 'usr'),
             'usr/bin/busybox': rootfs.read(os.path.join(CACHE, 'busybox', 'busybox')),
             'tcpdump.sh': (0o755, SCRIPT)}
    table.update({f'usr/bin/{name}': 'busybox' for name in APPLETS})
    root = rootfs.write_tar(os.path.join(BUILD, 'suites', 'tcpdump.tar'), table)
    got = run_tarn('--smp', '2', root=root, command=['/bin/sh', '/tcpdump.sh'], timeout=150)
    text = re.sub(r'\bid \d+', 'id N', got.out.decode(errors='backslashreplace'))
    parts = re.split(r'^== (.*)\n', text, flags=re.M)
    return {title: body.splitlines() for title, body in zip(parts[1::2], parts[2::2])}, describe(got)


def counts(lines):
    """How many were captured, and how many lost."""
    found = re.findall(r'^(\d+) packets? (captured|dropped)', '\n'.join(lines), re.M)
    return {what: int(n) for n, what in found}


@pytest.mark.parametrize('name,want', [
    ('icmp', [REQUEST % 0, REPLY % 0, REQUEST % 1, REPLY % 1]), ('filter', [REPLY % 0, REPLY % 1]),
    ('snaplen', ['IP  [|ip]'])])
def test_lines(said, name, want):
    lines = said[0].get(name, [])
    assert lines[:len(want)] == want, said[1]
    assert counts(lines) == {'captured': len(want), 'dropped': 0}


def test_any(said):
    """The device that is all of them says which one it was, and which way."""
    lines = said[0].get('any', [])
    assert lines and re.match(r'lo +In +IP 127\.0\.0\.1 > 127\.0\.0\.1: ICMP echo request', lines[0]), said
