/*
 * /sys/block/loopN/loop: what a loop device is bound to, while it is: losetup(8) reads it.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/loop.h>

#include "alloc/slab.h"
#include "fs/loop.h"
#include "lib/string.h"
#include "sysfs/block.h"

static int backing_file_show(struct text *out, const struct subject *s)
{
	char *buf = kmalloc(PATH_MAX, 0);
	const char *name = buf ? loop_backing_name(block_at(s->arg), buf, PATH_MAX) : NULL;

	if (name)
		text_printf(out, "%s\n", name);
	kfree(buf);
	return buf ? name ? 0 : -ENODEV : -ENOMEM;
}

static int loop_number_show(struct text *out, const struct subject *s)
{
	struct loop_info64 info;
	int err = loop_status(block_at(s->arg), &info);

	if (!err)
		text_printf(out, "%lu\n",
			    (unsigned long)(s->node->data ? info.lo_sizelimit : info.lo_offset));
	return err;
}

static int loop_flag_show(struct text *out, const struct subject *s)
{
	struct loop_info64 info;
	int err = loop_status(block_at(s->arg), &info);

	if (!err)
		text_printf(out, "%d\n", !!(info.lo_flags & *(const u32 *)s->node->data));
	return err;
}

#define NODE_LOOP(nm, fn, what)                                                    \
	{                                                                          \
		.name = (nm), .mode = S_IFREG | 0444, .show = (fn), .data = (what) \
	}
#define NODE_LOOP_FLAG(nm, flag) NODE_LOOP(nm, loop_flag_show, (&(const u32){ flag }))

static const struct node loop_table[] = {
	NODE_LOOP_FLAG("autoclear", LO_FLAGS_AUTOCLEAR),
	NODE_FILE("backing_file", backing_file_show),
	NODE_LOOP_FLAG("dio", LO_FLAGS_DIRECT_IO),
	NODE_LOOP("offset", loop_number_show, NULL),
	NODE_LOOP_FLAG("partscan", LO_FLAGS_PARTSCAN),
	NODE_LOOP("sizelimit", loop_number_show, "limit"),
	{ .name = NULL },
};
static const struct node loop_dir = NODE_DIR("loop", loop_table);

bool loop_folder_next(const struct subject *s, u64 *key, char *name, struct place *to)
{
	if (*key || !loop_bound(block_at(s->arg)))
		return false;
	strlcpy(name, "loop", NAME_DYNAMIC_MAX);
	to->node = &loop_dir;
	to->arg = s->arg;
	return true;
}

int loop_folder_lookup(const struct subject *s, const char *name, struct place *to)
{
	char there[NAME_DYNAMIC_MAX];
	u64 key = 0;

	return str_equal(name, "loop") && loop_folder_next(s, &key, there, to) ? 0 : -ENOENT;
}
