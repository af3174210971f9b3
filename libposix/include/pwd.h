/*
 * pwd.h - users: /etc/passwd, passwd(5).
 */
#ifndef _PWD_H
#define _PWD_H

#include <features.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct passwd {
	char *pw_name, *pw_passwd;
	uid_t pw_uid;
	gid_t pw_gid;
	char *pw_gecos, *pw_dir, *pw_shell;
};

#if __XSI_VISIBLE
void setpwent(void);
void endpwent(void);
struct passwd *getpwent(void);
#endif
struct passwd *getpwnam(const char *name);
struct passwd *getpwuid(uid_t uid);
int getpwnam_r(const char *name, struct passwd *pw, char *buf, size_t size, struct passwd **out);
int getpwuid_r(uid_t uid, struct passwd *pw, char *buf, size_t size, struct passwd **out);
#if __MISC_VISIBLE
int getpwent_r(struct passwd *pw, char *buf, size_t size, struct passwd **out);
struct passwd *fgetpwent(FILE *f);
int putpwent(const struct passwd *pw, FILE *f);
#endif

#ifdef __cplusplus
}
#endif

#endif
