# Our programs: each is user/NAME.c, linked statically against libposix into build/user/NAME.

# Programs with several names, each ALIAS:PROGRAM; the name they are called by decides.
USER_ALIAS_OF := reboot:poweroff halt:poweroff umount:mount chgrp:chown egrep:grep fgrep:grep sha1sum:md5sum \
	sha256sum:md5sum sha512sum:md5sum gunzip:gzip zcat:gzip
USER_ALIASES := $(foreach a,$(USER_ALIAS_OF),$(firstword $(subst :, ,$(a))))
# The smallest root has these; the root of `make qemu` has all.
USER_MINIMAL := init tarn-init poweroff reboot halt sh hello true cat echo ls mount umount dhcp ping httpget nc ifconfig \
	usertests libposix-tests libposix-thread-tests libposix-sys-tests libposix-text-tests
USER_MORE := basename chmod chown clear cmp comm cp cut date df diff dirname dmesg du ed env expr false find free grep gzip head hexdump hostname httpd \
	id kill ln lockstat man md5sum mkdir mkfifo mknod mktemp mv nice nohup nproc od paste printf ps pwd readlink realpath rm rmdir sed \
	seq slabtop sleep sort stat strace stty sync tail tar tee test timeout top touch tr trace tty uname uniq uptime vmmap wc wget which whoami xargs yes \
	$(filter-out reboot halt umount,$(USER_ALIASES))
USER_PROGRAMS := $(USER_MINIMAL) $(USER_MORE)

USER_CFLAGS = $(POSIX_CFLAGS) -Iuser
USER_COMMON_OBJS := $(patsubst %.c,$(B)/%.o,$(sort $(wildcard user/common/*.c)))
# usertests is many files, one a family of tests. Tests come from the tree that $(TESTS) is of: with
# `make test GRADE=` that is an earlier revision's.
TESTS ?= tests
USER_TESTS := $(TESTS:tests=user)
USERTESTS_OBJS := $(patsubst $(USER_TESTS)/%.c,$(B)/user/%.o,$(sort $(wildcard $(USER_TESTS)/kernel-tests/*.c)))
# Programs of several files, each a folder; the program takes the name that the folder of its objects would have.
USER_FOLDERS := ed find sed sh tar
user-folder-objs = $(patsubst user/$(1)/%.c,$(B)/user/$(1)-%.o,$(sort $(wildcard user/$(1)/*.c)))
USER_FOLDER_OBJS := $(foreach p,$(USER_FOLDERS),$(call user-folder-objs,$(p)))
USER_LIBGCC = $(eval USER_LIBGCC := $$(shell $(CROSS)gcc -print-libgcc-file-name))$(USER_LIBGCC)

$(B)/.flags-user: FORCE | setup-build
	$(call flags-file,$(CC) $(USER_CFLAGS) / $(POSIX_LDFLAGS) / $(USER_COMMON_OBJS) $(USER_FOLDER_OBJS) $(USERTESTS_OBJS) $(USER_TESTS),\
		$(USER_COMMON_OBJS) $(USERTESTS_OBJS))

$(B)/user/%.o: user/%.c $(B)/.flags-user | $(GEN_HEADERS)
	$(call say,CC,$@)
	$(Q)$(CC) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/user/kernel-tests/%.o: $(USER_TESTS)/kernel-tests/%.c $(B)/.flags-user | $(GEN_HEADERS)
	$(call say,CC,$@)
	$(Q)$(CC) $(USER_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/user/libposix-tests.o: $(USER_TESTS)/libposix-tests.c $(B)/.flags-user | $(GEN_HEADERS)
	$(call say,CC,$@)
	$(Q)$(CC) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/user/libcommon.a: $(USER_COMMON_OBJS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(USER_COMMON_OBJS)

# Nobody waits for tests to run, but for their compiler; and it may not answer for the library.
LIBPOSIX_TESTS_OBJS := $(patsubst %,$(B)/user/%.o,$(filter libposix-%,$(USER_MINIMAL)))
$(USERTESTS_OBJS) $(LIBPOSIX_TESTS_OBJS): USER_CFLAGS += -O1
$(LIBPOSIX_TESTS_OBJS): USER_CFLAGS += -fno-builtin

# A line of a recipe: link NAME, objects
user-link = $(call say,LD,$(1))$(Q)$(CROSS)gcc $(POSIX_LDFLAGS) -o $(1) $(LIBPOSIX_CRT) $(2) $(B)/user/libcommon.a $(LIBPOSIX) \
	$(USER_LIBGCC)
USER_LIBS := $(B)/user/libcommon.a $(LIBPOSIX) $(LIBPOSIX_CRT)
# What manual pages are made of.
USER_SOURCES = $(USER_FOLDERS:%=user/%/main.c) $(filter-out %tests.c,$(USER_SINGLE:%=user/%.c))
USER_SINGLE := $(filter-out $(USER_ALIASES) usertests $(USER_FOLDERS),$(USER_PROGRAMS))

# Every run lays it over its root, and what is laid over stays in memory; and of so many the names
# would be most of the root: no symbols.
$(addprefix $(B)/user/,tarn-init sh $(filter-out $(USER_ALIASES),$(USER_MORE))): private POSIX_LDFLAGS += -s
$(USER_SINGLE:%=$(B)/user/%): $(B)/user/%: $(B)/user/%.o $(USER_LIBS)
	$(call user-link,$@,$<)

define user-folder
$(B)/user/$(1)-%.o: user/$(1)/%.c $(B)/.flags-user | $(GEN_HEADERS)
	$$(call say,CC,$$@)
	$$(Q)$$(CC) $$(USER_CFLAGS) -MMD -MP -c -o $$@ $$<
$(B)/user/$(1): $(call user-folder-objs,$(1)) $(USER_LIBS)
	$$(call user-link,$$@,$(call user-folder-objs,$(1)))
endef
$(foreach p,$(USER_FOLDERS),$(eval $(call user-folder,$(p))))
$(B)/user/usertests: $(USERTESTS_OBJS) $(USER_LIBS)
	$(call user-link,$@,$(USERTESTS_OBJS))

define user-alias
$(B)/user/$(1): $(B)/user/$(2)
	$(Q)cp -f $$< $$@
endef
$(foreach a,$(USER_ALIAS_OF),$(eval $(call user-alias,$(firstword $(subst :, ,$(a))),$(lastword $(subst :, ,$(a))))))

$(B)/gen/strace_calls.h: user/strace_table.py kernel/syscall/syscalls.tbl kernel/syscall/strace/flags.tbl
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(PYTHON) $< kernel/syscall/syscalls.tbl > $@
$(B)/user/strace.o $(B)/user/trace.o: $(B)/gen/strace_calls.h

-include $(wildcard $(B)/user/*.d $(B)/user/*/*.d)
