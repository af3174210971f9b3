/* crypt.c - crypt(3), encrypt(3) and their relatives: refused. */
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

void setkey(const char *key)
{
	(void)key;
	errno = ENOSYS;
}

void encrypt(char block[64], int decrypt)
{
	(void)block;
	(void)decrypt;
	errno = ENOSYS;
}
