"""card.py grade.json: print the score card. The last line is "N passed, N failed".
card.py --again grade.json: the names of the tests to run once more: those that failed, when they are few.

A test that failed and passed when it ran again earns no points, and the card says so; it does not count
as failed: on a busy machine a test can lose a race that nothing but time decides.
"""
import json
import sys

AREAS = ('boot', 'mm', 'proc', 'signal', 'fs', 'tar', 'tty', 'abi', 'suites', 'host')


def bar(earned, possible, width=30):
    """A bar of # and dots."""
    full = width * earned // possible if possible else 0
    return '#' * full + '.' * (width - full)


FEW = 3  # more than this many failures are no accident


def again(tests):
    """Names of the tests that are worth a second run."""
    failed = [t['name'] for t in tests if not t['passed'] and '::' in t['name']]
    return failed if len(failed) <= FEW and all(t['passed'] or '::' in t['name'] for t in tests) else []


def main():
    try:
        with open(sys.argv[-1], encoding='utf-8') as f:
            tests = json.load(f)['tests']
    except (OSError, ValueError, KeyError) as err:
        if sys.argv[1] == '--again':
            return 1
        print(f'no results: {err}')
        print('0 passed, 1 failed')
        return 1
    if sys.argv[1] == '--again':
        print('\n'.join(again(tests)))
        return 0
    failed = [t for t in tests if not t['passed']]
    print()
    for test in failed:
        print(f'---- {test["name"]}: {test["why"]}')
        for line in test.get('log', [])[-15:]:
            print(f'     | {line}')
    for test in tests:
        if test.get('again'):
            print(f'---- {test["name"]}: passed only when it ran again; first: {test["again"]}')
    print('\nScore card')
    total = best = 0
    for area in (*AREAS, *sorted({t['area'] for t in tests} - set(AREAS))):
        mine = [t for t in tests if t['area'] == area]
        if not mine:
            continue
        possible = sum(t['points'] for t in mine)
        earned = sum(t['points'] for t in mine if t['passed'] and not t.get('again'))
        total, best = total + earned, best + possible
        good = sum(t['passed'] for t in mine)
        print(f'  {area:7} {earned:4} of {possible:4}  {bar(earned, possible)}  '
              f'{good} of {len(mine)} tests')
    print(f'  {"all":7} {total:4} of {best:4}')
    print(f'{len(tests) - len(failed)} passed, {len(failed)} failed')
    return 1 if failed or not tests else 0


if __name__ == '__main__':
    sys.exit(main())
