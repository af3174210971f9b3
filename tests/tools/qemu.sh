#!/bin/sh
# qemu.sh KERNEL ROOT.tar SMP MEM APPEND [QEMU-ARGUMENT...]: boot to an interactive console, or run a
# command there. The archive is not changed, without RW=1. ^A X ends QEMU.
#   RW=1        keep in the archive what is written (it has room behind its end: see keep_root.py)
#   CMD='...'   what the shell is to run; then the machine ends
#   GDB=1       wait for a debugger
#   TARN_QEMU_ARGS='...'   more arguments for QEMU; only for the kernel TARN_QEMU_KERNEL if that is set
#   INITRD=1    the archive in memory, no disk, no random device and no network (QEMU can't step backwards
#               over their work)
#   NET=none    no network; NET=user (QEMU's own) without it
#   PORTS='8080:80 2222:22'   ports of this host that lead to the guest's
set -eu
kernel=$1 root=$2 smp=$3 mem=$4 append=$5
shift 5
if [ -n "${CMD:-}" ]; then
	# The kernel's command line keeps blanks between double quotes, and has no way to write one.
	case $CMD in *\"*) echo "CMD can't hold a double quote; use '" >&2; exit 2 ;; esac
	append="$append init=/sbin/init -- /bin/sh -c \"$CMD\""
fi
if [ -n "${GDB:-}" ]; then
	echo "gdb-multiarch $kernel -x kernel/debug/gdb/tarn.py -ex 'target remote 127.0.0.1:1234'" >&2
	set -- -S -gdb tcp:127.0.0.1:1234 "$@"
fi
# Without RW writes live in the guest's memory; the disk is read-only, so that the archive stays as it is.
readonly=on
if [ -n "${RW:-}" ]; then
	readonly=off
	exec 9<>"$root"
	flock -n 9 || { echo "$root: in use by another machine" >&2; exit 1; }
fi
if [ -n "${INITRD:-}" ]; then
	set -- -initrd "$root" "$@"
else
	set -- -drive "file=$root,if=none,id=root,format=raw,readonly=$readonly" \
		-device virtio-blk-device,drive=root -device virtio-rng-device "$@"
	append="root=/dev/vda $append"
fi
case ${NET:-user} in
none) ;;
user)
	if [ -z "${INITRD:-}" ]; then
		net=user,id=net0
		for p in ${PORTS:-}; do
			case $p in
			*[!0-9:]* | *:*:* | :* | *:) echo "PORTS: $p: HOST:GUEST, as 8080:80" >&2; exit 2 ;;
			*:*) net=$net,hostfwd=tcp:127.0.0.1:${p%:*}-:${p#*:} ;;
			*) echo "PORTS: $p: HOST:GUEST, as 8080:80" >&2; exit 2 ;;
			esac
		done
		set -- -netdev "$net" -device virtio-net-device,netdev=net0 "$@"
		# What is behind -- is for init.
		append="ip=10.0.2.15::10.0.2.2:255.255.255.0::eth0:off:10.0.2.3 $append"
	fi ;;
*) echo "NET=$NET: user or none" >&2; exit 2 ;;
esac
if [ -n "${TARN_QEMU_KERNEL:-}" ] && ! [ "$TARN_QEMU_KERNEL" -ef "$kernel" ]; then
	TARN_QEMU_ARGS=
fi
exec qemu-system-riscv64 -machine virt -smp "$smp" -m "$mem" -nographic -no-reboot \
	-bios default -kernel "$kernel" -global virtio-mmio.force-legacy=false \
	-append "console=ttyS0 $append" ${TARN_QEMU_ARGS:-} "$@"
