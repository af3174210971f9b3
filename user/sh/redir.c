/*
 * redir.c - redirections (XCU 2.7), and their undoing after a command that ran in the shell itself.
 */
#include "sh.h"
#include "redir.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_COPY 10 /* the shell's own descriptors are above the ones scripts use */

struct saved_fd {
	struct saved_fd *next;
	int fd, copy; /* copy -1: it was closed */
};

static struct saved_fd *saved;

static bool open_failed(const char *what, const char *path)
{
	complain("cannot %s %s: %s", what, path, strerror(errno));
	return false;
}

static int open_new(const char *path)
{
	struct stat st;
	int fd;

	if (!options[O_NOCLOBBER])
		return open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
	if (fd >= 0 || errno != EEXIST)
		return fd;
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		return open(path, O_WRONLY);
	errno = EEXIST;
	return -1;
}

/* A pipe that holds the text; a child writes what does not fit. */
static int here_document(const char *text)
{
	size_t n = strlen(text);
	int ends[2];

	if (pipe(ends))
		return -1;
	if (n <= 4096) {
		if (write(ends[1], text, n) < 0)
			complain("here-document: %s", strerror(errno));
	} else if (!fork()) {
		signals_background();
		close(ends[0]);
		while (n) {
			ssize_t w = write(ends[1], text, n);

			if (w < 0)
				_exit(1);
			text += w;
			n -= (size_t)w;
		}
		_exit(0);
	}
	close(ends[1]);
	return ends[0];
}

/* Point fd at what the redirection says; false and a message when that fails. */
static bool redirect_one(const struct redir *r)
{
	char *target = r->kind == RE_HERE ? NULL : expand_single(r->target->parts);
	int fd = -1, mode;

	switch (r->kind) {
	case RE_IN:
		fd = open(target, O_RDONLY);
		if (fd < 0)
			return open_failed("open", target);
		break;
	case RE_RW:
		fd = open(target, O_RDWR | O_CREAT, 0666);
		break;
	case RE_OUT:
		fd = open_new(target);
		break;
	case RE_CLOBBER:
		fd = open(target, O_WRONLY | O_CREAT | O_TRUNC, 0666);
		break;
	case RE_APPEND:
		fd = open(target, O_WRONLY | O_CREAT | O_APPEND, 0666);
		break;
	case RE_HERE:
		fd = here_document(expand_single(r->here));
		target = (char *)"here-document";
		break;
	default:
		if (!strcmp(target, "-")) {
			close(r->fd);
			return true;
		}
		if (!*target || target[strspn(target, "0123456789")]) {
			complain("Syntax error: Bad fd number");
			return false;
		}
		fd = atoi(target);
		mode = fcntl(fd, F_GETFL);
		/* not open for output (POSIX 2.7.6) */
		if (mode >= 0 && r->kind == RE_DUP_OUT && (mode & O_ACCMODE) == O_RDONLY) {
			complain("%d: %s", fd, strerror(EBADF));
			return false;
		}
		if (fd == r->fd ? mode < 0 : dup2(fd, r->fd) < 0) {
			complain("%d: %s", fd, strerror(errno));
			return false;
		}
		return true;
	}
	if (fd < 0)
		return open_failed("create", target);
	if (fd != r->fd) {
		if (dup2(fd, r->fd) < 0) {
			complain("%d: %s", r->fd, strerror(errno));
			close(fd);
			return false;
		}
		close(fd);
	}
	return true;
}

static void keep(int fd)
{
	struct saved_fd *s = must(calloc(1, sizeof(*s)));

	s->fd = fd;
	s->copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_COPY);
	s->next = saved;
	saved = s;
}

struct saved_fd *redirect_mark(void)
{
	return saved;
}

bool redirect(const struct redir *list, bool for_good)
{
	if (list)
		fflush(stdout);
	for (const struct redir *r = list; r; r = r->next) {
		/* a script that is read from there goes on where it was, when that is back */
		if (!r->fd)
			in_give_back();
		if (!for_good)
			keep(r->fd);
		if (!redirect_one(r))
			return false;
	}
	return true;
}

void redirect_undo(struct saved_fd *mark)
{
	fflush(stdout);
	while (saved != mark) {
		struct saved_fd *s = saved;

		saved = s->next;
		if (s->copy >= 0) {
			dup2(s->copy, s->fd);
			close(s->copy);
		} else {
			close(s->fd);
		}
		free(s);
	}
}

void redirect_keep(struct saved_fd *mark)
{
	while (saved != mark) {
		struct saved_fd *s = saved;

		saved = s->next;
		if (s->copy >= 0)
			close(s->copy);
		free(s);
	}
}

void redirections_undo(void)
{
	redirect_undo(NULL);
}
