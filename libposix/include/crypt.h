/*
 * crypt.h - crypt(3): refused with ENOSYS. Passwords are not this library's business.
 */
#ifndef _CRYPT_H
#define _CRYPT_H

#ifdef __cplusplus
extern "C" {
#endif

struct crypt_data {
	char initialized;
	char __buf[256];
};

char *crypt(const char *key, const char *salt);
void setkey(const char *key);
void encrypt(char block[64], int decrypt);
char *crypt_r(const char *key, const char *salt, struct crypt_data *data);

#ifdef __cplusplus
}
#endif

#endif
