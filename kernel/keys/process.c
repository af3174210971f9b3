/*
 * The keyrings that credentials have, and keys by what they are to current: KEY_SPEC_* (room.h). A
 * thread's and a process's keyring come when they are first asked for; a session without one of its
 * own has its user's.
 */
#include <atomic.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "keys/room.h"
#include "lib/printf.h"

#define PERM_OWN     (POS(NEED_ALL) | USR(NEED_VIEW))
#define PERM_SESSION (PERM_OWN | USR(NEED_READ))
#define PERM_USER    (POS(NEED_ALL & ~NEED_SETATTR) | USR(NEED_ALL))

/* current's credentials, with ring in that place; the reference passes. */
static int install(unsigned where, struct key *ring)
{
	struct cred *c = cred_copy(current->cred, current->cred->ngroups);

	if (!c) {
		key_put(ring);
		return -ENOMEM;
	}
	key_put(c->keys.ring[where]);
	c->keys.ring[where] = ring;
	cred_commit(c);
	return 0;
}

/* A new keyring of current's own there. */
static int make_ring(unsigned where, const char *name, u32 perm, unsigned how)
{
	const struct cred *c = current->cred;
	struct key *k = key_alloc(KIND_KEYRING, name, c->fsuid, c->fsgid, perm, how);

	return IS_ERR(k) ? (int)PTR_ERR(k) : install(where, k);
}

/* The two keyrings of a user, made when there are none. */
static int user_rings(struct key_user **out)
{
	struct key_user *u = key_user_of(current->cred->uid);
	char name[24];

	if (IS_ERR(u))
		return (int)PTR_ERR(u);
	if (!u->ring) {
		snprintf(name, sizeof(name), "_uid.%u", u->uid);
		u->ring = key_alloc(KIND_KEYRING, name, u->uid, ~0u, PERM_USER, ALLOC_QUOTA);
		if (IS_ERR(u->ring)) {
			int err = (int)PTR_ERR(u->ring);

			u->ring = NULL;
			return err;
		}
		u->ring->flags |= KEY_UID_KEYRING;
	}
	if (!u->session) {
		struct key *k;
		int err;

		snprintf(name, sizeof(name), "_uid_ses.%u", u->uid);
		k = key_alloc(KIND_KEYRING, name, u->uid, ~0u, PERM_USER, ALLOC_QUOTA);
		if (IS_ERR(k))
			return (int)PTR_ERR(k);
		k->flags |= KEY_UID_KEYRING;
		err = ring_link(k, u->ring);
		if (err) {
			key_put(k);
			return err;
		}
		u->session = k;
	}
	*out = u;
	return 0;
}

/* Sees to it that current has a session keyring: a new one, or its user's. */
static int need_session(bool create)
{
	struct key *now = current->cred->keys.ring[CRED_SESSION];
	struct key_user *u;
	int err;

	if (now && !(create && (now->flags & KEY_UID_KEYRING)))
		return 0;
	err = user_rings(&u);
	if (err)
		return err;
	if (create)
		return make_ring(CRED_SESSION, "_ses", PERM_SESSION,
				 now ? ALLOC_QUOTA : ALLOC_OVERRUN);
	return install(CRED_SESSION, key_get(u->session));
}

static int own_ring(unsigned where, const char *name, unsigned how)
{
	if (current->cred->keys.ring[where])
		return 0;
	return how & LOOKUP_CREATE ? make_ring(where, name, PERM_OWN, ALLOC_OVERRUN) : -ENOKEY;
}

/* The key that id names, no reference. */
static struct key *find(int id, unsigned how, bool *possessed)
{
	const struct key_search s = { .serial = id };
	struct key_user *u;
	struct key *k;
	int err;

	*possessed = true;
	switch (id) {
	case KEY_SPEC_THREAD_KEYRING:
		err = own_ring(CRED_THREAD, "_tid", how);
		return err ? ERR_PTR(err) : current->cred->keys.ring[CRED_THREAD];
	case KEY_SPEC_PROCESS_KEYRING:
		err = own_ring(CRED_PROCESS, "_pid", how);
		return err ? ERR_PTR(err) : current->cred->keys.ring[CRED_PROCESS];
	case KEY_SPEC_SESSION_KEYRING:
		err = need_session(how & LOOKUP_CREATE);
		return err ? ERR_PTR(err) : current->cred->keys.ring[CRED_SESSION];
	case KEY_SPEC_USER_KEYRING:
	case KEY_SPEC_USER_SESSION_KEYRING:
		err = user_rings(&u);
		if (err)
			return ERR_PTR(err);
		return id == KEY_SPEC_USER_KEYRING ? u->ring : u->session;
	case KEY_SPEC_REQKEY_AUTH_KEY:
	case KEY_SPEC_REQUESTOR_KEYRING:
		return ERR_PTR(-ENOKEY); /* no key is made on request by another program */
	default:
		if (id < 1)
			return ERR_PTR(-EINVAL);
		k = process_search(&s);
		*possessed = !IS_ERR(k);
		if (*possessed)
			return k;
		k = key_find(id);
		return k ? k : ERR_PTR(-ENOKEY);
	}
}

int key_lookup(int id, unsigned how, u32 need, struct key_ref *out)
{
	struct key *k = find(id, how, &out->possessed);
	int err = 0;

	if (IS_ERR(k))
		return (int)PTR_ERR(k);
	if (!(how & LOOKUP_PARTIAL))
		err = need ? key_ready(k) : key_valid(k);
	else if (need)
		err = key_valid(k);
	if (!err && need)
		err = key_may(k, out->possessed, need);
	if (!err)
		out->key = key_get(k);
	return err;
}

long keyctl_get_keyring(int id, bool create)
{
	struct key_ref r;
	long ret;

	mutex_lock(&keys_mutex);
	ret = key_lookup(id, create ? LOOKUP_CREATE : 0, NEED_SEARCH, &r);
	if (!ret) {
		ret = r.key->serial;
		key_put(r.key);
	}
	mutex_unlock(&keys_mutex);
	return ret;
}

long keyctl_join_session(const char *name)
{
	struct key *k = NULL;
	long ret;

	if (name && name[0] == '.')
		return -EPERM;
	mutex_lock(&keys_mutex);
	if (!name) {
		ret = make_ring(CRED_SESSION, "_ses", PERM_SESSION,
				current->cred->keys.ring[CRED_SESSION] ? ALLOC_QUOTA :
									 ALLOC_OVERRUN);
	} else {
		k = key_named_ring(name);
		if (!k)
			ret = make_ring(CRED_SESSION, name, PERM_SESSION | USR(NEED_LINK),
					ALLOC_QUOTA);
		else
			ret = install(CRED_SESSION, key_get(k));
	}
	if (!ret)
		ret = current->cred->keys.ring[CRED_SESSION]->serial;
	mutex_unlock(&keys_mutex);
	return ret;
}

long keyctl_set_reqkey(int where)
{
	u8 old = current->cred->keys.reqkey;
	struct cred *c;
	int err = 0;

	if (where == KEY_REQKEY_DEFL_NO_CHANGE)
		return old;
	if (where < 0 || where > KEY_REQKEY_DEFL_REQUESTOR_KEYRING ||
	    where == KEY_REQKEY_DEFL_GROUP_KEYRING)
		return -EINVAL;
	mutex_lock(&keys_mutex);
	if (where == KEY_REQKEY_DEFL_THREAD_KEYRING)
		err = own_ring(CRED_THREAD, "_tid", LOOKUP_CREATE);
	else if (where == KEY_REQKEY_DEFL_PROCESS_KEYRING)
		err = own_ring(CRED_PROCESS, "_pid", LOOKUP_CREATE);
	mutex_unlock(&keys_mutex);
	if (err)
		return err;
	c = cred_copy(current->cred, current->cred->ngroups);
	if (!c)
		return -ENOMEM;
	c->keys.reqkey = (u8)where;
	cred_commit(c);
	return old;
}

/* keyctl(2), KEYCTL_SET_REQKEY_KEYRING. */
struct key *request_ring(int dest)
{
	struct key *const *own = current->cred->keys.ring;
	int where = current->cred->keys.reqkey;
	struct key *k = NULL;
	struct key_user *u;
	struct key_ref r;
	int err;

	if (dest) {
		err = key_lookup(dest, LOOKUP_CREATE, NEED_WRITE, &r);
		return err ? ERR_PTR(err) : r.key;
	}
	switch (where) {
	case KEY_REQKEY_DEFL_DEFAULT:
	case KEY_REQKEY_DEFL_REQUESTOR_KEYRING:
	case KEY_REQKEY_DEFL_THREAD_KEYRING:
		k = own[CRED_THREAD];
		if (k)
			break;
		fallthrough;
	case KEY_REQKEY_DEFL_PROCESS_KEYRING:
		k = own[CRED_PROCESS];
		if (k)
			break;
		fallthrough;
	case KEY_REQKEY_DEFL_SESSION_KEYRING:
		k = own[CRED_SESSION];
		if (k)
			break;
		fallthrough;
	default:
		err = user_rings(&u);
		if (err)
			return ERR_PTR(err);
		k = where == KEY_REQKEY_DEFL_USER_KEYRING ? u->ring : u->session;
		break;
	}
	err = key_may(k, true, NEED_WRITE);
	return err ? ERR_PTR(err) : key_get(k);
}

/* --- new tasks, new programs --- */

struct cred *keys_clone_cred(struct cred *c, bool thread)
{
	struct cred *n;

	if (likely(!c->keys.ring[CRED_THREAD] && (thread || !c->keys.ring[CRED_PROCESS])))
		return cred_get(c);
	n = cred_copy(c, c->ngroups);
	if (!n)
		return NULL;
	key_put(n->keys.ring[CRED_THREAD]);
	n->keys.ring[CRED_THREAD] = NULL;
	if (!thread) {
		key_put(n->keys.ring[CRED_PROCESS]);
		n->keys.ring[CRED_PROCESS] = NULL;
	}
	return n;
}

void keys_exec_cred(struct cred *c)
{
	key_put(c->keys.ring[CRED_THREAD]);
	key_put(c->keys.ring[CRED_PROCESS]);
	c->keys.ring[CRED_THREAD] = c->keys.ring[CRED_PROCESS] = NULL;
}

/* --- KEYCTL_SESSION_TO_PARENT: the parent takes it when it comes back from the kernel --- */

void keys_take_offer(void)
{
	struct key *k = xchg(&current->session_offer, NULL);

	if (k)
		install(CRED_SESSION, k);
}

void keys_exit(struct task *t)
{
	key_put(xchg(&t->session_offer, NULL));
}

static bool same_ids(const struct cred *p, const struct cred *me)
{
	return p->uid == me->euid && p->euid == me->euid && p->suid == me->euid &&
	       p->gid == me->egid && p->egid == me->egid && p->sgid == me->egid;
}

/* To the parent's only thread, with its process's signal handlers locked so that it does not end. */
static int offer(struct proc *parent, struct key *k)
{
	const struct cred *me = current->cred, *c;
	unsigned long irq;
	struct sighand *sh;
	struct task *t;
	int err = -EPERM;

	if (parent == init_proc)
		return -EPERM;
	sh = sighand_lock(parent, &irq);
	t = parent->leader;
	if (!t || parent->nr_threads != 1 || (t->flags & TF_EXITING))
		goto out;
	c = smp_load_acquire(&t->cred);
	if (c->keys.ring[CRED_SESSION] == k) {
		err = 0;
	} else if (same_ids(c, me) && k->uid == me->euid &&
		   (!c->keys.ring[CRED_SESSION] || c->keys.ring[CRED_SESSION]->uid == me->euid)) {
		key_put(xchg(&t->session_offer, key_get(k)));
		__atomic_fetch_or(&t->thread.work, WORK_NOTIFY, __ATOMIC_RELAXED);
		err = 0;
	}
out:
	sighand_unlock(sh, irq);
	return err;
}

long keyctl_session_to_parent(void)
{
	struct proc *parent;
	struct key_ref r;
	long ret;

	mutex_lock(&keys_mutex);
	ret = key_lookup(KEY_SPEC_SESSION_KEYRING, 0, NEED_LINK, &r);
	if (!ret) {
		parent = READ_ONCE(current->proc->parent);
		ret = parent ? offer(parent, r.key) : -EPERM;
		key_put(r.key);
	}
	mutex_unlock(&keys_mutex);
	return ret;
}
