/*
 * Keyrings: add_key(2), request_key(2), keyctl(2). Argument checking and copying; the work is in
 * keys/.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/keyctl.h>

#include "alloc/slab.h"
#include "keys/keys.h"
#include "lib/string.h"
#include "mm/usercopy.h"

#define PAYLOAD_LIMIT (1024 * 1024 - 1)

static int copy_type(char type[KEY_TYPE_MAX], const char __user *utype)
{
	ssize_t n = strncpy_from_user(type, utype, KEY_TYPE_MAX);

	if (n < 0)
		return n == -ENAMETOOLONG ? -EINVAL : (int)n;
	if (!n)
		return -EINVAL;
	return type[0] == '.' ? -EPERM : 0;
}

/* A string of less than max bytes, kmalloc'ed. ERR_PTR. */
static char *copy_string(const char __user *us, size_t max)
{
	char *s = kmalloc(max, 0);
	ssize_t n;

	if (!s)
		return ERR_PTR(-ENOMEM);
	n = strncpy_from_user(s, us, max);
	if (n >= 0)
		return s;
	kfree(s);
	return ERR_PTR(n == -ENAMETOOLONG ? -EINVAL : n);
}

long sys_add_key(const char __user *utype, const char __user *udesc, void __user *upayload,
		 size_t n, int ring)
{
	char type[KEY_TYPE_MAX], *desc = NULL;
	void *payload = NULL;
	long ret;

	if (n > PAYLOAD_LIMIT)
		return -EINVAL;
	ret = copy_type(type, utype);
	if (ret)
		return ret;
	if (udesc) {
		desc = copy_string(udesc, KEY_DESC_MAX);
		if (IS_ERR(desc))
			return PTR_ERR(desc);
		if (desc[0] == '.' && str_starts_with(type, "keyring"))
			ret = -EPERM;
	}
	if (!ret && n) {
		payload = memdup_user(upayload, n);
		if (IS_ERR(payload)) {
			ret = PTR_ERR(payload);
			payload = NULL;
		}
	}
	if (!ret)
		ret = key_add(type, desc && *desc ? desc : NULL, payload, n, ring);
	if (payload)
		memzero_explicit(payload, n);
	kfree(payload);
	kfree(desc);
	return ret;
}

long sys_request_key(const char __user *utype, const char __user *udesc,
		     const char __user *ucallout, int dest)
{
	char type[KEY_TYPE_MAX], *desc, *callout = NULL;
	long ret = copy_type(type, utype);

	if (ret)
		return ret;
	desc = copy_string(udesc, KEY_DESC_MAX);
	if (IS_ERR(desc))
		return PTR_ERR(desc);
	if (ucallout)
		callout = copy_string(ucallout, 4096);
	ret = IS_ERR(callout) ? PTR_ERR(callout) : key_request(type, desc, callout, dest);
	if (!IS_ERR(callout))
		kfree(callout);
	kfree(desc);
	return ret;
}

/* An answer of n bytes, whose buffer goes: as much as fits, or nothing if it is not to be cut. */
static long answer(void *from, long n, void __user *to, size_t size)
{
	if (n > 0 && to && (size_t)n <= size && copy_to_user(to, from, (size_t)n))
		n = -EFAULT;
	kfree(from);
	return n;
}

static long join_session(const char __user *uname)
{
	char *name = NULL;
	long ret;

	if (uname) {
		name = copy_string(uname, KEY_DESC_MAX);
		if (IS_ERR(name))
			return PTR_ERR(name);
	}
	ret = keyctl_join_session(name);
	kfree(name);
	return ret;
}

static long update(int id, const void __user *upayload, size_t n)
{
	void *payload = NULL;
	long ret;

	if (n > 4096)
		return -EINVAL;
	if (n) {
		payload = memdup_user(upayload, n);
		if (IS_ERR(payload))
			return PTR_ERR(payload);
	}
	ret = keyctl_update(id, payload, n);
	if (payload)
		memzero_explicit(payload, n);
	kfree(payload);
	return ret;
}

static long search(int ring, const char __user *utype, const char __user *udesc, int dest)
{
	char type[KEY_TYPE_MAX], *desc;
	long ret = copy_type(type, utype);

	if (ret)
		return ret;
	desc = copy_string(udesc, KEY_DESC_MAX);
	if (IS_ERR(desc))
		return PTR_ERR(desc);
	ret = keyctl_search(ring, type, desc, dest);
	kfree(desc);
	return ret;
}

static long describe(int id, void __user *to, size_t size)
{
	char *text = NULL;
	long n = keyctl_describe(id, &text);

	return answer(text, n, to, size);
}

static long read(int id, void __user *to, size_t size)
{
	void *payload = NULL;
	long n = keyctl_read(id, &payload);

	if (n > 0 && payload && to && size && (size_t)n > size)
		to = NULL;
	return answer(payload, n, to, size);
}

/* No security module labels keys: an empty string. */
static long security(int id, char __user *to, size_t size)
{
	long ret = keyctl_may_view(id);

	if (ret)
		return ret;
	return to && size && clear_user_partial(to, 1) != 1 ? -EFAULT : 1;
}

static long capabilities(u8 __user *to, size_t size)
{
	static const u8 caps[] = {
		KEYCTL_CAPS0_CAPABILITIES | KEYCTL_CAPS0_INVALIDATE |
			KEYCTL_CAPS0_RESTRICT_KEYRING | KEYCTL_CAPS0_MOVE,
		KEYCTL_CAPS1_NS_KEYRING_NAME | KEYCTL_CAPS1_NS_KEY_TAG,
	};
	size_t n = min(size, sizeof(caps));

	if (size && copy_to_user(to, caps, n))
		return -EFAULT;
	if (size > n && clear_user_partial(to + n, size - n) != size - n)
		return -EFAULT;
	return sizeof(caps);
}

static long restrict_ring(int ring, const char __user *utype, const char __user *urestriction)
{
	char type[KEY_TYPE_MAX];
	long ret = utype ? copy_type(type, utype) : 0;

	return ret ? ret : keyctl_restrict(ring, utype ? type : NULL, urestriction);
}

long sys_keyctl(int op, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
{
	int id = (int)a;

	switch (op) {
	case KEYCTL_GET_KEYRING_ID:
		return keyctl_get_keyring(id, (int)b);
	case KEYCTL_JOIN_SESSION_KEYRING:
		return join_session((const char __user *)a);
	case KEYCTL_UPDATE:
		return update(id, (const void __user *)b, c);
	case KEYCTL_REVOKE:
		return keyctl_revoke(id);
	case KEYCTL_CHOWN:
		return keyctl_chown(id, (u32)b, (u32)c);
	case KEYCTL_SETPERM:
		return keyctl_setperm(id, (u32)b);
	case KEYCTL_DESCRIBE:
		return describe(id, (void __user *)b, c);
	case KEYCTL_CLEAR:
		return keyctl_clear(id);
	case KEYCTL_LINK:
		return keyctl_link(id, (int)b);
	case KEYCTL_UNLINK:
		return keyctl_unlink(id, (int)b);
	case KEYCTL_SEARCH:
		return search(id, (const char __user *)b, (const char __user *)c, (int)d);
	case KEYCTL_READ:
		return read(id, (void __user *)b, c);
	case KEYCTL_SET_REQKEY_KEYRING:
		return keyctl_set_reqkey(id);
	case KEYCTL_SET_TIMEOUT:
		return keyctl_set_timeout(id, (unsigned)b);
	case KEYCTL_GET_SECURITY:
		return security(id, (char __user *)b, c);
	case KEYCTL_INVALIDATE:
		return keyctl_invalidate(id);
	case KEYCTL_RESTRICT_KEYRING:
		return restrict_ring(id, (const char __user *)b, (const char __user *)c);
	case KEYCTL_MOVE:
		return keyctl_move(id, (int)b, (int)c, (unsigned)d);
	case KEYCTL_SESSION_TO_PARENT:
		return keyctl_session_to_parent();
	case KEYCTL_CAPABILITIES:
		return capabilities((u8 __user *)a, b);
	case KEYCTL_ASSUME_AUTHORITY:
		return !id ? 0 : id < 0 ? -EINVAL : -ENOKEY;
	case KEYCTL_INSTANTIATE:
	case KEYCTL_INSTANTIATE_IOV:
	case KEYCTL_NEGATE:
	case KEYCTL_REJECT:
		return -EPERM; /* nobody has the authority to make a key that another asked for */
	default:
		return -EOPNOTSUPP;
	}
}
