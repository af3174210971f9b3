/* crypt.c - crypt(3) and its relatives: refused. */
#include <crypt.h>
#include <errno.h>
#include <stddef.h>

char *crypt(const char *key, const char *salt)
{
	(void)key;
	(void)salt;
	errno = ENOSYS;
	return NULL;
}

char *crypt_r(const char *key, const char *salt, struct crypt_data *data)
{
	(void)data;
	return crypt(key, salt);
}
