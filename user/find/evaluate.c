/*
 * evaluate.c - the expression, asked of one file.
 */
#include "find.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool compared(const struct node *n, long long v)
{
	return n->compare > 0 ? v > n->n : n->compare < 0 ? v < n->n : v == n->n;
}

static bool size_is(const struct node *n, const struct walk *w)
{
	long long unit = 512;

	switch (*n->text) {
	case 'c':
		unit = 1;
		break;
	case 'w':
		unit = 2;
		break;
	case 'k':
		unit = 1024;
		break;
	case 'M':
		unit = 1048576;
		break;
	case 'G':
		unit = 1073741824;
		break;
	default:
		break;
	}
	return compared(n, ((long long)w->st.st_size + unit - 1) / unit);
}

static bool is_empty(const struct walk *w)
{
	struct dirent *d;
	bool any = false;
	DIR *dir;

	if (S_ISREG(w->st.st_mode))
		return !w->st.st_size;
	if (!S_ISDIR(w->st.st_mode) || !(dir = opendir(w->path)))
		return false;
	while ((d = readdir(dir)))
		any |= strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
	closedir(dir);
	return !any;
}

static long long age(const struct node *n, const struct walk *w)
{
	const struct stat *st = &w->st;
	time_t t = n->op == P_MTIME || n->op == P_MMIN ? st->st_mtim.tv_sec :
		   n->op == P_ATIME || n->op == P_AMIN ? st->st_atim.tv_sec :
							 st->st_ctim.tv_sec;
	long long seconds = now - t;

	if (n->op >= P_MMIN)
		return n->compare > 0 ? seconds / 60 : (seconds + 59) / 60;
	return seconds / 86400;
}

static bool matched(const char *glob, const char *text, bool fold)
{
	return !fnmatch(glob, text, fold ? FNM_CASEFOLD : 0);
}

bool evaluate(struct node *n, struct walk *w)
{
	const struct timespec *t;
	struct stat st;
	char target[4096];
	ssize_t len;

	switch (n->op) {
	case '!':
		return !evaluate(n->a, w);
	case '&':
		return evaluate(n->a, w) && evaluate(n->b, w);
	case '|':
		return evaluate(n->a, w) || evaluate(n->b, w);
	case ',':
		evaluate(n->a, w);
		return evaluate(n->b, w);
	case P_NAME:
	case P_INAME:
		return matched(n->text, w->name, n->op == P_INAME);
	case P_PATH:
	case P_IPATH:
		return matched(n->text, w->path, n->op == P_IPATH);
	case P_REGEX:
	case P_IREGEX:
		return !regexec(&n->re, w->path, 0, NULL, 0);
	case P_UID:
		return compared(n, (long long)w->st.st_uid);
	case P_GID:
		return compared(n, (long long)w->st.st_gid);
	case P_XTYPE:
		if (S_ISLNK(w->st.st_mode) && !stat(w->path, &st))
			return strchr(n->text, type_letter(st.st_mode)) != NULL;
		return strchr(n->text, type_letter(w->st.st_mode)) != NULL;
	case P_LNAME:
	case P_ILNAME:
		len = S_ISLNK(w->st.st_mode) ? readlink(w->path, target, sizeof(target) - 1) : -1;
		if (len < 0)
			return false;
		target[len] = 0;
		return matched(n->text, target, n->op == P_ILNAME);
	case P_TYPE:
		return strchr(n->text, type_letter(w->st.st_mode)) != NULL;
	case P_SIZE:
		return size_is(n, w);
	case P_EMPTY:
		return is_empty(w);
	case P_LINKS:
		return compared(n, (long long)w->st.st_nlink);
	case P_INUM:
		return compared(n, (long long)w->st.st_ino);
	case P_MTIME:
	case P_ATIME:
	case P_CTIME:
	case P_MMIN:
	case P_AMIN:
	case P_CMIN:
		return compared(n, age(n, w));
	case P_NEWER:
		t = n->which == 'a' ? &w->st.st_atim :
		    n->which == 'c' ? &w->st.st_ctim :
				      &w->st.st_mtim;
		return t->tv_sec > n->st.st_mtim.tv_sec ||
		       (t->tv_sec == n->st.st_mtim.tv_sec && t->tv_nsec > n->st.st_mtim.tv_nsec);
	case P_PERM:
		if (n->compare == '-')
			return (w->st.st_mode & n->n) == n->n;
		if (n->compare == '/')
			return !n->n || w->st.st_mode & n->n;
		return (w->st.st_mode & 07777) == n->n;
	case P_USER:
		return w->st.st_uid == n->st.st_uid;
	case P_GROUP:
		return w->st.st_gid == n->st.st_gid;
	case P_NOUSER:
		return isdigit((unsigned char)user_name(w->st.st_uid)[0]);
	case P_NOGROUP:
		return isdigit((unsigned char)group_name(w->st.st_gid)[0]);
	case P_SAMEFILE:
		return w->st.st_ino == n->st.st_ino && w->st.st_dev == n->st.st_dev;
	case P_READABLE:
		return !access(w->path, R_OK);
	case P_WRITABLE:
		return !access(w->path, W_OK);
	case P_EXECUTABLE:
		return !access(w->path, X_OK);
	case P_FALSE:
		return false;
	case P_PRUNE:
		w->skip = true;
		return true;
	case P_QUIT:
		exit(finish(status));
	case P_PRINT:
		puts(w->path);
		return true;
	case P_PRINT0:
		fputs(w->path, stdout);
		putchar(0);
		return true;
	case P_LS:
		list(w);
		return true;
	case P_PRINTF:
		put_format(n->text, w);
		return true;
	case P_DELETE:
		if (!strcmp(w->path, "."))
			return true;
		if (S_ISDIR(w->st.st_mode) ? rmdir(w->path) : unlink(w->path)) {
			warn("cannot delete '%s'", w->path);
			status = 1;
			return false;
		}
		return true;
	case P_EXEC:
	case P_OK:
	case P_EXECDIR:
		return execute(n, w);
	default:
		return true;
	}
}
