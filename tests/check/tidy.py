"""tidy.py CLANG-TIDY FLAGS FILE...: clang-tidy over the kernel with the checks of clang-tidy.yaml.

FLAGS is one word: what the compiler gets, as clang takes it. Fails on any finding, and when the tool fails.
"""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

CONFIG = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'clang-tidy.yaml')
EACH = 8


def check(tool, flags, files):
    """What is found in a few files; the tool's chatter about counts is left out."""
    try:
        done = subprocess.run([tool, '--quiet', f'--config-file={CONFIG}', *files, '--', *flags],
                              capture_output=True, text=True, errors='replace', check=False)
    except OSError as err:
        return f'tidy: {tool}: {err.strerror}\n'
    if done.returncode == 0:
        return ''
    said = done.stdout or done.stderr
    # findings make it 1
    if done.returncode != 1 or not said.strip():
        said += f'tidy: {tool} failed with status {done.returncode} on {" ".join(files)}\n'
    return said


def main():
    tool, flags, *files = sys.argv[1:]
    groups = [files[i:i + EACH] for i in range(0, len(files), EACH)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = ''.join(pool.map(lambda g: check(tool, flags.split(), g), groups))
    sys.stdout.write(found)
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
