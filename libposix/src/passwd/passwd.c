/* passwd.c - users: getpwnam(3) and its family, from /etc/passwd. */
#include "fields.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>

static int parse(char *line, void *entry, char *rest, size_t room)
{
	struct passwd *pw = entry;
	char *f[7];

	(void)rest;
	(void)room;
	if (__fields(line, f, 7) != 7 || !*f[0] || !__field_number(f[2], &pw->pw_uid) ||
	    !__field_number(f[3], &pw->pw_gid))
		return 0;
	pw->pw_name = f[0];
	pw->pw_passwd = f[1];
	pw->pw_gecos = f[4];
	pw->pw_dir = f[5];
	pw->pw_shell = f[6];
	return 1;
}

/* No file, no users: that is no error. */
static int find(const char *name, uid_t uid, struct passwd *pw, char *buf, size_t size,
		struct passwd **out)
{
	FILE *f = fopen("/etc/passwd", "re");
	int saved = errno, got, err;

	*out = NULL;
	if (!f)
		return saved == ENOENT || saved == ENOTDIR ? 0 : saved;
	while ((got = __read_entry(f, buf, size, parse, pw)) > 0)
		if (name ? !strcmp(pw->pw_name, name) : pw->pw_uid == uid)
			break;
	err = got < 0 ? errno : 0;
	fclose(f);
	if (got > 0)
		*out = pw;
	return err;
}

int getpwnam_r(const char *name, struct passwd *pw, char *buf, size_t size, struct passwd **out)
{
	return find(name, 0, pw, buf, size, out);
}

int getpwuid_r(uid_t uid, struct passwd *pw, char *buf, size_t size, struct passwd **out)
{
	return find(NULL, uid, pw, buf, size, out);
}

/* Of the forms without a buffer, one entry and its text. */
static struct passwd entry;
static char *text;
static size_t text_size;
static FILE *list;

static struct passwd *search(const char *name, uid_t uid)
{
	FILE *f = fopen("/etc/passwd", "re");
	int got;

	if (!f)
		return NULL;
	while ((got = __read_entry_grow(f, &text, &text_size, parse, &entry)) > 0)
		if (name ? !strcmp(entry.pw_name, name) : entry.pw_uid == uid)
			break;
	fclose(f);
	return got > 0 ? &entry : NULL;
}

struct passwd *getpwnam(const char *name)
{
	return search(name, 0);
}

struct passwd *getpwuid(uid_t uid)
{
	return search(NULL, uid);
}

void setpwent(void)
{
	if (list)
		fclose(list);
	list = NULL;
}

void endpwent(void)
{
	setpwent();
}

static int open_list(void)
{
	if (!list)
		list = fopen("/etc/passwd", "re");
	return list != NULL;
}

struct passwd *getpwent(void)
{
	return open_list() ? fgetpwent(list) : NULL;
}

int getpwent_r(struct passwd *pw, char *buf, size_t size, struct passwd **out)
{
	int got;

	*out = NULL;
	if (!open_list())
		return ENOENT;
	got = __read_entry(list, buf, size, parse, pw);
	if (got > 0)
		*out = pw;
	return got > 0 ? 0 : got ? errno : ENOENT;
}

struct passwd *fgetpwent(FILE *f)
{
	return __read_entry_grow(f, &text, &text_size, parse, &entry) > 0 ? &entry : NULL;
}

int putpwent(const struct passwd *pw, FILE *f)
{
	return fprintf(f, "%s:%s:%u:%u:%s:%s:%s\n", pw->pw_name, pw->pw_passwd, pw->pw_uid,
		       pw->pw_gid, pw->pw_gecos, pw->pw_dir, pw->pw_shell) < 0 ?
		       -1 :
		       0;
}
