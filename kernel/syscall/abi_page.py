#!/usr/bin/env python3
"""docs/abi.md: every system call of Linux's riscv64 ABI, what there is of it, and what proves it.

    abi_page.py FILE              write the page
    abi_page.py --check FILE      fail when FILE is not what would be written

Both fail when Debian's asm/unistd.h has a call that syscalls.tbl lacks or numbers otherwise, or when a call has no
handler or no test, or is refused without a reason.

A call is proved by a program of tests/abi, which passes on Linux too, that makes it: by name, or by one of
the C library's names for it, or as a `test` line below its row in syscalls.tbl says.
"""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
import gen  # noqa: E402

# The C library's other names.
ALIASES = {
    'openat': 'open creat', 'newfstatat': 'stat lstat fstatat', 'unlinkat': 'unlink rmdir', 'mkdirat': 'mkdir',
    'mknodat': 'mknod mkfifo', 'symlinkat': 'symlink', 'linkat': 'link', 'renameat2': 'rename renameat',
    'readlinkat': 'readlink', 'faccessat': 'access', 'faccessat2': 'eaccess', 'fchmodat': 'chmod', 'fchmodat2': 'lchmod',
    'fchownat': 'chown lchown', 'utimensat': 'futimens', 'dup3': 'dup2', 'pipe2': 'pipe', 'epoll_create1': 'epoll_create',
    'epoll_pwait': 'epoll_wait', 'eventfd2': 'eventfd', 'signalfd4': 'signalfd', 'inotify_init1': 'inotify_init',
    'ppoll': 'poll', 'pselect6': 'select pselect', 'clone': 'fork vfork', 'clone3': 'pthread_create',
    'wait4': 'wait waitpid wait3', 'exit': 'pthread_exit', 'exit_group': '_exit exit', 'prlimit64': 'prlimit getrlimit setrlimit',
    'rt_sigaction': 'sigaction signal', 'rt_sigprocmask': 'sigprocmask pthread_sigmask', 'rt_sigpending': 'sigpending',
    'rt_sigsuspend': 'sigsuspend', 'rt_sigtimedwait': 'sigtimedwait sigwaitinfo', 'rt_sigqueueinfo': 'sigqueue',
    'rt_sigreturn': 'sigaction', 'getdents64': 'readdir', 'nanosleep': 'nanosleep', 'pread64': 'pread',
    'pwrite64': 'pwrite', 'fadvise64': 'posix_fadvise', 'fallocate': 'posix_fallocate', 'setitimer': 'alarm',
    'tgkill': 'raise pthread_kill', 'brk': 'sbrk', 'umount2': 'umount', 'accept4': 'accept', 'uname': 'uname',
    'sched_yield': 'sched_yield', 'riscv_flush_icache': '__riscv_flush_icache', 'sysinfo': 'sysinfo',
    'sched_getparam': 'sched_getparam',
}


def sources():
    """Handler -> file:line."""
    found = {}
    for name in sorted(os.listdir(HERE)):
        if not re.fullmatch(r'sys_\w+\.c', name):
            continue
        with open(os.path.join(HERE, name), encoding='utf-8') as f:
            for number, line in enumerate(f, 1):
                m = re.match(r'(?:long|ssize_t|int) (?:__noreturn )?sys_(\w+)\(', line)
                if m:
                    found[m[1]] = f'kernel/syscall/{name}:{number}'
    return found


def tests():
    """Program of tests/abi -> the words that are called in it."""
    folder, found = os.path.join(ROOT, 'tests', 'abi'), {}
    for name in sorted(os.listdir(folder)):
        if name.endswith('.c') and os.path.exists(os.path.join(folder, name[:-2] + '.expected')):
            with open(os.path.join(folder, name), encoding='utf-8') as f:
                text = f.read()
            found[name[:-2]] = set(re.findall(r'\b(\w+)\(', text)) | \
                    set(re.findall(r'\b(?:SYS_|__NR_|S\()(\w+)', text))
    return found


def traced():
    """The calls that tests/strace/every.c makes: those that are refused are made there, too."""
    with open(os.path.join(ROOT, 'tests', 'strace', 'every.c'), encoding='utf-8') as f:
        text = f.read()
    numbers = {r.nr: r.name for r in gen.parse(os.path.join(HERE, 'syscalls.tbl'))}
    return set(re.findall(r'\b(?:SYS_|__NR_)(\w+)', text)) | \
        {numbers.get(int(n)) for n in re.findall(r'\bS\((\d+)', text)}


def proofs(row, programs):
    """Names of the tests that make a call: those by its own name before those by another."""
    named = [text for word, note in row.notes if word == 'test' for text in note.split()]
    own = [p for p, words in programs.items() if row.name in words]
    other = [p for p, words in programs.items() if words & set(ALIASES.get(row.name, '').split())]
    out = list(dict.fromkeys(named + own + other))
    return out[:3]


def header():
    """Name -> number, as Debian's headers for riscv64 have it."""
    compiler = os.environ.get('CROSS', 'riscv64-linux-gnu-') + 'gcc'

    def preprocess(text, *flags):
        return subprocess.run([compiler, '-E', '-P', *flags, '-x', 'c', '-'], input='#include <asm/unistd.h>\n' + text,
                              capture_output=True, text=True, check=True).stdout
    names = re.findall(r'#define __NR_(\w+) ', preprocess('', '-dM'))
    names = [n for n in names if n not in ('syscalls', 'arch_specific_syscall')]
    values = preprocess(''.join(f'@{n} __NR_{n}\n' for n in names))
    return {n: sum(map(int, re.findall(r'\d+', v))) for n, v in re.findall(r'^@(\w+) ([\d+() ]+)$', values, re.M)}


def page():
    """The text, and what is wrong: calls without a handler or a test."""
    rows = gen.parse(os.path.join(HERE, 'syscalls.tbl'))
    where, programs, tried, wrong = sources(), tests(), traced(), []
    done = [r for r in rows if r.family != '-']
    partial = [r for r in done if any(word == 'missing' for word, _ in r.notes)]
    out = [
        '# Linux\'s riscv64 system calls, one by one\n\n',
        'Made by `make docs` from `kernel/syscall/syscalls.tbl`, the handlers and the tests; do not edit.\n\n',
        f'Of {len(rows)} calls {len(done) - len(partial)} are done, {len(partial)} are there in part, and '
        f'{len(rows) - len(done)} are refused.\n\n',
        '- **done**: all that Linux\'s manual page of the call says. The program in the last column, in\n'
        '  `tests/abi`, prints the same on Tarn and on Debian\'s riscv64 Linux.\n'
        '- **partial**: what is missing stands behind it, with the error that it is refused with.\n'
        '- **refused**: ENOSYS, as Linux answers a call that it was built without, and why; logged once when\n'
        '  a program tries it. Those that name `strace/every` are made in `tests/strace/every.c`.\n\n',
        '| nr | call | | handler | tests |\n|---|---|---|---|---|\n']
    for r in rows:
        if r.family == '-':
            why = [text for word, text in r.notes if word == 'refused']
            if not why:
                wrong.append(f'syscalls.tbl:{r.line}: no word why {r.name} is refused')
            found = proofs(r, programs) + (['strace/every'] if r.name in tried else [])
            out.append(f'| {r.nr} | {r.name} | refused: ENOSYS; {"; ".join(why)} | | {", ".join(found)} |\n')
            continue
        missing = [text for word, text in r.notes if word == 'missing']
        state = 'partial: ' + '; '.join(missing) if missing else 'done'
        found = proofs(r, programs)
        if r.name not in where:
            wrong.append(f'syscalls.tbl:{r.line}: {r.name} has no sys_{r.name} in kernel/syscall')
        if not found:
            wrong.append(f'syscalls.tbl:{r.line}: no program of tests/abi makes {r.name}')
        for name in found:
            if name not in programs:
                wrong.append(f'syscalls.tbl:{r.line}: there is no tests/abi/{name}.c with a recorded output')
        out.append(f'| {r.nr} | {r.name} | {state} | {where.get(r.name, "")} | {", ".join(found)} |\n')
    for name, number in header().items():
        row = next((r for r in rows if r.name == name), None)
        if row is None or row.nr != number:
            wrong.append(f'syscalls.tbl: {name} is {number} in asm/unistd.h, ' + (f'not {row.nr}' if row else 'and not here'))
    return ''.join(out), wrong


def main():
    check = sys.argv[1:2] == ['--check']
    if len(sys.argv) != 2 + check:
        sys.exit(__doc__)
    path = sys.argv[-1]
    text, wrong = page()
    if check:
        with open(path, encoding='utf-8') as f:
            if f.read() != text:
                wrong.append(f'{path} is stale: run make docs')
    else:
        gen.write(path, text)
    print('\n'.join(wrong), file=sys.stderr, end='\n' if wrong else '')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
