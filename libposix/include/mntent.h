/*
 * mntent.h - lines of /etc/fstab and /proc/mounts (getmntent(3)).
 */
#ifndef _MNTENT_H
#define _MNTENT_H

#include <features.h>

#define __want_FILE
#include <bits/alltypes.h>

#define MOUNTED		"/etc/mtab"
#define _PATH_MOUNTED	MOUNTED
#define _PATH_MNTTAB	"/etc/fstab"

#define MNTTYPE_IGNORE	"ignore"
#define MNTTYPE_NFS	"nfs"
#define MNTTYPE_SWAP	"swap"

#define MNTOPT_DEFAULTS "defaults"
#define MNTOPT_RO	"ro"
#define MNTOPT_RW	"rw"
#define MNTOPT_SUID	"suid"
#define MNTOPT_NOSUID	"nosuid"
#define MNTOPT_NOAUTO	"noauto"

struct mntent {
	char *mnt_fsname;
	char *mnt_dir;
	char *mnt_type;
	char *mnt_opts;
	int mnt_freq;
	int mnt_passno;
};

__BEGIN_DECLS

FILE *setmntent(const char *__path, const char *__mode);
struct mntent *getmntent(FILE *__f);
#if __MISC_VISIBLE
struct mntent *getmntent_r(FILE *__restrict __f, struct mntent *__restrict __m,
			   char *__restrict __buf, int __size);
#endif
int addmntent(FILE *__restrict __f, const struct mntent *__restrict __m);
int endmntent(FILE *__f);
char *hasmntopt(const struct mntent *__m, const char *__opt);

__END_DECLS

#endif
