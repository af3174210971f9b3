/*
 * headers.c - members as an archive has them: ustar, pax records, GNU's long names and large numbers.
 */
#include "tar.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

static unsigned long long number(const char *field, size_t size)
{
	unsigned long long v = 0;

	/* GNU: a number in base 256 */
	if (field[0] & 0x80) {
		v = (unsigned char)field[0] & 0x3f;
		for (size_t i = 1; i < size; i++)
			v = v << 8 | (unsigned char)field[i];
		return v;
	}
	for (size_t i = 0; i < size; i++)
		if (field[i] >= '0' && field[i] <= '7')
			v = v * 8 + (unsigned long long)(field[i] - '0');
		else if (v || (field[i] && field[i] != ' '))
			break;
	return v;
}

static bool get(void *data, size_t n)
{
	return fread(data, 1, n, archive) == n;
}

static char *get_text(unsigned long long size)
{
	unsigned long long room = (size + 511) / 512 * 512;
	char *s;

	if (size > 1 << 24)
		errx(2, "a name of %llu bytes", size);
	s = need(malloc((size_t)room + 1));
	if (!get(s, (size_t)room))
		errx(2, "unexpected EOF in archive");
	s[size] = 0;
	return s;
}

struct pax {
	char *path, *link;
	bool has_size, has_uid, has_gid, has_mtime;
	unsigned long long size;
	unsigned int uid, gid;
	struct timespec mtime;
};

static void read_records(char *s, size_t n, struct pax *p)
{
	char *end = s + n;

	while (s < end) {
		char *rest, *eq;
		unsigned long len = strtoul(s, &rest, 10);

		if (!len || len > (unsigned long)(end - s) || *rest != ' ' || s[len - 1] != '\n')
			break;
		s[len - 1] = 0;
		rest++;
		eq = strchr(rest, '=');
		if (eq) {
			*eq++ = 0;
			if (!strcmp(rest, "path")) {
				free(p->path);
				p->path = need(strdup(eq));
			} else if (!strcmp(rest, "linkpath")) {
				free(p->link);
				p->link = need(strdup(eq));
			} else if (!strcmp(rest, "size")) {
				p->has_size = true;
				p->size = strtoull(eq, NULL, 10);
			} else if (!strcmp(rest, "uid")) {
				p->has_uid = true;
				p->uid = (unsigned int)strtoul(eq, NULL, 10);
			} else if (!strcmp(rest, "gid")) {
				p->has_gid = true;
				p->gid = (unsigned int)strtoul(eq, NULL, 10);
			} else if (!strcmp(rest, "mtime")) {
				p->has_mtime = true;
				p->mtime.tv_sec = (time_t)strtoll(eq, &eq, 10);
				if (*eq == '.')
					p->mtime.tv_nsec = (long)(strtod(eq, NULL) * 1e9);
			}
		}
		s += len;
	}
}

static bool valid(const struct header *h)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : ((const unsigned char *)h)[i];
	return sum == number(h->sum, 8);
}

static char *header_name(const struct header *h)
{
	char *s = need(malloc(258));

	if (!memcmp(h->magic, "ustar\0", 6) && h->prefix[0])
		snprintf(s, 258, "%.155s/%.100s", h->prefix, h->name);
	else
		snprintf(s, 258, "%.100s", h->name);
	return s;
}

/* What a global pax header says holds for all members behind it (pax(1)). */
static struct pax global;

static struct pax from_global(void)
{
	struct pax p = global;

	p.path = global.path ? need(strdup(global.path)) : NULL;
	p.link = global.link ? need(strdup(global.link)) : NULL;
	return p;
}

bool next(struct member *m)
{
	struct header h;
	struct pax p = from_global();
	int empty = 0;
	char *s;

	for (;;) {
		unsigned long long size;

		if (!get(&h, 512))
			return false;
		if (!h.name[0] && !number(h.sum, 8)) {
			if (++empty == 2)
				return false;
			continue;
		}
		if (!valid(&h))
			errx(2, "This does not look like a tar archive");
		size = number(h.size, 12);
		if (h.type == 'x' || h.type == 'g') {
			s = get_text(size);
			read_records(s, (size_t)size, h.type == 'g' ? &global : &p);
			free(s);
			if (h.type == 'g') {
				free(p.path);
				free(p.link);
				p = from_global();
			}
			continue;
		}
		if (h.type == 'L' || h.type == 'K') {
			char **to = h.type == 'L' ? &p.path : &p.link;

			free(*to);
			*to = get_text(size);
			continue;
		}
		break;
	}
	memset(m, 0, sizeof(*m));
	m->name = p.path ? p.path : header_name(&h);
	if (p.link) {
		m->link = p.link;
	} else {
		m->link = need(malloc(101));
		snprintf(m->link, 101, "%.100s", h.link);
	}
	m->type = h.type ? h.type : '0';
	if (m->type == '7')
		m->type = '0';
	if (m->type == '0' && *m->name && m->name[strlen(m->name) - 1] == '/')
		m->type = '5';
	m->st.st_mode = (mode_t)number(h.mode, 8) & 07777;
	m->st.st_uid = p.has_uid ? p.uid : (uid_t)number(h.uid, 8);
	m->st.st_gid = p.has_gid ? p.gid : (gid_t)number(h.gid, 8);
	m->st.st_size = (off_t)(p.has_size ? p.size : number(h.size, 12));
	m->st.st_mtim.tv_sec = (time_t)number(h.mtime, 12);
	if (p.has_mtime)
		m->st.st_mtim = p.mtime;
	m->st.st_rdev = makedev((unsigned int)number(h.major, 8), (unsigned int)number(h.minor, 8));
	snprintf(m->uname, sizeof(m->uname), "%.32s", h.uname);
	snprintf(m->gname, sizeof(m->gname), "%.32s", h.gname);
	if (strchr("123456", m->type))
		m->st.st_size = 0;
	return true;
}

void data_to(const struct member *m, int fd)
{
	static char buf[65536];
	unsigned long long left = (unsigned long long)m->st.st_size,
			   room = (left + 511) / 512 * 512;

	while (room) {
		size_t n = room < sizeof(buf) ? (size_t)room : sizeof(buf),
		       use = left < n ? (size_t)left : n;

		if (!get(buf, n))
			errx(2, "unexpected EOF in archive");
		if (fd >= 0 && use && write_all(fd, buf, use)) {
			warn("%s", m->name);
			status = 2;
			fd = -1;
		}
		left -= use;
		room -= n;
	}
}
