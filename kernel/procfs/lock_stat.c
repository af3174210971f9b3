/*
 * /proc/lock_stat of a debug kernel: how long spinlocks are waited for and held, a line a name, as Linux's
 * (Documentation/locking/lockstat). Counting goes on while /proc/sys/kernel/lock_stat is 1; writing 0
 * here forgets what was counted.
 */
#include "procfs/procfs.h"

#ifdef DEBUG
#include <uapi/errno.h>

#include "core/time.h"
#include "lib/printf.h"
#include "sync/lockstat.h"

#define NAME_WIDTH 40
#define WIDTH	   (NAME_WIDTH + 1 + 12 * 15)

static void dashes(struct text *out)
{
	char line[WIDTH + 2];

	memset(line, '-', WIDTH);
	line[WIDTH] = '\n';
	text_put(out, line, WIDTH + 1);
}

/* Microseconds and hundredths. */
static void put_ticks(struct text *out, u64 ticks)
{
	u64 hundredths = ticks * (NSEC_PER_SEC / timebase()) / 10;
	char word[24];

	snprintf(word, sizeof(word), "%lu.%02lu", hundredths / 100, hundredths % 100);
	text_printf(out, " %14s", word);
}

static void put_times(struct text *out, const struct lock_times *t)
{
	text_printf(out, "%14lu ", t->count);
	put_ticks(out, t->min);
	put_ticks(out, t->max);
	put_ticks(out, t->total);
	put_ticks(out, t->count ? t->total / t->count : 0);
}

static void put_head(struct text *out)
{
	static const char *const words[] = { "con-bounces",  "contentions",    "waittime-min",
					     "waittime-max", "waittime-total", "waittime-avg",
					     "acq-bounces",  "acquisitions",   "holdtime-min",
					     "holdtime-max", "holdtime-total", "holdtime-avg" };

	text_puts(out, "lock_stat version 0.4\n");
	dashes(out);
	text_printf(out, "%40s", "class name");
	for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
		text_printf(out, " %14s", words[i]);
	text_puts(out, "\n");
	dashes(out);
	text_puts(out, "\n");
}

int lock_stat_show(struct text *out, const struct subject *s __unused)
{
	struct lock_class c;
	u64 at = text_begin(out);

	if (!at)
		put_head(out);
	for (; lockstat_class((unsigned)at, &c); at++) {
		if (text_enough(out)) {
			out->next = at;
			return 0;
		}
		if (!c.name || !c.hold.count)
			continue;
		text_printf(out, "%40s:%14lu ", c.name, c.bounced_wait);
		put_times(out, &c.wait);
		text_printf(out, " %14lu ", c.bounced);
		put_times(out, &c.hold);
		text_puts(out, "\n");
	}
	return 0;
}

int lock_stat_store(const struct subject *s __unused, char *text, size_t n __unused)
{
	if (text[0] == '0')
		lockstat_clear();
	return 0;
}
#endif
