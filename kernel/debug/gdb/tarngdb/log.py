"""The kernel's log."""
import gdb

from tarngdb.base import Command, global_value


def log_text():
    """All that is in the ring, without the levels."""
    ring, end = global_value('ring', 'log.c'), int(global_value('written', 'log.c'))
    size = ring.type.sizeof
    data = bytes(gdb.selected_inferior().read_memory(int(ring.address), size))
    if end <= size:
        data = data[:end]
    else:
        data = data[end % size:] + data[:end % size]
        data = data[data.find(b'\n') + 1:]
    lines = data.decode(errors='replace').splitlines()
    return [line[3:] if line[:1] == '<' and line[2:3] == '>' else line for line in lines]


class Log(Command):
    """The kernel's log: tarn log [N]: all of it, or the last N lines."""
    NAME = 'log'

    def run(self, words):
        if len(words) > 1 or (words and not words[0].isdigit()):
            raise gdb.GdbError('tarn log [N]')
        lines = log_text()
        for line in lines[-int(words[0]):] if words else lines:
            print(line)


Log()
