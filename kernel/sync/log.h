/*
 * The kernel log: a ring of lines (read by /dev/kmsg, syslog(2)), copied to the
 * console when their level is under console_loglevel. Callable from anywhere,
 * interrupts and panics included; never sleeps.
 */
#ifndef SYNC_LOG_H
#define SYNC_LOG_H

#include <types.h>
#include <compiler.h>

enum { LOG_EMERG, LOG_ALERT, LOG_CRIT, LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG };

/*
 * A line, without a newline at its end; one within begins another line. level may have a facility of
 * syslog(3) above its three bits.
 */
void printk(int level, const char *fmt, ...) __printf(2, 3);
#define pr_err(...)   printk(LOG_ERR, __VA_ARGS__)
#define pr_warn(...)  printk(LOG_WARNING, __VA_ARGS__)
#define pr_info(...)  printk(LOG_INFO, __VA_ARGS__)
#define pr_debug(...) printk(LOG_DEBUG, __VA_ARGS__)

extern int dmesg_restrict; /* only CAP_SYSLOG may read the log; default 1, as Debian's */
extern int console_loglevel; /* lines with a level below it reach the console; default 7 */

/*
 * The console sink: the SBI console at first, the UART once its driver is up. May be called with
 * any lock held.
 */
void log_set_sink(void (*write)(const char *s, size_t n));
/*
 * Copies log bytes from *pos on (a running byte count); moves *pos past what was overwritten.
 * Returns bytes copied.
 */
size_t log_read(u64 *pos, char *buf, size_t n);
/* Marks all there is as read. Nothing is lost for other readers. */
void log_clear(void);
u64 log_first(void); /* where log_read begins for who wants what came since log_clear */
u64 log_oldest(void); /* where the oldest line begins that is still there */
/* Boot: stamps count seconds of this clock since base_ticks. */
void log_set_clock(u64 hz, u64 base_ticks);

struct trapframe;
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;
/*
 * The same for a trap that the kernel cannot take: prints the registers in tf and who called the
 * code at tf->pc.
 */
void panic_trap(const struct trapframe *tf, const char *fmt, ...) __printf(2, 3) __noreturn;
bool panic_in_progress(void);
/*
 * What there is to say of the machine when it panics, to the log: stacks, tasks, locks. The other
 * harts stand still. tf: where the panic's trap came from, or NULL: fp is the frame pointer.
 * Defined in debug/.
 */
void panic_report(const struct trapframe *tf, u64 fp);
/*
 * Set by drivers: ends the machine with a status for QEMU's test device; called by panic with 125.
 */
extern void (*machine_fail)(int status);
/* Starts it anew after so many seconds; set at boot, called by panic when panic_timeout is not 0. */
extern void (*machine_again)(int seconds);
extern int panic_timeout; /* [a] proc(5), panic: seconds, below 0 at once; 0: the machine ends */

#define BUG_ON(c)                                                          \
	do {                                                               \
		if (unlikely(c))                                           \
			panic("BUG at %s:%d: %s", __FILE__, __LINE__, #c); \
	} while (0)
#endif
