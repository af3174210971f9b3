"""Two Tarn machines on one wire, frames as datagrams between their QEMUs: they find each other by ARP and by
neighbour discovery, and exchange bytes by TCP and datagrams by UDP over IPv4 and over IPv6 link-local addresses."""
import os
import sys

import pytest
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from netguest import Guest, talk  # noqa: E402
from peer import folder  # noqa: E402

pytestmark = pytest.mark.area('net', points=3)

SIZE = 1 << 20
BOTH = """
ip addr add {ours}/24 dev eth0
ip link set eth0 up
ip addr add {six}/64 dev eth0
"""
SERVER = BOTH + f'/talk serve,7000,exchange,{SIZE} serve,7001,exchange,{SIZE} serve,7002,udp serve,7003,udp'
CLIENT = BOTH + f"""
until ping -c 1 -W 1 10.9.0.1 > /dev/null; do :; done
until ping -6 -c 1 -W 1 fe80::a%eth0 > /dev/null; do :; done
ping -c 3 -i 0.1 -s 4000 10.9.0.1 | grep packets
ping -6 -c 3 -i 0.1 -s 4000 fe80::a%eth0 | grep packets
/talk 10.9.0.1,7000,exchange,{SIZE} fe80::a%eth0,7001,exchange,{SIZE} 10.9.0.1,7002,udp,50 fe80::a%eth0,7003,udp,50
"""


def test_two_machines(busybox_root, program, tmp_path):
    """All that the one sends arrives at the other."""
    here, there = (os.path.join(folder(tmp_path), name) for name in ('a', 'b'))

    def machine(wire, script, **address):
        return Guest(busybox_root, ['--net', f'dgram={wire}', '--with', talk(program)],
                     ['sh', '-c', script.format(**address)])

    with machine(f'{here},{there}', SERVER, ours='10.9.0.1', six='fe80::a') as server, \
            machine(f'{there},{here}', CLIENT, ours='10.9.0.2', six='fe80::b') as client:
        assert client.lines(6) == [
            '3 packets transmitted, 3 packets received, 0% packet loss'] * 2 + [
            f'exchange: {SIZE} bytes, end'] * 2 + ['udp: end'] * 2
        assert server.lines(4) == [f'exchange: {SIZE} bytes, end'] * 2 + ['udp: end'] * 2
