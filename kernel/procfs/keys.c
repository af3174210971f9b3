/*
 * /proc/keys and /proc/key-users: keyrings(7), "/proc files"; and /proc/sys/kernel/keys.
 */
#include "procfs/sysctl.h"

#include "alloc/slab.h"
#include "keys/keys.h"

int keys_show(struct text *out, const struct subject *s __unused)
{
	int from = (int)text_begin(out);
	struct key_info k;

	while (key_next(from, &k)) {
		text_printf(out, "%08x %s %5d %4s %08x %5d %5d %-9.9s %s\n", (unsigned)k.serial,
			    k.flags, k.usage, k.timeout, k.perm, (int)k.uid, (int)k.gid, k.type,
			    k.text ? k.text : "");
		kfree(k.text);
		from = k.serial + 1;
		if (text_enough(out)) {
			out->next = (u64)from;
			break;
		}
	}
	return 0;
}

int key_users_show(struct text *out, const struct subject *s __unused)
{
	struct key_user_info u;

	for (u64 from = 0; key_user_next(from, &u); from = (u64)u.uid + 1)
		text_printf(out, "%5u: %5d %d/%d %d/%d %lu/%lu\n", u.uid, u.usage, u.keys, u.ready,
			    u.quota_keys, u.max_keys, u.quota_bytes, u.max_bytes);
	return 0;
}

const struct node keys_table[] = {
	NODE_INT("gc_delay", &keys_gc_delay, 0, S32_MAX),
	NODE_INT("maxbytes", &keys_max_bytes, 1, S32_MAX),
	NODE_INT("maxkeys", &keys_max, 1, S32_MAX),
	NODE_INT("root_maxbytes", &keys_root_max_bytes, 1, S32_MAX),
	NODE_INT("root_maxkeys", &keys_root_max, 1, S32_MAX),
	{ .name = NULL },
};
