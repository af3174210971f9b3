# libposix on this machine, for libFuzzer: its own sources under clang's sanitizers, each of its names with
# lp_ before it, so that the host's C library is beside it as the judge.
#
#	make fuzz-libposix SECONDS=300		each target for so long, from the seeds of corpus/

LP_SRC := $(TESTS)/host/libposix
# These read whole words, and so bytes behind an end: the host's take their place.
LP_WORDS := $(addprefix libposix/src/string/,memchr.c memcpy.c memset.c strchr.c strcmp.c strcpy.c strlen.c)
LP_C := $(filter-out %/lock.c %/popen.c,$(wildcard libposix/src/stdio/*.c)) \
	$(addprefix libposix/src/internal/,charsrc.c float.c scan_float.c) \
	$(wildcard libposix/src/ctype/*.c libposix/src/regex/*.c libposix/src/locale/*.c) \
	$(filter-out $(LP_WORDS),$(wildcard libposix/src/string/*.c)) \
	$(filter-out %/temp.c %/arc4random.c %/alloc.c %/central.c %/heap.c %/span.c %/env.c %/realpath.c,$(wildcard libposix/src/stdlib/*.c)) \
	$(wildcard libposix/src/wchar/*.c) $(addprefix libposix/src/pattern/,fnmatch.c glob.c) \
	$(addprefix libposix/src/net/,dns.c dn_comp.c) \
	$(addprefix libposix/src/time/,calendar.c zone.c strftime.c strptime.c) $(LP_SRC)/host.c
LP_HEAP_C := $(addprefix libposix/src/stdlib/,alloc.c central.c heap.c span.c) $(LP_SRC)/host.c
LP_FUZZ := $(patsubst %,$(HOST_B)/fuzz_posix_%,printf scan strtod regex glob dns zone)
LP_CFLAGS = -std=gnu11 -O1 -g -w -ffreestanding -fno-builtin -fwrapv -mlong-double-128 -D_GNU_SOURCE= -DUAPI_ALL= -nostdinc \
	-Ilibposix/include -Ikernel/include -I$(HOST_B)/gen -I. -isystem $(shell $(FUZZ_CC) -print-resource-dir)/include \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=alignment,function -fno-sanitize-recover=undefined \
	-include $(LP_SRC)/shim.h
# What the harness answers for, not the host.
LP_MOCKED := open read close stat lstat fstat opendir readdir closedir getenv secure_getenv

$(HOST_B)/gen/unicode.h: libposix/src/wchar/unicode.py
	@mkdir -p $(@D)
	$(if $(V),,@)/usr/bin/python3 $< $@
$(HOST_B)/gen/syscall_numbers.h: kernel/syscall/gen.py kernel/syscall/syscalls.tbl kernel/syscall/strace/structs.py
	@mkdir -p $(@D)
	$(if $(V),,@)/usr/bin/python3 kernel/syscall/gen.py kernel/syscall/syscalls.tbl $(@D)
$(HOST_B)/lp/%.o: %.c $(LP_SRC)/shim.h $(HOST_B)/gen/unicode.h $(HOST_B)/gen/syscall_numbers.h
	@mkdir -p $(@D)
	$(if $(V),,@)$(FUZZ_CC) $(LP_CFLAGS) -MMD -MP -c -o $@ $<

define lp-bundle
$(HOST_B)/$(1).o: $$(patsubst %.c,$$(HOST_B)/lp/%.o,$(2))
	$$(if $$(V),,@)ld -r -o $$@.all $$^
	$$(if $$(V),,@)nm $$@.all | awk '$$$$(NF - 1) ~ /^[TDBRVWC]$$$$/ && $$$$NF !~ /^(__asan|__ubsan|__sanit|__sancov|__start_|__stop_|__odr|asan\.|\.)/ \
		{ print $$$$NF, "lp_" $$$$NF }' > $$@.names
	$$(if $$(V),,@)for n in $(LP_MOCKED); do echo $$$$n lp_$$$$n; done >> $$@.names
	$$(if $$(V),,@)objcopy --redefine-syms=$$@.names $$@.all $$@ && rm $$@.all
-include $$(patsubst %.c,$$(HOST_B)/lp/%.d,$(2))
endef
$(eval $(call lp-bundle,libposix,$(LP_C)))
$(eval $(call lp-bundle,libposix_heap,$(LP_HEAP_C)))

LP_LINK = $(if $(V),,@)$(FUZZ_CC) -std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
$(LP_FUZZ): $(HOST_B)/fuzz_posix_%: $(LP_SRC)/fuzz_%.c $(LP_SRC)/world.c $(LP_SRC)/lp.h $(HOST_B)/libposix.o
	$(LP_LINK) -o $@ $(filter %.c %.o,$^)
$(HOST_B)/fuzz_posix_malloc: $(LP_SRC)/fuzz_malloc.c $(HOST_B)/libposix_heap.o
	$(LP_LINK) -o $@ $(filter %.c %.o,$^)
HOST_FUZZ += $(LP_FUZZ) $(HOST_B)/fuzz_posix_malloc

.PHONY: fuzz-libposix
fuzz-libposix: $(LP_FUZZ) $(HOST_B)/fuzz_posix_malloc
	$(if $(V),,@)for f in $^; do n=$$(basename $$f); mkdir -p $(HOST_B)/corpus/$$n; echo "== $$n"; \
		$$f -max_total_time=$(or $(SECONDS),300) -timeout=10 -artifact_prefix=$(HOST_B)/corpus/$$n- $(HOST_B)/corpus/$$n \
		$$(ls -d $(TESTS)/host/corpus/$$n 2>/dev/null) 2>&1 | tail -3; done
