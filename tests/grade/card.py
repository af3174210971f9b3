"""card.py grade.json: print the score card. The last line is "N passed, N failed"."""
import json
import sys

AREAS = ('boot', 'mm', 'proc', 'signal', 'fs', 'tar', 'tty', 'abi', 'suites', 'host')


def bar(earned, possible, width=30):
    """A bar of # and dots."""
    full = width * earned // possible if possible else 0
    return '#' * full + '.' * (width - full)


def main():
    try:
        with open(sys.argv[1], encoding='utf-8') as f:
            tests = json.load(f)['tests']
    except (OSError, ValueError, KeyError) as err:
        print(f'no results: {err}')
        print('0 passed, 1 failed')
        return 1
    failed = [t for t in tests if not t['passed']]
    print()
    for test in failed:
        print(f'---- {test["name"]}: {test["why"]}')
        for line in test.get('log', [])[-15:]:
            print(f'     | {line}')
    print('\nScore card')
    total = best = 0
    for area in (*AREAS, *sorted({t['area'] for t in tests} - set(AREAS))):
        mine = [t for t in tests if t['area'] == area]
        if not mine:
            continue
        possible = sum(t['points'] for t in mine)
        earned = sum(t['points'] for t in mine if t['passed'])
        total, best = total + earned, best + possible
        good = sum(t['passed'] for t in mine)
        print(f'  {area:7} {earned:4} of {possible:4}  {bar(earned, possible)}  '
              f'{good} of {len(mine)} tests')
    print(f'  {"all":7} {total:4} of {best:4}')
    print(f'{len(tests) - len(failed)} passed, {len(failed)} failed')
    return 1 if failed or not tests else 0


if __name__ == '__main__':
    sys.exit(main())
