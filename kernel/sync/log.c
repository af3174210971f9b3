/*
 * The kernel log: a ring of the last LOG_SIZE bytes of lines, each
 *
 *	<6>[    0.123456] text
 *
 * as syslog(2) hands them out, and the console's copy without the level. log_lock
 * guards the ring and keeps lines of different harts apart, on the console too. A
 * panicking hart does not wait for it: the holder may be stopped.
 */
#include "sync/log.h"

#include <compiler.h>
#include "arch/riscv/cpu.h"
#include "arch/riscv/thread.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "sbi/sbi.h"
#include "sync/spinlock.h"

#define LOG_SIZE (32u << 10)
#define TEXT_MAX 1024

int dmesg_restrict = 1;
int console_loglevel = 7;

static spinlock_t log_lock = SPINLOCK_INIT(RANK_LOG, "log");
static char ring[LOG_SIZE]; /* [log_lock] */
static u64 written; /* [log_lock] bytes ever */
static u64 cleared; /* [log_lock] log_clear: where readers of all begin */
static char text[TEXT_MAX]; /* [log_lock] */
static void (*sink)(const char *s, size_t n) = sbi_console_write; /* [log_lock] */
static u64 clock_hz = 10000000; /* [boot] */
static u64 clock_base; /* [boot] */

void log_set_clock(u64 hz, u64 base_ticks)
{
	if (hz)
		clock_hz = hz;
	clock_base = base_ticks;
}

static void ring_write(const char *s, size_t n)
{
	while (n > 0) {
		size_t at = written % LOG_SIZE, run = min(n, LOG_SIZE - at);

		memcpy(ring + at, s, run);
		written += run;
		s += run;
		n -= run;
	}
}

/* One line, without its newline, to the ring and the console. [log_lock] */
static void emit(int level, const char *stamp, const char *s, size_t n)
{
	char head[8];

	ring_write(head, (size_t)scnprintf(head, sizeof(head), "<%d>", level));
	ring_write(stamp, strlen(stamp));
	ring_write(s, n);
	ring_write("\n", 1);
	if ((level & 7) >= READ_ONCE(console_loglevel) || !sink)
		return;
	sink(stamp, strlen(stamp));
	sink(s, n);
	sink("\n", 1);
}

static void vprintk(int level, const char *fmt, va_list ap)
{
	u64 ticks = time_ticks() - clock_base;
	u64 us = ticks / clock_hz * 1000000 + ticks % clock_hz * 1000000 / clock_hz;
	char stamp[32];
	const char *s = text;

	scnprintf(stamp, sizeof(stamp), "[%5lu.%06lu] ", us / 1000000, us % 1000000);
	vscnprintf(text, sizeof(text), fmt, ap);
	do {
		const char *end = strchrnul(s, '\n');

		emit(level, stamp, s, (size_t)(end - s));
		s = *end ? end + 1 : end;
	} while (*s);
}

void printk(int level, const char *fmt, ...)
{
	unsigned long flags = irq_save();
	bool locked;
	va_list ap;

	level = clamp(level, LOG_EMERG, 0x3ff);
	if (panic_in_progress()) {
		locked = spin_trylock(&log_lock);
	} else {
		spin_lock(&log_lock);
		locked = true;
	}
	va_start(ap, fmt);
	vprintk(level, fmt, ap);
	va_end(ap);
	if (locked)
		spin_unlock(&log_lock);
	irq_restore(flags);
}

void log_set_sink(void (*write)(const char *s, size_t n))
{
	unsigned long flags = spin_lock_irqsave(&log_lock);

	sink = write;
	spin_unlock_irqrestore(&log_lock, flags);
}

/* Where the next whole line begins at or after pos. [log_lock] */
static u64 line_start(u64 pos)
{
	while (pos < written && ring[(pos - 1) % LOG_SIZE] != '\n')
		pos++;
	return pos;
}

u64 log_oldest(void)
{
	unsigned long flags = spin_lock_irqsave(&log_lock);
	u64 pos = written > LOG_SIZE ? line_start(written - LOG_SIZE + 1) : 0;

	spin_unlock_irqrestore(&log_lock, flags);
	return pos;
}

size_t log_read(u64 *pos, char *buf, size_t n)
{
	unsigned long flags = spin_lock_irqsave(&log_lock);
	size_t copied = 0;

	if (written > LOG_SIZE && *pos < written - LOG_SIZE)
		*pos = line_start(written - LOG_SIZE + 1);
	while (copied < n && *pos < written) {
		size_t at = *pos % LOG_SIZE;
		size_t run = min(min(n - copied, LOG_SIZE - at), (size_t)(written - *pos));

		memcpy(buf + copied, ring + at, run);
		copied += run;
		*pos += run;
	}
	spin_unlock_irqrestore(&log_lock, flags);
	return copied;
}

u64 log_first(void)
{
	unsigned long flags = spin_lock_irqsave(&log_lock);
	u64 pos = cleared;

	spin_unlock_irqrestore(&log_lock, flags);
	return pos;
}

void log_clear(void)
{
	unsigned long flags = spin_lock_irqsave(&log_lock);

	cleared = written;
	spin_unlock_irqrestore(&log_lock, flags);
}
