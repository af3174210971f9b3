#!/usr/bin/python3
"""Runs packetdrill's scripts against the host's build of our TCP.

packetdrill.py [-v] [-6] PACKETDRILL FOLDER [SCRIPT...]

PACKETDRILL is the program, FOLDER has scripts below it; SCRIPTs are names within it, all if there
are none. Make build/host/libtarn_tcp.so first. What fails is printed with packetdrill's last line
(-v: all of them), and the status says whether something did. -6: IPv6; scripts whose names end in
v6 are run so anyhow.

A script's sysctl, ip, tc, ethtool and nstat are ours: they write what they are asked for into a
file that the library reads (net/packetdrill_net.c). The folder is copied, since scripts call
set_sysctls.py by a path. Needs unshare(1) and its privileges; nothing of the host is changed.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]

HELPERS = {
    "sysctl": r"""
while [ $# -gt 0 ]; do
	case "$1" in
	-*) ;;
	*tcp_fastopen_cookies*) exit 255;;
	*=*) k="${1%%=*}"; echo "$(echo "$k" | tr / . | tr -d ' ')=$(echo "${1#*=}" | tr -d '"')" \
		>> "$TARN_SYSCTL";;
	*) sed -n "s/^$1=//p" "$TARN_SYSCTL" | tail -n 1;;
	esac
	shift
done""",
    "ip": r"""
word() { echo "$1" | sed -n "s/.* $2 \(lock \)*\([0-9]*\).*/\2/p"; }
case " $*" in
*tcp_metrics*flush*) echo flush;;
*\ ro*\ change*|*\ ro*\ replace*)
	for k in advmss initcwnd; do v=$(word " $*" $k); echo "$k=${v:-0}"; done
	v=$(word " $*" mtu); [ -z "$v" ] || echo "mtu=$v";;
*\ link\ set\ *mtu*) echo "link=$(word " $*" mtu)";;
esac >> "$TARN_SYSCTL" """,
    "tc": r"""
case "$*" in *limit\ 0*) echo drop=1;; *) echo drop=0;; esac >> "$TARN_SYSCTL" """,
    "ethtool": r"""
case "$*" in *so\ off*) echo gso=0;; *) echo gso=1;; esac >> "$TARN_SYSCTL" """,
    "nstat": r"""
[ "$1" = -n ] || cat "$TARN_SYSCTL.nstat" 2>/dev/null
exit 0""",
    "iptables": "exit 0",
    "set_sysctls.py": r"""
for a; do echo "$(echo "${a%%=*}" | sed 's,^/proc/sys/,,' | tr / .)=${a#*=}"; done >> "$TARN_SYSCTL"
restore=/tmp/sysctl_restore_${PACKETDRILL_PID:-0}.sh
printf '#!/bin/sh\nrm -f $0\n' > $restore; chmod +x $restore""",
}

DEFINES = ["TFO_COOKIE=3021b9d889017eeb", "TFO_COOKIE_ZERO=b7c12350a90dc8f5",
           "CODE=host_unreachable", "CMSG_LEVEL_IP=SOL_IP", "CMSG_TYPE_RECVERR=IP_RECVERR"]
V4 = ["--ip_version=ipv4", "--local_ip=192.168.0.1", "--gateway_ip=192.168.0.1",
      "--netmask_ip=255.255.0.0", "--remote_ip=192.0.2.1"]
V6 = ["--ip_version=ipv6", "--mtu=1520", "--local_ip=fd3d:0a0b:17d6::1",
      "--gateway_ip=fd3d:0a0b:17d6:8888::1", "--remote_ip=fd3d:fa7b:d17d::1"]


def write_helper(path, text):
    """An executable file of a shell's lines."""
    path.write_text("#!/bin/sh\n" + text.strip() + "\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def run_script(args, scripts, helpers, script):
    """Whether it passed, and what packetdrill said."""
    with tempfile.TemporaryDirectory() as scratch:
        settings = pathlib.Path(scratch, "settings")
        text = (scripts / script).read_text(errors="replace")
        mss = re.search(r"^--mss=(\d+)", text, re.M)
        env = dict(os.environ, TARN_SYSCTL=str(settings), PATH=f"{helpers}:{os.environ['PATH']}")
        version = re.search(r"^--ip_version=ipv([46])$", text, re.M)
        v6 = version[1] == "6" if version else args.v6 or script.stem.endswith("v6")
        # The device: its MTU is the one that packetdrill is told below.
        settings.write_text(("link=1520\n" if v6 else "") + (f"mss={mss[1]}\n" if mss else ""))
        command = ["unshare", "-n", "-m", "bash", "-c",
                   # Some scripts are written for a shell that has more than POSIX.
                   'mount --bind "$(command -v bash)" "$(readlink -f /bin/sh)" && exec "$@"', "-",
                   # It calls close and getsockopt past its interface (packetdrill.c).
                   "env", f"LD_PRELOAD={pathlib.Path(args.library).resolve()}",
                   str(args.packetdrill), f"--so_filename={args.library}", "--send_omit_free",
                   "--tolerance_usecs=10000", *(f"-D{d}" for d in DEFINES),
                   *(V6 if v6 else V4), script.name]
        try:
            done = subprocess.run(command, cwd=scripts / script.parent, env=env, text=True,
                                  capture_output=True, errors="replace", timeout=60, check=False)
        except subprocess.TimeoutExpired:
            return False, "it does not end"
        return done.returncode == 0, (done.stdout + done.stderr).strip()


def main():
    """Runs what the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("-v", dest="verbose", action="store_true")
    parser.add_argument("-6", dest="v6", action="store_true")
    parser.add_argument("--library", default=TOP / "build/host/libtarn_tcp.so")
    parser.add_argument("packetdrill", type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("script", nargs="*")
    args = parser.parse_args()
    passed, names = 0, []
    with tempfile.TemporaryDirectory() as scratch:
        scripts, helpers = pathlib.Path(scratch, "scripts"), pathlib.Path(scratch, "helpers")
        shutil.copytree(args.folder, scripts)
        helpers.mkdir()
        for name, text in HELPERS.items():
            write_helper(helpers / name, text)
        # Scripts say ../common or ../../common, however deep they are.
        for common in {p.parent for p in scripts.rglob("defaults.sh")}:
            write_helper(common / "set_sysctls.py", HELPERS["set_sysctls.py"])
            if common.parent == scripts:
                shutil.copytree(common, pathlib.Path(scratch, "common"), dirs_exist_ok=True)
        names = sorted(p.relative_to(scripts) for p in scripts.rglob("*.pkt")
                       if not args.script or str(p.relative_to(scripts)) in args.script)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda n: run_script(args, scripts, helpers, n), names)
            for name, (good, said) in zip(names, results):
                passed += good
                if not good:
                    print(f"FAIL {name}: {said if args.verbose else said[-200:]}", flush=True)
    print(f"{passed} of {len(names)} pass")
    return passed != len(names)


if __name__ == "__main__":
    sys.exit(main())
