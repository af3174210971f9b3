#!/usr/bin/env python3
"""Makes the dull code from syscalls.tbl.

    gen.py syscalls.tbl OUTDIR        syscalls.h, syscall_numbers.h, syscall_names.h, dispatch.c, trace_table.c

`parse` is also what reads the table for the tracer (strace/) and for docs/abi.md (abi_page.py).
"""
import collections
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'strace'))
import structs  # noqa: E402

U, CU, STR = "void __user *", "const void __user *", "const char __user *"
STRINGS = "const char __user *const __user *"

# Argument type in the table: C type of the handler's parameter, and when its memory is captured.
IN, OUT = 1, 2
TYPES = {
    "int": ("int", 0), "uint": ("unsigned int", 0), "long": ("long", 0), "ulong": ("unsigned long", 0),
    "u64": ("u64", 0), "hex": ("unsigned long", 0), "addr": ("unsigned long", 0),
    "size": ("size_t", 0), "off": ("s64", 0), "fd": ("int", 0), "dfd": ("int", 0), "pid": ("int", 0),
    "uid": ("u32", 0), "mode": ("u32", 0), "dev": ("u32", 0), "sig": ("int", 0),
    "ptr": (U, IN), "outptr": (U, OUT), "ioptr": (U, IN | OUT), "in": (CU, IN), "both": (CU, IN | OUT),
    "inbuf": (CU, IN), "outbuf": (U, OUT), "outstr": ("char __user *", OUT), "ptrstr": (STR, IN),
    "path": (STR, IN), "str": (STR, IN), "strv": (STRINGS, IN), "envv": (STRINGS, IN),
    "iovin": ("const struct iovec __user *", IN), "iovout": ("const struct iovec __user *", OUT),
    "outint": ("int __user *", OUT),
    # A descriptor whose open file the handler gets; anyfile may be open with O_PATH. Without one: EBADF,
    # or ENOTSOCK where it must be a socket.
    "file": ("struct file *", 0), "anyfile": ("struct file *", 0), "socket": ("struct file *", 0),
}
# Numbers that may be addresses: what stands there is captured.
MAYBE = {"ioctl_arg": IN | OUT, "fcntl_arg": IN | OUT, "prctl_arg": IN | OUT, "ptrace_data": OUT}
# How much of a thing without an end is shown; strace(1), -s.
SHOWN = 33
PATH = 4096
LIMITS = {"sockaddr": 128, "cpuset": 128, "optval": 128, "clone_args": 128, "open_how": 32, "bpf_attr": 128,
          "mount_attr_s": 32, "landlock_ruleset": 24, "statmount": 64, "fdset": 128, "dirents": 0,
          "cstring": PATH}
SHAPES = {"iovec": "IOVEC", "msghdr": "MSGHDR", "mmsghdr": "MMSGHDR", "sigset_arg": "SIGSET_ARG",
          "dirents": "DIRENTS", "clone_args": "CLONE_ARGS", "fdset": "FDSET"}
BASES = {"msgbuf": 8}

Arg = collections.namedtuple("Arg", "type format count name")
Row = collections.namedtuple("Row", "nr name family args notes line")


def fail(line_no, why):
    sys.exit(f"syscalls.tbl:{line_no}: {why}")


def parse_arg(text, no):
    """One argument: TYPE[:FORMAT[COUNT]] NAME."""
    m = re.fullmatch(r"(\w+)(?::(\w+)(?:\[(\*?\w+)\])?)? (\w+)", text)
    if not m or m[1] not in TYPES:
        fail(no, f"bad argument '{text}'")
    if m[2] and TYPES[m[1]][1] and m[2] not in structs.STRUCTS:
        fail(no, f"no structure '{m[2]}' (strace/structs.py)")
    return Arg(m[1], m[2], m[3], m[4])


def parse(path):
    """The rows in order of number; notes are (word, text)."""
    rows, seen = [], {}
    for no, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.split("#", 1)[0].rstrip()
        if not line.strip():
            continue
        note = re.fullmatch(r"\t(missing|refused|test) (.+)", line)
        if note and rows:
            rows[-1].notes.append((note[1], note[2]))
            continue
        m = re.fullmatch(r"(\d+)\t+([a-z]\w*)\t+(-|[a-z]+)(?:\t+(.*))?", line)
        if not m:
            fail(no, "want: number, name, family, arguments, parted by tabs")
        nr, name, family = int(m[1]), m[2], m[3]
        args = [parse_arg(a, no) for a in filter(None, (x.strip() for x in (m[4] or "").split(",")))]
        if len(args) > 6:
            fail(no, "more than six arguments")
        if nr in seen or name in seen:
            fail(no, f"number or name stands twice: {nr} {name}")
        for a in args:
            if a.count and a.count not in ("ret", "2") and \
                    a.count.lstrip("*") not in [b.name for b in args]:
                fail(no, f"[{a.count}] is no argument of {name}")
        seen[nr] = seen[name] = True
        rows.append(Row(nr, name, family, args, [], no))
    return sorted(rows, key=lambda r: r.nr)


def capture(row, i):
    """The initialiser of a struct trace_capture for argument i, or None."""
    a = row.args[i]
    when = MAYBE.get(a.format, TYPES[a.type][1])
    if not when or (TYPES[a.type][1] and not a.format and a.type not in ("path", "str", "strv", "envv")):
        return None
    shape, unit, count, base, limit = "BYTES", 1, "COUNT_ONE", 0, 0
    if a.type in ("path", "str"):
        shape, limit = "STRING", PATH if a.type == "path" else SHOWN
    elif a.type in ("strv", "envv"):
        shape = a.type.upper()
    else:
        shape, unit, base = SHAPES.get(a.format, "BYTES"), structs.size_of(a.format), BASES.get(a.format, 0)
        limit = LIMITS.get(a.format, max(SHOWN, unit * SHOWN if a.count else unit) + base)
        if a.format == "text":
            shape, unit, limit = "STRING", 1, SHOWN
        if a.count == "ret":
            count = "COUNT_RESULT"
        elif a.count == "2":
            unit *= 2
        elif a.count:
            other = [b.name for b in row.args].index(a.count.lstrip("*"))
            count = f"COUNT_ARG({other})" if a.count[0] != "*" else f"COUNT_AT({other})"
    words = " | ".join(w for w, bit in (("CAPTURE_IN", IN), ("CAPTURE_OUT", OUT)) if when & bit)
    return f"{{ {i}, {words}, CAPTURE_{shape}, {count}, {base}, {unit}, {limit} }}"


def write(path, text):
    """Writes only what changed, so that make does not rebuild for nothing."""
    if os.path.exists(path) and open(path, encoding="utf-8").read() == text:
        return
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def decl(ctype, name):
    return ctype + ("" if ctype.endswith("*") else " ") + name


def handler_call(row):
    """The function of the dispatch table. A kernel-sized argument is narrowed to its C type here, as the
    ABI passes garbage above it."""
    first = row.args[0].type if row.args else ""
    opened = {"file": "fd_borrow((int)a[0])", "socket": "fd_borrow((int)a[0])",
              "anyfile": "{ fd_get_raw((int)a[0]), true }"}.get(first)
    call = ", ".join(f"({TYPES[a.type][0]})a[{i}]" if i or not opened else "r.file"
                     for i, a in enumerate(row.args))
    call = f"sys_{row.name}({call})"
    body = f"\treturn {call};\n"
    if opened:
        call = f"file_socket(r.file) ? {call} : -ENOTSOCK" if first == "socket" else call
        body = (f"\tstruct fdref r = {opened};\n\tlong ret;\n\n\tif (!r.file)\n\t\treturn -EBADF;\n"
                f"\tret = {call};\n\tfd_drop(r);\n\treturn ret;\n")
    elif not row.args:
        body = "\t(void)a;\n" + body
    return f"static long call_{row.name}(const u64 *a)\n{{\n{body}}}\n\n"


def generate(rows, out):
    os.makedirs(out, exist_ok=True)
    note = "/* Made by kernel/syscall/gen.py from syscalls.tbl. */\n"
    done = [r for r in rows if r.family != "-"]

    numbers = [note, "#ifndef SYSCALL_NUMBERS_H\n#define SYSCALL_NUMBERS_H\n\n"]
    numbers += [f"#define __NR_{r.name} {r.nr}\n" for r in rows]
    numbers += [f"\n#define NR_SYSCALLS {rows[-1].nr + 1}\n\n#endif\n"]
    write(f"{out}/syscall_numbers.h", "".join(numbers))
    names = re.findall(r"#define __NR_(\w+)", "".join(numbers))
    write(f"{out}/syscall_names.h", note + "".join(f"#define SYS_{n} __NR_{n}\n" for n in names))

    h = [note, "#ifndef SYSCALLS_H\n#define SYSCALLS_H\n\n#include <types.h>\n#include <compiler.h>\n\n",
         "struct file;\nstruct iovec;\n\n"]
    for r in done:
        params = ", ".join(decl(TYPES[a.type][0], a.name) for a in r.args) or "void"
        h.append(f"long sys_{r.name}({params});\n")
    h.append("\n#endif\n")
    write(f"{out}/syscalls.h", "".join(h))

    c = [note, '#include <syscalls.h>\n#include <syscall_numbers.h>\n#include <uapi/errno.h>\n\n'
         '#include "fs/files.h"\n#include "net/socket.h"\n#include "syscall/syscall.h"\n\n']
    c += [handler_call(r) for r in done]
    c.append("const syscall_fn syscall_table[NR_SYSCALLS] = {\n")
    c += [f"\t[__NR_{r.name}] = call_{r.name},\n" for r in done]
    c.append("};\n")
    write(f"{out}/dispatch.c", "".join(c))

    captures, t = [], []
    for r in rows:
        mine = [x for x in (capture(r, i) for i in range(len(r.args))) if x]
        t.append(f'\t[__NR_{r.name}] = {{ "{r.name}", {len(captures)}, {len(mine)} }},\n')
        captures += mine
    t = [note, '#include <syscall_numbers.h>\n#include "syscall/trace.h"\n\n',
         "const struct trace_capture trace_captures[] = {\n", *(f"\t{x},\n" for x in captures), "};\n\n",
         "const struct trace_desc trace_table[NR_SYSCALLS] = {\n", *t, "};\n"]
    write(f"{out}/trace_table.c", "".join(t))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    generate(parse(sys.argv[1]), sys.argv[2])


if __name__ == "__main__":
    main()
