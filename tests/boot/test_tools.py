"""A newcomer's machine: missing tools, other releases' names, apt's settings, a debugger."""
import hashlib
import os
import re
import subprocess

import pytest
from conftest import BUILD, HERE, KERNEL, ROOT, need_kernel

pytestmark = pytest.mark.area('boot')
SETUP = os.path.join(HERE, 'tools', 'setup.sh')
DEBIAN = os.path.join(HERE, 'tools', 'debian.sh')


# ---- setup.sh --------------------------------------------------------------------------------

# os-release, QEMU's package, clang's version there
RELEASES = {
    'debian-12': ('ID=debian\nVERSION_ID="12"\n', 'qemu-system-misc', '1:14.0-55.7~deb12u1'),
    'debian-13': ('ID=debian\nVERSION_ID="13"\n', 'qemu-system-riscv', '1:19.0-63'),
    'ubuntu-24.04': ('ID=ubuntu\nVERSION_ID="24.04"\n', 'qemu-system-misc', '1:18.0-59~exp2')}


class Machine:
    """This machine's commands but for some, and an apt-get that notes what it was asked."""

    def __init__(self, path, release, lists, without):
        self.bin, self.calls = path / 'bin', path / 'calls'
        self.bin.mkdir()
        text, qemu, clang = RELEASES[release]
        (path / 'os-release').write_text(text)
        for folder in ('/bin', '/usr/bin'):
            for name in os.listdir(folder):
                if name not in without and not os.path.lexists(self.bin / name):
                    (self.bin / name).symlink_to(os.path.join(folder, name))
        self.fake('apt-get', f'echo "$@" >> {self.calls}')
        self.fake('sudo', f'echo sudo "$@" >> {self.calls}')
        self.fake('id', 'echo 0')
        self.fake('apt-cache', f'''case $2 in
{qemu}) echo Filename: pool/q.deb ;;
clang) echo "Version: {clang}" ;;
esac''' if lists else 'exit 100')
        self.env = {'PATH': str(self.bin), 'OS_RELEASE': str(path / 'os-release'), 'CI': 'true'}

    def fake(self, name, text):
        """A command of ours."""
        if os.path.lexists(self.bin / name):
            (self.bin / name).unlink()
        (self.bin / name).write_text(f'#!/bin/sh\n{text}\n')
        (self.bin / name).chmod(0o755)

    def run(self, *words, **env):
        """Run something there; status, output, what apt-get and sudo were asked."""
        done = subprocess.run(words, env={**self.env, **env}, cwd=ROOT, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        calls = self.calls.read_text().splitlines() if self.calls.exists() else []
        return done.returncode, done.stdout + done.stderr, calls


MISSING = ('riscv64-linux-gnu-gcc', 'qemu-system-riscv64', 'clang', 'gdb-multiarch')


@pytest.mark.parametrize('lists', [True, False], ids=['with-lists', 'without-lists'])
@pytest.mark.parametrize('release', RELEASES)
def test_no_install(tmp_path, release, lists):
    """NO_INSTALL=1 prints the command with that release's names, fails, and installs nothing."""
    machine = Machine(tmp_path, release, lists, MISSING)
    status, out, calls = machine.run(SETUP, 'test', NO_INSTALL='1')
    assert status != 0 and not calls
    command = out.strip().splitlines()[-1].strip()
    assert command.startswith('apt-get update && apt-get install --no-install-recommends ')
    fuzzer = {'debian-12': 14, 'debian-13': 19, 'ubuntu-24.04': 18}[release]
    assert command.split('--no-install-recommends ')[1].split() == [
        'gcc-riscv64-linux-gnu', RELEASES[release][1], 'gdb-multiarch', 'clang',
        f'libclang-rt-{fuzzer}-dev']
    assert 'compiles the kernel' in out


def test_no_install_as_somebody(tmp_path):
    machine = Machine(tmp_path, 'debian-13', True, MISSING)
    machine.fake('id', 'echo 1000')
    status, out, calls = machine.run(SETUP, 'build', NO_INSTALL='1')
    assert status != 0 and not calls
    assert out.rstrip().endswith('sudo apt-get update && sudo apt-get install '
                                 '--no-install-recommends gcc-riscv64-linux-gnu')


@pytest.mark.parametrize('goal', ['build', 'qemu', 'test'])
def test_make_stops(tmp_path, goal):
    """make says the same, and goes no further."""
    machine = Machine(tmp_path, 'debian-13', True, MISSING)
    status, out, calls = machine.run('make', '-s', 'NO_INSTALL=1', f'setup-{goal}')
    assert status != 0 and not calls
    assert 'apt-get install --no-install-recommends gcc-riscv64' in out


def test_read_before_install(tmp_path):
    """Nothing is asked of the compiler while the Makefiles are read: this very make may install it."""
    machine = Machine(tmp_path, 'debian-13', True, MISSING)
    out = machine.run('make', '-s', 'NO_INSTALL=1', 'FORCE')[1]
    assert 'riscv64-linux-gnu-gcc' not in out


@pytest.mark.parametrize('release', RELEASES)
def test_install(tmp_path, release):
    """Without it apt-get is asked for the same, after what and why was said."""
    machine = Machine(tmp_path, release, True, MISSING)
    status, out, calls = machine.run(SETUP, 'qemu')
    assert status == 0 and 'the machine Tarn runs on' in out and 'QEMU:' not in out
    assert [c.split()[-1] for c in calls] == ['update', RELEASES[release][1]]
    assert ' install ' in calls[1] and 'gcc-riscv64-linux-gnu' in calls[1]


def test_all_there(tmp_path):
    """Nothing missing: apt is not asked."""
    machine = Machine(tmp_path, 'debian-13', True, ())
    assert machine.run(SETUP, 'build') == (0, '', [])


def test_no_apt(tmp_path):
    """No apt-get: the list of what is missing, and why."""
    machine = Machine(tmp_path, 'debian-13', True, MISSING)
    (machine.bin / 'apt-get').unlink()
    status, out, calls = machine.run(SETUP, 'build')
    assert status != 0 and not calls and 'gcc-riscv64-linux-gnu: compiles the kernel' in out


# ---- debian.sh: which mirror -----------------------------------------------------------------

UBUNTU = '''Types: deb
URIs: http://archive.example/ubuntu/
Suites: noble noble-updates noble-backports
Components: main universe restricted multiverse
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg

Types: deb
URIs: https://box.example/virtual/debian
Suites: noble
Components: contrib
'''
DEB822 = '''# the machine's
Types: deb deb-src
URIs: https://other.example/linux/debian
Suites: bookworm
Components: stable

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main

Types: deb
URIs: http://near.example/debian/
Suites: bookworm bookworm-updates
Components: main non-free-firmware
'''
ONE_LINE = '''# deb http://old.example/debian trixie main
deb [arch=amd64,arm64 signed-by=/usr/share/x.gpg] http://line.example/pub/debian trixie main
deb http://line.example/pub/debian-security trixie-security main
'''


def apt_settings(path, sources, name):
    """A machine's apt settings, as APT_CONFIG."""
    for folder in ('etc/apt.conf.d', 'etc/sources.list.d', 'state/lists/partial',
                   'cache/archives/partial'):
        (path / folder).mkdir(parents=True)
    (path / 'etc' / name).write_text(sources)
    (path / 'status').write_text('')
    (path / 'apt.conf').write_text(f'''Dir::Etc "{path}/etc/";
Dir::State "{path}/state/";
Dir::State::status "{path}/status";
Dir::Cache "{path}/cache/";
APT::Sandbox::User "root";
''')
    return {**os.environ, 'APT_CONFIG': str(path / 'apt.conf')}


def mirror(env, path, release, **more):
    """What debian.sh would take."""
    (path / 'os-release').write_text(RELEASES[release][0])
    env = {k: v for k, v in env.items() if k != 'DEBIAN_MIRROR'}
    env.update(more, OS_RELEASE=str(path / 'os-release'))
    done = subprocess.run([DEBIAN, 'mirror'], env=env, capture_output=True, text=True, timeout=60,
                          check=False)
    assert (done.returncode == 0) == bool(done.stdout) and (done.stdout or 'DEBIAN_MIRROR=' in done.stderr)
    return done.stdout.strip() or None


@pytest.mark.parametrize('release,name,sources,want', [
    ('ubuntu-24.04', 'sources.list.d/ubuntu.sources', UBUNTU, None),
    ('debian-12', 'sources.list.d/debian.sources', DEB822, 'http://near.example/debian'),
    ('debian-13', 'sources.list', ONE_LINE, 'http://line.example/pub/debian'),
    ('debian-13', 'sources.list', '', None),
    ('debian-13', 'sources.list', 'deb cdrom:[Debian 13]/ trixie main\n', None),
], ids=['ubuntu', 'deb822', 'one-line', 'none', 'cdrom'])
def test_mirror_by_sources(tmp_path, release, name, sources, want):
    """Without package lists: the sources say, on Debian; if they have none, one must be named."""
    env = apt_settings(tmp_path, sources, name)
    found = mirror(env, tmp_path, release)
    assert (found and found.rstrip('/')) == want
    mine = 'http://mine.example/d'
    assert mirror(env, tmp_path, release, DEBIAN_MIRROR=mine) == mine


def test_mirror_by_file(tmp_path):
    """As cloud images have it."""
    listed = tmp_path / 'debian'
    listed.write_text('# mirrors\nhttps://cloud.example/debian\tpriority:1\n')
    env = apt_settings(tmp_path, f'deb mirror+file:{listed} trixie trixie-updates main\n',
                       'sources.list')
    assert mirror(env, tmp_path, 'debian-13') == 'https://cloud.example/debian'


@pytest.mark.parametrize('release', ['debian-13', 'ubuntu-24.04'])
def test_mirror_by_lists(tmp_path, release):
    """With package lists: whose they are, wherever they came from."""
    packages = b'Package: x\nVersion: 1\nArchitecture: all\nFilename: x.deb\nSize: 1\n'
    arch = subprocess.run(['dpkg', '--print-architecture'], capture_output=True, text=True,
                          check=True).stdout.strip()
    for name, origin in (('theirs/debian', 'Others'), ('kept/here', 'Debian')):
        suite = tmp_path / name / 'dists' / 'trixie'
        (suite / 'main' / f'binary-{arch}').mkdir(parents=True)
        (suite / 'main' / f'binary-{arch}' / 'Packages').write_bytes(packages)
        (suite / 'Release').write_text(f'''Origin: {origin}
Label: {origin}
Suite: stable
Codename: trixie
Date: Sat, 01 Nov 2025 10:00:00 UTC
Architectures: {arch}
Components: main
SHA256:
 {hashlib.sha256(packages).hexdigest()} {len(packages)} main/binary-{arch}/Packages
''')
    env = apt_settings(tmp_path, f'''deb [trusted=yes] file:{tmp_path}/theirs/debian trixie main
deb [trusted=yes] file:{tmp_path}/kept/here trixie main
''', 'sources.list')
    subprocess.run(['apt-get', '-qq', 'update'], env=env, check=True, timeout=60)
    assert mirror(env, tmp_path, release) == f'file:{tmp_path}/kept/here'


# ---- the debugger ----------------------------------------------------------------------------

def test_gdb(busybox_root, tmp_path):
    """--gdb: a breakpoint in the kernel, who called, its arguments; then the program runs on."""
    need_kernel()
    said = open(tmp_path / 'said', 'w+', encoding='utf-8')
    run = subprocess.Popen([os.path.join(ROOT, 'tarn'), 'run', '--gdb', '--timeout', '120',
                            '--kernel', KERNEL, '--smp', '1', busybox_root, '--',
                            'sh', '-c', 'echo $((6 * 7)); exit 5'],
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said)
    try:
        found, text = None, ''
        for _ in range(600):
            text = open(tmp_path / 'said', encoding='utf-8').read()
            found = re.search(r"waiting: (gdb-multiarch .*) -ex '(target remote \S+)'\n", text)
            if found or run.poll() is not None:
                break
            subprocess.run(['sleep', '0.1'], check=True)
        assert found, text
        program, kernel, option, helpers = found[1].split(' ')
        assert kernel == KERNEL
        words = [program, '-nx', '-batch', '-iex', 'set pagination off', kernel, option, helpers]
        for command in (found[2], 'break sys_exit_group', 'continue', 'bt', 'print/d status',
                        'info threads', 'tarn stack', 'delete', 'continue'):
            words += ['-ex', command]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=100, check=False)
        out, _ = run.communicate(timeout=100)
    finally:
        run.kill()
        said.close()
    shown = done.stdout
    assert 'Breakpoint 1, sys_exit_group' in shown, shown[-800:] + done.stderr[-400:]
    assert re.search(r'^#1 .*syscall', shown, re.M) and 'signal handler called' in shown, shown[-800:]
    assert re.search(r'^task \d+ \(sh\), on hart 0$', shown, re.M), shown[-800:]
    assert '$1 = 5' in shown, shown[-800:]
    assert (run.returncode, out) == (5, b'42\n')
    assert os.path.dirname(KERNEL) == BUILD
