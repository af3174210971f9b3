"""What a network may do to a machine, from a link whose other end a program in the machine is (TUN, TAP), and over
the loopback: floods, peers that vanish or don't read, pieces of packets, storms, more sockets than memory.

Time is counted in instructions, so the minutes that timers wait for cost nothing, and each run is the same. The long
form of all of it is `make test-abuse`: more of each, and on the debug kernel.
"""
import os
import sys

import pytest
from conftest import BUILD, describe

HERE = os.path.dirname(os.path.abspath(__file__))
LONG = os.environ.get('ABUSE') == 'long'
TCP = [('flood', 2000, 50000), ('vanish', 0, 0), ('deaf', 0, 0), ('many', 1000, 20000), ('flat', 0, 0),
       ('memory', 0, 0)]
IP = [('fragments', 2000, 50000), ('storm', 1000, 20000)]


def run(tarn, program, minimal_root, source, what, short, long):
    """One program in a machine of its own; it prints `ok` for each thing it has seen."""
    binary = program(source, os.path.join(HERE, f'{source}.c'), os.path.join(HERE, 'abuse_link.c'))
    more = ['--kernel', os.path.join(BUILD, 'debug', 'tarn.elf')] if LONG else []
    got = tarn('--icount', '--net', 'none', *more, root=minimal_root,
               command=[binary, what, str(long if LONG else short)], timeout=3600 if LONG else 240)
    sys.stdout.write(got.out.decode())
    assert got.status == 0, describe(got)
    assert b'\nok ' in b'\n' + got.out, describe(got)


@pytest.mark.parametrize('what,short,long', TCP, ids=[t[0] for t in TCP])
def test_tcp(tarn, program, minimal_root, what, short, long):
    run(tarn, program, minimal_root, 'abuse_tcp', what, short, long)


@pytest.mark.parametrize('what,short,long', IP, ids=[t[0] for t in IP])
def test_ip(tarn, program, minimal_root, what, short, long):
    run(tarn, program, minimal_root, 'abuse_ip', what, short, long)
