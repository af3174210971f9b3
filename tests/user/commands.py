"""Cases for our commands: tests/user/commands/NAME.cases, a case behind each line "# TITLE", in the shell's language.

Each case runs in an empty folder with nothing on standard input; what it prints and its status must be
what Debian's own tools (dash, coreutils, grep, sed, findutils, diffutils, tar, gzip) give. `commands.py record`
runs them here with those and writes NAME.expected beside. test_commands.py runs all of them in one machine.
"""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'commands')
DRIVER = '''umask 022
for f in "$1"/*.case; do
	rm -rf "$2"; mkdir "$2"; cd "$2" || exit
	n=${f##*/}
	echo "=== ${n%.case}"
	sh "$f" 2> /dev/null < /dev/null
	echo "--- $?"
done
cd /
rm -rf "$2"
'''
ENV = {'LC_ALL': 'C', 'TZ': 'UTC0', 'HOME': '/root', 'PATH': '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin'}


def cases():
    """{'NAME-NN title': text} of all the files, in their order."""
    found = {}
    for file in sorted(os.listdir(HERE)):
        if not file.endswith('.cases'):
            continue
        with open(os.path.join(HERE, file), encoding='utf-8') as f:
            parts = re.split(r'^# (.*)\n', f.read(), flags=re.M)
        for i, (title, text) in enumerate(zip(parts[1::2], parts[2::2])):
            found[f'{file[:-6]}-{i:02} {title}'] = text
    return found


def file_name(case):
    """The name of a case's file: its command and number."""
    return case.split()[0] + '.case'


def results(text):
    """What the driver printed, by 'NAME-NN': output and status in one text."""
    parts = re.split(r'^=== (\S+)\n', text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def expected():
    """The same, as it was recorded."""
    found = {}
    for file in sorted(os.listdir(HERE)):
        if file.endswith('.expected'):
            with open(os.path.join(HERE, file), encoding='utf-8') as f:
                found.update(results(f.read()))
    return found


def record():
    """Run all cases with this machine's tools."""
    with tempfile.TemporaryDirectory() as folder:
        where = os.path.join(folder, 'cases')
        os.mkdir(where)
        for case, text in cases().items():
            with open(os.path.join(where, file_name(case)), 'w', encoding='utf-8') as f:
                f.write(text)
        done = subprocess.run(['dash', '-c', DRIVER, 'driver', where, os.path.join(folder, 'work')], env=ENV,
                              stdout=subprocess.PIPE, check=True)
    got = results(done.stdout.decode(errors='backslashreplace'))
    by_command = {}
    for name, text in got.items():
        by_command.setdefault(name.rsplit('-', 1)[0], []).append(f'=== {name}\n{text}')
    for command, texts in by_command.items():
        with open(os.path.join(HERE, command + '.expected'), 'w', encoding='utf-8') as f:
            f.write(''.join(texts))


if __name__ == '__main__':
    if sys.argv[1:] != ['record']:
        sys.exit(__doc__)
    record()
