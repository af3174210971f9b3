/* shadow.c - passwords: getspnam(3) and its family, from /etc/shadow. */
#include "fields.h"

#include <errno.h>
#include <fcntl.h>
#include <shadow.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* An empty field is -1. */
static int number(const char *text, long *out)
{
	char *end;

	if (!*text) {
		*out = -1;
		return 1;
	}
	*out = strtol(text, &end, 10);
	return !*end;
}

static int parse(char *line, void *entry, char *rest, size_t room)
{
	struct spwd *sp = entry;
	char *f[9];
	long flag;
	int n = __fields(line, f, 9);

	(void)rest;
	(void)room;
	/* An old form ends with the fifth. */
	for (int i = 5; n == 5 && i < 9; i++)
		f[i] = (char *)"";
	if ((n != 5 && n != 9) || !*f[0] || !number(f[2], &sp->sp_lstchg) ||
	    !number(f[3], &sp->sp_min) || !number(f[4], &sp->sp_max) ||
	    !number(f[5], &sp->sp_warn) || !number(f[6], &sp->sp_inact) ||
	    !number(f[7], &sp->sp_expire) || !number(f[8], &flag))
		return 0;
	sp->sp_namp = f[0];
	sp->sp_pwdp = f[1];
	sp->sp_flag = (unsigned long)flag;
	return 1;
}

int getspnam_r(const char *name, struct spwd *sp, char *buf, size_t size, struct spwd **out)
{
	FILE *f = fopen(SHADOW, "re");
	int saved = errno, got, err;

	*out = NULL;
	if (!f)
		return saved == ENOENT || saved == ENOTDIR ? 0 : saved;
	while ((got = __read_entry(f, buf, size, parse, sp)) > 0)
		if (!strcmp(sp->sp_namp, name))
			break;
	err = got < 0 ? errno : 0;
	fclose(f);
	if (got > 0)
		*out = sp;
	return err;
}

static struct spwd entry;
static char *text;
static size_t text_size;
static FILE *list;

struct spwd *getspnam(const char *name)
{
	FILE *f = fopen(SHADOW, "re");
	int got;

	if (!f)
		return NULL;
	while ((got = __read_entry_grow(f, &text, &text_size, parse, &entry)) > 0)
		if (!strcmp(entry.sp_namp, name))
			break;
	fclose(f);
	return got > 0 ? &entry : NULL;
}

void setspent(void)
{
	if (list)
		fclose(list);
	list = NULL;
}

void endspent(void)
{
	setspent();
}

struct spwd *getspent(void)
{
	if (!list)
		list = fopen(SHADOW, "re");
	return list ? fgetspent(list) : NULL;
}

struct spwd *fgetspent(FILE *f)
{
	return __read_entry_grow(f, &text, &text_size, parse, &entry) > 0 ? &entry : NULL;
}

struct spwd *sgetspent(const char *line)
{
	char *copy = strdup(line);

	if (!copy)
		return NULL;
	free(text);
	text = copy;
	text_size = strlen(copy) + 1;
	return parse(text, &entry, NULL, 0) ? &entry : NULL;
}

int putspent(const struct spwd *sp, FILE *f)
{
	const long n[] = { sp->sp_lstchg, sp->sp_min,	 sp->sp_max,	   sp->sp_warn,
			   sp->sp_inact,  sp->sp_expire, (long)sp->sp_flag };

	fprintf(f, "%s:%s", sp->sp_namp, sp->sp_pwdp ? sp->sp_pwdp : "");
	for (size_t i = 0; i < sizeof(n) / sizeof(n[0]); i++) {
		fputc(':', f);
		if (n[i] != -1)
			fprintf(f, "%ld", n[i]);
	}
	return fputc('\n', f) < 0 ? -1 : 0;
}

static int lock_fd = -1;

int lckpwdf(void)
{
	struct flock l = { .l_type = F_WRLCK };

	if (lock_fd >= 0)
		return -1;
	lock_fd = open("/etc/.pwd.lock", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (lock_fd < 0)
		return -1;
	return fcntl(lock_fd, F_SETLKW, &l);
}

int ulckpwdf(void)
{
	if (lock_fd < 0)
		return -1;
	close(lock_fd);
	lock_fd = -1;
	return 0;
}
