"""From the records of the port org.tarn.strace to the lines of strace.

Printer.feed takes bytes as they come. The head of a record is struct strace_head of
kernel/debug/trace_port.c, the types are enum strace_type of kernel/debug/tracepoint.h. A stream that
is not well formed raises Corrupt, which says at which byte.
"""
import struct

from calls import Call, pieces
from names import signal_name
from results import result
from values import siginfo

HEAD = struct.Struct('<IIIiiIQ')
MAGIC = 0x43525453
ENTER, LEAVE, SIGNAL, STOP, EXIT = range(1, 6)
SIZE_MAX = 1 << 16
COLUMN = 40             # of the `=`, where the call is shorter


class Corrupt(Exception):
    """The stream is damaged; the text names the byte."""


class Task:
    """What is known of a thread."""

    def __init__(self, tid, pid):
        self.tid, self.pid = tid, pid
        self.call = self.rest = None        # in progress, and the pieces that are to come
        self.waits = False                  # for the call's end, before it can go on
        self.began = 0
        self.previous = None                # the name of the last call: restart_syscall goes on with it


class Printer:
    """Writes lines through `write`. Options as strace's: pids (-o: before each line), times (-T)."""

    def __init__(self, write, pids=False, times=False):
        self.write, self.pids, self.times = write, pids, times
        self.rest, self.offset = b'', 0
        self.tasks, self.held = {}, {}      # by tid; held: execve of a quiet task, until it succeeds
        self.current, self.column = None, 0  # the task whose line is not ended
        self.several = False

    # -- bytes to records

    def feed(self, data):
        """Print what can be."""
        self.rest += data
        at = 0
        while len(self.rest) - at >= HEAD.size:
            magic, size, kind, tid, pid, quiet, now = HEAD.unpack_from(self.rest, at)
            if magic != MAGIC or size > SIZE_MAX or not ENTER <= kind <= EXIT:
                raise Corrupt(f'byte {self.offset + at}: no record of a trace begins here')
            if len(self.rest) - at - HEAD.size < size:
                break
            body = self.rest[at + HEAD.size:at + HEAD.size + size]
            try:
                self.record(kind, tid, pid, quiet, now, body)
            except (struct.error, ValueError) as err:
                raise Corrupt(f'byte {self.offset + at}: a damaged record: {err}') from None
            at += HEAD.size + size
        self.rest = self.rest[at:]
        self.offset += at

    def finish(self):
        """The machine has gone; what is unfinished stays so."""
        if self.column:
            self.out(' <unfinished ...>\n')
            self.column = 0
        if self.rest:
            raise Corrupt(f'byte {self.offset}: cut short')

    # -- records to lines

    def record(self, kind, tid, pid, quiet, now, body):
        if quiet:
            self.hold(kind, tid, now, body)
            return
        if kind == LEAVE and tid in self.held:
            began, first = self.held.pop(tid)
            self.record(ENTER, tid, pid, 0, began, first)
        new = tid not in self.tasks
        task = self.tasks.setdefault(tid, Task(tid, pid))
        if new and len(self.tasks) > 1:
            self.several = True
        if kind == ENTER:
            self.enter(task, now, body)
        elif kind == LEAVE:
            self.leave(task, now, body)
        elif kind == SIGNAL:
            self.line(task, f'--- {signal_name(struct.unpack_from("<i", body)[0])} {siginfo(body)} ---')
        elif kind == STOP:
            self.line(task, f'--- stopped by {signal_name(struct.unpack("<I", body)[0])} ---')
        else:
            self.exit(task, struct.unpack('<I', body)[0])

    def hold(self, kind, tid, now, body):
        """Of process 1 and its forks only the execve counts that makes another program of them."""
        if kind == ENTER:
            self.held[tid] = (now, body)
        else:
            self.held.pop(tid, None)

    def enter(self, task, now, body):
        nr, *args = struct.unpack_from('<7Q', body)
        task.call, task.began = Call(nr, args, body[56:]), now
        task.call.resumes = task.previous
        task.rest = pieces(task.call)
        self.leader(task)
        self.out(task.call.name + '(')
        self.more(task)

    def leave(self, task, now, body):
        _nr, ret = struct.unpack_from('<Qq', body)
        if task.call is None:
            self.superseded(task)
        if task.call is None:
            return
        self.resume(task)
        task.call.leave(ret, body[16:])
        self.more(task)
        self.end(task, result(task.call), now)
        task.previous = task.call.name
        task.call = None

    def superseded(self, task):
        """execve(2) of a thread that is not the leader: it goes on with the leader's number."""
        other = self.replaces(task)
        if other:
            self.line(task, f'+++ superseded by execve in pid {other.tid} +++')
            task.call, task.rest, task.began = other.call, other.rest, other.began
            del self.tasks[other.tid]

    def replaces(self, task):
        """The thread whose execve puts another program in the place of this one's."""
        return next((t for t in self.tasks.values() if t.pid == task.pid and t is not task and t.call and
                     t.call.name in ('execve', 'execveat')), None)

    def exit(self, task, status):
        if task.call:
            self.resume(task)
            if task.waits:
                self.out(' <unfinished ...>')
            self.end(task, '?', None)
            task.call = None
        if status == 9 and self.replaces(task):
            status = 0              # execve(2) of another thread ended it
        if task.tid == task.pid and self.replaces(task):
            return
        if status & 0x7f:
            core = ' (core dumped)' if status & 0x80 else ''
            self.line(task, f'+++ killed by {signal_name(status & 0x7f)}{core} +++')
        else:
            self.line(task, f'+++ exited with {status >> 8 & 0xff} +++')
        del self.tasks[task.tid]
        if len(self.tasks) <= 1:
            self.several = False

    # -- the line

    def more(self, task):
        """Pieces up to where the call's end is waited for, or to the end."""
        task.waits = False
        for text in task.rest:
            if text is not None:
                self.out(text)
            elif not task.call.done:
                task.waits = True
                return

    def out(self, text):
        self.write(text)
        self.column += len(text)

    def leader(self, task):
        """Begin a line."""
        if self.column:
            self.out(' <unfinished ...>\n')
        self.column = 0
        self.current = task
        if self.pids:
            self.out(f'{task.tid:<5} ')
        elif self.several:
            self.out(f'[pid {task.tid:5}] ')

    def resume(self, task):
        """Go on with a call whose line may have been cut."""
        if self.current is not task or not self.column:
            self.leader(task)
            self.out(f'<... {task.call.name} resumed>')

    def end(self, task, text, now):
        self.out(') ')
        self.out(' ' * (COLUMN - self.column) + '= ' + text)
        if self.times and now is not None:
            took = (now - task.began) // 1000
            self.out(f' <{took // 10 ** 6}.{took % 10 ** 6:06}>')
        self.write('\n')
        self.column = 0

    def line(self, task, text):
        """A whole line."""
        self.leader(task)
        self.write(text + '\n')
        self.column = 0
