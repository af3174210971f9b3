"""Trace-point records (kernel/debug/tracepoint.c) to the JSON of Perfetto and chrome://tracing.

    convert(raw bytes, path) -> records that were lost

Two processes are shown: the harts, one lane each, with what ran there and its interrupts; and the
tasks, one lane each, with its system calls, page faults, signals and page-cache look-ups. Requests to
disks are asynchronous slices of their own.
"""
import json
import os
import struct
import sys

BATCH, RECORD = struct.Struct('<IIIIQ'), struct.Struct('<QIIQQ')
MAGIC = 0x4352544e
HARTS_MAX = 8
# In the order of enum tracepoint_type (tracepoint.h).
TYPES = ('name call return fault fault_end switch wake irq irq_end line block block_end cache_hit '
         'cache_miss fill signal deliver exit line_end net_rx net_tx more').split()
HARTS, TASKS, DISKS = 1, 2, 3
CAUSES = {1: 'software interrupt', 5: 'timer', 9: 'device interrupt'}
ACCESS = {1: 'read', 2: 'write', 4: 'exec'}
STATES = {0: 'preempted', 1: 'sleeps', 2: 'waits', 4: 'waits', 8: 'stopped', 16: 'traced', 32: 'dead'}


class Corrupt(Exception):
    """The trace is damaged; the text says where."""


def records(raw):
    """(hart, records lost before it, (time, task, type, a, b)) in the order of the stream."""
    at = 0
    while at < len(raw):
        if at + BATCH.size > len(raw):
            raise Corrupt(f'byte {at}: cut short')
        magic, hart, count, lost, check = BATCH.unpack_from(raw, at)
        if magic != MAGIC or hart >= HARTS_MAX:
            raise Corrupt(f'byte {at}: no batch of records begins here')
        at += BATCH.size
        if at + count * RECORD.size > len(raw):
            raise Corrupt(f'byte {at}: {count} records announced, the file ends before')
        words = struct.unpack_from(f'<{count * RECORD.size // 8}Q', raw, at)
        if sum(words) & ((1 << 64) - 1) != check:
            raise Corrupt(f'byte {at}: the records of this batch are damaged')
        if not count and lost:
            yield hart, lost, None
        for _ in range(count):
            record = RECORD.unpack_from(raw, at)
            if record[2] >= len(TYPES):
                raise Corrupt(f'byte {at}: a record of unknown type {record[2]}')
            yield hart, lost, record
            lost = 0
            at += RECORD.size


def call_names():
    """System calls by number."""
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'syscall'))
    import gen
    return {r.nr: r.name for r in gen.parse(os.path.join(os.path.dirname(gen.__file__), 'syscalls.tbl'))}


def signed(value):
    return value - (1 << 64) if value >> 63 else value


class Trace:
    """Builds the events."""

    def __init__(self):
        self.events, self.lost = [], 0
        self.names = {0: 'idle'}
        self.calls = call_names()
        self.open = {}          # (lane, what) -> (begin, name, details)
        self.running = {}       # hart -> (task, since)
        self.last = self.requests = 0

    def slice(self, pid, tid, begin, end, name, **args):
        self.events.append({'ph': 'X', 'pid': pid, 'tid': tid, 'ts': begin / 1000,
                            'dur': (end - begin) / 1000, 'name': name, 'args': args})

    def instant(self, tid, now, name, **args):
        self.events.append({'ph': 'i', 's': 't', 'pid': TASKS, 'tid': tid, 'ts': now / 1000, 'name': name,
                            'args': args})

    def begin(self, lane, what, now, name, **args):
        self.open[lane, what] = (now, name, args)

    def end(self, lane, what, now, **args):
        """Close what was opened on a lane; one whose beginning was lost is left out."""
        found = self.open.pop((lane, what), None)
        if found:
            begin, name, first = found
            self.slice(lane[0], lane[1], begin, now, name, **first, **args)

    def add(self, hart, now, task, kind, a, b):
        lane = (TASKS, task)
        self.last = max(self.last, now)
        if hart not in self.running:
            self.running[hart] = (task, now)
        page = {'object': a, 'page': b & ((1 << 48) - 1), 'pages': b >> 48}
        if kind == 'name':
            self.names[task] = struct.pack('<QQ', a, b).split(b'\0')[0].decode(errors='replace')
        elif kind == 'call':
            self.begin(lane, 'call', now, self.calls.get(a, f'syscall {a}'), argument=f'{b:#x}')
        elif kind == 'return':
            self.end(lane, 'call', now, result=signed(b))
        elif kind == 'fault':
            self.begin(lane, 'fault', now, f'page fault ({ACCESS.get(b, b)})', address=f'{a:#x}')
        elif kind == 'fault_end':
            self.end(lane, 'fault', now, result=signed(b))
        elif kind == 'switch':
            self.switch(hart, now, task, a, b)
        elif kind == 'wake':
            self.instant(task, now, f'wakes {self.label(a)}', task=a, hart=b)
        elif kind == 'irq':
            self.begin((HARTS, hart), 'irq', now, CAUSES.get(a, f'interrupt {a}'))
        elif kind == 'irq_end':
            self.end((HARTS, hart), 'irq', now)
        elif kind in ('block', 'block_end'):
            self.block(kind, now, a, b)
        elif kind in ('cache_hit', 'cache_miss', 'fill'):
            self.instant(task, now, {'cache_hit': 'page cache hit', 'cache_miss': 'page cache miss',
                                     'fill': 'page cache fill'}[kind], **page)
        elif kind == 'signal':
            self.instant(task, now, f'posts signal {a}', to=b)
        elif kind == 'deliver':
            self.instant(task, now, f'takes signal {a}', handler=f'{b:#x}')
        elif kind == 'exit':
            self.end(lane, 'call', now)
            self.instant(task, now, 'exits', status=a)
        elif kind in ('net_rx', 'net_tx'):
            self.instant(task, now, {'net_rx': 'packet came', 'net_tx': 'packet sent'}[kind], device=a & 0xffffffff, bytes=a >> 32)
        elif kind == 'line':
            self.events.append({'ph': 'i', 's': 't', 'pid': HARTS, 'tid': hart, 'ts': now / 1000,
                                'name': f'line {a}', 'args': {}})

    def switch(self, hart, now, task, to, state):
        before, since = self.running[hart]
        if before:
            then = STATES.get(state, state)
            self.slice(HARTS, hart, since, now, self.label(before), task=before, then=then)
        self.running[hart] = (to, now)

    def block(self, kind, now, a, request):
        """Requests are told apart by their address: two may be for one sector, or for two disks."""
        what = {'cat': 'block', 'pid': DISKS, 'tid': 0, 'ts': now / 1000}
        if kind == 'block':
            self.requests += 1
            op = ('read', 'write', 'flush')[min(a >> 56, 2)]
            self.open['block', request] = (op, self.requests)
            args = {'sector': a & ((1 << 40) - 1), 'segments': a >> 40 & 0xffff}
            self.events.append({**what, 'id': f'{self.requests:#x}', 'ph': 'b', 'name': op, 'args': args})
        elif ('block', request) in self.open:
            op, number = self.open.pop(('block', request))
            self.events.append({**what, 'id': f'{number:#x}', 'ph': 'e', 'name': op, 'args': {'status': signed(a)}})

    def label(self, task):
        name = self.names.get(task, '?')
        return f'[{name}]' if task >> 31 else f'{name} {task}' if task else name

    def finish(self):
        """What is still open ends with the trace; then the names of the lanes."""
        for hart, (task, since) in self.running.items():
            if task:
                self.slice(HARTS, hart, since, self.last, self.label(task), task=task)
        for (lane, what) in list(self.open):
            if lane != 'block':
                self.end(lane, what, self.last, unfinished=True)
        meta = [(p, 0, 'process_name', n) for p, n in ((HARTS, 'harts'), (TASKS, 'tasks'), (DISKS, 'disks'))]
        meta += [(HARTS, h, 'thread_name', f'hart {h}') for h in sorted(self.running)]
        lanes = {e['tid'] for e in self.events if e['pid'] == TASKS}
        meta += [(TASKS, t, 'thread_name', self.label(t)) for t in sorted(lanes)]
        return [{'ph': 'M', 'pid': p, 'tid': t, 'name': k, 'args': {'name': n}} for p, t, k, n in meta] + \
            sorted(self.events, key=lambda e: e['ts'])


def convert(raw, path):
    """Write the JSON. Raises Corrupt before anything is written."""
    trace, found = Trace(), []
    for hart, lost, record in records(raw):
        trace.lost += lost
        if record:
            found.append((hart, *record))
    if not found:
        raise Corrupt('no record in it')
    # Each hart's own records are in order; names of tasks are wanted before they are used.
    found.sort(key=lambda r: r[1])
    for hart, now, task, kind, a, b in found:
        if TYPES[kind] == 'name':
            trace.names.setdefault(task, struct.pack('<QQ', a, b).split(b'\0')[0].decode(errors='replace'))
    for hart, now, task, kind, a, b in found:
        trace.add(hart, now, task, TYPES[kind], a, b)
    text = {'displayTimeUnit': 'ns', 'otherData': {'lost': trace.lost, 'records': len(found)},
            'traceEvents': trace.finish()}
    with open(path, 'w', encoding='utf-8') as f:
        json.dump(text, f)
        f.write('\n')
    return trace.lost
