"""One end of a wire to a machine under QEMU (`-netdev dgram`, no privileges), and what goes wrong on it.

    link = Link(folder, Faults(seed=7, loss=.01))
    run_tarn(*link.options, ...)      the machine's card is at the other end
    link.send(frame)                  bytes, as wire.py makes them
    link.receive(seconds)             the next frame, or None

Faults come upon frames in both directions, by a generator of their own each, so a seed meets the frames of one
direction in the same way in every run. Not for use by several threads, but for `send`.
"""
import heapq
import os
import random
import selectors
import socket
import threading
import time


class Faults:
    """What a wire does to frames: chances from 0 to 1, times in seconds. A frame that is reordered comes `late`
    after those that were sent behind it; of one that is spoilt a bit behind the link header is turned over."""

    def __init__(self, seed=1, loss=0, duplicate=0, reorder=0, corrupt=0, delay=0, late=.003):
        for name, chance in (('loss', loss), ('duplicate', duplicate), ('reorder', reorder), ('corrupt', corrupt)):
            if not 0 <= chance <= 1:
                raise ValueError(f'{name} {chance}: a chance from 0 to 1')
        if delay < 0 or late < 0:
            raise ValueError('a time is not negative')
        self.seed, self.loss, self.duplicate, self.reorder = seed, loss, duplicate, reorder
        self.corrupt, self.delay, self.late = corrupt, delay, late

    def __repr__(self):
        return ', '.join(f'{k} {v}' for k, v in self.__dict__.items() if v)


class Direction:
    """Frames of one direction on their way."""

    def __init__(self, faults, name):
        self.faults = faults
        self.random = random.Random(f'{faults.seed} {name}')
        self.queue = []     # heap of (when it is there, a number, the frame)
        self.number = 0
        self.counts = {'frames': 0, 'lost': 0, 'doubled': 0, 'late': 0, 'spoilt': 0}

    def happens(self, chance, name):
        """Each fault draws, so that one of them more doesn't change the others' luck."""
        yes = self.random.random() < chance
        self.counts[name] += yes
        return yes

    def put(self, frame, now):
        """A frame enters the wire."""
        f = self.faults
        self.counts['frames'] += 1
        lost, doubled = self.happens(f.loss, 'lost'), self.happens(f.duplicate, 'doubled')
        late, spoilt = self.happens(f.reorder, 'late'), self.happens(f.corrupt, 'spoilt')
        bit = self.random.randrange(8 * max(len(frame) - 14, 1))
        if lost:
            return
        if spoilt and len(frame) > 14:
            at = 14 + bit // 8
            frame = frame[:at] + bytes([frame[at] ^ 1 << bit % 8]) + frame[at + 1:]
        due = now + f.delay + late * f.late
        for _ in range(1 + doubled):
            self.number += 1
            heapq.heappush(self.queue, (due, self.number, frame))

    def due(self):
        """When the next frame arrives; None: none is on its way."""
        return self.queue[0][0] if self.queue else None

    def take(self, now):
        """The next frame that has arrived by now, or None."""
        if self.queue and self.queue[0][0] <= now:
            return heapq.heappop(self.queue)[2]
        return None


class Link:
    """The wire. `options` are for `tarn run`; frames the other end can't take yet wait here."""

    def __init__(self, folder, faults=None, name='wire'):
        self.here, self.there = os.path.join(folder, f'{name}.peer'), os.path.join(folder, f'{name}.machine')
        faults = faults or Faults()
        self.out, self.incoming = Direction(faults, 'out'), Direction(faults, 'in')
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self.socket.bind(self.here)
        self.options = ['--net', f'dgram={self.there},{self.here}']
        self.wake_in, self.wake_out = socket.socketpair()
        self.wake_out.setblocking(False)
        self.lock = threading.Lock()    # guards out
        self.stuck = None               # a frame that found the other end full
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.socket, selectors.EVENT_READ)
        self.selector.register(self.wake_in, selectors.EVENT_READ)

    def close(self):
        self.selector.close()
        for each in (self.socket, self.wake_in, self.wake_out):
            each.close()
        for path in (self.here, self.there):
            if os.path.exists(path):
                os.unlink(path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def wake(self):
        """Let `receive` return: there may be something to do."""
        try:
            self.wake_out.send(b'.')
        except BlockingIOError:
            pass    # it has not yet seen the last ones

    def send(self, frame):
        """Any thread: a frame to the machine. It leaves now, or when `receive` runs."""
        with self.lock:
            self.out.put(frame, time.monotonic())
        self.flush()

    def flush(self):
        """What has arrived at the other end is given to it. True: all that is due went."""
        with self.lock:
            while True:
                frame = self.stuck or self.out.take(time.monotonic())
                if frame is None:
                    return True
                try:
                    self.socket.sendto(frame, self.there)
                except (BlockingIOError, OSError) as err:
                    # Full, or not there yet: a frame to nobody is lost.
                    self.stuck = frame if isinstance(err, BlockingIOError) else None
                    if self.stuck:
                        return False
                else:
                    self.stuck = None

    def receive(self, seconds):
        """The next frame from the machine within so many seconds, else None; None also after `wake`."""
        end = time.monotonic() + seconds
        while True:
            full = not self.flush()
            now = time.monotonic()
            frame = self.incoming.take(now)
            if frame:
                return frame
            times = [end, self.incoming.due(), now + .001 if full else self.out.due()]
            wait = max(min(t for t in times if t is not None) - now, 0)
            for key, _ in self.selector.select(wait):
                if key.fileobj is self.wake_in:
                    self.wake_in.recv(4096)
                    return self.incoming.take(now)
                self.read_all()
            if time.monotonic() >= end and not self.incoming.queue:
                return None

    def read_all(self):
        """What the machine has sent enters the wire."""
        for _ in range(64):
            try:
                self.incoming.put(self.socket.recv(70000), time.monotonic())
            except OSError:
                return
