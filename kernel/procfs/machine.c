/*
 * Files of /proc about terminals, consoles, disks and the rest of the machine that programs look for:
 * proc(5).
 */
#include "procfs/procfs.h"

#include "arch/riscv/cpu.h"
#include "dev/block.h"
#include "dev/chardev.h"

/* --- terminals: their kinds, by which ps(1) names one ------------------------------------ */

struct tty_range {
	struct text *out;
	const char *driver, *name, *type;
	u32 major, first, last;
	bool there;
};

static void in_range(struct chardev *cd, void *arg)
{
	struct tty_range *r = arg;

	if (DEV_MAJOR(cd->dev) == r->major && DEV_MINOR(cd->dev) >= r->first &&
	    DEV_MINOR(cd->dev) <= r->last)
		r->there = true;
}

static void range_row(const struct tty_range *r)
{
	text_printf(r->out, "%-20s /dev/%-8s %3u ", r->driver, r->name, r->major);
	if (r->first == r->last)
		text_printf(r->out, "%7u %s\n", r->first, r->type);
	else
		text_printf(r->out, "%u-%u %s\n", r->first, r->last, r->type);
}

int tty_drivers_show(struct text *out, const struct subject *s __unused)
{
	struct tty_range ranges[] = {
		{ out, "/dev/tty", "tty", "system:/dev/tty", 5, 0, 0, true },
		{ out, "/dev/console", "console", "system:console", 5, 1, 1, true },
		{ out, "/dev/ptmx", "ptmx", "system", 5, 2, 2, true },
		{ out, "hvc", "hvc", "system", 229, 0, 7, false },
		{ out, "serial", "ttyS", "serial", 4, 64, 67, false },
		{ out, "pty_slave", "pts", "pty:slave", 136, 0, 1048575, true },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (!ranges[i].there)
			chardev_for_each(in_range, &ranges[i]);
		if (ranges[i].there)
			range_row(&ranges[i]);
	}
	return 0;
}

const struct node proc_tty_table[] = {
	NODE_FILE("drivers", tty_drivers_show),
	{ .name = "ldiscs",
	  .mode = S_IFREG | 0444,
	  .show = constant_show,
	  .data = "n_tty       0\n" },
	{ .name = NULL },
};

static void console_row(struct chardev *cd, void *arg)
{
	if (cd->dev == MKDEV(4, 64))
		text_printf(arg, "%-21s-W- (EC p a) %4u:%u\n", cd->name, DEV_MAJOR(cd->dev),
			    DEV_MINOR(cd->dev));
}

int consoles_show(struct text *out, const struct subject *s __unused)
{
	chardev_for_each(console_row, out);
	return 0;
}

static void misc_row(struct chardev *cd, void *arg)
{
	if (DEV_MAJOR(cd->dev) == 10)
		text_printf(arg, "%3u %s\n", DEV_MINOR(cd->dev), cd->name);
}

int misc_show(struct text *out, const struct subject *s __unused)
{
	chardev_for_each(misc_row, out);
	return 0;
}

/* --- disks: Linux's Documentation/admin-guide/iostats.rst ---------------------------------- */

static u64 sectors(struct block_device *bd, enum block_op op)
{
	return (u64)atomic_long_read(&bd->bytes[op]) / SECTOR_SIZE;
}

/* Nobody measures how long requests take. */
static void disk_row(struct block_device *bd, void *arg)
{
	text_printf(arg, "%4u %7u %s %ld 0 %lu 0 %ld 0 %lu 0 0 0 0 0 0 0 0 %ld 0\n",
		    DEV_MAJOR(bd->dev), DEV_MINOR(bd->dev), bd->name,
		    atomic_long_read(&bd->requests[BLOCK_READ]), sectors(bd, BLOCK_READ),
		    atomic_long_read(&bd->requests[BLOCK_WRITE]), sectors(bd, BLOCK_WRITE),
		    atomic_long_read(&bd->requests[BLOCK_FLUSH]));
}

int diskstats_show(struct text *out, const struct subject *s __unused)
{
	block_for_each(disk_row, out);
	return 0;
}

/* --- interrupts ----------------------------------------------------------------------------- */

static int irq_mask_show(struct text *out, const struct subject *s __unused)
{
	text_bit_mask(out, (1UL << nr_harts) - 1, nr_harts);
	text_puts(out, "\n");
	return 0;
}

const struct node proc_irq_table[] = {
	NODE_FILE("default_smp_affinity", irq_mask_show),
	{ .name = NULL },
};
