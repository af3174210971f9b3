# The vDSO: a shared object for user space, embedded in the kernel by vdso_image.S, and the
# offset of its sigreturn code as a header.

VDSO_DIR := kernel/arch/riscv/vdso
VDSO_CFLAGS := -std=gnu11 $(KERNEL_ARCH) -mno-relax -ffreestanding -fPIC \
	-fvisibility=hidden -O2 -fno-common -fno-stack-protector -fomit-frame-pointer \
	-fasynchronous-unwind-tables -Ikernel -Ikernel/include $(WARN)
VDSO_LDFLAGS := -nostdlib -shared -Wl,-soname,linux-vdso.so.1 -Wl,--hash-style=both \
	-Wl,--build-id=none -Wl,-Bsymbolic -Wl,--eh-frame-hdr -Wl,-z,max-page-size=4096 -Wl,-z,norelro \
	-Wl,-z,noexecstack -Wl,-T,$(VDSO_DIR)/vdso.lds
VDSO_LINK := $(CC)
ifneq ($(IS_CLANG),)
VDSO_CFLAGS := $(filter-out -mno-relax,$(VDSO_CFLAGS)) -mno-relax
VDSO_LINK := $(CC) --target=riscv64-linux-gnu --ld-path=$(shell command -v $(CROSS)ld)
endif
VDSO_OBJS := $(B)/vdso/vdso.o $(B)/vdso/sigreturn.o
GEN_HEADERS += $(B)/gen/vdso_offsets.h

$(B)/vdso/%.o: $(VDSO_DIR)/%.c $(B)/.flags-kernel
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(VDSO_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/vdso/%.o: $(VDSO_DIR)/%.S $(B)/.flags-kernel
	$(call say,AS,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(KERNEL_ARCH) -mno-relax -MMD -MP -c -o $@ $<

# Anything in it that would need relocating at run time, or memory of its own, is an error.
$(B)/vdso/vdso.so: $(VDSO_OBJS) $(VDSO_DIR)/vdso.lds
	$(call say,LD,$@)
	$(Q)$(VDSO_LINK) $(VDSO_LDFLAGS) -o $@.tmp $(VDSO_OBJS)
	$(Q)if $(CROSS)readelf -rW $@.tmp | grep -q R_RISCV; then \
		echo 'vdso.so needs relocations' >&2; exit 1; fi
	$(Q)$(OBJCOPY) -S $@.tmp $@
	$(Q)test $$(wc -c < $@) -le 4096

$(B)/gen/vdso_offsets.h: $(B)/vdso/vdso.so
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(NM) -D $< | sed -n 's/^\([0-9a-f]*\) T __vdso_rt_sigreturn.*/#define VDSO_SIGRETURN 0x\1UL/p' > $@
	$(Q)test -s $@

$(B)/kernel/arch/riscv/vdso_image.o: $(B)/vdso/vdso.so
$(B)/kernel/arch/riscv/vdso_image.o: KERNEL_ASFLAGS += -DVDSO_FILE='"$(B)/vdso/vdso.so"'

-include $(VDSO_OBJS:.o=.d)
