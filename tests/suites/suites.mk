# The programs of tests/suites, built by other people's toolchains into build/suites/bin. What can't be
# built (no network, say) fails its tests only.

SUITES := $(B)/suites
SUITES_SRC := $(TESTS)/suites
SUITE_PROGRAMS := rust-static rust-dynamic go glibc plugin.so musl cxx-static cxx-dynamic \
	netdb-glibc netdb-musl netdb-posix rust-http go-http \
	hello-glibc hello-musl hello-rust ipc-calls every-call gdb-threads gdb-shared near.so opened.so
SUITE_BINS := $(SUITE_PROGRAMS:%=$(SUITES)/bin/%)
SUITE_CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Wshadow -pthread -s
SUITE_CXXFLAGS := -std=c++17 -O2 -Wall -Wextra -Wshadow -pthread -s
CROSS_CC := $(CROSS)gcc
CROSS_CXX := $(CROSS)g++
RUSTC = $(CACHE)/rust/bin/rustc --edition 2021 -O -C strip=symbols
GO = $(CACHE)/go/bin/go

.PHONY: suites
suites: $(SUITE_BINS) $(CACHE)/busybox.stamp $(CACHE)/libc.stamp $(CACHE)/programs.stamp \
	$(CACHE)/gdb.stamp $(CACHE)/nettools.stamp $(CACHE)/systools.stamp $(CACHE)/tcpdump.stamp $(CACHE)/netapps.stamp $(CACHE)/nethost.stamp \
	$(CACHE)/debian.stamp
test-build: suites

# another tree of tests (GRADE=) has sources of its own
$(SUITES)/.flags: FORCE | setup-test
	$(call flags-file,$(SUITES_SRC) $(CROSS_CC) $(SUITE_CFLAGS) $(SUITE_CXXFLAGS) $(RUSTC))
$(SUITE_BINS): $(SUITES)/.flags | $(SUITES)/bin
$(SUITES)/bin:
	@mkdir -p $@

$(SUITES)/bin/rust-static: $(SUITES_SRC)/rust/work.rs $(CACHE)/rust.stamp
	$(call say,RUSTC,$@)
	$(Q)$(RUSTC) -C target-feature=+crt-static -o $@ $<
$(SUITES)/bin/rust-dynamic: $(SUITES_SRC)/rust/work.rs $(CACHE)/rust.stamp
	$(call say,RUSTC,$@)
	$(Q)$(RUSTC) -o $@ $<
$(SUITES)/bin/go: $(SUITES_SRC)/go/work.go $(CACHE)/go.stamp
	$(call say,GO,$@)
	$(Q)$(GO) build -trimpath -ldflags='-s -w' -o $@ $<
$(SUITES)/bin/glibc: $(SUITES_SRC)/c/glibc.c $(SUITES_SRC)/c/check.h
	$(call say,CC,$@)
	$(Q)$(CROSS_CC) $(SUITE_CFLAGS) -rdynamic -o $@ $< -lm
$(SUITES)/bin/plugin.so: $(SUITES_SRC)/c/plugin.c
	$(call say,CC,$@)
	$(Q)$(CROSS_CC) $(SUITE_CFLAGS) -fPIC -shared -o $@ $<
$(SUITES)/bin/musl: $(SUITES_SRC)/c/musl.c $(SUITES_SRC)/c/check.h $(CACHE)/musl.stamp
	$(call say,CC,$@)
	$(Q)$(CACHE)/musl/bin/musl-gcc $(SUITE_CFLAGS) -o $@ $<
$(SUITES)/bin/cxx-static: $(SUITES_SRC)/cxx/work.cc
	$(call say,CXX,$@)
	$(Q)$(CROSS_CXX) $(SUITE_CXXFLAGS) -static -o $@ $<
$(SUITES)/bin/cxx-dynamic: $(SUITES_SRC)/cxx/work.cc
	$(call say,CXX,$@)
	$(Q)$(CROSS_CXX) $(SUITE_CXXFLAGS) -o $@ $<

# One source, three C libraries: names and addresses.
$(SUITES)/bin/netdb-glibc: $(SUITES_SRC)/c/netdb.c
	$(call say,CC,$@)
	$(Q)$(CROSS_CC) $(SUITE_CFLAGS) -D_GNU_SOURCE -o $@ $<
$(SUITES)/bin/netdb-musl: $(SUITES_SRC)/c/netdb.c $(CACHE)/musl.stamp
	$(call say,CC,$@)
	$(Q)$(CACHE)/musl/bin/musl-gcc $(SUITE_CFLAGS) -D_GNU_SOURCE -o $@ $<
$(SUITES)/bin/netdb-posix: $(SUITES_SRC)/c/netdb.c $(USER_LIBS)
	$(call say,CC,$@)
	$(Q)$(CC) $(USER_CFLAGS) -c -o $(SUITES)/netdb-posix.o $<
	$(call user-link,$@,$(SUITES)/netdb-posix.o)

# Servers and clients of HTTP.
$(SUITES)/bin/rust-http: $(SUITES_SRC)/rust/http.rs $(CACHE)/rust.stamp
	$(call say,RUSTC,$@)
	$(Q)$(RUSTC) -C target-feature=+crt-static -o $@ $<
$(SUITES)/bin/go-http: $(SUITES_SRC)/go/http.go $(CACHE)/go.stamp
	$(call say,GO,$@)
	$(Q)$(GO) build -trimpath -ldflags='-s -w' -o $@ $<

# What tests/strace traces.
$(SUITES)/bin/hello-glibc: $(TESTS)/strace/hello.c
	$(call say,CC,$@)
	$(Q)$(CROSS_CC) $(SUITE_CFLAGS) -o $@ $<
$(SUITES)/bin/hello-musl: $(TESTS)/strace/hello.c $(CACHE)/musl.stamp
	$(call say,CC,$@)
	$(Q)$(CACHE)/musl/bin/musl-gcc $(SUITE_CFLAGS) -o $@ $<
$(SUITES)/bin/ipc-calls: $(TESTS)/strace/ipc.c
	$(call say,CC,$@)
	$(Q)$(CROSS_CC) $(SUITE_CFLAGS) -static -o $@ $<
$(SUITES)/bin/every-call: $(TESTS)/strace/every.c
	$(call say,CC,$@)
	$(Q)$(CROSS_CC) $(SUITE_CFLAGS) -Wno-nonnull -O1 -static -o $@ $<
$(SUITES)/bin/hello-rust: $(TESTS)/strace/hello.rs $(CACHE)/rust.stamp
	$(call say,RUSTC,$@)
	$(Q)$(RUSTC) -C target-feature=+crt-static -o $@ $<

# What Debian's gdb looks at: at /threads.c it finds the source.
SUITE_GDB_CFLAGS = -std=gnu11 -O0 -g -Wall -Wextra -Wshadow -ffile-prefix-map=$(SUITES_SRC)/gdb=/
$(SUITES)/bin/gdb-threads: $(SUITES_SRC)/gdb/threads.c
	$(call say,CC,$@)
	$(Q)$(CROSS_CC) $(SUITE_GDB_CFLAGS) -pthread -o $@ $<

# A program that libposix's loader starts, the object it needs, and the one that it opens.
SUITE_SHARED = $(CC) $(SUITE_GDB_CFLAGS) $(POSIX_ARCH) -mcmodel=medany $(POSIX_INC) -fPIC -c -o $(SUITES)/$(@F).o $< && \
	$(CROSS_CC) -nostdlib -Wl,--build-id=none
$(SUITES)/bin/near.so: $(SUITES_SRC)/gdb/near.c | $(GEN_HEADERS)
	$(call say,CC,$@)
	$(Q)$(SUITE_SHARED) -shared -Wl,-soname,near.so -o $@ $(SUITES)/$(@F).o
$(SUITES)/bin/opened.so: $(SUITES_SRC)/gdb/opened.c $(SUITES)/bin/near.so
	$(call say,CC,$@)
	$(Q)$(SUITE_SHARED) -shared -o $@ $(SUITES)/$(@F).o $(SUITES)/bin/near.so
$(SUITES)/bin/gdb-shared: $(SUITES_SRC)/gdb/shared.c $(SUITES)/bin/near.so $(LIBPOSIX_CRTS) $(LIBPOSIX_LD)
	$(call say,CC,$@)
	$(Q)$(SUITE_SHARED) -pie -Wl,-dynamic-linker,/lib/ld-tarn-riscv64.so.1 -Wl,-rpath,/ -o $@ \
		$(B)/libposix/Scrt1.o $(SUITES)/$(@F).o $(SUITES)/bin/near.so $(LIBPOSIX_SO) -lgcc

include $(SUITES_SRC)/long.mk
