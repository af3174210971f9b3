/*
 * syslog.c - messages to whoever listens at /dev/log: syslog(3), RFC 3164's form.
 */
#include "../internal/libc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static int log_lock; /* guards the rest */
static int log_fd = -1, log_option, log_facility = LOG_USER, log_mask = 0xff;
static char log_ident[48];

static void connect_log(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = _PATH_LOG };

	if (log_fd < 0)
		log_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (log_fd >= 0)
		connect(log_fd, (struct sockaddr *)&addr, sizeof(addr));
}

void openlog(const char *ident, int option, int facility)
{
	__lock(&log_lock);
	strlcpy(log_ident, ident ? ident : "", sizeof(log_ident));
	log_option = option;
	log_facility = facility & LOG_FACMASK ? facility : LOG_USER;
	if ((option & LOG_NDELAY) && log_fd < 0)
		connect_log();
	__unlock(&log_lock);
}

void closelog(void)
{
	__lock(&log_lock);
	if (log_fd >= 0)
		close(log_fd);
	log_fd = -1;
	__unlock(&log_lock);
}

int setlogmask(int mask)
{
	int old;

	__lock(&log_lock);
	old = log_mask;
	if (mask)
		log_mask = mask;
	__unlock(&log_lock);
	return old;
}

/* A listener that began anew is connected to again; one that there isn't is done without. */
static void deliver(const char *text, size_t n)
{
	int fd;

	if (log_fd < 0)
		connect_log();
	if (send(log_fd, text, n, MSG_NOSIGNAL) >= 0)
		return;
	connect_log();
	if (send(log_fd, text, n, MSG_NOSIGNAL) >= 0 || !(log_option & LOG_CONS))
		return;
	fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0) {
		const char *body = strchr(text, '>');

		dprintf(fd, "%s\n", body ? body + 1 : text);
		close(fd);
	}
}

void vsyslog(int priority, const char *fmt, va_list ap)
{
	int saved = errno, head, body;
	char text[1024], when[24];
	time_t now = time(NULL);
	struct tm tm;

	if (!(log_mask & LOG_MASK(LOG_PRI(priority))) || (priority & ~0x3ff))
		return;
	__lock(&log_lock);
	if (!(priority & LOG_FACMASK))
		priority |= log_facility;
	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%b %e %T", &tm);
	head = snprintf(text, sizeof(text), "<%d>%s %n%s%s%.0d%s: ", priority, when, &body,
			log_ident, log_option & LOG_PID ? "[" : "",
			log_option & LOG_PID ? getpid() : 0, log_option & LOG_PID ? "]" : "");
	errno = saved;
	vsnprintf(text + head, sizeof(text) - (size_t)head, fmt, ap);
	deliver(text, strlen(text));
	if (log_option & LOG_PERROR)
		dprintf(2, "%s\n", text + body);
	__unlock(&log_lock);
	errno = saved;
}

void syslog(int priority, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsyslog(priority, fmt, ap);
	va_end(ap);
}
