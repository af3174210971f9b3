"""Going backwards in a recording (`make replay`).

QEMU replays forwards to the instruction. Its own way back (load the snapshot, run again) does not
reset the machine's clock, so the second way differs from the first and gets stuck. Here the way
back is a fresh QEMU that goes forwards to where we want to be: reverse-continue goes through once
to see where the last stop before this place is, and once more up to there. A place is a number of
instructions since the start.
"""
import ctypes
import json
import os
import re
import signal
import subprocess
import tempfile

import gdb

from tarngdb import symbols
from tarngdb.console import attach


def alone():
    """In the child: ^C is gdb's, and no machine outlives gdb (prctl(2), PR_SET_PDEATHSIG)."""
    os.setsid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)


class Recording:
    """The machine of a recording, started as often as needed."""

    def __init__(self):
        self.words = self.env = self.process = self.folder = None
        self.count = 0

    def open(self, file):
        """Takes the command from a file of debug.py's and starts."""
        with open(file, encoding='utf-8') as f:
            given = json.load(f)
        self.words, self.env = given['words'], given['env']
        self.folder = tempfile.TemporaryDirectory(prefix='tarn-')
        self.start()

    def start(self):
        """A fresh machine, stopped at the start of the recording."""
        if self.process is not None:
            try:
                gdb.execute('disconnect', to_string=True)
            except gdb.error:
                pass
            self.process.kill()
            self.process.wait()
        self.count += 1
        sock = os.path.join(self.folder.name, f'gdb{self.count}')
        with open(os.path.join(self.folder.name, 'errors'), 'wb') as errors:
            self.process = subprocess.Popen(
                self.words + ['-S', '-gdb', f'unix:{sock},server=on,wait=off'], env=self.env,
                stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, preexec_fn=alone)
        try:
            attach(sock, lambda: self.process.poll() is None)
        except gdb.error as err:
            with open(os.path.join(self.folder.name, 'errors'), encoding='utf-8') as f:
                raise gdb.GdbError(f'{err}\n{f.read().strip()}') from None

    def need(self):
        """One clear line where there is no recording."""
        if self.process is None:
            raise gdb.GdbError('only a recording goes backwards: make record CMD=..., make replay')

    def place(self):
        """Instructions since the start."""
        self.need()
        found = re.search(r'instruction count = (\d+)',
                          gdb.execute('monitor info replay', to_string=True))
        if not found:
            raise gdb.GdbError('the recording is over')
        return int(found[1])

    def run_until(self, wanted):
        """Goes on until a stop or that place; whether it is that place."""
        gdb.execute(f'monitor replay_break {wanted}', to_string=True)
        gdb.execute('continue', to_string=True)
        if self.place() >= wanted:
            return True
        gdb.execute('monitor replay_delete_break', to_string=True)
        return False

    def go(self, wanted):
        """To a place, whatever stops there are on the way."""
        wanted = max(wanted, 0)
        on = [b for b in gdb.breakpoints() if b.is_valid() and b.enabled]
        try:
            for point in on:
                point.enabled = False
            if wanted < self.place():
                self.start()
            if wanted > self.place():
                self.run_until(wanted)
        finally:
            for point in on:
                if point.is_valid():
                    point.enabled = True

    def last_stop(self, here):
        """The last place before this one at which a breakpoint or watchpoint stops; None."""
        last = None
        self.start()
        while not self.run_until(here):
            last = self.place()
        return last


RECORDING = Recording()


class Quiet:
    """While the machine goes about no symbols are followed, and gdb says nothing of the stops. It
    has no setting for all it says, so its output is closed meanwhile."""

    def __init__(self):
        self.place = self.output = None

    def __enter__(self):
        self.place = RECORDING.place()
        symbols.AUTO['off'] = True
        gdb.flush()
        self.output = os.dup(1)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)
        return self

    def __exit__(self, *_):
        gdb.flush()
        os.dup2(self.output, 1)
        os.close(self.output)
        symbols.AUTO['off'] = False
        symbols.follow()


def show():
    """Where we are, as after any stop."""
    print(f'at instruction {RECORDING.place()}')
    gdb.execute('frame')


class Open(gdb.Command):
    """Used by `make replay`: tarn recording FILE."""

    def __init__(self):
        super().__init__('tarn recording', gdb.COMMAND_RUNNING, gdb.COMPLETE_FILENAME)

    def invoke(self, text, _from_tty):
        RECORDING.open(text.strip())
        show()


class Place(gdb.Command):
    """How far the recording is: tarn place [N]: in instructions since its start; with N, go there.

    Breakpoints on the way do not stop."""

    def __init__(self):
        super().__init__('tarn place', gdb.COMMAND_RUNNING)

    def invoke(self, text, _from_tty):
        RECORDING.need()
        if not text:
            print(RECORDING.place())
            return
        with Quiet():
            RECORDING.go(int(gdb.parse_and_eval(text)))
        show()


class Backwards(gdb.Command):
    """Common to the commands that gdb has already, and that recordings do in our way."""

    NAME = ''

    def __init__(self):
        super().__init__(self.NAME, gdb.COMMAND_RUNNING)

    def invoke(self, text, _from_tty):
        """text: how often."""
        RECORDING.need()
        with Quiet() as quiet:
            self.back(quiet.place, int(gdb.parse_and_eval(text)) if text else 1)
        show()

    def back(self, here, count):
        """Goes."""
        raise NotImplementedError


class ReverseStepi(Backwards):
    """Back by one instruction, or N: reverse-stepi [N]."""
    NAME = 'reverse-stepi'

    def back(self, here, count):
        RECORDING.go(here - count)


class ReverseContinue(Backwards):
    """Back to where a breakpoint or watchpoint stopped last: reverse-continue [N].

    At a watchpoint the machine stands just behind the store, as it does forwards. Without one, at
    the start of the recording."""
    NAME = 'reverse-continue'

    def back(self, here, count):
        for _ in range(count):
            last = RECORDING.last_stop(here)
            if last is None:
                RECORDING.go(0)
                return
            here = last
        RECORDING.go(here)


class ReverseFinish(Backwards):
    """Back to the call of the selected frame's function: reverse-finish."""
    NAME = 'reverse-finish'

    def __init__(self):
        super().__init__()
        self.call = 0

    def invoke(self, text, from_tty):
        """The call is looked for before the machine moves."""
        RECORDING.need()
        caller = gdb.selected_frame().older()
        if caller is None:
            raise gdb.GdbError('this frame has no caller')
        back = caller.pc()
        word = int.from_bytes(gdb.selected_inferior().read_memory(back - 4, 4), 'little')
        # jal or jalr with ra for the return address, else the short c.jalr
        self.call = back - (4 if word & 0xfff in (0xef, 0xe7) else 2)
        super().invoke(text, from_tty)

    def back(self, here, count):
        others = [b for b in gdb.breakpoints() if b.is_valid() and b.enabled]
        for point in others:
            point.enabled = False
        mine = gdb.Breakpoint(f'*{self.call:#x}', internal=True)
        try:
            last = RECORDING.last_stop(here)
        finally:
            mine.delete()
            for point in others:
                point.enabled = True
        RECORDING.go(here if last is None else last)


class NotBackwards(gdb.Command):
    """Not in Tarn's recordings: reverse-stepi, reverse-continue and reverse-finish go backwards."""

    def __init__(self, name):
        super().__init__(name, gdb.COMMAND_RUNNING)

    def invoke(self, _text, _from_tty):
        raise gdb.GdbError(self.__doc__)


for each in (Open, Place, ReverseStepi, ReverseContinue, ReverseFinish):
    each()
for each in ('reverse-step', 'reverse-next', 'reverse-nexti'):
    NotBackwards(each)
