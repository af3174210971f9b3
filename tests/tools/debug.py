"""What `make debug`, `make record` and `make replay` do.

    debug.py debug KERNEL ROOT [OPTIONS] [-- GDB-ARGUMENT...]
    debug.py record KERNEL ROOT FOLDER [OPTIONS]
    debug.py replay FOLDER [-- GDB-ARGUMENT...]

OPTIONS: --smp N, --mem SIZE, --append WORDS of the kernel's command line, --cmd CMD.

debug: the machine stopped at its first instruction, and gdb attached, with
kernel/debug/gdb/tarn.py. The console is shown in gdb's terminal; `tarn type` types there.

record: runs as `make qemu` does, on one hart and with the archive in memory, and writes down what
comes from outside, into FOLDER; kernel and archive are copied there, for they must be the same
later.

replay: the same run again, stopped at its start, in gdb, where it can go backwards
(kernel/debug/gdb/tarngdb/replay.py).
"""
import argparse
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
HELPERS = os.path.join(ROOT, 'kernel', 'debug', 'gdb', 'tarn.py')
SNAPSHOT_ROOM = '4G'        # of the file's greatest size; it grows as needed


def fail(text):
    """One clear line."""
    sys.exit(f'debug: {text}')


def need(program, package):
    """A tool, or one line that says what is missing."""
    if not shutil.which(program):
        fail(f'{program} is not here: apt-get install {package}')


def die_with_parent():
    """In the child: a machine does not outlive its debugger. A group of its own: ^C is gdb's."""
    os.setsid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)


def qemu_words(kernel, root, options, extra, **env):
    """The command and environment of qemu.sh."""
    words = [os.path.join(HERE, 'qemu.sh'), kernel, root, str(options['smp']), options['mem'],
             options['append'], *extra]
    return words, dict(os.environ, CMD=options['cmd'], GDB='', INITRD='', **env)


def gdb_command(kernel, *words):
    """gdb with our helpers."""
    return ['gdb-multiarch', '-q', '-nh', kernel, '-iex', 'set confirm off',
            '-iex', 'set pagination off', '-x', HELPERS, *words]


def run_gdb(words):
    """gdb's status; ^C is its own affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.run(words, check=False,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
                          ).returncode


def debug(args):
    """make debug"""
    need('gdb-multiarch', 'gdb-multiarch')
    with tempfile.TemporaryDirectory(prefix='tarn-') as sockets, \
            tempfile.TemporaryFile(prefix='tarn-') as errors:
        words, env = qemu_words(args.kernel, args.root, vars(args), [
            '-monitor', 'none', '-S', '-gdb', f'unix:{sockets}/gdb,server=on,wait=off',
            '-serial', f'unix:{sockets}/console,server=on,wait=off'])
        with subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stdout=errors,
                              stderr=errors, preexec_fn=die_with_parent) as machine:
            try:
                status = run_gdb(gdb_command(
                    args.kernel, '-ex', f'tarn connect {sockets}/gdb {sockets}/console', *args.gdb))
                gone = machine.poll()
            finally:
                machine.kill()
        if status and gone:
            errors.seek(0)
            sys.stderr.write(errors.read().decode(errors='replace'))
    return status


def rr_words(folder, mode):
    """QEMU's arguments for record and replay. The qcow2 holds the snapshot of the start alone."""
    return ['-icount', f'shift=auto,rr={mode},rrfile={folder}/events,rrsnapshot=start',
            '-drive', f'file={folder}/snapshot.qcow2,if=none,id=snapshot']


def events_sum(folder):
    """[bytes, checksum] of what was recorded."""
    size = total = 0
    with open(f'{folder}/events', 'rb') as f:
        while data := f.read(1 << 20):
            size, total = size + len(data), zlib.crc32(data, total)
    return [size, total]


def write_options(folder, options):
    with open(os.path.join(folder, 'options.json'), 'w', encoding='utf-8') as f:
        json.dump(options, f)


def record(args):
    """make record"""
    need('qemu-img', 'qemu-utils')
    folder = args.folder
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as err:
        fail(f'{folder}: {err.strerror}')
    kernel, root = os.path.join(folder, 'tarn.elf'), os.path.join(folder, 'root.tar')
    shutil.copyfile(args.kernel, kernel)
    shutil.copyfile(args.root, root)
    options = {'smp': 1, 'mem': args.mem, 'append': args.append, 'cmd': args.cmd}
    write_options(folder, options)
    subprocess.run(['qemu-img', 'create', '-q', '-f', 'qcow2', f'{folder}/snapshot.qcow2',
                    SNAPSHOT_ROOM], check=True)
    words, env = qemu_words(kernel, root, options, ['-monitor', 'none', '-serial', 'stdio'] +
                            rr_words(folder, 'record'))
    env['INITRD'] = '1'
    status = subprocess.run(words, env=env, check=False).returncode
    write_options(folder, {**options, 'events': events_sum(folder)})
    print(f'recorded in {folder}: make replay goes through it again')
    return status


def replay(args):
    """make replay"""
    need('gdb-multiarch', 'gdb-multiarch')
    folder = args.folder
    try:
        with open(os.path.join(folder, 'options.json'), encoding='utf-8') as f:
            options = json.load(f)
    except FileNotFoundError:
        fail(f'nothing is recorded in {folder}: make record CMD=...')
    except ValueError as err:
        fail(f'{folder}/options.json: {err}')
    kernel, root = os.path.join(folder, 'tarn.elf'), os.path.join(folder, 'root.tar')
    for name in (kernel, root, f'{folder}/events', f'{folder}/snapshot.qcow2'):
        if not os.path.exists(name):
            fail(f'{name} is gone: record again')
    if 'events' not in options:
        fail(f'the recording in {folder} was not brought to its end: record again')
    found = events_sum(folder)
    if found != options['events']:
        fail(f'{folder}/events is damaged: {found[0]} bytes, {options["events"][0]} were recorded'
             if found[0] != options['events'][0] else f'{folder}/events is damaged: record again')
    words, env = qemu_words(kernel, root, options, [
        '-monitor', 'none', '-serial', f'file:{folder}/console.log'] + rr_words(folder, 'replay'))
    env['INITRD'] = '1'
    with tempfile.NamedTemporaryFile('w', prefix='tarn-', suffix='.json') as given:
        json.dump({'words': words, 'env': env}, given)
        given.flush()
        # Where the run ends QEMU ends too: stop before that.
        return run_gdb(gdb_command(kernel, '-ex', f'tarn recording {given.name}',
                                   '-ex', 'break panic', '-ex', 'break machine_poweroff', *args.gdb))


def main():
    argv, gdb_words = sys.argv[1:], []
    if '--' in argv:
        at = argv.index('--')
        argv, gdb_words = argv[:at], argv[at + 1:]
    parser = argparse.ArgumentParser(prog='debug.py', description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    jobs = parser.add_subparsers(dest='job', required=True)
    for name, function, words in (('debug', debug, ('kernel', 'root')),
                                  ('record', record, ('kernel', 'root', 'folder')),
                                  ('replay', replay, ('folder',))):
        job = jobs.add_parser(name)
        job.set_defaults(function=function, gdb=gdb_words)
        for word in words:
            job.add_argument(word)
        if name != 'replay':
            job.add_argument('--smp', type=int, default=2)
            job.add_argument('--mem', default='512M')
            job.add_argument('--append', default='')
            job.add_argument('--cmd', default='')
    args = parser.parse_args(argv)
    for name in ('kernel', 'root'):
        if hasattr(args, name) and not os.path.exists(getattr(args, name)):
            fail(f'{getattr(args, name)}: no such file')
    return args.function(args)


if __name__ == '__main__':
    sys.exit(main())
