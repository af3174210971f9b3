/*
 * grp.h - groups: /etc/group, group(5).
 */
#ifndef _GRP_H
#define _GRP_H

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

void setgrent(void);
void endgrent(void);
struct group *getgrent(void);
struct group *getgrnam(const char *name);
struct group *getgrgid(gid_t gid);
int getgrnam_r(const char *name, struct group *gr, char *buf, size_t size, struct group **out);
int getgrgid_r(gid_t gid, struct group *gr, char *buf, size_t size, struct group **out);
int getgrent_r(struct group *gr, char *buf, size_t size, struct group **out);
struct group *fgetgrent(FILE *f);
int putgrent(const struct group *gr, FILE *f);
int getgrouplist(const char *user, gid_t gid, gid_t *list, int *count);
int initgroups(const char *user, gid_t gid);
int setgroups(size_t count, const gid_t *list);

#ifdef __cplusplus
}
#endif

#endif
