/*
 * What most rows of a tree say: numbers that may be set (struct number), words that never change, and names
 * that are numbers; and letting go of whom they are about. Interface in tree.h.
 *
 * Locking: none; a number is one word, the last store counts.
 */
#include "fs/tree/tree.h"

#include <uapi/errno.h>

#include "core/ns.h"
#include "core/sched.h"
#include "lib/parse.h"

s64 name_to_number(const char *name, u64 max)
{
	u64 n;

	if (!isdigit_(name[0]) || (name[0] == '0' && name[1]) || strlen(name) > 20)
		return -1;
	return parse_u64(name, 10, &n) || n > max ? -1 : (s64)n;
}

void subject_put(struct subject *s)
{
	if (s->task)
		task_put(s->task);
	if (s->net)
		ns_put(s->net);
	s->task = NULL;
	s->net = NULL;
}

static int *number_word(const struct number *num)
{
	return num->of ? num->of(num->word) : num->word;
}

int number_show(struct text *out, const struct subject *s)
{
	const struct number *num = s->node->data;

	if (num->full)
		text_printf(out, "%lu\n", num->wide ? READ_ONCE(*num->wide) : (u64)num->get());
	else
		text_printf(out, "%ld\n", num->word ? READ_ONCE(*number_word(num)) : num->get());
	return 0;
}

#define TOKEN_MAX 20 /* bytes of a number in /proc/sys */

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && isspace_(*p))
		p++;
	return p;
}

int sysctl_scan(const char **p, const char *end, bool *negative, u64 *v)
{
	const char *start = skip_space(*p, end), *s = start;

	*p = start;
	if (s == end)
		return 0;
	*negative = *s == '-';
	s += *negative;
	if (!isdigit_(*s) || scan_u64(&s, 0, v))
		return -EINVAL;
	if (s - start > TOKEN_MAX || (s < end && *s != ' ' && *s != '\t' && *s != '\n'))
		return -EINVAL;
	*p = s;
	return 1;
}

int sysctl_taken(const char *text, size_t n, const char *p)
{
	return (int)(skip_space(p, text + n) - text);
}

/* As sysctl_scan, with a number between two others. */
static int scan_between(const char **p, const char *end, s64 min, s64 max, s64 *v)
{
	bool negative;
	u64 u;
	int err = sysctl_scan(p, end, &negative, &u);

	if (err <= 0)
		return err;
	if (u > (u64)S64_MAX)
		return -EINVAL;
	*v = negative ? -(s64)u : (s64)u;
	return *v < min || *v > max ? -EINVAL : 1;
}

int sysctl_store_ints(int *const *words, unsigned count, const char *text, size_t n)
{
	const char *p = text;
	s64 v;

	for (unsigned i = 0; i < count; i++) {
		int err = scan_between(&p, text + n, S32_MIN, S32_MAX, &v);

		if (err < 0 || (!err && !i))
			return -EINVAL;
		if (!err)
			break;
		WRITE_ONCE(*words[i], (int)v);
	}
	return sysctl_taken(text, n, p);
}

int number_store(const struct subject *s, char *text, size_t n)
{
	const struct number *num = s->node->data;
	const char *p = text;
	bool negative;
	s64 v;
	u64 u;
	int err;

	if (num->full) {
		if (sysctl_scan(&p, text + n, &negative, &u) <= 0 || negative || u < (u64)num->min)
			return -EINVAL;
		err = num->wide ? 0 : num->set((s64)u);
		if (num->wide)
			WRITE_ONCE(*num->wide, u);
	} else if (scan_between(&p, text + n, num->min, num->max, &v) <= 0) {
		err = -EINVAL;
	} else if (num->word) {
		WRITE_ONCE(*number_word(num), (int)v);
		err = 0;
	} else {
		err = num->set(v);
	}
	return err || num->rest ? err : sysctl_taken(text, n, p);
}

int text_number(char *text, size_t room, unsigned base, s64 *v)
{
	char *end = text + strnlen(text, room);
	const char *p;

	while (end > text && isspace_(end[-1]))
		end--;
	*end = '\0';
	p = skip_space(text, end);
	return parse_s64(p, base, v);
}

int constant_show(struct text *out, const struct subject *s)
{
	text_puts(out, s->node->data);
	return 0;
}
