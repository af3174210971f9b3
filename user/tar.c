/*
 * tar - archives: made, listed, unpacked (XCU pax: ustar and pax headers; GNU's long names are read).
 */
#include "common/common.h"
#include "common/deflate.h"
#include "common/mode.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: tar c|x|t[vzphOkm] [-f ARCHIVE] [-C FOLDER] [--exclude=GLOB] [--strip-components=N] [FILE...]\n"
	"Make an archive of the files (c), unpack one (x), list it (t); standard input or output without -f.\n"
	"  -v  names;  -z  through gzip;  -C  in that folder\n"
	"  -p  modes without regard of the umask;  -k  keep files that are there;  -m  with the time of now;  -O  to\n"
	"      standard output;  -h  what links lead to;  -T FILE  names from that file\n"
	"  --numeric-owner, --no-same-owner, --no-recursion\n";

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100],
		magic[6], version[2], uname[32], gname[32], major[8], minor[8], prefix[155],
		pad[12];
};

_Static_assert(sizeof(struct header) == 512, "a tar header is a block");

struct member {
	char *name, *link;
	struct stat st;
	char type;
	char uname[33], gname[33];
};

static FILE *archive;
static bool verbose, keep, now_time, out_stdout, follow, numeric, same_owner, recurse = true, gzip;
static int strip, status;
static mode_t mask;
static char **excludes;
static int exclude_count;

static bool excluded(const char *name)
{
	for (int i = 0; i < exclude_count; i++)
		for (const char *s = name; s; s = strchr(s, '/') ? strchr(s, '/') + 1 : NULL)
			if (!fnmatch(excludes[i], s, FNM_LEADING_DIR))
				return true;
	return false;
}

/* ---- making ------------------------------------------------------------------------------ */

static struct seen {
	struct seen *next;
	dev_t dev;
	ino_t ino;
	char *name;
} * seen;

static unsigned long long written;

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

static void make(char **files)
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

/* ---- reading ----------------------------------------------------------------------------- */

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

/* The next member; false at the end. */
static bool next(struct member *m)
{
	struct header h;
	struct pax p = { 0 };
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
			read_records(s, (size_t)size, &p);
			free(s);
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

/* The data of a member to a descriptor, or past it (-1). */
static void data_to(const struct member *m, int fd)
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

static void show(const struct member *m)
{
	static const char letters[] = "-hlcbdp";
	char mode[11], when[32], owner[70], size[32];
	struct tm tm;

	if (!verbose) {
		puts(m->name);
		return;
	}
	mode_string(m->st.st_mode, mode);
	mode[0] = m->type >= '0' && m->type <= '6' ? letters[m->type - '0'] : '?';
	localtime_r(&m->st.st_mtim.tv_sec, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	if (numeric || !m->uname[0])
		snprintf(owner, sizeof(owner), "%u/%u", m->st.st_uid, m->st.st_gid);
	else
		snprintf(owner, sizeof(owner), "%s/%s", m->uname, m->gname);
	if (m->type == '3' || m->type == '4')
		snprintf(size, sizeof(size), "%u,%u", major(m->st.st_rdev), minor(m->st.st_rdev));
	else
		snprintf(size, sizeof(size), "%lld", (long long)m->st.st_size);
	printf("%s %s %*s %s %s", mode, owner,
	       (int)strlen(owner) < 18 ? 18 - (int)strlen(owner) : 0, size, when, m->name);
	if (m->type == '2')
		printf(" -> %s", m->link);
	if (m->type == '1')
		printf(" link to %s", m->link);
	putchar('\n');
}

/* Where it goes below here: no "/" before, no ".." within. NULL: nowhere. */
static const char *target(const char *name)
{
	const char *s = name + strspn(name, "/");

	for (int i = 0; i < strip; i++) {
		s = strchr(s, '/');
		if (!s)
			return NULL;
		s += strspn(s, "/");
	}
	for (const char *p = s; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL) {
		if (p[0] == '.' && p[1] == '.' && (!p[2] || p[2] == '/')) {
			warnx("%s: member name contains '..'", name);
			status = 2;
			return NULL;
		}
	}
	return *s ? s : NULL;
}

static void make_parents(const char *path)
{
	char *copy = need(strdup(path));

	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		mkdir(copy, 0777);
		*p = '/';
	}
	free(copy);
}

/* Folders get their times when all is in them. */
static struct later {
	struct later *next;
	char *path;
	struct member m;
} * later;

static void attributes(const char *path, const struct member *m)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, m->st.st_mtim };
	mode_t mode = m->st.st_mode & ~mask;

	if (same_owner) {
		uid_t uid = m->st.st_uid;
		gid_t gid = m->st.st_gid;

		if (!numeric && m->uname[0] && !user_id(m->uname, &uid))
			uid = m->st.st_uid;
		if (!numeric && m->gname[0] && !group_id(m->gname, &gid))
			gid = m->st.st_gid;
		if (lchown(path, uid, gid)) {
			warn("%s: cannot change ownership", path);
			status = 2;
		}
	}
	if (m->type != '2')
		chmod(path, mode);
	if (!now_time)
		utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

static void unpack(struct member *m)
{
	const char *path = target(m->name), *to;
	struct stat st;
	int fd, bad = 0;

	if (!path) {
		data_to(m, -1);
		return;
	}
	if (verbose)
		fprintf(out_stdout ? stderr : stdout, "%s\n", m->name);
	if (out_stdout) {
		fflush(stdout);
		data_to(m, 1);
		return;
	}
	if (m->type != '5' && !lstat(path, &st)) {
		if (keep) {
			warnx("%s: already exists", path);
			status = 2;
			data_to(m, -1);
			return;
		}
		if (S_ISDIR(st.st_mode))
			rmdir(path);
		else
			unlink(path);
	}
	for (int again = 0; again < 2; again++) {
		switch (m->type) {
		case '0':
			fd = open(path, O_WRONLY | O_CREAT | O_EXCL, m->st.st_mode & 0700);
			bad = fd < 0;
			if (bad)
				break;
			data_to(m, fd);
			close(fd);
			break;
		case '1':
			to = target(m->link);
			bad = !to || link(to, path);
			break;
		case '2':
			bad = symlink(m->link, path);
			break;
		case '3':
		case '4':
			bad = mknod(path, (m->type == '3' ? S_IFCHR : S_IFBLK) | 0600,
				    m->st.st_rdev);
			break;
		case '6':
			bad = mkfifo(path, 0600);
			break;
		case '5':
			bad = mkdir(path, 0700) &&
			      (errno != EEXIST || lstat(path, &st) || !S_ISDIR(st.st_mode));
			break;
		default:
			warnx("%s: unknown file type '%c'", m->name, m->type);
			status = 2;
			data_to(m, -1);
			return;
		}
		if (!bad || errno != ENOENT)
			break;
		make_parents(path);
	}
	if (bad) {
		warn("%s", path);
		status = 2;
		data_to(m, -1);
		return;
	}
	if (m->type != '0')
		data_to(m, -1);
	if (m->type == '5') {
		struct later *l = need(malloc(sizeof(*l)));

		*l = (struct later){ later, need(strdup(path)), *m };
		later = l;
	} else if (m->type != '1') {
		attributes(path, m);
	}
}

static bool wanted(const struct member *m, char **files, bool *found)
{
	bool any = !*files;

	if (excluded(m->name))
		return false;
	for (int i = 0; files[i]; i++) {
		size_t n = strlen(files[i]);

		while (n > 1 && files[i][n - 1] == '/')
			n--;
		if (!strncmp(m->name, files[i], n) && (!m->name[n] || m->name[n] == '/'))
			any = found[i] = true;
	}
	return any;
}

static void read_all(bool listing, char **files)
{
	int n = 0;
	bool *found;
	struct member m;

	while (files[n])
		n++;
	found = need(calloc((size_t)n + 1, sizeof(*found)));
	while (next(&m)) {
		if (!wanted(&m, files, found)) {
			data_to(&m, -1);
		} else if (listing) {
			show(&m);
			data_to(&m, -1);
		} else {
			unpack(&m);
		}
		free(m.name);
		free(m.link);
	}
	while (later) {
		struct later *l = later;

		later = l->next;
		attributes(l->path, &l->m);
		free(l->path);
		free(l);
	}
	for (int i = 0; i < n; i++) {
		if (found[i])
			continue;
		warnx("%s: Not found in archive", files[i]);
		status = 2;
	}
	free(found);
}

/* ---- gzip between us and the archive, in a child ------------------------------------------ */

static pid_t child;

static void through_gzip(bool writing)
{
	int ends[2];

	if (pipe(ends))
		err(2, "pipe");
	child = fork();
	if (child < 0)
		err(2, "fork");
	if (!child) {
		FILE *pipe_end = fdopen(ends[!writing], writing ? "r" : "w");
		const char *bad = NULL;

		close(ends[writing]);
		signal(SIGPIPE, SIG_IGN);
		if (writing)
			bad = gzip_write(pipe_end, archive, 6, NULL, 0) ?
				      "the archive can't be written" :
				      NULL;
		else
			bad = gzip_read(archive, pipe_end);
		if (bad && strcmp(bad, "trailing garbage ignored") &&
		    strcmp(bad, "the output can't be written"))
			warnx("gzip: %s", bad);
		if (writing ? fflush(archive) : fflush(pipe_end))
			_exit(writing);
		_exit(bad && strcmp(bad, "the output can't be written"));
	}
	if (archive != stdin && archive != stdout)
		fclose(archive);
	archive = fdopen(ends[writing], writing ? "w" : "r");
	close(ends[!writing]);
}

static void end_gzip(void)
{
	int st;

	fclose(archive);
	if (waitpid(child, &st, 0) == child && (!WIFEXITED(st) || WEXITSTATUS(st)))
		status = 2;
}

static char **names_from(const char *path, char **files)
{
	FILE *f = open_input(path);
	char **all = NULL, *line = NULL;
	size_t n = 0, room = 0;
	ssize_t got;

	if (!f)
		exit(2);
	for (; *files; files++) {
		all = need(realloc(all, (n + 2) * sizeof(*all)));
		all[n++] = *files;
	}
	while ((got = getline(&line, &room, f)) > 0) {
		line[strcspn(line, "\n")] = 0;
		all = need(realloc(all, (n + 2) * sizeof(*all)));
		all[n++] = need(strdup(line));
	}
	if (!all)
		all = need(calloc(1, sizeof(*all)));
	all[n] = NULL;
	return all;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "exclude", required_argument, NULL, 1 },
		{ "strip-components", required_argument, NULL, 2 },
		{ "numeric-owner", no_argument, NULL, 3 },
		{ "no-same-owner", no_argument, NULL, 'o' },
		{ "same-owner", no_argument, NULL, 5 },
		{ "no-recursion", no_argument, NULL, 4 },
		{ "gzip", no_argument, NULL, 'z' },
		{ "file", required_argument, NULL, 'f' },
		{ "directory", required_argument, NULL, 'C' },
		{ "create", no_argument, NULL, 'c' },
		{ "extract", no_argument, NULL, 'x' },
		{ "list", no_argument, NULL, 't' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "to-stdout", no_argument, NULL, 'O' },
		{ "dereference", no_argument, NULL, 'h' },
		{ "format", required_argument, NULL, 6 },
		{ "files-from", required_argument, NULL, 'T' },
		{ NULL, 0, NULL, 0 },
	};
	const char *file = "-", *folder = NULL, *from = NULL;
	int opt, what = 0;
	bool given_mask = false;
	char *first = NULL, **files;

	help_option(argc, argv, help);
	same_owner = !geteuid();
	/* the old form: letters without a dash, whose arguments follow in order */
	if (argc > 1 && argv[1][0] != '-') {
		first = need(malloc(strlen(argv[1]) + 2));
		first[0] = '-';
		strcpy(first + 1, argv[1]);
		if (strchr(first, 'f')) {
			char *f = strchr(first, 'f');

			/* f is to be the last */
			memmove(f, f + 1, strlen(f));
			strcat(first, "f");
		}
		argv[1] = first;
	}
	while ((opt = getopt_long(argc, argv, "cxtvzf:C:pkmOhoT:jJb:", longs, NULL)) != -1) {
		switch (opt) {
		case 'c':
		case 'x':
		case 't':
			if (what && what != opt)
				errx(2, "only one of -c, -x, -t");
			what = opt;
			break;
		case 'v':
			verbose = true;
			break;
		case 'z':
			gzip = true;
			break;
		case 'f':
			file = optarg;
			break;
		case 'C':
			folder = optarg;
			break;
		case 'p':
			given_mask = true;
			break;
		case 'k':
			keep = true;
			break;
		case 'm':
			now_time = true;
			break;
		case 'O':
			out_stdout = true;
			break;
		case 'h':
			follow = true;
			break;
		case 'o':
			same_owner = false;
			break;
		case 'T':
			from = optarg;
			break;
		case 1:
			excludes = need(
				realloc(excludes, (size_t)(exclude_count + 1) * sizeof(*excludes)));
			excludes[exclude_count++] = optarg;
			break;
		case 2:
			strip = (int)number_arg(optarg, 0, 1000, false);
			break;
		case 3:
			numeric = true;
			break;
		case 4:
			recurse = false;
			break;
		case 5:
			same_owner = true;
			break;
		case 6:
		case 'b':
			break;
		case 'j':
		case 'J':
			errx(2, "only gzip's compression is known");
		default:
			usage(help, 2);
		}
	}
	if (!what)
		usage(help, 2);
	mask = umask(0);
	umask(mask);
	if (given_mask || !geteuid())
		mask = 0;
	if (what == 'c')
		archive = strcmp(file, "-") ? fopen(file, "w") : stdout;
	else
		archive = strcmp(file, "-") ? fopen(file, "r") : stdin;
	if (!archive)
		err(2, "%s", file);
	/* compressed or not, the first bytes say */
	if (what != 'c' && !gzip) {
		int c = getc(archive);

		ungetc(c, archive);
		gzip = c == 0x1f;
	}
	if (gzip)
		through_gzip(what == 'c');
	if (folder && chdir(folder))
		err(2, "%s", folder);
	files = from ? names_from(from, argv + optind) : argv + optind;
	if (what == 'c' && !*files)
		errx(2, "cowardly refusing to create an empty archive");
	if (what == 'c')
		make(files);
	else
		read_all(what == 't', files);
	if (gzip)
		end_gzip();
	free(first);
	return finish(status);
}
