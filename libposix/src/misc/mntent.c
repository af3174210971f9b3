/*
 * mntent.c - lines of /etc/fstab and /proc/mounts (getmntent(3)). Blanks within a field
 * are written as \040 and their like.
 */
#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

FILE *setmntent(const char *path, const char *mode)
{
	return fopen(path, mode);
}

int endmntent(FILE *f)
{
	if (f)
		fclose(f);
	return 1;
}

/* The next field of the line, its escapes undone; "" when there is none. */
static char *field(char **line)
{
	char *p = *line + strspn(*line, " \t"), *begin = p, *to = p;

	while (*p && *p != ' ' && *p != '\t' && *p != '\n') {
		if (p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] >= '0' && p[2] <= '7' &&
		    p[3] >= '0' && p[3] <= '7') {
			*to++ = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
			p += 4;
		} else if (p[0] == '\\' && p[1] == '\\') {
			*to++ = '\\';
			p += 2;
		} else {
			*to++ = *p++;
		}
	}
	*line = p + (*p != 0);
	*to = 0;
	return begin;
}

static struct mntent *parse(char *line, struct mntent *m)
{
	m->mnt_fsname = field(&line);
	m->mnt_dir = field(&line);
	m->mnt_type = field(&line);
	m->mnt_opts = field(&line);
	m->mnt_freq = atoi(field(&line));
	m->mnt_passno = atoi(field(&line));
	return m;
}

/* Lines that are empty, or a remark, or have not even a directory, are passed over. */
static int of_use(const char *line)
{
	line += strspn(line, " \t\n");
	if (!*line || *line == '#')
		return 0;
	line += strcspn(line, " \t\n");
	line += strspn(line, " \t\n");
	return *line != 0;
}

struct mntent *getmntent_r(FILE *restrict f, struct mntent *restrict m, char *restrict buf,
			   int size)
{
	do {
		if (!fgets(buf, size, f))
			return NULL;
		if (!strchr(buf, '\n') && !feof(f)) {
			int c;

			/* A line that doesn't fit is lost. */
			do
				c = fgetc(f);
			while (c != EOF && c != '\n');
			errno = ERANGE;
			return NULL;
		}
	} while (!of_use(buf));
	return parse(buf, m);
}

struct mntent *getmntent(FILE *f)
{
	static struct mntent m;
	static char *line;
	static size_t room;

	do {
		if (getline(&line, &room, f) < 0)
			return NULL;
	} while (!of_use(line));
	return parse(line, &m);
}

static void put(FILE *f, const char *s, int last)
{
	for (; *s; s++) {
		if (strchr(" \t\n\\", *s))
			fprintf(f, "\\%03o", (unsigned char)*s);
		else
			fputc(*s, f);
	}
	if (!last)
		fputc(' ', f);
}

int addmntent(FILE *restrict f, const struct mntent *restrict m)
{
	if (fseek(f, 0, SEEK_END))
		return 1;
	put(f, m->mnt_fsname, 0);
	put(f, m->mnt_dir, 0);
	put(f, m->mnt_type, 0);
	put(f, m->mnt_opts, 0);
	fprintf(f, "%d %d\n", m->mnt_freq, m->mnt_passno);
	return fflush(f) != 0;
}

char *hasmntopt(const struct mntent *m, const char *opt)
{
	size_t n = strlen(opt);

	for (char *p = m->mnt_opts; *p; p += *p == ',') {
		if (!strncmp(p, opt, n) && (!p[n] || p[n] == ',' || p[n] == '='))
			return p;
		p += strcspn(p, ",");
	}
	return NULL;
}
