"""The SDK: compilers that make programs of Tarn, their wrappers' errors, examples, `tarn new`."""
import os
import shutil
import subprocess
import sys

import pytest
from conftest import BUILD, HERE, ROOT, need_file, need_kernel

sys.path.insert(0, os.path.join(HERE, 'libposix'))
import repack  # noqa: E402

pytestmark = pytest.mark.area('sdk', points=2)
SDK = os.path.join(BUILD, 'sdk')
TARN = os.path.join(ROOT, 'tarn')

MATHS = """\
#include <libintl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

static __thread int mine = 3;

static void *work(void *arg)
{
\tmine += *(int *)arg;
\tprintf("%s %d %.3f %d\\n", gettext("thread"), mine, sqrt(2.0), clock() >= 0);
\treturn NULL;
}

int main(void)
{
\tpthread_t t;
\tint four = 4;

\tpthread_create(&t, NULL, work, &four);
\tpthread_join(t, NULL);
\treturn mine;
}
"""
# Pointers that can't be written, of an object for a fixed place; read(2) says that they are protected again.
NAMES = """\
#include <stdio.h>
#include <unistd.h>
static const char *const names[] = { "none", "one", "two" };
int main(int argc, char **argv)
{
\tint p[2];

\tpipe(p);
\twrite(p[1], argv, 8);
\tprintf("%s %zd\\n", names[argc], read(p[0], (void *)names, 8));
}
"""
FREESTANDING = """\
#include <cstddef>
#include <cstdio>
#include <new>

struct Shape {
\tvirtual ~Shape() { std::puts("gone"); }
\tvirtual int area() const = 0;
};
template <typename T> struct Square : Shape {
\tT side;
\texplicit Square(T s) : side(s) {}
\tint area() const override { return side * side; }
};
static Square<int> square(6);

int main()
{
\tShape *s = new Square<int>(7);
\tstd::printf("%d %d\\n", square.area(), s->area());
\tdelete s;
}
"""
HOSTED = """\
#include <cstdio>
#include <map>
#include <stdexcept>
#include <string>

int main()
{
\tstd::map<std::string, int> m{{"b", 2}, {"a", 1}};
\tfor (auto &x : m)
\t\tstd::printf("%s%d ", x.first.c_str(), x.second);
\ttry {
\t\tm.at("c");
\t} catch (std::out_of_range &) {
\t\tstd::puts("caught");
\t}
}
"""

# Streams, classes and cases of a locale, errno: what libstdc++ reads out of glibc's tables elsewhere.
STREAMS = """\
#include <cerrno>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <future>
#include <locale>
#include <mutex>
#include <sstream>
#include <stdexcept>

int main()
{
\tstd::istringstream in("12 3.5 x");
\tstd::string line;
\tdouble d;
\tint n;

\tin >> n >> d >> line;
\tstd::cout << n + d << ' ' << line << ' ' << std::hex << std::showbase << 255 << std::setw(6) << std::setfill('*') << std::dec << 7 << '\\n';
\tstd::wcout << L"wide " << std::use_facet<std::ctype<wchar_t>>(std::locale()).toupper(L'w') << std::endl;
\tstd::cout << std::isalpha('x', std::locale()) << std::isdigit('x', std::locale::classic()) << std::toupper('y', std::locale::classic()) << '\\n';
\tstd::ofstream("/tmp/streams") << "kept\\n";
\tstd::ifstream file("/tmp/streams");
\tstd::getline(file, line);
\tstd::once_flag once;
\tstd::call_once(once, [&] { n = std::async(std::launch::async, [] { return 42; }).get(); });
\tstd::cout << n << '\\n';
\terrno = 0;
\tstd::ifstream none("/none");
\ttry {
\t	none.exceptions(std::ios::failbit);
\t} catch (const std::ios_base::failure &) {
\t	std::cout << line << (errno == ENOENT) << std::endl;
\t}
}
"""


def tool(name, sdk=SDK):
    """The path of one of the SDK's programs."""
    return need_path(os.path.join(sdk, 'bin', 'riscv64-tarn-' + name))


def need_path(path):
    """The file, which `make sdk` should have made."""
    need_file(path, 'see build/test-build.log')
    return path


def run(*words, **more):
    """A command of this machine: its output, or a failure with what it said."""
    got = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, **more)
    assert got.returncode == 0, f'{" ".join(words)}: {got.stdout}'
    return got.stdout


def test_programs(tmp_path):
    """C, with threads, mathematics and for any place; C++ without a library and with one; each example."""
    need_kernel()
    (tmp_path / 'maths.c').write_text(MATHS)
    (tmp_path / 'free.cc').write_text(FREESTANDING)
    (tmp_path / 'hosted.cc').write_text(HOSTED)
    out = tmp_path / 'out'
    out.mkdir()
    run(tool('cc'), '-O2', '-o', 'out/maths', 'maths.c', '-lm', '-lpthread', cwd=tmp_path)
    run(tool('cc'), '-O2', '-static-pie', '-o', 'out/pie', 'maths.c', '-lm', cwd=tmp_path)
    (tmp_path / 'names.c').write_text(NAMES)
    run(tool('cc'), '-O2', '-c', 'names.c', cwd=tmp_path)
    run(tool('cc'), '-static-pie', '-o', 'out/names', 'names.o', cwd=tmp_path)
    assert 'TEXTREL' in run(tool('readelf'), '-d', str(out / 'names'))
    run(tool('c++'), '-fno-exceptions', '-fno-rtti', '-o', 'out/free', 'free.cc', cwd=tmp_path)
    run(tool('c++'), '-o', 'out/hosted', 'hosted.cc', cwd=tmp_path)
    for name in ('make', 'cmake', 'meson'):
        shutil.copytree(os.path.join(SDK, 'examples', name), tmp_path / name)
    run('make', f'SDK={SDK}', cwd=tmp_path / 'make')
    run('cmake', '-B', 'out', f'-DCMAKE_TOOLCHAIN_FILE={SDK}/share/tarn.cmake', cwd=tmp_path / 'cmake')
    run('cmake', '--build', 'out', cwd=tmp_path / 'cmake')
    run('meson', 'setup', 'out', '--cross-file', f'{SDK}/share/tarn.meson', cwd=tmp_path / 'meson')
    run('meson', 'compile', '-C', 'out', cwd=tmp_path / 'meson')
    shutil.copy(tmp_path / 'make' / 'hello', out / 'make')
    for name in ('cmake', 'meson'):
        shutil.copy(tmp_path / name / 'out' / 'hello', out / name)
    assert 'DYN' in run(tool('readelf'), '-h', str(out / 'pie'))
    got = run(TARN, 'run', '--net', 'none', '--timeout', '200', '--with', f'{out}:/p', '--', '/bin/sh', '-c',
              '/p/maths; echo $?; /p/pie; /p/names; /p/free; /p/hosted; for n in make cmake meson; do /p/$n $n; done')
    assert got.splitlines() == [
        'thread 7 1.414 1', '3', 'thread 7 1.414 1', 'one -1', '36 49', 'gone', 'gone', 'a1 b2 caught',
        'hello from make on riscv64', 'hello from cmake on riscv64', 'hello from meson on riscv64']


def test_headers(tmp_path):
    """Every header of the library's, in each of the languages' standards from the first to the newest."""
    folder = os.path.join(ROOT, 'libposix', 'include')
    tool('c++')
    names = [os.path.relpath(os.path.join(at, name), folder) for at, _, files in os.walk(folder) for name in files
             if name.endswith('.h')]
    names = sorted(name for name in names if not name.startswith('bits/'))
    assert len(names) > 120
    text = ''.join(f'#include <{name}>\n' for name in names)
    (tmp_path / 'all.c').write_text(text)
    (tmp_path / 'all.cc').write_text(text + '#include <cmath>\n#include <iostream>\n')
    for compiler, file, standards in (('cc', 'all.c', 'c89 c99 c11 c2x gnu89 gnu2x'), ('c++', 'all.cc', 'c++98 c++11 c++20 gnu++98 gnu++20')):
        for standard in standards.split():
            run(tool(compiler), '-std=' + standard, '-Wall', '-Werror', '-fsyntax-only', file, cwd=tmp_path)


def test_packed(tmp_path):
    """A static program that may lie anywhere, its relative relocations as DT_RELR."""
    need_kernel()
    (tmp_path / 'maths.c').write_text(MATHS)
    run(tool('cc'), '-O2', '-static-pie', '-o', 'packed', 'maths.c', '-lm', '-lpthread', cwd=tmp_path)
    repack.relr(str(tmp_path / 'packed'))
    assert 'RELR' in run(tool('readelf'), '-d', str(tmp_path / 'packed'))
    got = subprocess.run([TARN, 'run', '--net', 'none', '--timeout', '200', '--with', str(tmp_path / 'packed'),
                          os.path.join(BUILD, 'root-min.tar'), '--', '/packed'], stdout=subprocess.PIPE, text=True, check=False)
    assert (got.returncode, got.stdout) == (3, 'thread 7 1.414 1\n')


SECURE = """\
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>
void greet(void);
int main(void)
{
	const char *x = secure_getenv("X");
#ifdef NEEDS
	greet();
#endif
	printf("%d %d %d %s %s\\n", geteuid(), getuid(), !!getauxval(AT_SECURE), x ? x : "none", getenv("LD_PRELOAD") ? "kept" : "gone");
	return 0;
}
"""
AS_NOBODY = '#include <unistd.h>\nint main(int c, char **v) { return c < 2 || setgid(7) || setuid(7) || execv(v[1], v + 1); }\n'


def test_secure(tmp_path):
    """A program with more rights than its caller: no LD_PRELOAD, no LD_LIBRARY_PATH, no $ORIGIN, no secure_getenv."""
    need_kernel()
    (tmp_path / 'out').mkdir()
    (tmp_path / 'secure.c').write_text(SECURE)
    (tmp_path / 'nobody.c').write_text(AS_NOBODY)
    (tmp_path / 'greet.c').write_text('#include <stdio.h>\nvoid __attribute__((constructor)) greet(void) { puts("greeted"); }\n')
    run(tool('cc'), '-shared', '-Wl,-soname,libgreet.so', '-o', 'out/libgreet.so', 'greet.c', cwd=tmp_path)
    run(tool('cc'), '-dynamic', '-o', 'out/secure', 'secure.c', cwd=tmp_path)
    run(tool('cc'), '-dynamic', '-DNEEDS', '-o', 'out/needs', 'secure.c', '-Wl,--no-as-needed', '-Lout', '-lgreet', '-Wl,-rpath,$ORIGIN', cwd=tmp_path)
    run(tool('cc'), '-o', 'out/nobody', 'nobody.c', cwd=tmp_path)
    script = ('export X=x LD_PRELOAD=/p/libgreet.so LD_LIBRARY_PATH=/p; cd /p; /p/nobody /p/secure; /p/nobody /p/needs; '
              'chmod u+s secure needs; /p/nobody /p/secure; /p/nobody /p/needs; echo $?; /p/secure; chmod u-s secure needs; '
              'unset LD_PRELOAD LD_LIBRARY_PATH; /p/nobody /p/needs')
    got = subprocess.run([TARN, 'run', '--net', 'none', '--timeout', '200', '--with', f'{tmp_path}/out:/p', '--', '/bin/sh', '-c', script],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    assert got.stdout.splitlines() == [
        'greeted', '7 7 0 x kept', 'greeted', 'greeted', '7 7 0 x kept',   # as its caller: loaded before, and found
        '0 7 1 none gone', '127',                                          # with the owner's rights
        'greeted', '0 0 0 x kept',                                         # the owner himself
        'greeted', 'greeted', '7 7 0 x gone']                              # by $ORIGIN
    assert got.stderr == '/p/needs: libgreet.so: cannot open: No such file or directory\n'


def test_streams(tmp_path):
    """Streams, locales and exceptions of libstdc++: static, static and for any place, with shared objects."""
    need_kernel()
    (tmp_path / 'streams.cc').write_text(STREAMS)
    out = tmp_path / 'out'
    out.mkdir()
    for form in ('static', 'static-pie', 'dynamic'):
        run(tool('c++'), '-std=c++11', '-' + form, '-o', f'out/{form}', 'streams.cc', cwd=tmp_path)
    got = run(TARN, 'run', '--net', 'none', '--timeout', '200', '--with', f'{out}:/p', '--', '/bin/sh', '-c',
              'for f in static static-pie dynamic; do /p/$f; done')
    assert got == '15.5 x 0xff*****7\nwide W\n10Y\n42\nkept1\n' * 3


# Through functions of C.
THROUGH = """\
#include <cstdio>
#include <cstdlib>
#include <ftw.h>
#include <glob.h>
#include <pthread.h>
#include <search.h>
#include <unistd.h>

static int calls;
static int compare(const void *, const void *) { if (++calls > 2) throw calls; return 1; }
static int visit(const char *, const struct stat *, int, struct FTW *) { throw 11; }
static int refused(const char *, int) { throw 12; }
static void walk(const void *, VISIT, int) { throw 13; }
static void once() { throw 14; }

template <class F> void through(const char *name, F f)
{
	calls = 0;
	try { f(); std::printf("%s returned\\n", name); } catch (int n) { std::printf("%s %d\\n", name, n); }
}

int main()
{
	static int numbers[100];
	static pthread_once_t o = PTHREAD_ONCE_INIT;
	size_t count = 100;
	void *root = nullptr;
	glob_t g;
	int made = symlink("loop", "/tmp/loop");

	through("qsort", [] { qsort(numbers, 100, sizeof(int), compare); });
	through("bsearch", [] { bsearch(numbers, numbers, 100, sizeof(int), compare); });
	through("lfind", [&] { lfind(numbers, numbers, &count, sizeof(int), compare); });
	tsearch("x", &root, compare);
	through("twalk", [&] { twalk(root, walk); });
	through("nftw", [] { nftw("/", visit, 8, 0); });
	through("glob", [&] { made += glob("/tmp/loop/*", GLOB_ERR, refused, &g); });
	through("once", [] { pthread_once(&o, once); });
}
"""

GREET = """#include <stdexcept>
#include <string>
void greet(int n) { if (n) throw std::runtime_error("thrown " + std::to_string(n)); }
"""
CATCH = """#include <cmath>
#include <cstdio>
#include <dlfcn.h>
#include <stdexcept>
void greet(int n);
struct Number { int n; bool iszero() const { return n == 0; } bool iscanonical() const { return true; } };
int main(int argc, char **) {
	if (!Number{0}.iszero() || !Number{0}.iscanonical() || !iszero(-0.0) || !issubnormal(5e-324) || issubnormal(1.0f) ||
	    !iscanonical(1) || issignaling(NAN) || !issignaling(__builtin_nans("")) || !iseqsig(1.0f, 1.0L)) return 2;
	try { greet(7); } catch (const std::exception &e) { std::printf("%s %.3f\\n", e.what(), std::sqrt(argc + 1.0)); }
	void *h = dlopen("/p/later.so", RTLD_NOW);
	auto f = h ? (void (*)(int))dlsym(h, "_Z5greeti") : nullptr;
	try { if (f) f(8); else std::puts(dlerror()); } catch (const std::runtime_error &e) { std::puts(e.what()); }
	return h ? dlclose(h) : 1;
}
"""


def test_through(tmp_path):
    """What a function throws that C's library called arrives."""
    need_kernel()
    (tmp_path / 'through.cc').write_text(THROUGH)
    out = tmp_path / 'out'
    out.mkdir()
    for form in ('static', 'static-pie', 'dynamic'):
        run(tool('c++'), '-' + form, '-o', f'out/{form}', 'through.cc', cwd=tmp_path)
    got = run(TARN, 'run', '--net', 'none', '--timeout', '200', '--with', f'{out}:/p', '--', '/bin/sh', '-c',
              'for f in static static-pie dynamic; do /p/$f; done')
    assert got == 'qsort 3\nbsearch 3\nlfind 3\ntwalk 13\nnftw 11\nglob 12\nonce 14\n' * 3


def test_shared(tmp_path):
    """Shared objects: a program of C that may lie anywhere or not, exceptions of C++ from one that is needed and one
    that is opened; --with brings the loader and libraries, to a root that has none."""
    need_kernel()
    out = tmp_path / 'out'
    out.mkdir()
    (tmp_path / 'maths.c').write_text(MATHS)
    (tmp_path / 'greet.cc').write_text(GREET)
    (tmp_path / 'catch.cc').write_text(CATCH)
    run(tool('cc'), '-O2', '-dynamic', '-o', 'out/pie', 'maths.c', '-lm', '-lpthread', cwd=tmp_path)
    run(tool('cc'), '-O2', '-dynamic', '-no-pie', '-o', 'out/fixed', 'maths.c', '-lm', cwd=tmp_path)
    run(tool('c++'), '-shared', '-Wl,-soname,libgreet.so', '-o', 'out/libgreet.so', 'greet.cc', cwd=tmp_path)
    run(tool('c++'), '-shared', '-o', 'out/later.so', 'greet.cc', cwd=tmp_path)
    run(tool('c++'), '-dynamic', '-o', 'out/catch', 'catch.cc', '-Lout', '-lgreet', '-Wl,-rpath,$ORIGIN', cwd=tmp_path)
    assert 'ld-tarn-riscv64.so.1' in run(tool('readelf'), '-l', str(out / 'pie'))
    assert 'EXEC' in run(tool('readelf'), '-h', str(out / 'fixed'))
    got = run(TARN, 'run', '--net', 'none', '--timeout', '200', '--with', f'{out}:/p', os.path.join(BUILD, 'root-min.tar'),
              '--', '/bin/sh', '-c', '/p/pie; echo $?; /p/fixed; /p/catch; echo $?; /lib/ld-tarn-riscv64.so.1 --list /p/pie')
    lines = got.splitlines()
    assert lines[:6] == ['thread 7 1.414 1', '3', 'thread 7 1.414 1', 'thrown 7 1.414', 'thrown 8', '0']
    assert [line.split()[0] for line in lines[6:]] == ['linux-vdso.so.1', 'libm.so', 'libc.so']


def test_new_project(tmp_path):
    """`tarn new` makes a project whose test passes; a bad name, and one that is there, are refused."""
    need_kernel()
    tool('cc')
    run(TARN, 'new', 'greet', cwd=tmp_path)
    run('make', f'SDK={SDK}', cwd=tmp_path / 'greet')
    assert run('make', 'test', f'SDK={SDK}', cwd=tmp_path / 'greet').endswith('1 test passed\n')
    for words, what in ((['greet'], 'greet: File exists'), (['a b'], 'a b: a name of'), ([], 'tarn new NAME')):
        got = subprocess.run([TARN, 'new', *words], cwd=tmp_path, stderr=subprocess.PIPE, text=True, timeout=60)
        assert (got.returncode, what in got.stderr) == (125, True), got.stderr


def test_moved(tmp_path):
    """It finds itself where it lies; pkg-config sees its sysroot only; errors are one clear line."""
    sdk = tmp_path / 'elsewhere' / 'sdk'
    tool('cc')
    shutil.copytree(SDK, sdk, symlinks=True)
    (tmp_path / 'a.c').write_text('#include <stdio.h>\nint main(void) { return puts("x") < 0; }\n')
    command = [tool('cc', sdk), '-v', '-o', 'a', 'a.c']
    said = run(*command, cwd=tmp_path)
    assert f'{sdk}/sysroot/usr/include' in said and SDK not in said
    assert tool('pkg-config', sdk)
    (sdk / 'sysroot/usr/lib/pkgconfig/thing.pc').write_text(
        'prefix=/usr\nName: thing\nDescription: x\nVersion: 3\nCflags: -I${prefix}/include/thing\n')
    assert run(tool('pkg-config', sdk), '--cflags', 'thing').split() == [f'-I{sdk}/sysroot/usr/include/thing']
    assert subprocess.run([tool('pkg-config', sdk), '--exists', 'zlib'], timeout=60).returncode != 0

    def refused(*words, **env):
        got = subprocess.run(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True, timeout=60,
                             env=dict(os.environ, **env))
        assert got.returncode != 0 and len(got.stderr.splitlines()) == 1
        return got.stderr
    assert 'package gcc-riscv64-linux-gnu' in refused(*command, TARN_GCC='no-such-gcc')
    os.remove(sdk / 'sysroot/usr/lib/libc.a')
    assert 'make sdk' in refused(*command)


def test_run_without_a_root(tmp_path):
    """`--with FILE -- /FILE` runs on the root that make left; without --with a root must be named."""
    need_kernel()
    (tmp_path / 'a.c').write_text('int main(void) { return 42; }\n')
    run(tool('cc'), '-o', 'a', 'a.c', cwd=tmp_path)
    words = [TARN, 'run', '--net', 'none', '--timeout', '200']
    assert subprocess.run([*words, '--with', 'a', '--', '/a'], cwd=tmp_path, timeout=300).returncode == 42
    got = subprocess.run([*words, '--', '/a'], cwd=tmp_path, stderr=subprocess.PIPE, text=True, timeout=300)
    assert got.returncode == 125
