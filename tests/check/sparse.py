"""sparse.py SPARSE INCLUDE-FLAGS FILE...: run sparse over the kernel, for __user and address spaces.

Fails on a warning about address spaces, casts of user pointers, context or endianness; what sparse
says about C newer than it knows is left out.
"""
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

FLAGS = ['-D__CHECKER__', '-D__riscv', '-D__riscv_xlen=64', '-D__riscv_flen=0', '-D__riscv_atomic',
         '-D__riscv_compressed', '-m64', '-std=gnu11', '-Waddress-space', '-Wcast-from-as', '-Wcontext',
         '-Wno-decl', '-Wno-non-pointer-null', '-Wno-shift-count-negative', '-Wno-vla']
TELLS = re.compile(r'address space|noderef|different modifiers|cast removes|cast adds|context imbalance|'
                   r'dereference of')


def check(words):
    """One file's warnings."""
    done = subprocess.run(words, capture_output=True, text=True, errors='replace', check=False)
    return [line for line in done.stderr.splitlines() if TELLS.search(line)]


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
