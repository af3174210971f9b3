/* Shadow passwords, and messages to the system's log. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <shadow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define SAY(...) (printf(__VA_ARGS__), putchar('\n'))

static void entry(const char *what, const struct spwd *sp)
{
	if (!sp)
		SAY("%s: none", what);
	else
		SAY("%s: %s [%s] %ld %ld %ld %ld %ld %ld %ld", what, sp->sp_namp, sp->sp_pwdp,
		    sp->sp_lstchg, sp->sp_min, sp->sp_max, sp->sp_warn, sp->sp_inact, sp->sp_expire,
		    (long)sp->sp_flag);
}

static void shadows(void)
{
	static const char text[] = "root:*:19000:0:99999:7:::\n"
				   "# a remark\n"
				   "\n"
				   "bad:number:x:0:1:2:3:4:5\n"
				   "short:!:1:2\n"
				   "user:$6$salt$hash:19001:1:2:3:4:5:6\n"
				   "empty::::::::\n"
				   "last:!:1:2:3:4:5:6:";
	struct spwd sp, *got;
	char buf[200], *line = NULL;
	size_t size = 0;
	int fd, r;

	mkdir("/etc", 0755);
	fd = open("/etc/shadow", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	write(fd, text, sizeof(text) - 1);
	close(fd);
	setspent();
	while ((got = getspent()))
		entry("next", got);
	setspent();
	entry("again", getspent());
	endspent();
	entry("by name", getspnam("user"));
	entry("by name", getspnam("empty"));
	entry("by name", getspnam("nobody"));
	r = getspnam_r("root", &sp, buf, sizeof(buf), &got);
	entry("into a buffer", got == &sp ? got : NULL);
	SAY("%s", strerrorname_np(getspnam_r("user", &sp, buf, 8, &got)) ?: "0");
	SAY("%d", got == NULL);
	r = getspnam_r("nobody", &sp, buf, sizeof(buf), &got);
	SAY("none %d", got == NULL);
	entry("of a line", sgetspent("x:y:1:2:3:4:5:6:7"));
	entry("of a line", sgetspent("x:y:1:2:3"));
	FILE *f = fmemopen((char *)text, sizeof(text) - 1, "r");
	entry("of a stream", fgetspent(f));
	fclose(f);
	f = open_memstream(&line, &size);
	sp = (struct spwd){ "n", "p", 1, -1, 3, -1, 5, -1, (unsigned long)-1 };
	SAY("put %d", putspent(&sp, f));
	sp = (struct spwd){ "n", NULL, -1, 0, -1, 4, -1, 6, 7 };
	SAY("put %d", putspent(&sp, f));
	fclose(f);
	printf("%s", line);
	free(line);
	SAY("lock %d", lckpwdf());
	SAY("again %d", lckpwdf());
	SAY("unlock %d %d", ulckpwdf(), ulckpwdf());
	unlink("/etc/shadow");
	entry("without a file", getspnam("root"));
}

static int inbox;

/* What came: the time and the number of the process are told by whether they are right. */
static void came(const char *what)
{
	static char text[8000];
	struct pollfd p = { inbox, POLLIN, 0 };
	struct tm tm;
	char number[20], *at, *end;
	ssize_t n = poll(&p, 1, 0) > 0 ? recv(inbox, text, sizeof(text) - 1, 0) : -1;

	if (n < 0) {
		SAY("%s: nothing", what);
		return;
	}
	text[n] = 0;
	at = strchr(text, '>');
	end = at ? strptime(at + 1, "%b %e %H:%M:%S ", &tm) : NULL;
	if (!end) {
		SAY("%s: no time in %s", what, text);
		return;
	}
	time_t now = time(NULL);
	struct tm local = *localtime(&now);
	tm.tm_year = local.tm_year;
	tm.tm_isdst = local.tm_isdst;
	printf("%s: %.*s %s ", what, (int)(at - text + 1), text,
	       labs((long)(mktime(&tm) - now)) < 600 ? "now" : "another time");
	snprintf(number, sizeof(number), "[%d]", getpid());
	at = strstr(end, number);
	if (strlen(end) > 200)
		SAY("%zu bytes", strlen(end) - (at ? strlen(number) : 0));
	else if (at)
		SAY("%.*s[pid]%s", (int)(at - end), end, at + strlen(number));
	else
		SAY("%s", end);
}

static int listen_there(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	unlink(addr.sun_path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		SAY("bind %s", strerrorname_np(errno));
	return fd;
}

static void logging(void)
{
	static char big[3001];
	int ends[2], two = dup(2);
	char text[300];

	setenv("TZ", "XXX-5", 1);
	tzset();
	unlink("/dev/log");
	errno = E2BIG;
	syslog(LOG_INFO, "nobody listens");
	SAY("kept %s", strerrorname_np(errno));
	inbox = listen_there();
	syslog(LOG_INFO, "number %d", 1);
	came("plain");
	syslog(LOG_ERR | LOG_DAEMON, "with a line's end\n");
	came("facility");
	errno = ENOENT;
	syslog(LOG_WARNING, "why: %m, %s", "so");
	came("%m");
	openlog("tag", LOG_PID, LOG_LOCAL3);
	syslog(LOG_DEBUG, "hello");
	came("tag and pid");
	syslog(LOG_ALERT | LOG_MAIL, "hello");
	came("another facility");
	openlog("a tag of many letters, more than many a program has", 0, 0);
	syslog(LOG_CRIT, "%s", "");
	came("long tag");
	openlog(NULL, LOG_PID, LOG_AUTH);
	syslog(LOG_NOTICE, "hello");
	came("no tag");
	SAY("mask %x", setlogmask(LOG_UPTO(LOG_WARNING)));
	syslog(LOG_NOTICE, "hidden");
	came("masked");
	syslog(LOG_WARNING, "shown");
	came("not masked");
	SAY("mask %x %x", setlogmask(0), setlogmask(LOG_MASK(LOG_EMERG)));
	syslog(LOG_ERR, "hidden");
	syslog(LOG_EMERG, "emergency");
	came("only");
	setlogmask(0xff);
	memset(big, 'b', sizeof(big) - 1);
	syslog(LOG_INFO, "%s", big);
	came("big");
	/* a listener that began anew */
	close(inbox);
	inbox = listen_there();
	syslog(LOG_INFO, "found again");
	came("anew");
	closelog();
	syslog(LOG_INFO, "opened by itself");
	came("after closelog");
	pipe(ends);
	dup2(ends[1], 2);
	openlog("both", LOG_PERROR, LOG_USER);
	syslog(LOG_INFO, "to two places");
	syslog(LOG_INFO, "with its line's end\n");
	dup2(two, 2);
	ssize_t n = read(ends[0], text, sizeof(text));
	printf("stderr: %.*s", (int)n, text);
	came("both");
	came("both");
	unlink("/dev/log");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	program_invocation_short_name = (char *)"accounts"; /* for each form */
	shadows();
	logging();
	return 0;
}
