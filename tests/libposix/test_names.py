"""Which names libposix's headers show under feature-test macros."""
import os
import re
import subprocess

import pytest
from conftest import BUILD, CROSS, ROOT

GCC = CROSS + 'gcc'
MODES = {'posix': ['-std=c11', '-D_POSIX_C_SOURCE=200809L'], 'gnu': ['-std=gnu11', '-D_GNU_SOURCE']}
# Of POSIX.1-2008 without XSI: shown; and what Linux, GNU and XSI have besides: only to who asks.
NAMES = {
    'unistd.h': ('read write fork pread getopt', 'posix_close issetugid pipe2 dup3 syncfs sbrk brk daemon getresuid eaccess execvpe getentropy nice lockf'),
    'fcntl.h': ('open openat fcntl O_CLOEXEC', 'splice tee vmsplice fallocate readahead open_how file_handle O_DIRECT O_TMPFILE F_SETPIPE_SZ'),
    'signal.h': ('sigaction kill sigqueue siginfo_t', 'sighandler_t tgkill sigandset killpg sigabbrev_np sig_t NSIG'),
    'sys/stat.h': ('stat fstatat mkdirat', 'statx mknod lchmod ACCESSPERMS stat64'),
    'sys/socket.h': ('socket accept sendmsg', 'accept4 sendmmsg recvmmsg ucred isfdtype'),
    'sys/mman.h': ('mmap msync shm_open', 'madvise memfd_create mremap mincore'),
    'sys/mount.h': ('mount umount BLKGETSIZE64 BLKSSZGET BLKROGET', ''),
    'sys/types.h': ('pid_t off_t', 'select fd_set u_int'),
    'sys/wait.h': ('wait waitpid waitid', 'wait3 wait4'),
    'sys/time.h': ('timeval', 'timeradd settimeofday futimes'),
    'sched.h': ('sched_yield sched_param', 'clone unshare setns CPU_SET CLONE_VM'),
    'poll.h': ('poll pollfd', 'ppoll'),
    'netinet/in.h': ('sockaddr_in in6_addr htonl', 'bindresvport'),
    'netinet/tcp.h': ('TCP_NODELAY', 'tcphdr'),
    'net/route.h': ('rtentry RTF_GATEWAY RTF_REINSTATE SIOCADDRT', ''),
    'termios.h': ('tcgetattr ECHO', 'cfmakeraw tcgetwinsize'),
    'dirent.h': ('opendir readdir', 'getdents posix_getdents'),
    'dlfcn.h': ('dlopen dlsym', 'dladdr dlinfo dlvsym'),
    'locale.h': ('newlocale', 'getlocalename_l'),
    'pthread.h': ('pthread_create', 'pthread_gettid_np'),
    'spawn.h': ('posix_spawn', 'posix_spawn_file_actions_addchdir'),
    'stdio.h': ('dprintf getline', 'asprintf vasprintf'),
    'stdlib.h': ('mkstemp setenv', 'mkostemp reallocarray qsort_r secure_getenv'),
    'string.h': ('stpcpy strdup', 'memmem strlcpy strlcat'),
    'wchar.h': ('wcsdup', 'wcslcpy wcslcat'),
    'time.h': ('clock_gettime strftime nanosleep', 'timex timezone timegm'),
}


def names(header, mode):
    """All names that a program sees which includes just this header."""
    own = subprocess.check_output([GCC, '-print-file-name=include'], text=True).strip()
    folders = (f'{ROOT}/libposix/include', f'{ROOT}/kernel/include', f'{os.path.abspath(BUILD)}/gen', own)
    done = subprocess.run([GCC, *MODES[mode], '-nostdinc', *(w for d in folders for w in ('-isystem', d)),
                           '-idirafter', '/usr/riscv64-linux-gnu/include', '-E', '-dD', '-x', 'c', '-'],
                          input=f'#include <{header}>\n', capture_output=True, text=True, check=True)
    found = set()
    for line in re.sub(r'"(\\.|[^"\\])*"', '', done.stdout).splitlines():
        if line.startswith('#define '):
            found.add(re.match(r'#define (\w+)', line)[1])
        elif not line.startswith('#'):
            found.update(re.findall(r'\b[A-Za-z]\w*', line))
    return found


@pytest.mark.area('boot')
@pytest.mark.parametrize('header', list(NAMES))
def test_names(header):
    """POSIX's are there for both, the others for who says _GNU_SOURCE."""
    shown, more = (set(text.split()) for text in NAMES[header])
    posix, gnu = names(header, 'posix'), names(header, 'gnu')
    assert not shown - posix and not more & posix
    assert not (shown | more) - gnu - {'open_how'}, 'openat2.h is Linux\'s'


def declared(tmp_path):
    """Every function that some header of ours declares, to who says _GNU_SOURCE."""
    own = subprocess.check_output([GCC, '-print-file-name=include'], text=True).strip()
    folders = (f'{ROOT}/libposix/include', f'{ROOT}/kernel/include', f'{os.path.abspath(BUILD)}/gen', own)
    base, found = f'{ROOT}/libposix/include', set()
    headers = [os.path.relpath(os.path.join(d, f), base) for d, _dirs, files in os.walk(base) for f in files]
    source, listing = tmp_path / 'all.c', tmp_path / 'all.list'
    source.write_text(''.join(f'#include <{h}>\n' for h in sorted(headers) if not h.startswith('bits/')))
    subprocess.run([GCC, '-std=gnu11', '-D_GNU_SOURCE', '-nostdinc', *(w for d in folders for w in ('-isystem', d)),
                    '-idirafter', '/usr/riscv64-linux-gnu/include', '-fsyntax-only', '-aux-info', str(listing), str(source)], check=True)
    for line in listing.read_text().splitlines():
        m = re.fullmatch(r'/\* (?!/usr/)\S+ \*/ (?!static)(.*);', line)
        if m:
            found.add(re.search(r'\b([A-Za-z_]\w*) \((?!\*)', m[1])[1])
    return sorted(found)


@pytest.mark.area('boot')
def test_linkage(tmp_path):
    """Each of them has C's linkage in C++."""
    own = subprocess.check_output([GCC, '-print-file-name=include'], text=True).strip()
    folders = (f'{ROOT}/libposix/include', f'{ROOT}/kernel/include', f'{os.path.abspath(BUILD)}/gen', own)
    base = f'{ROOT}/libposix/include'
    headers = [os.path.relpath(os.path.join(d, f), base) for d, _dirs, files in os.walk(base) for f in files]
    skipped = ('bits/', 'complex.h', 'tgmath.h', 'threads.h', 'stdatomic.h')
    names = declared(tmp_path)
    text = ''.join(f'#include <{h}>\n' for h in sorted(headers) if not h.startswith(skipped))
    shown = subprocess.run([CROSS + 'g++', '-std=gnu++17', '-nostdinc', *(w for d in folders for w in ('-isystem', d)),
                            '-idirafter', '/usr/riscv64-linux-gnu/include', '-E', '-P', '-x', 'c++', '-'], input=text,
                           capture_output=True, text=True, check=True).stdout
    depth, outside = [], ''
    for part in re.split(r'(extern "C" \{|\{|\})', shown):
        if part.endswith('{'):
            depth.append(part)
        elif part == '}':
            depth.pop()
        elif not any('extern' in d for d in depth):
            outside += part
    assert not set(names) & set(re.findall(r'\b(\w+) *\(', outside))


@pytest.mark.area('boot')
@pytest.mark.parametrize('form', ['static', 'shared'])
def test_linked(form, tmp_path):
    """A program that names all these functions links."""
    lib = os.path.join(os.path.abspath(BUILD), 'libposix')
    names = declared(tmp_path)
    assert len(names) > 1500
    source = tmp_path / 'all.s'
    source.write_text('.data\n.globl main\nmain:\n' + ''.join(f'.dword {name}\n' for name in names))
    libgcc = subprocess.check_output([GCC, '-print-libgcc-file-name'], text=True).strip()
    words = ['-static', '-no-pie', f'{lib}/crt1.o', source, f'{lib}/libm.a', f'{lib}/libposix.a'] if form == 'static' else \
        ['-pie', f'{lib}/Scrt1.o', source, f'{lib}/libm.so', f'{lib}/libc.so']
    done = subprocess.run([GCC, '-nostdlib', *map(str, words), '-o', str(tmp_path / 'all'), libgcc], capture_output=True, text=True,
                          check=False)
    assert not done.returncode, sorted(set(re.findall(r"undefined reference to `(\w+)'", done.stderr))) or done.stderr[:2000]
