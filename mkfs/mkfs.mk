# Host tools for TAR images, compiled from the kernel's own tarfs sources: `make tools`.
#
#   tarfs-ls       lists and checks an archive as the kernel reads it
#   mkfs.tarn, fsck.tarn, tarn-compact, tarn-resize    make, check, compact and resize an image:
#                  `man -l mkfs/mkfs.tarn.8` and so on

TARFS_HOST_C := $(addprefix kernel/fs/tarfs/,tar_num.c tar_sparse.c tar_pax.c tar_read.c \
	tar_tree.c tar_add.c) kernel/lib/rbtree.c
TARFS_STORE_C := $(wildcard kernel/fs/tarfs/store*.c) kernel/fs/tarfs/index.c kernel/fs/tarfs/index_write.c \
	$(addprefix kernel/lib/,crc32c.c radix.c)
TARFS_HOST_H := $(wildcard kernel/fs/tarfs/*.h kernel/lib/*.h kernel/include/*.h mkfs/*.h)
TARFS_HOST_INC := -Ikernel -Ikernel/include -Imkfs
MKFS_CFLAGS := -std=gnu11 -O2 -g -fno-strict-aliasing $(WARN)

MKFS_IMAGES := $(addprefix $(B)/mkfs/,mkfs.tarn fsck.tarn tarn-compact tarn-resize)
MKFS_TOOLS := $(B)/mkfs/tarfs-ls $(MKFS_IMAGES)
.PHONY: tools
tools: $(MKFS_TOOLS)

$(B)/mkfs/tarfs-ls: mkfs/tarfs-ls.c mkfs/file_source.c mkfs/host_alloc.c $(TARFS_HOST_C) $(TARFS_HOST_H)
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(MKFS_CFLAGS) $(TARFS_HOST_INC) -o $@ $(filter %.c,$^)

# What the four share is compiled once.
MKFS_SHARED := $(addprefix mkfs/,check.c check_index.c file_source.c finish_image.c host_alloc.c host_tree.c image.c super.c \
	write_tree.c) $(TARFS_HOST_C) $(TARFS_STORE_C)
MKFS_OBJS := $(MKFS_SHARED:%.c=$(B)/mkfs/obj/%.o)

$(B)/mkfs/obj/%.o: %.c $(TARFS_HOST_H)
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(MKFS_CFLAGS) $(TARFS_HOST_INC) -c -o $@ $<

$(MKFS_IMAGES): $(B)/mkfs/%: $(B)/mkfs/obj/mkfs/%.o $(MKFS_OBJS)
	$(call say,HOSTLD,$@)
	$(Q)$(HOSTCC) -o $@ $^
