"""The machine's console while gdb has the terminal: what it prints is shown, `tarn type` types."""
import os
import socket
import threading
import time

import gdb

from tarngdb.base import Command


ATTEMPTS = 200


def attach(path, alive=lambda: True):
    """target remote, once QEMU listens."""
    for left in range(ATTEMPTS, -1, -1):
        try:
            gdb.execute(f'target remote {path}', to_string=True)
            return
        except gdb.error:
            if not left or not alive():
                raise
        time.sleep(0.05)


class Console:
    """The serial line, through a Unix socket of QEMU's."""

    def __init__(self):
        self.sock = None

    def open(self, path):
        """Connects, once QEMU listens; what comes is shown."""
        self.sock = socket.socket(socket.AF_UNIX)
        for left in range(ATTEMPTS, -1, -1):
            try:
                self.sock.connect(path)
                break
            except OSError:
                if not left:
                    raise gdb.GdbError(f'{path}: nobody listens') from None
            time.sleep(0.05)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        """Until the machine ends."""
        while True:
            try:
                data = self.sock.recv(4096)
            except OSError:
                return
            if not data:
                return
            os.write(1, data.replace(b'\r', b''))


CONSOLE = Console()


class Type(Command):
    """Type a line at the machine's console: tarn type TEXT.

    It is read once the machine runs; before the kernel has its console driver, nobody reads."""
    NAME = 'type'

    def invoke(self, text, _from_tty):
        if CONSOLE.sock is None:
            raise gdb.GdbError('gdb is not at the console of this machine (make debug is)')
        CONSOLE.sock.sendall((text + '\n').encode())


class Connect(Command):
    """Attach to a machine that QEMU stopped: tarn connect GDB-SOCKET [CONSOLE-SOCKET]."""
    NAME = 'connect'
    COMPLETE = gdb.COMPLETE_FILENAME

    def run(self, words):
        if len(words) not in (1, 2):
            raise gdb.GdbError('tarn connect GDB-SOCKET [CONSOLE-SOCKET]')
        for word in words[1:]:
            CONSOLE.open(word)
        attach(words[0])


Type()
Connect()
