#!/bin/sh
# debian.sh NAME...: fetch things of Debian's that tests and the default root use, by package name,
# through apt-get with a configuration of its own (nothing of the machine's apt changes), into
# build/cache/NAME, and leave build/cache/NAME.stamp. Each is fetched once.
#
#   busybox   busybox/busybox: the static riscv64 busybox
#   linux     linux/Image: the riscv64 kernel, the reference for tests/abi; linux/modules
#   linuxnet  linuxnet/: the modules of that kernel for a network card, by the order in which they load
#   linuxfs   linuxfs/: those for overlayfs, loop devices and ext4 on a disk, likewise
#   libc      libc/: a root with the riscv64 C and C++ libraries
#   musl      musl/: riscv64 musl-dev, and binutils for this machine; musl/bin/musl-gcc
#   rust      rust/bin/rustc: this machine's rustc with the riscv64 standard library
#   stress    stress/: a root with riscv64 stress-ng and the libraries it is linked with
#   rusttests rusttests/library: the sources of Rust's library with its own tests; rand, which they use
#   go        go/bin/go: this machine's Go
#   programs  programs/: a root with riscv64 programs that tests/strace traces, and strace itself
#   nettools  nettools/: a root with riscv64 iproute2, net-tools and ping
#   systools  systools/: a root with riscv64 procps, util-linux, psmisc, lsof, less and tmux
#   gdb       gdb/: a root with riscv64 gdb and all that it is linked with
#   tcpdump   tcpdump/: a root with riscv64 tcpdump
#   netapps   netapps/: a root with riscv64 curl, wget, nginx, redis, OpenSSH, dnsmasq and their like
#   nethost   nethost/bin: this machine's wrk, redis-benchmark and iperf3
#   picolibc  picolibc/libc.a: the functions of mathematics that libposix is linked with
#   languages languages/: a root with riscv64 compilers, interpreters and data bases
#   python    python/: a root with riscv64 Python and its own tests
#   debian    debian/pool: the packages of a riscv64 Debian, debian/base: names of those that a small one has
#
# The mirror is the one of the machine's own apt settings; DEBIAN_MIRROR=URL names another, and must
# where these have none of Debian's. `debian.sh mirror` prints which. CACHE= names another folder.
set -eu
suite=trixie
die() { echo "debian.sh: $*" >&2; exit 1; }

# The mirror of Debian that this machine's apt uses. What has been downloaded says whose it is;
# without lists the addresses must do, and only on Debian itself: elsewhere one that ends in
# /debian may be anybody's.
find_mirror() {
	if [ -n "${DEBIAN_MIRROR:-}" ]; then
		echo "$DEBIAN_MIRROR"
		return
	fi
	m=$(apt-get indextargets --format '$(SITE)' 'Identifier: Packages' 'Origin: Debian' \
		'Label: Debian' 2>/dev/null | head -n 1) || true
	# shellcheck disable=SC1090,SC1091
	if [ -z "$m" ] && [ "$(. "${OS_RELEASE:-/etc/os-release}" && echo "$ID")" = debian ]; then
		uri="'\([^']*/debian/*\)/dists/\([^/']*\)/InRelease'"
		all=$(apt-get update --print-uris 2>/dev/null | sed -n "s,^$uri.*,\2 \1,p") || true
		# somebody else's archive for Debian has no suite of updates
		m=$(echo "$all" | sed -n 's/^[^ ]*-updates //p' | head -n 1)
		[ -n "$m" ] || m=$(echo "$all" | sed -n '1s/^[^ ]* //p')
	fi
	case $m in
	mirror+file:*) m=$(grep -v '^#' "${m#mirror+file:}" | head -n 1 | cut -f 1) ;;
	esac
	[ -n "$m" ] || die "apt's settings have no mirror of Debian: name one with DEBIAN_MIRROR=URL"
	echo "$m"
}

cache=${CACHE:-build/cache}
if [ "$*" = mirror ]; then
	find_mirror
	exit
fi
mkdir -p "$cache/apt" "$cache/debs"
cache=$(cd "$cache" && pwd)
views=$cache/apt # of $suite
host=$(dpkg --print-architecture)

exec 9> "$cache/apt/lock"
flock 9

# apt_opts ARCH: print apt-get's options for a private view of that architecture
apt_opts() {
	dir=$views/$1
	echo "-o Dir::Etc::sourcelist=$dir/sources.list -o Dir::Etc::sourceparts=/dev/null" \
		"-o Dir::State=$dir/state -o Dir::State::lists=$dir/lists" \
		"-o Dir::State::status=$dir/status -o Dir::Cache=$dir/cache" \
		"-o APT::Architecture=$1 -o APT::Architectures=$1 -o APT::Sandbox::User=root" \
		"-o Acquire::Languages=none -o Acquire::Retries=3" \
		"-o APT::Get::AllowUnauthenticated=0" \
		"-o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30"
}

apt_update() {
	dir=$views/$1
	key=/usr/share/keyrings/debian-archive-keyring.gpg
	mirror=$(find_mirror)
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/state"
	: > "$dir/status"
	unread="can't read the package lists of $suite/$1 from $mirror"
	unread="$unread (no network? or set DEBIAN_MIRROR)"
	echo "deb [arch=$1 signed-by=$key] $mirror $suite main" > "$dir/sources.list"
	# shellcheck disable=SC2046
	apt-get $(apt_opts "$1") -qq update > "$dir/update.log" 2>&1 ||
		{ cat "$dir/update.log" >&2; die "$unread"; }
	# a failed fetch is only a warning to apt-get
	if grep -q '^[WE]: Failed to fetch' "$dir/update.log"; then
		cat "$dir/update.log" >&2
		die "$unread"
	fi
	touch "$dir/updated"
}

# view ARCH: the package lists of ARCH are there
view() {
	[ -e "$views/$1/updated" ] || apt_update "$1"
}

# depends ARCH PACKAGE PATTERN: the dependency of PACKAGE whose name matches PATTERN
depends() {
	view "$1"
	# shellcheck disable=SC2046
	apt-cache $(apt_opts "$1") depends "$2" | sed -n 's/^ *|\{0,1\}Depends: //p' |
		grep -E "^$3\$" | head -n 1
}

# download ARCH PACKAGE: into the folder of package files
download() {
	# shellcheck disable=SC2046
	(cd "$cache/debs" && apt-get $(apt_opts "$1") -qq download "$2" >&2)
}

# need_deb ARCH PACKAGE: set_deb, and download it first when it is not here
need_deb() {
	set_deb "$1" "$2" && return
	download "$1" "$2" || { apt_update "$1"; download "$1" "$2"; } ||
		die "can't download $2 ($suite/$1)"
	set_deb "$1" "$2" || die "apt-get left no package file for $2"
}

# unpack ARCH DIR PACKAGE...: download (once) and extract into DIR
unpack() {
	arch=$1 to=$2
	shift 2
	view "$arch"
	for p; do
		need_deb "$arch" "$p"
		mkdir -p "$to"
		dpkg-deb --fsys-tarfile "$deb" |
			tar -C "$to" -xf - --keep-directory-symlink --no-same-owner
	done
}
# set_deb ARCH PACKAGE: deb=the package's file, when it is here whole
set_deb() {
	deb=
	for f in "$cache/debs/$2"_*_"$1".deb "$cache/debs/$2"_*_all.deb; do
		if [ -e "$f" ] && dpkg-deb -I "$f" >/dev/null 2>&1; then deb=$f; fi
	done
	[ -n "$deb" ]
}

fetch_busybox() {
	unpack riscv64 "$tmp/root" busybox-static
	cp "$(find "$tmp/root" -path '*bin/busybox' -type f | head -n 1)" "$tmp/busybox"
}

linux_image() {
	image=$(depends riscv64 linux-image-riscv64 'linux-image-[0-9].*')
	[ -n "$image" ] || die "no kernel package in $suite/riscv64"
	unpack riscv64 "$tmp/root" "$image"
}

fetch_linux() {
	linux_image
	cp "$(find "$tmp/root/boot" -name 'vmlinu[xz]-*' | head -n 1)" "$tmp/Image"
	mkdir -p "$tmp/modules"
	for m in virtio_mmio virtio_blk virtio_console virtio-rng inet_diag tcp_diag udp_diag raw_diag \
		unix_diag af_packet_diag netlink_diag veth; do
		f=$(find "$tmp/root" -name "$m.ko*" | head -n 1)
		[ -z "$f" ] || cp "$f" "$tmp/modules/"
	done
	xz -dq "$tmp"/modules/*.xz 2>/dev/null || true
	echo "$image" > "$tmp/version"
	rm -rf "$tmp/root"
}

# linux_modules FOLDER MODULE...: the modules, in the order to load them in
linux_modules() {
	tmp=$cache/$1 n=1
	shift
	linux_image
	for m; do
		f=$(find "$tmp/root" -name "$m.ko*" | head -n 1)
		[ -n "$f" ] || die "$image has no module $m"
		case $f in
		*.xz) xz -dc "$f" ;;
		*) cat "$f" ;;
		esac > "$tmp/$n-$m.ko"
		n=$((n + 1))
	done
	rm -rf "$tmp/root"
}

fetch_linuxnet() {
	linux_modules linuxnet virtio_mmio failover net_failover virtio_net
}

fetch_linuxfs() {
	linux_modules linuxfs overlay loop virtio_mmio virtio_blk crc16 mbcache jbd2 ext4 crc32c_generic
}

fetch_libc() {
	unpack riscv64 "$tmp" base-files libc6 libc-bin libgcc-s1 libstdc++6
	rm -rf "$tmp"/usr/share/doc "$tmp"/usr/share/lintian
}

fetch_musl() {
	unpack riscv64 "$tmp/root" musl musl-dev
	unpack "$host" "$tmp/host" libc6 binutils-common binutils-riscv64-linux-gnu libsframe1 \
		libjansson4 libzstd1 zlib1g
	ld_so "$host"
	mkdir -p "$tmp/bin"
	# ld of Debian 12 crashes on this libc.a: the linker is trixie's, the compiler ours.
	cat > "$tmp/bin/ld" <<-X
		#!/bin/sh
		h=\$(dirname "\$(readlink -f "\$0")")/../host
		exec "\$h/$loader" --library-path "\$h/usr/lib/$triple:\$h/lib/$triple" \\
		  "\$h/usr/bin/riscv64-linux-gnu-ld" "\$@"
	X
	cat > "$tmp/bin/musl-gcc" <<-X
		#!/bin/sh
		# a static musl program: musl-gcc -o OUT FILE.c...
		gcc=\$(riscv64-linux-gnu-gcc -print-libgcc-file-name)
		bin=\$(dirname "\$(readlink -f "\$0")")
		musl=\$bin/../root/usr
		lib=\$musl/lib/riscv64-linux-musl
		exec riscv64-linux-gnu-gcc -B"\$bin" -nostdinc \\
		  -isystem "\$musl/include/riscv64-linux-musl" -isystem "\${gcc%/*}/include" \\
		  -nostdlib -static -no-pie -Wl,--no-relax "\$lib/crt1.o" "\$lib/crti.o" "\$@" \\
		  -L"\$lib" -Wl,--start-group -lc "\$gcc" -Wl,--end-group "\$lib/crtn.o"
	X
	chmod +x "$tmp"/bin/*
}

fetch_programs() {
	unpack riscv64 "$tmp" base-files libc6 libtinfo6 strace bash coreutils libacl1 libattr1 libcap2 libgmp10 \
		libselinux1 libpcre2-8-0 libssl3t64 libsystemd0 libzstd1 zlib1g lua5.4 libreadline8t64 make sqlite3 \
		libsqlite3-0 python3.13-minimal libpython3.13-minimal libexpat1 git
	rm -rf "$tmp"/usr/share "$tmp"/usr/lib/git-core
}

fetch_nettools() {
	unpack riscv64 "$tmp" base-files libc6 iproute2 net-tools iputils-ping libbpf1 libelf1t64 libmnl0 \
		libxtables12 libcap2 libselinux1 libpcre2-8-0 libtirpc3t64 libgssapi-krb5-2 libkrb5-3 libk5crypto3 \
		libkrb5support0 libcom-err2 libkeyutils1 libidn2-0 libunistring5 libssl3t64 libzstd1 zlib1g
	rm -rf "$tmp"/usr/share/doc "$tmp"/usr/share/man "$tmp"/usr/lib/tc "$tmp"/usr/share/locale
}

fetch_systools() {
	unpack riscv64 "$tmp" base-files libc6 libc-bin bash coreutils procps libproc2-0 util-linux bsdutils mount \
		psmisc lsof less tmux ncurses-base libtinfo6 libncursesw6 libncurses6 libsystemd0 libcap2 libmount1 \
		libblkid1 libsmartcols1 libuuid1 libselinux1 libpcre2-8-0 libacl1 libattr1 libgmp10 libssl3t64 \
		libzstd1 zlib1g libudev1 libtirpc3t64 libcap-ng0 libcrypt1 libpam0g libaudit1 libutempter0 \
		libevent-core-2.1-7t64 libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 libcom-err2 \
		libkeyutils1 gawk libmpfr6 libreadline8t64 libsigsegv2 grep sed
	rm -rf "$tmp"/usr/share/doc "$tmp"/usr/share/man "$tmp"/usr/share/locale "$tmp"/usr/share/bash-completion
}

fetch_tcpdump() {
	unpack riscv64 "$tmp" base-files libc6 tcpdump libpcap0.8t64 libssl3t64 libzstd1 zlib1g libdbus-1-3 \
		libibverbs1 libnl-3-200 libnl-route-3-200 libsystemd0 libcap2 libgcc-s1
	rm -rf "$tmp"/usr/share
}

# That of Debian 12, so that all linkers from there on take it.
fetch_picolibc() {
	suite=bookworm views=$cache/apt/bookworm
	unpack "$host" "$tmp" picolibc-riscv64-unknown-elf
	suite=trixie views=$cache/apt
	found=$(find "$tmp" -path '*release/rv64imafdc/lp64d/libc.a' -o -path '*release/rv64imafdc/lp64d/libm.a' | sort)
	[ -n "$found" ] || die "no libm for rv64imafdc/lp64d in picolibc-riscv64-unknown-elf"
	# shellcheck disable=SC2086
	mv $found "$tmp"
	rm -rf "$tmp/usr"
}

# installs ARCH PACKAGE...: what apt would install with these on a machine that has nothing
installs() {
	of=$1
	shift
	view "$of"
	# shellcheck disable=SC2046
	apt-get $(apt_opts "$of") -qq -y --print-uris --no-install-recommends install "$@" |
		sed -n "s/^'[^']*' \([^_]*\)_.*/\1/p"
}

# closure ARCH PACKAGE...: these and what they need to run; what only installs or starts them stays away
closure() {
	installs "$@" |
		grep -v -x -E '(deb|lib)conf.*|init-system.*|login.*|passwd|perl-.*|procps|runit-.*|sens.*|sysv.*|ucf|tzdata' |
		grep -v -x -E 'adduser|base-passwd|lsb-base|mount|systemd|lib(db5|debconf|pam-|proc|sem|systemd-|text).*'
}

fetch_gdb() {
	all=$(closure riscv64 gdb)
	[ -n "$all" ] || die "no gdb in $suite/riscv64"
	# shellcheck disable=SC2086
	unpack riscv64 "$tmp" base-files $all
	mv "$tmp/usr/share/gdb" "$tmp/gdb"
	rm -rf "$tmp"/usr/share
	mkdir "$tmp/usr/share"
	mv "$tmp/gdb" "$tmp/usr/share/gdb"
}

# ld_so ARCH: loader= and triple= of a Debian tree of this machine's architecture
ld_so() {
	case $1 in
	amd64) triple=x86_64-linux-gnu loader=usr/lib/$triple/ld-linux-x86-64.so.2 ;;
	arm64) triple=aarch64-linux-gnu loader=usr/lib/$triple/ld-linux-aarch64.so.1 ;;
	riscv64) triple=riscv64-linux-gnu loader=usr/lib/$triple/ld-linux-riscv64-lp64d.so.1 ;;
	*) die "no recipe for running Debian's programs on $1" ;;
	esac
}

fetch_rust() {
	std=$(depends "$host" libstd-rust-dev 'libstd-rust-[0-9].*')
	[ -n "$std" ] || die "no rustc in $suite/$host"
	view "$host"
	llvm=$(depends "$host" "$std" 'libllvm[0-9].*')
	xml=$(depends "$host" "$llvm" 'libxml2.*')
	icu=$(depends "$host" "$xml" 'libicu[0-9].*')
	# shellcheck disable=SC2086  # an empty name is no package
	unpack "$host" "$tmp/root" rustc "$std" $llvm libz3-4 libc6 libgcc-s1 libstdc++6 $xml \
		libedit2 libtinfo6 libbsd0 libmd0 liblzma5 zlib1g libzstd1 libffi8 $icu
	unpack riscv64 "$tmp/root" libstd-rust-dev
	ld_so "$host"
	mkdir -p "$tmp/bin"
	cat > "$tmp/bin/rustc" <<-X
		#!/bin/sh
		# trixie's rustc, through its own loader, for riscv64
		r=\$(dirname "\$(readlink -f "\$0")")/../root
		rustc=\$r/usr/bin/rustc
		exec "\$r/$loader" --library-path "\$r/usr/lib/$triple" --argv0 "\$rustc" "\$rustc" \\
		  --sysroot "\$r/usr" --target riscv64gc-unknown-linux-gnu \\
		  -C linker=riscv64-linux-gnu-gcc "\$@"
	X
	chmod +x "$tmp/bin/rustc"
	rm -rf "$tmp/root/usr/share/doc"
}

fetch_netapps() {
	all=$(closure riscv64 curl wget nginx-light redis-server openssh-server openssh-client dropbear-bin \
		dnsmasq-base dash iperf3 openssl tcpdump traceroute netcat-openbsd socat iproute2 net-tools iputils-ping libc-bin)
	[ -n "$all" ] || die "no nginx in $suite/riscv64"
	# shellcheck disable=SC2086
	unpack riscv64 "$tmp" base-files $all
	rm -rf "$tmp"/usr/share/doc "$tmp"/usr/share/man "$tmp"/usr/share/locale "$tmp"/usr/share/lintian
}

# A program of trixie's runs through its own loader; wrappers find theirs beside themselves, so the tree may be moved.
fetch_nethost() {
	all=$(closure "$host" wrk redis-tools iperf3)
	[ -n "$all" ] || die "no wrk in $suite/$host"
	# shellcheck disable=SC2086
	unpack "$host" "$tmp/root" $all
	ld_so "$host"
	mkdir -p "$tmp/bin"
	for p in wrk redis-benchmark iperf3; do
		cat > "$tmp/bin/$p" <<-X
			#!/bin/sh
			r=\$(dirname "\$(readlink -f "\$0")")/../root
			exec "\$r/$loader" --library-path "\$r/usr/lib/$triple" "\$r/usr/bin/$p" "\$@"
		X
		chmod +x "$tmp/bin/$p"
	done
	rm -rf "$tmp"/root/usr/share/doc "$tmp"/root/usr/share/man
}

fetch_python() {
	all=$(closure riscv64 python3.13 libpython3.13-testsuite)
	[ -n "$all" ] || die "no Python in $suite/riscv64"
	# shellcheck disable=SC2086
	unpack riscv64 "$tmp" base-files $all
	rm -rf "$tmp"/usr/share/doc "$tmp"/usr/share/man "$tmp"/usr/share/lintian
}

fetch_debian() {
	small="base-files base-passwd bash coreutils dash debianutils diffutils dpkg apt findutils grep gzip hostname
		libc-bin mawk perl-base sed tar util-linux xz-utils attr"
	mkdir "$tmp/pool"
	# shellcheck disable=SC2086
	{
		installs riscv64 $small > "$tmp/base"
		all=$(installs riscv64 $small git gcc libc6-dev make sqlite3 rsync patch less file bc zip unzip)
	}
	[ -n "$all" ] || die "no base system in $suite/riscv64"
	for p in $all; do
		need_deb riscv64 "$p"
		ln "$deb" "$tmp/pool/"
	done
}

# Data bases start as users of their own; what the packages' scripts would make is made by who runs them.
fetch_languages() {
	all=$(installs riscv64 base-passwd bash dash coreutils grep sed findutils mawk hostname util-linux procps libc-bin gcc \
		libc6-dev rustc openjdk-21-jdk-headless nodejs erlang-base ruby php-cli perl sbcl guile-3.0 tcl luajit ocaml-nox \
		postgresql-17 mariadb-server)
	[ -n "$all" ] || die "no OpenJDK in $suite/riscv64"
	# shellcheck disable=SC2086
	unpack riscv64 "$tmp" base-files $all
	ln -sf mawk "$tmp/usr/bin/awk"
	rm -rf "$tmp"/usr/share/doc "$tmp"/usr/share/man "$tmp"/usr/share/locale "$tmp"/usr/share/lintian
}

fetch_rusttests() {
	unpack "$host" "$tmp/root" rust-src librust-rand-dev librust-rand-core-dev librust-rand-xorshift-dev
	mv "$tmp"/root/usr/src/rustc-*/library "$tmp/library"
	for p in rand rand_core rand_xorshift; do
		mv "$tmp/root/usr/share/cargo/registry/$p"-[0-9]* "$tmp/$p"
	done
	rm -rf "$tmp/root"
}

# What it needs of a graphics driver is never used: Mesa itself stays away.
fetch_stress() {
	unpack riscv64 "$tmp" base-files libc6 libgcc-s1 libstdc++6 stress-ng libacl1 libapparmor1 libbsd0 libmd0 \
		libcrypt1 libegl1 libgles2 libglvnd0 libgbm1 libdrm2 libexpat1 libgmp10 libjpeg62-turbo libwayland-server0 libffi8 \
		libjudydebian1 libkmod2 libssl3t64 liblzma5 libzstd1 libmpfr6 libsctp1 libxxhash0 zlib1g
	rm -rf "$tmp"/usr/share/doc "$tmp"/usr/share/man "$tmp"/usr/share/stress-ng
}

fetch_go() {
	go=$(depends "$host" golang-go 'golang-[0-9.]*-go')
	[ -n "$go" ] || die "no Go in $suite/$host"
	v=${go#golang-}
	v=${v%-go}
	unpack "$host" "$tmp/root" "golang-$v-go" "golang-$v-src"
	mkdir -p "$tmp/bin"
	# Debian links lib/go-N/src and friends to share/: absolute folder names, so set GOROOT
	cat > "$tmp/bin/go" <<-X
		#!/bin/sh
		# Debian's Go for riscv64
		top=\$(dirname "\$(dirname "\$(readlink -f "\$0")")")
		export GOROOT="\$top/root/usr/lib/go-$v" GOARCH=riscv64 GOOS=linux CGO_ENABLED=0
		export GOCACHE="\$top/gocache" GOPATH="\$top/gopath"
		export GOTOOLCHAIN=local GOPROXY=off GOFLAGS=-mod=mod
		exec "\$GOROOT/bin/go" "\$@"
	X
	chmod +x "$tmp/bin/go"
}

[ $# -gt 0 ] || die "what? (see the head of this script)"
for name; do
	[ ! -e "$cache/$name.stamp" ] || continue
	case $name in
	linuxnet | linuxfs)
		"fetch_$name"
		touch "$cache/$name.stamp"
		continue
		;;
	busybox | linux | libc | musl | rust | rusttests | stress | go | programs | nettools | gdb | tcpdump | netapps | systools | \
		nethost | picolibc | languages | python | debian) ;;
	*) die "nothing known of $name" ;;
	esac
	tmp=$cache/$name.new
	rm -rf "$tmp" "${cache:?}/$name"
	mkdir -p "$tmp"
	"fetch_$name"
	mv "$tmp" "$cache/$name"
	touch "$cache/$name.stamp"
done
