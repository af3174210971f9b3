"""Programs whose system calls Tarn shows as Debian's riscv64 strace shows them on Linux.

    programs.py record [NAME]     record NAME.expected (on one hart and on two)
    programs.py show FILE         a trace of `strace -f -o FILE`, normalised

`normal` makes two traces comparable: a task's lines stand together, tasks are numbered in the order in
which they were made, and what is different in each run (addresses, pids, times, random bytes, sizes of
folders) is replaced by a letter.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import oracle  # noqa: E402
import rootfs  # noqa: E402

# What each runs: names as in the list of what real programs call. Each command is traced on its own.
PROGRAMS = {
    'c-hello': [['/suite/hello-glibc']],
    'musl': [['/suite/hello-musl']],
    'rust-hello': [['/suite/hello-rust', 'x']],
    'busybox-static': [
        ['/bin/busybox', 'sh', '-c', 'for i in 1 2; do echo $i > f$i; done; busybox sort -r f?; test -d /etc && '
         'echo yes; kill -9 $$']],
    'bash': [['/usr/bin/bash', '--norc', '-c', 'trap "echo bye" EXIT; for f in *; do echo "$f"; done > out; '
              'read -r l < out; [[ -f out ]] && /usr/bin/timeout 9 /bin/busybox sleep 0.2; cd /; read -r l < /no/such']],
    'pipeline': [['/usr/bin/bash', '--norc', '-c', 'ls | { wc; /bin/busybox sleep 0.3; }']],
    'coreutils': [['/usr/bin/mkdir', '-p', 'a/b/c'], ['/usr/bin/cp', 'table', 'a/b/copy'],
                  ['/usr/bin/ls', '-a', 'a/b'], ['/usr/bin/mv', 'a/b/copy', 'x'], ['/usr/bin/sort', '-r', 'x'],
                  ['/usr/bin/head', '-n', '2', 'x'], ['/usr/bin/chmod', '600', 'x'],
                  ['/usr/bin/ln', '-s', 'x', 'link'], ['/usr/bin/cat', 'link', 'nothing'],
                  ['/usr/bin/timeout', '10', '/usr/bin/true'], ['/usr/bin/rm', '-r', 'a', 'x', 'link']],
    'lua': [['/usr/bin/lua5.4', '-e', 'local f = io.open("lua.out", "w"); f:write("x"):close(); os.remove("lua.out"); '
             'print(os.execute("exit 3")); os.exit(2)']],
    'make': [['/usr/bin/make', '-r']],
    'python-hello': [['/usr/bin/python3.13', '-I', '-S', '-B', '-c', 'import os; os.mkdir("py"); print(os.listdir("py")); '
                      'os.rmdir("py")']],
    'sqlite3': [['/usr/bin/sqlite3', '-batch', '-init', '/dev/null', 'db',
                 'pragma journal_mode=memory; create table t(a, b); insert into t values (1, 2), (3, 4); select sum(a) from t;']],
    'git': [['/usr/bin/git', 'init', '-q', '--template=', 'repo'], ['/usr/bin/git', 'hash-object', 'table']],
    # Calls of IPC that work (ipc.c).
    'ipc': [['/suite/ipc-calls']],
    # Not a program of the world: the calls that the others don't make (every.c).
    'every': [['/suite/every-call']],
}
BINARIES = ('hello-glibc', 'hello-musl', 'hello-rust', 'ipc-calls', 'every-call')
PACKAGES = 'programs'
ENVIRONMENT = {'PATH': '/usr/bin:/bin', 'HOME': '/root', 'SHELL': '/bin/sh', 'LC_ALL': 'C', 'GIT_CONFIG_NOSYSTEM': '1'}
WORK = {'table': b'pear:3\napple:1\nfig:2\n', 'Makefile': b'all: out\nout: table\n\t@/bin/busybox cp table out\n'}
# Of the packages' files, what the programs open.
WANTED = re.compile(r'usr/bin/(strace|bash|lua5\.4|make|python3\.13|sqlite3|git|mkdir|cp|ls|mv|sort|head|chmod|ln|cat|'
                    r'timeout|true|rm|wc)$|usr/lib/riscv64-linux-gnu/[^/]*\.so|usr/lib/python3\.13/'
                    r'|usr/lib/ssl/openssl\.cnf|etc/ssl/openssl\.cnf')


# ---- the root --------------------------------------------------------------------------------

def tree(source, wanted):
    """Files and links of an unpacked package that are wanted."""
    table = {}
    for folder, _, files in os.walk(source):
        for base in files:
            path = os.path.join(folder, base)
            name = os.path.relpath(path, source)
            if not wanted.match(name):
                continue
            if os.path.islink(path):
                table[name] = os.readlink(path)
            else:
                table[name] = (0o755 if os.access(path, os.X_OK) else 0o644, rootfs.read(path))
    return table


def table(build, cache):
    """The root that both systems run in."""
    busybox = rootfs.read(os.path.join(cache, 'busybox', 'busybox'))
    binaries = os.path.join(build, 'suites', 'bin')
    found = {**rootfs.FOLDERS, 'proc': None, 'srv': None,
             'lib': 'usr/lib', 'etc/passwd': (0o644, b'root:x:0:0:root:/root:/bin/sh\n'),
             'etc/group': (0o644, b'root:x:0:\n'), 'etc/hostname': (0o644, b'tarn\n'),
             'usr/lib/ld-linux-riscv64-lp64d.so.1': 'riscv64-linux-gnu/ld-linux-riscv64-lp64d.so.1',
             **tree(os.path.join(cache, PACKAGES), WANTED), 'bin/busybox': busybox, 'bin/sh': 'busybox'}
    for name in BINARIES:
        found[f'suite/{name}'] = rootfs.read(os.path.join(binaries, name))
    for name, data in WORK.items():
        found[f'data/{name}'] = (0o644, data)
    return found


def quoted(words):
    return ' '.join("'" + w.replace("'", "'\\''") + "'" for w in words)


def script(names, before):
    """Runs all commands of all programs, each behind `before` and with a marker in front."""
    lines = ['#!/bin/busybox sh']
    for name in names:
        lines += ['cd /', '/bin/busybox rm -rf /srv', '/bin/busybox cp -r /data /srv', 'cd /srv']
        for i, command in enumerate(PROGRAMS[name]):
            env = ' '.join(f'{k}={v}' for k, v in ENVIRONMENT.items())
            lines += [f'/bin/busybox true @@{name}@@{i}@@',
                      f'/bin/busybox env -i {env} {before}{quoted(command)} < /dev/null > /out 2>&1']
    return '\n'.join(lines)


# ---- traces ----------------------------------------------------------------------------------

UNFINISHED = ' <unfinished ...>'
RESUMED = re.compile(r'<\.\.\. \w+ resumed>')
PID_RESULT = re.compile(r'^((?:getpid|gettid|getppid|set_tid_address|clone|clone3|wait4|getpgid|setsid|getsid|waitid|'
                        r'rt_sigreturn)\(.*\) = )(\d+)$')
PID_ARGUMENT = re.compile(r'^((?:kill|tgkill|tkill|wait4|getpgid|setpgid|prlimit64|getsid|sched_\w+)\(-?|tgkill\(\w+, |'
                          r'futex\(\w+, \w*WAIT\w*(?:\|FUTEX_CLOCK_REALTIME)?, )(\d+)\b')
PID_FIELD = re.compile(r'\b(si_pid=|parent_tid=\[|pidfd=\[|l_pid=)(\d+)')
PID_OUTSIDE = ('getppid', 'getpgid', 'getsid')
CHANGES = [
    (re.compile(r'\) += '), ') = '),
    (re.compile(r'\b0x[0-9a-f]{5,16}\b'), 'ADDR'),
    (re.compile(r'"(?:\\x[0-9a-f]{2})+"'), '"RANDOM"'),
    (re.compile(r'tv_sec=-?\d+, tv_([nu])sec=\d+\}( /\* [^*]* \*/)?'), r'tv_sec=T, tv_\1sec=T}'),
    (re.compile(r'si_([us])time=\d+'), r'si_\1time=T'),
    (re.compile(r'((?:shm|sem|msg)_[a-z]?time|(?:shm|msg)_[a-z]*pid)=[1-9]\d*'), r'\1=N'),
    (re.compile(r'( /\* \d+\.\d\d s \*/)'), ''),
    (re.compile(r'(stx?_mode=S_IFDIR[\w|]*, stx?_size=)\d+'), r'\1N'),
    (re.compile(r'(f_\w+=)(?:\{[^}]*\}|[^,}]+)'), r'\1V'),
    (re.compile(r'^sysinfo\(\{.*\}'), 'sysinfo({...}'),
    # This strace does not know the call.
    (re.compile(r'^(riscv_hwprobe|syscall_0x102)\(.*\) ='), 'riscv_hwprobe(...) ='),
    # What differs by the machine: how many harts, how many processes, which file systems.
    (re.compile(r'^(sched_getaffinity\(\d+, \d+, ).*'), r'\1HARTS'),
    (re.compile(r'^(prlimit64\(0, RLIMIT_NPROC, ).*'), r'\1...'),
    (re.compile(r'^(read\(\d+, )"nodev.*'), r'\1FILE SYSTEMS'),
    # Random: a seed of sqlite's, a name of git's.
    (re.compile(r'^(read\(\d+, ).*, 44\) = 44$'), r'\1SEED, 44) = 44'),
    (re.compile(r'/\.git/t\w{6}"'), '/.git/tRANDOM"'),
]


def processes(lines):
    """Lines of `strace -f -o` by pid, unfinished ones joined: (pid, text) in order of their end."""
    cut = {}
    for line in lines:
        m = re.match(r'(\d+)\s+(.*)$', line)
        if not m:
            continue
        pid, text = int(m[1]), m[2]
        if RESUMED.match(text):
            text = cut.pop(pid, '') + RESUMED.sub('', text, count=1)
        if text.endswith(UNFINISHED):
            cut[pid] = text[:-len(UNFINISHED)]
            continue
        yield pid, text
    for pid, text in cut.items():
        yield pid, text + UNFINISHED


def settled(lines):
    """When a child's end is told depends on the child's speed. It is put behind the wait4 that returned the child;
    what no wait4 returned, behind all. With it goes the return from a handler that makes no call, whose
    result, what the interrupted call left in a0, depends on the place."""
    told, out, i = {}, [], 0
    while i < len(lines):
        m = re.match(r'--- SIGCHLD .*si_pid=(\d+)', lines[i])
        if not m:
            out.append(lines[i])
            i += 1
            continue
        told[m[1]] = [lines[i]]
        i += 1
        if i < len(lines) and lines[i].startswith('rt_sigreturn('):
            told[m[1]].append(re.sub(r'= .*$', '= RESULT', lines[i]))
            i += 1
    placed = []
    for line in out:
        placed.append(line)
        m = re.match(r'wait(?:4|id)\(.* = (\d+)$', line)
        if m:
            placed += told.pop(m[1], [])
    return placed + [line for pair in told.values() for line in pair]


def normal(lines, root=None):
    """A trace's tasks, each with its lines; the first task, or `root`, and what it makes."""
    tasks, order = {}, []
    for pid, text in processes(lines):
        if root is None:
            root = pid
        tasks.setdefault(pid, []).append(text)

    def visit(pid):
        if pid in order or pid not in tasks:
            return
        order.append(pid)
        for text in tasks[pid]:
            m = re.match(r'clone3?\(.* = (\d+)$', text)
            if m:
                visit(int(m[1]))
    visit(root)
    numbers = {pid: f'P{i + 1}' for i, pid in enumerate(order)}

    def pid_name(m):
        return m[1] + (numbers.get(int(m[2])) or ('OTHER' if m[1].startswith(PID_OUTSIDE) else m[2]))
    out = []
    for pid in order:
        out.append(f'{numbers[pid]}:')
        for text in settled(tasks[pid]):
            for pattern, by in CHANGES:
                text = pattern.sub(by, text)
            # A random name of mkstemp's takes as many as it needs.
            if text.startswith('getrandom(') and out[-1] == '  ' + text:
                continue
            text = PID_RESULT.sub(pid_name, text)
            text = PID_ARGUMENT.sub(pid_name, PID_ARGUMENT.sub(pid_name, text))
            out.append('  ' + PID_FIELD.sub(pid_name, text))
    return out


def sections(lines):
    """A trace of the whole script, as Tarn makes it: dict program -> one list of lines for each command."""
    found, name = {}, None
    for line in lines:
        m = re.match(r'\d+\s+execve\("/bin/busybox", \["/bin/busybox", "true", "@@(\S+)@@(\d+)@@"\]', line)
        if m:
            name = m[1]
            found.setdefault(name, []).append([])
        elif name:
            found[name][-1].append(line)
    return found


def of_tarn(lines, name):
    """The normal form of each command of a program, out of the whole script's trace."""
    out = []
    for i, part in enumerate(sections(lines).get(name, [])):
        # The shell's own `env` ran in the same task before: only what comes from here on counts.
        words = PROGRAMS[name][i][:2]
        begins = re.compile(r'(\d+)\s+execve\("' + re.escape(words[0]) + r'", \["' + '", "'.join(map(re.escape, words)))
        start = [(n, m) for n, m in ((n, begins.match(line)) for n, line in enumerate(part)) if m]
        out.append(normal(part[start[0][0]:], int(start[0][1][1])) if start else [f'{words[0]} was not run'])
    return out


def joined(parts, name):
    """The text of NAME.expected."""
    out = []
    for command, part in zip(PROGRAMS[name], parts):
        out += ['$ ' + ' '.join(command), *part]
    return '\n'.join(out) + '\n'


ENOSYS = ' = -1 ENOSYS (Function not implemented)'
# What a row that has a handler still refuses.
PARTLY = ('socket(AF_INET', 'socket(AF_NETLINK')


def without_refused(expected, actual, rows):
    """Both, with only the arguments of those calls that Tarn refuses as syscalls.tbl says it does. `rows` are
    the names of the table's rows without a handler."""
    def arguments(line):
        return re.sub(r'\) = .*', ')', line)

    def refused(line):
        name = line.strip().split('(')[0]
        return line.endswith(ENOSYS) and name in rows or line.strip().startswith(PARTLY)
    cut = {arguments(line) for line in actual if refused(line)}
    return [[arguments(line) if arguments(line) in cut else line for line in lines] for lines in (expected, actual)]


# ---- the reference ---------------------------------------------------------------------------

INIT = """#!/bin/busybox sh
/bin/busybox mount -t devtmpfs none /dev
/bin/busybox mount -t proc none /proc
/bin/busybox mount -t sysfs none /sys
/bin/busybox mount -t tmpfs none /tmp
exec < /dev/null > /dev/console 2>&1
/bin/busybox stty -onlcr
/bin/busybox hostname tarn
/bin/busybox chmod 755 /
. /script
/bin/busybox poweroff -f
"""


def under_strace(names):
    """The script that runs every command under Debian's strace, and shows each trace."""
    marked = script(names, 'strace -f -o /tmp/trace ')
    marked = re.sub(r"^/bin/busybox true (@@\S+)$", r"echo \1", marked, flags=re.M)
    return re.sub(r'2>&1$', r'2>&1; echo "@@end $?"; /bin/busybox cat /tmp/trace', marked, flags=re.M)


def shown_traces(text):
    """What that script shows: dict program -> one normal trace for each command."""
    found, parts = {}, re.split(r'^@@(\S+)@@\d+@@\n', text, flags=re.M)
    for name, body in zip(parts[1::2], parts[2::2]):
        found.setdefault(name, []).append(normal(body.splitlines()))
    return found


def on_linux(build, cache, names, harts):
    """Dict program -> one normal trace for each command."""
    cpio = rootfs.write_cpio(os.path.join(build, 'strace', 'linux.cpio'),
                             {**table(build, cache), 'init': INIT.encode(), 'script': under_strace(names).encode()})
    text = oracle.boot(cache, cpio, harts, more=('-device', 'virtio-rng-device'))
    oracle.write(os.path.join(build, 'strace'), f'linux{harts}.txt', text)
    return shown_traces(text)


def record(args):
    wanted = [n for n in PROGRAMS if not args.name or re.search(args.name, n)]
    if not wanted:
        return 0
    os.makedirs(os.path.join(args.build, 'strace'), exist_ok=True)
    harts = (1, 2)
    runs = oracle.runs(harts, wanted, lambda n: on_linux(args.build, args.cache, wanted, n))
    bad = 0
    for name in wanted:
        one, two = (joined(r.get(name, []), name) for r in runs)
        if one != two or not runs[0].get(name):
            bad += 1
            oracle.differs(os.path.join(args.build, 'strace'), name, harts, (one, two))
        else:
            oracle.write(HERE, name + '.expected', one)
    print(f'{len(wanted) - bad} recorded, {bad} not')
    return 1 if bad else 0


def main():
    args = oracle.arguments(__doc__, 'show')
    if args.what == 'show':
        with open(args.name, encoding='utf-8') as f:
            print('\n'.join(normal(f.read().splitlines())))
        return 0
    return record(args)


if __name__ == '__main__':
    sys.exit(main())
