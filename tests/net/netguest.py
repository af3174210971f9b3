"""A machine on a wire: `tarn run` with talk.c's steps, as long as the `with` lasts. The machine stays when its steps
are done, so that what is still on its way gets through."""
import os
import selectors
import subprocess
import time

import pytest
from conftest import KERNEL, ROOT, need_kernel

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 240


class Guest:
    """The machine. `words` are options of `tarn run`."""

    def __init__(self, root, words, command):
        need_kernel()
        self.text = b''
        self.process = subprocess.Popen(
            [os.path.join(ROOT, 'tarn'), 'run', '--kernel', KERNEL, *words, root, '--', *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(self.process.stdout.fileno(), False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()

    def lines(self, n):
        """The first n lines that it printed."""
        end = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while self.text.count(b'\n') < n:
                if time.monotonic() > end or self.process.poll() is not None:
                    pytest.fail(f'the machine said {self.text[-1000:]!r}, status {self.process.poll()}', pytrace=False)
                selector.select(1)
                self.text += self.process.stdout.read() or b''
        return self.text.decode(errors='replace').splitlines()[:n]


def talker(root, link, program, steps, harts=2, log=None):
    """A machine at the other end of a Link, at 10.9.0.2, which does these steps."""
    words = ['--smp', str(harts), *link.options, '--append', 'ip=10.9.0.2:::255.255.255.0::eth0:off', '--with',
             talk(program), *(['--log', log] if log else [])]
    return Guest(root, words, ['/talk', *steps])


def talk(program):
    """talk.c, compiled."""
    return program('talk', os.path.join(HERE, 'talk.c'))
