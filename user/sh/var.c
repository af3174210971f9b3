/*
 * var.c - variables and positional parameters.
 */
#include "sh.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUCKETS 64

struct saved_var {
	struct saved_var *next;
	char *name, *value;
	int flags;
};

static struct var *table[BUCKETS];
struct saved_var *local_vars;
struct params params;
char *arg0;

size_t name_length(const char *s)
{
	size_t n = 0;

	if (*s != '_' && !isalpha((unsigned char)*s))
		return 0;
	while (s[n] == '_' || isalnum((unsigned char)s[n]))
		n++;
	return n;
}

bool is_name(const char *s, size_t n)
{
	return n && name_length(s) == n;
}

static struct var **slot(const char *name)
{
	unsigned int h = 0;
	struct var **at;

	for (const char *p = name; *p; p++)
		h = h * 31 + (unsigned char)*p;
	for (at = &table[h % BUCKETS]; *at && strcmp((*at)->name, name); at = &(*at)->next)
		continue;
	return at;
}

struct var *var_find(const char *name)
{
	return *slot(name);
}

const char *var_get(const char *name)
{
	struct var *v = var_find(name);
	static char line[16];

	if (!strcmp(name, "LINENO") && v) {
		snprintf(line, sizeof(line), "%d", run_line ? run_line : in_line());
		return v->flags & VAR_EXPORT ? v->value : line;
	}
	return v && v->flags & VAR_SET ? v->value : NULL;
}

static void changed(const char *name)
{
	if (!strcmp(name, "PATH"))
		hash_clear();
	else if (!strcmp(name, "OPTIND"))
		getopts_reset();
}

static struct var *make(const char *name)
{
	struct var **at = slot(name);

	if (!*at) {
		*at = must(calloc(1, sizeof(**at)));
		(*at)->name = copy(name);
	}
	return *at;
}

bool var_set(const char *name, const char *value, int flags)
{
	struct var *v = make(name);

	if (v->flags & VAR_READONLY && value) {
		complain("%s: is read only", name);
		return false;
	}
	if (value) {
		char *new = copy(value);

		free(v->value);
		v->value = new;
		v->flags |= VAR_SET;
		if (options[O_ALLEXPORT])
			v->flags |= VAR_EXPORT;
	}
	v->flags |= flags;
	if (value)
		changed(name);
	return true;
}

static void remove_var(struct var **at)
{
	struct var *v = *at;

	*at = v->next;
	free(v->name);
	free(v->value);
	free(v);
}

bool var_unset(const char *name)
{
	struct var **at = slot(name);

	if (!*at)
		return true;
	if ((*at)->flags & VAR_READONLY) {
		complain("unset: %s: is read only", name);
		return false;
	}
	remove_var(at);
	changed(name);
	return true;
}

void var_init(char **envp)
{
	char text[24], *cwd;
	const char *pwd;

	for (; *envp; envp++) {
		size_t n = name_length(*envp);
		char *name;

		if (!n || (*envp)[n] != '=')
			continue;
		name = copy_n(*envp, n);
		var_set(name, *envp + n + 1, VAR_EXPORT);
		free(name);
	}
	var_set("IFS", " \t\n", 0);
	make("IFS")->flags &= ~VAR_EXPORT;
	var_set("OPTIND", "1", 0);
	snprintf(text, sizeof(text), "%d", (int)getppid());
	var_set("PPID", text, 0);
	var_set("LINENO", "0", 0);
	if (!var_get("PATH"))
		var_set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 0);
	if (!var_get("PS4"))
		var_set("PS4", "+ ", 0);
	if (!var_get("PS2"))
		var_set("PS2", "> ", 0);
	if (!var_get("PS1"))
		var_set("PS1", geteuid() ? "$ " : "# ", 0);
	pwd = var_get("PWD");
	cwd = getcwd(NULL, 0);
	if (cwd && (!pwd || pwd[0] != '/' || access(pwd, F_OK) || !realpath(pwd, NULL) ||
		    strcmp(realpath(pwd, NULL), cwd)))
		var_set("PWD", cwd, 0);
	free(cwd);
}

char **var_environ(void)
{
	int n = 0;
	char **list, *text;

	for (int i = 0; i < BUCKETS; i++)
		for (struct var *v = table[i]; v; v = v->next)
			n++;
	list = temp_get(((size_t)n + 1) * sizeof(*list));
	n = 0;
	for (int i = 0; i < BUCKETS; i++) {
		for (struct var *v = table[i]; v; v = v->next) {
			if ((v->flags & (VAR_EXPORT | VAR_SET)) != (VAR_EXPORT | VAR_SET))
				continue;
			text = temp_get(strlen(v->name) + strlen(v->value) + 2);
			strcpy(stpcpy(stpcpy(text, v->name), "="), v->value);
			list[n++] = text;
		}
	}
	return list;
}

/* In single quotes; a quote itself in double ones. */
void print_quoted(FILE *f, const char *s)
{
	if (!*s)
		fputs("''", f);
	while (*s) {
		size_t n = strcspn(s, "'");

		if (n)
			fprintf(f, "'%.*s'", (int)n, s);
		s += n;
		n = strspn(s, "'");
		if (n)
			fprintf(f, "\"%.*s\"", (int)n, s);
		s += n;
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct var *const *)a)->name, (*(struct var *const *)b)->name);
}

void var_print(const char *prefix, int flags)
{
	struct var **list = NULL;
	size_t n = 0;

	for (int i = 0; i < BUCKETS; i++) {
		for (struct var *v = table[i]; v; v = v->next) {
			if ((v->flags & flags) != flags)
				continue;
			list = grow(list, (n + 1) * sizeof(struct var *));
			list[n++] = v;
		}
	}
	if (n)
		qsort(list, n, sizeof(struct var *), by_name);
	for (size_t i = 0; i < n; i++) {
		const char *value = var_get(list[i]->name);

		printf("%s%s", prefix, list[i]->name);
		if (value) {
			putchar('=');
			print_quoted(stdout, value);
		}
		putchar('\n');
	}
	free(list);
}

void var_save(struct saved_var **list, const char *name)
{
	struct saved_var *s = must(calloc(1, sizeof(*s)));
	struct var *v = var_find(name);

	s->name = copy(name);
	s->flags = v ? v->flags : -1;
	s->value = v && v->value ? copy(v->value) : NULL;
	s->next = *list;
	*list = s;
}

void var_restore(struct saved_var **list)
{
	while (*list) {
		struct saved_var *s = *list;
		struct var **at = slot(s->name);

		*list = s->next;
		if (s->flags < 0) {
			if (*at)
				remove_var(at);
		} else {
			struct var *v = make(s->name);

			free(v->value);
			v->value = s->value;
			v->flags = s->flags;
		}
		changed(s->name);
		free(s->name);
		free(s);
	}
}

void params_free(struct params *p)
{
	for (int i = 0; i < p->n; i++)
		free(p->v[i]);
	free(p->v);
}

void params_set(int n, char **v)
{
	struct params new = { .n = n };

	new.v = grow(NULL, ((size_t)n + 1) * sizeof(*new.v));
	for (int i = 0; i < n; i++)
		new.v[i] = copy(v[i]);
	params_free(&params);
	params = new;
}
