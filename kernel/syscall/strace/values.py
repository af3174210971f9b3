"""What stands in a program's memory, printed as strace does.

A printer is a function (call, address) -> text;
what was not captured is shown as its address. printer() gives the one of a format of syscalls.tbl: a
function of this file, else the text of structs.py is followed.
"""
import socket
import struct
import time

import structs
from memory import SHOWN, U32, U64, array, buffer, pointer, quoted, string
from names import SETS, named, signal_name, signal_set

# ---- structures by their text ----------------------------------------------------------------

CODES = {'d': {1: 'b', 2: 'h', 4: 'i', 8: 'q'}, 'u': {1: 'B', 2: 'H', 4: 'I', 8: 'Q'}}
CODES['x'] = CODES['o'] = CODES['u']


def one_number(kind, value, which):
    if which:
        return named(value & U32 if value < 0 else value, which)
    if kind == 'o':
        return f'0{value:02o}'
    return f'{value:#x}' if kind == 'x' and value else str(value)


def member(call, address, kind, size, which, count):
    """One member's value."""
    if kind == 'S':
        return quoted(call.memory.some(address, size).split(b'\0')[0])
    if kind == '{':
        return shown(call, address, which)
    code = 'Q' if kind == 'p' else CODES[kind][size]

    def element(_, where):
        value = call.memory.number(where, code)
        return pointer(value) if kind == 'p' else one_number(kind, value, which)
    return array(call, address, count, size, element) if count else element(call, address)


def by_text(call, address, name):
    """A structure as structs.py has it."""
    out, at = [], address
    for label, kind, size, which, count in structs.members(structs.STRUCTS[name]):
        if kind == '...':
            out.append('...')
        elif kind != '-':
            text = member(call, at, kind, size, which, count)
            out.append(f'{label}={text}' if label else text)
        at += size * (count or 1)
    bare = len(out) == 1 and '=' not in structs.STRUCTS[name].split(':')[0].split('[')[0]
    return out[0] if bare else '{' + ', '.join(out) + '}'


def shown(call, address, name):
    """A structure at an address."""
    if not address or call.memory.read(address, structs.size_of(name)) is None:
        return pointer(address)
    own = globals().get('show_' + name)
    return own(call, address) if own else by_text(call, address, name)


def printer(arg):
    """What prints a pointer argument of syscalls.tbl: a function (call, address, count) -> text."""
    name = arg.format
    special = {'bytes': buffer, 'cstring': lambda c, a, n: buffer(c, a, max(n - 1, 0)),
               'hexbytes': lambda c, a, n: buffer(c, a, n, True), 'text': lambda c, a, n: string(c, a)}
    if name in special:
        return special[name]
    if 'sized_' + name in globals():
        return globals()['sized_' + name]
    size = structs.size_of(name)
    one_element = name in ('int1', 'uint1', 'uid1', 'addr1', 'ulong')
    if one_element:
        return lambda c, a, n: array(c, a, 1, size, lambda c2, b: shown(c2, b, name))
    if arg.count and arg.count != '2':
        return lambda c, a, n: array(c, a, n, size, lambda c2, b: shown(c2, b, name))
    return lambda c, a, n: shown(c, a, name)


# ---- numbers and times -----------------------------------------------------------------------

def mode(value):
    """A file's mode with its type, if it has one."""
    if not value & 0o170000:
        return f'0{value:02o}'
    bits = ''.join(f'{name}|' for bit, name in ((0o4000, 'S_ISUID'), (0o2000, 'S_ISGID'), (0o1000, 'S_ISVTX'))
                   if value & bit)
    return f'{named(value & 0o170000, "file_type")}|{bits}0{value & 0o777:02o}'


def device(value):
    major = (value >> 8 & 0xfff) | (value >> 32 & ~0xfff)
    minor = (value & 0xff) | (value >> 12 & ~0xff & U32)
    return f'makedev({major:#x}, {minor:#x})'


def date(seconds, nanoseconds):
    """The comment behind a time of a file."""
    if not 0 <= nanoseconds < 10 ** 9 or not seconds and not nanoseconds:
        return ''
    try:
        text = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        return ''
    return f' /* {text}{f".{nanoseconds:09d}" if nanoseconds else ""}+0000 */'


def show_utimes(call, address):
    out = []
    for at in (address, address + 16):
        s, n = call.memory.number(at, 'q'), call.memory.number(at + 8, 'q')
        special = {0x3fffffff: 'UTIME_NOW', 0x3ffffffe: 'UTIME_OMIT'}.get(n)
        out.append(special or f'{{tv_sec={s}, tv_nsec={n}}}{date(s, n)}')
    return '[' + ', '.join(out) + ']'


def limit(value):
    if value == U64:
        return 'RLIM64_INFINITY'
    return f'{value // 1024}*1024' if value > 1024 and value % 1024 == 0 else str(value)


def show_rlimit(call, address):
    m = call.memory
    return f'{{rlim_cur={limit(m.number(address, "Q"))}, rlim_max={limit(m.number(address + 8, "Q"))}}}'


def sized_cpuset(call, address, count):
    """Harts; 64 of them a word."""
    data = call.memory.some(address, count) if address and count else b''
    if not data:
        return pointer(address) if not address or count else '[]'
    bits = int.from_bytes(data, 'little')
    return '[' + ' '.join(str(i) for i in range(bits.bit_length()) if bits >> i & 1) + ']'


def show_nodemask(call, address):
    return f'[{call.memory.number(address, "Q"):#018x}]'


def show_mpol1(call, address):
    return f'[{named(call.memory.number(address, "I"), "mpol")}]'


def sized_mincore(call, address, _count):
    pages = (call.args[1] + 4095) // 4096
    data = call.memory.some(address, min(pages, SHOWN))
    if not data:
        return pointer(address)
    return '[' + ', '.join([str(b & 1) for b in data] + (['...'] if pages > SHOWN else [])) + ']'


def sized_offset(call, address, _count):
    """[0] before the call, [0] => [5] when it changed."""
    value = call.memory.number(address, 'q')
    return pointer(address) if value is None else f'[{value}]'


# ---- signals ---------------------------------------------------------------------------------

def show_sigset(call, address):
    return signal_set(call.memory.number(address, 'Q'))


def show_sigset_arg(call, address):
    where, size = struct.unpack('<QQ', call.memory.read(address, 16))
    return f'{{sigmask={shown(call, where, "sigset")}, sigsetsize={size}}}'


def handler(value):
    return {0: 'SIG_DFL', 1: 'SIG_IGN', U64: 'SIG_ERR'}.get(value) or f'{value:#x}'


def show_sigaction(call, address):
    act, flags, mask = struct.unpack('<QQQ', call.memory.read(address, 24))
    return f'{{sa_handler={handler(act)}, sa_mask={signal_set(mask)}, sa_flags={named(flags, "sigaction")}}}'


SI_SETS = {17: 'cld', 11: 'segv', 7: 'bus', 4: 'ill', 8: 'fpe', 5: 'trap', 29: 'sigpoll', 31: 'sigsys'}


def siginfo(data):
    """A siginfo_t of 128 bytes."""
    signo, _errno, code = struct.unpack_from('<iii', data)
    pid, uid, status = struct.unpack_from('<iIi', data, 16)
    (value,), (addr,) = struct.unpack_from('<Q', data, 24), struct.unpack_from('<Q', data, 16)
    out = [f'si_signo={signal_name(signo)}']
    own = SETS.get(SI_SETS.get(signo, ''))
    if (code & U32) in SETS['si_code'].names:
        out.append('si_code=' + SETS['si_code'].names[code & U32])
    elif own and code in own.names:
        out.append('si_code=' + own.names[code])
    else:
        out.append(f'si_code={code & U32:#x}' if code else 'si_code=SI_USER')
    ids = [f'si_pid={pid}', f'si_uid={uid}']
    values = [f'si_int={value & U32 if value & U32 < 1 << 31 else (value & U32) - (1 << 32)}',
              f'si_ptr={pointer(value)}']
    if code <= 0:
        if code in (0, -6):
            out += ids
        elif code == -2:
            out += [f'si_timerid={pid:#x}' if pid else 'si_timerid=0', f'si_overrun={uid}'] + values
        else:
            out += ids + (values if value else [])
    elif signo == 17:
        utime, stime = struct.unpack_from('<qq', data, 32)
        out += ids + [f'si_status={status if code == 1 else signal_name(status)}', f'si_utime={ticks(utime)}',
                      f'si_stime={ticks(stime)}']
    elif signo in (4, 7, 8, 11) and code != 0x80:
        out.append(f'si_addr={pointer(addr)}')
    elif signo == 5 and code != 0x80:
        out.append(f'si_addr={pointer(addr)}')
    elif signo == 31:
        number, arch = struct.unpack_from('<iI', data, 24)
        out += [f'si_call_addr={pointer(addr)}', f'si_syscall={number}', f'si_arch={arch:#x}']
    elif signo in (4, 7, 8, 11, 5):
        out.append(f'si_addr={pointer(addr)}')
    elif pid or uid:
        out += ids + (values if value else [])
    return '{' + ', '.join(out) + '}'


def ticks(value):
    """Hundredths of a second."""
    return f'{value} /* {value / 100:.2f} s */' if value else '0'


def show_siginfo(call, address):
    return siginfo(call.memory.read(address, 128))


def show_sigevent(call, address):
    m = call.memory
    value, signo, how = m.number(address, 'Q'), m.number(address + 8, 'i'), m.number(address + 12, 'I')
    low = value & U32
    out = []
    if value:
        low -= low >> 31 << 32
        out.append(f'sigev_value={{sival_int={low}, sival_ptr={value:#x}}}')
    if how in (0, 2, 4):
        out.append(f'sigev_signo={signal_name(signo)}')
    elif signo:
        out.append(f'sigev_signo={signo}')
    out.append(f'sigev_notify={named(how, "sigev")}')
    if how == 4:
        out.append(f'sigev_notify_thread_id={m.number(address + 16, "i")}')
    return '{' + ', '.join(out) + '}'


def wait_status(status):
    """[{WIFEXITED(s) && WEXITSTATUS(s) == 0}] without the brackets."""
    if status & 0x7f == 0:
        return f'{{WIFEXITED(s) && WEXITSTATUS(s) == {status >> 8 & 0xff}}}'
    if status == 0xffff:
        return '{WIFCONTINUED(s)}'
    if status & 0xff == 0x7f:
        return f'{{WIFSTOPPED(s) && WSTOPSIG(s) == {signal_name(status >> 8 & 0xff)}}}'
    core = ' && WCOREDUMP(s)' if status & 0x80 else ''
    return f'{{WIFSIGNALED(s) && WTERMSIG(s) == {signal_name(status & 0x7f)}{core}}}'


def show_wstatus(call, address):
    if not call.ret:
        return pointer(address)
    return f'[{wait_status(call.memory.number(address, "I"))}]'


# ---- files -----------------------------------------------------------------------------------

def show_stat(call, address):
    data = call.memory.read(address, 128)
    kind, = struct.unpack_from('<I', data, 16)
    rdev, _, size = struct.unpack_from('<QQq', data, 32)
    if kind & 0o170000 in (0o020000, 0o060000):
        return f'{{st_mode={mode(kind)}, st_rdev={device(rdev)}, ...}}'
    return f'{{st_mode={mode(kind)}, st_size={size}, ...}}'


def show_statx(call, address):
    data = call.memory.read(address, 256)
    mask, _blk, attrs, _nlink, _uid, _gid, kind = struct.unpack_from('<IIQIIIH', data)
    size, = struct.unpack_from('<Q', data, 40)
    return (f'{{stx_mask={named(mask, "statx_mask")}, stx_attributes={named(attrs, "statx_attr")}, '
            f'stx_mode={mode(kind)}, stx_size={size}, ...}}')


def sized_dirents(call, address, _count):
    n = call.memory.number(address, 'I')
    return pointer(address) + ('' if n is None else f' /* {n} entr{"y" if n == 1 else "ies"} */')


def sized_open_how(call, address, size):
    data = call.memory.some(address, min(size, 24)) if address else b''
    if len(data) < 24:
        return pointer(address)
    flags, perm, resolve = struct.unpack('<QQQ', data)
    out = f'{{flags={open_flags(flags)}'
    if flags & 0o100 or flags & 0x410000 == 0x410000 or perm:
        out += f', mode=0{perm:02o}'
    return f'{out}, resolve={named(resolve, "resolve")}}}'


def open_flags(value):
    """With an access mode: O_RDONLY|..."""
    rest = value & ~3
    text = ('O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE')[value & 3]
    if rest:
        names = named(rest, 'open').split(' ')[0]
        text += '|' + names
    return text


def show_file_handle(call, address):
    size, kind = struct.unpack('<Ii', call.memory.some(address, 8))
    data = call.memory.some(address + 8, min(size, 128))
    return f'{{handle_bytes={size}, handle_type={kind}, f_handle=0x{data.hex()}}}'


def sized_fdset(call, address, count):
    """Descriptors that are in."""
    words = (max(min(count, 1024), 0) + 63) // 64 * 8
    data = call.memory.read(address, words) if address else None
    if data is None:
        return pointer(address)
    bits = int.from_bytes(data, 'little')
    return '[' + ' '.join(str(i) for i in range(count) if bits >> i & 1) + ']'


def show_pollfd(call, address):
    fd, events, _ = struct.unpack('<iHH', call.memory.read(address, 8))
    return f'{{fd={fd}}}' if fd < 0 else f'{{fd={fd}, events={named(events, "poll")}}}'


def show_termios(call, address):
    i, o, c, lo = struct.unpack_from('<IIII', call.memory.read(address, 36))
    delays = [f'NL{o >> 8 & 1}', f'CR{o >> 9 & 3}', ('TAB0', 'TAB1', 'TAB2', 'TAB3')[o >> 11 & 3],
              f'BS{o >> 13 & 1}', f'VT{o >> 14 & 1}', f'FF{o >> 15 & 1}']
    oflag = delays + ([named(o & 0xff, 'tty_oflag')] if o & 0xff else [])
    speed, inspeed = c & 0x100f, c >> 16 & 0x100f
    cflag = [named(speed, 'tty_baud')] + ([named(inspeed, 'tty_baud') + '<<IBSHIFT'] if inspeed else [])
    cflag += [f'CS{5 + (c >> 4 & 3)}']
    rest = c & ~0x100f100f & ~0x30
    if rest:
        cflag.append(named(rest, 'tty_cflag'))
    return (f'{{c_iflag={named(i, "tty_iflag")}, c_oflag={"|".join(oflag)}, c_cflag={"|".join(cflag)}, '
            f'c_lflag={named(lo, "tty_lflag")}, ...}}')


# ---- vectors and messages --------------------------------------------------------------------

def iovecs(call, address, count, there):
    """struct iovec with contents; `there` bytes of them are (None: addresses only)."""
    left = [there]

    def one(c, at):
        base, length = struct.unpack('<QQ', c.memory.read(at, 16))
        if there is None:
            return f'{{iov_base={pointer(base)}, iov_len={length}}}'
        n = min(length, left[0])
        left[0] -= n
        text = buffer(c, base, n) if n or base else pointer(base)
        return f'{{iov_base={text}, iov_len={length}}}'
    return array(call, address, count, 16, one)


def sized_iovec(call, address, count):
    incoming = 'read' in call.name
    if incoming and call.failed:
        return iovecs(call, address, count, None)
    return iovecs(call, address, count, call.ret if incoming else U64)


def control(call, address, length):
    """Ancillary data: cmsg(3)."""
    data, out = call.memory.some(address, min(length, 256)), []
    at = 0
    while at + 16 <= len(data):
        n, level, kind = struct.unpack_from('<QII', data, at)
        if n < 16:
            break
        body = data[at + 16:at + n]
        text = f'{{cmsg_len={n}, cmsg_level={named(level, "sol")}, '
        if level == 1 and kind == 1:
            fds = struct.unpack(f'<{len(body) // 4}i', body[:len(body) // 4 * 4])
            text += f'cmsg_type=SCM_RIGHTS, cmsg_data=[{", ".join(map(str, fds))}]}}'
        elif level == 1 and kind == 2 and len(body) >= 12:
            p, u, g = struct.unpack_from('<iII', body)
            text += f'cmsg_type=SCM_CREDENTIALS, cmsg_data={{pid={p}, uid={u}, gid={g}}}}}'
        else:
            name = named(kind, 'scm') if level == 1 else f'{kind:#x}'
            text += f'cmsg_type={name}' + (f', cmsg_data={quoted(body, True)}' if body else '') + '}'
        out.append(text)
        at += (n + 7) & ~7
    return '[' + ', '.join(out) + ']' if out else pointer(address)


def message(call, address, there, before=None):
    """struct msghdr; before: msg_namelen at entry, when it may have changed."""
    name, namelen, iov, iovlen, ctl, ctllen, flags = struct.unpack('<QIxxxxQQQQi',
                                                                   call.memory.read(address, 52))
    shown_len = f'{before} => {namelen}' if before is not None and before != namelen else str(namelen)
    vec = iovecs(call, iov, iovlen, there)
    out = f'{{msg_name={sized_sockaddr(call, name, namelen)}, msg_namelen={shown_len}, ' \
          f'msg_iov={vec}, msg_iovlen={iovlen}'
    if ctllen:
        out += f', msg_control={control(call, ctl, ctllen)}'
    return f'{out}, msg_controllen={ctllen}, msg_flags={named(flags & U32, "msg")}}}'


def show_msghdr(call, address):
    if call.name == 'recvmsg':
        return message(call, address, call.ret)
    return message(call, address, U64)


def show_mmsghdr(call, address):
    length = call.memory.number(address + 56, 'I')
    there = length if call.name == 'recvmmsg' else U64
    tail = f', msg_len={length}' if call.done and not call.failed else ''
    return f'{{msg_hdr={message(call, address, there)}{tail}}}'


def sized_msgbuf(call, address, count):
    kind = call.memory.number(address, 'q')
    if kind is None:
        return pointer(address)
    return f'{{mtype={kind}, mtext={buffer(call, address + 8, count)}}}'


# ---- sockets ---------------------------------------------------------------------------------

def sized_sockaddr(call, address, length):
    data = call.memory.some(address, min(length, 128)) if address else b''
    if len(data) < 2:
        return pointer(address)
    family, = struct.unpack_from('<H', data)
    name = f'sa_family={named(family, "family")}'
    if family == 1:
        raw = data[2:]
        if raw[:1] == b'\0':
            return f'{{{name}, sun_path=@{quoted(raw[1:])}}}' if len(raw) > 1 else f'{{{name}}}'
        return f'{{{name}, sun_path={quoted(raw.split(bytes(1))[0])}}}' if raw else f'{{{name}}}'
    if family == 2 and len(data) >= 8:
        port, = struct.unpack_from('>H', data, 2)
        return f'{{{name}, sin_port=htons({port}), sin_addr=inet_addr("{socket.inet_ntoa(data[4:8])}")}}'
    if family == 10 and len(data) >= 24:
        port, flow = struct.unpack_from('>HI', data, 2)
        text = f'{{{name}, sin6_port=htons({port}), sin6_flowinfo=htonl({flow}), ' \
               f'inet_pton(AF_INET6, "{socket.inet_ntop(socket.AF_INET6, data[8:24])}", &sin6_addr)'
        scope = f', sin6_scope_id={struct.unpack_from("<I", data, 24)[0]}' if len(data) >= 28 else ''
        return text + scope + '}'
    if family == 16 and len(data) >= 12:
        pid, groups = struct.unpack_from('<II', data, 4)
        return f'{{{name}, nl_pid={pid}, nl_groups={groups:08x}}}'
    if len(data) > 2:
        return f'{{{name}, sa_data={quoted(data[2:])}}}'
    return f'{{{name}}}'


def sized_optval(call, address, length):
    level, option = call.args[1] & U32, call.args[2] & U32
    m = call.memory
    if level == 1 and option == 13 and length >= 8 and m.read(address, 8):
        return f'{{l_onoff={m.number(address, "i")}, l_linger={m.number(address + 4, "i")}}}'
    if level == 1 and option in (20, 21, 66, 67) and length >= 16 and m.read(address, 16):
        return by_text(call, address, 'timeval')
    if level == 1 and option == 17 and length >= 12 and m.read(address, 12):
        p, u, g = struct.unpack('<iII', m.read(address, 12))
        return f'{{pid={p}, uid={u}, gid={g}}}'
    if length == 4 and m.number(address, 'i') is not None:
        return f'[{m.number(address, "i")}]'
    return buffer(call, address, length)


# ---- processes and the system ----------------------------------------------------------------

def sized_clone_args(call, address, size):
    data = call.memory.some(address, min(size, 88)) if address else b''
    if len(data) < 64:
        return pointer(address)
    flags, pidfd, child, parent, sig, stack, stack_size, tls, tids, ntids, cgroup = struct.unpack(
        '<11Q', data.ljust(88, b'\0'))
    out = [f'flags={named(flags, "clone")}']
    if flags & 0x1000:
        out.append(f'pidfd={pointer(pidfd)}')
    if flags & 0x1200000:
        out.append(f'child_tid={pointer(child)}')
    if flags & 0x100000:
        out.append(f'parent_tid={pointer(parent)}')
    out += [f'exit_signal={signal_name(sig) if sig else 0}', f'stack={pointer(stack)}',
            f'stack_size={stack_size:#x}' if stack_size else 'stack_size=0']
    if flags & 0x80000:
        out.append(f'tls={pointer(tls)}')
    if tids or ntids:
        out += [f'set_tid={pointer(tids)}', f'set_tid_size={ntids}']
    if flags & 0x200000000 or cgroup:
        out.append(f'cgroup={cgroup}')
    return '{' + ', '.join(out) + '}'


def show_sched_attr(call, address):
    data = call.memory.read(address, 56)
    size, policy, flags, nice, prio, runtime, deadline, period, low, high = struct.unpack('<IIQiIQQQII', data)
    text = (f'{{size={size}, sched_policy={named(policy, "sched")}, '
            f'sched_flags={named(flags, "sched_flags")}, '
            f'sched_nice={nice}, sched_priority={prio}, sched_runtime={runtime}, sched_deadline={deadline}, '
            f'sched_period={period}')
    return text + (f', sched_util_min={low}, sched_util_max={high}' if size >= 56 else '') + '}'


def caps(value):
    """1<<CAP_KILL|..."""
    if not value:
        return '0'
    names = SETS['caps'].names
    return '|'.join(f'1<<{names[i]}' for i in range(41) if value >> i & 1) + \
        (f'|{value >> 41 << 41:#x}' if value >> 41 else '')


def show_cap_data(call, address):
    words = struct.unpack('<6I', call.memory.read(address, 24).ljust(24, b'\0'))
    e, p, i = (words[n] | words[n + 3] << 32 for n in range(3))
    return f'{{effective={caps(e)}, permitted={caps(p)}, inheritable={caps(i)}}}'


def show_ipc_perm(call, address):
    key, uid, gid, cuid, cgid, perm = struct.unpack_from('<iIIIII', call.memory.read(address, 24))
    return f'{{uid={uid}, gid={gid}, mode={mode(perm)}, key={key}, cuid={cuid}, cgid={cgid}}}'


def ipc_set(call, address, name):
    """What IPC_SET reads of a msqid_ds or shmid_ds."""
    data = call.memory.read(address, 96) if address else None
    if not data:
        return pointer(address)
    uid, gid = struct.unpack_from('<II', data, 4)
    kind = 'msg' if name == 'msqid_ds' else 'shm'
    text = f'{{{kind}_perm={{uid={uid}, gid={gid}, mode={mode(struct.unpack_from("<I", data, 20)[0])}}}'
    return text + (f', msg_qbytes={struct.unpack_from("<Q", data, 88)[0]}}}' if kind == 'msg' else '}')


def show_shmid_ds(call, address):
    size, atime, dtime, ctime, cpid, lpid, nattch = struct.unpack_from('<QqqqiiQ', call.memory.read(address, 112), 48)
    return (f'{{shm_perm={show_ipc_perm(call, address)}, shm_segsz={size}, shm_cpid={cpid}, shm_lpid={lpid}, '
            f'shm_nattch={nattch}, shm_atime={atime}, shm_dtime={dtime}, shm_ctime={ctime}}}')


def show_hwprobe(call, address):
    key, value = struct.unpack('<qQ', call.memory.read(address, 16))
    name = named(key & U64, 'hwprobe_key')
    return f'{{key={name}, value={value:#x}}}' if call.done else f'{{key={name}}}'


def sized_mount_attr_s(call, address, size):
    data = call.memory.some(address, min(size, 32)) if address else b''
    if len(data) < 32:
        return pointer(address)
    on, off, prop, fd = struct.unpack('<QQQq', data)
    return (f'{{attr_set={named(on, "mount_attr")}, attr_clr={named(off, "mount_attr")}, '
            f'propagation={named(prop, "mount")}, userns_fd={fd}}}')


def sized_landlock_ruleset(call, address, size):
    data = call.memory.some(address, min(size, 8)) if address else b''
    return f'{{handled_access_fs={named(int.from_bytes(data, "little"), "landlock_fs")}' \
           f'{", ..." if size > 8 else ""}}}' if len(data) == 8 else pointer(address)


def show_io_uring_params(call, address):
    sq, cq, flags, cpu, idle, feat = struct.unpack_from('<6I', call.memory.read(address, 24))
    text = f'{{flags={named(flags, "io_uring_setup")}, sq_thread_cpu={cpu}, sq_thread_idle={idle}'
    return text + (f', sq_entries={sq}, cq_entries={cq}, features={feat:#x}, ...}}' if call.done else '}')


def show_perf_attr(call, address):
    kind, size, config = struct.unpack_from('<IIQ', call.memory.read(address, 16))
    return f'{{type={named(kind, "perf_type")}, size={size}, config={config:#x}, ...}}'


def sized_bpf_attr(call, address, _size):
    return pointer(address)


def sized_statmount(call, address, _size):
    return pointer(address)


def sized_socklen(call, address, _count):
    """[16], or [16 => 2] when the call changed it."""
    now = call.memory.number(address, 'i')
    if now is None:
        return pointer(address)
    was = call.entered.number(address, 'i')
    return f'[{was} => {now}]' if call.done and not call.failed and was != now else f'[{was}]'
