"""The wire is taken out and put in again (QEMU's set_link): netlink tells it, the ioctl and sysfs know it, and frames
pass again afterwards. And nobody takes frames from the wire: the card's watchdog says so and starts it anew."""
import os
import re
import socket
import sys

import pytest
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from netguest import HERE, Guest, talker  # noqa: E402
from link import Link  # noqa: E402
from peer import Peer, folder  # noqa: E402

pytestmark = pytest.mark.area('net')


def monitor(path, command):
    """A command for QEMU; its prompt afterwards says that it was done."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(60)
        s.connect(path)
        said = b''
        for wanted, line in ((1, command), (2, '')):
            while said.count(b'(qemu)') < wanted:
                said += s.recv(4096)
            s.sendall(line.encode() + b'\n')


def test_set_link(minimal_root, program, tmp_path):
    watch = program('linkwatch', os.path.join(HERE, 'linkwatch.c'))
    path = os.path.join(folder(tmp_path), 'monitor')
    with Link(folder(tmp_path)) as link, Peer(link) as host:
        words = [*link.options, '--append', 'ip=10.9.0.2:::255.255.255.0::eth0:off', '--with', watch,
                 '--qemu-arg', '-monitor', '--qemu-arg', f'unix:{path},server=on,wait=off']
        with Guest(minimal_root, words, ['/linkwatch']) as guest:
            assert guest.lines(1) == ['watching']
            host.ping()
            monitor(path, 'set_link net0 off')
            assert guest.lines(2)[1] == 'netlink up, ioctl up, down, carrier 0'
            seen = host.seen['icmp 0']
            monitor(path, 'set_link net0 on')
            assert guest.lines(3)[2] == 'netlink up running lower, ioctl up running, up, carrier 1'
            host.ping()
            assert host.seen['icmp 0'] == seen + 1


def test_watchdog(minimal_root, program, tmp_path):
    """Senders are stuck when the ring is full, and go on when the card was reset; then all is as it was."""
    with Link(folder(tmp_path)) as link:
        log = os.path.join(folder(tmp_path), 'log')
        with talker(minimal_root, link, program, ['serve,7000,end', '10.9.0.1,9,flood', 'serve,7001,end'], log=log) as guest:
            with Peer(link) as host:
                host.connect(7000, tries=500).finish()
                guest.lines(1)
            # Nobody reads any more.
            assert guest.lines(2)[1] == 'flood: stuck, end'
            with open(log, encoding='utf-8') as f:
                text = f.read()
            assert re.search(r'eth0: NETDEV WATCHDOG: transmit queue 0 timed out \d+ ms', text)
            assert 'eth0: reset: it sends nothing' in text
            with Peer(link) as host:
                host.ping()
                host.connect(7001, tries=500).finish()
                assert guest.lines(3)[2] == 'end: 0 bytes, end'
