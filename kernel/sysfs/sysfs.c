/*
 * sysfs: /sys. Only what programs ask for and what is so: the harts, the block
 * and terminal devices, and how there come to be huge pages. Each device has one
 * folder under /sys/devices/virtual/CLASS; the classes and /sys/block link to
 * it. The machinery is fs/tree's.
 */
#include <uapi/errno.h>

#include "arch/riscv/cpu.h"
#include "core/sched.h"
#include "dev/block.h"
#include "dev/chardev.h"
#include "lib/printf.h"
#include "fs/tree/tree.h"
#include "net/net.h"
#include "sysfs/block.h"
#include "sysfs/net.h"
#include "lib/string.h"
#include "mm/vm.h"

#define SYSFS_MAGIC 0x62656572

#define NODE_VALUE(nm, text)                                                                   \
	{                                                                                      \
		.name = (nm), .mode = S_IFREG | 0444, .show = constant_show, .data = text "\n" \
	}

static const struct node empty_table[] = { { .name = NULL } };

/* --- harts ------------------------------------------------------------------------- */

static int hart_mask_show(struct text *out, const struct subject *s)
{
	u64 mask = str_equal(s->node->name, "online") ? sched_online() : (1UL << nr_harts) - 1;

	text_bit_list(out, mask);
	text_puts(out, "\n");
	return 0;
}

static int kernel_max_show(struct text *out, const struct subject *s __unused)
{
	text_printf(out, "%d\n", MAX_HARTS - 1);
	return 0;
}

static int hart_online_show(struct text *out, const struct subject *s)
{
	text_printf(out, "%d\n", (int)(sched_online() >> s->arg & 1));
	return 0;
}

/* Every hart is a core of its own, in one package. */
static int hart_number_show(struct text *out, const struct subject *s)
{
	text_printf(out, "%lu\n", s->arg);
	return 0;
}

static int hart_bit_show(struct text *out, const struct subject *s)
{
	text_bit_mask(out, 1UL << s->arg, nr_harts);
	text_puts(out, "\n");
	return 0;
}

static int all_bits_show(struct text *out, const struct subject *s __unused)
{
	text_bit_mask(out, (1UL << nr_harts) - 1, nr_harts);
	text_puts(out, "\n");
	return 0;
}

static const struct node topology_table[] = {
	{ .name = "core_cpus", .mode = S_IFREG | 0444, .show = hart_bit_show },
	{ .name = "core_cpus_list", .mode = S_IFREG | 0444, .show = hart_number_show },
	{ .name = "core_id", .mode = S_IFREG | 0444, .show = hart_number_show },
	{ .name = "core_siblings", .mode = S_IFREG | 0444, .show = all_bits_show },
	{ .name = "core_siblings_list", .mode = S_IFREG | 0444, .show = hart_mask_show },
	{ .name = "package_cpus", .mode = S_IFREG | 0444, .show = all_bits_show },
	{ .name = "package_cpus_list", .mode = S_IFREG | 0444, .show = hart_mask_show },
	{ .name = "physical_package_id",
	  .mode = S_IFREG | 0444,
	  .show = constant_show,
	  .data = "0\n" },
	{ .name = "thread_siblings", .mode = S_IFREG | 0444, .show = hart_bit_show },
	{ .name = "thread_siblings_list", .mode = S_IFREG | 0444, .show = hart_number_show },
	{ .name = NULL },
};

static const struct node hart_table[] = {
	NODE_FILE("online", hart_online_show),
	NODE_DIR("topology", topology_table),
	{ .name = NULL },
};

static const struct node hart_dir = NODE_DIR("cpuN", hart_table);

static int hart_lookup(const struct subject *s __unused, const char *name, struct place *to)
{
	s64 h = str_starts_with(name, "cpu") ? name_to_number(name + 3, MAX_HARTS) : -1;

	if (h < 0 || h >= (s64)nr_harts)
		return -ENOENT;
	to->node = &hart_dir;
	to->arg = (u64)h;
	return 0;
}

static bool hart_next(const struct subject *s __unused, u64 *key, char *name, struct place *to)
{
	if (*key >= nr_harts)
		return false;
	snprintf(name, NAME_DYNAMIC_MAX, "cpu%lu", *key);
	to->node = &hart_dir;
	to->arg = *key;
	return true;
}

static const struct node cpu_table[] = {
	{ .name = "isolated", .mode = S_IFREG | 0444, .show = constant_show, .data = "\n" },
	NODE_FILE("kernel_max", kernel_max_show),
	{ .name = "offline", .mode = S_IFREG | 0444, .show = constant_show, .data = "\n" },
	NODE_FILE("online", hart_mask_show),
	NODE_FILE("possible", hart_mask_show),
	NODE_FILE("present", hart_mask_show),
	{ .name = NULL },
};

/* --- devices --------------------------------------------------------------------------- */

/* The arg of a device's folder is its place in its list, from 0. */
struct nth {
	u64 left;
	struct block_device *block;
	struct chardev *tty;
};

static void nth_block(struct block_device *bd, void *arg)
{
	struct nth *n = arg;

	if (n->left-- == 0)
		n->block = bd;
}

struct block_device *block_at(u64 i)
{
	struct nth n = { .left = i };

	block_for_each(nth_block, &n);
	return n.block;
}

static bool is_tty(const struct chardev *cd)
{
	u64 major = DEV_MAJOR(cd->dev);

	return major == 4 || major == 5 || major == 136 || major == 229;
}

static void nth_tty(struct chardev *cd, void *arg)
{
	struct nth *n = arg;

	if (is_tty(cd) && n->left-- == 0)
		n->tty = cd;
}

static struct chardev *tty_at(u64 i)
{
	struct nth n = { .left = i };

	chardev_for_each(nth_tty, &n);
	return n.tty;
}

static void put_dev(struct text *out, u64 dev)
{
	text_printf(out, "%u:%u\n", DEV_MAJOR(dev), DEV_MINOR(dev));
}

static int block_dev_show(struct text *out, const struct subject *s)
{
	put_dev(out, block_at(s->arg)->dev);
	return 0;
}

static int block_size_show(struct text *out, const struct subject *s)
{
	text_printf(out, "%lu\n", block_at(s->arg)->sectors);
	return 0;
}

static int block_ro_show(struct text *out, const struct subject *s)
{
	text_printf(out, "%d\n", block_at(s->arg)->readonly);
	return 0;
}

/* As /proc/diskstats has them: how long requests take is not measured. */
static int block_stat_show(struct text *out, const struct subject *s)
{
	struct block_device *bd = block_at(s->arg);

	text_printf(out,
		    "%8ld %8d %8lu %8d %8ld %8d %8lu %8d %8d %8d %8d %8d %8d %8d %8d %8ld %8d\n",
		    atomic_long_read(&bd->requests[BLOCK_READ]), 0,
		    (u64)atomic_long_read(&bd->bytes[BLOCK_READ]) / SECTOR_SIZE, 0,
		    atomic_long_read(&bd->requests[BLOCK_WRITE]), 0,
		    (u64)atomic_long_read(&bd->bytes[BLOCK_WRITE]) / SECTOR_SIZE, 0, 0, 0, 0, 0, 0,
		    0, 0, atomic_long_read(&bd->requests[BLOCK_FLUSH]), 0);
	return 0;
}

static int block_uevent_show(struct text *out, const struct subject *s)
{
	struct block_device *bd = block_at(s->arg);

	text_printf(out, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\nDEVTYPE=disk\n", DEV_MAJOR(bd->dev),
		    DEV_MINOR(bd->dev), bd->name);
	return 0;
}

static int tty_dev_show(struct text *out, const struct subject *s)
{
	put_dev(out, tty_at(s->arg)->dev);
	return 0;
}

static int tty_uevent_show(struct text *out, const struct subject *s)
{
	struct chardev *cd = tty_at(s->arg);

	text_printf(out, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\n", DEV_MAJOR(cd->dev), DEV_MINOR(cd->dev),
		    cd->name);
	return 0;
}

static const struct node queue_table[] = {
	NODE_VALUE("dax", "0"),
	NODE_VALUE("hw_sector_size", "512"),
	NODE_VALUE("logical_block_size", "512"),
	NODE_VALUE("minimum_io_size", "512"),
	NODE_VALUE("optimal_io_size", "0"),
	NODE_VALUE("physical_block_size", "512"),
	NODE_VALUE("rotational", "0"),
	NODE_VALUE("zoned", "none"),
	{ .name = NULL },
};

static const struct node block_table[] = {
	NODE_VALUE("alignment_offset", "0"),	NODE_FILE("dev", block_dev_show),
	NODE_VALUE("discard_alignment", "0"),	NODE_VALUE("hidden", "0"),
	NODE_DIR("holders", empty_table),	NODE_DIR("queue", queue_table),
	NODE_VALUE("removable", "0"),		NODE_FILE("ro", block_ro_show),
	NODE_FILE("size", block_size_show),	NODE_DIR("slaves", empty_table),
	NODE_FILE("stat", block_stat_show),	NODE_SUBSYSTEM("block"),
	NODE_FILE("uevent", block_uevent_show), { .name = NULL },
};

static const struct node tty_table[] = {
	NODE_FILE("dev", tty_dev_show),
	NODE_FILE("uevent", tty_uevent_show),
	{ .name = NULL },
};

const char *sysfs_subsystem(const struct subject *s, char *buf, size_t n)
{
	snprintf(buf, n, "../../../../class/%s", (const char *)s->node->data);
	return buf;
}

static const char *block_name(u64 i)
{
	struct block_device *bd = block_at(i);

	return bd ? bd->name : NULL;
}

static const char *tty_name(u64 i)
{
	struct chardev *cd = tty_at(i);

	return cd ? cd->name : NULL;
}

/* The text of a link to a device: data is the way to the folders of its kind. */
static const char *block_link(const struct subject *s, char *buf, size_t n)
{
	snprintf(buf, n, "%s/%s", (const char *)s->node->data, block_name(s->arg));
	return buf;
}

static const char *tty_link(const struct subject *s, char *buf, size_t n)
{
	snprintf(buf, n, "%s/%s", (const char *)s->node->data, tty_name(s->arg));
	return buf;
}

#define NODE_LINK(fn, to)                                                          \
	{                                                                          \
		.name = "LINK", .mode = S_IFLNK | 0777, .link = (fn), .data = (to) \
	}

static const struct node block_dir = { .name = "BLOCK",
				       .mode = S_IFDIR | 0555,
				       .sub = block_table,
				       .lookup = loop_folder_lookup,
				       .next = loop_folder_next };
static const struct node tty_dir = NODE_DIR("TTY", tty_table);
static const struct node block_from_top = NODE_LINK(block_link, "../devices/virtual/block");
static const struct node block_from_class = NODE_LINK(block_link, "../../devices/virtual/block");
static const struct node tty_from_class = NODE_LINK(tty_link, "../../devices/virtual/tty");

/* --- /sys/dev, and the devices of memory --------------------------------------------------- */

static bool is_mem(const struct chardev *cd)
{
	return DEV_MAJOR(cd->dev) == 1;
}

static void nth_mem(struct chardev *cd, void *arg)
{
	struct nth *n = arg;

	if (is_mem(cd) && n->left-- == 0)
		n->tty = cd;
}

static struct chardev *mem_at(u64 i)
{
	struct nth n = { .left = i };

	chardev_for_each(nth_mem, &n);
	return n.tty;
}

static const char *mem_name(u64 i)
{
	struct chardev *cd = mem_at(i);

	return cd ? cd->name : NULL;
}

static int mem_dev_show(struct text *out, const struct subject *s)
{
	put_dev(out, mem_at(s->arg)->dev);
	return 0;
}

static int mem_uevent_show(struct text *out, const struct subject *s)
{
	struct chardev *cd = mem_at(s->arg);

	text_printf(out, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\nDEVMODE=0%o\n", DEV_MAJOR(cd->dev),
		    DEV_MINOR(cd->dev), cd->name, cd->mode);
	return 0;
}

static const char *mem_link(const struct subject *s, char *buf, size_t n)
{
	snprintf(buf, n, "%s/%s", (const char *)s->node->data, mem_name(s->arg));
	return buf;
}

static const struct node mem_table[] = {
	NODE_FILE("dev", mem_dev_show),
	NODE_FILE("uevent", mem_uevent_show),
	{ .name = NULL },
};

/* Names of /sys/dev: "MAJOR:MINOR". One call at a time may use the buffer. */
static const char *number_name(u64 dev, char *buf)
{
	snprintf(buf, NAME_DYNAMIC_MAX, "%u:%u", DEV_MAJOR(dev), DEV_MINOR(dev));
	return buf;
}

/* Character devices of the two kinds that have folders, then none. */
static struct chardev *numbered_at(u64 i, bool *tty)
{
	struct chardev *cd = tty_at(i);
	u64 ttys = 0;

	*tty = cd;
	if (cd)
		return cd;
	while (tty_at(ttys))
		ttys++;
	return mem_at(i - ttys);
}

static const char *char_number_link(const struct subject *s, char *buf, size_t n)
{
	bool tty;
	struct chardev *cd = numbered_at(s->arg, &tty);

	snprintf(buf, n, "../../devices/virtual/%s/%s", tty ? "tty" : "mem", cd->name);
	return buf;
}

static const char *block_number_link(const struct subject *s, char *buf, size_t n)
{
	snprintf(buf, n, "../../devices/virtual/block/%s", block_name(s->arg));
	return buf;
}

static const struct node char_number = { .name = "LINK",
					 .mode = S_IFLNK | 0777,
					 .link = char_number_link };
static const struct node block_number = { .name = "LINK",
					  .mode = S_IFLNK | 0777,
					  .link = block_number_link };

/* The device of a folder of /sys/dev: data is "char" or NULL. */
static bool number_at(const struct subject *s, u64 i, char *name, struct place *to)
{
	bool tty, chars = s->node->data;
	struct chardev *cd = chars ? numbered_at(i, &tty) : NULL;
	struct block_device *bd = chars ? NULL : block_at(i);

	if (!cd && !bd)
		return false;
	number_name(cd ? cd->dev : bd->dev, name);
	to->node = chars ? &char_number : &block_number;
	to->arg = i;
	return true;
}

static bool number_next(const struct subject *s, u64 *key, char *name, struct place *to)
{
	return number_at(s, *key, name, to);
}

static int number_lookup(const struct subject *s, const char *name, struct place *to)
{
	char there[NAME_DYNAMIC_MAX];

	for (u64 i = 0; number_at(s, i, there, to); i++)
		if (str_equal(there, name))
			return 0;
	return -ENOENT;
}

#define NODE_NUMBERS(nm, chars)                                                \
	{                                                                      \
		.name = (nm), .mode = S_IFDIR | 0755, .lookup = number_lookup, \
		.next = number_next, .data = (chars)                           \
	}

static const struct node numbers_table[] = {
	NODE_NUMBERS("block", NULL),
	NODE_NUMBERS("char", "char"),
	{ .name = NULL },
};

static const struct node mem_dir = NODE_DIR("MEM", mem_table);
static const struct node mem_from_class = NODE_LINK(mem_link, "../../devices/virtual/mem");

/* A folder with a row for each device of a kind. */
struct listing {
	const char *(*name)(u64 i); /* NULL: no more */
	const struct node *row;
};

static const struct listing block_home = { block_name, &block_dir };
static const struct listing tty_home = { tty_name, &tty_dir };
static const struct listing block_top = { block_name, &block_from_top };
static const struct listing block_class = { block_name, &block_from_class };
static const struct listing tty_class = { tty_name, &tty_from_class };
static const struct listing mem_home = { mem_name, &mem_dir };
static const struct listing mem_class = { mem_name, &mem_from_class };

static int device_lookup(const struct subject *s, const char *name, struct place *to)
{
	const struct listing *l = s->node->data;
	const char *n;

	for (u64 i = 0; (n = l->name(i)); i++) {
		if (str_equal(n, name)) {
			to->node = l->row;
			to->arg = i;
			return 0;
		}
	}
	return -ENOENT;
}

static bool device_next(const struct subject *s, u64 *key, char *name, struct place *to)
{
	const struct listing *l = s->node->data;
	const char *n = l->name(*key);

	if (!n)
		return false;
	strlcpy(name, n, NAME_DYNAMIC_MAX);
	to->node = l->row;
	to->arg = *key;
	return true;
}

#define NODE_DEVICES(nm, list)                                                 \
	{                                                                      \
		.name = (nm), .mode = S_IFDIR | 0755, .lookup = device_lookup, \
		.next = device_next, .data = (list)                            \
	}

#define NODE_NET(links)                                                            \
	{                                                                          \
		.name = "net", .mode = S_IFDIR | 0755, .lookup = sysfs_net_lookup, \
		.next = sysfs_net_next, .data = (links)                            \
	}

/* --- the tree ---------------------------------------------------------------------------- */

static const struct node virtual_table[] = {
	NODE_DEVICES("block", &block_home),
	NODE_DEVICES("mem", &mem_home),
	NODE_NET(NULL),
	NODE_DEVICES("tty", &tty_home),
	{ .name = NULL },
};

/* One node, with all memory and all harts. */
static const struct node node0_table[] = {
	{ .name = "cpulist", .mode = S_IFREG | 0444, .show = hart_mask_show },
	{ .name = "cpumap", .mode = S_IFREG | 0444, .show = all_bits_show },
	{ .name = "distance", .mode = S_IFREG | 0444, .show = constant_show, .data = "10\n" },
	{ .name = NULL },
};

#define NODE_ONE(nm)                                                                       \
	{                                                                                  \
		.name = (nm), .mode = S_IFREG | 0444, .show = constant_show, .data = "0\n" \
	}

static const struct node numa_table[] = {
	NODE_ONE("has_cpu"),
	NODE_ONE("has_memory"),
	NODE_ONE("has_normal_memory"),
	NODE_DIR("node0", node0_table),
	NODE_ONE("online"),
	NODE_ONE("possible"),
	{ .name = NULL },
};

static const struct node system_table[] = {
	{ .name = "cpu",
	  .mode = S_IFDIR | 0755,
	  .sub = cpu_table,
	  .lookup = hart_lookup,
	  .next = hart_next },
	NODE_DIR("node", numa_table),
	{ .name = NULL },
};

static const struct node devices_table[] = {
	NODE_DIR("system", system_table),
	NODE_DIR("virtual", virtual_table),
	{ .name = NULL },
};

static const struct node class_table[] = {
	NODE_DEVICES("block", &block_class),
	NODE_DEVICES("mem", &mem_class),
	NODE_NET("links"),
	NODE_DEVICES("tty", &tty_class),
	{ .name = NULL },
};

static const char *const huge_modes[] = {
	[HUGE_ALWAYS] = "always", [HUGE_MADVISE] = "madvise", [HUGE_NEVER] = "never"
};

static int huge_mode_show(struct text *out, const struct subject *s __unused)
{
	for (unsigned m = ARRAY_SIZE(huge_modes); m-- > 0;)
		text_printf(out, m == vm_huge_mode ? "[%s]%c" : "%s%c", huge_modes[m],
			    m ? ' ' : '\n');
	return 0;
}

static int huge_mode_store(const struct subject *s __unused, char *text, size_t n)
{
	if (n && text[n - 1] == '\n')
		text[n - 1] = '\0';
	for (unsigned m = 0; m < ARRAY_SIZE(huge_modes); m++) {
		if (strcmp(text, huge_modes[m]) != 0)
			continue;
		WRITE_ONCE(vm_huge_mode, m);
		return 0;
	}
	return -EINVAL;
}

/* Memory is never moved to make room for them, and no thread looks for memory to collapse. */
static const struct node huge_table[] = {
	NODE_VALUE("defrag", "always defer defer+madvise madvise [never]"),
	{ .name = "enabled",
	  .mode = S_IFREG | 0644,
	  .show = huge_mode_show,
	  .store = huge_mode_store },
	NODE_VALUE("hpage_pmd_size", "2097152"),
	NODE_VALUE("shmem_enabled", "always within_size advise [never] deny force"),
	NODE_VALUE("use_zero_page", "0"),
	{ .name = NULL },
};

/* Memory that may be merged (MADV_MERGEABLE) never is. */
static const struct node ksm_table[] = {
	NODE_VALUE("full_scans", "0"),
	NODE_VALUE("pages_shared", "0"),
	NODE_VALUE("pages_sharing", "0"),
	NODE_VALUE("pages_to_scan", "100"),
	NODE_VALUE("pages_unshared", "0"),
	NODE_VALUE("pages_volatile", "0"),
	NODE_VALUE("run", "0"),
	NODE_VALUE("sleep_millisecs", "20"),
	{ .name = NULL },
};

static const struct node hugetlb_table[] = { { .name = NULL } }; /* no size of huge pages */

static const struct node mm_table[] = {
	NODE_DIR("hugepages", hugetlb_table),
	NODE_DIR("ksm", ksm_table),
	NODE_DIR("transparent_hugepage", huge_table),
	{ .name = NULL },
};

static const struct node kernel_table[] = {
	NODE_VALUE("address_bits", "64"),
	NODE_VALUE("cpu_byteorder", "little"),
	NODE_DIR("mm", mm_table),
	{ .name = "tracing",
	  .mode = S_IFDIR | 0700,
	  .sub = empty_table }, /* debug/tracefs.c's place */
	NODE_VALUE("uevent_seqnum", "0"),
	{ .name = NULL },
};

static const struct node root_table[] = {
	NODE_DEVICES("block", &block_top),
	NODE_DIR("bus", empty_table),
	NODE_DIR("class", class_table),
	NODE_DIR("dev", numbers_table),
	NODE_DIR("devices", devices_table),
	NODE_DIR("firmware", empty_table),
	NODE_DIR("fs", empty_table),
	NODE_DIR("kernel", kernel_table),
	NODE_DIR("module", empty_table),
	NODE_DIR("power", empty_table),
	{ .name = NULL },
};

static const struct node root_dir = NODE_DIR("/", root_table);

static struct super *sysfs_mount(const struct file_system *fs, const char *source __unused,
				 u64 flags __unused, const char *data __unused)
{
	return tree_mount(fs, &root_dir, SYSFS_MAGIC, NULL, NULL, NULL);
}

static struct user_ns *sysfs_owner(void)
{
	return current_net()->ns.owner;
}

static const struct file_system sysfs = {
	.name = "sysfs",
	.flags = FS_NODEV | FS_NOEXEC | FS_SINGLE | FS_USERNS | FS_REVEALS | FS_ATTR_FILES,
	.mount = sysfs_mount,
	.owner = sysfs_owner,
};
FILE_SYSTEM(sysfs);
