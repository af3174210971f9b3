"""The result of a call as strace prints it: what stands behind the `=`."""
import os

import values
from calls import DUMPABLE, timespec
from kinds import ioprio, personality
from memory import U32, U64
from names import RESTARTS, SETS, error_name, named, signal_name
from values import open_flags

ADDRESSES = {'mmap', 'brk', 'mremap', 'shmat', 'map_shadow_stack'}


def select_result(call):
    """(in [3], left {...})"""
    out = []
    for i, label in ((1, 'in'), (2, 'out'), (3, 'except')):
        if call.args[i] and call.entered.read(call.args[i], 8):
            text = values.sized_fdset(call, call.args[i], call.int(0))
            if text != '[]':
                out.append(f'{label} {text}')
    if call.args[4] and call.entered.read(call.args[4], 16):
        out.append('left ' + timespec(call, call.args[4]))
    return ', '.join(out)


def poll_result(call):
    out = []
    for i in range(call.args[1] & U32):
        fd = call.memory.number(call.args[0] + 8 * i, 'i')
        revents = call.memory.number(call.args[0] + 8 * i + 6, 'H')
        if fd is None:
            break
        if revents:
            out.append(f'{{fd={fd}, revents={named(revents, "poll")}}}')
    left = ', left ' + timespec(call, call.args[2]) if call.args[2] else ''
    return '[' + ', '.join(out) + ']' + left


def fcntl_result(call):
    cmd, ret = call.args[1] & U32, call.ret
    if cmd == 3:
        return f'{ret:#x} (flags {open_flags(ret)})'
    if cmd == 1 and ret:
        return f'{ret:#x} (flags {named(ret, "fd")})'
    if cmd == 1034:
        return f'{ret:#x} (seals {named(ret, "seals")})' if ret else '0'
    if cmd == 1025:
        return f'{ret:#x} ({named(ret, "lock_type")})' if ret else '0 (F_RDLCK)'
    if cmd == 11 and ret:
        return f'{ret} ({signal_name(ret)})'
    return str(ret)


def success(call):
    """The result of a call that did not fail."""
    name, ret = call.name, call.ret
    if name in ADDRESSES:
        return f'{ret & U64:#x}' if ret else '0'
    if name == 'fcntl':
        return fcntl_result(call)
    if name == 'umask':
        return f'0{ret:02o}'
    if name == 'ppoll':
        return f'{ret} ({poll_result(call)})' if ret else '0 (Timeout)'
    if name == 'pselect6':
        text = select_result(call)
        return f'{ret} ({text})' if ret and text else f'{ret}' if ret else '0 (Timeout)'
    if name == 'personality':
        return f'{ret:#x} ({personality(ret)})' if ret else '0 (PER_LINUX)'
    if name == 'sched_getscheduler':
        return f'{ret:#x} ({named(ret, "sched")})' if ret else '0 (SCHED_OTHER)'
    if name in ('adjtimex', 'clock_adjtime'):
        return f'{ret} ({named(ret, "timex_state")})'
    if name == 'rt_sigtimedwait':
        return f'{ret} ({signal_name(ret)})'
    if name == 'membarrier' and not call.args[0] & U32:
        rows = [n for v, n in SETS['membarrier'].rows if v and ret & v == v]
        return f'{ret:#x} ({"|".join(rows)})' if ret else '0'
    if name == 'prctl' and call.args[0] & U32 == 3:
        return f'{ret} ({DUMPABLE.get(ret)})'
    if name == 'prctl' and call.args[0] & U32 == 21:
        return f'{ret} ({named(ret, "seccomp_mode")})'
    if name == 'ioprio_get':
        return f'{ret:#x} ({ioprio(ret)})'
    return str(ret)


def result(call):
    """What stands behind the `=`."""
    if -call.ret in RESTARTS:
        return f'? {RESTARTS[-call.ret]}'
    if call.failed:
        return f'-1 {error_name(-call.ret)} ({os.strerror(-call.ret)})'
    return success(call)
