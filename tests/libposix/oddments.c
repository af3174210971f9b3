/* What old programs and standards ask for besides: fmtmsg, ulimit, confstr, the err family, cuserid, numbers of archives. */
#define _GNU_SOURCE
#include <ar.h>
#include <cpio.h>
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fmtmsg.h>
#include <netdb.h>
#include <netinet/igmp.h>
#include <netinet/in.h>
#include <netinet/in_systm.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <tar.h>
#include <ulimit.h>
#include <unistd.h>

static int number;

/* What stderr gets, on stdout, and what it says. */
static void say(long class, const char *label, int severity, const char *text, const char *action,
		const char *tag)
{
	int got;

	printf("-- %d\n", ++number);
	fflush(stdout);
	got = fmtmsg(class, label, severity, text, action, tag);
	printf("-> %d\n", got);
}

static void messages(void)
{
	static const char *const verbs[] = {
		"text", "action:tag", "label:severity", "severity:text:label", "tag",
		"",	"label:",     "nothing",	"text:text",	       "LABEL"
	};

	/* Each in a process of its own: the variable is read once. */
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (fork()) {
			wait(NULL);
			number++;
			continue;
		}
		setenv("MSGVERB", verbs[i], 1);
		say(MM_PRINT, "UX:cat", MM_ERROR, "text", "action", "tag");
		fflush(stdout);
		_exit(0);
	}
	say(MM_PRINT, "UX:cat", MM_ERROR, "illegal option",
	    "refer to cat in user's reference manual", "UX:cat:001");
	say(MM_PRINT | MM_SOFT | MM_APPL, "libc:test", MM_INFO, "hello", NULL, NULL);
	say(MM_PRINT, NULL, MM_HALT, "no label", NULL, NULL);
	say(MM_PRINT, NULL, MM_WARNING, NULL, "do it", NULL);
	say(MM_PRINT, "a:b", MM_WARNING, NULL, NULL, NULL);
	say(MM_PRINT, "a:b", MM_NOSEV, "no severity", "act", "tag");
	say(MM_PRINT, NULL, MM_NOSEV, NULL, NULL, "tag");
	say(MM_PRINT, "a:b", MM_ERROR, NULL, NULL, "tag");
	say(MM_PRINT, "0123456789:01234567890123", MM_ERROR, "longest", NULL, NULL);
	say(MM_PRINT, "0123456789a:b", MM_ERROR, "too long", NULL, NULL);
	say(MM_PRINT, "a:012345678901234", MM_ERROR, "too long", NULL, NULL);
	say(MM_PRINT, "ab", MM_ERROR, "no colon", NULL, NULL);
	say(MM_PRINT, "a:b", 77, "no such severity", NULL, NULL);
	say(MM_PRINT, "a:b", -1, "no such severity", NULL, NULL);
	say(0, "a:b", MM_ERROR, "nowhere", NULL, NULL);
}

static void with_list(int how, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	errno = ENOENT;
	switch (how) {
	case 0:
		vwarn(fmt, ap);
		break;
	case 1:
		vwarnx(fmt, ap);
		break;
	case 2:
		verr(3, fmt, ap);
	case 3:
		verrx(4, fmt, ap);
	}
	va_end(ap);
}

static void errors(void)
{
	int status;

	for (int how = 0; how < 8; how++) {
		fflush(stdout);
		if (!fork()) {
			errno = EPERM;
			if (how < 4)
				with_list(how, "%s %d", "words", how);
			else if (how == 4)
				err(5, NULL);
			else if (how == 5)
				errx(6, NULL);
			else if (how == 6)
				warn(NULL);
			else
				warnx(NULL);
			exit(0);
		}
		wait(&status);
		printf("%d: %d\n", how, WEXITSTATUS(status));
	}
}

static void limits(void)
{
	struct rlimit lim = { 512 * 1000 + 511, 512 * 1000 + 511 };
	long n;

	if (fork()) {
		wait(NULL);
		return;
	}
	setrlimit(RLIMIT_FSIZE, &lim);
	printf("%ld ", ulimit(UL_GETFSIZE));
	printf("%ld ", ulimit(UL_SETFSIZE, 50L));
	getrlimit(RLIMIT_FSIZE, &lim);
	printf("%ld %ld\n", (long)lim.rlim_cur, (long)lim.rlim_max);
	errno = 0;
	n = ulimit(77);
	printf("%ld %d\n", n, errno);
	lim.rlim_cur = 99;
	lim.rlim_max = 100;
	setrlimit(RLIMIT_NOFILE, &lim);
	printf("%ld\n", ulimit(4));
	fflush(stdout);
	_exit(0);
}

static void texts(void)
{
	static const int what[] = { _CS_PATH,
				    _CS_V6_ENV,
				    _CS_V7_ENV,
				    _CS_POSIX_V7_WIDTH_RESTRICTED_ENVS,
				    _CS_POSIX_V7_LP64_OFF64_LIBS,
				    _CS_POSIX_V7_ILP32_OFF32_CFLAGS,
				    _CS_POSIX_V6_LPBIG_OFFBIG_LIBS };
	char buf[64];

	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		size_t n = confstr(what[i], buf, sizeof(buf));

		printf("%zu '%s'\n", n, buf);
	}
	memset(buf, 'x', sizeof(buf));
	printf("%zu '%.8s'\n", confstr(_CS_PATH, buf, 5), buf);
	printf("%zu\n", confstr(_CS_V7_ENV, NULL, 0));
	errno = 0;
	printf("%zu", confstr(9999, buf, sizeof(buf)));
	printf(" %d\n", errno);
	errno = 0;
	printf("%ld %ld %ld %ld %d\n", sysconf(_SC_2_PBS_TRACK), sysconf(_SC_TRACE_LOG),
	       sysconf(_SC_V7_ILP32_OFF32), sysconf(_SC_V7_LP64_OFF64), errno);
}

static void structures(void)
{
	struct semid_ds ds;
	struct ipv6_mreq m;
	struct sigevent ev;
	int id = semget(IPC_PRIVATE, 7, 0600);

	semctl(id, 0, IPC_STAT, &ds);
	printf("%d semaphores\n", (int)ds.sem_nsems);
	semctl(id, 0, IPC_RMID);
	printf("%zu %zu %zu\n", sizeof(ds), sizeof(m), sizeof(ev));
	m.ipv6mr_interface = -1;
	ev.sigev_notify_attributes = (pthread_attr_t *)NULL;
	printf("%d %d\n", m.ipv6mr_interface > 0, ev.sigev_notify_attributes == NULL);
	printf("%s %d %s %s %d %c %c %o %o\n", ARFMAG, SARMAG, TMAGIC, TVERSION, TMAGLEN, DIRTYPE,
	       SYMTYPE, TSUID, TOEXEC);
	printf("%zu %o %o %s\n", sizeof(struct ar_hdr), C_ISDIR, C_IXOTH, MAGIC);
	printf("%d %d %zu %zu\n", EX_USAGE, EX_CONFIG, sizeof(struct igmp),
	       sizeof(n_short) + sizeof(n_time));
	printf("%x %x\n", IGMP_V2_MEMBERSHIP_REPORT, NI_DGRAM);
}

int main(void)
{
	char name[L_cuserid > 9 ? L_cuserid : 9];

	program_invocation_name = program_invocation_short_name = "oddments";
	setvbuf(stdout, NULL, _IOLBF, 0);
	dup2(1, 2);
	messages();
	errors();
	limits();
	texts();
	structures();
	for (int c = -1; c < 300; c += 43)
		printf("%d ", toascii(c));
	printf("'%s' '%s'\n", cuserid(name), cuserid(NULL));
	return 0;
}
