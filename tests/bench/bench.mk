# make bench: Tarn beside Debian's Linux (docs/bench.md).
#
#   make bench                  all rows, counted and timed; build/bench.json, build/bench.svg
#   make bench K=pipe           rows whose name matches
#   make bench BENCH_RUNS=20    more runs against the wall clock (0: count instructions only)
#   make bench BASE=FILE        also name what takes more than 5% more instructions than in FILE
#   make bench-docs             put what was measured last into docs/bench.md and docs/bench.svg

BENCH_SRC := $(TESTS)/bench
BENCH_CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Wshadow -pthread -s
BENCH_BINS := $(addprefix $(B)/bench/,bench tiny dynamic count.so)
BENCH_LIBC := $(addprefix $(B)/bench/libc-,glibc musl libposix regex scale)
BENCH_RUNS ?= 7
BENCH = $(PYTHON) $(BENCH_SRC)/bench.py --build $(B)

.PHONY: bench bench-build bench-docs
bench: setup-bench
	$(Q)$(MAKE) bench-build
	$(Q)$(BENCH) --runs $(BENCH_RUNS) $(if $(BASE),--base '$(BASE)') $(if $(K),'$(K)')
bench-build: $(B)/tarn.elf $(BENCH_BINS) $(addprefix $(CACHE)/,$(addsuffix .stamp,linux linuxnet linuxfs libc netapps nethost programs)) \
	$(MKFS_TOOLS)
bench-docs: setup-bench
	$(Q)$(BENCH) --docs docs
test-build: $(BENCH_BINS) $(BENCH_LIBC)

$(B)/bench/.flags: FORCE | setup-build
	$(call flags-file,$(BENCH_SRC) $(CROSS_CC) $(BENCH_CFLAGS))
$(BENCH_BINS) $(BENCH_LIBC): $(B)/bench/.flags

$(B)/bench/bench: $(addprefix $(BENCH_SRC)/,main.c calls.c files.c disk.c switch.c ipc.c net.c process.c \
		memory.c servers.c bench.h)
	$(call say,CC,$@)
	$(Q)$(CROSS_CC) $(BENCH_CFLAGS) -static -Wl,-e,bench_entry -o $@ $(filter %.c,$^)
# QEMU from 9 on takes plugins of interface 2 and later.
$(B)/bench/count.so: $(BENCH_SRC)/count.c
	$(call say,HOSTCC,$@)
	$(Q)$(HOSTCC) -O2 -Wall -Wextra -shared -fPIC -fvisibility=hidden -o $@ $< \
		-DAPI=$$(qemu-system-riscv64 --version | awk '{ print ($$4 + 0 >= 9) ? 2 : 1; exit }')
$(B)/bench/tiny: $(BENCH_SRC)/tiny.c
	$(call say,CC,$@)
	$(Q)$(CROSS_CC) $(BENCH_CFLAGS) -static -nostdlib -o $@ $<
$(B)/bench/dynamic: $(BENCH_SRC)/dynamic.c
	$(call say,CC,$@)
	$(Q)$(CROSS_CC) $(BENCH_CFLAGS) -o $@ $<
# The same program with three C libraries.
BENCH_LIBC_CFLAGS := -std=gnu11 -O2 -g0 -fno-builtin -Wall -Wextra -Wshadow
$(B)/bench/libc-glibc: $(BENCH_SRC)/libc.c $(BENCH_SRC)/bench.h
	$(call say,CC,$@)
	$(Q)$(CROSS_CC) $(BENCH_LIBC_CFLAGS) -static -pthread -o $@ $<
$(B)/bench/libc-musl: $(BENCH_SRC)/libc.c $(BENCH_SRC)/bench.h $(CACHE)/musl.stamp
	$(call say,CC,$@)
	$(Q)$(CACHE)/musl/bin/musl-gcc $(BENCH_LIBC_CFLAGS) -static -pthread -o $@ $<
$(B)/bench/libc-regex: $(BENCH_SRC)/regex.c
$(B)/bench/libc-libposix: $(BENCH_SRC)/libc.c
$(B)/bench/libc-scale: $(BENCH_SRC)/scale.c
$(B)/bench/libc-libposix $(B)/bench/libc-regex $(B)/bench/libc-scale: $(BENCH_SRC)/bench.h $(LIBPOSIX) $(LIBPOSIX_CRT)
	$(call say,CC,$@)
	$(Q)$(CC) $(filter-out -ffunction-sections -fdata-sections,$(POSIX_CFLAGS)) -g0 -fno-builtin $(POSIX_LDFLAGS) -o $@ $(LIBPOSIX_CRT) $(filter %.c,$^) $(LIBPOSIX) \
		$(USER_LIBGCC)
