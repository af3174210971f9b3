"""./tarn run --trace and --strace: what they show, and what they say of damage."""
import json
import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT, need_kernel

sys.path.insert(0, os.path.join(ROOT, 'kernel', 'debug'))
import perfetto  # noqa: E402

pytestmark = pytest.mark.area('trace')
WORK = ['sh', '-c', 'cat /etc/motd > /tmp/copy; (exit 3); sleep 0.05; ls /bin | head -1; kill -USR1 $$; true']


def load(path):
    with open(path, encoding='utf-8') as f:
        return json.load(f)


@pytest.fixture(scope='module')
def trace(tarn, busybox_root, tmp_path_factory):
    """The JSON of a run."""
    out = str(tmp_path_factory.mktemp('trace') / 'out.json')
    tarn('--smp', '2', '--trace', out, root=busybox_root, command=['sh', '-c', 'trap : USR1; ' + WORK[2]]).ok()
    return load(out)


def names(trace, pid):
    """Names of the slices and marks of one of the processes in the trace."""
    return {e['name'] for e in trace['traceEvents'] if e['pid'] == pid and e['ph'] != 'M'}


def lanes(trace, pid):
    return {e['args']['name'] for e in trace['traceEvents']
            if e['ph'] == 'M' and e['name'] == 'thread_name' and e['pid'] == pid}


def test_lanes(trace):
    """A lane for each hart, and one for each task, by its name."""
    assert lanes(trace, 1) == {'hart 0', 'hart 1'}
    tasks = lanes(trace, 2)
    assert '[trace]' not in json.dumps(trace), 'the task that writes the trace is in it'
    assert any(re.fullmatch(r'sh \d+', n) for n in tasks) and any(re.fullmatch(r'cat \d+', n) for n in tasks)


def test_points(trace):
    """Each kind of trace point is there."""
    tasks, harts, disks = names(trace, 2), names(trace, 1), names(trace, 3)
    assert {'openat', 'read', 'write', 'execve', 'wait4'} <= tasks
    assert any(n.startswith('page fault') for n in tasks)
    assert {'page cache hit', 'page cache miss', 'page cache fill', 'exits'} <= tasks
    assert {'posts signal 10', 'takes signal 10'} <= tasks and any(n.startswith('wakes ') for n in tasks)
    assert {'timer', 'device interrupt'} <= harts and any(n.startswith('cat ') for n in harts)
    assert 'read' in disks


def test_well_formed(trace):
    """Times do not go back; slices of one lane lie in one another or apart."""
    events = [e for e in trace['traceEvents'] if e['ph'] != 'M']
    stamps = [e['ts'] for e in events]
    assert stamps == sorted(stamps) and trace['otherData']['lost'] == 0
    open_ends = {}
    for e in events:
        if e['ph'] != 'X':
            continue
        stack = open_ends.setdefault((e['pid'], e['tid']), [])
        while stack and stack[-1] <= e['ts'] + 1e-6:
            stack.pop()
        assert not stack or e['ts'] + e['dur'] <= stack[-1] + 1e-3, e
        stack.append(e['ts'] + e['dur'])


def test_result_of_a_call(trace):
    """A call's slice has its result: the child's status was asked for."""
    found = [e for e in trace['traceEvents'] if e['name'] == 'wait4' and e['args'].get('result', 0) > 0]
    assert found and all(e['dur'] >= 0 for e in found)


def test_lost_records_are_counted(tarn, full_root, tmp_path):
    """A ring that is too small loses records, and that is said: who has nearly all of the only hart fills it."""
    out = str(tmp_path / 'out.json')
    got = tarn('--smp', '1', '--trace', out, '--append', 'trace=256', root=full_root,
               command=['nice', '-n', '-20', 'sh', '-c', 'i=0; while [ $i -lt 3000 ]; do [ -e /etc ]; i=$((i+1)); done']).ok()
    lost = load(out)['otherData']['lost']
    assert lost > 0 and f'{lost} records were lost'.encode() in got.err


def test_corrupt_trace(tarn, busybox_root, tmp_path):
    """A damaged trace is refused, with the byte."""
    raw, out = tmp_path / 'out.raw', tmp_path / 'out.json'
    tarn('--trace', str(raw), root=busybox_root, command=['true']).ok()
    whole = raw.read_bytes()

    def convert(data):
        raw.write_bytes(data)
        return subprocess.run([os.path.join(ROOT, 'tarn'), 'trace', str(raw), str(out)], capture_output=True,
                              text=True, check=False)
    assert convert(whole).returncode == 0 and load(out)['otherData']['records'] > 100
    out.unlink()
    for data, place in ((whole[:1000], 'byte '), (b'x' + whole[1:], 'byte 0: no batch'),
                        (whole[:60] + bytes([whole[60] ^ 1]) + whole[61:], 'byte 24: the records'),
                        (whole + b'tail', f'byte {len(whole)}: cut short')):
        done = convert(data)
        assert done.returncode == 125 and 'a corrupt trace: ' + place in done.stderr, done.stderr
        assert not out.exists()


def test_requests_of_one_sector(tmp_path):
    """Each has its own end, whatever the order: what two disks do may meet in a sector, too."""
    begin, end = perfetto.TYPES.index('block'), perfetto.TYPES.index('block_end')
    rows = [(1000, begin, 8 | 1 << 40, 0x100), (2000, begin, 8 | 2 << 40 | 1 << 56, 0x200), (3000, end, 0, 0x100),
            (4000, begin, 8 | 3 << 40, 0x100), (5000, end, (1 << 64) - 5, 0x200), (6000, end, 0, 0x100)]
    body = b''.join(perfetto.RECORD.pack(now, 1, kind, a, b) for now, kind, a, b in rows)
    words = memoryview(body).cast('Q')
    raw = perfetto.BATCH.pack(perfetto.MAGIC, 0, len(rows), 0, sum(words) & ((1 << 64) - 1)) + body
    out = tmp_path / 'out.json'
    perfetto.convert(raw, out)
    found = {}
    for e in load(out)['traceEvents']:
        if e['ph'] in 'be':
            found.setdefault(e['id'], []).append((e['ph'], e['ts'], e['name'], e['args']))
    assert sorted(found.values(), key=lambda events: events[0][1]) == [
        [('b', 1, 'read', {'sector': 8, 'segments': 1}), ('e', 3, 'read', {'status': 0})],
        [('b', 2, 'write', {'sector': 8, 'segments': 2}), ('e', 5, 'write', {'status': -5})],
        [('b', 4, 'read', {'sector': 8, 'segments': 3}), ('e', 6, 'read', {'status': 0})]]


def test_requests_end(trace):
    """Every request to the disk has an end."""
    begun, ended = ([e['id'] for e in trace['traceEvents'] if e['pid'] == 3 and e['ph'] == ph] for ph in 'be')
    assert begun and len(set(begun)) == len(begun) and sorted(ended) == sorted(begun)


def test_trace_is_off_without_the_option(tarn, busybox_root):
    """No port of the tracer is there, and no records: a panic, which prints the last of them, has none."""
    def crash(*options):
        got = tarn(*options, root=busybox_root, command=[
            'sh', '-c', 'ls /dev/virtio-ports; sleep 0.1; echo c > /proc/sysrq-trigger'])
        assert 'panic on hart' in got.log
        return b'trace' in got.out, 'last trace records' in got.log
    assert crash() == (False, False)
    assert crash('--append', 'trace')[1]


def test_costs_nothing_when_off(tarn, busybox_root, program):
    """Instructions of one getppid, counted by QEMU: those that it took before there were trace points."""
    path = program('getppid-cost', r'''
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static long now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000L + t.tv_nsec; }
int main(void)
{
	long start;
	for (int i = 0; i < 20000; i++)
		syscall(SYS_getppid);
	start = now();
	for (int i = 0; i < 50000; i++)
		syscall(SYS_getppid);
	printf("%ld\n", (now() - start) / 50000);
	return 0;
}
''')
    off = int(tarn('--icount', root=busybox_root, command=[path]).ok().out)
    on = int(tarn('--icount', '--append', 'trace', root=busybox_root, command=[path]).ok().out)
    assert off <= 242 < on


# ---- strace ----------------------------------------------------------------------------------

def test_strace_follows_threads(tarn, busybox_root, program):
    """Lines of a thread and a child bear their numbers, and a call that waits is cut."""
    path = program('strace-thread', r'''
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>
static void *work(void *p) { usleep(30000); write(1, "thread\n", 7); return p; }
int main(void)
{
	pthread_t t;
	int status;
	pthread_create(&t, 0, work, 0);
	pthread_join(t, 0);
	if (!fork()) { usleep(30000); _exit(4); }
	wait(&status);
	return 0;
}
''')
    err = tarn('--strace', root=busybox_root, command=[path]).ok().err.decode()
    assert re.search(r'\[pid +\d+\] write\(1, "thread\\n", 7\)', err)
    assert ' <unfinished ...>\n' in err and re.search(r'<\.\.\. futex resumed>\) += 0', err)
    assert re.search(r'<\.\.\. wait4 resumed>\[\{WIFEXITED\(s\) && WEXITSTATUS\(s\) == 4\}\], 0, NULL\) = \d+', err)
    assert '+++ exited with 4 +++' in err and '--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED' in err
    assert err.rstrip().endswith('+++ exited with 0 +++')


def test_strace_of_stops_and_exec(tarn, busybox_root, program):
    """Stops are told; a thread that executes another program takes its leader's number."""
    path = program('strace-stops', r'''
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
static void *run(void *p) { usleep(50000); execl("/bin/true", "true", (char *)0); return p; }
int main(void)
{
	pthread_t t;
	int status;
	pid_t child = fork();
	if (!child) { raise(SIGSTOP); _exit(3); }
	waitpid(child, &status, WUNTRACED);
	kill(child, SIGCONT);
	waitpid(child, &status, 0);
	pthread_create(&t, 0, run, 0);
	pause();
	return 9;
}
''')
    err = tarn('--strace', root=busybox_root, command=[path]).ok().err.decode()
    for text in (r'--- SIGSTOP \{.*si_code=SI_TKILL', r'--- stopped by SIGSTOP ---', r'si_code=CLD_STOPPED',
                 r'WIFSTOPPED\(s\) && WSTOPSIG\(s\) == SIGSTOP', r'--- SIGCONT \{'):
        assert re.search(text, err), text
    assert re.search(r'\+\+\+ superseded by execve in pid \d+ \+\+\+\n.*<\.\.\. execve resumed>\) += 0', err)
    assert 'killed by' not in err


def test_strace_times(tarn, busybox_root):
    """-T: how long each call took; a sleep takes as long as it says, or longer."""
    err = tarn('-T', root=busybox_root, command=['sleep', '0.2']).ok().err.decode()
    took = re.search(r'nanosleep\(.*\) += 0 <(\d+\.\d{6})>', err)
    assert took and float(took[1]) >= 0.2
    calls = [line for line in err.splitlines() if re.match(r'\w+\(', line) and not line.endswith('= ?')]
    assert calls and all(re.search(r' <\d+\.\d{6}>$', line) for line in calls)


def test_strace_to_a_file(tarn, busybox_root, tmp_path):
    """--strace=FILE is strace's -o: each line begins with the number, and stderr is the command's alone."""
    out = tmp_path / 'calls'
    got = tarn(f'--strace={out}', root=busybox_root, command=['sh', '-c', 'echo err >&2; (exit 1); true']).ok()
    lines = out.read_text().splitlines()
    assert got.err == b'err\n' and len(lines) > 20 and all(re.match(r'\d+ +\S', line) for line in lines)
    assert lines[0].split(None, 1)[1].startswith('execve("/bin/sh", ["sh", "-c", ')


def test_strace_of_a_call_that_kills(tarn, busybox_root):
    """A signal without a handler is told before it ends the process."""
    err = tarn('--strace', root=busybox_root, command=['sh', '-c', 'kill -TERM $$']).err.decode()
    assert re.search(r'kill\(\d+, SIGTERM\) += 0\n--- SIGTERM \{si_signo=SIGTERM, si_code=SI_USER, si_pid=\d+, '
                     r'si_uid=0\} ---\n\+\+\+ killed by SIGTERM \+\+\+', err)


def test_corrupt_strace():
    """The printer refuses a damaged stream with its byte."""
    need_kernel()
    code = ("import sys; sys.path.insert(0, 'kernel/syscall/strace'); import stream, struct\n"
            "p = stream.Printer(sys.stdout.write)\n"
            "good = stream.HEAD.pack(stream.MAGIC, 4, stream.EXIT, 7, 7, 0, 0) + struct.pack('<I', 0x300)\n"
            "p.feed(good)\n"
            "try:\n p.feed(b'garbage' * 10)\n"
            "except stream.Corrupt as err: print('corrupt:', err)\n"
            "q = stream.Printer(sys.stdout.write)\n"
            "try:\n q.feed(good + good[:30]); q.finish()\n"
            "except stream.Corrupt as err: print('corrupt:', err)\n"
            "try:\n stream.Printer(print).feed(stream.HEAD.pack(stream.MAGIC, 1 << 20, 1, 7, 7, 0, 0))\n"
            "except stream.Corrupt as err: print('corrupt:', err)\n")
    done = subprocess.run(['/usr/bin/python3', '-c', code], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[0] == '+++ exited with 3 +++'
    assert [line for line in lines if line.startswith('corrupt')] == [
        'corrupt: byte 36: no record of a trace begins here', 'corrupt: byte 36: cut short',
        'corrupt: byte 0: no record of a trace begins here']
