/*
 * utmp.c - who is logged in: nobody keeps a record here, so reading finds nobody
 * and writing says that it can't.
 */
#include <errno.h>
#include <stddef.h>
#include <utmp.h>

void setutxent(void)
{
}

void endutxent(void)
{
}

struct utmpx *getutxent(void)
{
	return NULL;
}

struct utmpx *getutxid(const struct utmpx *ut)
{
	(void)ut;
	return NULL;
}

struct utmpx *getutxline(const struct utmpx *ut)
{
	(void)ut;
	return NULL;
}

struct utmpx *pututxline(const struct utmpx *ut)
{
	(void)ut;
	errno = ENOTSUP;
	return NULL;
}

void updwtmpx(const char *file, const struct utmpx *ut)
{
	(void)file;
	(void)ut;
}

int utmpxname(const char *file)
{
	(void)file;
	errno = ENOTSUP;
	return -1;
}

void setutent(void) __attribute__((alias("setutxent")));
void endutent(void) __attribute__((alias("endutxent")));
struct utmpx *getutent(void) __attribute__((alias("getutxent")));
struct utmpx *getutid(const struct utmpx *ut) __attribute__((alias("getutxid")));
struct utmpx *getutline(const struct utmpx *ut) __attribute__((alias("getutxline")));
struct utmpx *pututline(const struct utmpx *ut) __attribute__((alias("pututxline")));
void updwtmp(const char *file, const struct utmpx *ut) __attribute__((alias("updwtmpx")));
int utmpname(const char *file) __attribute__((alias("utmpxname")));

void login(const struct utmpx *ut)
{
	(void)ut;
}

int logout(const char *line)
{
	(void)line;
	return 0;
}

void logwtmp(const char *line, const char *name, const char *host)
{
	(void)line;
	(void)name;
	(void)host;
}
