/*
 * The files of /proc about devices and what can be mounted from them: proc(5).
 */
#include "procfs/procfs.h"

#include "dev/block.h"
#include "dev/chardev.h"

/* --- devices ------------------------------------------------------------------ */

/*
 * What the drivers of these major numbers are called (Linux's devices.txt); minor -1: all of the
 * major.
 */
static const struct {
	u32 major;
	s32 minor;
	const char *name;
} majors[] = {
	{ 1, -1, "mem" },      { 4, 64, "ttyS" },  { 5, 0, "/dev/tty" }, { 5, 1, "/dev/console" },
	{ 5, 2, "/dev/ptmx" }, { 10, -1, "misc" }, { 136, -1, "pts" },	 { 229, -1, "hvc" },
};

struct wanted {
	u32 major;
	s32 minor;
	bool found;
	const char *name;
};

static void match_device(struct chardev *cd, void *arg)
{
	struct wanted *w = arg;

	if (DEV_MAJOR(cd->dev) != w->major ||
	    (w->minor >= 0 && DEV_MINOR(cd->dev) != (u32)w->minor))
		return;
	w->found = true;
	w->name = cd->name;
}

static bool known_major(u32 major)
{
	for (unsigned i = 0; i < ARRAY_SIZE(majors); i++)
		if (majors[i].major == major)
			return true;
	return false;
}

/* Majors that the table does not name go by their first device, cut at a slash. */
static void other_majors(struct text *out)
{
	for (u32 major = 1; major < 512; major++) {
		struct wanted w = { .major = major, .minor = -1 };

		if (known_major(major))
			continue;
		chardev_for_each(match_device, &w);
		if (w.found)
			text_printf(out, "%3u %.*s\n", major, (int)strcspn(w.name, "/"), w.name);
	}
}

static void block_major(struct block_device *bd, void *arg)
{
	bool vd = str_starts_with(bd->name, "vd");
	struct text *out = arg;

	if (DEV_MINOR(bd->dev) == 0)
		text_printf(out, "%3u %.*s\n", DEV_MAJOR(bd->dev),
			    vd ? 7 : (int)strcspn(bd->name, "0"), vd ? "virtblk" : bd->name);
}

int devices_show(struct text *out, const struct subject *s __unused)
{
	text_puts(out, "Character devices:\n");
	for (unsigned i = 0; i < ARRAY_SIZE(majors); i++) {
		struct wanted w = { .major = majors[i].major, .minor = majors[i].minor };

		chardev_for_each(match_device, &w);
		if (w.found)
			text_printf(out, "%3u %s\n", w.major, majors[i].name);
	}
	other_majors(out);
	text_puts(out, "\nBlock devices:\n");
	block_for_each(block_major, out);
	return 0;
}

/* --- disks ---------------------------------------------------------------------- */

static void partition_row(struct block_device *bd, void *arg)
{
	if (bd->sectors)
		text_printf(arg, "%4u  %7u %10lu %s\n", DEV_MAJOR(bd->dev), DEV_MINOR(bd->dev),
			    bd->sectors / 2, bd->name);
}

int partitions_show(struct text *out, const struct subject *s __unused)
{
	text_puts(out, "major minor  #blocks  name\n\n");
	block_for_each(partition_row, out);
	return 0;
}

/* --- file systems ------------------------------------------------------------------ */

static void fs_row(const struct file_system *fs, void *arg)
{
	text_printf(arg, "%s\t%s\n", fs->flags & FS_NODEV ? "nodev" : "", fs->name);
}

int filesystems_show(struct text *out, const struct subject *s __unused)
{
	fs_for_each(fs_row, out);
	return 0;
}
