"""The tests that are in the kernel, next to what they test (kernel/debug/selftest.h)."""
import re

import pytest


@pytest.mark.area('boot', points=3)
@pytest.mark.parametrize('harts', [1, 4])
def test_selftests(tarn, minimal_root, harts):
    got = tarn('--smp', str(harts), '--append', 'selftest', root=minimal_root, command=['true'])
    bad = re.findall(r'selftest: FAIL (.*)', got.log)
    assert not bad, '; '.join(bad)
    found = re.search(r'selftest: (\d+) passed, 0 failed', got.log)
    assert found and int(found[1]) > 0, 'they did not run'
    got.ok()
