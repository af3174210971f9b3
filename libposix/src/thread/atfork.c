/*
 * atfork.c - what is to be done around fork: pthread_atfork(3). Before it the
 * newest first, after it the oldest.
 */
#include "../internal/libc.h"
#include "../internal/thread.h"

#include <errno.h>
#include <stdlib.h>

struct handlers {
	struct handlers *older, *newer;
	void (*fns[3])(void); /* before, in the parent, in the child */
};

static int atfork_lock; /* held from before to after a fork */
static struct handlers *newest, *oldest;

int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
	struct handlers *h = malloc(sizeof(*h));

	if (!h)
		return ENOMEM;
	__lock(&atfork_lock);
	*h = (struct handlers){ .older = newest, .fns = { prepare, parent, child } };
	if (newest)
		newest->newer = h;
	else
		oldest = h;
	newest = h;
	__unlock(&atfork_lock);
	return 0;
}

void __atfork_run(int when)
{
	if (!when)
		__lock(&atfork_lock);
	for (struct handlers *h = when ? oldest : newest; h; h = when ? h->newer : h->older)
		if (h->fns[when])
			h->fns[when]();
	if (when)
		__unlock(&atfork_lock);
}
