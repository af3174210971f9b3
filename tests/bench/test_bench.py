"""The bench itself, on Tarn alone: figures come, are the same each time, and trouble is named."""
import json
import os
import subprocess
import sys
import types
from xml.etree import ElementTree

import pytest
from conftest import BUILD, CACHE, HERE, ROOT, need_file, need_kernel

sys.path.insert(0, os.path.join(HERE, 'bench'))
import bench as script_of_bench  # noqa: E402
import chart  # noqa: E402
import guest  # noqa: E402
import report  # noqa: E402

FEW = 'null,pipe,fault-anon'
IDLE_BYTES = 35 << 18               # what the machine may use for itself at idle
BOOT_INSTRUCTIONS = 20_000_000      # from OpenSBI's banner: about 13 million


def bench(folder, *args, timeout=240):
    """bench.py on Tarn only; (status, output, what it said beside)."""
    need_kernel()
    need_file(os.path.join(BUILD, 'bench', 'bench'))
    need_file(os.path.join(CACHE, 'libc.stamp'), 'could not be fetched')
    done = subprocess.run(
        ['/usr/bin/python3', os.path.join(HERE, 'bench', 'bench.py'), '--build', BUILD, '--cache', CACHE,
         '--out', str(folder), '--systems', 'tarn', '--harts', '1', *args],
        cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False)
    return done.returncode, done.stdout, done.stderr


def figures(folder):
    """bench.json"""
    with open(os.path.join(folder, 'bench.json'), encoding='utf-8') as f:
        return json.load(f)


@pytest.fixture(scope='module')
def measured(tmp_path_factory):
    """One short bench: the folder, its output."""
    folder = tmp_path_factory.mktemp('bench')
    status, out, err = bench(folder, '--runs', '1', '--rows', f'{FEW},boot-qemu,boot-sbi,memory,image')
    assert status == 0, err + out
    return folder, out


@pytest.mark.area('bench', points=2)
def test_figures(measured):
    folder, out = measured
    rows = {row['name']: row for row in figures(folder)['rows']}
    for name in FEW.split(','):
        assert rows[name]['instructions']['tarn'] > 0
        assert rows[name]['ns']['1']['tarn']['median'] > 0
        assert any(line.startswith(name + ' ') for line in out.splitlines())
    assert rows['null']['instructions']['tarn'] < rows['pipe']['instructions']['tarn']
    boots = rows['boot-qemu']['instructions']['tarn'], rows['boot-sbi']['instructions']['tarn']
    assert 0 < boots[1] < boots[0]
    assert boots[1] < BOOT_INSTRUCTIONS
    assert 4 << 20 < rows['memory']['bytes']['tarn'] < IDLE_BYTES
    assert rows['image']['bytes']['tarn'] > 100000


@pytest.mark.area('bench', points=2)
def test_same_each_time(measured, tmp_path):
    status, _out, err = bench(tmp_path, '--runs', '0', '--rows', FEW)
    assert status == 0, err
    before = {r['name']: r['instructions'] for r in figures(measured[0])['rows'] if 'instructions' in r}
    for row in figures(tmp_path)['rows']:
        assert row['instructions'] == before[row['name']]


@pytest.mark.area('bench', points=2)
def test_base_names_the_worse(measured, tmp_path):
    text = (measured[0] / 'bench.json').read_text(encoding='utf-8')
    base = json.loads(text)
    doctored = {row['name']: row for row in base['rows']}
    doctored['null']['instructions']['tarn'] /= 1.2
    doctored['pipe']['instructions']['tarn'] /= 1.04
    (tmp_path / 'base.json').write_text(json.dumps(base), encoding='utf-8')
    status, out, err = bench(tmp_path, '--runs', '0', '--rows', 'null,pipe', '--base',
                             str(tmp_path / 'base.json'))
    worse = [line for line in out.splitlines() if line.startswith('WORSE')]
    assert status == 1, err
    assert len(worse) == 1 and worse[0].startswith('WORSE null:') and '(+' in worse[0], worse


@pytest.mark.area('bench')
@pytest.mark.parametrize('damage', ['syntax', 'figure', 'format', 'absent'])
def test_bad_base(measured, tmp_path, damage):
    lines = (measured[0] / 'bench.json').read_text(encoding='utf-8').split('\n')
    at = next(i for i, line in enumerate(lines) if '"name": "pipe"' in line)
    if damage == 'syntax':
        lines[at] = lines[at].replace(':', ';', 1)
    elif damage == 'figure':
        lines[at] = lines[at].replace('"tarn": ', '"tarn": -', 1)
    else:
        at = 0
        lines = ['[]']
    path = tmp_path / 'base.json'
    if damage != 'absent':
        path.write_text('\n'.join(lines), encoding='utf-8')
    status, out, err = bench(tmp_path, '--runs', '0', '--rows', 'null', '--base', str(path))
    assert (status, out) == (2, '')
    assert len(err.splitlines()) == 1
    assert ('No such file' if damage == 'absent' else f'base.json: line {at + 1}: ') in err


def script(*args):
    """bench.py, measuring nothing; (status, output, what it said beside)."""
    done = subprocess.run(['/usr/bin/python3', os.path.join(HERE, 'bench', 'bench.py'), *args],
                          cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.area('bench')
@pytest.mark.parametrize('row', [{'ns': {'x': {}}}, {'ns': {'1': {'tarn': {'samples': []}}}}, {'ns': [1]}])
def test_bad_row(tmp_path, row):
    with open(tmp_path / 'bench.json', 'w', encoding='utf-8') as f:
        json.dump({'format': 1, 'rows': [{'name': 'null', **row}], 'failed': []}, f, indent=1)
    status, out, err = script('--docs', str(tmp_path), '--out', str(tmp_path))
    assert (status, out) == (2, '') and 'not a row' in err and len(err.splitlines()) == 1, err


@pytest.mark.area('bench')
def test_bad_pattern():
    status, out, err = script('(')
    assert (status, out) == (2, '') and len(err.splitlines()) == 1 and 'no pattern' in err


@pytest.fixture
def result(tmp_path):
    """A small bench.json, read; two rows, each above Linux in one column."""
    def ns(**systems):
        return {s: {'samples': [v]} for s, v in systems.items()}
    rows = [{'name': 'null', 'instructions': {'tarn': 100, 'linux': 500, 'tuned': 400},
             'ns': {'2': ns(tarn=900, linux=600, tuned=1800)}},
            {'name': 'pipe', 'instructions': {'tarn': 300, 'linux': 200, 'tuned': 600},
             'ns': {'2': ns(tarn=100, linux=200, tuned=200)}}]
    with open(tmp_path / 'bench.json', 'w', encoding='utf-8') as f:
        json.dump({'format': 1, 'rows': rows, 'failed': []}, f, indent=1)
    return report.load(str(tmp_path / 'bench.json'))


@pytest.mark.area('bench', points=2)
def test_ratios(result, tmp_path):
    """The ratio is taken to the faster Linux, and rows above it are named, in the chapter too."""
    with open(os.path.join(ROOT, 'docs', 'bench.md'), encoding='utf-8') as f:
        (tmp_path / 'bench.md').write_text(f.read(), encoding='utf-8')
    text = report.tables(result)
    assert 'Instructions, 1 hart: median ratio 0.88, 1 of 2 rows not above Linux; above: pipe' in text
    assert 'Time, 2 harts: median ratio 1.00, 1 of 2 rows not above Linux; above: null' in text
    report.update_chapter(str(tmp_path / 'bench.md'), result)
    chapter = (tmp_path / 'bench.md').read_text(encoding='utf-8')
    assert 'above: pipe' in chapter and 'personality' in chapter


@pytest.mark.area('bench')
def test_chart(result, tmp_path):
    """A mark for each ratio, left of 1 where Tarn needs less; the same figures give the same file."""
    for name in 'a.svg', 'b.svg':
        chart.draw(result, str(tmp_path / name))
    assert (tmp_path / 'a.svg').read_bytes() == (tmp_path / 'b.svg').read_bytes()
    svg = ElementTree.parse(tmp_path / 'a.svg').getroot()
    space = '{http://www.w3.org/2000/svg}'
    words = {t.text for t in svg.iter(space + 'text')}
    assert {'null call (personality)', 'pipe round trip', 'Instructions, 1 hart', 'Time, 2 harts'} <= words
    marks = {}
    for path in svg.iter(space + 'path'):
        title = path.find(space + 'title').text
        if title:
            marks[title] = [float(v) for v in path.get('transform')[10:-1].split()]
    assert sorted(marks) == ['null: 0.25', 'null: 1.50', 'pipe: 0.50', 'pipe: 1.50']
    assert marks['null: 0.25'][0] < marks['pipe: 0.50'][0] < chart.across(1) < marks['pipe: 1.50'][0]
    assert marks['null: 0.25'][1] == marks['null: 1.50'][1] < marks['pipe: 0.50'][1]
    assert chart.across(1e-9) == chart.LEFT and chart.across(1e9) == chart.LEFT + chart.WIDE


@pytest.mark.area('bench', points=2)
def test_sockets(tmp_path):
    """A connection costs the same among ten thousand others."""
    status, out, err = bench(tmp_path, '--runs', '0', '--rows',
                             'tcp,udp,unix,unix-dgram,tcp-bulk,packet,packets,connect,connect-10000')
    assert status == 0, err + out
    count = {r['name']: r['instructions']['tarn'] for r in figures(tmp_path)['rows']}
    assert count['connect-10000'] < 1.15 * count['connect']
    assert 0 < count['packet'] < count['udp'] and count['packets'] < count['udp']
    assert 0 < count['unix'] < count['tcp'] < count['connect']


@pytest.mark.area('bench', points=2)
def test_row_that_dies(tmp_path):
    rows = ['x-abort', 'x-reset', 'x-fail', 'x-hang', 'null']
    status, out, err = bench(tmp_path, '--runs', '0', '--rows', ','.join(rows), '--limit', '3')
    assert status == 1, err
    failed = {f['row']: f['why'] for f in figures(tmp_path)['failed']}
    assert list(failed) == rows[:4]
    assert failed['x-abort'] == 'signal 6'
    assert failed['x-reset'].startswith('the machine stopped')
    assert 'No such file or directory' in failed['x-fail']
    assert failed['x-hang'] == 'not done within 3 s'
    assert all(any(line.startswith(f'FAILED {name} on tarn') for line in out.splitlines())
               for name in rows[:4])
    assert {r['name']: r for r in figures(tmp_path)['rows']}['null']['instructions']['tarn'] > 0


@pytest.mark.area('bench')
def test_no_such_row(tmp_path):
    status, out, err = bench(tmp_path, 'no-such-row')
    assert (status, out) == (2, '')
    assert err.startswith('bench: no row matches no-such-row') and len(err.splitlines()) == 1


def a_bench(folder, monkeypatch, boot):
    """A Bench whose machine is `boot(kind, clock)`, a Boot."""
    monkeypatch.setattr(guest, 'make_archives', lambda *_: {(k, False): k for k in ('full', 'small')})
    monkeypatch.setattr(guest, 'run', lambda _system, kind, _harts, clock, *_: [boot(kind, clock)])
    args = types.SimpleNamespace(build=BUILD, cache=CACHE, out=str(folder), systems=['tarn'], harts=[1], runs=2,
                                 limit=3, rows=['null', 'boot-sbi', 'memory'])
    return script_of_bench.Bench(args, args.rows)


def a_boot(_kind, _clock):
    """One that measures row null."""
    out = guest.Boot()
    out.rows, out.first_ticks, out.banner, out.first, out.ended = {'null': (10, 500)}, 1000, 0.1, 0.2, True
    return out


@pytest.mark.area('bench')
def test_no_banner(tmp_path, monkeypatch):
    """QEMU's debugger does not answer: that row has failed, the others are measured."""
    def none(*_):
        raise guest.Failure('no count of instructions')
    need_kernel()
    monkeypatch.setattr(guest, 'banner_ticks', none)
    result = a_bench(tmp_path, monkeypatch, a_boot).measure()
    assert result.failures() == ['FAILED boot-sbi on tarn (count, 1 hart): no count of instructions']
    assert result.rows['null']['instructions'] == {'tarn': 50.0}
    assert [f['row'] for f in figures(tmp_path)['failed']] == ['boot-sbi']


@pytest.mark.area('bench')
def test_cut_short(tmp_path, monkeypatch):
    """What was measured before the bench was ended is in bench.json."""
    def boot(kind, clock):
        if clock == 'time':
            raise KeyboardInterrupt
        return a_boot(kind, clock)
    need_kernel()
    monkeypatch.setattr(guest, 'banner_ticks', lambda *_: 10)
    with pytest.raises(KeyboardInterrupt):
        a_bench(tmp_path, monkeypatch, boot).measure()
    rows = {row['name']: row for row in figures(tmp_path)['rows']}
    assert rows['null']['instructions'] == {'tarn': 50.0} and rows['boot-sbi']['instructions']['tarn'] > 0
