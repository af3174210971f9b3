/*
 * Matching drivers to device-tree nodes (driver.h).
 */
#include "dev/driver.h"

#include <uapi/errno.h>
#include "lib/string.h"
#include "sync/log.h"

extern const struct driver __drivers_start[], __drivers_end[];

static const struct driver *driver_for(const char *compatible)
{
	for (const struct driver *d = __drivers_start; d < __drivers_end; d++)
		for (unsigned i = 0; i < ARRAY_SIZE(d->compatible) && d->compatible[i]; i++)
			if (str_equal(d->compatible[i], compatible))
				return d;
	return NULL;
}

/* The driver of the first of n's names that has one: the most specific stands first. */
static const struct driver *driver_of(const struct dt_node *n)
{
	u32 len;
	const char *s = dt_prop(n, "compatible", &len), *end = s + len;
	const struct driver *d = NULL;

	if (!s || !len || end[-1])
		return NULL;
	for (; s < end && !d; s += strlen(s) + 1)
		d = driver_for(s);
	return d;
}

void drivers_probe(void)
{
	for (int stage = DRIVER_IRQCHIP; stage <= DRIVER_DEVICE; stage++) {
		for (const struct dt_node *n = dt_root(); n; n = dt_next(n)) {
			const struct driver *d = driver_of(n);
			int err;

			if (!d || d->stage != (enum driver_stage)stage || !dt_enabled(n))
				continue;
			err = d->probe(n);
			if (err && err != -ENODEV)
				pr_err("%s: %s: error %d", d->name, dt_name(n), err);
		}
	}
}
