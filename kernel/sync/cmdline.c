/*
 * The kernel command line, searched where it lies.
 */
#include "sync/cmdline.h"

#include <compiler.h>
#include "lib/parse.h"
#include "lib/string.h"

static const char *line = "";

void cmdline_init(const char *text)
{
	line = text ? text : "";
}

const char *cmdline(void)
{
	return line;
}

/* The next word at or after *at, quotes included; *at moves behind it. NULL at the end. */
static const char *any_word(const char **at, size_t *len)
{
	const char *s = *at;
	bool quoted = false;

	while (isspace_((u8)*s))
		s++;
	*at = s;
	while (**at && (quoted || !isspace_((u8) * *at))) {
		if (**at == '"')
			quoted = !quoted;
		(*at)++;
	}
	*len = (size_t)(*at - s);
	return *len ? s : NULL;
}

/* The same, and NULL at "--". */
static const char *next_word(const char **at, size_t *len)
{
	const char *s = any_word(at, len);

	return s && *len == 2 && s[0] == '-' && s[1] == '-' ? NULL : s;
}

/* A word into buf, its quotes left out: the length there. */
static int copy_word(char *buf, size_t n, const char *word, size_t len)
{
	size_t out = 0;

	for (size_t i = 0; i < len && out + 1 < n; i++)
		if (word[i] != '"')
			buf[out++] = word[i];
	if (n > 0)
		buf[out] = '\0';
	return (int)out;
}

/* The last word for name. *value: behind its '=', or NULL for a bare word; *len: of the value. */
static bool find(const char *name, const char **value, size_t *len)
{
	size_t name_len = strlen(name), n;
	const char *at = line, *w;
	bool found = false;

	while ((w = next_word(&at, &n)) != NULL) {
		if (n < name_len || memcmp(w, name, name_len) != 0)
			continue;
		if (n == name_len) {
			*value = NULL;
			*len = 0;
		} else if (w[name_len] == '=') {
			*value = w + name_len + 1;
			*len = n - name_len - 1;
		} else {
			continue;
		}
		found = true;
	}
	return found;
}

int cmdline_get(const char *name, char *buf, size_t n)
{
	const char *value;
	size_t len;

	return find(name, &value, &len) && value ? copy_word(buf, n, value, len) : -1;
}

int cmdline_arg(unsigned i, char *buf, size_t n)
{
	const char *at = line, *w;
	size_t len;

	while (next_word(&at, &len))
		;
	do
		w = any_word(&at, &len);
	while (w && i-- > 0);
	return w ? copy_word(buf, n, w, len) : -1;
}

bool cmdline_flag(const char *name)
{
	const char *value;
	char buf[8];
	size_t len;
	bool on;

	if (!find(name, &value, &len))
		return false;
	if (!value)
		return true;
	return cmdline_get(name, buf, sizeof(buf)) >= 0 && parse_bool(buf, &on) == 0 && on;
}

u64 cmdline_u64(const char *name, u64 dflt)
{
	char buf[32];
	u64 v;

	if (cmdline_get(name, buf, sizeof(buf)) <= 0)
		return dflt;
	return parse_size(buf, &v) == 0 || parse_u64(buf, 0, &v) == 0 ? v : dflt;
}
