"""The tracer's tables: values as in Debian's headers, structures of the right size, and no row that fails."""
import itertools
import os
import re
import subprocess
import sys

import pytest
from conftest import CROSS, ROOT

sys.path.insert(0, os.path.join(ROOT, 'kernel', 'syscall', 'strace'))
pytestmark = pytest.mark.area('strace')

HEADERS = '''stddef.h asm/fcntl.h linux/fcntl.h linux/xattr.h linux/eventpoll.h asm/poll.h linux/inotify.h asm/ioctls.h
    asm/termbits.h linux/fs.h linux/fiemap.h linux/sockios.h linux/rtc.h linux/if_tun.h linux/random.h linux/stat.h
    linux/mount.h linux/magic.h linux/falloc.h linux/time.h linux/timerfd.h linux/personality.h linux/wait.h
    linux/sched.h linux/sched/types.h linux/futex.h linux/kexec.h linux/ptrace.h asm/signal.h linux/resource.h
    linux/reboot.h linux/prctl.h linux/timex.h linux/capability.h linux/ipc.h linux/msg.h linux/sem.h linux/shm.h
    asm/mman.h linux/mman.h linux/fadvise.h linux/mempolicy.h linux/perf_event.h linux/kcmp.h linux/module.h
    linux/seccomp.h linux/memfd.h linux/bpf.h linux/membarrier.h linux/rseq.h linux/pidfd.h linux/io_uring.h
    linux/close_range.h linux/openat2.h linux/landlock.h linux/keyctl.h linux/fanotify.h linux/quota.h linux/in.h
    linux/if_packet.h linux/netlink.h linux/tcp.h asm/socket.h asm/siginfo.h linux/utsname.h linux/sysinfo.h
    linux/times.h asm/statfs.h linux/mqueue.h linux/uio.h linux/aio_abi.h linux/filter.h asm/termios.h'''.split()
# Names whose value the table has as strace shows it, or that the headers give to something else.
OTHERWISE = {'O_LARGEFILE', 'AT_EACCESS', 'AT_REMOVEDIR', 'SIGEV_THREAD', 'IP_XFRM_POLICY', 'SO_RCVTIMEO_OLD',
             'SO_SNDTIMEO_OLD', 'MPOL_WEIGHTED_INTERLEAVE'}
STRUCTS = {'timespec': 'struct __kernel_timespec', 'itimerspec': 'struct __kernel_itimerspec', 'statx': 'struct statx',
           'statfs': 'struct statfs', 'flock': 'struct flock', 'pollfd': 'struct pollfd', 'rusage': 'struct rusage',
           'utsname': 'struct new_utsname', 'sysinfo': 'struct sysinfo', 'tms': 'struct tms', 'winsize': 'struct winsize',
           'timex': 'struct __kernel_timex', 'mq_attr': 'struct mq_attr', 'msqid_ds': 'struct msqid64_ds',
           'shmid_ds': 'struct shmid64_ds', 'sembuf': 'struct sembuf', 'io_event': 'struct io_event',
           'iovec': 'struct iovec', 'sock_fprog': 'struct sock_fprog', 'siginfo': 'siginfo_t', 'stack': 'stack_t',
           'io_uring_params': 'struct io_uring_params', 'futex_waitv': 'struct futex_waitv', 'rlimit': 'struct rlimit'}


def immediate(lines):
    """Values of C expressions: {name: value} for `name expression` lines that compile."""
    known = dict(lines)
    while True:
        source = ''.join(f'#include <{h}>\n' for h in HEADERS) + 'void f(void) {\n' + ''.join(
            f'__asm__("@@ {n} %0" :: "i"((unsigned long)({e})));\n' for n, e in known.items()) + '}\n'
        done = subprocess.run([CROSS + 'gcc', '-S', '-O1', '-w', '-x', 'c', '-o', '-', '-'], input=source,
                              capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return {n: int(v) & (1 << 64) - 1 for n, v in re.findall(r'@@ (\w+) (-?\d+)', done.stdout)}
        unknown = set(re.findall(r"[‘'](?:struct )?(\w+)[’'] undeclared|incomplete type [‘'](?:struct )?(\w+)[’']",
                                 done.stderr))
        unknown = {a or b for a, b in unknown}
        gone = {n for n, e in known.items() if n in unknown or unknown & set(re.findall(r'\w+', e))}
        assert gone, done.stderr[:2000]
        for name in gone:
            del known[name]


def test_values():
    import names
    ours = {name: value for s in names.SETS.values() for value, name in s.rows}
    theirs = immediate((n, n) for n in ours if n not in OTHERWISE)
    assert len(theirs) > 900
    wrong = [f'{n} is {theirs[n]:#x}, not {ours[n]:#x}' for n in theirs
             if ours[n] != theirs[n] and ours[n] != theirs[n] & 0xffffffff]
    assert not wrong


def test_structure_sizes():
    import structs
    theirs = immediate((n, f'sizeof({c})') for n, c in STRUCTS.items())
    assert len(theirs) > 15
    assert {n: structs.size_of(n) for n in theirs} == theirs


def test_every_row_prints():
    """No call makes the printer fail, whatever its arguments are, whether it succeeds or not."""
    import calls
    import results
    values = (0, 1, 2, 5, 0x1000, (1 << 31), (1 << 64) - 1)
    memory = b''.join(a.to_bytes(8, 'little') + (64).to_bytes(4, 'little') + bytes(range(64)) for a in (1, 2, 0x1000))
    for nr, row in calls.ROWS.items():
        for first, second in itertools.product(values, values):
            for ret in (0, 1, 64, -1, -512, -516):
                call = calls.Call(nr, [first, second, second, first, second, 0], memory)
                text = [p for p in calls.pieces(call) if p is not None] if ret == 64 else []
                rest = calls.pieces(call)
                call.leave(ret, memory)
                text += [p for p in rest if p is not None]
                assert all(isinstance(p, str) for p in text), row.name
                assert results.result(call), row.name


def test_formats_are_known():
    """Each format of a number in syscalls.tbl is a set of names or has a function."""
    import calls
    import gen
    for row in calls.ROWS.values():
        for arg in row.args:
            if arg.format and not gen.TYPES[arg.type][1]:
                assert arg.format in calls.NUMBERS or arg.format in calls.SETS or arg.format in gen.MAYBE or \
                    'args_' + row.name in vars(calls), f'{row.name}: {arg.format}'
