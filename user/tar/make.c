/*
 * make.c - archives are made: ustar headers, pax records for what doesn't fit them.
 */
#include "tar.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static struct seen {
	struct seen *next;
	dev_t dev;
	ino_t ino;
	char *name;
} * seen;

unsigned long long written;

static void put(const void *data, size_t n)
{
	if (fwrite(data, 1, n, archive) != n)
		err(2, "the archive");
	written += n;
}

static void pad(unsigned long long n)
{
	static const char zeros[512];

	if (n % 512)
		put(zeros, 512 - n % 512);
}

static bool octal(char *field, size_t size, unsigned long long v)
{
	if (v >> (3 * (size - 1)))
		return false;
	snprintf(field, size, "%0*llo", (int)size - 1, v);
	return true;
}

static void finish_header(struct header *h)
{
	unsigned int sum = 0;

	memcpy(h->magic, "ustar", 6);
	memcpy(h->version, "00", 2);
	memset(h->sum, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += ((unsigned char *)h)[i];
	snprintf(h->sum, 8, "%06o", sum);
	h->sum[7] = ' ';
	put(h, 512);
}

/* "LENGTH key=value\n", the length with itself. */
static void add_record(char **all, size_t *n, const char *key, const char *value)
{
	size_t body = strlen(key) + strlen(value) + 3, total = body + 1, digits = 1;

	for (size_t v = total; v >= 10; v /= 10)
		digits++;
	total = body + digits;
	if (snprintf(NULL, 0, "%zu", total) != (int)digits)
		total++;
	*all = need(realloc(*all, *n + total + 1));
	sprintf(*all + *n, "%zu %s=%s\n", total, key, value);
	*n += total;
}

static bool split_name(struct header *h, const char *name)
{
	size_t n = strlen(name);

	if (n <= 100) {
		memcpy(h->name, name, n);
		return true;
	}
	for (const char *slash = name + n; slash > name;) {
		size_t before;

		while (--slash > name && *slash != '/')
			continue;
		before = (size_t)(slash - name);
		if (*slash != '/' || n - before - 1 > 100)
			return false;
		if (before && before <= 155 && n - before - 1) {
			memcpy(h->prefix, name, before);
			memcpy(h->name, slash + 1, n - before - 1);
			return true;
		}
	}
	return false;
}

static void put_header(const struct member *m)
{
	struct header h = { 0 }, x = { 0 };
	unsigned long long size = m->type == '0' ? (unsigned long long)m->st.st_size : 0;
	char *records = NULL, number[24];
	size_t n = 0;

	if (!split_name(&h, m->name)) {
		add_record(&records, &n, "path", m->name);
		memcpy(h.name, m->name, 100);
	}
	if (m->link && strlen(m->link) > 100)
		add_record(&records, &n, "linkpath", m->link);
	if (m->link)
		memcpy(h.link, m->link, strlen(m->link) > 100 ? 100 : strlen(m->link));
	octal(h.mode, 8, m->st.st_mode & 07777);
	if (!octal(h.uid, 8, m->st.st_uid)) {
		snprintf(number, sizeof(number), "%u", m->st.st_uid);
		add_record(&records, &n, "uid", number);
		octal(h.uid, 8, 0);
	}
	if (!octal(h.gid, 8, m->st.st_gid)) {
		snprintf(number, sizeof(number), "%u", m->st.st_gid);
		add_record(&records, &n, "gid", number);
		octal(h.gid, 8, 0);
	}
	if (!octal(h.size, 12, size)) {
		snprintf(number, sizeof(number), "%llu", size);
		add_record(&records, &n, "size", number);
		octal(h.size, 12, 0);
	}
	octal(h.mtime, 12, m->st.st_mtim.tv_sec < 0 ? 0 : (unsigned long long)m->st.st_mtim.tv_sec);
	h.type = m->type;
	if (!numeric) {
		snprintf(h.uname, 32, "%s",
			 user_name(m->st.st_uid)[0] > '9' ? user_name(m->st.st_uid) : "");
		snprintf(h.gname, 32, "%s",
			 group_name(m->st.st_gid)[0] > '9' ? group_name(m->st.st_gid) : "");
	}
	if (m->type == '3' || m->type == '4') {
		octal(h.major, 8, major(m->st.st_rdev));
		octal(h.minor, 8, minor(m->st.st_rdev));
	}
	if (n) {
		snprintf(x.name, 100, "PaxHeaders/%.80s", base_name(m->name));
		octal(x.mode, 8, 0644);
		octal(x.uid, 8, 0);
		octal(x.gid, 8, 0);
		octal(x.size, 12, n);
		octal(x.mtime, 12, 0);
		x.type = 'x';
		finish_header(&x);
		put(records, n);
		pad(n);
		free(records);
	}
	finish_header(&h);
}

static void put_data(const char *path, unsigned long long size)
{
	static char buf[65536];
	int fd = open(path, O_RDONLY);
	unsigned long long left = size;

	if (fd < 0)
		err(2, "%s", path);
	while (left) {
		ssize_t n = read(fd, buf, left < sizeof(buf) ? (size_t)left : sizeof(buf));

		if (n <= 0) {
			warnx("%s: file shrank; padding with zeros", path);
			status = 1;
			memset(buf, 0, sizeof(buf));
			while (left) {
				size_t some = left < sizeof(buf) ? (size_t)left : sizeof(buf);

				put(buf, some);
				left -= some;
			}
			break;
		}
		put(buf, (size_t)n);
		left -= (unsigned long long)n;
	}
	close(fd);
	pad(size);
}

static const char *stripped(const char *path)
{
	static bool said;

	if (*path == '/' && !said) {
		warnx("Removing leading `/' from member names");
		said = true;
	}
	path += strspn(path, "/");
	return *path ? path : ".";
}

static void add(struct walk *w, enum walk_event event)
{
	struct member m = { .st = w->st };
	char target[4096];

	if (event == WALK_ERROR) {
		warn("%s", w->path);
		status = 2;
		return;
	}
	if (event == WALK_LEFT)
		return;
	if (excluded(w->path)) {
		w->skip = true;
		return;
	}
	if (!recurse)
		w->skip = true;
	m.name = need(malloc(strlen(w->path) + 2));
	strcpy(m.name, stripped(w->path));
	if (event == WALK_FOLDER) {
		if (m.name[strlen(m.name) - 1] != '/')
			strcat(m.name, "/");
		m.type = '5';
	} else if (S_ISLNK(w->st.st_mode)) {
		ssize_t n = readlink(w->path, target, sizeof(target) - 1);

		target[n < 0 ? 0 : n] = 0;
		m.link = target;
		m.type = '2';
	} else if (S_ISREG(w->st.st_mode)) {
		m.type = '0';
	} else if (S_ISCHR(w->st.st_mode) || S_ISBLK(w->st.st_mode)) {
		m.type = S_ISCHR(w->st.st_mode) ? '3' : '4';
	} else if (S_ISFIFO(w->st.st_mode)) {
		m.type = '6';
	} else {
		warnx("%s: socket ignored", w->path);
		free(m.name);
		return;
	}
	if (event == WALK_FILE && w->st.st_nlink > 1) {
		struct seen *s;

		for (s = seen; s && !(s->dev == w->st.st_dev && s->ino == w->st.st_ino);
		     s = s->next)
			continue;
		if (s) {
			m.type = '1';
			m.link = s->name;
		} else {
			s = need(malloc(sizeof(*s)));
			*s = (struct seen){ seen, w->st.st_dev, w->st.st_ino,
					    need(strdup(m.name)) };
			seen = s;
		}
	}
	if (verbose)
		fprintf(archive == stdout ? stderr : stdout, "%s\n", m.name);
	put_header(&m);
	if (m.type == '0')
		put_data(w->path, (unsigned long long)w->st.st_size);
	free(m.name);
}

void make(char **files)
{
	static const char zeros[1024];

	for (; *files; files++) {
		if (!strcmp(*files, "-C") && files[1]) {
			if (chdir(*++files))
				err(2, "%s", *files);
			continue;
		}
		walk(*files, follow ? WALK_FOLLOW | WALK_SORTED : WALK_SORTED, add, NULL);
	}
	put(zeros, 1024);
	while (written % 10240)
		put(zeros, 512);
	if (fflush(archive))
		err(2, "the archive");
}
