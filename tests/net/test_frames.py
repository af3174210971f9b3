"""Frames of frames.py into the machine's card: it lives, answers pings and takes connections. `make test-abuse` sends
many more, to the debug kernel."""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import peer  # noqa: E402
from conftest import BUILD  # noqa: E402
from frames import Frames  # noqa: E402
from netguest import Guest  # noqa: E402
from link import Link  # noqa: E402

pytestmark = pytest.mark.area('net', points=2)

LONG = os.environ.get('ABUSE') == 'long'
TURNS, EACH = (400, 500) if LONG else (4, 250)


@pytest.mark.parametrize('seed', range(1, 9 if LONG else 3))
def test_frames(seed, minimal_root, program, tmp_path):
    words = ['--smp', '2', '--append', 'ip=10.9.0.2:::255.255.255.0::eth0:off', '--with',
             program('sink', os.path.join(HERE, 'sink.c'))]
    if LONG:
        words += ['--kernel', os.path.join(BUILD, 'debug', 'tarn.elf')]
    with Link(peer.folder(tmp_path)) as link, peer.Peer(link) as host:
        with Guest(minimal_root, [*words, *link.options], ['/sink']) as guest:
            guest.lines(1)
            host.ping(tries=200)
            for turn in range(TURNS):
                connection = host.connect(7000, tries=100)

                def numbers(c=connection):
                    return c.port, 7000, c.nxt, c.rcv_nxt

                frames = Frames(f'{seed} {turn}', (host.neighbours[peer.MACHINE], peer.MACHINE),
                                (host.link_address, host.address), numbers)
                for frame in frames.take(EACH):
                    link.send(frame)
                # Some told a wrong link address of ours.
                host.ask(peer.MACHINE)
                host.ping()
                connection.abort()
                assert guest.process.poll() is None
