"""gdb's commands for Tarn: `source` this file (or gdb -x), with a kernel loaded. docs/debugging.md.

Each file of tarngdb/ brings a few commands, all behind the prefix `tarn`; `help tarn` lists them.
They read memory and change nothing, so they may be used at any stop, under replay too.
"""
import os
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


class Tarn(gdb.Command):
    """What the kernel knows, at a stop: `help tarn` lists the commands.

    A task is named by its number (a thread's id, as in ps); without one it is the task of the
    selected hart (gdb's thread)."""

    def __init__(self):
        super().__init__('tarn', gdb.COMMAND_DATA, prefix=True)


Tarn()

# pylint: disable=wrong-import-position,unused-import
from tarngdb import (console, files, locks, log, memory, printers, replay, sched,  # noqa: E402,F401
                     symbols, tasks)
