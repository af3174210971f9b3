/*
 * Matching drivers to device-tree nodes (driver.h).
 */
#include "dev/driver.h"

#include <uapi/errno.h>
#include "sync/log.h"

extern const struct driver __drivers_start[], __drivers_end[];

static bool matches(const struct driver *d, const struct dt_node *n)
{
	for (unsigned i = 0; i < ARRAY_SIZE(d->compatible) && d->compatible[i]; i++)
		if (dt_compatible(n, d->compatible[i]))
			return true;
	return false;
}

static void probe_all(const struct driver *d)
{
	for (const struct dt_node *n = dt_root(); n; n = dt_next(n)) {
		int err;

		if (!matches(d, n) || !dt_enabled(n))
			continue;
		err = d->probe(n);
		if (err && err != -ENODEV)
			pr_err("%s: %s: error %d", d->name, dt_name(n), err);
	}
}

void drivers_probe(void)
{
	for (int stage = DRIVER_IRQCHIP; stage <= DRIVER_DEVICE; stage++)
		for (const struct driver *d = __drivers_start; d < __drivers_end; d++)
			if (d->stage == (enum driver_stage)stage)
				probe_all(d);
}
