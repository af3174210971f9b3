"""sparse.py SPARSE INCLUDE-FLAGS FILE...: run sparse over the kernel, for __user and address spaces.

Fails on a warning about address spaces, casts of user pointers, context or endianness; what sparse
says about C newer than it knows is left out. Fails, too, when sparse can't read a file.
"""
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

FLAGS = ['-D__CHECKER__', '-D__riscv', '-D__riscv_xlen=64', '-D__riscv_flen=0', '-D__riscv_atomic',
         '-D__riscv_compressed', '-m64', '-std=gnu11', '-Waddress-space', '-Wcast-from-as', '-Wcontext',
         '-Wno-decl', '-Wno-non-pointer-null', '-Wno-shift-count-negative', '-Wno-vla', '-D__VERSION__=""']
TELLS = re.compile(r'address space|noderef|different modifiers|cast removes|cast adds|context imbalance|'
                   r'dereference of| error: ')
# It does not know that gcc's atomic functions take an enum.
LEFT_OUT = re.compile(r'error: invalid type for argument 1:')


def check(words):
    """One file's warnings."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors='replace', check=False)
    except OSError as err:
        return [f'sparse: {words[0]}: {err.strerror}']
    lines = done.stderr.splitlines()
    # its status is 0 even after an error
    told = [line for line in lines if TELLS.search(line) and not LEFT_OUT.search(line)]
    if done.returncode:
        told.append(f'sparse: {words[0]} failed with status {done.returncode} on {words[-1]}')
    return told


def main():
    sparse, include, *files = sys.argv[1:]
    words = [sparse, *FLAGS, *include.split()]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda f: check([*words, f]), files)
        bad = [line for lines in found for line in lines]
    print('\n'.join(bad), end='\n' if bad else '')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
