"""Our commands against Debian's: the cases of tests/user/commands, all in one machine (see commands.py)."""
import os
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
    with tarfile.open(full_root) as tar:
        names = [m.name.rsplit('/', 1)[1] for m in tar if m.name.startswith('usr/local/bin/')]
    script = '\n'.join(f'echo "=== {n}"; /usr/local/bin/{n} --help > /tmp/h; s=$?; grep -q usage: /tmp/h || s=none; '
                       f'man {n} > /tmp/m && [ -s /tmp/m ] || s=$s-noman; echo "--- $s"' for n in names)
    got = tarn(root=full_root, command=['sh'], stdin=script.encode(), timeout=300)
    bad = {n: text for n, text in commands.results(got.out.decode()).items() if text != '--- 0\n'}
    assert not bad
    assert set(commands.results(got.out.decode())) == set(names)


def test_busybox_script(tarn, suite_root):
    """The suites' script of busybox (tests/suites/busybox.sh) gives the same under our shell."""
    got = tarn('--with', os.path.join(BUILD, 'user', 'sh') + ':/oursh', root=suite_root, timeout=120,
               command=['/oursh', '-c', 'setsid /oursh /busybox.sh < /dev/null 2>&1 | cat'])
    with open(os.path.join(HERE, 'suites', 'busybox.expected'), 'rb') as f:
        assert got.out == f.read()
