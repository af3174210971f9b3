"""The machine's console while gdb has the terminal: what it prints is shown, `tarn type` types."""
import os
import socket
import threading
import time

import gdb

from tarngdb.base import Command


class Console:
    """The serial line, through a Unix socket of QEMU's."""

    def __init__(self):
        self.sock = self.log = None
        self.text = b''

    def open(self, path, log=None):
        """Connects; what comes is shown, and kept in a file too."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path)
        self.log = open(log, 'wb', buffering=0) if log else None
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
            self.text = (self.text + data)[-65536:]
            if self.log:
                self.log.write(data)
            os.write(1, data.replace(b'\r', b''))


CONSOLE = Console()


class Type(Command):
    """Type a line at the machine's console: tarn type TEXT.

    It is read once the machine runs."""
    NAME = 'type'

    def invoke(self, text, _from_tty):
        if CONSOLE.sock is None:
            raise gdb.GdbError('gdb is not at the console of this machine (make debug is)')
        CONSOLE.sock.sendall((text + '\n').encode())


class Connect(Command):
    """Attach to a machine of `make debug`: tarn connect GDB-SOCKET CONSOLE-SOCKET [LOG]."""
    NAME = 'connect'
    COMPLETE = gdb.COMPLETE_FILENAME

    def run(self, words):
        if len(words) not in (2, 3):
            raise gdb.GdbError('tarn connect GDB-SOCKET CONSOLE-SOCKET [LOG]')
        for _ in range(200):
            if os.path.exists(words[0]) and os.path.exists(words[1]):
                break
            time.sleep(0.05)
        CONSOLE.open(*words[1:])
        gdb.execute(f'target remote {words[0]}', to_string=True)


Type()
Connect()
