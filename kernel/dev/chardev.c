/* The table of character devices. Guarded by one spinlock; entries stay for ever. */
#include "dev/chardev.h"

#include "sync/spinlock.h"

static spinlock_t lock = SPINLOCK_INIT(RANK_DRIVER, "chardevs");
static struct list_head all = LIST_HEAD_INIT(all); /* [lock] */
void (*chardev_added)(struct chardev *cd);

void chardev_register(struct chardev *cd)
{
	spin_lock(&lock);
	list_add_tail(&cd->link, &all);
	spin_unlock(&lock);
	if (chardev_added)
		chardev_added(cd);
}

struct chardev *chardev_find(u64 dev)
{
	struct chardev *cd, *found = NULL;

	spin_lock(&lock);
	list_for_each_entry(cd, &all, link) {
		if (cd->dev == dev) {
			found = cd;
			break;
		}
	}
	spin_unlock(&lock);
	return found;
}

/* fn may sleep: entries are only ever added, at the end, so the walk needs no lock. */
void chardev_for_each(void (*fn)(struct chardev *cd, void *arg), void *arg)
{
	struct chardev *cd;

	list_for_each_entry(cd, &all, link)
		fn(cd, arg);
}
