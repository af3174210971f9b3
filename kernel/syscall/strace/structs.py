"""Structures in a program's memory: their layout, for the kernel (how much to capture) and for print.

A structure is a text of its members, NAME=TYPE, one blank between:

    d1..d8 u1..u8 x1..x8 o4     signed, unsigned, hexadecimal, octal, of so many bytes
    p                           a pointer
    S65                         characters up to a NUL, quoted
    d4:SET                      named by SET of flags.tbl
    {NAME}                      a structure in a structure
    u8[3]                       an array
    -4                          bytes that are not shown
    ...                         shown as such

What one text cannot say has a function of the same name in values.py, and only its size stands here.
"""
import re

STRUCTS = {
    'timespec': 'tv_sec=d8 tv_nsec=d8',
    'timeval': 'tv_sec=d8 tv_usec=d8',
    'timezone': 'tz_minuteswest=d4 tz_dsttime=d4',
    'itimerspec': 'it_interval={timespec} it_value={timespec}',
    'itimerval': 'it_interval={timeval} it_value={timeval}',
    'utimes': '-32',
    'stat': '-128',
    'statx': '-256',
    'statfs': 'f_type=x8:statfs_type f_bsize=u8 f_blocks=u8 f_bfree=u8 f_bavail=u8 f_files=u8 '
              'f_ffree=u8 f_fsid={fsid} f_namelen=u8 f_frsize=u8 f_flags=x8:statfs_flags -32',
    'fsid': 'val=x4[2]',
    'flock': 'l_type=d2:lock_type l_whence=d2:seek -4 l_start=d8 l_len=d8 -8',
    'flock_pid': 'l_type=d2:lock_type l_whence=d2:seek -4 l_start=d8 l_len=d8 l_pid=d4 -4',
    'f_owner_ex': 'type=d4:f_owner pid=d4',
    'dirents': '-1', 'text': '-33', 'msgbuf': '-1', 'offset': 'd8',
    'pollfd': '-8', 'fdset': '-1', 'epoll_event': 'events=x4:epollevents -4 data=x8',
    'iovec': '-16', 'iovec_remote': 'iov_base=p iov_len=u8',
    'msghdr': '-56', 'mmsghdr': '-64', 'sockaddr': '-1', 'optval': '-1', 'socklen': 'u4',
    'sigset': '-8', 'sigset_arg': '-16', 'sigaction': '-24', 'siginfo': '-128', 'sigevent': '-64',
    'stack': 'ss_sp=p ss_flags=d4:sigaltstack -4 ss_size=u8',
    'wstatus': '-4',
    'rusage': 'ru_utime={timeval} ru_stime={timeval} ... -112',
    'rlimit': '-16',
    'utsname': 'sysname=S65 nodename=S65 ... -260',
    'sysinfo': 'uptime=d8 loads=u8[3] totalram=u8 freeram=u8 sharedram=u8 bufferram=u8 totalswap=u8 '
               'freeswap=u8 procs=u2 -6 totalhigh=u8 freehigh=u8 mem_unit=u4 -4',
    'tms': 'tms_utime=u8 tms_stime=u8 tms_cutime=u8 tms_cstime=u8',
    'timex': 'modes=x4:adjtimex -4 offset=d8 freq=d8 maxerror=d8 esterror=d8 status=x4:timex_status -4 '
             'constant=d8 precision=d8 tolerance=d8 time={timeval} tick=d8 ppsfreq=d8 jitter=d8 '
             'shift=d4 -4 stabil=d8 jitcnt=d8 calcnt=d8 errcnt=d8 stbcnt=d8 tai=d4 -44',
    'cap_header': 'version=x4:cap_version pid=d4', 'cap_data': '-12',
    'winsize': 'ws_row=u2 ws_col=u2 ws_xpixel=u2 ws_ypixel=u2',
    'termios': '-44',
    'clone_args': '-1', 'open_how': '-1', 'sched_attr': '-56', 'mount_attr_s': '-1',
    'cpuset': '-1', 'nodemask': '-8', 'mincore': '-32', 'mpol1': '-4',
    'mq_attr': 'mq_flags=x8:open mq_maxmsg=d8 mq_msgsize=d8 mq_curmsgs=d8 -32',
    'ipc_perm': '-48',
    'msqid_ds': 'msg_perm={ipc_perm} msg_stime=u8 msg_rtime=u8 msg_ctime=u8 -8 msg_qnum=u8 '
                'msg_qbytes=u8 msg_lspid=d4 msg_lrpid=d4 -16',
    'shmid_ds': 'shm_perm={ipc_perm} shm_segsz=u8 shm_atime=u8 shm_dtime=u8 shm_ctime=u8 shm_cpid=d4 '
                'shm_lpid=d4 shm_nattch=u8 -16',
    'sembuf': 'sem_num=u2 sem_op=d2 sem_flg=x2:semop',
    'io_event': 'data=x8 obj=x8 res=d8 res2=d8',
    'futex_waitv': 'val=x8 uaddr=x8 flags=x4:futex2 -4',
    'mnt_id_req': 'size=u4 -4 mnt_id=x8 param=x8', 'statmount': '-1', 'mnt_ids': 'x8',
    'landlock_ruleset': '-1', 'landlock_path': 'allowed_access=x8:landlock_fs parent_fd=d4',
    'lsm_ids': 'u8:lsm_id',
    'cachestat_range': 'off=x8 len=u8',
    'cachestat': 'nr_cache=u8 nr_dirty=u8 nr_writeback=u8 nr_evicted=u8 nr_recently_evicted=u8',
    'kexec_segment': 'buf=p bufsz=u8 mem=p memsz=u8',
    'io_uring_params': '-120', 'file_handle': '-136', 'perf_attr': '-64', 'hwprobe': '-16',
    'sock_fprog': 'len=u2 -6 filter=p', 'bpf_attr': '-1',
    'ioctl_arg': '-64', 'fcntl_arg': '-32', 'prctl_arg': '-16', 'ptrace_addr': '-8',
    'ptrace_data': '-128',
    # Numbers behind a pointer: [5], [3, 4].
    'int1': 'd4', 'uint1': 'u4', 'uid1': 'd4', 'int2': 'd4[2]', 'addr1': 'p', 'ulong': 'u8',
    'ints': 'd4', 'uids': 'd4', 'addr': 'p',
    'bytes': '-1', 'hexbytes': '-1', 'cstring': '-1',
}

MEMBER = re.compile(r'(?:(\w+)=)?([duxo])([1248])(?::(\w+))?(?:\[(\d+)\])?|(?:(\w+)=)?(p)(?:\[(\d+)\])?'
                    r'|(\w+)=S(\d+)|(\w+)=\{(\w+)\}|-(\d+)|(\.\.\.)')


def members(text):
    """(name, kind, bytes, set or structure, count) for each member of a structure's text."""
    for word in text.split():
        m = MEMBER.fullmatch(word)
        if not m:
            raise ValueError(f'a structure\'s member: {word}')
        if m[2]:
            yield m[1], m[2], int(m[3]), m[4], int(m[5]) if m[5] else None
        elif m[7]:
            yield m[6], 'p', 8, None, int(m[8]) if m[8] else None
        elif m[9]:
            yield m[9], 'S', int(m[10]), None, None
        elif m[11]:
            yield m[11], '{', size_of(m[12]), m[12], None
        elif m[13]:
            yield None, '-', int(m[13]), None, None
        else:
            yield None, '...', 0, None, None


def size_of(name):
    """Bytes of a structure."""
    return sum(size * (count or 1) for _, _, size, _, count in members(STRUCTS[name]))
