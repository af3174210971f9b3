# Tarn's build.
#
#   make                the kernel, libposix, and a minimal root with what it needs of user/
#   make tools          mkfs.tarn, fsck.tarn, tarn-compact, tarn-resize, in build/mkfs   (docs/tar.md)
#   make everything     those, all programs and the shared libposix (the root of make qemu)
#   make qemu           boot to a shell; a copy of the root, build/disk/root.tar, keeps what is written
#                       (SMP= MEM= ROOTFS= APPEND= CMD= NET=none PORTS=8080:80; KEEP= leaves nothing behind)
#   make test           the score card      (K=name, GRADE=revision, SMP_LIST="1 4")
#   make sdk            compilers for programs of Tarn, in build/sdk; make install-sdk PREFIX=   (docs/sdk.md)
#   make suite          somebody else's tests   (TAR=x.tar RUN=/run.sh REF=list OUT=file TARN="--smp 4")
#   make test-rust, test-go, test-stress, test-powercut    the long suites   (docs/testing.md)
#   make test-iperf     iperf3 over tap and bad wires, beside Debian's Linux (root)   (docs/network.md)
#   make check          gcc and clang with -Werror, and what else reads the code (CHECKS below)
#   make coverage       which lines of the kernel make test runs, room by room
#   make oracle         record what tests/abi, suites and strace expect, on Debian's Linux (K=name)
#   make debug          gdb at a stopped machine, with the debug kernel     (GDBARGS= and as qemu)
#   make record, replay a run written down, and gdb going backwards in it   (docs/debugging.md)
#   make profile CMD=   where its instructions go: flat, call graph, build/profile.svg
#   make docs           the generated chapter docs/abi.md
#   make format         clang-format in place
#   make clean          (keeps build/cache, the downloads, and build/disk)   make distclean
#
# V=1 shows commands, DEBUG=1 builds the debug kernel (lock checks, poisoned memory) in build/debug, NO_INSTALL=1 never installs packages.
# Any object can be made by name: make build/kernel/fs/namei.o
#
# Rooms outside the kernel have their own fragments, included below; each may add to
# KERNEL_OBJS, USER_PROGRAMS, HOST_TESTS and to `all` through ALL.

MAKEFLAGS += --no-builtin-rules
# As many jobs as cores, unless -j says otherwise.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 1)
endif
comma := ,
.SUFFIXES:
.SECONDARY:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

CROSS ?= riscv64-linux-gnu-
PYTHON ?= /usr/bin/python3
ifeq ($(origin CC),default)
CC := $(CROSS)gcc
endif
ifeq ($(origin AR),default)
AR := $(CROSS)ar
endif
HOSTCC ?= gcc
OBJCOPY ?= $(CROSS)objcopy
NM ?= $(CROSS)nm

ifdef DEBUG
B ?= build/debug
else
B ?= build
endif
CACHE := build/cache
TOOLS := tests/tools

ifdef V
Q :=
say :=
else
Q := @
# Make's own words: no process for each of a thousand lines.
say = $(info $(1)	$(patsubst $(B)/%,%,$(2)))
MAKEFLAGS += --no-print-directory
endif

# ---- kernel flags ----------------------------------------------------------------------------

WARN := -Wall -Wextra -Wshadow -Wundef -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wvla -Wpointer-arith -Wwrite-strings
ifdef WERROR
WARN += -Werror
endif

IS_CLANG := $(findstring clang,$(notdir $(firstword $(CC))))
ifeq ($(IS_CLANG),)
KERNEL_ARCH := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -msmall-data-limit=0
else
KERNEL_ARCH := --target=riscv64-linux-gnu -march=rv64imac -mabi=lp64 -mcmodel=medany
endif

# A tenth of the compiler's time goes into where each local variable is at each line: for the debug kernel only.
KERNEL_QUICK := $(if $(IS_CLANG),,-fno-var-tracking-assignments)
KERNEL_INC := -Ikernel -Ikernel/include -I. -I$(B)/gen
KERNEL_CFLAGS := -std=gnu11 $(KERNEL_ARCH) -mno-relax \
	-ffreestanding -fno-pie -fno-pic -O2 -g \
	-fno-omit-frame-pointer -fno-strict-aliasing -fno-common -fno-delete-null-pointer-checks \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables -fwrapv -pipe \
	$(KERNEL_INC) $(WARN) $(if $(DEBUG),-DDEBUG,$(KERNEL_QUICK)) $(KCFLAGS)
KERNEL_ASFLAGS := $(KERNEL_ARCH) -mno-relax -g -D__ASSEMBLY__ -Wa,--fatal-warnings $(KERNEL_INC) \
	$(if $(DEBUG),-DDEBUG)
ifneq ($(IS_CLANG),)
KERNEL_ASFLAGS := $(filter-out -Wa$(comma)--fatal-warnings,$(KERNEL_ASFLAGS))
endif

LDS := kernel/arch/riscv/kernel.lds
KERNEL_LDFLAGS := -nostdlib -static $(if $(IS_CLANG),,-no-pie) -Wl,--no-relax -Wl,--build-id=none -Wl,-z,norelro \
	-Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments -Wl,--orphan-handling=error -Wl,-T,$(LDS)

# ---- sources ---------------------------------------------------------------------------------

KERNEL_C := $(sort $(shell find kernel -name '*.c' -not -path 'kernel/arch/riscv/vdso/*') \
	$(wildcard sbi/*.c))
KERNEL_S := $(sort $(shell find kernel -name '*.S' -not -path 'kernel/arch/riscv/vdso/*'))
SYSCALL_TBL := kernel/syscall/syscalls.tbl
SYSCALL_GEN := kernel/syscall/gen.py
ifneq ($(wildcard $(SYSCALL_GEN)),)
GEN_C := $(B)/gen/dispatch.c $(B)/gen/trace_table.c
GEN_H := $(B)/gen/syscall_numbers.h $(B)/gen/syscall_names.h $(B)/gen/syscalls.h
endif
KERNEL_OBJS := $(KERNEL_C:%.c=$(B)/%.o) $(KERNEL_S:%.S=$(B)/%.o) $(GEN_C:.c=.o)
GEN_HEADERS := $(GEN_H)
ALL := $(B)/tarn.elf compile_commands.json

all: default-all

-include kernel/arch/riscv/vdso/vdso.mk
-include libposix/libposix.mk
-include user/user.mk
-include mkfs/mkfs.mk
-include libposix/sdk/sdk.mk
# TESTS names another tree of tests: an earlier revision's, with which `make test GRADE=` grades.
TESTS ?= tests
-include $(TESTS)/host/host.mk
-include $(TESTS)/suites/suites.mk
-include $(TESTS)/bench/bench.mk
-include $(TESTS)/net/net.mk

USER_BINS := $(USER_PROGRAMS:%=$(B)/user/%)
ALL += $(B)/root-min.tar

.PHONY: default-all all everything
default-all: $(ALL)
everything: all tools $(B)/root.tar

# ---- tools -----------------------------------------------------------------------------------

SETUPS := $(addprefix setup-,build qemu test check fetch oracle coverage bench debug profile)
.PHONY: FORCE $(SETUPS)
$(SETUPS): setup-%:
	@$(TOOLS)/setup.sh $*

# ---- kernel objects --------------------------------------------------------------------------

# Where speed is nobody's concern, but size is.
SMALL := procfs/% sysfs/% debug/% dev/dt fs/tarfs/tar_%
$(foreach s,$(SMALL),$(B)/kernel/$(s).o): KERNEL_SPEED := -Os

# A flags file changes when the flags do, and everything built with them depends on it. It comes with
# the folders of those objects: $(call flags-file,flags,objects).
quote = '$(subst ','\'',$(1))'
flags-file = @mkdir -p $(sort $(@D) $(dir $(2))); printf '%s\n' $(call quote,$(1)) | cmp -s - $@ || \
	printf '%s\n' $(call quote,$(1)) > $@

$(B)/.flags-kernel: FORCE | setup-build
	$(call flags-file,$(CC) $(KERNEL_CFLAGS) / $(SMALL) / $(KERNEL_ASFLAGS),$(KERNEL_OBJS))
$(B)/.flags-link: FORCE | setup-build
	$(call flags-file,$(CC) $(KERNEL_LDFLAGS) $(sort $(KERNEL_OBJS)))

$(B)/kernel/%.o: kernel/%.c $(B)/.flags-kernel | $(GEN_HEADERS)
	$(call say,CC,$@)
	$(Q)$(CC) $(KERNEL_CFLAGS) $(KERNEL_SPEED) -MMD -MP -c -o $@ $<

$(B)/kernel/%.o: kernel/%.S $(B)/.flags-kernel | $(GEN_HEADERS)
	$(call say,AS,$@)
	$(Q)$(CC) $(KERNEL_ASFLAGS) -MMD -MP -c -o $@ $<

$(B)/sbi/%.o: sbi/%.c $(B)/.flags-kernel | $(GEN_HEADERS)
	$(call say,CC,$@)
	$(Q)$(CC) $(KERNEL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/%.o: $(B)/gen/%.c $(B)/.flags-kernel | $(GEN_HEADERS)
	$(call say,CC,$@)
	$(Q)$(CC) $(KERNEL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/.stamp: $(SYSCALL_GEN) $(SYSCALL_TBL) kernel/syscall/strace/structs.py
	$(call say,GEN,$(SYSCALL_TBL))
	@mkdir -p $(@D)
	$(Q)$(PYTHON) $(SYSCALL_GEN) $(SYSCALL_TBL) $(B)/gen
	@touch $@
$(GEN_C) $(GEN_H): $(B)/gen/.stamp ;

# Twice: the table of function names is made from a first link without it. It lies behind the text,
# whose addresses stay.
KERNEL_LINK = $(CC) $(if $(IS_CLANG),--target=riscv64-linux-gnu --ld-path=$(shell command -v $(CROSS)ld)) \
	$(KERNEL_LDFLAGS)
$(B)/tarn.elf: $(KERNEL_OBJS) $(LDS) $(B)/.flags-link kernel/sync/symbols.py
	$(call say,LD,$@)
	$(Q)$(KERNEL_LINK) -Wl,-S -o $(B)/gen/tarn-first.elf $(KERNEL_OBJS)
	$(Q)$(PYTHON) kernel/sync/symbols.py $(NM) $(B)/gen/tarn-first.elf $(B)/gen/symbols.S
	$(Q)$(CC) $(KERNEL_ASFLAGS) -c -o $(B)/gen/symbols.o $(B)/gen/symbols.S
	$(Q)$(KERNEL_LINK) -Wl,-Map,$(B)/tarn.map -o $@ $(KERNEL_OBJS) $(B)/gen/symbols.o

-include $(KERNEL_OBJS:.o=.d)

compile_commands.json: $(TOOLS)/compile_commands.py $(B)/.flags-kernel $(B)/.flags-link
	$(call say,GEN,$@)
	$(Q)$(PYTHON) $< $@ '$(CC) $(KERNEL_CFLAGS)' $(KERNEL_C)

# ---- roots -----------------------------------------------------------------------------------

# The few of our programs that nothing does without; all of them, the root of `make qemu`; Debian's busybox
# and those few.
USER_MIN_BINS := $(USER_MINIMAL:%=$(B)/user/%)
$(B)/man/.stamp: user/manpages.py $(USER_SOURCES) $(wildcard docs/man/*.txt)
	$(call say,GEN,man)
	@rm -rf $(@D)
	$(Q)$(PYTHON) $< $(@D) $(USER_SOURCES) $(USER_ALIAS_OF)
	@touch $@
$(B)/root-min.tar: $(USER_MIN_BINS) $(TOOLS)/mkroot.py
	$(call say,TAR,$@)
	$(Q)$(PYTHON) $(TOOLS)/mkroot.py $@ $(USER_MIN_BINS)

$(B)/root.tar: $(USER_BINS) $(LIBPOSIX_LD) $(B)/man/.stamp $(TOOLS)/mkroot.py
	$(call say,TAR,$@)
	$(Q)$(PYTHON) $(TOOLS)/mkroot.py --man $(B)/man --loader $(LIBPOSIX_LD) $@ $(filter-out %tests,$(USER_BINS))

$(B)/root-busybox.tar: $(USER_MIN_BINS) $(TOOLS)/mkroot.py $(CACHE)/busybox.stamp
	$(call say,TAR,$@)
	$(Q)$(PYTHON) $(TOOLS)/mkroot.py --busybox $(CACHE)/busybox/busybox $@ $(filter-out $(B)/user/sh,$(USER_MIN_BINS))

DEBIAN_OURS := $(addprefix $(B)/user/,init poweroff reboot halt)
$(B)/root-debian.tar: tests/suites/debian.py $(CACHE)/debian.stamp $(DEBIAN_OURS)
	$(call say,TAR,$@)
	$(Q)$(PYTHON) $< root $@ $(DEBIAN_OURS)

# Downloads: $(CACHE)/NAME.stamp, each a folder $(CACHE)/NAME (see tests/tools/debian.sh).
$(CACHE)/%.stamp: | setup-fetch
	$(call say,FETCH,$*)
	$(Q)$(TOOLS)/debian.sh $*

# ---- run -------------------------------------------------------------------------------------

SMP ?= 2
MEM ?= 512M
ifdef DEBUG
# Programs are the same for both kernels.
ROOTFS ?= build/root.tar
build/root.tar: FORCE
	$(Q)$(MAKE) DEBUG= B=build $@
else
ROOTFS ?= $(B)/root.tar
endif
# ROOTFS=busybox and ROOTFS=debian are fetched.
ifneq ($(filter busybox debian,$(ROOTFS)),)
override ROOTFS := $(B)/root-$(ROOTFS).tar
endif
APPEND ?=
# A copy of the root keeps what `make qemu` writes (tests/tools/keep_root.py).
KEEP ?= 1
export NET PORTS

CMD ?=
# More for gdb: GDBARGS='-x script'.
GDBARGS ?=
RECORD ?= build/record

.PHONY: qemu gdb debug debug-session record replay profile
qemu: setup-qemu $(B)/tarn.elf $(ROOTFS)
	$(Q)root='$(ROOTFS)'; $(if $(KEEP),root=$$($(PYTHON) $(TOOLS)/keep_root.py "$$root" build/disk) || exit; export RW=1;) \
	CMD=$(call quote,$(CMD)) $(TOOLS)/qemu.sh $(B)/tarn.elf "$$root" '$(SMP)' '$(MEM)' '$(APPEND)'
gdb: setup-qemu $(B)/tarn.elf $(ROOTFS)
	$(Q)GDB=1 CMD=$(call quote,$(CMD)) $(TOOLS)/qemu.sh $(B)/tarn.elf $(ROOTFS) '$(SMP)' '$(MEM)' '$(APPEND)'
debug: setup-debug
	$(Q)$(MAKE) DEBUG=1 debug-session
debug-session: $(B)/tarn.elf $(ROOTFS)
	$(Q)$(PYTHON) $(TOOLS)/debug.py debug $(B)/tarn.elf $(ROOTFS) --smp '$(SMP)' --mem '$(MEM)' \
		--append '$(APPEND)' --cmd $(call quote,$(CMD)) -- $(GDBARGS)
record: setup-debug $(B)/tarn.elf $(ROOTFS)
	$(Q)$(PYTHON) $(TOOLS)/debug.py record $(B)/tarn.elf $(ROOTFS) $(RECORD) --mem '$(MEM)' \
		--append '$(APPEND)' --cmd $(call quote,$(CMD))
replay: setup-debug
	$(Q)$(PYTHON) $(TOOLS)/debug.py replay $(RECORD) -- $(GDBARGS)
# One hart unless SMP= is given: then each run is the same. BY=time ranks by this host's time.
profile: setup-profile $(B)/tarn.elf $(ROOTFS) $(B)/profile.so
	$(Q)$(PYTHON) $(TOOLS)/profile.py --kernel $(B)/tarn.elf --plugin $(B)/profile.so --root $(ROOTFS) \
		--smp '$(if $(filter file,$(origin SMP)),1,$(SMP))' --mem '$(MEM)' --by '$(or $(BY),insns)' \
		--out $(B)/profile -- $(call quote,$(CMD))

# QEMU from 9 on takes plugins of interface 2 and later.
$(B)/profile.so: $(TOOLS)/profile.c | setup-profile
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O2 -Wall -Wextra -shared -fPIC -fvisibility=hidden -o $@ $< -lpthread \
		-DAPI=$$(qemu-system-riscv64 --version | awk '{ print ($$4 + 0 >= 9) ? 2 : 1; exit }')

# ---- test ------------------------------------------------------------------------------------

# Everything is built first, by a make of its own that goes on after errors: what could not be
# built then fails its tests, and the card is printed all the same.
.PHONY: test test-build oracle
test-build: everything sdk $(HOST_TESTS) $(HOST_FUZZ) $(B)/profile.so debug-kernel
# Lock ranks, red zones and poison: the tests boot it once.
.PHONY: debug-kernel
debug-kernel:
	$(Q)$(MAKE) DEBUG=1 B=$(B)/debug $(B)/debug/tarn.elf
test: setup-test
	$(Q)MAKE='$(MAKE)' B='$(B)' PYTHON='$(PYTHON)' GRADE='$(GRADE)' K='$(K)' $(TOOLS)/test.sh
oracle: setup-oracle $(CACHE)/linux.stamp $(CACHE)/linuxfs.stamp suites everything
	$(Q)$(PYTHON) tests/abi/run.py --build $(B) record $(K)
	$(Q)$(PYTHON) tests/libposix/run.py --build $(B) record $(K)
	$(Q)$(PYTHON) tests/suites/suites.py --build $(B) record $(K)
	$(Q)$(PYTHON) tests/strace/programs.py --build $(B) record $(K)
	$(Q)$(PYTHON) tests/suites/debugger.py --build $(B) record $(K)
	$(Q)$(PYTHON) tests/suites/nettools.py --build $(B) record $(K)
	$(Q)$(PYTHON) tests/suites/systools.py --build $(B) record $(K)

OUT ?= $(B)/suite.txt
.PHONY: suite
suite: setup-qemu $(B)/tarn.elf $(B)/user/tarn-init
	$(Q)$(PYTHON) $(TOOLS)/suite.py --out '$(OUT)' --tarn '$(TARN)' $(if $(REF),--ref '$(REF)') \
		'$(if $(TAR),$(TAR),$(error which archive? TAR=x.tar))' $(RUN)

# What the guests execute is marked by a QEMU plugin, what the host tests execute by gcov.
COVERAGE := build/coverage
.PHONY: coverage
coverage: setup-coverage everything
	@rm -rf $(COVERAGE)
	@mkdir -p $(COVERAGE)
	$(Q)$(HOSTCC) -shared -fPIC -O2 -Wall -Wextra -Werror -o $(COVERAGE)/blocks.so tests/coverage/blocks.c \
		-DPLUGIN_VERSION=$$(qemu-system-riscv64 --version | sed -n 's/.*version \([0-9]*\).*/\1/p' | \
		awk '{ print ($$1 < 9) ? 1 : 2 }')
	$(Q)$(MAKE) HOST_B=$(COVERAGE)/host HOST_EXTRA=--coverage host-tests > $(COVERAGE)/host.log
	$(Q)gcovr --root . --json $(COVERAGE)/host.json $(COVERAGE)/host > /dev/null
	$(Q)$(PYTHON) tests/coverage/coverage.py run $(B)/tarn.elf $(COVERAGE)/blocks.so $(COVERAGE) \
		$(MAKE) test; status=$$?; \
	$(PYTHON) tests/coverage/coverage.py report $(B)/tarn.elf $(COVERAGE) $(COVERAGE)/host.json && exit $$status

# ---- check -----------------------------------------------------------------------------------

SPARSE ?= sparse
CHECKS := gcc clang sparse includes format abi docs tidy cppcheck stack dead lines spelling
.PHONY: check $(CHECKS:%=check-%)
check: setup-check
	$(Q)$(MAKE) $(CHECKS:%=check-%)

# A section a function lets the linker say what nothing reaches.
check-gcc:
	$(Q)$(MAKE) B=build/check/gcc WERROR=1 KCFLAGS='-fstack-usage $(KCFLAGS)' everything
	$(Q)$(MAKE) B=build/check/debug DEBUG=1 WERROR=1 \
		KCFLAGS='-ffunction-sections -fdata-sections $(KCFLAGS)' build/check/debug/tarn.elf
check-clang:
	$(Q)$(MAKE) B=build/check/clang CC=clang WERROR=1 build/check/clang/tarn.elf
check-stack: check-gcc
	$(call say,CHECK,stack of each function)
	$(Q)$(PYTHON) tests/check/stack.py build/check/gcc
check-dead: check-gcc
	$(call say,CHECK,dead code)
	$(Q)$(PYTHON) tests/check/dead.py '$(CC) $(KERNEL_LDFLAGS)' $(KERNEL_OBJS:$(B)/%=build/check/debug/%)
TIDY ?= clang-tidy
CPPCHECK ?= cppcheck
TIDY_FLAGS = --target=riscv64-linux-gnu -march=rv64imac -mabi=lp64 -mcmodel=medany -std=gnu11 -O2 \
	-ffreestanding -fno-strict-aliasing -fwrapv $(KERNEL_INC)
check-tidy: $(GEN_HEADERS) $(GEN_C)
	$(call say,CHECK,clang-tidy)
	$(Q)$(PYTHON) tests/check/tidy.py '$(TIDY)' '$(TIDY_FLAGS)' $(KERNEL_C)
check-cppcheck: $(GEN_HEADERS) $(GEN_C)
	$(call say,CHECK,cppcheck)
	$(Q)$(CPPCHECK) -q -j$(shell nproc) --std=c11 --enable=warning,portability,performance --error-exitcode=1 \
		--suppressions-list=tests/check/cppcheck.txt -D__riscv -D__riscv_xlen=64 $(KERNEL_INC) $(KERNEL_C)
check-lines:
	$(call say,CHECK,lines of each room)
	$(Q)$(PYTHON) tests/check/lines.py
check-spelling:
	$(call say,CHECK,spelling)
	$(Q)codespell --ignore-words tests/check/words.txt README.md $(wildcard docs/*.md) kernel sbi user libposix tests/check
check-sparse: $(GEN_HEADERS) $(GEN_C)
	$(call say,SPARSE,kernel)
	$(Q)$(PYTHON) tests/check/sparse.py '$(SPARSE)' '$(KERNEL_INC)' $(KERNEL_C)
check-includes:
	$(call say,CHECK,include direction)
	$(Q)$(PYTHON) tests/check/includes.py
check-abi:
	$(call say,CHECK,ABI headers)
	$(Q)$(PYTHON) tests/check/abi_headers.py
check-docs: $(GEN_HEADERS)
	$(call say,CHECK,docs/abi.md)
	$(Q)$(PYTHON) kernel/syscall/abi_page.py --check docs/abi.md

FORMAT_FILES = $(shell find kernel sbi libposix user mkfs tests -name '*.[ch]')
.PHONY: format docs
check-format:
	$(call say,CHECK,clang-format)
	$(Q)clang-format --dry-run -Werror $(FORMAT_FILES)
	$(call say,CHECK,log lines end without a newline)
	$(Q)! grep -rnPzo '\b(pr_(err|warn|info|debug)|printk|panic)\([^;]*?\\n"\s*[,)]' kernel sbi --include='*.[ch]'
format:
	$(Q)clang-format -i $(FORMAT_FILES)
docs:
	$(Q)$(PYTHON) kernel/syscall/abi_page.py docs/abi.md

# ---- clean -----------------------------------------------------------------------------------

.PHONY: clean distclean
clean:
	$(Q)if [ -d build ]; then \
		find build -mindepth 1 -maxdepth 1 ! -name cache ! -name disk -exec rm -rf {} +; fi
	$(Q)rm -f compile_commands.json
distclean:
	$(Q)rm -rf build compile_commands.json
