/*
 * Drivers of devices that the device tree names. A driver is one struct in the
 * section `drivers`; adding one is adding a file:
 *
 *	DRIVER(plic) = { .name = "plic", .compatible = { "riscv,plic0" }, .probe = plic_probe };
 */
#ifndef DEV_DRIVER_H
#define DEV_DRIVER_H

#include <compiler.h>
#include "dev/dt.h"

/* Drivers of a lower stage are probed first; within one, nodes in tree order. */
enum driver_stage { DRIVER_IRQCHIP, DRIVER_CONSOLE, DRIVER_DEVICE };

struct driver {
	const char *name;
	enum driver_stage stage;
	const char *const compatible[4]; /* ends with NULL if shorter */
	/*
	 * For each enabled node that matches. 0; -ENODEV: not this one, silently; other errors are
	 * logged.
	 */
	int (*probe)(const struct dt_node *node);
};

#define DRIVER(id) static const struct driver driver_##id __used __section("drivers") __aligned(8)

/* Probes all stages. Task context, boot. */
void drivers_probe(void);
#endif
