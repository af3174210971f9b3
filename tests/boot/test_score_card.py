"""The score card: what counts when a test fails, and when it fails once and passes the next time."""
import json
import os
import shutil
import subprocess
import sys

import pytest
from conftest import HERE

CARD = os.path.join(HERE, 'grade', 'card.py')
TESTS = """
import os

def test_good():
    pass

def test_bad():
    assert 1 == 2

def test_seldom():
    assert os.path.exists('been here') or open('been here', 'w').close()
"""


@pytest.fixture(name='grade')
def grade_fixture(tmp_path):
    """A function: runs the tests above, or those named; gives the results and the card's lines."""
    folder = tmp_path / 'tests' / 'few'
    folder.mkdir(parents=True)
    (folder / 'test_few.py').write_text(TESTS)
    for name in ('conftest.py', 'pytest.ini'):
        shutil.copy(os.path.join(HERE, name), tmp_path / 'tests')
    results = tmp_path / 'grade.json'

    def run(*names, **env):
        subprocess.run([sys.executable, '-m', 'pytest', *(names or ['tests']), '-c', 'tests/pytest.ini',
                        '--rootdir', 'tests'], cwd=tmp_path, stdout=subprocess.DEVNULL, check=False,
                       env={**os.environ, 'TARN_BUILD': str(tmp_path), **env})
        card = subprocess.run([sys.executable, CARD, results], capture_output=True, text=True, check=False)
        return json.loads(results.read_text())['tests'], card.stdout.splitlines()
    return run


def card_says(tmp_path, *tests):
    """What `card.py --again` prints of tests given as (name, passed)."""
    rows = [{'name': name, 'area': 'x', 'points': 1, 'passed': passed, 'why': ''} for name, passed in tests]
    path = tmp_path / 'rows.json'
    path.write_text(json.dumps({'tests': rows}))
    return subprocess.run([sys.executable, CARD, '--again', path], capture_output=True, text=True,
                          check=False).stdout.split()


def test_a_second_run(grade):
    rows, lines = grade()
    assert [row['passed'] for row in rows] == [True, False, False]
    assert lines[-1] == '1 passed, 2 failed'
    rows, lines = grade('tests/few/test_few.py::test_bad', 'tests/few/test_few.py::test_seldom', TARN_AGAIN='1')
    assert {row['name'].split('::')[1]: row['passed'] for row in rows} == {
        'test_good': True, 'test_bad': False, 'test_seldom': True}
    assert any('test_seldom: passed only when it ran again; first: ' in line for line in lines)
    assert [line.split() for line in lines if line.startswith('  few')] == [
        ['few', '1', 'of', '3', '##########....................', '2', 'of', '3', 'tests']]
    assert lines[-1] == '2 passed, 1 failed'


def test_who_runs_again(tmp_path):
    assert card_says(tmp_path, ('a.py::x', False), ('a.py::y', True)) == ['a.py::x']
    assert card_says(tmp_path, *((f'a.py::{i}', False) for i in range(4))) == []
    assert card_says(tmp_path, ('a.py', False), ('a.py::y', False)) == []
    assert card_says(tmp_path, ('a.py::y', True)) == []
