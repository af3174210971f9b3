/*
 * key.c - values of a thread under keys: pthread_key_create(3) and its family.
 * A thread's table is made when it first sets one.
 */
#include "list.h"

#include "../internal/libc.h"

#include <errno.h>
#include <limits.h>
#include <sys/mman.h>

static int key_lock; /* guards the two tables */
static void (*destroyers[PTHREAD_KEYS_MAX])(void *);
static unsigned char used[PTHREAD_KEYS_MAX];

/* Room for the first key of the main thread: no mapping for a few keys. */
static void *main_keys[PTHREAD_KEYS_MAX];
static int main_taken;

static void none(void *value)
{
	(void)value;
}

int pthread_key_create(pthread_key_t *key, void (*destroy)(void *))
{
	int err = EAGAIN;

	__lock(&key_lock);
	for (pthread_key_t k = 0; k < PTHREAD_KEYS_MAX; k++) {
		if (used[k])
			continue;
		used[k] = 1;
		destroyers[k] = destroy ? destroy : none;
		*key = k;
		err = 0;
		break;
	}
	__unlock(&key_lock);
	return err;
}

int pthread_key_delete(pthread_key_t key)
{
	struct thread *t;

	if (key >= PTHREAD_KEYS_MAX || !used[key])
		return EINVAL;
	__threads_lock();
	t = __threads;
	do {
		if (t->keys && t->tid)
			t->keys[key] = NULL;
		t = t->next;
	} while (t != __threads);
	__threads_unlock();
	__lock(&key_lock);
	used[key] = 0;
	destroyers[key] = NULL;
	__unlock(&key_lock);
	return 0;
}

void *pthread_getspecific(pthread_key_t key)
{
	struct thread *self = __self();

	return self->keys && key < PTHREAD_KEYS_MAX ? self->keys[key] : NULL;
}

static void **make_table(void)
{
	void **keys;

	if (!__atomic_exchange_n(&main_taken, 1, __ATOMIC_ACQ_REL))
		return main_keys;
	keys = mmap(NULL, sizeof(main_keys), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	return keys == MAP_FAILED ? NULL : keys;
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
	struct thread *self = __self();

	if (key >= PTHREAD_KEYS_MAX || !used[key])
		return EINVAL;
	if (!self->keys) {
		if (!value)
			return 0;
		self->keys = make_table();
		if (!self->keys)
			return ENOMEM;
	}
	self->keys[key] = (void *)value;
	return 0;
}

/* At a thread's end: destructors may set values again, so a few rounds. */
void __keys_run(void)
{
	struct thread *self = __self();
	void **keys = self->keys;
	int again = 1;

	if (!keys)
		return;
	for (int round = 0; again && round < PTHREAD_DESTRUCTOR_ITERATIONS; round++) {
		again = 0;
		for (pthread_key_t k = 0; k < PTHREAD_KEYS_MAX; k++) {
			void (*destroy)(void *);
			void *value = keys[k];

			if (!value)
				continue;
			keys[k] = NULL;
			__lock(&key_lock);
			destroy = destroyers[k];
			__unlock(&key_lock);
			if (destroy) {
				destroy(value);
				again = 1;
			}
		}
	}
	__threads_lock();
	self->keys = NULL;
	__threads_unlock();
	if (keys == main_keys) {
		for (pthread_key_t k = 0; k < PTHREAD_KEYS_MAX; k++)
			keys[k] = NULL;
		__atomic_store_n(&main_taken, 0, __ATOMIC_RELEASE);
	} else {
		munmap(keys, sizeof(main_keys));
	}
}
