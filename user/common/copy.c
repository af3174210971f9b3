/*
 * copy.c - copying files and trees.
 */
#include "copy.h"
#include "backup.h"
#include "common.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Files with several names that were copied already. */
struct seen {
	struct seen *next;
	dev_t dev;
	ino_t ino;
	char *to;
};

struct job {
	const struct copy_how *how;
	const char *from, *to;
	struct seen *seen;
	dev_t to_dev;
	ino_t to_ino; /* the copy's own root, not copied into itself */
	mode_t mask;
	int status;
};

bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

char *inside(const char *folder, const char *file)
{
	char *copy = need(strdup(file)), *full;
	size_t n = strlen(copy);

	while (n > 1 && copy[n - 1] == '/')
		copy[--n] = 0;
	full = path_join(folder, base_name(copy));
	free(copy);
	return full;
}

static void failed(struct job *j, const char *what, const char *path)
{
	warn("%s '%s'", what, path);
	j->status = 1;
}

static void give_attributes(struct job *j, const char *to, const struct stat *st)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	mode_t mode = st->st_mode & 07777;

	if (j->how->owner && lchown(to, st->st_uid, st->st_gid)) {
		if (errno != EPERM)
			failed(j, "owner of", to);
		mode &= ~(mode_t)(S_ISUID | S_ISGID);
	}
	if (j->how->mode && !S_ISLNK(st->st_mode) && chmod(to, mode))
		failed(j, "mode of", to);
	if (j->how->times && utimensat(AT_FDCWD, to, times, AT_SYMLINK_NOFOLLOW))
		failed(j, "times of", to);
}

/* Whether the target may be written; it is taken away if it must be. */
static bool clear_way(struct job *j, const char *from, const char *to, const struct stat *st)
{
	const struct copy_how *how = j->how;
	struct stat there, behind;
	bool same;

	if (lstat(to, &there))
		return true;
	same = there.st_dev == st->st_dev && there.st_ino == st->st_ino;
	/* written through a link it would be cut before it is read */
	if (S_ISLNK(there.st_mode) && S_ISREG(st->st_mode) && !how->remove_first && !how->backup &&
	    !how->hard && !how->symbolic && !stat(to, &behind))
		same |= behind.st_dev == st->st_dev && behind.st_ino == st->st_ino;
	if (same) {
		warnx("'%s' and '%s' are the same file", from, to);
		j->status = 1;
		return false;
	}
	if (S_ISDIR(there.st_mode) != S_ISDIR(st->st_mode)) {
		if (!S_ISDIR(there.st_mode) && !S_ISDIR(st->st_mode))
			return true;
		warnx(S_ISDIR(st->st_mode) ?
			      "cannot overwrite non-directory '%s' with directory '%s'" :
			      "cannot overwrite directory '%s' with non-directory",
		      to, from);
		j->status = 1;
		return false;
	}
	if (S_ISDIR(there.st_mode))
		return true;
	if (how->no_clobber)
		return false;
	if (how->update && (there.st_mtim.tv_sec > st->st_mtim.tv_sec ||
			    (there.st_mtim.tv_sec == st->st_mtim.tv_sec &&
			     there.st_mtim.tv_nsec >= st->st_mtim.tv_nsec)))
		return false;
	if (how->ask && !confirm("overwrite '%s'? ", to))
		return false;
	if (how->backup) {
		int bad = back_up(to, how->backup, how->suffix);

		j->status |= bad;
		return !bad;
	}
	if (how->remove_first || !S_ISREG(st->st_mode) || how->hard || how->symbolic)
		unlink(to);
	return true;
}

static void copy_data(struct job *j, const char *from, const char *to, const struct stat *st)
{
	mode_t mode = j->how->mode ? st->st_mode & 0700 : st->st_mode & 0777;
	int in = open(from, O_RDONLY), out;
	bool wrote;

	if (in < 0) {
		failed(j, "cannot open", from);
		return;
	}
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, mode);
	if (out < 0 && j->how->force && !unlink(to))
		out = open(to, O_WRONLY | O_CREAT | O_EXCL, mode);
	if (out < 0) {
		failed(j, "cannot create regular file", to);
		close(in);
		return;
	}
	if (!j->how->attributes_only && copy_fd(in, out, &wrote))
		failed(j, wrote ? "error writing" : "error reading", wrote ? to : from);
	close(in);
	if (close(out))
		failed(j, "error writing", to);
	give_attributes(j, to, st);
}

/* A name of a file that has been copied under another: a link to that. */
static bool linked(struct job *j, const char *to, const struct stat *st)
{
	struct seen *s;

	if (!j->how->links || st->st_nlink < 2)
		return false;
	for (s = j->seen; s; s = s->next) {
		if (s->dev != st->st_dev || s->ino != st->st_ino)
			continue;
		unlink(to);
		if (link(s->to, to))
			failed(j, "cannot link", to);
		return true;
	}
	s = need(malloc(sizeof(*s)));
	*s = (struct seen){
		.next = j->seen, .dev = st->st_dev, .ino = st->st_ino, .to = need(strdup(to))
	};
	j->seen = s;
	return false;
}

static void copy_one(struct job *j, const char *from, const char *to, const struct stat *st)
{
	char target[4096];
	ssize_t n;

	if (!clear_way(j, from, to, st))
		return;
	if (j->how->verbose)
		printf("'%s' -> '%s'\n", from, to);
	if (j->how->hard || j->how->symbolic) {
		if (j->how->hard ? link(from, to) : symlink(from, to))
			failed(j, "cannot link", to);
		return;
	}
	if (linked(j, to, st))
		return;
	if (S_ISLNK(st->st_mode)) {
		n = readlink(from, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = 0;
		if (n < 0 || symlink(target, to))
			failed(j, "cannot create symbolic link", to);
		else
			give_attributes(j, to, st);
	} else if (S_ISREG(st->st_mode) || !j->how->recursive) {
		copy_data(j, from, to, st);
	} else {
		if (mknod(to, st->st_mode, st->st_rdev))
			failed(j, "cannot create special file", to);
		else
			give_attributes(j, to, st);
	}
}

static void visit(struct walk *w, enum walk_event event)
{
	struct job *j = w->arg;
	const char *rest = w->path + strlen(j->from);
	char *to;
	struct stat st;

	rest += strspn(rest, "/");
	to = *rest ? path_join(j->to, rest) : need(strdup(j->to));
	switch (event) {
	case WALK_ERROR:
		failed(j, "cannot access", w->path);
		break;
	case WALK_FOLDER:
		if (!j->how->recursive) {
			warnx("-r not specified; omitting directory '%s'", w->path);
			j->status = 1;
			w->skip = true;
		} else if (j->to_ino && w->st.st_dev == j->to_dev && w->st.st_ino == j->to_ino) {
			warnx("cannot copy a directory, '%s', into itself, '%s'", j->from, j->to);
			j->status = 1;
			w->skip = true;
		} else if (!clear_way(j, w->path, to, &w->st)) {
			w->skip = true;
		} else {
			if (!mkdir(to, (w->st.st_mode & 07777) | S_IRWXU)) {
				if (j->how->verbose)
					printf("'%s' -> '%s'\n", w->path, to);
			} else if (errno != EEXIST || !is_folder(to)) {
				failed(j, "cannot create directory", to);
				w->skip = true;
			}
			if (!j->to_ino && !lstat(to, &st)) {
				j->to_dev = st.st_dev;
				j->to_ino = st.st_ino;
			}
		}
		break;
	case WALK_LEFT:
		if (!j->how->recursive || w->skip)
			break;
		if (j->how->mode)
			give_attributes(j, to, &w->st);
		else if ((w->st.st_mode & S_IRWXU) != S_IRWXU)
			chmod(to, w->st.st_mode & 07777 & ~j->mask);
		break;
	default:
		copy_one(j, w->path, to, &w->st);
		break;
	}
	free(to);
}

int copy_path(const char *from, const char *to, const struct copy_how *how)
{
	struct job j = { .how = how, .from = from, .to = to };

	j.mask = umask(0);
	umask(j.mask);
	walk(from,
	     (how->one_device ? WALK_ONE_DEVICE : 0) | (how->follow	  ? WALK_FOLLOW :
							how->follow_named ? WALK_FOLLOW_FIRST :
									    0),
	     visit, &j);
	while (j.seen) {
		struct seen *s = j.seen;

		j.seen = s->next;
		free(s->to);
		free(s);
	}
	return j.status;
}

int sources(char **files, int n, bool plain, const char **folder, const char *help)
{
	if (n < 1 || (n < 2 && !*folder) || (plain && n != 2))
		usage(help, 1);
	if (!*folder && !plain && is_folder(files[n - 1]))
		*folder = files[--n];
	if (!*folder && n > 2)
		errx(1, "target '%s' is not a directory", files[n - 1]);
	return n;
}
