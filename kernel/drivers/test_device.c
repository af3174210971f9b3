/*
 * QEMU's test device (sifive_test): a store of a word ends the machine, with an
 * exit status for the one who started QEMU. A panic and machine_exit use it.
 */
#include <uapi/errno.h>
#include "alloc/vmap.h"
#include "dev/driver.h"
#include "dev/machine.h"
#include "dev/mmio.h"
#include "sync/log.h"

static void *regs; /* [boot] */

static void test_write(u32 word)
{
	mmio_write32(regs, word);
}

static void fail(int status)
{
	machine_exit(status);
}

static int test_probe(const struct dt_node *n)
{
	u64 addr, size;

	if (regs)
		return -EBUSY;
	if (!dt_reg(n, 0, &addr, &size) || size < 4)
		return -EINVAL;
	regs = ioremap(addr, size);
	if (!regs)
		return -ENOMEM;
	machine_test_write = test_write;
	machine_fail = fail;
	return 0;
}

DRIVER(test_device) = {
	.name = "test-device",
	.stage = DRIVER_IRQCHIP,
	.compatible = { "sifive,test0" },
	.probe = test_probe,
};
