/* group.c - groups: getgrnam(3) and its family, from /etc/group. */
#include "fields.h"

#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <string.h>

static int parse(char *line, void *entry, char *rest, size_t room)
{
	size_t pad = -(uintptr_t)rest & (sizeof(char *) - 1), n = 0;
	struct group *gr = entry;
	char *f[4], **members, *m;

	if (__fields(line, f, 4) != 4 || !*f[0] || !__field_number(f[2], &gr->gr_gid))
		return 0;
	for (m = f[3]; *m; m++)
		n += *m == ',';
	if (room < pad + (n + 2) * sizeof(char *)) {
		errno = ERANGE;
		return -1;
	}
	members = (char **)(void *)(rest + pad);
	gr->gr_name = f[0];
	gr->gr_passwd = f[1];
	gr->gr_mem = members;
	for (m = f[3]; m && *m;) {
		char *comma = strchr(m, ',');

		if (comma)
			*comma++ = '\0';
		if (*m)
			*members++ = m;
		m = comma;
	}
	*members = NULL;
	return 1;
}

static int find(const char *name, gid_t gid, struct group *gr, char *buf, size_t size,
		struct group **out)
{
	FILE *f = fopen("/etc/group", "re");
	int saved = errno, got, err;

	*out = NULL;
	if (!f)
		return saved == ENOENT || saved == ENOTDIR ? 0 : saved;
	while ((got = __read_entry(f, buf, size, parse, gr)) > 0)
		if (name ? !strcmp(gr->gr_name, name) : gr->gr_gid == gid)
			break;
	err = got < 0 ? errno : 0;
	fclose(f);
	if (got > 0)
		*out = gr;
	return err;
}

int getgrnam_r(const char *name, struct group *gr, char *buf, size_t size, struct group **out)
{
	return find(name, 0, gr, buf, size, out);
}

int getgrgid_r(gid_t gid, struct group *gr, char *buf, size_t size, struct group **out)
{
	return find(NULL, gid, gr, buf, size, out);
}

/* Of the forms without a buffer, one entry and its text. */
static struct group entry;
static char *text;
static size_t text_size;
static FILE *list;

static struct group *search(const char *name, gid_t gid)
{
	FILE *f = fopen("/etc/group", "re");
	int got;

	if (!f)
		return NULL;
	while ((got = __read_entry_grow(f, &text, &text_size, parse, &entry)) > 0)
		if (name ? !strcmp(entry.gr_name, name) : entry.gr_gid == gid)
			break;
	fclose(f);
	return got > 0 ? &entry : NULL;
}

struct group *getgrnam(const char *name)
{
	return search(name, 0);
}

struct group *getgrgid(gid_t gid)
{
	return search(NULL, gid);
}

void setgrent(void)
{
	if (list)
		fclose(list);
	list = NULL;
}

void endgrent(void)
{
	setgrent();
}

static int open_list(void)
{
	if (!list)
		list = fopen("/etc/group", "re");
	return list != NULL;
}

struct group *getgrent(void)
{
	return open_list() ? fgetgrent(list) : NULL;
}

int getgrent_r(struct group *gr, char *buf, size_t size, struct group **out)
{
	int got;

	*out = NULL;
	if (!open_list())
		return ENOENT;
	got = __read_entry(list, buf, size, parse, gr);
	if (got > 0)
		*out = gr;
	return got > 0 ? 0 : got ? errno : ENOENT;
}

struct group *fgetgrent(FILE *f)
{
	return __read_entry_grow(f, &text, &text_size, parse, &entry) > 0 ? &entry : NULL;
}

int putgrent(const struct group *gr, FILE *f)
{
	if (fprintf(f, "%s:%s:%u:", gr->gr_name, gr->gr_passwd, gr->gr_gid) < 0)
		return -1;
	for (char **m = gr->gr_mem; m && *m; m++)
		if (fprintf(f, "%s%s", m == gr->gr_mem ? "" : ",", *m) < 0)
			return -1;
	return fputc('\n', f) < 0 ? -1 : 0;
}
