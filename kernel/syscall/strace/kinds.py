"""Numbers that strace prints in a way of their own: more than flags or one name.

A function (call, i) gives the text of argument i; NUMBERS has those that formats of syscalls.tbl name.
"""
import values
from memory import U32, U64
from names import SETS, named, signal_name
from values import open_flags

# Numbers that two names share.
IOCTL_TWO = {0x40049409: 'BTRFS_IOC_CLONE or FICLONE', 0x4020940d: 'BTRFS_IOC_CLONE_RANGE or FICLONERANGE',
             0xc0189436: 'BTRFS_IOC_FILE_EXTENT_SAME or FIDEDUPERANGE'}


def ioctl_name(call, i):
    v = call.args[i] & U32
    known = IOCTL_TWO.get(v) or SETS['ioctl'].names.get(v)
    if known:
        return known
    way = ['_IOC_NONE', '_IOC_WRITE', '_IOC_READ', '_IOC_READ|_IOC_WRITE'][v >> 30]
    return f'_IOC({way}, {v >> 8 & 0xff:#x}, {v & 0xff:#x}, {v >> 16 & 0x3fff:#x})'


def socket_type(call, i):
    v = call.args[i] & U32
    flags = [named(v & ~0xf, 'sockflags').split(' ')[0]] if v & ~0xf else []
    kind = SETS['socket_type'].names.get(v & 0xf)
    if kind:
        return '|'.join([kind] + flags)
    return '|'.join(flags + [f'{v & 0xf:#x}' + ('' if flags else ' /* SOCK_??? */')])


def protocol(call, i):
    family, v = call.args[0] & U32, call.args[i] & U32
    if family in (2, 10):
        return named(v, 'inet_protocol')
    return named(v, 'netlink') if family == 16 else str(call.int(i))


def sockopt(call, i):
    level = call.int(i - 1)
    which = {0: 'ip', 1: 'so', 6: 'tcp', 41: 'ipv6'}.get(level)
    return named(call.args[i] & U32, which) if which else f'{call.args[i] & U32:#x}'


def personality(value):
    """The low byte is a number, the rest are flags."""
    if value == U32:
        return '0xffffffff'
    low = {0: 'PER_LINUX', 8: 'PER_LINUX32'}.get(value & 0xff) or f'{value & 0xff:#x} /* PER_??? */'
    rest = value & 0xffffff00
    return low + ('|' + named(rest, 'personality').split(' /')[0] if rest else '')


def ioprio(value):
    return f'IOPRIO_PRIO_VALUE({named(value >> 13, "ioprio_class")}, {value & 0x1fff})'


def ipc_mode(which):
    """Flags with a file mode in the low bits."""
    def text(call, i):
        v = call.args[i] & U32
        flags = v & ~0o777
        return (named(flags, which).split(' /')[0] + '|' if flags else '') + f'0{v & 0o777:02o}' \
            if v & 0o777 or flags else '000'
    return text


def statx_flags(call, i):
    v = call.args[i] & U32
    sync, rest = v & 0x6000, v & ~0x6000
    return named(sync, 'at_statx') + ('|' + named(rest, 'at') if rest else '')


def keyring(call, i):
    v = call.args[i] & U32
    return SETS['keyring'].names.get(v) or str(v)


def mpol(call, i):
    v = call.args[i] & U32
    flags = v & 0xe000
    return named(v & ~0xe000, 'mpol') + ('|' + named(flags, 'mpol_mode') if flags else '')


def fanotify_class(call, i):
    v = call.args[i]
    kind = {0: 'FAN_CLASS_NOTIF', 4: 'FAN_CLASS_CONTENT', 8: 'FAN_CLASS_PRE_CONTENT'}.get(v & 12, '0xc')
    return kind + ('|' + named(v & ~12, 'fan_init').split(' ')[0] if v & ~12 else '')


def swap_flags(call, i):
    v = call.args[i]
    priority = [str(v & 0x7fff)] if v & 0x8000 else []
    return '|'.join(([named(v & ~0x7fff, 'swap').split(' ')[0]] if v & ~0x7fff else []) + priority) or '0'


def quota_command(call, i):
    cmd = call.args[i] & U32
    return f'QCMD({named(cmd >> 8, "quotactl")}, {named(cmd & 0xff, "quota_type")})'


def kind_and_flags(mask, kinds, flags):
    """A number whose bits in mask are one of a set, and the rest flags."""
    def text(call, i):
        v = call.args[i] & U32
        return '|'.join([named(v & mask, kinds)] + ([named(v & ~mask, flags)] if v & ~mask else []))
    return text


NUMBERS = {
    'quotactl': quota_command, 'futex2': kind_and_flags(3, 'futex2_size', 'futex2'),
    'kexec': kind_and_flags(0xffff0000, 'kexec_arch', 'kexec'),
    'unsigned': lambda c, i: str(c.args[i] & (U32 if c.row.args[i].type == 'int' else U64)),
    'fan_init': fanotify_class, 'swap': swap_flags,
    'filemode': lambda c, i: values.mode(c.args[i] & U32),
    'hexoff': lambda c, i: f'{c.args[i]:#x}' if c.args[i] else '0',
    'hexnum': lambda c, i: f'{c.args[i]:#x}' if c.args[i] else '0',
    'open': lambda c, i: open_flags(c.args[i] & U32), 'ioctl': ioctl_name,
    'socktype': socket_type, 'protocol': protocol, 'sockopt': sockopt, 'keyring': keyring,
    'personality': lambda c, i: personality(c.args[i] & U32), 'mpol': mpol,
    'ioprio': lambda c, i: ioprio(c.args[i] & U32), 'at_statx': statx_flags,
    'ipc_key': lambda c, i: f'{c.args[i] & U32:#x}' if c.args[i] & U32 else 'IPC_PRIVATE',
    'ipc_get': ipc_mode('ipc_get'), 'shm_get': ipc_mode('shm_get'),
    'clone_flags': lambda c, i: clone_flags(c.args[i]),
}


def clone_flags(v):
    parts = [named(v & ~0xff, 'clone_flags')] if v & ~0xff else []
    return '|'.join(parts + ([signal_name(v & 0xff)] if v & 0xff else [])) or '0'
