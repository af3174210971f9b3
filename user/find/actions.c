/*
 * actions.c - what is done with a file: commands, and lines about it.
 */
#include "find.h"

#include "common/mode.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool run(char **argv, const char *folder)
{
	pid_t pid;
	int st;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		if (folder && chdir(folder))
			err(1, "%s", folder);
		execvp(argv[0], argv);
		warn("%s", argv[0]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	while (waitpid(pid, &st, 0) < 0 && errno == EINTR)
		continue;
	return WIFEXITED(st) && !WEXITSTATUS(st);
}

static void run_pending(struct node *n)
{
	char **argv;

	if (!n->pending_count)
		return;
	argv = need(calloc((size_t)n->argc + n->pending_count + 1, sizeof(*argv)));
	memcpy(argv, n->argv, (size_t)n->argc * sizeof(*argv));
	memcpy(argv + n->argc, n->pending, n->pending_count * sizeof(*argv));
	if (!run(argv, NULL))
		status = 1;
	free(argv);
	for (size_t i = 0; i < n->pending_count; i++)
		free(n->pending[i]);
	n->pending_count = n->pending_size = 0;
}

static char *replaced(const char *s, const char *path)
{
	size_t n = strlen(path);
	char *out = need(malloc(strlen(s) / 2 * n + strlen(s) + 1)), *p = out;

	while (*s) {
		if (s[0] == '{' && s[1] == '}') {
			p = stpcpy(p, path);
			s += 2;
		} else {
			*p++ = *s++;
		}
	}
	*p = 0;
	return out;
}

bool execute(struct node *n, struct walk *w)
{
	const char *path = w->path;
	char **argv, *folder = NULL, *local = NULL;
	bool ok = true;

	if (n->plus) {
		if (n->pending_size + strlen(path) > 100000)
			run_pending(n);
		n->pending =
			need(realloc(n->pending, (n->pending_count + 1) * sizeof(*n->pending)));
		n->pending[n->pending_count++] = need(strdup(path));
		n->pending_size += strlen(path) + 1;
		return true;
	}
	if (n->op == P_EXECDIR) {
		size_t len = (size_t)(w->name - w->path);

		folder = len ? need(strndup(w->path, len)) : need(strdup("."));
		local = path_join(".", w->name);
		path = local;
	}
	argv = need(calloc((size_t)n->argc + 1, sizeof(*argv)));
	for (int i = 0; i < n->argc; i++)
		argv[i] = replaced(n->argv[i], path);
	if (n->op == P_OK)
		ok = confirm("< %s ... %s > ? ", argv[0], path);
	if (ok)
		ok = run(argv, folder);
	for (int i = 0; i < n->argc; i++)
		free(argv[i]);
	free(argv);
	free(folder);
	free(local);
	return ok;
}

void list(const struct walk *w)
{
	char mode[11], when[32], target[4096];
	struct tm tm;
	ssize_t n;

	mode_string(w->st.st_mode, mode);
	localtime_r(&w->st.st_mtim.tv_sec, &tm);
	strftime(when, sizeof(when),
		 now - w->st.st_mtim.tv_sec > 15778476 ? "%b %e  %Y" : "%b %e %H:%M", &tm);
	printf("%9llu %6lld %s %3lu %-8s %-8s %8lld %s %s", (unsigned long long)w->st.st_ino,
	       (long long)(w->st.st_blocks + 1) / 2, mode, (unsigned long)w->st.st_nlink,
	       user_name(w->st.st_uid), group_name(w->st.st_gid), (long long)w->st.st_size, when,
	       w->path);
	if (S_ISLNK(w->st.st_mode) && (n = readlink(w->path, target, sizeof(target))) >= 0)
		printf(" -> %.*s", (int)n, target);
	putchar('\n');
}

char type_letter(mode_t m)
{
	char mode[11];

	mode_string(m, mode);
	return mode[0] == '-' ? 'f' : mode[0];
}

void put_format(const char *f, const struct walk *w)
{
	static const char letters[] = "abfnrtv0\\", codes[] = "\a\b\f\n\r\t\v\0\\";
	char mode[11], target[4096];
	ssize_t n;

	for (; *f; f++) {
		if (*f == '\\' && f[1]) {
			const char *found = strchr(letters, *++f);

			putchar(found ? codes[found - letters] : *f);
			continue;
		}
		if (*f != '%' || !f[1]) {
			putchar(*f);
			continue;
		}
		switch (*++f) {
		case 'p':
			fputs(w->path, stdout);
			break;
		case 'f':
			fputs(w->name, stdout);
			break;
		case 'h':
			printf("%.*s", w->name > w->path + 1 ? (int)(w->name - w->path - 1) : 1,
			       w->name > w->path + 1 ? w->path : ".");
			break;
		case 'P': {
			const char *s = w->path + strlen(root);

			fputs(s + strspn(s, "/"), stdout);
			break;
		}
		case 'H':
			fputs(root, stdout);
			break;
		case 's':
			printf("%lld", (long long)w->st.st_size);
			break;
		case 'm':
			printf("%o", w->st.st_mode & 07777);
			break;
		case 'M':
			mode_string(w->st.st_mode, mode);
			fputs(mode, stdout);
			break;
		case 'y':
			putchar(type_letter(w->st.st_mode));
			break;
		case 'd':
			printf("%d", w->depth);
			break;
		case 'i':
			printf("%llu", (unsigned long long)w->st.st_ino);
			break;
		case 'n':
			printf("%lu", (unsigned long)w->st.st_nlink);
			break;
		case 'u':
			fputs(user_name(w->st.st_uid), stdout);
			break;
		case 'U':
			printf("%u", w->st.st_uid);
			break;
		case 'g':
			fputs(group_name(w->st.st_gid), stdout);
			break;
		case 'G':
			printf("%u", w->st.st_gid);
			break;
		case 'k':
			printf("%lld", (long long)(w->st.st_blocks + 1) / 2);
			break;
		case 'b':
			printf("%lld", (long long)w->st.st_blocks);
			break;
		case 'l':
			if (S_ISLNK(w->st.st_mode) &&
			    (n = readlink(w->path, target, sizeof(target))) >= 0)
				printf("%.*s", (int)n, target);
			break;
		case 'T':
			if (f[1] == '@') {
				f++;
				printf("%lld.%09ld0", (long long)w->st.st_mtim.tv_sec,
				       w->st.st_mtim.tv_nsec);
			}
			break;
		default:
			putchar(*f);
			break;
		}
	}
}

void finish_commands(struct node *n)
{
	if (!n)
		return;
	if (n->plus)
		run_pending(n);
	finish_commands(n->a);
	finish_commands(n->b);
}
