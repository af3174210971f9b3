"""top and slabtop: that what they show is true (lockstat: boot/test_lockup.py)."""
import re

import pytest

pytestmark = pytest.mark.area('boot')


def table(text, last):
    """Rows under the heading that ends with that word: dicts by the heading's words, the last one with its blanks."""
    rows, head = [], None
    for line in text.splitlines():
        words = line.split()
        if words and words[-1] == last:
            head = words
        elif not line.strip():
            head = None
        elif head:
            rows.append(dict(zip(head, line.split(None, len(head) - 1))))
    return rows


def test_top(tarn, full_root):
    """Who computes is on top with nearly the whole hart, and its time grows; the hart's line says user. Time is instructions."""
    script = 'while :; do :; done & echo spins $!; sleep 1000 & echo sleeps $!; top -b -n 3 -d 2; top -b -n 1 -s p; kill %1 %2'
    text = tarn('--icount', '--smp', '1', root=full_root, command=['sh', '-c', script], timeout=120).ok().out.decode()
    spins, sleeps = (re.search(rf'^{word} (\d+)$', text, re.M)[1] for word in ('spins', 'sleeps'))
    first, *shots = re.split(r'^top .*', text, flags=re.M)[1:]
    times = []
    for shot in shots[:2]:
        rows = table(shot, 'COMMAND')
        assert rows[0]['PID'] == spins and rows[0]['S'] == 'R' and 90 < float(rows[0]['%CPU']) <= 101, rows
        assert sum(float(row['%CPU']) for row in rows) <= 102
        idle = next(row for row in rows if row['PID'] == sleeps)
        assert (idle['%CPU'], idle['TIME'], idle['S'], idle['COMMAND']) == ('0.0', '0:00.00', 'S', 'sleep 1000')
        hart = re.search(r'^hart 0 +(\S+) user +(\S+) system +(\S+) idle +(\S+) wait', shot, re.M)
        assert float(hart[1]) > 90 and abs(sum(map(float, hart.groups())) - 100) < .5 and not re.search('^hart 1', shot, re.M)
        total, used, free, cached = map(int, re.search(
            r'^memory +(\d+) KiB, (\d+) used, (\d+) free, (\d+) cached$', shot, re.M).groups())
        assert 0 < used < total / 2 < free < total and 0 < cached < used
        minutes, seconds = rows[0]['TIME'].split(':')
        times.append(60 * int(minutes) + float(seconds))
    assert 1.8 < times[1] - times[0] < 2.2, times
    assert table(first, 'COMMAND')[0]['%CPU'] == '0.0'      # nothing to compare with yet
    pids = [int(row['PID']) for row in table(shots[2], 'COMMAND')]
    assert pids == sorted(pids) and {int(spins), int(sleeps), 1} <= set(pids)


def test_slabtop(tarn, full_root):
    """Files that are made are objects in use, and none when they are gone; the sums are those of the rows."""
    script = 'slabtop -o; for i in $(seq 2000); do : > /tmp/f$i; done; slabtop -o; rm -f /tmp/f*; ' \
             'echo 2 > /proc/sys/vm/drop_caches; slabtop -o; slabtop -o -s n; slabtop -o -s o; cat /proc/slabinfo'
    text = tarn(root=full_root, command=['sh', '-c', script], timeout=120).ok().out.decode().replace('IN USE', 'INUSE')
    shots = re.split(r'^(?=\d+ of \d+ objects)', text, flags=re.M)[1:]
    tables = [table(shot.split('slabinfo')[0], 'NAME') for shot in shots]
    for shot, rows in zip(shots, tables):
        used, count, kib, caches = map(int, re.match(r'(\d+) of (\d+) objects in use, (\d+) KiB in (\d+) caches\n', shot).groups())
        assert (used, count, caches) == (sum(int(row['INUSE']) for row in rows), sum(int(row['OBJECTS']) for row in rows), len(rows))
        assert abs(kib - sum(int(row['KIB']) for row in rows)) <= len(rows)
    before, grown, after = ({row['NAME']: int(row['INUSE']) for row in rows} for rows in tables[:3])
    for name in ('inode', 'dentry'):
        assert grown[name] >= before[name] + 2000 and after[name] < before[name] + 200, (name, before, grown, after)
    assert tables[1][0]['NAME'] in ('inode', 'dentry')
    for rows, key in ((tables[2], 'KIB'), (tables[4], 'SIZE')):
        sizes = [int(row[key]) for row in rows]
        assert sizes == sorted(sizes, reverse=True)
    assert [row['NAME'] for row in tables[3]] == sorted(row['NAME'] for row in tables[3])
