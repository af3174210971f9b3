"""Tarn and a peer of ours (peer.py) on one wire that loses, repeats, delays and spoils frames: all bytes arrive once
and in order in both directions, and connections end as RFC 9293 and 5961 have it. No privileges are needed."""
import os
import struct
import sys
import time

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import peer  # noqa: E402
import wire  # noqa: E402
from netguest import talker  # noqa: E402
from link import Faults, Link  # noqa: E402

pytestmark = pytest.mark.area('net', points=2)

MIB = 1 << 20


def stream(seed, n):
    """The n bytes that talk.c sends."""
    out = []
    state = seed
    for _ in range(-(-n // 8)):
        state = (state * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff
        out.append(state)
    return struct.pack(f'<{len(out)}Q', *out)[:n]


FAULTS = {
    'clean': Faults(),
    'loss': Faults(seed=11, loss=.02, delay=.001),
    'disorder': Faults(seed=12, reorder=.05, duplicate=.03, delay=.001),
    'all': Faults(seed=13, loss=.03, reorder=.05, duplicate=.03, corrupt=.02, delay=.002),
}


@pytest.mark.parametrize('name,harts', [('clean', 1), ('loss', 2), ('disorder', 4), ('all', 2)])
def test_bytes(name, harts, minimal_root, program, tmp_path):
    """Some MiB each way, by connections that either side opens."""
    size = MIB // 2 + 12345
    theirs, ours = {True: stream(2, size), False: stream(1, size)}, stream(1, size)
    with Link(peer.folder(tmp_path), FAULTS[name]) as link, peer.Peer(link) as host:
        listener = host.listen(7001)
        steps = [f'serve,7000,exchange,{size}', f'10.9.0.1,7001,exchange,{size}']
        with talker(minimal_root, link, program, steps, harts) as guest:
            for connection, serves in ((host.connect(7000, tries=500), True), (None, False)):
                connection = connection or listener.accept()
                connection.send(ours if serves else stream(2, size))
                connection.finish()
                assert connection.receive_all() == theirs[serves]
                connection.flush()
                connection.wait_state('TIME-WAIT', 'CLOSED')
            assert guest.lines(2) == [f'exchange: {size} bytes, end'] * 2
            lost = link.incoming.counts['lost'] + link.out.counts['lost']
            assert bool(lost) == bool(FAULTS[name].loss), (link.incoming.counts, link.out.counts)


@pytest.mark.parametrize('options', [
    {'sack': False}, {'stamps': False, 'scale': None}, {'sack': False, 'stamps': False, 'scale': None, 'mss': 536}])
def test_without_options(options, minimal_root, program, tmp_path):
    """A peer that lacks an option of TCP, over a wire that loses."""
    size = MIB // 4
    with Link(peer.folder(tmp_path), FAULTS['loss']) as link, peer.Peer(link) as host:
        listener = host.listen(7001, **options)
        steps = [f'serve,7000,exchange,{size}', f'10.9.0.1,7001,exchange,{size}']
        with talker(minimal_root, link, program, steps) as guest:
            for connection, serves in ((host.connect(7000, tries=500, **options), True), (None, False)):
                connection = connection or listener.accept()
                connection.send(stream(1 if serves else 2, size))
                connection.finish()
                assert connection.receive_all() == stream(2 if serves else 1, size)
                connection.flush()
            assert guest.lines(2) == [f'exchange: {size} bytes, end'] * 2


def test_ends(minimal_root, program, tmp_path):
    """FIN, RST, refusals, half-closed connections, a shut window; and segments of RFC 5961's attacker."""
    steps = ['serve,7000,end', 'serve,7001,end', 'serve,7002,hear,50000', 'serve,7003,reset', 'serve,7004,unread',
             'serve,7005,late', '10.9.0.1,7006,end', '10.9.0.1,7007,exchange,1000', f'serve,7008,slow,{4 * MIB}',
             'serve,7009,end', 'serve,7010,udp', '10.9.0.1,7011,udp,20',
             '10.9.0.1,7012,send,300000']
    with Link(peer.folder(tmp_path)) as link, peer.Peer(link) as host:
        echo = host.udp(7011)
        listener, full = host.listen(7007), host.listen(7012, buffer=20000)
        with talker(minimal_root, link, program, steps) as guest:
            open_to = lambda port: host.connect(port, tries=500)

            c = open_to(7000)                               # FIN and FIN: TIME-WAIT is whose FIN was first
            c.send(b'hello')
            c.finish()
            c.wait_state('TIME-WAIT')
            c = open_to(7001)                               # RST: ECONNRESET
            c.abort()
            c = open_to(7002)                               # half-closed: FIN, and still data comes
            c.finish()
            assert c.receive_all() == stream(1, 50000)
            open_to(7003).wait_reset()                      # SO_LINGER of 0: RST, no FIN
            c = open_to(7004)                               # closed with data unread: RST (RFC 2525, 2.17)
            c.send(b'not read')
            c.wait_reset()
            c = open_to(7005)                               # FIN, then nobody is there: RST for what comes, then EPIPE
            c.finish()
            c.flush()
            c.vanish()
            c = listener.accept()                           # 7006 has refused
            c.send(stream(2, 1000))
            c.finish()
            assert c.receive_all() == stream(1, 1000)
            c = open_to(7008)                               # a reader that waits: the window shuts, then opens
            c.send(stream(1, 4 * MIB))
            c.finish()
            c.flush()
            check_attacks(host, open_to(7009))
            socket = host.udp(5000)
            for i in range(20):                             # datagrams: who is not there yet has not heard
                while socket.ask(peer.MACHINE, 7010, b'%d' % i) != b'%d' % i:
                    pass
            socket.send(peer.MACHINE, 7010, b'')
            while (came := echo.receive())[2]:
                echo.send(*came)
            c = full.accept()                               # we don't read: its probes go on until we do
            host.wait(lambda: c.window() < c.mss, 'shut window')
            for _ in range(2):
                before = host.seen['tcp']
                host.wait(lambda: host.seen['tcp'] > before, 'probe')
            assert c.receive_all() == stream(1, 300000)
            c.finish()
            assert guest.lines(13) == [
                'end: 5 bytes, end', 'end: 0 bytes, ECONNRESET', 'hear: 0 bytes, end', 'reset: 0 bytes, end',
                'unread: 0 bytes, end', 'late: 0 bytes, EPIPE', 'end: no connection: ECONNREFUSED',
                'exchange: 1000 bytes, end', f'slow: held back, {4 * MIB} bytes, end', 'end: 6 bytes, end',
                'udp: end', 'udp: end', 'send: 0 bytes, end']


def check_attacks(host, c):
    """RFC 5961: an RST that is not exact, a SYN, what is old: each is answered by a challenge ACK, and the connection
    goes on."""
    def answered(*segment, **fields):
        """Challenges to one connection are half a second apart, so it may take several."""
        before = host.seen['tcp']
        end = time.monotonic() + 60
        while host.seen['tcp'] == before and time.monotonic() < end:
            c.raw(*segment, **fields)
            time.sleep(.3)
        assert host.seen['tcp'] > before and c.state == 'ESTABLISHED' and not c.resets

    c.send(b'one')
    c.flush()
    answered(wire.RST, c.nxt + 1000)
    answered(wire.SYN, c.nxt)
    # An ACK of what was never sent: RFC 9293 answers, Linux doesn't; nobody takes the data.
    c.raw(wire.ACK | wire.PSH, c.nxt, ack=c.rcv_nxt + 5000, payload=b'wrong')
    c.raw(wire.RST, c.nxt + 0x40000000)     # beyond the window: nothing at all
    answered(wire.ACK | wire.PSH, c.nxt - 3, payload=b'old')
    c.send(b'two')
    c.finish()
    c.wait_state('TIME-WAIT')


def test_ping(minimal_root, program, tmp_path):
    """Echoes of all sizes, in fragments too; what is addressed wrongly is not heard."""
    with Link(peer.folder(tmp_path), Faults(seed=5, loss=.01, reorder=.1)) as link, peer.Peer(link) as host:
        with talker(minimal_root, link, program, ['serve,7000,end']) as guest:
            for size in (0, 1, 56, 1471, 1472, 1473, 4000, 20000, 65507 - 8):
                host.ping(size=size)
            other = wire.ethernet('52:54:00:99:99:99', host.link_address, wire.IPV4,
                                  wire.ipv4(host.address, peer.MACHINE, wire.ICMP, wire.icmp(8, 0, b'othr')))
            link.send(other)
            host.ping()
            assert not any(e[0] == 0x6f74 for e in host.echoes)
            host.connect(7000, tries=500).finish()
            assert guest.lines(1) == ['end: 0 bytes, end']
