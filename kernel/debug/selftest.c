/*
 * Runs the kernel's own tests (selftest.h) and says how they ended, one line each.
 */
#include "debug/selftest.h"

#include "dev/machine.h"
#include "lib/string.h"
#include "sync/cmdline.h"
#include "sync/log.h"

extern const struct kernel_test __kernel_tests_start[], __kernel_tests_end[];

void selftest_run(void)
{
	unsigned passed = 0, failed = 0;
	char mode[8];

	if (cmdline_get("selftest", mode, sizeof(mode)) < 0) {
		if (!cmdline_flag("selftest"))
			return;
		mode[0] = '\0';
	}
	for (const struct kernel_test *t = __kernel_tests_start; t < __kernel_tests_end; t++) {
		const char *wrong = t->fn();

		if (wrong) {
			failed++;
			pr_err("selftest: FAIL %s: %s", t->name, wrong);
		} else {
			passed++;
			pr_info("selftest: ok %s", t->name);
		}
	}
	pr_info("selftest: %u passed, %u failed", passed, failed);
	if (str_equal(mode, "exit"))
		machine_exit(failed != 0);
}
