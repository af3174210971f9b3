/*
 * The goldfish real-time clock: nanoseconds since 1970. Read once, at boot.
 */
#include <uapi/errno.h>
#include "alloc/vmap.h"
#include "core/time.h"
#include "dev/driver.h"
#include "dev/mmio.h"

#define RTC_TIME_LOW  0x00 /* latches the high half */
#define RTC_TIME_HIGH 0x04

static int rtc_probe(const struct dt_node *n)
{
	u64 addr, size, low, high;
	u8 *regs;

	if (!dt_reg(n, 0, &addr, &size) || size < 8)
		return -EINVAL;
	regs = ioremap(addr, size);
	if (!regs)
		return -ENOMEM;
	low = mmio_read32(regs + RTC_TIME_LOW);
	high = mmio_read32(regs + RTC_TIME_HIGH);
	time_set_real(high << 32 | low);
	return 0;
}

DRIVER(goldfish_rtc) = {
	.name = "goldfish-rtc",
	.stage = DRIVER_DEVICE,
	.compatible = { "google,goldfish-rtc" },
	.probe = rtc_probe,
};
