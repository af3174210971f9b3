"""Our commands against Debian's: the cases of tests/user/commands, all in one machine (see commands.py)."""
import os
import re
import sys
import tarfile

import pytest
from conftest import BUILD, HERE

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import commands  # noqa: E402
import rootfs  # noqa: E402

pytestmark = pytest.mark.area('user')
CASES = commands.cases()
EXPECTED = commands.expected()


@pytest.fixture(scope='module')
def results(tarn, full_root, tmp_path_factory):
    """What each case printed on Tarn."""
    layer = str(tmp_path_factory.mktemp('cases') / 'cases.tar')
    table = {f'cases/{commands.file_name(case)}': text.encode() for case, text in CASES.items()}
    rootfs.write_tar(layer, table)
    words = [word for pair in commands.ENV.items() for word in ('--env', '='.join(pair))]
    got = tarn('--layer', layer, *words, root=full_root, timeout=300,
               command=['sh', '-c', commands.DRIVER, 'driver', '/cases', '/tmp/work'])
    return commands.results(got.out.decode(errors='backslashreplace'))


@pytest.mark.parametrize('case', CASES)
def test_case(case, results):
    name = case.split()[0]
    assert name in EXPECTED, 'not recorded: python3 tests/user/commands.py record'
    assert name in results, 'did not run'
    assert results[name] == EXPECTED[name]


def test_every_program_has_a_page_and_help(tarn, full_root):
    """--help succeeds and says how it is used; man shows a page of that name."""
    names = programs(full_root)
    script = '\n'.join(f'echo "=== {n}"; /usr/local/bin/{n} --help > /tmp/h; s=$?; grep -q usage: /tmp/h || s=none; '
                       f'man {n} > /tmp/m && [ -s /tmp/m ] || s=$s-noman; echo "--- $s"' for n in names)
    got = tarn(root=full_root, command=['sh'], stdin=script.encode(), timeout=300)
    bad = {n: text for n, text in commands.results(got.out.decode()).items() if text != '--- 0\n'}
    assert not bad
    assert set(commands.results(got.out.decode())) == set(names)


# Who takes all words as they are; who is not called by a person; whose status for a wrong call is 125, as coreutils'.
TAKES_ALL = {'[', 'echo', 'expr', 'false', 'hello', 'printf', 'test', 'true'}
NOT_CALLED = {'init', 'tarn-init', 'usertests'}
RUNNERS = {'env', 'nice', 'nohup', 'timeout'}


def programs(root):
    """Names of the programs in a root."""
    with tarfile.open(root) as tar:
        return [m.name.rsplit('/', 1)[1] for m in tar if m.name.startswith('usr/local/bin/')]


def test_unknown_option(tarn, full_root):
    """An option that is none: one line or more on stderr, which begins with the name, nothing on stdout, status 1 or 2."""
    names = [n for n in programs(full_root) if n not in TAKES_ALL | NOT_CALLED and not n.startswith('libposix')]
    script = '\n'.join(f'echo "=== {n}"; timeout 20 {n} --no-such-option > /tmp/o 2> /tmp/e < /dev/null; echo "--- $?"; '
                       'wc -c < /tmp/o; head -n 1 /tmp/e' for n in names)
    got = commands.results(tarn(root=full_root, command=['sh'], stdin=script.encode(), timeout=300).out.decode())
    assert set(got) == set(names) and len(names) > 90
    bad = {}
    for name, text in got.items():
        status, written, *said = text.split('\n')
        allowed = ('--- 125',) if name in RUNNERS else ('--- 1', '--- 2')
        if status not in allowed or written.strip() != '0' or not re.match(r'%s: ' % re.escape(name), said[0]):
            bad[name] = text
    assert not bad


def test_vmmap(tarn, full_root):
    """Each area of /proc/PID/maps, with its size, and the sum; a process that is not there is an error."""
    got = tarn(root=full_root, command=['sh', '-c', 'vmmap $$; cat /proc/$$/maps; vmmap 999999; echo $?'])
    lines = got.out.decode().splitlines()
    end = next(i for i, line in enumerate(lines) if line.startswith('all '))
    shown = [re.match(r'(\w+)-(\w+) +(\d+)K +(\d+)K +(\d+)K (\S+) ?(.*)', line).groups() for line in lines[1:end]]
    maps = [line.split() for line in lines[end + 1:-1]]
    assert [f'{int(a, 16):x}-{int(b, 16):x}' for a, b, *_ in shown] == \
        ['-'.join(f'{int(x, 16):x}' for x in words[0].split('-')) for words in maps]
    assert [(mode, name) for *_, mode, name in shown] == [(words[1], words[5] if len(words) > 5 else '') for words in maps]
    assert all(int(b, 16) - int(a, 16) == int(size) << 10 and int(own) <= int(rss) <= int(size) for a, b, size, rss, own, *_ in shown)
    assert lines[end].split()[1:] == [f'{sum(int(row[i]) for row in shown)}K' for i in (2, 3, 4)]
    assert lines[-1] == '1' and b'vmmap: /proc/999999/smaps: No such file or directory' in got.err


def test_every_program_has_a_test(full_root):
    """Some case or test calls it by its name."""
    text = ''
    for folder, _dirs, files in os.walk(HERE):
        for file in files:
            if file.endswith(('.cases', '.py', '.sh')):
                with open(os.path.join(folder, file), encoding='utf-8') as f:
                    text += f.read()
    assert not [n for n in programs(full_root) if not re.search(r'(?<![\w-])%s(?![\w-])' % re.escape(n), text)]


def test_busybox_script(tarn, suite_root):
    """The suites' script of busybox (tests/suites/busybox.sh) gives the same under our shell."""
    got = tarn('--with', os.path.join(BUILD, 'user', 'sh') + ':/oursh', root=suite_root, timeout=120,
               command=['/oursh', '-c', 'setsid /oursh /busybox.sh < /dev/null 2>&1 | cat'])
    with open(os.path.join(HERE, 'suites', 'busybox.expected'), 'rb') as f:
        assert got.out == f.read()
