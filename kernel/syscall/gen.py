#!/usr/bin/env python3
"""Makes the dull code from syscalls.tbl.

    gen.py syscalls.tbl OUTDIR        syscalls.h, syscall_numbers.h, dispatch.c, trace_table.c
    gen.py syscalls.tbl --docs FILE   the coverage page
"""
import os
import re
import sys

U, CU = "void __user *", "const void __user *"

# Argument type in the table -> C type of the handler's parameter. The tracer knows each by TRACE_<name>.
TYPES = {
    "int": "int", "uint": "unsigned int", "long": "long", "ulong": "unsigned long",
    "u64": "u64", "hex": "unsigned long", "size": "size_t", "off": "s64",
    "fd": "int", "dfd": "int", "pid": "int", "uid": "u32", "mode": "u32", "dev": "u32",
    "sig": "int", "ptr": U, "outptr": U, "inbuf": CU, "outbuf": U, "outstr": "char __user *",
    "path": "const char __user *", "str": "const char __user *",
    "strv": "const char __user *const __user *", "envv": "const char __user *const __user *",
    "iovin": "const struct iovec __user *", "iovout": "const struct iovec __user *",
    "fdpair": "int __user *", "pollfds": U, "epollevent": U, "outwstatus": "int __user *",
    "timespec": CU, "timespec2": CU, "outtimespec": U, "itimerval": CU, "rlimit": CU,
    "sigset": CU, "outsigset": U, "sigaction": CU, "outstat": U, "cloneargs": U,
    "oflags": "int", "atflags": "int", "accessmode": "int", "prot": "int", "mapflags": "int",
    "madvice": "int", "fcntlcmd": "int", "fcntlarg": "unsigned long", "ioctlcmd": "unsigned int",
    "flockop": "int", "whence": "int", "sighow": "int", "clockid": "int", "futexop": "int",
    "cloneflags": "unsigned long", "waitopts": "int", "epollop": "int", "eventfdflags": "int",
    "resource": "unsigned int", "prctlop": "int", "renameflags": "unsigned int",
}


def fail(line_no, why):
    sys.exit(f"syscalls.tbl:{line_no}: {why}")


def parse(path):
    """Rows as (number, name, family, [(type, argument name)]), in order of number."""
    rows, seen = [], {}
    for no, line in enumerate(open(path), 1):
        line = line.split("#", 1)[0].rstrip()
        if not line.strip():
            continue
        m = re.fullmatch(r"(\d+)\t+([a-z]\w*)\t+(-|[a-z]+)(?:\t+(.*))?", line)
        if not m:
            fail(no, "want: number, name, family, arguments, parted by tabs")
        nr, name, family = int(m[1]), m[2], m[3]
        args = []
        for a in filter(None, (x.strip() for x in (m[4] or "").split(","))):
            parts = a.split()
            if len(parts) != 2 or parts[0] not in TYPES:
                fail(no, f"bad argument '{a}'")
            args.append((parts[0], parts[1]))
        if len(args) > 6:
            fail(no, "more than six arguments")
        if nr in seen or name in seen:
            fail(no, f"number or name stands twice: {nr} {name}")
        seen[nr] = seen[name] = True
        rows.append((nr, name, family, args))
    return sorted(rows)


def write(path, text):
    """Writes only what changed, so that make does not rebuild for nothing."""
    if os.path.exists(path) and open(path).read() == text:
        return
    with open(path, "w") as f:
        f.write(text)


def decl(ctype, name):
    return ctype + ("" if ctype.endswith("*") else " ") + name


def generate(rows, out):
    os.makedirs(out, exist_ok=True)
    note = "/* Made by kernel/syscall/gen.py from syscalls.tbl. */\n"
    top = rows[-1][0]

    numbers = [note, "#ifndef SYSCALL_NUMBERS_H\n#define SYSCALL_NUMBERS_H\n\n"]
    numbers += [f"#define __NR_{name} {nr}\n" for nr, name, _, _ in rows]
    numbers += [f"\n#define NR_SYSCALLS {top + 1}\n\n#endif\n"]
    write(f"{out}/syscall_numbers.h", "".join(numbers))

    h = [note, "#ifndef SYSCALLS_H\n#define SYSCALLS_H\n\n#include <types.h>\n#include <compiler.h>\n\n",
         "struct iovec;\n\n"]
    for _, name, family, args in rows:
        if family != "-":
            params = ", ".join(decl(TYPES[t], a) for t, a in args) or "void"
            h.append(f"long sys_{name}({params});\n")
    h.append("\n#endif\n")
    write(f"{out}/syscalls.h", "".join(h))

    c = [note, '#include <syscalls.h>\n#include <syscall_numbers.h>\n#include "syscall/syscall.h"\n\n']
    for _, name, family, args in rows:
        if family == "-":
            continue
        # A kernel-sized argument is narrowed to its C type here, as the ABI passes garbage above it.
        call = ", ".join(f"({TYPES[t]})a[{i}]" for i, (t, _) in enumerate(args))
        unused = "" if args else "\t(void)a;\n"
        c.append(f"static long call_{name}(const u64 *a)\n{{\n{unused}\treturn sys_{name}({call});\n}}\n\n")
    c.append("const syscall_fn syscall_table[NR_SYSCALLS] = {\n")
    c += [f"\t[__NR_{name}] = call_{name},\n" for _, name, family, _ in rows if family != "-"]
    c.append("};\n")
    write(f"{out}/dispatch.c", "".join(c))

    t = [note, '#include <syscall_numbers.h>\n#include "syscall/trace.h"\n\n',
         "const struct trace_desc trace_table[NR_SYSCALLS] = {\n"]
    for _, name, _, args in rows:
        kinds = ", ".join("TRACE_" + ty for ty, _ in args)
        t.append(f'\t[__NR_{name}] = {{ "{name}", {len(args)}, {{ {kinds or "0"} }} }},\n')
    t.append("};\n")
    write(f"{out}/trace_table.c", "".join(t))

    k = [note, "#ifndef TRACE_KINDS_H\n#define TRACE_KINDS_H\n\nenum trace_kind {\n"]
    k += [f"\tTRACE_{ty},\n" for ty in TYPES]
    k.append("};\n\n#endif\n")
    write(f"{out}/trace_kinds.h", "".join(k))


def docs(rows, path):
    done = [r for r in rows if r[2] != "-"]
    out = ["# System-call coverage\n\n",
           "Made from `kernel/syscall/syscalls.tbl` by `make docs`; do not edit.\n\n",
           f"{len(done)} of the {len(rows)} calls of Linux's riscv64 ABI have a handler. ",
           "The others return ENOSYS, as Linux does for a call it was built without, ",
           "and each is logged once when a program tries it.\n\n",
           "| nr | call | handler | arguments |\n|---|---|---|---|\n"]
    for nr, name, family, args in rows:
        where = "ENOSYS" if family == "-" else f"`sys_{family}.c`"
        out.append(f"| {nr} | {name} | {where} | {', '.join(a for _, a in args)} |\n")
    write(path, "".join(out))


def main():
    if len(sys.argv) == 4 and sys.argv[2] == "--docs":
        docs(parse(sys.argv[1]), sys.argv[3])
    elif len(sys.argv) == 3:
        generate(parse(sys.argv[1]), sys.argv[2])
    else:
        sys.exit(__doc__)


main()
