"""sinpi and its family (C23 7.12.4), which Debian's glibc has not: against decimal numbers of eighty digits."""
import math
import os
import random
import subprocess
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
import rootfs
from conftest import BUILD, need_kernel, run_tarn
from test_libposix_twice import twice

HERE = os.path.dirname(os.path.abspath(__file__))
# A type: its bits of precision, its smallest exponent, how far from the truth a result may be, in units of the last place.
TYPES = {'': (53, -1074, 0.75), 'f': (24, -149, 0.51), 'l': (113, -16494, 2)}
FUNCTIONS = ('sinpi', 'cospi', 'tanpi', 'asinpi', 'acospi', 'atanpi', 'atan2pi')
COUNT = {'': 400, 'f': 200, 'l': 100}
# Annex F.10.1: the argument, the result, the flags; a NaN is `nan`.
EXACT = {
    'sinpi': '0 0;-0 -0;1 0;-1 -0;2 0;-7 -0;0x1p100 0;-0x1p60 -0;.5 1;1.5 -1;-.5 -1;inf nan i;-inf nan i;nan nan',
    'cospi': '0 1;-0 1;.5 0;-.5 0;1.5 0;-2.5 0;1 -1;-3 -1;4 1;0x1p100 1;inf nan i;-inf nan i;nan nan',
    'tanpi': '0 0;-0 -0;1 -0;-1 0;2 0;-2 -0;3 -0;-3 0;.25 1;.75 -1;-1.25 -1;.5 inf z;1.5 -inf z;-.5 -inf z;-1.5 inf z;'
             '2.5 inf z;0x1p100 0;inf nan i;nan nan',
    'asinpi': '0 0;-0 -0;1 .5;-1 -.5;1.5 nan i;-inf nan i;nan nan',
    'acospi': '1 0;-1 1;0 .5;-0 .5;1.5 nan i;inf nan i;nan nan',
    'atanpi': '0 0;-0 -0;1 .25;-1 -.25;inf .5;-inf -.5;nan nan',
    'atan2pi': '0,0 0;-0,0 -0;0,-0 1;-0,-0 -1;0,3 0;-0,3 -0;0,-3 1;-0,-3 -1;3,0 .5;3,-0 .5;-3,0 -.5;-3,-0 -.5;3,3 .25;'
               '-3,3 -.25;3,-3 .75;-3,-3 -.75;inf,inf .25;-inf,inf -.25;inf,-inf .75;-inf,-inf -.75;3,inf 0;-3,inf -0;'
               '3,-inf 1;-3,-inf -1;inf,3 .5;-inf,-3 -.5;nan,1 nan;1,nan nan;inf,nan nan',
}


def number(text):
    """A finite number as C's %La writes it, exactly."""
    sign = -1 if text.startswith('-') else 1
    digits, exponent = text.lstrip('-')[2:].split('p')
    whole, _, fraction = digits.partition('.')
    return sign * Fraction(int(whole + fraction, 16)) / 16**len(fraction) * Fraction(2)**int(exponent)


def written(x):
    """The number for C to read, without an error."""
    n, shift = x.numerator, x.denominator.bit_length() - 1
    assert x.denominator == 1 << shift
    zeros = (n & -n).bit_length() - 1 if n else 0
    n, shift = n >> zeros, shift - zeros
    return f'{"-" if n < 0 else ""}0x{abs(n):x}p{-shift}'


def decimal(x):
    return Decimal(x.numerator) / Decimal(x.denominator)


def arctan(x):
    """In radians. Halved until the series is short."""
    halved = 0
    while abs(x) > Decimal('0.01'):
        x, halved = x / (1 + (1 + x * x).sqrt()), halved + 1
    square, power, total, k = x * x, x, x, 1
    while abs(power) > abs(total) * Decimal(10)**-85:
        power, k = -power * square, k + 2
        total += power / k
    return total * 2**halved


def sine(x, turn):
    """Of at most an eighth of a turn, or its cosine (turn 1), by its series."""
    power = total = x if turn == 0 else Decimal(1)
    k = 1 - turn
    while power and abs(power) > abs(total) * Decimal(10)**-85:
        power *= -x * x / ((k + 1) * (k + 2))
        total, k = total + power, k + 2
    return total


def truth(function, x, y, pi):
    """The result as a decimal number."""
    if function in ('sinpi', 'cospi', 'tanpi'):
        x += Fraction(1, 2) if function == 'cospi' else 0
        quarters = math.floor(2 * x + Fraction(1, 2))
        angle = decimal(x - Fraction(quarters, 2)) * pi
        sin, cos = ((-1 if (quarters + turn) & 2 else 1) * sine(angle, (quarters + turn) & 1) for turn in (0, 1))
        return sin / cos if function == 'tanpi' else sin
    if function == 'asinpi':
        return arctan(decimal(x) / decimal((1 - x) * (1 + x)).sqrt()) / pi
    if function == 'acospi':
        return 2 * arctan(decimal((1 - x) / (1 + x)).sqrt()) / pi
    if function == 'atanpi':
        return arctan(decimal(x)) / pi
    angle = arctan(decimal(x / y)) / pi             # atan2pi(x, y)
    return angle if y > 0 else angle + (1 if x > 0 else -1)


def cases(function, kind):
    """Arguments of that type: some everywhere, more where the results are not trivial."""
    bits, least, _ = TYPES[kind]
    r = random.Random(function + kind)

    def some(low, high):
        return Fraction(r.choice((-1, 1)) * r.getrandbits(bits)) * Fraction(2)**(max(r.randint(low, high) - bits, least))

    for i in range(COUNT[kind]):
        if function in ('asinpi', 'acospi'):
            x = some(-bits if i % 4 else least + bits, 0)
        elif function in ('atanpi', 'atan2pi'):
            x = some(-bits, bits) if i % 4 else some(least // 2, -least // 2)
        else:
            x = some(-5, 3) if i % 2 else some(least + bits if i % 4 else -bits, bits)
        yield x, some(-bits, bits) if function == 'atan2pi' else Fraction(0)


@pytest.fixture(scope='module')
def answers(tmp_path_factory):
    """answers(lines): what the program makes of them on Tarn."""
    need_kernel()
    folder, build = tmp_path_factory.mktemp('pi'), os.path.abspath(BUILD)
    program, root = str(folder / 'angles'), str(folder / 'root.tar')
    subprocess.run(twice.abi.posix_words(build, f'{HERE}/pi/angles.c', program, '-O1', '-fno-builtin',
                                         library=f'{build}/libposix/libm.a'), check=True)
    rootfs.write_tar(root, {**rootfs.FOLDERS, 'angles': rootfs.read(program)})

    def ask(lines):
        got = run_tarn('--net', 'none', root=root, command=['/angles'], stdin='\n'.join(lines).encode() + b'\n', timeout=120).ok()
        return [line.split(' ') for line in got.out.decode().splitlines()]
    return ask


@pytest.mark.area('boot')
def test_accuracy(answers):
    """No result is farther from the truth than that many units of the last place, and no flag rises but for underflow."""
    rows = [(f, kind, x, y) for kind in TYPES for f in FUNCTIONS for x, y in cases(f, kind)
            if not (f in ('asinpi', 'acospi') and abs(x) >= 1) and x and (y or f != 'atan2pi')]
    got = answers([f'{f}{kind} {written(x)} {written(y)}' for f, kind, x, y in rows])
    assert len(got) == len(rows)
    worst = {}
    with localcontext() as context:
        context.prec = 80
        context.Emin, context.Emax = -10**9, 10**9
        pi = 16 * arctan(Decimal(1) / 5) - 4 * arctan(Decimal(1) / 239)
        for (f, kind, x, y), (text, flags) in zip(rows, got):
            if 'n' in text:
                assert f == 'tanpi' and (2 * x).denominator == 1, (f, kind, written(x), text)
                continue
            bits, least, _ = TYPES[kind]
            true = truth(f, x, y, pi)
            place = max(math.floor(math.log2(abs(true)) if 1e-300 < abs(true) < 1e300 else
                                   float(abs(true).ln() / Decimal(2).ln())) + 1 - bits, least) if true else least
            error = float(abs(decimal(number(text)) - true) / Decimal(2)**place)
            worst[f + kind] = max(worst.get(f + kind, (0,)), (error, written(x), written(y), text))
            assert flags in ('', 'u') and (not flags or abs(number(text)) <= Fraction(2)**(least + bits)), (f, kind, written(x), flags)
    assert not {name: row for name, row in worst.items() if row[0] > TYPES[name.removeprefix(
        max((f for f in FUNCTIONS if name.startswith(f)), key=len))][2]}, worst
    assert len(worst) == len(FUNCTIONS) * len(TYPES)


@pytest.mark.area('boot')
def test_exact(answers):
    """What Annex F says of zeros, whole and half numbers, infinities and NaNs, for each type."""
    rows = [(f, kind, *(row.split() + [''])[:3]) for f, text in EXACT.items() for kind in TYPES for row in text.split(';')]
    got = answers([f'{f}{kind} {arguments.replace(",", " ")}' for f, kind, arguments, _, _ in rows])
    for (f, kind, arguments, want, flags), (text, raised) in zip(rows, got):
        have = float.fromhex(text) if 'n' not in text else float(text)
        wanted = float(want)
        same = math.isnan(have) if want == 'nan' else have == wanted and math.copysign(1, have) == math.copysign(1, wanted)
        assert same and raised == flags, (f + kind, arguments, text, raised)
