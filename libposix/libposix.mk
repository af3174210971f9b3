# libposix: our C library, and what a program of ours is linked with.
#
#   $(LIBPOSIX)       build/libposix/libposix.a
#   $(LIBPOSIX_M)     build/libposix/libm.a: functions of math.h and complex.h; not in `all`
#   $(LIBPOSIX_SO)    build/libposix/libc.so, the same shared, and dynamic loader (ldso/)
#   $(LIBPOSIX_LD)    build/libposix/ld-tarn-riscv64.so.1: that, without what debuggers want, for roots;
#                     neither in `all`
#   $(LIBPOSIX_M_SO)  build/libposix/libm.so; not in `all`
#   $(LIBPOSIX_CRT)   build/libposix/crt1.o, where a program starts; beside it Scrt1.o (PIE),
#                     rcrt1.o (static PIE), crti.o and crtn.o
#   $(POSIX_CFLAGS)   compile a program against it; $(POSIX_LDFLAGS) link it, static (with gcc)

POSIX_ARCH := -march=rv64gc -mabi=lp64d
ifneq ($(IS_CLANG),)
POSIX_ARCH := --target=riscv64-linux-gnu $(POSIX_ARCH)
endif
# The compiler's own headers only: stddef.h, stdarg.h, stdbool.h, stdatomic.h.
# Asked when first used: the compiler may be installed by this very make.
POSIX_GCC_INC = $(eval POSIX_GCC_INC := $$(shell $(CC) $(if $(IS_CLANG),-print-resource-dir,-print-file-name=include)))$(POSIX_GCC_INC)
# Our programs see all there is.
POSIX_INC = -D_GNU_SOURCE= -DUAPI_ALL= -nostdinc -Ilibposix/include -Ikernel/include -I$(B)/gen \
	-isystem $(POSIX_GCC_INC)$(if $(IS_CLANG),/include)
POSIX_CFLAGS = -std=gnu11 $(POSIX_ARCH) -mcmodel=medany -O2 -g -pipe -fno-pie -fno-common -fno-stack-protector \
	-fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections \
	$(POSIX_INC) $(WARN)
POSIX_LDFLAGS := -nostdlib -static -no-pie -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,noexecstack -Wl,-z,max-page-size=4096 -Wl,-z,norelro
# The library itself may not be compiled into calls of itself (memset as memset). It goes into
# programs that lie anywhere too (static PIE), and all that it names is in the same program.
POSIX_LIB_CFLAGS = $(POSIX_CFLAGS) -fpie -include libposix/src/internal/hidden.h -ffreestanding -fno-builtin \
	$(if $(IS_CLANG),,-fno-tree-loop-distribute-patterns)

# Its thread-local variables are there from the start, wherever the program's end.
POSIX_SO_CFLAGS = $(filter-out -fno-pie,$(POSIX_CFLAGS)) -fPIC -ftls-model=initial-exec -ffreestanding -fno-builtin \
	$(if $(IS_CLANG),,-fno-tree-loop-distribute-patterns)
POSIX_SO_LDFLAGS := -nostdlib -shared -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,now -Wl,-z,defs \
	-Wl,--hash-style=gnu -Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments

LIBPOSIX := $(B)/libposix/libposix.a
LIBPOSIX_CRT := $(B)/libposix/crt1.o
LIBPOSIX_M := $(B)/libposix/libm.a
LIBPOSIX_C := $(sort $(shell find libposix/src -name '*.c' -not -path 'libposix/src/math/*'))
LIBPOSIX_M_OBJS := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard libposix/src/math/*.c)))
LIBPOSIX_S := $(sort $(shell find libposix/src -name '*.S'))
LIBPOSIX_OBJS := $(LIBPOSIX_C:%.c=$(B)/%.o) $(LIBPOSIX_S:%.S=$(B)/%.o)
# The shared form: what a static program does for itself is in src/static, what the loader does in ldso.
LIBPOSIX_SO := $(B)/libposix/libc.so
LIBPOSIX_LD := $(B)/libposix/ld-tarn-riscv64.so.1
LIBPOSIX_M_SO := $(B)/libposix/libm.so
LIBPOSIX_SO_SRC := $(filter-out libposix/src/static/%,$(LIBPOSIX_C) $(LIBPOSIX_S)) \
	$(sort $(wildcard libposix/ldso/*.c libposix/ldso/*.S))
LIBPOSIX_SO_OBJS := $(patsubst libposix/%,$(B)/libposix/shared/%.o,$(basename $(LIBPOSIX_SO_SRC)))
LIBPOSIX_M_SO_OBJS := $(patsubst libposix/%.c,$(B)/libposix/shared/%.o,$(sort $(wildcard libposix/src/math/*.c)))
LIBPOSIX_CRTS := $(patsubst %,$(B)/libposix/%.o,crt1 Scrt1 rcrt1 crti crtn)
ALL += $(LIBPOSIX) $(LIBPOSIX_CRTS)

$(B)/.flags-libposix: FORCE | setup-build
	$(call flags-file,$(CC) $(POSIX_LIB_CFLAGS) / $(LIBPOSIX_OBJS),$(LIBPOSIX_OBJS) $(LIBPOSIX_M_OBJS))

# Classes of characters, from Python's Unicode database.
$(B)/gen/unicode.h: libposix/src/wchar/unicode.py
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(PYTHON) $< $@
$(B)/libposix/src/wchar/wctype.o: $(B)/gen/unicode.h

$(B)/libposix/src/%.o: libposix/src/%.c $(B)/.flags-libposix | $(GEN_HEADERS)
	$(call say,CC,$@)
	$(Q)$(CC) $(POSIX_LIB_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libposix/src/%.o: libposix/src/%.S $(B)/.flags-libposix | $(GEN_HEADERS)
	$(call say,AS,$@)
	$(Q)$(CC) $(POSIX_LIB_CFLAGS) -D__ASSEMBLY__ -MMD -MP -c -o $@ $<

# These call back: what a function of C++ throws goes through them, and cancellation too.
LIBPOSIX_CALLERS := $(addprefix src/,stdlib/sort search/tsearch search/lsearch ftw/fts ftw/nftw pattern/glob dirent/dirent thread/once)
$(LIBPOSIX_CALLERS:%=$(B)/libposix/%.o): private POSIX_LIB_CFLAGS += -fexceptions -fasynchronous-unwind-tables
$(LIBPOSIX_CALLERS:%=$(B)/libposix/shared/%.o): private POSIX_SO_CFLAGS += -fexceptions -fasynchronous-unwind-tables

$(B)/libposix/rcrt1.o: private POSIX_LIB_CFLAGS += -DRELOCATE
$(filter %crt1.o,$(LIBPOSIX_CRTS)): libposix/crt/crt1.S $(B)/.flags-libposix
	$(call say,AS,$@)
	$(Q)$(CC) $(POSIX_LIB_CFLAGS) -D__ASSEMBLY__ -c -o $@ $<
$(B)/libposix/crti.o $(B)/libposix/crtn.o: $(B)/libposix/%.o: libposix/crt/%.S $(B)/.flags-libposix
	$(call say,AS,$@)
	$(Q)$(CC) $(POSIX_LIB_CFLAGS) -D__ASSEMBLY__ -c -o $@ $<

$(LIBPOSIX): $(LIBPOSIX_OBJS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(LIBPOSIX_OBJS)

$(B)/.flags-libposix-so: FORCE | setup-build
	$(call flags-file,$(CC) $(POSIX_SO_CFLAGS) / $(POSIX_SO_LDFLAGS) / $(LIBPOSIX_SO_OBJS),\
		$(LIBPOSIX_SO_OBJS) $(LIBPOSIX_M_SO_OBJS))
$(B)/libposix/shared/src/wchar/wctype.o: $(B)/gen/unicode.h

$(B)/libposix/shared/%.o: libposix/%.c $(B)/.flags-libposix-so | $(GEN_HEADERS)
	$(call say,CC,$@)
	$(Q)$(CC) $(POSIX_SO_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libposix/shared/%.o: libposix/%.S $(B)/.flags-libposix-so | $(GEN_HEADERS)
	$(call say,AS,$@)
	$(Q)$(CC) $(POSIX_SO_CFLAGS) -D__ASSEMBLY__ -MMD -MP -c -o $@ $<

LIBPOSIX_LISTS := libposix/ldso/libc.map libposix/ldso/libc.preempt
$(LIBPOSIX_SO): $(LIBPOSIX_SO_OBJS) $(LIBPOSIX_LISTS)
	$(call say,LD,$@)
	$(Q)$(CROSS)gcc $(POSIX_SO_LDFLAGS) -Wl,-soname,libc.so -Wl,-e,_dlstart -Wl,-Bsymbolic-functions \
		-Wl,--version-script=libposix/ldso/libc.map -Wl,--dynamic-list=libposix/ldso/libc.preempt \
		-o $@ $(LIBPOSIX_SO_OBJS) -lgcc
$(LIBPOSIX_LD): $(LIBPOSIX_SO)
	$(call say,STRIP,$@)
	$(Q)$(OBJCOPY) --strip-all $< $@

# Mathematics: picolibc's objects, from Debian's package, and ours. Names in pico.syms become
# __pico_NAME, and the functions of those names in libposix/src/math stand before them. Some objects are left
# out: ours are in their place, for the rest of picolibc too.
$(LIBPOSIX_M): $(CACHE)/picolibc.stamp $(LIBPOSIX_M_OBJS) libposix/src/math/pico.syms
	$(call say,AR,$@)
	$(Q)rm -rf $@ $(B)/libposix/pico && mkdir -p $(B)/libposix/pico
	$(Q)cd $(B)/libposix/pico && $(AR) x $(CURDIR)/$(CACHE)/picolibc/libc.a && rm -f *fenv_* *fe[a-z]*except* \
		*fegetenv* *fesetenv* *fegetround* *fesetround* *feupdateenv* *issignaling* *_s_trunc.* *_sf_trunc.* *_catan.* *_catanf.* *_catanl.*
	$(Q)for o in $(B)/libposix/pico/libm_*.o; do \
		$(OBJCOPY) --redefine-syms=libposix/src/math/pico.syms $$o || exit 1; done
	$(Q)$(AR) rcs $@ $(LIBPOSIX_M_OBJS) $(B)/libposix/pico/libm_*.o

# The names that pico.syms has renamed are our own affair.
$(LIBPOSIX_M_SO): $(LIBPOSIX_M) $(LIBPOSIX_M_SO_OBJS) $(LIBPOSIX_SO)
	$(call say,LD,$@)
	$(Q)$(CROSS)gcc $(POSIX_SO_LDFLAGS) -Wl,-soname,libm.so -Wl,-Bsymbolic -Wl,--version-script=libposix/ldso/libm.map \
		-o $@ $(LIBPOSIX_M_SO_OBJS) $(B)/libposix/pico/libm_*.o $(LIBPOSIX_SO) -lgcc

-include $(LIBPOSIX_OBJS:.o=.d) $(LIBPOSIX_SO_OBJS:.o=.d) $(LIBPOSIX_M_SO_OBJS:.o=.d) $(LIBPOSIX_M_OBJS:.o=.d)
