# Host tests: kernel code compiled for this machine under ASan and UBSan.
#
#   make host-tests                               builds and runs them
#   make -f tests/host/host.mk host-tests         the same, without the rest of the build
#
# To add one: tests/host/test_NAME.c, and a line
#   $(eval $(call host-test,test_NAME,sources))
# with the kernel's sources and those of tests/host that it needs besides.
# A test program prints a line per test, "ok NAME" or "FAIL NAME: words", and exits 0 or 1.

TESTS ?= tests
HOSTCC ?= gcc
HOST_B ?= build/host
HOST_CFLAGS := -std=gnu11 -O1 -g -ffreestanding -fno-strict-aliasing -fno-common -fwrapv \
	-fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-Wall -Wextra -Wshadow -Wundef -Wstrict-prototypes -Wmissing-prototypes -Werror \
	-Ikernel -Ikernel/include -I. -include $(TESTS)/host/shim/rename.h $(HOST_EXTRA)

comma := ,

HOST_LIB := $(wildcard kernel/lib/*.c)

define host-test
HOST_TESTS += $(HOST_B)/$(1)
$(HOST_B)/$(1): $(patsubst %.c,$(HOST_B)/obj/%.o,$(TESTS)/host/$(1).c $(2))
HOST_OBJS += $(patsubst %.c,$(HOST_B)/obj/%.o,$(TESTS)/host/$(1).c $(2))
endef

# The allocators, twice: as they are, and with the debug build's red zones and poison.
$(eval $(call host-test,test_alloc,$(HOST_LIB)))
$(eval $(call host-test,test_alloc_debug,$(HOST_LIB)))
$(HOST_B)/obj/$(TESTS)/host/test_alloc.o $(HOST_B)/obj/$(TESTS)/host/test_alloc_debug.o: \
	private HOST_CFLAGS := -I$(TESTS)/host/shim/alloc $(HOST_CFLAGS)
# Filters of seccomp(2).
$(eval $(call host-test,test_cbpf,$(HOST_LIB)))
$(eval $(call host-test,test_dt,kernel/dev/dt.c $(HOST_LIB)))
$(eval $(call host-test,test_lib_atomic,))
$(eval $(call host-test,test_lib_bitmap,kernel/lib/bitmap.c))
$(eval $(call host-test,test_lib_crypto,$(HOST_LIB)))
$(eval $(call host-test,test_lib_interval,kernel/lib/interval.c kernel/lib/rbtree.c))
$(eval $(call host-test,test_lib_list,))
$(eval $(call host-test,test_lib_parse,$(HOST_LIB)))
$(eval $(call host-test,test_lib_printf,$(HOST_LIB) $(TESTS)/host/shim/libc_printf.c))
$(eval $(call host-test,test_lib_radix,$(HOST_LIB)))
$(eval $(call host-test,test_lib_rbtree,kernel/lib/rbtree.c))
$(eval $(call host-test,test_lib_ring,$(HOST_LIB)))
$(eval $(call host-test,test_lib_sort,kernel/lib/sort.c))
$(eval $(call host-test,test_lib_string,$(HOST_LIB)))

# Path walk: the file layer over tmpfs, with `current` the test's own.
HOST_FS := $(addprefix kernel/fs/,dcache.c namei.c path.c inode.c memfs.c mount.c mount_ns.c mount_ops.c propagate.c super.c handle.c \
	rootfs.c vfs.c open.c files.c \
	acl.c xattr.c tmpfs/tmpfs.c)
HOST_NAMEI := $(addprefix $(TESTS)/host/,test_namei_kernel.c test_namei_mounts.c test_namei_random.c)
$(eval $(call host-test,test_namei,$(HOST_NAMEI) $(HOST_FS) $(HOST_LIB)))
$(patsubst %.c,$(HOST_B)/obj/%.o,$(HOST_FS) $(TESTS)/host/test_namei.c $(HOST_NAMEI)): \
	private HOST_CFLAGS := -I$(TESTS)/host/shim/fs $(HOST_CFLAGS) \
	-D__file_systems_start=__start_file_systems -D__file_systems_end=__stop_file_systems

# virtio: the drivers against a scripted device. Ports become files in tty_lines.c; what only a
# file that is open would call does not matter.
HOST_VIRTIO := $(addprefix kernel/drivers/virtio/,mmio.c virtqueue.c blk.c console.c rng.c) \
	kernel/fs/tty_lines.c $(TESTS)/host/test_virtio_kernel.c
HOST_VIRTIO_TESTS := test_virtio test_virtio_blk test_virtio_console
$(eval $(call host-test,test_virtio,$(HOST_VIRTIO) $(HOST_LIB)))
$(eval $(call host-test,test_virtio_blk,$(HOST_VIRTIO) $(HOST_LIB)))
$(eval $(call host-test,test_virtio_console,$(HOST_VIRTIO) $(HOST_LIB)))
$(patsubst %.c,$(HOST_B)/obj/%.o,$(HOST_VIRTIO) $(HOST_VIRTIO_TESTS:%=$(TESTS)/host/%.c)): \
	private HOST_CFLAGS := -I$(TESTS)/host/shim/virtio $(HOST_CFLAGS) \
	-D__virtio_drivers_start=__start_virtio_drivers -D__virtio_drivers_end=__stop_virtio_drivers
HOST_NOT_CALLED := $(patsubst %,-Wl$(comma)--defsym=%=not_called,iter_copy_from iter_copy_to iter_give iter_pin pipe_broken \
	tty_fops tty_hangup tty_inherit tty_put tty_receive tty_receive_room tty_tx_space \
	uart_rx_enable uart_tx_pending uart_write wait_finish wait_prepare wait_sleep waiter_init)
$(HOST_VIRTIO_TESTS:%=$(HOST_B)/%): private HOST_CFLAGS += $(HOST_NOT_CALLED)

# Packet buffers.
HOST_PACKET := $(addprefix kernel/dev/,packet.c packet_csum.c packet_gso.c flow.c gro.c vnet_header.c)
$(eval $(call host-test,test_packet,$(HOST_PACKET) $(HOST_LIB)))
$(patsubst %.c,$(HOST_B)/obj/%.o,$(HOST_PACKET) $(TESTS)/host/test_packet.c): \
	private HOST_CFLAGS := -I$(TESTS)/host/shim/alloc $(HOST_CFLAGS)

# Networks: all of net/ that needs no file, and devices, over simulated links (tests/host/net/sim.h).
HOST_NET := $(addprefix kernel/dev/,packet.c packet_csum.c packet_gso.c flow.c gro.c netdev.c \
	netcontext.c) $(filter-out $(addprefix kernel/net/,socket.c scm.c devioctl.c devioctl_route.c ipconfig.c uevent.c tun.c tun_ioctl.c netns.c netid.c \
	sock_diag.c $(notdir $(wildcard kernel/net/packet*.c kernel/net/unix*.c kernel/net/netlink*.c kernel/net/rt*link*.c \
	kernel/net/rtnl*.c kernel/net/*_diag.c))),$(wildcard kernel/net/*.c)) \
	$(TESTS)/host/net/sim.c $(TESTS)/host/net/kernel.c $(TESTS)/host/net/waitq.c
HOST_NET_TESTS := test_net_ip test_net_ip6 test_net_route
$(HOST_NET_TESTS:%=$(HOST_B)/%): private HOST_CFLAGS += $(patsubst %,-Wl$(comma)--defsym=%=not_called,\
	async_urgent strncpy_from_user sleep_until siginfo_user signal_send_task)
$(foreach t,$(HOST_NET_TESTS),$(eval $(call host-test,$(t),$(HOST_NET) $(HOST_LIB))))
$(patsubst %.c,$(HOST_B)/obj/%.o,$(HOST_NET) $(HOST_NET_TESTS:%=$(TESTS)/host/%.c)): \
	private HOST_CFLAGS := -I$(TESTS)/host/net -I$(TESTS)/host/shim/net $(HOST_CFLAGS)
$(HOST_B)/test_virtio_net: private HOST_CFLAGS += $(HOST_NOT_CALLED)
HOST_VNET := $(addprefix kernel/drivers/virtio/,net.c net_control.c) $(TESTS)/host/test_virtio_net_kernel.c
$(eval $(call host-test,test_virtio_net,$(HOST_VIRTIO) $(HOST_VNET) $(HOST_PACKET) $(HOST_LIB)))
$(patsubst %.c,$(HOST_B)/obj/%.o,$(HOST_VNET) $(TESTS)/host/test_virtio_net.c): \
	private HOST_CFLAGS := -I$(TESTS)/host/shim/virtio $(HOST_CFLAGS) \
	-D__virtio_drivers_start=__start_virtio_drivers -D__virtio_drivers_end=__stop_virtio_drivers

# TCP against itself over a bad network, and the same TCP for packetdrill (net/packetdrill.c).
#	make test-net SEEDS=100000	many more runs
HOST_TCP := $(wildcard kernel/net/tcp*.c) $(addprefix kernel/net/,port.c inet_error.c stamp.c cmsg.c sockopt.c filter.c reuse.c) kernel/dev/packet.c kernel/dev/packet_csum.c \
	$(addprefix $(TESTS)/host/net/,tcp_kernel.c tcp_world.c waitq.c)
HOST_TCP_LIB := $(addprefix kernel/lib/,cbpf.c rbtree.c siphash.c string.c strings.c printf.c)
NET_CFLAGS := -I$(TESTS)/host/shim/net -I$(TESTS)/host/net
SEEDS ?= 200
# test_tcp_states: every segment in every state; test_tcp_rate: what bad paths leave of a transfer.
HOST_TCP_TESTS := test_tcp_sim test_tcp_rules test_tcp_replies test_tcp_states test_tcp_rate test_tcp_tables
HOST_TCP_PEER := $(HOST_B)/net/$(TESTS)/host/net/tcp_peer.o
HOST_TESTS += $(HOST_TCP_TESTS:%=$(HOST_B)/%)
HOST_TCP_OBJS := $(patsubst %.c,$(HOST_B)/net/%.o,$(HOST_TCP) $(HOST_TCP_LIB))
HOST_OBJS += $(HOST_TCP_OBJS) $(HOST_TCP_PEER) $(HOST_TCP_TESTS:%=$(HOST_B)/net/$(TESTS)/host/net/%.o)
$(HOST_TCP_TESTS:%=$(HOST_B)/%): $(HOST_B)/%: $(HOST_TCP_OBJS) $(HOST_B)/net/$(TESTS)/host/net/%.o
$(HOST_B)/test_tcp_rules $(HOST_B)/test_tcp_replies: $(HOST_TCP_PEER)

$(HOST_B)/net/%.o: %.c $(TESTS)/host/host.mk
	@mkdir -p $(@D)
	$(if $(V),,@)$(HOSTCC) $(NET_CFLAGS) $(HOST_CFLAGS) -MMD -MP -c -o $@ $<

.PHONY: test-net
test-net: $(HOST_B)/test_tcp_sim
	$< $(SEEDS)

$(HOST_B)/libtarn_tcp.so: $(HOST_TCP) $(HOST_TCP_LIB) kernel/fs/epoll.c \
		$(wildcard $(TESTS)/host/net/packetdrill*.c kernel/net/*.h $(TESTS)/host/net/*.h)
	@mkdir -p $(@D)
	$(if $(V),,@)$(HOSTCC) $(NET_CFLAGS) $(filter-out -fsanitize=% -fno-sanitize-recover=%,$(HOST_CFLAGS)) \
		-fPIC -fvisibility=hidden -shared -Wl,-z,defs -o $@ $(filter %.c,$^) -lpthread

# TAR: fuzz_tar.c is a libFuzzer target, so clang builds it.
HOST_TARFS := $(addprefix kernel/fs/tarfs/,tar_num.c tar_sparse.c tar_pax.c tar_read.c tar_tree.c \
	tar_add.c index.c index_write.c)
$(eval $(call host-test,test_tar,$(addprefix $(TESTS)/host/,test_tar_alloc.c test_tar_build.c \
	test_tar_exercise.c test_tar_index.c test_tar_members.c test_tar_pax.c test_tar_tree.c) \
	$(HOST_TARFS) $(HOST_LIB)))
$(eval $(call host-test,test_tarfs,$(addprefix $(TESTS)/host/,test_tarfs_kernel.c test_tarfs_races.c test_tar_alloc.c \
	test_tar_build.c test_tar_exercise.c) \
	$(addprefix kernel/fs/tarfs/,tarfs.c tarfs_dir.c tarfs_io.c tarfs_mount.c tarfs_rw.c) kernel/dev/batch.c \
	$(wildcard kernel/fs/tarfs/store*.c) \
	$(HOST_TARFS) $(HOST_LIB)))
$(HOST_B)/obj/kernel/dev/batch.o $(HOST_B)/obj/kernel/fs/tarfs/tarfs_io.o $(HOST_B)/obj/kernel/fs/tarfs/tarfs_rw.o $(HOST_B)/obj/$(TESTS)/host/test_tarfs_kernel.o: \
	private HOST_CFLAGS := -I$(TESTS)/host/shim/fs $(HOST_CFLAGS)

# What tarfs writes, on a disk that loses power.
#	build/host/test_store long 10000	many more power cuts (tests/host/test_store.c)
HOST_STORE := $(wildcard kernel/fs/tarfs/store*.c)
$(eval $(call host-test,test_store,$(addprefix $(TESTS)/host/,test_tar_alloc.c test_tar_build.c test_tar_exercise.c \
	test_store_cut.c test_store_disk.c test_store_large.c test_store_model.c test_store_ops.c test_store_work.c) mkfs/check.c $(HOST_STORE) $(HOST_TARFS) $(HOST_LIB)))

FUZZ_CC ?= clang
FUZZ_CFLAGS := $(filter-out -fsanitize=% -fno-sanitize-recover=% -Werror,$(HOST_CFLAGS)) \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
HOST_FUZZ := $(HOST_B)/fuzz_tar
$(HOST_B)/fuzz_tar: $(addprefix $(TESTS)/host/,fuzz_tar.c test_tar_alloc.c test_tar_build.c \
		test_tar_exercise.c) $(HOST_TARFS) $(HOST_LIB) $(TESTS)/host/test_tar.h
	@mkdir -p $(@D)
	$(if $(V),,@)$(FUZZ_CC) $(FUZZ_CFLAGS) -o $@ $(filter %.c,$^)

HOST_FUZZ += $(HOST_B)/fuzz_index
$(HOST_B)/fuzz_index: $(addprefix $(TESTS)/host/,fuzz_index.c test_tar_alloc.c test_tar_build.c \
		test_tar_exercise.c test_tar_index.c) $(HOST_TARFS) $(HOST_LIB) $(TESTS)/host/test_tar_index.h
	@mkdir -p $(@D)
	$(if $(V),,@)$(FUZZ_CC) $(FUZZ_CFLAGS) -o $@ $(filter %.c,$^)

HOST_FUZZ += $(HOST_B)/fuzz_store
$(HOST_B)/fuzz_store: $(addprefix $(TESTS)/host/,fuzz_store.c test_tar_alloc.c test_tar_build.c \
		test_tar_exercise.c test_tar_index.c) $(HOST_TARFS) $(wildcard kernel/fs/tarfs/store*.c) $(HOST_LIB) \
		$(TESTS)/host/test_tar_index.h
	@mkdir -p $(@D)
	$(if $(V),,@)$(FUZZ_CC) $(FUZZ_CFLAGS) -o $@ $(filter %.c,$^)

HOST_FUZZ += $(HOST_B)/fuzz_net
$(HOST_B)/fuzz_net: $(TESTS)/host/fuzz_net.c $(HOST_NET) $(HOST_LIB)
	@mkdir -p $(@D)
	$(if $(V),,@)$(FUZZ_CC) -I$(TESTS)/host/net -I$(TESTS)/host/shim/net $(FUZZ_CFLAGS) \
		-I$(TESTS)/host/shim/fs -o $@ $(filter %.c,$^)

HOST_FUZZ += $(HOST_B)/fuzz_dt
$(HOST_B)/fuzz_dt: $(TESTS)/host/fuzz_dt.c kernel/dev/dt.c $(HOST_LIB)
	@mkdir -p $(@D)
	$(if $(V),,@)$(FUZZ_CC) $(FUZZ_CFLAGS) -o $@ $(filter %.c,$^)

HOST_FUZZ += $(HOST_B)/fuzz_path
$(HOST_B)/fuzz_path: $(TESTS)/host/fuzz_path.c $(TESTS)/host/test_namei_kernel.c $(HOST_FS) $(HOST_LIB)
	@mkdir -p $(@D)
	$(if $(V),,@)$(FUZZ_CC) -I$(TESTS)/host/shim/fs $(FUZZ_CFLAGS) -D__file_systems_start=__start_file_systems \
		-D__file_systems_end=__stop_file_systems -o $@ $(filter %.c,$^)

# libposix under libFuzzer, beside the host's C library.
include $(TESTS)/host/libposix.mk

$(HOST_TESTS):
	$(if $(V),,@)$(HOSTCC) $(HOST_CFLAGS) -o $@ $^

$(HOST_B)/obj/%.o: %.c $(TESTS)/host/host.mk
	@mkdir -p $(@D)
	$(if $(V),,@)$(HOSTCC) $(HOST_CFLAGS) -MMD -MP -c -o $@ $<

-include $(patsubst %.o,%.d,$(sort $(HOST_OBJS)))

.PHONY: host-tests host-test-names
host-test-names:
	@echo $(notdir $(HOST_TESTS))
host-tests: $(HOST_TESTS)
	@status=0; for t in $(HOST_TESTS); do $$t || status=1; done; exit $$status
