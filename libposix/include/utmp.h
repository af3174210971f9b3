/*
 * utmp.h - who is logged in: login(3). There is no such record here: reading finds nobody, and
 * writing does nothing.
 */
#ifndef _UTMP_H
#define _UTMP_H

#include <features.h>
#include <sys/types.h>
#include <uapi/time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EMPTY	      0
#define RUN_LVL	      1
#define BOOT_TIME     2
#define NEW_TIME      3
#define OLD_TIME      4
#define INIT_PROCESS  5
#define LOGIN_PROCESS 6
#define USER_PROCESS  7
#define DEAD_PROCESS  8
#define ACCOUNTING    9

#define UT_LINESIZE   32
#define UT_NAMESIZE   32
#define UT_HOSTSIZE   256
#define _PATH_UTMP    "/run/utmp"
#define _PATH_WTMP    "/var/log/wtmp"
#define UTMP_FILE     _PATH_UTMP
#define WTMP_FILE     _PATH_WTMP

struct __exit_status {
	short e_termination, e_exit;
};

struct utmpx {
	short ut_type;
	short __pad1;
	pid_t ut_pid;
	char ut_line[UT_LINESIZE];
	char ut_id[4];
	char ut_user[UT_NAMESIZE];
	char ut_host[UT_HOSTSIZE];
	struct __exit_status ut_exit;
	int ut_session, __pad2;
	struct timeval ut_tv;
	unsigned int ut_addr_v6[4];
	char __unused[20];
};
#define utmp	 utmpx
#define ut_name	 ut_user
#define ut_time	 ut_tv.tv_sec
#define ut_xtime ut_tv.tv_sec
#define ut_addr	 ut_addr_v6[0]

/* A record of /var/log/lastlog, which nobody writes here. */
struct lastlog {
	int ll_time;
	char ll_line[UT_LINESIZE];
	char ll_host[UT_HOSTSIZE];
};
#define _PATH_LASTLOG "/var/log/lastlog"

void endutxent(void);
struct utmpx *getutxent(void);
struct utmpx *getutxid(const struct utmpx *ut);
struct utmpx *getutxline(const struct utmpx *ut);
struct utmpx *pututxline(const struct utmpx *ut);
void setutxent(void);
void updwtmpx(const char *file, const struct utmpx *ut);
int utmpxname(const char *file);
void endutent(void);
struct utmpx *getutent(void);
struct utmpx *getutid(const struct utmpx *ut);
struct utmpx *getutline(const struct utmpx *ut);
struct utmpx *pututline(const struct utmpx *ut);
void setutent(void);
void updwtmp(const char *file, const struct utmpx *ut);
int utmpname(const char *file);
void login(const struct utmpx *ut);
int logout(const char *line);
void logwtmp(const char *line, const char *name, const char *host);
int login_tty(int fd);

#ifdef __cplusplus
}
#endif

#endif
