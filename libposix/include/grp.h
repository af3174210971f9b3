/*
 * grp.h - groups: /etc/group, group(5).
 */
#ifndef _GRP_H
#define _GRP_H

#include <features.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct group {
	char *gr_name, *gr_passwd;
	gid_t gr_gid;
	char **gr_mem;
};

#if __XSI_VISIBLE
void setgrent(void);
void endgrent(void);
struct group *getgrent(void);
#endif
struct group *getgrnam(const char *name);
struct group *getgrgid(gid_t gid);
int getgrnam_r(const char *name, struct group *gr, char *buf, size_t size, struct group **out);
int getgrgid_r(gid_t gid, struct group *gr, char *buf, size_t size, struct group **out);
#if __MISC_VISIBLE
int getgrent_r(struct group *gr, char *buf, size_t size, struct group **out);
struct group *fgetgrent(FILE *f);
int putgrent(const struct group *gr, FILE *f);
int getgrouplist(const char *user, gid_t gid, gid_t *list, int *count);
int initgroups(const char *user, gid_t gid);
int setgroups(size_t count, const gid_t *list);
#endif

#ifdef __cplusplus
}
#endif

#endif
