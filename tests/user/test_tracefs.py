"""tracefs, and our `trace`: what the kernel did, in ftrace's lines and in Perfetto's JSON."""
import json
import re

import pytest

pytestmark = pytest.mark.area('user', points=3)
MOUNT = 'mount -t tracefs tracefs /sys/kernel/tracing && cd /sys/kernel/tracing || exit\n'
LINE = re.compile(r' *(.+)-(\d+) +\[(\d{3})\] \.{5} +(\d+\.\d{6}): (\w+): (.*)')

CONTROL = MOUNT + '''
count() { grep -vc '^#' trace; }
cat tracing_on events/enable current_tracer; sh -c :; count
echo 1 > events/raw_syscalls/sys_enter/enable; cat events/raw_syscalls/enable events/raw_syscalls/sys_enter/enable events/enable
sh -c :; echo 0 > tracing_on; [ "$(count)" -gt 10 ] && echo some
grep -v '^#' trace | grep -vc sys_enter
n=$(count); sh -c :; [ "$(count)" = $n ] && echo none more
: > trace; count; echo 0 > events/enable; echo 1 > tracing_on
echo sched:sched_switch > set_event; cat set_event; echo '!sched:*' > set_event; cat set_event
for w in 'echo 2 > tracing_on' 'echo function > current_tracer' 'echo nosuch > set_event' 'echo 9 > buffer_size_kb' 'echo 0 > buffer_size_kb'; do
  (eval "$w") 2> /dev/null && echo "taken: $w"
done
cat buffer_size_kb
'''
CONTROLLED = '1\n0\nnop\n0\nX\n1\nX\nsome\n0\nnone more\n0\nsched:sched_switch\n512\n'


def test_control(tarn, full_root):
    """Nothing is recorded until an event is enabled, nor while tracing_on is 0; a wrong word is refused."""
    assert tarn(root=full_root, command=['sh', '-c', CONTROL]).ok().out.decode() == CONTROLLED


def test_lines(tarn, full_root):
    """Each event's line has Linux's fields, with what happened in them; trace_pipe gives each line once."""
    script = MOUNT + '''for e in sched raw_syscalls exceptions irq block net; do echo 1 > events/$e/enable; done
sh -c 'ping -c 1 127.0.0.1 > /dev/null; sleep 0.05; cat /usr/local/bin/[f-t]* > /dev/null'
echo 0 > tracing_on; cat trace; echo ==; cat trace_pipe'''
    got = tarn('--smp', '2', root=full_root, command=['sh', '-c', script], timeout=120).ok().out.decode()
    text, piped = got.split('==\n')
    lines = [line for line in text.splitlines() if not line.startswith('#')]
    assert piped.splitlines() == lines
    found = {}
    last = {}
    for line in lines:
        match = LINE.fullmatch(line)
        assert match, line
        name, _, hart, time, event, fields = match.groups()
        assert float(time) >= last.get(hart, 0)
        last[hart] = float(time)
        found.setdefault(event, []).append((name.strip(), fields))
    for event, pattern in {
            'sched_switch': r'prev_comm=.+ prev_pid=\d+ prev_prio=\d+ prev_state=[RSDX] ==> next_comm=sleep next_pid=\d+ next_prio=120',
            'sched_wakeup': r'comm=.+ pid=\d+ prio=\d+ target_cpu=00[01]', 'sched_process_exit': r'comm=sleep pid=\d+ prio=120',
            'sys_enter': r'NR 64 \(1, \w+, \w+, \w+, \w+, \w+\)', 'sys_exit': r'NR 64 = \d+',
            'page_fault_user': r'address=0x\w+ ip=0x\w+ error_code=0x[124]', 'irq_handler_entry': r'irq=\d+ name=\S+',
            'irq_handler_exit': r'irq=\d+ ret=handled', 'block_rq_issue': r'254,0 R \d+ \(\) \d+ \+ \d+ none,0,0 \[.+\]',
            'block_rq_complete': r'254,0 R \(\) \d+ \+ \d+ none,0,0 \[0\]', 'net_dev_xmit': r'dev=lo skbaddr=\w+ len=98 rc=0',
            'netif_receive_skb': r'dev=lo skbaddr=\w+ len=\d+'}.items():
        assert any(re.fullmatch(pattern, fields) for _, fields in found.get(event, [])), f'{event}: {found.get(event, [])[:5]}'
    assert any(name == 'sleep' and re.match('NR (101|115) ', fields) for name, fields in found['sys_enter'])


def test_waiting_readers(tarn, full_root):
    """Two who wait at one open trace_pipe: either can be killed."""
    script = MOUNT + '''exec 3< trace_pipe
cat <&3 & a=$!
cat <&3 & b=$!
for p in $a $b; do until grep -q ^63 /proc/$p/syscall; do :; done; done
kill $b; wait $b; echo $?; kill $a; wait $a; echo $?'''
    assert tarn('--smp', '2', root=full_root, command=['sh', '-c', script], timeout=120).ok().out == b'143\n143\n'


def test_not_for_everybody(tarn, full_root, program):
    """Only root looks into it."""
    other = program('as-other', '#include <unistd.h>\nint main(int c, char **v) { setgid(7); setuid(7); execvp(v[1], v + 1); return c; }\n')
    script = MOUNT + 'cd /; /as-other cat /sys/kernel/tracing/trace; /as-other trace -l'
    got = tarn('--with', other, root=full_root, command=['sh', '-c', script])
    assert got.out == b'' and b'Permission denied' in got.err + got.out and got.status != 0


def test_trace_program(tarn, full_root):
    """JSON with a slice for each call, the harts' lanes, and no call of the tracer's own."""
    script = 'trace -o /tmp/t sh -c "sleep 0.05; exit 7"; echo $?; cat /tmp/t; cat /sys/kernel/tracing/events/enable'
    got = tarn('--smp', '2', root=full_root, command=['sh', '-c', script], timeout=120).ok().out.decode()
    status, rest = got.split('\n', 1)
    text, _, after = rest.rpartition('}\n')
    events = json.loads(text + '}')['traceEvents']
    assert (status, after) == ('7', '0\n')
    names = {e['tid']: e['args']['name'] for e in events if e['name'] == 'thread_name' and e['pid'] == 2}
    sleeps = [e for e in events if e['ph'] == 'X' and e['name'] in ('nanosleep', 'clock_nanosleep')]
    assert len(sleeps) == 1 and names[sleeps[0]['tid']] == 'sleep' and sleeps[0]['dur'] >= 50_000 and sleeps[0]['args']['result'] == '0'
    assert any(e['pid'] == 1 and e['name'] == 'sleep' and e['ph'] == 'X' for e in events)
    assert {e['args']['name'] for e in events if e['name'] == 'process_name'} == {'harts', 'tasks', 'disks'}


def test_trace_lists(tarn, full_root):
    """-l; -e by system, by event, a wrong one; -t gives the lines."""
    script = 'trace -l | wc -l; trace -t -e sched:sched_process_exit,raw_syscalls/sys_exit true | grep -v "sys_exit: NR"; ' \
             'trace -e nosuch true; echo $?; cat /sys/kernel/tracing/tracing_on'
    got = tarn(root=full_root, command=['sh', '-c', script]).out.decode().splitlines()
    assert got[0] == '12' and re.search(r': sched_process_exit: comm=true pid=\d+ prio=120', got[-3]) and got[-2] == '1'
