/*
 * What most rows of a tree say: numbers that may be set (struct number), words that never change, and names
 * that are numbers; and letting go of whom they are about. Interface in tree.h.
 *
 * Locking: none; a number is one word, the last store counts.
 */
#include "fs/tree/tree.h"

#include <uapi/errno.h>

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
	s->task = NULL;
}

static int *number_word(const struct number *num)
{
	return num->of ? num->of(num->word) : num->word;
}

int number_show(struct text *out, const struct subject *s)
{
	const struct number *num = s->node->data;

	text_printf(out, "%ld\n", num->word ? READ_ONCE(*number_word(num)) : num->get());
	return 0;
}

int number_store(const struct subject *s, char *text, size_t n __unused)
{
	const struct number *num = s->node->data;
	const char *p = text + strspn(text, " \t\n");
	s64 v;

	if (scan_s64(&p, 0, &v) || (*p && !isspace_(*p)))
		return -EINVAL;
	if (v < num->min || v > num->max)
		return -EINVAL;
	if (!num->word)
		return num->set(v);
	WRITE_ONCE(*number_word(num), (int)v);
	return 0;
}

int constant_show(struct text *out, const struct subject *s)
{
	text_puts(out, s->node->data);
	return 0;
}
