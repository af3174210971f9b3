# The SDK: what somebody needs to write a program for Tarn (docs/sdk.md).
#
#   make sdk                    build/sdk
#   make install-sdk PREFIX=/x  the same in /x; it finds itself by where it lies
#
# sysroot/usr/include has libposix's headers, those of the ABI (uapi/) that they include, and
# linux/, asm/ and asm-generic/ of Debian's linux-libc-dev for riscv64.

SDK := $(B)/sdk
SDK_FILES := $(sort $(shell find libposix/sdk -type f))
SDK_HEADERS := $(sort $(shell find libposix/include kernel/include/uapi -name '*.h'))
SDK_TOOLS := ar ranlib nm strip ld objcopy objdump readelf size as addr2line strings
# Libraries that POSIX's programs name; all is in libc.a, and in libc.so.
SDK_EMPTY := pthread rt dl util crypt resolv xnet
SDK_LINUX := /usr/riscv64-linux-gnu/include

# The compiler's library of C++, its names of glibc's own changed to ours; and the same as a shared object.
SDK_CXX_A := $(B)/libposix/libstdc++.a
SDK_CXX := $(B)/libposix/libstdc++.so.6
SDK_GCC_DIR = $(eval SDK_GCC_DIR := $$(dir $$(shell $(CROSS)gcc -print-libgcc-file-name)))$(SDK_GCC_DIR)
SDK_SO_LDFLAGS := -nostdlib -shared -Wl,-z,defs -Wl,-z,noexecstack -Wl,--hash-style=gnu -Wl,-s -Wl,--eh-frame-hdr

$(SDK_CXX_A): libposix/sdk/c++/glibc.syms
	$(call say,OBJCOPY,$@)
	$(Q)mkdir -p $(@D) && $(OBJCOPY) --strip-debug --redefine-syms=$< $(SDK_GCC_DIR)libstdc++.a $@

$(SDK_CXX): $(LIBPOSIX_SO) $(LIBPOSIX_M_SO) $(SDK_CXX_A)
	$(call say,LD,$@)
	$(Q)$(CROSS)gcc $(SDK_SO_LDFLAGS) -Wl,-soname,$(@F) -o $@ $(SDK_GCC_DIR)crtbeginS.o -Wl,--whole-archive \
		$(SDK_CXX_A) -Wl,--no-whole-archive $(LIBPOSIX_SO) $(LIBPOSIX_M_SO) -lgcc_eh -lgcc $(SDK_GCC_DIR)crtendS.o

.PHONY: sdk install-sdk
sdk: $(SDK)/.stamp
$(SDK)/.stamp: $(SDK_FILES) $(SDK_HEADERS) $(GEN_H) $(LIBPOSIX) $(LIBPOSIX_M) $(LIBPOSIX_CRTS) \
		$(LIBPOSIX_LD) $(LIBPOSIX_M_SO) $(SDK_CXX) $(SDK_CXX_A)
	$(call say,SDK,$(SDK))
	$(Q)rm -rf $(SDK) && mkdir -p $(SDK)/sysroot/usr/lib/pkgconfig $(SDK)/lib $(SDK)/share
	$(Q)cp -R libposix/sdk/bin libposix/sdk/examples $(SDK)/
	$(Q)ln -s riscv64-tarn-cc $(SDK)/bin/riscv64-tarn-c++
	$(Q)for t in $(SDK_TOOLS); do ln -s riscv64-tarn-tool $(SDK)/bin/riscv64-tarn-$$t || exit 1; done
	$(Q)cp -R libposix/sdk/tarn.specs libposix/sdk/c++ $(SDK)/lib/ && cp libposix/sdk/tarn.cmake $(SDK)/share/
	$(Q)sed 's|@SDK@|$(CURDIR)/$(SDK)|' libposix/sdk/tarn.meson > $(SDK)/share/tarn.meson
	$(Q)cp -R libposix/include $(SDK)/sysroot/usr/ && cp -R kernel/include/uapi $(B)/gen/syscall_numbers.h $(B)/gen/syscall_names.h \
		$(SDK)/sysroot/usr/include/
	$(Q)for d in linux asm asm-generic; do cp -R $(SDK_LINUX)/$$d $(SDK)/sysroot/usr/include/ || exit 1; done
	$(Q)cp $(LIBPOSIX_CRTS) $(LIBPOSIX_M) $(SDK)/sysroot/usr/lib/ && cp $(LIBPOSIX) $(SDK)/sysroot/usr/lib/libc.a
	$(Q)mkdir -p $(SDK)/sysroot/lib && cp $(LIBPOSIX_LD) $(SDK)/sysroot/lib/ && cp $(LIBPOSIX_SO) $(SDK)/sysroot/usr/lib/
	$(Q)$(OBJCOPY) --strip-debug $(LIBPOSIX_M_SO) $(SDK)/sysroot/usr/lib/libm.so
	$(Q)cp $(SDK_CXX) $(SDK_CXX_A) $(SDK)/sysroot/usr/lib/ && ln -s libstdc++.so.6 $(SDK)/sysroot/usr/lib/libstdc++.so
	$(Q)for l in $(SDK_EMPTY); do $(AR) rcs $(SDK)/sysroot/usr/lib/lib$$l.a || exit 1; done
	$(Q)touch $@

install-sdk: sdk
	$(if $(PREFIX),,$(error where to? make install-sdk PREFIX=/opt/tarn))
	$(call say,INSTALL,$(PREFIX))
	$(Q)mkdir -p '$(PREFIX)' && cp -R $(SDK)/. '$(PREFIX)/' && rm -f '$(PREFIX)/.stamp'
	$(Q)to=$$(cd '$(PREFIX)' && pwd) && sed "s|@SDK@|$$to|" libposix/sdk/tarn.meson > '$(PREFIX)/share/tarn.meson'
