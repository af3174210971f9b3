# Our programs: each is user/NAME.c, linked statically against libposix into build/user/NAME.

USER_ALIASES := reboot halt umount
# The smallest root has these; the root of `make qemu` has all.
USER_MINIMAL := init tarn-init poweroff reboot halt sh hello true cat echo ls mount umount dhcp ping httpget nc ifconfig \
	usertests libposix-tests
USER_MORE := basename cmp comm cut date dirname env expr false grep head hexdump hostname id kill ln mkdir mkfifo mknod \
	mktemp nice nohup nproc od paste printf pwd readlink realpath rmdir seq sleep sync tail tee test timeout touch tr tty \
	uname uniq wc which whoami xargs yes clear
USER_PROGRAMS := $(USER_MINIMAL) $(USER_MORE)

USER_CFLAGS = $(POSIX_CFLAGS) -Iuser
USER_COMMON_OBJS := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard user/common/*.c)))
# usertests is many files, one a family of tests. Tests come from the tree that $(TESTS) is of: with
# `make test GRADE=` that is an earlier revision's.
TESTS ?= tests
USER_TESTS := $(TESTS:tests=user)
USERTESTS_OBJS := $(patsubst $(USER_TESTS)/%.c,$(B)/user/%.o,$(sort $(wildcard $(USER_TESTS)/kernel-tests/*.c)))
USER_SH_OBJS := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard user/sh/*.c)))
USER_LIBGCC = $(eval USER_LIBGCC := $$(shell $(CROSS)gcc -print-libgcc-file-name))$(USER_LIBGCC)

$(B)/.flags-user: FORCE | setup-build
	$(call flags-file,$(CC) $(USER_CFLAGS) / $(POSIX_LDFLAGS) / $(USER_COMMON_OBJS) $(USER_SH_OBJS) $(USERTESTS_OBJS) $(USER_TESTS))

$(B)/user/%.o: user/%.c $(B)/.flags-user | $(GEN_HEADERS)
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/user/kernel-tests/%.o: $(USER_TESTS)/kernel-tests/%.c $(B)/.flags-user | $(GEN_HEADERS)
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/user/libposix-tests.o: $(USER_TESTS)/libposix-tests.c $(B)/.flags-user | $(GEN_HEADERS)
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/user/libcommon.a: $(USER_COMMON_OBJS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(USER_COMMON_OBJS)

# The compiler may not answer for the library.
$(B)/user/libposix-tests.o: USER_CFLAGS += -fno-builtin

# link NAME, objects
user-link = $(CROSS)gcc $(POSIX_LDFLAGS) -o $(1) $(LIBPOSIX_CRT) $(2) $(B)/user/libcommon.a $(LIBPOSIX) \
	$(USER_LIBGCC) && printf '  %-7s %s (%s bytes)\n' LD '$(1:$(B)/%=%)' \
	"$$($(CROSS)size $(1) | awk 'NR == 2 { print $$4 }')"
USER_LIBS := $(B)/user/libcommon.a $(LIBPOSIX) $(LIBPOSIX_CRT)
USER_SINGLE := $(filter-out $(USER_ALIASES) usertests sh,$(USER_PROGRAMS))

# Every run lays it over its root, and what is laid over stays in memory: no symbols.
$(B)/user/tarn-init: private POSIX_LDFLAGS += -s
$(USER_SINGLE:%=$(B)/user/%): $(B)/user/%: $(B)/user/%.o $(USER_LIBS)
	$(Q)$(call user-link,$@,$<)
$(B)/user/sh: $(USER_SH_OBJS) $(USER_LIBS)
	$(Q)$(call user-link,$@,$(USER_SH_OBJS))
$(B)/user/usertests: $(USERTESTS_OBJS) $(USER_LIBS)
	$(Q)$(call user-link,$@,$(USERTESTS_OBJS))

# Programs with several names: the name they are called by decides.
$(B)/user/reboot $(B)/user/halt: $(B)/user/poweroff
	$(Q)cp -f $< $@
$(B)/user/umount: $(B)/user/mount
	$(Q)cp -f $< $@

-include $(wildcard $(B)/user/*.d $(B)/user/*/*.d)
