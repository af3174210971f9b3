/*
 * shadow.h - passwords: /etc/shadow, shadow(5).
 */
#ifndef _SHADOW_H
#define _SHADOW_H

#include <features.h>
#include <stddef.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SHADOW "/etc/shadow"

struct spwd {
	char *sp_namp, *sp_pwdp;
	long sp_lstchg, sp_min, sp_max, sp_warn, sp_inact, sp_expire;
	unsigned long sp_flag;
};

void setspent(void);
void endspent(void);
struct spwd *getspent(void);
struct spwd *fgetspent(FILE *f);
struct spwd *sgetspent(const char *line);
int putspent(const struct spwd *sp, FILE *f);
struct spwd *getspnam(const char *name);
#if __MISC_VISIBLE
int getspnam_r(const char *name, struct spwd *sp, char *buf, size_t size, struct spwd **out);
#endif
int lckpwdf(void);
int ulckpwdf(void);

#ifdef __cplusplus
}
#endif

#endif
