/*
 * complete.c - what the word before the cursor may become: a command, a variable, a file.
 */
#include "sh.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct found {
	char **v;
	int n;
};

static void found_add(struct found *f, const char *before, const char *name, const char *after)
{
	char *s = must(malloc(strlen(before) * 2 + strlen(name) * 2 + strlen(after) + 1)),
	     *p = stpcpy(s, before);

	for (; *name; name++) {
		if (strchr(" \t\\'\"$`*?[]#&();<>|", *name))
			*p++ = '\\';
		*p++ = *name;
	}
	strcpy(p, after);
	f->v = grow(f->v, (size_t)(f->n + 1) * sizeof(*f->v));
	f->v[f->n++] = s;
}

static void files(struct found *f, const char *word, bool programs, const char *folder)
{
	const char *slash = strrchr(word, '/'), *name = slash ? slash + 1 : word;
	const char *shown = folder ? "" : word, *home = var_get("HOME");
	size_t head = folder ? 0 : (size_t)(name - word);
	char path[4096], before[4096];
	struct dirent *d;
	struct stat st;
	DIR *dir;

	if (head >= sizeof(before) - 1)
		return;
	memcpy(before, shown, head);
	before[head] = 0;
	if (folder)
		snprintf(path, sizeof(path), "%s", *folder ? folder : ".");
	else if (before[0] == '~' && before[1] == '/' && home)
		snprintf(path, sizeof(path), "%s%s", home, before + 1);
	else
		snprintf(path, sizeof(path), "%s", head ? before : ".");
	dir = opendir(path);
	if (!dir)
		return;
	while ((d = readdir(dir))) {
		char full[8192];
		bool is_folder;

		if (strncmp(d->d_name, name, strlen(name)) ||
		    (d->d_name[0] == '.' && *name != '.') || !strcmp(d->d_name, ".") ||
		    !strcmp(d->d_name, ".."))
			continue;
		snprintf(full, sizeof(full), "%s/%s", path, d->d_name);
		is_folder = !stat(full, &st) && S_ISDIR(st.st_mode);
		if (programs && (folder ? is_folder : false))
			continue;
		if (programs && !is_folder && access(full, X_OK))
			continue;
		found_add(f, before, d->d_name, is_folder ? "/" : "");
	}
	closedir(dir);
}

static void commands(struct found *f, const char *word)
{
	const char *path = var_get("PATH");
	char folder[1024];

	for (const struct builtin *b = builtins; b->name; b++)
		if (!strncmp(b->name, word, strlen(word)))
			found_add(f, "", b->name, "");
	while (path && *path) {
		size_t n = strcspn(path, ":");

		if (n < sizeof(folder)) {
			memcpy(folder, path, n);
			folder[n] = 0;
			files(f, word, true, folder);
		}
		path += n + (path[n] == ':');
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Whether a command stands here: nothing, or what begins one, is before it. */
static bool begins_command(const char *line, size_t start)
{
	while (start && (line[start - 1] == ' ' || line[start - 1] == '\t'))
		start--;
	return !start || strchr(";|&({`\n", line[start - 1]);
}

int complete(const char *line, size_t at, size_t *start, char ***out)
{
	struct found f = { 0 };
	char *word;
	size_t n = 0;
	int kept = 0;

	*start = at;
	while (*start && !(strchr(" \t;|&()<>`=:", line[*start - 1]) &&
			   (*start < 2 || line[*start - 2] != '\\')))
		--*start;
	word = must(malloc(at - *start + 1));
	for (size_t i = *start; i < at; i++)
		if (line[i] != '\\')
			word[n++] = line[i];
	word[n] = 0;
	if (begins_command(line, *start) && !strchr(word, '/'))
		commands(&f, word);
	else
		files(&f, word, false, NULL);
	free(word);
	if (f.n > 1)
		qsort(f.v, (size_t)f.n, sizeof(*f.v), by_text);
	for (int i = 0; i < f.n; i++) {
		if (kept && !strcmp(f.v[kept - 1], f.v[i]))
			free(f.v[i]);
		else
			f.v[kept++] = f.v[i];
	}
	*out = f.v;
	return kept;
}
