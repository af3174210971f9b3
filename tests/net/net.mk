# iperf3 between this host and a guest over tap, beside Debian's Linux (iperf.py): too long for `make test`, and
# only root can. ROUNDS=3 SECONDS=8 WIRE='1%' (part of a wire's name: that one alone)

$(B)/faultlink: $(TESTS)/net/faultlink.c | setup-test
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O2 -Wall -Wextra -o $@ $<

.PHONY: test-iperf
test-iperf: setup-test $(B)/tarn.elf $(B)/faultlink \
		$(addprefix $(CACHE)/,$(addsuffix .stamp,busybox linux linuxnet netapps nethost))
	$(Q)$(PYTHON) $(TESTS)/net/iperf.py --build $(B) --cache $(CACHE) --rounds $(or $(ROUNDS),3) \
		--seconds $(or $(SECONDS),8) --only '$(WIRE)'

# What a network may do to a machine (test_abuse.py), much of it, on the debug kernel: half an hour.
.PHONY: test-abuse
test-abuse: setup-test debug-kernel $(B)/root-min.tar
	$(Q)ABUSE=long $(PYTHON) -m pytest -c $(TESTS)/pytest.ini --rootdir $(TESTS) $(TESTS)/net/test_abuse.py
