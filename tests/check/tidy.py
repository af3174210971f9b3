"""tidy.py CLANG-TIDY FLAGS FILE...: clang-tidy over the kernel with the checks of clang-tidy.yaml.

FLAGS is one word: what the compiler gets, as clang takes it. Fails on any finding.
"""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'clang-tidy.yaml')
EACH = 8


def check(tool, flags, files):
    """What is found in a few files; the tool's chatter about counts is left out."""
    done = subprocess.run([tool, '--quiet', f'--config-file={CONFIG}', *files, '--', *flags],
                          capture_output=True, text=True, errors='replace', check=False)
    if done.returncode == 0:
        return ''
    return done.stdout or done.stderr


def main():
    tool, flags, *files = sys.argv[1:]
    groups = [files[i:i + EACH] for i in range(0, len(files), EACH)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = ''.join(pool.map(lambda g: check(tool, flags.split(), g), groups))
    sys.stdout.write(found)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
