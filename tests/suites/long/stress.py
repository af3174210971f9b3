#!/usr/bin/env python3
"""stress-ng on Tarn: a time of each stressor with --verify, and the memory it found is there again.

    stress.py [--seconds 600] [--smp 4] [STRESSOR...]

The seconds are shared by the stressors. Each is run by itself, two instances a hart at most, so that what fails
has a name; a last round runs all at once. The machine must not panic, stress-ng must say that nothing failed,
and at the end no more memory may be in use than SLACK above the start.
"""
import argparse
import re
import sys
import time

import machine

# Not fpunch: it wants zeros where FALLOC_FL_ZERO_RANGE was refused, and tmpfs refuses it.
STRESSORS = ['cpu', 'vm', 'fork', 'clone', 'futex', 'sem', 'sem-sysv', 'mq', 'shm', 'shm-sysv', 'signal', 'sigq',
             'timer', 'timerfd', 'switch', 'pthread', 'schedpolicy', 'affinity', 'yield',
             'hdd', 'iomix', 'fallocate', 'seek', 'dentry', 'dir', 'rename', 'link', 'symlink', 'flock',
             'lockofd', 'xattr', 'acl', 'metamix', 'filerace', 'utime', 'sync-file', 'mmapfiles', 'revio']
ALL = ['cpu', 'vm', 'fork', 'clone', 'futex', 'sem', 'mq', 'shm', 'sigq', 'timer', 'switch', 'pthread']
# What instances may take of 2 GiB.
OPTIONS = {'vm': '--vm-bytes 64M', 'shm': '--shm-bytes 8M --shm-objs 8', 'shm-sysv': '--shm-sysv-bytes 8M',
           'hdd': '--hdd-bytes 16M', 'iomix': '--iomix-bytes 16M', 'fallocate': '--fallocate-bytes 16M',
           'sync-file': '--sync-file-bytes 16M', 'revio': '--revio-bytes 16M',
           'clone': '--clone-max 512', 'fork': '--fork-max 16', 'pthread': '--pthread-max 256'}
# What says nothing of the kernel: an instance may remove the segment that another has just made with the same key;
# 0.19.02 calls that a failure, later versions do not.
EXPECTED = {'shm-sysv': r'shmat on NULL address failed .* errno=22|terminated with an error, exit status=2'}
SLACK = 8 << 10     # KiB: caches of what was run


def script(stressors, seconds):
    """Each stressor, then all; the memory in use before and after."""
    each = max(2, seconds // (len(stressors) + 2))
    used = ("sync; echo 3 > /proc/sys/vm/drop_caches; sleep 1; "
            "awk '/MemTotal/{t=$2} /MemFree/{f=$2} /^Cached/{c=$2} /Buffers/{b=$2} "
            "END{print \"@@ used \" t-f-c-b}' /proc/meminfo\n")
    common = '--verify --metrics-brief --timestamp --temp-path /tmp --no-rand-seed --oomable'
    text = 'cd /tmp\nstress-ng --cpu 1 --timeout 1 > /dev/null 2>&1\n' + used
    for name in stressors:
        text += (f'echo "@@ begin {name}"; stress-ng {common} --{name} $(nproc) {OPTIONS.get(name, "")} '
                 f'--timeout {each} 2>&1; echo "@@ status {name} $?"\n' + used)
    every = ' '.join(f'--{name} 1 {OPTIONS.get(name, "")}' for name in stressors if name in ALL)
    text += (f'echo "@@ begin all"; stress-ng {common} {every} --timeout {2 * each} 2>&1; '
             'echo "@@ status all $?"\n' + used) if every else ''
    return text + 'cat /proc/meminfo /proc/slabinfo\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default='build')
    parser.add_argument('--cache', default='build/cache')
    parser.add_argument('--seconds', type=int, default=600)
    parser.add_argument('--smp', default='4')
    parser.add_argument('stressors', nargs='*')
    args = parser.parse_args()
    stressors = args.stressors or STRESSORS
    files = machine.folder(f'{args.cache}/stress', '')
    files = {name: value for name, value in files.items() if not name.startswith(('etc/', 'usr/share/', 'dev/'))}
    files.update({'lib': 'usr/lib', 'usr/lib/ld-linux-riscv64-lp64d.so.1':
                  'riscv64-linux-gnu/ld-linux-riscv64-lp64d.so.1'})
    start, used, status, words, now = time.time(), [], {}, {}, None
    box = machine.Machine(args, 'stress', files)
    lines, end = box.boot(script(stressors, args.seconds), args.smp, '2G', 3 * args.seconds + 600)
    for line in lines:
        m = re.fullmatch(r'@@ (begin|used|status) (\S+) ?(\d*)', line)
        if not m:
            if now and re.search(r'stress-ng: (fail|error)', line):
                words.setdefault(now, []).append(line)
        elif m[1] == 'begin':
            now = m[2]
        elif m[1] == 'used':
            used.append((now, int(m[2])))
        else:
            status[m[2]] = int(m[3])
    bad = 0
    for name in [*stressors, 'all']:
        odd = [w for w in words.get(name, []) if not re.search(EXPECTED.get(name, '$^'), w)]
        good = not odd and status.get(name) == (2 if name in words else 0)
        bad += not good
        print(f'stress: {name}: ' + ('clean' if good else f'status {status.get(name, "none")}'))
        print(''.join(f'  | {w}\n' for w in odd[:8]), end='')
    steps = sorted(((b[1] - a[1], b[0]) for a, b in zip(used, used[1:])), reverse=True)
    if used and used[-1][0] in ('all', stressors[-1]):
        print(f'stress: {used[0][1]} KiB in use before, {used[-1][1]} after; most came with '
              + ', '.join(f'{name} ({more})' for more, name in steps[:5]))
        bad += used[-1][1] - used[0][1] > SLACK
    else:
        bad += 1
    bad += end is not None
    print(f'stress: {args.smp} harts, {time.time() - start:.0f} s, ' + (end or 'the machine lives') + '; '
          + ('clean' if not bad else f'{bad} faults'))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
