#!/usr/bin/env python3
"""Compare kernel/include/uapi with Debian's own headers for riscv64.

Every constant and every member of every structure that our headers define must
have the same value, offset and size as in linux-libc-dev; what Linux leaves to
the C library (AF_*, struct msghdr, ...) is compared with glibc's headers.

Three translation units are compiled: ours, Linux's, glibc's.  Constants are made
to appear in the assembly as immediate operands; structures are read from the
debug information.  --self-test changes our headers in a copy and expects each
change to be found.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CROSS = os.environ.get("CROSS", "riscv64-linux-gnu-")

LINUX = """
    stddef.h asm/stat.h linux/stat.h asm/fcntl.h linux/fcntl.h linux/openat2.h linux/falloc.h
    linux/fadvise.h linux/close_range.h linux/fs.h asm/mman.h linux/mman.h linux/memfd.h
    asm/ptrace.h linux/ptrace.h asm/signal.h linux/signal.h asm/siginfo.h asm/sigcontext.h asm/ucontext.h linux/signalfd.h
    linux/sched.h linux/sched/types.h linux/futex.h linux/time.h linux/time_types.h
    linux/times.h linux/utime.h linux/timex.h linux/resource.h linux/wait.h asm/poll.h
    linux/eventpoll.h linux/eventfd.h linux/timerfd.h linux/pidfd.h asm/ioctl.h asm/ioctls.h
    asm/termbits.h asm/termios.h linux/tty.h linux/elf.h asm/elf.h linux/auxvec.h asm/auxvec.h
    asm/hwcap.h linux/prctl.h linux/capability.h linux/seccomp.h linux/uio.h linux/utsname.h
    linux/sysinfo.h linux/reboot.h asm/statfs.h linux/magic.h linux/mount.h linux/limits.h
    linux/mempolicy.h linux/xattr.h linux/random.h linux/rseq.h asm/hwprobe.h linux/membarrier.h
    linux/personality.h linux/inotify.h linux/fanotify.h linux/socket.h asm/socket.h asm/sockios.h
    linux/sockios.h linux/un.h linux/tcp.h linux/in.h linux/in6.h linux/errqueue.h linux/udp.h linux/rtc.h linux/errno.h
    linux/filter.h linux/ioprio.h linux/audit.h
    linux/ipc.h linux/shm.h linux/sem.h linux/msg.h linux/mqueue.h asm/ipcbuf.h
    linux/netlink.h linux/rtnetlink.h linux/fib_rules.h linux/netconf.h linux/sock_diag.h linux/inet_diag.h
    linux/unix_diag.h linux/ethtool.h linux/ipv6_route.h linux/ipv6.h linux/if_tun.h
    linux/keyctl.h linux/landlock.h linux/userfaultfd.h linux/acct.h linux/aio_abi.h linux/loop.h
""".split()

GLIBC = """
    errno.h sys/socket.h sys/un.h netinet/in.h netinet/tcp.h sys/epoll.h sys/eventfd.h sys/timerfd.h
    sys/inotify.h sys/mman.h sys/mount.h sys/statvfs.h sys/wait.h sys/time.h sys/resource.h
    sys/times.h sys/uio.h dirent.h fcntl.h poll.h sched.h signal.h stdio.h time.h unistd.h
    elf.h link.h limits.h sys/file.h sys/prctl.h sys/cachectl.h termios.h utime.h netinet/udp.h
    linux/netlink.h linux/if_packet.h linux/if.h linux/if_arp.h linux/if_ether.h sys/shm.h
    linux/icmp.h linux/if_tun.h linux/rtnetlink.h linux/neighbour.h linux/if_link.h linux/net_namespace.h linux/veth.h
    linux/if_addr.h linux/sock_diag.h linux/unix_diag.h linux/inet_diag.h linux/netlink_diag.h
    linux/packet_diag.h linux/netconf.h linux/ethtool.h linux/errqueue.h linux/sockios.h
    linux/route.h linux/icmpv6.h linux/fib_rules.h linux/ipv6_route.h linux/ipv6.h
    linux/net_tstamp.h
""".split()

# Our name of a structure: Linux's.
STRUCT_NAMES = {"utsname": "new_utsname", "sockaddr_storage": "__kernel_sockaddr_storage"}

# Members that Linux spells otherwise: the offset is compared, the size is not.
MEMBER_NAMES = {
    ("stat", "st_atim"): "st_atime",
    ("stat", "st_mtim"): "st_mtime",
    ("stat", "st_ctim"): "st_ctime",
    ("sigaction", "sa_sigaction"): "sa_handler",
}

# In no header of user space: the kernel's side of the ABI. Values as the manual pages have them.
KERNEL_ONLY = {
    "OPEN_HOW_SIZE_VER0": 24,  # openat2(2)
    "MAX_ARG_STRLEN": 32 * 4096,  # execve(2)
    "MAX_ARG_STRINGS": 0x7fffffff,
    "TASK_COMM_LEN": 16,  # prctl(2), PR_SET_NAME
    "SYS_RISCV_FLUSH_ICACHE_LOCAL": 1,  # riscv_flush_icache(2)
    "SYS_RISCV_FLUSH_ICACHE_ALL": 1,
    "AIO_RING_MAGIC": 0xa10a10a1,  # what libaio looks for
    "ST_NOSYMFOLLOW": 0x2000,  # statfs(2), f_flags
}
KERNEL_ONLY_STRUCTS = {"rt_sigframe", "linux_dirent64", "aio_ring"}  # signal delivery; getdents64(2); libaio

# Constants of Linux later than 6.1, whose headers Debian 12 has; compared when present.
NEWER = {
    "AT_HANDLE_FID": 0x200, "AT_HANDLE_MNT_ID_UNIQUE": 1, "MOVE_MOUNT_BENEATH": 0x200,
    "LISTMOUNT_REVERSE": 1, "LSMT_ROOT": -1,
    "MNT_ID_REQ_SIZE_VER0": 24, "MNT_ID_REQ_SIZE_VER1": 32, "STATMOUNT_SB_BASIC": 1,
    "STATMOUNT_MNT_BASIC": 2, "STATMOUNT_PROPAGATE_FROM": 4, "STATMOUNT_MNT_ROOT": 8,
    "STATMOUNT_MNT_POINT": 0x10, "STATMOUNT_FS_TYPE": 0x20, "STATMOUNT_MNT_NS_ID": 0x40,
    "STATMOUNT_MNT_OPTS": 0x80,
    "LANDLOCK_ACCESS_FS_IOCTL_DEV": 0x8000, "LANDLOCK_ACCESS_FS_TRUNCATE": 0x4000,
    "LANDLOCK_ACCESS_NET_BIND_TCP": 1, "LANDLOCK_ACCESS_NET_CONNECT_TCP": 2,
    "LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET": 1, "LANDLOCK_SCOPE_SIGNAL": 2,
    "PROCMAP_QUERY": 0xc0686611, "PROCMAP_QUERY_COVERING_OR_NEXT_VMA": 0x10,
    "PROCMAP_QUERY_FILE_BACKED_VMA": 0x20, "PROCMAP_QUERY_VMA_EXECUTABLE": 4,
    "PROCMAP_QUERY_VMA_READABLE": 1, "PROCMAP_QUERY_VMA_SHARED": 8, "PROCMAP_QUERY_VMA_WRITABLE": 2,
    "UFFDIO_MOVE": 0xc028aa05, "UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES": 2, "UFFDIO_POISON": 0xc020aa08,
    "UFFD_FEATURE_MOVE": 0x10000, "UFFD_FEATURE_POISON": 0x4000, "_UFFDIO_MOVE": 5,
    "_UFFDIO_POISON": 8, "PIDFS_IOCTL_MAGIC": 0xff, "PIDFD_GET_IPC_NAMESPACE": 0xff02,
    "PIDFD_GET_UTS_NAMESPACE": 0xff0a,
    "IP_LOCAL_PORT_RANGE": 51, "IP_PROTOCOL": 52, "SCM_PIDFD": 4, "SO_PASSPIDFD": 76, "SO_PEERPIDFD": 77,
    "PACKET_FANOUT_FLAG_IGNORE_OUTGOING": 0x4000, "SOF_TIMESTAMPING_OPT_ID_TCP": 1 << 16,
    "SOF_TIMESTAMPING_OPT_RX_FILTER": 1 << 17, "TCP_IS_MPTCP": 43,
    "AT_RSEQ_ALIGN": 0x1c, "AT_RSEQ_FEATURE_SIZE": 0x1b,
    "COMPAT_HWCAP_ISA_V": 0x200000, "END_HDR_SIZE": 0, "END_MAGIC": 0, "F_CREATED_QUERY": 0x404,
    "F_DUPFD_QUERY": 0x403, "F_SEAL_EXEC": 0x20, "MAP_DROPPABLE": 8,
    "MEMBARRIER_CMD_GET_REGISTRATIONS": 0x200, "MFD_EXEC": 0x10, "MFD_NOEXEC_SEAL": 8,
    "PR_GET_AUXV": 0x41555856, "PR_SET_MEMORY_MERGE": 67, "PR_GET_MEMORY_MERGE": 68,
    "PR_MDWE_REFUSE_EXEC_GAIN": 1, "PR_MDWE_NO_INHERIT": 2, "PR_RISCV_CTX_SW_FENCEI_ON": 0,
    "PR_RISCV_CTX_SW_FENCEI_OFF": 1, "PR_RISCV_SCOPE_PER_PROCESS": 0,
    "PR_RISCV_SCOPE_PER_THREAD": 1, "RISCV_HWPROBE_EXT_ZCA": 1 << 43,
    "RISCV_HWPROBE_EXT_ZCD": 1 << 45, "SECCOMP_IOCTL_NOTIF_SET_FLAGS": 0x40082104,
    "SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP": 1,
    "NT_RISCV_VECTOR": 0x901, "PR_GET_MDWE": 0x42, "PR_RISCV_SET_ICACHE_FLUSH_CTX": 0x47,
    "PR_RISCV_V_GET_CONTROL": 0x46, "PR_RISCV_V_SET_CONTROL": 0x45,
    "PR_RISCV_V_VSTATE_CTRL_DEFAULT": 0, "PR_RISCV_V_VSTATE_CTRL_OFF": 1,
    "PR_RISCV_V_VSTATE_CTRL_ON": 2, "PR_SET_MDWE": 0x41, "RISCV_HWPROBE_BASE_BEHAVIOR_IMA": 1,
    "RISCV_HWPROBE_EXT_ZBA": 8, "RISCV_HWPROBE_EXT_ZBB": 0x10, "RISCV_HWPROBE_EXT_ZBS": 0x20,
    "RISCV_HWPROBE_EXT_ZICBOZ": 0x40, "RISCV_HWPROBE_IMA_C": 2, "RISCV_HWPROBE_IMA_FD": 1,
    "RISCV_HWPROBE_IMA_V": 4, "RISCV_HWPROBE_KEY_BASE_BEHAVIOR": 3,
    "RISCV_HWPROBE_KEY_CPUPERF_0": 5, "RISCV_HWPROBE_KEY_HIGHEST_VIRT_ADDRESS": 7,
    "RISCV_HWPROBE_KEY_IMA_EXT_0": 4, "RISCV_HWPROBE_KEY_MARCHID": 1,
    "RISCV_HWPROBE_KEY_MIMPID": 2, "RISCV_HWPROBE_KEY_MISALIGNED_SCALAR_PERF": 9,
    "RISCV_HWPROBE_KEY_MVENDORID": 0, "RISCV_HWPROBE_KEY_TIME_CSR_FREQ": 8,
    "RISCV_HWPROBE_KEY_ZICBOZ_BLOCK_SIZE": 6, "RISCV_HWPROBE_MISALIGNED_EMULATED": 1,
    "RISCV_HWPROBE_MISALIGNED_FAST": 3, "RISCV_HWPROBE_MISALIGNED_MASK": 7,
    "RISCV_HWPROBE_MISALIGNED_SLOW": 2, "RISCV_HWPROBE_MISALIGNED_UNKNOWN": 0,
    "RISCV_HWPROBE_MISALIGNED_UNSUPPORTED": 4, "RISCV_HWPROBE_WHICH_CPUS": 1,
    "FUTEX2_PRIVATE": 128, "FUTEX2_SIZE_MASK": 3, "FUTEX2_SIZE_U32": 2,
    "PR_RISCV_V_VSTATE_CTRL_CUR_MASK": 3, "PR_RISCV_V_VSTATE_CTRL_NEXT_MASK": 0xc,
    "PR_RISCV_V_VSTATE_CTRL_INHERIT": 0x10, "PR_RISCV_V_VSTATE_CTRL_MASK": 0x1f,
    "PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG": 0x4211,
    "PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG": 0x4210, "RISCV_V_MAGIC": 0x53465457, "RWF_NOAPPEND": 0x20, "STATX_MNT_ID_UNIQUE": 0x4000,
    "STATX_SUBVOL": 0x8000, "STATX_WRITE_ATOMIC": 0x10000,
}
NEWER_MEMBERS = {
    ("tcp_info", "tcpi_rcv_wnd"), ("tcp_info", "tcpi_rehash"), ("tcp_info", "tcpi_total_rto"),
    ("tcp_info", "tcpi_total_rto_recoveries"), ("tcp_info", "tcpi_total_rto_time"),
    ("landlock_ruleset_attr", "handled_access_net"),
    ("landlock_ruleset_attr", "scoped"),
    ("rseq", "node_id"),
    ("rseq", "mm_cid"),
    ("sigcontext", "sc_extdesc"),
    ("statx", "stx_subvol"),
    ("statx", "stx_atomic_write_unit_min"),
    ("statx", "stx_atomic_write_unit_max"),
    ("statx", "stx_atomic_write_segments_max"),
}
NEWER_STRUCTS = {
    "__riscv_ctx_hdr", "__riscv_extra_ext_header", "__riscv_v_ext_state", "ptrace_sud_config",
    "riscv_hwprobe", "landlock_net_port_attr", "procmap_query", "uffdio_move", "uffdio_poison",
    "statmount", "mnt_id_req",
}
LONGER_STRUCTS = {"landlock_ruleset_attr", "tcp_info"}  # that grew since

Struct = namedtuple("Struct", "size members")
Member = namedtuple("Member", "offset size type")


def run(*args, text=None):
    done = subprocess.run(args, input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit("abi_headers: %s failed:\n%s" % (args[0], done.stderr))
    return done.stdout


class Unit:
    """One set of headers, compiled."""

    def __init__(self, work, name, source, flags):
        self.path = work / (name + ".c")
        self.source = source
        self.flags = ["-x", "c", "-std=gnu11", "-O1", "-w", *flags]
        self.path.write_text(source)
        self.macros = self._macros(source)
        for macro in self._macros(""):
            self.macros.pop(macro, None)
        obj = work / (name + ".o")
        run(CROSS + "gcc", *self.flags, "-g", "-gdwarf-4", "-fno-eliminate-unused-debug-types",
            "-c", "-o", str(obj), str(self.path))
        self.types, self.structs, self.enums = parse_dwarf(
            run(CROSS + "readelf", "--wide", "--debug-dump=info", str(obj)))

    def _macros(self, source):
        out = run(CROSS + "gcc", *self.flags, "-dM", "-E", "-", text=source)
        return dict(m.groups() for m in re.finditer(r"^#define (\w+) (.+)$", out, re.M))

    def values(self, names):
        """The values of constant expressions, by name; strings as their text."""
        body = []
        result = {}
        for name in names:
            if self.macros[name].startswith('"'):
                result[name] = self.macros[name]
            else:
                body.append('asm volatile("#ABI %s %%0" :: "i"((long)(%s)));' % (name, name))
        asm = run(CROSS + "gcc", *self.flags, "-S", "-o", "-", "-",
                  text=self.source + "\nvoid values(void)\n{\n" + "\n".join(body) + "\n}\n")
        for m in re.finditer(r"#ABI (\w+) (-?\d+)", asm):
            result[m.group(1)] = int(m.group(2))
        return result

    def struct(self, name):
        return self.structs.get(name)

    def member(self, struct, name):
        """Offset and size of a member; a macro may lead to it (si_pid, s6_addr)."""
        if name in struct.members:
            return struct.members[name]
        path = self.macros.get(name, "")
        if not re.fullmatch(r"\w+(\.\w+)*", path) or path == name:
            return None
        offset, size, at = 0, 0, None
        for step in path.split("."):
            inner = struct if at is None else self.types.get(at)
            member = self.member(inner, step) if inner else None
            if not member:
                return None
            offset, size, at = offset + member.offset, member.size, member.type
        return Member(offset, size, at)


def parse_dwarf(dump):
    """Structures by their die and by name, and enumerators, from readelf's dump."""
    dies, stack = {}, []
    for line in dump.splitlines():
        m = re.match(r" <(\d+)><([0-9a-f]+)>: Abbrev Number: \d+ \((\w+)\)", line)
        if m:
            depth, at = int(m.group(1)), int(m.group(2), 16)
            die = {"tag": m.group(3)[7:], "kids": []}
            dies[at] = die
            del stack[depth:]
            if stack:
                stack[-1]["kids"].append(die)
            stack.append(die)
            continue
        m = re.match(r"\s+<[0-9a-f]+>\s+DW_AT_(\w+)\s*: ?(.*)", line)
        if m and stack:
            # Newer readelfs print the form, "(data1) 24"; names may be indirect.
            value = re.sub(r"^\(\w+\)\s*", "", m.group(2).strip())
            stack[-1][m.group(1)] = re.sub(r"^\(.*?\): ", "", value)

    def number(text):
        return int(re.search(r"-?(0x[0-9a-f]+|\d+)", text).group(0), 0)

    def ref(die):
        return int(re.search("<0x([0-9a-f]+)>", die["type"]).group(1), 16) if "type" in die else None

    def strip(at):
        while at is not None and dies[at]["tag"] in ("typedef", "const_type", "volatile_type"):
            at = ref(dies[at])
        return at

    def size_of(at):
        at = strip(at)
        if at is None:
            return 0
        die = dies[at]
        if die["tag"] == "array_type":
            n = 1
            for kid in die["kids"]:
                if kid["tag"] == "subrange_type":
                    if "count" in kid:
                        n *= number(kid["count"])
                    elif "upper_bound" in kid:
                        n *= number(kid["upper_bound"]) + 1
                    else:
                        n = 0
            return n * size_of(ref(die))
        return number(die.get("byte_size", "8"))

    def members(die, base, found):
        for kid in die["kids"]:
            if kid["tag"] != "member":
                continue
            offset = base + number(kid.get("data_member_location", "0"))
            inner = strip(ref(kid))
            if "name" in kid:
                found[kid["name"]] = Member(offset, size_of(inner), inner)
            elif "data_bit_offset" not in kid:
                members(dies[inner], offset, found)
        return found

    types, structs, enums = {}, {}, {}
    for at, die in dies.items():
        if die["tag"] in ("structure_type", "union_type") and "declaration" not in die:
            types[at] = Struct(number(die["byte_size"]), members(die, 0, {}))
            if "name" in die:
                structs[die["name"]] = types[at]
        elif die["tag"] == "enumerator":
            enums[die["name"]] = number(die["const_value"])
    for die in dies.values():
        target = strip(ref(die)) if die["tag"] == "typedef" else None
        if target in types:
            structs.setdefault(die["name"], types[target])
    return types, structs, enums


def includes(headers):
    return "".join("#if __has_include(<%s>)\n#include <%s>\n#endif\n" % (h, h) for h in headers)


class Check:
    def __init__(self, work, linux, glibc, include):
        headers = sorted(p.name for p in (include / "uapi").glob("*.h"))
        self.ours = Unit(work, "ours", "".join("#include <uapi/%s>\n" % h for h in headers),
                         ["-ffreestanding", "-I", str(include)])
        self.theirs = [linux, glibc]
        self.errors = []
        self.compared = 0

    def constants(self):
        names = [n for n, body in self.ours.macros.items()
                 if not n.startswith("UAPI_") and n != "__user"]
        ours = self.ours.values(names)
        known = {}
        for unit in self.theirs:
            known.update(unit.values([n for n in names if n in unit.macros and n not in known]))
            known.update((n, v) for n, v in unit.enums.items() if n not in known)
        for name in sorted(names):
            if name not in ours:
                self.errors.append("%s: not a constant" % name)
                continue
            want = known.get(name, KERNEL_ONLY.get(name, NEWER.get(name)))
            self.compared += 1
            if want is None:
                self.errors.append("%s: in no header of Linux or glibc" % name)
            elif not same(ours[name], want):
                self.errors.append("%s is %s, Linux has %s" % (name, show(ours[name]), show(want)))

    def structures(self):
        for name, ours in sorted(self.ours.structs.items()):
            if name in KERNEL_ONLY_STRUCTS:
                continue
            for unit in self.theirs:
                theirs = unit.struct(STRUCT_NAMES.get(name, name))
                if theirs:
                    self.structure(name, ours, unit, theirs)
                    break
            else:
                if name not in NEWER_STRUCTS:
                    self.errors.append("struct %s: in no header of Linux or glibc" % name)

    def structure(self, name, ours, unit, theirs):
        self.compared += 1
        if ours.size != theirs.size and name not in LONGER_STRUCTS:
            self.errors.append("struct %s has %d bytes, Linux's %d" % (name, ours.size, theirs.size))
        for member, mine in ours.members.items():
            if member.endswith("_"):
                continue
            alias = MEMBER_NAMES.get((name, member))
            other = unit.member(theirs, alias or member)
            self.compared += 1
            if not other:
                if (name, member) not in NEWER_MEMBERS:
                    self.errors.append("struct %s: Linux's has no %s" % (name, member))
            elif mine.offset != other.offset or (mine.size != other.size and not alias):
                self.errors.append("%s.%s: offset %d size %d, Linux has %d and %d" % (
                    name, member, mine.offset, mine.size, other.offset, other.size))

    def run(self):
        self.constants()
        self.structures()
        return self.errors


def same(a, b):
    """Equal, or equal as 32-bit numbers of either sign."""
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return a == b or (a ^ b) & 0xffffffffffffffff == 0xffffffff << 32 and -2**31 <= min(a, b)


def show(value):
    return value if isinstance(value, str) else "%d (%#x)" % (value, value & 0xffffffffffffffff)


# Changes that the self-test makes: file, what, by what.
MUTATIONS = [
    ("errno.h", r"(#define ENOSYS\s+)38", r"\g<1>39"),
    ("fcntl.h", r"(#define O_CLOEXEC\s+)02000000", r"\g<1>01000000"),
    ("socket.h", r"(#define AF_NETLINK\s+)16", r"\g<1>15"),
    ("ioctl.h", r"_IOR\(0x12, 114, unsigned long\)", "_IOR(0x12, 114, int)"),
    ("elf.h", r"177ELF", "177ELf"),
    ("stat.h", r"\tint st_blksize;\n\tint pad2_;", "\tint pad2_;\n\tint st_blksize;"),
    ("signal.h", r"\t\t\tlong si_band;", "\t\t\tint si_band;"),
    ("termios.h", r"(#define NCCS\s+)19", r"\g<1>18"),
]


def self_test(work, linux, glibc):
    failures = 0
    before = Check(work, linux, glibc, ROOT / "kernel/include").run()
    for i, (name, what, by) in enumerate(MUTATIONS):
        include = work / ("mutant%d" % i)
        shutil.copytree(ROOT / "kernel/include", include)
        path = include / "uapi" / name
        text = re.sub(r"^UAPI_(SIZE|OFFSET)\(.*\n", "", path.read_text(), flags=re.M)
        changed = re.sub(what, by, text, count=1)
        path.write_text(changed)
        found = [e for e in Check(include, linux, glibc, include).run() if e not in before]
        print("%s self-test %s: %s" % ("ok" if found else "FAIL", name,
                                       found[0] if found else "the change was not found"))
        failures += not found
    return failures


def main():
    args = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    args.add_argument("--self-test", action="store_true")
    args.add_argument("--headers", metavar="DIR", type=Path,
                      help="an unpacked linux-libc-dev's usr/include, in place of the installed one")
    args = args.parse_args()
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        flags = [f for d in ([args.headers, args.headers / "riscv64-linux-gnu"]
                             if args.headers else []) for f in ("-isystem", str(d))]
        linux = Unit(work, "linux", includes(LINUX), flags)
        glibc = Unit(work, "glibc", includes(GLIBC), ["-D_GNU_SOURCE"])
        if args.self_test:
            sys.exit(self_test(work, linux, glibc) != 0)
        check = Check(work, linux, glibc, ROOT / "kernel/include")
        errors = check.run()
    for error in errors:
        print("abi_headers: " + error, file=sys.stderr)
    print("abi_headers: %d values compared, %d differ" % (check.compared, len(errors)))
    sys.exit(errors != [])


if __name__ == "__main__":
    main()
