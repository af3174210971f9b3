/*
 * Domains as a tree (domain.h).
 */
#include "core/domain.h"

#include <compiler.h>

#include "alloc/slab.h"

void domain_put(struct domain *d)
{
	while (d && atomic_dec_and_test(&d->refs)) {
		struct domain *parent = d->parent;

		kfree(d);
		d = parent;
	}
}

bool domain_keeps(const struct domain *from, const struct domain *to, u32 scope)
{
	for (; from; from = from->parent) {
		while (to && to->depth > from->depth)
			to = to->parent;
		if ((from->scoped & scope) && from != to)
			return true;
	}
	return false;
}

bool domain_within(const struct domain *outer, const struct domain *inner)
{
	if (!outer)
		return true;
	while (inner && inner->depth > outer->depth)
		inner = inner->parent;
	return inner == outer;
}
