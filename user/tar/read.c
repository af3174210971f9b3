/*
 * read.c - archives are listed and unpacked.
 */
#include "tar.h"

#include "common/mode.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

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

/* Whether ".." is one of its components. */
static bool climbs(const char *name)
{
	for (const char *p = name; p; p = strchr(p, '/') ? strchr(p, '/') + 1 : NULL) {
		if (p[0] == '.' && p[1] == '.' && (!p[2] || p[2] == '/'))
			return true;
	}
	return false;
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
	if (climbs(s)) {
		warnx("%s: member name contains '..'", name);
		status = 2;
		return NULL;
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

/*
 * Symbolic links that may lead out of here, absolute or through "..", are made when all else is: until then
 * an empty file without permissions holds each one's place, so that no member of the archive is written
 * through them.
 */
static struct pending {
	struct pending *next;
	char *path, *link;
	struct member m;
	dev_t dev;
	ino_t ino;
	struct timespec ctime; /* another file may have come to the place, and to the number */
} * pending;

static int make_pending(const char *path, const char *link, const struct member *m)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0);
	struct pending *p;
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st)) {
		close(fd);
		return -1;
	}
	close(fd);
	p = need(malloc(sizeof(*p)));
	*p = (struct pending){ .next = pending,
			       .path = need(strdup(path)),
			       .link = need(strdup(link)),
			       .m = *m,
			       .dev = st.st_dev,
			       .ino = st.st_ino,
			       .ctime = st.st_ctim };
	pending = p;
	return 0;
}

/* Whether it still holds its place. */
static bool holds(const struct pending *p)
{
	struct stat st;

	return !lstat(p->path, &st) && st.st_dev == p->dev && st.st_ino == p->ino &&
	       st.st_ctim.tv_sec == p->ctime.tv_sec && st.st_ctim.tv_nsec == p->ctime.tv_nsec;
}

/* Another name of a link that is still to be made is another such link. */
static int make_link(const char *to, const char *path, const struct member *m)
{
	struct stat st;

	if (!lstat(to, &st) && S_ISREG(st.st_mode) && !(st.st_mode & 07777) && !st.st_size) {
		for (struct pending *p = pending; p; p = p->next) {
			if (p->dev == st.st_dev && p->ino == st.st_ino && holds(p))
				return make_pending(path, p->link, m);
		}
	}
	return link(to, path);
}

static void make_all_pending(void)
{
	while (pending) {
		struct pending *p = pending;

		pending = p->next;
		if (holds(p)) {
			if (unlink(p->path) || symlink(p->link, p->path)) {
				warn("%s", p->path);
				status = 2;
			} else {
				p->m.type = '2';
				attributes(p->path, &p->m);
			}
		}
		free(p->path);
		free(p->link);
		free(p);
	}
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
			bad = !to || make_link(to, path, m);
			break;
		case '2':
			if (*m->link == '/' || climbs(m->link))
				bad = make_pending(path, m->link, m);
			else
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
	} else if (m->type != '1' && !(pending && !strcmp(pending->path, path))) {
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

void read_all(bool listing, char **files)
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
	make_all_pending();
	while (later) {
		struct later *l = later;
		struct stat st;

		later = l->next;
		/* Something else may have come to its place. */
		if (!lstat(l->path, &st) && S_ISDIR(st.st_mode))
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
