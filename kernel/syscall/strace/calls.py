"""One call as strace prints it: its arguments, and those that depend on one another (results.py: its result).

pieces(call) is a generator of text. It gives None where strace waits for the call's end, which is
where a line is cut when another task's comes between. A call that needs more than its row in
syscalls.tbl says has a generator of its own, args_NAME.
"""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import gen  # noqa: E402
import values  # noqa: E402
from names import SETS, named, signal_name  # noqa: E402
from kinds import NUMBERS, clone_flags, keyring  # noqa: E402
from memory import U32, Memory, buffer, path, pointer, string, string_count, strings  # noqa: E402
from values import open_flags, shown  # noqa: E402

TABLE = os.path.join(os.path.dirname(os.path.abspath(gen.__file__)), 'syscalls.tbl')
ROWS = {r.nr: r for r in gen.parse(TABLE)}
WAIT = None
# Structures that are shown though the call failed: they hold what the caller put there.
FROM_ENTRY = {'iovec', 'iovec_remote', 'socklen'}
KEPT = {(n, 'timespec') for n in ('io_getevents', 'io_pgetevents', 'rt_sigtimedwait', 'recvmmsg',
                                'mq_timedreceive')}
KEPT.add(('sendmmsg', 'mmsghdr'))
# Structures that are read and written: what they held at entry is shown at entry.
AT_ENTRY = {'fdset', 'pollfd', 'offset', 'timespec'}


class Call:
    """A call in progress, or done."""

    def __init__(self, nr, args, captures):
        self.row = ROWS.get(nr)
        self.name = self.row.name if self.row else f'syscall_{nr:#x}'
        self.args = args
        self.entered, self.memory = Memory(), Memory()
        self.entered.add(captures)
        self.memory.add(captures)
        self.done, self.ret = False, 0

    def leave(self, ret, captures):
        self.done, self.ret = True, ret
        self.memory.add(captures)

    @property
    def failed(self):
        return self.done and -4095 <= self.ret < 0

    def int(self, i):
        """Argument i as a C int."""
        v = self.args[i] & U32
        return v - (1 << 32) if v >> 31 else v

    def long(self, i):
        v = self.args[i]
        return v - (1 << 64) if v >> 63 else v


# ---- one argument ----------------------------------------------------------------------------

def number(call, i, arg):
    """An argument that is no pointer."""
    v, kind, form = call.args[i], arg.type, arg.format
    if form in NUMBERS:
        return NUMBERS[form](call, i)
    if form in SETS:
        return named(v & U32 if kind in ('int', 'uint') else v, form)
    if kind in ('int', 'fd', 'file', 'anyfile', 'socket', 'pid'):
        return str(call.int(i))
    if kind == 'dfd':
        return 'AT_FDCWD' if call.int(i) == -100 else str(call.int(i))
    if kind == 'uid':
        return '-1' if v & U32 == U32 else str(v & U32)
    if kind == 'uint':
        return str(v & U32)
    if kind in ('long', 'off'):
        return str(call.long(i))
    if kind == 'hex':
        return f'{v:#x}' if v else '0'
    if kind == 'mode':
        return f'0{v & U32:02o}'
    if kind == 'dev':
        return values.device(v)
    if kind == 'sig':
        return signal_name(call.int(i)) if call.int(i) else '0'
    if kind in ('addr', 'ptr', 'outptr', 'ioptr'):
        return pointer(v)
    return str(v)


def count_of(call, arg):
    """How many bytes or elements an argument points at."""
    if arg.count in (None, '2'):
        return 1
    if arg.count == 'ret':
        return max(call.ret, 0)
    i = [a.name for a in call.row.args].index(arg.count.lstrip('*'))
    if arg.count[0] != '*':
        return call.args[i] if call.row.args[i].type in ('size', 'ulong') else max(call.int(i), 0)
    now, was = (m.number(call.args[i], 'i') or 0 for m in (call.memory, call.entered))
    return max(min(now, was), 0)


def set_size(call):
    """The size that the caller gives its sets of signals."""
    sizes = [v for a, v in zip(call.row.args, call.args) if a.name in ('sigsetsize', 'sizemask')]
    return sizes[0] if sizes else 8


def argument(call, i):
    """The pieces of argument i."""
    arg = call.row.args[i]
    when = gen.TYPES[arg.type][1]
    v = call.args[i]
    if arg.type == 'path':
        yield path(call, v)
    elif arg.type == 'str':
        yield string(call, v)
    elif arg.type == 'strv':
        yield strings(call, v)
    elif arg.type == 'envv':
        yield string_count(call, v)
    elif not when or not arg.format:
        yield number(call, i, arg)
    else:
        waits = when & gen.OUT and not (when & gen.IN and arg.format in AT_ENTRY)
        if waits and not call.done:
            yield WAIT
        # What is looked at behind a call that failed is not trusted, nor is a set of an unknown size.
        if call.failed and arg.format not in FROM_ENTRY and (call.name, arg.format) not in KEPT or \
                arg.format == 'sigset' and set_size(call) != 8:
            yield pointer(v)
        else:
            yield values.printer(arg)(call, v, count_of(call, arg))


def listed(call, indexes):
    """Arguments with commas between."""
    for n, i in enumerate(indexes):
        if n:
            yield ', '
        yield from argument(call, i) if isinstance(i, int) else iter([i])


def pieces(call):
    """All of the arguments."""
    own = globals().get('args_' + call.name)
    if own:
        yield from own(call)
    elif call.row:
        yield from listed(call, range(len(call.row.args)))
    else:
        yield ', '.join(f'{v:#x}' if v else '0' for v in call.args)


# ---- calls whose arguments depend on one another ---------------------------------------------

def args_openat(call):
    creates = call.args[2] & 0o100 or call.args[2] & 0x410000 == 0x410000
    yield from listed(call, range(4 if creates else 3))


def args_mq_open(call):
    yield from listed(call, range(4 if call.args[1] & 0o100 else 2))


def args_mknodat(call):
    yield from listed(call, range(4 if call.args[2] & 0o170000 in (0o020000, 0o060000) else 3))


def args_mremap(call):
    yield from listed(call, range(5 if call.args[3] & 6 else 4))


def position(call):
    """preadv and friends: the position is one number."""
    yield from listed(call, [0, 1, 2])
    yield ', ' + str(call.long(3))
    if len(call.row.args) > 5:
        yield ', '
        yield from argument(call, 5)


args_preadv = args_pwritev = args_preadv2 = args_pwritev2 = position


def args_clone(call):
    """strace's order, and only what the flags ask for."""
    flags = call.args[0]
    yield f'child_stack={pointer(call.args[1])}, flags={clone_flags(flags)}'
    if flags & 0x100000 or flags & 0x1000:
        yield WAIT
        label = 'parent_tid' if flags & 0x100000 else 'pidfd'
        text = pointer(call.args[2]) if call.failed else shown(call, call.args[2], 'int1')
        yield f', {label}=' + (text if call.failed else f'[{text}]')
    if flags & 0x80000:
        yield f', tls={pointer(call.args[3])}'
    if flags & 0x1200000:
        yield f', child_tidptr={pointer(call.args[4])}'


def args_clone3(call):
    yield values.sized_clone_args(call, call.args[0], call.args[1])
    data = call.entered.some(call.args[0], 32) if call.args[0] else b''
    flags, pidfd, _child, parent = struct.unpack('<4Q', data) if len(data) == 32 else (0, 0, 0, 0)
    if flags & 0x101000:
        yield WAIT
        told = (('pidfd', 0x1000, pidfd), ('parent_tid', 0x100000, parent))
        out = [f'{label}=[{value}]' for label, bit, at in told
               if flags & bit and (value := call.memory.number(at, 'i')) is not None]
        if out and not call.failed:
            yield ' => {' + ', '.join(out) + '}'
    yield f', {call.args[1]}'


def timespec(call, at):
    return shown(call, at, 'timespec')


def args_futex(call):
    a, op = call.args, call.args[1] & U32
    name = named(op & 0x7f, 'futex')
    if '/*' in name:
        text = f'{op:#x} /* FUTEX_??? */'
    else:
        text = name + ('_PRIVATE' if op & 0x80 else '') + ('|FUTEX_CLOCK_REALTIME' if op & 0x100 else '')
    out = [pointer(a[0]), text]
    op &= 0x7f
    val, val2, val3 = a[2] & U32, a[3] & U32, a[5] & U32
    bitset = 'FUTEX_BITSET_MATCH_ANY' if val3 == U32 else f'{val3:#x}'
    if op in (0, 6, 13):
        out += [str(val), timespec(call, a[3])]
        if op != 0:
            out = out[:2] + [timespec(call, a[3])]
    elif op in (1, 2):
        out.append(str(val))
    elif op == 3:
        out += [str(val), str(val2), pointer(a[4])]
    elif op in (4, 12):
        out += [str(val), str(val2), pointer(a[4]), str(val3)]
    elif op == 5:
        shift = ['FUTEX_OP_OPARG_SHIFT<<28'] if val3 >> 31 else []
        first, second = (f'{v:#x}' if v else '0' for v in (val3 >> 12 & 0xfff, val3 & 0xfff))
        words = shift + [f'{named(val3 >> 28 & 7, "futex_wake_op")}<<28', f'{first}<<12',
                         f'{named(val3 >> 24 & 15, "futex_wake_cmp")}<<24', second]
        out += [str(val), str(val2), pointer(a[4]), '|'.join(words)]
    elif op == 9:
        out += [str(val), timespec(call, a[3]), bitset]
    elif op == 10:
        out += [str(val), bitset]
    elif op == 11:
        out += [str(val), timespec(call, a[3]), pointer(a[4])]
    elif op not in (7, 8):
        out += [str(val), pointer(a[3]), pointer(a[4]), f'{val3:#x}' if val3 else '0']
    yield ', '.join(out)


FCNTL_ALONE = {1, 3, 9, 11, 1025, 1028, 1029, 1032, 1034}


def args_fcntl(call):
    cmd, v = call.args[1] & U32, call.args[2]
    yield from listed(call, [0, 1])
    if cmd in FCNTL_ALONE:
        return
    yield ', '
    if cmd in (5, 36, 16):
        yield WAIT
        yield pointer(v) if call.failed else shown(call, v, 'f_owner_ex' if cmd == 16 else 'flock_pid')
    elif cmd in (6, 7, 37, 38):
        yield shown(call, v, 'flock')
    elif cmd == 15:
        yield shown(call, v, 'f_owner_ex')
    elif cmd in FCNTL_SETS:
        yield named(v, FCNTL_SETS[cmd])
    elif cmd == 4:
        yield open_flags(v & U32)
    elif cmd == 10:
        yield signal_name(v & U32) if v else '0'
    elif cmd in (0, 8, 1030, 1031, 1027):
        yield str(call.int(2))
    else:
        yield f'{v:#x}' if v else '0'


FCNTL_SETS = {2: 'fd', 1024: 'lock_type', 1026: 'dnotify', 1033: 'seals'}
IOCTL_OUT = {0x5401: 'termios', 0x5413: 'winsize', 0x540f: 'int1', 0x541b: 'int1', 0x5411: 'int1',
             0x5429: 'int1', 0x5424: 'int1', 0x80045430: 'int1', 0x80045439: 'int1', 0x80045440: 'int1', 0x80045432: 'int1',
             0x5415: 'int1', 0x80081272: 'ulong', 0x1260: 'ulong', 0x1268: 'int1'}
IOCTL_IN = {0x5402: 'termios', 0x5403: 'termios', 0x5404: 'termios', 0x5414: 'winsize', 0x5410: 'int1',
            0x5421: 'int1', 0x40045431: 'int1', 0x5423: 'int1', 0x5452: 'int1', 0x5420: 'int1', 0x5412: 'int1'}
IOCTL_ALONE = {0x540c, 0x540d, 0x5422, 0x5427, 0x5428, 0x5450, 0x5451, 0x5437}
IOCTL_NUMBER = {0x5409, 0x540e, 0x5425, 0x541c, 0x40049409}


def args_ioctl(call):
    cmd, v = call.args[1] & U32, call.args[2]
    yield from listed(call, [0, 1])
    if cmd in IOCTL_ALONE:
        return
    if cmd in IOCTL_OUT:
        yield ', '
        yield WAIT
        text = pointer(v) if call.failed else shown(call, v, IOCTL_OUT[cmd])
    elif cmd in IOCTL_IN:
        yield ', '
        text = shown(call, v, IOCTL_IN[cmd])
    else:
        text = named(v, 'tcflsh') if cmd == 0x540b else named(v, 'tcxonc') if cmd == 0x540a else \
            str(call.int(2)) if cmd in IOCTL_NUMBER else f'{v:#x}' if v else '0'
        yield ', ' + text
        return
    bare = IOCTL_OUT.get(cmd, IOCTL_IN.get(cmd)) in ('int1', 'ulong')
    yield f'[{text}]' if bare and not text.startswith('0x') and text != 'NULL' else text


PRCTL_ALONE = {3, 7, 21, 27, 30, 72}
PRCTL_ONE = {4, 8, 22, 24, 28, 29, 36}
DUMPABLE = {0: 'SUID_DUMP_DISABLE', 1: 'SUID_DUMP_USER', 2: 'SUID_DUMP_ROOT'}


def args_prctl(call):
    op, v = call.args[0] & U32, call.args[1]
    yield number(call, 0, call.row.args[0])
    if op in PRCTL_ALONE:
        return
    if op == 15:
        yield ', ' + string(call, v, 15)
    elif op == 16:
        yield ', '
        yield WAIT
        yield pointer(v) if call.failed else string(call, v, 16)
    elif op == 1:
        yield ', ' + (signal_name(v) if v else '0')
    elif op in (2, 37):
        yield ', '
        yield WAIT
        n = call.memory.number(v, 'i')
        text = signal_name(n) if n and op == 2 else str(n)
        yield pointer(v) if call.failed or n is None else f'[{text}]'
    elif op == 4:
        yield ', ' + (DUMPABLE.get(v) or f'{v:#x} /* SUID_DUMP_??? */')
    elif op in (23, 24):
        yield ', ' + (SETS['caps'].names.get(v) or f'{v:#x} /* CAP_??? */')
    elif op == 22:
        yield ', ' + named(v, 'seccomp_mode') + (f', {pointer(call.args[2])}' if v == 2 else '')
    elif op in (8, 29, 36):
        yield f', {v}'
    elif op == 0x53564d41:
        what = f'{v:#x} /* PR_SET_VMA_??? */' if v else 'PR_SET_VMA_ANON_NAME'
        yield f', {what}, {pointer(call.args[2])}, {call.args[3]}, {pointer(call.args[4])}'
    elif op in (38, 39, 40, 41, 42):
        yield ''.join(f', {x}' if op in (38, 41) and i == 0 else f', {x:#x}' if x else ', 0'
                      for i, x in enumerate(call.args[1:5] if op != 40 else call.args[1:2]))
    else:
        yield ''.join(f', {x:#x}' if x else ', 0' for x in call.args[1:5])


def args_rt_sigreturn(call):
    mask = call.entered.pieces[0][1] if call.entered.pieces else b''
    yield f'{{mask={values.signal_set(struct.unpack("<Q", mask)[0])}}}' if len(mask) == 8 else ''


def args_restart_syscall(call):
    yield f'<... resuming interrupted {call.resumes or "system call"} ...>'


Call.resumes = None


def args_nanosleep(call):
    first = 0 if call.name == 'nanosleep' else 2
    yield from listed(call, range(first + 1))
    yield ', '
    if call.name != 'nanosleep' and call.args[1] & 1 or not call.args[first + 1]:
        yield pointer(call.args[first + 1])
        return
    yield WAIT
    interrupted = call.ret in (-516, -4, -514)
    yield timespec(call, call.args[first + 1]) if interrupted else pointer(call.args[first + 1])


args_clock_nanosleep = args_nanosleep


def args_ppoll(call):
    yield values.array(call, call.args[0], call.args[1] & U32, 8, values.show_pollfd)
    yield f', {call.args[1] & U32}, '
    yield from listed(call, [2, 3])
    yield f', {call.args[4]}'


def args_sendfile(call):
    yield from listed(call, [0, 1, 2])
    if call.entered.number(call.args[2], 'q') is not None:
        yield WAIT
        if call.ret > 0:
            yield ' => ' + shown_offset(call, 2)
    yield f', {call.args[3]}'


def shown_offset(call, i):
    return values.sized_offset(call, call.args[i], 1)


def args_epoll_ctl(call):
    yield from listed(call, [0, 1, 2])
    deletes = call.args[1] & U32 == 2
    yield ', ' + (pointer(call.args[3]) if deletes else shown(call, call.args[3], 'epoll_event'))


def args_wait4(call):
    yield from listed(call, [0])
    yield ', '
    yield WAIT
    status = shown(call, call.args[1], 'wstatus') if call.ret > 0 else pointer(call.args[1])
    yield status + ', '
    yield from argument(call, 2)
    yield ', ' + (shown(call, call.args[3], 'rusage') if call.ret > 0 else pointer(call.args[3]))


def args_waitid(call):
    kind = call.args[0] & U32
    yield named(kind, 'waitid') + f', {call.int(1)}, '
    yield WAIT
    info = call.memory.read(call.args[2], 128) if call.args[2] and not call.failed else None
    yield pointer(call.args[2]) if info is None else values.siginfo(info) if any(info[:4]) else '{}'
    yield ', '
    yield from argument(call, 3)
    yield ', ' + (pointer(call.args[4]) if call.failed else shown(call, call.args[4], 'rusage'))


def args_recvmsg(call):
    yield f'{call.int(0)}, '
    yield WAIT
    at = call.args[1]
    before = call.entered.number(at + 8, 'I') if at else None
    data = call.memory.read(at, 56) if at else None
    if call.failed or not data:
        # Only what the caller set is known to be there.
        namelen = call.memory.number(at + 8, 'I') if data else None
        yield pointer(at) if namelen is None else f'{{msg_namelen={namelen}}}'
    else:
        yield values.message(call, at, call.ret, before)
    yield f', {named(call.args[2], "msg")}'


def args_ptrace(call):
    request = call.args[0]
    yield named(request, 'ptrace')
    if request == 0:
        return
    yield f', {call.int(1)}'
    addr, data = call.args[2], call.args[3]
    if request in (8, 16, 0x4207):
        if request == 16:
            return
    elif request in (7, 9, 17, 24, 0x4208):
        yield f', {pointer(addr)}, {signal_name(data) if data else 0}'
    elif request in (0x4200, 0x4206):
        yield f', {pointer(addr)}, {named(data, "ptrace_opt")}'
    else:
        yield f', {pointer(addr)}, {pointer(data)}'


def args_semctl(call):
    cmd = call.args[2] & U32
    yield from listed(call, [0, 1, 2])
    alone = cmd in (0, 11, 12, 14, 15)
    yield ', ' + (pointer(call.args[3]) if not alone or not call.args[3] else f'{call.args[3]:#x}')


def ipc_ctl(call, name):
    """IPC_STAT fills it, IPC_SET reads it."""
    cmd = call.args[1] & U32
    yield from listed(call, [0, 1])
    yield ', '
    if cmd == 2:
        yield WAIT
        yield pointer(call.args[2]) if call.failed else shown(call, call.args[2], name)
    elif cmd == 1:
        yield values.ipc_set(call, call.args[2], name)
    else:
        yield pointer(call.args[2])


def args_msgctl(call):
    yield from ipc_ctl(call, 'msqid_ds')


def args_shmctl(call):
    yield from ipc_ctl(call, 'shmid_ds')


def args_name_to_handle_at(call):
    yield from listed(call, [0, 1])
    yield ', '
    at = call.args[2]
    before = call.entered.number(at, 'I')
    yield f'{{handle_bytes={before}' if before is not None else pointer(at)
    yield WAIT
    if before is not None:
        data = call.memory.some(at, 136)
        size, kind = struct.unpack_from('<Ii', data) if len(data) >= 8 else (before, 0)
        if not call.failed:
            yield f' => {size}' if size != before else ''
            yield f', handle_type={kind}, f_handle=0x{data[8:8 + size].hex()}'
        elif call.ret == -75:
            yield f' => {size}'
        yield '}'
    yield ', '
    yield from listed(call, [3, 4])


def args_capget(call):
    yield shown(call, call.args[0], 'cap_header') + ', '
    if call.name == 'capget':
        yield WAIT
    text = pointer(call.args[1])
    if call.args[1] and not call.failed and call.memory.read(call.args[1], 24):
        text = values.show_cap_data(call, call.args[1])
    yield text


args_capset = args_capget


def args_mount(call):
    yield from listed(call, [0, 1, 2])
    flags = call.args[3]
    magic = 'MS_MGC_VAL|' if flags & 0xffff0000 == 0xc0ed0000 else ''
    rest = flags & 0xffff if magic else flags
    yield ', ' + (magic + named(rest, 'mount') if rest or not magic else magic[:-1]) + ', '
    yield string(call, call.args[4])


def args_sethostname(call):
    length = call.args[1] & U32
    yield (buffer(call, call.args[0], length) if length <= 64 else pointer(call.args[0])) + f', {length}'


args_setdomainname = args_sethostname


def args_membarrier(call):
    yield from listed(call, range(3 if call.args[1] else 2))


def args_reboot(call):
    yield from listed(call, range(4 if call.args[2] & U32 == 0xa1b2c3d4 else 3))


def args_syslog(call):
    kind = call.args[0] & U32
    yield SETS['syslog'].names.get(kind) or f'{kind} /* SYSLOG_ACTION_??? */'
    if kind in (2, 3, 4):
        yield ', '
        yield WAIT
        yield pointer(call.args[1]) if call.failed else buffer(call, call.args[1], call.ret)
    else:
        yield f', {pointer(call.args[1])}'
    yield f', {call.int(2)}'


def args_seccomp(call):
    yield from listed(call, [0, 1])
    is_filter = call.args[0] & U32 == 1
    yield ', ' + (shown(call, call.args[2], 'sock_fprog') if is_filter else pointer(call.args[2]))


def args_keyctl(call):
    v = call.args
    yield named(v[0] & U32, 'keyctl')
    count = {0: 2, 1: 1, 3: 1, 7: 1, 8: 2, 9: 2, 11: 3, 6: 3, 21: 1, 31: 2}.get(v[0] & U32, 4)
    for i in range(1, count + 1):
        text = keyring(call, i) if i == 1 else f'{v[i]:#x}' if v[i] else '0'
        yield ', ' + text
