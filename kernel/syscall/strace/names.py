"""Names of flags, values, errors and signals, as strace writes them (flags.tbl is the data)."""
import errno
import os

HERE = os.path.dirname(os.path.abspath(__file__))
SIGNALS = ('HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP '
           'TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS').split()
# Numbers that have two names: strace's.
ERRORS = {11: 'EAGAIN', 35: 'EDEADLK', 95: 'EOPNOTSUPP'}
RESTARTS = {512: 'ERESTARTSYS (To be restarted if SA_RESTART is set)',
            513: 'ERESTARTNOINTR (To be restarted)',
            514: 'ERESTARTNOHAND (To be restarted if no handler)',
            516: 'ERESTART_RESTARTBLOCK (Interrupted by signal)'}


class Set:
    """One set of flags.tbl."""

    def __init__(self, kind, other):
        self.flags = kind == 'flags'
        self.other = '' if other == '-' else f' /* {other} */'
        self.rows = []          # (value, name)
        self.names = {}         # value -> its first name

    def add(self, value, name):
        self.rows.append((value, name))
        self.names.setdefault(value, name)

    def text(self, value):
        """The value in words."""
        if not self.flags or (not value and 0 in self.names):
            return self.names.get(value) or f'{value:#x}{self.other}'
        if not value:
            return '0'
        found, left = [], value
        for bits, name in self.rows:
            if bits and left & bits == bits:
                found.append(name)
                left &= ~bits
        if not found:
            return f'{value:#x}{self.other}'
        return '|'.join(found + ([f'{left:#x}'] if left else []))


def load(path=os.path.join(HERE, 'flags.tbl')):
    """All sets by name."""
    sets, current = {}, None
    with open(path, encoding='utf-8') as f:
        for number, line in enumerate(f, 1):
            words = line.split()
            if not words or line.startswith('#'):
                continue
            try:
                if line[0] == '\t':
                    for word in words:
                        name, value = word.split('=')
                        current.add(int(value, 0), name)
                elif words[1] == '=':
                    sets[words[0]] = sets[words[2]]
                else:
                    current = sets[words[0]] = Set(words[1], words[2])
            except (ValueError, IndexError, KeyError):
                raise SystemExit(f'{path}:{number}: {line.strip()}') from None
    return sets


SETS = load()


def named(value, which):
    """A value of a set."""
    return SETS[which].text(value)


def error_name(number):
    """ENOENT"""
    return ERRORS.get(number) or errno.errorcode.get(number) or f'E{number}'


def signal_name(number, prefix='SIG'):
    """SIGINT; with an empty prefix INT, as in sets."""
    if 1 <= number <= 31:
        return prefix + SIGNALS[number - 1]
    if number == 32:
        return prefix + 'RTMIN'
    if 33 <= number <= 64:
        return f'{prefix}RT_{number - 32}'
    return str(number)


def signal_set(mask):
    """As strace: a set that is nearly full is told by what it lacks."""
    inverted = bin(mask).count('1') > 64 * 2 // 3
    shown = ~mask if inverted else mask
    return ('~' if inverted else '') + '[' + ' '.join(
        signal_name(n, '') for n in range(1, 65) if shown >> (n - 1) & 1) + ']'
