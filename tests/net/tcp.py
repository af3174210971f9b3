"""The peer's TCP (peer.py): a plain one, after RFC 9293, with window scaling and timestamps (7323), selective
acknowledgements (2018) and retransmission by them, and without congestion control: the window is fixed, since what
is to be seen is the other side's. All of it runs with the peer's lock held, but for what waits.
"""
import time

import wire

FIRST_RTO, MAX_RTO = .3, 5
MAX_RETRANSMITS = 60
TIME_WAIT = 1       # seconds; enough here, for the last ACK to be repeated
MASK = 0xffffffff


def before(a, b):
    """a < b, of sequence numbers."""
    return ((a - b) & MASK) >> 31 == 1


class Options:
    """What a connection offers and keeps to: options of the SYN, buffers, whether ACKs are delayed."""

    def __init__(self, mss=1460, scale=7, sack=True, stamps=True, buffer=1 << 20, window=64, ack_every=2):
        self.mss, self.scale, self.sack, self.stamps = mss, scale, sack, stamps
        self.buffer = buffer        # bytes of ours to receive into
        self.window = window        # segments on their way at most
        self.ack_every = ack_every  # segments


class Connection:
    """One connection. `state` is RFC 9293's name of it; `error` what ended it before its time."""

    def __init__(self, peer, port, address, far_port, options, listener=None):
        self.peer, self.port, self.address, self.far_port = peer, port, address, far_port
        self.key = port, address, far_port
        self.options, self.listener = options, listener
        self.state, self.error = ('LISTEN' if listener else 'CLOSED'), None
        self.mss, self.far_scale, self.our_scale, self.sack_ok, self.stamps_ok = 536, 0, 0, False, False
        # Sending: what `pending` holds begins at una, behind a SYN that is not acknowledged.
        self.iss = peer.random.getrandbits(32)
        self.una = self.nxt = self.iss
        self.far_window = 0
        self.pending = bytearray()
        self.fin_wanted = self.fin_sent = False
        self.sacked = []            # (left, right) that the other side has, sorted
        self.lost_until = None      # what lies unsacked below it is sent again, once
        self.resent = set()
        self.doubles = 0            # ACKs that brought nothing
        self.rto, self.tries = FIRST_RTO, 0
        self.resend_at = None       # also: when TIME-WAIT ends
        # Receiving.
        self.rcv_nxt = 0
        self.received = bytearray()
        self.early = {}             # seq -> bytes that came before their turn
        self.fin_at = None
        self.fin_seen = False
        self.unacked = 0            # segments
        self.ack_at = None
        self.recent_stamp = 0
        self.resets = 0             # RSTs that came
        self.counts = {'resent': 0, 'timeouts': 0, 'early': 0, 'doubles': 0}

    @property
    def due(self):
        """When `timer` wants to run; None: never."""
        return min((t for t in (self.resend_at, self.ack_at) if t is not None), default=None)

    # ---- what tests call -------------------------------------------------------------------------

    def wait(self, condition, what):
        def check():
            if condition():
                return True
            if self.error:
                raise self.error
            return False
        self.peer.wait(check, f'{what} on port {self.port} ({self.state})')

    def wait_open(self):
        self.wait(lambda: self.state not in ('CLOSED', 'LISTEN', 'SYN-SENT', 'SYN-RECEIVED'), 'connection')

    def wait_state(self, *states):
        self.wait(lambda: self.state in states, ' or '.join(states))

    def wait_reset(self):
        """Until the other side has sent RST."""
        self.peer.wait(lambda: self.resets, f'RST to port {self.port}')

    def send(self, data):
        """All of data; returns when it is acknowledged but for what a buffer holds."""
        view = memoryview(data)
        while len(view):
            self.wait(lambda: len(self.pending) < self.options.buffer, 'room')
            with self.peer.lock:
                n = self.options.buffer - len(self.pending)
                self.pending += view[:n]
                view = view[n:]
                self.output()
            self.peer.link.wake()

    def flush(self):
        """Until all is acknowledged, a FIN too."""
        self.wait(lambda: not self.pending and self.una == self.nxt, 'acknowledgement')

    def receive(self, n):
        """n bytes, or fewer at the end."""
        out = bytearray()
        while len(out) < n:
            self.wait(lambda: self.received or self.fin_seen, 'data')
            with self.peer.lock:
                if not self.received:
                    break
                was = self.window()
                part = self.received[:n - len(out)]
                out += part
                del self.received[:len(part)]
                if self.window() - was >= 2 * self.mss or not was and self.window():
                    self.send_ack()
        return bytes(out)

    def receive_all(self):
        """What comes until FIN."""
        out = bytearray()
        while part := self.receive(1 << 16):
            out += part
        return bytes(out)

    def finish(self):
        """FIN, behind what is to be sent."""
        with self.peer.lock:
            self.fin_wanted = True
            self.output()
        self.peer.link.wake()

    def abort(self):
        """RST."""
        with self.peer.lock:
            self.emit(wire.RST | wire.ACK, self.nxt)
            self.end(ConnectionAbortedError('we reset it'))

    def vanish(self):
        """Never say a word again, nor hear one."""
        with self.peer.lock:
            self.end(ConnectionAbortedError('we went away'))

    def raw(self, flags, seq, ack=None, payload=b'', window=None, **fields):
        """Any segment at all of this connection; our state does not change."""
        with self.peer.lock:
            self.transmit(wire.tcp(self.peer.address, self.address, self.port, self.far_port, seq,
                                   self.rcv_nxt if ack is None else ack, flags,
                                   self.shown_window() if window is None else window, payload, **fields))

    # ---- segments out ----------------------------------------------------------------------------

    def transmit(self, segment):
        self.peer.send_ip(self.address, wire.TCP, segment)

    def window(self):
        return max(self.options.buffer - len(self.received) - sum(map(len, self.early.values())), 0)

    def shown_window(self):
        return min(self.window() >> self.our_scale, 0xffff)

    def stamps(self):
        return (int(time.monotonic() * 1000), self.recent_stamp) if self.stamps_ok else None

    def emit(self, flags, seq, payload=b''):
        options = wire.tcp_options(stamps=self.stamps(), sack=self.blocks())
        self.transmit(wire.tcp(self.peer.address, self.address, self.port, self.far_port, seq, self.rcv_nxt, flags,
                               self.shown_window(), payload, options=options))
        if flags & wire.ACK:
            self.unacked, self.ack_at = 0, None

    def send_ack(self):
        self.emit(wire.ACK, self.nxt)

    def send_syn(self):
        """SYN, or SYN and ACK; what the other side did not offer is not in the answer."""
        o = self.options
        answer = self.state == 'SYN-RECEIVED'
        scale = o.scale if not answer or self.our_scale or self.far_scale else None
        stamps = (int(time.monotonic() * 1000), self.recent_stamp)
        options = wire.tcp_options(mss=o.mss, scale=scale, sack_ok=self.sack_ok if answer else o.sack,
                                   stamps=stamps if (self.stamps_ok if answer else o.stamps) else None)
        window = min(self.window(), 0xffff)
        self.transmit(wire.tcp(self.peer.address, self.address, self.port, self.far_port, self.iss, self.rcv_nxt,
                               wire.SYN | wire.ACK if answer else wire.SYN, window, options=options))
        self.nxt = (self.iss + 1) & MASK
        self.set_timer()

    def open(self):
        self.state = 'SYN-SENT'
        self.send_syn()

    def blocks(self):
        """What has come early, as SACK blocks."""
        if not self.sack_ok or not self.early:
            return []
        out = []
        for seq in sorted(self.early, key=lambda s: (s - self.rcv_nxt) & MASK):
            end = (seq + len(self.early[seq])) & MASK
            if out and not before(out[-1][1], seq):
                if before(out[-1][1], end):
                    out[-1][1] = end
            else:
                out.append([seq, end])
        return out

    def segment_at(self, seq):
        """The bytes that go from seq on, as many as one segment takes, and whether FIN is behind them."""
        at = (seq - self.una) & MASK
        room = self.mss - (12 if self.stamps_ok else 0)
        part = bytes(self.pending[at:at + room])
        return part, self.fin_wanted and at + len(part) == len(self.pending)

    def send_segment(self, seq):
        """One segment from seq on; its length in sequence numbers."""
        part, fin = self.segment_at(seq)
        if not part and not fin:
            return 0
        self.emit(wire.ACK | (wire.FIN if fin else 0) | (wire.PSH if part else 0), seq, part)
        end = (seq + len(part) + fin) & MASK
        if before(self.nxt, end):
            self.nxt = end
        if fin and not self.fin_sent:
            self.fin_sent = True
            self.state = {'ESTABLISHED': 'FIN-WAIT-1', 'CLOSE-WAIT': 'LAST-ACK'}.get(self.state, self.state)
        return len(part) + fin

    def output(self):
        """As much as windows allow."""
        if self.state not in ('ESTABLISHED', 'CLOSE-WAIT', 'FIN-WAIT-1', 'LAST-ACK', 'CLOSING'):
            return
        self.resend_lost()
        limit = min(self.far_window, self.options.window * self.mss)
        while not self.fin_sent:
            flying = (self.nxt - self.una) & MASK
            part, fin = self.segment_at(self.nxt)
            if not part and not fin or part and flying + len(part) > limit:
                break
            self.send_segment(self.nxt)
        if self.una != self.nxt or len(self.pending) > ((self.nxt - self.una) & MASK):
            if self.resend_at is None:
                self.set_timer()

    def resend_lost(self):
        """What lies below what the other side has is sent again, each piece once a round trip or time-out."""
        if self.lost_until is None:
            return
        seq = self.una
        while before(seq, self.lost_until):
            inside = next((right for left, right in self.sacked
                           if not before(seq, left) and before(seq, right)), None)
            if inside is not None:
                seq = inside
                continue
            part, fin = self.segment_at(seq)
            size = len(part) + fin
            if not size:
                break
            if seq not in self.resent:
                self.resent.add(seq)
                self.counts['resent'] += 1
                self.send_segment(seq)
            seq = (seq + size) & MASK

    # ---- timers ----------------------------------------------------------------------------------

    def set_timer(self):
        self.resend_at = time.monotonic() + self.rto

    def timer(self):
        """[lock] due has come."""
        now = time.monotonic()
        if self.ack_at is not None and self.ack_at <= now:
            self.send_ack()
        if self.resend_at is None or self.resend_at > now:
            return
        self.resend_at = None
        if self.state == 'TIME-WAIT':
            self.end(None)
            return
        if self.una == self.nxt and not self.pending:
            return
        self.tries += 1
        self.counts['timeouts'] += 1
        if self.tries > MAX_RETRANSMITS:
            self.end(TimeoutError(f'nothing acknowledged, {self.state}'))
            return
        self.rto = min(self.rto * 2, MAX_RTO)
        if self.state in ('SYN-SENT', 'SYN-RECEIVED'):
            self.send_syn()
            return
        # One segment, as RFC 6298 has it (to a window of 0: a probe); the rest when an ACK shows what is missing.
        self.resent.clear()
        self.sacked.clear()
        self.lost_until = None
        self.counts['resent'] += 1
        if self.far_window or self.una != self.nxt:
            self.send_segment(self.una)
        else:
            self.emit(wire.ACK, (self.una - 1) & MASK)      # a probe: the answer has the window
        self.set_timer()

    # ---- segments in -----------------------------------------------------------------------------

    def input(self, seg):
        """[lock] RFC 9293, 3.10.7, in its order."""
        if self.state == 'LISTEN':
            self.take_syn(seg)
            self.state = 'SYN-RECEIVED'
            self.send_syn()
            return
        if self.state == 'SYN-SENT':
            self.syn_sent_input(seg)
            return
        length = len(seg.payload) + bool(seg.flags & wire.FIN)
        window = max(self.window(), 1)
        if seg.flags & wire.RST:
            if ((seg.seq - self.rcv_nxt) & MASK) < window:
                self.resets += 1
                self.end(ConnectionResetError(f'reset by the machine in {self.state}'))
            return
        if seg.flags & wire.SYN:
            if self.state == 'SYN-RECEIVED':
                self.send_syn()
            else:
                self.send_ack()
            return
        if seg.stamps and self.stamps_ok:
            if not before(self.rcv_nxt, seg.seq) and not before(seg.stamps[0], self.recent_stamp):
                self.recent_stamp = seg.stamps[0]
        if not seg.flags & wire.ACK:
            return
        if self.state == 'SYN-RECEIVED':
            if seg.ack != self.nxt:
                self.peer.refuse(self.address, seg)
                return
            self.state, self.una, self.resend_at = 'ESTABLISHED', self.nxt, None
            self.rto, self.tries = FIRST_RTO, 0
            if self.listener:
                self.listener.ready.append(self)
        self.ack_input(seg, length)
        if self.error or self.state == 'CLOSED':
            return
        if length:
            self.data_input(seg)
        self.output()

    def take_syn(self, seg):
        o = self.options
        self.rcv_nxt = (seg.seq + 1) & MASK
        self.mss = min(seg.mss or 536, o.mss)
        if seg.scale is not None and o.scale is not None:
            self.far_scale, self.our_scale = min(seg.scale, 14), o.scale
        self.sack_ok = seg.sack_ok and o.sack
        self.stamps_ok = bool(seg.stamps and o.stamps)
        if seg.stamps:
            self.recent_stamp = seg.stamps[0]
        self.far_window = seg.window

    def syn_sent_input(self, seg):
        if seg.flags & wire.ACK and seg.ack != self.nxt:
            return
        if seg.flags & wire.RST:
            if seg.flags & wire.ACK:
                self.resets += 1
                self.end(ConnectionRefusedError('refused'))
            return
        if seg.flags & (wire.SYN | wire.ACK) == wire.SYN | wire.ACK:
            self.take_syn(seg)
            self.una, self.state, self.resend_at, self.rto, self.tries = self.nxt, 'ESTABLISHED', None, FIRST_RTO, 0
            self.send_ack()
            self.output()
        elif seg.flags & wire.SYN:
            self.take_syn(seg)
            self.state = 'SYN-RECEIVED'
            self.send_syn()

    def ack_input(self, seg, length):
        if before(self.nxt, seg.ack):
            self.send_ack()
            return
        self.note_sack(seg.sack)
        if before(self.una, seg.ack):
            self.acknowledged(seg.ack)
        elif seg.ack == self.una and not length and self.una != self.nxt and \
                seg.window << self.far_scale == self.far_window:
            self.doubles += 1
            self.counts['doubles'] += 1
            if self.doubles == 3 and not self.sack_ok:
                self.lost_until = (self.una + 1) & MASK
                self.resent.clear()
        if not before(seg.ack, self.una):
            self.far_window = seg.window << self.far_scale
        if self.sacked and (self.doubles >= 3 or len(self.sacked) > 0 and
                            (self.sacked[-1][1] - self.una) & MASK > 3 * self.mss):
            self.lost_until = self.sacked[-1][0]

    def note_sack(self, blocks):
        """Blocks that lie within what is on its way."""
        for left, right in blocks:
            if before(left, self.una) or not before(left, right) or before(self.nxt, right):
                continue
            self.sacked.append((left, right))
        self.sacked = sorted({b for b in self.sacked if before(self.una, b[1])},
                             key=lambda b: (b[0] - self.una) & MASK)

    def acknowledged(self, ack):
        gone = (ack - self.una) & MASK
        fin = self.fin_sent and ack == self.nxt
        del self.pending[:gone - fin]
        self.una = ack
        self.rto, self.tries, self.doubles = FIRST_RTO, 0, 0
        self.sacked = [b for b in self.sacked if before(ack, b[1])]
        self.resent = {s for s in self.resent if not before(s, ack)}
        if self.lost_until is not None and not before(ack, self.lost_until):
            self.lost_until = None
        self.resend_at = None
        if self.una != self.nxt:
            self.set_timer()
        if fin:
            if self.state == 'LAST-ACK':
                self.end(None)
            elif self.state == 'CLOSING':
                self.time_wait()
            elif self.state == 'FIN-WAIT-1':
                self.state = 'FIN-WAIT-2'

    def data_input(self, seg):
        """Payload and FIN, in order or early; what was there already is answered at once."""
        if seg.flags & wire.FIN:
            self.fin_at = (seg.seq + len(seg.payload)) & MASK
        seq, data = seg.seq, seg.payload
        if before(seq, self.rcv_nxt):
            data = data[(self.rcv_nxt - seq) & MASK:]
            seq = self.rcv_nxt
        data = data[:max(self.window() - ((seq - self.rcv_nxt) & MASK), 0)]
        old = self.rcv_nxt
        if self.fin_seen or self.state not in ('ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2'):
            self.send_ack()
            return
        if data and seq != self.rcv_nxt:
            self.counts['early'] += 1
            if len(self.early.get(seq, b'')) < len(data):
                self.early[seq] = data
        elif data:
            self.deliver(data)
            while True:
                due = [s for s in self.early if not before(self.rcv_nxt, s)]
                if not due:
                    break
                for s in due:
                    part = self.early.pop(s)[(self.rcv_nxt - s) & MASK:]
                    if part:
                        self.deliver(part)
        if self.fin_at == self.rcv_nxt:
            self.rcv_nxt = (self.rcv_nxt + 1) & MASK
            self.fin_seen = True
            if self.state == 'FIN-WAIT-2':
                self.time_wait()
            else:
                self.state = {'ESTABLISHED': 'CLOSE-WAIT', 'FIN-WAIT-1': 'CLOSING'}[self.state]
            self.send_ack()
            return
        self.unacked += 1
        if self.rcv_nxt == old or self.early or self.unacked >= self.options.ack_every:
            self.send_ack()
        elif self.ack_at is None:
            self.ack_at = time.monotonic() + .04

    def deliver(self, data):
        self.received += data
        self.rcv_nxt = (self.rcv_nxt + len(data)) & MASK

    def time_wait(self):
        self.state = 'TIME-WAIT'
        self.resend_at, self.ack_at = time.monotonic() + TIME_WAIT, None

    def end(self, error):
        self.state, self.error, self.resend_at, self.ack_at = 'CLOSED', error, None, None
        self.peer.forget(self)
        self.peer.changed.notify_all()
