"""gdb at a running machine: each of our commands, and stepping backwards in a recording."""
import os
import re
import shutil
import subprocess
import sys
import tarfile

import pytest

from conftest import BUILD, HERE, KERNEL, ROOT, log_folder, need_file, need_kernel

TOOL = os.path.join(HERE, 'tools', 'debug.py')
DRIVE = os.path.join(HERE, 'gdb', 'drive.py')


def debug(tmp_path, job, *words, commands, timeout=240):
    """Runs debug.py with gdb driven through the commands; {command: what it printed}."""
    need_kernel()
    script = tmp_path / 'commands'
    script.write_text('\n'.join(commands) + '\n')
    done = subprocess.run(
        [sys.executable, TOOL, job, *words, '--', '-batch', '-x', DRIVE], cwd=ROOT, check=False,
        env=dict(os.environ, TARN_COMMANDS=str(script)), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
    text = done.stdout.decode(errors='replace')
    with open(os.path.join(log_folder(), f'gdb-{job}.log'), 'w', encoding='utf-8') as f:
        f.write(text)
    parts = re.split(r'^=== (.*)$', text, flags=re.M)
    said = {}
    for command, output in zip(parts[1::2], parts[2::2]):
        assert command == WRONG or not re.search('^error:', output, re.M), f'{command}: {output.strip()}'
        said[command] = output.strip()
    assert len(parts) // 2 == len(commands), f'gdb stopped early: {text[-300:]}'
    return said


# What the machine does while gdb looks: a sleeper, a program of ours, and a write to /proc that is
# caught with the file's mutex held.
CMD = ('sleep 1000 & exec 5</etc/motd; hello; read line; '
       '{ sleep 1001 & echo $line; } > /proc/sysrq-trigger')
WRONG = 'tarn pt zzz'
IN_HELLO = 'break sys_write if $_streq(((struct task *)$tp)->comm, "hello")'
LOOK = [
    'tarn harts ', 'tarn tasks ', 'tarn runqueues ',
    IN_HELLO,
    'continue',
    'bt',
    'tarn type xyz',
    'delete',
    'tbreak rwsem_write_unlock', 'continue ', 'print s', 'tarn stack ', 'tarn locks ',
    'break sysrq_store',
    'continue',
    'print text',
    'tarn harts', 'tarn tasks', 'tarn tasks -s', 'tarn stack', 'tarn stack 1', 'tarn task 1',
    'up 2', 'bt 3', 'tarn task',
    'tarn areas', 'tarn areas 1', 'tarn pt $sp', 'tarn pt 0x10000 1', WRONG,
    'tarn files', 'tarn mounts', 'tarn locks', 'tarn runqueues', 'tarn slabs', 'tarn log 3',
    'tarn log', 'print all_tasks', 'tarn list all_tasks task all_link comm state',
    'print init_proc->leader->mm->areas',
    'tarn tree init_proc->leader->mm->areas area node start',
    'print proc_tree_lock', 'print init_proc->leader->files->refs',
    'print init_proc->leader->fs->cwd', 'print runqueues[0].fair',
    'print init_proc->leader->mm->sem', 'print init_proc->leader->mm->exe->pos_mutex',
    'print tracepoints_on', 'print rings[0].records',
    'tarn symbols build/user/init 1', 'info symbol 0x10000',
    'help tarn',
]


@pytest.fixture(scope='module')
def said(tmp_path_factory, busybox_root):
    """One session with all the commands."""
    return debug(tmp_path_factory.mktemp('gdb'), 'debug', KERNEL, busybox_root, '--smp', '2',
                 '--cmd', CMD, commands=LOOK)


def test_before_tasks(said):
    """At the first instruction there is nothing but the harts."""
    rows = [line.split() for line in said['tarn harts '].splitlines()[1:]]
    assert [row[1] for row in rows] == ['0', '1'] and all(row[3:6] == ['no', 'task', 'yet'] for row in rows)
    assert len(said['tarn tasks '].splitlines()) == 1 and not said['tarn runqueues ']


def test_user_symbols(said):
    """A stop in the kernel knows the user's functions that led there."""
    text = said['bt']
    assert re.search(r'sys_write .*syscall_dispatch', text, re.S), text
    assert re.search(r'main .* at user/hello\.c:\d+', text), text


def test_console(said):
    assert '"xyz' in said['print text']


def test_tasks(said):
    rows = {}
    for line in said['tarn tasks'].splitlines()[1:]:
        tid, pid, state, hart, name, where = line.split(None, 5)
        rows.setdefault(name, (tid, pid, state, hart, where))
    assert rows['init'][:3] == ('1', '1', 'S') and rows['init'][4] == 'sys_rt_sigtimedwait'
    assert rows['sleep'][2] == 'S' and 'sleep' in rows['sleep'][4]
    assert rows['sh'][2] == 'R' and rows['sh'][4] == '(running)' and rows['sh'][3] in '01'
    assert rows['rcu'][0] == '-'


def test_stacks(said):
    text = said['tarn tasks -s']
    for whose, frames in (('kernel thread rcu', ('rcu_thread', 'kthread_main', 'thread_entry')),
                          ('task 1 (init)', ('schedule', 'sys_rt_sigtimedwait', 'syscall_dispatch',
                                             'system call 137'))):
        part = text.split(whose, 1)[1].split('\ntask ', 1)[0].split('\nkernel thread', 1)[0]
        at = [part.find(name) for name in frames]
        assert -1 not in at and at == sorted(at), f'{whose}: {part}'
    assert said['tarn stack'].splitlines()[1].split()[1] == 'sysrq_store'
    assert 'sys_rt_sigtimedwait at kernel/syscall/sys_signal.c' in said['tarn stack 1']
    # standing in a sleeping task: gdb's own commands see its frames
    assert said['tarn task 1'].startswith('task 1 (init)')
    assert 'wait_sleep' in said['up 2'] or 'sleep_until' in said['up 2']
    assert re.search(r'^#1 .* in schedule', said['bt 3'], re.M)
    assert said['tarn task'] == re.search(r'task \d+ \(sh\)', said['tarn stack'])[0]


def test_harts(said):
    rows = [line.split() for line in said['tarn harts'].splitlines()[1:]]
    assert sorted(row[0] for row in rows) == ['0', '1']
    assert 'sysrq_store' in said['tarn harts'] and '(sh)' in said['tarn harts']


def test_address_space(said):
    areas = said['tarn areas']
    assert re.search(r'^10000-[0-9a-f]+ +r-xp +0 .* /bin/busybox$', areas, re.M), areas
    for what in ('[heap]', '[vdso]', '[stack]'):
        assert what in areas
    assert '/sbin/init' in said['tarn areas 1'] or '/init' in said['tarn areas 1']
    assert 'present' in areas and 'page tables' in areas


def test_page_table(said):
    walk = said['tarn pt $sp'].splitlines()
    assert [line.split(':')[0] for line in walk[:3]] == ['level 2', 'level 1', 'level 0']
    assert re.search(r'= VRW--GAD -> 0x[0-9a-f]+', walk[2])
    assert re.match(r'struct page 0x[0-9a-f]+: refs 1', walk[4])
    assert said[WRONG] == 'error: tarn pt: No symbol "zzz" in current context.'
    user = said['tarn pt 0x10000 1']
    assert re.search(r'level 0: .* = VR-XU-A- ->', user) and 'file' in user


def test_files(said):
    text = said['tarn files']
    assert re.search(r'^ *1 +w .*/proc/sysrq-trigger$', text, re.M), text
    assert re.search(r'^ *5 +r .* tarfs_\w*fops .* /etc/motd$', text, re.M), text
    assert 'cwd /root' in text
    mounts = said['tarn mounts']
    assert re.search(r'^tarfs +/ +vda', mounts, re.M) and re.search(r'^proc +/proc ', mounts, re.M)


def test_locks(said):
    whose = re.search(r'task \d+ \(sh\)', said['tarn stack'])[0]
    held = r'^mutex +0x[0-9a-f]+ +file\+0x[0-9a-f]+ +' + re.escape(whose)
    assert re.search(held, said['tarn locks'], re.M), said['tarn locks']
    assert re.search(r'= spinlock.*, free$', said['print proc_tree_lock'])
    assert 'rwsem, free' in said['print init_proc->leader->mm->sem']
    assert 'mutex, free' in said['print init_proc->leader->mm->exe->pos_mutex']


def test_held_semaphore(said):
    """A rwsem that is held for writing, at the moment it is given back: who holds it."""
    where = re.search(r'0x[0-9a-f]+', said['print s'])[0]
    whose = re.search(r'task \d+ \(\w+\)', said['tarn stack '])[0]
    held = r'^rwsem +' + where + r' +\S+ +' + re.escape(whose)
    assert re.search(held, said['tarn locks '], re.M), said['tarn locks ']


def test_nothing_is_traced(said):
    """Without the option there are no rings, and no task to empty them."""
    assert said['print tracepoints_on'].endswith('= false')
    assert said['print rings[0].records'].endswith(' 0x0')
    assert not any(line.split(None, 5)[4] == 'trace' for line in said['tarn tasks'].splitlines()[1:])


def test_locks_debug_kernel(tmp_path, busybox_root):
    """The debug kernel knows its spinlocks too, in the order they were taken."""
    kernel = need_file(os.path.join(BUILD, 'debug', 'tarn.elf'), 'the debug kernel was not built')
    got = debug(tmp_path, 'debug', kernel, busybox_root, '--smp', '2', '--cmd', CMD, commands=[
        IN_HELLO, 'continue', 'tarn type xyz', 'delete', 'break sysrq_store', 'continue', 'tarn locks',
        'tbreak note_unlock', 'continue', 'print l->name', 'tarn locks '])
    assert re.search(r'^mutex +0x[0-9a-f]+ +file\+0x[0-9a-f]+ +task \d+ \(sh\)', got['tarn locks'], re.M), got
    name = re.search(r'"(.*)"', got['print l->name'])[1]
    held = r'^spinlock +0x[0-9a-f]+ +' + re.escape(name) + r' \(rank \d+\) +hart [01]'
    assert re.search(held, got['tarn locks '], re.M), got['tarn locks ']


def test_runqueues(said):
    text = said['tarn runqueues']
    assert re.search(r'hart \d: runs task \d+ \(sh\); runnable [1-9]', text), text
    assert re.search(r'^ +now +\d+ +sh ', text, re.M)


def test_slabs(said):
    rows = {line.split()[0]: line.split()[1:] for line in said['tarn slabs'].splitlines()[1:]}
    size, used, idle, total, slabs, memory = rows['task']
    assert int(used) >= 5 and int(used) + int(idle) <= int(total) and int(slabs) >= 1
    assert int(size) >= 512 and memory.endswith('K') and 'kmalloc-64' in rows


def test_log(said):
    assert re.search(r'^\[ +\d+\.\d+\] Tarn: 512 MiB of memory, harts 2', said['tarn log'], re.M)
    assert len(said['tarn log 3'].splitlines()) == 3


def test_printers(said):
    tasks = re.match(r'\$\d+ = list of (\d+) = {(.*)}', said['print all_tasks'])
    assert tasks and int(tasks[1]) == tasks[2].count('0x')
    listed = said['tarn list all_tasks task all_link comm state'].splitlines()
    assert len(listed) == int(tasks[1])
    assert any('comm = "init" state = 1' in line for line in listed)
    areas = re.match(r'\$\d+ = tree of (\d+), \d+ deep',
                     said['print init_proc->leader->mm->areas'])
    starts = [int(line.rsplit(' = ')[1]) for line in
              said['tarn tree init_proc->leader->mm->areas area node start'].splitlines()]
    assert areas and len(starts) == int(areas[1])
    assert starts == sorted(starts) and starts[0] == 0x10000
    assert 'tree' in said['print runqueues[0].fair']
    assert re.fullmatch(r'\$\d+ = \d+', said['print init_proc->leader->files->refs'])
    assert said['print init_proc->leader->fs->cwd'].endswith('/')


def test_help(said):
    for name in ('areas', 'files', 'harts', 'list', 'locks', 'log', 'mounts', 'place', 'pt',
                 'runqueues', 'slabs', 'stack', 'symbols', 'task', 'tasks', 'tree', 'type'):
        assert f'tarn {name} -- ' in said['help tarn'], name
    assert 'build/user/init' in said['tarn symbols build/user/init 1']


# ---- recordings ------------------------------------------------------------------------------

@pytest.fixture(scope='module')
def recording(tmp_path_factory, busybox_root, program):
    """A run of corrupt.c, recorded: its folder and the program."""
    corrupt = program('corrupt', os.path.join(HERE, 'gdb', 'corrupt.c'), '-g')
    folder = tmp_path_factory.mktemp('record')
    root = folder / 'with-corrupt.tar'
    with tarfile.open(busybox_root) as old, tarfile.open(root, 'w') as new:
        for member in old:
            new.addfile(member, old.extractfile(member) if member.isreg() else None)
        new.add(corrupt, 'bin/corrupt')
    done = subprocess.run(
        [sys.executable, TOOL, 'record', KERNEL, str(root), str(folder / 'rr'), '--mem', '128M',
         '--cmd', 'echo begin; corrupt'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=120, check=False)
    text = done.stdout.decode(errors='replace')
    assert done.returncode == 0 and 'box 2 is bad' in text, text[-300:]
    return str(folder / 'rr'), corrupt


@pytest.mark.area('gdb', points=3)
def test_backwards(recording, tmp_path):
    """From the crash back to the store that spoilt the word."""
    folder, corrupt = recording
    got = debug(tmp_path, 'replay', folder, commands=[
        f'tarn symbols {corrupt}',
        'break sys_tgkill', 'continue', 'bt', 'print/x boxes[2].magic', 'tarn place',
        'watch boxes[2].magic',
        'reverse-continue', 'bt 2', 'print b->name', 'tarn tasks',
        'reverse-stepi', 'tarn place ', 'reverse-stepi 2', 'tarn place  ',
        'stepi', 'tarn place   ', 'reverse-finish', 'bt 1', 'x/i $pc'])
    assert 'check ()' in got['bt'] and 'abort' in got['bt']
    assert got['print/x boxes[2].magic'].endswith('= 0x600d600d006e6565')
    # the store of the last byte: "...en" and its end, behind the 16 that there is room for
    assert re.search(r'^#0 .*fill .*name=.*"a name of seventeen"', got['bt 2'], re.M), got['bt 2']
    assert 'main ()' in got['bt 2']
    assert got['print b->name'].endswith('"a name of sevent"')
    assert re.search(r'corrupt +\(running\)', got['tarn tasks'])
    crash, before, third, forth = (int(got['tarn place' + ' ' * i]) for i in range(4))
    found = int(re.search(r'at instruction (\d+)', got['reverse-continue'])[1])
    assert found < crash and before == found - 1
    assert third == before - 2 and forth == third + 1
    assert re.search(r'^#0 .*main \(\)', got['bt 1'], re.M), got['bt 1']
    assert re.search(r'jal.*<fill>', got['x/i $pc'])


@pytest.mark.area('gdb')
def test_cut_short(recording, tmp_path):
    """A recording that lost its end says so."""
    folder = tmp_path / 'rr'
    shutil.copytree(recording[0], folder)
    size = os.path.getsize(folder / 'events')
    os.truncate(folder / 'events', size - 1000)
    done = subprocess.run([sys.executable, TOOL, 'replay', str(folder)], capture_output=True, text=True,
                          check=False, timeout=60)
    assert done.returncode != 0
    assert done.stderr == f'debug: {folder}/events is damaged: {size - 1000} bytes, {size} were recorded\n'


@pytest.mark.area('gdb')
def test_not_recorded(tmp_path):
    """One clear line where there is nothing."""
    done = subprocess.run([sys.executable, TOOL, 'replay', str(tmp_path)], capture_output=True,
                          text=True, check=False, timeout=60)
    assert done.returncode != 0
    assert done.stderr == f'debug: nothing is recorded in {tmp_path}: make record CMD=...\n'
