/*
 * httpd - a web server for the files of a folder: HTTP/1.1 (RFC 9110, 9112) with ranges, dates, lists of
 * folders.
 *
 * Each connection has a process, which answers until the other side closes or is silent for long.
 */
#include "common/common.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char help[] = "usage: httpd [-v] [-b ADDRESS] [-d FOLDER] [-p PORT]\n"
			   "Serve the files of a folder over HTTP, to anybody who asks.\n"
			   "  -b ADDRESS  listen there only\n"
			   "  -d FOLDER   whose files; this one if it is not said\n"
			   "  -p PORT     80 if it is not said\n"
			   "  -v          a line for each request on standard error\n";

#define CONNECTIONS 64 /* at a time */
#define IDLE	    15 /* seconds */
#define LINE_MAX_   8192
#define FIELDS_MAX  100
#define DATE	    "%a, %d %b %Y %H:%M:%S GMT"

struct request {
	char line[LINE_MAX_]; /* the first, cut into its words */
	char *method, *target;
	char path[LINE_MAX_]; /* decoded, below the folder: "." or "a/b" */
	bool folder; /* the target ends in a slash */
	char range[64], since[64]; /* of the fields, or empty */
	unsigned long long body; /* bytes that follow */
	bool head, keep;
};

static bool verbose;

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *text;
	} all[] = { { 200, "OK" },
		    { 206, "Partial Content" },
		    { 301, "Moved Permanently" },
		    { 304, "Not Modified" },
		    { 400, "Bad Request" },
		    { 403, "Forbidden" },
		    { 404, "Not Found" },
		    { 405, "Method Not Allowed" },
		    { 414, "URI Too Long" },
		    { 416, "Range Not Satisfiable" },
		    { 431, "Request Header Fields Too Large" },
		    { 500, "Internal Server Error" },
		    { 505, "HTTP Version Not Supported" } };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i].status == status)
			return all[i].text;
	return "";
}

static const char *type_of(const char *name)
{
	static const char *const all[][2] = {
		{ "html", "text/html; charset=utf-8" },
		{ "htm", "text/html; charset=utf-8" },
		{ "txt", "text/plain; charset=utf-8" },
		{ "md", "text/plain; charset=utf-8" },
		{ "c", "text/plain; charset=utf-8" },
		{ "h", "text/plain; charset=utf-8" },
		{ "css", "text/css" },
		{ "js", "text/javascript" },
		{ "json", "application/json" },
		{ "svg", "image/svg+xml" },
		{ "png", "image/png" },
		{ "jpg", "image/jpeg" },
		{ "jpeg", "image/jpeg" },
		{ "gif", "image/gif" },
		{ "pdf", "application/pdf" },
		{ "gz", "application/gzip" },
		{ "tar", "application/x-tar" },
	};
	const char *dot = strrchr(base_name(name), '.');

	for (size_t i = 0; dot && i < sizeof(all) / sizeof(*all); i++)
		if (!strcasecmp(dot + 1, all[i][0]))
			return all[i][1];
	return "application/octet-stream";
}

/* ---- answers ----------------------------------------------------------------------------- */

static void put_date(FILE *out, const char *field, time_t when)
{
	char text[64];
	struct tm tm;

	strftime(text, sizeof(text), DATE, gmtime_r(&when, &tm));
	fprintf(out, "%s: %s\r\n", field, text);
}

/* The beginning of every answer; the caller adds fields and the empty line. */
static void begin(FILE *out, const struct request *r, int status)
{
	if (verbose)
		fprintf(stderr, "%s %s %d\n", r->method ? r->method : "-",
			r->target ? r->target : "-", status);
	fprintf(out, "HTTP/1.1 %d %s\r\n", status, reason(status));
	put_date(out, "Date", time(NULL));
	fputs("Server: tarn\r\n", out);
	fprintf(out, "Connection: %s\r\n", r->keep ? "keep-alive" : "close");
}

/* An answer without a file: a line of text, and a field more. */
static void answer(FILE *out, const struct request *r, int status, const char *field)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%d %s\n", status, reason(status));

	begin(out, r, status);
	fputs(field, out);
	if (status != 304)
		fprintf(out, "Content-Type: text/plain\r\nContent-Length: %d\r\n", n);
	fputs("\r\n", out);
	if (status != 304 && !r->head)
		fputs(text, out);
}

static void put_escaped(FILE *out, const char *s, bool url)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (url && !isalnum(c) && !strchr("-._~/", c))
			fprintf(out, "%%%02X", c);
		else if (!url && strchr("<>&\"", c))
			fprintf(out, "&#%d;", c);
		else
			putc(c, out);
	}
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void list_folder(FILE *out, const struct request *r)
{
	struct dirent **names;
	int n = scandir(r->path, &names, visible, alphasort);
	char *text;
	size_t size;
	FILE *page;

	if (n < 0) {
		answer(out, r, errno == EACCES ? 403 : 500, "");
		return;
	}
	page = need(open_memstream(&text, &size));
	fputs("<!DOCTYPE html>\n<title>", page);
	put_escaped(page, r->path, false);
	fputs("</title>\n<ul>\n", page);
	if (strcmp(r->path, "."))
		fputs("<li><a href=\"../\">../</a>\n", page);
	for (int i = 0; i < n; i++) {
		char *whole = path_join(r->path, names[i]->d_name);
		struct stat st;
		const char *slash = !stat(whole, &st) && S_ISDIR(st.st_mode) ? "/" : "";

		/* "./" before it: a name may have a colon. */
		fputs("<li><a href=\"./", page);
		put_escaped(page, names[i]->d_name, true);
		fprintf(page, "%s\">", slash);
		put_escaped(page, names[i]->d_name, false);
		fprintf(page, "%s</a>\n", slash);
		free(whole);
		free(names[i]);
	}
	fputs("</ul>\n", page);
	fclose(page);
	free(names);
	begin(out, r, 200);
	fprintf(out, "Content-Type: text/html; charset=utf-8\r\nContent-Length: %zu\r\n\r\n", size);
	if (!r->head)
		fwrite(text, 1, size, out);
	free(text);
}

/* bytes=FROM-TO, FROM- or -LAST: 206 with the bytes, 416, or 200 where it is anything else. */
static int range_of(const char *text, off_t size, off_t *from, off_t *to)
{
	char *end;

	*from = 0;
	*to = size - 1;
	if (strncmp(text, "bytes=", 6))
		return 200;
	text += 6;
	if (*text == '-' && isdigit((unsigned char)text[1])) {
		off_t n = strtoll(text + 1, &end, 10);

		*from = n < size ? size - n : 0;
		return *end ? 200 : n && size ? 206 : 416;
	}
	if (!isdigit((unsigned char)*text))
		return 200;
	*from = strtoll(text, &end, 10);
	if (*end++ != '-')
		return 200;
	if (isdigit((unsigned char)*end)) {
		off_t n = strtoll(end, &end, 10);

		if (n < *from)
			return 200;
		*to = n < *to ? n : *to;
	}
	if (*end)
		return 200;
	return *from < size ? 206 : 416;
}

/* False: the connection is of no use any more. */
static bool send_file(FILE *out, const struct request *r, const char *name, int fd,
		      const struct stat *st)
{
	char field[96];
	struct tm tm = { 0 };
	off_t from, to;
	int status = range_of(r->range, st->st_size, &from, &to);

	if (r->since[0] && strptime(r->since, DATE, &tm) && st->st_mtime <= timegm(&tm)) {
		answer(out, r, 304, "");
		return true;
	}
	if (status == 416) {
		snprintf(field, sizeof(field), "Content-Range: bytes */%lld\r\n",
			 (long long)st->st_size);
		answer(out, r, 416, field);
		return true;
	}
	if (status == 200) {
		from = 0;
		to = st->st_size - 1;
	}
	begin(out, r, status);
	fprintf(out, "Content-Type: %s\r\nAccept-Ranges: bytes\r\nContent-Length: %lld\r\n",
		type_of(name), (long long)(to - from + 1));
	if (status == 206)
		fprintf(out, "Content-Range: bytes %lld-%lld/%lld\r\n", (long long)from,
			(long long)to, (long long)st->st_size);
	put_date(out, "Last-Modified", st->st_mtime);
	fputs("\r\n", out);
	if (fflush(out))
		return false;
	while (!r->head && from <= to)
		if (sendfile(fileno(out), fd, &from, (size_t)(to - from + 1)) <= 0)
			return false;
	return true;
}

static bool serve(FILE *out, const struct request *r)
{
	char index[LINE_MAX_ + 16];
	const char *name = r->path;
	struct stat st;
	bool good;
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && !fstat(fd, &st) && S_ISDIR(st.st_mode)) {
		if (!r->folder) {
			char field[LINE_MAX_ + 32];

			snprintf(field, sizeof(field), "Location: %s/\r\n", r->target);
			answer(out, r, 301, field);
			close(fd);
			return true;
		}
		close(fd);
		snprintf(index, sizeof(index), "%s/index.html", r->path);
		name = index;
		fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0 && errno == ENOENT) {
			list_folder(out, r);
			return true;
		}
	} else if (fd >= 0 && r->folder) {
		close(fd);
		fd = -1;
		errno = ENOENT;
	}
	if (fd < 0) {
		answer(out, r, errno == EACCES || errno == EPERM || errno == ELOOP ? 403 : 404, "");
		return true;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		answer(out, r, 403, "");
		good = true;
	} else {
		good = send_file(out, r, name, fd, &st);
	}
	close(fd);
	return good;
}

/* ---- requests ---------------------------------------------------------------------------- */

/* A line without its end: 1; 0: nothing came any more; -1: it is too long. */
static int read_line(FILE *in, char *line)
{
	size_t n = 0;
	int c;

	while ((c = getc(in)) != EOF && c != '\n') {
		if (n == LINE_MAX_ - 1)
			return -1;
		line[n++] = (char)c;
	}
	if (c == EOF)
		return 0;
	n -= n && line[n - 1] == '\r';
	line[n] = 0;
	return strlen(line) == n ? 1 : -1;
}

static int hex(char c)
{
	c = (char)tolower((unsigned char)c);
	return isdigit((unsigned char)c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The target's path, decoded, without "." and empty parts; ".." does not lead out. False: it is none. */
static bool read_path(struct request *r)
{
	char *out = r->path;
	const char *s = r->target;

	if (!strncasecmp(s, "http://", 7)) {
		s = strchr(s + 7, '/');
		s = s ? s : "/";
	}
	if (*s != '/')
		return false;
	while (*s && *s != '?' && *s != '#') {
		char *part = out;

		while (*s == '/')
			s++;
		for (; *s && *s != '/' && *s != '?' && *s != '#'; s++) {
			char c = *s;

			if (c == '%') {
				if (hex(s[1]) < 0 || hex(s[2]) < 0)
					return false;
				c = (char)(hex(s[1]) << 4 | hex(s[2]));
				s += 2;
				if (!c || c == '/')
					return false;
			}
			*out++ = c;
		}
		*out = 0;
		r->folder = *s == '/' || part == out || !strcmp(part, ".") || !strcmp(part, "..");
		if (!strcmp(part, "..")) {
			for (out = part - (part > r->path); out > r->path && out[-1] != '/'; out--)
				continue;
		} else if (!strcmp(part, ".")) {
			out = part;
		} else if (out > part) {
			*out++ = '/';
		}
	}
	while (out > r->path && out[-1] == '/')
		out--;
	*out = 0;
	if (out == r->path)
		strcpy(r->path, ".");
	return true;
}

static void read_field(struct request *r, char *line, bool *chunked)
{
	char *value = strchr(line, ':');

	if (!value)
		return;
	*value++ = 0;
	value += strspn(value, " \t");
	if (!strcasecmp(line, "connection")) {
		if (strcasestr(value, "close"))
			r->keep = false;
		else if (strcasestr(value, "keep-alive"))
			r->keep = true;
	} else if (!strcasecmp(line, "range")) {
		snprintf(r->range, sizeof(r->range), "%s", value);
	} else if (!strcasecmp(line, "if-modified-since")) {
		snprintf(r->since, sizeof(r->since), "%s", value);
	} else if (!strcasecmp(line, "content-length")) {
		r->body = strtoull(value, NULL, 10);
	} else if (!strcasecmp(line, "transfer-encoding")) {
		*chunked = true;
	}
}

/* 0: a request is there; -1: the other side is done; else the status of the refusal. */
static int read_request(FILE *in, struct request *r)
{
	char line[LINE_MAX_], *save, *version;
	bool chunked = false;
	int got;

	memset(r, 0, sizeof(*r));
	do
		got = read_line(in, r->line);
	while (got == 1 && !r->line[0]);
	if (got <= 0)
		return got ? 414 : -1;
	r->method = strtok_r(r->line, " ", &save);
	r->target = strtok_r(NULL, " ", &save);
	version = strtok_r(NULL, " ", &save);
	if (!r->method || !r->target || !version || strncmp(version, "HTTP/", 5))
		return 400;
	r->keep = !strcmp(version, "HTTP/1.1");
	r->head = !strcmp(r->method, "HEAD");
	for (int fields = 0;; fields++) {
		got = read_line(in, line);
		if (got <= 0 || fields == FIELDS_MAX) {
			r->keep = false;
			return got ? 431 : -1;
		}
		if (!line[0])
			break;
		read_field(r, line, &chunked);
	}
	/* A body that is not read would be taken for the next request. */
	if (r->body || chunked)
		r->keep = false;
	if (strncmp(version, "HTTP/1.", 7))
		return 505;
	if (strcmp(r->method, "GET") && !r->head)
		return 405;
	return read_path(r) ? 0 : 400;
}

static _Noreturn void converse(int fd)
{
	struct timeval idle = { .tv_sec = IDLE };
	struct request r;
	FILE *in, *out;
	bool good = true;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof(idle));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &idle, sizeof(idle));
	in = need(fdopen(fd, "r"));
	out = need(fdopen(dup(fd), "w"));
	do {
		int refused = read_request(in, &r);

		if (refused < 0)
			break;
		if (refused) {
			r.keep = r.keep && refused == 405;
			answer(out, &r, refused, refused == 405 ? "Allow: GET, HEAD\r\n" : "");
		} else {
			good = serve(out, &r);
		}
	} while (!fflush(out) && good && r.keep);
	/* What still comes is read, else closing might take back what was sent. */
	shutdown(fd, SHUT_WR);
	for (char rest[1024]; good && !r.keep && read(fd, rest, sizeof(rest)) > 0;)
		continue;
	exit(0);
}

int main(int argc, char **argv)
{
	const char *folder = ".", *port = "80", *address = NULL;
	int opt, listener, running = 0;

	help_option(argc, argv, help);
	while ((opt = getopt(argc, argv, "b:d:p:v")) != -1) {
		switch (opt) {
		case 'b':
			address = optarg;
			break;
		case 'd':
			folder = optarg;
			break;
		case 'p':
			port = optarg;
			break;
		case 'v':
			verbose = true;
			break;
		default:
			usage(help, 2);
		}
	}
	if (optind < argc)
		usage(help, 2);
	if (chdir(folder))
		err(1, "%s", folder);
	signal(SIGPIPE, SIG_IGN);
	listener = announce(address, port, AF_UNSPEC, SOCK_STREAM);
	if (listener < 0)
		err(1, "port %s", port);
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		pid_t pid;

		while (running && waitpid(-1, NULL, running < CONNECTIONS ? WNOHANG : 0) > 0)
			running--;
		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0)
			err(1, "accept");
		pid = fork();
		if (!pid) {
			close(listener);
			converse(fd);
		}
		if (pid < 0)
			warn("fork");
		running += pid > 0;
		close(fd);
	}
}
