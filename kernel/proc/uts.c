/*
 * The system's name (uname(2)), one a namespace. sysname and machine are those of the ABI that
 * programs were built for; release is the version of Linux whose behaviour it
 * has. sethostname(2) and setdomainname(2) write under uts_lock.
 */
#include "proc/uts.h"

#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"

struct uts_ns {
	struct ns ns;
	struct utsname name; /* [uts_lock] */
};

spinlock_t uts_lock = SPINLOCK_INIT(RANK_FS, "uts");

struct utsname first_uts = {
	.sysname = "Linux",
	.nodename = "tarn",
	.release = "6.12.0" UTS_RELEASE_REST,
	.version = "#1 SMP Tarn",
	.machine = "riscv64",
	.domainname = "(none)",
};

struct utsname *uts_name(void)
{
	struct ns *n = current->ns[NS_UTS];

	return n ? &container_of(n, struct uts_ns, ns)->name : &first_uts;
}

struct user_ns *uts_owner(void)
{
	struct ns *n = current->ns[NS_UTS];

	return n ? n->owner : NULL;
}

static void uts_free(struct ns *n)
{
	kfree(container_of(n, struct uts_ns, ns));
}

struct ns *uts_unshare(struct user_ns *owner)
{
	struct uts_ns *u = kzalloc(sizeof(*u), 0);

	if (!u)
		return ERR_PTR(-ENOMEM);
	ns_init(&u->ns, NS_UTS, owner, uts_free);
	spin_lock(&uts_lock);
	u->name = *uts_name();
	spin_unlock(&uts_lock);
	return &u->ns;
}
