/*
 * syslog.c - messages to whoever listens at /dev/log: syslog(3), RFC 3164's form.
 */
#include "../internal/libc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static int log_lock; /* guards the rest */
static int log_fd = -1, log_option, log_facility = LOG_USER, log_mask = 0xff;
static const char *log_ident; /* the caller's; NULL: the program's name */

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
	if (ident)
		log_ident = ident;
	log_option = option;
	if (!(facility & ~LOG_FACMASK))
		log_facility = facility;
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
	log_ident = NULL;
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

/* The message's head, of RFC 3164's form, into buf; *body is where the tag begins. */
static int put_head(char *buf, size_t size, int priority, int *body)
{
	char when[24], pid[16] = "";
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	/* the names of months are English, whatever the locale */
	snprintf(when, sizeof(when), "%.3s %2d %02d:%02d:%02d",
		 &"JanFebMarAprMayJunJulAugSepOctNovDec"[3 * tm.tm_mon], tm.tm_mday, tm.tm_hour,
		 tm.tm_min, tm.tm_sec);
	if (log_option & LOG_PID)
		snprintf(pid, sizeof(pid), "[%d]", getpid());
	return snprintf(buf, size, "<%d>%s %n%s%s: ", priority, when, body,
			log_ident ? log_ident : program_invocation_short_name, pid);
}

void vsyslog(int priority, const char *fmt, va_list ap)
{
	int saved = errno, head, body, length;
	char few[1024], *text = few;
	va_list again;
	size_t need;

	priority &= LOG_PRIMASK | LOG_FACMASK;
	if (!(log_mask & LOG_MASK(LOG_PRI(priority))))
		return;
	__lock(&log_lock);
	if (!(priority & LOG_FACMASK))
		priority |= log_facility;
	va_copy(again, ap);
	head = put_head(few, sizeof(few), priority, &body);
	errno = saved; /* for %m */
	length = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	need = (size_t)head + (size_t)(length > 0 ? length : 0) + 1;
	if (need > sizeof(few))
		text = malloc(need);
	if (!text) { /* as much as there is room for */
		text = few;
		need = sizeof(few);
	}
	head = put_head(text, need, priority, &body);
	errno = saved;
	if ((size_t)head < need)
		vsnprintf(text + head, need - (size_t)head, fmt, ap);
	deliver(text, strlen(text));
	if (log_option & LOG_PERROR)
		dprintf(2, "%s%s", text + body, text[strlen(text) - 1] == '\n' ? "" : "\n");
	if (text != few)
		free(text);
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
