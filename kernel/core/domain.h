/*
 * Domains: what landlock_restrict_self(2) puts a task into (fs/landlock.h). Each is a layer on the one
 * that it was made in, and credentials bear the last; a task with none is bound by nothing. What
 * others may be asked without knowing of files is here: who may reach whom.
 *
 * A domain never changes. The last reference may go in any context.
 */
#ifndef CORE_DOMAIN_H
#define CORE_DOMAIN_H

#include <atomic.h>
#include <types.h>

#define DOMAIN_LAYERS 16

struct domain { /* [i] but for refs */
	atomic_t refs; /* [a] */
	struct domain *parent; /* referenced; NULL */
	unsigned depth; /* 1 for the first */
	u32 scoped; /* LANDLOCK_SCOPE_*: what may not leave it */
};

static inline struct domain *domain_get(struct domain *d)
{
	if (d)
		atomic_inc(&d->refs);
	return d;
}
void domain_put(struct domain *d); /* NULL allowed */
/* Is `from` kept by one of its layers, which `to` is not in, from doing that to it? */
bool domain_keeps(const struct domain *from, const struct domain *to, u32 scope);
/* Is `inner` the same, or a layer on it? */
bool domain_within(const struct domain *outer, const struct domain *inner);
#endif
