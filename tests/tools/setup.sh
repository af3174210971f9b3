#!/bin/sh
# setup.sh build|qemu|debug|profile|test|coverage|check|fetch|oracle|bench: see that the tools for a
# job are there, and install what is missing with apt-get, as root or through sudo. It looks for
# commands and files, so that nothing is asked of apt when all is there.
#   NO_INSTALL=1  print the command instead, and stop
#   CI=true       never ask anything
set -eu
job=${1:?what for}
missing= why=

# need PACKAGE WHAT-FOR TEST...: note PACKAGE when the test fails
need() {
	pkg=$1 what=$2
	shift 2
	if ! "$@" >/dev/null 2>&1; then
		missing="$missing $pkg"
		why="$why  $pkg: $what
"
	fi
}
have() { command -v "$1"; }
pymod() { /usr/bin/python3 -c "import $1"; }
# Names that differ from release to release. apt knows; without package lists the release tells.
release() {
	# shellcheck disable=SC1090,SC1091
	(. "${OS_RELEASE:-/etc/os-release}" && echo "$ID-${VERSION_ID:-99}")
}
# qemu-system-riscv from Debian 13 on, qemu-system-misc before.
qemu_package() {
	for p in qemu-system-riscv qemu-system-misc; do
		if apt-cache show $p 2>/dev/null | grep -q '^Filename:'; then
			echo $p
			return
		fi
	done
	case $(release) in
	debian-1[0-2] | ubuntu-2[0-4]*) echo qemu-system-misc ;;
	*) echo qemu-system-riscv ;;
	esac
}
# clang's version is in the name of its libraries: libclang-rt-14-dev.
fuzzer_package() {
	v=$(apt-cache show clang 2>/dev/null |
		sed -n 's/^Version: \(.*:\)\{0,1\}\([0-9]*\)\..*/\2/p' | head -n 1)
	[ -n "$v" ] || case $(release) in
	debian-12) v=14 ;;
	ubuntu-24.04) v=18 ;;
	*) v=19 ;;
	esac
	echo "libclang-rt-$v-dev"
}
fuzzer() {
	have clang && [ -n "$(find "$(clang -print-resource-dir)/" -name '*clang_rt.fuzzer*.a')" ]
}
firmware() {
	for d in /usr/share/qemu /usr/share/opensbi /usr/lib/riscv64-linux-gnu/opensbi \
		/usr/local/share/qemu; do
		for f in "$d"/opensbi-riscv64-generic-fw_dynamic.bin "$d"/generic/fw_dynamic.bin \
			"$d"/generic/firmware/fw_dynamic.bin; do
			[ ! -e "$f" ] || return 0
		done
	done
	d=$(command -v qemu-system-riscv64) &&
		[ -e "${d%/bin/*}/share/qemu/opensbi-riscv64-generic-fw_dynamic.bin" ]
}

need_build() {
	need make "runs the build" have make
	need gcc-riscv64-linux-gnu "compiles the kernel and its programs" have riscv64-linux-gnu-gcc
	need libc6-dev-riscv64-cross "C library for programs under test" \
		test -e /usr/riscv64-linux-gnu/lib/libc.a
	need python3 "generates the system call table, runs tarn" test -x /usr/bin/python3
	need tar "makes root archives" have tar
}
need_qemu() {
	need QEMU "the machine Tarn runs on" have qemu-system-riscv64
	need opensbi "the firmware under the kernel" firmware
}
need_fetch() {
	need dpkg "unpacks Debian packages" have dpkg-deb
	need debian-archive-keyring "checks what is downloaded" \
		test -e /usr/share/keyrings/debian-archive-keyring.gpg
	need ca-certificates "for mirrors on https" test -e /etc/ssl/certs/ca-certificates.crt
}
need_debug() {
	need gdb-multiarch "the debugger, for riscv64" have gdb-multiarch
	need qemu-utils "makes the file for a recording's snapshot" have qemu-img
}
need_profile() {
	need gcc "compiles what runs here: the profiler's part in QEMU, host tests" have gcc
	need libc6-dev "headers for it" test -e /usr/include/stdio.h
	need libdevel-nytprof-perl "draws flame graphs" \
		test -e /usr/share/perl5/Devel/NYTProf/flamegraph.pl
}
need_test() {
	need python3-pytest "runs the tests" pymod pytest
	need python3-pexpect "types at the machine" pymod pexpect
	need git "tests of a given revision" have git
	need python3-pyelftools "the line table, for coverage" pymod elftools
	need g++-riscv64-linux-gnu "the C++ program of the suites" have riscv64-linux-gnu-g++
	need clang "the fuzz targets" have clang
	need FUZZER "clang's library for the fuzz targets" fuzzer
	need libarchive-tools "archives of another maker, for the tar tests" have bsdtar
	need busybox "one more reader of archives" have busybox
	need man-db "looks the manual pages of mkfs/ through" have man
	need xz-utils "compressed archives" have xz
	need zstd "compressed archives" have zstd
	need curl "fetches from servers on Tarn" have curl
	need openssh-client "logs in on Tarn" have ssh
	need cmake "builds an example of the SDK" have cmake
	need meson "builds another" have meson
	need pkgconf "tells of libraries in the SDK" have pkg-config
	need openssl "certificates for the servers" have openssl
	need sparse "tests of what checks user pointers" have sparse
}
need_check() {
	need clang "the second compiler" have clang
	need clang-format "the layout of the code" have clang-format
	need clang-tidy "finds mistakes in C" have clang-tidy
	need cppcheck "finds more of them" have cppcheck
	need codespell "reads the book" have codespell
	need sparse "checks user pointers" have sparse
	need linux-libc-dev-riscv64-cross "the headers the ABI is compared with" \
		test -e /usr/riscv64-linux-gnu/include/linux/futex.h
}
need_coverage() {
	need gcovr "the host tests' coverage" have gcovr
}
need_oracle() {
	need cpio "the initramfs of the reference Linux" have cpio
}
need_bench() {
	need gcc "compiles what counts in QEMU" have gcc
	need e2fsprogs "an ext4 for Linux beside" test -x /usr/sbin/mkfs.ext4 -o -x /sbin/mkfs.ext4
}

case $job in
build) need_build ;;
qemu) need_build; need_qemu; need_fetch ;;
fetch) need_fetch ;;
debug) need_build; need_qemu; need_fetch; need_debug ;;
profile) need_build; need_qemu; need_fetch; need_profile ;;
test) need_build; need_qemu; need_fetch; need_debug; need_profile; need_test ;;
check) need_build; need_check ;;
coverage) need_build; need_qemu; need_fetch; need_debug; need_profile; need_test; need_coverage ;;
oracle) need_build; need_qemu; need_fetch; need_oracle ;;
bench) need_build; need_qemu; need_fetch; need_bench ;;
*) echo "setup.sh: unknown job $job" >&2; exit 2 ;;
esac
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
	{
		echo "Missing for 'make $job' (names as in Debian; this machine has no apt-get):"
		printf '%s' "$why"
	} >&2
	exit 1
fi
sudo=
[ "$(id -u)" = 0 ] || sudo="sudo "

# names TEXT: with the names of this release
names() {
	case $1 in *QEMU* | *FUZZER*) ;; *) echo "$1" && return ;; esac
	echo "$1" | sed "s/QEMU/$(qemu_package)/;s/FUZZER/$(fuzzer_package)/"
}
if [ -n "${NO_INSTALL:-}" ]; then
	{
		echo "Missing for '$job':"
		names "${why%?}"
		echo "Install with:"
		printf '  %sapt-get update && ' "$sudo"
		echo "${sudo}apt-get install --no-install-recommends$(names "$missing")"
	} >&2
	exit 1
fi

{ echo "Tarn needs some packages for '$job':"; names "${why%?}"; } >&2
if [ -n "$sudo" ] && ! command -v sudo >/dev/null; then
	echo "Not root and no sudo here: install them as root, then come back." >&2
	exit 1
fi
# CI, or no terminal to ask on: sudo must not stop and wait for a password.
if [ -n "$sudo" ] && { [ "${CI:-}" = true ] || [ ! -t 0 ]; }; then
	sudo="sudo -n "
fi
apt() {
	${sudo}env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 \
		-o Acquire::Retries=3 "$@"
}
echo "  ${sudo}apt-get update" >&2
apt update >&2 || echo "apt-get update failed; trying with the lists there are" >&2
missing=$(names "$missing")
echo "  ${sudo}apt-get install --no-install-recommends$missing" >&2
# shellcheck disable=SC2086  # a list of package names
apt install -y --no-install-recommends $missing >&2 || {
	echo "apt-get could not install:$missing" >&2
	exit 1
}
