#!/bin/sh
# qemu.sh KERNEL ROOT.tar SMP MEM APPEND: boot to an interactive console. The archive is not changed.
# GDB=1 waits for a debugger. ^A X ends QEMU.
set -eu
kernel=$1 root=$2 smp=$3 mem=$4 append=$5
# Writes live in the guest's memory; the disk is read-only, so that the archive stays as it is.
set -- -machine virt -smp "$smp" -m "$mem" -nographic -no-reboot \
	-bios default -kernel "$kernel" -global virtio-mmio.force-legacy=false \
	-drive "file=$root,if=none,id=root,format=raw,readonly=on" -device virtio-blk-device,drive=root \
	-device virtio-rng-device \
	-append "root=/dev/vda console=ttyS0${append:+ $append}"
if [ -n "${GDB:-}" ]; then
	echo "gdb-multiarch $kernel -ex 'target remote 127.0.0.1:1234'" >&2
	set -- "$@" -S -gdb tcp:127.0.0.1:1234
fi
exec qemu-system-riscv64 "$@"
