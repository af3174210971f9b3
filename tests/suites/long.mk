# Other people's own tests of their libraries, on the machine: too long for `make test`, a target each.
#
#   make test-rust      Rust's library       (TIMES=10 rounds on each of SMP_RUST="1 2 8" harts)
#   make test-go        Go's runtime, sync, time, os, os/exec, net, net/http, ...    (SMP_GO="2 8", PACKAGES="net os")
#   make test-apps      Debian's network programs between machines and with this host  (NAME= one of them)
#   make test-powercut  the root's disk after power cuts at any moment  (STATES=2000 of them, SEED=1, ROUNDS=40 of work)
#   make test-languages Java, Node, Erlang, OCaml, Rust, ... compile and run; PostgreSQL and MariaDB serve  (NAME= one of them)
#   make test-debian    apt, dpkg, git, gcc, SQLite, rsync of 50,000 files on a root that is kept; a power cut
#   make test-stress    stress-ng's stressors, SECONDS=600 in all, on STRESS_SMP=4 harts
#
# What Linux made of the same binaries is kept in tests/suites/long; `make oracle-rust oracle-go` records it again.

LONG := $(B)/suites/long
LONG_SRC := $(SUITES_SRC)/long
TIMES ?= 10
SMP_RUST ?= 1 2 8
SMP_GO ?= 2 8
STRESS_SMP ?= 4

# ---- Rust ------------------------------------------------------------------------------------

RT := $(CACHE)/rusttests
RT_LIB := $(RT)/library
# rustc's own features, as its build has them: the library says so of itself.
RT_RUSTC = RUSTC_BOOTSTRAP=1 STD_ENV_ARCH=riscv64 CFG_COMPILER_HOST_TRIPLE=riscv64gc-unknown-linux-gnu \
	$(CACHE)/rust/bin/rustc --cap-lints allow -C target-feature=+crt-static
RT_TEST = $(RT_RUSTC) --test --edition 2021 -C opt-level=1 -C debuginfo=0 -C strip=symbols \
	-Zforce-unstable-if-unmarked -L $(LONG)/rlib --extern rand=$(LONG)/rlib/librand.rlib \
	--extern rand_xorshift=$(LONG)/rlib/librand_xorshift.rlib
# f16 and f128 stay off where LLVM 19 can't fold their functions.
RT_STD := --crate-name std --cfg 'feature="panic_unwind"' --cfg 'feature="panic-unwind"' \
	--cfg 'feature="backtrace"' --cfg backtrace_in_libstd --cfg reliable_f16 \
	$(addprefix --extern ,alloc core cfg_if panic_unwind panic_abort unwind hashbrown std_detect \
	rustc_demangle libc addr2line object miniz_oxide compiler_builtins)
RT_alloc := --crate-name alloc --extern core --extern compiler_builtins
RT_BINS := $(addprefix $(LONG)/rust-,std alloc alloctests coretests)

$(LONG)/rlib:
	@mkdir -p $@
$(LONG)/rlib/.stamp: $(CACHE)/rust.stamp $(CACHE)/rusttests.stamp | $(LONG)/rlib
	$(call say,RUSTC,$(LONG)/rlib)
	$(Q)cd $(LONG)/rlib && set -e && c="$(CURDIR)/$(RT)" && \
	o="--edition 2018 --crate-type rlib -O -L ." && \
	$(subst $(CACHE),$(CURDIR)/$(CACHE),$(RT_RUSTC)) $$o --crate-name rand_core --cfg 'feature="alloc"' \
		$$c/rand_core/src/lib.rs && \
	$(subst $(CACHE),$(CURDIR)/$(CACHE),$(RT_RUSTC)) $$o --crate-name rand --cfg 'feature="alloc"' \
		--extern rand_core=librand_core.rlib $$c/rand/src/lib.rs && \
	$(subst $(CACHE),$(CURDIR)/$(CACHE),$(RT_RUSTC)) $$o --crate-name rand_xorshift \
		--extern rand_core=librand_core.rlib $$c/rand_xorshift/src/lib.rs
	@touch $@
$(RT_BINS): $(LONG)/rlib/.stamp
$(LONG)/rust-std:
	$(call say,RUSTC,$@)
	$(Q)$(RT_TEST) $(RT_STD) $(RT_LIB)/std/src/lib.rs -o $@
$(LONG)/rust-alloc:
	$(call say,RUSTC,$@)
	$(Q)$(RT_TEST) $(RT_alloc) $(RT_LIB)/alloc/src/lib.rs -o $@
$(LONG)/rust-alloctests:
	$(call say,RUSTC,$@)
	$(Q)$(RT_TEST) --crate-name alloctests --extern alloc $(RT_LIB)/alloc/tests/lib.rs -o $@
$(LONG)/rust-coretests:
	$(call say,RUSTC,$@)
	$(Q)$(RT_TEST) --crate-name coretests --extern core --extern alloc --cfg reliable_f16 \
		$(if $(wildcard $(RT_LIB)/coretests),$(RT_LIB)/coretests,$(RT_LIB)/core)/tests/lib.rs -o $@

.PHONY: test-rust oracle-rust rust-tests
rust-tests: $(RT_BINS)
test-rust: setup-test $(B)/tarn.elf $(B)/user/tarn-init $(CACHE)/busybox.stamp rust-tests
	$(Q)$(PYTHON) $(LONG_SRC)/rust.py --build $(B) --times $(TIMES) --smp '$(SMP_RUST)' run
oracle-rust: setup-oracle $(CACHE)/linux.stamp $(CACHE)/busybox.stamp rust-tests
	$(Q)$(PYTHON) $(LONG_SRC)/rust.py --build $(B) record

# ---- Go --------------------------------------------------------------------------------------

GT_PACKAGES := runtime sync sync/atomic time os/signal os/exec os io internal/poll net net/netip net/textproto \
	net/http crypto/tls
GT_BINS := $(foreach p,$(GT_PACKAGES),$(LONG)/go-$(subst /,_,$(p)))
$(GT_BINS): $(CACHE)/go.stamp
	$(call say,GO,$@)
	@mkdir -p $(@D)
	$(Q)cd $(CACHE)/go/root/usr/share/go-*/src && $(CURDIR)/$(GO) test -c -vet=off -ldflags='-s -w' \
		-o $(CURDIR)/$@ $(subst _,/,$(@:$(LONG)/go-%=%))
.PHONY: test-go oracle-go go-tests
go-tests: $(GT_BINS)
test-go: setup-test $(B)/tarn.elf $(B)/user/tarn-init $(CACHE)/busybox.stamp go-tests
	$(Q)$(PYTHON) $(LONG_SRC)/go.py --build $(B) --smp '$(SMP_GO)' --only '$(PACKAGES)' run
oracle-go: setup-oracle $(CACHE)/linux.stamp $(CACHE)/busybox.stamp go-tests
	$(Q)$(PYTHON) $(LONG_SRC)/go.py --build $(B) --only '$(PACKAGES)' record

# ---- stress-ng -------------------------------------------------------------------------------

.PHONY: test-stress
test-stress: setup-test $(B)/tarn.elf $(B)/user/tarn-init $(CACHE)/busybox.stamp $(CACHE)/stress.stamp
	$(Q)$(PYTHON) $(LONG_SRC)/stress.py --build $(B) --seconds $(or $(SECONDS),600) --smp $(STRESS_SMP) $(STRESSORS)

# ---- network programs ------------------------------------------------------------------------

.PHONY: test-apps
test-apps: setup-test $(B)/tarn.elf $(B)/user/tarn-init $(CACHE)/busybox.stamp $(CACHE)/netapps.stamp $(CACHE)/nethost.stamp
	$(Q)$(PYTHON) $(LONG_SRC)/netapps.py --build $(B) run $(NAME)

# ---- Debian at work --------------------------------------------------------------------------

.PHONY: test-debian
test-debian: setup-test $(B)/tarn.elf $(B)/user/tarn-init $(MKFS_TOOLS) $(CACHE)/debian.stamp
	$(Q)$(PYTHON) $(SUITES_SRC)/debian.py --build $(B) run

# ---- languages -------------------------------------------------------------------------------

.PHONY: test-languages
test-languages: setup-test $(B)/tarn.elf $(B)/user/tarn-init $(CACHE)/languages.stamp
	$(Q)$(PYTHON) $(LONG_SRC)/languages.py --build $(B) --smp $(or $(SMP),4) $(NAME)

# ---- power cuts ------------------------------------------------------------------------------

.PHONY: test-powercut
test-powercut: setup-test $(B)/tarn.elf $(B)/user/tarn-init $(MKFS_TOOLS) $(CACHE)/busybox.stamp $(CACHE)/programs.stamp
	$(Q)$(PYTHON) $(SUITES_SRC)/powercut.py --build $(B) --states $(or $(STATES),2000) --seed $(or $(SEED),1) \
		--rounds $(or $(ROUNDS),40) run
