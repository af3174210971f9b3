/*
 * wget - files from the web into this folder: HTTP/1.1 (RFC 9110, 9112).
 *
 * What comes is written as it comes. When the connection breaks before the end, the rest is asked for again
 * where it broke (Range), as -c does with a file of an earlier time.
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: wget [-cqS] [-O FILE] [-P FOLDER] [-T SECONDS] [-t N] [-U NAME] [--header=LINE]\n"
	"            [--max-redirect=N] [--post-data=TEXT] [--spider] URL...\n"
	"Fetch what the addresses (http://HOST[:PORT]/PATH) name into files of their last part's name.\n"
	"  -c               a file that is there is the beginning\n"
	"  -O FILE          all into this one; - is standard output\n"
	"  -P FOLDER        into this one\n"
	"  -q               say nothing\n"
	"  -S               show the header of each answer\n"
	"  -T SECONDS       how long to wait for the other side; 900 if it is not said\n"
	"  -t N             so many attempts; 20 if it is not said\n"
	"  -U NAME          the name that the server is told\n"
	"  --header=LINE    another line of the request\n"
	"  --max-redirect=N how often the server may send on; 20\n"
	"  --post-data=TEXT send it by POST\n"
	"  --spider         only ask whether it is there\n"
	"Status: 0, or of several addresses the least of 1 for other errors, 2 a wrong call, 3 files, 4 the\n"
	"network, 6 a password is needed, 7 not HTTP, 8 the server says no.\n";

enum { OTHER = 1, WRONG_CALL, FILES, NETWORK, PASSWORD = 6, PROTOCOL, REFUSED };

static bool go_on, quiet, headers, spider;
static const char *to_name, *to_folder, *agent = "Wget/tarn", *post;
static char *more_fields;
static int seconds = 900, tries = 20, redirects = 20;
static FILE *to_all; /* -O */

struct url {
	char *host, *port, *path;
};

struct answer {
	int status;
	char text[80]; /* what the server says of it */
	char *location;
	bool chunked, sized;
	unsigned long long size; /* of the body */
	unsigned long long from; /* Content-Range */
	time_t modified; /* or -1 */
};

/* Where the body goes. */
struct sink {
	FILE *f;
	const char *name;
	unsigned long long at; /* bytes that are there */
	bool regular;
};

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *fmt, ...)
{
	va_list list;

	if (quiet)
		return;
	va_start(list, fmt);
	vfprintf(stderr, fmt, list);
	va_end(list);
}

/* ---- addresses --------------------------------------------------------------------------- */

/* 0, or the status. What is not said (in what a server sends on to) is as in `base`. */
static int read_url(const char *text, const struct url *base, struct url *out)
{
	size_t scheme = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+.-");
	const char *host, *end;
	char *colon;

	*out = (struct url){ 0 };
	if (!strncmp(text + scheme, "://", 3)) {
		if (scheme != 4 || strncasecmp(text, "http", 4)) {
			say("%s: Unsupported scheme.\n", text);
			return OTHER;
		}
		host = text + 7;
	} else if (base && strncmp(text, "//", 2)) {
		const char *last = strrchr(base->path, '/');
		int folder = *text == '/' ? 0 : (int)(last - base->path) + 1;

		out->host = need(strdup(base->host));
		out->port = need(strdup(base->port));
		if (asprintf(&out->path, "%.*s%s", folder, base->path, text) < 0)
			out->path = need(NULL);
		out->path[strcspn(out->path, "#")] = 0;
		return 0;
	} else {
		host = base ? text + 2 : text;
	}
	end = host + strcspn(host, "/?#");
	out->host = need(strndup(host, (size_t)(end - host)));
	if (asprintf(&out->path, "%s%.*s", *end == '/' ? "" : "/", (int)strcspn(end, "#"), end) < 0)
		out->path = need(NULL);
	colon = strchr(out->host[0] == '[' ? out->host + strcspn(out->host, "]") : out->host, ':');
	out->port = need(strdup(colon && colon[1] ? colon + 1 : "80"));
	if (colon)
		*colon = 0;
	if (!out->host[0]) {
		say("%s: Invalid host name.\n", text);
		return OTHER;
	}
	return 0;
}

static void free_url(struct url *u)
{
	free(u->host);
	free(u->port);
	free(u->path);
}

/* A connection to its host; -1 after a message. */
static int open_connection(const struct url *u)
{
	struct timeval wait = { .tv_sec = seconds };
	size_t n = strlen(u->host);
	char *bare = u->host[0] == '[' ? need(strndup(u->host + 1, n - 2)) : need(strdup(u->host));
	int fd = dial(bare, u->port, AF_UNSPEC, SOCK_STREAM);

	if (fd < 0)
		say("%s:%s: %s\n", u->host, u->port, strerror(errno));
	else if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) ||
		 setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)))
		warn("timeout");
	free(bare);
	return fd;
}

/* ---- request and answer ------------------------------------------------------------------ */

static bool send_request(int fd, const struct url *u, const char *body, unsigned long long from)
{
	const char *method = body ? "POST" : spider ? "HEAD" : "GET";
	bool default_port = !strcmp(u->port, "80");
	char *text = NULL;
	size_t n = 0;
	FILE *f = need(open_memstream(&text, &n));
	bool sent;

	fprintf(f, "%s %s HTTP/1.1\r\nHost: %s%s%s\r\n", method, u->path, u->host,
		default_port ? "" : ":", default_port ? "" : u->port);
	fprintf(f, "User-Agent: %s\r\nAccept: */*\r\nConnection: close\r\n", agent);
	if (from)
		fprintf(f, "Range: bytes=%llu-\r\n", from);
	if (more_fields)
		fputs(more_fields, f);
	if (body)
		fprintf(f,
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n",
			strlen(body));
	fprintf(f, "\r\n%s", body ? body : "");
	fclose(f);
	sent = !write_all(fd, text, n);
	free(text);
	return sent;
}

static void read_field(struct answer *a, char *line)
{
	char *value = strchr(line, ':');
	struct tm tm = { 0 };

	if (!value)
		return;
	*value++ = 0;
	value += strspn(value, " \t");
	if (!strcasecmp(line, "content-length")) {
		a->size = strtoull(value, NULL, 10);
		a->sized = isdigit((unsigned char)*value);
	} else if (!strcasecmp(line, "transfer-encoding")) {
		a->chunked = strcasestr(value, "chunked");
	} else if (!strcasecmp(line, "location")) {
		free(a->location);
		a->location = need(strdup(value));
	} else if (!strcasecmp(line, "content-range") && !strncasecmp(value, "bytes ", 6)) {
		a->from = strtoull(value + 6, NULL, 10);
	} else if (!strcasecmp(line, "last-modified") &&
		   strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &tm)) {
		a->modified = timegm(&tm);
	}
}

/* Servers older than HTTP/1.0 send the file and nothing else; so does what is no web server. */
static bool without_header(int fd)
{
	char first[5];
	ssize_t n = recv(fd, first, sizeof(first), MSG_PEEK | MSG_WAITALL);

	return n > 0 && (n < (ssize_t)sizeof(first) || memcmp(first, "HTTP/", sizeof(first)) != 0);
}

/* 0, or the status: the network's when nothing came, else the protocol's. */
static int read_answer(FILE *in, struct answer *a)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int status = 0;

	if (without_header(fileno(in))) {
		*a = (struct answer){ .status = 200, .text = "No header", .modified = -1 };
		return 0;
	}
	do {
		*a = (struct answer){ .modified = -1 };
		n = getline(&line, &room, in);
		if (n <= 0) {
			status = NETWORK;
			break;
		}
		line[strcspn(line, "\r\n")] = 0;
		if (sscanf(line, "HTTP/%*d.%*d %3d%*1[ ]%79[^\r\n]", &a->status, a->text) < 1) {
			say("%s: not an answer of HTTP\n", line);
			status = PROTOCOL;
			break;
		}
		if (headers)
			fprintf(stderr, "  %s\n", line);
		while ((n = getline(&line, &room, in)) > 0) {
			line[strcspn(line, "\r\n")] = 0;
			if (!line[0])
				break;
			if (headers)
				fprintf(stderr, "  %s\n", line);
			read_field(a, line);
		}
		if (n <= 0)
			status = NETWORK;
	} while (!status && a->status / 100 == 1);
	free(line);
	return status;
}

/* ---- the body ---------------------------------------------------------------------------- */

static void progress(const struct sink *to, unsigned long long all)
{
	static time_t told;
	char have[8], of[8];

	if (quiet || !isatty(2) || time(NULL) == told)
		return;
	told = time(NULL);
	fprintf(stderr, "\r%s %s%s%s ", to->name, human_size(to->at, have), all ? " of " : "",
		all ? human_size(all, of) : "");
}

/* So many bytes (or all there are): 0, or the status. */
static int copy_body(FILE *in, struct sink *to, unsigned long long n, unsigned long long all)
{
	static char buf[32768];

	while (n) {
		size_t got = fread(buf, 1, n < sizeof(buf) ? (size_t)n : sizeof(buf), in);

		if (!got)
			return n == -1ULL && !ferror(in) ? 0 : NETWORK;
		if (to->f && fwrite(buf, 1, got, to->f) != got) {
			warn("%s", to->name);
			return FILES;
		}
		to->at += got;
		if (n != -1ULL)
			n -= got;
		progress(to, all);
	}
	return 0;
}

static int copy_chunks(FILE *in, struct sink *to)
{
	char *line = NULL, *end;
	size_t room = 0;
	int status;

	do {
		unsigned long long n;

		if (getline(&line, &room, in) <= 0) {
			status = NETWORK;
			break;
		}
		errno = 0;
		n = strtoull(line, &end, 16);
		if (end == line || errno || !isxdigit((unsigned char)line[0]) ||
		    !strchr(" \t;\r\n", *end)) {
			status = PROTOCOL;
			break;
		}
		if (!n) {
			while (getline(&line, &room, in) > 0 && line[0] != '\r' && line[0] != '\n')
				continue;
			free(line);
			return 0;
		}
		status = copy_body(in, to, n, 0);
		if (!status && getline(&line, &room, in) <= 0)
			status = NETWORK;
		else if (!status && strcmp(line, "\r\n") && strcmp(line, "\n"))
			status = PROTOCOL;
	} while (!status);
	free(line);
	return status;
}

/* ---- files ------------------------------------------------------------------------------- */

/* The file's name by the address; one that is not there yet, without -c. */
static char *file_for(const struct url *u)
{
	size_t n = strcspn(u->path, "?");
	const char *start = u->path + n;
	char *name, *other;

	while (start[-1] != '/')
		start--;
	if (*start && *start != '?')
		name = need(strdup(start));
	else if (asprintf(&name, "index.html%s", start) < 0)
		name = need(NULL);
	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '_';
	if (to_folder) {
		mkdir(to_folder, 0777);
		other = path_join(to_folder, name);
		free(name);
		name = other;
	}
	other = need(strdup(name));
	for (int i = 1; !go_on && !access(other, F_OK); i++) {
		free(other);
		if (asprintf(&other, "%s.%d", name, i) < 0)
			other = need(NULL);
	}
	free(name);
	return other;
}

/* 0, or the status: the file is open, and what it has is known. */
static int open_sink(struct sink *to, const struct url *u)
{
	struct stat st;

	if (spider)
		return 0;
	if (to_all) {
		to->f = to_all;
		to->name = to_name;
		to->regular = !fstat(fileno(to_all), &st) && S_ISREG(st.st_mode);
		if (go_on && to->regular)
			to->at = (unsigned long long)st.st_size;
		return 0;
	}
	to->name = file_for(u);
	to->regular = true;
	if (!go_on || stat(to->name, &st))
		return 0; /* made when there is something to put into it */
	to->at = (unsigned long long)st.st_size;
	return 0;
}

/* The body is to come, from its beginning (or from where the file ends): 0, or the status. */
static int prepare(struct sink *to, const struct answer *a)
{
	bool append = a->status == 206;

	if (spider)
		return 0;
	if (!to->f) {
		to->f = fopen(to->name, append ? "a" : "w");
		if (!to->f) {
			warn("%s", to->name);
			return FILES;
		}
	} else if (!append && to->at && to->regular && (!to_all || go_on)) {
		rewind(to->f);
		if (ftruncate(fileno(to->f), 0))
			return FILES;
	}
	if (!append)
		to->at = 0;
	return 0;
}

static int close_sink(struct sink *to, const struct answer *a)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_sec = a->modified } };

	if (!to->f)
		return 0;
	if (fflush(to->f)) {
		warn("%s", to->name);
		return FILES;
	}
	if (a->modified >= 0 && to->regular)
		futimens(fileno(to->f), times);
	if (to->f != to_all && fclose(to->f)) {
		warn("%s", to->name);
		return FILES;
	}
	return 0;
}

/* ---- one address ------------------------------------------------------------------------- */

/* What the answer says is to be done: 0 and the body is in the sink, or the status; -1: sent on. */
static int take_answer(FILE *in, struct answer *a, struct sink *to, unsigned long long asked)
{
	int status;

	say("%d %s\n", a->status, a->text);
	if (a->status / 100 == 3 && a->location && a->status != 304)
		return -1;
	if (a->status == 416 && asked) {
		say("%s is there already.\n", to->name);
		return 0;
	}
	if (a->status / 100 != 2)
		return a->status == 401 ? PASSWORD : REFUSED;
	if (a->status == 206 && (!asked || a->from != asked))
		return PROTOCOL;
	status = prepare(to, a);
	if (status || spider || a->status == 204)
		return status;
	if (a->chunked)
		return copy_chunks(in, to);
	return copy_body(in, to, a->sized ? a->size : -1ULL, a->sized ? to->at + a->size : 0);
}

/* One question: as take_answer. */
static int ask(const struct url *u, const char *body, struct answer *a, struct sink *to)
{
	unsigned long long from = to->regular && !body && (go_on || !to_all) ? to->at : 0;
	int fd = open_connection(u), status;
	FILE *in;

	*a = (struct answer){ .modified = -1 };
	if (fd < 0)
		return NETWORK;
	in = need(fdopen(fd, "r"));
	if (!send_request(fd, u, body, from))
		status = NETWORK;
	else
		status = read_answer(in, a);
	if (!status)
		status = take_answer(in, a, to, from);
	fclose(in);
	return status;
}

static int fetch(const char *text)
{
	const char *body = post;
	struct url u, next;
	struct sink to = { 0 };
	struct answer a = { .modified = -1 };
	int status = read_url(text, NULL, &u), attempt = 1, hops = 0, closed;

	if (!status)
		status = open_sink(&to, &u);
	if (status)
		return status;
	for (;;) {
		say("http://%s:%s%s: ", u.host, u.port, u.path);
		status = ask(&u, body, &a, &to);
		if (status == NETWORK && errno == ECONNREFUSED)
			break;
		if (status == NETWORK && attempt < tries && (to.regular || !to.at) &&
		    (!to_all || go_on || !to.at)) {
			say("the connection broke; once more.\n");
			sleep(attempt < 10 ? (unsigned)attempt : 10);
			attempt++;
			continue;
		}
		if (status != -1)
			break;
		if (hops++ == redirects) {
			say("%d redirections exceeded.\n", redirects);
			status = REFUSED;
			break;
		}
		status = read_url(a.location, &u, &next);
		free(a.location);
		a.location = NULL;
		if (status)
			break;
		free_url(&u);
		u = next;
		if (a.status < 307)
			body = NULL;
	}
	closed = close_sink(&to, &a);
	status = status ? status : closed;
	if (status == NETWORK)
		say("the connection broke.\n");
	if (!status && to.f)
		say("%s: %llu bytes\n", to.name, to.at);
	free(a.location);
	free_url(&u);
	return status;
}

/* ---- options ----------------------------------------------------------------------------- */

static void add_field(const char *line)
{
	char *old = more_fields;

	if (asprintf(&more_fields, "%s%s\r\n", old ? old : "", line) < 0)
		need(NULL);
	free(old);
}

static void options(int argc, char **argv)
{
	enum { HEADER = 256, POST, REDIRECT, SPIDER };
	static const struct option longs[] = {
		{ "continue", no_argument, NULL, 'c' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "server-response", no_argument, NULL, 'S' },
		{ "output-document", required_argument, NULL, 'O' },
		{ "directory-prefix", required_argument, NULL, 'P' },
		{ "timeout", required_argument, NULL, 'T' },
		{ "tries", required_argument, NULL, 't' },
		{ "user-agent", required_argument, NULL, 'U' },
		{ "header", required_argument, NULL, HEADER },
		{ "max-redirect", required_argument, NULL, REDIRECT },
		{ "post-data", required_argument, NULL, POST },
		{ "spider", no_argument, NULL, SPIDER },
		{ 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "cqSO:P:T:t:U:", longs, NULL)) != -1) {
		switch (opt) {
		case 'c':
			go_on = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 'S':
			headers = true;
			break;
		case 'O':
			to_name = optarg;
			break;
		case 'P':
			to_folder = optarg;
			break;
		case 'T':
			seconds = (int)number_arg(optarg, 0, 1 << 30, false);
			break;
		case 't':
			tries = (int)number_arg(optarg, 0, 1 << 30, false);
			tries = tries ? tries : 1 << 30;
			break;
		case 'U':
			agent = optarg;
			break;
		case HEADER:
			add_field(optarg);
			break;
		case POST:
			post = optarg;
			break;
		case REDIRECT:
			redirects = (int)number_arg(optarg, 0, 1 << 30, false);
			break;
		case SPIDER:
			spider = true;
			break;
		default:
			usage(help, WRONG_CALL);
		}
	}
	if (optind == argc)
		usage(help, OTHER);
}

int main(int argc, char **argv)
{
	int status = 0;

	help_option(argc, argv, help);
	options(argc, argv);
	dial_status = NETWORK;
	if (to_name && !spider) {
		to_all = !strcmp(to_name, "-") ? stdout : fopen(to_name, go_on ? "a" : "w");
		if (!to_all)
			err(OTHER, "%s", to_name);
	}
	for (int i = optind; i < argc; i++) {
		int got = fetch(argv[i]);

		if (got && (!status || got < status))
			status = got;
	}
	if (to_all && fclose(to_all)) {
		warn("%s", to_name);
		status = FILES;
	}
	return status;
}
