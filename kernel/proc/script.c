/*
 * `#!` scripts (execve(2), "Interpreter scripts"): the first line names an
 * interpreter and at most one argument; argv[0] gives way to interpreter,
 * argument, script. Works on the exec in progress: no locks.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "lib/string.h"
#include "proc/exec.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static char *skip_blanks(char *s, const char *end)
{
	while (s < end && blank(*s))
		s++;
	return s;
}

static char *word_end(char *s, const char *end)
{
	while (s < end && *s && !blank(*s))
		s++;
	return s;
}

/*
 * The line's end: newline, NUL or the end of what was read; blanks before it are cut off. NULL
 * when the interpreter's name itself may have been cut.
 */
static char *line_end(char *line, char *end)
{
	char *nl = memchr(line, '\n', (size_t)(end - line));

	if (!nl) {
		char *name = skip_blanks(line, end);

		if (name == end || word_end(name, end) == end)
			return NULL;
		nl = end;
	}
	while (nl > line && blank(nl[-1]))
		nl--;
	return nl;
}

int script_load(struct exec *x)
{
	char line[EXEC_HEAD];
	char *name, *arg, *end;
	struct file *f;
	int err;

	if (x->head[0] != '#' || x->head[1] != '!')
		return -ENOEXEC;
	memcpy(line, x->head, sizeof(line));
	end = line_end(line + 2, line + sizeof(line) - 1);
	if (!end)
		return -ENOEXEC;
	*end = 0;
	name = skip_blanks(line + 2, end);
	if (name == end)
		return -ENOEXEC;
	arg = word_end(name, end);
	if (arg < end) {
		*arg++ = 0;
		arg = skip_blanks(arg, end);
	}
	if (x->inaccessible)
		return -ENOENT;
	/* "#!" and nothing more: to Linux the empty name is the working directory. */
	if (!*name)
		return -EACCES;

	err = args_drop_first(x);
	if (!err)
		err = args_push(x, x->interp ? x->interp : x->filename);
	if (!err && arg < end && *arg) {
		err = args_push(x, arg);
		x->argc++;
	}
	if (!err)
		err = args_push(x, name);
	if (err)
		return err;
	x->argc += 2;

	f = exec_open(AT_FDCWD, name, LOOKUP_FOLLOW);
	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	name = kstrdup(name);
	if (!name) {
		exec_close(f);
		return -ENOMEM;
	}
	kfree(x->interp);
	x->interp = name;
	exec_close(x->file);
	x->file = f;
	return 0;
}
