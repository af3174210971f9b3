"""/proc/pressure beyond harts, which abi's pressure has: waits for a disk, and for memory; proc(5)."""
import pytest

TOTAL = "sed -n 's/^some.*total=//p' /proc/pressure/"


@pytest.mark.area('fs')
def test_waits_for_a_disk(tarn, busybox_root, tmp_path):
    """Who reads a slow disk is blocked, and the idle hart's time is iowait."""
    disk = tmp_path / 'slow'
    disk.write_bytes(bytes(1 << 20))
    drive = f'file={disk},format=raw,if=none,id=slow,readonly=on,throttling.bps-total=65536'
    words = ['-drive', drive, '-device', 'virtio-blk-device,drive=slow']
    script = f"""
        before=$({TOTAL}io)
        dd if=/dev/vdb of=/dev/null bs=4096 2>/dev/null &
        until grep -q '^procs_blocked [1-9]' /proc/stat; do usleep 20000; done
        until [ $(awk '/^cpu / {{ print $6 }}' /proc/stat) -gt 20 ]; do usleep 20000; done
        until [ $({TOTAL}io) -gt $((before + 200000)) ]; do usleep 20000; done
        until ! grep -q '^full avg10=0.00' /proc/pressure/io; do usleep 20000; done
        wait
        until grep -q '^procs_blocked 0' /proc/stat; do usleep 20000; done
        cat /proc/pressure/memory"""
    got = tarn('--smp', '2', *(f for word in words for f in ('--qemu-arg', word)), root=busybox_root,
               command=['sh', '-c', script]).ok()
    assert got.out.decode().splitlines() == [f'{line} avg10=0.00 avg60=0.00 avg300=0.00 total=0'
                                             for line in ('some', 'full')]


@pytest.mark.area('mm')
def test_waits_for_memory(tarn, busybox_root, tmp_path):
    """A file larger than memory is read: pages are reclaimed for it."""
    disk = tmp_path / 'big'
    with open(disk, 'wb') as f:
        f.truncate(128 << 20)
    words = ['-drive', f'file={disk},format=raw,if=none,id=big,readonly=on', '-device', 'virtio-blk-device,drive=big']
    got = tarn('--mem', '64M', *(f for word in words for f in ('--qemu-arg', word)), root=busybox_root,
               command=['sh', '-c', f"{TOTAL}memory; cat /dev/vdb >/dev/null; {TOTAL}memory"]).ok()
    before, after = (int(line) for line in got.out.split())
    assert before == 0 < after
