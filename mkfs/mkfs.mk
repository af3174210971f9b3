# Host tools for TAR images, compiled from the kernel's own tarfs sources.
#
#   tarfs-ls    lists and checks an archive as the kernel reads it

TARFS_HOST_C := $(addprefix kernel/fs/tarfs/,tar_num.c tar_sparse.c tar_pax.c tar_read.c \
	tar_tree.c tar_add.c) kernel/lib/rbtree.c
TARFS_HOST_H := $(wildcard kernel/fs/tarfs/*.h kernel/lib/*.h kernel/include/*.h mkfs/*.h)
TARFS_HOST_INC := -Ikernel -Ikernel/include -Imkfs
MKFS_CFLAGS := -std=gnu11 -O2 -g -fno-strict-aliasing $(WARN)

MKFS_TOOLS := $(B)/mkfs/tarfs-ls
ALL += $(MKFS_TOOLS)

$(B)/mkfs/%: mkfs/%.c mkfs/file_source.c mkfs/host_alloc.c $(TARFS_HOST_C) $(TARFS_HOST_H)
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(MKFS_CFLAGS) $(TARFS_HOST_INC) -o $@ $(filter %.c,$^)
